//! Kiosks that work without the centre for a while.
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::printed_ticket::Target as Asked;
use motcua_runtime::grpc::{Request, Status, authorise, from_timestamp, request_id};
use motcua_runtime::telemetry::current_traceparent;

use super::commands::key;
use super::{Answer, Api, check};
use crate::model::block::Printed;
use crate::model::command::{Command, Issue, Target};

const SIZE_MAX: i32 = 100;
const PRINTED_MAX: usize = 200;

impl Api {
    pub(super) async fn lend(
        &self,
        request: Request<pb::LeaseNumberBlockRequest>,
    ) -> Answer<pb::LeaseNumberBlockResponse> {
        let who = authorise(&request, Action::IssueOffline, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("kiosk_id", &body.kiosk_id)?;
        check::id("area_id", &body.area_id)?;
        if !(1..=SIZE_MAX).contains(&body.size) {
            return Err(check::bad("size", "Số lượng mượn phải từ 1 đến 100."));
        }
        let day = match body.business_day.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|_| check::bad("business_day", "Ngày phải có dạng 2026-12-31."))?),
        };
        let command = Command::Lend {
            kiosk: body.kiosk_id.clone(),
            area: body.area_id.clone(),
            day,
            size: i64::from(body.size),
            used_up: check::words("used_up_block_id", &body.used_up_block_id, 64)?,
        };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "LeaseNumberBlock", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn reconcile(
        &self,
        request: Request<pb::ReconcileTicketsRequest>,
    ) -> Answer<pb::ReconcileTicketsResponse> {
        let who = authorise(&request, Action::IssueOffline, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("kiosk_id", &body.kiosk_id)?;
        if body.tickets.len() > PRINTED_MAX {
            return Err(check::bad("tickets", "Mỗi lần báo tối đa 200 phiếu; xin chia thành nhiều lần."));
        }
        let last_contact = from_timestamp(body.last_contact_time.as_ref())
            .ok_or_else(|| check::bad("last_contact_time", "Thiếu thời điểm liên lạc cuối."))?;
        let printed = body.tickets.iter().map(|paper| printed(&who.subject, paper)).collect::<Result<_, _>>()?;
        let command = Command::Reconcile { kiosk: body.kiosk_id.clone(), last_contact, printed };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "ReconcileTickets", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }
}

fn printed(principal: &str, paper: &pb::PrintedTicket) -> Result<Printed, Status> {
    let request_id = request_id(&paper.request_id)?.to_owned();
    let digits = paper.number.trim_start_matches(|letter: char| letter.is_ascii_uppercase());
    let number = digits.parse().map_err(|_| check::bad("tickets.number", "Số phải có dạng A998."))?;
    let arrival = from_timestamp(paper.arrival_time.as_ref())
        .ok_or_else(|| check::bad("tickets.arrival_time", "Thiếu giờ đến của phiếu."))?;
    let target = match &paper.target {
        Some(Asked::ProcedureCode(code)) => Target::Procedure(code.clone()),
        Some(Asked::QueueId(id)) => Target::Queue(id.clone()),
        Some(Asked::AreaId(id)) => Target::Area(id.clone()),
        None => return Err(check::bad("tickets.target", "Thiếu việc mà phiếu được in cho.")),
    };
    Ok(Printed {
        tap: (principal.to_owned(), request_id.clone()),
        request_id,
        block: paper.block_id.clone(),
        number,
        arrival,
        issue: Issue {
            target,
            priority_class: paper.priority_class.clone(),
            locale: check::locale(&paper.locale)?,
            token_hash: check::token(&paper.ticket_token)?,
            traceparent: current_traceparent(),
            more: Vec::new(),
            dossiers: 1,
            wants: None,
            identified: paper.identity_verified,
        },
    })
}
