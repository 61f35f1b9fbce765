//! A dossier is received: checked, numbered, dated, sealed, and told of, in one transaction.

use std::collections::HashSet;

use jiff::Timestamp;
use motcua_kernel::calendar::{Calendar, Limit, Mode};
use motcua_kernel::dossier_code::DossierCode;
use motcua_kernel::id::{is_plain, new_id};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{
    AcceptDossierRequest, AcceptDossierResponse, Applicant as WireApplicant, DossierAccepted, ReturnChannel,
};
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, idempotency, retrying};
use prost::Message as _;

use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::model::applicant::{Applicant, Typed};
use crate::model::due::{DueDate, due_date};
use crate::model::procedure::Procedure;
use crate::model::rule_set::rule_set;
use crate::model::token::token_hash;
use crate::procedures::department_code;
use crate::queries::dossier::{self as rows, Dossier, Paper, SealedApplicant};
use crate::queries::{audit, catalogue};
use crate::wire;

const METHOD: &str = "AcceptDossier";
/// Of one paper.
const COUNT_MAX: i32 = 999;

/// Purposes of the sealed columns: each has a key of its own.
pub(crate) mod purpose {
    pub const FULL_NAME: &str = "applicant.full_name";
    pub const ID_NUMBER: &str = "applicant.id_number";
    pub const PHONE: &str = "applicant.phone";
    pub const EMAIL: &str = "applicant.email";
    pub const ADDRESS: &str = "applicant.address";
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
        no_case(case_code)?;
        Ok((now, due_date(&calendar, now, procedure.limit, self.settings.day_mode.into())?))
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
        let return_channel = return_channel(request.return_channel)?;
        let typed = request.applicant.clone().unwrap_or_default();
        let applicant = check(&typed)?;
        let snapshot = self.snapshot(&request.centre_id).await?;
        let now = self.clock.now();
        let calendar = self.calendars.of(&request.centre_id).await?;
        let procedure = received_here(&calendar, snapshot.find(&request.procedure_code)?, now)?;
        no_case(&request.case_code)?;
        let papers = papers(&request, procedure)?;
        let centre = self.centre(&request.centre_id).await?;
        let departments = catalogue::departments(self.db.read(), &request.centre_id).await?;
        let department = departments
            .get(&procedure.department)
            .ok_or_else(|| Error::Internal(format!("department without a code: {}", procedure.department)))?;
        let format: motcua_kernel::dossier_code::CodeFormat = self.settings.dossier_codes.into();
        let agency = format.agency(centre.province_code(), &department_code(*department));
        let day = calendar.local_date(now);
        let due = due_date(&calendar, now, procedure.limit, self.settings.day_mode.into())?;

        let id = new_id();
        let token_key_version = self.tokens.current();
        let token = self.token(token_key_version, &id)?;
        let token_hash = token_hash(&token);
        let template = Dossier {
            id,
            centre_id: request.centre_id.clone(),
            code: String::new(),
            procedure_code: procedure.code.clone(),
            case_code: request.case_code.clone(),
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
            limit_text: procedure.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            fee_text: procedure.fee_text(),
            return_channel: return_channel as i32,
            officer: who.subject.clone(),
            token_key_version,
        };
        let counted = Counted {
            field_code: procedure.field_code.clone(),
            field: procedure.field.clone(),
            limit: procedure.limit,
            mode: self.settings.day_mode.into(),
        };
        let sealed = self.seal(&applicant)?;
        let (fresh, response) = retrying(|| async {
            let mut dossier = template.clone();
            let tx = self.db.begin().await?;
            if let Some(answer) = answered::<AcceptDossierResponse>(&tx, &key).await? {
                return Ok((false, answer));
            }
            let serial = rows::next_serial(&tx, &dossier.centre_id, &agency, day).await?;
            dossier.code = DossierCode::new(&agency, day, serial)?.to_string();
            rows::insert(&tx, &dossier, &token_hash, sealed.clone(), &papers).await?;
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

    fn seal(&self, a: &Applicant) -> Result<SealedApplicant, Error> {
        let seal = |purpose: &str, text: &str| (!text.is_empty()).then(|| self.sealer.seal(purpose, text)).transpose();
        let id_number = a.id_number.as_ref().map(|n| n.expose()).unwrap_or_default();
        let phone = a.phone.as_ref().map(|p| p.e164()).unwrap_or_default();
        let index =
            |purpose: &str, text: &str| (!text.is_empty()).then(|| self.sealer.blind(purpose, text)).transpose();
        Ok(SealedApplicant {
            full_name: self.sealer.seal(purpose::FULL_NAME, &a.full_name)?,
            id_number: seal(purpose::ID_NUMBER, id_number)?,
            phone: seal(purpose::PHONE, phone)?,
            email: seal(purpose::EMAIL, &a.email)?,
            address: seal(purpose::ADDRESS, &a.address)?,
            id_number_index: index(purpose::ID_NUMBER, id_number)?,
            phone_index: index(purpose::PHONE, phone)?,
        })
    }
}

fn received_here<'p>(calendar: &Calendar, procedure: &'p Procedure, now: Timestamp) -> Result<&'p Procedure, Error> {
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

fn plain(field: &'static str, reason: &'static str, value: &str) -> Result<(), Error> {
    if is_plain(value) {
        return Ok(());
    }
    let message = format!("{field} phải có 1–64 ký tự ASCII không dấu cách. Mời kiểm tra lại.");
    Err(Error::Field { reason, field, message })
}

/// Catalogue files state no cases yet, so none can be asked for.
fn no_case(case_code: &str) -> Result<(), Error> {
    if case_code.is_empty() {
        return Ok(());
    }
    let message = "Danh mục không nêu trường hợp này của thủ tục. Mời để trống trường hợp.".into();
    Err(Error::Field { reason: "CASE_UNKNOWN", field: "case_code", message })
}

fn return_channel(value: i32) -> Result<ReturnChannel, Error> {
    match ReturnChannel::try_from(value) {
        Ok(ReturnChannel::Unspecified) => Ok(ReturnChannel::Counter),
        Ok(channel) => Ok(channel),
        Err(_) => Err(Error::Field {
            reason: "RETURN_CHANNEL_INVALID",
            field: "return_channel",
            message: "Nơi nhận kết quả không hợp lệ. Mời chọn tại quầy, qua bưu chính hoặc trực tuyến.".into(),
        }),
    }
}

fn check(typed: &WireApplicant) -> Result<Applicant, Error> {
    Ok(Applicant::check(&Typed {
        full_name: &typed.full_name,
        id_number: &typed.id_number,
        phone: &typed.phone,
        email: &typed.email,
        address: &typed.address,
    })?)
}

fn papers(request: &AcceptDossierRequest, procedure: &Procedure) -> Result<Vec<Paper>, Error> {
    let unknown = |message: String| Error::Field { reason: "COMPONENT_UNKNOWN", field: "components", message };
    let mut seen = HashSet::new();
    let mut papers = Vec::with_capacity(request.components.len().min(procedure.components.len()));
    for given in &request.components {
        let name = usize::try_from(given.ordinal)
            .ok()
            .and_then(|ordinal| procedure.components.get(ordinal.checked_sub(1)?))
            .ok_or_else(|| {
                unknown(format!("Thủ tục không có giấy tờ thứ {}. Mời chọn lại trong danh sách.", given.ordinal))
            })?;
        if !seen.insert(given.ordinal) {
            return Err(unknown(format!("Giấy tờ thứ {} được ghi hai lần. Mời bỏ một dòng.", given.ordinal)));
        }
        if ![given.originals, given.copies].iter().all(|n| (0..=COUNT_MAX).contains(n)) {
            return Err(Error::Field {
                reason: "COMPONENT_COUNT_INVALID",
                field: "components",
                message: format!("Số bản của giấy tờ thứ {} phải từ 0 đến {COUNT_MAX}.", given.ordinal),
            });
        }
        let paper =
            Paper { ordinal: given.ordinal, name: name.clone(), originals: given.originals, copies: given.copies };
        papers.push(paper);
    }
    papers.sort_by_key(|paper| paper.ordinal);
    Ok(papers)
}
