//! The forms of a dossier's course, as PDF.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    ApologyForm, ControlForm, GetFormPdfRequest, GetReceiptPdfRequest, HandOverLine, PaperAsked, StopForm,
    SupplementForm, get_form_pdf_request::Form,
};
use motcua_proto::status::v1::{DossierState, GetDossierResponse};

use super::found;
use crate::app::App;
use crate::http::Fail;
use crate::http::answer;
use crate::http::guard::Staff;
use crate::upstream::ask;

pub async fn form(
    State(app): State<Arc<App>>,
    Path((dossier_id, file)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadDossier, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let mut intake = app.upstream.staff(session).intake();
    if file == "receipt.pdf" {
        let made = ask(intake.get_receipt_pdf(GetReceiptPdfRequest { centre_id, dossier_id })).await?;
        return Ok(answer::pdf(made.pdf, &made.file_name));
    }
    let course = found(&app, session, dossier_id.clone()).await?;
    let form = match file.as_str() {
        "supplement.pdf" => supplement(course),
        "apology.pdf" => apology(course),
        "stop.pdf" => stop(course),
        "control.pdf" => control(course),
        _ => None,
    };
    let form =
        form.ok_or_else(|| Fail::not_found("FORM_NONE", "Hồ sơ này chưa có giấy đó. Xin tải lại trang hồ sơ."))?;
    let request = GetFormPdfRequest { centre_id, dossier_id, form: Some(form), reprint: false };
    let made = ask(intake.get_form_pdf(request)).await?;
    Ok(answer::pdf(made.pdf, &made.file_name))
}

/// Form 02, of what was asked for last.
fn supplement(course: GetDossierResponse) -> Option<Form> {
    let asked = course.supplements.into_iter().next_back()?;
    let paper = |paper: motcua_proto::status::v1::PaperAsked| PaperAsked {
        name: paper.name,
        originals: paper.originals,
        certified_copies: paper.certified_copies,
        copies: paper.copies,
    };
    Some(Form::Supplement(SupplementForm {
        papers: asked.papers.into_iter().map(paper).collect(),
        reason: asked.reason,
        legal_basis: asked.legal_basis,
        time: asked.ask_time,
    }))
}

/// Form 04.
fn apology(course: GetDossierResponse) -> Option<Form> {
    let made = course.extension?;
    Some(Form::Apology(ApologyForm {
        promised_time: made.old_due_time,
        new_due_time: made.new_due_time,
        reason: made.reason,
        signer: made.signer,
        time: made.time,
    }))
}

/// Form 05 of 2025.
fn stop(course: GetDossierResponse) -> Option<Form> {
    let stopped = DossierState::Stopped;
    let last = course.pauses.into_iter().rfind(|pause| pause.state() == stopped && pause.to_time.is_none())?;
    Some(Form::Stop(StopForm { reason: last.reason, time: last.from_time, ..StopForm::default() }))
}

/// Form 05 of 2018, 06 of 2025.
fn control(course: GetDossierResponse) -> Option<Form> {
    if course.legs.is_empty() {
        return None;
    }
    let lines = course.legs.into_iter().map(|leg| HandOverLine {
        punctuality: leg.punctuality,
        from_unit: leg.from_unit,
        to_unit: leg.to_unit,
        given_time: leg.given_time,
        received_time: leg.received_time,
        giver: leg.given_by,
        receiver: leg.received_by,
        note: leg.note,
    });
    Some(Form::Control(ControlForm { lines: lines.collect(), coordinating: Vec::new() }))
}
