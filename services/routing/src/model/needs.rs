//! What a batch's commands look at, so that no more than that need be read: the pure side of loading a day.
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::command::{Act, Command, Guidance, Target};
use super::desk::DeskStatus;
use super::fold::{LANGUAGE_SCAN, lanes};
use super::hall::Hall;
use super::notice;
use super::state::State;
use super::ticket::Lane;
use super::{forward, route};

/// Tickets that wait for one counter only, at most, when it closes.
const NAMED_MAX: usize = 1000;
/// Tickets that one undo may take out of a line.
const UNDONE_MAX: usize = 2;

/// The tickets that commands name and that are not known yet.
#[must_use]
pub fn tickets<'a>(hall: &'a Hall, commands: &[&'a Command]) -> BTreeSet<&'a str> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for command in commands {
        match command {
            // An undo names what its counter did last: within this batch that is known anyway.
            Command::Move { counter, act: Act::Undo, .. } => {
                let undo = hall.desks.get(counter).and_then(|desk| desk.undo.as_ref());
                ids.extend(undo.into_iter().flat_map(|undo| &undo.tickets).map(|kept| kept.id.as_str()));
            }
            Command::Move { ticket, .. } | Command::Guide { ticket, .. } | Command::CallTicket { ticket, .. } => {
                ids.insert(ticket);
            }
            Command::Expire { tickets } | Command::Lapse { tickets } => {
                ids.extend(tickets.iter().map(String::as_str));
            }
            Command::Issue(_)
            | Command::CallNext { .. }
            | Command::SetCounter { .. }
            | Command::Leave(_)
            | Command::Book { .. }
            | Command::CancelAppointment(_)
            | Command::CheckIn { .. }
            | Command::NoShow { .. }
            | Command::CallsOpen
            | Command::Lend { .. }
            | Command::Reconcile { .. } => {}
        }
    }
    ids.retain(|id| !hall.tickets.contains_key(*id));
    ids
}

/// The counters that commands may hand from one session to another.
pub fn seats<'a>(commands: &'a [&'a Command]) -> impl Iterator<Item = &'a str> {
    commands.iter().filter_map(|command| match command {
        Command::SetCounter { counter, change } if !change.take_over => Some(counter.as_str()),
        _ => None,
    })
}

/// The lines that commands look at, and how many people of each they may look at or take. The tickets they name are known.
#[must_use]
pub fn lines(state: &State<'_>, commands: &[&Command]) -> BTreeMap<Lane, usize> {
    let mut needed: BTreeMap<Lane, usize> = BTreeMap::new();
    let mut anywhere = 0;
    let mut looks = state.hall.desks.values().any(|desk| !desk.languages.is_empty()) || state.hall.is_wanted();
    let mut by_itself = state.hall.desks.iter().filter(|(_, desk)| desk.auto_call).count();
    if by_itself > 0 {
        by_itself += commands.len();
    }
    let lanes_of = |counter: &str| state.centre.counter(counter).map(lanes).unwrap_or_default();
    for (counter, desk) in &state.hall.desks {
        if desk.auto_call {
            lanes_of(counter).into_iter().for_each(|(lane, _)| *needed.entry(lane).or_default() += by_itself);
        }
    }
    for command in commands {
        match command {
            Command::CallNext { counter, .. } => {
                for (lane, _) in lanes_of(counter) {
                    *needed.entry(lane).or_default() += 1;
                }
            }
            Command::Guide { ticket, guidance: Guidance::Reenter, .. } => {
                anywhere += 1;
                if let Some(ticket) = state.hall.tickets.get(ticket) {
                    *needed.entry(ticket.lane()).or_default() += state.centre.calls.reenter_after;
                }
            }
            Command::Guide { ticket, guidance: Guidance::Notice(true), .. } => {
                if let Some(ticket) = state.hall.tickets.get(ticket) {
                    *needed.entry(ticket.lane()).or_default() += notice::SCAN;
                }
            }
            Command::Guide { guidance: Guidance::Redirect(queue, _), .. } => {
                anywhere += 1;
                if state.centre.queue(queue).is_some() {
                    *needed.entry(Lane::queue(queue)).or_default() += state.centre.calls.reenter_after;
                }
            }
            Command::SetCounter { counter, change } => {
                if change.status == DeskStatus::Closed {
                    *needed.entry(Lane::counter(counter)).or_default() += NAMED_MAX;
                }
                if change.auto_call {
                    let calls = commands.len();
                    lanes_of(counter).into_iter().for_each(|(lane, _)| *needed.entry(lane).or_default() += calls);
                }
                looks |= !change.languages.is_empty();
            }
            Command::Issue(issue) => looks |= issue.wants.is_some(),
            Command::CallTicket { .. } | Command::Guide { .. } => anywhere += 1,
            // What a move put into a line its undo takes out again.
            Command::Move { act: Act::Undo, .. } => anywhere += UNDONE_MAX,
            // A number that was called under another one goes back into its line, or out of it.
            Command::Reconcile { printed, .. } => anywhere += printed.len(),
            Command::Move { .. }
            | Command::Leave(_)
            | Command::Book { .. }
            | Command::CancelAppointment(_)
            | Command::CheckIn { .. }
            | Command::NoShow { .. }
            | Command::CallsOpen
            | Command::Lend { .. }
            | Command::Lapse { .. }
            | Command::Expire { .. } => {}
        }
    }
    let near = if state.hall.asked.is_empty() { 0 } else { notice::SCAN };
    let more = anywhere + near + if looks { LANGUAGE_SCAN } else { 0 };
    needed.values_mut().for_each(|count| *count += more);
    played(state, commands, &mut needed);
    needed
}

/// The lines that newcomers' waits are told from, where those are short enough to be played and not known to their end.
fn played(state: &State<'_>, commands: &[&Command], needed: &mut BTreeMap<Lane, usize>) {
    let mut queues: BTreeSet<&str> = BTreeSet::new();
    for command in commands {
        let (Command::Issue(issue) | Command::CheckIn { issue, .. }) = command else { continue };
        let more = issue.more.iter().map(|code| Target::Procedure(code.clone()));
        for target in std::iter::once(issue.target.clone()).chain(more) {
            let procedure = match &target {
                Target::Procedure(code) => state.procedures.get(code),
                Target::Queue(_) | Target::Area(_) => None,
            };
            if let Ok(queue) = route::queue(state.centre, &target, procedure, state.hall.today) {
                queues.insert(&queue.id);
            }
        }
    }
    // Within a batch lines may become short enough.
    let most = forward::CALLS_MAX + commands.len();
    for lane in queues.into_iter().flat_map(|queue| forward::looks_at(state.centre, &state.hall, queue, most)) {
        if !state.hall.lines.get(&lane).is_some_and(|line| line.is_whole()) {
            let count = needed.entry(lane).or_default();
            // One more than there are tells that there are no more.
            *count = (*count).max(most + 1);
        }
    }
}

/// Lanes that are not wholly known, and head starts of newcomers to them: how many rank before those?
#[must_use]
pub fn ranks(state: &State<'_>, commands: &[&Command]) -> HashSet<(Lane, i64)> {
    let mut asked: HashSet<(Lane, i64)> = HashSet::new();
    for command in commands {
        let Command::Issue(issue) = command else { continue };
        let Some(class) = state.centre.class(&issue.priority_class) else { continue };
        if class.head_start_minutes == 0 {
            continue;
        }
        // Of a visit any stop may come first.
        let more = issue.more.iter().map(|code| Target::Procedure(code.clone()));
        for target in std::iter::once(issue.target.clone()).chain(more) {
            let procedure = match &target {
                Target::Procedure(code) => state.procedures.get(code),
                Target::Queue(_) | Target::Area(_) => None,
            };
            let Ok(queue) = route::queue(state.centre, &target, procedure, state.hall.today) else { continue };
            let lane = Lane::queue(&queue.id);
            if !state.hall.lines.get(&lane).is_some_and(|line| line.is_whole()) {
                asked.insert((lane, class.head_start_minutes));
            }
        }
    }
    asked
}
