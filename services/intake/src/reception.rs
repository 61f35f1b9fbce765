//! Receptions that end without a dossier: form 02, form 03, or guidance.

use jiff::Timestamp;
use motcua_forms::slip_pdf;
use motcua_kernel::id::new_id;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::end_reception_request::Outcome as Told;
use motcua_proto::intake::v1::{
    EndReceptionRequest, EndReceptionResponse, GetReceptionFiguresRequest, GetReceptionFiguresResponse, PaperAsked,
    ReceptionEnded,
};
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, idempotency, retrying};
use prost::Message as _;

use crate::accept::received_here;
use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::forms::Letterhead;
use crate::handed::{case, owner, plain};
use crate::model::reception::{Asked, Content, Outcome};
use crate::model::rule_set::rule_set;
use crate::queries::reception::{self as rows, Reception};
use crate::queries::{audit, dossier};
use crate::seal::purpose;

const METHOD: &str = "EndReception";
const PRINT: &str = "reception.print";
/// What the running numbers of forms 02 and 03 are kept under, beside those of dossier codes.
const SERIES: [(Outcome, &str); 2] = [(Outcome::Supplement, "form-02"), (Outcome::Refusal, "form-03")];

impl App {
    /// Ends a reception without a dossier.
    pub(crate) async fn end_reception(
        &self,
        who: &Identity,
        request: EndReceptionRequest,
    ) -> Result<EndReceptionResponse, Error> {
        let command = EndReceptionRequest { request_id: String::new(), ..request.clone() }.encode_to_vec();
        let key = request_key(who, METHOD, &request.request_id, &command);
        plain("counter_id", "COUNTER_INVALID", &request.counter_id)?;
        if !request.ticket_id.is_empty() {
            plain("ticket_id", "TICKET_INVALID", &request.ticket_id)?;
        }
        let (outcome, content) = content(&request)?;
        let now = self.clock.now();
        let calendar = self.calendars.of(&request.centre_id).await?;
        let day = calendar.local_date(now);
        let mut template = Reception {
            id: new_id(),
            centre_id: request.centre_id.clone(),
            outcome,
            number: None,
            day,
            time: now,
            procedure_code: String::new(),
            case_code: String::new(),
            procedure_name: String::new(),
            department: String::new(),
            catalogue_version: 0,
            rule_set: rule_set(day).into(),
            counter_id: request.counter_id.clone(),
            ticket_id: request.ticket_id.clone(),
            officer: who.subject.clone(),
        };
        if !request.procedure_code.is_empty() || outcome != Outcome::Guided {
            let snapshot = self.snapshot(&request.centre_id).await?;
            let procedure = snapshot.find(&request.procedure_code)?;
            // What is asked for here is handed in here; refused may be what is not.
            if outcome == Outcome::Supplement {
                received_here(&calendar, procedure, now)?;
            }
            let case = if request.case_code.is_empty() { None } else { case(procedure, &request.case_code)? };
            template.procedure_code = procedure.code.clone();
            template.case_code = case.map(|case| case.code(&procedure.code)).unwrap_or_default();
            template.procedure_name = procedure.full_name(case.map_or("", |case| &case.name));
            template.department = procedure.department.clone();
            template.catalogue_version = snapshot.version;
        }
        let sealed = self.seal_json(purpose::RECEPTION, &content)?;
        let series = SERIES.iter().find(|(of, _)| *of == outcome).map(|(_, name)| *name);
        // Numbers run through a year.
        let year = day.first_of_year();
        let (fresh, response) = retrying(|| async {
            let mut reception = template.clone();
            let tx = self.db.begin().await?;
            if let Some(answer) = answered::<EndReceptionResponse>(&tx, &key).await? {
                return Ok((false, answer));
            }
            if let Some(series) = series {
                reception.number = Some(dossier::next_serial(&tx, &reception.centre_id, series, year).await?);
            }
            rows::insert(&tx, &reception, sealed.clone()).await?;
            let action = match outcome {
                Outcome::Supplement => "reception.supplement",
                Outcome::Refusal => "reception.refuse",
                Outcome::Guided => "reception.guide",
            };
            audit(&tx, &reception.centre_id, now, who, action, &reception.id).await?;
            let response = EndReceptionResponse {
                reception_id: reception.id.clone(),
                number: reception.number.map(|n| format!("{n:04}")).unwrap_or_default(),
                time: Some(timestamp(now)),
            };
            idempotency::remember(&tx, &key, response.encode_to_vec()).await?;
            outbox::append(&tx, SOURCE, &reception.centre_id, vec![ended(&reception)]).await?;
            commit(tx).await?;
            Ok::<_, Error>((true, response))
        })
        .await?;
        if fresh {
            self.db.wake_relay();
            tracing::info!(reception_id = %response.reception_id, outcome = outcome.as_str(), "reception ended");
        }
        Ok(response)
    }

    /// Form 02 or 03 of a reception, and what its file is called.
    pub(crate) async fn reception_form(
        &self,
        who: &Identity,
        centre_id: &str,
        id: &str,
    ) -> Result<(Vec<u8>, String), Error> {
        let (reception, sealed) = rows::find(self.db.read(), centre_id, id).await?.ok_or(Error::ReceptionUnknown)?;
        let name = match reception.outcome {
            Outcome::Supplement => "yeu-cau-bo-sung",
            Outcome::Refusal => "tu-choi",
            Outcome::Guided => {
                let message = "Lượt hướng dẫn không có phiếu. Mời chọn phiếu yêu cầu bổ sung hoặc từ chối.".into();
                return Err(Error::Field { reason: "FORM_MISSING", field: "reception_id", message });
            }
        };
        let content: Content = self.open_json(purpose::RECEPTION, &sealed)?;
        let centre = self.centre(centre_id).await?;
        let calendar = self.calendars.of(centre_id).await?;
        let reprint = self.printed_before(who, centre_id, PRINT, id).await?;
        let issued = reception.time.to_zoned_datetime(calendar.time_zone().clone()).datetime();
        let file_name = format!("{name}-{}-{:04}.pdf", reception.day.year(), reception.number.unwrap_or_default());
        let letter = Letterhead { centre: &centre, rule_set: &reception.rule_set, issued, reprint }
            .before_acceptance(&reception, content);
        Ok((self.print(move || slip_pdf(&letter)).await?, file_name))
    }

    /// How the receptions of a day ended.
    pub(crate) async fn reception_figures(
        &self,
        request: GetReceptionFiguresRequest,
    ) -> Result<GetReceptionFiguresResponse, Error> {
        let calendar = self.calendars.of(&request.centre_id).await?;
        let day = match request.day.as_str() {
            "" => calendar.local_date(self.clock.now()),
            text => text.parse().map_err(|_| Error::Field {
                reason: "DATE_INVALID",
                field: "day",
                message: "Ngày phải có dạng NĂM-THÁNG-NGÀY, ví dụ 2027-01-04.".into(),
            })?,
        };
        let midnight = |day: jiff::civil::Date| -> Result<Timestamp, Error> {
            let zoned = day.to_zoned_datetime(calendar.time_zone().clone());
            Ok(zoned.map_err(|e| Error::Internal(format!("day: {e}")))?.timestamp())
        };
        let tomorrow = day.tomorrow().map_err(|e| Error::Internal(format!("day: {e}")))?;
        let (centre_id, counter_id) = (&request.centre_id, &request.counter_id);
        let db = self.db.read();
        let accepted = rows::accepted(db, centre_id, counter_id, midnight(day)?, midnight(tomorrow)?).await?;
        let ended = rows::count(db, centre_id, counter_id, day).await?;
        let of = |outcome: Outcome| {
            let found = ended.iter().find(|(of, _)| *of == outcome).map_or(0, |(_, n)| *n);
            i32::try_from(found).unwrap_or(i32::MAX)
        };
        Ok(GetReceptionFiguresResponse {
            accepted: i32::try_from(accepted).unwrap_or(i32::MAX),
            supplements: of(Outcome::Supplement),
            refusals: of(Outcome::Refusal),
            guided: of(Outcome::Guided),
        })
    }
}

fn content(request: &EndReceptionRequest) -> Result<(Outcome, Content), Error> {
    let told = request.outcome.clone().ok_or_else(|| Error::Field {
        reason: "OUTCOME_MISSING",
        field: "outcome",
        message: "Mời chọn yêu cầu bổ sung, từ chối hoặc đã hướng dẫn.".into(),
    })?;
    let (outcome, mut content) = match told {
        Told::Supplement(asked) => {
            let papers = asked.papers.into_iter().map(paper).collect();
            let (reason, legal_basis) = (asked.reason, asked.legal_basis);
            (Outcome::Supplement, Content { papers, reason, legal_basis, ..Content::default() })
        }
        Told::Refusal(refused) => (Outcome::Refusal, Content { reason: refused.reason, ..Content::default() }),
        Told::Guided(guided) => (Outcome::Guided, Content { reason: guided.note, ..Content::default() }),
    };
    content.check(outcome, !request.procedure_code.is_empty())?;
    if outcome != Outcome::Guided {
        let owner = owner(request.applicant.as_ref())?;
        content.name = owner.full_name;
        content.address = owner.address;
        content.phone = owner.phone.map(|phone| phone.e164().to_owned()).unwrap_or_default();
        content.email = owner.email;
    }
    Ok((outcome, content))
}

fn paper(asked: PaperAsked) -> Asked {
    let PaperAsked { name, originals, certified_copies, copies } = asked;
    Asked { name, originals, certified_copies, copies }
}

fn ended(reception: &Reception) -> NewEvent {
    let data = ReceptionEnded {
        reception_id: reception.id.clone(),
        outcome: reception.outcome.as_str().into(),
        procedure_code: reception.procedure_code.clone(),
        department: reception.department.clone(),
        counter_id: reception.counter_id.clone(),
        ticket_id: reception.ticket_id.clone(),
    };
    NewEvent {
        centre_id: reception.centre_id.clone(),
        kind: "reception.ended".into(),
        subject: format!("receptions/{}", reception.id),
        aggregate_id: reception.id.clone(),
        aggregate_version: 1,
        schema: "motcua.intake.v1.ReceptionEnded",
        data: data.encode_to_vec(),
        time: reception.time,
        traceparent: None,
    }
}
