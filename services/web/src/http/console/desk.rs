//! The counter itself: who works it, open, paused or closed, its languages, whether numbers come by themselves.

use axum::http::StatusCode;
use motcua_proto::routing::v1::{Counter, CounterStatus, SetCounterRequest};

use super::act::Act;
use super::get_counter;
use crate::app::App;
use crate::http::Fail;
use crate::upstream::{Peers, ask};

/// The acts of [`run`].
pub const ACTS: [&str; 5] = ["claim", "pause", "open", "close", "settings"];

/// Changes the counter; what the act does not name stays as it is.
pub async fn run(app: &App, peers: &Peers, counter_id: &str, name: &str, body: Act) -> Result<(), Fail> {
    let own = get_counter(app, peers, counter_id).await?.counter.unwrap_or_default();
    let claim = name == "claim";
    // Nobody works a closed counter; and a page that is loaded again has its counter already.
    if claim && (own.status() == CounterStatus::Closed || own.session == body.session) {
        return Ok(());
    }
    let (status, reason) = match name {
        "pause" => (CounterStatus::Paused, body.reason),
        "open" => (CounterStatus::Open, String::new()),
        "close" => (CounterStatus::Closed, String::new()),
        _ => (own.status(), own.reason),
    };
    let (languages, auto_call) = match name {
        "settings" => (body.languages, body.auto_call),
        _ => (own.languages, own.auto_call),
    };
    let request = SetCounterRequest {
        request_id: body.request_id,
        centre_id: app.settings.centre_id.clone(),
        counter_id: counter_id.to_owned(),
        status: status.into(),
        reason,
        session: body.session,
        take_over: claim && body.take_over,
        languages,
        auto_call,
    };
    ask(peers.routing().set_counter(request)).await?;
    Ok(())
}

/// Refuses an act of a screen that no longer works the counter. Calls are checked by routing in their own transaction;
/// this look ahead of the other acts leaves a moment in which both screens may act.
pub async fn holds(app: &App, peers: &Peers, counter_id: &str, session: &str) -> Result<(), Fail> {
    if session.is_empty() {
        return Ok(());
    }
    let own = get_counter(app, peers, counter_id).await?.counter.unwrap_or_default();
    if own.session.is_empty() || own.session == session { Ok(()) } else { Err(taken(&own)) }
}

fn taken(counter: &Counter) -> Fail {
    let Counter { number, officer, .. } = counter;
    Fail::new(
        StatusCode::CONFLICT,
        "COUNTER_TAKEN",
        format!("Quầy {number} đang mở ở màn hình khác ({officer}). Chọn \"Nhận quầy\" để làm việc tại đây."),
    )
}
