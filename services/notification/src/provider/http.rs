//! What every provider over HTTP does alike: time limits, bounded answers, and the line between "not sent" and "perhaps".

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, Url, header::RETRY_AFTER, redirect::Policy};

use super::ProviderError;
use crate::model::{Class, Outcome};

const BODY_BYTES_MAX: usize = 64 * 1024;

/// A client that goes where the operator said and nowhere else.
pub(super) fn client(connect_timeout_ms: u64, total_timeout_ms: u64) -> Result<Client, ProviderError> {
    crypto();
    Ok(Client::builder()
        .connect_timeout(Duration::from_millis(connect_timeout_ms))
        .timeout(Duration::from_millis(total_timeout_ms))
        // Requests hold credentials.
        .redirect(Policy::none())
        // A connection kept too long dies under the next request, and that would be a doubt for nothing.
        .pool_idle_timeout(Duration::from_secs(4))
        .build()?)
}

/// The program installs it first thing; a test may not have.
pub(super) fn crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

/// An http(s) address.
pub(super) fn url(key: &'static str, text: &str) -> Result<Url, ProviderError> {
    let url = Url::parse(text).ok().filter(|u| matches!(u.scheme(), "http" | "https"));
    url.ok_or_else(|| ProviderError::Url { key, url: text.to_owned() })
}

/// A request that got no answer.
pub(super) fn no_answer(error: &reqwest::Error) -> Outcome {
    // Names, sockets and TLS fail before a byte of the message leaves.
    if error.is_connect() || error.is_builder() {
        return Outcome::NotSent { class: Class::Connect, detail: cause(error), wait_ms: None };
    }
    Outcome::Ambiguous { detail: cause(error) }
}

/// 429, with the wait that the provider asks for.
pub(super) fn too_fast(response: &Response) -> Option<Outcome> {
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let asked = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
    let wait = asked.and_then(|v| v.trim().parse::<i64>().ok());
    let wait_ms = wait.map(|seconds| seconds.saturating_mul(1_000));
    Some(Outcome::NotSent { class: Class::Rate, detail: "HTTP 429".into(), wait_ms })
}

/// The whole body of an answer.
///
/// # Errors
/// A doubt: it broke off, or is longer than any answer.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, Outcome> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= BODY_BYTES_MAX => bytes.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(Outcome::Ambiguous { detail: "answer too long".into() }),
            Ok(None) => return Ok(bytes),
            Err(error) => return Err(Outcome::Ambiguous { detail: cause(&error) }),
        }
    }
}

/// The innermost cause; never the address of the call, which a gateway may want secrets in.
pub(super) fn cause(error: &reqwest::Error) -> String {
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
