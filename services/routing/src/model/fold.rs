//! The rules of the queue: one command after another over the state of one centre.
use std::sync::Arc;

use super::centre::Counter;
use super::command::{Act, Call, Command, Issue, Outcome, Refusal, Target, To};
use super::estimate::estimate;
use super::hall::Place;
use super::state::{CallRecord, State};
use super::ticket::{Lane, Ticket, TicketState};
use super::{rank, route};

/// Applies one command. A refusal leaves the state as it was.
///
/// # Errors
/// Why the command may not be done.
pub fn fold(state: &mut State<'_>, command: &Command) -> Result<Outcome, Refusal> {
    match command {
        Command::Issue(issue) => give(state, issue),
        Command::CallNext { counter, finish_current } => call_next(state, counter, *finish_current),
        Command::Move { counter, ticket, act } => moved(state, counter, ticket, act),
        Command::Expire { tickets } => Ok(expire(state, tickets)),
    }
}

/// The lanes a counter calls from, each with its preference: its own first, as much as its best queue.
#[must_use]
pub fn lanes(counter: &Counter) -> Vec<(Lane, i64)> {
    let best = counter.skills.iter().map(|skill| skill.preference_minutes).max().unwrap_or(0).max(0);
    let mut lanes = vec![(Lane::counter(&counter.id), best)];
    lanes.extend(counter.skills.iter().map(|skill| (Lane::queue(&skill.queue), skill.preference_minutes)));
    lanes
}

fn give(state: &mut State<'_>, issue: &Issue) -> Result<Outcome, Refusal> {
    let centre = state.centre;
    let opening = state.opening();
    if !opening.open {
        return Err(Refusal::HallClosed { opens: opening.change, text: opening.text.clone() });
    }
    let class = match issue.priority_class.as_str() {
        "" => None,
        id => Some(centre.class(id).ok_or_else(|| Refusal::ClassUnknown(id.to_owned()))?),
    };
    let procedure = match &issue.target {
        Target::Procedure(code) => state.procedures.get(code).cloned(),
        Target::Queue(_) | Target::Area(_) => None,
    };
    let queue = route::queue(centre, &issue.target, procedure.as_ref(), state.hall.today)?;
    let area = centre.area(&queue.area).ok_or_else(|| Refusal::AreaUnknown(queue.area.clone()))?;
    if let Some(hash) = &issue.token_hash
        && !state.tokens.insert(hash.clone())
    {
        return Err(Refusal::TokenReused);
    }
    let last = state.hall.series.entry(area.letter.clone()).or_insert(0);
    *last += 1;
    let number = *last;
    state.changes.series.insert(area.letter.clone());
    let head_start_minutes = class.map_or(0, |class| class.head_start_minutes);
    let ticket = Ticket {
        id: (state.new_id)(),
        centre_id: centre.id.clone(),
        letter: area.letter.clone(),
        number,
        day: state.hall.today,
        area_id: area.id.clone(),
        queue_id: queue.id.clone(),
        for_counter: None,
        state: TicketState::Waiting,
        arrival: state.now,
        rank: rank::rank(state.now, head_start_minutes),
        counter_id: None,
        procedure_code: procedure.as_ref().map_or_else(String::new, |procedure| procedure.code.clone()),
        procedure_name: procedure.map_or_else(String::new, |procedure| procedure.name),
        priority_class: issue.priority_class.clone(),
        tag: class.map_or_else(String::new, |class| class.tag.clone()),
        head_start_minutes,
        locale: issue.locale.clone(),
        absences: 0,
        call_id: None,
        call_time: None,
        call_reason: String::new(),
        serve_time: None,
        end_time: None,
        token_hash: issue.token_hash.clone(),
        traceparent: issue.traceparent.clone(),
        version: 0,
    };
    let ahead = ahead(state, &ticket);
    state.enter(&ticket);
    let stat = state.hall.stats.get(&ticket.lane()).copied().unwrap_or_default();
    let range = estimate(ahead, &stat, centre.open_counters(&queue.id));
    let ticket = state.record("issued", ticket, None);
    Ok(Outcome::Issued(ticket, range))
}

/// People before a newcomer: all who wait, or, with a head start, those who rank lower.
fn ahead(state: &State<'_>, ticket: &Ticket) -> i64 {
    let lane = ticket.lane();
    let waiting = state.waiting(&ticket.queue_id);
    if ticket.head_start_minutes == 0 {
        return waiting;
    }
    if let Some(line) = state.hall.lines.get(&lane).filter(|line| line.is_whole()) {
        return i64::try_from(line.until(ticket.rank)).unwrap_or(i64::MAX).min(waiting);
    }
    let read = state.ahead.get(&(lane.clone(), ticket.head_start_minutes)).copied().unwrap_or(0);
    let earlier = |id: &&String| {
        state
            .hall
            .tickets
            .get(*id)
            .is_some_and(|other| other.is_waiting() && other.lane() == lane && other.rank <= ticket.rank)
    };
    let new = state.changes.issued.iter().filter(earlier).count();
    (read + i64::try_from(new).unwrap_or(0)).min(waiting)
}

fn call_next(state: &mut State<'_>, counter_id: &str, finish_current: bool) -> Result<Outcome, Refusal> {
    let counter = state.open_counter(counter_id)?;
    let held = state.hall.live.get(counter_id).and_then(|id| state.ticket(id));
    if let Some(held) = held {
        if held.day < state.hall.today {
            state.expire(&held);
        } else if finish_current {
            finish(state, held);
        } else {
            let printed = held.printed();
            return Err(Refusal::CounterBusy { counter: counter_id.to_owned(), ticket: held.id, printed });
        }
    }
    let Some(mut ticket) = next(state, counter) else { return Ok(Outcome::Nobody) };
    let reason = rank::reason(&ticket, &counter.skills, state.now);
    state.leave(&ticket);
    let call = Call { id: (state.new_id)(), time: state.now, reason };
    state.changes.calls.push(CallRecord {
        id: call.id.clone(),
        ticket_id: ticket.id.clone(),
        counter_id: counter.id.clone(),
        queue_id: ticket.queue_id.clone(),
        time: call.time,
        reason: call.reason.clone(),
    });
    ticket.state = TicketState::Called;
    ticket.counter_id = Some(counter.id.clone());
    ticket.call_id = Some(call.id.clone());
    ticket.call_time = Some(call.time);
    ticket.call_reason.clone_from(&call.reason);
    ticket.serve_time = None;
    state.hall.live.insert(counter.id.clone(), ticket.id.clone());
    let ticket = state.record("called", ticket, None);
    Ok(Outcome::Called(ticket, call))
}

/// The waiting ticket with the lowest score over a counter's lanes.
fn next(state: &State<'_>, counter: &Counter) -> Option<Ticket> {
    let mut best: Option<(i64, &Place)> = None;
    for (lane, preference) in lanes(counter) {
        let Some(head) = state.hall.lines.get(&lane).and_then(|line| line.first()) else { continue };
        let score = rank::score(head.0, preference);
        if best.is_none_or(|(lowest, earlier)| (score, &head.1) < (lowest, &earlier.1)) {
            best = Some((score, head));
        }
    }
    best.and_then(|(_, (_, id))| state.ticket(id))
}

fn moved(state: &mut State<'_>, counter_id: &str, ticket_id: &str, act: &Act) -> Result<Outcome, Refusal> {
    let counter = state.counter(counter_id)?;
    let ticket = state.ticket(ticket_id).ok_or_else(|| Refusal::TicketUnknown(ticket_id.to_owned()))?;
    if !ticket.state.is_live() || ticket.day != state.hall.today {
        return Err(Refusal::TicketNotLive { printed: ticket.printed(), ticket: ticket.id });
    }
    if ticket.counter_id.as_deref() != Some(counter_id) {
        let holder = ticket.counter_id.clone().unwrap_or_default();
        let number = state.centre.counter(&holder).map_or(0, |counter| counter.number);
        let printed = ticket.printed();
        return Err(Refusal::TicketNotYours { ticket: ticket.id, printed, counter: holder, number });
    }
    let ticket = match act {
        Act::Recall => state.record("recalled", ticket, None),
        Act::Arrive => arrive(state, ticket),
        Act::Finish => finish(state, ticket),
        Act::Absent => absent(state, ticket),
        Act::Transfer(to) => transfer(state, ticket, counter, to)?,
    };
    Ok(Outcome::Moved(ticket, act.clone()))
}

/// Saying twice that the citizen is there changes nothing.
fn arrive(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    if ticket.state == TicketState::Serving {
        return Arc::new(ticket);
    }
    ticket.state = TicketState::Serving;
    ticket.serve_time = Some(state.now);
    state.record("arrived", ticket, None)
}

fn finish(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    release(state, &ticket);
    ticket.state = TicketState::Finished;
    ticket.end_time = Some(state.now);
    if let Some(began) = ticket.serve_time.or(ticket.call_time) {
        let took = state.now.duration_since(began).as_millis();
        let lane = Lane::queue(&ticket.queue_id);
        state.hall.stats.entry(lane.clone()).or_default().served(i64::try_from(took).unwrap_or(i64::MAX));
        state.changes.lanes.insert(lane);
    }
    let from = ticket.counter_id.clone();
    state.record("finished", ticket, from)
}

fn absent(state: &mut State<'_>, mut ticket: Ticket) -> Arc<Ticket> {
    release(state, &ticket);
    let from = ticket.counter_id.clone();
    ticket.absences += 1;
    ticket.serve_time = None;
    if ticket.absences >= state.centre.absence.max {
        ticket.state = TicketState::Dropped;
        ticket.end_time = Some(state.now);
        return state.record("dropped", ticket, from);
    }
    ticket.state = TicketState::Waiting;
    ticket.rank = rank::rank_after_absence(state.now, state.centre.absence.delay_minutes);
    state.enter(&ticket);
    state.record("absent", ticket, from)
}

fn transfer(state: &mut State<'_>, mut ticket: Ticket, from: &Counter, to: &To) -> Result<Arc<Ticket>, Refusal> {
    match to {
        To::Queue(id) => {
            let queue = state.centre.queue(id).ok_or_else(|| Refusal::QueueUnknown(id.clone()))?;
            ticket.queue_id.clone_from(&queue.id);
            ticket.area_id.clone_from(&queue.area);
            ticket.for_counter = None;
        }
        To::Counter(id) if *id == from.id => return Err(Refusal::TransferNowhere),
        To::Counter(id) => ticket.for_counter = Some(state.open_counter(id)?.id.clone()),
    }
    release(state, &ticket);
    ticket.state = TicketState::Waiting;
    ticket.serve_time = None;
    state.enter(&ticket);
    Ok(state.record("transferred", ticket, Some(from.id.clone())))
}

/// The counter is free again.
fn release(state: &mut State<'_>, ticket: &Ticket) {
    if let Some(counter) = &ticket.counter_id {
        state.hall.live.remove(counter);
    }
}

fn expire(state: &mut State<'_>, ids: &[String]) -> Outcome {
    let mut closed = 0;
    for id in ids {
        let old = state.ticket(id);
        if let Some(ticket) = old
            && ticket.day < state.hall.today
            && (ticket.is_waiting() || ticket.state.is_live())
        {
            state.expire(&ticket);
            closed += 1;
        }
    }
    Outcome::Expired(closed)
}
