use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::routing::v1::{Stop, StopState, TicketState};
use serde_json::json;

use crate::hall::{RECEIPT_TOKEN, TICKET_TOKEN};
use crate::site::Site;

const UNKNOWN: &str = "ZZZZZZZZZZZZZZZZZZZZZZ";

#[tokio::test]
async fn a_ticket_is_followed_by_the_secret_on_its_paper() {
    let site = Site::new().await;
    let third = TICKET_TOKEN.replace("01", "03");
    let page = site.get(&format!("/t/{third}"), "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("A 123") && page.body.contains("Còn 2 người trước ông/bà"), "{}", page.body);
    assert!(page.body.contains("Giờ mô phỏng: 08:42 Thứ Hai, 23/11/2026"));
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    assert_eq!(page.headers[header::REFERRER_POLICY], "no-referrer");
    assert_eq!(page.headers["x-robots-tag"], "noindex, nofollow");
    assert!(!page.body.contains("chuyển nhượng"), "the procedure is nobody else's business");

    let states = [
        (TicketState::Called, "QUẦY"),
        (TicketState::Serving, "Đang làm việc tại Quầy 2"),
        (TicketState::Finished, "Đã xong"),
        (TicketState::Dropped, "Mời ông/bà đến Quầy hướng dẫn"),
        (TicketState::Expired, "Số đã hết hạn"),
    ];
    for (state, words) in states {
        site.hall.change("t3", "move", |t| {
            t.set_state(state);
            t.counter_id = "c2".into();
        });
        let page = site.get(&format!("/t/{third}"), "").await;
        assert!(page.body.contains(words), "{state:?}: {}", page.body);
    }
    let state = site.get(&format!("/t/{third}/state"), "").await.json();
    assert_eq!((state["state"].as_str(), state["number"].as_str()), (Some("expired"), Some("A123")));
    assert!(site.hall.asked.lock().unwrap().iter().filter(|a| a.0 == "TrackTicket").all(|a| a.1 == Role::Citizen));
}

#[tokio::test]
async fn a_holder_moves_the_number_back_or_gives_it_back_from_its_own_page_only() {
    let site = Site::new().await;
    let third = TICKET_TOKEN.replace("01", "03");
    let page = site.get(&format!("/t/{third}"), "").await;
    assert!(page.body.contains("Lùi lượt 15 phút") && page.body.contains("Hủy số này?"), "{}", page.body);
    let foreign = Request::post(format!("/t/{third}/cancel"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(r#"{"request_id":"r0"}"#))
        .unwrap();
    assert_eq!(site.ask(foreign).await.json()["reason"], "CROSS_SITE");

    let later = site.post(&format!("/t/{third}/postpone"), "", json!({"request_id": "r1"})).await.json();
    assert!(later["html"].as_str().unwrap().contains("Còn 6 người trước ông/bà"), "{later}");
    let given_back = site.post(&format!("/t/{third}/cancel"), "", json!({"request_id": "r2"})).await.json();
    assert_eq!(given_back["state"], "cancelled");
    assert!(given_back["html"].as_str().unwrap().contains("Số đã được hủy"), "{given_back}");
    let late = site.post(&format!("/t/{third}/cancel"), "", json!({"request_id": "r3"})).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(!late.body.contains("danh sách"), "staff's words: {}", late.body);
    let asked = site.hall.asked.lock().unwrap();
    assert!(asked.iter().filter(|a| a.0.ends_with("eTicket") || a.0 == "CancelTicket").all(|a| a.1 == Role::Citizen));
}

#[tokio::test]
async fn the_page_speaks_the_tickets_language_and_the_one_asked_for_in_every_state() {
    let site = Site::new().await;
    let third = TICKET_TOKEN.replace("01", "03");
    site.hall.change("t3", "issued", |t| t.locale = "km".into());
    let page = site.get(&format!("/t/{third}"), "").await.body;
    assert!(
        page.contains("<html lang=\"km\">") && page.contains("នៅ 2 នាក់មុនលោកអ្នក") && page.contains("តំបន់ A · Đất đai"),
        "{page}"
    );
    let states = [
        (TicketState::Waiting, "2 ahead of you"),
        (TicketState::Called, "COUNTER"),
        (TicketState::Serving, "Being served at counter 2"),
        (TicketState::Held, "The counter keeps your number"),
        (TicketState::Missed, "rejoin the line"),
        (TicketState::Finished, "Done"),
        (TicketState::Cancelled, "Number given back"),
        (TicketState::Dropped, "guidance desk"),
        (TicketState::Expired, "Number expired"),
    ];
    for (state, words) in states {
        site.hall.change("t3", "move", |t| {
            t.set_state(state);
            t.counter_id = "c2".into();
        });
        let page = site.get(&format!("/t/{third}?lang=en"), "").await.body;
        assert!(page.contains(words) && page.contains("<html lang=\"en\">"), "{state:?}: {page}");
        assert!(page.contains(&format!("/t/{third}/events?lang=en")), "the stream speaks it as well");
    }
    let refused = site.post(&format!("/t/{third}/cancel?lang=en"), "", json!({"request_id": "e1"})).await.json();
    assert_eq!(refused["message"], "Your number was just called or has changed. Please look again.");
    let unknown = site.get(&format!("/t/{third}?lang=xx"), "").await.body;
    assert!(unknown.contains("<html lang=\"km\">"), "an unknown language is the ticket's own");
}

#[tokio::test]
async fn the_pages_worker_is_served_where_it_may_rule() {
    let site = Site::new().await;
    let worker = site.get("/t/worker.js", "").await;
    assert_eq!(
        (worker.status, worker.headers[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "text/javascript; charset=utf-8")
    );
    assert!(worker.body.contains("/t\\/") && !worker.body.contains(TICKET_TOKEN));
}

#[tokio::test]
async fn a_visit_shows_every_stop_and_not_what_for() {
    let site = Site::new().await;
    site.hall.change("t3", "issued", |t| {
        let stop = |queue: &str, state: StopState| Stop {
            queue_id: queue.into(),
            state: state.into(),
            procedure_name: "Tách thửa".into(),
            ..Stop::default()
        };
        t.stops =
            vec![stop("civil", StopState::Done), stop("land", StopState::Current), stop("fee", StopState::Planned)];
    });
    let page = site.get(&format!("/t/{}", TICKET_TOKEN.replace("01", "03")), "").await.body;
    for words in ["Lượt này có 3 điểm", "Khu B · Hộ tịch", "Khu A · Đất đai", "Khu C · Thu phí, lệ phí"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("aria-current=\"step\"") && !page.contains("Tách thửa"), "{page}");
}

#[tokio::test]
async fn a_receipt_shows_the_way_and_no_person() {
    let site = Site::new().await;
    let page = site.get(&format!("/d/{RECEIPT_TOKEN}"), "").await;
    assert_eq!(page.status, StatusCode::OK);
    for words in
        ["Đang giải quyết", "Sở Tài nguyên và Môi trường", "17:00 Thứ Hai, 07/12/2026", "Đang thẩm định", "…-0001"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    for private in ["261123-0001", "Nguyễn", "090"] {
        assert!(!page.body.contains(private), "{private}");
    }
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    *site.hall.fresh.lock().unwrap() = true;
    let fresh = site.get(&format!("/d/{RECEIPT_TOKEN}"), "").await;
    assert!(fresh.status == StatusCode::OK && fresh.body.contains("Đã tiếp nhận"), "{}", fresh.body);
    assert_eq!(fresh.headers[header::REFRESH], "3", "without a script too the dossier comes");
    assert!(!page.headers.contains_key(header::REFRESH));
}

#[tokio::test]
async fn an_unknown_secret_and_a_malformed_one_get_the_same_answer() {
    let site = Site::new().await;
    for kind in ["t", "d"] {
        let unknown = site.get(&format!("/{kind}/{UNKNOWN}"), "").await;
        let malformed = site.get(&format!("/{kind}/x"), "").await;
        assert_eq!((unknown.status, malformed.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        assert_eq!(unknown.body, malformed.body);
    }
    let asked: Vec<_> = site.hall.asked.lock().unwrap().iter().map(|a| a.0.clone()).collect();
    assert_eq!(
        asked.iter().filter(|a| *a == "Track").count(),
        asked.iter().filter(|a| *a == "intake.GetDossier").count()
    );
}

#[tokio::test]
async fn the_front_page_finds_what_is_typed() {
    let site = Site::new().await;
    let home = site.get("/", "").await;
    assert!(home.body.contains("Mở cửa đến 17:00") && home.body.contains("quét mã QR"), "{}", home.body);
    let typed = |code: &str| {
        let body = format!("code={}", code.replace('/', "%2F").replace(':', "%3A"));
        Request::post("/lookup")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    for (code, place) in [
        (TICKET_TOKEN.to_owned(), format!("/t/{TICKET_TOKEN}")),
        (RECEIPT_TOKEN.to_owned(), format!("/d/{RECEIPT_TOKEN}")),
        (format!("http://127.0.0.1/d/{RECEIPT_TOKEN}"), format!("/d/{RECEIPT_TOKEN}")),
    ] {
        let answer = site.ask(typed(&code)).await;
        assert_eq!(
            (answer.status, answer.headers[header::LOCATION].to_str().unwrap()),
            (StatusCode::SEE_OTHER, place.as_str())
        );
    }
    let wrong = site.ask(typed("000.00.12.H61")).await;
    assert!(wrong.status == StatusCode::OK && wrong.body.contains("Mã này không đúng"));
    assert_eq!(site.get("/nowhere", "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn one_address_gets_its_minute_of_pages_and_a_plain_refusal() {
    let site = Site::new().await;
    let from = |address: &str| {
        let mut request = Request::get("/").body(Body::empty()).unwrap();
        let address: std::net::SocketAddr = address.parse().unwrap();
        request.extensions_mut().insert(axum::extract::ConnectInfo(address));
        request
    };
    for _ in 0..600 {
        assert_eq!(site.ask(from("203.0.113.7:1000")).await.status, StatusCode::OK);
    }
    let mut refused = site.ask(from("203.0.113.7:1000")).await;
    while refused.status == StatusCode::OK {
        // Seconds that the loop took are seconds of new tokens.
        refused = site.ask(from("203.0.113.7:1000")).await;
    }
    assert_eq!(
        (refused.status, refused.headers[header::RETRY_AFTER].to_str().unwrap()),
        (StatusCode::TOO_MANY_REQUESTS, "60")
    );
    assert!(refused.body.contains("Xin chờ một phút"));
    assert_eq!(site.ask(from("203.0.113.8:1000")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_front_page_stands_while_the_services_are_away() {
    let site = Site::new().await;
    *site.hall.away.lock().unwrap() = Some(tonic::Code::Unavailable);
    let page = site.get(&format!("/t/{TICKET_TOKEN}"), "").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("Tạm mất kết nối") && page.body.contains("again.js"), "{}", page.body);
    let home = site.get("/", "").await;
    assert_eq!(home.status, StatusCode::OK);
    assert!(home.body.contains("Trung tâm Phục vụ hành chính công"));
}

#[tokio::test]
async fn the_ticket_page_weighs_less_than_150_kb_with_everything_it_loads() {
    let site = Site::new().await;
    let page = site.get(&format!("/t/{TICKET_TOKEN}"), "").await;
    let mut bytes = page.body.len();
    let mut files: Vec<String> = page
        .body
        .split(['"'])
        .filter(|part| part.starts_with("/assets/"))
        .map(str::to_owned)
        .chain(["/assets/web/live.js".to_owned()])
        .collect();
    let mut at = 0;
    while let Some(path) = files.get(at).cloned() {
        at += 1;
        let answer = site.get(&path, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let length =
            answer.headers.get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok()).and_then(|l| l.parse().ok());
        bytes += length.unwrap_or(answer.body.len());
        if path.ends_with("tokens.css") {
            // This page sets two weights; a browser loads only what is used.
            let fonts = answer.body.split("url(").skip(1).map(|rest| rest.split(')').next().unwrap().trim_matches('"'));
            let used = fonts.filter(|f| f.contains("vietnam") && (f.contains("-400-") || f.contains("-800-")));
            files.extend(used.map(|font| format!("/assets/ui/{font}")).collect::<Vec<_>>());
        }
    }
    assert!(at >= 8, "{files:?}");
    assert!(bytes < 150_000, "{bytes} bytes");
}
