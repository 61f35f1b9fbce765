//! Settings of this service.

use std::path::PathBuf;

use secrecy::SecretString;

/// What is set by the operator.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Who carries the messages.
    pub provider: ProviderSettings,
    /// Where the citizen is asked to come.
    pub desk: String,
    /// Vietnamese with accents. Off by default: telcos bill an accented text twice, and want it registered apart.
    pub accents: bool,
    /// How long a message is worth sending, in hours of business time.
    pub keep_trying_hours: u32,
    /// How long a worker may hold a delivery, in milliseconds; more than the provider's total time.
    pub lease_ms: u64,
    /// Deliveries under way at a time.
    pub parallel: usize,
    /// Waits between attempts in millionths of the written ladder; only a test sets it.
    #[serde(skip)]
    pub pace: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            provider: ProviderSettings::default(),
            desk: "bộ phận Một cửa".into(),
            accents: false,
            keep_trying_hours: 120,
            lease_ms: 20_000,
            parallel: 8,
            pace: crate::model::PACE,
        }
    }
}

/// Which provider.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProviderSettings {
    /// A folder: for a centre without a contract, and for a first look.
    Outgoing {
        /// Where the files go; made when absent.
        folder: PathBuf,
    },
    /// An SMS gateway with eSMS's JSON shape.
    Sms(SmsSettings),
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self::Outgoing { folder: "outgoing".into() }
    }
}

/// An SMS gateway with eSMS's JSON shape.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmsSettings {
    /// Full address of the send call.
    pub url: String,
    /// From the gateway's account.
    pub api_key: SecretString,
    /// From the gateway's account.
    pub secret_key: SecretString,
    /// The sender's registered name.
    pub brandname: String,
    /// True: the gateway accepts and sends nothing.
    #[serde(default)]
    pub sandbox: bool,
    /// To connect, in milliseconds.
    #[serde(default = "connect_timeout_ms")]
    pub connect_timeout_ms: u64,
    /// For the whole call, in milliseconds.
    #[serde(default = "total_timeout_ms")]
    pub total_timeout_ms: u64,
    /// How long the gateway drops a repeated RequestId, in seconds; 0: it does not.
    #[serde(default = "dedup_window_s")]
    pub dedup_window_s: u32,
}

fn connect_timeout_ms() -> u64 {
    2_000
}

fn total_timeout_ms() -> u64 {
    8_000
}

fn dedup_window_s() -> u32 {
    86_400
}
