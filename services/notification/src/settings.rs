//! Settings of this service.

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use jiff::{civil::Time, tz::TimeZone};
use secrecy::SecretString;

use crate::model::hours::Quiet;

/// What is set by the operator.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Who carries the messages.
    pub provider: ProviderSettings,
    /// The official account; none: nobody is told through Zalo.
    pub zalo: Option<ZaloSettings>,
    /// The mail server; none: nobody is told by e-mail.
    pub mail: Option<MailSettings>,
    /// What providers tell by themselves; none: they are not listened to.
    pub webhooks: Option<WebhookSettings>,
    /// In the evening nobody is disturbed from this time on, "21:00".
    pub quiet_from: String,
    /// Until this time in the morning, "07:00".
    pub quiet_to: String,
    /// Of the centre's clock on the wall.
    pub zone: String,
    /// The centre's short name, as it stands in a short message.
    pub centre_name: String,
    /// SMS parts a centre may use in a month for what may wait; 0: as many as it takes.
    pub sms_parts_monthly: u32,
    /// Messages a day to one person, codes and calls at a counter apart; what is beyond waits and goes together. 0: any number.
    pub person_daily_max: u32,
    /// Messages a second to one provider, short messages counted in parts; 0: as fast as it answers.
    pub per_second: u32,
    /// Nothing leaves the house; what would have come back stands in the number: see README, "Messages".
    pub test_mode: bool,
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
            zalo: None,
            mail: None,
            webhooks: None,
            quiet_from: "21:00".into(),
            quiet_to: "07:00".into(),
            zone: "Asia/Ho_Chi_Minh".into(),
            centre_name: "TTHCC".into(),
            sms_parts_monthly: 0,
            person_daily_max: 5,
            per_second: 20,
            test_mode: false,
            desk: "bộ phận Một cửa".into(),
            accents: false,
            keep_trying_hours: 120,
            lease_ms: 20_000,
            parallel: 8,
            pace: crate::model::PACE,
        }
    }
}

impl Settings {
    /// The hours in which people are left alone.
    ///
    /// # Errors
    /// One of the two is no time of day.
    pub fn quiet(&self) -> Result<Quiet, jiff::Error> {
        Ok(Quiet { from: self.quiet_from.parse::<Time>()?, to: self.quiet_to.parse::<Time>()? })
    }

    /// The zone by name.
    ///
    /// # Errors
    /// No such zone.
    pub fn time_zone(&self) -> Result<TimeZone, jiff::Error> {
        TimeZone::get(&self.zone)
    }
}

/// An official account of Zalo.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZaloSettings {
    /// The application.
    pub app_id: String,
    /// Its secret.
    pub secret_key: SecretString,
    /// The account.
    pub oa_id: String,
    /// First pair of tokens, from Zalo's API Explorer; used only while none is stored.
    #[serde(default)]
    pub access_token: Option<SecretString>,
    /// See `access_token`.
    #[serde(default)]
    pub refresh_token: Option<SecretString>,
    /// Sends by telephone number.
    #[serde(default = "phone_url")]
    pub phone_url: String,
    /// Sends to followers.
    #[serde(default = "uid_url")]
    pub uid_url: String,
    /// Answers those who write to the account.
    #[serde(default = "reply_url")]
    pub reply_url: String,
    /// Tells what became of a message by telephone number.
    #[serde(default = "status_url")]
    pub status_url: String,
    /// Renews tokens.
    #[serde(default = "oauth_url")]
    pub oauth_url: String,
    /// Also prove the application's secret with every call.
    #[serde(default)]
    pub appsecret_proof: bool,
    /// To connect, in milliseconds.
    #[serde(default = "connect_ms")]
    pub connect_timeout_ms: u64,
    /// For one call, in milliseconds.
    #[serde(default = "total_ms")]
    pub total_timeout_ms: u64,
}

fn phone_url() -> String {
    "https://business.openapi.zalo.me/message/template".into()
}

fn uid_url() -> String {
    "https://openapi.zalo.me/v3.0/oa/message/template".into()
}

fn reply_url() -> String {
    "https://openapi.zalo.me/v3.0/oa/message/cs".into()
}

fn status_url() -> String {
    "https://business.openapi.zalo.me/message/status".into()
}

fn oauth_url() -> String {
    "https://oauth.zaloapp.com/v4/oa/access_token".into()
}

fn connect_ms() -> u64 {
    2_000
}

fn total_ms() -> u64 {
    8_000
}

/// How the talk with the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Begins in clear and goes on encrypted, or not at all.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
    /// Not at all: only to this machine.
    None,
}

/// A mail server.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSettings {
    /// Its name, as its certificate has it.
    pub host: String,
    /// 587 for `starttls`, 465 for `tls`.
    #[serde(default = "mail_port")]
    pub port: u16,
    /// See [`MailTls`].
    #[serde(default = "mail_tls")]
    pub tls: MailTls,
    /// Also trust the certificates of this file (PEM): a province's own authority.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Of the account; empty: the server asks for none.
    #[serde(default)]
    pub user: String,
    /// See `user`.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// "Trung tâm PVHCC Vĩnh Long <motcua@vinhlong.example>"; SPF, DKIM and DMARC of its domain are the server's.
    pub from: String,
    /// The name this machine gives itself; empty: the domain of `from`.
    #[serde(default)]
    pub hello: String,
    /// To connect, in milliseconds.
    #[serde(default = "connect_ms")]
    pub connect_timeout_ms: u64,
    /// For one message, in milliseconds.
    #[serde(default = "total_ms")]
    pub total_timeout_ms: u64,
}

fn mail_port() -> u16 {
    587
}

fn mail_tls() -> MailTls {
    MailTls::StartTls
}

/// Where providers' news come in; TLS ends in front of it.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebhookSettings {
    /// Own listener, apart from every other.
    pub listen: SocketAddr,
    /// A proxy ends TLS before it.
    #[serde(default)]
    pub tls_in_front: bool,
    /// The account's webhook secret (not the application's).
    #[serde(default)]
    pub zalo_secret: Option<SecretString>,
    /// A second one that counts as well, while they change.
    #[serde(default)]
    pub zalo_secret_next: Option<SecretString>,
    /// Also take signatures that begin with the account's id.
    #[serde(default)]
    pub zalo_oa_first: bool,
    /// Last part of the path of SMS delivery reports, at least 16 characters; none: no reports. They are not signed.
    #[serde(default)]
    pub sms_path_token: Option<SecretString>,
}

impl WebhookSettings {
    /// Every secret that signs for the account.
    pub fn zalo_secrets(&self) -> Vec<SecretString> {
        self.zalo_secret.iter().chain(&self.zalo_secret_next).cloned().collect()
    }
}

/// Which provider: `kind = "outgoing"` with `folder`, or `kind = "sms"` with the keys of [`SmsSettings`].
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(try_from = "Table")]
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
#[derive(Clone, Debug)]
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
    pub sandbox: bool,
    /// To connect, in milliseconds.
    pub connect_timeout_ms: u64,
    /// For the whole call, in milliseconds.
    pub total_timeout_ms: u64,
    /// How long the gateway drops a repeated RequestId, in seconds; 0: it does not.
    pub dedup_window_s: u32,
    /// Where the gateway reports what became of a message; none: it does not.
    pub callback_url: Option<String>,
    /// Classes of codes that differ from eSMS's, by code: `{ "33" = "DUPLICATE" }`.
    pub codes: BTreeMap<String, String>,
}

/// The table as written. Flat, because a tagged enum would take a brand name such as 1022 from the environment for a
/// number and refuse it.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    kind: String,
    folder: Option<PathBuf>,
    url: Option<String>,
    api_key: Option<SecretString>,
    secret_key: Option<SecretString>,
    brandname: Option<String>,
    sandbox: Option<bool>,
    connect_timeout_ms: Option<u64>,
    total_timeout_ms: Option<u64>,
    dedup_window_s: Option<u32>,
    callback_url: Option<String>,
    #[serde(default)]
    codes: BTreeMap<String, String>,
}

impl TryFrom<Table> for ProviderSettings {
    type Error = String;

    fn try_from(table: Table) -> Result<Self, String> {
        let missing = |key: &str| format!("provider.{key} is missing for kind = \"{}\"", table.kind);
        match table.kind.as_str() {
            "outgoing" => Ok(Self::Outgoing { folder: table.folder.clone().ok_or_else(|| missing("folder"))? }),
            "sms" => Ok(Self::Sms(SmsSettings {
                url: table.url.clone().ok_or_else(|| missing("url"))?,
                api_key: table.api_key.clone().ok_or_else(|| missing("api_key"))?,
                secret_key: table.secret_key.clone().ok_or_else(|| missing("secret_key"))?,
                brandname: table.brandname.clone().ok_or_else(|| missing("brandname"))?,
                sandbox: table.sandbox.unwrap_or(false),
                connect_timeout_ms: table.connect_timeout_ms.unwrap_or(2_000),
                total_timeout_ms: table.total_timeout_ms.unwrap_or(8_000),
                dedup_window_s: table.dedup_window_s.unwrap_or(86_400),
                callback_url: table.callback_url.clone(),
                codes: table.codes.clone(),
            })),
            other => Err(format!("provider.kind = \"{other}\": choose outgoing or sms")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, config::ConfigError> {
        let of_env = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let environment =
            config::Environment::with_prefix("X").prefix_separator("__").separator("__").try_parsing(true);
        config::Config::builder().add_source(environment.source(Some(of_env))).build()?.try_deserialize()
    }

    #[test]
    fn a_brand_name_and_keys_of_digits_survive_the_environment() {
        let settings = read(&[
            ("X__PROVIDER__KIND", "sms"),
            ("X__PROVIDER__URL", "https://gateway.example/send"),
            ("X__PROVIDER__API_KEY", "123456"),
            ("X__PROVIDER__SECRET_KEY", "654321"),
            ("X__PROVIDER__BRANDNAME", "1022"),
        ])
        .unwrap();
        let ProviderSettings::Sms(sms) = settings.provider else { panic!("{settings:?}") };
        assert_eq!((sms.brandname.as_str(), sms.api_key.expose_secret()), ("1022", "123456"));
    }

    #[test]
    fn what_is_missing_or_unknown_is_named() {
        for (pairs, named) in [
            (&[("X__PROVIDER__KIND", "sms")][..], "provider.url is missing"),
            (&[("X__PROVIDER__KIND", "pigeon")], "choose outgoing or sms"),
            (&[("X__PROVIDER__KIND", "outgoing")], "provider.folder is missing"),
            (&[("X__PROVIDER__KIND", "outgoing"), ("X__PROVIDER__FOLDR", "x")], "foldr"),
        ] {
            let error = read(pairs).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
