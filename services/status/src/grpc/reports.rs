//! Report II.06a over the wire: figures, files, closing, and the dossiers behind a figure.

use motcua_kernel::calendar::words;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1 as pb;
use motcua_runtime::grpc::{self, Code, Request, Response, Status};
use motcua_store::Micros;
use prost::Message as _;

use super::{
    Answer, Api,
    asked::page_size,
    moves::key,
    refusal::{refused, store},
    view::{report_row, time},
};
use crate::{
    export,
    model::{Became, Column, Period, Row, State},
    moves::MoveError,
    queries::{self, Cursor, report as rows, report::Closed},
    reports::{self, Close, CloseError},
};

/// Dossiers whose dates are asked for at once.
const DATES_MAX: usize = 1_000;

/// A period's figures, as they were kept or as they are.
struct Report {
    rows: Vec<Row>,
    closed: Option<Closed>,
}

impl Api {
    fn period(&self, month: &str, first_day: &str, last_day: &str) -> Result<Period, Status> {
        let period = match month {
            "" => Period::of_days(first_day, last_day, &self.zone),
            month => Period::of_month(month, self.report_first_day, &self.zone),
        };
        period.map_err(|fault| grpc::bad_request("PERIOD_INVALID", "first_day", fault.to_string()))
    }

    async fn report(&self, centre_id: &str, period: &Period) -> Result<Report, Status> {
        let db = &self.mover.db;
        if let Some(closed) = rows::closed_of(db.read(), centre_id, period).await.map_err(store)? {
            return Ok(Report { rows: closed.rows.clone(), closed: Some(closed) });
        }
        let rows = rows::figures(db, centre_id, period, self.mover.clock.now()).await.map_err(store)?;
        Ok(Report { rows, closed: None })
    }

    pub(super) async fn period_reported(
        &self,
        request: Request<pb::ReportPeriodRequest>,
    ) -> Answer<pb::ReportPeriodResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let period = self.period(&asked.month, &asked.first_day, &asked.last_day)?;
        let report = self.report(&asked.centre_id, &period).await?;
        Ok(Response::new(pb::ReportPeriodResponse {
            rows: report.rows.iter().map(report_row).collect(),
            total: Some(report_row(&Row::total(&report.rows))),
            first_day: period.first.to_string(),
            last_day: period.last.to_string(),
            over: period.over(self.mover.clock.now()),
            closed: report.closed.as_ref().map(closed),
        }))
    }

    pub(super) async fn exported(&self, request: Request<pb::ExportReportRequest>) -> Answer<pb::ExportReportResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let period = self.period(&asked.month, &asked.first_day, &asked.last_day)?;
        let Report { rows, closed } = self.report(&asked.centre_id, &period).await?;
        let written = period.written();
        let mut lines = vec![format!("Kỳ báo cáo: {written}. Đơn vị tính: hồ sơ")];
        if let Some(closed) = closed {
            lines.push(format!("Đã chốt lúc {}, người chốt: {}", self.moment(closed.close_time), closed.closed_by));
        }
        let sheet = export::sheet(&rows, lines);
        let (content, ending) = match asked.format() {
            pb::ReportFormat::Csv => (sheet.csv(), "csv"),
            pb::ReportFormat::Xlsx => (sheet.xlsx().map_err(|e| grpc::internal(&e))?, "xlsx"),
            pb::ReportFormat::Unspecified => {
                return Err(grpc::bad_request("FORMAT_UNKNOWN", "format", "Mời chọn dạng tệp CSV hoặc XLSX."));
            }
        };
        let span = written.replace('/', "-").replace(" đến ", "_");
        let file_name = format!("bao-cao-II.06a-{span}.{ending}");
        Ok(Response::new(pb::ExportReportResponse { content: content.into(), file_name }))
    }

    pub(super) async fn closed(&self, request: Request<pb::CloseReportRequest>) -> Answer<pb::CloseReportResponse> {
        let who = grpc::authorise(&request, Action::CloseReport, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let period = self.period(&asked.month, &asked.first_day, &asked.last_day)?;
        let body = pb::CloseReportRequest { request_id: String::new(), ..asked.clone() };
        let close = Close {
            key: key(&who.subject, "CloseReport", &asked.request_id, &body)?,
            who,
            centre_id: asked.centre_id,
            period,
        };
        let (db, clock) = (self.mover.db.clone(), self.mover.clock.clone());
        // A year of a province takes seconds to keep: it goes on when the caller has stopped waiting and asks again.
        let made = tokio::spawn(async move {
            let answer = |kept: &Closed| pb::CloseReportResponse { closed: Some(closed(kept)) }.encode_to_vec();
            reports::close(&db, &clock, &close, answer).await
        });
        let bytes = made.await.map_err(|e| grpc::internal(&e))?.map_err(|error| self.not_closed(error))?;
        pb::CloseReportResponse::decode(bytes.as_slice()).map(Response::new).map_err(|e| grpc::internal(&e))
    }

    /// "17:05 ngày 01/12/2026".
    fn moment(&self, at: Micros) -> String {
        let at = at.timestamp().to_zoned_datetime(self.zone.clone());
        format!("{:02}:{:02} ngày {}", at.hour(), at.minute(), words::date(at.date()))
    }

    fn not_closed(&self, error: CloseError) -> Status {
        match error {
            CloseError::NotOver => grpc::status(
                Code::FailedPrecondition,
                "PERIOD_NOT_OVER",
                "Kỳ báo cáo chưa kết thúc nên chưa chốt được. Mời chốt sau ngày cuối kỳ.",
                &[],
            ),
            CloseError::Closed { at, by } => {
                let said = format!(
                    "Kỳ báo cáo này đã được chốt lúc {}. Mời tải lại trang để xem số liệu đã chốt.",
                    self.moment(at)
                );
                let facts = [("closed_by", by.as_str()), ("close_time", &at.timestamp().to_string())];
                grpc::status(Code::FailedPrecondition, "PERIOD_CLOSED", said, &facts)
            }
            CloseError::Reused => refused(MoveError::Reused),
            CloseError::Store(error) => store(error),
        }
    }

    pub(super) async fn closed_reports(
        &self,
        request: Request<pb::ListClosedReportsRequest>,
    ) -> Answer<pb::ListClosedReportsResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let size = page_size(asked.page_size)?.unsigned_abs();
        let before = match asked.page_token.as_str() {
            "" => None,
            token => Some(token.parse().map_err(|_| page_gone())?),
        };
        let limit = u64::from(size) + 1;
        let mut found = rows::list_closed(&self.mover.db, &asked.centre_id, before, limit).await.map_err(store)?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let next_page_token = found.last().filter(|_| more).map(|last| last.id.to_string()).unwrap_or_default();
        Ok(Response::new(pb::ListClosedReportsResponse {
            reports: found.iter().map(closed).collect(),
            next_page_token,
        }))
    }

    pub(super) async fn dossiers_behind(
        &self,
        request: Request<pb::ListReportDossiersRequest>,
    ) -> Answer<pb::ListReportDossiersResponse> {
        grpc::authorise(&request, Action::ReadFigures, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let period = self.period(&asked.month, &asked.first_day, &asked.last_day)?;
        let column = Column::of_number(asked.column).ok_or_else(|| {
            grpc::bad_request(
                "COLUMN_UNKNOWN",
                "column",
                "Cột số liệu của biểu là từ 3 đến 13. Mời chọn lại trong bảng.",
            )
        })?;
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(Cursor::decode(token).ok_or_else(page_gone)?),
        };
        let field = match (asked.field_code, asked.field) {
            (None, None) => None,
            (code, name) => Some((code.unwrap_or_default(), name.unwrap_or_default())),
        };
        let size = page_size(asked.page_size)?.unsigned_abs();
        let (db, now) = (&self.mover.db, self.mover.clock.now());
        let kept = rows::closed_of(db.read(), &asked.centre_id, &period).await.map_err(store)?;
        let of =
            rows::Of { centre_id: &asked.centre_id, period: &period, now, kept: kept.as_ref().map(|kept| kept.id) };
        let cell = rows::Cell { column, field };
        let (mut found, total) = rows::behind(db, &of, &cell, after, u64::from(size) + 1).await.map_err(store)?;
        let more = found.len() > size as usize;
        found.truncate(size as usize);
        let cursor = |last: &rows::Behind| Cursor { accept_time: Micros(last.accept_time), id: last.id.clone() };
        Ok(Response::new(pb::ListReportDossiersResponse {
            next_page_token: found.last().filter(|_| more).map(|last| cursor(last).encode()).unwrap_or_default(),
            dossiers: found.into_iter().map(behind).collect(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
            first_day: period.first.to_string(),
            last_day: period.last.to_string(),
            closed: kept.as_ref().map(closed),
        }))
    }

    pub(super) async fn course_dates(
        &self,
        request: Request<pb::ListCourseDatesRequest>,
    ) -> Answer<pb::ListCourseDatesResponse> {
        grpc::authorise(&request, Action::ReadDossier, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        if asked.dossier_ids.len() > DATES_MAX {
            let sentence = format!("Mỗi lần hỏi được {DATES_MAX} hồ sơ. Mời chia nhỏ.");
            return Err(grpc::bad_request("DOSSIERS_TOO_MANY", "dossier_ids", sentence));
        }
        let found =
            queries::courses::dates(&self.mover.db, &asked.centre_id, &asked.dossier_ids).await.map_err(store)?;
        let dates = found.into_iter().map(|dates| pb::CourseDates {
            dossier_id: dates.id,
            state: dates.state,
            state_label: State::from_code(dates.state).map(State::label).unwrap_or_default().into(),
            forward_time: time(dates.forward_time.map(Micros)),
            complete_time: time(dates.complete_time.map(Micros)),
            return_time: time(dates.return_time.map(Micros)),
        });
        Ok(Response::new(pb::ListCourseDatesResponse { dates: dates.collect() }))
    }
}

fn page_gone() -> Status {
    grpc::bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời tải lại danh sách.")
}

fn closed(closed: &Closed) -> pb::ClosedReport {
    pb::ClosedReport {
        first_day: closed.first_day.clone(),
        last_day: closed.last_day.clone(),
        close_time: time(Some(closed.close_time)),
        closed_by: closed.closed_by.clone(),
        dossiers: closed.dossiers,
    }
}

fn behind(dossier: rows::Behind) -> pb::ReportDossier {
    pb::ReportDossier {
        id: dossier.id,
        code: dossier.code,
        procedure_name: dossier.procedure_name,
        field: dossier.field,
        accept_time: time(Some(Micros(dossier.accept_time))),
        due_time: time(dossier.due_time.map(Micros)),
        // Of one that was open then, its end is a later period's.
        finish_time: time(dossier.finish_time.filter(|_| dossier.became < Became::InTime as i32).map(Micros)),
        received_column: dossier.came,
        outcome_column: dossier.became,
    }
}
