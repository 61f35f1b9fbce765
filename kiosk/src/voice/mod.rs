//! The hall's voice: a call is words ([`words`]), words are clips of a pack ([`pack`]), clips are joined to one sound
//! ([`mod@mix`]), and the sounds of a hall follow each other on its [`channel`]. The page of the board plays them.
//!
//! A pack is a folder of WAV files ([`pack`]); [`build`] makes a placeholder with espeak-ng as a program of its own.

pub mod build;
pub mod channel;
pub mod level;
pub mod mix;
pub mod pack;
mod settings;
pub mod wav;
pub mod words;

use std::sync::Arc;

pub use settings::{Span, VoiceConfig, VoiceSettings, Wrong};

use crate::lang::Locale;
use mix::{Part, Track};
use pack::{Pack, PackError};

/// The packs of a machine, and how calls are said with them.
#[derive(Debug, Clone, Default)]
pub struct Voice {
    packs: Vec<Arc<Pack>>,
    /// One sentence each, in Vietnamese, for staff.
    pub notices: Vec<String>,
}

impl Voice {
    /// Reads every language's pack. What is missing or wrong is named in `notices`; the rest is used.
    #[must_use]
    pub fn load(settings: &VoiceSettings) -> Self {
        let mut voice = Self::default();
        for locale in Locale::ALL {
            match Pack::load(&settings.packs.join(locale.code())) {
                Ok(pack) if pack.language != locale => voice.notices.push(format!(
                    "Giọng đọc: thư mục {} chứa gói của ngôn ngữ khác ({}); không dùng.",
                    locale.code(),
                    pack.language.code()
                )),
                Ok(pack) => {
                    voice.notices.extend(missing(&pack));
                    voice.packs.push(Arc::new(pack));
                }
                // Khmer and English are spoken when there is a pack, and nobody is told when there is none.
                Err(PackError::Absent(_)) if locale != Locale::Vi => {}
                Err(PackError::Absent(folder)) => {
                    tracing::warn!(folder = %folder.display(), "no Vietnamese voice: motcua-kiosk voice build makes a placeholder");
                    voice.notices.push("Giọng đọc: chưa có gói tiếng Việt, chỉ có tiếng chuông.".to_owned());
                }
                Err(error) => {
                    tracing::warn!(%error, language = locale.code(), "voice: pack not used");
                    let text = "tệp manifest.toml không dùng được, xem nhật ký của máy.";
                    voice.notices.push(format!("Giọng đọc ({}): {text}", locale.code()));
                }
            }
        }
        voice
    }

    /// Languages with a pack.
    #[must_use]
    pub fn languages(&self) -> Vec<Locale> {
        self.packs.iter().map(|pack| pack.language).collect()
    }

    /// A call as a sound: in Vietnamese, then in the ticket's own language where that is wanted and can be said. A
    /// language in which a number would be heard with a hole is left out; where none is left, another one that can say
    /// it is taken; where there is none, the chime alone calls attention.
    #[must_use]
    pub fn call(&self, settings: &VoiceSettings, number: &str, counter: u32, own: Locale) -> Track {
        let say = |locale: Locale| {
            let pack = self.packs.iter().find(|pack| pack.language == locale)?.clone();
            let words = words::call(locale, number, counter, settings.numbers);
            pack.can_say(&words).then_some(Part { pack, words })
        };
        let mut parts: Vec<Part> = say(Locale::Vi).into_iter().collect();
        if settings.own_language_too && own != Locale::Vi {
            parts.extend(say(own));
        }
        if parts.is_empty() {
            parts.extend([own, Locale::En, Locale::Km].into_iter().find_map(say));
        }
        mix::mix(&parts, settings.syllables_per_second, settings.volume)
    }
}

/// What a pack lacks, in one sentence.
fn missing(pack: &Pack) -> Option<String> {
    const NAMED_MAX: usize = 12;
    if pack.missing.is_empty() {
        return None;
    }
    for missing in &pack.missing {
        tracing::warn!(language = pack.language.code(), clip = missing.key, why = missing.why, "voice: clip missing");
    }
    let named: Vec<String> = pack.missing.iter().take(NAMED_MAX).map(|clip| format!("“{}”", clip.key)).collect();
    let more = match pack.missing.len() {
        n if n > NAMED_MAX => format!(" và {} từ khác", n - NAMED_MAX),
        _ => String::new(),
    };
    Some(format!("Giọng đọc ({}): thiếu {}{more}.", pack.language.code(), named.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::channel::{Channel, Saying};
    use super::pack::tests::tones;
    use super::*;

    fn settings(folder: &Path) -> VoiceSettings {
        VoiceConfig { packs: Some(folder.to_owned()), ..VoiceConfig::default() }.settings(folder).unwrap()
    }

    fn packs(languages: &[(Locale, &[&str])]) -> (tempfile::TempDir, VoiceSettings) {
        let folder = tempfile::tempdir().unwrap();
        for (locale, without) in languages {
            tones(&folder.path().join(locale.code()), *locale, without);
        }
        let settings = settings(folder.path());
        (folder, settings)
    }

    #[test]
    fn the_citizens_language_follows_where_there_is_a_pack() {
        let (_folder, settings) = packs(&[(Locale::Vi, &[]), (Locale::En, &[])]);
        let voice = Voice::load(&settings);
        assert_eq!((voice.languages(), voice.notices.len()), (vec![Locale::Vi, Locale::En], 0));
        let parts = |own| voice.call(&settings, "A025", 5, own).speech.len();
        assert_eq!((parts(Locale::Vi), parts(Locale::En), parts(Locale::Km)), (1, 2, 1));
        let only = VoiceSettings { own_language_too: false, ..settings.clone() };
        assert_eq!(voice.call(&only, "A025", 5, Locale::En).speech.len(), 1);
    }

    #[test]
    fn a_missing_clip_is_named_and_the_call_goes_on_without_it_or_in_another_language() {
        let (_folder, settings) = packs(&[(Locale::Vi, &["lẻ", "xin mời số"]), (Locale::En, &[])]);
        let voice = Voice::load(&settings);
        assert_eq!(voice.notices, ["Giọng đọc (vi): thiếu “lẻ”, “xin mời số”."]);
        let syllables = |counter| voice.call(&settings, "A025", counter, Locale::Vi).speech[0].syllables;
        // A không hai năm, đến quầy số mười lăm: without the polite words.
        assert_eq!(syllables(15), 9);
        // "một trăm lẻ năm" without its "lẻ" is heard as a hundred and fifty: English says it.
        assert_eq!(syllables(105), 4 + 1 + 1 + 2 + 1 + 5 + 1 + 2 + 1 + 1);
    }

    #[test]
    fn without_any_pack_the_chime_calls_and_staff_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        let voice = Voice::load(&settings);
        assert!(voice.notices[0].contains("chưa có gói tiếng Việt"), "{:?}", voice.notices);
        let track = voice.call(&settings, "A025", 5, Locale::Km);
        assert!(track.speech.is_empty() && track.sound.seconds() > 0.5);
        std::fs::create_dir(folder.path().join("vi")).unwrap();
        std::fs::write(folder.path().join("vi").join(pack::MANIFEST), "x").unwrap();
        assert!(Voice::load(&settings).notices[0].contains("không dùng được"));
    }

    /// The samples of what a hall hears, from when its channel says what.
    #[test]
    fn two_calls_at_once_are_heard_one_after_the_other() {
        let (_folder, settings) = packs(&[(Locale::Vi, &[])]);
        let voice = Voice::load(&settings);
        let mut channel = Channel::default();
        let calls = [("A001", 5), ("B777", 21)];
        for (seq, (number, counter)) in (1..).zip(calls) {
            let saying = Saying {
                seq,
                ticket_id: number.into(),
                number: number.into(),
                counter,
                locale: Locale::Vi,
                again: false,
            };
            channel.call(saying, Duration::ZERO);
        }
        let (mut now, mut heard, mut spans) = (Duration::ZERO, Vec::<f32>::new(), vec![]);
        while let Some(wake) = channel.wake() {
            now = now.max(wake);
            let Some(saying) = channel.next(now, false) else { break };
            let track = voice.call(&settings, &saying.number, saying.counter, saying.locale);
            let from = (now.as_secs_f32() * track.sound.rate as f32).round() as usize;
            heard.resize(heard.len().max(from + track.sound.samples.len()), 0.0);
            for (at, sample) in track.sound.samples.iter().enumerate() {
                heard[from + at] += sample;
            }
            spans.push((from, track.sound.samples.clone()));
            channel.began(saying, Duration::from_secs_f32(track.sound.seconds()), None, now);
        }
        let [(first, one), (second, two)] = &spans[..] else { panic!("{} calls", spans.len()) };
        assert_eq!((&heard[*first..first + one.len()], &heard[*second..]), (&one[..], &two[..]), "nothing is mixed in");
        let silence = &heard[first + one.len()..*second];
        assert!(silence.len() > 5000 && silence.iter().all(|sample| *sample == 0.0), "{} samples", silence.len());
        assert!(level::peak(&heard) <= level::ratio(level::PEAK_MAX_DBFS) + 1e-6);
    }
}
