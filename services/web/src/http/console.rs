//! The counter console.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1::{
    CallNextRequest, FinishRequest, GetCounterRequest, ListTicketsRequest, MarkAbsentRequest, MarkArrivedRequest,
    RecallRequest, Ticket, TicketState, TransferRequest, transfer_request,
};
use serde::{Deserialize, Serialize};

use super::answer::Body;
use super::guard::{Staff, Visit};
use super::live::{self, Touch};
use super::{Fail, counter};
use crate::account::{self, Session};
use crate::app::App;
use crate::feed::Change;
use crate::text;
use crate::upstream::{Peers, ask};
use crate::view::console::{self as view, Console};

/// How many waiting tickets the drawer lists.
const NEXT_MAX: i32 = 50;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/console/{counter}", get(page))
        .route("/console/{counter}/state", get(state))
        .route("/console/{counter}/events", get(events))
        .route("/console/{counter}/{act}", post(act))
}

async fn page(State(app): State<Arc<App>>, Path(key): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::CallTicket, &app.settings.centre_id)?;
        let console = load(&app, &app.upstream.staff(session), &key).await?;
        Ok(view::page(&console, &session.identity, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn state(State(app): State<Arc<App>>, Path(key): Path<String>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?;
    Ok(view::state(&load(&app, &app.upstream.staff(session), &key).await?))
}

async fn events(State(app): State<Arc<App>>, Path(key): Path<String>, staff: Staff) -> Result<Response, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?.clone();
    let own = counter(&*app.centre().await?, &key)?;
    let touches = move |change: &Change| match change {
        Change::Gap => Touch::Now,
        Change::Moved { queue_id, counter_id, .. } => {
            let mine = *counter_id == own.id || own.skills.iter().any(|s| s.queue_id == *queue_id);
            if mine { Touch::Now } else { Touch::Not }
        }
    };
    let source = app.clone();
    let render = move || {
        let (app, key, session) = (source.clone(), key.clone(), session.clone());
        async move {
            still(&app, &session).await?;
            Ok(view::state(&load(&app, &app.upstream.staff(&session), &key).await?))
        }
    };
    Ok(live::stream(app, touches, render))
}

/// A stream outlives its session only until the next change.
async fn still(app: &App, session: &Session) -> Result<(), Fail> {
    if account::lasts(&app.db, session).await? { Ok(()) } else { Err(super::guard::signed_out()) }
}

async fn load(app: &App, peers: &Peers, key: &str) -> Result<Console, Fail> {
    let centre = app.centre().await?;
    let counter_id = counter(&centre, key)?.id;
    let centre_id = app.settings.centre_id.clone();
    let (mut one, mut two) = (peers.routing(), peers.routing());
    let (own, next) = tokio::try_join!(
        ask(one.get_counter(GetCounterRequest { centre_id: centre_id.clone(), counter_id: counter_id.clone() })),
        ask(two.list_tickets(ListTicketsRequest {
            centre_id,
            counter_id,
            page_size: NEXT_MAX,
            ..ListTicketsRequest::default()
        })),
    )?;
    Ok(Console {
        centre: (*centre).clone(),
        counter: own.counter.unwrap_or_default(),
        ticket: own.ticket,
        call: own.call,
        next: next.tickets,
        waiting: own.waiting,
        served_today: own.served_today,
        now: app.clock.now(),
    })
}

#[derive(Deserialize)]
struct Act {
    request_id: String,
    #[serde(default)]
    ticket_id: String,
    #[serde(default)]
    finish_current: bool,
    to_queue_id: Option<String>,
    to_counter_id: Option<String>,
}

#[derive(Serialize)]
struct Acted {
    /// The console after the act; empty when it could not be read, the stream brings it.
    html: String,
    message: Option<String>,
    /// True when a ticket was called by this act.
    called: bool,
}

async fn act(
    State(app): State<Arc<App>>,
    Path((key, act)): Path<(String, String)>,
    staff: Staff,
    Body(body): Body<Act>,
) -> Result<Json<Acted>, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let counter_id = counter(&*app.centre().await?, &key)?.id;
    let (message, called) = run(&app, &peers, counter_id, &act, body).await?;
    let html = match load(&app, &peers, &key).await {
        Ok(console) => view::state(&console).into_string(),
        Err(_) => String::new(),
    };
    Ok(Json(Acted { html, message, called }))
}

async fn run(
    app: &App,
    peers: &Peers,
    counter_id: String,
    act: &str,
    body: Act,
) -> Result<(Option<String>, bool), Fail> {
    let centre_id = app.settings.centre_id.clone();
    let Act { request_id, ticket_id, .. } = body;
    let mut routing = peers.routing();
    let say = |ticket: Option<Ticket>, words: &str| {
        Some(format!("{} {words}", text::number(&ticket.unwrap_or_default().number)))
    };
    match act {
        "call" => {
            let finish_current = body.finish_current;
            let answer = ask(routing.call_next(CallNextRequest {
                request_id,
                centre_id,
                counter_id,
                finish_current,
                ..CallNextRequest::default()
            }))
            .await?;
            let called = answer.ticket.is_some();
            Ok(((!called).then(|| "Chưa có người chờ.".to_owned()), called))
        }
        "arrive" => {
            ask(routing.mark_arrived(MarkArrivedRequest { request_id, centre_id, counter_id, ticket_id })).await?;
            Ok((None, false))
        }
        "finish" => {
            let answer = ask(routing.finish(FinishRequest { request_id, centre_id, counter_id, ticket_id })).await?;
            Ok((say(answer.ticket, "đã xong."), false))
        }
        "recall" => {
            let answer = ask(routing.recall(RecallRequest { request_id, centre_id, counter_id, ticket_id })).await?;
            Ok((say(answer.ticket, "đã được gọi lại."), false))
        }
        "absent" => {
            let answer =
                ask(routing.mark_absent(MarkAbsentRequest { request_id, centre_id, counter_id, ticket_id })).await?;
            let dropped = answer.ticket.as_ref().is_some_and(|t| t.state() == TicketState::Dropped);
            let words = if dropped {
                "đã vắng đủ số lần, không gọi nữa."
            } else {
                "vắng, sẽ được gọi lại sau."
            };
            Ok((say(answer.ticket, words), false))
        }
        "transfer" => {
            let to = match (body.to_queue_id, body.to_counter_id) {
                (Some(queue), None) => transfer_request::To::ToQueueId(queue),
                (None, Some(counter)) => transfer_request::To::ToCounterId(counter),
                _ => {
                    return Err(Fail::new(
                        axum::http::StatusCode::BAD_REQUEST,
                        "TRANSFER_TARGET",
                        "Xin chọn hàng chờ hoặc quầy để chuyển đến.",
                    ));
                }
            };
            let request = TransferRequest { request_id, centre_id, counter_id, ticket_id, to: Some(to) };
            let answer = ask(routing.transfer(request)).await?;
            Ok((say(answer.ticket, "đã được chuyển."), false))
        }
        _ => Err(Fail::not_found("ACT_UNKNOWN", "Không có thao tác này. Xin tải lại trang.")),
    }
}
