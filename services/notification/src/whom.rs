//! Whom a delivery goes to: intake is asked each time, and what the person agreed to holds.

use motcua_kernel::phone::Phone;
use motcua_proto::intake::v1::{GetContactRequest, GetContactResponse, intake_service_client::IntakeServiceClient};
use motcua_runtime::grpc::Status;
use motcua_store::StoreError;

use crate::{
    compose::{self, Unfit},
    entity::{delivery, notification},
    model::{Channel, words::Params},
    people,
    provider::Address,
    sender::Sender,
    tickets,
};

/// Whom, and what is known of them.
pub(crate) struct Whom {
    /// The values of a submitted message.
    pub own: Params,
    pub contact: GetContactResponse,
    pub address: Address,
    /// Key of the address.
    pub subject: String,
    /// Key of the follower of the same dossier: who stopped Zalo there is not written to by their number either.
    pub follower: Option<String>,
}

/// Why nobody is there.
pub(crate) enum Nobody {
    /// Intake did not say.
    Away(Status),
    /// No address for this channel.
    Unfit(Unfit),
    /// Asked at the desk, the applicant agreed to other ways, or to none.
    NoConsent,
    /// Their turn is over, or told by something newer.
    Passed,
}

impl Sender {
    /// Finds whom a delivery is for; `bound` is who follows its dossier, `turn` the number that was left for its ticket.
    pub async fn whom(
        &self,
        row: &delivery::Model,
        notification: &notification::Model,
        channel: Channel,
        bound: Option<&Address>,
        turn: Option<&Phone>,
    ) -> Result<Result<Whom, Nobody>, StoreError> {
        let mut own = compose::submitted(&self.sealer, notification)?;
        // By an event: a turn that is over is told to nobody, whatever still waits to be tried again.
        if notification.supersedes_key == tickets::key(&notification.recipient_id) {
            match turn {
                Some(phone) => _ = own.insert(compose::TO_PHONE.into(), phone.e164().into()),
                None => return Ok(Err(Nobody::Passed)),
            }
        }
        let contact = match row.dossier_id.as_str() {
            "" => Ok(GetContactResponse::default()),
            id => self.contact_of(&row.centre_id, id).await,
        };
        let contact = match contact {
            Ok(contact) => contact,
            Err(status) => return Ok(Err(Nobody::Away(status))),
        };
        let phone = own.get(compose::TO_PHONE).unwrap_or(&contact.phone);
        let uid = if channel.is_zalo() { compose::follower(bound, &own) } else { None };
        let follower = match &uid {
            Some(uid) => Some(people::subject(&self.sealer, uid)?),
            None => None,
        };
        let address = match compose::address(channel, phone, &contact.email, uid) {
            Ok(address) => address,
            Err(unfit) => return Ok(Err(Nobody::Unfit(unfit))),
        };
        let subject = people::subject(&self.sealer, &address)?;
        // A doubt stays one, whatever was agreed to; what was said later at the desk about this dossier is newer.
        let asked = contact.consent.filter(|_| !own.contains_key(compose::TO_PHONE) && row.ambiguous_time.is_none());
        if asked.is_some_and(|c| !channel.agreed([c.sms, c.zalo, c.email]))
            && !people::agreed_later(self.db.read(), &self.sealer, &row.dossier_id, channel).await?
        {
            return Ok(Err(Nobody::NoConsent));
        }
        Ok(Ok(Whom { own, contact, address, subject, follower }))
    }

    /// Asks intake for the applicant of a dossier.
    pub async fn contact_of(&self, centre_id: &str, dossier_id: &str) -> Result<GetContactResponse, Status> {
        let mut intake = IntakeServiceClient::new(self.intake.clone());
        let asked = GetContactRequest { centre_id: centre_id.to_owned(), dossier_id: dossier_id.to_owned() };
        Ok(intake.get_contact(asked).await?.into_inner())
    }
}
