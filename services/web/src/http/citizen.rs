//! Citizens' pages: no account, no personal data, the secret on the paper is the key.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use motcua_proto::intake::v1::{GetDossierRequest, get_dossier_request};
use motcua_proto::routing::v1::{TrackTicketRequest, TrackTicketResponse};
use motcua_proto::status::v1::TrackRequest;
use serde::Deserialize;
use serde_json::json;
use tower_http::set_header::SetResponseHeaderLayer;

use super::Fail;
use super::live::{self, Touch};
use crate::app::App;
use crate::feed::Change;
use crate::text;
use crate::upstream::ask;
use crate::view;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/lookup", post(lookup))
        .route("/t/{token}", get(ticket))
        .route("/t/{token}/state", get(ticket_state))
        .route("/t/{token}/events", get(ticket_events))
        .route("/d/{token}", get(receipt))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow"),
        ))
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
fn asked(token: &str) -> String {
    if is_token(token) { token.to_owned() } else { "A".repeat(22) }
}

async fn track_ticket(app: &App, token: &str) -> Result<TrackTicketResponse, Fail> {
    let request = TrackTicketRequest { token: asked(token) };
    let mut answer =
        ask(app.upstream.citizen(&app.settings.centre_id).routing().track_ticket(request)).await.map_err(|fail| {
            match fail.status.as_u16() {
                404 | 422 => Fail::not_found(
                    "TICKET_UNKNOWN",
                    "Không có phiếu số này. Xin quét lại mã QR trên phiếu; nếu vẫn không được, mời ông/bà đến Quầy hướng dẫn.",
                ),
                _ => fail,
            }
        })?;
    if answer.centre_name.is_empty() {
        answer.centre_name = app.name();
    }
    answer.area_name = app.area(answer.ticket.as_ref().map_or("", |t| t.area_id.as_str()), &answer.area_name);
    Ok(answer)
}

async fn ticket(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    let made = async {
        // The name, the zone and the ribbon come from the centre; the page stands without it.
        app.acquaint().await;
        let track = track_ticket(&app, &token).await?;
        Ok(view::ticket::page(&track, &token, app.clock.now(), &app.tz(), app.ribbon().as_deref()))
    }
    .await;
    app.page(made)
}

async fn ticket_state(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Response, Fail> {
    let track = track_ticket(&app, &token).await?;
    let ticket = track.ticket.clone().unwrap_or_default();
    let estimate = track.estimate.unwrap_or_default();
    Ok(Json(json!({
        "number": ticket.number, "state": view::ticket::name(ticket.state()), "ahead": estimate.ahead,
        "range": text::range(&estimate), "counter": track.counter_number, "area": track.area_name, "seq": track.seq,
    }))
    .into_response())
}

async fn ticket_events(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Response, Fail> {
    let room = app.streams.clone().try_acquire_owned().map_err(|_| {
        let message = "Đang có quá nhiều người xem. Trang sẽ tự thử lại.";
        Fail::new(StatusCode::SERVICE_UNAVAILABLE, "STREAMS_FULL", message)
    })?;
    let track = track_ticket(&app, &token).await?;
    let ticket = track.ticket.unwrap_or_default();
    let touches = move |change: &Change| match change {
        Change::Moved { ticket_id, .. } if *ticket_id == ticket.id => Touch::Now,
        Change::Moved { queue_id, .. } if *queue_id != ticket.queue_id => Touch::Not,
        Change::Moved { .. } | Change::Gap => Touch::Soon,
    };
    let source = app.clone();
    let render = move || {
        let _held_as_long_as_the_stream = &room;
        let (app, token) = (source.clone(), token.clone());
        async move {
            let track = track_ticket(&app, &token).await?;
            Ok(view::ticket::state(&track, app.clock.now(), &app.tz()))
        }
    };
    Ok(live::stream(app, touches, render))
}

async fn receipt(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    let made = follow(&app, &token).await;
    app.page(made)
}

async fn follow(app: &App, token: &str) -> Result<maud::Markup, Fail> {
    app.acquaint().await;
    let (name, tz, ribbon) = (app.name(), app.tz(), app.ribbon());
    let peers = app.upstream.citizen(&app.settings.centre_id);
    match ask(peers.status().track(TrackRequest { token: asked(token) })).await {
        Ok(track) => return Ok(view::receipt::page(&track, &name, app.clock.now(), &tz, ribbon.as_deref())),
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
            Ok(view::receipt::accepted(&dossier.code, accept, &name, &tz, ribbon.as_deref()))
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
