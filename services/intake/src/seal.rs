//! Particulars go into the database sealed, each column under a key of its own.

use motcua_kernel::phone::Phone;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::error::Error;
use crate::model::applicant::{Applicant, Submitter};
use crate::queries::dossier::{self as rows, SealedApplicant};

/// Purposes of the sealed columns.
pub(crate) mod purpose {
    pub const FULL_NAME: &str = "applicant.full_name";
    pub const ID_NUMBER: &str = "applicant.id_number";
    pub const PHONE: &str = "applicant.phone";
    pub const EMAIL: &str = "applicant.email";
    pub const ADDRESS: &str = "applicant.address";
    pub const TAX_CODE: &str = "applicant.tax_code";
    pub const SUBMITTER: &str = "submitter";
    pub const RETURN_ADDRESS: &str = "return_address";
    pub const RECEPTION: &str = "reception.content";
}

/// Particulars in the clear: for paper and for notification.
pub(crate) struct Opened {
    pub full_name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub submitter: Option<Submitter>,
    pub return_address: String,
}

impl Opened {
    /// The owner's telephone as paper has it, or that of who acts for them.
    pub(crate) fn phone_on_paper(&self) -> String {
        let phone = Phone::parse(self.or_agents(&self.phone, |agent| &agent.phone));
        phone.map(|phone| phone.spaced()).unwrap_or_default()
    }

    /// The owner's e-mail, or that of who acts for them.
    pub(crate) fn email_on_paper(&self) -> String {
        self.or_agents(&self.email, |agent| &agent.email).to_owned()
    }

    fn or_agents<'a>(&'a self, own: &'a str, theirs: fn(&Submitter) -> &String) -> &'a str {
        let agents = self.submitter.as_ref().map(theirs).filter(|_| own.is_empty());
        agents.map_or(own, |theirs| theirs.as_str())
    }
}

impl App {
    pub(crate) fn seal(
        &self,
        a: &Applicant,
        submitter: Option<&Submitter>,
        return_address: &str,
    ) -> Result<SealedApplicant, Error> {
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
            tax_code: seal(purpose::TAX_CODE, &a.tax_code)?,
            submitter: submitter.map(|submitter| self.seal_json(purpose::SUBMITTER, submitter)).transpose()?,
            return_address: seal(purpose::RETURN_ADDRESS, return_address)?,
        })
    }

    pub(crate) async fn open(&self, dossier_id: &str) -> Result<Opened, Error> {
        self.opened(rows::applicant(self.db.read(), dossier_id).await?.ok_or(Error::DossierUnknown)?)
    }

    pub(crate) fn opened(&self, sealed: SealedApplicant) -> Result<Opened, Error> {
        let open = |purpose: &str, value: Option<&Vec<u8>>| -> Result<String, Error> {
            Ok(value.map(|value| self.sealer.open(purpose, value)).transpose()?.unwrap_or_default())
        };
        Ok(Opened {
            full_name: open(purpose::FULL_NAME, Some(&sealed.full_name))?,
            phone: open(purpose::PHONE, sealed.phone.as_ref())?,
            email: open(purpose::EMAIL, sealed.email.as_ref())?,
            address: open(purpose::ADDRESS, sealed.address.as_ref())?,
            submitter: sealed.submitter.map(|sealed| self.open_json(purpose::SUBMITTER, &sealed)).transpose()?,
            return_address: open(purpose::RETURN_ADDRESS, sealed.return_address.as_ref())?,
        })
    }

    pub(crate) fn seal_json(&self, purpose: &str, value: &impl Serialize) -> Result<Vec<u8>, Error> {
        let text = serde_json::to_string(value).map_err(|e| Error::Internal(format!("{purpose}: {e}")))?;
        Ok(self.sealer.seal(purpose, &text)?)
    }

    pub(crate) fn open_json<T: DeserializeOwned>(&self, purpose: &str, sealed: &[u8]) -> Result<T, Error> {
        let text = self.sealer.open(purpose, sealed)?;
        serde_json::from_str(&text).map_err(|_| Error::Internal(format!("{purpose}: does not read")))
    }
}
