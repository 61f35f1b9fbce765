//! An SMS gateway with eSMS's JSON shape: credentials and message in the body, the verdict in `CodeResult`.

use std::collections::HashMap;

use reqwest::{Client, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{Message, Provider, ProviderError, http};
use crate::{
    model::{Channel, Class, Outcome, SMS_CODES, parts},
    settings::SmsSettings,
};

pub(super) struct Sms {
    client: Client,
    url: Url,
    api_key: SecretString,
    secret_key: SecretString,
    brandname: String,
    sandbox: bool,
    dedup_us: i64,
    callback_url: Option<String>,
    codes: Codes,
}

impl Sms {
    pub fn open(settings: &SmsSettings) -> Result<Self, ProviderError> {
        let url = http::url("provider.url", &settings.url)?;
        for (key, value) in [
            ("provider.api_key", settings.api_key.expose_secret()),
            ("provider.secret_key", settings.secret_key.expose_secret()),
            ("provider.brandname", settings.brandname.as_str()),
        ] {
            if value.trim().is_empty() {
                return Err(ProviderError::Empty(key));
            }
        }
        let client = http::client(settings.connect_timeout_ms, settings.total_timeout_ms)?;
        Ok(Self {
            client,
            url,
            api_key: settings.api_key.clone(),
            secret_key: settings.secret_key.clone(),
            brandname: settings.brandname.clone(),
            sandbox: settings.sandbox,
            dedup_us: i64::from(settings.dedup_window_s) * 1_000_000,
            callback_url: settings.callback_url.clone(),
            codes: Codes::with(&settings.codes)?,
        })
    }

    fn body(&self, message: &Message, phone: &str) -> Value {
        let mut body = json!({
            "ApiKey": self.api_key.expose_secret(),
            "SecretKey": self.secret_key.expose_secret(),
            "Phone": phone,
            "Content": message.text,
            "Brandname": self.brandname,
            "SmsType": "2",
            "IsUnicode": if parts(&message.text).unicode { "1" } else { "0" },
            "RequestId": message.client_ref,
        });
        if self.sandbox {
            body["Sandbox"] = "1".into();
        }
        if let Some(url) = &self.callback_url {
            body["CallbackUrl"] = url.as_str().into();
        }
        body
    }
}

#[async_trait::async_trait]
impl Provider for Sms {
    fn channel(&self) -> Channel {
        Channel::Sms
    }

    fn dedup_us(&self) -> i64 {
        self.dedup_us
    }

    fn note(&self) -> Option<String> {
        self.sandbox.then(|| "Cổng tin nhắn đang ở chế độ thử: tin được nhận nhưng không gửi đi.".into())
    }

    async fn send(&self, message: &Message) -> Outcome {
        let Some(phone) = message.to.phone() else {
            return Outcome::Refused { class: Class::Recipient, detail: "no telephone number".into() };
        };
        match self.client.post(self.url.clone()).json(&self.body(message, phone.without_plus())).send().await {
            Ok(response) => self.read(response).await,
            Err(error) => http::no_answer(&error),
        }
    }
}

impl Sms {
    async fn read(&self, response: reqwest::Response) -> Outcome {
        let status = response.status();
        if let Some(outcome) = http::too_fast(&response) {
            return outcome;
        }
        if status.is_server_error() {
            return Outcome::Ambiguous { detail: format!("HTTP {}", status.as_u16()) };
        }
        if !status.is_success() {
            // The edge turned it away: wrong address, key or method. A person must look; nothing was sent.
            let detail = format!("HTTP {}", status.as_u16());
            return Outcome::NotSent { class: Class::AuthHuman, detail, wait_ms: None };
        }
        match http::body(response).await {
            Ok(bytes) => self.codes.verdict(&bytes),
            Err(outcome) => outcome,
        }
    }
}

/// What a code of eSMS's list means.
pub(super) fn listed(code: &str) -> Outcome {
    Codes(SMS_CODES.iter().map(|(code, class)| ((*code).to_owned(), *class)).collect())
        .verdict(json!({ "CodeResult": code }).to_string().as_bytes())
}

/// The gateway's codes by class.
struct Codes(HashMap<String, Class>);

impl Codes {
    fn with(own: &std::collections::BTreeMap<String, String>) -> Result<Self, ProviderError> {
        let mut codes: HashMap<String, Class> = SMS_CODES.iter().map(|(c, class)| ((*c).to_owned(), *class)).collect();
        for (code, class) in own {
            let named = Class::named(class);
            let named = named.ok_or_else(|| ProviderError::Class { code: code.clone(), class: class.clone() })?;
            codes.insert(code.clone(), named);
        }
        Ok(Self(codes))
    }

    /// What an answer with status 200 says.
    fn verdict(&self, body: &[u8]) -> Outcome {
        let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
            return Outcome::Ambiguous { detail: format!("answer of {} bytes is no JSON object", body.len()) };
        };
        let text = |name: &str| match answer.get(name) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let code = text("CodeResult");
        if code.is_empty() {
            return Outcome::Ambiguous { detail: "answer without CodeResult".into() };
        }
        let detail = format!("CodeResult {}", code.chars().take(20).collect::<String>());
        let provider_id = Some(text("SMSID")).filter(|id| !id.is_empty());
        // A well-formed refusal on no list: nothing was sent, and it may pass.
        match self.0.get(&code).copied().unwrap_or(Class::Transient) {
            class @ (Class::Ok | Class::Duplicate) => Outcome::Accepted { class, provider_id },
            class @ (Class::Recipient | Class::Payload) => Outcome::Refused { class, detail },
            Class::Ambiguous => Outcome::Ambiguous { detail },
            class => Outcome::NotSent { class, detail, wait_ms: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Codes {
        Codes::with(&[].into()).unwrap()
    }

    #[test]
    fn another_gateways_codes_are_set() {
        let own = [("0".to_owned(), "OK".to_owned()), ("33".to_owned(), "DUPLICATE".to_owned())];
        let codes = Codes::with(&own.into()).unwrap();
        let class = |code: &str| match codes.verdict(json!({ "CodeResult": code }).to_string().as_bytes()) {
            Outcome::Accepted { class, .. } => class,
            other => panic!("{other:?}"),
        };
        assert_eq!([class("0"), class("33"), class("100")], [Class::Ok, Class::Duplicate, Class::Ok]);
        let wrong = Codes::with(&[("7".to_owned(), "ok".to_owned())].into()).err().unwrap().to_string();
        assert!(wrong.contains("provider.codes.7") && wrong.contains("AUTH_HUMAN"), "{wrong}");
    }

    #[test]
    fn every_listed_code_has_its_class() {
        let of = |code: &str| listed().verdict(json!({"CodeResult": code, "SMSID": "7"}).to_string().as_bytes());
        for (codes, class) in [
            (&["101", "140", "143"][..], Class::AuthHuman),
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
        let number = listed().verdict(br#"{"CodeResult":100,"SMSID":17}"#);
        assert_eq!(number, Outcome::Accepted { class: Class::Ok, provider_id: Some("17".into()) });
        for nonsense in [&b""[..], b"<html>", b"[]", b"{}", br#"{"CodeResult":null}"#, br#"{"CodeResult":"10"#] {
            assert!(
                matches!(listed().verdict(nonsense), Outcome::Ambiguous { .. }),
                "{}",
                String::from_utf8_lossy(nonsense)
            );
        }
    }
}
