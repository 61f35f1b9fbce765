//! Loudness of a clip: silence cut off, every clip as loud as the others, none louder than the ceiling.

use super::wav::Sound;

/// No sample of ours passes this: amplifiers in halls distort above.
pub const PEAK_MAX_DBFS: f32 = -1.0;
/// What every clip of a pack is levelled to when its manifest does not say.
pub const LOUDNESS_DBFS: f32 = -20.0;
/// Quieter than this below the clip's own peak is silence.
const SILENCE_DB: f32 = -44.0;
/// Kept around the speech, so that consonants are not cut.
const MARGIN_MS: usize = 12;
/// Softened at both ends: a cut inside a wave clicks.
const FADE_MS: usize = 4;
/// Recordings are amplified by this much at most: beyond it is noise.
const GAIN_MAX_DB: f32 = 24.0;
const WINDOW_MS: usize = 10;

/// A ratio as decibels.
#[must_use]
pub fn db(ratio: f32) -> f32 {
    20.0 * ratio.max(1e-9).log10()
}

/// Decibels as a ratio.
#[must_use]
pub fn ratio(db: f32) -> f32 {
    10_f32.powf(db / 20.0)
}

/// The largest sample.
#[must_use]
pub fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |most, sample| most.max(sample.abs()))
}

/// The root of the mean square.
#[must_use]
pub fn rms(samples: &[f32]) -> f32 {
    let sum: f32 = samples.iter().map(|sample| sample * sample).sum();
    (sum / samples.len().max(1) as f32).sqrt()
}

/// Cuts silence off at both ends.
#[must_use]
pub fn trim(sound: &Sound) -> Sound {
    let window = (sound.rate as usize * WINDOW_MS / 1000).max(1);
    let floor = peak(&sound.samples) * ratio(SILENCE_DB);
    let loud: Vec<bool> = sound.samples.chunks(window).map(|part| rms(part) > floor).collect();
    let (Some(first), Some(last)) = (loud.iter().position(|loud| *loud), loud.iter().rposition(|loud| *loud)) else {
        return Sound { rate: sound.rate, samples: vec![] };
    };
    let margin = sound.rate as usize * MARGIN_MS / 1000;
    let from = (first * window).saturating_sub(margin);
    let to = ((last + 1) * window + margin).min(sound.samples.len());
    let mut samples = sound.samples.get(from..to).unwrap_or_default().to_vec();
    let fade = (sound.rate as usize * FADE_MS / 1000).min(samples.len() / 2);
    for i in 0..fade {
        let factor = i as f32 / fade as f32;
        let end = samples.len() - 1 - i;
        for at in [i, end] {
            if let Some(sample) = samples.get_mut(at) {
                *sample *= factor;
            }
        }
    }
    Sound { rate: sound.rate, samples }
}

/// Makes a clip as loud as `loudness_dbfs`, unless its peak would pass the ceiling.
pub fn level(samples: &mut [f32], loudness_dbfs: f32) {
    let (loud, high) = (db(rms(samples)), db(peak(samples)));
    let gain = (loudness_dbfs - loud).min(PEAK_MAX_DBFS - high).min(GAIN_MAX_DB);
    let factor = ratio(gain);
    for sample in samples {
        *sample *= factor;
    }
}

/// The same sound at another rate, for languages whose packs differ.
#[must_use]
pub fn resample(samples: &[f32], from: u32, to: u32) -> Vec<f32> {
    if from == to {
        return samples.to_vec();
    }
    let step = f64::from(from) / f64::from(to.max(1));
    let length = (samples.len() as f64 / step) as usize;
    let at = |i: usize| samples.get(i).copied().unwrap_or_default();
    (0..length)
        .map(|i| {
            let place = i as f64 * step;
            let part = (place - place.floor()) as f32;
            at(place as usize) * (1.0 - part) + at(place as usize + 1) * part
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32, ms: usize) -> Vec<f32> {
        (0..22_050 * ms / 1000).map(|i| (i as f32 * 0.12).sin() * amplitude).collect()
    }

    #[test]
    fn silence_goes_and_speech_stays() {
        let samples = [vec![0.0; 8000], tone(0.3, 300), vec![0.001; 9000]].concat();
        let cut = trim(&Sound { rate: 22_050, samples });
        assert!((0.29..0.36).contains(&cut.seconds()), "{}", cut.seconds());
        assert!(cut.samples[0].abs() < 0.01 && cut.samples.last().unwrap().abs() < 0.01);
        assert!(trim(&Sound { rate: 22_050, samples: vec![0.0; 400] }).samples.is_empty());
    }

    #[test]
    fn quiet_and_loud_clips_become_equally_loud() {
        for amplitude in [0.02, 0.2, 1.0] {
            let mut samples = tone(amplitude, 400);
            level(&mut samples, -20.0);
            assert!((db(rms(&samples)) + 20.0).abs() < 0.1, "{amplitude}: {}", db(rms(&samples)));
        }
    }

    #[test]
    fn no_peak_passes_the_ceiling_and_noise_is_not_blown_up() {
        let mut clicks = tone(0.01, 400);
        clicks[100] = 0.9;
        level(&mut clicks, -20.0);
        assert!(db(peak(&clicks)) <= PEAK_MAX_DBFS + 0.01);
        let mut noise = tone(0.0005, 400);
        level(&mut noise, -20.0);
        assert!(db(peak(&noise)) < -40.0);
    }

    #[test]
    fn another_rate_keeps_the_length_in_seconds() {
        let up = resample(&tone(0.5, 100), 22_050, 44_100);
        assert!((up.len() as i64 - 4410).abs() <= 2, "{}", up.len());
        assert!((db(rms(&up)) - db(rms(&tone(0.5, 100)))).abs() < 0.2);
    }
}
