//! What is behind the code on a paper.

use jiff::Timestamp;
use motcua_proto::routing::v1 as routing;
use motcua_proto::status::v1 as status;
use motcua_runtime::grpc;
use tonic::Status;

use super::{Backend, Refusal, asked, read, ticket};
use crate::model::Ticket;

/// How a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub id: String,
    pub number: String,
    /// Moves with every move of it.
    pub version: i64,
    pub state: TicketState,
    /// People before it, while it waits.
    pub ahead: u32,
    /// The counter that called it.
    pub counter: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketState {
    Waiting,
    /// Called, served, or kept by a counter.
    Called,
    Missed,
    /// Finished, given back, dropped, or of another day.
    Over,
}

/// How a dossier stands; nothing personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dossier {
    pub centre_id: String,
    pub code_masked: String,
    pub state: DossierState,
    /// The state in the centre's words.
    pub label: String,
    /// Who has it: a department or the desk.
    pub holder: String,
    pub due: Option<Timestamp>,
    pub advice: String,
    /// Code of its procedure.
    pub procedure: String,
    /// Id of the counter that received it.
    pub counter: String,
}

/// The national states as far as the way on differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DossierState {
    /// 1, 2, 4.
    Running,
    /// 5.
    Supplement,
    /// 6.
    FeeDue,
    /// 9.
    Ready,
    /// 10.
    Returned,
    /// 3, 7, 8.
    Ended,
}

impl Backend {
    /// The ticket behind the secret on a paper.
    pub(crate) async fn standing(&self, token: &str) -> Result<Standing, Refusal> {
        let request = asked(routing::TrackTicketRequest { token: token.to_owned() });
        let answer = self.routing.clone().track_ticket(request).await?.into_inner();
        let ticket = answer.ticket.ok_or_else(|| Status::internal("no ticket in the answer"))?;
        let state = match ticket.state() {
            routing::TicketState::Waiting => TicketState::Waiting,
            routing::TicketState::Called | routing::TicketState::Serving | routing::TicketState::Held => {
                TicketState::Called
            }
            routing::TicketState::Missed => TicketState::Missed,
            _ => TicketState::Over,
        };
        let ahead = answer.estimate.map_or(0, |estimate| read::wait(estimate).ahead);
        let (id, number, version) = (ticket.id, ticket.number, ticket.version);
        Ok(Standing { id, number, version, state, ahead, counter: answer.counter_number })
    }

    /// A missed ticket waits again, once however often it is asked for.
    pub(crate) async fn reenter(&self, missed: &Standing) -> Result<(), Refusal> {
        let request = routing::ReenterRequest {
            request_id: format!("quet-lai-{}-{}", missed.id, missed.version),
            centre_id: self.centre_id.clone(),
            ticket_id: missed.id.clone(),
            ..Default::default()
        };
        self.routing.clone().reenter(asked(request)).await?;
        Ok(())
    }

    /// The dossier behind the secret on a receipt.
    pub(crate) async fn dossier(&self, token: &str) -> Result<Dossier, Refusal> {
        let request = asked(status::TrackRequest { token: token.to_owned() });
        let answer = self.status.clone().track(request).await?.into_inner();
        use status::DossierState as Wire;
        let state = match answer.state() {
            Wire::Supplement => DossierState::Supplement,
            Wire::FeeDue => DossierState::FeeDue,
            Wire::Completed => DossierState::Ready,
            Wire::Returned => DossierState::Returned,
            Wire::Rejected | Wire::Withdrawn | Wire::Stopped => DossierState::Ended,
            // What is not known yet is on its way.
            Wire::Unspecified | Wire::Submitted | Wire::Accepted | Wire::Processing => DossierState::Running,
        };
        Ok(Dossier {
            state,
            due: grpc::from_timestamp(answer.due_time.as_ref()),
            centre_id: answer.centre_id,
            code_masked: answer.code_masked,
            label: answer.state_label,
            holder: answer.holder,
            advice: answer.advice,
            procedure: answer.procedure_code,
            counter: answer.counter_id,
        })
    }

    /// The number of a booked time, for whoever holds its secret.
    pub(crate) async fn check_in(&self, key: &str, token: &str, locale: &str, own: &str) -> Result<Ticket, Refusal> {
        let request = routing::CheckInRequest {
            request_id: key.to_owned(),
            token: token.to_owned(),
            ticket_token: own.to_owned(),
            locale: locale.to_owned(),
        };
        let answer = self.routing.clone().check_in(asked(request)).await?.into_inner();
        ticket(answer.ticket, answer.estimate).map(|ticket| Ticket { late: answer.late, ..ticket })
    }
}
