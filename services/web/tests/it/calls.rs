//! Calls for help and printers' alarms: told, answered, told to the manager, over.

use axum::http::StatusCode;
use jiff::SignedDuration;
use motcua_kernel::identity::Role;
use motcua_proto::web::v1::AlarmKind;
use serde_json::json;

use crate::machine::{Machine, alarm, reason};
use crate::site::Site;

const BEGAN: &str = "2026-11-23T01:41:30Z";
const OVER: &str = "2026-11-23T01:41:50Z";

async fn until(site: &Site, cookie: &str, path: &str, words: &str) -> String {
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let body = site.get(path, cookie).await.body;
        if body.contains(words) {
            return body;
        }
        assert!(tokio::time::Instant::now() < deadline, "{words} never came: {body}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn staff_see_who_calls_where_since_when_and_the_first_who_goes_stays() {
    for site in Site::everywhere().await {
        let staff = site.sign_in(Role::Guide, "/staff").await;
        let empty = site.get("/staff", &staff).await;
        assert!(empty.body.contains("Không có ai gọi hỗ trợ"), "{}", empty.body);
        let kiosk = Machine::with_token(&site, "kiosk-7");
        let help = || alarm("h1", AlarmKind::Help, BEGAN, None);
        let told = kiosk.report(vec![help()]).await.unwrap();
        assert!(told.alarms[0].acknowledge_time.is_none());
        let page = site.get("/staff", &staff).await.body;
        for words in ["Công dân gọi hỗ trợ", "Kiosk 1", "08:41:30", "30 giây", "Tôi đến ngay"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        kiosk.report(vec![help()]).await.unwrap();
        assert_eq!(site.count("alarm").await, 1, "telling again is the same call");

        let go = |id: &str| json!({ "request_id": id });
        let answer = site.post("/staff/alarms/h1/acknowledge", &staff, go("a1")).await;
        assert_eq!(answer.json(), json!({ "open": true, "by": "lan.nguyen" }));
        let officer = site.sign_in(Role::Officer, "/console/1").await;
        site.sql("update alarm set acknowledged_by = 'mai.le'").await;
        for id in ["a1", "a2"] {
            let answer = site.post("/staff/alarms/h1/acknowledge", &officer, go(id)).await;
            assert_eq!(answer.json()["by"], "mai.le", "who went first stays");
        }
        assert!(kiosk.report(vec![help()]).await.unwrap().alarms[0].acknowledge_time.is_some());
        assert_eq!(site.post("/staff/alarms/h1/close", &staff, go("c1")).await.json()["open"], false);
        assert!(kiosk.report(vec![help()]).await.unwrap().alarms[0].close_time.is_some(), "the kiosk forgets it");
        assert!(site.get("/staff", &staff).await.body.contains("Không có ai gọi hỗ trợ"));
        for (act, times) in [("alarm.raised", 1), ("alarm.acknowledged", 1), ("alarm.closed", 1)] {
            assert_eq!(site.count(&format!("device_audit where act = '{act}'")).await, times, "{act}");
            assert_eq!(site.count(&format!("outbox where type = '{act}'")).await, times, "{act}");
        }
        let missing = site.post("/staff/alarms/nobody/acknowledge", &staff, go("m")).await;
        assert_eq!((missing.status, missing.json()["reason"].as_str()), (StatusCode::NOT_FOUND, Some("ALARM_UNKNOWN")));
    }
}

#[tokio::test]
async fn an_alarm_ends_with_its_cause_and_one_told_late_keeps_its_real_time() {
    for site in Site::everywhere().await {
        let staff = site.sign_in(Role::Guide, "/staff").await;
        let kiosk = Machine::with_token(&site, "kiosk-7");
        // Began and over while the machine was cut off, and one that lasts.
        let alarms = vec![
            alarm("p1", AlarmKind::PaperOut, BEGAN, Some(OVER)),
            alarm("p2", AlarmKind::Cutter, "2026-11-23T00:10:00Z", None),
        ];
        let told = kiosk.report(alarms).await.unwrap();
        assert!(told.alarms[0].close_time.is_some() && told.alarms[1].close_time.is_none());
        let page = site.get("/staff", &staff).await.body;
        assert!(page.contains("Kẹt dao cắt giấy") && page.contains("07:10:00"), "{page}");
        assert!(!page.contains("Máy in hết giấy"), "{page}");
        let over = alarm("p2", AlarmKind::Cutter, "2026-11-23T00:10:00Z", Some(OVER));
        kiosk.report(vec![over]).await.unwrap();
        assert!(site.get("/staff", &staff).await.body.contains("Không có ai gọi hỗ trợ"));

        let other = Machine::with_token(&site, "kiosk-8");
        let stolen = alarm("p2", AlarmKind::Cutter, BEGAN, None);
        assert_eq!(reason(other.report(vec![stolen]).await), "DEVICE_NOT_ITSELF");
        let wrong = alarm("p3", AlarmKind::Unspecified, BEGAN, None);
        assert_eq!(reason(other.report(vec![wrong]).await), "ALARM_INVALID");
        let many = (0..33).map(|n| alarm(&format!("x{n}"), AlarmKind::PaperOut, BEGAN, None)).collect();
        assert_eq!(reason(other.report(many).await), "DEVICE_INVALID");
        assert_eq!(site.count("alarm").await, 2);
    }
}

#[tokio::test]
async fn the_manager_is_told_when_nobody_goes_and_the_roll_that_ends_soon_is_no_news_to_them() {
    for site in Site::everywhere().await {
        let manager = site.sign_in(Role::Manager, "/manager").await;
        let kiosk = Machine::with_token(&site, "kiosk-7");
        let now = site.clock.now().to_string();
        let alarms = vec![
            alarm("h1", AlarmKind::Help, &now, None),
            alarm("n1", AlarmKind::PaperNearEnd, &now, None),
            alarm("o1", AlarmKind::PaperOut, &now, None),
        ];
        kiosk.report(alarms).await.unwrap();
        let staff = site.sign_in(Role::Guide, "/staff").await;
        site.post("/staff/alarms/o1/acknowledge", &staff, json!({ "request_id": "a" })).await;
        assert!(!site.get("/manager/figures", &manager).await.body.contains("Chưa ai đến"));
        site.clock.set(site.clock.now() + SignedDuration::from_secs(60));
        let figures = until(&site, &manager, "/manager/figures", "Chưa ai đến").await;
        assert!(figures.contains("data-alarm=\"h1\""), "{figures}");
        assert!(!figures.contains("data-alarm=\"n1\"") && !figures.contains("data-alarm=\"o1\""), "{figures}");
        assert!(site.get("/staff", &staff).await.body.contains("đã báo lãnh đạo"));
        assert_eq!(site.count("outbox where type = 'alarm.escalated'").await, 1);
        site.post("/staff/alarms/h1/acknowledge", &staff, json!({ "request_id": "b" })).await;
        assert!(!site.get("/manager/figures", &manager).await.body.contains("Chưa ai đến"), "somebody goes");
    }
}
