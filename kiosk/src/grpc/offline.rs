//! Numbers for the time without the network: borrowed beforehand, told afterwards.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_proto::routing::v1 as routing;
use motcua_proto::routing::v1::printed_ticket::Target as Asked;
use motcua_runtime::grpc;
use tonic::Status;

use super::{Backend, Refusal, asked};
use crate::model::Target;
use crate::store::{Block, Tap};

/// What the centre lends, or why it does not.
type Lent = Result<Block, Refusal>;

impl Backend {
    /// Borrows numbers of an area and day; `used_up` names the newest block when another is wanted.
    pub(crate) async fn lend(&self, kiosk_id: &str, area_id: &str, day: Date, size: i32, used_up: &str) -> Lent {
        let request = routing::LeaseNumberBlockRequest {
            request_id: motcua_kernel::id::new_id(),
            centre_id: self.centre_id.clone(),
            kiosk_id: kiosk_id.to_owned(),
            area_id: area_id.to_owned(),
            business_day: day.to_string(),
            size,
            used_up_block_id: used_up.to_owned(),
        };
        let lent = self.routing.clone().lease_number_block(asked(request)).await?.into_inner().block;
        let lent = lent.ok_or_else(|| Status::internal("no block in the answer"))?;
        let day = lent.business_day.parse().map_err(|_| Status::internal("a block without a day"))?;
        Ok(Block {
            id: lent.id,
            day,
            area_id: area_id.to_owned(),
            letter: lent.letter,
            first: lent.first.into(),
            last: lent.last.into(),
            next: lent.last.into(),
        })
    }

    /// Tells numbers that were printed, in their order. Says of each tap the id of its ticket, or why it was not taken.
    pub(crate) async fn tell(
        &self,
        kiosk_id: &str,
        contact: Timestamp,
        taps: &[Tap],
    ) -> Result<Vec<(String, Result<String, String>)>, Refusal> {
        let request = routing::ReconcileTicketsRequest {
            // Telling twice says the same, so that a new id a try is as good as a kept one.
            request_id: motcua_kernel::id::new_id(),
            centre_id: self.centre_id.clone(),
            kiosk_id: kiosk_id.to_owned(),
            last_contact_time: Some(grpc::timestamp(contact)),
            tickets: taps.iter().filter_map(printed).collect(),
        };
        let told = self.routing.clone().reconcile_tickets(asked(request)).await?.into_inner().tickets;
        Ok(told
            .into_iter()
            .map(|one| {
                let outcome = match one.ticket {
                    Some(ticket) if one.reason.is_empty() => Ok(ticket.id),
                    _ => Err(one.reason),
                };
                (one.request_id, outcome)
            })
            .collect())
    }
}

fn printed(tap: &Tap) -> Option<routing::PrintedTicket> {
    let ticket = tap.ticket.as_ref()?;
    let target = match &tap.ask.target {
        Target::Procedure(code) => Asked::ProcedureCode(code.clone()),
        Target::Queue(id) => Asked::QueueId(id.clone()),
        Target::Area(id) => Asked::AreaId(id.clone()),
        // Booked times are the centre's alone: no number is given for them without it.
        Target::Appointment(_) => return None,
    };
    Some(routing::PrintedTicket {
        request_id: tap.key.clone(),
        block_id: tap.block_id.clone()?,
        number: ticket.number.clone(),
        arrival_time: Some(grpc::timestamp(ticket.arrival)),
        target: Some(target),
        priority_class: tap.ask.priority.clone(),
        locale: tap.ask.locale.code().to_owned(),
        ticket_token: tap.token.clone(),
        identity_verified: tap.ask.identified,
    })
}
