//! The rules of the queue: one command after another over the state of one centre.
mod appointment;
mod call;
mod desk;
mod guide;
mod issue;
mod moves;
mod offline;

use super::centre::Counter;
use super::command::{Act, Command, Outcome, Refusal};
use super::state::State;
use super::ticket::Lane;

/// People of a line among whom a counter looks for somebody whose language it speaks.
pub const LANGUAGE_SCAN: usize = 16;

/// Applies one command. A refusal leaves the state as it was.
///
/// # Errors
/// Why the command may not be done.
pub fn fold(state: &mut State<'_>, command: &Command) -> Result<Outcome, Refusal> {
    if let Some((counter, session)) = command.seat() {
        state.works(counter, session)?;
    }
    let outcome = match command {
        Command::Issue(issue) => issue::give(state, issue),
        Command::CallNext { counter, finish_current, .. } => call::next(state, counter, *finish_current),
        Command::CallTicket { counter, ticket, reason, .. } => call::given(state, counter, ticket, reason),
        Command::Move { counter, ticket, act, .. } => moves::moved(state, counter, ticket, act),
        Command::Guide { ticket, guidance, .. } => guide::guide(state, ticket, guidance),
        Command::SetCounter { counter, change } => desk::set(state, counter, change),
        Command::Leave(seat) => desk::leave(state, &seat.counter),
        Command::Book { target, slot, token_hash } => appointment::book(state, target, *slot, token_hash),
        Command::CancelAppointment(id) => appointment::cancel(state, id),
        Command::CheckIn { appointment, issue } => appointment::check_in(state, appointment, issue),
        Command::NoShow { appointments } => Ok(appointment::no_show(state, appointments)),
        Command::Lend { kiosk, area, day, size, used_up } => offline::lend(state, kiosk, area, *day, *size, used_up),
        Command::Reconcile { kiosk, last_contact, printed } => {
            Ok(offline::reconcile(state, kiosk, *last_contact, printed))
        }
        Command::Lapse { tickets } => Ok(moves::lapse(state, tickets)),
        Command::CallsOpen => Ok(Outcome::Swept(0)),
        Command::Expire { tickets } => Ok(moves::expire(state, tickets)),
    }?;
    let by = match command {
        Command::CallNext { counter, .. } | Command::CallTicket { counter, .. } | Command::Move { counter, .. } => {
            Some(counter.as_str())
        }
        _ => None,
    };
    if let Some((counter, _)) = command.seat()
        && !matches!(command, Command::Leave(_) | Command::Move { act: Act::Undo, .. })
    {
        state.acts(counter);
    }
    call::by_itself(state, by);
    Ok(outcome)
}

/// The lanes a counter calls from, each with its preference: its own first, as much as its best queue.
#[must_use]
pub fn lanes(counter: &Counter) -> Vec<(Lane, i64)> {
    let best = counter.skills.iter().map(|skill| skill.preference_minutes).max().unwrap_or(0).max(0);
    let mut lanes = vec![(Lane::counter(&counter.id), best)];
    lanes.extend(counter.skills.iter().map(|skill| (Lane::queue(&skill.queue), skill.preference_minutes)));
    lanes
}
