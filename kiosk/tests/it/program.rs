//! `motcua-kiosk` as a program.
use std::process::{Command, Output};

use motcua_kiosk::paper::{WIDTH, decode};

fn kiosk(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_motcua-kiosk")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_ticket_is_rendered_as_picture_and_stream() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (png, escpos) = (path("a.png"), path("a.escpos"));
    let procedure = "Đăng ký biến động quyền sử dụng đất";
    let done = kiosk(&[
        "ticket",
        "render",
        "--number",
        "A123",
        "--procedure",
        procedure,
        "--locale",
        "km",
        "--png",
        &png,
        "--escpos",
        &escpos,
    ]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let raster = decode(&std::fs::read(&escpos).unwrap()).unwrap();
    let size = std::fs::read(&png).unwrap()[16..24].to_vec();
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    assert_eq!((number(&size[..4]), number(&size[4..])), (WIDTH, raster.height()));
}

#[test]
fn a_wrong_call_says_what_to_do() {
    let unknown = kiosk(&["ticket", "render", "--number", "123", "--png", "x.png"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("A001"), "{}", text(&unknown.stderr));
    assert_eq!(kiosk(&["ticket", "render", "--number", "A001"]).status.code(), Some(2));
    let missing = kiosk(&["run", "--config", "nowhere.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("nowhere.toml"));
}

#[test]
fn a_test_print_goes_to_the_configured_printer_and_a_dead_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kiosk.toml");
    let config = |printer: &str| {
        let example = include_str!("../../kiosk.example.toml")
            .replace("{ kind = \"tcp\", address = \"10.0.0.9:9100\" }", printer);
        std::fs::write(&file, example).unwrap();
        kiosk(&["print-test", "--config", &file.to_string_lossy()])
    };
    let tickets = folder.path().join("tickets");
    let done = config(&format!("{{ kind = \"folder\", path = \"{}\" }}", tickets.display()));
    assert!(done.status.success(), "{}", text(&done.stderr));
    assert!(decode(&std::fs::read(tickets.join("TEST-print-test.escpos")).unwrap()).is_some());
    let dead = config("{ kind = \"tcp\", address = \"127.0.0.1:1\" }");
    assert_eq!(dead.status.code(), Some(1));
    assert!(text(&dead.stderr).contains("127.0.0.1:1"), "{}", text(&dead.stderr));
}
