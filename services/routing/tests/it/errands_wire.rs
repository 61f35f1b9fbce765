//! Booked times and kiosks on the wire: `wire.rs` for the commands of `errands.rs`.
use std::collections::HashMap;

use jiff::Timestamp;
use motcua_proto::routing::v1 as pb;
use motcua_routing::model::block::{Printed, Reconciled};
use motcua_routing::model::command::{Command, Outcome, Target};
use motcua_runtime::grpc;
use tonic::Status;

use crate::support::{CENTRE, Client};
use crate::wire::{Papers, Said, Seen};

/// What both sides say of a booking or of a block, and of each printed paper.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Errand {
    words: String,
    papers: Vec<(Option<Seen>, i32, String)>,
}

fn numbers(outcome: Reconciled) -> (i32, String) {
    match outcome {
        Reconciled::Inserted => (1, String::new()),
        Reconciled::Same => (2, String::new()),
        Reconciled::Renumbered => (3, String::new()),
        Reconciled::Refused(reason) => (4, reason.into()),
    }
}

/// What the pure rules say.
pub fn decided(outcome: &Outcome) -> Said {
    let words = |words: String| Said { errand: Errand { words, papers: Vec::new() }, ..Said::default() };
    match outcome {
        Outcome::Appointment(of) => {
            words(format!("{} {} {:?} {}", of.queue_id, of.procedure_code, grpc::timestamp(of.slot), of.state.code()))
        }
        Outcome::CheckedIn(ticket, range, late) => {
            let of = [range.ahead, range.seconds_min, range.seconds_max, range.open_counters.into()];
            let estimate = Some(of.map(|number| i32::try_from(number).unwrap()));
            Said { ticket: Some((&**ticket).into()), estimate, ..words(format!("late: {late}")) }
        }
        Outcome::Lent(block) => words(format!("{} {} {}–{}", block.letter, block.day, block.first, block.last)),
        Outcome::Reconciled(results) => {
            let paper = |(_, ticket, outcome): &(String, Option<std::sync::Arc<_>>, Reconciled)| {
                let (outcome, reason) = numbers(*outcome);
                (ticket.as_deref().map(Seen::from), outcome, reason)
            };
            Said {
                errand: Errand { papers: results.iter().map(paper).collect(), ..Errand::default() },
                ..Said::default()
            }
        }
        other => panic!("no errand: {other:?}"),
    }
}

/// Which booking and which block of the service is which of the model, with a booking's secret.
#[derive(Default)]
pub struct Known {
    pub bookings: HashMap<String, (String, String)>,
    pub blocks: HashMap<String, String>,
    /// Request ids of the numbers that were given, by ticket.
    pub taps: HashMap<String, String>,
}

impl Known {
    fn secret(&self, booking: &str) -> String {
        self.bookings.get(booking).map_or_else(|| "Z".repeat(22), |(_, secret)| secret.clone())
    }

    fn block(&self, block: &str) -> String {
        self.blocks.get(block).map_or_else(|| block.to_owned(), Clone::clone)
    }
}

/// The secret on a paper that a kiosk printed by itself.
pub fn secret_of(paper: &Printed) -> String {
    format!("{}-from-a-kiosk", paper.request_id)
}

/// Asks the service; the ids of what it gave, in order.
pub async fn ask(
    client: &mut Client,
    command: &Command,
    papers: &Papers,
    token: &str,
    request_id: String,
) -> Result<(Said, Vec<String>), Status> {
    let (centre_id, known) = (CENTRE.to_owned(), &papers.known);
    match command {
        Command::Book { target, slot, .. } => {
            use pb::book_appointment_request::Target as Asked;
            let target = match target.clone() {
                Target::Procedure(code) => Asked::ProcedureCode(code),
                Target::Queue(id) | Target::Area(id) => Asked::QueueId(id),
            };
            let (target, slot_time, token) = (Some(target), Some(grpc::timestamp(*slot)), token.to_owned());
            let request = pb::BookAppointmentRequest { request_id, centre_id, target, slot_time, token };
            Ok(booking(client.book_appointment(request).await?.into_inner().appointment.unwrap()))
        }
        Command::CancelAppointment(id) => {
            let request = pb::CancelAppointmentRequest { request_id, token: known.secret(id) };
            Ok(booking(client.cancel_appointment(request).await?.into_inner().appointment.unwrap()))
        }
        Command::CheckIn { appointment, issue } => {
            let (token, ticket_token) = (known.secret(appointment), token.to_owned());
            let request = pb::CheckInRequest { request_id, token, ticket_token, locale: issue.locale.clone() };
            let answer = client.check_in(request).await?.into_inner();
            let ticket = answer.ticket.unwrap();
            let estimate =
                answer.estimate.map(|range| [range.ahead, range.seconds_min, range.seconds_max, range.open_counters]);
            let said = words(format!("late: {}", answer.late));
            Ok((Said { ticket: Some((&ticket).into()), estimate, ..said }, vec![ticket.id]))
        }
        Command::Lend { kiosk, area, day, size, used_up } => {
            let request = pb::LeaseNumberBlockRequest {
                request_id,
                centre_id,
                kiosk_id: kiosk.clone(),
                area_id: area.clone(),
                business_day: day.map_or_else(String::new, |day| day.to_string()),
                size: i32::try_from(*size).unwrap(),
                used_up_block_id: known.block(used_up),
            };
            let block = client.lease_number_block(request).await?.into_inner().block.unwrap();
            let said = words(format!("{} {} {}–{}", block.letter, block.business_day, block.first, block.last));
            Ok((said, vec![block.id]))
        }
        Command::Reconcile { kiosk, last_contact, printed } => {
            let tickets = printed.iter().map(|paper| printed_ticket(known, paper)).collect();
            let request = pb::ReconcileTicketsRequest {
                request_id,
                centre_id,
                kiosk_id: kiosk.clone(),
                last_contact_time: Some(grpc::timestamp(*last_contact)),
                tickets,
            };
            let told = client.reconcile_tickets(request).await?.into_inner().tickets;
            let paper = |of: &pb::ReconciledTicket| (of.ticket.as_ref().map(Seen::from), of.outcome, of.reason.clone());
            let errand = Errand { words: String::new(), papers: told.iter().map(paper).collect() };
            let ids = told.into_iter().map(|of| of.ticket.map(|ticket| ticket.id).unwrap_or_default());
            Ok((Said { errand, ..Said::default() }, ids.collect()))
        }
        other => panic!("no errand: {other:?}"),
    }
}

fn words(words: String) -> Said {
    Said { errand: Errand { words, papers: Vec::new() }, ..Said::default() }
}

fn booking(of: pb::Appointment) -> (Said, Vec<String>) {
    let slot = of.slot_time.unwrap();
    (words(format!("{} {} {slot:?} {}", of.queue_id, of.procedure_code, of.state)), vec![of.id])
}

fn printed_ticket(known: &Known, paper: &Printed) -> pb::PrintedTicket {
    use pb::printed_ticket::Target as Asked;
    let target = match paper.issue.target.clone() {
        Target::Procedure(code) => Asked::ProcedureCode(code),
        Target::Queue(id) => Asked::QueueId(id),
        Target::Area(id) => Asked::AreaId(id),
    };
    let time = |at: Timestamp| Some(grpc::timestamp(at));
    pb::PrintedTicket {
        request_id: known.taps.get(&paper.request_id).unwrap_or(&paper.request_id).clone(),
        block_id: known.block(&paper.block),
        number: format!("A{:03}", paper.number),
        arrival_time: time(paper.arrival),
        priority_class: paper.issue.priority_class.clone(),
        locale: paper.issue.locale.clone(),
        ticket_token: secret_of(paper),
        identity_verified: paper.issue.identified,
        target: Some(target),
    }
}
