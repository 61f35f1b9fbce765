//! Zalo's own rules: what a template's parameters may hold, what is sent, and what an answer says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use unicode_normalization::UnicodeNormalization as _;

use super::{Class, Family, Outcome, Told, words::Params, zalo_class};

/// Of an answer to somebody who wrote.
const REPLY_CHARS_MAX: usize = 2_000;

/// One parameter of a registered template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// Its name at Zalo.
    pub name: String,
    /// The place of ours that fills it: "code", "status", "date", "desk", "link", "name", …
    pub from: String,
    /// Zalo's type, 1 to 15; it bounds the length.
    pub kind: u8,
    /// May not be empty.
    #[serde(default = "yes")]
    pub required: bool,
}

fn yes() -> bool {
    true
}

/// Most characters of a parameter type, counted after composition (NFC).
#[must_use]
pub fn chars_max(kind: u8) -> Option<usize> {
    Some(match kind {
        1 | 4 | 5 | 6 => 30,
        2 => 15,
        3 | 9 | 13 => 200,
        7 => 50,
        8 => 5,
        10 | 11 => 20,
        12 => 10,
        14 => 12,
        15 => 90,
        _ => return None,
    })
}

/// Why a template cannot be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadParam {
    /// No value for a required parameter.
    Missing(String),
    /// Longer than Zalo takes.
    TooLong {
        /// Which.
        name: String,
        /// Characters after composition.
        chars: usize,
        /// Most that Zalo takes.
        chars_max: usize,
    },
    /// No type of Zalo's.
    Kind(String),
}

impl std::fmt::Display for BadParam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(name) => write!(f, "PARAM_MISSING {name}"),
            Self::TooLong { name, chars, chars_max } => write!(f, "PARAM_TOO_LONG {name}: {chars} > {chars_max}"),
            Self::Kind(name) => write!(f, "PARAM_KIND {name}"),
        }
    }
}

/// The values of a template's parameters, composed and all as strings, as Zalo wants them.
///
/// # Errors
/// The first parameter that is missing or too long: Zalo would refuse the message.
pub fn fill(params: &[Param], values: &Params) -> Result<Map<String, Value>, BadParam> {
    let mut filled = Map::new();
    for param in params {
        let chars_max = chars_max(param.kind).ok_or_else(|| BadParam::Kind(param.name.clone()))?;
        let value: String = values.get(&param.from).map(|v| v.trim().nfc().collect()).unwrap_or_default();
        let chars = value.chars().count();
        if value.is_empty() && param.required {
            return Err(BadParam::Missing(param.name.clone()));
        }
        if chars > chars_max {
            return Err(BadParam::TooLong { name: param.name.clone(), chars, chars_max });
        }
        filled.insert(param.name.clone(), value.into());
    }
    Ok(filled)
}

/// Everything that keeps a template from being filled, where [`fill`] names the first.
#[must_use]
pub fn problems(params: &[Param], values: &Params) -> Vec<(String, BadParam)> {
    let one = |param: &Param| fill(std::slice::from_ref(param), values).err().map(|bad| (param.from.clone(), bad));
    params.iter().filter_map(one).collect()
}

/// The body of a send by telephone number.
#[must_use]
pub fn phone_body(phone: &str, template_id: &str, data: &Map<String, Value>, tracking_id: &str) -> Value {
    json!({ "phone": phone, "template_id": template_id, "template_data": data, "tracking_id": tracking_id })
}

/// The body of a send to the account's own id of a follower: nothing of ours comes back with it.
#[must_use]
pub fn uid_body(uid: &str, template_id: &str, data: &Map<String, Value>) -> Value {
    json!({ "user_id": uid, "template_id": template_id, "template_data": data })
}

/// The body of an answer to somebody who wrote to the account.
#[must_use]
pub fn reply_body(uid: &str, text: &str) -> Value {
    json!({ "recipient": { "user_id": uid }, "message": { "text": text.chars().take(REPLY_CHARS_MAX).collect::<String>() } })
}

/// What Zalo knows of a message by telephone number: the state, and when it arrived (milliseconds); none: no answer.
#[must_use]
pub fn status(body: &[u8]) -> Option<(Told, i64)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let data = answer.get("data").filter(|_| number(answer.get("error")) == Some(0))?;
    match number(data.get("status"))? {
        1 => Some((Told::Arrived, number(data.get("delivery_time")).unwrap_or(0))),
        // 0: on its way to the device; -1: not known yet.
        _ => Some((Told::Underway, 0)),
    }
}

/// What an answer says, and how many messages the day has left, where it says so.
#[must_use]
pub fn verdict(family: Family, http: u16, body: &[u8]) -> (Outcome, Option<i64>) {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return (edge(http, body.len()), None);
    };
    let Some(code) = number(answer.get("error")) else {
        return (edge(http, body.len()), None);
    };
    let data = answer.get("data");
    let quota = data.and_then(|data| data.get("quota"));
    let left = quota.and_then(|q| number(q.get("remainingQuota")).or_else(|| number(q.get("remain"))));
    if code == 0 {
        let id = ["msg_id", "message_id"].iter().find_map(|key| match data?.get(key)? {
            Value::String(id) if !id.is_empty() => Some(id.clone()),
            Value::Number(id) => Some(id.to_string()),
            _ => None,
        });
        return (Outcome::Accepted { class: Class::Ok, provider_id: id }, left);
    }
    let detail = format!("Zalo {code}");
    // A well-formed refusal on no list: nothing was sent, and it may pass.
    let class = zalo_class(family, code).unwrap_or(Class::Transient);
    let outcome = match class {
        Class::Recipient | Class::Payload => Outcome::Refused { class, detail },
        _ => Outcome::NotSent { class, detail, wait_ms: None },
    };
    (outcome, left)
}

/// An answer of the edge before Zalo: a page instead of JSON.
fn edge(http: u16, bytes: usize) -> Outcome {
    let detail = format!("HTTP {http}, {bytes} bytes that are no answer");
    match http {
        429 => Outcome::NotSent { class: Class::Rate, detail, wait_ms: None },
        // The edge turned it away; nothing was sent, and a person must look.
        400..=499 => Outcome::NotSent { class: Class::Config, detail, wait_ms: None },
        _ => Outcome::Ambiguous { detail },
    }
}

/// Zalo writes numbers as texts here and there.
fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn param(kind: u8) -> Param {
        Param { name: "ma_ho_so".into(), from: "code".into(), kind, required: true }
    }

    fn values(code: &str) -> Params {
        [("code".to_owned(), code.to_owned())].into()
    }

    #[test]
    fn lengths_count_composed_characters() {
        let name = "Nguyễn Thị Thử Nghiệm Ấn Đường";
        let decomposed: String = name.nfd().collect();
        assert!(name.chars().count() == 30 && decomposed.chars().count() > 30);
        let filled = fill(&[param(1)], &values(&decomposed)).unwrap();
        assert_eq!(filled["ma_ho_so"], name);
        let longer = format!("{name}g");
        assert_eq!(
            fill(&[param(1)], &values(&longer)),
            Err(BadParam::TooLong { name: "ma_ho_so".into(), chars: 31, chars_max: 30 })
        );
    }

    #[test]
    fn what_is_missing_or_of_no_kind_is_named() {
        assert_eq!(fill(&[param(4)], &Params::new()), Err(BadParam::Missing("ma_ho_so".into())));
        assert_eq!(fill(&[param(16)], &values("x")), Err(BadParam::Kind("ma_ho_so".into())));
        let optional = Param { required: false, ..param(4) };
        assert_eq!(fill(&[optional], &Params::new()).unwrap()["ma_ho_so"], "");
    }

    #[test]
    fn an_answer_is_read_however_its_numbers_are_written() {
        let text = br#"{"error":0,"message":"Success","data":{"msg_id":"a4d0","sent_time":"1626926349402","sending_mode":"1","quota":{"dailyQuota":"500","remainingQuota":"499"}}}"#;
        let ok = |id: &str| Outcome::Accepted { class: Class::Ok, provider_id: Some(id.into()) };
        assert_eq!(verdict(Family::Zns, 200, text), (ok("a4d0"), Some(499)));
        let number = br#"{"error":"0","data":{"message_id":77,"quota":{"remain":3}}}"#;
        assert_eq!(verdict(Family::Oa, 200, number), (ok("77"), Some(3)));
        let bare = verdict(Family::Zns, 200, br#"{"error":0}"#);
        assert_eq!(bare, (Outcome::Accepted { class: Class::Ok, provider_id: None }, None));
    }

    #[test]
    fn a_state_is_read_however_its_numbers_are_written() {
        let body = |data: &str| format!(r#"{{"error":0,"message":"Success","data":{data}}}"#);
        let of = |data: &str| status(body(data).as_bytes());
        assert_eq!(of(r#"{"status":1,"delivery_time":"1767240000432"}"#), Some((Told::Arrived, 1_767_240_000_432)));
        assert_eq!(of(r#"{"status":"1"}"#), Some((Told::Arrived, 0)));
        assert_eq!([of(r#"{"status":0}"#), of(r#"{"status":-1}"#)], [Some((Told::Underway, 0)); 2]);
        assert_eq!([of("{}"), of("null"), status(b"<html>"), status(br#"{"error":-107}"#)], [None; 4]);
    }

    #[test]
    fn a_page_instead_of_an_answer_is_a_doubt_unless_the_edge_turned_it_away() {
        let outcome = |http, body: &str| verdict(Family::Zns, http, body.as_bytes()).0;
        for (http, body) in
            [(200, "<html>"), (200, ""), (502, "<html>"), (200, "[]"), (200, r#"{"data":{}}"#), (200, r#"{"error":0"#)]
        {
            assert!(matches!(outcome(http, body), Outcome::Ambiguous { .. }), "{http} {body}");
        }
        assert!(matches!(outcome(404, "<html>"), Outcome::NotSent { class: Class::Config, .. }));
        assert!(matches!(outcome(429, ""), Outcome::NotSent { class: Class::Rate, .. }));
        assert!(matches!(outcome(500, r#"{"error":-118}"#), Outcome::Refused { class: Class::Recipient, .. }));
        assert!(matches!(outcome(200, r#"{"error":-9999}"#), Outcome::NotSent { class: Class::Transient, .. }));
    }

    proptest! {
        #[test]
        fn no_answer_ends_the_program(body in prop::collection::vec(any::<u8>(), 0..200), http in 100u16..600) {
            let (outcome, left) = verdict(Family::Zns, http, &body);
            let accepted = matches!(outcome, Outcome::Accepted { .. });
            prop_assert!(!accepted && left.is_none());
        }
    }
}
