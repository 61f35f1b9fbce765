//! A pack of clips: a folder of WAV files and a `manifest.toml`. A recording by a person drops in without a change here.
//!
//! ```toml
//! format = 1
//! language = "vi"
//! voice = "Nguyễn Thị Mẫu, 2026"     # who speaks
//! placeholder = false                 # true: made by a program, and may be made again over itself
//! sample_rate = 22050
//! loudness_dbfs = -20.0               # every clip is levelled to this root mean square
//!
//! [clips]
//! "xin mời số" = { file = "xin-moi-so.wav" }
//! "A" = { file = "a.wav", syllables = 1 }
//! ```

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::level::{self, LOUDNESS_DBFS};
use super::wav::Sound;
use super::words::{Word, vocabulary};
use crate::lang::Locale;

/// The manifest's name in a pack's folder.
pub const MANIFEST: &str = "manifest.toml";
const FORMAT: u32 = 1;
const MANIFEST_BYTES_MAX: u64 = 256 * 1024;
const CLIP_BYTES_MAX: u64 = 2 * 1024 * 1024;
const CLIPS_MAX: usize = 500;
const CLIP_SECONDS_MAX: f32 = 6.0;

/// `manifest.toml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this format: 1.
    pub format: u32,
    /// `vi`, `en`, `km`.
    pub language: Locale,
    /// Who speaks.
    #[serde(default)]
    pub voice: String,
    /// Made by a program.
    #[serde(default)]
    pub placeholder: bool,
    /// Samples a second of every file.
    pub sample_rate: u32,
    /// Root mean square that clips are levelled to.
    #[serde(default = "loudness")]
    pub loudness_dbfs: f32,
    /// Clips by what they say.
    pub clips: BTreeMap<String, ClipFile>,
}

fn loudness() -> f32 {
    LOUDNESS_DBFS
}

/// A line of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClipFile {
    /// Name of a file in the pack's folder.
    pub file: String,
    /// Syllables, where they are not the words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub syllables: Option<u32>,
}

/// A clip in memory, levelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    /// At the pack's rate.
    pub samples: Vec<f32>,
    /// At least one.
    pub syllables: u32,
}

/// A clip that should be there and is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What it says.
    pub key: String,
    /// Why not.
    pub why: String,
}

/// A language's clips in memory.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its language.
    pub language: Locale,
    /// Who speaks.
    pub voice: String,
    /// Samples a second.
    pub rate: u32,
    /// Clips by what they say.
    pub clips: HashMap<String, Clip>,
    /// What is not there or cannot be used.
    pub missing: Vec<Missing>,
}

/// Why there is no pack at all.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// The folder has no manifest.
    #[error("{}: chưa có gói giọng đọc", .0.display())]
    Absent(PathBuf),
    /// A file cannot be read.
    #[error("{}: {source}", file.display())]
    Read {
        /// Which.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The manifest is not as it should be.
    #[error("{}: {message}", file.display())]
    Manifest {
        /// Which.
        file: PathBuf,
        /// What is wrong.
        message: String,
    },
}

impl Pack {
    /// Reads a pack and checks every clip. A clip that cannot be used is named in `missing`; the others are taken.
    ///
    /// # Errors
    /// No manifest, or one that cannot be used.
    pub fn load(folder: &Path) -> Result<Self, PackError> {
        let manifest = Manifest::read(folder)?;
        let mut pack = Self {
            language: manifest.language,
            voice: manifest.voice.clone(),
            rate: manifest.sample_rate,
            clips: HashMap::new(),
            missing: vec![],
        };
        for entry in vocabulary(manifest.language) {
            if !manifest.clips.contains_key(&entry.key) {
                pack.missing.push(Missing { key: entry.key, why: "không có trong manifest.toml".into() });
            }
        }
        for (key, file) in &manifest.clips {
            match manifest.clip(folder, key, file) {
                Ok(clip) => drop(pack.clips.insert(key.clone(), clip)),
                Err(why) => pack.missing.push(Missing { key: key.clone(), why }),
            }
        }
        pack.missing.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(pack)
    }

    /// Whether these words can be said so that nobody hears another number: every vital clip is there.
    #[must_use]
    pub fn can_say(&self, words: &[Word]) -> bool {
        words.iter().all(|word| !word.vital || self.clips.contains_key(&word.key))
    }
}

impl Manifest {
    /// Reads a pack's manifest.
    ///
    /// # Errors
    /// As [`Pack::load`].
    pub fn read(folder: &Path) -> Result<Self, PackError> {
        let file = folder.join(MANIFEST);
        let wrong = |message: String| PackError::Manifest { file: file.clone(), message };
        let text = match bounded(&file, MANIFEST_BYTES_MAX) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(PackError::Absent(folder.to_owned()));
            }
            Err(source) => return Err(PackError::Read { file, source }),
            Ok(bytes) => String::from_utf8(bytes).map_err(|_| wrong("không phải UTF-8".into()))?,
        };
        let manifest: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(wrong(format!("format = {}; bản này đọc được format = {FORMAT}", manifest.format)));
        }
        if !(8000..=48_000).contains(&manifest.sample_rate) {
            return Err(wrong(format!("sample_rate = {}; cần 8000 đến 48000", manifest.sample_rate)));
        }
        if !(-40.0..=-10.0).contains(&manifest.loudness_dbfs) {
            return Err(wrong(format!("loudness_dbfs = {}; cần −40 đến −10", manifest.loudness_dbfs)));
        }
        if manifest.clips.len() > CLIPS_MAX {
            return Err(wrong(format!("{} clip; nhiều nhất {CLIPS_MAX}", manifest.clips.len())));
        }
        Ok(manifest)
    }

    fn clip(&self, folder: &Path, key: &str, of: &ClipFile) -> Result<Clip, String> {
        let plain = Path::new(&of.file).file_name().is_some_and(|name| name == of.file.as_str());
        if !plain {
            return Err(format!("\"{}\" không phải tên tệp trong thư mục này", of.file));
        }
        let bytes = bounded(&folder.join(&of.file), CLIP_BYTES_MAX).map_err(|error| format!("{}: {error}", of.file))?;
        let sound = Sound::read(&bytes).map_err(|error| format!("{}: {error}", of.file))?;
        if sound.rate != self.sample_rate {
            return Err(format!("{}: {} Hz, manifest.toml ghi {} Hz", of.file, sound.rate, self.sample_rate));
        }
        let mut sound = level::trim(&sound);
        if sound.samples.is_empty() {
            return Err(format!("{}: không có tiếng", of.file));
        }
        if sound.seconds() > CLIP_SECONDS_MAX {
            return Err(format!("{}: dài hơn {CLIP_SECONDS_MAX} giây", of.file));
        }
        level::level(&mut sound.samples, self.loudness_dbfs);
        let words = u32::try_from(key.split_whitespace().count()).unwrap_or(1);
        Ok(Clip { samples: sound.samples, syllables: of.syllables.unwrap_or(words).max(1) })
    }
}

/// A whole file, unless it is larger than a clip or a manifest can be.
fn bounded(path: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let size = std::fs::metadata(path)?.len();
    if size > bytes_max {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, format!("{size} bytes")));
    }
    std::fs::read(path)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::voice::words::{Style, call};

    /// A tone of its own for every word: 110 ms a syllable.
    pub(crate) fn tones(folder: &Path, language: Locale, without: &[&str]) {
        std::fs::create_dir_all(folder).unwrap();
        let mut clips = BTreeMap::new();
        for (n, entry) in vocabulary(language).into_iter().enumerate() {
            if without.contains(&entry.key.as_str()) {
                continue;
            }
            let file = format!("{n}.wav");
            let length = 22_050 * 110 / 1000 * entry.syllables as usize;
            let pitch = 0.05 + n as f32 * 0.002;
            let samples = (0..length).map(|i| (i as f32 * pitch).sin() * 0.4).collect();
            std::fs::write(folder.join(&file), Sound { rate: 22_050, samples }.write()).unwrap();
            clips.insert(entry.key, ClipFile { file, syllables: Some(entry.syllables) });
        }
        let manifest = Manifest {
            format: FORMAT,
            language,
            voice: "tones".into(),
            placeholder: true,
            sample_rate: 22_050,
            loudness_dbfs: LOUDNESS_DBFS,
            clips,
        };
        std::fs::write(folder.join(MANIFEST), toml::to_string(&manifest).unwrap()).unwrap();
    }

    fn change(folder: &Path, with: impl FnOnce(&mut Manifest)) {
        let mut manifest = Manifest::read(folder).unwrap();
        with(&mut manifest);
        std::fs::write(folder.join(MANIFEST), toml::to_string(&manifest).unwrap()).unwrap();
    }

    #[test]
    fn a_whole_pack_misses_nothing_and_its_clips_are_equally_loud() {
        let folder = tempfile::tempdir().unwrap();
        tones(folder.path(), Locale::Vi, &[]);
        let pack = Pack::load(folder.path()).unwrap();
        assert_eq!((pack.missing.len(), pack.language, pack.rate), (0, Locale::Vi, 22_050));
        for (key, clip) in &pack.clips {
            let loud = level::db(level::rms(&clip.samples));
            assert!((loud - LOUDNESS_DBFS).abs() < 1.0, "{key}: {loud}");
        }
    }

    #[test]
    fn what_is_missing_or_broken_is_named_and_the_rest_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        tones(folder.path(), Locale::Vi, &["lẻ"]);
        std::fs::write(folder.path().join("0.wav"), b"not a sound").unwrap();
        change(folder.path(), |manifest| {
            manifest.clips.get_mut("một").unwrap().file = "../escape.wav".into();
            manifest.clips.get_mut("hai").unwrap().file = "gone.wav".into();
        });
        let pack = Pack::load(folder.path()).unwrap();
        let missing: Vec<&str> = pack.missing.iter().map(|missing| missing.key.as_str()).collect();
        assert_eq!(missing, ["hai", "lẻ", "một", "xin mời số"]);
        assert!(pack.missing[2].why.contains("không phải tên tệp"), "{:?}", pack.missing);
        assert!(pack.clips.len() > 40);
        let can = |ticket: &str, counter| pack.can_say(&call(Locale::Vi, ticket, counter, Style::default()));
        assert!(can("A038", 5), "only politeness is missing");
        assert!(!can("A012", 5) && !can("A038", 2) && !can("A038", 105), "a number with a hole is another number");
    }

    #[test]
    fn a_clip_of_another_rate_or_without_sound_is_named() {
        let folder = tempfile::tempdir().unwrap();
        tones(folder.path(), Locale::En, &[]);
        let other = Sound { rate: 16_000, samples: vec![0.1; 3000] };
        std::fs::write(folder.path().join("1.wav"), other.write()).unwrap();
        let silent = Sound { rate: 22_050, samples: vec![0.0; 3000] };
        std::fs::write(folder.path().join("2.wav"), silent.write()).unwrap();
        let pack = Pack::load(folder.path()).unwrap();
        let why: Vec<&str> = pack.missing.iter().map(|missing| missing.why.as_str()).collect();
        assert_eq!(why, ["1.wav: 16000 Hz, manifest.toml ghi 22050 Hz", "2.wav: không có tiếng"]);
    }

    #[test]
    fn a_wrong_manifest_is_refused_with_file_and_reason() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Pack::load(folder.path()), Err(PackError::Absent(_))));
        let refused = |text: &str| {
            std::fs::write(folder.path().join(MANIFEST), text).unwrap();
            Pack::load(folder.path()).unwrap_err().to_string()
        };
        assert!(refused("format = 9\nlanguage = \"vi\"\nsample_rate = 22050\nclips = {}").contains("format = 9"));
        assert!(refused("format = 1\nlanguage = \"fr\"\nsample_rate = 22050\nclips = {}").contains("manifest.toml"));
        assert!(refused("format = 1\nlanguage = \"vi\"\nsample_rate = 5\nclips = {}").contains("sample_rate = 5"));
        assert!(refused("not toml").contains("manifest.toml"));
    }
}
