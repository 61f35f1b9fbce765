//! What an administrator sets for one device or for all of the centre. A device looks at it once more itself: it alone
//! knows its language keys.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const NOTICES_MAX: usize = 6;
const NOTICE_CHARS_MAX: usize = 160;
const TEXTS_MAX: usize = 100;
const TEXT_CHARS_MAX: usize = 300;

/// Of a device; what is not set stays as its own file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Sentences on its screens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// Of the voice; 0 is silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub volume_percent: Option<u8>,
    /// When nothing is said: "11:30-13:00".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Vec<String>>,
    /// Sentences of the screens in place of its own, by language and key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<String, BTreeMap<String, String>>,
    /// When it looks at itself each night: "02:30".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub self_check: Option<String>,
}

/// One input that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Name of the input.
    pub field: &'static str,
    /// What to write instead.
    pub message: String,
}

fn wrong<T>(field: &'static str, message: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong { field, message: message.into() })
}

/// The form of an administrator, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Form {
    /// One a line.
    pub notices: String,
    /// "0" to "100", or empty.
    pub volume: String,
    /// Spans apart by commas or lines, "-" for none at all, or empty.
    pub quiet: String,
    /// Lines "vi home = Kính chào ông/bà".
    pub texts: String,
    /// "02:30", or empty.
    pub self_check: String,
}

impl Form {
    /// What the form means.
    pub fn read(&self) -> Result<Config, Wrong> {
        let notices: Vec<String> = lines(&self.notices).map(str::to_owned).collect();
        if notices.len() > NOTICES_MAX {
            return wrong("notices", format!("Tối đa {NOTICES_MAX} thông báo, mỗi dòng một thông báo."));
        }
        if notices.iter().any(|text| text.chars().count() > NOTICE_CHARS_MAX || text.chars().any(char::is_control)) {
            return wrong("notices", format!("Mỗi thông báo tối đa {NOTICE_CHARS_MAX} ký tự."));
        }
        let volume_percent = match self.volume.trim() {
            "" => None,
            text => match text.parse::<u8>() {
                Ok(percent) if percent <= 100 => Some(percent),
                _ => return wrong("volume", "Âm lượng là số từ 0 (tắt) đến 100."),
            },
        };
        let quiet = match self.quiet.trim() {
            "" => None,
            "-" => Some(vec![]),
            text => Some(text.split([',', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()),
        };
        if quiet.iter().flatten().any(|span: &String| !is_span(span)) {
            return wrong("quiet", "Giờ im lặng ghi như 11:30-13:00; nhiều khoảng cách nhau bằng dấu phẩy.");
        }
        let self_check = Some(self.self_check.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        if self_check.as_deref().is_some_and(|text| !is_time(text)) {
            return wrong("self_check", "Giờ tự kiểm tra ghi như 02:30.");
        }
        Ok(Config { notices, volume_percent, quiet, texts: texts(&self.texts)?, self_check })
    }

    /// A configuration as the form shows it.
    pub fn show(config: &Config) -> Self {
        let texts = config
            .texts
            .iter()
            .flat_map(|(language, texts)| texts.iter().map(move |(key, text)| format!("{language} {key} = {text}")));
        Self {
            notices: config.notices.join("\n"),
            volume: config.volume_percent.map_or_else(String::new, |percent| percent.to_string()),
            quiet: match &config.quiet {
                None => String::new(),
                Some(none) if none.is_empty() => "-".into(),
                Some(spans) => spans.join(", "),
            },
            texts: texts.collect::<Vec<_>>().join("\n"),
            self_check: config.self_check.clone().unwrap_or_default(),
        }
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// Which keys there are is the device's to say.
fn texts(typed: &str) -> Result<BTreeMap<String, BTreeMap<String, String>>, Wrong> {
    let mut all = BTreeMap::<String, BTreeMap<String, String>>::new();
    for (n, line) in lines(typed).enumerate() {
        let parts = line.split_once('=').and_then(|(name, text)| Some((name.trim().split_once(' ')?, text.trim())));
        let Some(((language, key), text)) = parts.filter(|((l, _), text)| {
            ["vi", "km", "en"].contains(l) && !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX
        }) else {
            return wrong(
                "texts",
                format!(
                    "Dòng {}: ghi như \"vi home = Kính chào ông/bà\" (vi, km hoặc en; tối đa {TEXT_CHARS_MAX} ký tự).",
                    n + 1
                ),
            );
        };
        all.entry(language.to_owned()).or_default().insert(key.trim().to_owned(), text.to_owned());
    }
    if all.values().map(BTreeMap::len).sum::<usize>() > TEXTS_MAX {
        return wrong("texts", format!("Tối đa {TEXTS_MAX} câu chữ thay thế."));
    }
    Ok(all)
}

fn is_time(text: &str) -> bool {
    let number = |part: &str, below: u8| part.len() == 2 && part.parse::<u8>().is_ok_and(|n| n < below);
    text.split_once(':').is_some_and(|(hour, minute)| number(hour, 24) && number(minute, 60))
}

fn is_span(text: &str) -> bool {
    text.split_once(['-', '–']).is_some_and(|(from, to)| is_time(from.trim()) && is_time(to.trim()))
}

/// What holds for a device: the centre's, with its own before it. Notices of both are shown.
pub fn merge(centre: &Config, own: &Config) -> Config {
    let mut texts = centre.texts.clone();
    for (language, more) in &own.texts {
        texts.entry(language.clone()).or_default().extend(more.clone());
    }
    Config {
        notices: own.notices.iter().chain(&centre.notices).take(NOTICES_MAX).cloned().collect(),
        volume_percent: own.volume_percent.or(centre.volume_percent),
        quiet: own.quiet.clone().or_else(|| centre.quiet.clone()),
        texts,
        self_check: own.self_check.clone().or_else(|| centre.self_check.clone()),
    }
}

/// When somebody is told: data of the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Between two reports of a device, 1 to 300.
    pub report_seconds: u16,
    /// A device silent for longer is lost, 5 to 3600.
    pub lost_seconds: u16,
    /// Nobody goes for so long: the manager is told, 1 to 3600.
    pub escalate_seconds: u16,
}

impl Default for Policy {
    fn default() -> Self {
        Self { report_seconds: 10, lost_seconds: 60, escalate_seconds: 60 }
    }
}

impl Policy {
    /// Whether it can be kept.
    pub fn check(self) -> Result<Self, Wrong> {
        if !(1..=300).contains(&self.report_seconds) {
            return wrong("report_seconds", "Máy báo về mỗi 1 đến 300 giây.");
        }
        if !(5..=3600).contains(&self.lost_seconds) || self.lost_seconds <= self.report_seconds {
            return wrong("lost_seconds", "Coi là mất liên lạc sau 5 đến 3600 giây, lâu hơn một lần báo về.");
        }
        if !(1..=3600).contains(&self.escalate_seconds) {
            return wrong("escalate_seconds", "Báo lãnh đạo sau 1 đến 3600 giây.");
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        Form {
            notices: "Chiều nay nghỉ họp\n\nMang theo căn cước".into(),
            volume: "80".into(),
            quiet: "11:30-13:00, 17:00-07:00".into(),
            texts: "vi home = Xin chào ông/bà\nen home = Good day = hello".into(),
            self_check: "02:30".into(),
        }
    }

    #[test]
    fn a_form_is_read_and_shown_again_and_goes_over_the_wire_unchanged() {
        let config = form().read().unwrap();
        assert_eq!(config.notices.len(), 2);
        assert_eq!(config.texts["en"]["home"], "Good day = hello");
        assert_eq!(Form::show(&config).read().unwrap(), config);
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
        assert_eq!(Form::default().read().unwrap(), Config::default());
        assert_eq!(Form { quiet: "-".into(), ..Form::default() }.read().unwrap().quiet, Some(vec![]));
    }

    #[test]
    fn a_wrong_input_is_named() {
        let cases = [
            ("notices", Form { notices: "x".repeat(161), ..form() }),
            ("notices", Form { notices: "a\n".repeat(7), ..form() }),
            ("volume", Form { volume: "101".into(), ..form() }),
            ("quiet", Form { quiet: "11h30".into(), ..form() }),
            ("quiet", Form { quiet: "24:00-25:00".into(), ..form() }),
            ("texts", Form { texts: "home = x".into(), ..form() }),
            ("texts", Form { texts: "fr home = x".into(), ..form() }),
            ("texts", Form { texts: "vi home =".into(), ..form() }),
            ("self_check", Form { self_check: "2:30".into(), ..form() }),
        ];
        for (field, form) in cases {
            assert_eq!(form.read().unwrap_err().field, field, "{form:?}");
        }
    }

    #[test]
    fn a_devices_own_stands_before_the_centres() {
        let centre = form().read().unwrap();
        let own =
            Form {
                volume: "0".into(), texts: "vi home = Riêng".into(), notices: "Máy này".into(), ..Form::default()
            };
        let both = merge(&centre, &own.read().unwrap());
        assert_eq!((both.volume_percent, both.quiet.as_ref()), (Some(0), centre.quiet.as_ref()));
        assert_eq!(
            (both.texts["vi"]["home"].as_str(), both.texts["en"]["home"].as_str()),
            ("Riêng", "Good day = hello")
        );
        assert_eq!(both.notices, ["Máy này", "Chiều nay nghỉ họp", "Mang theo căn cước"]);
        assert_eq!(merge(&centre, &Config::default()), centre);
    }

    #[test]
    fn a_policy_that_would_lose_every_device_is_refused() {
        let policy = Policy::default();
        assert_eq!(policy.check(), Ok(policy));
        let lost = Policy { report_seconds: 60, lost_seconds: 60, ..policy };
        assert_eq!(lost.check().unwrap_err().field, "lost_seconds");
        assert_eq!(Policy { report_seconds: 0, ..policy }.check().unwrap_err().field, "report_seconds");
        assert_eq!(Policy { escalate_seconds: 0, ..policy }.check().unwrap_err().field, "escalate_seconds");
    }
}
