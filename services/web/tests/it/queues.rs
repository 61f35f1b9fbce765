//! The double of routing, RPC by RPC.

use std::pin::Pin;

use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_proto::routing::v1::{self as routing, TicketState};
use motcua_runtime::grpc::{self, timestamp};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status};

use crate::doubles::{Answer, Doubles};
use crate::figures;

type Feed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl RoutingService for Doubles {
    async fn call_next(&self, request: Request<routing::CallNextRequest>) -> Answer<routing::CallNextResponse> {
        self.at("CallNext", &request)?;
        let request = request.into_inner();
        if let Some(known) = self.0.answered.lock().unwrap().get(&request.request_id) {
            let ticket = self.0.tickets.lock().unwrap().iter().find(|t| t.id == *known).cloned();
            return Ok(Response::new(routing::CallNextResponse { ticket, call: None }));
        }
        if let Some(live) = self.0.live(&request.counter_id) {
            if !request.finish_current {
                return Err(self.busy(&request.counter_id).unwrap());
            }
            self.0.change(&live.id, "finished", |t| t.set_state(TicketState::Finished));
        }
        let Some(next) = self.0.waiting("land").into_iter().next() else {
            return Ok(Response::new(routing::CallNextResponse::default()));
        };
        let ticket = self.call(&next.id, &request.counter_id)?;
        *self.0.undo.lock().unwrap() = Some(("CallNext".into(), next.clone()));
        self.0.answered.lock().unwrap().insert(request.request_id, next.id);
        Ok(Response::new(routing::CallNextResponse { ticket, call: None }))
    }

    async fn get_queue_figures(
        &self,
        request: Request<routing::GetQueueFiguresRequest>,
    ) -> Answer<routing::GetQueueFiguresResponse> {
        self.0.enter("GetQueueFigures", &request)?;
        let quiet = *self.0.quiet.lock().unwrap();
        Ok(Response::new(routing::GetQueueFiguresResponse {
            business_day: "2026-11-23".into(),
            all: (!quiet).then(|| figures::of("", "Trung tâm")),
            queues: if quiet { vec![] } else { vec![figures::of("land", "Đất đai")] },
        }))
    }

    async fn recall(&self, request: Request<routing::RecallRequest>) -> Answer<routing::RecallResponse> {
        self.at("Recall", &request)?;
        Ok(Response::new(routing::RecallResponse {
            ticket: self.act(&request.get_ref().ticket_id, "recalled", |_| {})?,
        }))
    }

    async fn mark_arrived(
        &self,
        request: Request<routing::MarkArrivedRequest>,
    ) -> Answer<routing::MarkArrivedResponse> {
        self.at("MarkArrived", &request)?;
        let ticket =
            self.undoable(&request.get_ref().ticket_id, "MarkArrived", |t| t.set_state(TicketState::Serving))?;
        Ok(Response::new(routing::MarkArrivedResponse { ticket }))
    }

    async fn finish(&self, request: Request<routing::FinishRequest>) -> Answer<routing::FinishResponse> {
        self.at("Finish", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "finished", |t| t.set_state(TicketState::Finished))?;
        Ok(Response::new(routing::FinishResponse { ticket }))
    }

    async fn mark_absent(&self, request: Request<routing::MarkAbsentRequest>) -> Answer<routing::MarkAbsentResponse> {
        self.at("MarkAbsent", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "absent", |t| {
            t.set_state(TicketState::Waiting);
            t.absences += 1;
        })?;
        Ok(Response::new(routing::MarkAbsentResponse { ticket }))
    }

    async fn transfer(&self, request: Request<routing::TransferRequest>) -> Answer<routing::TransferResponse> {
        self.at("Transfer", &request)?;
        let request = request.into_inner();
        let Some(routing::transfer_request::To::ToQueueId(queue)) = request.to else {
            return Err(grpc::bad_request("TRANSFER_TARGET", "to", "Chọn hàng chờ."));
        };
        let ticket = self.act(&request.ticket_id, "transferred", |t| {
            t.set_state(TicketState::Waiting);
            t.queue_id = queue;
        })?;
        Ok(Response::new(routing::TransferResponse { ticket }))
    }

    async fn call_ticket(&self, request: Request<routing::CallTicketRequest>) -> Answer<routing::CallTicketResponse> {
        self.at("CallTicket", &request)?;
        let request = request.into_inner();
        if let Some(busy) = self.busy(&request.counter_id) {
            return Err(busy);
        }
        self.0.reasons.lock().unwrap().push(request.reason);
        let ticket = self.call(&request.ticket_id, &request.counter_id)?;
        Ok(Response::new(routing::CallTicketResponse { ticket, call: None }))
    }

    async fn hold(&self, request: Request<routing::HoldRequest>) -> Answer<routing::HoldResponse> {
        self.at("Hold", &request)?;
        let request = request.into_inner();
        let ticket = self.undoable(&request.ticket_id, "Hold", |t| {
            t.set_state(TicketState::Held);
            t.hold_reason = request.reason;
        })?;
        Ok(Response::new(routing::HoldResponse { ticket }))
    }

    async fn take_back(&self, request: Request<routing::TakeBackRequest>) -> Answer<routing::TakeBackResponse> {
        self.at("TakeBack", &request)?;
        let request = request.into_inner();
        if let Some(busy) = self.busy(&request.counter_id) {
            return Err(busy);
        }
        let ticket = self.undoable(&request.ticket_id, "TakeBack", |t| t.set_state(TicketState::Serving))?;
        Ok(Response::new(routing::TakeBackResponse { ticket }))
    }

    async fn return_to_counter(
        &self,
        request: Request<routing::ReturnToCounterRequest>,
    ) -> Answer<routing::ReturnToCounterResponse> {
        self.at("ReturnToCounter", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "returned", |t| t.set_state(TicketState::Waiting))?;
        Ok(Response::new(routing::ReturnToCounterResponse { ticket }))
    }

    async fn redirect(&self, request: Request<routing::RedirectRequest>) -> Answer<routing::RedirectResponse> {
        self.at("Redirect", &request)?;
        let request = request.into_inner();
        self.0.reasons.lock().unwrap().push(request.reason);
        let ticket = self.act(&request.ticket_id, "redirected", |t| t.queue_id = request.to_queue_id)?;
        Ok(Response::new(routing::RedirectResponse { ticket }))
    }

    async fn reenter(&self, request: Request<routing::ReenterRequest>) -> Answer<routing::ReenterResponse> {
        self.at("Reenter", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "reentered", |t| t.set_state(TicketState::Waiting))?;
        Ok(Response::new(routing::ReenterResponse { ticket }))
    }

    async fn set_priority(
        &self,
        request: Request<routing::SetPriorityRequest>,
    ) -> Answer<routing::SetPriorityResponse> {
        self.at("SetPriority", &request)?;
        let request = request.into_inner();
        if request.reason.is_empty() {
            return Err(grpc::bad_request("FIELD_INVALID", "reason", "Xin ghi lý do sửa diện ưu tiên."));
        }
        self.0.reasons.lock().unwrap().push(request.reason);
        let ticket = self.act(&request.ticket_id, "prioritised", |t| t.priority_class = request.priority_class)?;
        Ok(Response::new(routing::SetPriorityResponse { ticket }))
    }

    async fn undo(&self, request: Request<routing::UndoRequest>) -> Answer<routing::UndoResponse> {
        self.at("Undo", &request)?;
        let kept = self.0.undo.lock().unwrap().take();
        let Some((_, before)) = kept.filter(|(_, t)| t.id == request.get_ref().ticket_id) else {
            let text = "Không có thao tác nào để hoàn tác. Xin tải lại trang.";
            return Err(grpc::status(Code::FailedPrecondition, "NOTHING_TO_UNDO", text, &[]));
        };
        let ticket = self.act(&before.id.clone(), "restored", |t| *t = before)?;
        Ok(Response::new(routing::UndoResponse { ticket }))
    }

    async fn set_counter(&self, request: Request<routing::SetCounterRequest>) -> Answer<routing::SetCounterResponse> {
        self.0.enter("SetCounter", &request)?;
        let request = request.into_inner();
        if !request.take_over {
            self.held_by(&request.counter_id, &request.session)?;
        }
        let closed = request.status() == routing::CounterStatus::Closed;
        let counter = self.0.change_counter(&request.counter_id, |c| {
            c.status = request.status;
            c.reason = request.reason;
            c.session = if closed { String::new() } else { request.session };
            c.officer = "lan.nguyen".into();
            c.languages = request.languages;
            c.auto_call = request.auto_call;
        });
        Ok(Response::new(routing::SetCounterResponse { counter }))
    }

    async fn leave_counter(
        &self,
        request: Request<routing::LeaveCounterRequest>,
    ) -> Answer<routing::LeaveCounterResponse> {
        self.at("LeaveCounter", &request)?;
        let request = request.into_inner();
        let counter = self.0.change_counter(&request.counter_id, |c| {
            (c.session, c.officer, c.session_time) = (String::new(), String::new(), None);
        });
        Ok(Response::new(routing::LeaveCounterResponse { counter }))
    }

    async fn keep_counter(
        &self,
        request: Request<routing::KeepCounterRequest>,
    ) -> Answer<routing::KeepCounterResponse> {
        self.0.enter("KeepCounter", &request)?;
        let request = request.into_inner();
        let held = self.0.counter(&request.counter_id).is_some_and(|c| c.session == request.session);
        Ok(Response::new(routing::KeepCounterResponse { held }))
    }

    async fn postpone_ticket(
        &self,
        request: Request<routing::PostponeTicketRequest>,
    ) -> Answer<routing::PostponeTicketResponse> {
        self.0.enter("PostponeTicket", &request)?;
        let request = request.into_inner();
        let id = self.holder(&request.token)?;
        let later = timestamp(self.0.now + jiff::SignedDuration::from_mins(request.minutes.into()));
        let ticket = self.act(&id, "postponed", |t| t.rank_time = Some(later))?;
        Ok(Response::new(routing::PostponeTicketResponse { ticket }))
    }

    async fn cancel_ticket(
        &self,
        request: Request<routing::CancelTicketRequest>,
    ) -> Answer<routing::CancelTicketResponse> {
        self.0.enter("CancelTicket", &request)?;
        let id = self.holder(&request.get_ref().token)?;
        let ticket = self.act(&id, "cancelled", |t| t.set_state(TicketState::Cancelled))?;
        Ok(Response::new(routing::CancelTicketResponse { ticket }))
    }

    async fn ask_ticket_notice(
        &self,
        request: Request<routing::AskTicketNoticeRequest>,
    ) -> Answer<routing::AskTicketNoticeResponse> {
        self.0.enter("AskTicketNotice", &request)?;
        let id = self.holder(&request.get_ref().token)?;
        let ticket = self.0.tickets.lock().unwrap().iter().find(|t| t.id == id).cloned();
        if ticket.as_ref().is_some_and(|ticket| ticket.state() == TicketState::Missed) {
            return Err(grpc::status(Code::FailedPrecondition, "TICKET_STATE", "Số này đã lỡ lượt.", &[]));
        }
        Ok(Response::new(routing::AskTicketNoticeResponse { ticket }))
    }

    async fn drop_ticket_notice(
        &self,
        request: Request<routing::DropTicketNoticeRequest>,
    ) -> Answer<routing::DropTicketNoticeResponse> {
        self.0.enter("DropTicketNotice", &request)?;
        Ok(Response::new(routing::DropTicketNoticeResponse::default()))
    }

    async fn explain_ticket(
        &self,
        request: Request<routing::ExplainTicketRequest>,
    ) -> Answer<routing::ExplainTicketResponse> {
        self.0.enter("ExplainTicket", &request)?;
        let ticket = self
            .0
            .tickets
            .lock()
            .unwrap()
            .iter()
            .find(|t| t.id == request.get_ref().ticket_id || t.number == request.get_ref().ticket_number)
            .cloned();
        let Some(ticket) = ticket else {
            return Err(grpc::status(Code::NotFound, "TICKET_UNKNOWN", "Không tìm thấy số này.", &[]));
        };
        Ok(Response::new(figures::past(ticket, self.0.now)))
    }

    async fn watch_queue(
        &self,
        request: Request<routing::WatchQueueRequest>,
    ) -> Answer<Feed<routing::WatchQueueResponse>> {
        self.0.enter("WatchQueue", &request)?;
        let feed = tokio_stream::wrappers::BroadcastStream::new(self.0.feed.subscribe());
        let feed = feed.filter_map(|message| message.ok().map(Ok));
        Ok(Response::new(Box::pin(feed)))
    }

    async fn get_centre(&self, request: Request<routing::GetCentreRequest>) -> Answer<routing::GetCentreResponse> {
        self.0.enter("GetCentre", &request)?;
        let mut centre = self.0.centre.lock().unwrap().clone();
        for queue in &mut centre.queues {
            queue.waiting = self.0.waiting(&queue.id).len() as i32;
        }
        Ok(Response::new(routing::GetCentreResponse { centre: Some(centre) }))
    }

    async fn get_counter(&self, request: Request<routing::GetCounterRequest>) -> Answer<routing::GetCounterResponse> {
        self.0.enter("GetCounter", &request)?;
        Ok(Response::new(self.counter_shown(&request.get_ref().counter_id)))
    }

    async fn list_tickets(
        &self,
        request: Request<routing::ListTicketsRequest>,
    ) -> Answer<routing::ListTicketsResponse> {
        self.0.enter("ListTickets", &request)?;
        let queue = if request.get_ref().queue_id.is_empty() { "land" } else { &request.get_ref().queue_id };
        let tickets = self.0.waiting(queue);
        Ok(Response::new(routing::ListTicketsResponse { total: tickets.len() as i32, tickets, ..Default::default() }))
    }

    async fn get_ticket(&self, request: Request<routing::GetTicketRequest>) -> Answer<routing::GetTicketResponse> {
        self.0.enter("GetTicket", &request)?;
        let ticket = self.0.tickets.lock().unwrap().iter().find(|t| t.id == request.get_ref().ticket_id).cloned();
        Ok(Response::new(routing::GetTicketResponse { ticket }))
    }

    async fn track_ticket(
        &self,
        request: Request<routing::TrackTicketRequest>,
    ) -> Answer<routing::TrackTicketResponse> {
        self.0.enter("TrackTicket", &request)?;
        self.ticket_shown(&request.get_ref().token).map(Response::new)
    }
}
