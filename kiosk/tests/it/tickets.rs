use motcua_kiosk::PrinterConfig;
use motcua_kiosk::paper::{Raster, WIDTH, decode};
use serde_json::{Value, json};

use crate::common::{Kiosk, Start};
use crate::{client, json as get, ready, take, until};

fn land() -> Value {
    json!({ "procedure_code": "M.001", "priority_class": "elderly80", "locale": "km" })
}

fn code(raster: &Raster) -> String {
    let black = |x, y| if raster.is_black(x, y) { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(WIDTH, raster.height(), black);
    image.detect_grids()[0].decode().unwrap().1
}

#[tokio::test]
async fn a_tap_gives_a_number_on_paper_that_leads_to_the_phone_page() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (status, answer) = take(&kiosk, "tap-1", land()).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["ticket"]["number"], "A001");
    assert_eq!(answer["area"]["letter"], "A");
    assert_eq!(answer["estimate"]["minutes_max"], 30);
    assert_eq!(answer["print"]["printed"], true);
    let printed = kiosk.printed();
    let (name, stream) = printed.iter().next().unwrap();
    assert_eq!(*name, format!("A001-{}.escpos", answer["ticket"]["id"].as_str().unwrap()));
    assert_eq!(code(&decode(stream).unwrap()), answer["url"].as_str().unwrap());
    kiosk.double.with(|state| {
        let (id, request, _) = &state.tickets[0];
        assert_eq!(
            (id.as_str(), request.locale.as_str(), request.priority_class.as_str()),
            ("tap-1", "km", "elderly80")
        );
        assert_eq!(request.ticket_token.len(), 22, "128 bits");
        assert_eq!(answer["url"], format!("https://hcc.example.vn/t/{}", request.ticket_token));
    });
}

#[tokio::test]
async fn tapping_twice_gives_one_number_and_one_paper() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let taps: Vec<_> = (0..8).map(|_| take(&kiosk, "tap-1", land())).collect();
    let answers = futures::future::join_all(taps).await;
    assert!(answers.iter().all(|(status, answer)| *status == 200 && answer["ticket"] == answers[0].1["ticket"]));
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 1);
    assert_eq!(kiosk.printed().len(), 1);
    assert_eq!(take(&kiosk, "tap-2", land()).await.1["ticket"]["number"], "A002");
}

#[tokio::test]
async fn a_retry_after_a_restart_is_the_same_ticket_with_the_same_secret() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (_, before) = take(&kiosk, "tap-1", land()).await;
    let kiosk = kiosk.restart().await;
    ready(&kiosk).await;
    let (status, after) = take(&kiosk, "tap-1", land()).await;
    assert_eq!(status, 200, "{after}");
    assert_eq!((&after["ticket"], &after["url"]), (&before["ticket"], &before["url"]));
}

#[tokio::test]
async fn one_key_for_two_wishes_is_refused() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    take(&kiosk, "tap-1", land()).await;
    let (status, answer) = take(&kiosk, "tap-1", json!({ "queue_id": "huong-dan" })).await;
    assert_eq!((status, answer["reason"].as_str().unwrap()), (400, "REQUEST_ID_REUSED"));
}

#[tokio::test]
async fn areas_and_the_guidance_desk_give_numbers_too() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    assert_eq!(take(&kiosk, "k1", json!({ "area_id": "tu-phap" })).await.1["ticket"]["number"], "D001");
    assert_eq!(
        take(&kiosk, "k2", json!({ "queue_id": "huong-dan", "locale": "en" })).await.1["ticket"]["number"],
        "F001"
    );
}

#[tokio::test]
async fn bad_questions_are_refused_with_a_reason_and_a_sentence() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let cases = [
        ("k", json!({}), 400, "TARGET_INVALID"),
        ("k", json!({ "procedure_code": "M.001", "area_id": "dat-dai" }), 400, "TARGET_INVALID"),
        ("k", json!({ "procedure_code": "M.001", "locale": "fr" }), 400, "LOCALE_UNKNOWN"),
        ("k", json!({ "procedure_code": "M.001", "phone": "0901" }), 400, "BODY_INVALID"),
        ("k k", land(), 400, "IDEMPOTENCY_KEY_MISSING"),
        ("", land(), 400, "IDEMPOTENCY_KEY_MISSING"),
        ("k1", json!({ "procedure_code": "9.9" }), 404, "PROCEDURE_UNKNOWN"),
        ("k2", json!({ "procedure_code": "M.007" }), 409, "PROCEDURE_AT_AGENCY"),
    ];
    for (key, body, status, reason) in cases {
        let (got, answer) = take(&kiosk, key, body).await;
        assert_eq!((got, answer["reason"].as_str().unwrap()), (status, reason));
        assert!(answer["message"].as_str().unwrap().ends_with('.'), "{answer}");
    }
    let plain = client()
        .post(format!("{}/api/tickets", kiosk.url))
        .header("Idempotency-Key", "k")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(plain.status(), 400, "a form of another site cannot take a number");
    let large = client()
        .post(format!("{}/api/tickets", kiosk.url))
        .header("Idempotency-Key", "k")
        .body("x".repeat(20_000))
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 0);
}

#[tokio::test]
async fn a_closed_hall_says_when_it_opens() {
    let kiosk = Kiosk::start().await;
    kiosk.double.with(|state| state.open = false);
    ready(&kiosk).await;
    let (status, answer) = take(&kiosk, "k", land()).await;
    assert_eq!((status, answer["reason"].as_str().unwrap()), (409, "HALL_CLOSED"));
    assert!(answer["message"].as_str().unwrap().contains("07:00 Thứ Tư"), "{answer}");
    assert!(answer["metadata"]["change_time"].is_string());
}

#[tokio::test]
async fn without_a_centre_the_page_is_told_and_the_same_key_works_later() {
    let kiosk = Kiosk::with(Start { down: true, ..Start::default() }).await;
    let (status, answer) = take(&kiosk, "k", land()).await;
    assert_eq!(status, 503, "{answer}");
    kiosk.double.with(|state| state.down = false);
    ready(&kiosk).await;
    assert_eq!(take(&kiosk, "k", land()).await.1["ticket"]["number"], "A001");
}

#[tokio::test]
async fn without_paper_the_number_is_kept_and_its_code_is_on_the_screen() {
    let kiosk = Kiosk::with(Start { printer: Some(PrinterConfig::None), ..Start::default() }).await;
    ready(&kiosk).await;
    let (status, answer) = take(&kiosk, "k", land()).await;
    assert_eq!((status, answer["print"]["printed"].as_bool().unwrap()), (200, false));
    assert_eq!(answer["print"]["reason"], "PRINTER_NONE");
    let svg = client().get(format!("{}{}", kiosk.url, answer["qr"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(svg.headers()["content-type"], "image/svg+xml");
    assert!(svg.text().await.unwrap().contains("<svg"));
    let (_, centre) = crate::json(&format!("{}/api/centre", kiosk.url)).await;
    assert_eq!(centre["printer"]["ready"], false);
}

#[tokio::test]
async fn a_reprint_has_the_same_number_and_ends_after_three() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (_, first) = take(&kiosk, "k", land()).await;
    let print = async |id: &str| {
        let answer = client().post(format!("{}/api/tickets/{id}/print", kiosk.url)).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let id = first["ticket"]["id"].as_str().unwrap();
    assert_eq!(print(id).await.1["ticket"], first["ticket"]);
    assert_eq!(print(id).await.0, 200);
    assert_eq!(print(id).await.1["reason"], "REPRINTS_USED_UP");
    assert_eq!(print("another").await.1["reason"], "TICKET_NOT_HERE");
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 1);
}

#[tokio::test]
async fn a_dead_network_printer_keeps_the_number() {
    let printer = PrinterConfig::tcp("127.0.0.1:1".into());
    let kiosk = Kiosk::with(Start { printer: Some(printer), ..Start::default() }).await;
    ready(&kiosk).await;
    let (_, answer) = take(&kiosk, "k", land()).await;
    assert_eq!(
        (answer["ticket"]["number"].as_str(), answer["print"]["reason"].as_str()),
        (Some("A001"), Some("PRINTER_UNREACHABLE"))
    );
    until("the next citizen is warned", async || {
        let (_, centre) = crate::json(&format!("{}/api/centre", kiosk.url)).await;
        (centre["printer"]["reason"] == "PRINTER_UNREACHABLE").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_service_that_is_full_says_when_to_come_back_and_the_others_go_on() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.with(|state| state.full.push("dat-dai".into()));
    let again = until("the first page says so before the tap", async || {
        let (_, centre) = get(&format!("{}/api/centre", kiosk.url)).await;
        let areas = centre["areas"].as_array().unwrap().clone();
        areas[0]["again"].is_string().then(|| areas.iter().map(|area| area["again"].clone()).collect::<Vec<_>>())
    });
    let mut again = again.await;
    let back = again.remove(0);
    assert!(back.as_str().unwrap().starts_with("07:00, "), "{back}");
    assert!(again.iter().all(Value::is_null), "the others go on");
    let (status, refused) = take(&kiosk, "k1", land()).await;
    assert_eq!((status, refused["reason"].as_str()), (409, Some("QUOTA_REACHED")));
    assert!(refused["message"].as_str().unwrap().contains("25/11"), "{refused}");
    assert_eq!(take(&kiosk, "k2", json!({ "area_id": "dau-tu" })).await.0, 200);
    assert_eq!(kiosk.printed().len(), 1, "no paper without a number");
}
