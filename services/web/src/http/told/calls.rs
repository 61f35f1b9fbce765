//! The call list: whom no message reached.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::notification::v1::{Call, ListCallsRequest, OpenCallRequest, RecordCallRequest};
use serde::Deserialize;
use serde_json::{Value, json};

use super::codes;
use crate::account::Session;
use crate::app::App;
use crate::http::Fail;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::text;
use crate::upstream::{Peers, ask};
use crate::view::told::calls::{self as view, Listed, Row, Tab};

/// More than a centre calls in a day.
const LISTED_MAX: i32 = 200;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/staff/calls", get(page))
        .route("/staff/calls/list", get(list))
        .route("/staff/calls/{id}/open", post(open))
        .route("/staff/calls/{id}/record", post(record))
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    state: String,
}

async fn page(State(app): State<Arc<App>>, Query(part): Query<Part>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::WorkCallList, &app.settings.centre_id)?;
        app.acquaint().await;
        let listed = listed(&app, session, Tab::named(&part.state)).await?;
        Ok(view::page(&app.name(), &session.identity, &listed, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn list(State(app): State<Arc<App>>, Query(part): Query<Part>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::WorkCallList, &app.settings.centre_id)?;
    Ok(view::state(&listed(&app, session, Tab::named(&part.state)).await?))
}

async fn of(app: &App, peers: &Peers, tab: Tab) -> Result<Vec<Call>, Fail> {
    let centre_id = app.settings.centre_id.clone();
    let request = ListCallsRequest { centre_id, state: tab.state().to_owned(), page_size: LISTED_MAX };
    Ok(ask(peers.notification().list_calls(request)).await?.calls)
}

async fn listed(app: &App, session: &Session, tab: Tab) -> Result<Listed, Fail> {
    let peers = app.upstream.staff(session);
    let (open, relay) = tokio::try_join!(of(app, &peers, Tab::Open), of(app, &peers, Tab::Relay))?;
    let counts = (open.len(), relay.len());
    let calls = match tab {
        Tab::Open => open,
        Tab::Relay => relay,
        Tab::Done => of(app, &peers, Tab::Done).await?,
    };
    let mut known = codes::of(app, &peers, calls.iter().map(|call| call.dossier_id.clone()).collect()).await;
    let now = app.clock.now();
    let mut rows: Vec<Row> = calls
        .into_iter()
        .map(|call| Row {
            code: known.get_mut(&call.dossier_id).map(std::mem::take).unwrap_or_default(),
            later: text::instant(call.next_time.as_ref()).filter(|next| *next > now),
            call,
        })
        .collect();
    // Whoever may be called now comes first; the sort keeps the age of the others.
    rows.sort_by_key(|row| row.later);
    Ok(Listed { tab, rows, counts, tz: app.tz() })
}

#[derive(Deserialize)]
struct Ask {
    request_id: String,
}

/// Shows number and script; notification writes down who looked.
async fn open(
    State(app): State<Arc<App>>,
    Path(call_id): Path<String>,
    staff: Staff,
    Body(Ask { request_id }): Body<Ask>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::WorkCallList, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let centre_id = app.settings.centre_id.clone();
    let opened = ask(peers.notification().open_call(OpenCallRequest { request_id, centre_id, call_id })).await?;
    let call = opened.call.unwrap_or_default();
    let known = codes::of(&app, &peers, [call.dossier_id.clone()].into()).await;
    let code = known.get(&call.dossier_id).map_or("", String::as_str);
    let html = view::opened(&call, code, &opened.script, &opened.phone, &app.name()).into_string();
    Ok(Json(json!({ "html": html })))
}

#[derive(Deserialize)]
struct Outcome {
    request_id: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    note: String,
}

async fn record(
    State(app): State<Arc<App>>,
    Path(call_id): Path<String>,
    staff: Staff,
    Body(Outcome { request_id, outcome, note }): Body<Outcome>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::WorkCallList, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let request = RecordCallRequest { request_id, centre_id, call_id, outcome, note: note.trim().to_owned() };
    let call = ask(app.upstream.staff(session).notification().record_call(request)).await?.call.unwrap_or_default();
    Ok(Json(json!({ "message": view::recorded(&call, &app.tz()), "state": call.state })))
}
