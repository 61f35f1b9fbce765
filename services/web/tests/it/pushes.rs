//! What an administrator sets: for all, for one, refused by the machine, two who edit at once.

use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use serde_json::{Value, json};

use crate::machine::Machine;
use crate::site::Site;

fn body(answer: &motcua_proto::web::v1::ReportDeviceResponse) -> Value {
    serde_json::from_str(&answer.config.as_ref().unwrap().body).unwrap()
}

#[tokio::test]
async fn a_machine_gets_what_is_set_for_all_and_for_itself_once() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let mut one = Machine::enrolled(&site, &admin, 0, "Một").await;
        let two = Machine::enrolled(&site, &admin, 1, "Hai").await;
        assert!(one.report(vec![]).await.unwrap().config.is_none(), "nothing was ever set");
        let all = json!({ "request_id": "c1", "etag": 0, "notices": "Chiều nay nghỉ họp", "volume": "80", "texts": "vi home = Xin chào" });
        let answer = site.post("/admin/devices/config", &admin, all).await;
        assert_eq!((answer.status, answer.json()["etag"].as_i64()), (StatusCode::OK, Some(1)), "{}", answer.body);
        let own = json!({ "request_id": "c2", "etag": 0, "volume": "20" });
        let path = format!("/admin/devices/{}/config", one.id);
        assert_eq!(site.post(&path, &admin, own.clone()).await.json()["etag"], 2);
        assert_eq!(site.post(&path, &admin, own).await.json()["etag"], 2, "a lost answer");

        let told = one.report(vec![]).await.unwrap();
        let set = body(&told);
        assert_eq!(
            (told.config.unwrap().version, &set["volume_percent"], &set["texts"]["vi"]["home"]),
            (2, &json!(20), &json!("Xin chào"))
        );
        assert_eq!(body(&two.report(vec![]).await.unwrap())["volume_percent"], 80);
        one.state.config_version = 2;
        assert!(one.report(vec![]).await.unwrap().config.is_none(), "it has it already");

        // Refused: told why, not sent over and over, shown; another version is sent.
        one.state.config_version = 0;
        one.state.refused_config_version = 2;
        one.state.refused_config_reason = "không có khóa \"hom\"".into();
        assert!(one.report(vec![]).await.unwrap().config.is_none());
        let list = site.get("/admin/devices/list", &admin).await.body;
        assert!(list.contains("không nhận cấu hình 2: không có khóa"), "{list}");
        let mended = json!({ "request_id": "c3", "etag": 2, "volume": "30" });
        assert_eq!(site.post(&path, &admin, mended).await.json()["etag"], 3);
        assert_eq!(one.report(vec![]).await.unwrap().config.unwrap().version, 3);
    }
}

#[tokio::test]
async fn two_who_edit_at_once_do_not_overwrite_each_other_and_a_wrong_value_changes_nothing() {
    for site in Site::everywhere().await {
        let admin = site.sign_in(Role::Admin, "/admin").await;
        let set = |id: &str, etag: i64, volume: &str| json!({ "request_id": id, "etag": etag, "volume": volume });
        assert_eq!(site.post("/admin/devices/config", &admin, set("a", 0, "50")).await.status, StatusCode::OK);
        let stale = site.post("/admin/devices/config", &admin, set("b", 0, "60")).await;
        assert_eq!((stale.status, stale.json()["reason"].as_str()), (StatusCode::CONFLICT, Some("ETAG_MISMATCH")));
        let wrong = site.post("/admin/devices/config", &admin, set("c", 1, "loud")).await;
        assert_eq!(
            (wrong.status, &wrong.json()["fields"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("volume"))
        );
        let reused = site.post("/admin/devices/config", &admin, set("a", 1, "70")).await;
        assert_eq!(reused.json()["reason"], "REQUEST_ID_REUSED");
        let page = site.get("/admin/devices/config", &admin).await.body;
        assert!(page.contains("value=\"50\"") && page.contains("name=\"etag\" value=\"1\""), "{page}");
        let missing = site.post("/admin/devices/d-none/config", &admin, set("d", 0, "1")).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
        let lost = json!({ "request_id": "p", "report_seconds": "60", "lost_seconds": "60", "escalate_seconds": "60" });
        let answer = site.post("/admin/devices/policy", &admin, lost).await;
        assert_eq!(answer.json()["fields"][0]["field"], "lost_seconds");
    }
}
