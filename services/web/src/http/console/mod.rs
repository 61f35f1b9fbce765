//! The counter console: its page, its stream, its acts.

mod act;
mod desk;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1::{
    ExplainTicketRequest, GetCounterRequest, GetCounterResponse, KeepCounterRequest, ListTicketsRequest, Undoable,
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
use crate::view::console::{self as view, Console, Undo};
use act::Act;

/// How many waiting tickets the drawer lists.
const NEXT_MAX: i32 = 50;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/console/{counter}", get(page))
        .route("/console/{counter}/state", get(state))
        .route("/console/{counter}/events", get(events))
        .route("/console/{counter}/here", post(here))
        .route("/console/{counter}/tickets/{id}", get(sheet))
        .route("/console/{counter}/{act}", post(run))
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
        Change::Alarm | Change::Device => Touch::Not,
        Change::Moved { queue_id, counter_id, .. } => {
            let mine = *counter_id == own.id || own.skills.iter().any(|s| s.queue_id == *queue_id);
            if mine { Touch::Now } else { Touch::Not }
        }
        // Another counter's state shows where a ticket can be sent.
        Change::Counter { counter_id } => {
            if *counter_id == own.id {
                Touch::Now
            } else {
                Touch::Soon
            }
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

async fn get_counter(app: &App, peers: &Peers, counter_id: &str) -> Result<GetCounterResponse, Fail> {
    let centre_id = app.settings.centre_id.clone();
    ask(peers.routing().get_counter(GetCounterRequest { centre_id, counter_id: counter_id.to_owned() })).await
}

async fn load(app: &App, peers: &Peers, key: &str) -> Result<Console, Fail> {
    let centre = app.centre().await?;
    let counter_id = counter(&centre, key)?.id;
    let centre_id = app.settings.centre_id.clone();
    let mut routing = peers.routing();
    let (own, next) = tokio::try_join!(
        get_counter(app, peers, &counter_id),
        ask(routing.list_tickets(ListTicketsRequest {
            centre_id,
            counter_id: counter_id.clone(),
            page_size: NEXT_MAX,
            ..ListTicketsRequest::default()
        })),
    )?;
    let now = app.clock.now();
    Ok(Console {
        centre: (*centre).clone(),
        counter: own.counter.unwrap_or_default(),
        answer_left_ms: own.ticket.as_ref().and_then(|t| left_ms(app, t.answer_time.as_ref(), now)),
        ticket: own.ticket,
        call: own.call,
        next: next.tickets,
        held: own.held,
        missed: own.missed,
        undo: own.undoable.and_then(|undoable| undo(app, undoable, now)),
        waiting: own.waiting,
        served_today: own.served_today,
        service_seconds: own.service_seconds,
        tz: app.tz(),
        now,
    })
}

fn undo(app: &App, undoable: Undoable, now: Timestamp) -> Option<Undo> {
    let left_ms = left_ms(app, undoable.until.as_ref(), now).filter(|left| *left > 0)?;
    let Undoable { ticket_id, ticket_number: number, action, .. } = undoable;
    Some(Undo { ticket_id, number, action, left_ms })
}

/// How long a person waits until a business time, in milliseconds of the wall.
fn left_ms(app: &App, until: Option<&prost_types::Timestamp>, now: Timestamp) -> Option<i64> {
    let left = text::instant(until)?.duration_since(now).as_millis();
    Some(i64::try_from(left).unwrap_or(i64::MAX) / app.speed)
}

/// One ticket, by its id or by its number of today: what may be done with it here, what happened to it and why.
async fn sheet(
    State(app): State<Arc<App>>,
    Path((key, named)): Path<(String, String)>,
    staff: Staff,
) -> Result<Markup, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let centre = app.centre().await?;
    let counter_id = counter(&centre, &key)?.id;
    let centre_id = centre.id.clone();
    let request = if is_number(&named) {
        ExplainTicketRequest { centre_id, ticket_number: named, ..ExplainTicketRequest::default() }
    } else {
        ExplainTicketRequest { centre_id, ticket_id: named, ..ExplainTicketRequest::default() }
    };
    let mut routing = peers.routing();
    let (own, explained) =
        tokio::try_join!(get_counter(&app, &peers, &counter_id), ask(routing.explain_ticket(request)))?;
    let sheet = view::sheet::Sheet {
        centre: &centre,
        counter: &own.counter.unwrap_or_default(),
        live: own.ticket.as_ref(),
        explained: &explained,
        tz: &app.tz(),
        now: app.clock.now(),
    };
    Ok(view::sheet::sheet(&sheet))
}

/// "A012", as printed; ids are no such thing.
fn is_number(named: &str) -> bool {
    let digits = named.trim_start_matches(|c: char| c.is_ascii_uppercase());
    digits.len() < named.len() && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[derive(Deserialize)]
struct Here {
    session: String,
}

#[derive(Serialize)]
struct Heard {
    /// False: the page works the counter no longer.
    held: bool,
}

/// A page says that it still works its counter: one that fell silent can be followed without asking.
async fn here(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    staff: Staff,
    Body(body): Body<Here>,
) -> Result<Json<Heard>, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?;
    let (centre_id, counter_id) = (app.settings.centre_id.clone(), counter(&*app.centre().await?, &key)?.id);
    let request = KeepCounterRequest { centre_id, counter_id, session: body.session };
    let held = ask(app.upstream.staff(session).routing().keep_counter(request)).await?.held;
    Ok(Json(Heard { held }))
}

#[derive(Serialize)]
struct Acted {
    /// The console after the act; empty when it could not be read, the stream brings it.
    html: String,
    message: Option<String>,
    /// True when a ticket was called by this act.
    called: bool,
}

async fn run(
    State(app): State<Arc<App>>,
    Path((key, name)): Path<(String, String)>,
    staff: Staff,
    Body(body): Body<Act>,
) -> Result<Json<Acted>, Fail> {
    let session = staff.may(Action::CallTicket, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let counter_id = counter(&*app.centre().await?, &key)?.id;
    let (message, called) = if desk::ACTS.contains(&name.as_str()) {
        desk::run(&app, &peers, &counter_id, &name, body).await?;
        (None, false)
    } else {
        act::run(&app, &peers, counter_id, &name, body).await?
    };
    let html = match load(&app, &peers, &key).await {
        Ok(console) => view::state(&console).into_string(),
        Err(_) => String::new(),
    };
    Ok(Json(Acted { html, message, called }))
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_number_is_told_from_an_id() {
        assert!(is_number("A012") && is_number("B1234"));
        assert!(!is_number("01a21a85-c5b6-719b-a93d-58a5505c6ab7") && !is_number("A") && !is_number("t1"));
    }
}
