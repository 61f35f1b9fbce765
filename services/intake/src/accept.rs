//! A dossier is received: checked, numbered, dated, sealed, and told of, in one transaction.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_bus::trace;
use motcua_kernel::calendar::{Calendar, Limit, Mode};
use motcua_kernel::id::new_id;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{AcceptDossierRequest, AcceptDossierResponse, DossierAccepted, PlannedStep};
use motcua_runtime::grpc::timestamp;
use motcua_store::idempotency;
use motcua_store::outbox::NewEvent;
use prost::Message as _;

use crate::app::{App, answered, decoded, request_key};
use crate::error::Error;
use crate::ground::{Basis, Ground};
use crate::handed::{Handed, case, plain};
use crate::model::due::{DueDate, due_date};
use crate::model::fee::{self, FeeLine};
use crate::model::procedure::Procedure;
use crate::model::rule_set::rule_set;
use crate::model::step::Step;
use crate::model::token::token_hash;
use crate::procedures::department_code;
use crate::queries::acceptance::Series;
use crate::queries::dossier::{Dossier, Paper, SealedApplicant};
use crate::queries::file::Use;
use crate::writer::Told;

const METHOD: &str = "AcceptDossier";
/// Grounds that a dossier is prepared on before its officer is told to come back: catalogues are not published that fast.
const GROUNDS_MAX: usize = 5;

/// A dossier that only wants its code.
pub(crate) struct Prepared {
    /// What it was checked against.
    pub basis: Basis,
    /// The secret on its receipt.
    pub token: String,
    pub token_hash: String,
    /// Without a code.
    pub dossier: Dossier,
    pub applicant: SealedApplicant,
    pub papers: Vec<Paper>,
    pub fees: Vec<FeeLine>,
    pub files: Vec<Use>,
    pub counted: Counted,
    /// Whose next number its code takes.
    pub series: Series,
    pub day: Date,
}

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
        for attempt in 0..GROUNDS_MAX {
            let (now, fresh) = (self.clock.now(), attempt > 0);
            let ground = self.ground(&request.centre_id, now, fresh).await;
            let prepared = match ground.and_then(|ground| self.prepare(who, &request, &ground, now)) {
                Ok(prepared) => prepared,
                // What was kept may be older than what is in force.
                Err(_) if !fresh => continue,
                Err(why) => {
                    // An answer given before stands, whatever has become of the procedure since.
                    let answer = self.answered_before(&key).await?.ok_or(why)?;
                    return self.with_address(answer).await;
                }
            };
            let token = prepared.token.clone();
            match self.desk.accept(who.clone(), key.clone(), prepared, trace::current()).await? {
                Told::Accepted(response) => {
                    let told = response.dossier.as_ref().map(|dossier| (&dossier.id, &dossier.procedure_code));
                    if let Some((dossier_id, procedure)) = told {
                        tracing::info!(%dossier_id, %procedure, "dossier accepted");
                    }
                    return Ok(AcceptDossierResponse { tracking_url: self.tracking_url(&token), ..*response });
                }
                Told::Before(bytes) => return self.with_address(decoded(&bytes)?).await,
                Told::Outdated => {}
                Told::Refused(why) => return Err(why),
            }
        }
        Err(Error::CentreNotReady(request.centre_id))
    }

    /// Checks what was handed in and makes a dossier of it, but for its code.
    fn prepare(
        &self,
        who: &Identity,
        request: &AcceptDossierRequest,
        ground: &Ground,
        now: Timestamp,
    ) -> Result<Prepared, Error> {
        plain("counter_id", "COUNTER_INVALID", &request.counter_id)?;
        if !request.ticket_id.is_empty() {
            plain("ticket_id", "TICKET_INVALID", &request.ticket_id)?;
        }
        let Ground { basis, snapshot, calendar, centre, departments, .. } = ground;
        let procedure = received_here(calendar, snapshot.find(&request.procedure_code)?, now)?;
        let case = case(procedure, &request.case_code)?;
        let day = calendar.local_date(now);
        let handed = Handed::check(request, procedure, day)?;
        let department = departments
            .get(&procedure.department)
            .ok_or_else(|| Error::Internal(format!("department without a code: {}", procedure.department)))?;
        let format: motcua_kernel::dossier_code::CodeFormat = self.settings.dossier_codes.into();
        let agency = format.agency(centre.province_code(), &department_code(*department));
        let due = due_date(calendar, now, procedure, case, self.settings.day_mode.into())?;
        let id = new_id();
        let token_key_version = self.tokens.current();
        let token = self.token(token_key_version, &id)?;
        let counted = Counted {
            field_code: procedure.field_code.clone(),
            field: procedure.field.clone(),
            limit: procedure.limit_of(case),
            mode: self.settings.day_mode.into(),
            supplements_max: procedure.handling.supplements_max,
            steps: procedure.steps.iter().map(planned).collect(),
        };
        let applicant = self.seal(&handed.applicant, handed.submitter.as_ref(), &handed.return_address)?;
        let dossier = Dossier {
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
            not_applicable: handed.not_applicable,
            officer: who.subject.clone(),
            token_key_version,
        };
        Ok(Prepared {
            basis: basis.clone(),
            token_hash: token_hash(&token),
            token,
            dossier,
            applicant,
            papers: handed.papers,
            fees: handed.fees,
            files: handed.files,
            counted,
            series: (agency, day.to_string()),
            day,
        })
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
pub(crate) struct Counted {
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

/// What is told of a dossier that was received.
pub(crate) fn accepted(dossier: &Dossier, token_hash: &str, counted: &Counted) -> NewEvent {
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
