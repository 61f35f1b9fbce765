//! Report II.06a: the page, its files, closing a period, and the dossiers behind a figure.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{GetReportPdfRequest, ReportLine};
use motcua_proto::status::v1::{
    CloseReportRequest, ExportReportRequest, ListClosedReportsRequest, ListReportDossiersRequest, ReportFormat,
    ReportPeriodRequest, ReportRow,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{attachment, kind};
use crate::account::Session;
use crate::app::App;
use crate::http::Fail;
use crate::http::answer::Body;
use crate::http::guard::{Staff, Visit};
use crate::upstream::{ask, ask_for_file};
use crate::view::book::behind::{self, Cell};
use crate::view::book::report::{self, Period, figures};

/// Closed periods that the page names.
const CLOSED_SHOWN: i32 = 12;
const LISTED: i32 = 50;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/reports", get(page))
        .route("/reports/close", post(close))
        .route("/reports/dossiers", get(dossiers))
        .route("/reports/{file}", get(file))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    month: String,
    first: String,
    last: String,
    column: i32,
    code: Option<String>,
    field: Option<String>,
    page: String,
}

impl Wish {
    /// Two days go before a month; nothing said is this month.
    fn period(&self, app: &App) -> Period {
        let Self { month, first, last, .. } = self;
        if !first.is_empty() || !last.is_empty() {
            return Period { month: String::new(), first: first.clone(), last: last.clone() };
        }
        let this = || {
            let today = app.clock.now().to_zoned_datetime(app.tz()).date();
            format!("{:04}-{:02}", today.year(), today.month())
        };
        let month = if month.is_empty() { this() } else { month.clone() };
        Period { month, first: String::new(), last: String::new() }
    }
}

fn asked(app: &App, period: &Period) -> ReportPeriodRequest {
    ReportPeriodRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: period.first.clone(),
        last_day: period.last.clone(),
        month: period.month.clone(),
    }
}

async fn page(State(app): State<Arc<App>>, Query(wish): Query<Wish>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadFigures, &app.settings.centre_id)?;
        app.acquaint().await;
        let period = wish.period(&app);
        let (mut status, mut earlier) = (app.upstream.staff(session).status(), app.upstream.staff(session).status());
        let centre_id = app.settings.centre_id.clone();
        let closed = ListClosedReportsRequest { centre_id, page_size: CLOSED_SHOWN, page_token: String::new() };
        let (answer, closed) =
            tokio::join!(ask(status.report_period(asked(&app, &period))), ask(earlier.list_closed_reports(closed)));
        let answer = match &answer {
            Ok(answer) => Ok(answer),
            // A period that cannot be is said beside its fields.
            Err(fail) if fail.status.as_u16() == 422 => Err(fail.message.as_str()),
            Err(fail) => return Err(fail.clone()),
        };
        let closed = closed.map(|closed| closed.reports).unwrap_or_default();
        Ok(report::page(&period, answer, &closed, &session.identity, &app.tz(), app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn dossiers(State(app): State<Arc<App>>, Query(wish): Query<Wish>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadFigures, &app.settings.centre_id)?;
        app.acquaint().await;
        let period = wish.period(&app);
        let field = wish.field.clone().map(|field| (wish.code.clone().unwrap_or_default(), field));
        let request = ListReportDossiersRequest {
            centre_id: app.settings.centre_id.clone(),
            first_day: period.first.clone(),
            last_day: period.last.clone(),
            month: period.month.clone(),
            column: wish.column,
            field_code: field.as_ref().map(|(code, _)| code.clone()),
            field: field.as_ref().map(|(_, field)| field.clone()),
            page_size: LISTED,
            page_token: wish.page.clone(),
        };
        let answer = ask(app.upstream.staff(session).status().list_report_dossiers(request)).await?;
        let cell = Cell { column: wish.column, field };
        Ok(behind::page(&period, &cell, &answer, &session.identity, &app.tz(), app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Deserialize)]
struct Close {
    request_id: String,
    first: String,
    last: String,
}

async fn close(State(app): State<Arc<App>>, staff: Staff, Body(wanted): Body<Close>) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::CloseReport, &app.settings.centre_id)?;
    let request = CloseReportRequest {
        request_id: wanted.request_id,
        centre_id: app.settings.centre_id.clone(),
        first_day: wanted.first,
        last_day: wanted.last,
        month: String::new(),
    };
    ask_for_file(app.upstream.staff(session).status().close_report(request)).await?;
    Ok(Json(json!({ "message": "Đã chốt kỳ báo cáo." })))
}

async fn file(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
    staff: Staff,
) -> Response {
    match made(&app, &file, &wish, &staff).await {
        Ok(file) => file,
        Err(fail) => app.notice(&fail, None),
    }
}

async fn made(app: &App, file: &str, wish: &Wish, staff: &Staff) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadFigures, &app.settings.centre_id)?;
    let unknown = || Fail::not_found("FILE_UNKNOWN", "Không có tệp này. Xin tải lại trang báo cáo.");
    let ending = file.strip_prefix("II.06a.").ok_or_else(unknown)?;
    let kind = kind(ending).ok_or_else(unknown)?;
    let period = wish.period(app);
    let format = match ending {
        "csv" => ReportFormat::Csv,
        "xlsx" => ReportFormat::Xlsx,
        _ => return paper(app, session, &period, kind).await,
    };
    let ReportPeriodRequest { centre_id, first_day, last_day, month } = asked(app, &period);
    let request = ExportReportRequest { centre_id, first_day, last_day, month, format: format.into() };
    let made = ask(app.upstream.staff(session).status().export_report(request)).await?;
    Ok(attachment(made.content, &made.file_name, kind))
}

/// Status counts, intake prints: its forms alone can.
async fn paper(app: &App, session: &Session, period: &Period, kind: &'static str) -> Result<Response, Fail> {
    let report = ask(app.upstream.staff(session).status().report_period(asked(app, period))).await?;
    let line = |row: &ReportRow| ReportLine { field: row.field.clone(), figures: figures(row).to_vec() };
    let closed = report.closed.unwrap_or_default();
    let request = GetReportPdfRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: report.first_day,
        last_day: report.last_day,
        lines: report.rows.iter().map(line).collect(),
        total: report.total.as_ref().map(line),
        close_time: closed.close_time,
        closed_by: closed.closed_by,
    };
    let made = ask_for_file(app.upstream.staff(session).intake().get_report_pdf(request)).await?;
    Ok(attachment(made.pdf, &made.file_name, kind))
}
