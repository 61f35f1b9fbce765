//! The counter itself: who works it, open, paused or closed, its languages, whether numbers come by themselves.

use motcua_proto::routing::v1::{CounterStatus, LeaveCounterRequest, SetCounterRequest};

use super::act::Act;
use super::get_counter;
use crate::app::App;
use crate::http::Fail;
use crate::upstream::{Peers, ask};

/// The acts of [`run`].
pub const ACTS: [&str; 6] = ["claim", "leave", "pause", "open", "close", "settings"];

/// Changes the counter; what the act does not name stays as it is.
pub async fn run(app: &App, peers: &Peers, counter_id: &str, name: &str, body: Act) -> Result<(), Fail> {
    if name == "leave" {
        let (centre_id, counter_id) = (app.settings.centre_id.clone(), counter_id.to_owned());
        let request = LeaveCounterRequest { request_id: body.request_id, centre_id, counter_id, session: body.session };
        ask(peers.routing().leave_counter(request)).await?;
        return Ok(());
    }
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
