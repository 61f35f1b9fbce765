//! The dossier desk: what a procedure needs, when it is due, acceptance, the receipt.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    AcceptDossierRequest, Applicant, ComponentReceived, GetProcedureRequest, GetReceiptPdfRequest, PreviewDueRequest,
    SearchProceduresRequest,
};
use motcua_proto::routing::v1::GetTicketRequest;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::answer::Body;
use super::guard::{Staff, Visit};
use super::{Fail, counter};
use crate::app::App;
use crate::text;
use crate::upstream::{Peers, ask};
use crate::view;

const FOUND_MAX: i32 = 12;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/desk/{counter}", get(page))
        .route("/desk/{counter}/procedures", get(search))
        .route("/desk/{counter}/procedures/{code}", get(procedure))
        .route("/desk/{counter}/dossiers", post(accept))
        .route("/desk/{counter}/receipts/{file}", get(receipt))
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

async fn procedure(
    State(app): State<Arc<App>>,
    Path((_, code)): Path<(String, String)>,
    staff: Staff,
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
            let preview = PreviewDueRequest { centre_id, procedure_code: code, case_code: String::new() };
            let preview = ask(peers.intake().preview_due(preview)).await?;
            let tz = app.tz();
            let when = text::instant(preview.due_time.as_ref()).map(|due| text::full(due, &tz));
            Some(json!({ "text": when, "why": preview.due_explanation }))
        }
    };
    let components: Vec<Value> = p
        .components
        .iter()
        .map(|c| json!({ "ordinal": c.ordinal, "name": c.name, "originals": c.originals, "copies": c.copies }))
        .collect();
    Ok(Json(json!({
        "code": p.code, "name": p.name, "department": p.department, "field": p.field,
        "limit": text::limit(p.limit.as_ref()), "fee": text::fee(&p), "sample": p.sample,
        "refused": refused, "due": due, "components": components,
    })))
}

#[derive(Deserialize)]
struct Accept {
    request_id: String,
    #[serde(default)]
    ticket_id: String,
    procedure_code: String,
    applicant: Person,
    #[serde(default)]
    components: Vec<Paper>,
    #[serde(default)]
    return_channel: i32,
}

#[derive(Deserialize)]
struct Person {
    full_name: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    address: String,
}

#[derive(Deserialize)]
struct Paper {
    ordinal: i32,
    #[serde(default)]
    originals: i32,
    #[serde(default)]
    copies: i32,
}

async fn accept(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    staff: Staff,
    Body(body): Body<Accept>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let peers = app.upstream.staff(session);
    let counter = counter(&*app.centre().await?, &key)?;
    let span = tracing::info_span!("accept dossier", otel.kind = "internal");
    // The ticket's tap at the kiosk is where this citizen's day began: the dossier belongs to the same trace.
    if let Some(traceparent) = traceparent(&app, &peers, &body.ticket_id).await {
        motcua_runtime::telemetry::adopt_traceparent(&span, &traceparent);
    }
    let request = AcceptDossierRequest {
        request_id: body.request_id,
        centre_id: app.settings.centre_id.clone(),
        counter_id: counter.id.clone(),
        ticket_id: body.ticket_id,
        procedure_code: body.procedure_code,
        case_code: String::new(),
        applicant: Some(Applicant {
            full_name: body.applicant.full_name,
            id_number: body.applicant.id_number,
            phone: body.applicant.phone,
            email: body.applicant.email,
            address: body.applicant.address,
        }),
        components: body
            .components
            .iter()
            .map(|c| ComponentReceived { ordinal: c.ordinal, originals: c.originals, copies: c.copies })
            .collect(),
        return_channel: body.return_channel,
    };
    let answer = ask(peers.intake().accept_dossier(request)).instrument(span).await?;
    let dossier = answer.dossier.unwrap_or_default();
    let tz = app.tz();
    Ok(Json(json!({
        "id": dossier.id,
        "code": dossier.code,
        "procedure": dossier.procedure_name,
        "due": text::instant(dossier.due_time.as_ref()).map(|due| text::full(due, &tz)),
        "why": dossier.due_explanation,
        "receipt": format!("/desk/{}/receipts/{}.pdf", counter.id, dossier.id),
        "tracking_url": answer.tracking_url,
        "qr": qr(&answer.tracking_url),
    })))
}

async fn traceparent(app: &App, peers: &Peers, ticket_id: &str) -> Option<String> {
    if ticket_id.is_empty() {
        return None;
    }
    let request = GetTicketRequest { centre_id: app.settings.centre_id.clone(), ticket_id: ticket_id.to_owned() };
    let answer = ask(peers.routing().get_ticket(request)).await.ok()?;
    answer.ticket.map(|t| t.traceparent).filter(|t| !t.is_empty())
}

/// A QR code as a data URL: an address of its own would put the receipt's secret into one more URL.
pub fn qr(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let image = code.render::<svg::Color>().min_dimensions(220, 220).quiet_zone(true).build();
    format!("data:image/svg+xml;base64,{}", base64::engine::general_purpose::STANDARD.encode(image))
}

async fn receipt(
    State(app): State<Arc<App>>,
    Path((_, file)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let Some(dossier_id) = file.strip_suffix(".pdf") else {
        return Err(Fail::not_found("RECEIPT_UNKNOWN", "Không có giấy tiếp nhận này. Xin kiểm tra lại đường dẫn."));
    };
    let request = GetReceiptPdfRequest { centre_id: app.settings.centre_id.clone(), dossier_id: dossier_id.to_owned() };
    let answer = ask(app.upstream.staff(session).intake().get_receipt_pdf(request)).await?;
    let name: String =
        answer.file_name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    let name = if name.is_empty() { "giay-tiep-nhan.pdf".to_owned() } else { name };
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        // The browser's own viewer styles itself inline.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'".to_owned(),
        ),
    ];
    Ok((headers, answer.pdf).into_response())
}
