//! What the account answers to those who wrote to it, and what Zalo tells of a message when it is asked.
use serde_json::{Map, Value, json};

use super::{Book, HOUR_MS, Sent};
use crate::doubles::http;

const TEXT_CHARS_MAX: usize = 2_000;
const WINDOW_MS: i64 = 7 * 24 * HOUR_MS;

type Refused = (i64, String);

/// An answer: only to who wrote within seven days.
pub(super) fn reply(request: &http::Request, book: &Book) -> Result<Sent, Refused> {
    if !book.pairs.is_valid(request.header("access_token"), book.clock_ms) {
        return Err((-216, "access token is invalid".into()));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&request.body).map_err(|e| (-201, e.to_string()))?;
    if let Some(unknown) = fields.keys().find(|key| !["recipient", "message"].contains(&key.as_str())) {
        return Err((-201, format!("unknown field {unknown}")));
    }
    let field = |place: &str, name: &str| {
        let value = fields.get(place).and_then(|at| at.get(name)).and_then(Value::as_str);
        value.ok_or_else(|| (-201, format!("{place}.{name} is missing or not a string")))
    };
    let (to, text) = (field("recipient", "user_id")?, field("message", "text")?);
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err((-210, "text wants 1 to 2,000 characters".into()));
    }
    match book.interactions.get(to) {
        Some(last) if book.clock_ms - last <= WINDOW_MS => {}
        _ => return Err((-230, "no interaction in seven days".into())),
    }
    Ok(Sent {
        to: to.into(),
        by_phone: false,
        template_id: String::new(),
        data: [("text".to_owned(), text.to_owned())].into(),
        tracking_id: String::new(),
        message_id: String::new(),
        time_ms: book.clock_ms,
    })
}

/// What became of a message.
pub(super) fn status(request: &http::Request, book: &mut Book) -> String {
    book.questions += 1;
    if !book.pairs.is_valid(request.header("access_token"), book.clock_ms) {
        return json!({ "error": -124, "message": "access token is invalid" }).to_string();
    }
    let id = request.path.split_once("?message_id=").map_or("", |(_, id)| id);
    if id.is_empty() {
        return json!({ "error": -107, "message": "message id is invalid" }).to_string();
    }
    let data = match (book.arrived.get(id), book.ledger.iter().any(|sent| sent.message_id == id)) {
        (Some(time), _) => json!({ "status": 1, "delivery_time": time.to_string(), "message": "delivered" }),
        (None, true) => json!({ "status": 0, "message": "pushed" }),
        (None, false) => json!({ "status": -1, "message": "unknown" }),
    };
    json!({ "error": 0, "message": "Success", "data": data }).to_string()
}

/// Somebody wrote, or followed: the account may answer them.
pub(super) fn interaction(body: &str, book: &mut Book) {
    let Ok(json) = serde_json::from_str::<Value>(body) else { return };
    let of = |path: &str| json.pointer(path).and_then(Value::as_str).map(str::to_owned);
    let who = match json["event_name"].as_str() {
        Some("user_send_text") => of("/sender/id"),
        Some("follow") => of("/follower/id"),
        _ => None,
    };
    if let Some(who) = who {
        let now = book.clock_ms;
        book.interactions.insert(who, now);
    }
}
