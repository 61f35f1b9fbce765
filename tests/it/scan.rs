//! What a citizen holds before the scanner, at the machine of a real centre.
use motcua_proto::{
    intake::v1::{AcceptDossierRequest, Applicant, ListProceduresRequest, Reception, ReturnChannel},
    routing::v1::{
        ApplyCentreRequest, Appointment, BookAppointmentRequest, CallNextRequest, CancelAppointmentRequest,
        FinishRequest, GetCentreRequest, GetTicketRequest, ListSlotsRequest, Ticket, TicketState,
        book_appointment_request, list_slots_request,
    },
    status::v1::{
        CompleteDossierRequest, ConfirmFeeRequest, DossierState, ForwardDossierRequest, PaperAsked,
        ReceiveSupplementRequest, RequestFeeRequest, RequestSupplementRequest, ResumeDossierRequest,
        ReturnResultRequest, StopDossierRequest, TrackRequest, WithdrawDossierRequest,
    },
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, MORNING, waiting},
    wait,
};
use serde_json::{Value, json};

use crate::offline::machine_time;

/// A queue whose times can be booked.
const BOOKED: &str = "tu-phap";
/// A counter that receives dossiers.
const RECEIVES: &str = "quay-9";

/// A centre whose own machine at the entrance knows it and the catalogue.
async fn entrance(flags: &[&str]) -> Centre {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let centre = Centre::embedded_with(flags).await;
    ready(&centre).await;
    centre
}

async fn ready(centre: &Centre) {
    wait::until("centre and catalogue", || async {
        let known: Value = reqwest::get(page(centre, "/api/centre")).await.ok()?.json().await.ok()?;
        (known["ready"] == true && known["procedures"].as_u64() > Some(0)).then_some(())
    })
    .await;
}

fn page(centre: &Centre, path: &str) -> String {
    format!("{}{path}", centre.url("kiosk"))
}

async fn scan(centre: &Centre, text: &str) -> Value {
    let request = reqwest::Client::new().post(page(centre, "/api/scan")).json(&json!({ "text": text, "locale": "vi" }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Takes the number that an answer offers.
async fn take(centre: &Centre, key: &str, answer: &Value) -> Ticket {
    let mut body = answer["offer"].clone();
    body.as_object_mut().unwrap_or_else(|| panic!("nothing is offered: {answer}")).remove("words");
    tap(centre, key, body).await.0
}

/// A tap: its ticket as the centre has it, and the address on its paper.
async fn tap(centre: &Centre, key: &str, body: Value) -> (Ticket, String) {
    let request = reqwest::Client::new().post(page(centre, "/api/tickets")).header("Idempotency-Key", key).json(&body);
    let answer = request.send().await.unwrap();
    let (status, given) = (answer.status(), answer.json::<Value>().await.unwrap());
    assert_eq!((status.as_u16(), &given["print"]["printed"]), (200, &Value::Bool(true)), "{given}");
    (ticket(centre, &given["ticket"]["id"]).await, given["url"].as_str().unwrap().to_owned())
}

/// As the centre has it.
async fn ticket(centre: &Centre, id: &Value) -> Ticket {
    let (centre_id, ticket_id) = (CENTRE_ID.to_owned(), id.as_str().unwrap().to_owned());
    let request = GetTicketRequest { centre_id, ticket_id };
    centre.clients("operator").routing.get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

/// Of a receipt: the dossier's id and the address in its code.
struct Receipt {
    dossier: String,
    url: String,
    /// Where its procedure is received.
    procedure: String,
}

/// Hands in a dossier of a holder of this card number.
async fn hand_in(centre: &Centre, id_number: &str) -> Receipt {
    let mut staff = centre.clients("operator");
    let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 100, ..Default::default() };
    let listed = staff.intake.list_procedures(request).await.unwrap().into_inner().procedures;
    let procedure =
        listed.into_iter().find(|p| p.reception() == Reception::Received && p.limit.is_some()).unwrap().code;
    let request = AcceptDossierRequest {
        request_id: format!("accept-{id_number}"),
        centre_id: CENTRE_ID.into(),
        counter_id: RECEIVES.into(),
        procedure_code: procedure.clone(),
        applicant: Some(Applicant {
            full_name: "Nguyễn Thị Thử Nghiệm".into(),
            id_number: id_number.into(),
            ..Default::default()
        }),
        return_channel: ReturnChannel::Counter.into(),
        ..Default::default()
    };
    let accepted = staff.intake.accept_dossier(request).await.unwrap().into_inner();
    let receipt = Receipt { dossier: accepted.dossier.unwrap().id, url: accepted.tracking_url, procedure };
    stands(centre, &receipt, DossierState::Accepted).await;
    receipt
}

/// Until status knows it in this state.
async fn stands(centre: &Centre, receipt: &Receipt, state: DossierState) {
    let token = receipt.url.rsplit_once("/d/").unwrap().1;
    wait::until(&format!("the dossier is {state:?}"), || async {
        let request = TrackRequest { token: token.to_owned() };
        let track = centre.clients("operator").status.track(request).await.ok()?.into_inner();
        (track.state() == state).then_some(())
    })
    .await;
}

fn kind(answer: &Value) -> &str {
    answer["kind"].as_str().unwrap()
}

#[tokio::test]
async fn a_receipt_is_answered_by_the_way_of_its_dossier() {
    let centre = entrance(&["--clock", MORNING]).await;
    let mut staff = centre.clients("operator");
    let receipt = hand_in(&centre, "086199000001").await;
    let (centre_id, dossier_id) = (CENTRE_ID.to_owned(), receipt.dossier.clone());

    let running = scan(&centre, &receipt.url).await;
    assert_eq!((kind(&running), &running["offer"], &running["given"]), ("receipt.running", &Value::Null, &Value::Null));
    let request_id = "forward".into();
    let forward = ForwardDossierRequest {
        request_id,
        centre_id: centre_id.clone(),
        dossier_id: dossier_id.clone(),
        ..Default::default()
    };
    staff.status.forward_dossier(forward).await.unwrap();
    let held = scan(&centre, &receipt.url).await;
    assert_eq!((kind(&held), &held["offer"]), ("receipt.running", &Value::Null));
    let holder = held["values"]["holder"].as_str().unwrap();
    assert!(holder.starts_with("Sở ") && holder != running["values"]["holder"], "who has it: {held}");
    assert!(held["values"]["date"].as_str().unwrap().starts_with("Thứ "), "until when: {held}");
    let known = staff.routing.get_centre(centre_request()).await.unwrap().into_inner().centre.unwrap();
    assert_eq!(known.queues.iter().map(|queue| queue.issued).sum::<i32>(), 0, "a look takes no number");

    macro_rules! moved {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* }) => {{
            let (centre_id, dossier_id) = (centre_id.clone(), dossier_id.clone());
            let request_id = stringify!($rpc).to_owned();
            let request = $request { request_id, centre_id, dossier_id, $($field: $value,)* ..Default::default() };
            staff.status.$rpc(request).await.unwrap();
            scan(&centre, &receipt.url).await
        }};
    }
    let papers = vec![PaperAsked { name: "Trích đo địa chính".into(), originals: 1, ..Default::default() }];
    let (reason, legal_basis) = ("Thiếu trích đo".to_owned(), "Khoản 2 Điều 17".to_owned());
    let supplement = moved!(
        request_supplement,
        RequestSupplementRequest { papers: papers, reason: reason, legal_basis: legal_basis }
    );
    assert_eq!(kind(&supplement), "receipt.supplement");
    let ticket = take(&centre, "supplement", &supplement).await;
    assert_eq!((ticket.procedure_code.as_str(), ticket.tag.as_str()), (receipt.procedure.as_str(), "supplement"));
    assert!(ticket.rank_time.unwrap().seconds < ticket.arrival_time.unwrap().seconds, "back before whoever came now");
    let at = known.counters.iter().find(|counter| counter.id == RECEIVES).unwrap();
    assert!(at.skills.iter().any(|skill| skill.queue_id == ticket.queue_id), "{} serves {}", at.id, ticket.queue_id);
    assert_eq!(ticket.preferred_counter_id, RECEIVES, "where it was received");
    moved!(receive_supplement, ReceiveSupplementRequest {});
    let fee = moved!(request_fee, RequestFeeRequest { amount_vnd: 120_000, reason: "Phí thẩm định".into() });
    assert_eq!(kind(&fee), "receipt.fee");
    assert_eq!(take(&centre, "fee", &fee).await.procedure_code, receipt.procedure);
    moved!(confirm_fee, ConfirmFeeRequest { receipt_number: "0001234".into() });
    explains(&moved!(stop_dossier, StopDossierRequest { reason: "Đang có tranh chấp".into() }), "Dừng");
    moved!(resume_dossier, ResumeDossierRequest { reason: "Hết tranh chấp".into() });

    let (request_id, etag) = ("complete".into(), String::new());
    let complete =
        CompleteDossierRequest { request_id, centre_id: centre_id.clone(), dossier_id: dossier_id.clone(), etag };
    staff.status.complete_dossier(complete).await.unwrap();
    let ready = scan(&centre, &receipt.url).await;
    assert_eq!(kind(&ready), "receipt.ready");
    let ticket = take(&centre, "collect", &ready).await;
    assert_eq!(
        (ticket.queue_id.as_str(), ticket.procedure_code.as_str()),
        ("huong-dan", ""),
        "where results are given"
    );
    let (request_id, etag) = ("return".into(), String::new());
    let request = ReturnResultRequest { request_id, centre_id: centre_id.clone(), dossier_id, etag, collector: None };
    staff.status.return_result(request).await.unwrap();
    let returned = scan(&centre, &receipt.url).await;
    assert_eq!((kind(&returned), &returned["offer"]), ("receipt.returned", &Value::Null));

    let receipt = hand_in(&centre, "086199000002").await;
    let (request_id, dossier_id, reason) = ("withdraw".into(), receipt.dossier.clone(), "Đổi ý".into());
    let withdraw = WithdrawDossierRequest { request_id, centre_id, dossier_id, reason, ..Default::default() };
    staff.status.withdraw_dossier(withdraw).await.unwrap();
    explains(&scan(&centre, &receipt.url).await, "rút");
}

/// A dossier that goes no further: told so, and sent to guidance.
fn explains(ended: &Value, what: &str) {
    assert_eq!((kind(ended), &ended["offer"]["queue_id"]), ("receipt.ended", &json!("huong-dan")));
    let said = format!("{} {}", ended["values"]["state"], ended["said"]).to_lowercase();
    assert!(said.contains(&what.to_lowercase()), "it is explained: {ended}");
}

fn centre_request() -> GetCentreRequest {
    GetCentreRequest { centre_id: CENTRE_ID.into() }
}

#[tokio::test]
async fn a_ticket_says_how_it_stands_from_the_line_to_the_end() {
    let centre = entrance(&["--clock", MORNING]).await;
    let mut staff = centre.clients("operator").routing;
    let (_, before) = tap(&centre, "first", json!({ "queue_id": "dat-dai" })).await;
    let (second, url) = tap(&centre, "second", json!({ "queue_id": "dat-dai" })).await;
    let waiting = scan(&centre, &url).await;
    assert_eq!((kind(&waiting), &waiting["values"]["people"]), ("ticket.waiting", &json!("1")));
    assert_eq!(waiting["values"]["n"], second.number);
    let call = |request_id: &str| CallNextRequest {
        request_id: request_id.into(),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-2".into(),
        finish_current: true,
        ..Default::default()
    };
    for request_id in ["call-1", "call-2"] {
        staff.call_next(call(request_id)).await.unwrap();
    }
    assert_eq!(kind(&scan(&centre, &before).await), "ticket.over");
    let called = scan(&centre, &url).await;
    assert_eq!((kind(&called), &called["values"]["counter"]), ("ticket.called", &json!("2")));
    let finish = FinishRequest {
        request_id: "finish".into(),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-2".into(),
        ticket_id: second.id,
        ..Default::default()
    };
    staff.finish(finish).await.unwrap();
    assert_eq!(kind(&scan(&centre, &url).await), "ticket.over");
}

#[tokio::test]
async fn who_missed_their_call_and_shows_the_paper_waits_again_behind_the_next_two() {
    let centre = entrance(&["--clock", MORNING]).await;
    let mut staff = centre.clients("operator").routing;
    let demo = include_str!("../../services/routing/src/demo/vinh_long.toml");
    let toml = demo.replace("\nanswer_seconds = 90", "\nanswer_seconds = 1");
    let request = ApplyCentreRequest { request_id: "soon".into(), toml, ..Default::default() };
    staff.apply_centre(request).await.unwrap();
    let (missed, url) = tap(&centre, "first", json!({ "queue_id": "dat-dai" })).await;
    let request = CallNextRequest {
        request_id: "call".into(),
        centre_id: CENTRE_ID.into(),
        counter_id: "quay-2".into(),
        ..Default::default()
    };
    staff.call_next(request).await.unwrap();
    let mut others = vec![];
    for key in ["second", "third", "fourth"] {
        others.push(tap(&centre, key, json!({ "queue_id": "dat-dai" })).await.0.number);
    }
    wait::until("nobody came", || async {
        (ticket(&centre, &json!(missed.id)).await.state() == TicketState::Missed).then_some(())
    })
    .await;
    let again = scan(&centre, &url).await;
    assert_eq!((kind(&again), &again["values"]["people"]), ("ticket.again", &json!("2")), "{again}");
    assert_eq!(kind(&scan(&centre, &url).await), "ticket.waiting");
    let line: Vec<String> = waiting(&centre, "dat-dai").await.into_iter().map(|ticket| ticket.number).collect();
    assert_eq!(line, [&others[0], &others[1], &missed.number, &others[2]].map(String::clone));
}

/// Books a time of a day under a secret of its own.
async fn book(centre: &Centre, day: &str, nth: usize, token: &str) -> Appointment {
    let mut staff = centre.clients("operator").routing;
    let request = ListSlotsRequest {
        centre_id: CENTRE_ID.into(),
        business_day: day.into(),
        target: Some(list_slots_request::Target::QueueId(BOOKED.into())),
    };
    let slots = staff.list_slots(request).await.unwrap().into_inner().slots;
    let now = now(centre).await;
    let slot = slots.into_iter().filter(|slot| slot.start_time.unwrap().seconds > now).nth(nth).unwrap();
    let request = BookAppointmentRequest {
        request_id: format!("book-{token}"),
        centre_id: CENTRE_ID.into(),
        target: Some(book_appointment_request::Target::QueueId(BOOKED.into())),
        slot_time: slot.start_time,
        token: token.into(),
    };
    staff.book_appointment(request).await.unwrap().into_inner().appointment.unwrap()
}

async fn now(centre: &Centre) -> i64 {
    let answer = centre.clients("operator").routing.get_centre(centre_request()).await.unwrap().into_inner();
    answer.centre.unwrap().opening.unwrap().now.unwrap().seconds
}

fn booking(centre: &Centre, token: &str) -> String {
    format!("{}/a/{token}", centre.url("citizen"))
}

#[tokio::test]
async fn a_booked_time_is_checked_in_once_on_its_own_day_only() {
    let centre = entrance(&["--clock", MORNING]).await;
    let (today, wednesday, off) = ("today-token-0123456789", "wednesday-token-0123456", "off-token-0123456789abc");
    let booked = book(&centre, "", 0, today).await;
    let first = scan(&centre, &booking(&centre, today)).await;
    assert_eq!((kind(&first), &first["text"]), ("appointment", &json!("scan.appointment.on_time")));
    assert_eq!(first["given"]["print"]["printed"], true);
    let ticket = ticket(&centre, &first["given"]["ticket"]["id"]).await;
    assert_eq!((ticket.queue_id.as_str(), ticket.tag.as_str()), (BOOKED, "appointment"));
    assert!(ticket.rank_time.unwrap().seconds <= booked.slot_time.unwrap().seconds, "its place was kept");
    let again = scan(&centre, &booking(&centre, today)).await;
    assert_eq!(again["given"]["ticket"], first["given"]["ticket"], "held there twice it is one number");

    book(&centre, "2026-11-25", 0, wednesday).await;
    let early = scan(&centre, &booking(&centre, wednesday)).await;
    assert_eq!((kind(&early), &early["given"]), ("appointment.refused", &Value::Null));
    assert!(early["said"].as_str().unwrap().contains("25/11"), "which day: {early}");
    assert_eq!(early["offer"]["queue_id"], "huong-dan", "and a way on");
    book(&centre, "", 1, off).await;
    let request = CancelAppointmentRequest { request_id: "off".into(), token: off.into() };
    centre.clients("operator").routing.cancel_appointment(request).await.unwrap();
    let cancelled = scan(&centre, &booking(&centre, off)).await;
    assert_eq!((kind(&cancelled), &cancelled["given"]), ("appointment.refused", &Value::Null));
    assert!(!cancelled["said"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn a_booked_time_that_is_over_gives_a_number_that_ranks_by_the_arrival() {
    // Four minutes a second.
    let centre = entrance(&["--clock", &format!("{MORNING}x240@{}", machine_time())]).await;
    let token = "late-token-0123456789a";
    let slot = book(&centre, "", 0, token).await.slot_time.unwrap().seconds;
    wait::until("the booked time is over", || async { (now(&centre).await > slot + 16 * 60).then_some(()) }).await;
    let late = scan(&centre, &booking(&centre, token)).await;
    assert_eq!((kind(&late), &late["text"]), ("appointment", &json!("scan.appointment.late")));
    let ticket = ticket(&centre, &late["given"]["ticket"]["id"]).await;
    assert_eq!(ticket.rank_time, ticket.arrival_time);
}

#[tokio::test]
async fn a_card_opens_nothing_and_no_code_is_written_down() {
    let mut centre = entrance(&["--clock", MORNING]).await;
    // All that a technician could switch on.
    centre.process("motcua").set("RUST_LOG", "trace".into());
    centre.process("motcua").restart().await;
    ready(&centre).await;
    let centre = centre;
    let (own, stranger) = ("086199000001", "086199000002");
    let receipt = hand_in(&centre, own).await;
    let card =
        |number: &str, name: &str| format!("{number}|331000001|{name}|15081999|Nữ|Ấp Mẫu, Long Hồ, Vĩnh Long|10052021");
    let known = scan(&centre, &card(own, "NGUYỄN THỊ THỬ NGHIỆM")).await;
    let unknown = scan(&centre, &card(stranger, "TRẦN THỊ KHÔNG CÓ")).await;
    assert_eq!(kind(&known), "card");
    assert_eq!(known, unknown, "whoever holds a dossier is answered as anybody");
    for said in [known.to_string(), centre_log(&centre)] {
        for secret in [own, "THỬ NGHIỆM", "THU NGHIEM", "15081999", "331000001"] {
            assert!(!said.contains(secret), "{secret} is shown or written down");
        }
    }

    let token = receipt.url.rsplit_once("/d/").unwrap().1;
    scan(&centre, &receipt.url).await;
    let cases = [
        (receipt.url.replace("http://", "https://hcc.bentre.example/"), "other_centre"),
        (format!("https://hcc.bentre.example/d/{token}"), "other_centre"),
        ("00020101021238570010A000000727".to_owned(), "foreign"),
        (format!("{}/d/{}", centre.url("citizen"), token.chars().rev().collect::<String>()), "receipt.refused"),
        ("\u{1}\u{2}".to_owned(), "unreadable"),
        ("086199|||||||".to_owned(), "unreadable"),
    ];
    for (text, wanted) in &cases {
        let answer = scan(&centre, text).await;
        assert_eq!(kind(&answer), *wanted, "{text}");
        assert!(answer["title"].as_str().is_some_and(|title| title.starts_with("scan.")), "{answer}");
    }
    // The service that was asked may say what it was asked for, never with what secret.
    let log = centre_log(&centre);
    assert!(log.contains("scanned"), "the log is on");
    assert!(!log.contains(token), "the secret of a receipt is written down");
    // And the machine serves on.
    tap(&centre, "after", json!({ "queue_id": "dat-dai" })).await;
}

/// Everything that the centre's program has logged.
fn centre_log(centre: &Centre) -> String {
    std::fs::read_to_string(centre.folder().join("motcua.log")).unwrap()
}
