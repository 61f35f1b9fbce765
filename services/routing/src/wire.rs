//! Domain values as the contract has them: for answers, stored answers and events.
use jiff::Timestamp;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::NewEvent;
use prost::Message as _;

use crate::model::centre::{Centre, Counter};
use crate::model::command::{Act, Call, Outcome};
use crate::model::estimate::Estimate;
use crate::model::state::Move;
use crate::model::ticket::Ticket;

/// The encoded response of an outcome; it is what a repeated request gets again.
pub(crate) fn response(outcome: &Outcome) -> Vec<u8> {
    match outcome {
        Outcome::Issued(given, range) => {
            pb::IssueTicketResponse { ticket: Some(ticket(given)), estimate: Some(estimate(range)) }.encode_to_vec()
        }
        Outcome::Called(called, claim) => {
            pb::CallNextResponse { ticket: Some(ticket(called)), call: Some(call(claim)) }.encode_to_vec()
        }
        Outcome::Nobody => pb::CallNextResponse::default().encode_to_vec(),
        Outcome::Moved(moved, act) => {
            let ticket = Some(ticket(moved));
            match act {
                Act::Recall => pb::RecallResponse { ticket }.encode_to_vec(),
                Act::Arrive => pb::MarkArrivedResponse { ticket }.encode_to_vec(),
                Act::Finish => pb::FinishResponse { ticket }.encode_to_vec(),
                Act::Absent => pb::MarkAbsentResponse { ticket }.encode_to_vec(),
                Act::Transfer(_) => pb::TransferResponse { ticket }.encode_to_vec(),
            }
        }
        Outcome::Expired(_) => Vec::new(),
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
