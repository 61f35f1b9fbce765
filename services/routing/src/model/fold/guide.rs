//! Moves of tickets that are not at a counter.
use jiff::{SignedDuration, Timestamp};

use super::super::command::{Guidance, Outcome, Refusal};
use super::super::rank;
use super::super::state::State;
use super::super::ticket::{Ticket, TicketState};
use super::issue::set_class;
use super::moves::wait_again;

/// Who comes back to a counter is its next: before everybody, whatever the head starts.
const RETURN_HEAD_START: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn guide(state: &mut State<'_>, id: &str, guidance: &Guidance) -> Result<Outcome, Refusal> {
    let ticket = state.ticket(id).ok_or_else(|| Refusal::TicketUnknown(id.to_owned()))?;
    let is = |states: &[TicketState], allowed: &'static str| {
        if states.contains(&ticket.state) && ticket.day == state.hall.today {
            return Ok(());
        }
        let printed = ticket.printed();
        Err(Refusal::TicketState { ticket: ticket.id.clone(), printed, state: ticket.state, allowed })
    };
    match guidance {
        Guidance::Redirect(queue, why) => {
            is(&[TicketState::Waiting, TicketState::Missed], "đang chờ hoặc lỡ lượt")?;
            redirect(state, ticket, queue, why)
        }
        Guidance::Reenter => {
            is(&[TicketState::Missed], "lỡ lượt")?;
            Ok(reenter(state, ticket))
        }
        Guidance::Return => {
            is(&[TicketState::Held], "đang được quầy giữ lại")?;
            Ok(give_back(state, ticket))
        }
        Guidance::Priority(class, why) => {
            is(
                &[TicketState::Waiting, TicketState::Called, TicketState::Serving, TicketState::Missed],
                "đang chờ, đang được gọi hoặc đang được phục vụ",
            )?;
            prioritise(state, ticket, class, why)
        }
        Guidance::Cancel => {
            is(&[TicketState::Waiting, TicketState::Missed], "đang chờ hoặc lỡ lượt")?;
            Ok(cancel(state, ticket))
        }
        Guidance::Postpone(minutes) => {
            is(&[TicketState::Waiting], "đang chờ")?;
            Ok(postpone(state, ticket, *minutes))
        }
        Guidance::Notice(wanted) => {
            if *wanted {
                let open = [
                    TicketState::Waiting,
                    TicketState::Called,
                    TicketState::Serving,
                    TicketState::Held,
                    TicketState::Missed,
                ];
                is(&open, "chưa xong")?;
                // Its line is looked at: the turn may be near already.
                state.changes.lanes.insert(ticket.lane());
            }
            Ok(Outcome::Moved(state.ask_notice(ticket, *wanted)))
        }
    }
}

/// Another line, in the order of arrivals; but having been missed counts there as it does here, unless somebody says why not.
fn redirect(state: &mut State<'_>, mut ticket: Ticket, queue: &str, why: &str) -> Result<Outcome, Refusal> {
    let queue = state.centre.queue(queue).ok_or_else(|| Refusal::QueueUnknown(queue.to_owned()))?;
    let missed = ticket.state == TicketState::Missed;
    if ticket.is_waiting() {
        state.leave(&ticket);
    }
    state.counts_instead(&ticket.queue_id, &queue.id);
    ticket.queue_id.clone_from(&queue.id);
    ticket.area_id.clone_from(&queue.area);
    ticket.for_counter = None;
    ticket.rank = rank::rank_elsewhere(&ticket);
    let to = &queue.name;
    let detail = match (missed, why) {
        (true, "") => {
            ticket.rank = behind_the_next(state, &ticket);
            format!("sang {to}, vào sau {} lượt gọi vì đã lỡ lượt", state.centre.calls.reenter_after)
        }
        (true, why) => format!("sang {to}, đã lỡ lượt nhưng giữ thứ tự theo giờ đến; lý do: {why}"),
        (false, "") => format!("sang {to}"),
        (false, why) => format!("sang {to}; lý do: {why}"),
    };
    Ok(Outcome::Moved(wait_again(state, ticket, "redirected", None, detail)))
}

fn reenter(state: &mut State<'_>, mut ticket: Ticket) -> Outcome {
    ticket.rank = behind_the_next(state, &ticket);
    let after = state.centre.calls.reenter_after;
    Outcome::Moved(wait_again(state, ticket, "reentered", None, format!("sau {after} lượt gọi")))
}

/// The rank behind the next few of a ticket's line, however early it had come; never before its own place.
fn behind_the_next(state: &State<'_>, ticket: &Ticket) -> Timestamp {
    let after = state.centre.calls.reenter_after;
    let line = state.hall.lines.get(&ticket.lane());
    let last = after.checked_sub(1).and_then(|last| line.and_then(|line| line.people().nth(last)));
    let behind = |rank: Timestamp| rank.checked_add(SignedDuration::from_micros(1)).unwrap_or(rank);
    match last {
        _ if after == 0 => ticket.rank,
        // Fewer wait: behind whoever has come by now.
        last => ticket.rank.max(behind(last.map_or(state.now, |(rank, _)| *rank))),
    }
}

fn give_back(state: &mut State<'_>, mut ticket: Ticket) -> Outcome {
    ticket.for_counter.clone_from(&ticket.counter_id);
    ticket.rank = ticket.arrival.checked_sub(RETURN_HEAD_START).unwrap_or(ticket.arrival);
    ticket.hold_reason.clear();
    Outcome::Moved(wait_again(state, ticket, "returned", None, "quay lại quầy".into()))
}

fn prioritise(state: &mut State<'_>, mut ticket: Ticket, class: &str, why: &str) -> Result<Outcome, Refusal> {
    let class = match class {
        "" => None,
        id => Some(state.centre.class(id).ok_or_else(|| Refusal::ClassUnknown(id.to_owned()))?),
    };
    let waits = ticket.is_waiting();
    if waits {
        state.leave(&ticket);
    }
    set_class(&mut ticket, class);
    if waits {
        state.enter(&ticket);
    }
    let to = class.map_or("không ưu tiên", |class| class.name.as_str());
    Ok(Outcome::Moved(state.record_as("prioritised", ticket, None, format!("{to}; lý do: {why}"))))
}

fn cancel(state: &mut State<'_>, mut ticket: Ticket) -> Outcome {
    if ticket.is_waiting() {
        state.leave(&ticket);
    }
    ticket.state = TicketState::Cancelled;
    ticket.end_time = Some(state.now);
    Outcome::Moved(state.record("cancelled", ticket, None))
}

fn postpone(state: &mut State<'_>, mut ticket: Ticket, minutes: i64) -> Outcome {
    state.leave(&ticket);
    let from = ticket.rank.max(state.now);
    ticket.rank = from.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(from);
    Outcome::Moved(wait_again(state, ticket, "postponed", None, format!("lùi {minutes} phút")))
}
