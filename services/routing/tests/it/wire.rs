//! A command as a request, and an answer as both sides can be compared: the pure rules' and the service's.
use std::collections::HashMap;

use jiff::Timestamp;
use motcua_proto::routing::v1 as pb;
use motcua_routing::model::command::{Act, Command, Guidance, Outcome, Refusal, Seat, Target, To};
use motcua_routing::model::ticket::{StopState, Ticket};
use motcua_runtime::grpc;
use tonic::Status;

use crate::errands_wire::{self, Errand, Known};
use crate::support::{CENTRE, Client, id, moving};

/// What everybody sees of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    number: String,
    state: i32,
    version: i64,
    place: (String, String, String),
    times: [Option<(i64, i32)>; 6],
    absences: i32,
    dossiers: i32,
    hold_reason: String,
    stops: Vec<(String, i32)>,
}

fn time(at: Timestamp) -> (i64, i32) {
    let at = grpc::timestamp(at);
    (at.seconds, at.nanos)
}

impl From<&Ticket> for Seen {
    fn from(ticket: &Ticket) -> Self {
        let stop = |state: StopState| match state {
            StopState::Planned => 1,
            StopState::Current => 2,
            StopState::Done => 3,
        };
        let counter = ticket.counter_id.clone().unwrap_or_default();
        Self {
            number: ticket.printed(),
            state: ticket.state.code(),
            version: ticket.version,
            place: (ticket.area_id.clone(), ticket.queue_id.clone(), counter),
            times: [
                Some(time(ticket.arrival)),
                Some(time(ticket.rank)),
                ticket.call_time.map(time),
                ticket.serve_time.map(time),
                ticket.end_time.map(time),
                ticket.answer_due.map(time),
            ],
            absences: ticket.absences,
            dossiers: i32::try_from(ticket.dossiers).unwrap(),
            hold_reason: ticket.hold_reason.clone(),
            stops: ticket.stops.iter().map(|found| (found.queue_id.clone(), stop(found.state))).collect(),
        }
    }
}

impl From<&pb::Ticket> for Seen {
    fn from(ticket: &pb::Ticket) -> Self {
        let times = [
            ticket.arrival_time,
            ticket.rank_time,
            ticket.call_time,
            ticket.serve_time,
            ticket.end_time,
            ticket.answer_time,
        ];
        Self {
            number: ticket.number.clone(),
            state: ticket.state,
            version: ticket.version,
            place: (ticket.area_id.clone(), ticket.queue_id.clone(), ticket.counter_id.clone()),
            times: times.map(|time| time.map(|time| (time.seconds, time.nanos))),
            absences: ticket.absences,
            dossiers: ticket.dossiers,
            hold_reason: ticket.hold_reason.clone(),
            stops: ticket.stops.iter().map(|stop| (stop.queue_id.clone(), stop.state)).collect(),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Said {
    pub ticket: Option<Seen>,
    pub why: String,
    /// Ahead, from, to, open counters.
    pub estimate: Option<[i32; 4]>,
    /// Status, session, languages, calls by itself, holds.
    pub counter: Option<(i32, String, Vec<String>, bool, String)>,
    pub errand: Errand,
}

/// What the pure rules say.
pub fn decided(outcome: &Outcome, held: impl Fn(&str) -> String) -> Said {
    match outcome {
        Outcome::Issued(ticket, range) => {
            let numbers = [range.ahead, range.seconds_min, range.seconds_max, range.open_counters.into()];
            let estimate = Some(numbers.map(|number| i32::try_from(number).unwrap()));
            Said { ticket: Some((&**ticket).into()), estimate, ..Said::default() }
        }
        Outcome::Called(ticket, call) => {
            Said { ticket: Some((&**ticket).into()), why: call.reason.clone(), ..Said::default() }
        }
        Outcome::Moved(ticket) => Said { ticket: Some((&**ticket).into()), ..Said::default() },
        Outcome::Counter(id, desk) => {
            let says = (desk.status.code(), desk.session.clone(), desk.languages.clone(), desk.auto_call, held(id));
            Said { counter: Some(says), ..Said::default() }
        }
        Outcome::Nobody | Outcome::Swept(_) => Said::default(),
        errand => errands_wire::decided(errand),
    }
}

/// The reason by which a refusal is known on the wire.
pub fn refused(refusal: &Refusal) -> String {
    let debug = format!("{refusal:?}");
    match debug.split([' ', '(', '{']).next().unwrap() {
        "ClassUnknown" => "PRIORITY_CLASS_UNKNOWN".into(),
        "Stops" => "STOPS_INVALID".into(),
        name => {
            let mut reason = String::new();
            for letter in name.chars() {
                if letter.is_uppercase() && !reason.is_empty() {
                    reason.push('_');
                }
                reason.push(letter.to_ascii_uppercase());
            }
            reason
        }
    }
}

/// Which ticket of the service is which of the model, with the secret on its paper; and the like of bookings and blocks.
#[derive(Default)]
pub struct Papers {
    pub tickets: HashMap<String, (String, String)>,
    pub known: Known,
}

impl Papers {
    fn id(&self, ticket: &str) -> String {
        self.tickets.get(ticket).map_or_else(|| ticket.to_owned(), |(id, _)| id.clone())
    }

    fn token(&self, ticket: &str) -> String {
        self.tickets.get(ticket).map_or_else(|| "Z".repeat(22), |(_, token)| token.clone())
    }
}

fn ticket_of(ticket: Option<pb::Ticket>) -> Said {
    Said { ticket: ticket.as_ref().map(Seen::from), ..Said::default() }
}

fn counter_of(found: pb::Counter) -> Said {
    let says = (found.status, found.session, found.languages, found.auto_call, found.ticket_number);
    Said { counter: Some(says), ..Said::default() }
}

macro_rules! moved {
    ($client:expr, $rpc:ident, $request:expr) => {
        $client.$rpc($request).await.map(|answer| answer.into_inner().ticket.unwrap())
    };
}

/// Asks the service for a command with this request id; a new ticket's or booking's paper carries `token`. With the answer
/// come the ids of what was given.
pub async fn ask(
    client: &mut Client,
    command: &Command,
    papers: &Papers,
    token: &str,
    request_id: &str,
) -> Result<(Said, Vec<String>), Status> {
    let request_id = request_id.to_owned();
    let centre_id = || CENTRE.to_owned();
    let said = match command {
        Command::Issue(issue) => {
            use pb::issue_ticket_request::Target as Asked;
            let target = match issue.target.clone() {
                Target::Procedure(code) => Asked::ProcedureCode(code),
                Target::Queue(id) => Asked::QueueId(id),
                Target::Area(id) => Asked::AreaId(id),
            };
            let request = pb::IssueTicketRequest {
                request_id,
                centre_id: centre_id(),
                priority_class: issue.priority_class.clone(),
                locale: issue.locale.clone(),
                ticket_token: token.to_owned(),
                more_procedures: issue.more.clone(),
                dossiers: i32::try_from(issue.dossiers).unwrap(),
                preferred_counter_id: issue.wants.clone().unwrap_or_default(),
                identity_verified: issue.identified,
                target: Some(target),
            };
            let answer = client.issue_ticket(request).await?.into_inner();
            let ticket = answer.ticket.unwrap();
            let estimate =
                answer.estimate.map(|range| [range.ahead, range.seconds_min, range.seconds_max, range.open_counters]);
            return Ok((Said { ticket: Some((&ticket).into()), estimate, ..Said::default() }, vec![ticket.id]));
        }
        Command::CallNext { counter, finish_current, session } => {
            let request = pb::CallNextRequest {
                request_id,
                centre_id: centre_id(),
                counter_id: counter.clone(),
                finish_current: *finish_current,
                session: session.clone(),
            };
            let answer = client.call_next(request).await?.into_inner();
            Ok(Said { why: answer.call.map(|call| call.reason).unwrap_or_default(), ..ticket_of(answer.ticket) })
        }
        Command::CallTicket { counter, ticket, reason, session } => {
            let request = pb::CallTicketRequest {
                request_id,
                reason: reason.clone(),
                session: session.clone(),
                ..moving!(CallTicketRequest, counter.clone(), papers.id(ticket))
            };
            let answer = client.call_ticket(request).await?.into_inner();
            Ok(Said { why: answer.call.map(|call| call.reason).unwrap_or_default(), ..ticket_of(answer.ticket) })
        }
        Command::Move { counter, ticket, act, session } => {
            let seat = Seat { counter: counter.clone(), session: session.clone() };
            act_of(client, &seat, &papers.id(ticket), act, request_id).await.map(|found| ticket_of(Some(found)))
        }
        Command::Guide { ticket, guidance, seat } => {
            let (id, token) = (papers.id(ticket), papers.token(ticket));
            guidance_of(client, seat, id, token, guidance, request_id).await.map(|found| ticket_of(Some(found)))
        }
        Command::SetCounter { counter, change } => {
            let request = pb::SetCounterRequest {
                request_id,
                centre_id: centre_id(),
                counter_id: counter.clone(),
                status: change.status.code(),
                reason: change.reason.clone(),
                session: change.session.clone(),
                take_over: change.take_over,
                languages: change.languages.clone(),
                auto_call: change.auto_call,
            };
            client.set_counter(request).await.map(|answer| counter_of(answer.into_inner().counter.unwrap()))
        }
        Command::Leave(seat) => {
            let (counter_id, session) = (seat.counter.clone(), seat.session.clone());
            let request = pb::LeaveCounterRequest { request_id, centre_id: centre_id(), counter_id, session };
            client.leave_counter(request).await.map(|answer| counter_of(answer.into_inner().counter.unwrap()))
        }
        Command::Lapse { .. } | Command::Expire { .. } | Command::NoShow { .. } | Command::CallsOpen => {
            panic!("the service sweeps by itself")
        }
        Command::Book { .. }
        | Command::CancelAppointment(_)
        | Command::CheckIn { .. }
        | Command::Lend { .. }
        | Command::Reconcile { .. } => return errands_wire::ask(client, command, papers, token, request_id).await,
    };
    said.map(|said| (said, Vec::new()))
}

/// A move of a ticket at a counter.
pub async fn act_of(
    client: &mut Client,
    seat: &Seat,
    ticket: &str,
    act: &Act,
    request_id: String,
) -> Result<pb::Ticket, Status> {
    macro_rules! request {
        ($name:ident $(, $field:ident: $value:expr)*) => {
            pb::$name {
                request_id,
                session: seat.session.clone(),
                $($field: $value,)*
                ..moving!($name, seat.counter.clone(), ticket)
            }
        };
    }
    match act {
        Act::Recall => moved!(client, recall, request!(RecallRequest)),
        Act::Arrive => moved!(client, mark_arrived, request!(MarkArrivedRequest)),
        Act::Finish => moved!(client, finish, request!(FinishRequest)),
        Act::Absent => moved!(client, mark_absent, request!(MarkAbsentRequest)),
        Act::Hold(reason) => moved!(client, hold, request!(HoldRequest, reason: reason.clone())),
        Act::TakeBack => moved!(client, take_back, request!(TakeBackRequest)),
        Act::Undo => moved!(client, undo, request!(UndoRequest)),
        Act::Transfer(to) => {
            let to = match to.clone() {
                To::Queue(id) => pb::transfer_request::To::ToQueueId(id),
                To::Counter(id) => pb::transfer_request::To::ToCounterId(id),
            };
            moved!(client, transfer, request!(TransferRequest, to: Some(to)))
        }
    }
}

/// A move of a ticket that is at no counter: by its id, or by the secret on its paper.
pub async fn guidance_of(
    client: &mut Client,
    seat: &Seat,
    ticket_id: String,
    token: String,
    guidance: &Guidance,
    request_id: String,
) -> Result<pb::Ticket, Status> {
    macro_rules! request {
        ($name:ident $(, $field:ident)*) => {
            pb::$name {
                request_id,
                centre_id: CENTRE.to_owned(),
                ticket_id,
                counter_id: seat.counter.clone(),
                session: seat.session.clone(),
                $($field,)*
            }
        };
    }
    match guidance.clone() {
        Guidance::Redirect(to_queue_id, reason) => {
            moved!(client, redirect, request!(RedirectRequest, to_queue_id, reason))
        }
        Guidance::Reenter => moved!(client, reenter, request!(ReenterRequest)),
        Guidance::Return => moved!(client, return_to_counter, request!(ReturnToCounterRequest)),
        Guidance::Priority(priority_class, reason) => {
            moved!(client, set_priority, request!(SetPriorityRequest, priority_class, reason))
        }
        Guidance::Notice(true) => {
            moved!(client, ask_ticket_notice, pb::AskTicketNoticeRequest { request_id, token })
        }
        Guidance::Notice(false) => {
            moved!(client, drop_ticket_notice, pb::DropTicketNoticeRequest { request_id, token })
        }
        Guidance::Cancel => moved!(client, cancel_ticket, pb::CancelTicketRequest { request_id, token }),
        Guidance::Postpone(minutes) => {
            let minutes = i32::try_from(minutes).unwrap();
            moved!(client, postpone_ticket, pb::PostponeTicketRequest { request_id, token, minutes })
        }
    }
}

/// A secret for a paper.
pub fn token() -> String {
    id().replace('-', "")
}
