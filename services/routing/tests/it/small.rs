//! The small centre as a running service, and its moves in few words.
use jiff::SignedDuration;
use motcua_proto::intake::v1 as intake;
use motcua_proto::routing::v1 as pb;
use motcua_routing::model::command::{Act, Guidance, Seat};
use motcua_routing::model::route::Reception;
use motcua_store::testing::{TestDb, databases};
use tonic::{Response, Status};

use crate::support::{CENTRE, Hall, for_procedure, id, reason, until};
use crate::wire;
use crate::world::{PROCEDURES, SMALL, procedures};

/// A centre of this file with its catalogue, on one database.
pub async fn open(db: TestDb, processes: usize, toml: &str) -> Hall {
    let hall = Hall::open(db, processes).await;
    hall.apply(toml).await;
    hall.catalogue.replace(1, catalogue());
    crate::procedures::publish(&hall, 1).await;
    let last = PROCEDURES[6].0;
    until("the catalogue is known", || async {
        reason(hall.client().issue_ticket(for_procedure(last)).await) == "PROCEDURE_AT_AGENCY"
    })
    .await;
    hall
}

/// The small centre on every store of this machine.
pub async fn halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await.unwrap() {
        halls.push(open(db, 1, SMALL).await);
    }
    halls
}

fn catalogue() -> Vec<intake::Procedure> {
    let known = procedures();
    let procedure = |code: &str| {
        let found = &known[code];
        let reception = match found.reception {
            Reception::Received => intake::Reception::Received,
            Reception::Planned => intake::Reception::Planned,
            Reception::AtAgency => intake::Reception::AtAgency,
        };
        intake::Procedure {
            code: found.code.clone(),
            name: found.name.clone(),
            department: found.department.clone(),
            reception: reception.into(),
            ..Default::default()
        }
    };
    PROCEDURES.iter().map(|(code, ..)| procedure(code)).collect()
}

/// Time passes and the sweep finds what is due.
pub async fn later(hall: &Hall, seconds: i64) {
    hall.clock.set(hall.clock.now() + SignedDuration::from_secs(seconds));
    hall.process().service.sweep().await.unwrap();
}

pub async fn act(hall: &Hall, counter: &str, ticket: &pb::Ticket, act: Act) -> Result<pb::Ticket, Status> {
    act_as(hall, &seat(counter, ""), ticket, act).await
}

/// To another queue, without a reason.
pub fn redirect(queue: &str) -> Guidance {
    Guidance::Redirect(queue.into(), String::new())
}

/// A screen that works a counter.
pub fn seat(counter: &str, session: &str) -> Seat {
    Seat { counter: counter.into(), session: session.into() }
}

/// As [`act`], by a session.
pub async fn act_as(hall: &Hall, seat: &Seat, ticket: &pb::Ticket, act: Act) -> Result<pb::Ticket, Status> {
    wire::act_of(&mut hall.client(), seat, &ticket.id, &act, id()).await
}

pub async fn guide(hall: &Hall, ticket: &pb::Ticket, guidance: Guidance) -> Result<pb::Ticket, Status> {
    guide_as(hall, &Seat::default(), ticket, guidance).await
}

/// As [`guide`], by a session.
pub async fn guide_as(hall: &Hall, seat: &Seat, ticket: &pb::Ticket, of: Guidance) -> Result<pb::Ticket, Status> {
    wire::guidance_of(&mut hall.client(), seat, ticket.id.clone(), String::new(), &of, id()).await
}

pub async fn call_given(
    hall: &Hall,
    counter: &str,
    ticket: &pb::Ticket,
    reason: &str,
) -> Result<pb::CallTicketResponse, Status> {
    let request = pb::CallTicketRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        counter_id: counter.into(),
        ticket_id: ticket.id.clone(),
        reason: reason.into(),
        session: String::new(),
    };
    hall.client().call_ticket(request).await.map(Response::into_inner)
}

/// What a counter says of itself, to be completed.
pub fn says(counter: &str, status: pb::CounterStatus) -> pb::SetCounterRequest {
    pb::SetCounterRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        counter_id: counter.into(),
        status: status.into(),
        ..Default::default()
    }
}

pub async fn set(hall: &Hall, request: pb::SetCounterRequest) -> Result<pb::Counter, Status> {
    hall.client().set_counter(request).await.map(|answer| answer.into_inner().counter.unwrap())
}

pub async fn closes(hall: &Hall, counter: &str) {
    set(hall, says(counter, pb::CounterStatus::Closed)).await.unwrap();
}

/// The ticket as it stands.
pub async fn now(hall: &Hall, ticket: &pb::Ticket) -> pb::Ticket {
    let request = pb::GetTicketRequest { centre_id: CENTRE.into(), ticket_id: ticket.id.clone() };
    hall.client().get_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

pub async fn at(hall: &Hall, counter: &str) -> pb::GetCounterResponse {
    let request = pb::GetCounterRequest { centre_id: CENTRE.into(), counter_id: counter.into() };
    hall.client().get_counter(request).await.unwrap().into_inner()
}

/// Whoever the counter calls, one after another, finishing each: their numbers.
pub async fn calls(hall: &Hall, counter: &str, times: usize) -> Vec<String> {
    let mut called = Vec::new();
    for _ in 0..times {
        called.extend(crate::support::call(&hall.client(), counter).await.map(|ticket| ticket.number));
    }
    called
}
