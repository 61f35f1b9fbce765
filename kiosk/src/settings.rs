//! What a kiosk is told: a TOML file for the machine of its own, the same values from `motcua up`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use motcua_runtime::settings::SettingsError;
use serde::Deserialize;

pub use crate::devices::{IdentityConfig, PrinterConfig, ScannerConfig};
use crate::lang::Locale;
use crate::paper::{WIDTH, WIDTH_SMALL};
use crate::voice::{VoiceConfig, VoiceSettings};

/// The file of `motcua-kiosk run --config FILE`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KioskConfig {
    /// The centre this machine stands in.
    pub centre_id: String,
    /// Name of the machine on its tickets.
    #[serde(default = "kiosk_name")]
    pub name: String,
    /// Where its pages are served; loopback, because the screen is on the same machine.
    #[serde(default = "http")]
    pub http: SocketAddr,
    /// A proxy on this machine ends TLS before the pages: they may then listen on the network.
    #[serde(default)]
    pub tls_in_front: bool,
    /// Routing's address, "https://host:port".
    pub routing: String,
    /// Intake's address.
    pub intake: String,
    /// Status' address; routing's when left out.
    #[serde(default)]
    pub status: String,
    /// Web's address for devices; none leaves this machine to itself.
    #[serde(default)]
    pub web: String,
    /// File with this device's bearer token; left out, it shows a code until somebody lets it in, which needs `web`.
    pub token_file: Option<PathBuf>,
    /// Folder for the device's secret and for what it must remember.
    pub data: PathBuf,
    /// What the codes on tickets begin with, "https://hcc.example.vn".
    pub public_url: String,
    /// Where tickets are printed.
    #[serde(default)]
    pub printer: PrinterConfig,
    /// A scanner at a serial line; one that types as a keyboard needs no word here.
    pub scanner: Option<ScannerConfig>,
    /// Who identifies people by a chip or VNeID; nobody when left out.
    #[serde(default)]
    pub identity: Vec<IdentityConfig>,
    /// Queue of those who collect a result; the guidance desk's when left out.
    #[serde(default)]
    pub collect_queue: String,
    /// What is not received here and where it is (TOML); the list that ships when left out.
    pub referrals: Option<PathBuf>,
    /// Halls with a board, first one for `/board`; all of the centre when empty.
    #[serde(default)]
    pub board_halls: Vec<String>,
    /// The language beside Vietnamese on counters' displays: "km", "en", or "vi" for none.
    #[serde(default = "second_language")]
    pub second_language: Locale,
    /// The halls' voice.
    #[serde(default)]
    pub voice: VoiceConfig,
    /// Pixels of the screen in a physical millimetre; fitted to the window when left out.
    pub px_per_mm: Option<f64>,
    /// Numbers of each area and day that are kept ready for the time without the network, 0 to 500.
    #[serde(default = "offline_numbers")]
    pub offline_numbers: u32,
    /// As `--clock`.
    pub clock: Option<String>,
    /// Telemetry.
    #[serde(default)]
    pub telemetry: motcua_runtime::telemetry::Settings,
}

fn kiosk_name() -> String {
    "Kiosk 1".into()
}

fn second_language() -> Locale {
    Locale::Km
}

fn offline_numbers() -> u32 {
    200
}

fn http() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 7070))
}

/// Half of a series: another kiosk needs some too.
const OFFLINE_NUMBERS_MAX: u32 = 500;

/// What the pages need, wherever it comes from.
#[derive(Clone)]
pub struct Settings {
    /// The centre.
    pub centre_id: String,
    /// Name of the machine on its tickets.
    pub kiosk_name: String,
    /// What the codes on tickets begin with, without a slash at the end.
    pub public_url: String,
    /// Where tickets are printed.
    pub printer: PrinterConfig,
    /// A scanner at a serial line.
    pub scanner: Option<ScannerConfig>,
    /// Who identifies people; empty: the step is not offered.
    pub identity: Vec<IdentityConfig>,
    /// Queue of those who collect a result; the guidance desk's when empty.
    pub collect_queue: String,
    /// A list of what is not received here; the one that ships when unset.
    pub referrals: Option<PathBuf>,
    /// Halls with a board; all when empty.
    pub board_halls: Vec<String>,
    /// The language beside Vietnamese on counters' displays.
    pub second_language: Locale,
    /// The halls' voice.
    pub voice: VoiceSettings,
    /// Pixels in a millimetre; fitted to the window when unset.
    pub px_per_mm: Option<f64>,
    /// This device's secret, from [`device_secret`]: a retry after a restart makes the same ticket token.
    pub secret: [u8; 32],
    /// The file that remembers taps, numbers and what was last heard.
    pub store: PathBuf,
    /// Numbers of each area and day that are kept ready for the time without the network.
    pub offline_numbers: u32,
    /// How to try a closed hall now; shown only on a demo.
    pub demo_hint: Option<String>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("centre_id", &self.centre_id)
            .field("printer", &self.printer)
            .finish_non_exhaustive()
    }
}

/// Why a configuration is refused; says the key and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key is missing, unknown or of the wrong kind.
    #[error(transparent)]
    File(#[from] SettingsError),
    /// A value cannot be used.
    #[error("{key} = \"{value}\": {remedy}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it was set to.
        value: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A file that a key names cannot be used.
    #[error("{key} = \"{path}\": {source}; {remedy}")]
    Path {
        /// The key.
        key: &'static str,
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        remedy: &'static str,
    },
}

impl KioskConfig {
    /// Reads and checks the file; `MOTCUA_KIOSK__<KEY>` in the environment wins over it.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let config: Self = motcua_runtime::settings::load("kiosk", Some(file))?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let bad = |key, value: &str, remedy| Err(ConfigError::Value { key, value: value.to_owned(), remedy });
        if !motcua_kernel::id::is_plain(&self.centre_id) {
            return bad("centre_id", &self.centre_id, "write the id of a centre, as in its TOML file");
        }
        for (key, url) in [("routing", &self.routing), ("intake", &self.intake), ("status", self.status())] {
            if !is_url(url) {
                return bad(key, url, "write an address such as https://10.0.0.5:7443");
            }
        }
        if !self.web.is_empty() && !is_url(&self.web) {
            return bad("web", &self.web, "write an address such as https://10.0.0.5:7105");
        }
        if self.web.is_empty() && self.token_file.is_none() {
            return bad("token_file", "", "name the device's token, or web's address to let it in by a code");
        }
        if !is_url(&self.public_url) {
            return bad(
                "public_url",
                &self.public_url,
                "write the address that phones reach, such as https://hcc.example.vn",
            );
        }
        if let Some(dots) = self.printer.dots().filter(|dots| ![WIDTH, WIDTH_SMALL].contains(dots)) {
            return bad("printer.dots", &dots.to_string(), "write 576 for 80 mm paper or 384 for 58 mm");
        }
        if let PrinterConfig::Tcp { address, .. } = &self.printer
            && !address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        {
            return bad("printer.address", address, "write host:port, usually port 9100");
        }
        if self.px_per_mm.is_some_and(|px| !(1.0..=20.0).contains(&px)) {
            let value = self.px_per_mm.unwrap_or_default().to_string();
            return bad(
                "px_per_mm",
                &value,
                "divide the screen's width in pixels by its width in millimetres: 1 to 20",
            );
        }
        for verifier in &self.identity {
            verifier.check().map_err(|(key, value, remedy)| ConfigError::Value { key, value, remedy })?;
        }
        if self.offline_numbers > OFFLINE_NUMBERS_MAX {
            return bad(
                "offline_numbers",
                &self.offline_numbers.to_string(),
                "write 0 to 500: every kiosk takes so many of an area's 999 numbers",
            );
        }
        self.voice().map(drop)
    }

    fn voice(&self) -> Result<VoiceSettings, ConfigError> {
        self.voice.settings(&self.data).map_err(|(key, value, remedy)| ConfigError::Value { key, value, remedy })
    }

    /// What the pages need of it; reads or makes the device's secret.
    ///
    /// # Errors
    /// The data folder cannot be used.
    pub fn settings(&self) -> Result<Settings, ConfigError> {
        let secret = device_secret(&self.data).map_err(|source| ConfigError::Path {
            key: "data",
            path: self.data.display().to_string(),
            source,
            remedy: "choose a folder that this program may write",
        })?;
        Ok(Settings {
            centre_id: self.centre_id.clone(),
            kiosk_name: self.name.clone(),
            public_url: self.public_url.trim_end_matches('/').to_owned(),
            printer: self.printer.clone(),
            scanner: self.scanner.clone(),
            identity: self.identity.clone(),
            collect_queue: self.collect_queue.clone(),
            referrals: self.referrals.clone(),
            board_halls: self.board_halls.clone(),
            second_language: self.second_language,
            voice: self.voice()?,
            px_per_mm: self.px_per_mm,
            secret,
            store: self.data.join("kiosk.db"),
            offline_numbers: self.offline_numbers,
            demo_hint: None,
        })
    }

    /// Where status is.
    #[must_use]
    pub fn status(&self) -> &String {
        if self.status.is_empty() { &self.routing } else { &self.status }
    }

    /// The device's bearer token; none for a machine that comes in by a code.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn token(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.token_file else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Path {
            key: "token_file",
            path: path.display().to_string(),
            source,
            remedy: "put the device's token there, as DATA/credentials/kiosk.token holds it",
        })?;
        Ok(Some(text.trim().to_owned()))
    }
}

fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty() && !host.contains(char::is_whitespace))
}

/// Reads `kiosk.secret` in a folder, or makes it (owner only). Whoever has it can guess this machine's ticket tokens.
///
/// # Errors
/// What the system says; a file of another length is `InvalidData`.
pub fn device_secret(folder: &Path) -> std::io::Result<[u8; 32]> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let path = folder.join("kiosk.secret");
    let read = |path: &Path| -> std::io::Result<[u8; 32]> {
        std::fs::read(path)?.try_into().map_err(|_| {
            std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                format!("{} must hold 32 bytes; remove it to make a new one", path.display()),
            )
        })
    };
    match read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            std::fs::create_dir_all(folder)?;
            let mut secret = [0; 32];
            ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut secret)
                .map_err(std::io::Error::other)?;
            let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(&secret)?;
            file.sync_all()?;
            Ok(secret)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../kiosk.example.toml");

    fn load(text: &str) -> Result<KioskConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kiosk.toml");
        std::fs::write(&file, text).unwrap();
        KioskConfig::load(&file).map_err(|error| error.to_string())
    }

    #[test]
    fn a_good_file_is_taken() {
        let config = load(GOOD).unwrap();
        assert_eq!(config.printer, PrinterConfig::tcp("10.0.0.9:9100".into()));
        assert_eq!(config.http.port(), 7070);
    }

    #[test]
    fn a_bad_file_names_the_key_and_a_remedy() {
        let cases = [
            (GOOD.replace("public_url", "publicurl"), "publicurl"),
            (GOOD.replace("centre_id = ", "# "), "centre_id"),
            (GOOD.replace("10.0.0.9:9100", "10.0.0.9"), "printer.address"),
            (GOOD.replace("https://hcc.example.vn", "hcc.example.vn"), "public_url"),
            (GOOD.replace("\"tcp\"", "\"usb\""), "usb"),
            (GOOD.replace(":9100\"", ":9100\", dots = 500"), "printer.dots"),
            (format!("offline_numbers = 900\n{GOOD}"), "offline_numbers"),
            (format!("web = \"10.0.0.5\"\n{GOOD}"), "web"),
            (GOOD.replace("token_file", "# token_file"), "token_file"),
            (format!("px_per_mm = 400.0\n{GOOD}"), "px_per_mm"),
            (GOOD.replace("17:30-06:30", "noon"), "voice.quiet"),
            (GOOD.replace("four = \"tư\"", "four = \"five\""), "four"),
        ];
        for (text, key) in cases {
            let error = load(&text).unwrap_err();
            assert!(error.contains(key), "{key}: {error}");
        }
    }

    #[test]
    fn the_secret_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let first = device_secret(folder.path()).unwrap();
        assert_eq!(device_secret(folder.path()).unwrap(), first);
        std::fs::write(folder.path().join("kiosk.secret"), "short").unwrap();
        assert!(device_secret(folder.path()).is_err());
    }
}
