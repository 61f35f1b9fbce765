//! Zalo's template messages, by telephone number and to followers, over one official account.

use std::sync::Arc;

use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;

use super::{Address, Message, Provider, ProviderError, http, tokens::Tokens};
use crate::{
    instruments,
    model::{Channel, Class, Family, Outcome, Told, zalo},
    settings::ZaloSettings,
};

/// The account.
pub(crate) struct Zalo {
    client: Client,
    by_phone: Url,
    by_uid: Url,
    reply: Url,
    status: Url,
    tokens: Arc<Tokens>,
    proof_key: Option<ring::hmac::Key>,
}

impl Zalo {
    pub fn open(settings: &ZaloSettings, tokens: Arc<Tokens>) -> Result<Self, ProviderError> {
        use secrecy::ExposeSecret as _;
        let secret = settings.secret_key.expose_secret();
        for (key, value) in [("zalo.app_id", settings.app_id.as_str()), ("zalo.oa_id", &settings.oa_id)] {
            if value.trim().is_empty() {
                return Err(ProviderError::Empty(key));
            }
        }
        if secret.trim().is_empty() {
            return Err(ProviderError::Empty("zalo.secret_key"));
        }
        let proof = || ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        Ok(Self {
            client: http::client(settings.connect_timeout_ms, settings.total_timeout_ms)?,
            by_phone: http::url("zalo.phone_url", &settings.phone_url)?,
            by_uid: http::url("zalo.uid_url", &settings.uid_url)?,
            reply: http::url("zalo.reply_url", &settings.reply_url)?,
            status: http::url("zalo.status_url", &settings.status_url)?,
            tokens,
            proof_key: settings.appsecret_proof.then(proof),
        })
    }

    /// One call; a stale token is renewed once and the call made again, which is safe: it was refused.
    async fn send(&self, family: Family, url: &Url, body: &Value) -> Outcome {
        let mut refused = None;
        loop {
            let access = match self.tokens.access(refused).await {
                Ok(access) => access,
                Err(down) => return down.outcome(),
            };
            let outcome = self.call(family, url, body, access.token()).await;
            let stale = matches!(outcome, Outcome::NotSent { class: Class::AuthRefresh, .. });
            match (stale, refused) {
                (false, _) => return outcome,
                (true, None) => refused = Some(access.version()),
                (true, Some(_)) => {
                    let detail = "Zalo refuses a token just renewed".into();
                    return Outcome::NotSent { class: Class::AuthHuman, detail, wait_ms: None };
                }
            }
        }
    }

    /// What Zalo knows of a message by telephone number; none: it does not say.
    pub async fn status(&self, message_id: &str) -> Option<(Told, i64)> {
        let mut refused = None;
        loop {
            let access = self.tokens.access(refused).await.ok()?;
            let mut url = self.status.clone();
            url.query_pairs_mut().append_pair("message_id", message_id);
            let request = self.signed(self.client.get(url), access.token());
            let bytes = http::body(request.send().await.ok()?).await.ok()?;
            let (outcome, _) = zalo::verdict(Family::Zns, 200, &bytes);
            match (outcome, refused) {
                (Outcome::NotSent { class: Class::AuthRefresh, .. }, None) => refused = Some(access.version()),
                _ => return zalo::status(&bytes),
            }
        }
    }

    fn signed(&self, request: RequestBuilder, token: &str) -> RequestBuilder {
        let request = request.header("access_token", token);
        match &self.proof_key {
            Some(key) => request.header("appsecret_proof", proof(key, token)),
            None => request,
        }
    }

    async fn call(&self, family: Family, url: &Url, body: &Value, token: &str) -> Outcome {
        let request = self.signed(self.client.post(url.clone()).json(body), token);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return http::no_answer(&error),
        };
        if let Some(outcome) = http::too_fast(&response) {
            return outcome;
        }
        let status = response.status().as_u16();
        match http::body(response).await {
            Ok(bytes) => {
                let (outcome, left) = zalo::verdict(family, status, &bytes);
                if let Some(left) = left {
                    instruments::quota_left(left);
                }
                outcome
            }
            Err(outcome) => outcome,
        }
    }
}

fn proof(key: &ring::hmac::Key, token: &str) -> String {
    hex::encode(ring::hmac::sign(key, token.as_bytes()))
}

fn unfit(detail: &str) -> Outcome {
    Outcome::Refused { class: Class::Payload, detail: detail.into() }
}

pub(super) struct ByPhone(pub Arc<Zalo>);

#[async_trait::async_trait]
impl Provider for ByPhone {
    fn channel(&self) -> Channel {
        Channel::ZaloPhone
    }

    fn dedup_us(&self) -> i64 {
        // The reference comes back with the receipt, but a repetition is a second message.
        0
    }

    fn note(&self) -> Option<String> {
        None
    }

    async fn send(&self, message: &Message) -> Outcome {
        let (Some(template), Some(phone)) = (&message.template, message.to.phone()) else {
            return unfit("no template or no number");
        };
        let phone = phone.without_plus();
        let body = zalo::phone_body(phone, &template.template_id, &template.data, &message.client_ref);
        self.0.send(Family::Zns, &self.0.by_phone, &body).await
    }
}

pub(super) struct ByUid(pub Arc<Zalo>);

#[async_trait::async_trait]
impl Provider for ByUid {
    fn channel(&self) -> Channel {
        Channel::ZaloUid
    }

    fn dedup_us(&self) -> i64 {
        0
    }

    fn note(&self) -> Option<String> {
        None
    }

    async fn send(&self, message: &Message) -> Outcome {
        let (Some(template), Address::Uid(uid)) = (&message.template, &message.to) else {
            return unfit("no template or no follower");
        };
        let body = zalo::uid_body(uid, &template.template_id, &template.data);
        self.0.send(Family::Oa, &self.0.by_uid, &body).await
    }
}

/// Answers to somebody who wrote.
pub(super) struct Reply(pub Arc<Zalo>);

#[async_trait::async_trait]
impl Provider for Reply {
    fn channel(&self) -> Channel {
        Channel::ZaloReply
    }

    fn dedup_us(&self) -> i64 {
        0
    }

    fn note(&self) -> Option<String> {
        None
    }

    async fn send(&self, message: &Message) -> Outcome {
        let Address::Uid(uid) = &message.to else { return unfit("nobody who wrote") };
        let body = zalo::reply_body(uid, &message.text);
        self.0.send(Family::Oa, &self.0.reply, &body).await
    }
}

#[cfg(test)]
mod tests {
    use motcua_kernel::phone::Phone;
    use motcua_runtime::Clock;
    use motcua_store::sealed::Sealer;
    use motcua_tests::doubles::zalo::{self as double, Fault, Template, ZaloDouble};

    use super::*;
    use crate::provider::{Filled, open_zalo, tokens::Pair};

    const NINE: &str = "2026-11-23T02:00:00Z";

    #[test]
    fn the_proof_of_the_vector() {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"test-app-secret");
        let proof = super::proof(&key, "test-access-token");
        assert_eq!(proof, "c7a7a56a58d03b05def128144d755b6c5bd4ba6b88fbfd8a59a909c862e52d7b");
    }

    fn class(outcome: &Outcome) -> Class {
        match outcome {
            Outcome::Accepted { class, .. } | Outcome::NotSent { class, .. } | Outcome::Refused { class, .. } => *class,
            Outcome::Ambiguous { .. } => Class::Ambiguous,
        }
    }

    /// The double and this program agree on every row of Zalo's list, over the wire.
    #[tokio::test]
    async fn every_row_of_zalos_list_comes_through_as_its_class() {
        let db = motcua_store::testing::sqlite().await.unwrap();
        motcua_store::migrate(&db.db, "notification", crate::migration::all()).await.unwrap();
        let zalo = ZaloDouble::start(NINE.parse::<jiff::Timestamp>().unwrap().as_millisecond()).await;
        zalo.register("1", Template { status: "ENABLE", params: vec![], by_uid: true, at_night: true });
        let [oauth_url, phone_url, uid_url, reply_url, status_url] = zalo.urls();
        let settings = ZaloSettings {
            app_id: double::APP_ID.into(),
            secret_key: double::APP_SECRET.into(),
            oa_id: double::OA_ID.into(),
            access_token: None,
            refresh_token: None,
            phone_url,
            uid_url,
            oauth_url,
            reply_url,
            status_url,
            appsecret_proof: true,
            connect_timeout_ms: 1_000,
            total_timeout_ms: 5_000,
        };
        let clock = Clock::manual(NINE.parse().unwrap());
        let tokens = Tokens::open(&settings, db.db.clone(), clock, Sealer::new(&[7; 32])).unwrap();
        tokens.put_first(&Pair::fresh(double::FIRST.0.into(), double::FIRST.1.into())).await.unwrap();
        let [by_phone, by_uid, _] = open_zalo(Arc::new(Zalo::open(&settings, tokens).unwrap()));
        let message = |to| Message {
            client_ref: "0192aa".into(),
            kind: "result_ready".into(),
            to,
            text: String::new(),
            template: Some(Filled { template_id: "1".into(), data: serde_json::Map::new() }),
            letter: None,
            unsubscribe: None,
            time: NINE.parse().unwrap(),
        };
        let to_phone = message(Address::Phone(Phone::parse("0912345678").unwrap()));
        let to_uid = message(Address::Uid("246845883529197922".into()));
        let mut seen = 0;
        for row in include_str!("../../tests/data/zalo_errors.tsv").lines().skip(1) {
            let fields: Vec<&str> = row.split('\t').collect();
            let (provider, message) = match fields[1] {
                "zns" => (&by_phone, &to_phone),
                "oa" => (&by_uid, &to_uid),
                _ => continue,
            };
            let code = fields[0].parse().unwrap();
            let expected = match fields[2] {
                // Renewed, and refused again: somebody must look.
                "AUTH_REFRESH" => {
                    zalo.script([Fault::Code(code), Fault::Code(code)]);
                    Class::AuthHuman
                }
                "OK" => Class::Ok,
                name => {
                    zalo.script([Fault::Code(code)]);
                    Class::named(name).unwrap()
                }
            };
            let outcome = provider.send(message).await;
            assert_eq!(class(&outcome), expected, "{row}: {outcome:?}");
            seen += 1;
        }
        assert_eq!((seen, zalo.ledger().len(), zalo.refused()), (116, 2, vec![]));
    }
}
