//! Papers without a number: where to go, what to bring; and what people looked for in vain.
use serde_json::json;

use crate::common::Kiosk;
use crate::{client, json, ready};

async fn post(kiosk: &Kiosk, path: &str) -> (u16, serde_json::Value) {
    let request = client().post(format!("{}{path}", kiosk.url)).json(&json!({ "locale": "km" }));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn what_is_received_elsewhere_is_found_with_the_catalogue_and_printed_as_a_way() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    let (_, found) = json(&format!("{}/api/procedures?q=lam+can+cuoc", kiosk.url)).await;
    let first = &found["referrals"][0];
    assert_eq!((found["total"].as_u64(), first["office"].as_str()), (Some(0), Some("Công an xã, phường nơi cư trú")));
    assert_eq!(found["referrals_first"], true);
    // The catalogue has it by this very name: it is not sent away a second time.
    let (_, own) = json(&format!("{}/api/procedures?q=phieu+ly+lich+tu+phap", kiosk.url)).await;
    assert_eq!((own["total"].as_u64(), &own["referrals_first"]), (Some(1), &json!(false)));
    assert!(own["referrals"].as_array().unwrap().iter().all(|row| row["name"] != "Cấp phiếu lý lịch tư pháp"));
    let (status, done) = post(&kiosk, &format!("/api/referrals/{}/print", first["id"])).await;
    assert_eq!((status, &done["printed"]), (200, &json!(true)));
    assert_eq!(kiosk.printed().len(), 1);
    let (status, again) = post(&kiosk, &format!("/api/referrals/{}/print", first["id"])).await;
    assert_eq!((status, again["reason"].as_str()), (409, Some("NOTE_JUST_PRINTED")));
    assert_eq!(post(&kiosk, "/api/referrals/9999/print").await.1["reason"], "REFERRAL_UNKNOWN");
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 0, "no number is taken");
}

#[tokio::test]
async fn who_has_not_all_papers_takes_the_list_home() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    assert_eq!(post(&kiosk, "/api/procedures/M.001/print").await.0, 200);
    let printed = kiosk.printed();
    let raster = motcua_kiosk::paper::decode(printed.values().next().unwrap()).unwrap();
    assert!(raster.height() > 600, "four papers with their counts");
    assert_eq!(post(&kiosk, "/api/procedures/9.9/print").await.1["reason"], "PROCEDURE_UNKNOWN");
    assert_eq!(kiosk.double.with(|state| state.tickets.len()), 0);
}

#[tokio::test]
async fn a_search_in_vain_is_counted_and_a_persons_number_is_not() {
    let kiosk = Kiosk::start().await;
    ready(&kiosk).await;
    for q in ["Nuôi Rồng", "nuoi rong", "086199000001 nguyen", "x"] {
        let request = client().post(format!("{}/api/searches/missed", kiosk.url)).json(&json!({ "q": q }));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    let (_, missed) = json(&format!("{}/api/searches/missed", kiosk.url)).await;
    assert_eq!(missed, json!([{ "words": "nuoi rong", "count": 2 }]));
}
