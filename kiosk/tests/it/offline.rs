//! The network goes, the hall goes on.
use motcua_runtime::Clock;
use serde_json::{Value, json};

use crate::common::{Kiosk, NOW, Start};
use crate::{client, json, ready, take, until};

const LATER: &str = "2026-11-23T09:00:00+07:00";

fn land() -> Value {
    json!({ "area_id": "dat-dai" })
}

async fn centre(kiosk: &Kiosk) -> Value {
    json(&format!("{}/api/centre", kiosk.url)).await.1
}

/// Until numbers of every area are lent: today's, and of two days more.
async fn lent(kiosk: &Kiosk) {
    until("numbers are lent", async || (kiosk.double.with(|state| state.blocks.len()) >= 18).then_some(())).await;
}

async fn cut(kiosk: &Kiosk) {
    kiosk.double.with(|state| state.down = true);
    until("the kiosk knows", async || (centre(kiosk).await["reachable"] == false).then_some(())).await;
}

async fn mend(kiosk: &Kiosk) {
    kiosk.double.with(|state| state.down = false);
    until("everything is told", async || {
        let now = centre(kiosk).await;
        (now["reachable"] == true && now["offline"]["untold"] == 0).then_some(())
    })
    .await;
}

fn number(answer: &(u16, Value)) -> String {
    assert_eq!(answer.0, 200, "{}", answer.1);
    answer.1["ticket"]["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn without_the_network_lent_numbers_are_printed_and_told_in_their_order() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A001");
    cut(&kiosk).await;
    assert_eq!(centre(&kiosk).await["offline"]["gives"], true);
    let first = take(&kiosk, "k2", land()).await;
    assert_eq!(number(&first), "A999");
    assert_eq!((first.1["offline"].as_bool(), first.1["print"]["printed"].as_bool()), (Some(true), Some(true)));
    assert_eq!(first.1["estimate"]["minutes_max"], 30, "the last figures, as an estimate");
    assert_eq!(number(&take(&kiosk, "k3", json!({ "procedure_code": "M.001" })).await), "A998");
    assert_eq!(number(&take(&kiosk, "k4", json!({ "queue_id": "huong-dan" })).await), "F999");
    assert_eq!(number(&take(&kiosk, "k2", land()).await), "A999", "tapped twice");
    assert_eq!(kiosk.printed().len(), 4);
    mend(&kiosk).await;
    let told: Vec<String> = kiosk.double.with(|state| state.told.iter().map(|one| one.number.clone()).collect());
    assert_eq!(told, ["A999", "A998", "F999"]);
    kiosk.double.with(|state| {
        let arrivals: Vec<_> = state.told.iter().map(|one| one.arrival_time.unwrap()).collect();
        assert!(arrivals.windows(2).all(|two| (two[0].seconds, two[0].nanos) < (two[1].seconds, two[1].nanos)));
        assert!(state.contacts.iter().all(|contact| *contact == NOW.parse().unwrap()));
        let token = first.1["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
        assert_eq!(state.told[0].ticket_token, token, "the printed code leads to this ticket");
    });
    assert_eq!(number(&take(&kiosk, "k5", land()).await), "A002", "online again");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_does_not_change_the_paper() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    kiosk.double.with(|state| state.mute = true);
    let answer = take(&kiosk, "k1", land()).await;
    assert_eq!(number(&answer), "A999");
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 1, "the centre gave A001, and nobody heard it");
    kiosk.double.with(|state| state.mute = false);
    mend(&kiosk).await;
    let known = kiosk.double.with(|state| state.tickets.iter().map(|one| one.2.number.clone()).collect::<Vec<_>>());
    assert_eq!(known, ["A999"]);
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A999");
    assert_eq!(kiosk.printed().len(), 1);
}

#[tokio::test]
async fn more_numbers_are_borrowed_before_they_end_and_without_any_the_guidance_desk_is_named() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    for (key, expected) in [("k1", "A999"), ("k2", "A998"), ("k3", "A997"), ("k4", "A996")] {
        assert_eq!(number(&take(&kiosk, key, land()).await), expected);
    }
    let (status, refused) = take(&kiosk, "k5", land()).await;
    assert_eq!((status, refused["reason"].as_str()), (503, Some("OFFLINE_NO_NUMBER")));
    assert!(refused["message"].as_str().unwrap().contains("Quầy hướng dẫn"), "{refused}");
    mend(&kiosk).await;
    until("another block", async || (kiosk.double.with(|state| state.blocks.len()) >= 19).then_some(())).await;
    cut(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k6", land()).await), "A995");
}

#[tokio::test]
async fn a_kiosk_that_starts_without_the_network_works_from_what_it_heard_yesterday() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A999");
    let kiosk = kiosk.restart_at(Clock::manual("2026-11-24T08:00:00+07:00".parse().unwrap())).await;
    ready(&kiosk).await;
    assert_eq!(json(&format!("{}/api/procedures?q=tach+thua", kiosk.url)).await.1["total"], 1);
    assert_eq!(number(&take(&kiosk, "k2", land()).await), "A999", "of another day's series");
    kiosk.double.clock.set("2026-11-24T08:01:00+07:00".parse().unwrap());
    mend(&kiosk).await;
    let days = kiosk.double.with(|state| {
        let day = |id: &str| state.blocks.iter().find(|block| block.2.id == id).unwrap().2.business_day.clone();
        state.told.iter().map(|one| day(&one.block_id)).collect::<Vec<_>>()
    });
    assert_eq!(days, ["2026-11-23", "2026-11-24"]);
}

#[tokio::test]
async fn a_clock_that_went_back_gives_no_number_until_the_centre_says_the_time() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    let kiosk = kiosk.restart_at(Clock::manual("2026-11-20T08:00:00+07:00".parse().unwrap())).await;
    until("the kiosk knows", async || (centre(&kiosk).await["reachable"] == false).then_some(())).await;
    let now = centre(&kiosk).await;
    assert_eq!(
        (now["offline"]["gives"].as_bool(), now["offline"]["doubt"].as_str()),
        (Some(false), Some("CLOCK_BACKWARDS"))
    );
    let (status, refused) = take(&kiosk, "k1", land()).await;
    assert_eq!((status, refused["reason"].as_str()), (503, Some("CLOCK_BACKWARDS")));
    assert!(refused["message"].as_str().unwrap().contains("Quầy hướng dẫn"), "{refused}");
    mend(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A001");
    cut(&kiosk).await;
    let answer = take(&kiosk, "k2", land()).await;
    assert_eq!(number(&answer), "A999", "by the centre's time, not by its own");
    let arrival: jiff::Timestamp = answer.1["ticket"]["arrival_time"].as_str().unwrap().parse().unwrap();
    assert_eq!(arrival, NOW.parse().unwrap());
}

#[tokio::test]
async fn the_doors_are_closed_offline_too() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    kiosk.double.clock.set("2026-11-23T19:00:00+07:00".parse().unwrap());
    let (status, refused) = take(&kiosk, "k1", land()).await;
    assert_eq!((status, refused["reason"].as_str()), (409, Some("HALL_CLOSED")));
    assert!(refused["message"].as_str().unwrap().contains("07:00, Thứ Ba, 24/11/2026"), "{refused}");
    let opening = &centre(&kiosk).await["opening"];
    assert_eq!(opening["open"], false);
    kiosk.double.clock.set(LATER.parse().unwrap());
    let (status, refused) = take(&kiosk, "k2", json!({ "procedure_code": "M.007" })).await;
    assert_eq!((status, refused["reason"].as_str()), (409, Some("PROCEDURE_AT_AGENCY")));
    assert_eq!(take(&kiosk, "k3", json!({ "procedure_code": "9.9" })).await.0, 404);
}

#[tokio::test]
async fn a_reprint_after_a_restart_comes_from_the_store() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    let online = take(&kiosk, "k1", land()).await;
    cut(&kiosk).await;
    let offline = take(&kiosk, "k2", land()).await;
    let kiosk = kiosk.restart().await;
    for before in [&online.1, &offline.1] {
        let id = before["ticket"]["id"].as_str().unwrap();
        let (status, again) = crate::post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await;
        assert_eq!((status, &again["ticket"], &again["url"]), (200, &before["ticket"], &before["url"]));
    }
    mend(&kiosk).await;
    // The centre has its own name for it now; the page that still shows the ticket has not.
    let id = offline.1["ticket"]["id"].as_str().unwrap();
    assert_eq!(crate::post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await.0, 200);
    assert_eq!(crate::post(&format!("{}/api/tickets/{id}/print", kiosk.url)).await.1["reason"], "REPRINTS_USED_UP");
}

#[tokio::test]
async fn a_damaged_store_is_set_aside_and_the_kiosk_serves_on() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    let kiosk = kiosk.broken(b"what the flash makes of it").await;
    ready(&kiosk).await;
    let now = centre(&kiosk).await;
    assert!(now["offline"]["store"].as_str().unwrap().contains("kiosk.db.bad-"), "{now}");
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A001");
    until("numbers are lent anew", async || (kiosk.double.with(|state| state.blocks.len()) >= 36).then_some(())).await;
    cut(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k2", land()).await), "A995", "never one that was lent before");
}

#[tokio::test]
async fn a_machine_without_lent_numbers_is_honest() {
    let kiosk = Kiosk::with(Start { down: true, ..Start::default() }).await;
    let (status, refused) = take(&kiosk, "k", land()).await;
    assert_eq!((status, refused["message"].as_str().unwrap().is_empty()), (503, false));
    assert_eq!(centre(&kiosk).await["offline"]["gives"], false);
}

fn area<'a>(now: &'a Value, id: &str) -> &'a Value {
    now["areas"].as_array().unwrap().iter().find(|area| area["id"] == id).unwrap()
}

#[tokio::test]
async fn an_area_whose_lent_numbers_are_used_up_is_told_apart_from_the_others() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    for key in ["k1", "k2", "k3", "k4"] {
        assert_eq!(area(&centre(&kiosk).await, "dat-dai")["spare"], true, "before {key}");
        assert_eq!(take(&kiosk, key, land()).await.0, 200);
    }
    let now = centre(&kiosk).await;
    assert_eq!((&area(&now, "dat-dai")["spare"], &area(&now, "dau-tu")["spare"]), (&json!(false), &json!(true)));
    assert_eq!(now["offline"]["gives"], true, "the others go on");
    assert_eq!(number(&take(&kiosk, "k5", json!({ "area_id": "dau-tu" })).await), "B999");
    // After midnight yesterday's numbers are nobody's; tomorrow's were lent beforehand.
    kiosk.double.clock.set("2026-11-24T08:00:00+07:00".parse().unwrap());
    until("another day's numbers", async || (area(&centre(&kiosk).await, "dat-dai")["spare"] == true).then_some(()))
        .await;
}

#[tokio::test]
async fn a_printed_number_that_the_centre_refuses_is_shown_to_staff() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    lent(&kiosk).await;
    cut(&kiosk).await;
    assert_eq!(number(&take(&kiosk, "k1", land()).await), "A999");
    // The centre's data was made anew meanwhile: it has never lent that block.
    kiosk.double.with(|state| state.blocks.clear());
    mend(&kiosk).await;
    until("staff are told", async || (centre(&kiosk).await["offline"]["refused"] == 1).then_some(())).await;
    let page = client().get(format!("{}/status", kiosk.url)).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("data-number=\"A999\"") && page.contains("NUMBER_OUTSIDE_BLOCK"), "{page}");
    assert!(page.contains("ngoài khối đã mượn") && page.contains("Quầy hướng dẫn"), "what it means and what to do");
    let board = client().get(format!("{}/board", kiosk.url)).send().await.unwrap().text().await.unwrap();
    assert!(board.contains("chưa được Trung tâm nhận"), "and where staff pass by");
    let kiosk = kiosk.restart().await;
    assert_eq!(centre(&kiosk).await["offline"]["refused"], 1, "after a start too");
}
