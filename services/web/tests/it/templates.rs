//! Templates: every kind in every language and channel, written, tried out, put into force; tokens that are only written.

use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use serde_json::json;

use crate::site::Site;

const SMS: &str = "/admin/templates/result_ready/sms/vi";
const ZALO: &str = "/admin/templates/result_ready/zalo/vi";

#[tokio::test]
async fn a_short_message_is_tried_out_saved_as_a_draft_and_put_into_force() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let page = site.get(SMS, &admin).await.body;
    assert!(page.contains("Hồ sơ {code} đã có kết quả.</textarea>") && page.contains("đang dùng câu sẵn"), "{page}");
    let written =
        |body: &str, code: &str| json!({ "request_id": body, "body": body, "sample_code": code, "sample_date": "" });
    let tried = site.post(&format!("{SMS}/preview"), &admin, written("Mời nhận: {code}", "0001")).await.json();
    assert_eq!(
        (tried["text"].as_str(), tried["parts"].as_str()),
        (Some("Mời nhận: 0001"), Some("Tính 2 tin SMS (có dấu, 14 ký tự)."))
    );
    let tried = site.post(&format!("{SMS}/preview"), &admin, written("{code} {date}", "0001")).await.json();
    assert_eq!((tried["fields"][0]["field"].as_str(), tried["text"].as_str()), (Some("sample_date"), Some("")));

    let saved = site.post(SMS, &admin, written(" Mời nhận: {code} ", "")).await.json();
    assert_eq!(saved["message"], "Đã lưu bản 1.");
    let page = site.get(SMS, &admin).await.body;
    assert!(page.contains("Nháp") && page.contains("Mời nhận: {code}</textarea>"), "{page}");
    let active = |reason: &str| json!({ "request_id": reason, "version": "1", "status": "ACTIVE", "reason": reason });
    let nameless = site.post(&format!("{SMS}/status"), &admin, active("")).await;
    assert_eq!(nameless.json()["fields"][0]["field"], "reason");
    assert_eq!(site.post(&format!("{SMS}/status"), &admin, active("Đã duyệt")).await.status, StatusCode::OK);
    assert!(site.get(SMS, &admin).await.body.contains("Đang dùng"));
    let list = site.get("/admin/templates", &admin).await.body;
    assert!(
        list.contains("bản 1") && list.contains("Có kết quả, SMS, Tiếng Việt") && list.contains("câu sẵn"),
        "{list}"
    );
}

#[tokio::test]
async fn a_zalo_template_names_its_parameters_and_a_missing_one_is_said_at_its_sample() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let written = json!({
        "request_id": "z", "provider_template_id": "7895417", "name_0": "ma", "from_0": "code", "kind_0": "4",
        "name_2": "ngay", "from_2": "date", "kind_2": "10", "optional_2": "true", "sample_code": "0001",
    });
    let tried = site.post(&format!("{ZALO}/preview"), &admin, written.clone()).await.json();
    assert_eq!(tried["fields"][0]["field"], "sample_date");
    assert_eq!(site.post(ZALO, &admin, written.clone()).await.json()["version"], 1);
    let kept = site.hall.told.templates.lock().unwrap()[0].clone();
    let params: Vec<_> = kept.params.iter().map(|p| (p.name.as_str(), p.from.as_str(), p.kind, p.optional)).collect();
    assert_eq!(params, [("ma", "code", 4, false), ("ngay", "date", 10, true)], "an empty row is none");
    assert_eq!(
        (kept.status.as_str(), kept.provider_template_id.as_str(), kept.body.as_str()),
        ("DRAFT", "7895417", "")
    );
    let mut nameless = written;
    nameless["provider_template_id"] = "".into();
    let refused = site.post(ZALO, &admin, nameless).await;
    assert_eq!(refused.json()["fields"][0]["field"], "provider_template_id");
}

#[tokio::test]
async fn tokens_are_written_and_never_shown_and_only_an_administrator_changes_words() {
    let site = Site::new().await;
    let admin = site.sign_in(Role::Admin, "/admin").await;
    let pair = |access: &str| json!({ "request_id": access, "access_token": access, "refresh_token": "fresh" });
    let path = "/admin/templates/zalo-tokens";
    let refused = site.post(path, &admin, pair(" ")).await;
    assert_eq!(refused.json()["fields"][0]["field"], "access_token");
    let taken = site.post(path, &admin, pair("token-abc")).await;
    assert_eq!((taken.status, taken.body.contains("token-abc")), (StatusCode::OK, false));
    assert_eq!(*site.hall.told.tokens.lock().unwrap(), [("token-abc".to_owned(), "fresh".to_owned())]);
    assert!(!site.get("/admin/templates", &admin).await.body.contains("token-abc"));

    let manager = site.sign_in(Role::Manager, "/manager").await;
    let list = site.get("/admin/templates", &manager).await;
    assert!(list.status == StatusCode::OK && !list.body.contains("id=\"tokens\""));
    assert!(!site.get(SMS, &manager).await.body.contains("Lưu bản nháp"));
    for path in [SMS, path, &format!("{SMS}/status")] {
        let body = json!({ "request_id": "r", "version": "1", "status": "ACTIVE" });
        assert_eq!(site.post(path, &manager, body).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    let unknown = site.get("/admin/templates/result_ready/fax/vi", &manager).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
