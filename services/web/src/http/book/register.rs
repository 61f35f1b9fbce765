//! Sổ theo dõi hồ sơ: intake keeps who handed what in, status what became of it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::get;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    ExportRegisterRequest, ListDepartmentsRequest, ListRegisterRequest, ListRegisterResponse, RegisterDates,
    RegisterFormat,
};
use motcua_proto::status::v1::{CourseDates, ListCourseDatesRequest};
use serde::Deserialize;

use super::{attachment, kind};
use crate::account::Session;
use crate::app::App;
use crate::http::Fail;
use crate::http::guard::{Staff, Visit};
use crate::upstream::{ask, ask_for_file};
use crate::view::book::register::{self, Lines, Wanted};

const LISTED: i32 = 50;
/// Lines asked for at once when a file is made.
const GATHERED: i32 = 1_000;
/// More than any file carries: then nothing is gathered, and intake says what to do.
const LINES_MAX: i32 = 20_000;

pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/register", get(page)).route("/register/{file}", get(file))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    first: String,
    last: String,
    department: String,
    page: String,
}

impl Wish {
    /// Nothing said is today.
    fn wanted(&self, app: &App) -> Wanted {
        let today = || app.clock.now().to_zoned_datetime(app.tz()).date().to_string();
        let (first, last) = match (self.first.as_str(), self.last.as_str()) {
            ("", "") => (today(), today()),
            (first, "") => (first.to_owned(), first.to_owned()),
            ("", last) => (last.to_owned(), last.to_owned()),
            (first, last) => (first.to_owned(), last.to_owned()),
        };
        Wanted { first, last, department: self.department.clone() }
    }
}

fn lines(app: &App, wanted: &Wanted, page_size: i32, page_token: String) -> ListRegisterRequest {
    ListRegisterRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: wanted.first.clone(),
        last_day: wanted.last.clone(),
        department: wanted.department.clone(),
        page_size,
        page_token,
    }
}

async fn page(State(app): State<Arc<App>>, Query(wish): Query<Wish>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadRegister, &app.settings.centre_id)?;
        app.acquaint().await;
        let wanted = wish.wanted(&app);
        let (mut intake, mut catalogue) = (app.upstream.staff(session).intake(), app.upstream.staff(session).intake());
        let units = ListDepartmentsRequest { centre_id: app.settings.centre_id.clone() };
        let (answer, units) = tokio::join!(
            ask(intake.list_register(lines(&app, &wanted, LISTED, wish.page))),
            ask(catalogue.list_departments(units))
        );
        let units: Vec<String> = units?.departments.into_iter().map(|unit| unit.name).collect();
        let dates = match &answer {
            Ok(answer) => dates(&app, session, answer).await.ok(),
            Err(_) => None,
        };
        let found = match &answer {
            Ok(answer) => Ok(Lines { answer, dates: dates.as_ref() }),
            // Days that cannot be are said beside their fields.
            Err(fail) if fail.status.as_u16() == 422 => Err(fail.message.as_str()),
            Err(fail) => return Err(fail.clone()),
        };
        Ok(register::page(&wanted, found, &units, &session.identity, &app.tz(), app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

/// What became of the lines of a page, by dossier.
async fn dates(
    app: &App,
    session: &Session,
    answer: &ListRegisterResponse,
) -> Result<HashMap<String, CourseDates>, Fail> {
    if answer.entries.is_empty() {
        return Ok(HashMap::new());
    }
    let dossier_ids = answer.entries.iter().map(|entry| entry.dossier_id.clone()).collect();
    let request = ListCourseDatesRequest { centre_id: app.settings.centre_id.clone(), dossier_ids };
    let found = ask(app.upstream.staff(session).status().list_course_dates(request)).await?;
    Ok(found.dates.into_iter().map(|dates| (dates.dossier_id.clone(), dates)).collect())
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
    let session = staff.may(Action::ReadRegister, &app.settings.centre_id)?;
    let unknown = || Fail::not_found("FILE_UNKNOWN", "Không có tệp này. Xin tải lại trang sổ theo dõi.");
    let ending = file.strip_prefix("so-theo-doi.").ok_or_else(unknown)?;
    let kind = kind(ending).ok_or_else(unknown)?;
    let format = match ending {
        "pdf" => RegisterFormat::Pdf,
        "xlsx" => RegisterFormat::Xlsx,
        _ => RegisterFormat::Csv,
    };
    let wanted = wish.wanted(app);
    let request = ExportRegisterRequest {
        centre_id: app.settings.centre_id.clone(),
        first_day: wanted.first.clone(),
        last_day: wanted.last.clone(),
        department: wanted.department.clone(),
        format: format.into(),
        dates: gathered(app, session, &wanted).await?,
    };
    let made = ask_for_file(app.upstream.staff(session).intake().export_register(request)).await?;
    Ok(attachment(made.content, &made.file_name, kind))
}

/// The dates of every line, page by page.
async fn gathered(app: &App, session: &Session, wanted: &Wanted) -> Result<Vec<RegisterDates>, Fail> {
    let mut intake = app.upstream.staff(session).intake();
    let (mut all, mut token) = (Vec::new(), String::new());
    loop {
        let answer = ask(intake.list_register(lines(app, wanted, GATHERED, token))).await?;
        if answer.total > LINES_MAX {
            return Ok(Vec::new());
        }
        let found = dates(app, session, &answer).await?;
        all.extend(found.into_values().map(|dates| RegisterDates {
            note: register::note(&dates).to_owned(),
            dossier_id: dates.dossier_id,
            forward_time: dates.forward_time,
            complete_time: dates.complete_time,
            return_time: dates.return_time,
        }));
        token = answer.next_page_token;
        if token.is_empty() {
            return Ok(all);
        }
    }
}
