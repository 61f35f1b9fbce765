//! What an administrator has set for this machine: looked at before it is taken, the last good one kept.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use crate::lang::{LanguageFile, Locale, files, places};
use crate::voice::Span;

const NOTICES_MAX: usize = 6;
const NOTICE_CHARS_MAX: usize = 160;
const TEXT_CHARS_MAX: usize = 300;
const FILE: &str = "device-config.json";
const BEFORE: &str = "device-config.before.json";

/// As it comes. An unknown key is a mistake of whoever wrote it, or meant for another version of this program.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Body {
    notices: Vec<String>,
    volume_percent: Option<u8>,
    quiet: Option<Vec<String>>,
    texts: BTreeMap<String, BTreeMap<String, String>>,
    self_check: Option<String>,
}

/// What holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Config {
    /// 0: nothing was ever set.
    pub version: i64,
    /// Sentences on every screen.
    pub notices: Vec<String>,
    /// Of the voice, 0 to 1; none is the file's.
    pub volume: Option<f32>,
    /// None is the file's.
    pub quiet: Option<Vec<Span>>,
    texts: BTreeMap<String, BTreeMap<String, String>>,
    /// When this machine looks at itself.
    pub self_check: Time,
}

impl Default for Config {
    fn default() -> Self {
        let self_check = Time::constant(2, 30, 0, 0);
        Self { version: 0, notices: vec![], volume: None, quiet: None, texts: BTreeMap::new(), self_check }
    }
}

impl Config {
    /// Reads and checks one; the error is for the administrator.
    pub fn read(version: i64, text: &str) -> Result<Self, String> {
        let body: Body = serde_json::from_str(text).map_err(|error| format!("không đọc được: {error}"))?;
        if body.notices.len() > NOTICES_MAX {
            return Err(format!("tối đa {NOTICES_MAX} thông báo"));
        }
        if body.notices.iter().any(|notice| notice.chars().count() > NOTICE_CHARS_MAX) {
            return Err(format!("thông báo dài hơn {NOTICE_CHARS_MAX} ký tự"));
        }
        if let Some(percent) = body.volume_percent.filter(|percent| *percent > 100) {
            return Err(format!("âm lượng {percent} ngoài khoảng 0–100"));
        }
        let spans = |spans: Vec<String>| {
            let span =
                |text: &String| Span::parse(text).ok_or_else(|| format!("giờ im lặng \"{text}\" không đọc được"));
            spans.iter().map(span).collect::<Result<Vec<_>, _>>()
        };
        for (language, texts) in &body.texts {
            words(language, texts)?;
        }
        let self_check = match body.self_check {
            None => Self::default().self_check,
            Some(text) => {
                Time::strptime("%H:%M", &text).map_err(|_| format!("giờ tự kiểm tra \"{text}\" không đọc được"))?
            }
        };
        Ok(Self {
            version,
            notices: body.notices,
            volume: body.volume_percent.map(|percent| f32::from(percent) / 100.0),
            quiet: body.quiet.map(spans).transpose()?,
            texts: body.texts,
            self_check,
        })
    }

    /// The language files with the sentences that are set in place of theirs.
    pub fn words(&self) -> BTreeMap<&'static str, LanguageFile> {
        let mut all = files().clone();
        for (language, texts) in &self.texts {
            if let Some(file) = all.get_mut(language.as_str()) {
                file.text.extend(texts.clone());
            }
        }
        all
    }
}

fn words(language: &str, texts: &BTreeMap<String, String>) -> Result<(), String> {
    Locale::parse(language).ok_or_else(|| format!("không có ngôn ngữ \"{language}\""))?;
    let master = &files()["vi"].text;
    for (key, text) in texts {
        let original = master.get(key).ok_or_else(|| format!("không có khóa \"{key}\""))?;
        if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
            return Err(format!("câu của khóa \"{key}\" phải có 1–{TEXT_CHARS_MAX} ký tự"));
        }
        if places(original) != places(text) {
            return Err(format!("câu của khóa \"{key}\" phải giữ đủ các chỗ {{…}} như \"{original}\""));
        }
    }
    Ok(())
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: i64,
    body: String,
}

/// Keeps a good one; the one before it stays beside it.
pub(crate) fn keep(folder: &Path, version: i64, body: &str) -> std::io::Result<()> {
    let text = serde_json::to_string(&Kept { version, body: body.to_owned() }).map_err(std::io::Error::other)?;
    let (path, fresh) = (folder.join(FILE), folder.join("device-config.new"));
    let mut file = std::fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
    if read(&path).is_some() {
        std::fs::rename(&path, folder.join(BEFORE))?;
    }
    std::fs::rename(&fresh, &path)
}

/// The last good one of an earlier start: the one before it where that file is damaged, none where both are.
pub(crate) fn recall(folder: &Path) -> Config {
    let found = [FILE, BEFORE].iter().find_map(|name| {
        let path = folder.join(name);
        let config = read(&path);
        if config.is_none() && path.exists() {
            tracing::warn!(path = %path.display(), "this configuration is damaged and not used");
        }
        config
    });
    found.unwrap_or_default()
}

fn read(path: &PathBuf) -> Option<Config> {
    let kept: Kept = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
    Config::read(kept.version, &kept.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"notices":["Chiều nay nghỉ họp"],"volume_percent":80,"quiet":["11:30-13:00"],
        "texts":{"vi":{"home":"Xin chào"}},"self_check":"03:15"}"#;

    #[test]
    fn a_good_one_is_read_and_its_words_stand_before_the_files() {
        let config = Config::read(4, GOOD).unwrap();
        assert_eq!((config.version, config.volume, config.self_check), (4, Some(0.8), Time::constant(3, 15, 0, 0)));
        assert_eq!(config.words()["vi"].text["home"], "Xin chào");
        assert_eq!(config.words()["en"].text["home"], files()["en"].text["home"]);
        assert_eq!(Config::read(0, "{}").unwrap(), Config::default());
    }

    #[test]
    fn a_wrong_one_is_refused_with_the_reason() {
        let cases = [
            (r#"{"colour":"red"}"#, "colour"),
            (r#"{"volume_percent":120}"#, "120"),
            (r#"{"quiet":["noon"]}"#, "noon"),
            (r#"{"texts":{"vi":{"hom":"x"}}}"#, "\"hom\""),
            (r#"{"texts":{"fr":{"home":"x"}}}"#, "\"fr\""),
            (r#"{"texts":{"vi":{"search.some":"vài thủ tục"}}}"#, "{…}"),
            (r#"{"texts":{"vi":{"home":""}}}"#, "home"),
            (r#"{"self_check":"25:00"}"#, "25:00"),
            ("{", "không đọc được"),
        ];
        for (text, reason) in cases {
            let error = Config::read(1, text).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_last_good_one_survives_a_start_and_a_damaged_file() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(recall(folder.path()), Config::default());
        keep(folder.path(), 1, GOOD).unwrap();
        keep(folder.path(), 2, r#"{"volume_percent":10}"#).unwrap();
        assert_eq!(recall(folder.path()).version, 2);
        std::fs::write(folder.path().join(FILE), "{\"vers").unwrap();
        assert_eq!(recall(folder.path()), Config::read(1, GOOD).unwrap(), "the one before");
        keep(folder.path(), 3, "{}").unwrap();
        assert_eq!(recall(folder.path()).version, 3, "a damaged one does not push the good one out");
        std::fs::write(folder.path().join(FILE), "").unwrap();
        assert_eq!(recall(folder.path()).version, 1);
        std::fs::write(folder.path().join(BEFORE), "").unwrap();
        assert_eq!(recall(folder.path()), Config::default());
    }
}
