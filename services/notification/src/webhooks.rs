//! The listener for what providers tell by themselves. A body is checked as it came, kept, and only then answered; nothing
//! here sends.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, RawQuery, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use motcua_runtime::{Clock, Shutdown};
use motcua_store::{Db, Micros, StoreError, commit, sealed::Sealer};
use reqwest::Url;
use sea_orm::DatabaseTransaction;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;

use crate::{
    follow, hooks_mail, instruments,
    model::{
        Told,
        webhook::{self, Forged, News, Trust},
    },
    people::{self, Said},
    provider::Address,
    receipts::{Desk, Receipt},
    replies::{self, Heard},
    settings::{WebhookSettings, ZaloSettings},
    templates,
};

const BODY_BYTES_MAX: usize = 64 * 1024;
/// Zalo gives up after two seconds; a database that takes longer is told by 503, and Zalo repeats.
const ANSWER_MAX: Duration = Duration::from_millis(1_800);
const CONSENT_TEXT: &str = "zalo-1";

/// What the listener stands on.
pub(crate) struct Hooks {
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub desk: Arc<Desk>,
    pub due: Arc<Notify>,
    pub zalo: Option<(String, String)>,
    pub zalo_secrets: Vec<SecretString>,
    pub oa_first: bool,
    pub sms_path_token: Option<SecretString>,
    pub mail_path_token: Option<SecretString>,
    /// Of our letters' sender.
    pub mail_domain: Option<String>,
}

impl Hooks {
    pub fn new(
        settings: &WebhookSettings,
        zalo: Option<&ZaloSettings>,
        (db, clock, sealer): (Db, Clock, Sealer),
        desk: Arc<Desk>,
        due: Arc<Notify>,
    ) -> Self {
        Self {
            db,
            clock,
            sealer,
            desk,
            due,
            zalo: zalo.map(|z| (z.app_id.clone(), z.oa_id.clone())),
            zalo_secrets: settings.zalo_secrets(),
            oa_first: settings.zalo_oa_first,
            sms_path_token: settings.sms_path_token.clone(),
            mail_path_token: settings.mail_path_token.clone(),
            mail_domain: None,
        }
    }

    /// Serves until `stop`.
    pub async fn serve(self, listener: tokio::net::TcpListener, stop: Shutdown) {
        let routes = Router::new()
            .route("/hooks/zalo", post(zalo))
            .route("/hooks/sms/{token}", get(sms))
            .route("/hooks/mail/{token}", get(hooks_mail::ask).post(hooks_mail::stop))
            .route("/hooks/mail/report/{token}", post(hooks_mail::report))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .with_state(Arc::new(self));
        let served = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "webhook listener ended");
        }
    }
}

async fn zalo(State(hooks): State<Arc<Hooks>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let Some((app_id, oa_id)) = &hooks.zalo else { return StatusCode::NOT_FOUND };
    let secrets: Vec<&str> = hooks.zalo_secrets.iter().map(|s| s.expose_secret()).collect();
    let oa_id = hooks.oa_first.then_some(oa_id.as_str());
    let trust = Trust { app_id, secrets: &secrets, oa_id };
    let now = hooks.clock.now();
    let json = match webhook::verify(header("x-zevent-signature"), &body, now.as_millisecond(), &trust) {
        Ok(json) => json,
        Err(forged) => {
            instruments::webhook("zalo", name(forged));
            tracing::warn!(why = name(forged), "a call that is not Zalo's");
            return StatusCode::UNAUTHORIZED;
        }
    };
    let news = webhook::read(&json, header("x-zevent-server").eq_ignore_ascii_case("zns"));
    let raw = String::from_utf8_lossy(&body);
    let key = webhook::dedup_key(&json);
    answer("zalo", hooks.take(&news, key, &raw, now.into())).await
}

pub(crate) async fn answer(provider: &'static str, taken: impl Future<Output = Result<(), StoreError>>) -> StatusCode {
    match tokio::time::timeout(ANSWER_MAX, taken).await {
        Ok(Ok(())) => {
            instruments::webhook(provider, "taken");
            StatusCode::OK
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "a provider's call waits for its repetition");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn name(forged: Forged) -> &'static str {
    match forged {
        Forged::Header => "no_signature",
        Forged::Body => "no_body",
        Forged::Application => "other_application",
        Forged::Signature => "bad_signature",
        Forged::Age => "too_old",
    }
}

impl Hooks {
    async fn take(&self, news: &News, key: String, raw: &str, now: Micros) -> Result<(), StoreError> {
        motcua_store::retrying(|| async {
            let tx = self.db.begin().await?;
            self.act(&tx, news, &key, raw, now).await?;
            commit(tx).await
        })
        .await?;
        self.due.notify_one();
        Ok(())
    }

    async fn act(
        &self,
        tx: &DatabaseTransaction,
        news: &News,
        key: &str,
        raw: &str,
        now: Micros,
    ) -> Result<(), StoreError> {
        match news {
            News::Receipt { message_id, reference, time_ms, told } => {
                let receipt = Receipt {
                    provider: "zalo",
                    dedup_key: key.to_owned(),
                    provider_id: message_id.clone(),
                    reference: reference.clone(),
                    told: *told,
                    time_ms: *time_ms,
                    raw,
                };
                self.desk.take(tx, &receipt, now).await
            }
            News::Text { uid, text, message_id } if webhook::is_stop(text) => {
                self.stop(tx, uid, &format!("zalo message {message_id}"), now).await
            }
            News::Text { uid, text, message_id } => match webhook::follow_code(text) {
                Some(_) if replies::answered(tx, message_id).await? => Ok(()),
                Some(code) => {
                    let redeemed = follow::redeem(tx, &self.sealer, uid, &code, message_id, now).await?;
                    let heard = Heard { uid, message_id, now };
                    replies::answer(tx, &self.sealer, &self.desk.offered, heard, redeemed).await
                }
                None => Ok(()),
            },
            News::Follows { uid, follows } => people::follows(tx, &self.sealer, uid, *follows).await,
            News::Erase { uid } => {
                self.stop(tx, uid, "zalo data subject", now).await?;
                people::erase(tx, &self.sealer, uid).await
            }
            News::Template { template_id, enabled } => {
                let changed = templates::provider_says(tx, template_id, *enabled).await?;
                tracing::warn!(template_id, enabled, changed, "Zalo changed a template");
                Ok(())
            }
            News::Other(name) => {
                tracing::debug!(name, "a call that needs nothing");
                Ok(())
            }
        }
    }

    async fn stop(&self, tx: &DatabaseTransaction, uid: &str, evidence: &str, now: Micros) -> Result<(), StoreError> {
        let subject = people::subject(&self.sealer, &Address::Uid(uid.to_owned()))?;
        let said =
            Said { subject: &subject, channel: "zalo", given: false, text_version: CONSENT_TEXT, evidence, time: now };
        people::consent(tx, said).await
    }
}

/// eSMS's report, a GET without a signature: the path's token is the only proof, and it moves no delivery out of an end.
async fn sms(State(hooks): State<Arc<Hooks>>, Path(token): Path<String>, RawQuery(query): RawQuery) -> StatusCode {
    let known = hooks.sms_path_token.as_ref().is_some_and(|own| webhook::same(own.expose_secret(), &token));
    if !known {
        instruments::webhook("sms", "bad_token");
        return StatusCode::NOT_FOUND;
    }
    let query = query.unwrap_or_default();
    let Some(receipt) = report(&query) else {
        instruments::webhook("sms", "no_body");
        return StatusCode::BAD_REQUEST;
    };
    let now = Micros::from(hooks.clock.now());
    let taken = motcua_store::retrying(|| async {
        let tx = hooks.db.begin().await?;
        hooks.desk.take(&tx, &receipt, now).await?;
        commit(tx).await
    });
    let status = answer("sms", taken).await;
    hooks.due.notify_one();
    status
}

/// Reads a report; none: it names no message.
fn report(query: &str) -> Option<Receipt<'_>> {
    let url = Url::parse(&format!("http://report/?{query}")).ok()?;
    let of = |name: &str| {
        let value = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        value.unwrap_or_default().chars().take(64).collect::<String>()
    };
    let (id, reference) = (of("SMSID"), of("RequestId"));
    if id.is_empty() && reference.is_empty() {
        return None;
    }
    let count = |name: &str| of(name).parse::<u32>().unwrap_or(0);
    let (status, sent, failed) = (of("SendStatus"), count("SendSuccess"), count("SendFailed"));
    let told = match status.as_str() {
        "5" if sent > 0 => Told::Arrived,
        "5" if failed > 0 => Told::Lost,
        "4" => Told::Lost,
        _ => Told::Underway,
    };
    Some(Receipt {
        provider: "sms",
        dedup_key: format!("{id}/{reference}/{status}/{sent}/{failed}"),
        provider_id: id,
        reference,
        told,
        time_ms: 0,
        raw: query,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_leniently_and_believed_little() {
        let told = |query: &str| report(query).map(|r| r.told);
        assert_eq!(told("SMSID=7&SendStatus=5&SendSuccess=1&SendFailed=0&RequestId=a"), Some(Told::Arrived));
        assert_eq!(told("SMSID=7&SendStatus=5&SendSuccess=2&SendFailed=1"), Some(Told::Arrived));
        assert_eq!(told("SMSID=7&SendStatus=5&SendSuccess=0&SendFailed=1"), Some(Told::Lost));
        assert_eq!(told("SMSID=7&SendStatus=4"), Some(Told::Lost));
        assert_eq!(told("SMSID=7&SendStatus=2"), Some(Told::Underway));
        assert_eq!(told("SMSID=7&SendStatus=x&SendSuccess=-1"), Some(Told::Underway));
        assert_eq!(told("SendStatus=5&SendSuccess=1"), None);
        assert_eq!(told(""), None);
    }
}
