//! The double of routing: calls, moves, the feed.

use std::pin::Pin;

use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_proto::routing::v1::{self as routing, TicketState};
use motcua_runtime::grpc::{self, timestamp};
use tokio_stream::{Stream, StreamExt as _};
use tonic::{Code, Request, Response, Status};

use crate::doubles::{Answer, Doubles};
use crate::hall::TICKET_TOKEN;

type Feed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Doubles {
    fn busy(&self, counter: &str) -> Option<Status> {
        self.0.live(counter).map(|t| {
            let message = format!("Quầy đang có số {}. Xin kết thúc trước khi gọi.", t.number);
            grpc::status(Code::FailedPrecondition, "COUNTER_BUSY", message, &[])
        })
    }

    fn act(
        &self,
        id: &str,
        act: &str,
        change: impl FnOnce(&mut routing::Ticket),
    ) -> Result<Option<routing::Ticket>, Status> {
        let gone = || {
            grpc::status(Code::FailedPrecondition, "TICKET_NOT_LIVE", "Quầy 6 vừa gọi số này. Mời gọi số kế tiếp.", &[])
        };
        self.0.change(id, act, change).map(Some).ok_or_else(gone)
    }
}

#[tonic::async_trait]
impl RoutingService for Doubles {
    async fn call_next(&self, request: Request<routing::CallNextRequest>) -> Answer<routing::CallNextResponse> {
        self.0.enter("CallNext", &request)?;
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
        let now = self.0.now;
        let ticket = self.0.change(&next.id, "called", |t| {
            t.set_state(TicketState::Called);
            t.counter_id = request.counter_id.clone();
            t.call_time = Some(timestamp(now));
        });
        self.0.answered.lock().unwrap().insert(request.request_id, next.id);
        Ok(Response::new(routing::CallNextResponse { ticket, call: None }))
    }

    async fn get_queue_figures(
        &self,
        request: Request<routing::GetQueueFiguresRequest>,
    ) -> Answer<routing::GetQueueFiguresResponse> {
        self.0.enter("GetQueueFigures", &request)?;
        let figures = |id: &str, name: &str| routing::QueueFigures {
            queue_id: id.into(),
            name: name.into(),
            waits: Some(routing::WaitFigures { issued: 60, called: 50, p90_seconds: 1900, ..Default::default() }),
            estimates: Some(routing::EstimateFigures {
                told: 50,
                before_p50: 24,
                before_p90: 44,
                band_seconds: 840,
                error_seconds: 400,
            }),
            ..Default::default()
        };
        let quiet = *self.0.quiet.lock().unwrap();
        Ok(Response::new(routing::GetQueueFiguresResponse {
            business_day: "2026-11-23".into(),
            all: (!quiet).then(|| figures("", "Trung tâm")),
            queues: if quiet { vec![] } else { vec![figures("land", "Đất đai")] },
        }))
    }

    async fn recall(&self, request: Request<routing::RecallRequest>) -> Answer<routing::RecallResponse> {
        self.0.enter("Recall", &request)?;
        Ok(Response::new(routing::RecallResponse {
            ticket: self.act(&request.get_ref().ticket_id, "recalled", |_| {})?,
        }))
    }

    async fn mark_arrived(
        &self,
        request: Request<routing::MarkArrivedRequest>,
    ) -> Answer<routing::MarkArrivedResponse> {
        self.0.enter("MarkArrived", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "arrived", |t| t.set_state(TicketState::Serving))?;
        Ok(Response::new(routing::MarkArrivedResponse { ticket }))
    }

    async fn finish(&self, request: Request<routing::FinishRequest>) -> Answer<routing::FinishResponse> {
        self.0.enter("Finish", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "finished", |t| t.set_state(TicketState::Finished))?;
        Ok(Response::new(routing::FinishResponse { ticket }))
    }

    async fn mark_absent(&self, request: Request<routing::MarkAbsentRequest>) -> Answer<routing::MarkAbsentResponse> {
        self.0.enter("MarkAbsent", &request)?;
        let ticket = self.act(&request.get_ref().ticket_id, "absent", |t| {
            t.set_state(TicketState::Waiting);
            t.absences += 1;
        })?;
        Ok(Response::new(routing::MarkAbsentResponse { ticket }))
    }

    async fn transfer(&self, request: Request<routing::TransferRequest>) -> Answer<routing::TransferResponse> {
        self.0.enter("Transfer", &request)?;
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
        let id = &request.get_ref().counter_id;
        let ticket = self.0.live(id);
        let call = ticket
            .as_ref()
            .map(|_| routing::Call {
                reason: "chờ 22 phút, đến sớm nhất".into(), ..routing::Call::default()
            });
        Ok(Response::new(routing::GetCounterResponse {
            counter: self.0.counter(id),
            ticket,
            call,
            waiting: self.0.waiting("land").len() as i32,
            served_today: 12,
            seq: 1,
            ..Default::default()
        }))
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
        let last = request.get_ref().token.strip_prefix(&TICKET_TOKEN[..21]).map(|n| format!("t{n}"));
        let ticket = self.0.tickets.lock().unwrap().iter().find(|t| Some(&t.id) == last.as_ref()).cloned();
        let Some(ticket) = ticket else {
            return Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có phiếu này.", &[]));
        };
        let ahead = self.0.waiting("land").iter().position(|t| t.id == ticket.id).unwrap_or(0) as i32;
        let counter = self.0.counter(&ticket.counter_id).map_or(0, |c| c.number);
        let estimate =
            routing::Estimate { ahead, seconds_min: ahead * 240, seconds_max: ahead * 420 + 300, open_counters: 2 };
        Ok(Response::new(routing::TrackTicketResponse {
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
        }))
    }
}
