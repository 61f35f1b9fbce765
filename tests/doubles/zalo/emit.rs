//! What Zalo tells by webhook, signed over its very bytes.
use ring::digest::{SHA256, digest};
use serde_json::json;

use super::{APP_ID, OA_ID, OA_SECRET, Sent, ZaloDouble};

/// Deliveries of one event after the first.
const REPEATS_MAX: usize = 5;

/// `mac=` of a body that holds this timestamp.
pub fn mac(body: &str, timestamp_ms: i64) -> String {
    format!("mac={}", hex::encode(digest(&SHA256, format!("{APP_ID}{body}{timestamp_ms}{OA_SECRET}").as_bytes())))
}

/// Somebody writes to the account.
pub fn body_of_chat(uid: &str, text: &str, message_id: &str, timestamp_ms: i64) -> String {
    json!({ "event_name": "user_send_text", "app_id": APP_ID, "sender": { "id": uid }, "recipient": { "id": OA_ID },
            "message": { "text": text, "msg_id": message_id }, "timestamp": timestamp_ms.to_string() })
    .to_string()
}

/// Somebody begins or ends to follow it.
pub fn body_of_follow(uid: &str, follows: bool, timestamp_ms: i64) -> String {
    json!({ "event_name": if follows { "follow" } else { "unfollow" }, "app_id": APP_ID, "oa_id": OA_ID,
            "follower": { "id": uid }, "source": "oa_profile", "timestamp": timestamp_ms.to_string() })
    .to_string()
}

impl ZaloDouble {
    /// The receipt of a message by telephone number, as a body; keys in another order than a program would write them.
    pub fn body_of_receipt(&self, sent: &Sent) -> String {
        let (now, at) = (self.book().clock_ms, sent.time_ms + 4_000);
        format!(
            r#"{{"sender":{{"id":"{OA_ID}"}}, "recipient":{{"id":"{}"}},"event_name":"user_received_message","message":{{"delivery_time":"{at}","msg_id":"{}","tracking_id":"{}"}},"app_id":"{APP_ID}","timestamp":"{now}"}}"#,
            sent.to, sent.message_id, sent.tracking_id
        )
    }

    /// Tells an event until it is taken, as Zalo does; gives every status. The waits between repetitions are not waited.
    pub async fn emit(&self, hook: &str, body: &str) -> Vec<u16> {
        let now = {
            let mut book = self.book();
            super::chat::interaction(body, &mut book);
            book.clock_ms
        };
        let timestamp = timestamp_of(body).unwrap_or(now);
        let mut said = vec![];
        for repeat in 0..=REPEATS_MAX {
            let status = post(hook, body, &mac(body, timestamp), repeat).await;
            said.push(status);
            if status == 200 {
                break;
            }
        }
        said
    }

    /// Tells an event once, under this signature.
    pub async fn emit_signed(&self, hook: &str, body: &str, signature: &str) -> u16 {
        post(hook, body, signature, 0).await
    }
}

fn timestamp_of(body: &str) -> Option<i64> {
    let json: serde_json::Value = serde_json::from_str(body).ok()?;
    json.get("timestamp")?.as_str()?.parse().ok()
}

/// 0: no answer.
async fn post(hook: &str, body: &str, signature: &str, repeat: usize) -> u16 {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().timeout(std::time::Duration::from_secs(2)).build().unwrap();
    let request = client
        .post(hook)
        .header("content-type", "application/json")
        .header("user-agent", "ZaloWebhook")
        .header("x-zevent-server", "ZNS")
        .header("x-zevent-signature", signature)
        .header("num_retry", repeat.to_string())
        .body(body.to_owned());
    request.send().await.map_or(0, |answer| answer.status().as_u16())
}
