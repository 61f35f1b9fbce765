//! The kiosk in front of a doubled centre, asked as its pages ask.
#![allow(missing_docs, dead_code, clippy::unwrap_used, clippy::expect_used)]

#[path = "../common/mod.rs"]
mod common;
mod device;
mod events;
mod identity;
mod notes;
mod offline;
mod pages;
mod printer;
mod program;
mod scan;
mod tickets;
mod visits;
mod voice;
mod walls;

use std::time::Duration;

use serde_json::Value;

/// Asks until the answer is as wanted; a machine under load takes its time.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub fn client() -> reqwest::Client {
    static PROVIDER: std::sync::Once = std::sync::Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    reqwest::Client::new()
}

/// JSON of a path, whatever the status.
pub async fn json(url: &str) -> (u16, Value) {
    let answer = client().get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// A POST without a body: its status and what it says.
pub async fn post(url: &str) -> (u16, Value) {
    let answer = client().post(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// One tap.
pub async fn take(kiosk: &common::Kiosk, key: &str, body: Value) -> (u16, Value) {
    let request = client().post(format!("{}/api/tickets", kiosk.url)).header("Idempotency-Key", key).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A kiosk that has heard the centre and the catalogue.
pub async fn ready(kiosk: &common::Kiosk) {
    until("centre and catalogue", async || {
        let (_, centre) = json(&format!("{}/api/centre", kiosk.url)).await;
        (centre["ready"] == true && centre["procedures"] == 8).then_some(())
    })
    .await;
}
