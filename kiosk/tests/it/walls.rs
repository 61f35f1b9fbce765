//! Screens on the wall: boards of several halls, the display above a counter, and the browsers they must run in.
use motcua_proto::routing::v1::{CounterStatus, Notice};

use crate::common::Kiosk;
use crate::events::Events;
use crate::{client, json, ready, until};

async fn html(kiosk: &Kiosk, path: &str) -> (u16, String) {
    let answer = client().get(format!("{}{path}", kiosk.url)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_board_of_two_halls_shows_each_call_in_its_own_hall() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "?wall=&hall=tang-tret,lau-1", None).await;
    kiosk.double.call("called", "A001", 5);
    kiosk.double.call("called", "D001", 9);
    let of = async |events: &mut Events, hall: &str, number: &str| loop {
        let calls = events.next("calls").await;
        if calls.data["hall"] == hall && calls.data["hero"]["number"] == number {
            return calls.data;
        }
    };
    assert_eq!(of(&mut events, "tang-tret", "A001").await["rows"].as_array().unwrap().len(), 0);
    assert_eq!(of(&mut events, "lau-1", "D001").await["flash"], serde_json::json!(["D001"]));
    let page = html(&kiosk, "/board/tang-tret,lau-1").await.1;
    let (first, second) = page.split_once("data-hall=\"lau-1\"").unwrap();
    assert!(first.contains("data-ticket=\"A001\"") && !first.contains("D001"));
    assert!(second.contains("data-ticket=\"D001\"") && second.contains("Sảnh lầu 1"));
    assert_eq!(page.matches("<li ").count(), 6, "three rows a hall, empty ones too");
    assert_eq!(html(&kiosk, "/board/tang-tret,nowhere").await.0, 404);
    assert_eq!(html(&kiosk, "/board/a,b,c,d,e").await.0, 400);
}

#[tokio::test]
async fn the_centres_notices_are_told_to_their_halls_on_their_days() {
    let kiosk = Kiosk::start().await;
    let notice = |text: &str, hall: &str, from: &str, to: &str| Notice {
        text: text.into(),
        hall_ids: if hall.is_empty() { vec![] } else { vec![hall.into()] },
        from_date: from.into(),
        to_date: to.into(),
    };
    kiosk.double.with(|state| {
        state.notices = vec![
            notice("Mọi sảnh", "", "", ""),
            notice("Sảnh trệt, hôm nay", "tang-tret", "2026-11-23", "2026-11-23"),
            notice("Sảnh lầu", "lau-1", "", ""),
            notice("Hết hạn", "", "", "2026-11-22"),
            notice("Chưa đến", "", "2026-11-24", ""),
        ];
    });
    ready(&kiosk).await;
    let mut events = Events::open(&kiosk, "?wall=&hall=tang-tret", None).await;
    let told = loop {
        let wall = events.next("wall").await.data;
        if wall["notices"].as_array().is_some_and(|notices| !notices.is_empty()) {
            break wall["notices"].clone();
        }
    };
    assert_eq!(told, serde_json::json!(["Mọi sảnh", "Sảnh trệt, hôm nay"]));
}

#[tokio::test]
async fn a_counters_display_follows_its_state_and_its_number_in_two_languages() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let page = until("the centre", async || {
        let (status, page) = html(&kiosk, "/counter/5").await;
        (status == 200 && page.contains("data-state=\"open\"")).then_some(page)
    })
    .await;
    assert!(page.contains("Mời ông/bà chờ gọi số") && page.contains("<p lang=\"km\">សូមរង់ចាំហៅលេខ</p>"), "{page}");
    let mut events = Events::open(&kiosk, "?wall=&counter=quay-5", None).await;
    let mut state = async |wanted: &str, number: &str| loop {
        let counter = events.next("counter").await.data;
        if counter["state"] == wanted && counter["number"] == number {
            return (counter["text"][0].as_str().unwrap().to_owned(), counter["counter"].as_i64().unwrap());
        }
    };
    assert_eq!(state("open", "").await, ("Mời ông/bà chờ gọi số".into(), 5));
    kiosk.double.counter(5, CounterStatus::Open, "A025");
    assert_eq!(state("open", "A025").await.0, "Số đang phục vụ");
    kiosk.double.counter(5, CounterStatus::Paused, "");
    assert_eq!(state("paused", "").await.0, "Tạm dừng tiếp nhận");
    kiosk.double.counter(5, CounterStatus::Closed, "");
    assert_eq!(state("closed", "").await.0, "Quầy đóng");
    assert_eq!(html(&kiosk, "/counter/99").await.0, 404);
    let (status, body) = json(&format!("{}/counter/nowhere", kiosk.url)).await;
    assert_eq!((status, body["reason"].as_str()), (404, Some("COUNTER_UNKNOWN")));
    // Typed into a screen it is a page that names the right ones.
    for (path, status, sentence) in [
        ("/counter/99", 404, "không có quầy này"),
        ("/board/sanh-la", 404, "không có sảnh này"),
        ("/board/a,b,c,d,e", 400, "1 đến 4 sảnh"),
        ("/bang", 404, "Không có trang này"),
    ] {
        let asked = client().get(format!("{}{path}", kiosk.url)).header("Accept", "text/html,*/*").send();
        let answer = asked.await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains(sentence) && page.contains("href=\"/board/tang-tret\""), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_board_and_all_that_it_loads_weighs_less_than_100_kb() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    for path in ["/board/tang-tret", "/board/tang-tret,lau-1"] {
        let page = html(&kiosk, path).await.1;
        let mut bytes = page.len();
        let mut files: Vec<String> = page
            .split('"')
            .filter(|part| part.starts_with("/assets/") && !part.ends_with(".svg"))
            .map(str::to_owned)
            .collect();
        files.extend(["wall.js", "voice.js"].map(|name| format!("/assets/kiosk/{name}")));
        // What a browser takes of the fonts for these words.
        for weight in [400, 800] {
            files.extend(
                ["latin", "vietnamese"]
                    .map(|set| format!("/assets/ui/fonts/be-vietnam-pro-{set}-{weight}-normal.woff2")),
            );
        }
        for file in &files {
            let answer = client().get(format!("{}{file}", kiosk.url)).send().await.unwrap();
            assert_eq!(answer.status(), 200, "{file}");
            bytes += answer.bytes().await.unwrap().len();
        }
        assert!(files.len() >= 10, "{files:?}");
        assert!(bytes < 100_000, "{path}: {bytes} bytes");
    }
}

/// What Chromium 69 does not know. `old` is how it would be written.
const TOO_YOUNG: &[(&str, &str)] = &[
    ("?.", "&& (80)"),
    ("??", "|| or a comparison (80)"),
    ("||=", "= (85)"),
    ("&&=", "= (85)"),
    ("replaceChildren", "textContent, append (86)"),
    ("getAnimations", "animation-delay (84)"),
    ("replaceAll", "split and join (85)"),
    ("globalThis", "window (71)"),
    ("allSettled", "all (76)"),
    (".at(", "[] (92)"),
    ("structuredClone", "JSON (98)"),
    ("AbortSignal.timeout", "AbortController (103)"),
    ("fromEntries", "a loop (73)"),
    ("matchAll", "exec (73)"),
    ("import.meta", "a path (64, in part)"),
    (" = #", "no private fields (74)"),
    ("min(", "a media query (79)"),
    ("max(", "a media query (79)"),
    ("clamp(", "a media query (79)"),
    ("inset:", "top, right, bottom, left (87)"),
    (" gap:", "grid-gap or margins (84 in flex boxes)"),
    ("row-gap: ", "grid-row-gap (84 in flex boxes)"),
    ("aspect-ratio:", "padding (88)"),
    (":is(", "a list (88)"),
    (":where(", "a list (88)"),
    (":has(", "a class (105)"),
    ("dvh", "vh (108)"),
    ("color-mix", "a colour (111)"),
    ("text-wrap", "nothing (114)"),
    ("@layer", "order (99)"),
    ("@container", "a media query (105)"),
    ("overflow: clip", "hidden (90)"),
];

/// Old TV boxes: Chromium 69 is the oldest browser that boards and displays run in.
#[test]
fn screens_on_the_wall_are_written_for_chromium_69() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = ["wall.js", "voice.js", "board.js", "counter.js", "wall.css", "board.css", "counter.css"];
    let files = ours.map(|file| root.join("assets").join(file));
    let mut found = vec![];
    for file in files.iter().chain([&root.join("../services/ui/assets/tokens.css")]) {
        let text = std::fs::read_to_string(file).unwrap();
        let css = file.extension().is_some_and(|kind| kind == "css");
        for (number, line) in text.lines().enumerate() {
            let (code, _remark) = if css { (line, "") } else { line.split_once("//").unwrap_or((line, "")) };
            for (young, old) in TOO_YOUNG {
                let grid = ["grid-gap:", "grid-row-gap: ", "grid-column-gap:", "max-aspect-ratio:", "minmax(", "Math."]
                    .iter()
                    .fold(code.to_owned(), |code, known| code.replace(known, ""));
                let remark = css && code.trim_start().starts_with("/*");
                if grid.contains(young) && !remark {
                    found.push(format!("{}:{}: {young} → {old}", file.display(), number + 1));
                }
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
    for file in ours {
        assert!(root.join("assets").join(file).exists());
    }
}
