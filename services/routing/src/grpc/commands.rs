//! The mutations of the queue: each becomes a command for the writer.
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::issue_ticket_request::Target as Asked;
use motcua_proto::routing::v1::transfer_request::To as SentTo;
use motcua_runtime::grpc::{Request, Status, authorise, request_id};
use motcua_runtime::telemetry::current_traceparent;
use motcua_store::idempotency::{Key, hash};

use super::refusal::to_status;
use super::{Answer, Api, check, decode};
use crate::model::command::{Act, Command, DeskChange, Issue, Seat, Target, To};
use crate::model::desk::DeskStatus;

/// Dossiers of one ticket.
const DOSSIERS_MAX: i32 = 50;

/// A request about a counter's live ticket.
pub(super) trait Move: prost::Message + Default + Sized {
    /// What it is answered with.
    type Response: prost::Message + Default;
    /// Name of the RPC.
    const METHOD: &'static str;
    /// (request id, centre, counter, ticket, session)
    fn parts(&self) -> (&str, &str, &str, &str, &str);
    fn forget_request_id(&mut self);
    fn act(&self) -> Result<Act, Status>;
}

macro_rules! moves {
    ($($request:ident, $response:ident, $method:literal, $act:expr;)*) => {$(
        impl Move for pb::$request {
            type Response = pb::$response;
            const METHOD: &'static str = $method;
            fn parts(&self) -> (&str, &str, &str, &str, &str) {
                (&self.request_id, &self.centre_id, &self.counter_id, &self.ticket_id, &self.session)
            }
            fn forget_request_id(&mut self) {
                self.request_id.clear();
            }
            fn act(&self) -> Result<Act, Status> {
                let act: fn(&Self) -> Result<Act, Status> = $act;
                act(self)
            }
        }
    )*};
}

moves! {
    RecallRequest, RecallResponse, "Recall", |_| Ok(Act::Recall);
    MarkArrivedRequest, MarkArrivedResponse, "MarkArrived", |_| Ok(Act::Arrive);
    FinishRequest, FinishResponse, "Finish", |_| Ok(Act::Finish);
    MarkAbsentRequest, MarkAbsentResponse, "MarkAbsent", |_| Ok(Act::Absent);
    TransferRequest, TransferResponse, "Transfer", sent_to;
    HoldRequest, HoldResponse, "Hold", |request| Ok(Act::Hold(check::words("reason", &request.reason, 200)?));
    TakeBackRequest, TakeBackResponse, "TakeBack", |_| Ok(Act::TakeBack);
    UndoRequest, UndoResponse, "Undo", |_| Ok(Act::Undo);
}

fn sent_to(request: &pb::TransferRequest) -> Result<Act, Status> {
    let to = match &request.to {
        Some(SentTo::ToQueueId(id)) => {
            check::id("to_queue_id", id)?;
            To::Queue(id.clone())
        }
        Some(SentTo::ToCounterId(id)) => {
            check::id("to_counter_id", id)?;
            To::Counter(id.clone())
        }
        None => return Err(check::bad("to", "Hãy chọn hàng chờ hoặc quầy để chuyển đến.")),
    };
    Ok(Act::Transfer(to))
}

impl Api {
    pub(super) async fn issue(&self, request: Request<pb::IssueTicketRequest>) -> Answer<pb::IssueTicketResponse> {
        let who = authorise(&request, Action::IssueTicket, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        let target = match &body.target {
            Some(Asked::ProcedureCode(code)) => {
                check::id("procedure_code", code)?;
                Target::Procedure(code.clone())
            }
            Some(Asked::QueueId(id)) => {
                check::id("queue_id", id)?;
                Target::Queue(id.clone())
            }
            Some(Asked::AreaId(id)) => {
                check::id("area_id", id)?;
                Target::Area(id.clone())
            }
            None => return Err(check::bad("target", "Hãy chọn thủ tục, hàng chờ hoặc khu vực.")),
        };
        if !body.priority_class.is_empty() {
            check::id("priority_class", &body.priority_class)?;
        }
        let locale = check::locale(&body.locale)?;
        let token_hash = check::token(&body.ticket_token)?;
        let traceparent = current_traceparent();
        let priority_class = body.priority_class.clone();
        if !(0..=DOSSIERS_MAX).contains(&body.dossiers) {
            return Err(check::bad("dossiers", "Số hồ sơ phải từ 1 đến 50."));
        }
        if !body.preferred_counter_id.is_empty() {
            check::id("preferred_counter_id", &body.preferred_counter_id)?;
        }
        body.more_procedures.iter().try_for_each(|code| check::id("more_procedures", code))?;
        let command = Command::Issue(Issue {
            target,
            priority_class,
            locale,
            token_hash,
            traceparent: traceparent.clone(),
            more: body.more_procedures.clone(),
            dossiers: i64::from(body.dossiers.max(1)),
            identified: body.identity_verified,
            wants: (!body.preferred_counter_id.is_empty()).then(|| body.preferred_counter_id.clone()),
        });
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "IssueTicket", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, traceparent).await
    }

    pub(super) async fn call(&self, request: Request<pb::CallNextRequest>) -> Answer<pb::CallNextResponse> {
        let who = authorise(&request, Action::CallTicket, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("counter_id", &body.counter_id)?;
        let command = Command::CallNext {
            counter: body.counter_id.clone(),
            finish_current: body.finish_current,
            session: check::session(&body.session)?,
        };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "CallNext", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn act<M: Move>(&self, request: Request<M>) -> Answer<M::Response> {
        let centre_id = request.get_ref().parts().1.to_owned();
        let who = authorise(&request, Action::CallTicket, &centre_id)?;
        let mut body = request.into_inner();
        let (own_id, _, counter, ticket, session) = body.parts();
        let request_id = request_id(own_id)?.to_owned();
        check::id("centre_id", &centre_id)?;
        check::id("counter_id", counter)?;
        check::id("ticket_id", ticket)?;
        let (counter, ticket, session) = (counter.to_owned(), ticket.to_owned(), check::session(session)?);
        let command = Command::Move { counter, ticket, act: body.act()?, session };
        let key = key(who.subject, M::METHOD, request_id, &mut body, M::forget_request_id);
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn call_given(&self, request: Request<pb::CallTicketRequest>) -> Answer<pb::CallTicketResponse> {
        let who = authorise(&request, Action::CallTicket, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("counter_id", &body.counter_id)?;
        check::id("ticket_id", &body.ticket_id)?;
        let command = Command::CallTicket {
            counter: body.counter_id.clone(),
            ticket: body.ticket_id.clone(),
            reason: check::words("reason", &body.reason, 200)?,
            session: check::session(&body.session)?,
        };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "CallTicket", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn change_counter(
        &self,
        request: Request<pb::SetCounterRequest>,
    ) -> Answer<pb::SetCounterResponse> {
        let who = authorise(&request, Action::CallTicket, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("counter_id", &body.counter_id)?;
        let status = DeskStatus::from_code(body.status)
            .ok_or_else(|| check::bad("status", "Trạng thái quầy phải là mở, tạm dừng hoặc đóng."))?;
        let reason = check::words("reason", &body.reason, 200)?;
        if status == DeskStatus::Paused && reason.is_empty() {
            return Err(check::bad("reason", "Xin ghi lý do tạm dừng."));
        }
        for language in &body.languages {
            check::locale(language)?;
        }
        let change = DeskChange {
            status,
            reason,
            session: check::session(&body.session)?,
            take_over: body.take_over,
            officer: who.subject.clone(),
            languages: body.languages.iter().filter(|language| *language != "vi").cloned().collect(),
            auto_call: body.auto_call,
        };
        let command = Command::SetCounter { counter: body.counter_id.clone(), change };
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "SetCounter", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn leave(&self, request: Request<pb::LeaveCounterRequest>) -> Answer<pb::LeaveCounterResponse> {
        let who = authorise(&request, Action::CallTicket, &request.get_ref().centre_id)?;
        let mut body = request.into_inner();
        let request_id = request_id(&body.request_id)?.to_owned();
        check::id("centre_id", &body.centre_id)?;
        check::id("counter_id", &body.counter_id)?;
        check::id("session", &body.session)?;
        let command = Command::Leave(Seat { counter: body.counter_id.clone(), session: body.session.clone() });
        let centre_id = body.centre_id.clone();
        let key = key(who.subject, "LeaveCounter", request_id, &mut body, |body| body.request_id.clear());
        self.submit(&centre_id, key, command, current_traceparent()).await
    }

    pub(super) async fn submit<T: prost::Message + Default>(
        &self,
        centre_id: &str,
        key: Key,
        command: Command,
        traceparent: Option<String>,
    ) -> Answer<T> {
        decode(&self.writer.submit(centre_id, key, command, traceparent).await.map_err(to_status)?)
    }
}

/// The key of a command: its hash leaves the request id out.
pub(super) fn key<T: prost::Message>(
    principal: String,
    method: &'static str,
    request_id: String,
    body: &mut T,
    forget_request_id: fn(&mut T),
) -> Key {
    forget_request_id(body);
    Key { principal, method, request_id, hash: hash(&body.encode_to_vec()) }
}
