//! Who carries a message. A provider answers what happened; what follows is [`crate::model::decide`]'s.

mod http;
mod magic;
mod mail;
mod oauth;
mod outgoing;
mod sms;
pub(crate) mod tokens;
mod zalo;

use std::sync::Arc;

use motcua_kernel::phone::Phone;
use serde_json::{Map, Value};

pub(crate) use self::{magic::Magic, mail::Mail, zalo::Zalo};
use crate::{
    model::{Channel, Outcome, letter::Letter},
    settings::ProviderSettings,
};

/// Where a message goes. `Debug` shows nothing that identifies a person.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A mobile number.
    Phone(Phone),
    /// A follower, as the Zalo account knows them.
    Uid(String),
    /// An e-mail address.
    Email(String),
}

impl Address {
    /// "•••678": enough for its owner to recognise it.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Phone(phone) => phone.masked(),
            Self::Uid(uid) => {
                let tail: Vec<char> = uid.chars().rev().take(3).collect();
                format!("•••{}", tail.into_iter().rev().collect::<String>())
            }
            // A domain can name a person as well as the part before it.
            Self::Email(email) => format!("{}•••@•••", email.chars().next().unwrap_or('•')),
        }
    }

    /// Purpose and text of the blind index.
    #[must_use]
    pub fn index(&self) -> (&'static str, String) {
        match self {
            Self::Phone(phone) => ("contact.phone", phone.e164().to_owned()),
            Self::Uid(uid) => ("contact.zalo", uid.clone()),
            Self::Email(email) => ("contact.email", email.to_lowercase()),
        }
    }

    /// The number; none for any other address.
    #[must_use]
    pub fn phone(&self) -> Option<&Phone> {
        match self {
            Self::Phone(phone) => Some(phone),
            Self::Uid(_) | Self::Email(_) => None,
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({})", self.masked())
    }
}

/// A template registered with the provider, filled.
#[derive(Clone, Debug)]
pub struct Filled {
    /// The provider's id of it.
    pub template_id: String,
    /// Its parameters.
    pub data: Map<String, Value>,
}

/// A message ready to be sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Our reference, at most 48 characters; the same at every repetition.
    pub client_ref: String,
    /// "result_ready".
    pub kind: String,
    /// To whom.
    pub to: Address,
    /// The words; empty where a template says them.
    pub text: String,
    /// What Zalo is sent.
    pub template: Option<Filled>,
    /// What goes by e-mail.
    pub letter: Option<Letter>,
    /// Where one click ends letters to them.
    pub unsubscribe: Option<String>,
    /// Business time.
    pub time: jiff::Timestamp,
}

/// A way to reach people.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// What it serves.
    fn channel(&self) -> Channel;
    /// Its channel's name.
    fn name(&self) -> &'static str {
        self.channel().name()
    }
    /// How long a repeated reference is dropped, in microseconds; 0: never.
    fn dedup_us(&self) -> i64;
    /// A sentence for the manager when messages do not leave the house.
    fn note(&self) -> Option<String>;
    /// Sends, once. Ends within its own time limits.
    async fn send(&self, message: &Message) -> Outcome;
}

/// A provider that cannot be set up as asked.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The folder cannot be made or written.
    #[error("provider.folder = \"{folder}\": {source}; choose a folder that this program may write")]
    Folder {
        /// As set.
        folder: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address is no address.
    #[error("{key} = \"{url}\": not an http(s) address; copy it from the provider's manual")]
    Url {
        /// Which setting.
        key: &'static str,
        /// As set.
        url: String,
    },
    /// Credentials or sender's name are missing.
    #[error("{0} is empty; copy it from the provider's account page")]
    Empty(&'static str),
    /// The mail server.
    #[error("mail.{key}: {why}")]
    Mail {
        /// Which setting.
        key: &'static str,
        /// What is wrong, and what to write.
        why: String,
    },
    /// A code's class is none.
    #[error("provider.codes.{code} = \"{class}\": no class; choose one of {}", crate::model::Class::ALL.map(crate::model::Class::name).join(", "))]
    Class {
        /// The provider's code.
        code: String,
        /// As set.
        class: String,
    },
    /// The HTTP client.
    #[error("provider: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sets the centre's own carrier up: the folder or the short messages.
///
/// # Errors
/// [`ProviderError`] names the key and the remedy.
pub fn open(settings: &ProviderSettings) -> Result<Arc<dyn Provider>, ProviderError> {
    Ok(match settings {
        ProviderSettings::Outgoing { folder } => Arc::new(outgoing::Outgoing::open(folder)?),
        ProviderSettings::Sms(settings) => Arc::new(sms::Sms::open(settings)?),
    })
}

/// Zalo's channels over one account.
pub(crate) fn open_zalo(zalo: Arc<Zalo>) -> [Arc<dyn Provider>; 3] {
    [Arc::new(zalo::ByPhone(zalo.clone())), Arc::new(zalo::ByUid(zalo.clone())), Arc::new(zalo::Reply(zalo))]
}
