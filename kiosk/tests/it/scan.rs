//! What is held before the scanner, and what the page is told to say.
use motcua_proto::routing::v1 as routing;
use motcua_proto::status::v1 as status;
use motcua_runtime::grpc;
use serde_json::{Value, json};

use crate::common::Kiosk;
use crate::{client, ready, take};

const TOKEN: &str = "AbCdEfGhIjKlMnOpQrSt-_";

fn code(kind: &str) -> String {
    format!("https://hcc.example.vn/{kind}/{TOKEN}")
}

async fn scan(kiosk: &Kiosk, text: &str) -> Value {
    let request = client().post(format!("{}/api/scan", kiosk.url)).json(&json!({ "text": text, "locale": "vi" }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Every key that an answer names is a sentence in the language files.
fn speaks(answer: &Value) {
    for key in [&answer["title"], &answer["text"], &answer["offer"]["words"]] {
        if let Some(key) = key.as_str().filter(|key| !key.is_empty()) {
            assert!(motcua_kiosk::lang::files()["vi"].text.contains_key(key), "{key}");
        }
    }
    assert!(answer["title"].as_str().is_some_and(|title| !title.is_empty()), "{answer}");
}

fn dossier(state: status::DossierState) -> status::TrackResponse {
    status::TrackResponse {
        code_masked: "H61…0001".into(),
        state: state.into(),
        holder: "Sở Tài nguyên và Môi trường".into(),
        due_time: Some(grpc::timestamp("2026-12-07T17:00:00+07:00".parse().unwrap())),
        state_label: "Nhãn".into(),
        advice: "Lời khuyên của trung tâm.".into(),
        centre_id: "vinhlong".into(),
        procedure_name: "Tách thửa hoặc hợp thửa đất".into(),
        procedure_code: "M.002".into(),
        counter_id: "quay-4".into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_receipt_is_answered_by_the_state_of_its_dossier() {
    use status::DossierState as State;
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let desk = |class: &str, words: &str| json!({ "procedure_code": "M.002", "preferred_counter_id": "quay-4", "priority_class": class, "words": words });
    let (supplement, desk) = (desk("supplement", "scan.take.supplement"), desk("", "scan.take.fee"));
    let collect = json!({ "queue_id": "huong-dan", "priority_class": "", "words": "scan.take.collect" });
    let ask = json!({ "queue_id": "huong-dan", "priority_class": "", "words": "guidance.take" });
    let cases = [
        (State::Accepted, "receipt.running", Value::Null),
        (State::Processing, "receipt.running", Value::Null),
        (State::Supplement, "receipt.supplement", supplement),
        (State::FeeDue, "receipt.fee", desk),
        (State::Completed, "receipt.ready", collect),
        (State::Returned, "receipt.returned", Value::Null),
        (State::Rejected, "receipt.ended", ask.clone()),
        (State::Withdrawn, "receipt.ended", ask.clone()),
        (State::Stopped, "receipt.ended", ask),
    ];
    for (state, kind, offer) in cases {
        kiosk.double.with(|double| double.dossiers.insert(TOKEN.into(), dossier(state)));
        let answer = scan(&kiosk, &code("d")).await;
        assert_eq!((answer["kind"].as_str(), &answer["offer"]), (Some(kind), &offer), "{state:?}");
        assert_eq!(answer["values"]["date"], "Thứ Hai, 07/12/2026");
        assert_eq!(answer["said"], "Lời khuyên của trung tâm.");
        speaks(&answer);
    }
    kiosk.double.with(|double| {
        let elsewhere = status::TrackResponse { centre_id: "bentre".into(), ..dossier(State::Processing) };
        double.dossiers.insert(TOKEN.into(), elsewhere)
    });
    assert_eq!(scan(&kiosk, &code("d")).await["kind"], "other_centre");
    assert_eq!(kiosk.double.with(|double| double.tickets.len()), 0, "a look takes no number");
}

#[tokio::test]
async fn an_offer_is_one_tap_from_its_number() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.with(|double| double.dossiers.insert(TOKEN.into(), dossier(status::DossierState::Supplement)));
    let mut offer = scan(&kiosk, &code("d")).await["offer"].clone();
    offer.as_object_mut().unwrap().remove("words");
    let (status, given) = take(&kiosk, "k", offer).await;
    assert_eq!((status, given["ticket"]["number"].as_str()), (200, Some("A001")), "{given}");
    assert_eq!(kiosk.double.with(|double| double.tickets[0].1.priority_class.clone()), "supplement");
    assert_eq!(kiosk.double.with(|double| double.tickets[0].1.preferred_counter_id.clone()), "quay-4");
}

#[tokio::test]
async fn a_booked_time_is_checked_in_once() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.with(|double| double.booked.insert(TOKEN.into(), false));
    let first = scan(&kiosk, &code("a")).await;
    assert_eq!(
        (first["kind"].as_str(), first["text"].as_str()),
        (Some("appointment"), Some("scan.appointment.on_time"))
    );
    assert_eq!(first["given"]["print"]["printed"], true);
    let again = scan(&kiosk, &code("a")).await;
    assert_eq!(again["given"]["ticket"], first["given"]["ticket"]);
    assert_eq!((kiosk.double.with(|double| double.tickets.len()), kiosk.printed().len()), (1, 1));
    let kiosk = kiosk.restart().await;
    ready(&kiosk).await;
    assert_eq!(scan(&kiosk, &code("a")).await["given"]["ticket"], first["given"]["ticket"], "after a restart too");
    let unknown = scan(&kiosk, &code("a").replace("AbC", "XyZ")).await;
    assert_eq!(
        (unknown["kind"].as_str(), unknown["said"].as_str()),
        (Some("appointment.refused"), Some("Không tìm thấy lịch hẹn này."))
    );
    speaks(&unknown);
}

#[tokio::test]
async fn a_booked_time_that_is_over_is_told_so() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.with(|double| double.booked.insert(TOKEN.into(), true));
    assert_eq!(scan(&kiosk, &code("a")).await["text"], "scan.appointment.late");
}

#[tokio::test]
async fn a_ticket_says_how_it_stands() {
    use routing::TicketState as State;
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let cases = [
        (State::Waiting, "ticket.waiting"),
        (State::Called, "ticket.called"),
        (State::Serving, "ticket.called"),
        (State::Missed, "ticket.again"),
        (State::Finished, "ticket.over"),
        (State::Cancelled, "ticket.over"),
        (State::Expired, "ticket.over"),
    ];
    for (state, kind) in cases {
        let ticket = routing::Ticket { number: "A012".into(), state: state.into(), ..Default::default() };
        let estimate = Some(routing::Estimate { ahead: 3, ..Default::default() });
        let tracked =
            routing::TrackTicketResponse { ticket: Some(ticket), estimate, counter_number: 5, ..Default::default() };
        kiosk.double.with(|double| double.tracked.insert(TOKEN.into(), tracked));
        let answer = scan(&kiosk, &code("t")).await;
        assert_eq!((answer["kind"].as_str(), answer["values"]["n"].as_str()), (Some(kind), Some("A012")));
        speaks(&answer);
    }
}

#[tokio::test]
async fn who_missed_their_call_waits_again_once_their_paper_is_held_there() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let state = routing::TicketState::Missed.into();
    let ticket = routing::Ticket { id: "t-12".into(), number: "A012".into(), version: 4, state, ..Default::default() };
    let tracked = routing::TrackTicketResponse {
        ticket: Some(ticket),
        estimate: Some(routing::Estimate { ahead: 2, ..Default::default() }),
        ..Default::default()
    };
    kiosk.double.with(|double| {
        double.tracked.insert(TOKEN.into(), tracked);
        double.stays_missed = true;
    });
    let refused = scan(&kiosk, &code("t")).await;
    assert_eq!((refused["kind"].as_str(), &refused["offer"]["queue_id"]), (Some("ticket.missed"), &json!("huong-dan")));
    kiosk.double.with(|double| double.stays_missed = false);
    let again = scan(&kiosk, &code("t")).await;
    assert_eq!((again["kind"].as_str(), again["values"]["people"].as_str()), (Some("ticket.again"), Some("2")));
    speaks(&again);
    let waiting = scan(&kiosk, &code("t")).await;
    assert_eq!(waiting["kind"], "ticket.waiting", "held there twice it is moved once");
    assert_eq!(kiosk.double.with(|double| double.tickets.len()), 0, "it is no new number");
}

#[tokio::test]
async fn a_card_opens_nothing_and_is_never_shown() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let card = |number: &str| format!("{number}|331000001|NGUYỄN THỊ THỬ NGHIỆM|15081999|Nữ|Ấp Mẫu, Long Hồ|10052021");
    for (number, class) in
        [("086199000001", Value::Null), ("086158000001", json!("elderly")), ("086040000001", json!("elderly80"))]
    {
        let answer = scan(&kiosk, &card(number)).await;
        assert_eq!((answer["kind"].as_str(), &answer["priority"]), (Some("card"), &class), "{number}");
        let whole = answer.to_string();
        assert!(!whole.contains("NGUYỄN") && !whole.contains(&number[3..]) && !whole.contains("1999"), "{whole}");
        speaks(&answer);
    }
}

#[tokio::test]
async fn whatever_else_is_held_there_gets_a_sentence_and_a_way_on() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let cases = [
        (code("d"), "receipt.refused"),
        (code("t"), "ticket.refused"),
        ("https://evil.example/d/AbCdEfGhIjKlMnOpQrSt-_".into(), "other_centre"),
        ("00020101021238570010A000000727".into(), "foreign"),
        ("\u{0}\u{1}".into(), "unreadable"),
        (String::new(), "unreadable"),
    ];
    for (text, kind) in cases {
        let answer = scan(&kiosk, &text).await;
        assert_eq!(answer["kind"], kind, "{text}");
        speaks(&answer);
    }
    kiosk.double.with(|state| state.down = true);
    for kind in ["d", "t", "a"] {
        let answer = scan(&kiosk, &code(kind)).await;
        assert_eq!(answer["kind"], "offline");
        speaks(&answer);
    }
    for wrong in [json!({}), json!({ "text": "x", "id": 1 }), json!({ "text": 1 })] {
        let answer = client().post(format!("{}/api/scan", kiosk.url)).json(&wrong).send().await.unwrap();
        assert_eq!(answer.status(), 400);
    }
}
