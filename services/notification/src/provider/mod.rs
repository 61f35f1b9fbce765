//! Who carries a message. A provider answers what happened; what follows is [`crate::model::decide`]'s.

mod outgoing;
mod sms;

use std::sync::Arc;

use motcua_kernel::phone::Phone;

use crate::{model::Outcome, settings::ProviderSettings};

/// A message ready to be sent.
#[derive(Clone, Debug)]
pub struct Message {
    /// Our reference, at most 50 characters; the same at every repetition.
    pub client_ref: String,
    /// "result_ready".
    pub kind: String,
    /// To whom.
    pub phone: Phone,
    /// The words.
    pub text: String,
    /// Business time.
    pub time: jiff::Timestamp,
}

/// A way to reach people.
#[async_trait::async_trait]
pub trait Provider: Send + Sync {
    /// "outgoing" or "sms".
    fn name(&self) -> &'static str;
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
    #[error("provider.url = \"{0}\": not an http(s) address; copy the send address from the gateway's manual")]
    Url(String),
    /// Credentials or sender's name are missing.
    #[error("provider.{0} is empty; copy it from the gateway's account page")]
    Empty(&'static str),
    /// The HTTP client.
    #[error("provider: {0}")]
    Client(#[from] reqwest::Error),
}

/// Sets the provider up.
///
/// # Errors
/// [`ProviderError`] names the key and the remedy.
pub fn open(settings: &ProviderSettings) -> Result<Arc<dyn Provider>, ProviderError> {
    Ok(match settings {
        ProviderSettings::Outgoing { folder } => Arc::new(outgoing::Outgoing::open(folder)?),
        ProviderSettings::Sms(settings) => Arc::new(sms::Sms::open(settings)?),
    })
}
