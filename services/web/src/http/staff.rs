//! Calls for help and printers' alarms, live, for whoever goes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Body;
use super::guard::{Staff, Visit, signed_out};
use super::live::{self, Touch};
use super::{Fail, hall_name};
use crate::account;
use crate::app::App;
use crate::device::Act;
use crate::feed::Change;
use crate::view::{self, staff::Call};

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/staff", get(page))
        .route("/staff/events", get(events))
        .route("/staff/alarms/{id}/{answer}", post(answer))
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::AnswerAlarm, &app.settings.centre_id)?;
        app.acquaint().await;
        let calls = calls(&app).await?;
        Ok(view::staff::page(&app.name(), &session.identity, &calls, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn events(State(app): State<Arc<App>>, staff: Staff) -> Result<Response, Fail> {
    let session = staff.may(Action::AnswerAlarm, &app.settings.centre_id)?.clone();
    let touches = |change: &Change| match change {
        Change::Alarm => Touch::Now,
        Change::Gap | Change::Moved { .. } | Change::Counter { .. } | Change::Device => Touch::Not,
    };
    let source = app.clone();
    let render = move || {
        let (app, session) = (source.clone(), session.clone());
        async move {
            if !account::lasts(&app.db, &session).await? {
                return Err(signed_out());
            }
            Ok(view::staff::state(&calls(&app).await?))
        }
    };
    Ok(live::stream(app, touches, render))
}

/// What is open, in the order in which it should be seen to.
pub async fn calls(app: &App) -> Result<Vec<Call>, Fail> {
    let (open, now, tz) = (app.devices.open().await?, app.clock.now(), app.tz());
    Ok(open
        .into_iter()
        .map(|alarm| Call {
            hall: hall_name(app, &alarm.hall_id),
            since: crate::text::clock(alarm.times.raised, &tz),
            seconds: (now.duration_since(alarm.times.raised).as_secs() / app.speed.max(1)).max(0),
            acknowledged: alarm.times.acknowledged.map(|time| crate::text::hour(time, &tz)),
            alarm,
        })
        .collect())
}

#[derive(Deserialize)]
struct Ask {
    request_id: String,
}

/// Answers how it stands now: somebody else may have gone before.
async fn answer(
    State(app): State<Arc<App>>,
    Path((alarm_id, answer)): Path<(String, String)>,
    staff: Staff,
    Body(Ask { request_id }): Body<Ask>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AnswerAlarm, &app.settings.centre_id)?;
    let act = match answer.as_str() {
        "acknowledge" => Act::Acknowledge { alarm_id: alarm_id.clone() },
        "close" => Act::Close { alarm_id: alarm_id.clone() },
        _ => return Err(Fail::not_found("ACT_UNKNOWN", "Không có thao tác này. Xin tải lại trang.")),
    };
    app.devices.act(&session.identity, &request_id, &act).await?;
    let open = app.devices.open().await?.into_iter().find(|alarm| alarm.id == alarm_id);
    Ok(Json(json!({ "open": open.is_some(), "by": open.map(|alarm| alarm.by).unwrap_or_default() })))
}
