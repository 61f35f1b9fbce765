//! A dossier is accepted, and its receipt printed.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    AcceptDossierRequest, Applicant, ComponentReceived, Consent, FeeLine, FileUse, GetReceiptPdfRequest, Submitter,
};
use motcua_proto::routing::v1::GetTicketRequest;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::Instrument as _;

use super::answer::{Body, pdf};
use super::{Fail, Staff, counter};
use crate::app::App;
use crate::text;
use crate::upstream::{Peers, ask};

#[derive(Deserialize)]
pub struct Accept {
    request_id: String,
    #[serde(default)]
    ticket_id: String,
    procedure_code: String,
    #[serde(default)]
    case_code: String,
    applicant: Person,
    submitter: Option<Agent>,
    #[serde(default)]
    components: Vec<Paper>,
    #[serde(default)]
    not_applicable: Vec<i32>,
    /// The desk's own page asks for it; a script of earlier days does not.
    #[serde(default)]
    require_complete: bool,
    #[serde(default)]
    return_channel: i32,
    #[serde(default)]
    return_address: String,
    #[serde(default)]
    fees: Vec<Fee>,
    consent: Option<Told>,
    #[serde(default)]
    files: Vec<Scan>,
}

#[derive(Deserialize)]
pub struct Person {
    full_name: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    kind: i32,
    #[serde(default)]
    tax_code: String,
}

impl From<Person> for Applicant {
    fn from(person: Person) -> Self {
        let Person { full_name, id_number, phone, email, address, kind, tax_code } = person;
        Self { full_name, id_number, phone, email, address, kind, tax_code }
    }
}

#[derive(Deserialize)]
struct Agent {
    full_name: String,
    #[serde(default)]
    id_number: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    address: String,
    #[serde(default)]
    authorisation: i32,
    #[serde(default)]
    authorisation_paper: String,
    #[serde(default)]
    authorisation_date: String,
}

#[derive(Deserialize)]
struct Paper {
    ordinal: i32,
    #[serde(default)]
    originals: i32,
    #[serde(default)]
    certified_copies: i32,
    #[serde(default)]
    copies: i32,
}

#[derive(Deserialize)]
struct Fee {
    name: String,
    amount: i64,
    #[serde(default)]
    moment: i32,
    #[serde(default)]
    receipt_number: String,
}

#[derive(Deserialize)]
struct Told {
    sms: bool,
    zalo: bool,
    email: bool,
}

#[derive(Deserialize)]
struct Scan {
    id: String,
    ordinal: i32,
    #[serde(default)]
    reused: bool,
}

pub async fn accept(
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
    let request = request(body, &app.settings.centre_id, &counter.id);
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

fn request(body: Accept, centre_id: &str, counter_id: &str) -> AcceptDossierRequest {
    let component = |c: Paper| ComponentReceived {
        ordinal: c.ordinal,
        originals: c.originals,
        copies: c.copies,
        certified_copies: c.certified_copies,
    };
    let fee = |fee: Fee| FeeLine {
        name: fee.name,
        amount_vnd: fee.amount,
        moment: fee.moment,
        receipt_number: fee.receipt_number,
    };
    // What comes from an earlier dossier was not scanned here.
    let file =
        |scan: Scan| FileUse { file_id: scan.id, ordinal: scan.ordinal, digitised: !scan.reused, reused: scan.reused };
    let submitter = |agent: Agent| Submitter {
        full_name: agent.full_name,
        id_number: agent.id_number,
        phone: agent.phone,
        email: agent.email,
        address: agent.address,
        authorisation: agent.authorisation,
        authorisation_paper: agent.authorisation_paper,
        authorisation_date: agent.authorisation_date,
    };
    AcceptDossierRequest {
        request_id: body.request_id,
        centre_id: centre_id.to_owned(),
        counter_id: counter_id.to_owned(),
        ticket_id: body.ticket_id,
        procedure_code: body.procedure_code,
        case_code: body.case_code,
        applicant: Some(body.applicant.into()),
        components: body.components.into_iter().map(component).collect(),
        return_channel: body.return_channel,
        submitter: body.submitter.map(submitter),
        return_address: body.return_address,
        fees: body.fees.into_iter().map(fee).collect(),
        consent: body.consent.map(|c| Consent { sms: c.sms, zalo: c.zalo, email: c.email }),
        require_complete: body.require_complete,
        not_applicable: body.not_applicable,
        files: body.files.into_iter().map(file).collect(),
    }
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

pub async fn receipt(
    State(app): State<Arc<App>>,
    Path((_, file)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let Some(dossier_id) = file.strip_suffix(".pdf") else {
        return Err(Fail::not_found("RECEIPT_UNKNOWN", "Không có giấy tiếp nhận này. Xin kiểm tra lại đường dẫn."));
    };
    let request = GetReceiptPdfRequest {
        centre_id: app.settings.centre_id.clone(),
        dossier_id: dossier_id.to_owned(),
        ..Default::default()
    };
    let answer = ask(app.upstream.staff(session).intake().get_receipt_pdf(request)).await?;
    Ok(pdf(answer.pdf, &answer.file_name))
}
