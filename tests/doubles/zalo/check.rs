//! What Zalo refuses, and more.
use std::collections::BTreeMap;

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization as _;

use super::{Book, HOUR_MS, Sent};
use crate::doubles::http;

/// A registered template.
#[derive(Clone, Debug)]
pub struct Template {
    /// "ENABLE", "PENDING_REVIEW" or "DISABLE".
    pub status: &'static str,
    /// Parameters: name, most characters after composition, required.
    pub params: Vec<(&'static str, usize, bool)>,
    /// May go to followers by their id.
    pub by_uid: bool,
    /// May go between 22:00 and 06:00.
    pub at_night: bool,
}

type Refused = (i64, String);

pub(super) fn send(request: &http::Request, book: &Book, by_phone: bool) -> Result<Sent, Refused> {
    let token = request.header("access_token");
    if !request.header("authorization").is_empty() {
        return Err((-124, "Bearer is not Zalo's way".into()));
    }
    if !book.pairs.is_valid(token, book.clock_ms) {
        let code = if by_phone { -124 } else { -216 };
        return Err((code, "access token is invalid".into()));
    }
    if !request.content_type.starts_with("application/json") {
        return Err((-122, format!("content type {:?}", request.content_type)));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&request.body).map_err(|e| (-122, e.to_string()))?;
    let known: &[&str] = if by_phone {
        &["phone", "template_id", "template_data", "tracking_id", "sending_mode", "mode"]
    } else {
        &["user_id", "template_id", "template_data"]
    };
    if let Some(unknown) = fields.keys().find(|k| !known.contains(&k.as_str())) {
        return Err((-122, format!("unknown field {unknown}")));
    }
    let field = |name: &str| {
        fields.get(name).and_then(Value::as_str).ok_or_else(|| (-132, format!("{name} is missing or not a string")))
    };
    let tracking_id = if by_phone { field("tracking_id")? } else { "" };
    if by_phone && (tracking_id.is_empty() || tracking_id.len() > 48) {
        return Err((-132, "tracking_id wants 1 to 48 characters".into()));
    }
    let to = if by_phone { phone(field("phone")?)? } else { field("user_id")?.to_owned() };
    if !by_phone && !to.bytes().all(|b| b.is_ascii_digit()) {
        return Err((-201, "user_id is not an id".into()));
    }
    let template_id = field("template_id")?;
    let template = book.templates.get(template_id).ok_or((-109, "template is unknown".to_owned()))?;
    if !by_phone && !template.by_uid {
        return Err((-249, "template is not for followers".into()));
    }
    match template.status {
        "ENABLE" => {}
        "PENDING_REVIEW" => return Err((-131, "template is not approved".into())),
        _ => return Err((-146, "template is disabled".into())),
    }
    let hour = (book.clock_ms / HOUR_MS + 7) % 24;
    if by_phone && !template.at_night && !(6..22).contains(&hour) {
        return Err((-133, "not at this hour".into()));
    }
    if book.quota <= 0 {
        return Err(if by_phone { (-144, "daily limit".into()) } else { (-211, "out of quota".into()) });
    }
    let data = fields.get("template_data").and_then(Value::as_object);
    let data = params(template, data.ok_or((-111, "template_data is empty".to_owned()))?)?;
    Ok(Sent {
        to,
        by_phone,
        template_id: template_id.into(),
        data,
        tracking_id: tracking_id.into(),
        message_id: String::new(),
        time_ms: book.clock_ms,
    })
}

/// 84 and nine digits. A number that ends in 000 and three digits is refused with that code.
fn phone(text: &str) -> Result<String, Refused> {
    let rest = text.strip_prefix("84").unwrap_or_default();
    if rest.len() != 9 || !rest.bytes().all(|b| b.is_ascii_digit()) || !rest.starts_with(['3', '5', '7', '8', '9']) {
        return Err((-108, "phone is not 84 and a mobile number".into()));
    }
    let (middle, magic) = (&rest[3..6], &rest[6..]);
    match magic.parse::<i64>() {
        Ok(code) if middle == "000" && code > 0 => Err((-code, "magic number".into())),
        _ => Ok(text.to_owned()),
    }
}

fn params(template: &Template, data: &Map<String, Value>) -> Result<BTreeMap<String, String>, Refused> {
    let mut taken = BTreeMap::new();
    if let Some(extra) = data.keys().find(|key| !template.params.iter().any(|(name, ..)| name == key)) {
        return Err((-112, format!("{extra} is no parameter")));
    }
    for (name, chars_max, required) in &template.params {
        let value = match data.get(*name) {
            Some(Value::String(value)) => value.clone(),
            Some(_) => return Err((-1124, format!("{name} is not a string"))),
            None => String::new(),
        };
        if value.is_empty() && *required {
            return Err((-1122, format!("{name} is missing")));
        }
        if value.nfc().count() > *chars_max {
            return Err((-1121, format!("{name} is too long")));
        }
        taken.insert((*name).to_owned(), value);
    }
    Ok(taken)
}
