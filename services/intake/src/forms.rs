//! The forms beside the receipt: what intake keeps of a dossier, and what the caller says of its course.

use jiff::Timestamp;
use jiff::civil::DateTime;
use motcua_forms::{
    Apology, Asked, Control, FormSet, HandOver, Head, Letter, Outcome, Party, Slip, control_pdf, slip_pdf,
};
use motcua_kernel::identity::Identity;
use motcua_kernel::phone::Phone;
use motcua_proto::intake::v1::get_form_pdf_request::Form;
use motcua_proto::intake::v1::{ControlForm, HandOverLine, PaperAsked};
use motcua_runtime::grpc::from_timestamp;

use crate::app::App;
use crate::error::Error;
use crate::model::procedure::with_case;
use crate::model::reception::{Content, Outcome as ReceptionOutcome};
use crate::queries::centre::Centre;
use crate::queries::reception::Reception;

/// Papers of a request or lines of a ledger.
const ROWS_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 2_000;

/// What a printed form is called in the audit; its target is the dossier's id, the form and its moment.
const PRINT: &str = "form.print";

/// Local times.
struct Local<'a>(&'a motcua_kernel::calendar::Calendar);

impl Local<'_> {
    fn of(&self, time: Timestamp) -> DateTime {
        time.to_zoned_datetime(self.0.time_zone().clone()).datetime()
    }

    fn wire(&self, time: Option<&prost_types::Timestamp>) -> Option<DateTime> {
        from_timestamp(time).map(|time| self.of(time))
    }
}

impl App {
    /// A form of a dossier as PDF, and what its file is called.
    pub(crate) async fn form(
        &self,
        who: &Identity,
        centre_id: &str,
        id: &str,
        form: Form,
        reprint: bool,
    ) -> Result<(Vec<u8>, String), Error> {
        check(&form)?;
        let dossier = self.dossier_by_id(centre_id, id).await?;
        let centre = self.centre(centre_id).await?;
        let applicant = self.open(id).await?;
        let calendar = self.calendars.of(centre_id).await?;
        let local = Local(&calendar);
        let (name, time) = match &form {
            Form::Supplement(form) => ("yeu-cau-bo-sung", form.time.as_ref()),
            Form::Refusal(form) => ("tu-choi", form.time.as_ref()),
            Form::Apology(form) => ("xin-loi", form.time.as_ref()),
            Form::Stop(form) => ("dung-giai-quyet", form.time.as_ref()),
            Form::Control(_) => ("kiem-soat", None),
        };
        // One paper is one form of one moment: what was asked for a second time is another paper.
        let moment = time.map(|time| format!("@{}.{}", time.seconds, time.nanos)).unwrap_or_default();
        let reprint = self.printed_before(who, centre_id, PRINT, &format!("{id}/{name}{moment}")).await? || reprint;
        let issued = local.wire(time).unwrap_or_else(|| local.of(self.clock.now()));
        let head = Letterhead { centre: &centre, rule_set: &dossier.rule_set, issued, reprint }.head();
        let file_name = format!("{name}-{}.pdf", dossier.code);
        if let Form::Control(form) = form {
            let control = control(form, head, dossier.code, dossier.department, &local);
            return Ok((self.print(move || control_pdf(&control)).await?, file_name));
        }
        let accepted = local.of(dossier.accept_time);
        let letter = Letter {
            head,
            number: dossier.code.rsplit('-').next().unwrap_or_default().to_owned(),
            tracking_url: self.tracking_url(&self.token(dossier.token_key_version, id)?),
            slip: slip(form, &who.subject, &dossier.department, accepted, &local)?,
            code: dossier.code,
            party: Party {
                phone: applicant.phone_on_paper(),
                email: applicant.email_on_paper(),
                name: applicant.full_name,
                address: applicant.address,
            },
            procedure_name: with_case(&dossier.procedure_name, &dossier.case_name),
            hotline: centre.hotline,
        };
        Ok((self.print(move || slip_pdf(&letter)).await?, file_name))
    }
}

/// The authority above a centre.
pub(crate) fn superior(centre: &Centre) -> String {
    format!("Ủy ban nhân dân tỉnh {}", centre.province)
}

/// Who writes, under which rules, when.
pub(crate) struct Letterhead<'a> {
    pub centre: &'a Centre,
    pub rule_set: &'a str,
    pub issued: DateTime,
    pub reprint: bool,
}

impl Letterhead<'_> {
    pub(crate) fn head(&self) -> Head {
        Head {
            set: if self.rule_set == "ND61-2018" { FormSet::Y2018 } else { FormSet::Y2025 },
            superior: superior(self.centre),
            centre_name: self.centre.name.clone(),
            place: self.centre.province.clone(),
            issued: self.issued,
            reprint: self.reprint,
        }
    }

    /// Form 02 or 03 where no dossier was accepted: it has neither code nor QR code.
    pub(crate) fn before_acceptance(&self, reception: &Reception, content: Content) -> Letter {
        let officer = reception.officer.clone();
        let Content { name, address, phone, email, papers, reason, legal_basis } = content;
        let slip = match reception.outcome {
            ReceptionOutcome::Supplement => {
                let papers =
                    papers.into_iter().map(|p| asked(p.name, [p.originals, p.certified_copies, p.copies])).collect();
                Slip::Supplement { papers, reason, legal_basis, officer }
            }
            ReceptionOutcome::Refusal | ReceptionOutcome::Guided => Slip::Refusal { reason, officer },
        };
        Letter {
            head: self.head(),
            number: reception.number.map(|number| format!("{number:04}")).unwrap_or_default(),
            code: String::new(),
            party: party(name, address, &phone, email),
            procedure_name: reception.procedure_name.clone(),
            hotline: self.centre.hotline.clone(),
            tracking_url: String::new(),
            slip,
        }
    }
}

fn party(name: String, address: String, phone: &str, email: String) -> Party {
    Party { name, address, phone: Phone::parse(phone).map(|p| p.spaced()).unwrap_or_default(), email }
}

/// Bounds before anything is laid out.
fn check(form: &Form) -> Result<(), Error> {
    let (rows, texts) = match form {
        Form::Supplement(form) => {
            (form.papers.len(), form.papers.iter().map(|p| &p.name).chain([&form.reason, &form.legal_basis]).collect())
        }
        Form::Refusal(form) => (0, vec![&form.reason]),
        Form::Apology(form) => (0, vec![&form.reason, &form.signer]),
        Form::Stop(form) => (0, vec![&form.reason, &form.fees, &form.signer]),
        Form::Control(form) => {
            let texts = form.lines.iter().flat_map(|l| [&l.from_unit, &l.to_unit, &l.giver, &l.receiver, &l.note]);
            (form.lines.len(), texts.chain(&form.coordinating).collect())
        }
    };
    let long = texts.iter().any(|text| text.chars().count() > TEXT_CHARS_MAX);
    if rows <= ROWS_MAX && !long {
        return Ok(());
    }
    let message = format!("Mẫu giấy in được {ROWS_MAX} dòng, mỗi ô {TEXT_CHARS_MAX} chữ. Mời viết ngắn lại.");
    Err(Error::Field { reason: "FORM_TOO_LONG", field: "form", message })
}

fn missing(field: &'static str) -> Error {
    Error::Field {
        reason: "FORM_INCOMPLETE", field, message: "Mẫu giấy còn thiếu ngày hẹn. Mời ghi đủ rồi in.".into()
    }
}

fn slip(form: Form, officer: &str, office: &str, received: DateTime, local: &Local<'_>) -> Result<Slip, Error> {
    let officer = officer.to_owned();
    Ok(match form {
        Form::Supplement(form) => Slip::Supplement {
            papers: form.papers.into_iter().map(paper).collect(),
            reason: form.reason,
            legal_basis: form.legal_basis,
            officer,
        },
        Form::Apology(form) => Slip::Apology(Apology {
            received,
            office: office.to_owned(),
            promised: local.wire(form.promised_time.as_ref()).ok_or_else(|| missing("promised_time"))?,
            new_date: local.wire(form.new_due_time.as_ref()).ok_or_else(|| missing("new_due_time"))?,
            reason: form.reason,
            signer: form.signer,
        }),
        Form::Stop(form) => Slip::Stop { reason: form.reason, fees: form.fees, signer: form.signer },
        Form::Refusal(form) => Slip::Refusal { reason: form.reason, officer },
        Form::Control(_) => return Err(Error::Internal("the control slip is no letter".into())),
    })
}

fn paper(paper: PaperAsked) -> Asked {
    asked(paper.name, [paper.originals, paper.certified_copies, paper.copies])
}

/// Counts: originals, certified copies, copies.
fn asked(name: String, counts: [i32; 3]) -> Asked {
    let [originals, certified_copies, copies] = counts.map(|n| u32::try_from(n).unwrap_or(0));
    Asked { name, originals, certified_copies, copies }
}

fn control(form: ControlForm, head: Head, code: String, department: String, local: &Local<'_>) -> Control {
    let line = |line: HandOverLine| HandOver {
        given: local.wire(line.given_time.as_ref()),
        received: local.wire(line.received_time.as_ref()),
        from_unit: line.from_unit,
        to_unit: line.to_unit,
        giver: line.giver,
        receiver: line.receiver,
        outcome: match line.punctuality {
            1 => Some(Outcome::Early),
            2 => Some(Outcome::OnTime),
            3 => Some(Outcome::Late),
            _ => None,
        },
        note: line.note,
    };
    let lines = form.lines.into_iter().map(line).collect();
    Control { head, code, department, coordinating: form.coordinating.join(", "), lines }
}
