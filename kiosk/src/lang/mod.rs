//! The words of the screens and of the paper. Vietnamese is the master; Khmer and English are drafts until a native
//! reviewer has read them, and say so in their files.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// A language that a citizen can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// Khmer (draft).
    Km,
    /// English (draft).
    En,
}

impl Locale {
    /// All, in the order of the buttons.
    pub const ALL: [Self; 3] = [Self::Vi, Self::Km, Self::En];

    /// BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::Km => "km",
            Self::En => "en",
        }
    }

    /// From a code; anything unknown is `None`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|locale| locale.code() == code)
    }

    fn source(self) -> &'static str {
        match self {
            Self::Vi => include_str!("vi.toml"),
            Self::Km => include_str!("km.toml"),
            Self::En => include_str!("en.toml"),
        }
    }

    /// The sentence behind `key`: a language that lacks it answers in Vietnamese, an unknown key with the key itself.
    #[must_use]
    pub fn text(self, key: &str) -> &str {
        let all = files();
        let own = all.get(self.code()).and_then(|file| file.text.get(key));
        own.or_else(|| all.get("vi")?.text.get(key)).map_or(key, String::as_str)
    }

    /// The sentence behind `key` with its `{name}` places filled.
    #[must_use]
    pub fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.text(key).to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }
}

/// One language file.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageFile {
    /// `master` or `draft`.
    pub status: String,
    /// Sentences by key.
    pub text: BTreeMap<String, String>,
}

/// Every language file by code, as the touch page loads them.
#[must_use]
pub fn files() -> &'static BTreeMap<&'static str, LanguageFile> {
    static FILES: OnceLock<BTreeMap<&'static str, LanguageFile>> = OnceLock::new();
    FILES.get_or_init(|| {
        // The files are compiled in and a test parses each of them.
        Locale::ALL
            .into_iter()
            .filter_map(|locale| Some((locale.code(), toml::from_str(locale.source()).ok()?)))
            .collect()
    })
}

/// The `{name}` places of a sentence, sorted.
pub(crate) fn places(text: &str) -> Vec<&str> {
    let mut found: Vec<_> = text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    found.sort_unstable();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_parses_and_knows_only_the_masters_keys() {
        assert_eq!(files().len(), 3);
        let master = &files()["vi"].text;
        for (code, file) in files() {
            assert_eq!(file.status, if *code == "vi" { "master" } else { "draft" });
            for (key, text) in &file.text {
                let original = master.get(key).unwrap_or_else(|| panic!("{code}: {key} is not in vi.toml"));
                assert_eq!(places(original), places(text), "{code}: {key}");
            }
        }
    }

    #[test]
    fn a_missing_sentence_is_vietnamese() {
        assert_eq!(Locale::Km.text("closed.demo"), Locale::Vi.text("closed.demo"));
        assert_eq!(Locale::En.fill("slip.ahead", &[("n", "7")]), "7 ahead of you");
        assert_eq!(Locale::parse("fr"), None);
    }
}
