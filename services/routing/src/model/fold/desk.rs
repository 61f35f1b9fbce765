//! A counter opens, pauses, closes, changes hands.
use std::sync::Arc;

use super::super::command::{DeskChange, Outcome, Refusal};
use super::super::desk::DeskStatus;
use super::super::state::State;
use super::super::ticket::{Lane, Ticket};
use super::moves::wait_again;

pub(super) fn set(state: &mut State<'_>, counter_id: &str, change: &DeskChange) -> Result<Outcome, Refusal> {
    let counter = state.counter(counter_id)?;
    if !change.take_over && !state.silent.contains(counter_id) {
        state.works(counter_id, &change.session)?;
    }
    if change.status == DeskStatus::Closed
        && let Some(live) = state.hall.live.get(counter_id).and_then(|id| state.ticket(id))
        && live.day == state.hall.today
    {
        return Err(Refusal::CounterBusy { counter: counter.id.clone(), printed: live.printed(), ticket: live.id });
    }
    let (now, before) = (state.now, state.hall.status(counter));
    let desk = state.desk(counter);
    if before != DeskStatus::Open && change.status == DeskStatus::Open {
        desk.idle_since = now;
    }
    desk.status = change.status;
    desk.reason = if change.status == DeskStatus::Paused { change.reason.clone() } else { String::new() };
    if !change.session.is_empty() && desk.session != change.session {
        desk.session.clone_from(&change.session);
        desk.officer.clone_from(&change.officer);
        desk.session_since = now;
    }
    desk.languages.clone_from(&change.languages);
    desk.auto_call = change.auto_call;
    desk.waits = false;
    if change.status == DeskStatus::Closed {
        desk.nobody();
        rebalance(state, counter_id);
    }
    // What was known of silence was of whoever worked it before.
    state.silent.remove(counter_id);
    let desk = state.desk(counter).clone();
    Ok(Outcome::Counter(counter.id.clone(), Box::new(desk)))
}

/// Nobody works the counter any more, which stays as it is.
pub(super) fn leave(state: &mut State<'_>, counter_id: &str) -> Result<Outcome, Refusal> {
    let counter = state.counter(counter_id)?;
    state.desk(counter).nobody();
    state.silent.remove(counter_id);
    let desk = state.desk(counter).clone();
    Ok(Outcome::Counter(counter.id.clone(), Box::new(desk)))
}

/// Who waits for a counter that closes waits for everybody who serves their queue.
fn rebalance(state: &mut State<'_>, counter_id: &str) {
    let waiting: Vec<Arc<Ticket>> = state
        .hall
        .lines
        .get(&Lane::counter(counter_id))
        .into_iter()
        .flat_map(|line| line.people())
        .filter_map(|(_, id)| state.hall.tickets.get(id).cloned())
        .collect();
    for ticket in waiting {
        let mut ticket = Ticket::clone(&ticket);
        state.leave(&ticket);
        ticket.for_counter = None;
        wait_again(state, ticket, "redirected", None, "quầy đã đóng".into());
    }
}
