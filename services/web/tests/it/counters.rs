use std::sync::OnceLock;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::routing::v1::TicketState;
use motcua_proto::status::v1::DossierState;
use motcua_runtime::telemetry;
use serde_json::json;
use tokio_stream::StreamExt as _;
use tonic::Code;
use tower::ServiceExt as _;

use crate::hall::TRACE;
use crate::site::Site;

/// Trace context travels only where a subscriber makes spans.
fn spans() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        let settings = telemetry::Settings { log_filter: Some("off,motcua_web=info".into()), ..Default::default() };
        drop(telemetry::init("web-test", &settings));
    });
}

#[tokio::test]
async fn one_button_calls_greets_and_goes_on() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/console/1").await;
    let page = site.get("/console/1", &cookie).await;
    assert!(page.body.contains("id=\"main-action\"") && page.body.contains("Gọi số tiếp theo"));
    assert!(!page.body.contains(" style=") && !page.body.contains("onclick"), "the policy allows nothing inline");

    let called = site.post("/console/c1/call", &cookie, json!({"request_id": "r1"})).await.json();
    assert_eq!(called["called"], true);
    let html = called["html"].as_str().unwrap();
    assert!(html.contains("A 121") && html.contains("Công dân đã đến") && html.contains("Tiếng Khmer"), "{html}");
    let again = site.post("/console/c1/call", &cookie, json!({"request_id": "r1"})).await.json();
    assert!(again["html"].as_str().unwrap().contains("A 121"));
    let busy = site.post("/console/c1/call", &cookie, json!({"request_id": "r2"})).await;
    assert_eq!((busy.status, busy.json()["reason"].as_str().unwrap()), (StatusCode::CONFLICT, "COUNTER_BUSY"));
    assert!(busy.json()["message"].as_str().unwrap().contains("A121"));

    let arrived = site.post("/console/c1/arrive", &cookie, json!({"request_id": "r3", "ticket_id": "t1"})).await.json();
    assert!(arrived["html"].as_str().unwrap().contains("Xong, gọi tiếp"));
    let next = json!({"request_id": "r4", "finish_current": true});
    let next = site.post("/console/c1/call", &cookie, next).await.json();
    assert!(next["html"].as_str().unwrap().contains("A 122"));
    assert_eq!(site.hall.tickets.lock().unwrap()[0].state(), TicketState::Finished);
    let everyone: Vec<_> = site.hall.asked.lock().unwrap().iter().filter(|a| a.0 == "CallNext").map(|a| a.1).collect();
    assert!(everyone.iter().all(|role| *role == Role::Officer), "{everyone:?}");
}

#[tokio::test]
async fn absent_and_transfer_say_what_became_of_the_ticket() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/console/1").await;
    site.post("/console/1/call", &cookie, json!({"request_id": "r1"})).await;
    let absent = site.post("/console/1/absent", &cookie, json!({"request_id": "r2", "ticket_id": "t1"})).await.json();
    assert_eq!(absent["message"], "A 121 vắng, sẽ được gọi lại sau.");
    site.post("/console/1/call", &cookie, json!({"request_id": "r3"})).await;
    let body = json!({"request_id": "r4", "ticket_id": "t1", "to_queue_id": "build"});
    let moved = site.post("/console/1/transfer", &cookie, body).await.json();
    assert_eq!(moved["message"], "A 121 đã được chuyển.");
    let nowhere = site.post("/console/1/transfer", &cookie, json!({"request_id": "r5", "ticket_id": "t1"})).await;
    assert_eq!(nowhere.status, StatusCode::BAD_REQUEST);
    let gone = site.post("/console/1/recall", &cookie, json!({"request_id": "r6", "ticket_id": "t99"})).await;
    assert_eq!(gone.json()["message"], "Quầy 6 vừa gọi số này. Mời gọi số kế tiếp.");
}

#[tokio::test]
async fn a_move_elsewhere_reaches_the_open_console_by_its_stream() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/console/1").await;
    let request = Request::get("/console/1/events").header(header::COOKIE, &cookie).body(Body::empty()).unwrap();
    let response = site.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut up = site.web.ready();
    tokio::time::timeout(Duration::from_secs(5), up.wait_for(|up| *up)).await.unwrap().unwrap();
    let mut stream = response.into_body().into_data_stream();
    let mut seen = String::new();
    tokio::time::timeout(Duration::from_secs(5), async {
        let mut called = false;
        while let Some(Ok(bytes)) = stream.next().await {
            seen.push_str(&String::from_utf8_lossy(&bytes));
            if !called && seen.contains("event: state") {
                called = true;
                site.hall.change("t1", "called", |t| {
                    t.set_state(TicketState::Called);
                    t.counter_id = "c2".into();
                });
            }
            if seen.contains("<b>6</b> chờ") {
                return;
            }
        }
    })
    .await
    .expect("the stream shows six waiting");
    assert!(seen.contains("<b>7</b> chờ"));
}

#[tokio::test]
async fn the_desk_shows_the_due_time_and_accepts_under_the_tickets_trace() {
    spans();
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let found = site.get("/desk/1/procedures?q=dang+ky", &cookie).await.json();
    assert_eq!((found[0]["refused"].as_bool(), found[1]["refused"].as_bool()), (Some(false), Some(true)));
    let procedure = site.get("/desk/1/procedures/1.004227", &cookie).await.json();
    assert_eq!(procedure["due"]["text"], "17:00 Thứ Hai, 07/12/2026");
    assert_eq!(
        (procedure["limit"].as_str(), procedure["fee"].as_str()),
        (Some("10 ngày làm việc"), Some("50.000 đồng"))
    );
    let elsewhere = site.get("/desk/1/procedures/2.000815", &cookie).await.json();
    assert_eq!(elsewhere["refused"], "Thủ tục này nộp tại UBND xã, phường.");
    let unknown = site.get("/desk/1/procedures/nope", &cookie).await;
    assert_eq!(
        (unknown.status, unknown.json()["reason"].as_str().unwrap()),
        (StatusCode::NOT_FOUND, "PROCEDURE_UNKNOWN")
    );

    let mut body = json!({
        "request_id": "r1", "ticket_id": "t1", "procedure_code": "1.004227", "return_channel": 1,
        "applicant": {"full_name": "Nguyễn Thị Lan", "phone": "09012"},
        "components": [{"ordinal": 1, "originals": 1, "copies": 0}],
    });
    let refused = site.post("/desk/1/dossiers", &cookie, body.clone()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.json()["fields"][0]["field"], "phone");
    body["applicant"]["phone"] = "0901234567".into();
    let accepted = site.post("/desk/1/dossiers", &cookie, body).await.json();
    assert_eq!(accepted["code"], "000.00.12.H61-261123-0001");
    assert!(accepted["qr"].as_str().unwrap().starts_with("data:image/svg+xml;base64,"));
    let asked = site.hall.asked.lock().unwrap().clone();
    let (_, role, trace) = asked.iter().rfind(|a| a.0 == "AcceptDossier").unwrap();
    assert_eq!(*role, Role::Officer);
    assert_eq!(trace.split('-').nth(1), TRACE.split('-').nth(1), "the dossier belongs to the ticket's trace");
    let pdf = site.get(accepted["receipt"].as_str().unwrap(), &cookie).await;
    assert_eq!((pdf.status, pdf.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    assert_eq!(pdf.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn a_dossier_makes_its_one_next_move() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let list = site.get("/desk/1/dossiers?code=&state=0", &cookie).await;
    assert!(list.body.contains("data-move=\"forward\"") && list.body.contains("Quá hạn"), "{}", list.body);
    let stale = site.post("/dossiers/d1/moves/forward", &cookie, json!({"request_id": "r1", "etag": "0"})).await;
    assert_eq!((stale.status, stale.json()["reason"].as_str().unwrap()), (StatusCode::CONFLICT, "ETAG_MISMATCH"));
    let moved = site.post("/dossiers/d1/moves/forward", &cookie, json!({"request_id": "r2", "etag": "1"})).await.json();
    assert_eq!(moved["state_label"], "Đang xử lý");
    site.hall.dossiers.lock().unwrap()[0].set_state(DossierState::Completed);
    let list = site.get("/desk/1/dossiers", &cookie).await;
    assert!(list.body.contains("href=\"/dossiers/d1#return\""), "who collects is asked there: {}", list.body);
    let gone = site.post("/desk/1/dossiers/d1/return", &cookie, json!({"request_id": "r3"})).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "no result leaves without its collector");
    let nobody = json!({"request_id": "r4", "etag": "2"});
    let nobody = site.post("/dossiers/d1/moves/return", &cookie, nobody).await;
    assert_eq!(nobody.json()["fields"][0]["field"], "collector_name");
}

#[tokio::test]
async fn a_filter_that_cannot_be_understood_still_shows_the_list() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/dossiers").await;
    for base in ["/dossiers", "/desk/1/dossiers"] {
        for query in ["?state=", "?state=0&overdue=", "?code=&state=2"] {
            let list = site.get(&format!("{base}{query}"), &cookie).await;
            assert_eq!(list.status, StatusCode::OK, "{base}{query}");
            assert!(list.body.contains("data-dossier=\"d1\"") && !list.body.contains("Không có tình trạng"));
        }
        for query in ["?state=abc", "?state=11", "?state=-1&state=abc", "?state=%ff"] {
            let list = site.get(&format!("{base}{query}"), &cookie).await;
            assert_eq!(list.status, StatusCode::OK, "{base}{query}");
            assert!(list.body.contains("data-dossier=\"d1\""), "{}", list.body);
            assert!(list.body.contains("đang hiện mọi tình trạng"), "{}", list.body);
        }
    }
}

#[tokio::test]
async fn bad_input_is_told_in_plain_words() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/console/1").await;
    let unknown = site.get("/console/77", &cookie).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.body.contains("Trung tâm không có quầy &quot;77&quot;"), "{}", unknown.body);
    let malformed = site.post("/console/1/call", &cookie, json!({"request": 1})).await;
    assert_eq!(
        (malformed.status, malformed.json()["reason"].as_str().unwrap()),
        (StatusCode::BAD_REQUEST, "BODY_INVALID")
    );
    let huge = site.post("/console/1/call", &cookie, json!({"request_id": "x".repeat(70_000)})).await;
    assert_eq!(
        (huge.status, huge.json()["reason"].as_str().unwrap()),
        (StatusCode::PAYLOAD_TOO_LARGE, "BODY_TOO_LARGE")
    );
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    let away = site.post("/console/1/call", &cookie, json!({"request_id": "r1"})).await;
    assert_eq!(
        (away.status, away.json()["reason"].as_str().unwrap()),
        (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE")
    );
    let page = site.get("/console/1", &cookie).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Tạm mất kết nối") && page.body.contains("again.js"), "{}", page.body);
}
