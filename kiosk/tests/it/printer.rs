//! A printer's six states and what becomes of a ticket in each of them.
use motcua_kiosk::PrinterConfig;
use motcua_tests::doubles::printer::{Fault, Job, PrinterDouble, Sensors};
use serde_json::{Value, json};

use crate::common::{Kiosk, Start};
use crate::{json, post, ready, take, until};

async fn kiosk(printer: &PrinterDouble) -> Kiosk {
    let printer = PrinterConfig::tcp(printer.address().to_string());
    let kiosk = Kiosk::with(Start { printer: Some(printer), ..Start::default() }).await;
    ready(&kiosk).await;
    kiosk
}

async fn tap(kiosk: &Kiosk, key: &str) -> Value {
    let (status, answer) = take(kiosk, key, json!({ "area_id": "dat-dai" })).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// Until the page shows this of the printer.
async fn shows(kiosk: &Kiosk, what: impl Fn(&Value) -> bool) {
    until("the page knows the printer", async || {
        let (_, centre) = json(&format!("{}/api/centre", kiosk.url)).await;
        what(&centre["printer"]).then_some(())
    })
    .await;
}

fn fate(answer: &Value) -> (bool, &str) {
    (answer["print"]["printed"].as_bool().unwrap(), answer["print"]["reason"].as_str().unwrap())
}

fn cut(printer: &PrinterDouble) -> Vec<Job> {
    printer.jobs().into_iter().filter(|job| job.cut).collect()
}

#[tokio::test]
async fn a_ticket_is_done_when_the_printer_says_so_and_a_roll_that_ends_is_seen_before() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    assert_eq!(fate(&tap(&kiosk, "k1").await), (true, ""));
    printer.set_sensors(Sensors { paper_near_end: true, ..Sensors::default() });
    shows(&kiosk, |printer| printer["near_end"] == true && printer["ready"] == true).await;
    assert_eq!(fate(&tap(&kiosk, "k2").await), (true, ""));
    let jobs = cut(&printer);
    assert_eq!((jobs.len(), printer.garbage()), (2, vec![]));
    assert!(jobs.iter().all(|job| job.initialized && job.ink() > 5_000));
}

#[tokio::test]
async fn what_a_person_must_do_is_known_before_the_tap_and_nothing_is_sent() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    let wrong = [
        (Sensors { paper_out: true, ..Sensors::default() }, "PRINTER_PAPER_OUT"),
        (Sensors { cover_open: true, ..Sensors::default() }, "PRINTER_COVER_OPEN"),
        (Sensors { cutter_error: true, ..Sensors::default() }, "PRINTER_CUTTER"),
    ];
    for (n, (sensors, reason)) in wrong.into_iter().enumerate() {
        printer.set_sensors(sensors);
        shows(&kiosk, |printer| printer["reason"] == reason).await;
        let answer = tap(&kiosk, &format!("k{n}")).await;
        assert_eq!(fate(&answer), (false, reason));
        assert!(answer["qr"].as_str().is_some(), "the number stays on the screen");
    }
    printer.set_sensors(Sensors::default());
    shows(&kiosk, |printer| printer["ready"] == true).await;
    assert_eq!(printer.jobs(), [], "no half ticket waits in the printer");
    let id = tap(&kiosk, "k0").await["ticket"]["id"].as_str().unwrap().to_owned();
    let (_, again) = post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await;
    assert_eq!((fate(&again), again["ticket"]["number"].as_str()), ((true, ""), Some("A001")));
    assert_eq!(cut(&printer).len(), 1);
}

#[tokio::test]
async fn a_printer_that_falls_silent_gets_no_ticket_and_one_that_never_speaks_is_not_trusted() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    assert_eq!(fate(&tap(&kiosk, "k1").await), (true, ""));
    printer.set_mute(true);
    shows(&kiosk, |printer| printer["reason"] == "PRINTER_MUTE").await;
    assert_eq!(fate(&tap(&kiosk, "k2").await), (false, "PRINTER_MUTE"));
    assert_eq!(cut(&printer).len(), 1);
    // A start anew knows nothing of it: many print servers never answer, and print all the same.
    let mute = PrinterConfig::tcp(printer.address().to_string());
    let other = Kiosk::with(Start { printer: Some(mute), ..Start::default() }).await;
    ready(&other).await;
    let answer = tap(&other, "k3").await;
    assert_eq!(fate(&answer), (false, "PRINT_UNCONFIRMED"), "perhaps there is paper, and nobody says so");
    printer.wait_cut(2).await;
}

#[tokio::test]
async fn a_ticket_that_stops_half_way_is_told_apart_and_comes_out_when_paper_is_there() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    printer.script([Fault::RunsOutAfter(2)]);
    let answer = tap(&kiosk, "k1").await;
    assert_eq!(fate(&answer), (false, "PRINT_HALF"));
    assert!(answer["print"]["message"].as_str().unwrap().contains("hết giấy"), "{answer}");
    shows(&kiosk, |printer| printer["reason"] == "PRINTER_PAPER_OUT").await;
    let id = answer["ticket"]["id"].as_str().unwrap();
    let (_, again) = post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await;
    assert!(!fate(&again).0, "a second one does not queue up behind it: {again}");
    printer.set_sensors(Sensors::default());
    until("the ticket is out", async || {
        let (_, now) = json(&format!("{}/api/tickets/{id}", kiosk.url)).await;
        fate(&now).0.then_some(())
    })
    .await;
    shows(&kiosk, |printer| printer["ready"] == true).await;
    let jobs = cut(&printer);
    assert_eq!((jobs.len(), printer.garbage()), (1, vec![]));
    assert_eq!(fate(&tap(&kiosk, "k1").await), (true, ""), "tapped again it is the same paper");
    assert_eq!(cut(&printer).len(), 1);
}

#[tokio::test]
async fn a_line_that_breaks_leaves_half_a_ticket_and_a_reprint_has_the_same_number() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    printer.script([Fault::ResetAfter(20_000)]);
    let answer = tap(&kiosk, "k1").await;
    assert_eq!(fate(&answer), (false, "PRINT_HALF"));
    let id = answer["ticket"]["id"].as_str().unwrap();
    let (_, again) = post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await;
    assert_eq!((fate(&again), &again["ticket"]), ((true, ""), &answer["ticket"]));
    let jobs = printer.jobs();
    assert_eq!(jobs.iter().map(|job| job.cut).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_printer_that_does_not_tell_the_end_is_believed_as_far_as_its_sensors() {
    let printer = PrinterDouble::start().await;
    let kiosk = kiosk(&printer).await;
    printer.script([Fault::MuteEnd]);
    assert_eq!(fate(&tap(&kiosk, "k1").await), (true, ""));
    assert_eq!(fate(&tap(&kiosk, "k2").await), (true, ""));
    printer.script([Fault::MuteEnd]);
    assert_eq!(fate(&tap(&kiosk, "k3").await), (false, "PRINT_UNCONFIRMED"), "this one tells the end as a rule");
}
