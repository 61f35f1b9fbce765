//! What people said of being told: written down at the desk, looked up by the desk.

use motcua_kernel::{id::is_plain, identity::Identity, phone::Phone};
use motcua_runtime::grpc::Code;
use motcua_store::{Micros, StoreError};
use prost::Message as _;
use sea_orm::ConnectionTrait;

use super::{Api, Status, bad, op, pb, reason_of, store, time};
use crate::{
    model::Channel,
    ops::{self, OpError},
    people::{self, Said, Standing},
    provider::Address,
};

/// Families of channels that somebody can refuse.
const CHANNELS: [&str; 3] = ["zalo", "sms", "email"];
const TEXT_VERSION: &str = "desk-1";

/// Whom a request names.
enum Whom {
    Dossier(String),
    Address(Address),
}

/// A person on one family of channels.
struct Family {
    name: &'static str,
    channel: Channel,
    /// Under blind indexes.
    keys: Vec<String>,
    /// They declined it when the dossier was received, and said nothing of it since.
    declined: bool,
}

impl Api {
    pub(super) async fn consent(&self, asked: pb::GetConsentRequest) -> Result<pb::GetConsentResponse, Status> {
        use pb::get_consent_request::Contact as C;
        let whom = whom(match asked.contact {
            Some(C::DossierId(id)) => Named::Dossier(id),
            Some(C::Phone(phone)) => Named::Phone(phone),
            Some(C::Email(email)) => Named::Email(email),
            None => Named::Nobody,
        })?;
        let subjects = self.subjects(&asked.centre_id, &whom).await?;
        let now = Micros::from(self.clock.now());
        let consents = standing(self.db.read(), &subjects, now).await.map_err(store)?;
        Ok(pb::GetConsentResponse { consents })
    }

    pub(super) async fn set_consent(
        &self,
        who: &Identity,
        asked: pb::SetConsentRequest,
    ) -> Result<pb::SetConsentResponse, Status> {
        use pb::set_consent_request::Contact as C;
        let reason = reason_of(&asked.reason)?;
        let given = match asked.state() {
            pb::ConsentState::Given => true,
            pb::ConsentState::Withdrawn => false,
            pb::ConsentState::Unspecified => {
                return Err(bad("STATE_UNKNOWN", "state", "Mời chọn: đồng ý nhận tin, hoặc không nhận nữa."));
            }
        };
        let families: Vec<&str> = match asked.channel.as_str() {
            "" => CHANNELS.to_vec(),
            name => match CHANNELS.iter().find(|channel| **channel == name) {
                Some(channel) => vec![*channel],
                None => return Err(bad("CHANNEL_UNKNOWN", "channel", "Kênh là zalo, sms hoặc email.")),
            },
        };
        if asked.text_version.len() > 40 || !asked.text_version.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(bad("TEXT_VERSION_INVALID", "text_version", "Phiên bản lời đồng ý có tối đa 40 ký tự ASCII."));
        }
        let whom = whom(match asked.contact.clone() {
            Some(C::DossierId(id)) => Named::Dossier(id),
            Some(C::Phone(phone)) => Named::Phone(phone),
            Some(C::Email(email)) => Named::Email(email),
            None => Named::Nobody,
        })?;
        let mut subjects = self.subjects(&asked.centre_id, &whom).await?;
        subjects.retain(|family| families.contains(&family.name) && !family.keys.is_empty());
        if subjects.is_empty() {
            let sentence = "Người này chưa có địa chỉ cho kênh đã chọn. Mời chọn kênh khác.";
            return Err(motcua_runtime::grpc::status(Code::FailedPrecondition, "CONTACT_MISSING", sentence, &[]));
        }
        // Keyed: neither the stored hash nor the audit may be tried out against telephone numbers.
        let subject = match &whom {
            Whom::Dossier(id) => id.clone(),
            Whom::Address(address) => people::subject(&self.sealer, address).map_err(store)?,
        };
        let keyed = Some(C::DossierId(subject.clone()));
        let bare = pb::SetConsentRequest { request_id: String::new(), contact: keyed, ..asked.clone() };
        let (centre, action) = (&asked.centre_id, "SET_CONSENT");
        let act = op(who, "SetConsent", &asked.request_id, &bare, centre, action, &subject, reason)?;
        let evidence = format!("{}: {}", who.subject, asked.reason.trim());
        let text_version = if asked.text_version.is_empty() { TEXT_VERSION } else { &asked.text_version };
        // What was said of this dossier counts before what was said when it was received.
        let dossier = match &whom {
            Whom::Dossier(id) => Some(people::dossier(&self.sealer, id).map_err(store)?),
            Whom::Address(_) => None,
        };
        for family in &mut subjects {
            family.declined &= dossier.is_none() || !given;
        }
        let (subjects, dossier) = (&subjects, &dossier);
        let bytes = ops::make!(self, act, |tx, now| {
            for Family { name, keys, .. } in subjects {
                for subject in keys.iter().chain(dossier) {
                    let said = Said { subject, channel: name, given, text_version, evidence: &evidence, time: now };
                    people::consent(tx, said).await?;
                }
            }
            let consents = standing(tx, subjects, now).await?;
            Ok::<_, OpError>(pb::SetConsentResponse { consents }.encode_to_vec())
        })
        .map_err(super::refused)?;
        super::decode(&bytes)
    }

    /// A dossier's applicant stands under their number, their address and the follower that is bound to it.
    async fn subjects(&self, centre_id: &str, whom: &Whom) -> Result<Vec<Family>, Status> {
        let (mut phone, mut email, mut follower, mut asked) = (None, None, None, None);
        match whom {
            Whom::Address(address @ Address::Email(_)) => email = Some(address.clone()),
            Whom::Address(address) => phone = Some(address.clone()),
            Whom::Dossier(id) => {
                let contact = self.sender.contact_of(centre_id, id).await?;
                asked = contact.consent.map(|c| (id, [c.sms, c.zalo, c.email]));
                phone = Phone::parse(&contact.phone).ok().map(Address::Phone);
                email = Some(contact.email).filter(|email| !email.is_empty()).map(Address::Email);
                follower =
                    people::followers(self.db.read(), &self.sealer, [id.as_str()]).await.map_err(store)?.remove(id);
            }
        }
        let keys = |all: [&Option<Address>; 2]| {
            let all = all.into_iter().flatten();
            all.map(|address| people::subject(&self.sealer, address)).collect::<Result<Vec<_>, StoreError>>()
        };
        let mut all = Vec::with_capacity(CHANNELS.len());
        for (name, channel, addresses) in [
            ("zalo", Channel::ZaloPhone, [&phone, &follower]),
            ("sms", Channel::Sms, [&phone, &None]),
            ("email", Channel::Email, [&email, &None]),
        ] {
            let declined = match asked {
                Some((id, agreed)) if !channel.agreed(agreed) => {
                    !people::agreed_later(self.db.read(), &self.sealer, id, channel).await.map_err(store)?
                }
                _ => false,
            };
            all.push(Family { name, channel, keys: keys(addresses).map_err(store)?, declined });
        }
        Ok(all)
    }
}

enum Named {
    Dossier(String),
    Phone(String),
    Email(String),
    Nobody,
}

fn whom(named: Named) -> Result<Whom, Status> {
    match named {
        Named::Dossier(id) if is_plain(&id) => Ok(Whom::Dossier(id)),
        Named::Phone(text) => {
            let phone = Phone::parse(&text).map_err(|e| bad(e.reason(), "phone", e.to_string()))?;
            Ok(Whom::Address(Address::Phone(phone)))
        }
        Named::Email(text) if is_email(text.trim()) => Ok(Whom::Address(Address::Email(text.trim().to_owned()))),
        Named::Email(_) => {
            Err(bad("EMAIL_INVALID", "email", "Địa chỉ thư điện tử không đúng, ví dụ ten@congty.vn. Mời nhập lại."))
        }
        Named::Dossier(_) | Named::Nobody => {
            Err(bad("CONTACT_UNKNOWN", "contact", "Thiếu người: mời chọn hồ sơ, số điện thoại hoặc thư điện tử."))
        }
    }
}

fn is_email(text: &str) -> bool {
    text.len() <= 254 && text.bytes().all(|b| b.is_ascii_graphic()) && text.parse::<lettre::Address>().is_ok()
}

async fn standing(db: &impl ConnectionTrait, subjects: &[Family], now: Micros) -> Result<Vec<pb::Consent>, StoreError> {
    let mut all = Vec::with_capacity(subjects.len());
    for Family { name, channel, keys, declined } in subjects {
        let mut consent =
            pb::Consent { channel: (*name).to_owned(), has_address: !keys.is_empty(), ..pb::Consent::default() };
        // Of two keys the one that refuses counts: the sender asks both.
        for key in keys {
            merge(&mut consent, people::standing(db, key, people::family(*channel), now).await?);
        }
        if *declined {
            consent.set_state(pb::ConsentState::Withdrawn);
        }
        all.push(consent);
    }
    Ok(all)
}

fn merge(consent: &mut pb::Consent, standing: Standing) {
    if let Some((given, at, text_version)) = standing.said
        && (consent.time.is_none() || !given)
    {
        consent.set_state(if given { pb::ConsentState::Given } else { pb::ConsentState::Withdrawn });
        consent.time = time(Some(at));
        consent.text_version = text_version;
    }
    if let Some((reason, until)) = standing.suppressed {
        consent.suppression = reason;
        consent.suppressed_until_time = time(until);
    }
}
