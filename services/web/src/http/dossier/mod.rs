//! The dossiers of a centre for all its staff: lists, one dossier with its moves, its papers.

mod moves;
mod papers;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{File, ListDepartmentsRequest, ListFilesRequest};
use motcua_proto::status::v1::{GetDossierRequest, GetDossierResponse, ListHoldingsRequest, ListNoticesRequest};

use super::Fail;
use super::guard::{Staff, Visit};
use crate::account::Session;
use crate::app::App;
use crate::upstream::ask;
use crate::view;
use crate::view::dossier::list::{self, Tab};
use crate::view::dossier::narrow::{Narrow, Pairs, last};

const LISTED: i32 = 50;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/dossiers", get(listed))
        .route("/dossiers/holdings", get(holdings))
        .route("/dossiers/notices", get(notices))
        .route("/dossiers/{id}", get(page))
        .route("/dossiers/{id}/state", get(state))
        .route("/dossiers/{id}/moves/{act}", post(moves::act))
        .route("/dossiers/{id}/forms/{file}", get(papers::form))
}

/// The page of a list that an address asks for; nonsense is the first one.
fn page_asked(pairs: &Pairs) -> String {
    last(pairs, "page").to_owned()
}

async fn listed(State(app): State<Arc<App>>, Query(pairs): Query<Pairs>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDossier, &app.settings.centre_id)?;
        app.acquaint().await;
        let (narrow, wrong) = Narrow::read(&pairs);
        let (centre_id, subject) = (&app.settings.centre_id, &session.identity.subject);
        let request = narrow.request(centre_id, subject, LISTED, page_asked(&pairs));
        let answer = ask(app.upstream.staff(session).status().list_dossiers(request)).await;
        let answer = match &answer {
            Ok(answer) => Ok(answer),
            // What status cannot look for is said beside the filter.
            Err(fail) if fail.status == StatusCode::UNPROCESSABLE_ENTITY => Err(fail.message.as_str()),
            Err(fail) => return Err(fail.clone()),
        };
        let units = units(&app, session).await?;
        let body = list::list(answer, &narrow, &wrong, &units, &app.tz());
        Ok(list::page(Tab::List, &session.identity, app.ribbon().as_deref(), body))
    }
    .await;
    visit.answer(&app, made)
}

async fn holdings(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDossier, &app.settings.centre_id)?;
        app.acquaint().await;
        let request = ListHoldingsRequest { centre_id: app.settings.centre_id.clone(), ..Default::default() };
        let answer = ask(app.upstream.staff(session).status().list_holdings(request)).await?;
        let body = list::holdings(&answer.holdings, &app.tz());
        Ok(list::page(Tab::Holdings, &session.identity, app.ribbon().as_deref(), body))
    }
    .await;
    visit.answer(&app, made)
}

async fn notices(State(app): State<Arc<App>>, Query(pairs): Query<Pairs>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDossier, &app.settings.centre_id)?;
        app.acquaint().await;
        let request = ListNoticesRequest {
            centre_id: app.settings.centre_id.clone(),
            page_size: LISTED,
            page_token: page_asked(&pairs),
            ..Default::default()
        };
        let answer = ask(app.upstream.staff(session).status().list_notices(request)).await?;
        let body = list::notices(&answer, &app.tz());
        Ok(list::page(Tab::Notices, &session.identity, app.ribbon().as_deref(), body))
    }
    .await;
    visit.answer(&app, made)
}

async fn page(State(app): State<Arc<App>>, Path(id): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::ReadDossier, &app.settings.centre_id)?;
        app.acquaint().await;
        let files = files(&app, session, &id).await;
        let answer = found(&app, session, id).await?;
        let units = units(&app, session).await?;
        Ok(view::dossier::page(
            &answer,
            files.as_deref(),
            &units,
            &session.identity,
            &app.tz(),
            app.ribbon().as_deref(),
        ))
    }
    .await;
    visit.answer(&app, made)
}

async fn state(State(app): State<Arc<App>>, Path(id): Path<String>, staff: Staff) -> Result<Markup, Fail> {
    let session = staff.may(Action::ReadDossier, &app.settings.centre_id)?;
    let files = files(&app, session, &id).await;
    Ok(view::dossier::state(&found(&app, session, id).await?, files.as_deref(), &app.tz()))
}

/// Scans of its papers; none while intake does not answer, for the rest of the page does not hang on them.
async fn files(app: &App, session: &Session, dossier_id: &str) -> Option<Vec<File>> {
    let request = ListFilesRequest { centre_id: app.settings.centre_id.clone(), dossier_id: dossier_id.to_owned() };
    Some(ask(app.upstream.staff(session).intake().list_files(request)).await.ok()?.files)
}

async fn found(app: &App, session: &Session, dossier_id: String) -> Result<GetDossierResponse, Fail> {
    let request = GetDossierRequest { centre_id: app.settings.centre_id.clone(), dossier_id };
    ask(app.upstream.staff(session).status().get_dossier(request)).await
}

/// Departments of the catalogue: where a dossier can be sent.
async fn units(app: &App, session: &Session) -> Result<Vec<String>, Fail> {
    let request = ListDepartmentsRequest { centre_id: app.settings.centre_id.clone() };
    let answer = ask(app.upstream.staff(session).intake().list_departments(request)).await?;
    Ok(answer.departments.into_iter().map(|department| department.name).collect())
}
