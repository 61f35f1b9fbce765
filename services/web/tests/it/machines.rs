//! Machines come in by a code, say how they are, and are let out.

use axum::http::StatusCode;
use motcua_kernel::identity::{Action, Role};
use motcua_proto::web::v1 as pb;
use serde_json::json;

use crate::hall::CENTRE;
use crate::machine::{Machine, reason};
use crate::site::Site;

fn enrol(request_id: &str, code: &str) -> serde_json::Value {
    json!({ "request_id": request_id, "code": code, "name": "Kiosk  cửa chính ", "kind": "kiosk" })
}

#[tokio::test]
async fn a_code_typed_once_lets_one_machine_in_and_revoking_lets_it_out() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let mut machine = Machine::new(&site, 0);
        assert_eq!(reason(machine.renew().await), "DEVICE_UNKNOWN");
        let code = machine.code().await.unwrap();
        assert_eq!(machine.code().await.unwrap(), code, "the same while it holds");
        assert_ne!(Machine::new(&site, 1).code().await.unwrap(), code);
        assert_eq!(reason(machine.renew().await), "ENROLMENT_WAITING");
        assert_eq!(reason(machine.report_as("d-x", vec![]).await), "BEARER_INVALID");

        let typed = code.to_lowercase().replace('-', " ");
        let first = site.post("/admin/devices", &admin, enrol("r1", &typed)).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.body);
        let again = site.post("/admin/devices", &admin, enrol("r1", &typed)).await;
        assert_eq!(again.json()["id"], first.json()["id"], "a lost answer is not a second device");
        let second = site.post("/admin/devices", &admin, enrol("r2", &code)).await;
        assert_eq!(
            (second.status, second.json()["reason"].as_str()),
            (StatusCode::NOT_FOUND, Some("ENROLMENT_CODE_UNKNOWN"))
        );

        let renewed = machine.renew().await.unwrap();
        let device = renewed.device.unwrap();
        assert_eq!(
            (device.name.as_str(), device.kind(), device.centre_id.as_str()),
            ("Kiosk cửa chính", pb::DeviceKind::Kiosk, CENTRE)
        );
        let identity = site.signer.verifier().verify(&renewed.bearer).unwrap();
        assert_eq!((identity.role, identity.subject.as_str()), (Role::Kiosk, device.id.as_str()));
        assert!(identity.may(Action::IssueTicket, CENTRE).is_ok() && identity.may(Action::IssueTicket, "b").is_err());
        assert_eq!(reason(machine.code().await), "DEVICE_ENROLLED");
        machine.report(vec![]).await.unwrap();

        let revoke = format!("/admin/devices/{}/revoke", device.id);
        assert_eq!(site.post(&revoke, &admin, json!({ "request_id": "r3" })).await.status, StatusCode::OK);
        assert_eq!(reason(machine.report(vec![]).await), "DEVICE_REVOKED");
        assert_eq!(reason(machine.code().await), "DEVICE_REVOKED");
        assert_eq!(reason(machine.renew().await), "DEVICE_REVOKED");
        let forget = format!("/admin/devices/{}/forget", device.id);
        assert_eq!(site.post(&forget, &admin, json!({ "request_id": "r4" })).await.status, StatusCode::OK);
        assert_eq!((site.count("device").await, reason(machine.renew().await)), (0, "DEVICE_UNKNOWN".to_owned()));
        let audit =
            site.count("device_audit where who = 'lan.nguyen' and act in ('device.enrolled', 'device.revoked', 'device.forgotten')");
        assert_eq!((audit.await, site.count("outbox where type like 'device.%'").await), (3, 3));
    }
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes_and_guessing_is_stopped() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let mut machine = Machine::new(&site, 0);
        let code = machine.code().await.unwrap();
        site.sql("update enrolment set expire_time = expire_time - 600000000").await;
        let late = site.post("/admin/devices", &admin, enrol("late", &code)).await;
        assert_eq!(late.json()["fields"][0]["field"], "code");
        assert_eq!(reason(machine.renew().await), "DEVICE_UNKNOWN");
        let fresh = machine.code().await.unwrap();
        for n in 1..10 {
            let wrong = site.post("/admin/devices", &admin, enrol(&format!("w{n}"), "AAA-AAA")).await;
            assert_eq!(wrong.status, StatusCode::NOT_FOUND, "{}", wrong.body);
        }
        let stopped = site.post("/admin/devices", &admin, enrol("right", &fresh)).await;
        assert_eq!(
            (stopped.status, stopped.json()["reason"].as_str()),
            (StatusCode::TOO_MANY_REQUESTS, Some("ENROLMENT_TRIES"))
        );
    }
}

#[tokio::test]
async fn only_an_administrator_lets_machines_in_and_a_wrong_form_names_its_field() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    assert_eq!(site.get("/admin/devices", &manager).await.status, StatusCode::OK);
    for (path, body) in [
        ("/admin/devices", enrol("r", "K7M-4QX")),
        ("/admin/devices/config", json!({ "request_id": "r", "etag": 0 })),
        ("/admin/devices/x/revoke", json!({ "request_id": "r" })),
    ] {
        assert_eq!(site.post(path, &manager, body).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    assert_eq!(site.get("/admin/devices", &officer).await.status, StatusCode::FORBIDDEN);

    let admin = site.sign_in(Role::Admin, "/admin").await;
    let code = Machine::new(&site, 0).code().await.unwrap();
    let wrong = |key: &str, value: &str| {
        let mut body = enrol("r", &code);
        body[key] = value.into();
        body
    };
    for (field, body) in [
        ("name", wrong("name", "   ")),
        ("kind", wrong("kind", "toaster")),
        ("hall_id", wrong("hall_id", "nowhere")),
        ("counter_id", wrong("kind", "counter_display")),
        ("request_id", wrong("request_id", "")),
    ] {
        let answer = site.post("/admin/devices", &admin, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
        assert_eq!(answer.json()["fields"][0]["field"], field);
    }
    assert_eq!(site.count("device").await, 0, "nothing half done");
}

#[tokio::test]
async fn a_board_cannot_act_as_a_kiosk_and_no_machine_speaks_for_another() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let mut board = Machine::new(&site, 0);
        let mut body = enrol("b", &board.code().await.unwrap());
        body["kind"] = "board".into();
        assert_eq!(site.post("/admin/devices", &admin, body).await.status, StatusCode::OK);
        let identity = site.signer.verifier().verify(&board.renew().await.unwrap().bearer).unwrap();
        assert!(identity.may(Action::WatchCalls, CENTRE).is_ok());
        assert!(
            identity.may(Action::IssueTicket, CENTRE).is_err() && identity.may(Action::IssueOffline, CENTRE).is_err()
        );

        let kiosk = Machine::enrolled(&site, &admin, 1, "Kiosk").await;
        assert_eq!(reason(kiosk.report_as(&board.id, vec![]).await), "DEVICE_NOT_ITSELF");
        let own = Machine::with_token(&site, "kiosk-7");
        own.report(vec![crate::machine::alarm("h", pb::AlarmKind::Help, "2026-11-23T01:41:30Z", None)]).await.unwrap();
        let gone = |id: &str| format!("/admin/devices/{id}/forget");
        let early = site.post(&gone(&kiosk.id), &admin, json!({ "request_id": "f1" })).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY, "it is in: let it out first");
        assert_eq!(site.post(&gone("kiosk-7"), &admin, json!({ "request_id": "f2" })).await.status, StatusCode::OK);
        assert_eq!((site.count("alarm").await, site.count("device").await), (0, 2));
        own.report(vec![]).await.unwrap();
        assert_eq!(reason(own.report_as(&kiosk.id, vec![]).await), "DEVICE_NOT_ITSELF");
        assert_eq!(reason(kiosk.report_as("kiosk-7", vec![]).await), "DEVICE_NOT_ITSELF");
        assert_eq!(reason(own.report_as("../7", vec![]).await), "DEVICE_INVALID");
    }
}

#[tokio::test]
async fn the_list_says_how_each_machine_does_and_names_the_silent_one() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let empty = site.get("/admin/devices", &admin).await;
        assert!(empty.body.contains("Chưa có máy nào báo về"), "{}", empty.body);
        let mut machine = Machine::enrolled(&site, &admin, 0, "Kiosk cửa chính").await;
        assert!(site.get("/admin/devices/list", &admin).await.body.contains("Chờ máy báo về"));
        machine.state.numbers_left = 187;
        machine.report(vec![]).await.unwrap();
        let list = site.get("/admin/devices/list", &admin).await.body;
        for words in ["Kiosk cửa chính", "Hoạt động", "đủ giấy", "187", "1.2.3", "data-state=\"well\""] {
            assert!(list.contains(words), "{words}: {list}");
        }
        machine.state.printer_reason = "PRINTER_PAPER_OUT".into();
        machine.state.self_check = Some(pb::SelfCheck {
            time: Some(motcua_runtime::grpc::timestamp(site.clock.now())),
            checks: vec![pb::Check { what: "disk".into(), good: false, text: "<b>Ổ đĩa còn 40 MB".into() }],
        });
        machine.report(vec![]).await.unwrap();
        let list = site.get("/admin/devices/list", &admin).await.body;
        for words in ["Cần xem", "hết giấy", "1 lỗi", "&lt;b&gt;Ổ đĩa còn 40 MB"] {
            assert!(list.contains(words), "{words}: {list}");
        }
        site.sql("update device set seen_time = seen_time - 61000000").await;
        let list = site.get("/admin/devices/list", &admin).await.body;
        assert!(list.contains("Mất liên lạc") && list.contains("1 phút trước"), "{list}");
        let manager = site.sign_in(Role::Manager, "/manager").await;
        let figures = site.get("/manager/figures", &manager).await.body;
        assert!(figures.contains("Mất liên lạc với <b>Kiosk cửa chính</b>"), "{figures}");
        let policy =
            json!({ "request_id": "p", "report_seconds": "20", "lost_seconds": "90", "escalate_seconds": "60" });
        assert_eq!(site.post("/admin/devices/policy", &admin, policy).await.status, StatusCode::OK);
        assert!(site.get("/admin/devices/list", &admin).await.body.contains("Cần xem"), "not lost yet by the new rule");
        assert_eq!(machine.report(vec![]).await.unwrap().report_seconds, 20);
        let page = site.get(&format!("/admin/devices/{}", machine.id), &admin).await;
        assert!(page.body.contains("Thu hồi máy này") && page.body.contains("Ổ đĩa còn 40 MB"), "{}", page.body);
    }
}
