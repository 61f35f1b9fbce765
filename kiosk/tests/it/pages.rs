use crate::common::{Kiosk, Start};
use crate::{client, json, ready, until};

async fn html(kiosk: &Kiosk, path: &str) -> (u16, String) {
    let answer = client().get(format!("{}{path}", kiosk.url)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn the_first_page_shows_every_area_and_the_simulated_clock() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (status, page) = html(&kiosk, "/").await;
    assert_eq!(status, 200);
    for area in crate::common::areas() {
        assert!(page.contains(&format!("data-area=\"{}\"", area.id)) && page.contains(&area.name));
    }
    let ribbon = between(&page, "id=\"simulated\"", '>');
    assert!(ribbon.len() == 1 && !ribbon[0].contains("hidden"), "shown, not hidden: {ribbon:?}");
    assert!(
        !page.contains("style=") && !page.contains("<style") && !page.contains("onclick"),
        "the policy forbids inline style and script"
    );
    assert!(page.contains("08:42"));
}

#[tokio::test]
async fn every_asset_of_the_pages_is_served_with_the_policy() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    for path in ["/", "/board"] {
        let (_, page) = html(&kiosk, path).await;
        for part in page.split(['"']).filter(|part| part.starts_with("/assets/")) {
            let answer = client().get(format!("{}{part}", kiosk.url)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{part}");
            assert!(answer.headers().contains_key("content-security-policy"), "{part}");
        }
    }
    for module in ["live.js", "lang.js", "keypad.js", "idle.js", "api.js", "list.js", "pager.js", "confirm.js"] {
        assert_eq!(html(&kiosk, &format!("/assets/kiosk/{module}")).await.0, 200);
    }
    assert_eq!(html(&kiosk, "/assets/kiosk/nothing.js").await.0, 404);
    assert_eq!(html(&kiosk, "/nothing").await.0, 404);
}

#[tokio::test]
async fn procedures_are_found_without_marks_within_an_area_or_listed_by_it() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let find = async |query: &str| {
        let (_, found) = json(&format!("{}/api/procedures?{query}", kiosk.url)).await;
        let codes = found["procedures"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned());
        (found["total"].as_u64().unwrap(), codes.collect::<Vec<_>>())
    };
    assert_eq!(find("q=dang+ky+bien+dong").await.1, ["M.001"]);
    assert_eq!(find("q=M.005").await.1, ["M.005"]);
    assert_eq!(find("q=kai+xin").await.0, 0);
    assert_eq!(find("q=cap&area=tu-phap").await.0, 2);
    assert_eq!(find("area=dat-dai&limit=2").await, (3, vec!["M.003".into(), "M.001".into()]));
    assert_eq!(find("area=dat-dai&limit=2&offset=2").await.1, ["M.002"]);
    assert_eq!(find("").await.0, 0);
}

#[tokio::test]
async fn a_procedure_says_what_to_bring_or_where_and_when() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let detail = async |code: &str| json(&format!("{}/api/procedures/{code}", kiosk.url)).await;
    let (_, land) = detail("M.001").await;
    assert_eq!((land["components"].as_array().unwrap().len(), land["limit"].as_str()), (4, Some("10 ngày làm việc")));
    assert_eq!(land["area"]["letter"], "A");
    let (_, birth) = detail("M.007").await;
    assert_eq!(
        (birth["reception"].as_str(), birth["agency_office"].as_str()),
        (Some("at_agency"), Some("Ủy ban nhân dân xã, phường nơi cư trú"))
    );
    let (_, food) = detail("M.008").await;
    assert_eq!((food["reception"].as_str(), food["start_date"].as_str()), (Some("planned"), Some("04/01/2027")));
    let (status, unknown) = detail("9.9").await;
    assert_eq!((status, unknown["reason"].as_str()), (404, Some("PROCEDURE_UNKNOWN")));
    // From its first day on it is received like any other.
    let clock = motcua_runtime::Clock::manual("2027-01-04T08:00:00+07:00".parse().unwrap());
    let later = Kiosk::with(Start { clock, ..Start::default() }).await;
    ready(&later).await;
    assert_eq!(json(&format!("{}/api/procedures/M.008", later.url)).await.1["reception"], "received");
}

#[tokio::test]
async fn a_new_catalogue_is_taken_up_and_the_last_good_one_kept() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.with(|state| state.down = true);
    until("the page knows", async || {
        (json(&format!("{}/api/centre", kiosk.url)).await.1["reachable"] == false).then_some(())
    })
    .await;
    let (_, found) = json(&format!("{}/api/procedures?q=tach+thua", kiosk.url)).await;
    assert_eq!(found["total"], 1, "the last good catalogue is still searched");
    assert!(html(&kiosk, "/").await.1.contains("data-area=\"dat-dai\""));
}

#[tokio::test]
async fn before_the_centre_answers_pages_say_that_they_load() {
    let kiosk = Kiosk::with(Start { down: true, ..Start::default() }).await;
    assert!(html(&kiosk, "/").await.1.contains("Đang tải"));
    assert_eq!(html(&kiosk, "/board").await.0, 200);
    assert_eq!(html(&kiosk, "/board/lau-1").await.0, 200);
    assert_eq!(json(&format!("{}/api/procedures/M.001", kiosk.url)).await.0, 503);
    assert_eq!(json(&format!("{}/api/procedures?q=x", kiosk.url)).await.1["ready"], false);
}

#[tokio::test]
async fn a_closed_centre_says_so_before_the_tap_and_how_to_try() {
    let kiosk = Kiosk::start().await;
    kiosk.double.with(|state| state.open = false);
    until("closed", async || {
        (json(&format!("{}/api/centre", kiosk.url)).await.1["opening"]["open"] == false).then_some(())
    })
    .await;
    let (_, page) = html(&kiosk, "/").await;
    assert!(page.contains("Mở cửa lúc 07:00 Thứ Tư") && page.contains("--clock 2026-11-23T08:00:00+07:00"));
}

#[tokio::test]
async fn a_board_shows_the_calls_of_its_hall_in_the_page_itself() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    kiosk.double.call("called", "A001", 5);
    kiosk.double.call("called", "A002", 12);
    kiosk.double.call("called", "D001", 9);
    let page = until("calls", async || {
        Some(html(&kiosk, "/board").await.1).filter(|page| page.contains("data-ticket=\"A002\""))
    })
    .await;
    assert!(page.contains("data-ticket=\"A001\" data-counter=\"5\"") && !page.contains("D001"));
    let other = until("calls", async || {
        Some(html(&kiosk, "/board/lau-1").await.1).filter(|page| page.contains("data-ticket=\"D001\""))
    })
    .await;
    assert!(!other.contains("A001"));
    assert_eq!(html(&kiosk, "/board/nowhere").await.0, 404);
}

/// Words after each `before` up to `after`.
fn between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    text.split(before).skip(1).filter_map(|rest| rest.split(after).next()).collect()
}

#[tokio::test]
async fn every_key_that_the_pages_name_is_a_sentence_and_an_unknown_one_stops_nothing() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let mut keys = vec![];
    for path in ["/", "/board", "/counter/1"] {
        let (_, page) = html(&kiosk, path).await;
        keys.extend(
            ["data-t=\"", "data-t-placeholder=\""]
                .iter()
                .flat_map(|name| between(&page, name, '"').into_iter().map(str::to_owned).collect::<Vec<_>>()),
        );
    }
    let assets = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    for file in std::fs::read_dir(assets).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        keys.extend(between(&text, "say('", '\'').into_iter().map(str::to_owned));
    }
    assert!(keys.len() > 100, "{}", keys.len());
    let known = &motcua_kiosk::lang::files()["vi"].text;
    let unknown: Vec<&String> = keys.iter().filter(|key| !known.contains_key(*key)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    assert_eq!(
        motcua_kiosk::lang::Locale::Km.text("no.such.key"),
        "no.such.key",
        "shown as it is, never a broken page"
    );
}
