//! The double of routing: a counter as its console is shown it, a ticket as the holder of its paper is.

use motcua_proto::routing::v1::{self as routing, TicketState};
use motcua_runtime::grpc::{self, timestamp};
use tonic::{Code, Status};

use crate::doubles::Doubles;
use crate::hall::TICKET_TOKEN;

impl Doubles {
    pub fn counter_shown(&self, id: &str) -> routing::GetCounterResponse {
        let ticket = self.0.live(id);
        let reason = "chờ 22 phút, đến sớm nhất";
        let call = ticket.as_ref().map(|_| routing::Call { reason: reason.into(), ..routing::Call::default() });
        routing::GetCounterResponse {
            counter: self.0.counter(id),
            ticket,
            call,
            waiting: self.0.waiting("land").len() as i32,
            served_today: 12,
            service_seconds: 380,
            seq: 1,
            held: self.0.kept(id, TicketState::Held),
            missed: self.0.kept(id, TicketState::Missed),
            undoable: self.0.undo.lock().unwrap().as_ref().map(|(action, ticket)| routing::Undoable {
                ticket_id: ticket.id.clone(),
                ticket_number: ticket.number.clone(),
                action: action.clone(),
                until: Some(timestamp(self.0.now + jiff::SignedDuration::from_secs(8))),
            }),
        }
    }

    pub fn ticket_shown(&self, token: &str) -> Result<routing::TrackTicketResponse, Status> {
        let last = token.strip_prefix(&TICKET_TOKEN[..21]).map(|n| format!("t{n}"));
        let ticket = self.0.tickets.lock().unwrap().iter().find(|t| Some(&t.id) == last.as_ref()).cloned();
        let Some(ticket) = ticket else {
            return Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có phiếu này.", &[]));
        };
        let ahead = self.0.waiting("land").iter().position(|t| t.id == ticket.id).unwrap_or(0) as i32;
        let counter = self.0.counter(&ticket.counter_id).map_or(0, |c| c.number);
        let estimate =
            routing::Estimate { ahead, seconds_min: ahead * 240, seconds_max: ahead * 420 + 300, open_counters: 2 };
        Ok(routing::TrackTicketResponse {
            ticket: Some(routing::Ticket {
                procedure_code: String::new(),
                procedure_name: String::new(),
                traceparent: String::new(),
                priority_class: String::new(),
                ..ticket
            }),
            estimate: Some(estimate),
            counter_number: counter,
            area_name: "Đất đai, xây dựng".into(),
            centre_name: self.0.centre.lock().unwrap().name.clone(),
            seq: 1,
        })
    }
}
