//! The phone page of a ticket, and what its holder may do: move it back, give it back.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_proto::routing::v1::{
    CancelTicketRequest, PostponeTicketRequest, Ticket, TrackTicketRequest, TrackTicketResponse,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Fail;
use super::answer::Body;
use super::citizen::asked;
use super::live::{self, Touch};
use super::turn;
use crate::app::App;
use crate::feed::Change;
use crate::lang::Locale;
use crate::text;
use crate::upstream::ask;
use crate::view;
use crate::view::ticket::{POSTPONE_MINUTES, Stop, Turn, View};

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/t/{token}", get(ticket))
        .route("/t/{token}/state", get(ticket_state))
        .route("/t/{token}/events", get(ticket_events))
        .route("/t/{token}/{act}", post(own))
}

pub async fn track_ticket(app: &App, token: &str) -> Result<TrackTicketResponse, Fail> {
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
    Ok(answer)
}

/// The language asked for, else the ticket's own.
#[derive(Deserialize)]
struct Lang {
    #[serde(default)]
    lang: String,
}

impl Lang {
    fn of(&self, track: &TrackTicketResponse) -> Locale {
        language(&self.lang, track)
    }
}

/// The visit's stops by where they are: what for is nobody else's business.
fn stops(app: &App, track: &TrackTicketResponse, locale: Locale) -> Vec<Stop> {
    let stops = track.ticket.as_ref().map_or(&[][..], |t| &t.stops);
    let place = |id: &str| match app.queue(id) {
        Some(queue) => locale.place(&app.letter(&queue.area_id), &queue.name),
        None => locale.text("guidance").to_owned(),
    };
    stops.iter().map(|stop| Stop { place: place(&stop.queue_id), state: stop.state() }).collect()
}

fn place(app: &App, track: &TrackTicketResponse, locale: Locale) -> String {
    let area = track.ticket.as_ref().map_or("", |ticket| ticket.area_id.as_str());
    locale.place(&app.letter(area), &track.area_name)
}

/// Shows a ticket: as a page or as what changes on it.
fn show(app: &App, track: &TrackTicketResponse, locale: Locale, with: impl FnOnce(View<'_>) -> Markup) -> Markup {
    let (stops, place, tz) = (stops(app, track, locale), place(app, track, locale), app.tz());
    with(View { track, stops: &stops, place: &place, locale, now: app.clock.now(), tz: &tz, turn: Turn::default() })
}

/// The page of a ticket, with what is asked of a message.
pub fn page(app: &App, track: &TrackTicketResponse, token: &str, locale: Locale, turn: Turn) -> Markup {
    show(app, track, locale, |view| View { turn, ..view }.page(token, app.ribbon().as_deref()))
}

/// The language asked for, else the ticket's own.
pub fn language(asked: &str, track: &TrackTicketResponse) -> Locale {
    let own = track.ticket.as_ref().map_or("", |ticket| ticket.locale.as_str());
    Locale::parse(asked).or_else(|| Locale::parse(own)).unwrap_or_default()
}

async fn ticket(State(app): State<Arc<App>>, Path(token): Path<String>, Query(lang): Query<Lang>) -> Response {
    let made = async {
        // The name, the zone and the ribbon come from the centre; the page stands without it.
        app.acquaint().await;
        let track = track_ticket(&app, &token).await?;
        let turn = turn::turn(&app, &track).await;
        Ok(page(&app, &track, &token, lang.of(&track), turn))
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
        "range": text::range(&estimate), "counter": track.counter_number, "area": place(&app, &track, Locale::Vi), "seq": track.seq,
    }))
    .into_response())
}

async fn ticket_events(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    Query(lang): Query<Lang>,
) -> Result<Response, Fail> {
    let room = app.streams.clone().try_acquire_owned().map_err(|_| {
        let message = "Đang có quá nhiều người xem. Trang sẽ tự thử lại.";
        Fail::new(StatusCode::SERVICE_UNAVAILABLE, "STREAMS_FULL", message)
    })?;
    let track = track_ticket(&app, &token).await?;
    let locale = lang.of(&track);
    let ticket = track.ticket.unwrap_or_default();
    // A visit, or a ticket sent elsewhere, goes on in another queue.
    let queue = Mutex::new(ticket.queue_id);
    let touches = move |change: &Change| match change {
        Change::Moved { ticket_id, queue_id, .. } if *ticket_id == ticket.id => {
            queue.lock().unwrap_or_else(PoisonError::into_inner).clone_from(queue_id);
            Touch::Now
        }
        Change::Moved { queue_id, .. } if *queue_id != *queue.lock().unwrap_or_else(PoisonError::into_inner) => {
            Touch::Not
        }
        Change::Moved { .. } | Change::Gap => Touch::Soon,
        // Thousands of phones would ask at once; the next move says the new range.
        Change::Counter { .. } | Change::Alarm | Change::Device => Touch::Not,
    };
    let source = app.clone();
    let render = move || {
        let _held_as_long_as_the_stream = &room;
        let (app, token) = (source.clone(), token.clone());
        async move {
            let track = track_ticket(&app, &token).await?;
            Ok(show(&app, &track, locale, |view| view.fragment()))
        }
    };
    Ok(live::stream(app, touches, render))
}

#[derive(Deserialize)]
struct Own {
    request_id: String,
}

/// Moves the number back or gives it back, for whoever holds its paper.
async fn own(
    State(app): State<Arc<App>>,
    Path((token, act)): Path<(String, String)>,
    Query(lang): Query<Lang>,
    Body(Own { request_id }): Body<Own>,
) -> Result<Json<Value>, Fail> {
    let mut routing = app.upstream.citizen(&app.settings.centre_id).routing();
    let token = asked(&token);
    let answer = match act.as_str() {
        "postpone" => {
            let request = PostponeTicketRequest { request_id, token: token.clone(), minutes: POSTPONE_MINUTES };
            ask(routing.postpone_ticket(request)).await.map(|answer| answer.ticket)
        }
        "cancel" => {
            let request = CancelTicketRequest { request_id, token: token.clone() };
            ask(routing.cancel_ticket(request)).await.map(|answer| answer.ticket)
        }
        _ => return Err(Fail::not_found("ACT_UNKNOWN", "Không có việc này. Xin tải lại trang.")),
    };
    let asked = Locale::parse(&lang.lang).unwrap_or_default();
    let ticket: Ticket = answer.map_err(|fail| for_citizens(fail, asked))?.unwrap_or_default();
    // What comes after the act is read anew: place and range have changed.
    let html = match track_ticket(&app, &token).await {
        Ok(track) => show(&app, &track, lang.of(&track), |view| view.fragment()).into_string(),
        Err(_) => String::new(),
    };
    Ok(Json(json!({ "state": view::ticket::name(ticket.state()), "html": html })))
}

/// Staff's words would send citizens to a list that they do not have, and speak Vietnamese to everybody.
fn for_citizens(fail: Fail, locale: Locale) -> Fail {
    let key = match (fail.reason.as_str(), locale) {
        ("TICKET_STATE", _) => "error.state",
        ("TICKET_UNKNOWN", _) => "error.unknown",
        (_, Locale::Vi) => return fail,
        // While it is tried again the page says so in its own words.
        _ => "error.other",
    };
    Fail { message: locale.text(key).to_owned(), ..fail }
}
