//! What a delivery says and where it goes: address, words, template.

use motcua_kernel::phone::Phone;
use motcua_proto::intake::v1::GetContactResponse;
use motcua_store::{StoreError, sealed::Sealer};

use crate::{
    entity::notification,
    model::{
        Channel, Kind, Language,
        letter::{self, Letter},
        words::{self, Locale, Params},
        zalo,
    },
    provider::{Address, Filled},
    templates::{self, Template},
};

/// Purpose of a notification's sealed values.
pub(crate) const PARAMS: &str = "notification.params";
/// A submitted message's own address, among its values.
pub(crate) const TO_PHONE: &str = "to_phone";
/// See [`TO_PHONE`].
pub(crate) const TO_UID: &str = "to_zalo";

/// The values of a submitted message; empty for an event's.
pub(crate) fn submitted(sealer: &Sealer, row: &notification::Model) -> Result<Params, StoreError> {
    let Some(sealed) = &row.params else { return Ok(Params::new()) };
    serde_json::from_str(&sealer.open(PARAMS, sealed)?).map_err(|_| StoreError::Sealed("values"))
}

/// Why a delivery has nowhere to go or nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// No address for this channel; the reason where one was given and is none.
    NoAddress(&'static str),
    /// No template is registered, or it rests.
    NoTemplate,
    /// A value is missing or too long: our defect.
    Params(String),
}

/// The address on a channel.
pub(crate) fn address(channel: Channel, phone: &str, email: &str, follower: Option<Address>) -> Result<Address, Unfit> {
    match channel {
        Channel::ZaloUid | Channel::ZaloReply => follower.ok_or(Unfit::NoAddress("")),
        Channel::Email if email.trim().is_empty() => Err(Unfit::NoAddress("")),
        Channel::Email => Ok(Address::Email(email.trim().to_owned())),
        _ if phone.trim().is_empty() => Err(Unfit::NoAddress("")),
        _ => match Phone::parse(phone) {
            Ok(phone) if phone.is_mobile() => Ok(Address::Phone(phone)),
            Ok(_) => Err(Unfit::NoAddress("PHONE_NOT_MOBILE")),
            // Intake refuses such numbers; one from before that is no mobile number either.
            Err(error) => Err(Unfit::NoAddress(match error.reason() {
                "PHONE_EMPTY" => "",
                _ => "PHONE_NOT_MOBILE",
            })),
        },
    }
}

/// The follower that a notification's submitter named, or the one bound to its dossier.
pub(crate) fn follower(bound: Option<&Address>, values: &Params) -> Option<Address> {
    match values.get(TO_UID) {
        Some(uid) if !uid.is_empty() => Some(Address::Uid(uid.clone())),
        _ => bound.cloned(),
    }
}

/// What fills the places of every template.
pub(crate) struct House<'a> {
    pub desk: &'a str,
    pub centre_name: &'a str,
}

/// The values of a notification: the submitter's over the dossier's.
pub(crate) fn values(kind: Kind, contact: &GetContactResponse, house: &House<'_>, own: &Params) -> Params {
    let mut all: Params = [
        ("code", contact.dossier_code.as_str()),
        ("link", contact.tracking_url.as_str()),
        // Only a registered template may name the person; no sentence of ours does.
        ("name", contact.full_name.as_str()),
        ("desk", house.desk),
        ("centre", house.centre_name),
        ("status", words::status(kind)),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    all.extend(own.iter().filter(|(key, _)| !key.starts_with("to_")).map(|(k, v)| (k.clone(), v.clone())));
    all
}

/// What is said.
pub(crate) struct Said {
    pub text: String,
    pub template: Option<Filled>,
    pub letter: Option<Letter>,
    /// 0: the built-in sentence.
    pub version: i32,
}

/// The words of a short message, the letter of an e-mail, or the filled template of Zalo's.
pub(crate) fn said(
    channel: Channel,
    kind: Kind,
    locale: Locale,
    return_channel: i32,
    accents: Language,
    template: Option<&Template>,
    values: &Params,
) -> Result<Said, Unfit> {
    if channel.wants_template() {
        let template = template.ok_or(Unfit::NoTemplate)?;
        let data = zalo::fill(&template.params, values).map_err(|bad| Unfit::Params(bad.to_string()))?;
        let filled = Filled { template_id: template.provider_template_id.clone(), data };
        return Ok(Said { text: String::new(), template: Some(filled), letter: None, version: template.version });
    }
    // Folding would tear Khmer apart; a chat costs nothing by the letter.
    let language = if locale == Locale::Km || channel == Channel::ZaloReply { Language::Accented } else { accents };
    let built_in = words::sentence(kind, locale, return_channel);
    let body = template.map_or(built_in, |template| template.body.as_str());
    let missing = |names: Vec<String>| Unfit::Params(format!("PARAM_MISSING {}", names.join(" ")));
    let version = template.map_or(0, |t| t.version);
    if channel == Channel::Email {
        let letter = letter::letter(kind, locale, body, values).map_err(missing)?;
        return Ok(Said { text: String::new(), template: None, letter: Some(letter), version });
    }
    let text = words::fill(body, values, language).map_err(missing)?;
    Ok(Said { text, template: None, letter: None, version })
}

/// Looks the registered template up where one may be.
pub(crate) async fn template(
    db: &impl sea_orm::ConnectionTrait,
    kind: Kind,
    channel: Channel,
    locale: Locale,
) -> Result<Option<Template>, StoreError> {
    let found = templates::active(db, kind, channel, locale).await?;
    // A short message in a person's own language beats a registered one in another.
    Ok(found.filter(|template| channel.wants_template() || template.locale == locale.name()))
}
