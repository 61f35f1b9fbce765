//! Numbers that the doubled centre lends, and what it makes of those it is told.
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use motcua_proto::routing::v1 as routing;
use motcua_runtime::grpc;
use tonic::{Code, Status};

use super::data::areas;
use super::double::State;

fn zone() -> TimeZone {
    TimeZone::get("Asia/Ho_Chi_Minh").unwrap()
}

/// Seven to seventeen, three days in a row.
pub fn windows(now: Timestamp) -> Vec<routing::IssueWindow> {
    let today = now.to_zoned_datetime(zone()).date();
    let days = today.series(jiff::Span::new().days(1)).take(3);
    let at = |day: Date, hour| day.at(hour, 0, 0, 0).to_zoned_datetime(zone()).unwrap().timestamp();
    days.map(|day| routing::IssueWindow {
        start_time: Some(grpc::timestamp(at(day, 7))),
        end_time: Some(grpc::timestamp(at(day, 17))),
    })
    .collect()
}

/// A missed ticket waits again.
pub fn again(state: &mut State, ticket_id: &str) -> Result<routing::Ticket, Status> {
    let mut found = state.tracked.values_mut().filter_map(|tracked| tracked.ticket.as_mut());
    let is = |ticket: &&mut routing::Ticket| ticket.id == ticket_id && !state.stays_missed;
    let refused = || grpc::status(Code::FailedPrecondition, "TICKET_STATE", "Số này không lỡ lượt.", &[]);
    let ticket = found.find(is).ok_or_else(refused)?;
    ticket.set_state(routing::TicketState::Waiting);
    ticket.version += 1;
    Ok(ticket.clone())
}

/// From 999 downwards, the same block again until it is used up.
pub fn lend(state: &mut State, request: routing::LeaseNumberBlockRequest) -> routing::NumberBlock {
    let letter = areas().into_iter().find(|area| area.id == request.area_id).unwrap().letter;
    let of_day = |block: &&(String, String, routing::NumberBlock)| {
        block.1 == request.area_id && block.2.business_day == request.business_day
    };
    let newest = state.blocks.iter().filter(of_day).rfind(|block| block.0 == request.kiosk_id);
    if let Some((.., block)) = newest.filter(|(.., block)| block.id != request.used_up_block_id) {
        return block.clone();
    }
    let last = state.blocks.iter().filter(of_day).map(|(.., block)| block.first - 1).min().unwrap_or(999);
    let block = routing::NumberBlock {
        id: motcua_kernel::id::new_id(),
        letter,
        business_day: request.business_day.clone(),
        first: last - request.size + 1,
        last,
        expire_time: None,
    };
    state.blocks.push((request.kiosk_id, request.area_id, block.clone()));
    block
}

/// The paper wins.
pub fn reconcile(state: &mut State, request: routing::ReconcileTicketsRequest) -> Vec<routing::ReconciledTicket> {
    state.contacts.push(grpc::from_timestamp(request.last_contact_time.as_ref()).unwrap());
    let told = request.tickets.into_iter().map(|paper| {
        let lent = state.blocks.iter().any(|(kiosk, _, block)| {
            let number: i32 = paper.number[1..].parse().unwrap();
            *kiosk == request.kiosk_id && block.id == paper.block_id && (block.first..=block.last).contains(&number)
        });
        if !lent {
            let (outcome, reason) = (routing::Reconciled::Refused.into(), "NUMBER_OUTSIDE_BLOCK".to_owned());
            return routing::ReconciledTicket { request_id: paper.request_id, ticket: None, outcome, reason };
        }
        let known = state.tickets.iter_mut().find(|(id, ..)| *id == paper.request_id);
        let (ticket, outcome) = match known {
            Some((.., ticket)) if ticket.number == paper.number => (ticket.clone(), routing::Reconciled::Same),
            Some((.., ticket)) => {
                ticket.number.clone_from(&paper.number);
                (ticket.clone(), routing::Reconciled::Renumbered)
            }
            None => {
                let ticket = routing::Ticket {
                    id: motcua_kernel::id::new_id(),
                    number: paper.number.clone(),
                    arrival_time: paper.arrival_time,
                    ..routing::Ticket::default()
                };
                let request = routing::IssueTicketRequest {
                    ticket_token: paper.ticket_token.clone(),
                    ..routing::IssueTicketRequest::default()
                };
                state.tickets.push((paper.request_id.clone(), request, ticket.clone()));
                (ticket, routing::Reconciled::Inserted)
            }
        };
        state.told.push(paper.clone());
        let outcome = outcome.into();
        routing::ReconciledTicket { request_id: paper.request_id, ticket: Some(ticket), outcome, reason: String::new() }
    });
    told.collect()
}
