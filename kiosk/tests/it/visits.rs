//! Several procedures on one number.
use serde_json::{Value, json};

use crate::common::Kiosk;
use crate::{client, json, ready, take, until};

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["name"].as_str().or(one.as_str()).unwrap()).collect()
}

const LAND: &str = "Tách thửa hoặc hợp thửa đất";
const BUILD: &str = "Cấp giấy phép xây dựng nhà ở riêng lẻ";
const RECORD: &str = "Cấp phiếu lý lịch tư pháp";

#[tokio::test]
async fn up_to_three_procedures_are_one_number_and_stand_on_its_paper() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (status, one) = take(&kiosk, "one", json!({ "procedure_code": "M.005" })).await;
    assert_eq!((status, &one["ticket"]["errands"]), (200, &json!([])));
    let visit = json!({ "procedure_code": "M.005", "more_procedures": ["M.002", "M.003"] });
    let (status, given) = take(&kiosk, "visit", visit.clone()).await;
    assert_eq!((status, given["print"]["printed"].as_bool()), (200, Some(true)), "{given}");
    let asked = kiosk.double.with(|state| state.tickets[1].1.more_procedures.clone());
    assert_eq!(asked, ["M.002", "M.003"]);
    let errands = &given["ticket"]["errands"];
    assert_eq!(names(errands), [RECORD, LAND, BUILD]);
    let letters: Vec<&str> =
        errands.as_array().unwrap().iter().map(|one| one["area"]["letter"].as_str().unwrap()).collect();
    assert_eq!((letters, &given["ticket"]["left_out"]), (vec!["D", "A", "A"], &json!([])));
    let heights = |number: &Value| {
        let name = number.as_str().unwrap().to_owned();
        let printed = kiosk.printed();
        let (_, stream) = printed.iter().find(|(file, _)| file.starts_with(&name)).unwrap();
        motcua_kiosk::paper::decode(stream).unwrap().height()
    };
    assert!(heights(&given["ticket"]["number"]) > heights(&one["ticket"]["number"]) + 60, "three lines for one");
    assert_eq!(take(&kiosk, "visit", visit).await.1, given, "tapped twice");
    let (_, other) = take(&kiosk, "visit", json!({ "procedure_code": "M.005" })).await;
    assert_eq!(other["reason"], "REQUEST_ID_REUSED");
    let kiosk = kiosk.restart().await;
    ready(&kiosk).await;
    let id = given["ticket"]["id"].as_str().unwrap();
    assert_eq!(json(&format!("{}/api/tickets/{id}", kiosk.url)).await.1["ticket"], given["ticket"], "kept");
}

#[tokio::test]
async fn a_visit_that_is_none_is_refused_in_one_sentence() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    for visit in [
        json!({ "procedure_code": "M.001", "more_procedures": ["M.002", "M.003", "M.005"] }),
        json!({ "procedure_code": "M.001", "more_procedures": ["M.001"] }),
        json!({ "procedure_code": "M.001", "more_procedures": ["M.002", "M.002"] }),
        json!({ "area_id": "dat-dai", "more_procedures": ["M.001"] }),
    ] {
        let (status, refused) = take(&kiosk, "k", visit).await;
        assert_eq!((status, refused["reason"].as_str()), (400, Some("STOPS_INVALID")));
        assert!(refused["message"].as_str().unwrap().contains("3 thủ tục"), "{refused}");
    }
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 0);
}

#[tokio::test]
async fn without_the_network_the_number_is_for_the_first_line_and_says_what_it_is_not_for() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    until("numbers are lent", async || (kiosk.double.with(|state| state.blocks.len()) >= 18).then_some(())).await;
    kiosk.double.with(|state| state.down = true);
    let visit = json!({ "procedure_code": "M.002", "more_procedures": ["M.005", "M.003"] });
    let (status, given) = take(&kiosk, "visit", visit).await;
    assert_eq!((status, given["ticket"]["number"].as_str()), (200, Some("A999")), "{given}");
    assert_eq!(names(&given["ticket"]["errands"]), [LAND, BUILD], "both are received at the same desk");
    assert_eq!(names(&given["ticket"]["left_out"]), [RECORD]);
    kiosk.double.with(|state| state.down = false);
    until("it is told", async || (kiosk.double.with(|state| state.told.len()) == 1).then_some(())).await;
}

#[tokio::test]
async fn the_papers_of_a_visit_are_one_list() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let print = async |more: Value| {
        let body = json!({ "locale": "km", "more_procedures": more });
        let request = client().post(format!("{}/api/procedures/M.003/print", kiosk.url)).json(&body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    assert_eq!(print(json!(["9.9"])).await.1["reason"], "PROCEDURE_UNKNOWN");
    assert_eq!(print(json!(["M.005"])).await.0, 200);
    let printed = kiosk.printed();
    let raster = motcua_kiosk::paper::decode(printed.values().next().unwrap()).unwrap();
    assert!(raster.height() > 500, "three papers below two names: {}", raster.height());
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 0, "and no number");
}
