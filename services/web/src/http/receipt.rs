//! The phone page of a dossier, and what its holder may do there. Plain forms: no script, no account, no cookie; the secret
//! in the address is the key, so that another site has nothing to send.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use maud::Markup;
use motcua_proto::intake::v1::open_receipt_response::Outcome;
use motcua_proto::intake::v1::{ClosedReceipt, GetDossierRequest, OpenReceiptRequest, get_dossier_request};
use motcua_proto::status::v1::{RateDossierRequest, TrackRequest, TrackResponse};

use super::Fail;
use super::citizen::{asked, filled};
use crate::app::App;
use crate::lang::Locale;
use crate::text;
use crate::upstream::ask;
use crate::view::dossier::narrow::{Pairs, last};
use crate::view::receipt::{self, Closed, Factor, Place, Typed, View};

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/d/{token}", get(page).post(open))
        .route("/d/{token}/rate", post(rate))
        .route("/d/{token}/receipt.pdf", post(pdf))
}

fn locale(pairs: &Pairs) -> Locale {
    Locale::parse(last(pairs, "lang")).unwrap_or_default()
}

fn unknown() -> Fail {
    Fail::not_found(
        "RECEIPT_UNKNOWN",
        "Không có giấy hẹn này. Xin quét lại mã QR trên giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
    )
}

async fn page(State(app): State<Arc<App>>, Path(token): Path<String>, Query(pairs): Query<Pairs>) -> Response {
    match follow(&app, &token, locale(&pairs)).await {
        // By the browser itself: who has no script sees the dossier come too.
        Ok((page, Some(again))) => ([(header::REFRESH, again)], page).into_response(),
        made => app.page(made.map(|(page, _)| page)),
    }
}

async fn track(app: &App, token: &str) -> Result<TrackResponse, Fail> {
    let peers = app.upstream.citizen(&app.settings.centre_id);
    ask(peers.status().track(TrackRequest { token: asked(token) })).await
}

/// The page around what status told; `more` puts onto it what its forms brought.
fn shown(app: &App, track: &TrackResponse, token: &str, locale: Locale, more: impl FnOnce(&mut View<'_>)) -> Markup {
    let (name, known, tz) = (app.name(), app.last_centre(), app.tz());
    let (address, hotline) = known.as_ref().map_or(("", ""), |c| (c.address.as_str(), c.hotline.as_str()));
    let place = Place { name: &name, address, hotline };
    let mut view = View {
        track,
        place: &place,
        token,
        locale,
        now: app.clock.now(),
        tz: &tz,
        rating: None,
        factor: Factor::Untried,
    };
    more(&mut view);
    view.page(app.ribbon().as_deref())
}

/// Status has a dossier within seconds of its reception.
const AGAIN_SECONDS: &str = "3";

/// The page, and after how many seconds it is to be asked for again.
async fn follow(app: &App, token: &str, locale: Locale) -> Result<(Markup, Option<&'static str>), Fail> {
    app.acquaint().await;
    match track(app, token).await {
        Ok(track) => return Ok((shown(app, &track, token, locale, |_| {}), None)),
        Err(fail) if matches!(fail.status.as_u16(), 404 | 422) => {}
        Err(fail) => return Err(fail),
    }
    // Right after acceptance only intake knows the receipt.
    let key = Some(get_dossier_request::Key::Token(asked(token)));
    let request = GetDossierRequest { centre_id: app.settings.centre_id.clone(), key };
    match ask(app.upstream.citizen(&app.settings.centre_id).intake().get_dossier(request)).await {
        Ok(answer) => {
            let dossier = answer.dossier.unwrap_or_default();
            let accept = text::instant(dossier.accept_time.as_ref());
            let (name, tz, ribbon) = (app.name(), app.tz(), app.ribbon());
            let page = receipt::accepted(&dossier.code, accept, (&name, token), &tz, locale, ribbon.as_deref());
            Ok((page, Some(AGAIN_SECONDS)))
        }
        Err(fail) if matches!(fail.status.as_u16(), 404 | 422) => Err(unknown()),
        Err(fail) => Err(fail),
    }
}

/// What citizens read when a rating is not taken.
fn why_not(fail: &Fail) -> &'static str {
    match fail.reason.as_str() {
        "SCORE_INVALID" => "d.rate.error.score",
        "TEXT_TOO_LONG" => "d.rate.error.long",
        "RATING_CLOSED" => "d.rate.error.closed",
        "RATING_NOT_YET" => "d.rate.error.early",
        _ => "d.error.away",
    }
}

async fn rate(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(pairs): Query<Pairs>,
    form: Result<Form<Pairs>, FormRejection>,
) -> Response {
    let locale = locale(&pairs);
    let made = async {
        app.acquaint().await;
        let form = filled(form)?;
        let request = RateDossierRequest {
            request_id: last(&form, "request_id").to_owned(),
            token: asked(&token),
            score: last(&form, "score").parse().unwrap_or_default(),
            comment: last(&form, "comment").to_owned(),
        };
        let (score, comment) = (request.score, request.comment.clone());
        match ask(app.upstream.citizen(&app.settings.centre_id).status().rate_dossier(request)).await {
            Ok(_) => Ok(Redirect::to(&format!("/d/{token}?lang={}#rate", locale.code())).into_response()),
            Err(fail) if fail.status == StatusCode::NOT_FOUND => Err(unknown()),
            Err(fail) => {
                // Nothing that was typed is lost.
                let typed = Typed { score, comment, problem: locale.text(why_not(&fail)).to_owned() };
                let track = track(&app, &token).await?;
                let page = shown(&app, &track, &token, locale, |view| view.rating = Some(typed));
                Ok((fail.status, page).into_response())
            }
        }
    }
    .await;
    made.unwrap_or_else(|fail: Fail| app.notice(&fail, None))
}

/// One try of the second factor.
async fn tried(app: &App, token: &str, form: &Pairs, with_pdf: bool) -> Result<Factor, Fail> {
    let phone_digits = last(form, "digits").to_owned();
    let request = OpenReceiptRequest { token: asked(token), phone_digits: phone_digits.clone(), with_pdf };
    let answer = ask(app.upstream.citizen(&app.settings.centre_id).receipts().open_receipt(request)).await;
    let closed = |closed: ClosedReceipt| match text::instant(closed.rest_until.as_ref()) {
        Some(until) => Closed::Rests(until),
        None => Closed::Wrong(closed.tries_left),
    };
    match answer.map(|answer| answer.outcome) {
        Ok(Some(Outcome::Opened(opened))) => Ok(Factor::Open(Box::new(opened), phone_digits)),
        Ok(Some(Outcome::Closed(refused))) => Ok(Factor::Closed(closed(refused))),
        Ok(None) => Ok(Factor::Closed(Closed::Away)),
        Err(fail) if fail.reason == "DIGITS_INVALID" => Ok(Factor::Closed(Closed::Shape)),
        Err(fail) if fail.status == StatusCode::NOT_FOUND => Err(unknown()),
        Err(fail) if fail.passing() => Ok(Factor::Closed(Closed::Away)),
        Err(fail) => Err(fail),
    }
}

/// The page again, with what was opened or why it was not.
async fn answered(app: &App, token: &str, locale: Locale, factor: Factor) -> Result<Response, Fail> {
    let status = match &factor {
        Factor::Open(..) | Factor::Untried => StatusCode::OK,
        Factor::Closed(Closed::Shape | Closed::Wrong(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        Factor::Closed(Closed::Rests(_)) => StatusCode::TOO_MANY_REQUESTS,
        Factor::Closed(Closed::Away) => StatusCode::SERVICE_UNAVAILABLE,
    };
    let track = track(app, token).await.map_err(|fail| match fail.status {
        StatusCode::NOT_FOUND => unknown(),
        _ => fail,
    })?;
    let page = shown(app, &track, token, locale, |view| view.factor = factor);
    Ok((status, page).into_response())
}

async fn open(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(pairs): Query<Pairs>,
    form: Result<Form<Pairs>, FormRejection>,
) -> Response {
    let made = async {
        app.acquaint().await;
        let factor = tried(&app, &token, &filled(form)?, false).await?;
        answered(&app, &token, locale(&pairs), factor).await
    }
    .await;
    made.unwrap_or_else(|fail: Fail| app.notice(&fail, None))
}

/// Form 01 for whoever opened the page: the digits come along and count as a try.
async fn pdf(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(pairs): Query<Pairs>,
    form: Result<Form<Pairs>, FormRejection>,
) -> Response {
    let made = async {
        app.acquaint().await;
        match tried(&app, &token, &filled(form)?, true).await? {
            Factor::Open(opened, _) => Ok(super::answer::pdf(opened.pdf, &opened.file_name)),
            factor => answered(&app, &token, locale(&pairs), factor).await,
        }
    }
    .await;
    made.unwrap_or_else(|fail: Fail| app.notice(&fail, None))
}
