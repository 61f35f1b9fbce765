//! The forms of a dossier's course, as PDF.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::{
    ApologyForm, ControlForm, GetFormPdfRequest, GetReceiptPdfRequest, HandOverLine, PaperAsked, PaperSize,
    RefusalForm, StopForm, SupplementForm, get_form_pdf_request::Form,
};
use motcua_proto::status::v1::{ClockPause, DossierState, GetDossierResponse};

use super::found;
use crate::app::App;
use crate::http::Fail;
use crate::http::answer;
use crate::http::guard::Staff;
use crate::upstream::ask;

/// Shows a form; what cannot be shown is said on a page, for a person follows the link.
pub async fn form(
    State(app): State<Arc<App>>,
    Path((dossier_id, file)): Path<(String, String)>,
    staff: Staff,
) -> Response {
    match made(&app, dossier_id, &file, &staff).await {
        Ok(pdf) => pdf,
        Err(fail) => app.notice(&fail, None),
    }
}

async fn made(app: &App, dossier_id: String, file: &str, staff: &Staff) -> Result<Response, Fail> {
    let session = staff.may(Action::ReadDossier, &app.settings.centre_id)?;
    let centre_id = app.settings.centre_id.clone();
    let mut intake = app.upstream.staff(session).intake();
    let none = || Fail::not_found("FORM_NONE", "Hồ sơ này chưa có giấy đó. Xin tải lại trang hồ sơ.");
    let paper_size = match file {
        "receipt.pdf" => Some(PaperSize::A4),
        "receipt-a5.pdf" => Some(PaperSize::A5),
        _ => None,
    };
    if let Some(size) = paper_size {
        let request = GetReceiptPdfRequest { centre_id, dossier_id, paper_size: size.into() };
        let made = ask(intake.get_receipt_pdf(request)).await?;
        return Ok(answer::pdf(made.pdf, &made.file_name));
    }
    let (name, nth) = named(file).ok_or_else(none)?;
    let course = found(app, session, dossier_id.clone()).await?;
    let form = match name {
        "supplement" => supplement(course, nth),
        "apology" => apology(course),
        "stop" => stopped(course, nth)
            .map(|pause| Form::Stop(StopForm { reason: pause.reason, time: pause.from_time, ..StopForm::default() })),
        "refusal" => {
            stopped(course, nth).map(|pause| Form::Refusal(RefusalForm { reason: pause.reason, time: pause.from_time }))
        }
        "control" => control(course),
        _ => None,
    };
    let form = form.ok_or_else(none)?;
    let request = GetFormPdfRequest { centre_id, dossier_id, form: Some(form), reprint: false };
    let made = ask(intake.get_form_pdf(request)).await?;
    Ok(answer::pdf(made.pdf, &made.file_name))
}

/// "supplement-2.pdf": which form, and which one of them from 1; without a number it is the last one.
fn named(file: &str) -> Option<(&str, Option<usize>)> {
    let name = file.strip_suffix(".pdf")?;
    match name.split_once('-') {
        None => Some((name, None)),
        Some((name, nth)) => Some((name, Some(nth.parse().ok().filter(|nth| *nth > 0)?))),
    }
}

fn pick<T>(mut all: Vec<T>, nth: Option<usize>) -> Option<T> {
    let at = nth.map_or_else(|| all.len().checked_sub(1), |nth| nth.checked_sub(1))?;
    (at < all.len()).then(|| all.swap_remove(at))
}

/// Form 02, of one request for papers.
fn supplement(course: GetDossierResponse, nth: Option<usize>) -> Option<Form> {
    let asked = pick(course.supplements, nth)?;
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

/// The times at which a dossier was stopped: each has its notice (form 05 of 2025) or its refusal (form 03), also after it
/// was taken up again.
fn stopped(course: GetDossierResponse, nth: Option<usize>) -> Option<ClockPause> {
    let stops = course.pauses.into_iter().filter(|pause| pause.state() == DossierState::Stopped);
    pick(stops.collect(), nth)
}

/// Form 05 of 2018, 06 of 2025.
fn control(course: GetDossierResponse) -> Option<Form> {
    if course.legs.is_empty() {
        return None;
    }
    // Who works on it, or worked, beside the department that decides and the desk.
    let decides = course.dossier.map(|dossier| dossier.department).unwrap_or_default();
    let desk = &course.legs[0].to_unit;
    let mut coordinating: Vec<String> = Vec::new();
    for unit in course.plan.iter().map(|step| &step.unit).chain(course.legs.iter().map(|leg| &leg.to_unit)) {
        if *unit != decides && unit != desk && !coordinating.contains(unit) {
            coordinating.push(unit.clone());
        }
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
    Some(Form::Control(ControlForm { lines: lines.collect(), coordinating }))
}

#[cfg(test)]
mod tests {
    use motcua_proto::status::v1::{DossierStatus, Leg, PlannedLeg};

    use super::*;

    #[test]
    fn a_form_is_named_with_its_place_or_is_the_last() {
        assert_eq!(named("supplement.pdf"), Some(("supplement", None)));
        assert_eq!(named("stop-2.pdf"), Some(("stop", Some(2))));
        for nonsense in ["stop-0.pdf", "stop-x.pdf", "stop", "stop.png"] {
            assert_eq!(named(nonsense), None, "{nonsense}");
        }
        assert_eq!((pick(vec![1, 2, 3], Some(2)), pick(vec![1, 2, 3], None)), (Some(2), Some(3)));
        let to = |unit: &str| Leg { to_unit: unit.into(), ..Default::default() };
        let course = GetDossierResponse {
            dossier: Some(DossierStatus { department: "Sở Tư pháp".into(), ..Default::default() }),
            legs: ["Bộ phận Một cửa", "Sở Tư pháp", "Công an tỉnh", "Sở Tư pháp", "Bộ phận Một cửa"].map(to).into(),
            plan: vec![PlannedLeg { unit: "Cục Thuế".into(), ..Default::default() }],
            ..Default::default()
        };
        let Some(Form::Control(slip)) = control(course) else { panic!("a course with legs has its slip") };
        assert_eq!((slip.coordinating, slip.lines.len()), (vec!["Cục Thuế".into(), "Công an tỉnh".into()], 5));
        assert_eq!((pick(vec![1], Some(2)), pick(Vec::<i32>::new(), None)), (None, None));
    }
}
