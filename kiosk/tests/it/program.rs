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
    assert_eq!(text(&missing.stderr).matches("No such file").count(), 1, "{}", text(&missing.stderr));
    let wrong: [&[&str]; 6] = [
        &["voice", "words", "abc"],
        &["voice", "words", "24", "--locale", "fr"],
        &["voice", "say", "A025", "0", "--wav", "x.wav"],
        &["voice", "say", "A025", "5", "--wav", "x.wav", "--volume", "101"],
        &["voice", "build", "--language", "fr"],
        &["ticket", "render", "--number", "A001", "--png", "x.png", "--locale", "fr"],
    ];
    for call in wrong {
        let done = kiosk(call);
        assert_eq!(done.status.code(), Some(2), "{call:?}: {}", text(&done.stderr));
    }
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

#[test]
fn numbers_are_told_in_words() {
    let words = |arguments: &[&str]| {
        let done = kiosk(&[&["voice", "words"], arguments].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout).trim().to_owned()
    };
    assert_eq!(words(&["24"]), "hai mươi tư");
    assert_eq!(words(&["105"]), "một trăm lẻ năm");
    assert_eq!(words(&["105", "--linh"]), "một trăm linh năm");
    assert_eq!(words(&["24", "--bon"]), "hai mươi bốn");
    assert_eq!(words(&["A025"]), "A không hai năm");
    assert_eq!(words(&["115", "--locale", "en"]), "one hundred and fifteen");
    assert!(text(&kiosk(&["voice", "words", "24", "--locale", "fr"]).stderr).contains("choose vi, km or en"));
}

/// With the speech program itself: tests/run installs it.
#[test]
fn a_placeholder_pack_is_made_and_a_call_is_said_at_a_pace_that_halls_understand() {
    let folder = tempfile::tempdir().unwrap();
    let packs = folder.path().join("voice").to_string_lossy().into_owned();
    let wav = folder.path().join("call.wav").to_string_lossy().into_owned();
    let nothing = kiosk(&["voice", "say", "A123", "5", "--wav", &wav, "--packs", &packs]);
    assert!(!nothing.status.success());
    assert!(text(&nothing.stderr).contains("voice build --out"), "{}", text(&nothing.stderr));
    let built = kiosk(&["voice", "build", "--out", &packs]);
    assert!(built.status.success(), "{}", text(&built.stderr));
    for (ticket, counter, locale) in [("A123", "5", "vi"), ("S999", "121", "en"), ("B1044", "24", "en")] {
        let said = kiosk(&["voice", "say", ticket, counter, "--wav", &wav, "--packs", &packs, "--locale", locale]);
        assert!(said.status.success(), "{}", text(&said.stderr));
        for line in text(&said.stdout).lines() {
            let pace: f32 = line.split('\t').nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert!((2.0..=3.0).contains(&pace), "{ticket} {counter}: {line}");
        }
        assert_eq!(text(&said.stdout).lines().count(), if locale == "vi" { 1 } else { 2 });
        let sound = motcua_kiosk::voice::wav::Sound::read(&std::fs::read(&wav).unwrap()).unwrap();
        let peak = sound.samples.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
        assert!(20.0 * peak.log10() <= -1.0 + 0.01, "{peak}");
        assert!((4.0..20.0).contains(&sound.seconds()), "{}", sound.seconds());
    }
}
