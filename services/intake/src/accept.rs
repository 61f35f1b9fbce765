//! A dossier is received: checked, numbered, dated, sealed, and told of, in one transaction.

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, Limit, Mode};
use motcua_kernel::dossier_code::DossierCode;
use motcua_kernel::id::new_id;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{AcceptDossierRequest, AcceptDossierResponse, DossierAccepted, PlannedStep};
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, idempotency, retrying};
use prost::Message as _;

use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::handed::{Handed, case, plain};
use crate::model::due::{DueDate, due_date};
use crate::model::fee;
use crate::model::procedure::Procedure;
use crate::model::rule_set::rule_set;
use crate::model::step::Step;
use crate::model::token::token_hash;
use crate::procedures::department_code;
use crate::queries::dossier::{self as rows, Dossier};
use crate::queries::{audit, catalogue, file};
use crate::wire;

const METHOD: &str = "AcceptDossier";

impl App {
    /// The due time that a dossier would get now.
    pub(crate) async fn preview_due(
        &self,
        centre_id: &str,
        code: &str,
        case_code: &str,
    ) -> Result<(Timestamp, DueDate), Error> {
        let snapshot = self.snapshot(centre_id).await?;
        let now = self.clock.now();
        let calendar = self.calendars.of(centre_id).await?;
        let procedure = received_here(&calendar, snapshot.find(code)?, now)?;
        // Before a case is chosen the procedure's own limit is shown.
        let case = if case_code.is_empty() { None } else { case(procedure, case_code)? };
        Ok((now, due_date(&calendar, now, procedure, case, self.settings.day_mode.into())?))
    }

    /// Receives a dossier.
    pub(crate) async fn accept(
        &self,
        who: &Identity,
        request: AcceptDossierRequest,
    ) -> Result<AcceptDossierResponse, Error> {
        let key = request_key(who, METHOD, &request.request_id, &command(&request));
        // An answer given before stands, whatever has become of the procedure since.
        if let Some(answer) = self.answered_before(&key).await? {
            return self.with_address(answer).await;
        }
        plain("counter_id", "COUNTER_INVALID", &request.counter_id)?;
        if !request.ticket_id.is_empty() {
            plain("ticket_id", "TICKET_INVALID", &request.ticket_id)?;
        }
        let snapshot = self.snapshot(&request.centre_id).await?;
        let now = self.clock.now();
        let calendar = self.calendars.of(&request.centre_id).await?;
        let procedure = received_here(&calendar, snapshot.find(&request.procedure_code)?, now)?;
        let case = case(procedure, &request.case_code)?;
        let day = calendar.local_date(now);
        let handed = Handed::check(&request, procedure, day)?;
        let centre = self.centre(&request.centre_id).await?;
        let departments = catalogue::departments(self.db.read(), &request.centre_id).await?;
        let department = departments
            .get(&procedure.department)
            .ok_or_else(|| Error::Internal(format!("department without a code: {}", procedure.department)))?;
        let format: motcua_kernel::dossier_code::CodeFormat = self.settings.dossier_codes.into();
        let agency = format.agency(centre.province_code(), &department_code(*department));
        let due = due_date(&calendar, now, procedure, case, self.settings.day_mode.into())?;

        let id = new_id();
        let token_key_version = self.tokens.current();
        let token = self.token(token_key_version, &id)?;
        let token_hash = token_hash(&token);
        let template = Dossier {
            id,
            centre_id: request.centre_id.clone(),
            code: String::new(),
            procedure_code: procedure.code.clone(),
            case_code: case.map(|case| case.code(&procedure.code)).unwrap_or_default(),
            case_name: case.map(|case| case.name.clone()).unwrap_or_default(),
            procedure_name: procedure.name.clone(),
            department: procedure.department.clone(),
            catalogue_version: snapshot.version,
            calendar_version: calendar.version(),
            rule_set: rule_set(day).into(),
            counter_id: request.counter_id.clone(),
            ticket_id: request.ticket_id.clone(),
            accept_time: now,
            due_time: due.due,
            due_explanation: due.explanation,
            limit_text: procedure.limit_text(case),
            fee_text: fee::printed(&handed.fees).unwrap_or_else(|| procedure.fee_text()),
            return_channel: handed.return_channel as i32,
            owner_kind: handed.applicant.kind,
            consent: handed.consent,
            not_applicable: handed.not_applicable.clone(),
            officer: who.subject.clone(),
            token_key_version,
        };
        let counted = Counted {
            field_code: procedure.field_code.clone(),
            field: procedure.field.clone(),
            limit: procedure.limit_of(case),
            mode: self.settings.day_mode.into(),
            supplements_max: procedure.handling.supplements_max,
            steps: procedure.steps.iter().map(planned).collect(),
        };
        let sealed = self.seal(&handed.applicant, handed.submitter.as_ref(), &handed.return_address)?;
        let (fresh, response) = retrying(|| async {
            let mut dossier = template.clone();
            let tx = self.db.begin().await?;
            if let Some(answer) = answered::<AcceptDossierResponse>(&tx, &key).await? {
                return Ok((false, answer));
            }
            let serial = rows::next_serial(&tx, &dossier.centre_id, &agency, day).await?;
            dossier.code = DossierCode::new(&agency, day, serial)?.to_string();
            rows::insert(&tx, &dossier, &token_hash, sealed.clone(), &handed.papers).await?;
            rows::insert_fees(&tx, &dossier.id, &handed.fees).await?;
            if !file::take_up(&tx, &dossier.centre_id, &dossier.id, &who.subject, &handed.files).await? {
                return Err(Error::FileUnknown);
            }
            audit(&tx, &dossier.centre_id, now, who, "dossier.accept", &dossier.id).await?;
            // Without the address: no secret is stored, it is derived again for whoever repeats the request.
            let response =
                AcceptDossierResponse { dossier: Some(wire::dossier(&dossier)), tracking_url: String::new() };
            idempotency::remember(&tx, &key, response.encode_to_vec()).await?;
            // Last: the centre's row is held until the commit.
            outbox::append(&tx, SOURCE, &dossier.centre_id, vec![accepted(&dossier, &token_hash, &counted)]).await?;
            commit(tx).await?;
            Ok::<_, Error>((true, response))
        })
        .await?;
        if !fresh {
            return self.with_address(response).await;
        }
        self.db.wake_relay();
        tracing::info!(dossier_id = %template.id, procedure = %template.procedure_code, "dossier accepted");
        Ok(AcceptDossierResponse { tracking_url: self.tracking_url(&token), ..response })
    }

    async fn answered_before(&self, key: &idempotency::Key) -> Result<Option<AcceptDossierResponse>, Error> {
        let tx = self.db.begin().await?;
        answered(&tx, key).await
    }

    /// A stored answer with the address of its receipt.
    async fn with_address(&self, answer: AcceptDossierResponse) -> Result<AcceptDossierResponse, Error> {
        let told = answer.dossier.as_ref().ok_or_else(|| Error::Internal("stored answer without a dossier".into()))?;
        let dossier = self.dossier_by_id(&told.centre_id, &told.id).await?;
        let token = self.token(dossier.token_key_version, &dossier.id)?;
        Ok(AcceptDossierResponse { tracking_url: self.tracking_url(&token), ..answer })
    }

    pub(crate) fn token(&self, version: i32, dossier_id: &str) -> Result<String, Error> {
        self.tokens.token(version, dossier_id).ok_or(Error::TokenKeyMissing(version))
    }
}

pub(crate) fn received_here<'p>(
    calendar: &Calendar,
    procedure: &'p Procedure,
    now: Timestamp,
) -> Result<&'p Procedure, Error> {
    procedure.received_on(calendar.local_date(now)).map_err(|why| Error::NotHere {
        code: procedure.code.clone(),
        department: procedure.department.clone(),
        why,
    })?;
    Ok(procedure)
}

/// The command without its request id: what the same id must always carry.
fn command(request: &AcceptDossierRequest) -> Vec<u8> {
    AcceptDossierRequest { request_id: String::new(), ..request.clone() }.encode_to_vec()
}

/// What status needs beside the dossier to go on counting and to report.
struct Counted {
    field_code: String,
    field: String,
    limit: Option<Limit>,
    mode: Mode,
    supplements_max: Option<u32>,
    steps: Vec<PlannedStep>,
}

fn planned(step: &Step) -> PlannedStep {
    PlannedStep {
        unit: step.unit.clone(),
        limit_quantity: step.limit.map_or(0, |limit| i32::try_from(limit.quantity).unwrap_or(i32::MAX)),
        limit_unit: step.limit.map(|limit| limit.unit.as_str().to_owned()).unwrap_or_default(),
    }
}

fn accepted(dossier: &Dossier, token_hash: &str, counted: &Counted) -> NewEvent {
    let data = DossierAccepted {
        dossier_id: dossier.id.clone(),
        code: dossier.code.clone(),
        token_hash: token_hash.to_owned(),
        procedure_code: dossier.procedure_code.clone(),
        procedure_name: dossier.procedure_name.clone(),
        department: dossier.department.clone(),
        accept_time: Some(timestamp(dossier.accept_time)),
        due_time: dossier.due_time.map(timestamp),
        catalogue_version: dossier.catalogue_version,
        calendar_version: dossier.calendar_version,
        rule_set: dossier.rule_set.clone(),
        ticket_id: dossier.ticket_id.clone(),
        counter_id: dossier.counter_id.clone(),
        return_channel: dossier.return_channel,
        field_code: counted.field_code.clone(),
        field: counted.field.clone(),
        limit_quantity: counted.limit.map_or(0, |limit| i32::try_from(limit.quantity).unwrap_or(i32::MAX)),
        limit_unit: counted.limit.map(|limit| limit.unit.as_str().to_owned()).unwrap_or_default(),
        hour_mode: counted.mode == Mode::Hour,
        reception_channel: 1,
        case_code: dossier.case_code.clone(),
        supplements_max: counted.supplements_max.and_then(|n| i32::try_from(n).ok()),
        steps: counted.steps.clone(),
    };
    NewEvent {
        centre_id: dossier.centre_id.clone(),
        kind: "dossier.accepted".into(),
        subject: format!("dossiers/{}", dossier.id),
        aggregate_id: dossier.id.clone(),
        aggregate_version: 1,
        schema: "motcua.intake.v1.DossierAccepted",
        data: data.encode_to_vec(),
        time: dossier.accept_time,
        traceparent: None,
    }
}
