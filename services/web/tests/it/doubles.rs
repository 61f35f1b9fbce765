//! In-process doubles of the four services, strict about identity, kept to the contracts.

use std::pin::Pin;
use std::sync::Arc;

use motcua_proto::intake::v1::intake_service_server::{IntakeService, IntakeServiceServer};
use motcua_proto::intake::v1::{self as intake, get_dossier_request};
use motcua_proto::notification::v1 as notification;
use motcua_proto::notification::v1::notification_service_server::{NotificationService, NotificationServiceServer};
use motcua_proto::routing::v1::routing_service_server::{RoutingService, RoutingServiceServer};
use motcua_proto::routing::v1::{self as routing, TicketState};
use motcua_proto::status::v1 as status;
use motcua_proto::status::v1::DossierState;
use motcua_proto::status::v1::status_service_server::{StatusService, StatusServiceServer};
use motcua_runtime::auth::{Guard, Signer};
use motcua_runtime::grpc::{self, timestamp};
use motcua_runtime::{Bearer, Channel, Shutdown};
use tokio_stream::{Stream, StreamExt as _};
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status};

use crate::hall::{Hall, RECEIPT_TOKEN, TICKET_TOKEN, procedures};

type Answer<T> = Result<Response<T>, Status>;
type Feed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// All four services over one pipe.
#[derive(Clone)]
pub struct Doubles(pub Arc<Hall>);

impl Doubles {
    /// A channel to the running doubles.
    pub fn serve(self, signer: &Signer, stop: Shutdown) -> Channel {
        let guard = Guard::new(signer.verifier());
        let routes = Routes::new(RoutingServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(IntakeServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(StatusServiceServer::with_interceptor(self.clone(), guard.clone()))
            .add_service(NotificationServiceServer::with_interceptor(self, guard));
        let (accept, accepted) = tokio::sync::mpsc::channel(8);
        tokio::spawn(async move { motcua_runtime::server::serve_in_process(accepted, routes, stop).await });
        Channel::in_process(accept, Bearer::fixed("nobody").unwrap())
    }

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
    type WatchCallsStream = Feed<routing::WatchCallsResponse>;
    type WatchQueueStream = Feed<routing::WatchQueueResponse>;

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

    async fn watch_queue(&self, request: Request<routing::WatchQueueRequest>) -> Answer<Self::WatchQueueStream> {
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

    async fn issue_ticket(&self, _: Request<routing::IssueTicketRequest>) -> Answer<routing::IssueTicketResponse> {
        Err(Status::unimplemented("web never issues"))
    }

    async fn watch_calls(&self, _: Request<routing::WatchCallsRequest>) -> Answer<Self::WatchCallsStream> {
        Err(Status::unimplemented("web does not watch calls"))
    }

    async fn apply_centre(&self, _: Request<routing::ApplyCentreRequest>) -> Answer<routing::ApplyCentreResponse> {
        Err(Status::unimplemented("web does not apply"))
    }
}

#[tonic::async_trait]
impl IntakeService for Doubles {
    async fn search_procedures(
        &self,
        request: Request<intake::SearchProceduresRequest>,
    ) -> Answer<intake::SearchProceduresResponse> {
        self.0.enter("SearchProcedures", &request)?;
        Ok(Response::new(intake::SearchProceduresResponse { procedures: procedures() }))
    }

    async fn get_procedure(
        &self,
        request: Request<intake::GetProcedureRequest>,
    ) -> Answer<intake::GetProcedureResponse> {
        self.0.enter("GetProcedure", &request)?;
        let procedure = procedures().into_iter().find(|p| p.code == request.get_ref().code);
        if procedure.is_none() {
            let message = "Danh mục không có thủ tục này. Xin tìm lại theo tên.";
            return Err(grpc::status(Code::NotFound, "PROCEDURE_UNKNOWN", message, &[]));
        }
        Ok(Response::new(intake::GetProcedureResponse { procedure }))
    }

    async fn preview_due(&self, request: Request<intake::PreviewDueRequest>) -> Answer<intake::PreviewDueResponse> {
        self.0.enter("PreviewDue", &request)?;
        Ok(Response::new(intake::PreviewDueResponse {
            accept_time: Some(timestamp(self.0.now)),
            due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
            due_explanation: vec![
                "10 ngày làm việc, ngày tiếp nhận không tính".into(),
                "Bỏ qua 2 thứ Bảy, 2 Chủ Nhật".into(),
            ],
        }))
    }

    async fn accept_dossier(
        &self,
        request: Request<intake::AcceptDossierRequest>,
    ) -> Answer<intake::AcceptDossierResponse> {
        self.0.enter("AcceptDossier", &request)?;
        let request = request.into_inner();
        let applicant = request.applicant.unwrap();
        if !applicant.phone.is_empty() && applicant.phone.len() < 10 {
            let message = "Số điện thoại có 10 chữ số, bắt đầu bằng 0.";
            return Err(grpc::bad_request("APPLICANT_INVALID", "applicant.phone", message));
        }
        Ok(Response::new(intake::AcceptDossierResponse {
            dossier: Some(intake::Dossier {
                id: "d1".into(),
                code: "000.00.12.H61-261123-0001".into(),
                due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
                procedure_name: procedures()[0].name.clone(),
                ..intake::Dossier::default()
            }),
            tracking_url: format!("http://127.0.0.1:8080/d/{RECEIPT_TOKEN}"),
        }))
    }

    async fn get_dossier(&self, request: Request<intake::GetDossierRequest>) -> Answer<intake::GetDossierResponse> {
        self.0.enter("intake.GetDossier", &request)?;
        match &request.get_ref().key {
            Some(get_dossier_request::Key::Token(token)) if token == RECEIPT_TOKEN => {
                Ok(Response::new(intake::GetDossierResponse {
                    dossier: Some(intake::Dossier {
                        id: "d1".into(),
                        code: "…0001".into(),
                        accept_time: Some(timestamp(self.0.now)),
                        ..intake::Dossier::default()
                    }),
                }))
            }
            _ => Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có hồ sơ này.", &[])),
        }
    }

    async fn get_receipt_pdf(
        &self,
        request: Request<intake::GetReceiptPdfRequest>,
    ) -> Answer<intake::GetReceiptPdfResponse> {
        self.0.enter("GetReceiptPdf", &request)?;
        Ok(Response::new(intake::GetReceiptPdfResponse {
            pdf: b"%PDF-1.7".to_vec().into(),
            file_name: "giay-tiep-nhan.pdf".into(),
            tracking_url: String::new(),
        }))
    }

    async fn list_departments(
        &self,
        request: Request<intake::ListDepartmentsRequest>,
    ) -> Answer<intake::ListDepartmentsResponse> {
        self.0.enter("ListDepartments", &request)?;
        let names = ["Sở Tài nguyên và Môi trường", "Sở Tư pháp", "Sở Xây dựng", "Sở Y tế"];
        let departments = names.iter().zip(10..).map(|(name, code)| intake::Department {
            name: (*name).into(),
            procedures: code * 7,
            code: code.to_string(),
        });
        Ok(Response::new(intake::ListDepartmentsResponse { departments: departments.collect() }))
    }

    async fn list_procedures(
        &self,
        request: Request<intake::ListProceduresRequest>,
    ) -> Answer<intake::ListProceduresResponse> {
        self.0.enter("ListProcedures", &request)?;
        Ok(Response::new(intake::ListProceduresResponse { version: 2, ..Default::default() }))
    }

    async fn import_catalogue(
        &self,
        _: Request<tonic::Streaming<intake::ImportCatalogueRequest>>,
    ) -> Answer<intake::ImportCatalogueResponse> {
        Err(Status::unimplemented("web does not import"))
    }

    async fn get_contact(&self, _: Request<intake::GetContactRequest>) -> Answer<intake::GetContactResponse> {
        Err(Status::permission_denied("never web"))
    }
}

#[tonic::async_trait]
impl StatusService for Doubles {
    async fn track(&self, request: Request<status::TrackRequest>) -> Answer<status::TrackResponse> {
        self.0.enter("Track", &request)?;
        if request.get_ref().token != RECEIPT_TOKEN || *self.0.fresh.lock().unwrap() {
            return Err(grpc::status(Code::NotFound, "TOKEN_UNKNOWN", "Không có giấy hẹn này.", &[]));
        }
        let hours = |h: i64| Some(timestamp(self.0.now - jiff::SignedDuration::from_hours(h)));
        let step = |h, label: &str| status::Step { time: hours(h), label: label.into() };
        Ok(Response::new(status::TrackResponse {
            code_masked: "…-0001".into(),
            state: DossierState::Processing.into(),
            holder: "Sở Tài nguyên và Môi trường".into(),
            due_time: Some(timestamp("2026-12-07T10:00:00Z".parse().unwrap())),
            steps: vec![
                step(26, "Tiếp nhận tại Trung tâm"),
                step(20, "Chuyển Sở Tài nguyên và Môi trường"),
                step(3, "Đang thẩm định"),
            ],
            state_label: "Đang giải quyết".into(),
            advice: "Ông/bà chưa cần làm gì. Có kết quả, Trung tâm nhắn tin.".into(),
            procedure_name: procedures()[0].name.clone(),
            ..status::TrackResponse::default()
        }))
    }

    async fn list_dossiers(
        &self,
        request: Request<status::ListDossiersRequest>,
    ) -> Answer<status::ListDossiersResponse> {
        self.0.enter("ListDossiers", &request)?;
        let request = request.into_inner();
        let dossiers = self.0.dossiers.lock().unwrap().clone();
        let dossiers: Vec<_> = dossiers
            .into_iter()
            .filter(|d| d.code.ends_with(&request.code) && (request.state == 0 || d.state == request.state))
            .collect();
        Ok(Response::new(status::ListDossiersResponse { total: dossiers.len() as i32, dossiers, ..Default::default() }))
    }

    async fn get_dossier(&self, _: Request<status::GetDossierRequest>) -> Answer<status::GetDossierResponse> {
        Err(Status::unimplemented("web lists"))
    }

    async fn forward_dossier(
        &self,
        request: Request<status::ForwardDossierRequest>,
    ) -> Answer<status::ForwardDossierResponse> {
        self.0.enter("ForwardDossier", &request)?;
        let mut dossiers = self.0.dossiers.lock().unwrap();
        let dossier = dossiers.iter_mut().find(|d| d.id == request.get_ref().dossier_id).unwrap();
        if dossier.etag != request.get_ref().etag {
            let message = "Hồ sơ vừa được người khác cập nhật. Xin xem lại rồi thao tác tiếp.";
            return Err(grpc::status(Code::Aborted, "ETAG_MISMATCH", message, &[]));
        }
        dossier.set_state(DossierState::Processing);
        dossier.state_label = "Đang xử lý".into();
        dossier.etag = "2".into();
        Ok(Response::new(status::ForwardDossierResponse { dossier: Some(dossier.clone()) }))
    }

    async fn complete_dossier(
        &self,
        _: Request<status::CompleteDossierRequest>,
    ) -> Answer<status::CompleteDossierResponse> {
        Ok(Response::new(status::CompleteDossierResponse::default()))
    }

    async fn return_result(&self, _: Request<status::ReturnResultRequest>) -> Answer<status::ReturnResultResponse> {
        Ok(Response::new(status::ReturnResultResponse::default()))
    }

    async fn summarise(&self, request: Request<status::SummariseRequest>) -> Answer<status::SummariseResponse> {
        self.0.enter("Summarise", &request)?;
        let department = |name: &str, open, due_today, overdue| status::DepartmentSummary {
            department: name.into(),
            open,
            due_today,
            overdue,
            oldest_accept_time: Some(timestamp(self.0.now - jiff::SignedDuration::from_hours(24 * 12))),
        };
        Ok(Response::new(status::SummariseResponse {
            accepted_today: 37,
            due_today: 9,
            overdue: 3,
            ready: 14,
            open: 212,
            departments: vec![
                department("Sở Tài nguyên và Môi trường", 121, 5, 2),
                department("Sở Xây dựng", 40, 2, 1),
                department("Sở Kế hoạch và Đầu tư", 33, 2, 0),
                department("Sở Y tế", 18, 0, 0),
            ],
        }))
    }
}

#[tonic::async_trait]
impl NotificationService for Doubles {
    async fn list_deliveries(
        &self,
        request: Request<notification::ListDeliveriesRequest>,
    ) -> Answer<notification::ListDeliveriesResponse> {
        self.0.enter("ListDeliveries", &request)?;
        let one = |id: &str, state: notification::DeliveryState, address: &str| notification::Delivery {
            id: id.into(),
            kind: "result_ready".into(),
            channel: "outgoing".into(),
            state: state.into(),
            address_masked: address.into(),
            attempts: 1,
            create_time: Some(timestamp(self.0.now)),
            ..notification::Delivery::default()
        };
        Ok(Response::new(notification::ListDeliveriesResponse {
            deliveries: vec![
                one("n1", notification::DeliveryState::Accepted, "•••678"),
                one("n2", notification::DeliveryState::NoAddress, ""),
            ],
            provider: "outgoing".into(),
            provider_note: "Chưa nối nhà cung cấp tin nhắn: tin được ghi vào thư mục gửi đi.".into(),
            total: 2,
            ..Default::default()
        }))
    }
}
