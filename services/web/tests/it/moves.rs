//! The counter's whole day, act by act.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::routing::v1::{CounterStatus, Stop, StopState, TicketState};
use motcua_runtime::grpc::timestamp;
use serde_json::{Value, json};
use tokio_stream::StreamExt as _;
use tower::ServiceExt as _;

use crate::site::{Answer, Site};

struct Desk {
    site: Site,
    cookie: String,
    n: std::cell::Cell<u32>,
}

impl Desk {
    async fn new() -> Self {
        let site = Site::new().await;
        let cookie = site.sign_in(Role::Officer, "/console/1").await;
        Self { site, cookie, n: std::cell::Cell::new(0) }
    }

    async fn post(&self, act: &str, mut body: Value) -> Answer {
        self.n.set(self.n.get() + 1);
        body["request_id"] = format!("r{}", self.n.get()).into();
        self.site.post(&format!("/console/1/{act}"), &self.cookie, body).await
    }

    /// The console's HTML after an act, and what it said.
    async fn act(&self, act: &str, body: Value) -> (String, String) {
        let answer = self.post(act, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{act}: {}", answer.body);
        let answer = answer.json();
        let text = |key: &str| answer[key].as_str().unwrap_or_default().to_owned();
        (text("html"), text("message"))
    }

    async fn refused(&self, act: &str, body: Value) -> (StatusCode, String) {
        let answer = self.post(act, body).await;
        (answer.status, answer.json()["reason"].as_str().unwrap().to_owned())
    }

    fn counter(&self) -> motcua_proto::routing::v1::Counter {
        self.site.hall.counter("c1").unwrap()
    }
}

#[tokio::test]
async fn a_held_ticket_stands_on_the_shelf_until_it_is_taken_back_or_returned() {
    let desk = Desk::new().await;
    desk.act("call", json!({})).await;
    let (html, _) = desk.act("hold", json!({"ticket_id": "t1", "reason": "cashier"})).await;
    assert!(html.contains("Đang giữ lại") && html.contains("nộp phí, lệ phí"), "{html}");
    assert!(html.contains("Gọi số tiếp theo"), "the counter is free for the next one");
    let (html, _) = desk.act("take-back", json!({"ticket_id": "t1"})).await;
    assert!(html.contains("Xong, gọi tiếp") && !html.contains("Đang giữ lại"), "{html}");
    desk.act("hold", json!({"ticket_id": "t1", "reason": "lấy thêm giấy tờ"})).await;
    desk.act("call", json!({})).await;
    assert_eq!(desk.refused("take-back", json!({"ticket_id": "t1"})).await.1, "COUNTER_BUSY");
    let (_, said) = desk.act("returned", json!({"ticket_id": "t1"})).await;
    assert_eq!(said, "A 121 đã quay lại, là số kế tiếp của quầy.");
}

#[tokio::test]
async fn the_last_act_can_be_taken_back_by_its_own_words() {
    let desk = Desk::new().await;
    let (html, _) = desk.act("call", json!({})).await;
    assert!(html.contains("Hoàn tác: gọi A 121") && html.contains("data-left=\"8000\""), "{html}");
    let (html, _) = desk.act("arrive", json!({"ticket_id": "t1"})).await;
    assert!(html.contains("Hoàn tác: A 121 đã đến"), "{html}");
    let (html, said) = desk.act("undo", json!({"ticket_id": "t1"})).await;
    assert_eq!(said, "A 121 trở lại như trước thao tác.");
    assert!(html.contains("Công dân đã đến") && !html.contains("Hoàn tác:"), "{html}");
    let again = desk.refused("undo", json!({"ticket_id": "t1"})).await;
    assert_eq!(again, (StatusCode::CONFLICT, "NOTHING_TO_UNDO".to_owned()));
}

#[tokio::test]
async fn who_was_faster_is_told_by_its_counter() {
    let desk = Desk::new().await;
    let elsewhere = |id: &str| {
        desk.site.hall.change(id, "called", |t| {
            t.set_state(TicketState::Called);
            t.counter_id = "c2".into();
        });
    };
    elsewhere("t1");
    let (html, said) = desk.act("call", json!({"expected": "t1"})).await;
    assert_eq!(said, "Số A 121 vừa được Quầy 2 gọi. Đã gọi A 122.");
    assert!(html.contains("data-first=\"t3\""), "{html}");
    let (_, said) = desk.act("call", json!({"expected": "t3", "finish_current": true})).await;
    assert_eq!(said, "");
    for id in ["t4", "t5", "t6", "t7"] {
        elsewhere(id);
    }
    let (_, said) = desk.act("call", json!({"expected": "t4", "finish_current": true})).await;
    assert_eq!(said, "Số A 124 vừa được Quầy 2 gọi. Chưa có người chờ.");
    let (_, said) = desk.act("call", json!({})).await;
    assert_eq!(said, "Chưa có người chờ.");
}

#[tokio::test]
async fn a_pause_says_why_and_a_closed_counter_is_opened_by_the_main_button() {
    let desk = Desk::new().await;
    let (html, _) = desk.act("pause", json!({"session": "s1", "reason": "Nghỉ giải lao"})).await;
    assert!(html.contains("Tạm dừng tiếp nhận") && html.contains("Nghỉ giải lao"), "{html}");
    assert_eq!(desk.counter().reason, "Nghỉ giải lao");
    desk.act("settings", json!({"session": "s1", "languages": ["km"], "auto_call": true})).await;
    let counter = desk.counter();
    assert_eq!((counter.status(), counter.reason.as_str()), (CounterStatus::Paused, "Nghỉ giải lao"));
    assert!(counter.auto_call && counter.languages == ["km"]);
    desk.act("open", json!({"session": "s1"})).await;
    assert!(desk.counter().auto_call, "opening keeps the settings");
    let (html, _) = desk.act("close", json!({"session": "s1"})).await;
    assert!(html.contains("Mở quầy") && html.contains("Quầy đang đóng"), "{html}");
    desk.act("claim", json!({"session": "s1"})).await;
    assert_eq!(desk.counter().status(), CounterStatus::Closed, "a page that is opened forces nothing open");
}

#[tokio::test]
async fn one_screen_works_a_counter_until_another_takes_it() {
    let desk = Desk::new().await;
    desk.act("claim", json!({"session": "s1"})).await;
    desk.act("claim", json!({"session": "s1"})).await;
    let claims = desk.site.hall.asked.lock().unwrap().iter().filter(|a| a.0 == "SetCounter").count();
    assert_eq!(claims, 1, "a reload claims nothing anew");
    let second = desk.post("claim", json!({"session": "s2"})).await;
    assert_eq!(second.json()["reason"], "COUNTER_TAKEN");
    assert!(second.json()["message"].as_str().unwrap().contains("lan.nguyen"));
    let (html, _) = desk.act("claim", json!({"session": "s2", "take_over": true})).await;
    assert!(html.contains("data-session=\"s2\""), "{html}");
    let acts = [
        "call",
        "call-ticket",
        "arrive",
        "finish",
        "recall",
        "absent",
        "transfer",
        "hold",
        "take-back",
        "returned",
        "redirect",
        "priority",
        "reenter",
        "undo",
        "pause",
        "settings",
        "leave",
    ];
    for act in acts {
        let body = json!({"session": "s1", "ticket_id": "t1", "reason": "x", "to_queue_id": "civil"});
        let refused = desk.refused(act, body).await;
        assert_eq!(refused, (StatusCode::CONFLICT, "COUNTER_TAKEN".to_owned()), "{act}");
    }
    desk.act("call", json!({"session": "s2"})).await;
}

#[tokio::test]
async fn a_page_says_that_it_is_there_and_leaves_without_closing() {
    let desk = Desk::new().await;
    desk.act("claim", json!({"session": "s1"})).await;
    let here = async |session: &str| {
        let body = json!({ "session": session });
        desk.site.post("/console/1/here", &desk.cookie, body).await.json()["held"].as_bool().unwrap()
    };
    assert!(here("s1").await && !here("s2").await);
    let (html, _) = desk.act("leave", json!({"session": "s1"})).await;
    assert!(html.contains("data-session=\"\"") && html.contains("Gọi số tiếp theo"), "{html}");
    assert!(!here("s1").await);
    assert_eq!(desk.counter().status(), CounterStatus::Open);
    desk.act("claim", json!({"session": "s2"})).await;
    assert_eq!(desk.counter().session, "s2");
}

#[tokio::test]
async fn a_change_of_the_counter_reaches_its_open_pages() {
    let desk = Desk::new().await;
    let request = Request::get("/console/1/events").header(header::COOKIE, &desk.cookie).body(Body::empty()).unwrap();
    let response = desk.site.router.clone().oneshot(request).await.unwrap();
    let mut up = desk.site.web.ready();
    up.wait_for(|up| *up).await.unwrap();
    let mut stream = response.into_body().into_data_stream();
    let mut seen = String::new();
    let mut taken = false;
    while !seen.contains("data-session=\"s9\"") {
        let bytes = stream.next().await.expect("the stream goes on").unwrap();
        seen.push_str(&String::from_utf8_lossy(&bytes));
        if !taken && seen.contains("event: state") {
            taken = true;
            desk.site.hall.change_counter("c1", |c| c.session = "s9".into());
        }
    }
}

#[tokio::test]
async fn the_sheet_says_why_and_offers_what_the_tickets_state_allows() {
    let desk = Desk::new().await;
    let sheet = async |id: &str| desk.site.get(&format!("/console/1/tickets/{id}"), &desk.cookie).await.body;
    let waiting = sheet("t2").await;
    for words in ["Lấy số A122", "Vắng mặt, chờ gọi lại", "2 người đến sau", "Gọi A 122 ngay", "Sửa diện ưu tiên"]
    {
        assert!(waiting.contains(words), "{words}: {waiting}");
    }
    assert!(!waiting.contains(" style=") && !waiting.contains("onclick"));
    desk.act("call-ticket", json!({"ticket_id": "t2", "reason": "quay lại theo hẹn"})).await;
    desk.act("priority", json!({"ticket_id": "t2", "priority_class": "elderly", "reason": "đã xem giấy tờ"})).await;
    assert_eq!(*desk.site.hall.reasons.lock().unwrap(), ["quay lại theo hẹn", "đã xem giấy tờ"]);
    assert!(sheet("t3").await.contains("Quầy đang phục vụ A 122"));
    let (_, said) = desk.act("redirect", json!({"ticket_id": "t3", "to_queue_id": "civil"})).await;
    assert_eq!(said, "A 123 chờ ở Hộ tịch, giữ nguyên giờ đến.");
    desk.site.hall.change("t2", "missed", |t| t.set_state(TicketState::Missed));
    let (html, _) = desk.act("claim", json!({"session": "s1"})).await;
    assert!(html.contains("Lỡ lượt") && html.contains("gọi lúc 08:42"), "{html}");
    let missed = sheet("t2").await;
    for words in
        ["Gọi lại lên bảng", "Đã có mặt, phục vụ ngay", "Cho vào lại hàng chờ", "Lý do giữ thứ tự theo giờ đến"]
    {
        assert!(missed.contains(words), "{words}: {missed}");
    }
    let body = json!({"ticket_id": "t4", "to_queue_id": "civil", "reason": "được chỉ nhầm khu"});
    desk.act("redirect", body).await;
    assert_eq!(desk.site.hall.reasons.lock().unwrap().last().unwrap(), "được chỉ nhầm khu");
    desk.act("reenter", json!({"ticket_id": "t2"})).await;
    assert!(sheet("A125").await.contains("Gọi A 125 ngay"), "by its number too");
    let unknown = desk.site.get("/console/1/tickets/t99", &desk.cookie).await;
    assert_eq!(unknown.json()["reason"], "TICKET_UNKNOWN");
    assert_eq!(desk.site.get("/console/1/tickets/t2", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_strip_tells_what_the_officer_must_know() {
    let desk = Desk::new().await;
    desk.site.hall.change("t1", "issued", |t| {
        t.dossiers = 5;
        t.answer_time = Some(timestamp(desk.site.hall.now + jiff::SignedDuration::from_secs(45)));
        let stop =
            |queue: &str, state: StopState| Stop { queue_id: queue.into(), state: state.into(), ..Stop::default() };
        t.stops =
            vec![stop("land", StopState::Current), stop("civil", StopState::Planned), stop("fee", StopState::Planned)];
    });
    let (html, _) = desk.act("call", json!({})).await;
    for words in [
        "5 hồ sơ",
        "Điểm 1/3, tiếp theo: Hộ tịch hoặc Thu phí, lệ phí",
        "Tiếng Khmer",
        "data-left=\"45000\"",
        "0:45",
        "Vì sao: chờ 22 phút",
        "trung bình",
        "6 phút",
    ] {
        assert!(html.contains(words), "{words}: {html}");
    }
}
