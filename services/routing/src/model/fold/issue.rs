//! A new number.
use std::sync::Arc;

use jiff::Timestamp;

use super::super::centre::{Area, PriorityClass, Queue};
use super::super::command::{Issue, Outcome, Refusal, Target};
use super::super::estimate::Estimate;
use super::super::state::State;
use super::super::ticket::{Lane, Stop, StopState, Ticket, TicketState};
use super::super::{expect, rank, route};

/// Procedures of one visit at most.
pub const STOPS_MAX: usize = 3;

pub(super) fn give(state: &mut State<'_>, issue: &Issue) -> Result<Outcome, Refusal> {
    let opening = state.opening();
    if !opening.open {
        return Err(Refusal::HallClosed { opens: opening.change, text: opening.text.clone() });
    }
    let centre = state.centre;
    let class = match issue.priority_class.as_str() {
        "" => None,
        id => Some(centre.class(id).ok_or_else(|| Refusal::ClassUnknown(id.to_owned()))?),
    };
    let mut stops = stops(state, issue)?;
    let (first, queue) = first_stop(state, &stops)?;
    let area = centre.area(&queue.area).ok_or_else(|| Refusal::AreaUnknown(queue.area.clone()))?;
    if let Some(hash) = &issue.token_hash
        && !state.tokens.insert(hash.clone())
    {
        return Err(Refusal::TokenReused);
    }
    let series = (state.hall.today, area.letter.clone());
    let number = state.hall.series.entry(series.clone()).or_default().give();
    state.changes.series.insert(series);
    // A stop that is promised is within its queue's quota, and is not refused when its turn comes.
    stops.iter().for_each(|stop| state.counts(&stop.queue_id));
    stops[first].state = StopState::Current;
    let Stop { procedure_code, procedure_name, .. } = stops[first].clone();
    if stops.len() == 1 {
        stops.clear();
    }
    let mut ticket =
        Ticket { procedure_code, procedure_name, stops, ..fresh(state, area, queue, number, issue, class) };
    let range = expected(state, &ticket);
    if range.open_counters > 0 {
        ticket.base_ms = range.base_ms;
        let after = |seconds: i64| state.now.checked_add(jiff::SignedDuration::from_secs(seconds)).ok();
        (ticket.promised_p50, ticket.promised_p90) = (after(range.seconds_min), after(range.seconds_max));
    }
    if ticket.wants.is_some() {
        state.hall.stats.entry(ticket.lane()).or_default().wanting += 1;
    }
    state.enter(&ticket);
    let ticket = state.record("issued", ticket, None);
    Ok(Outcome::Issued(ticket, range))
}

/// A number for a booked time. Its place was kept: neither quota nor backlog refuses it.
pub(super) fn booked(
    state: &mut State<'_>,
    issue: &Issue,
    queue: &str,
    rank: Timestamp,
    (procedure_code, procedure_name): (String, String),
) -> Result<(Arc<Ticket>, Estimate), Refusal> {
    let opening = state.opening();
    if !opening.open {
        return Err(Refusal::HallClosed { opens: opening.change, text: opening.text.clone() });
    }
    let centre = state.centre;
    let queue = centre.queue(queue).ok_or_else(|| Refusal::QueueUnknown(queue.to_owned()))?;
    let area = centre.area(&queue.area).ok_or_else(|| Refusal::AreaUnknown(queue.area.clone()))?;
    if let Some(hash) = &issue.token_hash
        && !state.tokens.insert(hash.clone())
    {
        return Err(Refusal::TokenReused);
    }
    let series = (state.hall.today, area.letter.clone());
    let number = state.hall.series.entry(series.clone()).or_default().give();
    state.changes.series.insert(series);
    let ticket = Ticket {
        procedure_code,
        procedure_name,
        rank,
        tag: "appointment".into(),
        ..fresh(state, area, queue, number, issue, None)
    };
    let range = expected(state, &ticket);
    state.counts(&ticket.queue_id);
    state.enter(&ticket);
    let ticket = state.record_as("issued", ticket, None, "hẹn trước".into());
    Ok((ticket, range))
}

/// A ticket that begins now.
pub(super) fn fresh(
    state: &mut State<'_>,
    area: &Area,
    queue: &Queue,
    number: i64,
    issue: &Issue,
    class: Option<&PriorityClass>,
) -> Ticket {
    Ticket {
        id: state.id(),
        centre_id: state.centre.id.clone(),
        letter: area.letter.clone(),
        number,
        day: state.hall.today,
        area_id: area.id.clone(),
        queue_id: queue.id.clone(),
        for_counter: None,
        state: TicketState::Waiting,
        arrival: state.now,
        rank: rank::rank(state.now, class.map_or(0, |class| class.head_start_minutes)),
        counter_id: None,
        procedure_code: String::new(),
        procedure_name: String::new(),
        priority_class: issue.priority_class.clone(),
        tag: class.map_or_else(String::new, |class| class.tag.clone()),
        head_start_minutes: class.map_or(0, |class| class.head_start_minutes),
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
        stops: Vec::new(),
        dossiers: issue.dossiers.max(1),
        answer_due: None,
        hold_reason: String::new(),
        base_ms: 0,
        promised_p50: None,
        promised_p90: None,
        first_call: None,
        identified: issue.identified,
        wants: issue.wants.clone().filter(|id| state.centre.serving(&queue.id).any(|counter| counter.id == *id)),
    }
}

/// What the citizen came for, in the order said: one stop, or the procedures of a visit, each in a queue of its own.
fn stops(state: &State<'_>, issue: &Issue) -> Result<Vec<Stop>, Refusal> {
    if issue.more.len() >= STOPS_MAX {
        return Err(Refusal::Stops("Một lượt gồm tối đa 3 thủ tục."));
    }
    if !issue.more.is_empty() && !matches!(issue.target, Target::Procedure(_)) {
        return Err(Refusal::Stops("Lượt nhiều thủ tục phải bắt đầu bằng một thủ tục."));
    }
    let more = issue.more.iter().map(|code| Target::Procedure(code.clone()));
    let mut stops: Vec<Stop> = Vec::with_capacity(1 + issue.more.len());
    for target in std::iter::once(issue.target.clone()).chain(more) {
        let procedure = match &target {
            Target::Procedure(code) => state.procedures.get(code).cloned(),
            Target::Queue(_) | Target::Area(_) => None,
        };
        let queue = route::queue(state.centre, &target, procedure.as_ref(), state.hall.today)?;
        let (procedure_code, procedure_name) =
            procedure.map_or_else(Default::default, |found| (found.code, found.name));
        if stops.iter().any(|stop| stop.procedure_code == procedure_code) {
            return Err(Refusal::Stops("Các thủ tục của một lượt phải khác nhau."));
        }
        // Two procedures of one queue are served in one go.
        if stops.iter().any(|stop| stop.queue_id == queue.id) {
            continue;
        }
        stops.push(Stop { queue_id: queue.id.clone(), procedure_code, procedure_name, state: StopState::Planned });
    }
    Ok(stops)
}

/// The stop with the shortest expected wait among those that still give numbers today.
fn first_stop<'a>(state: &State<'a>, stops: &[Stop]) -> Result<(usize, &'a Queue), Refusal> {
    let mut refused = None;
    let mut best: Option<(i64, usize, &'a Queue)> = None;
    for (at, stop) in stops.iter().enumerate() {
        let queue = state.centre.queue(&stop.queue_id).ok_or_else(|| Refusal::QueueUnknown(stop.queue_id.clone()))?;
        match admits(state, queue) {
            Err(refusal) => refused = refused.or(Some(refusal)),
            Ok(()) => {
                let wait = if stops.len() > 1 { expected_wait(state, &stop.queue_id) } else { 0 };
                if best.is_none_or(|(shortest, ..)| wait < shortest) {
                    best = Some((wait, at, queue));
                }
            }
        }
    }
    match (refused, best) {
        // A visit of which one part cannot be done today is said before the number is taken.
        (Some(refusal), _) => Err(refusal),
        (None, Some((_, at, queue))) => Ok((at, queue)),
        (None, None) => Err(Refusal::Stops("Chưa chọn thủ tục.")),
    }
}

/// Quota of the day, and whether the backlog leaves any time.
fn admits(state: &State<'_>, queue: &Queue) -> Result<(), Refusal> {
    let stat = state.hall.stats.get(&Lane::queue(&queue.id)).copied().unwrap_or_default();
    let opens = || state.centre.hours.another_day(state.now);
    if let Some(quota) = queue.quota.filter(|quota| stat.issued >= *quota) {
        let (queue, name) = (queue.id.clone(), queue.name.clone());
        return Err(Refusal::QuotaReached { queue, name, quota, opens: opens() });
    }
    if state.centre.calls.last_ticket_by_backlog {
        let range = expect::waiting(state.centre, &state.hall, &queue.id, stat.waiting, state.now);
        if range.base_ms.saturating_mul(stat.half) / 1000 > state.centre.hours.left_today_ms(state.now) {
            return Err(Refusal::TooLate { queue: queue.id.clone(), name: queue.name.clone(), opens: opens() });
        }
    }
    Ok(())
}

/// Milliseconds that somebody who comes now would wait; a queue without an open counter comes last.
pub(super) fn expected_wait(state: &State<'_>, queue: &str) -> i64 {
    let stat = state.hall.stats.get(&Lane::queue(queue)).copied().unwrap_or_default();
    match expect::waiting(state.centre, &state.hall, queue, stat.waiting, state.now) {
        Estimate { open_counters: 0, .. } => i64::MAX,
        range => range.base_ms.saturating_mul(stat.half),
    }
}

fn expected(state: &mut State<'_>, ticket: &Ticket) -> Estimate {
    let ahead = ahead(state, ticket);
    if state.untold {
        return expect::waiting(state.centre, &state.hall, &ticket.queue_id, ahead, state.now);
    }
    let range = expect::newcomer(state.centre, &state.hall, &ticket.queue_id, ticket.rank, ahead, state.now);
    if let Some(turn) = expect::turn_ms(state.centre, &state.hall, &ticket.queue_id, &range, state.now) {
        state.hall.stats.entry(ticket.lane()).or_default().turn_ms = turn;
    }
    range
}

/// People before a newcomer: all who wait, or, with a head start or a booked time, those who rank lower.
fn ahead(state: &State<'_>, ticket: &Ticket) -> i64 {
    let lane = ticket.lane();
    let waiting = state.waiting(&ticket.queue_id);
    let booked = ticket.rank != rank::rank(ticket.arrival, ticket.head_start_minutes);
    if ticket.head_start_minutes == 0 && !booked {
        return waiting;
    }
    if let Some(line) = state.hall.lines.get(&lane).filter(|line| line.is_whole()) {
        return i64::try_from(line.until(ticket.rank)).unwrap_or(i64::MAX).min(waiting);
    }
    if booked {
        return waiting;
    }
    state.ahead.get(&(lane, ticket.head_start_minutes)).copied().unwrap_or(0).min(waiting)
}

/// Another class: the rank moves by as much as the head starts differ, whatever else has moved it.
pub(super) fn set_class(ticket: &mut Ticket, class: Option<&PriorityClass>) {
    ticket.priority_class = class.map_or_else(String::new, |class| class.id.clone());
    ticket.tag = class.map_or_else(String::new, |class| class.tag.clone());
    let before = std::mem::replace(&mut ticket.head_start_minutes, class.map_or(0, |class| class.head_start_minutes));
    ticket.rank = rank::rank(ticket.rank, ticket.head_start_minutes - before);
}
