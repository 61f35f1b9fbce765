//! Zalo's double is a measuring instrument: what it refuses and counts is itself tested.
use motcua_tests::doubles::zalo::{APP_ID, APP_SECRET, FIRST, Fault, Template, ZaloDouble};
use serde_json::{Value, json};

/// 09:00 in Vĩnh Long.
const NINE_MS: i64 = 1_795_399_200_000;
const HOUR_MS: i64 = 3_600_000;

async fn double() -> ZaloDouble {
    let zalo = ZaloDouble::start(NINE_MS).await;
    let params = vec![("ma", 10, true), ("ghi_chu", 10, false)];
    zalo.register("1", Template { status: "ENABLE", params, by_uid: false, at_night: false });
    zalo
}

fn message() -> Value {
    json!({ "phone": "84912345678", "template_id": "1", "template_data": { "ma": "H61" }, "tracking_id": "a" })
}

async fn post(url: &str, headers: &[(&str, &str)], body: String) -> Option<Value> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_millis(500)).build().unwrap();
    let request = headers.iter().fold(client.post(url), |request, (name, value)| request.header(*name, *value));
    let answer = request.body(body).send().await.ok()?;
    serde_json::from_str(&answer.text().await.ok()?).ok()
}

async fn send(zalo: &ZaloDouble, token: &str, body: &Value) -> i64 {
    let headers = [("access_token", token), ("content-type", "application/json")];
    post(&zalo.urls()[1], &headers, body.to_string()).await.unwrap()["error"].as_i64().unwrap()
}

async fn renew(zalo: &ZaloDouble, secret: &str, refresh: &str) -> Value {
    let headers = [("secret_key", secret), ("content-type", "application/x-www-form-urlencoded")];
    let body = format!("app_id={APP_ID}&grant_type=refresh_token&refresh_token={refresh}");
    post(&zalo.urls()[0], &headers, body).await.unwrap()
}

#[tokio::test]
async fn it_takes_what_the_contract_says_and_names_what_it_does_not() {
    let zalo = double().await;
    assert_eq!(send(&zalo, FIRST.0, &message()).await, 0);
    for (field, value, code) in [
        ("phone", json!("0912345678"), -108),
        ("phone", json!("84912000118"), -118),
        ("template_id", json!("2"), -109),
        ("template_data", json!({}), -1122),
        ("template_data", json!({ "ma": "H61", "khac": "x" }), -112),
        ("template_data", json!({ "ma": 7 }), -1124),
        ("template_data", json!({ "ma": "ấ".repeat(11) }), -1121),
        ("tracking_id", json!(""), -132),
        ("tracking_id", json!("x".repeat(49)), -132),
        ("campaign", json!("x"), -122),
    ] {
        let mut body = message();
        body[field] = value;
        assert_eq!(send(&zalo, FIRST.0, &body).await, code, "{body}");
    }
    // Ten composed letters, however they were sent.
    let mut apart = message();
    apart["template_data"]["ma"] = json!("a\u{302}\u{301}".repeat(10));
    assert_eq!(send(&zalo, FIRST.0, &apart).await, 0);
    let bearer = [("authorization", "Bearer access-1"), ("content-type", "application/json")];
    let answer = post(&zalo.urls()[1], &bearer, message().to_string()).await.unwrap();
    assert_eq!(answer["error"], -124);
    // It drops no repetition.
    assert_eq!(send(&zalo, FIRST.0, &message()).await, 0);
    assert_eq!((zalo.ledger().len(), zalo.refused().len()), (3, 11));
    let by_uid = json!({ "user_id": "1", "template_id": "1", "template_data": { "ma": "H61" } });
    let headers = [("access_token", FIRST.0), ("content-type", "application/json")];
    assert_eq!(post(&zalo.urls()[2], &headers, by_uid.to_string()).await.unwrap()["error"], -249);
}

#[tokio::test]
async fn it_keeps_hours_and_allowance() {
    let zalo = double().await;
    zalo.set_clock(NINE_MS + 13 * HOUR_MS);
    assert_eq!(send(&zalo, FIRST.0, &message()).await, -133);
    zalo.set_clock(NINE_MS);
    zalo.set_quota(1);
    assert_eq!(send(&zalo, FIRST.0, &message()).await, 0);
    assert_eq!(send(&zalo, FIRST.0, &message()).await, -144);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_an_access_token_for_25_hours() {
    let zalo = double().await;
    zalo.set_clock(NINE_MS + 25 * HOUR_MS);
    assert_eq!(send(&zalo, FIRST.0, &message()).await, -124);
    assert_eq!(renew(&zalo, "wrong", FIRST.1).await["error"], -14004);
    let pair = renew(&zalo, APP_SECRET, FIRST.1).await;
    assert_eq!(pair["expires_in"], "90000");
    assert_eq!(renew(&zalo, APP_SECRET, FIRST.1).await["error"], -14014);
    assert_eq!(send(&zalo, pair["access_token"].as_str().unwrap(), &message()).await, 0);
    assert_eq!(zalo.renewals(), (3, 1));
}

#[tokio::test]
async fn its_ledger_tells_a_lost_answer_from_a_lost_message() {
    let zalo = double().await;
    zalo.script([Fault::AcceptThenReset, Fault::ResetBefore, Fault::AcceptThenEmpty, Fault::Html(502)]);
    let headers = [("access_token", FIRST.0), ("content-type", "application/json")];
    for id in ["reset", "before", "empty", "html"] {
        let mut body = message();
        body["tracking_id"] = json!(id);
        assert_eq!(post(&zalo.urls()[1], &headers, body.to_string()).await, None, "{id}");
    }
    let taken: Vec<String> = zalo.ledger().into_iter().map(|sent| sent.tracking_id).collect();
    assert_eq!(taken, ["reset", "empty"]);
}
