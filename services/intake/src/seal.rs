//! Particulars go into the database sealed, each column under a key of its own.

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
        let sealed = rows::applicant(self.db.read(), dossier_id).await?.ok_or(Error::DossierUnknown)?;
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
