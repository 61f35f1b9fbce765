//! Report II.06a: the page and its files.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1::{ExportReportRequest, ReportFormat, ReportPeriodRequest};
use serde::Deserialize;

use super::Fail;
use super::guard::{Staff, Visit};
use crate::app::App;
use crate::upstream::ask;
use crate::view::report::{self, Period};

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/reports", get(page)).route("/reports/{file}", get(file))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    month: String,
    first: String,
    last: String,
}

impl Wish {
    /// Two days go before a month; nothing said is this month.
    fn period(self, app: &App) -> Period {
        let Self { month, first, last } = self;
        if !first.is_empty() || !last.is_empty() {
            return Period { month: String::new(), first, last };
        }
        let this = || {
            let today = app.clock.now().to_zoned_datetime(app.tz()).date();
            format!("{:04}-{:02}", today.year(), today.month())
        };
        Period { month: if month.is_empty() { this() } else { month }, first: String::new(), last: String::new() }
    }
}

async fn page(State(app): State<Arc<App>>, Query(wish): Query<Wish>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadFigures, &app.settings.centre_id)?;
        app.acquaint().await;
        let period = wish.period(&app);
        let request = ReportPeriodRequest {
            centre_id: app.settings.centre_id.clone(),
            first_day: period.first.clone(),
            last_day: period.last.clone(),
            month: period.month.clone(),
        };
        let answer = ask(app.upstream.staff(session).status().report_period(request)).await;
        let answer = match &answer {
            Ok(answer) => Ok(answer),
            // A period that cannot be is said beside its fields.
            Err(fail) if fail.status.as_u16() == 422 => Err(fail.message.as_str()),
            Err(fail) => return Err(fail.clone()),
        };
        Ok(report::page(&period, answer, &session.identity, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

async fn file(
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadFigures, &app.settings.centre_id)?;
    let (format, kind) = match file.as_str() {
        "II.06a.csv" => (ReportFormat::Csv, "text/csv; charset=utf-8"),
        "II.06a.xlsx" => (ReportFormat::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        _ => return Err(Fail::not_found("FILE_UNKNOWN", "Không có tệp này. Xin tải lại trang báo cáo.")),
    };
    let period = wish.period(&app);
    let request = ExportReportRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: period.first,
        last_day: period.last,
        month: period.month,
        format: format.into(),
    };
    let made = ask(app.upstream.staff(session).status().export_report(request)).await?;
    let name = crate::text::percent_encoded(&made.file_name);
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{name}")),
    ];
    Ok((headers, made.content).into_response())
}
