//! Dossiers read again: by code or secret, as a receipt, as an address for notification.

use motcua_forms::{Component, FormError, PaperSize, Receipt, receipt_pdf};
use motcua_kernel::calendar::Calendar;
use motcua_kernel::dossier_code::DossierCode;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::ReturnChannel;
use motcua_store::{commit, retrying};

use crate::app::App;
use crate::error::Error;
use crate::forms::superior;
use crate::model::applicant::Submitter;
use crate::model::consent::Consent;
use crate::model::procedure::with_case;
use crate::model::token::{is_token, token_hash};
use crate::queries::centre::Centre;
use crate::queries::dossier::{self as rows, By, Dossier, Paper};
use crate::queries::{audit, audits};
use crate::seal::Opened;

/// A receipt as a file.
pub(crate) struct Printed {
    pub pdf: Vec<u8>,
    pub file_name: String,
    pub tracking_url: String,
}

/// What notification needs to address somebody.
pub(crate) struct Contact {
    pub full_name: String,
    pub phone: String,
    pub email: String,
    pub tracking_url: String,
    pub dossier_code: String,
    pub consent: Option<Consent>,
}

/// What a printed receipt is called in the audit.
const PRINT: &str = "dossier.print";

impl App {
    pub(crate) async fn dossier_by_id(&self, centre_id: &str, id: &str) -> Result<Dossier, Error> {
        rows::find(self.db.read(), centre_id, By::Id(id)).await?.ok_or(Error::DossierUnknown)
    }

    pub(crate) async fn dossier_by_code(&self, centre_id: &str, code: &str) -> Result<Dossier, Error> {
        let code = DossierCode::parse(code)?.to_string();
        rows::find(self.db.read(), centre_id, By::Code(&code)).await?.ok_or(Error::DossierUnknown)
    }

    /// By the secret on the receipt, of any centre.
    pub(crate) async fn dossier_by_token(&self, token: &str) -> Result<Dossier, Error> {
        if !is_token(token) {
            return Err(Error::DossierUnknown);
        }
        let hash = token_hash(token);
        rows::find(self.db.read(), "", By::TokenHash(&hash)).await?.ok_or(Error::DossierUnknown)
    }

    /// Form 01, made again from what was stored.
    pub(crate) async fn receipt(
        &self,
        who: &Identity,
        centre_id: &str,
        id: &str,
        paper: PaperSize,
    ) -> Result<Printed, Error> {
        let dossier = self.dossier_by_id(centre_id, id).await?;
        let centre = self.centre(centre_id).await?;
        let papers = rows::papers(self.db.read(), id).await?;
        let applicant = self.open(id).await?;
        let tracking_url = self.tracking_url(&self.token(dossier.token_key_version, id)?);
        let calendar = self.calendars.of(centre_id).await?;
        let reprint = self.printed_before(who, centre_id, PRINT, id).await?;
        let file_name = format!("giay-hen-{}.pdf", dossier.code);
        let receipt =
            Receipt { reprint, paper, ..form(dossier, centre, papers, applicant, tracking_url.clone(), &calendar) };
        let pdf = self.print(move || receipt_pdf(&receipt)).await?;
        Ok(Printed { pdf, file_name, tracking_url })
    }

    /// Makes a PDF beside the work of the service, in its turn.
    pub(crate) async fn print(
        &self,
        make: impl FnOnce() -> Result<Vec<u8>, FormError> + Send + 'static,
    ) -> Result<Vec<u8>, Error> {
        let turn =
            self.printers.clone().acquire_owned().await.map_err(|_| Error::Internal("printers closed".into()))?;
        let made = tokio::task::spawn_blocking(move || {
            let pdf = make();
            drop(turn);
            pdf
        });
        Ok(made.await.map_err(|e| Error::Internal(format!("form: {e}")))??)
    }

    /// Every reading of a contact is written down.
    pub(crate) async fn contact(&self, who: &Identity, centre_id: &str, id: &str) -> Result<Contact, Error> {
        let dossier = self.dossier_by_id(centre_id, id).await?;
        let Opened { full_name, phone, email, submitter, .. } = self.open(id).await?;
        // Who acts for the owner is told in the owner's place.
        let agents = |theirs: fn(&Submitter) -> &String, owners: String| {
            submitter.as_ref().map(theirs).filter(|own| !own.is_empty()).cloned().unwrap_or(owners)
        };
        let (phone, email) = (agents(|s| &s.phone, phone), agents(|s| &s.email, email));
        self.note(who, centre_id, "contact.read", id).await?;
        let tracking_url = self.tracking_url(&self.token(dossier.token_key_version, id)?);
        Ok(Contact { full_name, phone, email, tracking_url, dossier_code: dossier.code, consent: dossier.consent })
    }

    /// Writes a print down before it is made; true if the same paper was printed before.
    pub(crate) async fn printed_before(
        &self,
        who: &Identity,
        centre_id: &str,
        action: &'static str,
        paper: &str,
    ) -> Result<bool, Error> {
        retrying(|| async {
            let tx = self.db.begin().await?;
            let before = audits(&tx, centre_id, action, paper).await?;
            audit(&tx, centre_id, self.clock.now(), who, action, paper).await?;
            commit(tx).await?;
            Ok(before > 0)
        })
        .await
    }

    /// A reading of particulars goes to the audit before it is answered.
    pub(crate) async fn note(
        &self,
        who: &Identity,
        centre_id: &str,
        action: &'static str,
        id: &str,
    ) -> Result<(), Error> {
        retrying(|| async {
            let tx = self.db.begin().await?;
            audit(&tx, centre_id, self.clock.now(), who, action, id).await?;
            Ok(commit(tx).await?)
        })
        .await
    }
}

fn form(
    dossier: Dossier,
    centre: Centre,
    papers: Vec<Paper>,
    applicant: Opened,
    tracking_url: String,
    calendar: &Calendar,
) -> Receipt {
    let local = |time: jiff::Timestamp| time.to_zoned_datetime(calendar.time_zone().clone()).datetime();
    let given = |text: String| (!text.is_empty()).then_some(text);
    let (phone, email) = (applicant.phone_on_paper(), applicant.email_on_paper());
    let serial = dossier.code.rsplit('-').next().unwrap_or_default();
    let return_channel = match ReturnChannel::try_from(dossier.return_channel) {
        Ok(ReturnChannel::Post) => {
            let address = Some(applicant.return_address).filter(|a| !a.is_empty());
            match address.unwrap_or_else(|| applicant.address.clone()).as_str() {
                "" => "Dịch vụ bưu chính công ích".to_owned(),
                address => format!("Dịch vụ bưu chính công ích, giao đến: {address}"),
            }
        }
        Ok(ReturnChannel::Online) => "Trực tuyến, qua tài khoản của người nộp".to_owned(),
        _ => centre.name.clone(),
    };
    Receipt {
        superior: superior(&centre),
        number: format!("{serial}/TNHS"),
        phone,
        owner_name: applicant.full_name,
        submitter_name: applicant.submitter.map(|submitter| submitter.full_name),
        address: given(applicant.address),
        email: given(email),
        components: papers.into_iter().map(component).collect(),
        sets: 1,
        received: local(dossier.accept_time),
        due: dossier.due_time.map(local),
        return_channel,
        register_book: None,
        register_entry: None,
        place: centre.province,
        hotline: given(centre.hotline),
        centre_name: centre.name,
        department: dossier.department,
        code: dossier.code,
        procedure_name: with_case(&dossier.procedure_name, &dossier.case_name),
        limit: dossier.limit_text,
        fee: dossier.fee_text,
        officer_name: dossier.officer,
        tracking_url,
        reprint: false,
        paper: PaperSize::A4,
    }
}

/// Form 01 knows originals and copies; of copies that are certified it says so.
fn component(paper: Paper) -> Component {
    let count = |n: i32| u32::try_from(n).unwrap_or(0);
    let name = match paper.certified_copies {
        0 => paper.name,
        certified => format!("{} ({certified:02} bản chứng thực)", paper.name),
    };
    Component { name, originals: count(paper.originals), copies: count(paper.copies + paper.certified_copies) }
}
