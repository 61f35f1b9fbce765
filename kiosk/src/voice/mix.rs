//! A call as one sound: chime, then the words of each language, joined with short gaps. Pure.

use std::sync::Arc;

use super::level::{self, PEAK_MAX_DBFS};
use super::pack::Pack;
use super::wav::Sound;
use super::words::Word;

/// Between two words at least.
const GAP_SECONDS: f32 = 0.05;
/// Before "đến quầy số".
const PAUSE_SECONDS: f32 = 0.18;
/// Between two languages.
const LANGUAGE_SECONDS: f32 = 0.6;
/// Between chime and speech.
const CHIME_SECONDS: f32 = 0.25;
/// When no pack says otherwise.
const RATE: u32 = 22_050;
/// The two notes of the chime: a falling third carries over voices.
const NOTES: [(f32, f32, f32); 2] = [(0.0, 880.0, 0.55), (0.32, 698.46, 0.75)];
const CHIME_LOUDNESS_DBFS: f32 = -20.0;

/// One language of a call.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its clips.
    pub pack: Arc<Pack>,
    /// What is said.
    pub words: Vec<Word>,
}

/// Speech inside a [`Track`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Speech {
    /// Begins, in seconds.
    pub from: f32,
    /// Ends.
    pub to: f32,
    /// Syllables said.
    pub syllables: u32,
}

impl Speech {
    /// Syllables a second.
    #[must_use]
    pub fn rate(&self) -> f32 {
        self.syllables as f32 / (self.to - self.from).max(0.001)
    }
}

/// A call as a sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// The sound.
    pub sound: Sound,
    /// One a language.
    pub speech: Vec<Speech>,
}

/// Joins a call. `syllables_per_second` is the fastest pace; `volume` is 0 to 1. No sample passes −1 dBFS.
#[must_use]
pub fn mix(parts: &[Part], syllables_per_second: f32, volume: f32) -> Track {
    let rate = parts.iter().map(|part| part.pack.rate).max().unwrap_or(RATE);
    let mut samples = chime(rate);
    let mut speech = Vec::with_capacity(parts.len());
    for (n, part) in parts.iter().enumerate() {
        silence(&mut samples, rate, if n == 0 { CHIME_SECONDS } else { LANGUAGE_SECONDS });
        speech.push(say(&mut samples, rate, part, syllables_per_second));
    }
    let ceiling = level::ratio(PEAK_MAX_DBFS);
    for sample in &mut samples {
        *sample = (*sample * volume).clamp(-ceiling, ceiling);
    }
    Track { sound: Sound { rate, samples }, speech }
}

fn say(samples: &mut Vec<f32>, rate: u32, part: &Part, pace: f32) -> Speech {
    let seconds = |samples: usize| samples as f32 / rate as f32;
    let mut said = Speech { from: seconds(samples.len()), to: seconds(samples.len()), syllables: 0 };
    for word in &part.words {
        let Some(clip) = part.pack.clips.get(&word.key) else { continue };
        let begun = seconds(samples.len());
        samples.extend(level::resample(&clip.samples, part.pack.rate, rate));
        said.to = seconds(samples.len());
        said.syllables += clip.syllables;
        // A word never follows faster than the pace: short words get longer gaps.
        let due = begun + clip.syllables as f32 / pace.max(0.5);
        let gap = (due - said.to).max(if word.pause { PAUSE_SECONDS } else { GAP_SECONDS });
        silence(samples, rate, gap);
    }
    said
}

fn silence(samples: &mut Vec<f32>, rate: u32, seconds: f32) {
    let more = (seconds.max(0.0) * rate as f32) as usize;
    samples.resize(samples.len() + more, 0.0);
}

/// Two bell notes, made here: no file that could be missing.
fn chime(rate: u32) -> Vec<f32> {
    let mut samples = vec![];
    let length = NOTES.iter().map(|(from, _, seconds)| from + seconds).fold(0.0, f32::max);
    silence(&mut samples, rate, length);
    for (at, sample) in samples.iter_mut().enumerate() {
        let now = at as f32 / rate as f32;
        for (from, pitch, seconds) in NOTES {
            let since = now - from;
            if (0.0..seconds).contains(&since) {
                let turn = std::f32::consts::TAU * pitch * since;
                let shape = (since * 200.0).min(1.0) * (-6.0 * since).exp() * ((seconds - since) * 20.0).min(1.0);
                *sample += shape * (turn.sin() + 0.3 * (2.0 * turn).sin());
            }
        }
    }
    level::level(&mut samples, CHIME_LOUDNESS_DBFS);
    samples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Locale;
    use crate::voice::pack::tests::tones;
    use crate::voice::words::{Style, call};

    fn pack(language: Locale) -> Arc<Pack> {
        let folder = tempfile::tempdir().unwrap();
        tones(folder.path(), language, &[]);
        Arc::new(Pack::load(folder.path()).unwrap())
    }

    fn part(language: Locale, ticket: &str, counter: u32) -> Part {
        Part { pack: pack(language), words: call(language, ticket, counter, Style::default()) }
    }

    #[test]
    fn two_to_three_syllables_a_second_whatever_the_number() {
        let pack = pack(Locale::Vi);
        for (ticket, counter) in [("A001", 1), ("A025", 15), ("S999", 121), ("W1024", 999)] {
            let words = call(Locale::Vi, ticket, counter, Style::default());
            let track = mix(&[Part { pack: pack.clone(), words }], 2.5, 1.0);
            let rate = track.speech[0].rate();
            assert!((2.0..=3.0).contains(&rate), "{ticket} {counter}: {rate}");
        }
    }

    #[test]
    fn no_sample_passes_the_ceiling_and_the_volume_lowers_all_alike() {
        let loud = mix(&[part(Locale::Vi, "A025", 15)], 2.5, 1.0);
        assert!(level::db(level::peak(&loud.sound.samples)) <= PEAK_MAX_DBFS + 1e-3);
        let written = Sound::read(&loud.sound.write()).unwrap();
        assert!(level::db(level::peak(&written.samples)) <= PEAK_MAX_DBFS + 1e-3);
        let half = mix(&[part(Locale::Vi, "A025", 15)], 2.5, 0.5);
        let fell = level::db(level::rms(&loud.sound.samples)) - level::db(level::rms(&half.sound.samples));
        assert!((fell - 6.02).abs() < 0.1, "{fell}");
    }

    #[test]
    fn words_are_apart_and_never_over_each_other() {
        let track = mix(&[part(Locale::Vi, "A025", 15)], 2.5, 1.0);
        let rate = track.sound.rate as usize;
        let from = (track.speech[0].from * rate as f32) as usize;
        let windows: Vec<bool> =
            track.sound.samples[from..].chunks(rate / 100).map(|part| level::peak(part) > 0.001).collect();
        let words = windows.windows(2).filter(|pair| !pair[0] && pair[1]).count() + usize::from(windows[0]);
        // xin mời số · A · không · hai · năm · đến quầy số · mười · lăm
        assert_eq!(words, 8);
    }

    #[test]
    fn a_second_language_follows_after_a_silence_at_the_higher_rate() {
        let mut english = part(Locale::En, "A025", 15);
        let mut other = (*english.pack).clone();
        other.rate = 44_100;
        for clip in other.clips.values_mut() {
            clip.samples = level::resample(&clip.samples, 22_050, 44_100);
        }
        english.pack = Arc::new(other);
        let track = mix(&[part(Locale::Vi, "A025", 15), english], 2.5, 1.0);
        assert_eq!(track.sound.rate, 44_100);
        let [first, second] = track.speech[..] else { panic!("{:?}", track.speech) };
        assert!(second.from - first.to >= LANGUAGE_SECONDS, "{first:?} {second:?}");
        assert!((2.0..=3.0).contains(&second.rate()), "{second:?}");
    }

    #[test]
    fn without_a_pack_the_chime_still_calls_attention() {
        let track = mix(&[], 2.5, 1.0);
        assert!((0.8..1.5).contains(&track.sound.seconds()) && track.speech.is_empty());
        assert!(level::db(level::peak(&track.sound.samples)) > -20.0);
    }
}
