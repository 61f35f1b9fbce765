//! What Zalo tells: whether it is Zalo that speaks, and what it says. Zalo signs with a plain SHA-256 over application id,
//! the very bytes of the body, its timestamp and the account's secret, one behind the other.

use ring::digest::{Context, SHA256};
use serde_json::Value;

use super::Told;

/// Age beyond which a signed body is an old one played again. Zalo itself repeats for a little over an hour and a half.
const AGE_MAX_MS: i64 = 24 * 3_600_000;
/// A clock may be wrong by this.
const AHEAD_MAX_MS: i64 = 10 * 60_000;
/// A text longer than this is no code and no wish to stop.
const TEXT_CHARS_MAX: usize = 64;

/// Why a body is not Zalo's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forged {
    /// No signature of the right form.
    Header,
    /// No JSON object with application id and timestamp.
    Body,
    /// Another application's.
    Application,
    /// The signature is over something else.
    Signature,
    /// Too old, or from the future.
    Age,
}

/// What must hold of a body.
pub struct Trust<'a> {
    /// Our application.
    pub app_id: &'a str,
    /// The account's secrets: more than one while they change.
    pub secrets: &'a [&'a str],
    /// The account's id stands first instead, as some accounts have been seen to do; none: refused.
    pub oa_id: Option<&'a str>,
}

/// The signature's value over a body.
#[must_use]
pub fn mac(first: &str, body: &[u8], timestamp: &str, secret: &str) -> String {
    let mut hash = Context::new(&SHA256);
    for part in [first.as_bytes(), body, timestamp.as_bytes(), secret.as_bytes()] {
        hash.update(part);
    }
    hex::encode(hash.finish())
}

/// Checks signature and age of a body as it came, and tells its JSON.
///
/// # Errors
/// [`Forged`] says what is wrong; nothing of the body may be used then.
pub fn verify(header: &str, body: &[u8], now_ms: i64, trust: &Trust<'_>) -> Result<Value, Forged> {
    let given = header.strip_prefix("mac=").unwrap_or(header).trim().to_ascii_lowercase();
    if given.len() != 64 || !given.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Forged::Header);
    }
    let json: Value = serde_json::from_slice(body).map_err(|_| Forged::Body)?;
    let timestamp = text(&json, &["timestamp"]).ok_or(Forged::Body)?;
    let app_id = text(&json, &["app_id"]).ok_or(Forged::Body)?;
    if app_id != trust.app_id {
        return Err(Forged::Application);
    }
    let firsts = [Some(trust.app_id), trust.oa_id];
    let mut signed = false;
    for first in firsts.into_iter().flatten() {
        for secret in trust.secrets {
            signed |= same(&given, &mac(first, body, &timestamp, secret));
        }
    }
    if !signed {
        return Err(Forged::Signature);
    }
    let age_ms = now_ms.saturating_sub(timestamp.parse().map_err(|_| Forged::Body)?);
    if !(-AHEAD_MAX_MS..=AGE_MAX_MS).contains(&age_ms) {
        return Err(Forged::Age);
    }
    Ok(json)
}

/// Compares in a time that does not depend on where they differ.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A template message arrived.
    Receipt {
        /// Zalo's id of the message.
        message_id: String,
        /// Our reference; empty when it did not come back.
        reference: String,
        /// When, in milliseconds.
        time_ms: i64,
        /// What it says.
        told: Told,
    },
    /// Somebody wrote to the account.
    Text {
        /// Who, as this account knows them.
        uid: String,
        /// The words, trimmed; empty when longer than any that we understand.
        text: String,
        /// Zalo's id of the message.
        message_id: String,
    },
    /// Somebody follows the account, or no longer does.
    Follows {
        /// Who.
        uid: String,
        /// Does.
        follows: bool,
    },
    /// Somebody takes back that their data may be used.
    Erase {
        /// Who.
        uid: String,
    },
    /// A template changed its state.
    Template {
        /// Zalo's id of the template.
        template_id: String,
        /// May be used.
        enabled: bool,
    },
    /// Nothing that we act on.
    Other(String),
}

/// Reads a verified body. `zns`: the header names the template service, which tells its receipts from a chat's.
#[must_use]
pub fn read(json: &Value, zns: bool) -> News {
    let name = text(json, &["event_name"]).unwrap_or_default();
    let of = |path: &[&str]| text(json, path).unwrap_or_default();
    match name.as_str() {
        "user_received_message" => match (zns, text(json, &["message", "delivery_time"])) {
            (true, Some(time)) => News::Receipt {
                message_id: of(&["message", "msg_id"]),
                reference: of(&["message", "tracking_id"]),
                time_ms: time.parse().unwrap_or(0),
                told: Told::Arrived,
            },
            _ => News::Other(name),
        },
        "user_send_text" => {
            let words = of(&["message", "text"]);
            let words = words.trim();
            let text = if words.chars().count() > TEXT_CHARS_MAX { String::new() } else { words.to_owned() };
            News::Text { uid: of(&["sender", "id"]), text, message_id: of(&["message", "msg_id"]) }
        }
        "follow" | "unfollow" => News::Follows { uid: of(&["follower", "id"]), follows: name == "follow" },
        "user.revoke.consent" | "user_withdraw" => {
            let uid = text(json, &["sender", "id"]).or_else(|| text(json, &["user_id"])).unwrap_or_default();
            News::Erase { uid }
        }
        "change_template_status" => News::Template {
            template_id: of(&["template_id"]),
            enabled: of(&["status", "new_status"]).eq_ignore_ascii_case("ENABLE"),
        },
        _ => News::Other(name),
    }
}

/// A key under which the same news is the same row, however often it is told.
#[must_use]
pub fn dedup_key(json: &Value) -> String {
    let of = |path: &[&str]| text(json, path).unwrap_or_default();
    let (name, message) = (of(&["event_name"]), of(&["message", "msg_id"]));
    let rest = if message.is_empty() {
        let who = [of(&["oa_id"]), of(&["oaId"]), of(&["follower", "id"]), of(&["sender", "id"])].concat();
        format!("{who}/{}/{}", of(&["template_id"]), of(&["timestamp"]))
    } else {
        message
    };
    format!("{name}/{rest}").chars().take(200).collect()
}

/// A wish to hear no more: HUY, HỦY, STOP, in any case and with any accent.
#[must_use]
pub fn is_stop(text: &str) -> bool {
    let plain = super::fold(text).to_ascii_uppercase();
    let word = plain.trim().trim_end_matches(['.', '!']).trim();
    matches!(word, "HUY" | "STOP" | "TU CHOI" | "HUY DANG KY")
}

/// The code in "HS AB12CD34": eight letters or digits; none: no such text.
#[must_use]
pub fn follow_code(text: &str) -> Option<String> {
    let plain = text.trim().to_ascii_uppercase();
    let code: String = plain.strip_prefix("HS")?.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    (code.len() == 8 && code.bytes().all(|b| b.is_ascii_alphanumeric())).then_some(code)
}

fn text(json: &Value, path: &[&str]) -> Option<String> {
    match path.iter().try_fold(json, |at, key| at.get(key))? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
