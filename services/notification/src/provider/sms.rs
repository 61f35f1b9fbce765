//! An SMS gateway with eSMS's JSON shape: credentials and message in the body, the verdict in `CodeResult`.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{Message, Provider, ProviderError};
use crate::{
    model::{Class, Outcome, parts},
    settings::SmsSettings,
};

const BODY_BYTES_MAX: usize = 64 * 1024;

pub(super) struct Sms {
    client: Client,
    url: Url,
    api_key: SecretString,
    secret_key: SecretString,
    brandname: String,
    sandbox: bool,
    dedup_us: i64,
}

impl Sms {
    pub fn open(settings: &SmsSettings) -> Result<Self, ProviderError> {
        let url = Url::parse(&settings.url).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
        let url = url.ok_or_else(|| ProviderError::Url(settings.url.clone()))?;
        for (key, value) in [
            ("api_key", settings.api_key.expose_secret()),
            ("secret_key", settings.secret_key.expose_secret()),
            ("brandname", settings.brandname.as_str()),
        ] {
            if value.trim().is_empty() {
                return Err(ProviderError::Empty(key));
            }
        }
        // The program installs it first thing; a test may not have.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = Client::builder()
            .connect_timeout(Duration::from_millis(settings.connect_timeout_ms))
            .timeout(Duration::from_millis(settings.total_timeout_ms))
            // The body holds credentials: they go where the operator said and nowhere else.
            .redirect(Policy::none())
            // A connection kept too long dies under the next request, and that would be a doubt for nothing.
            .pool_idle_timeout(Duration::from_secs(4))
            .build()?;
        Ok(Self {
            client,
            url,
            api_key: settings.api_key.clone(),
            secret_key: settings.secret_key.clone(),
            brandname: settings.brandname.clone(),
            sandbox: settings.sandbox,
            dedup_us: i64::from(settings.dedup_window_s) * 1_000_000,
        })
    }

    fn body(&self, message: &Message) -> Value {
        let mut body = json!({
            "ApiKey": self.api_key.expose_secret(),
            "SecretKey": self.secret_key.expose_secret(),
            "Phone": message.phone.without_plus(),
            "Content": message.text,
            "Brandname": self.brandname,
            "SmsType": "2",
            "IsUnicode": if parts(&message.text).unicode { "1" } else { "0" },
            "RequestId": message.client_ref,
        });
        if self.sandbox {
            body["Sandbox"] = "1".into();
        }
        body
    }
}

#[async_trait::async_trait]
impl Provider for Sms {
    fn name(&self) -> &'static str {
        "sms"
    }

    fn dedup_us(&self) -> i64 {
        self.dedup_us
    }

    fn note(&self) -> Option<String> {
        self.sandbox.then(|| "Cổng tin nhắn đang ở chế độ thử: tin được nhận nhưng không gửi đi.".into())
    }

    async fn send(&self, message: &Message) -> Outcome {
        match self.client.post(self.url.clone()).json(&self.body(message)).send().await {
            Ok(response) => read(response).await,
            // Names, sockets and TLS fail before a byte of the message leaves.
            Err(error) if error.is_connect() || error.is_builder() => {
                Outcome::NotSent { class: Class::Connect, detail: cause(&error), wait_ms: None }
            }
            Err(error) => Outcome::Ambiguous { detail: cause(&error) },
        }
    }
}

async fn read(mut response: reqwest::Response) -> Outcome {
    let status = response.status();
    let wait =
        response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.trim().parse::<i64>().ok());
    if status == StatusCode::TOO_MANY_REQUESTS {
        let wait_ms = wait.map(|seconds| seconds.saturating_mul(1_000));
        return Outcome::NotSent { class: Class::Rate, detail: "HTTP 429".into(), wait_ms };
    }
    if status.is_server_error() {
        return Outcome::Ambiguous { detail: format!("HTTP {}", status.as_u16()) };
    }
    if !status.is_success() {
        // The edge turned it away: wrong address, key or method. A person must look; nothing was sent.
        let detail = format!("HTTP {}", status.as_u16());
        return Outcome::NotSent { class: Class::Account, detail, wait_ms: None };
    }
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= BODY_BYTES_MAX => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Outcome::Ambiguous { detail: "answer too long".into() },
            Ok(None) => break,
            Err(error) => return Outcome::Ambiguous { detail: cause(&error) },
        }
    }
    verdict(&bytes)
}

/// What an answer with status 200 says.
fn verdict(body: &[u8]) -> Outcome {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return Outcome::Ambiguous { detail: format!("answer of {} bytes is no JSON object", body.len()) };
    };
    let text = |name: &str| match answer.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let code = text("CodeResult");
    let detail = format!("CodeResult {code}");
    let id = Some(text("SMSID")).filter(|id| !id.is_empty());
    let not_sent = |class| Outcome::NotSent { class, detail: detail.clone(), wait_ms: None };
    match code.as_str() {
        "100" => Outcome::Accepted { class: Class::Ok, provider_id: id },
        "124" => Outcome::Accepted { class: Class::Duplicate, provider_id: id },
        "" => Outcome::Ambiguous { detail: "answer without CodeResult".into() },
        "99" | "108" => Outcome::Refused { class: Class::Recipient, detail },
        "101" | "140" | "143" => not_sent(Class::Account),
        "103" => not_sent(Class::Quota),
        "104" | "118" | "146" | "177" | "201" => not_sent(Class::Template),
        "160" => not_sent(Class::Rate),
        _ => not_sent(Class::Transient),
    }
}

/// The innermost cause; never the address of the call, which a gateway may want secrets in.
fn cause(error: &reqwest::Error) -> String {
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    match inner.is::<reqwest::Error>() {
        true if error.is_timeout() => "timed out".into(),
        true => "request failed".into(),
        false => inner.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_has_its_class() {
        let of = |code: &str| verdict(json!({"CodeResult": code, "SMSID": "7"}).to_string().as_bytes());
        for (codes, class) in [
            (&["101", "140", "143"][..], Class::Account),
            (&["103"], Class::Quota),
            (&["104", "118", "146", "177", "201"], Class::Template),
            (&["160"], Class::Rate),
            (&["777"], Class::Transient),
        ] {
            for code in codes {
                assert!(matches!(of(code), Outcome::NotSent { class: c, .. } if c == class), "{code}");
            }
        }
        assert_eq!(of("100"), Outcome::Accepted { class: Class::Ok, provider_id: Some("7".into()) });
        assert_eq!(of("124"), Outcome::Accepted { class: Class::Duplicate, provider_id: Some("7".into()) });
        assert!(matches!(of("108"), Outcome::Refused { class: Class::Recipient, .. }));
    }

    #[test]
    fn numbers_are_read_as_texts_and_nonsense_is_a_doubt() {
        let number = verdict(br#"{"CodeResult":100,"SMSID":17}"#);
        assert_eq!(number, Outcome::Accepted { class: Class::Ok, provider_id: Some("17".into()) });
        for nonsense in [&b""[..], b"<html>", b"[]", b"{}", br#"{"CodeResult":null}"#, br#"{"CodeResult":"10"#] {
            assert!(matches!(verdict(nonsense), Outcome::Ambiguous { .. }), "{}", String::from_utf8_lossy(nonsense));
        }
    }
}
