//! A receipt opened by its holder with the second factor.

use motcua_kernel::identity::{Action, Identity};
use motcua_store::{commit, retrying};

use crate::app::App;
use crate::dossiers::Printed;
use crate::error::Error;
use crate::model::applicant::Kind;
use crate::model::factor::{DIGITS, Verdict, ends_one, masked};
use crate::queries::dossier::{self as rows, Dossier, Paper};
use crate::queries::{audit, receipt};

/// What its holder sees.
pub(crate) struct OpenedReceipt {
    pub dossier: Dossier,
    pub owner_masked: String,
    pub papers: Vec<Paper>,
    pub printed: Option<Printed>,
}

/// What became of the try.
pub(crate) enum Outcome {
    Opened(Box<OpenedReceipt>),
    Closed(Verdict),
}

impl App {
    /// One try. It is counted, and written down, before anything is answered.
    pub(crate) async fn open_receipt(
        &self,
        who: &Identity,
        token: &str,
        digits: [u8; DIGITS],
        with_pdf: bool,
    ) -> Result<Outcome, Error> {
        let dossier = self.dossier_by_token(token).await?;
        if who.may(Action::UseOwnReceipt, &dossier.centre_id).is_err() {
            return Err(Error::DossierUnknown);
        }
        let owner = self.open(&dossier.id).await?;
        let agents = owner.submitter.as_ref().map_or("", |submitter| submitter.phone.as_str());
        let right = ends_one(&[owner.phone.as_str(), agents], digits);
        let verdict = retrying(|| async {
            let tx = self.db.begin().await?;
            let now = self.clock.now();
            let before = receipt::tries(&tx, &dossier.id).await?;
            let (after, verdict) = before.after(right, now);
            // What comes while it rests writes nothing, however often it comes.
            if before.resting(now).is_none() {
                receipt::keep(&tx, &dossier.id, &after).await?;
                let action = match verdict {
                    Verdict::Opened => "receipt.open",
                    Verdict::Wrong { .. } => "receipt.wrong",
                    Verdict::Resting { .. } => "receipt.rest",
                };
                audit(&tx, &dossier.centre_id, now, who, action, &dossier.id).await?;
                commit(tx).await?;
            }
            Ok::<_, Error>(verdict)
        })
        .await?;
        if verdict != Verdict::Opened {
            return Ok(Outcome::Closed(verdict));
        }
        let papers = rows::papers(self.db.read(), &dossier.id).await?;
        let printed = match with_pdf {
            true => Some(self.receipt(who, &dossier.centre_id, &dossier.id, motcua_forms::PaperSize::A4).await?),
            false => None,
        };
        let owner_masked = match dossier.owner_kind {
            Kind::Organisation => owner.full_name,
            Kind::Person => masked(&owner.full_name),
        };
        Ok(Outcome::Opened(Box::new(OpenedReceipt { dossier, owner_masked, papers, printed })))
    }
}
