//! The dossier desk: what a procedure needs, when it is due, and how a reception ends.

pub mod accept;
mod card;
mod files;
mod outcome;

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    FeeMode, FeeMoment, GetProcedureRequest, PreviewDueRequest, Procedure, SearchProceduresRequest,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::guard::{Staff, Visit};
use super::{Fail, answer, counter};
use crate::app::App;
use crate::text;
use crate::upstream::ask;
use crate::view;

const FOUND_MAX: i32 = 12;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/desk/{counter}", get(page))
        .route("/desk/{counter}/procedures", get(search))
        .route("/desk/{counter}/procedures/{code}", get(procedure))
        .route("/desk/{counter}/card", post(card::read))
        .route("/desk/{counter}/dossiers", post(accept::accept))
        .route("/desk/{counter}/receipts/{file}", get(accept::receipt))
        .route("/desk/{counter}/receptions", post(outcome::end))
        .route("/desk/{counter}/receptions/{file}", get(outcome::form))
        .route("/desk/{counter}/figures", get(outcome::figures))
        .route("/desk/{counter}/files", post(files::upload))
        .route("/desk/{counter}/files/{id}", get(files::read))
        .route("/dossiers/{id}/files/{file}", get(files::read))
}

async fn page(State(app): State<Arc<App>>, Path(key): Path<String>, visit: Visit) -> Response {
    let made = async {
        let session = visit.may(Action::AcceptDossier, &app.settings.centre_id)?;
        let counter = counter(&*app.centre().await?, &key)?;
        Ok(view::desk::page(&counter, &session.identity, app.ribbon().as_deref()))
    }
    .await;
    visit.answer(&app, made)
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn search(State(app): State<Arc<App>>, staff: Staff, Query(search): Query<Search>) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ReadCatalogue, &app.settings.centre_id)?;
    let request = SearchProceduresRequest {
        centre_id: app.settings.centre_id.clone(),
        query: search.q.chars().take(200).collect(),
        page_size: FOUND_MAX,
    };
    let answer = ask(app.upstream.staff(session).intake().search_procedures(request)).await?;
    let found: Vec<Value> = answer
        .procedures
        .iter()
        .map(|p| json!({ "code": p.code, "name": p.name, "department": p.department, "refused": text::not_here(p).is_some() }))
        .collect();
    Ok(Json(found.into()))
}

#[derive(Deserialize)]
struct Chosen {
    #[serde(default)]
    case: String,
}

async fn procedure(
    State(app): State<Arc<App>>,
    Path((_, code)): Path<(String, String)>,
    staff: Staff,
    Query(chosen): Query<Chosen>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::ReadCatalogue, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let centre_id = app.settings.centre_id.clone();
    let request = GetProcedureRequest { centre_id: centre_id.clone(), code: code.clone() };
    let answer = ask(peers.intake().get_procedure(request)).await?;
    let p = answer.procedure.unwrap_or_default();
    let refused = text::not_here(&p);
    let due = match refused {
        Some(_) => None,
        None => {
            let preview = PreviewDueRequest { centre_id, procedure_code: code, case_code: chosen.case };
            let preview = ask(peers.intake().preview_due(preview)).await?;
            let tz = app.tz();
            let when = text::instant(preview.due_time.as_ref()).map(|due| text::full(due, &tz));
            Some(json!({ "text": when, "why": preview.due_explanation }))
        }
    };
    let components: Vec<Value> = p
        .components
        .iter()
        .map(|c| {
            json!({
                "ordinal": c.ordinal, "name": c.name,
                "originals": c.originals, "certified_copies": c.certified_copies, "copies": c.copies,
            })
        })
        .collect();
    let cases: Vec<Value> = p
        .cases
        .iter()
        .map(|c| json!({ "code": c.code, "name": c.name, "limit": text::limit(c.limit.as_ref()) }))
        .collect();
    Ok(Json(json!({
        "code": p.code, "name": p.name, "department": p.department, "field": p.field,
        "limit": text::limit(p.limit.as_ref()), "fee": text::fee(&p), "sample": p.sample,
        "refused": refused, "due": due, "components": components, "cases": cases,
        "fees": fees(&p),
    })))
}

/// What is charged: as the catalogue lists it, or its one amount.
fn fees(p: &Procedure) -> Vec<Value> {
    let line = |name: &str, amount: i64, moment: i32| json!({ "name": name, "amount": amount, "moment": moment });
    if p.fees.is_empty() && p.fee_mode() == FeeMode::Single && p.fee_vnd > 0 {
        return vec![line("Phí, lệ phí", p.fee_vnd, FeeMoment::Reception.into())];
    }
    p.fees.iter().map(|fee| line(&fee.name, fee.amount_vnd, fee.moment)).collect()
}
