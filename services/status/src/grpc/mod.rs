//! The contract of this service: the only place that knows wire types and `Status`.

mod asked;
mod moves;
mod rating;
mod refusal;
mod reports;
mod statistics;
mod view;

use jiff::tz::TimeZone;
use motcua_kernel::identity::{Action, Role};
use motcua_proto::status::v1::{self as pb, status_service_server::StatusService};
use motcua_runtime::grpc::{self, Request, Response, Status};
use motcua_store::{Micros, sealed::Sealer};

use self::{
    asked::{page_size, wanted_kind},
    refusal::{dossier_unknown, store, token_unknown},
    view::{count, time},
};
use crate::{
    courses,
    explain::explanation,
    moves::Mover,
    queries::{self, Cursor},
};

pub(crate) struct Api {
    pub mover: Mover,
    pub zone: TimeZone,
    pub sealer: Sealer,
    /// Day on which a month of reports begins.
    pub report_first_day: i8,
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl StatusService for Api {
    async fn track(&self, request: Request<pb::TrackRequest>) -> Answer<pb::TrackResponse> {
        let who = grpc::authorise_anywhere(&request, Action::TrackPublic)?;
        let token = request.into_inner().token;
        // A malformed secret gets the answer of an unknown one: nothing to learn from the difference.
        let found = match asked::token_hash(&token) {
            Some(hash) => queries::track(&self.mover.db, &hash).await.map_err(store)?,
            None => None,
        };
        let found = found.ok_or_else(token_unknown)?;
        let now = self.mover.clock.now();
        Ok(Response::new(view::tracked(found, who.role == Role::Kiosk, now)))
    }

    async fn rate_dossier(&self, request: Request<pb::RateDossierRequest>) -> Answer<pb::RateDossierResponse> {
        self.rated(request).await
    }

    async fn list_dossiers(&self, request: Request<pb::ListDossiersRequest>) -> Answer<pb::ListDossiersResponse> {
        let who = grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(Cursor::decode(token).ok_or_else(|| {
                grpc::bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời tải lại danh sách.")
            })?),
        };
        let size = u64::from(page_size(asked.page_size)?.unsigned_abs());
        let now = self.mover.clock.now();
        let filter = asked::filter(asked, &who, &self.zone, now)?;
        let (rows, next, total) = queries::list(&self.mover.db, &filter, after, size, now).await.map_err(store)?;
        Ok(Response::new(pb::ListDossiersResponse {
            dossiers: rows.iter().map(|row| view::dossier(row, now)).collect(),
            next_page_token: next.map(|c| c.encode()).unwrap_or_default(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn get_dossier(&self, request: Request<pb::GetDossierRequest>) -> Answer<pb::GetDossierResponse> {
        grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let db = &self.mover.db;
        let row = queries::get(db, &asked.centre_id, &asked.dossier_id).await.map_err(store)?;
        let row = row.ok_or_else(dossier_unknown)?;
        let course = courses::load(db.read(), &row).await.map_err(store)?;
        let steps = queries::steps(db, &row.id).await.map_err(store)?;
        let calendar = self.mover.calendars.of(db.read(), &row.centre_id).await.map_err(store)?;
        let why = explanation(&row, &course, &calendar);
        Ok(Response::new(view::whole(&row, &course, steps, why, self.mover.clock.now())))
    }

    async fn forward_dossier(&self, request: Request<pb::ForwardDossierRequest>) -> Answer<pb::ForwardDossierResponse> {
        self.made(request).await
    }

    async fn hand_over_dossier(
        &self,
        request: Request<pb::HandOverDossierRequest>,
    ) -> Answer<pb::HandOverDossierResponse> {
        self.made(request).await
    }

    async fn receive_hand_over(
        &self,
        request: Request<pb::ReceiveHandOverRequest>,
    ) -> Answer<pb::ReceiveHandOverResponse> {
        self.made(request).await
    }

    async fn request_supplement(
        &self,
        request: Request<pb::RequestSupplementRequest>,
    ) -> Answer<pb::RequestSupplementResponse> {
        self.made(request).await
    }

    async fn receive_supplement(
        &self,
        request: Request<pb::ReceiveSupplementRequest>,
    ) -> Answer<pb::ReceiveSupplementResponse> {
        self.made(request).await
    }

    async fn request_fee(&self, request: Request<pb::RequestFeeRequest>) -> Answer<pb::RequestFeeResponse> {
        self.made(request).await
    }

    async fn confirm_fee(&self, request: Request<pb::ConfirmFeeRequest>) -> Answer<pb::ConfirmFeeResponse> {
        self.made(request).await
    }

    async fn stop_dossier(&self, request: Request<pb::StopDossierRequest>) -> Answer<pb::StopDossierResponse> {
        self.made(request).await
    }

    async fn resume_dossier(&self, request: Request<pb::ResumeDossierRequest>) -> Answer<pb::ResumeDossierResponse> {
        self.made(request).await
    }

    async fn withdraw_dossier(
        &self,
        request: Request<pb::WithdrawDossierRequest>,
    ) -> Answer<pb::WithdrawDossierResponse> {
        self.made(request).await
    }

    async fn extend_dossier(&self, request: Request<pb::ExtendDossierRequest>) -> Answer<pb::ExtendDossierResponse> {
        self.made(request).await
    }

    async fn complete_dossier(
        &self,
        request: Request<pb::CompleteDossierRequest>,
    ) -> Answer<pb::CompleteDossierResponse> {
        self.made(request).await
    }

    async fn return_result(&self, request: Request<pb::ReturnResultRequest>) -> Answer<pb::ReturnResultResponse> {
        self.made(request).await
    }

    async fn extend_after_outage(
        &self,
        request: Request<pb::ExtendAfterOutageRequest>,
    ) -> Answer<pb::ExtendAfterOutageResponse> {
        self.apologised(request).await
    }

    async fn list_holdings(&self, request: Request<pb::ListHoldingsRequest>) -> Answer<pb::ListHoldingsResponse> {
        let who = grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let now = self.mover.clock.now();
        let whose = queries::Whose { centre_id: &asked.centre_id, holder: &asked.department, own: who.bound_to() };
        let found = queries::holdings(&self.mover.db, whose, now).await.map_err(store)?;
        Ok(Response::new(pb::ListHoldingsResponse { holdings: found.into_iter().map(view::holding).collect() }))
    }

    async fn list_notices(&self, request: Request<pb::ListNoticesRequest>) -> Answer<pb::ListNoticesResponse> {
        let who = grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let size = page_size(asked.page_size)?.unsigned_abs();
        let wanted = queries::Notices {
            centre_id: asked.centre_id,
            department: asked.department,
            own: who.bound_to().map(str::to_owned),
            kind: wanted_kind(asked.kind)?,
            before: asked.page_token,
        };
        let mut found = queries::notices(&self.mover.db, &wanted, u64::from(size) + 1).await.map_err(store)?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let next_page_token = found.last().filter(|_| more).map(|last| last.id.clone()).unwrap_or_default();
        let notices = found.into_iter().map(view::notice).collect();
        Ok(Response::new(pb::ListNoticesResponse { notices, next_page_token }))
    }

    async fn report_period(&self, request: Request<pb::ReportPeriodRequest>) -> Answer<pb::ReportPeriodResponse> {
        self.period_reported(request).await
    }

    async fn export_report(&self, request: Request<pb::ExportReportRequest>) -> Answer<pb::ExportReportResponse> {
        self.exported(request).await
    }

    async fn close_report(&self, request: Request<pb::CloseReportRequest>) -> Answer<pb::CloseReportResponse> {
        self.closed(request).await
    }

    async fn list_closed_reports(
        &self,
        request: Request<pb::ListClosedReportsRequest>,
    ) -> Answer<pb::ListClosedReportsResponse> {
        self.closed_reports(request).await
    }

    async fn list_report_dossiers(
        &self,
        request: Request<pb::ListReportDossiersRequest>,
    ) -> Answer<pb::ListReportDossiersResponse> {
        self.dossiers_behind(request).await
    }

    async fn list_course_dates(
        &self,
        request: Request<pb::ListCourseDatesRequest>,
    ) -> Answer<pb::ListCourseDatesResponse> {
        self.course_dates(request).await
    }

    async fn summarise(&self, request: Request<pb::SummariseRequest>) -> Answer<pb::SummariseResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let now = self.mover.clock.now();
        let today = queries::day(now, &self.zone).map_err(|e| grpc::internal(&e))?;
        let figures =
            queries::figures(&self.mover.db, &request.get_ref().centre_id, now, today).await.map_err(store)?;
        let sum = |of: fn(&queries::DepartmentFigures) -> i64| count(figures.departments.iter().map(of).sum());
        Ok(Response::new(pb::SummariseResponse {
            accepted_today: count(figures.accepted_today),
            due_today: sum(|d| d.due_today),
            overdue: sum(|d| d.overdue),
            ready: count(figures.ready),
            open: sum(|d| d.open),
            departments: figures
                .departments
                .iter()
                .map(|d| pb::DepartmentSummary {
                    department: d.department.clone(),
                    open: count(d.open),
                    due_today: count(d.due_today),
                    overdue: count(d.overdue),
                    oldest_accept_time: time(Some(Micros(d.oldest))),
                })
                .collect(),
        }))
    }
}
