use std::path::PathBuf;

use jiff::civil::Time;
use serde::Deserialize;

use super::words::Style;

/// The table `[voice]` of a kiosk's configuration.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VoiceConfig {
    /// Folder of the clip packs, one a language: `vi`, `en`, `km`. None: `voice` in the data folder.
    pub packs: Option<PathBuf>,
    /// 0 (silent) to 100.
    pub volume_percent: u8,
    /// When nothing is said: "11:30-13:00"; a span may pass midnight.
    pub quiet: Vec<String>,
    /// A call that nobody answered is said once more after this long, only when nothing else is said; 0 is never.
    pub repeat_after_seconds: u32,
    /// Says a call in the ticket's own language as well, where there are clips.
    pub own_language_too: bool,
    /// Syllables a second; 2 to 3 is understood in a hall.
    pub syllables_per_second: f32,
    /// How numbers are said.
    pub numbers: Style,
}

impl Default for VoiceConfig {
    fn default() -> Self {
        Self {
            packs: None,
            volume_percent: 100,
            quiet: vec![],
            repeat_after_seconds: 20,
            own_language_too: true,
            syllables_per_second: 2.5,
            numbers: Style::default(),
        }
    }
}

/// The same, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceSettings {
    /// Folder of the clip packs.
    pub packs: PathBuf,
    /// 0 to 1.
    pub volume: f32,
    /// Spans of the day without voice.
    pub quiet: Vec<Span>,
    /// Seconds; 0 is never.
    pub repeat_after_seconds: u32,
    /// Says a call in the ticket's own language as well.
    pub own_language_too: bool,
    /// Syllables a second at most.
    pub syllables_per_second: f32,
    /// How numbers are said.
    pub numbers: Style,
}

/// A span of the day: from included, to excluded; it may pass midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Begins.
    pub from: Time,
    /// Ends.
    pub to: Time,
}

/// A value that cannot be used: key, value, remedy.
pub type Wrong = (&'static str, String, &'static str);

impl VoiceConfig {
    /// Checks the values; packs lie in `data/voice` unless said otherwise.
    ///
    /// # Errors
    /// The first value that cannot be used.
    pub fn settings(&self, data: &std::path::Path) -> Result<VoiceSettings, Wrong> {
        if self.volume_percent > 100 {
            return Err(("voice.volume_percent", self.volume_percent.to_string(), "write 0 to 100"));
        }
        if !(2.0..=3.0).contains(&self.syllables_per_second) {
            return Err(("voice.syllables_per_second", self.syllables_per_second.to_string(), "write 2.0 to 3.0"));
        }
        let spans = self.quiet.iter().map(|text| Span::parse(text).ok_or_else(|| text.clone()));
        let quiet = spans
            .collect::<Result<Vec<_>, _>>()
            .map_err(|text| ("voice.quiet", text, "write spans of the day such as \"11:30-13:00\""))?;
        Ok(VoiceSettings {
            packs: self.packs.clone().unwrap_or_else(|| data.join("voice")),
            volume: f32::from(self.volume_percent) / 100.0,
            quiet,
            repeat_after_seconds: self.repeat_after_seconds,
            own_language_too: self.own_language_too,
            syllables_per_second: self.syllables_per_second,
            numbers: self.numbers,
        })
    }
}

impl VoiceSettings {
    /// Whether nothing is said at this time of the day.
    #[must_use]
    pub fn is_quiet(&self, now: Time) -> bool {
        self.volume <= 0.0 || self.quiet.iter().any(|span| span.holds(now))
    }
}

impl Span {
    /// "11:30-13:00"
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.split_once(['-', '–'])?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
        Some(Self { from: time(from)?, to: time(to)? })
    }

    fn holds(self, now: Time) -> bool {
        if self.from <= self.to { self.from <= now && now < self.to } else { self.from <= now || now < self.to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<VoiceSettings, Wrong> {
        toml::from_str::<VoiceConfig>(text).unwrap().settings(std::path::Path::new("data"))
    }

    #[test]
    fn nothing_said_is_loud_in_the_datas_folder_and_repeated_after_twenty_seconds() {
        let settings = read("").unwrap();
        assert_eq!((settings.volume, settings.repeat_after_seconds), (1.0, 20));
        assert_eq!(settings.packs, PathBuf::from("data/voice"));
        assert!(!settings.is_quiet(Time::midnight()));
    }

    #[test]
    fn quiet_hours_hold_their_beginning_and_pass_midnight() {
        let settings = read("quiet = [\"11:30-13:00\", \"17:00-07:00\"]").unwrap();
        let quiet = |hour, minute| settings.is_quiet(Time::constant(hour, minute, 0, 0));
        assert!(quiet(11, 30) && quiet(12, 59) && !quiet(13, 0) && !quiet(11, 29));
        assert!(quiet(23, 0) && quiet(3, 0) && !quiet(7, 0));
        assert!(read("volume_percent = 0").unwrap().is_quiet(Time::constant(9, 0, 0, 0)));
    }

    #[test]
    fn a_wrong_value_is_named_with_its_key() {
        assert_eq!(read("quiet = [\"11h30\"]").unwrap_err().0, "voice.quiet");
        assert_eq!(read("volume_percent = 101").unwrap_err().0, "voice.volume_percent");
        assert_eq!(read("syllables_per_second = 5.0").unwrap_err().0, "voice.syllables_per_second");
    }
}
