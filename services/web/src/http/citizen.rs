//! The front page: no account, the secret on the paper is the key.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::Fail;
use super::ticket::track_ticket;
use crate::app::App;
use crate::view;
use crate::view::dossier::narrow::Pairs;

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/", get(home)).route("/lookup", post(lookup))
}

async fn home(State(app): State<Arc<App>>) -> Response {
    front(&app, None).await
}

async fn front(app: &App, problem: Option<&str>) -> Response {
    let centre = app.centre().await.ok();
    view::home::page(&app.name(), centre.as_deref(), problem, app.ribbon().as_deref()).into_response()
}

#[derive(Deserialize)]
struct Lookup {
    #[serde(default)]
    code: String,
}

/// Takes the whole link or the secret at its end, of a ticket or of a receipt.
async fn lookup(State(app): State<Arc<App>>, Form(Lookup { code }): Form<Lookup>) -> Response {
    let code = code.trim();
    let token = code.rsplit('/').next().unwrap_or(code);
    if !is_token(token) {
        let problem = "Mã này không đúng. Xin nhập cả dòng chữ in dưới mã QR, phân biệt chữ hoa và chữ thường.";
        return front(&app, Some(problem)).await;
    }
    let kind = match code.rsplit('/').nth(1) {
        Some("t") => Ok("t"),
        Some("d") => Ok("d"),
        _ => match track_ticket(&app, token).await {
            Ok(_) => Ok("t"),
            Err(fail) if fail.status.as_u16() == 404 => Ok("d"),
            Err(fail) => Err(fail),
        },
    };
    match kind {
        Ok(kind) => Redirect::to(&format!("/{kind}/{token}")).into_response(),
        Err(fail) => app.notice(&fail, None),
    }
}

/// 128 bits or more in base64url.
fn is_token(token: &str) -> bool {
    (22..=64).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// What is asked in place of something that cannot be a token, so that it takes as long as one that is not known.
pub fn asked(token: &str) -> String {
    if is_token(token) { token.to_owned() } else { "A".repeat(22) }
}

/// A form as it came.
pub fn filled(form: Result<Form<Pairs>, FormRejection>) -> Result<Pairs, Fail> {
    let broken = "Nội dung gửi lên không đúng mẫu. Xin tải lại trang.";
    form.map(|Form(pairs)| pairs).map_err(|_| Fail::new(StatusCode::BAD_REQUEST, "BODY_INVALID", broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_a_token_is_asked_as_an_unknown_one() {
        assert!(is_token("abcdefghijklmnopqrst-_"));
        assert!(!is_token("short") && !is_token(&"a".repeat(65)) && !is_token("abcdefghijklmnopqrst.."));
        assert_eq!(asked("../../etc/passwd").len(), 22);
    }
}
