//! Numbers lent to kiosks and tickets printed without the centre: the paper wins.
use jiff::{Timestamp, ToSpan as _, civil::Date};

use super::super::block::{Block, DAYS_AHEAD, Printed, Reconciled};
use super::super::command::{Outcome, Refusal, Target};
use super::super::state::State;
use super::super::ticket::{Ticket, TicketState};
use super::super::{rank, route};
use super::issue::fresh;

/// How far ahead the next working days are looked for.
const DAYS_MAX: i32 = 30;

pub(super) fn lend(
    state: &mut State<'_>,
    kiosk: &str,
    area: &str,
    day: Option<Date>,
    size: i64,
    used_up: &str,
) -> Result<Outcome, Refusal> {
    let area = state.centre.area(area).ok_or_else(|| Refusal::AreaUnknown(area.to_owned()))?;
    let day = day.unwrap_or(state.hall.today);
    if !days(state).contains(&day) {
        return Err(Refusal::BlockDay(day));
    }
    let own = |block: &&Block| block.kiosk == kiosk && block.letter == area.letter && block.day == day;
    let newest = state.blocks.iter().filter(own).min_by_key(|block| block.first);
    if let Some(block) = newest.filter(|block| block.id != used_up) {
        return Ok(Outcome::Lent(block.clone()));
    }
    let key = (day, area.letter.clone());
    let mut series = state.hall.series.get(&key).copied().unwrap_or_default();
    let (first, last) = series.lend(size).ok_or_else(|| Refusal::BlockNoRoom(area.letter.clone()))?;
    state.hall.series.insert(key.clone(), series);
    state.changes.series.insert(key);
    let block = Block { id: state.id(), kiosk: kiosk.to_owned(), letter: area.letter.clone(), day, first, last };
    state.blocks.push(block.clone());
    state.changes.blocks.push(block.clone());
    Ok(Outcome::Lent(block))
}

/// Today and the next working days.
fn days(state: &State<'_>) -> Vec<Date> {
    let mut days = vec![state.hall.today];
    let mut day = state.hall.today;
    for _ in 0..DAYS_MAX {
        if days.len() > DAYS_AHEAD {
            break;
        }
        let Ok(next) = day.checked_add(1.day()) else { break };
        day = next;
        if !state.centre.hours.calendar.open_sessions(day).is_empty() {
            days.push(day);
        }
    }
    days
}

pub(super) fn reconcile(state: &mut State<'_>, kiosk: &str, last_contact: Timestamp, printed: &[Printed]) -> Outcome {
    let results = printed.iter().map(|paper| {
        let (ticket, outcome) = match one(state, kiosk, last_contact, paper) {
            Ok((ticket, outcome)) => (Some(ticket), outcome),
            Err(reason) => (None, Reconciled::Refused(reason)),
        };
        (paper.request_id.clone(), ticket, outcome)
    });
    Outcome::Reconciled(results.collect())
}

type One = (std::sync::Arc<Ticket>, Reconciled);

fn one(state: &mut State<'_>, kiosk: &str, last_contact: Timestamp, paper: &Printed) -> Result<One, &'static str> {
    let own = |block: &&Block| block.id == paper.block && block.kiosk == kiosk;
    let block = state.blocks.iter().find(own).cloned().ok_or("BLOCK_UNKNOWN")?;
    if !block.holds(paper.number) {
        return Err("NUMBER_OUTSIDE_BLOCK");
    }
    // Lent ahead, and printed by a kiosk whose calendar is wrong: nobody can be called by it today.
    if block.day > state.hall.today {
        return Err("BLOCK_DAY");
    }
    let taken = |ticket: &&std::sync::Arc<Ticket>| {
        ticket.day == block.day && ticket.letter == block.letter && ticket.number == paper.number
    };
    let holder = state.hall.tickets.values().find(taken).map(|ticket| ticket.id.clone());
    let known = state.taps.get(&paper.tap).and_then(|id| state.ticket(id));
    match (known, holder) {
        (Some(ticket), Some(holder)) if ticket.id == holder => {
            let ticket = state.hall.tickets.get(&holder).cloned().ok_or("NUMBER_TAKEN")?;
            Ok((ticket, Reconciled::Same))
        }
        (_, Some(_)) => Err("NUMBER_TAKEN"),
        // A ticket stays one of its own day.
        (Some(ticket), None) if ticket.day != block.day => Err("BLOCK_DAY"),
        (Some(ticket), None) => Ok((renumber(state, ticket, &block, paper), Reconciled::Renumbered)),
        (None, None) => Ok((insert(state, last_contact, &block, paper)?, Reconciled::Inserted)),
    }
}

/// The ticket takes the printed number. Called or sent away under the other one, its citizen never heard it: it waits at
/// the rank that it had.
fn renumber(state: &mut State<'_>, mut ticket: Ticket, block: &Block, paper: &Printed) -> std::sync::Arc<Ticket> {
    let void = ticket.printed();
    let waits = ticket.is_waiting();
    let called = ticket.state == TicketState::Called && ticket.day == state.hall.today;
    let from = ticket.counter_id.clone().filter(|_| called);
    ticket.letter.clone_from(&block.letter);
    ticket.number = paper.number;
    let again = waits || matches!(ticket.state, TicketState::Called | TicketState::Missed | TicketState::Dropped);
    if again && ticket.day == state.hall.today {
        if waits {
            state.leave(&ticket);
        } else if from.is_some() {
            state.release(&ticket);
        }
        ticket.state = TicketState::Waiting;
        ticket.rank = rank::rank(ticket.arrival, ticket.head_start_minutes);
        ticket.absences = 0;
        ticket.answer_due = None;
        ticket.serve_time = None;
        ticket.end_time = None;
        state.reachable(&mut ticket);
        state.enter(&ticket);
    }
    let kind = if from.is_some() { "withdrawn" } else { "renumbered" };
    let ticket = state.record_as(kind, ticket, from, format!("số in trên giấy thay số {void}"));
    state.changes.answers.push((paper.tap.clone(), ticket.clone()));
    ticket
}

fn insert(
    state: &mut State<'_>,
    last_contact: Timestamp,
    block: &Block,
    paper: &Printed,
) -> Result<std::sync::Arc<Ticket>, &'static str> {
    let centre = state.centre;
    let class = centre.class(&paper.issue.priority_class);
    let procedure = match &paper.issue.target {
        Target::Procedure(code) => state.procedures.get(code).cloned(),
        Target::Queue(_) | Target::Area(_) => None,
    };
    // Whatever became of the catalogue since, the citizen holds a number: guidance helps on.
    let queue = route::queue(centre, &paper.issue.target, procedure.as_ref(), block.day)
        .ok()
        .or_else(|| centre.queue(&centre.guidance_queue))
        .ok_or("QUEUE_UNKNOWN")?;
    let area = centre.area(&queue.area).ok_or("AREA_UNKNOWN")?;
    let mut ticket = fresh(state, area, queue, paper.number, &paper.issue, class);
    ticket.letter.clone_from(&block.letter);
    ticket.day = block.day;
    ticket.arrival = paper.arrival.max(last_contact).min(state.now);
    ticket.rank = rank::rank(ticket.arrival, ticket.head_start_minutes);
    ticket.priority_class = class.map_or_else(String::new, |class| class.id.clone());
    if let Some(procedure) = procedure {
        (ticket.procedure_code, ticket.procedure_name) = (procedure.code, procedure.name);
    }
    if ticket.day < state.hall.today {
        ticket.state = TicketState::Expired;
        ticket.end_time = Some(state.now);
    } else {
        state.counts(&ticket.queue_id);
        state.enter(&ticket);
    }
    let ticket = state.record_as("issued", ticket, None, "in khi mất mạng".into());
    state.changes.answers.push((paper.tap.clone(), ticket.clone()));
    Ok(ticket)
}
