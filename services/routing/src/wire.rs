//! Domain values as the contract has them: for answers, stored answers and events.
use jiff::Timestamp;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::NewEvent;
use prost::Message as _;

use crate::model::appointment::Appointment;
use crate::model::block::{Block, Reconciled};
use crate::model::centre::{Centre, Counter};
use crate::model::command::{Call, Outcome};
use crate::model::desk::{Desk, DeskStatus};
use crate::model::estimate::Estimate;
use crate::model::hall::Hall;
use crate::model::notice::{Notice, Told};
use crate::model::state::Move;
use crate::model::ticket::{Stop, StopState, Ticket};

/// The encoded response of an outcome; it is what a repeated request gets again.
pub(crate) fn response(centre: &Centre, hall: &Hall, outcome: &Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Issued(given, range) => {
            pb::IssueTicketResponse { ticket: Some(ticket(given)), estimate: Some(estimate(range)) }.encode_to_vec()
        }
        Outcome::Called(called, claim) => {
            pb::CallNextResponse { ticket: Some(ticket(called)), call: Some(call(claim)) }.encode_to_vec()
        }
        Outcome::Nobody => pb::CallNextResponse::default().encode_to_vec(),
        // Every move's response is its ticket in field 1.
        Outcome::Moved(moved) => pb::FinishResponse { ticket: Some(ticket(moved)) }.encode_to_vec(),
        Outcome::Counter(id, desk) => {
            let live = hall.live.get(id).and_then(|id| hall.tickets.get(id));
            let counter = centre.counter(id).map(|found| counter(found, Some(&**desk), live.map(|live| &**live)));
            pb::SetCounterResponse { counter }.encode_to_vec()
        }
        Outcome::Appointment(of) => {
            pb::BookAppointmentResponse { appointment: Some(appointment(&centre.id, of)) }.encode_to_vec()
        }
        Outcome::CheckedIn(given, range, late) => {
            let (ticket, estimate) = (Some(ticket(given)), Some(estimate(range)));
            pb::CheckInResponse { ticket, estimate, late: *late }.encode_to_vec()
        }
        Outcome::Lent(lent) => {
            let tomorrow = lent.day.tomorrow().unwrap_or(lent.day);
            let end = tomorrow.to_zoned_datetime(centre.hours.calendar.time_zone().clone()).ok();
            pb::LeaseNumberBlockResponse {
                block: Some(pb::NumberBlock {
                    id: lent.id.clone(),
                    letter: lent.letter.clone(),
                    business_day: lent.day.to_string(),
                    first: i32::try_from(lent.first).unwrap_or(0),
                    last: i32::try_from(lent.last).unwrap_or(0),
                    expire_time: end.map(|end| timestamp(end.timestamp())),
                }),
            }
            .encode_to_vec()
        }
        Outcome::Reconciled(results) => {
            let tickets = results.iter().map(|(request_id, of, outcome)| {
                let (outcome, reason) = match outcome {
                    Reconciled::Inserted => (pb::Reconciled::Inserted, ""),
                    Reconciled::Same => (pb::Reconciled::Same, ""),
                    Reconciled::Renumbered => (pb::Reconciled::Renumbered, ""),
                    Reconciled::Refused(reason) => (pb::Reconciled::Refused, *reason),
                };
                pb::ReconciledTicket {
                    request_id: request_id.clone(),
                    ticket: of.as_deref().map(ticket),
                    outcome: outcome.into(),
                    reason: reason.to_owned(),
                }
            });
            pb::ReconcileTicketsResponse { tickets: tickets.collect() }.encode_to_vec()
        }
        Outcome::Swept(_) => Vec::new(),
    }
}

/// A booking; of every move's response it is field 1.
pub(crate) fn appointment(centre_id: &str, of: &Appointment) -> pb::Appointment {
    pb::Appointment {
        id: of.id.clone(),
        centre_id: centre_id.to_owned(),
        queue_id: of.queue_id.clone(),
        procedure_code: of.procedure_code.clone(),
        slot_time: Some(timestamp(of.slot)),
        state: of.state.code(),
        ticket_id: of.ticket_id.clone(),
    }
}

/// A counter as staff see it.
pub(crate) fn counter(counter: &Counter, desk: Option<&Desk>, live: Option<&Ticket>) -> pb::Counter {
    let skills = counter.skills.iter();
    let default = Desk::of(counter);
    let desk = desk.unwrap_or(&default);
    let int = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
    let idle = Some(desk.idle_since).filter(|since| *since > Timestamp::UNIX_EPOCH);
    let since = live.map_or(idle, |ticket| ticket.serve_time.or(ticket.call_time));
    pb::Counter {
        id: counter.id.clone(),
        number: counter.number,
        name: counter.name.clone(),
        hall_id: counter.hall.clone(),
        open: desk.status == DeskStatus::Open,
        skills: skills
            .map(|skill| pb::Skill { queue_id: skill.queue.clone(), preference_minutes: int(skill.preference_minutes) })
            .collect(),
        ticket_id: live.map(|ticket| ticket.id.clone()).unwrap_or_default(),
        ticket_number: live.map(Ticket::printed).unwrap_or_default(),
        status: desk.status.code(),
        reason: desk.reason.clone(),
        languages: desk.languages.clone(),
        auto_call: desk.auto_call,
        session: desk.session.clone(),
        officer: desk.officer.clone(),
        since_time: since.map(timestamp),
        session_time: Some(desk.session_since).filter(|_| !desk.session.is_empty()).map(timestamp),
        session_silent: false,
        auto_call_waits: desk.waits,
    }
}

pub(crate) fn ticket(ticket: &Ticket) -> pb::Ticket {
    pb::Ticket {
        id: ticket.id.clone(),
        number: ticket.printed(),
        business_day: ticket.day.to_string(),
        centre_id: ticket.centre_id.clone(),
        area_id: ticket.area_id.clone(),
        queue_id: ticket.queue_id.clone(),
        state: ticket.state.code(),
        arrival_time: Some(timestamp(ticket.arrival)),
        rank_time: Some(timestamp(ticket.rank)),
        counter_id: ticket.counter_id.clone().unwrap_or_default(),
        version: ticket.version,
        procedure_code: ticket.procedure_code.clone(),
        priority_class: ticket.priority_class.clone(),
        locale: ticket.locale.clone(),
        absences: ticket.absences,
        call_time: ticket.call_time.map(timestamp),
        serve_time: ticket.serve_time.map(timestamp),
        end_time: ticket.end_time.map(timestamp),
        traceparent: ticket.traceparent.clone().unwrap_or_default(),
        procedure_name: ticket.procedure_name.clone(),
        stops: ticket.stops.iter().map(stop).collect(),
        dossiers: i32::try_from(ticket.dossiers).unwrap_or(i32::MAX),
        hold_reason: ticket.hold_reason.clone(),
        answer_time: ticket.answer_due.map(timestamp),
        tag: ticket.tag.clone(),
        preferred_counter_id: ticket.wants.clone().unwrap_or_default(),
        identity_verified: ticket.identified,
    }
}

fn stop(stop: &Stop) -> pb::Stop {
    let state = match stop.state {
        StopState::Planned => pb::StopState::Planned,
        StopState::Current => pb::StopState::Current,
        StopState::Done => pb::StopState::Done,
    };
    pb::Stop {
        procedure_code: stop.procedure_code.clone(),
        procedure_name: stop.procedure_name.clone(),
        queue_id: stop.queue_id.clone(),
        state: state.into(),
    }
}

pub(crate) fn estimate(range: &Estimate) -> pb::Estimate {
    let int = |value: i64| i32::try_from(value).unwrap_or(i32::MAX);
    pb::Estimate {
        ahead: int(range.ahead),
        seconds_min: int(range.seconds_min),
        seconds_max: int(range.seconds_max),
        open_counters: range.open_counters,
    }
}

pub(crate) fn call(call: &Call) -> pb::Call {
    pb::Call { id: call.id.clone(), call_time: Some(timestamp(call.time)), reason: call.reason.clone() }
}

/// The event of a move. It carries the ticket after the move, and never a secret, a class, a procedure or a person.
pub(crate) fn event(centre: &Centre, made: &Move, now: Timestamp, traceparent: Option<String>) -> NewEvent {
    let ticket = &made.ticket;
    let at_counter = made.from_counter.as_deref().or(ticket.counter_id.as_deref());
    let counter: Option<&Counter> = at_counter.and_then(|id| centre.counter(id));
    let hall = match counter {
        Some(counter) => counter.hall.clone(),
        None => centre.area(&ticket.area_id).map(|area| area.hall.clone()).unwrap_or_default(),
    };
    let (area, sent_on) = (centre.area(&ticket.area_id), made.kind == "transferred" && ticket.for_counter.is_none());
    let serves = |counter: &&Counter| {
        counter.skills.iter().filter_map(|skill| centre.queue(&skill.queue)).any(|queue| queue.area == ticket.area_id)
    };
    let to_hall = area.filter(|_| sent_on && counter.as_ref().is_some_and(|counter| !serves(counter)));
    let data = pb::TicketEvent {
        r#move: made.kind.to_owned(),
        ticket_id: ticket.id.clone(),
        number: ticket.printed(),
        business_day: ticket.day.to_string(),
        area_id: ticket.area_id.clone(),
        queue_id: ticket.queue_id.clone(),
        hall_id: hall,
        state: ticket.state.code(),
        counter_id: ticket.counter_id.clone().unwrap_or_default(),
        counter_number: counter.map_or(0, |counter| counter.number),
        arrival_time: Some(timestamp(ticket.arrival)),
        rank_time: Some(timestamp(ticket.rank)),
        move_time: Some(timestamp(now)),
        tag: ticket.tag.clone(),
        locale: ticket.locale.clone(),
        waiting: i32::try_from(made.waiting).unwrap_or(i32::MAX),
        version: ticket.version,
        from_counter_id: made.from_counter.clone().unwrap_or_default(),
        to_hall_id: to_hall.map_or_else(String::new, |area| area.hall.clone()),
    };
    NewEvent {
        centre_id: centre.id.clone(),
        kind: format!("ticket.{}", made.kind),
        subject: format!("tickets/{}", ticket.id),
        aggregate_id: ticket.id.clone(),
        aggregate_version: ticket.version,
        schema: "motcua.routing.v1.TicketEvent",
        data: data.encode_to_vec(),
        time: now,
        traceparent,
    }
}

/// The event of what is told to a holder who asked.
pub(crate) fn notice(centre: &Centre, made: &Notice, now: Timestamp, traceparent: Option<String>) -> NewEvent {
    let ticket = &made.ticket;
    let counter = ticket.counter_id.as_deref().filter(|_| made.told == Told::Called);
    let data = pb::TicketNotice {
        ticket_id: ticket.id.clone(),
        number: ticket.printed(),
        ahead: match made.told {
            Told::Soon(ahead) => i32::try_from(ahead).unwrap_or(i32::MAX),
            _ => 0,
        },
        counter_number: counter.and_then(|id| centre.counter(id)).map_or(0, |counter| counter.number),
    };
    NewEvent {
        centre_id: centre.id.clone(),
        kind: format!("notice.{}", made.told.verb()),
        subject: format!("tickets/{}/notice", ticket.id),
        aggregate_id: format!("{}/notice", ticket.id),
        // The latest wins, as of counters.
        aggregate_version: now.as_microsecond(),
        schema: "motcua.routing.v1.TicketNotice",
        data: data.encode_to_vec(),
        time: now,
        traceparent,
    }
}

/// The event of a counter's change.
pub(crate) fn counter_changed(
    centre_id: &str,
    counter_id: &str,
    desk: &Desk,
    now: Timestamp,
    traceparent: Option<String>,
) -> NewEvent {
    NewEvent {
        centre_id: centre_id.to_owned(),
        kind: "counter.changed".into(),
        subject: format!("counters/{counter_id}"),
        aggregate_id: format!("{centre_id}/{counter_id}"),
        // The latest wins: counters have no version, time orders them.
        aggregate_version: now.as_microsecond(),
        schema: "motcua.routing.v1.CounterChanged",
        data: pb::CounterChanged { counter_id: counter_id.to_owned(), status: desk.status.code() }.encode_to_vec(),
        time: now,
        traceparent,
    }
}

/// The event of a booking's move.
pub(crate) fn appointment_moved(
    centre_id: &str,
    of: &Appointment,
    kind: &str,
    now: Timestamp,
    traceparent: Option<String>,
) -> NewEvent {
    let data = pb::AppointmentEvent {
        r#move: kind.to_owned(),
        appointment_id: of.id.clone(),
        queue_id: of.queue_id.clone(),
        slot_time: Some(timestamp(of.slot)),
        ticket_id: of.ticket_id.clone(),
        version: of.version,
    };
    NewEvent {
        centre_id: centre_id.to_owned(),
        kind: format!("appointment.{kind}"),
        subject: format!("appointments/{}", of.id),
        aggregate_id: of.id.clone(),
        aggregate_version: of.version,
        schema: "motcua.routing.v1.AppointmentEvent",
        data: data.encode_to_vec(),
        time: now,
        traceparent,
    }
}

/// The event of numbers lent: whoever keeps the series in memory learns of it by the sequence number.
pub(crate) fn block_lent(centre_id: &str, block: &Block, now: Timestamp, traceparent: Option<String>) -> NewEvent {
    NewEvent {
        centre_id: centre_id.to_owned(),
        kind: "block.lent".into(),
        subject: format!("blocks/{}", block.id),
        aggregate_id: block.id.clone(),
        aggregate_version: 1,
        schema: "motcua.routing.v1.BlockLent",
        data: pb::BlockLent { block_id: block.id.clone(), business_day: block.day.to_string() }.encode_to_vec(),
        time: now,
        traceparent,
    }
}

/// The event of a new configuration.
pub(crate) fn applied(centre_id: &str, version: i64, now: Timestamp) -> NewEvent {
    NewEvent {
        centre_id: centre_id.to_owned(),
        kind: "centre.applied".into(),
        subject: format!("centres/{centre_id}"),
        aggregate_id: centre_id.to_owned(),
        aggregate_version: version,
        schema: "motcua.routing.v1.CentreApplied",
        data: pb::CentreApplied { version }.encode_to_vec(),
        time: now,
        traceparent: None,
    }
}
