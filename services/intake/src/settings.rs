//! What an installation decides about intake.

use std::collections::BTreeMap;
use std::path::PathBuf;

use motcua_kernel::calendar::Mode;
use motcua_kernel::dossier_code::CodeFormat;
use secrecy::{ExposeSecret as _, SecretBox};
use serde::{Deserialize, Deserializer};

/// A 32-byte secret, written as 64 hexadecimal digits; never shown.
pub struct Key(SecretBox<[u8; 32]>);

impl Key {
    /// From raw bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// For deriving, not for showing.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl Clone for Key {
    fn clone(&self) -> Self {
        Self::new(*self.expose())
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes)
            .map_err(|_| serde::de::Error::custom("must be 64 hexadecimal digits (32 bytes)"))?;
        Ok(Self::new(bytes))
    }
}

/// How dossier codes begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DossierCodes {
    /// `000.00.16.H61-190401-0001`
    #[default]
    #[serde(rename = "2018")]
    Y2018,
    /// `H61.16-260401-0001`
    #[serde(rename = "2025")]
    Y2025,
}

impl From<DossierCodes> for CodeFormat {
    fn from(codes: DossierCodes) -> Self {
        match codes {
            DossierCodes::Y2018 => Self::Y2018,
            DossierCodes::Y2025 => Self::Y2025,
        }
    }
}

/// How working days are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayMode {
    /// Due when the n-th working day closes.
    #[default]
    Legal,
    /// Eight hours a day, consumed against the sessions.
    Hour,
}

impl From<DayMode> for Mode {
    fn from(mode: DayMode) -> Self {
        match mode {
            DayMode::Legal => Self::Legal,
            DayMode::Hour => Self::Hour,
        }
    }
}

/// Settings of intake.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What QR codes carry: `https://host`, without a path.
    pub public_url: String,
    /// Seals applicants' particulars. Losing it loses them.
    pub seal_key: Key,
    /// Derives the tokens of new receipts.
    pub token_key: Key,
    /// Version of `token_key`.
    #[serde(default = "one")]
    pub token_key_version: i32,
    /// Earlier token keys by version, so that old receipts still open.
    #[serde(default)]
    pub earlier_token_keys: BTreeMap<String, Key>,
    /// Centre that gets the starter catalogue while it has none.
    #[serde(default)]
    pub seed_starter: Option<String>,
    /// "2018" or "2025".
    #[serde(default)]
    pub dossier_codes: DossierCodes,
    /// "legal" or "hour".
    #[serde(default)]
    pub day_mode: DayMode,
    /// Folder of scans, sealed with `seal_key`; one for all replicas. Without it no file is taken.
    #[serde(default)]
    pub files_dir: Option<PathBuf>,
}

fn one() -> i32 {
    1
}

impl Settings {
    /// Settings with defaults for everything but the secrets.
    pub fn new(public_url: impl Into<String>, seal_key: [u8; 32], token_key: [u8; 32]) -> Self {
        Self {
            public_url: public_url.into(),
            seal_key: Key::new(seal_key),
            token_key: Key::new(token_key),
            token_key_version: one(),
            earlier_token_keys: BTreeMap::new(),
            seed_starter: None,
            dossier_codes: DossierCodes::default(),
            day_mode: DayMode::default(),
            files_dir: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_hexadecimal_and_never_shown() {
        let read = |text: &str| serde_json::from_str::<Key>(&format!("{text:?}"));
        assert_eq!(read(&"0f".repeat(32)).unwrap().expose(), &[15; 32]);
        assert!(read("0f").unwrap_err().to_string().contains("64 hexadecimal digits"));
        let settings = Settings::new("https://mc.example", [1; 32], [2; 32]);
        assert!(!format!("{settings:?}").contains("1, 1"));
    }
}
