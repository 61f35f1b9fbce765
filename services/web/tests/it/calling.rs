//! The call list: who is to be called, the number only to whoever opens it, what came of it.

use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use serde_json::json;

use crate::site::Site;

#[tokio::test]
async fn the_list_shows_no_number_until_one_call_is_opened() {
    let site = Site::new().await;
    let guide = site.sign_in(Role::Guide, "/staff").await;
    let page = site.get("/staff/calls", &guide).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for words in
        ["Xin lỗi, hẹn lại ngày trả", "Có kết quả", "000.00.12.H61-261123-0001", "chờ báo từ 07:42, 23/11/2026"]
    {
        assert!(page.body.contains(words), "{words}");
    }
    assert!(!page.body.contains("822") && !page.body.contains("Không được giải quyết"), "no number, no other part");
    let asked = |what: &str| site.hall.asked.lock().unwrap().iter().filter(|(name, ..)| name == what).count();
    assert_eq!(asked("OpenCall"), 0);

    let opened = site.post("/staff/calls/c1/open", &guide, json!({ "request_id": "o1" })).await;
    let html = opened.json()["html"].as_str().unwrap().to_owned();
    assert!(html.contains("02703 822 123") && html.contains("đã có kết quả.") && html.contains("NO_ANSWER"), "{html}");
    assert_eq!(asked("OpenCall"), 1);
    // Without a number there is nothing to dial and one way on.
    let opened = site.post("/staff/calls/c2/open", &guide, json!({ "request_id": "o2" })).await;
    let html = opened.json()["html"].as_str().unwrap().to_owned();
    assert!(html.contains("không để lại số điện thoại") && !html.contains("NO_ANSWER"), "{html}");
    let opened = site.post("/staff/calls/c3/open", &guide, json!({ "request_id": "o3" })).await;
    let html = opened.json()["html"].as_str().unwrap().to_owned();
    assert!(html.contains("Nhờ UBND xã, phường") && html.contains("RELAYED"), "{html}");
}

#[tokio::test]
async fn an_outcome_moves_the_person_on_and_says_when_to_call_again() {
    let site = Site::new().await;
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    let record = |id: &str, outcome: &str, note: &str| {
        (format!("/staff/calls/{id}/record"), json!({ "request_id": outcome, "outcome": outcome, "note": note }))
    };
    let (path, body) = record("c1", "NO_ANSWER", " gọi buổi chiều ");
    let said = site.post(&path, &officer, body).await.json();
    assert_eq!(said["message"], "Đã ghi: không nghe máy. Gọi lại từ 10:42, 23/11/2026.");
    let list = site.get("/staff/calls/list", &officer).await.body;
    assert!(list.contains("gọi lại từ <b>10:42, 23/11/2026</b>") && list.contains("đã gọi 1/3"), "{list}");
    assert!(list.find("data-call=\"c2\"") < list.find("data-call=\"c1\""), "who may be called now comes first");

    let (path, body) = record("c2", "WRONG_NUMBER", "");
    assert_eq!(
        site.post(&path, &officer, body).await.json()["message"],
        "Đã ghi: không gọi được số. Chuyển sang nhờ xã, phường."
    );
    let relay = site.get("/staff/calls/list?state=RELAY", &officer).await.body;
    assert!(relay.contains("data-call=\"c2\"") && relay.contains("data-call=\"c3\""), "{relay}");

    let (path, body) = record("c1", "TOLD", &"x".repeat(301));
    let refused = site.post(&path, &officer, body).await;
    assert_eq!(
        (refused.status, refused.json()["fields"][0]["field"].as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, Some("note"))
    );
    for (id, status) in [("c1", StatusCode::OK), ("c1", StatusCode::CONFLICT), ("none", StatusCode::NOT_FOUND)] {
        let (path, body) = record(id, "TOLD", "");
        let answer = site.post(&path, &officer, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    let empty = site.get("/staff/calls/list", &officer).await.body;
    assert!(empty.contains("Không có ai phải gọi"), "{empty}");
}

#[tokio::test]
async fn who_may_not_call_sees_nothing_and_a_service_that_is_away_is_said() {
    let site = Site::new().await;
    let link = site.link(Role::Department, "/staff/calls").await;
    let refused = site.get(&link, "").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let department = refused.cookie();
    let answer = site.post("/staff/calls/c1/open", &department, json!({ "request_id": "o" })).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let guide = site.sign_in(Role::Guide, "/staff").await;
    *site.hall.away.lock().unwrap() = Some(tonic::Code::Unavailable);
    let page = site.get("/staff/calls", &guide).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Tạm mất kết nối"));
}
