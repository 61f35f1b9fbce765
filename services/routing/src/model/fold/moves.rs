//! What a counter does with its ticket, and what time does to tickets.
use std::sync::Arc;

use jiff::SignedDuration;

use super::super::centre::Counter;
use super::super::command::{Act, Outcome, Refusal, To};
use super::super::desk::Counted;
use super::super::rank;
use super::super::state::State;
use super::super::ticket::{Lane, StopState, Ticket, TicketState};
use super::call::{answer_due, free, held_elsewhere};
use super::issue::expected_wait;

pub(super) fn moved(state: &mut State<'_>, counter_id: &str, ticket_id: &str, act: &Act) -> Result<Outcome, Refusal> {
    let counter = state.counter(counter_id)?;
    if *act == Act::Undo {
        return undo(state, counter, ticket_id);
    }
    let ticket = state.ticket(ticket_id).ok_or_else(|| Refusal::TicketUnknown(ticket_id.to_owned()))?;
    let ticket = match act {
        Act::TakeBack => held(state, counter, ticket)?,
        // The officer sees the citizen: the clock was wrong about them.
        Act::Arrive | Act::Finish if ticket.state == TicketState::Missed => late(state, counter, ticket)?,
        _ => live(state, counter, ticket)?,
    };
    let ticket = match act {
        Act::Recall => {
            let mut ticket = ticket;
            ticket.answer_due = if ticket.state == TicketState::Called { answer_due(state, &ticket) } else { None };
            let ticket = state.record("recalled", ticket, None);
            state.said_again(counter, &ticket);
            ticket
        }
        Act::Arrive => state.undoable(counter, "MarkArrived", |state| Ok(arrive(state, ticket)))?,
        Act::Finish => state.undoable(counter, "Finish", |state| Ok(finish(state, ticket)))?,
        Act::Absent => state.undoable(counter, "MarkAbsent", |state| Ok(absent(state, ticket)))?,
        Act::Transfer(to) => state.undoable(counter, "Transfer", |state| transfer(state, ticket, counter, to))?,
        Act::Hold(reason) => state.undoable(counter, "Hold", |state| Ok(hold(state, ticket, reason)))?,
        Act::TakeBack => state.undoable(counter, "TakeBack", |state| {
            free(state, counter, false)?;
            Ok(serve(state, counter, ticket, "taken_back"))
        })?,
        Act::Undo => return Err(Refusal::NothingToUndo),
    };
    Ok(Outcome::Moved(ticket))
}

fn live(state: &State<'_>, counter: &Counter, ticket: Ticket) -> Result<Ticket, Refusal> {
    if !ticket.state.is_live() || ticket.day != state.hall.today {
        return Err(Refusal::TicketNotLive { printed: ticket.printed(), state: ticket.state, ticket: ticket.id });
    }
    if ticket.counter_id.as_deref() != Some(&counter.id) {
        return Err(held_elsewhere(state, &ticket));
    }
    Ok(ticket)
}

fn held(state: &State<'_>, counter: &Counter, ticket: Ticket) -> Result<Ticket, Refusal> {
    state.staffed(counter)?;
    if ticket.state != TicketState::Held || ticket.day != state.hall.today {
        let (printed, state) = (ticket.printed(), ticket.state);
        return Err(Refusal::TicketState {
            ticket: ticket.id, printed, state, allowed: "đang được quầy giữ lại"
        });
    }
    if ticket.counter_id.as_deref() != Some(&counter.id) {
        return Err(held_elsewhere(state, &ticket));
    }
    Ok(ticket)
}

/// A missed ticket is live again at the counter that called it, where that counter is free.
fn late(state: &mut State<'_>, counter: &Counter, mut ticket: Ticket) -> Result<Ticket, Refusal> {
    state.staffed(counter)?;
    if ticket.counter_id.as_deref() != Some(&counter.id) || ticket.day != state.hall.today {
        return Err(Refusal::TicketNotLive { printed: ticket.printed(), state: ticket.state, ticket: ticket.id });
    }
    free(state, counter, false)?;
    ticket.absences -= 1;
    ticket.state = TicketState::Called;
    state.hall.live.insert(counter.id.clone(), ticket.id.clone());
    Ok(ticket)
}

/// Saying twice that the citizen is there changes nothing.
fn arrive(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    if ticket.state == TicketState::Serving {
        return Arc::new(ticket);
    }
    ticket.state = TicketState::Serving;
    ticket.serve_time = Some(state.now);
    ticket.answer_due = None;
    state.record("arrived", ticket, None)
}

fn serve(state: &mut State<'_>, counter: &Counter, mut ticket: Ticket, kind: &'static str) -> Arc<Ticket> {
    ticket.state = TicketState::Serving;
    // The way to the cashier is not part of the service.
    let away = ticket.end_time.take().map_or(SignedDuration::ZERO, |since| state.now.duration_since(since));
    let began = ticket.serve_time.and_then(|began| began.checked_add(away).ok());
    ticket.serve_time = Some(began.unwrap_or(state.now));
    ticket.hold_reason.clear();
    state.hall.live.insert(counter.id.clone(), ticket.id.clone());
    state.record(kind, ticket, None)
}

/// Served. What is left of a visit, or of the dossiers brought, waits on with the arrival that it had.
pub(super) fn finish(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    state.release(&ticket);
    let from = ticket.counter_id.clone();
    if let Some(began) = ticket.serve_time.or(ticket.call_time) {
        let took = count(state, &ticket, began);
        if let Some(counter) = from.as_deref().and_then(|id| state.centre.counter(id)) {
            let desk = state.desk(counter);
            (desk.served, desk.served_ms) = (desk.served + 1, desk.served_ms + took);
        }
    }
    ticket.answer_due = None;
    let most = state.centre.calls.dossiers_max;
    if most > 0 && ticket.dossiers > most {
        ticket.dossiers -= most;
        let detail = format!("còn {} hồ sơ", ticket.dossiers);
        return wait_again(state, ticket, "onward", from, detail);
    }
    if let Some(next) = next_stop(state, &mut ticket) {
        let detail = state.centre.queue(&next).map_or_else(String::new, |queue| format!("sang {}", queue.name));
        return wait_again(state, ticket, "onward", from, detail);
    }
    ticket.state = TicketState::Finished;
    ticket.end_time = Some(state.now);
    state.record("finished", ticket, from)
}

/// Takes a finished service into its lane's figures; how long it took, in milliseconds.
fn count(state: &mut State<'_>, ticket: &Ticket, began: jiff::Timestamp) -> i64 {
    let took = i64::try_from(state.now.duration_since(began).as_millis()).unwrap_or(i64::MAX);
    let lane = Lane::queue(&ticket.queue_id);
    let stat = state.hall.stats.entry(lane.clone()).or_default();
    let before = (stat.served, stat.service_ms);
    stat.served(took);
    let after = (stat.served, stat.service_ms);
    if let Some(log) = &mut state.log {
        log.stats.push(Counted { lane: lane.as_str().to_owned(), before, after });
        log.served = (log.served.0 + 1, log.served.1 + took);
    }
    state.changes.lanes.insert(lane);
    took
}

/// Turns a ticket to the stop with the shortest expected wait among those left; its queue.
fn next_stop(state: &State<'_>, ticket: &mut Ticket) -> Option<String> {
    for stop in &mut ticket.stops {
        if stop.state == StopState::Current {
            stop.state = StopState::Done;
        }
    }
    let planned = ticket.stops.iter().enumerate().filter(|(_, stop)| stop.state == StopState::Planned);
    let (at, _) = planned.min_by_key(|(at, stop)| (expected_wait(state, &stop.queue_id), *at))?;
    let stop = ticket.stops.get_mut(at)?;
    stop.state = StopState::Current;
    let queue = state.centre.queue(&stop.queue_id)?;
    ticket.queue_id.clone_from(&queue.id);
    ticket.area_id.clone_from(&queue.area);
    ticket.procedure_code.clone_from(&stop.procedure_code);
    ticket.procedure_name.clone_from(&stop.procedure_name);
    Some(queue.id.clone())
}

/// Back into a line, at the rank that the ticket has.
pub(super) fn wait_again(
    state: &mut State<'_>,
    mut ticket: Ticket,
    kind: &'static str,
    from: Option<String>,
    detail: String,
) -> Arc<Ticket> {
    if kind == "onward" {
        ticket.for_counter = None;
        ticket.rank = rank::rank_elsewhere(&ticket);
    }
    state.reachable(&mut ticket);
    ticket.state = TicketState::Waiting;
    ticket.serve_time = None;
    ticket.end_time = None;
    ticket.answer_due = None;
    state.enter(&ticket);
    state.record_as(kind, ticket, from, detail)
}

fn absent(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    state.release(&ticket);
    let from = ticket.counter_id.clone();
    ticket.absences += 1;
    if ticket.absences >= state.centre.absence.max {
        return drop_for_good(state, ticket, from);
    }
    ticket.rank = rank::rank_after_absence(state.now, state.centre.absence.delay_minutes);
    let detail = format!("vắng lần {}", ticket.absences);
    wait_again(state, ticket, "absent", from, detail)
}

fn drop_for_good(state: &mut State<'_>, mut ticket: Ticket, from: Option<String>) -> Arc<Ticket> {
    ticket.state = TicketState::Dropped;
    ticket.end_time = Some(state.now);
    ticket.serve_time = None;
    ticket.answer_due = None;
    let detail = format!("vắng lần {}", ticket.absences);
    state.record_as("dropped", ticket, from, detail)
}

fn hold(state: &mut State<'_>, mut ticket: Ticket, reason: &str) -> Arc<Ticket> {
    state.release(&ticket);
    let from = ticket.counter_id.clone();
    ticket.state = TicketState::Held;
    ticket.serve_time = ticket.serve_time.or(Some(state.now));
    ticket.answer_due = None;
    ticket.hold_reason = reason.to_owned();
    ticket.end_time = Some(state.now);
    state.record_as("held", ticket, from, reason.to_owned())
}

fn transfer(state: &mut State<'_>, mut ticket: Ticket, from: &Counter, to: &To) -> Result<Arc<Ticket>, Refusal> {
    let detail = match to {
        To::Queue(id) => {
            let queue = state.centre.queue(id).ok_or_else(|| Refusal::QueueUnknown(id.clone()))?;
            state.counts_instead(&ticket.queue_id, &queue.id);
            ticket.queue_id.clone_from(&queue.id);
            ticket.area_id.clone_from(&queue.area);
            ticket.for_counter = None;
            format!("sang {}", queue.name)
        }
        To::Counter(id) if *id == from.id => return Err(Refusal::TransferNowhere),
        To::Counter(id) => {
            let counter = state.open_counter(id)?;
            ticket.for_counter = Some(counter.id.clone());
            format!("sang quầy {}", counter.number)
        }
    };
    ticket.rank = rank::rank_elsewhere(&ticket);
    state.release(&ticket);
    Ok(wait_again(state, ticket, "transferred", Some(from.id.clone()), detail))
}

fn undo(state: &mut State<'_>, counter: &Counter, ticket_id: &str) -> Result<Outcome, Refusal> {
    let undo = state.hall.desks.get(&counter.id).and_then(|desk| desk.undo.clone()).ok_or(Refusal::NothingToUndo)?;
    let seconds = state.centre.calls.undo_seconds;
    if undo.tickets.last().is_none_or(|kept| kept.id != ticket_id) {
        return Err(Refusal::NothingToUndo);
    }
    if state.now > undo.until(seconds.saturating_mul(state.pace)) {
        return Err(Refusal::UndoTooLate { seconds });
    }
    let mut back = Vec::with_capacity(undo.tickets.len());
    for kept in undo.tickets.iter().rev() {
        let now = state.ticket(&kept.id).ok_or_else(|| Refusal::TicketUnknown(kept.id.clone()))?;
        if now.version != kept.version {
            return Err(Refusal::UndoOvertaken { printed: now.printed() });
        }
        let mut then = now.clone();
        kept.before.restore(&mut then);
        if then.is_waiting() {
            state.reachable(&mut then);
        }
        // The counter must be there, and free for what comes back to it, but for what goes from it now.
        if then.state.is_live() {
            state.staffed(counter)?;
        }
        if then.state.is_live()
            && let Some(live) = then.counter_id.as_ref().and_then(|id| state.hall.live.get(id))
            && !undo.tickets.iter().any(|kept| kept.id == *live)
        {
            let printed = state.ticket(live).map_or_else(String::new, |ticket| ticket.printed());
            return Err(Refusal::CounterBusy { counter: counter.id.clone(), ticket: live.clone(), printed });
        }
        back.push((now, then));
    }
    state.changes.lanes.extend(undo.uncount(&mut state.hall.stats));
    let mut last = None;
    for (now, then) in back {
        if now.state.is_live() {
            state.release(&now);
        } else if now.is_waiting() {
            state.leave(&now);
        }
        if then.is_waiting() {
            state.enter(&then);
        } else if then.state.is_live()
            && let Some(counter) = &then.counter_id
        {
            state.hall.live.insert(counter.clone(), then.id.clone());
        }
        let called = now.state == TicketState::Called && !then.state.is_live();
        let kind = if called { "withdrawn" } else { "restored" };
        let from = now.counter_id.clone().filter(|_| called);
        last = Some(state.record_as(kind, then, from, undo.words().into()));
    }
    let idle = !state.hall.live.contains_key(&counter.id);
    let desk = state.desk(counter);
    desk.undo = None;
    (desk.served, desk.served_ms) = (desk.served - undo.served.0, desk.served_ms - undo.served.1);
    // Or the very same number would be called again at once.
    desk.waits |= desk.auto_call && idle;
    last.map(Outcome::Moved).ok_or(Refusal::NothingToUndo)
}

/// Calls that nobody answered in time: the counter is free, the number is missed.
pub(super) fn lapse(state: &mut State<'_>, ids: &[String]) -> Outcome {
    let mut lapsed = 0;
    for id in ids {
        let Some(mut ticket) = state.ticket(id) else { continue };
        if ticket.state != TicketState::Called || ticket.answer_due.is_none_or(|due| due > state.now) {
            continue;
        }
        lapsed += 1;
        state.release(&ticket);
        let from = ticket.counter_id.clone();
        ticket.absences += 1;
        if ticket.absences >= state.centre.absence.max {
            drop_for_good(state, ticket, from);
            continue;
        }
        ticket.state = TicketState::Missed;
        ticket.answer_due = None;
        state.record("missed", ticket, from);
    }
    Outcome::Swept(lapsed)
}

pub(super) fn expire(state: &mut State<'_>, ids: &[String]) -> Outcome {
    let mut closed = 0;
    for id in ids {
        if let Some(ticket) = state.ticket(id)
            && ticket.day < state.hall.today
            && ticket.state.is_open()
        {
            state.expire(&ticket);
            closed += 1;
        }
    }
    Outcome::Swept(closed)
}
