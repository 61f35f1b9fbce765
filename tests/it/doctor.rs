//! `motcua-kiosk doctor`: a technician's first look at a machine that gives no paper.
use std::{collections::BTreeMap, path::Path};

use motcua_tests::{
    centre::{CENTRE_ID, Centre, Kiosk, MORNING, Site, address, binary},
    doubles::printer::{PrinterDouble, Sensors},
    wait,
};
use tokio::process::Command;

use crate::{faults, offline::machine_time};

/// What it found: by the thing looked at, whether it is good and what it says.
type Found = BTreeMap<String, (bool, String)>;

async fn examine(config: &Path) -> (i32, Found) {
    let out = Command::new(binary("motcua-kiosk")).arg("doctor").arg("--config").arg(config).output().await.unwrap();
    let said = String::from_utf8(out.stdout).unwrap();
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let (verdict, what, text) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
        assert!(["good", "bad"].contains(&verdict) && !text.is_empty(), "{line}");
        (what.to_owned(), (verdict == "good", text.to_owned()))
    };
    (out.status.code().unwrap(), said.lines().map(line).collect())
}

/// Names of what is bad.
fn bad(found: &Found) -> Vec<&str> {
    found.iter().filter(|(_, (good, _))| !good).map(|(what, _)| what.as_str()).collect()
}

#[tokio::test]
async fn a_sound_machine_is_told_so_and_whatever_is_wrong_is_named_with_what_to_do() {
    // One epoch for all of them.
    let clock = format!("{MORNING}x1@{}", machine_time());
    let centre = Centre::embedded_with(&["--clock", &clock]).await;
    let (grpc, printer) = (address(centre.url("grpc")), PrinterDouble::start().await);
    let (name, printers) = ("kiosk", Some(printer.address()));
    let site = Site { name, centre: grpc, clock: &clock, printer: printers, numbers: 50 };
    let mut kiosk = Kiosk::start(&centre, site).await;
    kiosk.ready().await;
    let data = kiosk.folder().to_owned();
    let store = data.join("kiosk.db");
    wait::until("numbers are lent", || async {
        (faults::count(&store, "select count(*) from block").await > 0).then_some(())
    })
    .await;
    let token = centre.data().join("credentials/kiosk.token");
    let file = centre.folder().join("doctor.toml");
    let examined = async |keys: Vec<(&'static str, String)>| {
        let mut config: BTreeMap<&'static str, String> = [
            ("centre_id", CENTRE_ID.to_owned()),
            ("http", "127.0.0.1:0".to_owned()),
            ("routing", format!("http://{grpc}")),
            ("intake", format!("http://{grpc}")),
            ("token_file", token.display().to_string()),
            ("data", data.display().to_string()),
            ("public_url", "https://motcua.example.vn".to_owned()),
            ("clock", clock.clone()),
        ]
        .into();
        config.extend(keys);
        let lines = config.iter().map(|(key, value)| format!("{key} = {value:?}\n"));
        let printer = format!("printer = {{ kind = \"tcp\", address = \"{}\" }}\n", printer.address());
        std::fs::write(&file, lines.collect::<String>() + &printer).unwrap();
        examine(&file).await
    };

    // Beside the machine that works.
    let (code, found) = examined(vec![]).await;
    assert_eq!((code, bad(&found)), (0, vec![]), "{found:?}");
    let looked_at: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(looked_at, ["catalogue", "clock", "config", "data", "printer", "routing", "store"]);
    assert!(found["routing"].1.contains("Vĩnh Long"), "{found:?}");

    printer.set_sensors(Sensors { paper_out: true, ..Sensors::default() });
    let (code, found) = examined(vec![]).await;
    assert_eq!((code, bad(&found)), (1, vec!["printer"]));
    assert!(
        found["printer"].1.contains("PRINTER_PAPER_OUT") && found["printer"].1.contains("thay cuộn giấy"),
        "{found:?}"
    );
    printer.set_sensors(Sensors::default());

    let nobody = "http://127.0.0.1:1".to_owned();
    let (code, found) = examined(vec![("routing", nobody.clone()), ("intake", nobody)]).await;
    assert_eq!((code, bad(&found)), (1, vec!["catalogue", "routing"]));
    assert!(found["routing"].1.contains("check network"), "{found:?}");

    let (_, found) = examined(vec![("clock", clock.replacen("T08:", "T09:", 1))]).await;
    assert_eq!(bad(&found), ["clock"], "an hour ahead of the centre: {found:?}");
    let (_, found) = examined(vec![("token_file", "nowhere.token".into())]).await;
    assert_eq!(bad(&found), ["token"]);
    assert!(found["token"].1.contains("kiosk.token"), "what belongs there: {found:?}");
    std::fs::write(centre.folder().join("wrong.token"), "not-a-token").unwrap();
    let wrong = centre.folder().join("wrong.token").display().to_string();
    let (_, found) = examined(vec![("token_file", wrong)]).await;
    assert_eq!(bad(&found), ["catalogue", "routing"]);
    assert!(found["routing"].1.contains("KIOSK_NOT_TRUSTED"), "{found:?}");
    let (code, found) = examined(vec![("px_per_mm", "wide".into())]).await;
    assert_eq!((code, bad(&found)), (1, vec!["config"]), "{found:?}");
    assert!(found["config"].1.contains("px_per_mm"), "{found:?}");

    // The disk loses the store while the machine is off; a look changes nothing.
    kiosk.process.stop().await;
    let broken = b"whatever this is, it is no database ".repeat(200);
    std::fs::write(&store, &broken).unwrap();
    for beside in ["kiosk.db-wal", "kiosk.db-shm"] {
        let _ = std::fs::remove_file(data.join(beside));
    }
    std::fs::write(data.join("kiosk.secret"), "short").unwrap();
    let (code, found) = examined(vec![]).await;
    assert_eq!((code, bad(&found)), (1, vec!["data", "store"]), "{found:?}");
    assert!(found["store"].1.contains("keep it") && found["data"].1.contains("32 bytes"), "{found:?}");
    assert_eq!(std::fs::read(&store).unwrap(), broken);
}
