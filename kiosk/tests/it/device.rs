//! The life of a machine at its centre: coming in and out, reports, calls for help, what an administrator sets.

use motcua_proto::web::v1 as web;
use serde_json::{Value, json};

use crate::common::{Kiosk, Link, Start};
use crate::{client, json, post, ready, take, until};

async fn kiosk(link: Link) -> Kiosk {
    Kiosk::with(Start { link, ..Start::default() }).await
}

async fn html(kiosk: &Kiosk, path: &str) -> String {
    client().get(format!("{}{path}", kiosk.url)).send().await.unwrap().text().await.unwrap()
}

async fn device(kiosk: &Kiosk) -> Value {
    json(&format!("{}/api/device", kiosk.url)).await.1
}

/// The first report that is as wanted.
async fn report(
    kiosk: &Kiosk,
    what: &str,
    wanted: impl Fn(&web::ReportDeviceRequest) -> bool,
) -> web::ReportDeviceRequest {
    until(what, async || kiosk.double.web.with(|state| state.reports.iter().rev().find(|one| wanted(one)).cloned()))
        .await
}

fn state(report: &web::ReportDeviceRequest) -> web::DeviceState {
    report.state.clone().unwrap()
}

fn tap() -> Value {
    json!({ "area_id": "a" })
}

#[tokio::test]
async fn a_machine_without_credentials_shows_a_code_until_it_is_let_in_and_again_when_it_is_let_out() {
    let kiosk = kiosk(Link::Enrolling).await;
    let code = until("a code", async || Some(device(&kiosk).await).filter(|state| state["code"] == "K7M-4QA")).await;
    assert_eq!(code["out"], true);
    for path in ["/", "/board", "/board/tang-tret", "/counter/5"] {
        assert!(html(&kiosk, path).await.contains("K7M-4QA"), "{path}");
    }
    let (status, body) = take(&kiosk, "tap", tap()).await;
    assert_eq!((status, body["reason"].as_str()), (503, Some("DEVICE_OUT")));
    let secret = kiosk.double.web.with(|state| state.asked[0].clone());
    kiosk.double.web.with(|state| state.let_in.insert(secret.clone()));
    until("let in", async || (device(&kiosk).await["out"] == false).then_some(())).await;
    let path = kiosk.folder.path().join("device.token");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), secret);
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    ready(&kiosk).await;
    assert!(html(&kiosk, "/").await.contains("id=\"help\""));
    assert_eq!(report(&kiosk, "a report", |_| true).await.device_id, "d-1");

    // Started anew it is in at once, also while web is away.
    kiosk.double.web.with(|state| state.down = true);
    let kiosk = kiosk.restart().await;
    assert_eq!(device(&kiosk).await["out"], false);
    kiosk.double.web.with(|state| {
        state.down = false;
        state.revoked.insert(secret.clone());
    });
    let again =
        until("another code", async || Some(device(&kiosk).await).filter(|state| state["code"] == "K7M-4QB")).await;
    assert_eq!(again["out"], true);
    assert!(!path.exists(), "the secret is forgotten");
    assert_eq!(take(&kiosk, "tap2", tap()).await.0, 503);
}

#[tokio::test]
async fn a_machine_that_finds_nobody_says_so_in_place_of_a_code() {
    let kiosk = Kiosk::with(Start { link: Link::Enrolling, ..Start::default() }).await;
    kiosk.double.web.with(|state| state.down = true);
    until("a sentence", async || {
        let state = device(&kiosk).await;
        state["problem"].as_str().is_some_and(|text| text.contains("Chưa kết nối")).then_some(())
    })
    .await;
    kiosk.double.web.with(|state| state.down = false);
    until("a code", async || (device(&kiosk).await["code"] != "").then_some(())).await;
    assert_eq!(device(&kiosk).await["problem"], "");
}

#[tokio::test]
async fn a_report_says_how_the_machine_is_and_a_check_of_itself_goes_with_it() {
    let kiosk = kiosk(Link::Known).await;
    ready(&kiosk).await;
    let said =
        report(&kiosk, "a self-check", |one| state(one).self_check.is_some() && state(one).numbers_left > 0).await;
    let now = state(&said);
    assert_eq!((said.centre_id.as_str(), said.name.as_str()), ("vinhlong", "Kiosk 1"));
    assert!(now.reachable && now.printer_reason.is_empty() && !now.software_version.is_empty());
    let checks: Vec<_> = now.self_check.unwrap().checks.into_iter().map(|check| (check.what, check.good)).collect();
    let named: Vec<&str> = checks.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(named, ["printer", "disk", "clock", "voice", "store"]);
    assert!(checks.contains(&("store".into(), true)) && checks.contains(&("printer".into(), true)), "{checks:?}");
    kiosk.double.with(|state| state.down = true);
    report(&kiosk, "cut off from the queue", |one| !state(one).reachable).await;
}

#[tokio::test]
async fn a_call_for_help_is_one_call_however_often_it_is_pressed_and_ends_when_staff_say_so() {
    let kiosk = kiosk(Link::Known).await;
    ready(&kiosk).await;
    report(&kiosk, "a report", |_| true).await;
    let help = format!("{}/api/help", kiosk.url);
    assert_eq!(post(&help).await.1["help"], "called");
    assert_eq!(post(&help).await.1["help"], "called");
    let told = report(&kiosk, "the call", |one| !one.alarms.is_empty()).await;
    assert_eq!((told.alarms.len(), told.alarms[0].kind()), (1, web::AlarmKind::Help));
    let id = told.alarms[0].id.clone();
    kiosk.double.web.with(|state| state.coming.insert(id.clone()));
    until("somebody comes", async || (device(&kiosk).await["help"] == "coming").then_some(())).await;
    kiosk.double.web.with(|state| state.closed.insert(id));
    until("over", async || (device(&kiosk).await["help"] == "none").then_some(())).await;
    // Called off by whoever called.
    post(&help).await;
    let off = post(&format!("{help}/cancel")).await;
    assert_eq!(off.1["help"], "none");
    report(&kiosk, "its end", |one| one.alarms.iter().any(|alarm| alarm.end_time.is_some())).await;
    let unmanaged = Kiosk::start().await;
    let (status, body) = post(&format!("{}/api/help", unmanaged.url)).await;
    assert_eq!((status, body["reason"].as_str()), (409, Some("HELP_NOT_HERE")));
}

#[tokio::test]
async fn a_call_made_while_cut_off_survives_a_power_cut_and_arrives_with_its_real_time() {
    let kiosk = kiosk(Link::Known).await;
    ready(&kiosk).await;
    kiosk.double.web.with(|state| state.down = true);
    until("cut off", async || (post(&format!("{}/api/help", kiosk.url)).await.1["help"] == "unheard").then_some(()))
        .await;
    let clock = kiosk.double.clock.clone();
    let called = clock.now();
    clock.set(called + jiff::SignedDuration::from_mins(10));
    kiosk.double.web.with(|state| state.reports.clear());
    let kiosk = kiosk.restart().await;
    assert_eq!(device(&kiosk).await["help"], "unheard");
    kiosk.double.web.with(|state| state.down = false);
    let told = report(&kiosk, "the call", |one| !one.alarms.is_empty()).await;
    let raised = motcua_runtime::grpc::from_timestamp(told.alarms[0].raise_time.as_ref()).unwrap();
    assert!(raised.duration_since(called).abs() < jiff::SignedDuration::from_mins(2), "{raised} for {called}");
    until("heard", async || (device(&kiosk).await["help"] == "called").then_some(())).await;
}

#[tokio::test]
async fn what_is_set_is_taken_a_wrong_one_refused_with_its_reason_and_the_last_good_one_kept() {
    let kiosk = kiosk(Link::Known).await;
    ready(&kiosk).await;
    let push =
        |version: i64, body: &str| kiosk.double.web.with(|state| state.config = Some((version, body.to_owned())));
    push(1, r#"{"notices":["Chiều nay nghỉ họp"],"volume_percent":0,"texts":{"vi":{"home":"Xin chào ông/bà"}}}"#);
    report(&kiosk, "taken", |one| state(one).config_version == 1).await;
    assert_eq!(device(&kiosk).await["notices"], json!(["Chiều nay nghỉ họp"]));
    let lang = json(&format!("{}/api/lang", kiosk.url)).await.1;
    assert_eq!(lang["vi"]["text"]["home"], "Xin chào ông/bà");
    push(2, r#"{"texts":{"vi":{"hom":"x"}}}"#);
    let refused = report(&kiosk, "refused", |one| state(one).refused_config_version == 2).await;
    assert!(state(&refused).refused_config_reason.contains("\"hom\""), "{refused:?}");
    assert_eq!(state(&refused).config_version, 1, "the last good one holds");
    push(3, r#"{"notices":["Mới"]}"#);
    report(&kiosk, "taken", |one| state(one).config_version == 3).await;

    // Damaged on the disk: the one before it holds, and web is asked again.
    kiosk.double.web.with(|state| state.down = true);
    std::fs::write(kiosk.folder.path().join("device-config.json"), "{").unwrap();
    let kiosk = kiosk.restart().await;
    assert_eq!(device(&kiosk).await["notices"], json!(["Chiều nay nghỉ họp"]));
    kiosk.double.web.with(|state| {
        state.reports.clear();
        state.down = false;
    });
    report(&kiosk, "whole again", |one| state(one).config_version == 3).await;
    assert_eq!(device(&kiosk).await["notices"], json!(["Mới"]));
}
