//! A counter as its console sees it, and the console that says that it is still there.
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::{Request, Response, Status, authorise};

use super::refusal::to_status;
use super::{Answer, Api, check, view};
use crate::model::centre::{Centre, Counter};
use crate::model::command::Refusal;
use crate::model::desk::Desk;
use crate::model::ticket::TicketState;
use crate::queries::{self, heard};
use crate::wire;

fn known<'a>(centre: &'a Centre, id: &str) -> Result<&'a Counter, Status> {
    centre.counter(id).ok_or_else(|| to_status(Refusal::CounterUnknown(id.to_owned()).into()))
}

pub(super) async fn shown(api: &Api, request: Request<pb::GetCounterRequest>) -> Answer<pb::GetCounterResponse> {
    authorise(&request, Action::WatchQueue, &request.get_ref().centre_id)?;
    let request = request.into_inner();
    let in_force = api.in_force(&request.centre_id).await?;
    let centre = &in_force.centre;
    let counter = known(centre, &request.counter_id)?;
    let (db, now) = (api.db.read(), api.clock.now());
    let day = centre.day(now);
    // The number first: a move that comes after it is told by the feed from there on.
    let seq = motcua_store::outbox::last_seq(db, &centre.id).await.map_err(|error| to_status(error.into()))?;
    let overview = queries::day(db, centre, day).await.map_err(to_status)?;
    let kept = queries::kept(db, &centre.id, day, &counter.id).await.map_err(to_status)?;
    let silent = heard::silent(db, centre, &overview, &[counter.id.as_str()]).await.map_err(to_status)?;
    let (held, missed): (Vec<_>, Vec<_>) = kept.iter().partition(|ticket| ticket.state == TicketState::Held);
    let live = overview.live_at(&counter.id);
    let desk = overview.desks.get(&counter.id);
    let session_silent = silent.contains(&counter.id);
    // Of people, whatever the clock does.
    let undo_seconds = centre.calls.undo_seconds.saturating_mul(api.clock.speed().into());
    let undoable = match desk.and_then(|desk| desk.undo.as_ref()) {
        Some(undo) if now <= undo.until(undo_seconds) => {
            // What somebody has moved since is not offered.
            let ids: Vec<&str> = undo.tickets.iter().map(|kept| kept.id.as_str()).collect();
            let versions = queries::versions(db, &centre.id, &ids).await.map_err(to_status)?;
            let stands = undo.tickets.iter().all(|kept| versions.get(&kept.id) == Some(&kept.version));
            Some(undo).filter(|_| stands)
        }
        _ => None,
    };
    Ok(Response::new(pb::GetCounterResponse {
        counter: Some(pb::Counter { session_silent, ..view::counter(counter, &overview) }),
        ticket: live.map(wire::ticket),
        call: live.and_then(view::call),
        waiting: view::int(overview.waiting_for(counter)),
        served_today: view::int(desk.map_or(0, |desk| desk.served)),
        seq,
        held: held.into_iter().map(wire::ticket).collect(),
        missed: missed.into_iter().map(wire::ticket).collect(),
        undoable: undoable.and_then(|undo| view::undoable(undo, undo.until(undo_seconds))),
        service_seconds: view::int(desk.map_or(0, Desk::service_ms) / 1000),
    }))
}

/// Not a command: it changes nothing that a rule decides by, but for whether another session may follow.
pub(super) async fn keep(api: &Api, request: Request<pb::KeepCounterRequest>) -> Answer<pb::KeepCounterResponse> {
    authorise(&request, Action::CallTicket, &request.get_ref().centre_id)?;
    let request = request.into_inner();
    let in_force = api.in_force(&request.centre_id).await?;
    check::id("session", &request.session)?;
    let (centre_id, counter) = (&in_force.centre.id, &known(&in_force.centre, &request.counter_id)?.id);
    let today = in_force.centre.day(api.clock.now());
    let worked = heard::worked(api.db.read(), centre_id, today, counter).await.map_err(to_status)?;
    let held = worked.as_deref() == Some(request.session.as_str());
    if held {
        heard::hear(&api.db, centre_id, counter, &request.session).await.map_err(to_status)?;
    }
    Ok(Response::new(pb::KeepCounterResponse { held }))
}
