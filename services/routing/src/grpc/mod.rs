//! The contract's side: checks what comes in, hands it on, turns what comes out into wire types and `Status`.
mod appointments;
mod check;
mod commands;
mod counter;
mod explain;
mod figures;
mod guidance;
mod offline;
mod refusal;
mod simulate;
mod view;
mod watch;

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::routing_service_server::RoutingService;
use motcua_runtime::grpc::{Code, Request, Response, Status, authorise, authorise_anywhere, status};
use motcua_runtime::{Clock, Shutdown};
use motcua_store::Db;
use motcua_store::idempotency::{Key, hash};
use prost::Message as _;
use tokio::sync::{Notify, Semaphore};

use crate::centres::{Centres, InForce};
use crate::feed::Feeds;
use crate::model::centre;
use crate::model::command::Refusal;
use crate::model::fold::lanes;
use crate::model::ticket::{Lane, TicketState};
use crate::writer::Writer;
use crate::{apply, queries, wire};
use refusal::to_status;

const PAGE_SIZE_DEFAULT: i64 = 50;
const PAGE_SIZE_MAX: i64 = 500;
/// A centre's file is some tens of kilobytes.
const TOML_MAX: usize = 1024 * 1024;

/// The service behind the contract; cheap to clone.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) centres: Centres,
    pub(crate) feeds: Feeds,
    pub(crate) writer: Writer,
    pub(crate) wake: Arc<Notify>,
    pub(crate) shutdown: Shutdown,
    /// One simulation at a time.
    pub(crate) simulating: Arc<Semaphore>,
}

type Answer<T> = Result<Response<T>, Status>;
type Feed<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl Api {
    async fn in_force(&self, centre_id: &str) -> Result<Arc<InForce>, Status> {
        check::id("centre_id", centre_id)?;
        self.centres.get(self.db.read(), centre_id).await.map_err(to_status)
    }
}

#[tonic::async_trait]
impl RoutingService for Api {
    async fn issue_ticket(&self, request: Request<pb::IssueTicketRequest>) -> Answer<pb::IssueTicketResponse> {
        self.issue(request).await
    }

    async fn call_next(&self, request: Request<pb::CallNextRequest>) -> Answer<pb::CallNextResponse> {
        self.call(request).await
    }

    async fn recall(&self, request: Request<pb::RecallRequest>) -> Answer<pb::RecallResponse> {
        self.act(request).await
    }

    async fn mark_arrived(&self, request: Request<pb::MarkArrivedRequest>) -> Answer<pb::MarkArrivedResponse> {
        self.act(request).await
    }

    async fn finish(&self, request: Request<pb::FinishRequest>) -> Answer<pb::FinishResponse> {
        self.act(request).await
    }

    async fn mark_absent(&self, request: Request<pb::MarkAbsentRequest>) -> Answer<pb::MarkAbsentResponse> {
        self.act(request).await
    }

    async fn transfer(&self, request: Request<pb::TransferRequest>) -> Answer<pb::TransferResponse> {
        self.act(request).await
    }

    async fn call_ticket(&self, request: Request<pb::CallTicketRequest>) -> Answer<pb::CallTicketResponse> {
        self.call_given(request).await
    }

    async fn hold(&self, request: Request<pb::HoldRequest>) -> Answer<pb::HoldResponse> {
        self.act(request).await
    }

    async fn take_back(&self, request: Request<pb::TakeBackRequest>) -> Answer<pb::TakeBackResponse> {
        self.act(request).await
    }

    async fn undo(&self, request: Request<pb::UndoRequest>) -> Answer<pb::UndoResponse> {
        self.act(request).await
    }

    async fn return_to_counter(
        &self,
        request: Request<pb::ReturnToCounterRequest>,
    ) -> Answer<pb::ReturnToCounterResponse> {
        self.guide(request).await
    }

    async fn redirect(&self, request: Request<pb::RedirectRequest>) -> Answer<pb::RedirectResponse> {
        self.guide(request).await
    }

    async fn set_priority(&self, request: Request<pb::SetPriorityRequest>) -> Answer<pb::SetPriorityResponse> {
        self.guide(request).await
    }

    async fn reenter(&self, request: Request<pb::ReenterRequest>) -> Answer<pb::ReenterResponse> {
        self.guide(request).await
    }

    async fn set_counter(&self, request: Request<pb::SetCounterRequest>) -> Answer<pb::SetCounterResponse> {
        self.change_counter(request).await
    }

    async fn leave_counter(&self, request: Request<pb::LeaveCounterRequest>) -> Answer<pb::LeaveCounterResponse> {
        self.leave(request).await
    }

    async fn keep_counter(&self, request: Request<pb::KeepCounterRequest>) -> Answer<pb::KeepCounterResponse> {
        counter::keep(self, request).await
    }

    async fn cancel_ticket(&self, request: Request<pb::CancelTicketRequest>) -> Answer<pb::CancelTicketResponse> {
        self.own(request).await
    }

    async fn postpone_ticket(&self, request: Request<pb::PostponeTicketRequest>) -> Answer<pb::PostponeTicketResponse> {
        self.own(request).await
    }

    async fn ask_ticket_notice(
        &self,
        request: Request<pb::AskTicketNoticeRequest>,
    ) -> Answer<pb::AskTicketNoticeResponse> {
        self.own(request).await
    }

    async fn drop_ticket_notice(
        &self,
        request: Request<pb::DropTicketNoticeRequest>,
    ) -> Answer<pb::DropTicketNoticeResponse> {
        self.own(request).await
    }

    async fn list_slots(&self, request: Request<pb::ListSlotsRequest>) -> Answer<pb::ListSlotsResponse> {
        self.slots(request).await
    }

    async fn book_appointment(
        &self,
        request: Request<pb::BookAppointmentRequest>,
    ) -> Answer<pb::BookAppointmentResponse> {
        self.book(request).await
    }

    async fn get_appointment(&self, request: Request<pb::GetAppointmentRequest>) -> Answer<pb::GetAppointmentResponse> {
        self.appointment(request).await
    }

    async fn cancel_appointment(
        &self,
        request: Request<pb::CancelAppointmentRequest>,
    ) -> Answer<pb::CancelAppointmentResponse> {
        self.cancel_booking(request).await
    }

    async fn check_in(&self, request: Request<pb::CheckInRequest>) -> Answer<pb::CheckInResponse> {
        self.arrive_booked(request).await
    }

    async fn lease_number_block(
        &self,
        request: Request<pb::LeaseNumberBlockRequest>,
    ) -> Answer<pb::LeaseNumberBlockResponse> {
        self.lend(request).await
    }

    async fn reconcile_tickets(
        &self,
        request: Request<pb::ReconcileTicketsRequest>,
    ) -> Answer<pb::ReconcileTicketsResponse> {
        self.reconcile(request).await
    }

    async fn explain_ticket(&self, request: Request<pb::ExplainTicketRequest>) -> Answer<pb::ExplainTicketResponse> {
        explain::explain(self, request).await
    }

    async fn simulate_policy(&self, request: Request<pb::SimulatePolicyRequest>) -> Answer<pb::SimulatePolicyResponse> {
        simulate::simulate(self, request).await
    }

    async fn get_queue_figures(
        &self,
        request: Request<pb::GetQueueFiguresRequest>,
    ) -> Answer<pb::GetQueueFiguresResponse> {
        figures::figures(self, request).await
    }

    async fn watch_calls(&self, request: Request<pb::WatchCallsRequest>) -> Answer<Feed<pb::WatchCallsResponse>> {
        authorise(&request, Action::WatchCalls, &request.get_ref().centre_id)?;
        watch::calls(self, request.into_inner()).await
    }

    async fn watch_queue(&self, request: Request<pb::WatchQueueRequest>) -> Answer<Feed<pb::WatchQueueResponse>> {
        authorise(&request, Action::WatchQueue, &request.get_ref().centre_id)?;
        watch::queue(self, request.into_inner()).await
    }

    async fn get_centre(&self, request: Request<pb::GetCentreRequest>) -> Answer<pb::GetCentreResponse> {
        authorise(&request, Action::ReadCentre, &request.get_ref().centre_id)?;
        let in_force = self.in_force(&request.get_ref().centre_id).await?;
        let day = in_force.centre.day(self.clock.now());
        let overview = queries::day(self.db.read(), &in_force.centre, day).await.map_err(to_status)?;
        let centre = view::centre(&in_force.centre, in_force.version, &overview, &self.clock);
        Ok(Response::new(pb::GetCentreResponse { centre: Some(centre) }))
    }

    async fn get_counter(&self, request: Request<pb::GetCounterRequest>) -> Answer<pb::GetCounterResponse> {
        counter::shown(self, request).await
    }

    async fn list_tickets(&self, request: Request<pb::ListTicketsRequest>) -> Answer<pb::ListTicketsResponse> {
        authorise(&request, Action::WatchQueue, &request.get_ref().centre_id)?;
        let request = request.into_inner();
        let in_force = self.in_force(&request.centre_id).await?;
        let centre = &in_force.centre;
        let asked = match (request.counter_id.as_str(), request.queue_id.as_str()) {
            (id, "") if !id.is_empty() => {
                let unknown = || to_status(Refusal::CounterUnknown(id.to_owned()).into());
                lanes(centre.counter(id).ok_or_else(unknown)?)
            }
            ("", id) if !id.is_empty() => {
                let unknown = || to_status(Refusal::QueueUnknown(id.to_owned()).into());
                vec![(Lane::queue(&centre.queue(id).ok_or_else(unknown)?.id), 0)]
            }
            _ => return Err(check::bad("counter_id", "Hãy nêu đúng một trong counter_id và queue_id.")),
        };
        let limit = match i64::from(request.page_size) {
            0 => PAGE_SIZE_DEFAULT,
            size if size > 0 => size.min(PAGE_SIZE_MAX),
            _ => return Err(check::bad("page_size", "page_size không được âm.")),
        };
        let offset = check::page(&request.page_token)?;
        let (db, day) = (self.db.read(), centre.day(self.clock.now()));
        let overview = queries::day(db, centre, day).await.map_err(to_status)?;
        let total: i64 = asked.iter().map(|(lane, _)| overview.stat(lane).waiting).sum();
        let page = queries::waiting(db, centre, day, &asked, offset, limit).await.map_err(to_status)?;
        let full = i64::try_from(page.len()).unwrap_or(0) == limit;
        Ok(Response::new(pb::ListTicketsResponse {
            tickets: page.iter().map(wire::ticket).collect(),
            next_page_token: if full { (offset + limit).to_string() } else { String::new() },
            total: view::int(total),
        }))
    }

    async fn get_ticket(&self, request: Request<pb::GetTicketRequest>) -> Answer<pb::GetTicketResponse> {
        authorise(&request, Action::WatchQueue, &request.get_ref().centre_id)?;
        let request = request.into_inner();
        check::id("centre_id", &request.centre_id)?;
        check::id("ticket_id", &request.ticket_id)?;
        let found = queries::ticket(self.db.read(), &request.centre_id, &request.ticket_id).await.map_err(to_status)?;
        Ok(Response::new(pb::GetTicketResponse { ticket: Some(wire::ticket(&found)) }))
    }

    async fn track_ticket(&self, request: Request<pb::TrackTicketRequest>) -> Answer<pb::TrackTicketResponse> {
        let who = authorise_anywhere(&request, Action::TrackPublic)?;
        let token = request.into_inner().token;
        let unknown = || {
            let text = "Không tìm thấy số này. Xin quét lại mã trên phiếu hoặc hỏi Quầy hướng dẫn.";
            status(Code::NotFound, "TICKET_UNKNOWN", text, &[])
        };
        let token_hash = check::token(&token)?.ok_or_else(unknown)?;
        let db = self.db.read();
        let found = queries::by_token(db, &token_hash).await.map_err(to_status)?.ok_or_else(unknown)?;
        if who.centre_id.as_ref().is_some_and(|own| *own != found.centre_id) {
            return Err(unknown());
        }
        let in_force = self.in_force(&found.centre_id).await?;
        let centre = &in_force.centre;
        let seq = motcua_store::outbox::last_seq(db, &centre.id).await.map_err(|error| to_status(error.into()))?;
        let range = if found.state == TicketState::Waiting && found.day == centre.day(self.clock.now()) {
            let ahead = queries::ahead(db, &found).await.map_err(to_status)?;
            let overview = queries::day(db, centre, found.day).await.map_err(to_status)?;
            Some(wire::estimate(&view::expected(centre, &overview, &found, ahead, self.clock.now())))
        } else {
            None
        };
        let at = found.counter_id.as_deref().filter(|_| found.state.is_live()).and_then(|id| centre.counter(id));
        let (counter_number, area) = (at.map_or(0, |counter| counter.number), centre.area(&found.area_id));
        Ok(Response::new(pb::TrackTicketResponse {
            ticket: Some(view::public(&found)),
            estimate: range,
            counter_number,
            area_name: area.map(|area| area.name.clone()).unwrap_or_default(),
            centre_name: centre.name.clone(),
            seq,
        }))
    }

    async fn apply_centre(&self, request: Request<pb::ApplyCentreRequest>) -> Answer<pb::ApplyCentreResponse> {
        let who = authorise_anywhere(&request, Action::ApplyCentre)?;
        let (_, _, mut body) = request.into_parts();
        let request_id = motcua_runtime::grpc::request_id(&body.request_id)?.to_owned();
        if body.toml.len() > TOML_MAX {
            return Err(check::bad("toml", "Tệp trung tâm quá lớn (tối đa 1 MB)."));
        }
        let read = centre::read(&body.file_name, &body.toml).map_err(|error| to_status(error.into()))?;
        who.may(Action::ApplyCentre, &read.centre.id).map_err(|_| {
            let text = "Tài khoản này không được cấu hình trung tâm khác. Xin liên hệ quản trị hệ thống.";
            status(Code::PermissionDenied, "CENTRE_DENIED", text, &[("centre_id", &read.centre.id)])
        })?;
        body.request_id.clear();
        let key = Key { principal: who.subject, method: "ApplyCentre", request_id, hash: hash(&body.encode_to_vec()) };
        let clock = &self.clock;
        let encode = |applied: &apply::Applied<'_>| {
            pb::ApplyCentreResponse {
                centre: Some(view::centre(applied.centre, applied.version, &applied.overview, clock)),
                changed: applied.changed,
                warnings: applied.warnings.to_vec(),
            }
            .encode_to_vec()
        };
        let answer = apply::apply(&self.db, &read, &body.toml, body.check, &key, clock.now(), encode).await;
        let answer = answer.map_err(to_status)?;
        if !body.check {
            self.wake.notify_one();
        }
        decode(&answer)
    }
}

/// A stored or fresh answer as the caller gets it.
fn decode<T: prost::Message + Default>(answer: &[u8]) -> Answer<T> {
    T::decode(answer).map(Response::new).map_err(|error| motcua_runtime::grpc::internal(&error))
}
