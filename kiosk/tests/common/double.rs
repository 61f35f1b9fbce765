//! Routing and intake, as far as the kiosk asks them.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use motcua_proto::intake::v1 as intake;
use motcua_proto::intake::v1::intake_service_server::IntakeService;
use motcua_proto::routing::v1 as routing;
use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_proto::status::v1 as status;
use motcua_proto::status::v1::status_service_server::StatusService;
use motcua_runtime::{Clock, grpc};
use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Code, Request, Response, Status};

use super::data::{areas, catalogue, counters, queues, queues_when};
use super::lend::{again, lend, reconcile, windows};
use super::web::Web;

type Feed = Pin<Box<dyn Stream<Item = Result<routing::WatchCallsResponse, Status>> + Send>>;

/// What the doubled centre holds.
#[derive(Default)]
pub struct State {
    pub open: bool,
    pub down: bool,
    /// Areas that give no number any more today.
    pub full: Vec<String>,
    /// Does what a tap asks and never says so.
    pub mute: bool,
    /// Blocks by kiosk, area and day, as they were lent.
    pub blocks: Vec<(String, String, routing::NumberBlock)>,
    /// What was told, in its order.
    pub told: Vec<routing::PrintedTicket>,
    pub contacts: Vec<jiff::Timestamp>,
    /// Tickets by their secret, as the centre tracks them.
    pub tracked: HashMap<String, routing::TrackTicketResponse>,
    /// Nobody who missed their call may wait again.
    pub stays_missed: bool,
    /// Booked times by their secret: late or not.
    pub booked: HashMap<String, bool>,
    /// Dossiers by the secret of their receipt.
    pub dossiers: HashMap<String, status::TrackResponse>,
    pub tickets: Vec<(String, routing::IssueTicketRequest, routing::Ticket)>,
    pub traceparents: Vec<String>,
    pub feed: Vec<routing::WatchCallsResponse>,
    pub procedures: Vec<intake::Procedure>,
    pub version: i64,
    pub counters: Vec<routing::Counter>,
    pub notices: Vec<routing::Notice>,
}

#[derive(Clone)]
pub struct Double {
    pub state: Arc<Mutex<State>>,
    pub moved: watch::Sender<usize>,
    pub clock: Clock,
    /// Web, as far as a machine asks it.
    pub web: Web,
}

impl Double {
    pub fn new(clock: Clock) -> Self {
        let state = State { open: true, version: 1, procedures: catalogue(), counters: counters(), ..State::default() };
        Self { state: Arc::new(Mutex::new(state)), moved: watch::Sender::new(0), clock, web: Web::default() }
    }

    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap())
    }

    /// Adds a move to the feed of calls.
    pub fn call(&self, kind: &str, number: &str, counter: i32) {
        self.call_in("vi", kind, number, counter);
    }

    /// Changes a counter, and says so in the feed of calls.
    pub fn counter(&self, number: i32, status: routing::CounterStatus, ticket: &str) {
        let id = format!("quay-{number}");
        self.with(|state| {
            let counter = state.counters.iter_mut().find(|counter| counter.id == id).unwrap();
            counter.set_status(status);
            counter.ticket_number = ticket.into();
        });
        let moved = routing::CounterMoved { counter_id: id, status: status.into() };
        self.push(routing::watch_calls_response::Event::Counter(moved));
    }

    /// As [`Self::call`], for a ticket in a language.
    pub fn call_in(&self, locale: &str, kind: &str, number: &str, counter: i32) {
        use routing::watch_calls_response::Event;
        let area = areas().into_iter().find(|area| number.starts_with(&area.letter)).unwrap();
        let call = routing::BoardCall {
            ticket_id: format!("id-{number}"),
            ticket_number: number.into(),
            counter_id: format!("quay-{counter}"),
            counter_number: counter,
            hall_id: area.hall_id,
            area_id: area.id,
            call_time: Some(grpc::timestamp(self.clock.now())),
            locale: locale.into(),
            ..Default::default()
        };
        let event = match kind {
            "called" => Event::Called(call),
            "recalled" => Event::Recalled(call),
            "withdrawn" => Event::Withdrawn(call),
            "arrived" => Event::Arrived(call),
            _ => Event::Finished(call),
        };
        self.push(event);
    }

    fn push(&self, event: routing::watch_calls_response::Event) {
        let length = self.with(|state| {
            let seq = i64::try_from(state.feed.len()).unwrap() + 1;
            state.feed.push(routing::WatchCallsResponse { seq, event: Some(event) });
            state.feed.len()
        });
        self.moved.send_replace(length);
    }

    fn up(&self) -> Result<(), Status> {
        if self.with(|state| state.down) { Err(grpc::unavailable("STORE_UNAVAILABLE")) } else { Ok(()) }
    }
}

#[tonic::async_trait]
impl RoutingService for Double {
    async fn issue_ticket(
        &self,
        request: Request<routing::IssueTicketRequest>,
    ) -> Result<Response<routing::IssueTicketResponse>, Status> {
        use routing::issue_ticket_request::Target;
        self.up()?;
        let parent =
            request.metadata().get("traceparent").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let request = request.into_inner();
        let procedures = self.with(|state| state.procedures.clone());
        let (area, name) = match request.target.clone() {
            Some(Target::ProcedureCode(code)) => {
                let unknown = || {
                    grpc::status(Code::NotFound, "PROCEDURE_UNKNOWN", "Không có thủ tục này. Mời ông/bà tìm lại.", &[])
                };
                let found = procedures.into_iter().find(|row| row.code == code).ok_or_else(unknown)?;
                if found.reception() == intake::Reception::AtAgency {
                    let facts = [("agency_office", found.agency_office.as_str())];
                    return Err(grpc::status(
                        Code::FailedPrecondition,
                        "PROCEDURE_AT_AGENCY",
                        "Thủ tục này nộp tại cơ quan khác.",
                        &facts,
                    ));
                }
                let queue = queues().into_iter().find(|queue| queue.departments.contains(&found.department)).unwrap();
                (queue.area_id, found.name)
            }
            Some(Target::QueueId(id)) => (
                queues().into_iter().find(|queue| queue.id == id).map(|queue| queue.area_id).unwrap_or_default(),
                String::new(),
            ),
            Some(Target::AreaId(id)) => (id, String::new()),
            None => return Err(grpc::bad_request("TARGET_INVALID", "target", "Thiếu việc cần làm.")),
        };
        let now = self.clock.now();
        let answer = self.with(|state| {
            if !state.open {
                let facts = [("change_time", "2026-11-25T07:00:00+07:00")];
                return Err(grpc::status(
                    Code::FailedPrecondition,
                    "HALL_CLOSED",
                    "Trung tâm đang đóng cửa. Mở cửa lúc 07:00 Thứ Tư, 25/11.",
                    &facts,
                ));
            }
            if state.full.contains(&area) {
                let text = "Hôm nay đã hết số. Mời trở lại 07:00 Thứ Tư, 25/11.";
                return Err(grpc::status(Code::ResourceExhausted, "QUOTA_REACHED", text, &[]));
            }
            let known = state.tickets.iter().find(|(id, ..)| *id == request.request_id);
            let ticket = match known {
                Some((_, first, ticket)) if *first == request => ticket.clone(),
                Some(_) => {
                    return Err(grpc::bad_request(
                        "REQUEST_ID_REUSED",
                        "request_id",
                        "Mã yêu cầu đã dùng cho việc khác.",
                    ));
                }
                None => {
                    let letter = areas()
                        .into_iter()
                        .find(|known| known.id == area)
                        .map(|known| known.letter)
                        .unwrap_or_default();
                    let n = state.tickets.iter().filter(|(.., ticket)| ticket.area_id == area).count() + 1;
                    let ticket = routing::Ticket {
                        id: motcua_kernel::id::new_id(),
                        number: format!("{letter}{n:03}"),
                        area_id: area,
                        arrival_time: Some(grpc::timestamp(now)),
                        priority_class: request.priority_class.clone(),
                        procedure_name: name,
                        ..routing::Ticket::default()
                    };
                    state.tickets.push((request.request_id.clone(), request, ticket.clone()));
                    state.traceparents.push(parent);
                    ticket
                }
            };
            let estimate = routing::Estimate { ahead: 7, seconds_min: 1200, seconds_max: 1800, open_counters: 2 };
            Ok(Response::new(routing::IssueTicketResponse { ticket: Some(ticket), estimate: Some(estimate) }))
        });
        if self.with(|state| state.mute) {
            std::future::pending::<()>().await;
        }
        answer
    }

    async fn track_ticket(
        &self,
        request: Request<routing::TrackTicketRequest>,
    ) -> Result<Response<routing::TrackTicketResponse>, Status> {
        self.up()?;
        let found = self.with(|state| state.tracked.get(&request.into_inner().token).cloned());
        let unknown = || grpc::status(Code::NotFound, "TICKET_UNKNOWN", "Không tìm thấy số này.", &[]);
        found.map(Response::new).ok_or_else(unknown)
    }

    async fn reenter(
        &self,
        request: Request<routing::ReenterRequest>,
    ) -> Result<Response<routing::ReenterResponse>, Status> {
        let ticket = self.with(|state| again(state, &request.into_inner().ticket_id))?;
        Ok(Response::new(routing::ReenterResponse { ticket: Some(ticket) }))
    }

    async fn check_in(
        &self,
        request: Request<routing::CheckInRequest>,
    ) -> Result<Response<routing::CheckInResponse>, Status> {
        self.up()?;
        let request = request.into_inner();
        let unknown = || grpc::status(Code::NotFound, "APPOINTMENT_UNKNOWN", "Không tìm thấy lịch hẹn này.", &[]);
        let now = self.clock.now();
        let (ticket, late) = self.with(|state| {
            let late = *state.booked.get(&request.token).ok_or_else(unknown)?;
            let ticket = routing::Ticket {
                id: motcua_kernel::id::new_id(),
                number: format!("A{:03}", 500 + state.tickets.len()),
                area_id: "dat-dai".into(),
                arrival_time: Some(grpc::timestamp(now)),
                ..routing::Ticket::default()
            };
            let issued = routing::IssueTicketRequest { ticket_token: request.ticket_token, ..Default::default() };
            state.tickets.push((request.request_id, issued, ticket.clone()));
            Ok::<_, Status>((ticket, late))
        })?;
        Ok(Response::new(routing::CheckInResponse { ticket: Some(ticket), estimate: None, late }))
    }

    async fn lease_number_block(
        &self,
        request: Request<routing::LeaseNumberBlockRequest>,
    ) -> Result<Response<routing::LeaseNumberBlockResponse>, Status> {
        self.up()?;
        let block = Some(self.with(|state| lend(state, request.into_inner())));
        Ok(Response::new(routing::LeaseNumberBlockResponse { block }))
    }

    async fn reconcile_tickets(
        &self,
        request: Request<routing::ReconcileTicketsRequest>,
    ) -> Result<Response<routing::ReconcileTicketsResponse>, Status> {
        self.up()?;
        let tickets = self.with(|state| reconcile(state, request.into_inner()));
        Ok(Response::new(routing::ReconcileTicketsResponse { tickets }))
    }

    async fn watch_calls(&self, request: Request<routing::WatchCallsRequest>) -> Result<Response<Feed>, Status> {
        self.up()?;
        let after = request.into_inner().after_seq;
        let (double, moved) = (self.clone(), self.moved.subscribe());
        let stream = futures::stream::unfold((double, moved, after), |(double, mut moved, after)| async move {
            loop {
                if double.with(|state| state.down) {
                    return None;
                }
                let next = double.with(|state| state.feed.iter().find(|item| item.seq > after).cloned());
                if let Some(item) = next {
                    let seq = item.seq;
                    return Some((Ok(item), (double, moved, seq)));
                }
                if tokio::time::timeout(Duration::from_millis(200), moved.changed()).await.is_err() {
                    let seq = double.with(|state| i64::try_from(state.feed.len()).unwrap());
                    let heartbeat = routing::Heartbeat { time: Some(grpc::timestamp(double.clock.now())) };
                    let event = Some(routing::watch_calls_response::Event::Heartbeat(heartbeat));
                    return Some((Ok(routing::WatchCallsResponse { seq, event }), (double, moved, after)));
                }
            }
        });
        Ok(Response::new(Box::pin(stream)))
    }

    async fn get_centre(
        &self,
        _: Request<routing::GetCentreRequest>,
    ) -> Result<Response<routing::GetCentreResponse>, Status> {
        self.up()?;
        let class = |id: &str, name: &str| routing::PriorityClass {
            id: id.into(),
            name: name.into(),
            head_start_minutes: 20,
            tag: "priority".into(),
        };
        let (open, counters, notices, queues) =
            self.with(|state| (state.open, state.counters.clone(), state.notices.clone(), queues_when(&state.full)));
        let text = if open {
            "Đang mở cửa đến 11:30"
        } else {
            "Mở cửa lúc 07:00 Thứ Tư, 25/11; lấy số từ 06:30"
        };
        let centre = routing::Centre {
            id: "vinhlong".into(),
            name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
            time_zone: "Asia/Ho_Chi_Minh".into(),
            areas: areas(),
            halls: [("tang-tret", "Sảnh tầng trệt"), ("lau-1", "Sảnh lầu 1")]
                .map(|(id, name)| routing::Hall { id: id.into(), name: name.into() })
                .into(),
            queues,
            counters,
            notices,
            priority_classes: vec![
                class("elderly", "Người cao tuổi (từ 60 tuổi)"),
                class("elderly80", "Người từ 80 tuổi trở lên"),
                class("disabled", "Người khuyết tật nặng, đặc biệt nặng"),
                class("pregnant", "Phụ nữ mang thai"),
                class("merit", "Người có công với cách mạng, thân nhân liệt sĩ"),
                class("child", "Người đi cùng con nhỏ dưới 36 tháng"),
                routing::PriorityClass {
                    tag: "supplement".into(), ..class("supplement", "Trở lại bổ sung hồ sơ")
                },
            ],
            opening: Some(routing::Opening {
                open,
                text: text.into(),
                simulated_clock: true,
                now: Some(grpc::timestamp(self.clock.now())),
                change_time: None,
                windows: windows(self.clock.now()),
            }),
            version: 1,
            guidance_queue_id: "huong-dan".into(),
            ..routing::Centre::default()
        };
        Ok(Response::new(routing::GetCentreResponse { centre: Some(centre) }))
    }
}

#[tonic::async_trait]
impl StatusService for Double {
    async fn track(&self, request: Request<status::TrackRequest>) -> Result<Response<status::TrackResponse>, Status> {
        self.up()?;
        let found = self.with(|state| state.dossiers.get(&request.into_inner().token).cloned());
        let unknown = || grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không tìm thấy hồ sơ.", &[]);
        found.map(Response::new).ok_or_else(unknown)
    }
}

#[tonic::async_trait]
impl IntakeService for Double {
    async fn list_procedures(
        &self,
        request: Request<intake::ListProceduresRequest>,
    ) -> Result<Response<intake::ListProceduresResponse>, Status> {
        self.up()?;
        let request = request.into_inner();
        let (all, version) = self.with(|state| (state.procedures.clone(), state.version));
        let start: usize = request.page_token.parse().unwrap_or(0);
        let size = usize::try_from(request.page_size).unwrap().min(3);
        let end = (start + size).min(all.len());
        let next_page_token = if end < all.len() { end.to_string() } else { String::new() };
        Ok(Response::new(intake::ListProceduresResponse {
            procedures: all[start..end].to_vec(),
            next_page_token,
            version,
        }))
    }
}
