//! Makes a placeholder pack with a speech program (espeak-ng), run as a process of its own and never linked. It is only
//! ever given words: it reads Vietnamese numbers wrongly.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::level::{self, LOUDNESS_DBFS};
use super::pack::{ClipFile, MANIFEST, Manifest, PackError};
use super::wav::Sound;
use super::words::vocabulary;
use crate::lang::Locale;

/// How a pack is made.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Its language.
    pub language: Locale,
    /// The speech program: takes `-v VOICE -s SPEED --stdout TEXT` and writes a WAV file.
    pub program: String,
    /// The program's name of a voice.
    pub voice: String,
    /// Words a minute.
    pub speed: u32,
}

/// Why no pack was made.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The program does not start.
    #[error("{program}: {source}; install it (Debian: apt install espeak-ng) or name another one with --program")]
    Program {
        /// As given.
        program: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The program said no, or nothing.
    #[error("{program} did not say \"{text}\": {message}")]
    Said {
        /// As given.
        program: String,
        /// What it was to say.
        text: String,
        /// Why not.
        message: String,
    },
    /// The program has no voice for this language.
    #[error("no placeholder voice for {0}: record a person, in the format that a built pack shows")]
    NoVoice(&'static str),
    /// A person's recording lies there.
    #[error("{} holds a recording that is no placeholder; name another folder, or move it away", .0.display())]
    Recording(PathBuf),
    /// Another kind of pack lies there.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The folder cannot be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Recipe {
    /// The usual one of a language: a Southern voice for Vietnamese.
    ///
    /// # Errors
    /// Khmer: no program speaks it.
    pub fn of(language: Locale) -> Result<Self, BuildError> {
        let (voice, speed) = match language {
            Locale::Vi => ("vi-vn-x-south", 125),
            Locale::En => ("en-gb", 145),
            Locale::Km => return Err(BuildError::NoVoice(language.code())),
        };
        Ok(Self { language, program: "espeak-ng".into(), voice: voice.into(), speed })
    }

    /// Makes the pack in `folder`. What was there stays until the new one is whole.
    ///
    /// # Errors
    /// [`BuildError`]; `folder` is then as it was.
    pub fn build(&self, folder: &Path) -> Result<usize, BuildError> {
        match Manifest::read(folder) {
            Ok(there) if !there.placeholder => return Err(BuildError::Recording(folder.to_owned())),
            Ok(_) | Err(PackError::Absent(_)) => {}
            Err(other) => return Err(other.into()),
        }
        let fresh = beside(folder, "new");
        let write = |path: &Path, source| BuildError::Write { path: path.to_owned(), source };
        remove(&fresh).map_err(|source| write(&fresh, source))?;
        std::fs::create_dir_all(&fresh).map_err(|source| write(&fresh, source))?;
        let made = self.fill(&fresh);
        if made.is_err() {
            let _ = remove(&fresh);
            return made;
        }
        let old = beside(folder, "old");
        remove(&old).map_err(|source| write(&old, source))?;
        if folder.exists() {
            std::fs::rename(folder, &old).map_err(|source| write(folder, source))?;
        }
        std::fs::rename(&fresh, folder).map_err(|source| write(folder, source))?;
        remove(&old).map_err(|source| write(&old, source))?;
        made
    }

    fn fill(&self, folder: &Path) -> Result<usize, BuildError> {
        let (mut clips, mut rate) = (BTreeMap::new(), 0);
        for (n, entry) in vocabulary(self.language).into_iter().enumerate() {
            let said = self.say(&entry.spoken)?;
            let mut sound = level::trim(&said);
            if sound.samples.is_empty() || (rate != 0 && rate != sound.rate) {
                return Err(self.wrong(&entry.spoken, "silence, or another sample rate than before"));
            }
            rate = sound.rate;
            level::level(&mut sound.samples, LOUDNESS_DBFS);
            let file = format!("{n:03}-{}.wav", motcua_kernel::fold::fold(&entry.key).replace(' ', "-"));
            let path = folder.join(&file);
            std::fs::write(&path, sound.write()).map_err(|source| BuildError::Write { path, source })?;
            clips.insert(entry.key, ClipFile { file, syllables: Some(entry.syllables) });
        }
        let count = clips.len();
        let manifest = Manifest {
            format: 1,
            language: self.language,
            voice: format!("{} {}", self.program, self.voice),
            placeholder: true,
            sample_rate: rate,
            loudness_dbfs: LOUDNESS_DBFS,
            clips,
        };
        let path = folder.join(MANIFEST);
        let text = toml::to_string(&manifest).map_err(|error| self.wrong(MANIFEST, &error.to_string()))?;
        std::fs::write(&path, text).map_err(|source| BuildError::Write { path, source })?;
        Ok(count)
    }

    fn say(&self, text: &str) -> Result<Sound, BuildError> {
        let speed = self.speed.to_string();
        let done = Command::new(&self.program)
            .args(["-v", &self.voice, "-s", &speed, "--stdout", text])
            .stdin(Stdio::null())
            .output()
            .map_err(|source| BuildError::Program { program: self.program.clone(), source })?;
        if !done.status.success() {
            return Err(self.wrong(text, String::from_utf8_lossy(&done.stderr).trim()));
        }
        Sound::read(&done.stdout).map_err(|error| self.wrong(text, &error.to_string()))
    }

    fn wrong(&self, text: &str, message: &str) -> BuildError {
        BuildError::Said { program: self.program.clone(), text: text.to_owned(), message: message.to_owned() }
    }
}

/// `packs/vi` → `packs/vi.new`.
fn beside(folder: &Path, kind: &str) -> PathBuf {
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{kind}"));
    folder.with_file_name(name)
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::voice::pack::Pack;

    /// A speech program that answers with the same sound whatever it is asked, and writes down what that was.
    fn speaker(folder: &Path, script: &str) -> String {
        let sound = Sound { rate: 22_050, samples: (0..6000).map(|i| (i as f32 * 0.1).sin() * 0.2).collect() };
        std::fs::write(folder.join("sound.wav"), sound.write()).unwrap();
        let program = folder.join("speaker");
        std::fs::write(&program, format!("#!/bin/sh\ncd '{}' || exit 1\n{script}\n", folder.display())).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        program.display().to_string()
    }

    fn recipe(program: String) -> Recipe {
        Recipe { program, ..Recipe::of(Locale::Vi).unwrap() }
    }

    #[test]
    fn a_pack_is_made_of_words_only_and_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let program = speaker(folder.path(), "echo \"$*\" >> asked; cat sound.wav");
        let packs = folder.path().join("packs/vi");
        let made = recipe(program).build(&packs).unwrap();
        let pack = Pack::load(&packs).unwrap();
        assert_eq!((pack.missing.len(), pack.clips.len()), (0, made));
        let asked = std::fs::read_to_string(folder.path().join("asked")).unwrap();
        assert!(asked.contains("-v vi-vn-x-south -s 125 --stdout xin mời số"), "{asked}");
        assert!(!asked.lines().any(|line| line.rsplit(' ').next().unwrap().contains(char::is_numeric)), "{asked}");
        assert_eq!(pack.clips["S"].syllables, 2);
    }

    #[test]
    fn it_is_made_again_over_itself_and_never_over_a_recording() {
        let folder = tempfile::tempdir().unwrap();
        let recipe = recipe(speaker(folder.path(), "cat sound.wav"));
        let packs = folder.path().join("vi");
        recipe.build(&packs).unwrap();
        std::fs::write(packs.join("stray"), "x").unwrap();
        recipe.build(&packs).unwrap();
        assert!(!packs.join("stray").exists() && !folder.path().join("vi.old").exists());
        let manifest = std::fs::read_to_string(packs.join(MANIFEST)).unwrap();
        std::fs::write(packs.join(MANIFEST), manifest.replace("placeholder = true", "placeholder = false")).unwrap();
        assert!(matches!(recipe.build(&packs), Err(BuildError::Recording(_))));
    }

    #[test]
    fn a_program_that_fails_leaves_the_old_pack_and_names_the_word() {
        let folder = tempfile::tempdir().unwrap();
        let packs = folder.path().join("vi");
        recipe(speaker(folder.path(), "cat sound.wav")).build(&packs).unwrap();
        let failing = speaker(folder.path(), "case \"$*\" in *mốt*) echo hỏng >&2; exit 3;; esac; cat sound.wav");
        let error = recipe(failing).build(&packs).unwrap_err().to_string();
        assert!(error.contains("\"mốt\"") && error.contains("hỏng"), "{error}");
        assert_eq!(Pack::load(&packs).unwrap().missing.len(), 0);
        assert!(!folder.path().join("vi.new").exists());
        let absent = recipe("no-such-speaker".into()).build(&packs).unwrap_err().to_string();
        assert!(absent.contains("apt install espeak-ng"), "{absent}");
        assert!(matches!(Recipe::of(Locale::Km), Err(BuildError::NoVoice("km"))));
    }
}
