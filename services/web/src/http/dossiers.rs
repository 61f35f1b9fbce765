//! The desk's list of dossiers and their moves.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use maud::Markup;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1::{
    CompleteDossierRequest, ForwardDossierRequest, ListDossiersRequest, ReturnResultRequest,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::Body;
use super::guard::Staff;
use super::{Fail, counter};
use crate::app::App;
use crate::upstream::ask;
use crate::view;

const LISTED_MAX: i32 = 100;

pub fn routes() -> Router<Arc<App>> {
    // POST on the first path is the desk's acceptance.
    Router::new().route("/desk/{counter}/dossiers", get(list)).route("/desk/{counter}/dossiers/{id}/{act}", post(act))
}

#[derive(Deserialize)]
struct Filter {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: i32,
    #[serde(default)]
    overdue: bool,
}

async fn list(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    staff: Staff,
    Query(filter): Query<Filter>,
) -> Result<Markup, Fail> {
    let session = staff.may(Action::ReadDossier, &app.settings.centre_id)?;
    let counter = counter(&*app.centre().await?, &key)?;
    let request = ListDossiersRequest {
        centre_id: app.settings.centre_id.clone(),
        state: filter.state,
        overdue_only: filter.overdue,
        department: String::new(),
        page_size: LISTED_MAX,
        page_token: String::new(),
        code: filter.code.trim().chars().take(64).collect(),
    };
    let answer = ask(app.upstream.staff(session).status().list_dossiers(request)).await?;
    Ok(view::dossiers::list(&answer, &counter.id, &app.tz()))
}

#[derive(Deserialize)]
struct Move {
    request_id: String,
    #[serde(default)]
    etag: String,
}

async fn act(
    State(app): State<Arc<App>>,
    Path((_, dossier_id, act)): Path<(String, String, String)>,
    staff: Staff,
    Body(Move { request_id, etag }): Body<Move>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::MoveDossier, &app.settings.centre_id)?;
    let mut status = app.upstream.staff(session).status();
    let centre_id = app.settings.centre_id.clone();
    let dossier = match act.as_str() {
        "forward" => {
            let to_department = String::new();
            let request = ForwardDossierRequest { request_id, centre_id, dossier_id, etag, to_department };
            ask(status.forward_dossier(request)).await?.dossier
        }
        "complete" => {
            let request = CompleteDossierRequest { request_id, centre_id, dossier_id, etag };
            ask(status.complete_dossier(request)).await?.dossier
        }
        "return" => {
            let request = ReturnResultRequest { request_id, centre_id, dossier_id, etag, collector: None };
            ask(status.return_result(request)).await?.dossier
        }
        _ => return Err(Fail::not_found("ACT_UNKNOWN", "Không có thao tác này. Xin tải lại trang.")),
    };
    let dossier = dossier.unwrap_or_default();
    Ok(Json(json!({ "code": dossier.code, "state_label": dossier.state_label, "etag": dossier.etag })))
}
