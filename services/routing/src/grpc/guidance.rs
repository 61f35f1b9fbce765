//! Moves of tickets that are not at a counter: by staff and devices with the ticket's id, by its citizen with the secret on
//! the paper.
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::{Code, Request, Status, authorise, authorise_anywhere, request_id, status};
use motcua_runtime::telemetry::current_traceparent;

use super::commands::key;
use super::refusal::to_status;
use super::{Answer, Api, check, view};
use crate::model::command::{Command, Guidance, Seat};
use crate::queries;

const POSTPONE_MINUTES: std::ops::RangeInclusive<i32> = 5..=60;

/// A request about a ticket by its id.
pub(super) trait Guide: prost::Message + Default + Sized {
    type Response: prost::Message + Default;
    const METHOD: &'static str;
    const ACTION: Action;
    /// (request id, centre, ticket)
    fn parts(&self) -> (&str, &str, &str);
    /// (counter, session)
    fn seat(&self) -> (&str, &str);
    fn forget_request_id(&mut self);
    fn guidance(&self) -> Result<Guidance, Status>;
}

macro_rules! guides {
    ($($request:ident, $response:ident, $method:literal, $action:ident, $guidance:expr;)*) => {$(
        impl Guide for pb::$request {
            type Response = pb::$response;
            const METHOD: &'static str = $method;
            const ACTION: Action = Action::$action;
            fn parts(&self) -> (&str, &str, &str) {
                (&self.request_id, &self.centre_id, &self.ticket_id)
            }
            fn seat(&self) -> (&str, &str) {
                (&self.counter_id, &self.session)
            }
            fn forget_request_id(&mut self) {
                self.request_id.clear();
            }
            fn guidance(&self) -> Result<Guidance, Status> {
                let guidance: fn(&Self) -> Result<Guidance, Status> = $guidance;
                guidance(self)
            }
        }
    )*};
}

guides! {
    ReturnToCounterRequest, ReturnToCounterResponse, "ReturnToCounter", GuideTicket, |_| Ok(Guidance::Return);
    ReenterRequest, ReenterResponse, "Reenter", GuideTicket, |_| Ok(Guidance::Reenter);
    RedirectRequest, RedirectResponse, "Redirect", GuideTicket, |request| {
        check::id("to_queue_id", &request.to_queue_id)?;
        Ok(Guidance::Redirect(request.to_queue_id.clone(), check::words("reason", &request.reason, 200)?))
    };
    SetPriorityRequest, SetPriorityResponse, "SetPriority", CallTicket, |request| {
        if !request.priority_class.is_empty() {
            check::id("priority_class", &request.priority_class)?;
        }
        let reason = check::words("reason", &request.reason, 200)?;
        if reason.is_empty() {
            return Err(check::bad("reason", "Xin ghi lý do sửa diện ưu tiên."));
        }
        Ok(Guidance::Priority(request.priority_class.clone(), reason))
    };
}

/// A citizen's request about their own ticket.
pub(super) trait Own: prost::Message + Default + Sized {
    type Response: prost::Message + Default;
    const METHOD: &'static str;
    /// (request id, token)
    fn parts(&self) -> (&str, &str);
    fn forget_request_id(&mut self);
    fn guidance(&self) -> Result<Guidance, Status>;
    /// The ticket of a response.
    fn ticket(response: &mut Self::Response) -> Option<&mut pb::Ticket>;
}

macro_rules! owns {
    ($($request:ident, $response:ident, $method:literal, $guidance:expr;)*) => {$(
        impl Own for pb::$request {
            type Response = pb::$response;
            const METHOD: &'static str = $method;
            fn parts(&self) -> (&str, &str) {
                (&self.request_id, &self.token)
            }
            fn forget_request_id(&mut self) {
                self.request_id.clear();
            }
            fn guidance(&self) -> Result<Guidance, Status> {
                let guidance: fn(&Self) -> Result<Guidance, Status> = $guidance;
                guidance(self)
            }
            fn ticket(response: &mut Self::Response) -> Option<&mut pb::Ticket> {
                response.ticket.as_mut()
            }
        }
    )*};
}

owns! {
    CancelTicketRequest, CancelTicketResponse, "CancelTicket", |_| Ok(Guidance::Cancel);
    AskTicketNoticeRequest, AskTicketNoticeResponse, "AskTicketNotice", |_| Ok(Guidance::Notice(true));
    DropTicketNoticeRequest, DropTicketNoticeResponse, "DropTicketNotice", |_| Ok(Guidance::Notice(false));
    PostponeTicketRequest, PostponeTicketResponse, "PostponeTicket", |request| {
        if !POSTPONE_MINUTES.contains(&request.minutes) {
            return Err(check::bad("minutes", "Chỉ lùi được từ 5 đến 60 phút."));
        }
        Ok(Guidance::Postpone(i64::from(request.minutes)))
    };
}

impl Api {
    pub(super) async fn guide<G: Guide>(&self, request: Request<G>) -> Answer<G::Response> {
        let centre_id = request.get_ref().parts().1.to_owned();
        let who = authorise(&request, G::ACTION, &centre_id)?;
        let mut body = request.into_inner();
        let (own_id, _, ticket) = body.parts();
        let request_id = request_id(own_id)?.to_owned();
        check::id("centre_id", &centre_id)?;
        check::id("ticket_id", ticket)?;
        let (counter, session) = body.seat();
        let seat = Seat { counter: counter.to_owned(), session: check::session(session)? };
        match (seat.counter.is_empty(), seat.session.is_empty()) {
            (false, _) => check::id("counter_id", counter)?,
            (true, true) => {}
            (true, false) => return Err(check::bad("counter_id", "Phiên làm việc phải đi kèm quầy của nó.")),
        }
        let command = Command::Guide { ticket: ticket.to_owned(), guidance: body.guidance()?, seat };
        let key = key(who.subject, G::METHOD, request_id, &mut body, G::forget_request_id);
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn own<O: Own>(&self, request: Request<O>) -> Answer<O::Response> {
        let who = authorise_anywhere(&request, Action::MoveOwnTicket)?;
        let mut body = request.into_inner();
        let (own_id, token) = body.parts();
        let request_id = request_id(own_id)?.to_owned();
        let unknown = || {
            let text = "Không tìm thấy số này. Xin quét lại mã trên phiếu hoặc hỏi Quầy hướng dẫn.";
            status(Code::NotFound, "TICKET_UNKNOWN", text, &[])
        };
        let token_hash = check::token(token)?.ok_or_else(unknown)?;
        let found = queries::by_token(self.db.read(), &token_hash).await.map_err(to_status)?.ok_or_else(unknown)?;
        if who.centre_id.as_ref().is_some_and(|own| *own != found.centre_id) {
            return Err(unknown());
        }
        let command = Command::Guide { ticket: found.id, guidance: body.guidance()?, seat: Seat::default() };
        let key = key(who.subject, O::METHOD, request_id, &mut body, O::forget_request_id);
        let mut answer = self.submit::<O::Response>(&found.centre_id, key, command, current_traceparent()).await?;
        if let Some(ticket) = O::ticket(answer.get_mut()) {
            view::hide(ticket);
        }
        Ok(answer)
    }
}
