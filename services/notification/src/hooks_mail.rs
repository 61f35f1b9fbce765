//! What comes back on letters: one click that ends them (RFC 8058), and the mail server's reports of what it could not
//! bring.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use motcua_store::{Micros, StoreError, commit, sealed::Sealer, sql};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use secrecy::ExposeSecret as _;

use crate::{
    instruments,
    model::{
        Channel,
        bounce::{self, Bounce},
        webhook,
    },
    people::{self, Said},
    receipts::{self, Receipt},
    webhooks::{Hooks, answer},
};

const PURPOSE: &str = "notification.unsubscribe";
const CONSENT_TEXT: &str = "mail-1";
/// Of the proof, in hexadecimal digits: 128 bits.
const PROOF_LEN: usize = 32;

/// The last part of the address that ends letters to whom this one goes: our reference, and the proof that we wrote it. No
/// address and no dossier.
pub(crate) fn token(sealer: &Sealer, reference: &str) -> Result<String, StoreError> {
    let proof = sealer.blind(PURPOSE, reference)?;
    Ok(format!("{reference}.{}", &proof[..PROOF_LEN]))
}

/// Our reference of a token; none: we did not write it.
fn reference<'a>(sealer: &Sealer, token: &'a str) -> Option<&'a str> {
    let (reference, proof) = token.split_once('.')?;
    let own = sealer.blind(PURPOSE, reference).ok()?;
    webhook::same(&own[..PROOF_LEN], proof).then_some(reference)
}

/// Whoever follows the link with their own eyes is asked once: what looks at links by itself must not end letters.
pub(crate) async fn ask(State(hooks): State<Arc<Hooks>>, Path(token): Path<String>) -> Response {
    if reference(&hooks.sealer, &token).is_none() {
        instruments::webhook("email", "bad_token");
        return page(StatusCode::NOT_FOUND, UNKNOWN);
    }
    page(StatusCode::OK, QUESTION)
}

/// One click.
pub(crate) async fn stop(State(hooks): State<Arc<Hooks>>, Path(token): Path<String>) -> Response {
    let Some(reference) = reference(&hooks.sealer, &token) else {
        instruments::webhook("email", "bad_token");
        return page(StatusCode::NOT_FOUND, UNKNOWN);
    };
    let now = Micros::from(hooks.clock.now());
    let taken = motcua_store::retrying(|| async {
        let tx = hooks.db.begin().await?;
        withdraw(&tx, reference, now).await?;
        commit(tx).await
    });
    match answer("email", taken).await {
        StatusCode::OK => page(StatusCode::OK, STOPPED),
        status => page(status, LATER),
    }
}

/// The person behind a letter wants no more; said again, it is the same wish.
async fn withdraw(tx: &DatabaseTransaction, reference: &str, now: Micros) -> Result<(), StoreError> {
    let Some(row) = receipts::find(tx, reference, "").await? else { return Ok(()) };
    if row.channel != Channel::Email.name() || row.address_blind.is_empty() {
        return Ok(());
    }
    let (subject, channel) = (row.address_blind.as_str(), people::family(Channel::Email));
    let standing = people::standing(tx, subject, channel, now).await?;
    if standing.said.is_some_and(|(given, ..)| !given) {
        return Ok(());
    }
    let evidence = format!("letter {}", row.id);
    let said = Said { subject, channel, given: false, text_version: CONSENT_TEXT, evidence: &evidence, time: now };
    people::consent(tx, said).await
}

/// The mail server hands a report on, as it came; the path is its only proof.
pub(crate) async fn report(State(hooks): State<Arc<Hooks>>, Path(token): Path<String>, body: Bytes) -> StatusCode {
    let known = hooks.mail_path_token.as_ref().is_some_and(|own| webhook::same(own.expose_secret(), &token));
    let Some(domain) = hooks.mail_domain.as_deref().filter(|_| known) else {
        instruments::webhook("email", "bad_token");
        return StatusCode::NOT_FOUND;
    };
    let raw = String::from_utf8_lossy(&body);
    // An answer of a person, a holiday's notice: no report, and nothing that the server should send again.
    let Some(bounce) = bounce::read(&raw, domain) else {
        instruments::webhook("email", "no_report");
        return StatusCode::OK;
    };
    let now = Micros::from(hooks.clock.now());
    let taken = motcua_store::retrying(|| async {
        let tx = hooks.db.begin().await?;
        take(&hooks, &tx, &bounce, now).await?;
        commit(tx).await
    });
    let status = answer("email", taken).await;
    hooks.due.notify_one();
    status
}

async fn take(hooks: &Hooks, tx: &DatabaseTransaction, bounce: &Bounce, now: Micros) -> Result<(), StoreError> {
    let status = bounce.status.map(|(a, b, c)| format!("{a}.{b}.{c}")).unwrap_or_default();
    let receipt = Receipt {
        provider: "email",
        dedup_key: format!("{}/{:?}/{status}", bounce.reference, bounce.told),
        provider_id: String::new(),
        reference: bounce.reference.clone(),
        told: bounce.told,
        time_ms: now.0 / 1_000,
        // The report repeats the address and the letter: only what was read of it is kept.
        raw: &status,
    };
    hooks.desk.take(tx, &receipt, now).await?;
    let Some(row) = receipts::find(tx, &bounce.reference, "").await? else { return Ok(()) };
    if bounce.told == crate::model::Told::Lost {
        let text = "update delivery set last_error = $1, class = 'RECIPIENT' where id = $2 and state = 'failed'";
        let detail = format!("BOUNCED {status}").trim_end().to_owned();
        let values = vec![detail.into(), row.id.clone().into()];
        tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    }
    if bounce.no_mailbox() && !row.address_blind.is_empty() {
        people::no_mailbox(tx, &row.address_blind, now).await?;
    }
    Ok(())
}

const QUESTION: &str = "<p>Ông/bà không muốn nhận thư điện tử của Trung tâm về hồ sơ nữa?</p>\
    <p>Những việc phải báo, Trung tâm sẽ báo bằng tin nhắn hoặc gọi điện.</p>\
    <form method=\"post\"><button>Dừng nhận thư</button></form>";
const STOPPED: &str = "<p>Đã dừng. Trung tâm không gửi thư điện tử đến địa chỉ này nữa.</p>\
    <p>Những việc phải báo, Trung tâm sẽ báo bằng tin nhắn hoặc gọi điện. Muốn nhận lại, mời ông/bà nói với quầy tiếp nhận.</p>";
const UNKNOWN: &str = "<p>Liên kết này không đúng. Mời ông/bà mở lại từ thư đã nhận, hoặc nói với quầy tiếp nhận.</p>";
const LATER: &str = "<p>Hệ thống đang bận, chưa ghi được. Mời ông/bà bấm lại sau ít phút.</p>";

/// Letters are opened on phones: a thumb's height, read without glasses.
const STYLE: &str = ":root{color-scheme:light}\
    body{margin:0;background:#FBF7F0;color:#1C1410;font:1.125rem/1.5 system-ui,sans-serif}\
    main{max-width:34rem;margin:0 auto;padding:1.5rem 1rem}h1{font-size:1.5rem;line-height:1.25}\
    button{min-height:3.25rem;width:100%;border:0;border-radius:10px;background:#0B4A7A;color:#fff;font:inherit;font-weight:700}\
    button:focus-visible{outline:3px solid #1C1410;outline-offset:3px}";
/// The page may load nothing and run nothing; this style it may have.
const POLICY: &str = "default-src 'none'; style-src 'sha256-RlgEIBHSlou4c7xusUK9jN62XLs7U9ZU90ZjuFLfTZY='; \
    form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

fn page(status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html lang=\"vi\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Dừng nhận thư</title><style>{STYLE}</style></head>\
         <body><main><h1>Thư về hồ sơ</h1>{body}</main></body></html>"
    );
    let mut headers = HeaderMap::new();
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    (status, headers, html).into_response()
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    /// A policy that does not know the style would show the page without it.
    #[test]
    fn the_policy_lets_the_pages_own_style_in() {
        let text = BASE64_STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{text}'")), "{text}");
    }

    #[test]
    fn a_token_is_ours_or_nobodys() {
        let (own, other) = (Sealer::new(&[1; 32]), Sealer::new(&[2; 32]));
        let token = token(&own, "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b").unwrap();
        assert_eq!(reference(&own, &token), Some("0193a1b2c3d47e5f8a9b0c1d2e3f4a5b"));
        assert_eq!(reference(&other, &token), None);
        let changed = token.replacen("0193", "0194", 1);
        for odd in [changed.as_str(), "", ".", "a.b", &token[..token.len() - 1]] {
            assert_eq!(reference(&own, odd), None, "{odd}");
        }
    }
}
