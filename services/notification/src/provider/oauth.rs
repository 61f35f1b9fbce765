//! The call that renews Zalo's tokens, and how its answer is read.

use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::http;
use crate::model::{Outcome, token::Renewal};

const ACCESS_LIFE_US: i64 = 25 * 3_600_000_000;
/// What Zalo says of a refresh token that it does not know, or that is too old.
const REFRESH_UNKNOWN: i64 = -14014;
const REFRESH_OLD: i64 = -14020;

/// A pair from Zalo.
pub(crate) struct Pair {
    pub access: SecretString,
    pub refresh: SecretString,
    pub life_us: i64,
}

impl Pair {
    /// A pair that Zalo just gave to a person.
    pub fn fresh(access: SecretString, refresh: SecretString) -> Self {
        Self { access, refresh, life_us: ACCESS_LIFE_US }
    }
}

/// One call for a new pair; `app` is the application's id and secret.
pub(super) async fn renew(
    client: &Client,
    url: &Url,
    app: (&str, &SecretString),
    refresh: &str,
) -> Result<Pair, (Renewal, String)> {
    let fields = [("refresh_token", refresh), ("app_id", app.0), ("grant_type", "refresh_token")];
    let form = form(&fields);
    let request = client
        .post(url.clone())
        .header("secret_key", app.1.expose_secret())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let response = request.send().await.map_err(|error| match http::no_answer(&error) {
        Outcome::NotSent { detail, .. } => (Renewal::NotSent, detail),
        _ => (Renewal::Silent, http::cause(&error)),
    })?;
    let status = response.status().as_u16();
    let bytes = http::body(response).await.map_err(|_| (Renewal::Silent, "answer broke off".to_owned()))?;
    read(status, &bytes)
}

/// A form's body.
fn form(fields: &[(&str, &str)]) -> String {
    let mut url = Url::parse("http://form").ok();
    if let Some(url) = &mut url {
        url.query_pairs_mut().extend_pairs(fields);
    }
    url.as_ref().and_then(Url::query).unwrap_or_default().to_owned()
}

/// What Zalo's answer to a renewal says; `expires_in` is written as a text there.
fn read(http: u16, body: &[u8]) -> Result<Pair, (Renewal, String)> {
    let silent = || (Renewal::Silent, format!("HTTP {http}, {} bytes that are no answer", body.len()));
    let json: Value = serde_json::from_slice(body).map_err(|_| silent())?;
    let number = |key: &str| match json.get(key) {
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    let text = |key: &str| json.get(key).and_then(Value::as_str).filter(|t| !t.is_empty()).map(SecretString::from);
    match (number("error").filter(|code| *code != 0), text("access_token"), text("refresh_token")) {
        (None, Some(access), Some(refresh)) => {
            let seconds = number("expires_in").unwrap_or(90_000).clamp(0, 10 * 86_400);
            Ok(Pair { access, refresh, life_us: seconds * 1_000_000 })
        }
        (Some(code @ (REFRESH_UNKNOWN | REFRESH_OLD)), ..) => Err((Renewal::Lost, format!("Zalo {code}"))),
        (Some(code), ..) => Err((Renewal::Refused, format!("Zalo {code}"))),
        _ => Err(silent()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_its_life_as_text_or_number() {
        for life in ["\"90000\"", "90000"] {
            let body = format!(r#"{{"access_token":"a","refresh_token":"r","expires_in":{life}}}"#);
            let pair = read(200, body.as_bytes()).ok().unwrap();
            assert_eq!((pair.access.expose_secret(), pair.life_us), ("a", 90_000_000_000));
        }
    }

    #[test]
    fn refusals_and_nonsense_are_told_apart() {
        let why = |http, body: &str| read(http, body.as_bytes()).err().unwrap().0;
        assert_eq!(why(200, r#"{"error":-14014,"error_name":"x"}"#), Renewal::Lost);
        assert_eq!(why(400, r#"{"error":"-14020"}"#), Renewal::Lost);
        assert_eq!(why(200, r#"{"error":-14004}"#), Renewal::Refused);
        for nonsense in ["", "<html>", "{}", r#"{"access_token":"a"}"#, r#"{"access_token":"a","refresh_token":""}"#] {
            assert_eq!(why(200, nonsense), Renewal::Silent, "{nonsense}");
        }
    }

    #[test]
    fn a_form_escapes_its_values() {
        assert_eq!(form(&[("a", "x y"), ("b", "ă&=")]), "a=x+y&b=%C4%83%26%3D");
    }
}
