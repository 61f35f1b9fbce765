//! Messages as an operator sees them: looked for, explained, sent again with a reason, channels turned off.

use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use motcua_proto::notification::v1::{Delivery, DeliveryState};
use serde_json::json;

use crate::site::Site;

/// A delivery of the double that becomes another one.
fn set(site: &Site, id: &str, change: impl FnOnce(&mut Delivery)) {
    change(site.hall.told.deliveries.lock().unwrap().iter_mut().find(|d| d.id == id).unwrap());
}

#[tokio::test]
async fn a_search_narrows_by_everything_and_says_which_input_is_wrong() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    let page = site.get("/manager/messages", &manager).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in
        ["tin được ghi vào thư mục gửi đi", "000.00.12.H61-261123-0001", "•••678", "Không có địa chỉ", "Cần gọi điện"]
    {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(page.body.contains("22/11: đã báo 30") && page.body.contains("23/11: đã báo 12"), "bars in words");

    let found = "/manager/messages?code=0001&day=2026-11-23&state=3&kind=result_ready&channel=outgoing";
    let page = site.get(found, &manager).await;
    assert!(page.body.contains("data-delivery=\"n1\"") && !page.body.contains("data-delivery=\"n2\""));
    let asked = site.hall.told.listed.lock().unwrap().clone();
    assert_eq!((asked.dossier_id.as_str(), asked.state, asked.channel.as_str()), ("d1", 3, "outgoing"));
    let day = asked.until_time.unwrap().seconds - asked.from_time.unwrap().seconds;
    assert_eq!((day, asked.kind.as_str()), (86_400, "result_ready"));
    for (query, sentence) in [
        ("code=9999", "Không có hồ sơ nào có mã này"),
        ("code=", "mới nhất ở trên"),
        ("day=2026-13-45", "Ngày này không có"),
        ("state=4", "Không có tin nào như vậy"),
    ] {
        let page = site.get(&format!("/manager/messages?{query}"), &manager).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(sentence), "{query}");
    }
}

#[tokio::test]
async fn one_message_says_what_happened_and_what_to_do() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    set(&site, "n1", |d| {
        d.set_state(DeliveryState::Failed);
        (d.channel, d.class, d.last_error) = ("sms".into(), "RECIPIENT".into(), "SMS 108".into());
    });
    let page = site.get("/manager/messages/n1", &manager).await.body;
    for words in [
        "Số này không nhận được tin qua kênh này.",
        "Kiểm tra lại số với người dân",
        "số không nhận được tin",
        "tin không đến được",
        "Người dân báo chưa nhận",
        "Gửi lại tin này",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Chấp nhận người dân có thể nhận hai lần"), "only a doubt asks for that");
    let unknown = site.get("/manager/messages/none", &manager).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.body.contains("Không có tin này"));
}

#[tokio::test]
async fn sending_again_wants_a_reason_and_a_doubt_an_acceptance() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    set(&site, "n1", |d| d.set_state(DeliveryState::Unknown));
    let page = site.get("/manager/messages/n1", &manager).await.body;
    assert!(page.contains("Chấp nhận người dân có thể nhận hai lần"));
    let again = |reason: &str, double: bool| {
        let mut body = json!({ "request_id": format!("{reason}{double}"), "reason": reason });
        if double {
            body["accept_double"] = "true".into();
        }
        site.post("/manager/messages/n1/resend", &manager, body)
    };
    let field =
        |answer: crate::site::Answer| (answer.status, answer.json()["fields"][0]["field"].as_str().unwrap().to_owned());
    assert_eq!(field(again("", false).await), (StatusCode::UNPROCESSABLE_ENTITY, "reason".to_owned()));
    assert_eq!(field(again("Báo chưa nhận", false).await), (StatusCode::CONFLICT, "accept_double".to_owned()));
    assert_eq!(again("Báo chưa nhận", true).await.status, StatusCode::OK);
    set(&site, "n1", |d| d.set_state(DeliveryState::Held));
    set(&site, "n1", |d| d.attempts = 0);
    assert!(site.get("/manager/messages/n1", &manager).await.body.contains("Hủy tin chưa gửi"));
    let off = json!({ "request_id": "off", "notification_id": "nn1", "reason": "Kết quả phải sửa lại" });
    let first = site.post("/manager/messages/n1/cancel", &manager, off.clone()).await.json();
    assert_eq!(first["message"], "Đã hủy 1 tin.");
    let second = site.post("/manager/messages/n1/cancel", &manager, off).await.json();
    assert_eq!(second["message"], "Tin đã đi rồi, không hủy được nữa.");
    let reasons = site.hall.told.reasons.lock().unwrap().clone();
    assert!(reasons.contains(&"cancel: Kết quả phải sửa lại".to_owned()), "{reasons:?}");
}

#[tokio::test]
async fn dead_letters_are_counted_and_replayed_together() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    assert!(site.get("/manager/messages", &manager).await.body.contains("Không có tin nào hỏng."));
    for id in ["n1", "n2"] {
        set(&site, id, |d| d.set_state(DeliveryState::Failed));
    }
    let list = site.get("/manager/messages/list", &manager).await.body;
    assert!(list.contains("Có <b>2</b> tin không gửi được"), "{list}");
    let replay = |only: &str| json!({ "request_id": only, "reason": "Đã nạp tiền", "only": only });
    let none = site.post("/manager/messages/replay", &manager, replay("late_apology")).await.json();
    assert_eq!(none["replayed"], 0);
    let both = site.post("/manager/messages/replay", &manager, replay("")).await.json();
    assert_eq!(both["message"], "Đã xếp 2 tin vào hàng gửi lại.");
}

#[tokio::test]
async fn a_channel_is_turned_off_with_a_reason_by_those_who_may() {
    let site = Site::new().await;
    let manager = site.sign_in(Role::Manager, "/manager").await;
    let ahead = site.hall.now + jiff::SignedDuration::from_hours(3);
    site.hall.told.providers.lock().unwrap()[1].quota_until_time = Some(motcua_runtime::grpc::timestamp(ahead));
    let page = site.get("/manager/channels", &manager).await.body;
    assert!(page.contains("Hết hạn mức đến <b>11:42, 23/11/2026</b>") && page.contains("thư mục gửi đi"), "{page}");
    let off = |reason: &str| json!({ "request_id": reason, "enabled": "false", "reason": reason });
    let nameless = site.post("/manager/channels/zalo_phone", &manager, off("")).await;
    assert_eq!(nameless.json()["fields"][0]["field"], "reason");
    let done = site.post("/manager/channels/zalo_phone", &manager, off("Gửi trùng tin")).await;
    assert_eq!(done.json()["enabled"], false);
    let page = site.get("/manager/channels", &manager).await.body;
    assert!(page.contains("Đang ngắt") && page.contains("Gửi trùng tin") && page.contains("Mở lại kênh này"));
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    for path in ["/manager/messages", "/manager/messages/n1", "/manager/channels"] {
        assert_eq!(site.get(path, &officer).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    for path in ["/manager/channels/sms", "/manager/messages/n1/resend", "/manager/messages/replay"] {
        assert_eq!(site.post(path, &officer, off("Gửi trùng")).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

#[tokio::test]
async fn after_acceptance_a_code_binds_the_citizens_zalo_and_without_an_account_that_is_said() {
    let site = Site::new().await;
    let officer = site.sign_in(Role::Officer, "/desk/1").await;
    assert!(site.get("/desk/1", &officer).await.body.contains("Theo dõi qua Zalo"));
    let path = "/desk/1/follow/d1";
    let answer = site.post(path, &officer, json!({ "request_id": "f1" })).await.json();
    assert_eq!((answer["code"].as_str(), answer["until"].as_str()), (Some("AB23CD45"), Some("23/12/2026")));
    assert_eq!(answer["url"], "https://zalo.me/4318657068771012646");
    assert!(answer["qr"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
    site.hall.told.providers.lock().unwrap().clear();
    let refused = site.post(path, &officer, json!({ "request_id": "f2" })).await;
    assert_eq!((refused.status, refused.json()["reason"].as_str()), (StatusCode::CONFLICT, Some("ZALO_NOT_SET_UP")));
    let guide = site.sign_in(Role::Guide, "/staff").await;
    assert_eq!(site.post(path, &guide, json!({ "request_id": "f3" })).await.status, StatusCode::FORBIDDEN);
}
