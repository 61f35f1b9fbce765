//! What was handed in, checked against the procedure before anything is written.

use std::collections::HashSet;

use jiff::civil::Date;
use motcua_kernel::id::is_plain;
use motcua_proto::intake::v1 as pb;
use motcua_proto::intake::v1::{AcceptDossierRequest, ReturnChannel};

use crate::error::Error;
use crate::model::applicant::{self, Applicant, Authorisation, Kind, Submitter, Typed, TypedSubmitter};
use crate::model::case::Case;
use crate::model::component::Component;
use crate::model::consent::Consent;
use crate::model::fee::{self, Fee, FeeLine, Moment};
use crate::model::procedure::{CaseError, Procedure};
use crate::queries::dossier::Paper;
use crate::queries::file::Use;

/// Of one paper.
const COUNT_MAX: i32 = 999;
/// Of one dossier.
const FILES_MAX: usize = 100;
/// Missing papers that a sentence names.
const NAMED_MAX: usize = 8;
const NAMED_CHARS_MAX: usize = 120;

/// A dossier as handed in.
pub(crate) struct Handed {
    pub applicant: Applicant,
    pub submitter: Option<Submitter>,
    pub return_channel: ReturnChannel,
    pub return_address: String,
    pub papers: Vec<Paper>,
    pub not_applicable: Vec<i32>,
    pub fees: Vec<FeeLine>,
    pub consent: Option<Consent>,
    pub files: Vec<Use>,
}

impl Handed {
    /// Checks a request; `today` is the centre's day.
    pub fn check(request: &AcceptDossierRequest, procedure: &Procedure, today: Date) -> Result<Self, Error> {
        let applicant = owner(request.applicant.as_ref())?;
        let submitter = request.submitter.as_ref().map(|typed| submitter(typed, today)).transpose()?;
        let return_channel = return_channel(request.return_channel)?;
        let return_address = applicant::return_address(&request.return_address)?;
        if return_channel == ReturnChannel::Post && return_address.is_empty() && applicant.address.is_empty() {
            let message = "Trả kết quả qua bưu chính cần địa chỉ nhận. Mời nhập địa chỉ.".into();
            return Err(Error::Field { reason: "RETURN_ADDRESS_MISSING", field: "return_address", message });
        }
        let papers = papers(request, procedure)?;
        let not_applicable = not_applicable(request, procedure, &papers)?;
        if request.require_complete {
            complete(procedure, &papers, &not_applicable)?;
        }
        let consent = request.consent.map(|c| Consent { sms: c.sms, zalo: c.zalo, email: c.email });
        Ok(Self {
            fees: fees(&request.fees)?,
            files: files(&request.files, procedure)?,
            applicant,
            submitter,
            return_channel,
            return_address,
            papers,
            not_applicable,
            consent,
        })
    }
}

/// The owner, whatever the outcome.
pub(crate) fn owner(typed: Option<&pb::Applicant>) -> Result<Applicant, Error> {
    let typed = typed.cloned().unwrap_or_default();
    let kind = match pb::ApplicantKind::try_from(typed.kind) {
        Ok(pb::ApplicantKind::Organisation) => Kind::Organisation,
        Ok(_) => Kind::Person,
        Err(_) => {
            let message = "Chủ hồ sơ là cá nhân hoặc tổ chức. Mời chọn lại.".into();
            return Err(Error::Field { reason: "APPLICANT_INVALID", field: "applicant.kind", message });
        }
    };
    Ok(Applicant::check(&Typed {
        kind,
        tax_code: &typed.tax_code,
        full_name: &typed.full_name,
        id_number: &typed.id_number,
        phone: &typed.phone,
        email: &typed.email,
        address: &typed.address,
    })?)
}

fn submitter(typed: &pb::Submitter, today: Date) -> Result<Submitter, Error> {
    let authorisation = match pb::AuthorisationKind::try_from(typed.authorisation) {
        Ok(pb::AuthorisationKind::PowerOfAttorney) => Some(Authorisation::PowerOfAttorney),
        Ok(pb::AuthorisationKind::Introduction) => Some(Authorisation::Introduction),
        Ok(pb::AuthorisationKind::LegalRepresentative) => Some(Authorisation::LegalRepresentative),
        Ok(pb::AuthorisationKind::Unspecified) | Err(_) => None,
    };
    let typed = TypedSubmitter {
        full_name: &typed.full_name,
        id_number: &typed.id_number,
        phone: &typed.phone,
        email: &typed.email,
        address: &typed.address,
        authorisation,
        paper: &typed.authorisation_paper,
        date: &typed.authorisation_date,
    };
    Ok(Submitter::check(&typed, today)?)
}

/// An id of another service's.
pub(crate) fn plain(field: &'static str, reason: &'static str, value: &str) -> Result<(), Error> {
    if is_plain(value) {
        return Ok(());
    }
    let message = format!("{field} phải có 1–64 ký tự ASCII không dấu cách. Mời kiểm tra lại.");
    Err(Error::Field { reason, field, message })
}

/// The case that a request names.
pub(crate) fn case<'p>(procedure: &'p Procedure, code: &str) -> Result<Option<&'p Case>, Error> {
    procedure.case(code).map_err(|why| {
        let (reason, message) = match why {
            CaseError::Required => ("CASE_REQUIRED", "Thủ tục này có nhiều trường hợp. Mời chọn một trường hợp."),
            CaseError::Unknown => ("CASE_UNKNOWN", "Danh mục không nêu trường hợp này của thủ tục. Mời chọn lại."),
        };
        Error::Field { reason, field: "case_code", message: message.into() }
    })
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

fn unknown(message: String) -> Error {
    Error::Field { reason: "COMPONENT_UNKNOWN", field: "components", message }
}

fn component(procedure: &Procedure, ordinal: i32) -> Result<Component, Error> {
    usize::try_from(ordinal)
        .ok()
        .and_then(|ordinal| procedure.components.get(ordinal.checked_sub(1)?))
        .map(|text| Component::read(text))
        .ok_or_else(|| unknown(format!("Thủ tục không có giấy tờ thứ {ordinal}. Mời chọn lại trong danh sách.")))
}

fn papers(request: &AcceptDossierRequest, procedure: &Procedure) -> Result<Vec<Paper>, Error> {
    let mut seen = HashSet::new();
    let mut papers = Vec::with_capacity(request.components.len().min(procedure.components.len()));
    for given in &request.components {
        let name = component(procedure, given.ordinal)?.name;
        if !seen.insert(given.ordinal) {
            return Err(unknown(format!("Giấy tờ thứ {} được ghi hai lần. Mời bỏ một dòng.", given.ordinal)));
        }
        let counts = [given.originals, given.certified_copies, given.copies];
        if !counts.iter().all(|n| (0..=COUNT_MAX).contains(n)) {
            return Err(Error::Field {
                reason: "COMPONENT_COUNT_INVALID",
                field: "components",
                message: format!("Số bản của giấy tờ thứ {} phải từ 0 đến {COUNT_MAX}.", given.ordinal),
            });
        }
        papers.push(Paper {
            ordinal: given.ordinal,
            name,
            originals: given.originals,
            certified_copies: given.certified_copies,
            copies: given.copies,
        });
    }
    papers.sort_by_key(|paper| paper.ordinal);
    Ok(papers)
}

fn not_applicable(request: &AcceptDossierRequest, procedure: &Procedure, papers: &[Paper]) -> Result<Vec<i32>, Error> {
    let mut ordinals = request.not_applicable.clone();
    ordinals.sort_unstable();
    ordinals.dedup();
    for ordinal in &ordinals {
        component(procedure, *ordinal)?;
        if papers.iter().any(|paper| paper.ordinal == *ordinal) {
            let message = format!("Giấy tờ thứ {ordinal} vừa được nhận vừa ghi không áp dụng. Mời bỏ một dấu.");
            return Err(unknown(message));
        }
    }
    Ok(ordinals)
}

/// Every paper of the list is there or does not apply.
fn complete(procedure: &Procedure, papers: &[Paper], not_applicable: &[i32]) -> Result<(), Error> {
    let there = |ordinal: i32| {
        not_applicable.contains(&ordinal)
            || papers
                .iter()
                .any(|p| p.ordinal == ordinal && [p.originals, p.certified_copies, p.copies].iter().any(|n| *n > 0))
    };
    let missing: Vec<String> = (1..)
        .zip(&procedure.components)
        .filter(|(ordinal, _)| !there(*ordinal))
        .map(|(_, text)| Component::read(text).name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let short = |name: &String| match name.char_indices().nth(NAMED_CHARS_MAX) {
        Some((at, _)) => format!("{}…", &name[..at]),
        None => name.clone(),
    };
    let mut named: Vec<String> = missing.iter().take(NAMED_MAX).map(short).collect();
    if missing.len() > NAMED_MAX {
        named.push(format!("và {} giấy tờ khác", missing.len() - NAMED_MAX));
    }
    let message = format!(
        "Hồ sơ còn thiếu: {}. Mời nhận đủ, đánh dấu không áp dụng, hoặc in phiếu yêu cầu bổ sung.",
        named.join("; ")
    );
    Err(Error::Field { reason: "COMPONENT_MISSING", field: "components", message })
}

fn fees(lines: &[pb::FeeLine]) -> Result<Vec<FeeLine>, Error> {
    let refuse = |message: String| Error::Field { reason: "FEE_INVALID", field: "fees", message };
    let lines = lines.iter().map(|line| {
        let moment = match pb::FeeMoment::try_from(line.moment) {
            Ok(pb::FeeMoment::Unspecified | pb::FeeMoment::Reception) => Moment::Reception,
            Ok(pb::FeeMoment::Supplement) => Moment::Supplement,
            Ok(pb::FeeMoment::Return) => Moment::Return,
            Err(_) => return Err(refuse("Thời điểm thu không hợp lệ. Mời chọn lại.".into())),
        };
        let fee = Fee { name: line.name.clone(), amount_vnd: line.amount_vnd, moment };
        Ok(FeeLine { fee, receipt_number: line.receipt_number.clone() })
    });
    fee::check(lines.collect::<Result<_, _>>()?).map_err(|error| refuse(error.to_string()))
}

fn files(files: &[pb::FileUse], procedure: &Procedure) -> Result<Vec<Use>, Error> {
    if files.len() > FILES_MAX {
        let message = format!("Hồ sơ có {} tệp, tối đa {FILES_MAX}. Mời gộp các bản quét.", files.len());
        return Err(Error::Field { reason: "FILE_LIMIT", field: "files", message });
    }
    files
        .iter()
        .map(|file| {
            if file.ordinal != 0 {
                component(procedure, file.ordinal)?;
            }
            plain("files", "FILE_UNKNOWN", &file.file_id)?;
            Ok(Use {
                file_id: file.file_id.clone(),
                ordinal: file.ordinal,
                digitised: file.digitised,
                reused: file.reused,
            })
        })
        .collect()
}
