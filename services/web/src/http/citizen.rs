//! Citizens' pages: no account, no personal data, the secret on the paper is the key.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use motcua_proto::intake::v1::{GetDossierRequest, get_dossier_request};
use motcua_proto::status::v1::TrackRequest;
use serde::Deserialize;

use super::Fail;
use super::ticket::track_ticket;
use crate::app::App;
use crate::text;
use crate::upstream::ask;
use crate::view;

/// Status has a dossier within seconds of its reception.
const AGAIN_SECONDS: &str = "3";

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/", get(home)).route("/lookup", post(lookup)).route("/d/{token}", get(receipt))
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

async fn receipt(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    match follow(&app, &token).await {
        Ok((page, Some(again))) => {
            // By the browser itself: who has no script sees the dossier come too.
            ([(header::REFRESH, again)], page).into_response()
        }
        made => app.page(made.map(|(page, _)| page)),
    }
}

/// The page, and after how many seconds it is to be asked for again.
async fn follow(app: &App, token: &str) -> Result<(maud::Markup, Option<&'static str>), Fail> {
    app.acquaint().await;
    let (name, tz, ribbon) = (app.name(), app.tz(), app.ribbon());
    let peers = app.upstream.citizen(&app.settings.centre_id);
    match ask(peers.status().track(TrackRequest { token: asked(token) })).await {
        Ok(track) => {
            let known = app.last_centre();
            let (address, hotline) =
                known.as_ref().map_or(("", ""), |centre| (centre.address.as_str(), centre.hotline.as_str()));
            let place = view::receipt::Place { name: &name, address, hotline };
            return Ok((view::receipt::page(&track, &place, app.clock.now(), &tz, ribbon.as_deref()), None));
        }
        Err(fail) if matches!(fail.status.as_u16(), 404 | 422) => {}
        Err(fail) => return Err(fail),
    }
    // Right after acceptance only intake knows the receipt.
    let key = Some(get_dossier_request::Key::Token(asked(token)));
    let request = GetDossierRequest { centre_id: app.settings.centre_id.clone(), key };
    match ask(peers.intake().get_dossier(request)).await {
        Ok(answer) => {
            let dossier = answer.dossier.unwrap_or_default();
            let accept = text::instant(dossier.accept_time.as_ref());
            Ok((view::receipt::accepted(&dossier.code, accept, &name, &tz, ribbon.as_deref()), Some(AGAIN_SECONDS)))
        }
        Err(fail) if matches!(fail.status.as_u16(), 404 | 422) => Err(Fail::not_found(
            "RECEIPT_UNKNOWN",
            "Không có giấy hẹn này. Xin quét lại mã QR trên giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
        )),
        Err(fail) => Err(fail),
    }
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
