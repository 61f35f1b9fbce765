//! Receptions that end without a dossier, their forms, and the day's count.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use motcua_kernel::identity::Action;
use motcua_proto::intake::v1::end_reception_request::Outcome;
use motcua_proto::intake::v1::{
    EndReceptionRequest, GetReceptionFiguresRequest, GetReceptionFormPdfRequest, Guided, PaperAsked, Refused,
    SupplementAsked,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::accept::Person;
use super::answer::{Body, pdf};
use super::{Fail, Staff, counter};
use crate::app::App;
use crate::upstream::ask;

#[derive(Deserialize)]
pub struct End {
    request_id: String,
    #[serde(default)]
    ticket_id: String,
    #[serde(default)]
    procedure_code: String,
    #[serde(default)]
    case_code: String,
    applicant: Option<Person>,
    outcome: Ended,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
enum Ended {
    Supplement {
        #[serde(default)]
        papers: Vec<Paper>,
        #[serde(default)]
        reason: String,
    },
    Refusal {
        #[serde(default)]
        reason: String,
    },
    Guided {
        #[serde(default)]
        reason: String,
    },
}

#[derive(Deserialize)]
struct Paper {
    name: String,
    #[serde(default)]
    originals: i32,
    #[serde(default)]
    certified_copies: i32,
    #[serde(default)]
    copies: i32,
}

pub async fn end(
    State(app): State<Arc<App>>,
    Path(key): Path<String>,
    staff: Staff,
    Body(body): Body<End>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let counter = counter(&*app.centre().await?, &key)?;
    let paper = |p: Paper| PaperAsked {
        name: p.name,
        originals: p.originals,
        certified_copies: p.certified_copies,
        copies: p.copies,
    };
    let (title, outcome) = match body.outcome {
        Ended::Supplement { papers, reason } => {
            let papers = papers.into_iter().map(paper).collect();
            let asked = SupplementAsked { papers, reason, legal_basis: String::new() };
            ("Đã lập phiếu yêu cầu bổ sung, hoàn thiện hồ sơ", Outcome::Supplement(asked))
        }
        Ended::Refusal { reason } => {
            ("Đã lập phiếu từ chối tiếp nhận giải quyết hồ sơ", Outcome::Refusal(Refused { reason }))
        }
        Ended::Guided { reason } => ("Đã hướng dẫn", Outcome::Guided(Guided { note: reason })),
    };
    let request = EndReceptionRequest {
        request_id: body.request_id,
        centre_id: app.settings.centre_id.clone(),
        counter_id: counter.id.clone(),
        ticket_id: body.ticket_id,
        procedure_code: body.procedure_code,
        case_code: body.case_code,
        applicant: body.applicant.map(Into::into),
        outcome: Some(outcome),
    };
    let answer = ask(app.upstream.staff(session).intake().end_reception(request)).await?;
    let form =
        (!answer.number.is_empty()).then(|| format!("/desk/{}/receptions/{}.pdf", counter.id, answer.reception_id));
    Ok(Json(json!({ "title": title, "number": answer.number, "form": form })))
}

pub async fn form(
    State(app): State<Arc<App>>,
    Path((_, file)): Path<(String, String)>,
    staff: Staff,
) -> Result<Response, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let Some(reception_id) = file.strip_suffix(".pdf") else {
        return Err(Fail::not_found("FORM_UNKNOWN", "Không có phiếu này. Xin kiểm tra lại đường dẫn."));
    };
    let centre_id = app.settings.centre_id.clone();
    let request = GetReceptionFormPdfRequest { centre_id, reception_id: reception_id.to_owned() };
    let answer = ask(app.upstream.staff(session).intake().get_reception_form_pdf(request)).await?;
    Ok(pdf(answer.pdf, &answer.file_name))
}

pub async fn figures(State(app): State<Arc<App>>, Path(key): Path<String>, staff: Staff) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::AcceptDossier, &app.settings.centre_id)?;
    let counter = counter(&*app.centre().await?, &key)?;
    let centre_id = app.settings.centre_id.clone();
    let request = GetReceptionFiguresRequest { centre_id, counter_id: counter.id, day: String::new() };
    let f = ask(app.upstream.staff(session).intake().get_reception_figures(request)).await?;
    Ok(Json(json!({
        "text": format!(
            "Hôm nay: {} tiếp nhận · {} bổ sung · {} từ chối · {} hướng dẫn",
            f.accepted, f.supplements, f.refusals, f.guided
        ),
    })))
}
