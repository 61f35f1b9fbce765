//! Calls: the next in order, one by name, and by themselves.
use jiff::SignedDuration;

use super::super::centre::{Calls, Counter};
use super::super::command::{Call, Outcome, Refusal};
use super::super::desk::{Counted, DeskStatus, Undo};
use super::super::hall::Place;
use super::super::rank;
use super::super::state::{CallRecord, State};
use super::super::ticket::{Ticket, TicketState};
use super::moves::finish;
use super::{LANGUAGE_SCAN, lanes};

pub(super) fn next(state: &mut State<'_>, counter_id: &str, finish_current: bool) -> Result<Outcome, Refusal> {
    let counter = state.open_counter(counter_id)?;
    calls_open(state)?;
    state.undoable(counter, "CallNext", |state| {
        free(state, counter, finish_current)?;
        let Some((ticket, own)) = first(state, counter) else {
            // Whatever it did was to finish.
            if let Some(log) = &mut state.log {
                log.act = "Finish".into();
            }
            return Ok(Outcome::Nobody);
        };
        let mut reason = rank::reason(&ticket, &counter.skills, state.now);
        if let Some(own) = own {
            reason.push_str(", ");
            reason.push_str(own.words());
        }
        state.leave(&ticket);
        Ok(claim(state, counter, ticket, reason))
    })
}

pub(super) fn given(state: &mut State<'_>, counter_id: &str, ticket: &str, why: &str) -> Result<Outcome, Refusal> {
    let counter = state.open_counter(counter_id)?;
    calls_open(state)?;
    let ticket = state.ticket(ticket).ok_or_else(|| Refusal::TicketUnknown(ticket.to_owned()))?;
    let own = ticket.counter_id.as_deref() == Some(counter_id);
    let callable = match ticket.state {
        TicketState::Waiting | TicketState::Missed => true,
        TicketState::Held => own,
        _ => false,
    };
    if !callable || ticket.day != state.hall.today {
        if ticket.state.is_live() {
            return Err(held_elsewhere(state, &ticket));
        }
        let (printed, state) = (ticket.printed(), ticket.state);
        let allowed = "đang chờ, lỡ lượt hoặc quầy này giữ lại";
        return Err(Refusal::TicketState { ticket: ticket.id, printed, state, allowed });
    }
    state.undoable(counter, "CallTicket", |state| {
        free(state, counter, false)?;
        let mut reason = rank::reason(&ticket, &counter.skills, state.now);
        reason.push_str(", gọi đích danh");
        if !why.is_empty() {
            reason.push_str(": ");
            reason.push_str(why);
        }
        if ticket.is_waiting() {
            state.leave(&ticket);
        }
        Ok(claim(state, counter, ticket, reason))
    })
}

/// Idle counters that asked for it get the next number by themselves, the one idle longest first: from when calls may be
/// made, or from the opening of the doors where they may be made at any time. A counter whose own act made it idle takes
/// that call back together with the act; another one takes back the call.
pub(super) fn by_itself(state: &mut State<'_>, acted: Option<&str>) {
    let idle = |state: &State<'_>, id: &str| !state.hall.live.contains_key(id);
    let mut asking: Vec<(jiff::Timestamp, String)> = state
        .hall
        .desks
        .iter()
        .filter(|(id, desk)| desk.auto_call && !desk.waits && desk.status == DeskStatus::Open && idle(state, id))
        .map(|(id, desk)| (desk.idle_since, id.clone()))
        .collect();
    if asking.is_empty() || !state.centre.calls_by_themselves(state.now) {
        return;
    }
    asking.sort();
    for (_, id) in asking {
        let Some(counter) = state.centre.counter(&id) else { continue };
        let Some((ticket, _)) = first(state, counter) else { continue };
        let reason = format!("{}, tự động gọi", rank::reason(&ticket, &counter.skills, state.now));
        let now_us = state.now.as_microsecond();
        let desk = state.hall.desks.get_mut(&id).filter(|_| acted == Some(id.as_str()));
        let act = desk.and_then(|desk| desk.undo.take_if(|undo| undo.time_us == now_us));
        state.log = Some(act.unwrap_or_else(|| Undo::of("AutoCall", state.now)));
        state.leave(&ticket);
        claim(state, counter, ticket, reason);
        if let Some(log) = state.log.take() {
            state.desk(counter).undo = Some(log);
        }
    }
}

fn calls_open(state: &State<'_>) -> Result<(), Refusal> {
    let calls = state.centre.calls;
    let hours = &state.centre.hours;
    match calls.opens_before_minutes {
        Some(before) if !hours.calls_open(state.now, before, calls.closes_after_minutes) => {
            Err(Refusal::CallsClosed { text: hours.opening(state.now).text })
        }
        _ => Ok(()),
    }
}

/// Makes room at a counter: its live ticket is finished when asked to, closed when it is another day's.
pub(super) fn free(state: &mut State<'_>, counter: &Counter, finish_current: bool) -> Result<(), Refusal> {
    let held = state.hall.live.get(&counter.id).and_then(|id| state.ticket(id));
    if let Some(held) = held {
        if held.day < state.hall.today {
            state.expire(&held);
        } else if finish_current {
            finish(state, held);
        } else {
            let printed = held.printed();
            return Err(Refusal::CounterBusy { counter: counter.id.clone(), ticket: held.id, printed });
        }
    }
    Ok(())
}

pub(super) fn held_elsewhere(state: &State<'_>, ticket: &Ticket) -> Refusal {
    let holder = ticket.counter_id.clone().unwrap_or_default();
    let number = state.centre.counter(&holder).map_or(0, |counter| counter.number);
    let (id, printed, state) = (ticket.id.clone(), ticket.printed(), ticket.state);
    Refusal::TicketNotYours { ticket: id, printed, state, counter: holder, number }
}

/// Why somebody who is not first comes first at one counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Own {
    /// It received what the citizen comes back with.
    Matter,
    /// It speaks the citizen's language.
    Language,
}

impl Own {
    /// As the reason of a call says it.
    const fn words(self) -> &'static str {
        match self {
            Self::Matter => "quầy đã tiếp nhận hồ sơ",
            Self::Language => "quầy nói được ngôn ngữ của công dân",
        }
    }
}

/// The waiting ticket with the lowest score over a counter's lanes, and what decided if not its place. Somebody whose
/// language the counter speaks, or whose matter it knows, counts as having come some minutes earlier.
fn first(state: &State<'_>, counter: &Counter) -> Option<(Ticket, Option<Own>)> {
    let languages = state.hall.desks.get(&counter.id).map_or(&[][..], |desk| &desk.languages[..]);
    let looks = !languages.is_empty() || state.hall.is_wanted();
    let mut best: Option<(i64, &Place, Option<Own>)> = None;
    let mut plain: Option<(i64, &Place)> = None;
    for (lane, preference) in lanes(counter) {
        let Some(line) = state.hall.lines.get(&lane) else { continue };
        if let Some(head) = line.first() {
            let score = rank::score(head.0, preference);
            if plain.is_none_or(|(lowest, earlier)| (score, &head.1) < (lowest, &earlier.1)) {
                plain = Some((score, head));
            }
        }
        for place in line.people().take(if looks { LANGUAGE_SCAN } else { 1 }) {
            let ticket = state.hall.tickets.get(&place.1);
            let own = ticket.and_then(|ticket| own(&state.centre.calls, languages, counter, ticket));
            let score = rank::score(place.0, preference + own.map_or(0, |(minutes, _)| minutes));
            if best.is_none_or(|(lowest, earlier, _)| (score, &place.1) < (lowest, &earlier.1)) {
                best = Some((score, place, own.map(|(_, own)| own)));
            }
        }
    }
    let ((_, place, own), (_, usual)) = (best?, plain?);
    state.ticket(&place.1).map(|ticket| (ticket, own.filter(|_| place != usual)))
}

/// Minutes by which a counter prefers a ticket for itself, and why: the larger of the two.
fn own(calls: &Calls, languages: &[String], counter: &Counter, ticket: &Ticket) -> Option<(i64, Own)> {
    let matter = ticket.wants.as_ref() == Some(&counter.id);
    let spoken = languages.contains(&ticket.locale);
    let matter = matter.then_some((calls.same_counter_preference_minutes, Own::Matter));
    let spoken = spoken.then_some((calls.language_preference_minutes, Own::Language));
    matter.into_iter().chain(spoken).max_by_key(|(minutes, own)| (*minutes, *own == Own::Matter))
}

fn claim(state: &mut State<'_>, counter: &Counter, mut ticket: Ticket, reason: String) -> Outcome {
    let call = Call { id: state.id(), time: state.now, reason };
    state.changes.calls.push(CallRecord {
        id: call.id.clone(),
        ticket_id: ticket.id.clone(),
        counter_id: counter.id.clone(),
        queue_id: ticket.queue_id.clone(),
        time: call.time,
        reason: call.reason.clone(),
    });
    if ticket.first_call.is_none() {
        ticket.first_call = Some(state.now);
        learn(state, &ticket);
    }
    ticket.state = TicketState::Called;
    ticket.counter_id = Some(counter.id.clone());
    ticket.call_id = Some(call.id.clone());
    ticket.call_time = Some(call.time);
    ticket.call_reason.clone_from(&call.reason);
    ticket.serve_time = None;
    ticket.end_time = None;
    ticket.hold_reason.clear();
    ticket.answer_due = answer_due(state, &ticket);
    state.hall.live.insert(counter.id.clone(), ticket.id.clone());
    let ticket = state.record_as("called", ticket, None, call.reason.clone());
    Outcome::Called(ticket, call)
}

/// The line learns how long this wait was beside what was expected.
fn learn(state: &mut State<'_>, ticket: &Ticket) {
    let waited = state.centre.hours.worked_ms(ticket.arrival, state.now);
    if ticket.base_ms > 0 && ticket.for_counter.is_none() {
        let lane = ticket.lane();
        let stat = state.hall.stats.entry(lane.clone()).or_default();
        let before = (stat.half, stat.most);
        stat.learn(ticket.base_ms, waited);
        let after = (stat.half, stat.most);
        if let Some(log) = &mut state.log {
            log.learnt.push(Counted { lane: lane.as_str().to_owned(), before, after });
        }
        state.changes.lanes.insert(lane);
    }
}

/// Until when a call made now must be answered.
pub(super) fn answer_due(state: &State<'_>, ticket: &Ticket) -> Option<jiff::Timestamp> {
    let calls = state.centre.calls;
    let seconds = if ticket.head_start_minutes > 0 { calls.priority_answer_seconds } else { calls.answer_seconds };
    let length = SignedDuration::from_secs(seconds.saturating_mul(state.pace));
    (seconds > 0).then(|| state.now.checked_add(length).ok()).flatten()
}
