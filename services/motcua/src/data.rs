//! The data folder of a centre on one machine: lock, secrets, credentials, databases, and where the running one is.

use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use crate::fail::Fail;

/// Services with a database of their own.
pub const SERVICES: [&str; 5] = ["intake", "routing", "status", "notification", "web"];

/// Where a running centre answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Running {
    /// Process id.
    pub pid: u32,
    /// `http://…` of the internal gRPC listener.
    pub grpc: String,
    /// `http://…` of the citizens' and staff's pages.
    pub http: String,
    /// `http://…` of the kiosk.
    pub kiosk: String,
    /// What QR codes carry.
    pub public_url: String,
    /// The centre that runs.
    pub centre_id: String,
}

/// A data folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Held while a centre uses the folder.
pub struct Lock(#[expect(dead_code, reason = "held for its lock")] File);

impl Folder {
    /// Makes the folder where it is absent.
    pub fn open(path: &Path) -> Result<Self, Fail> {
        let fail = |what: &Path, e: &std::io::Error| {
            Fail::config(format!(
                "--data {}: {}: {e}; choose a folder that this user may write to",
                path.display(),
                what.display()
            ))
        };
        for sub in ["", "secrets", "credentials"] {
            let folder = path.join(sub);
            fs::create_dir_all(&folder).map_err(|e| fail(&folder, &e))?;
        }
        for private in ["secrets", "credentials"] {
            let folder = path.join(private);
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).map_err(|e| fail(&folder, &e))?;
        }
        let path = path.canonicalize().map_err(|e| fail(path, &e))?;
        Ok(Self(path))
    }

    /// An existing folder, for commands that must not make one.
    pub fn existing(path: &Path) -> Result<Self, Fail> {
        if !path.join("secrets").is_dir() {
            return Err(Fail::config(format!(
                "--data {}: no centre lives here; start one with `motcua up --data {}`, or name its folder with --data",
                path.display(),
                path.display()
            )));
        }
        Self::open(path)
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Takes the folder for this process; one centre a folder.
    pub fn lock(&self) -> Result<Lock, Fail> {
        self.try_lock()?.ok_or_else(|| {
            let who = self.running().map_or_else(String::new, |r| format!(" (process {}, {})", r.pid, r.http));
            Fail::in_use(format!(
                "data folder {} is in use by another centre{who}; stop that one, or choose another folder with --data DIR",
                self.0.display()
            ))
        })
    }

    /// As [`Folder::lock`]; none when a centre runs.
    pub fn try_lock(&self) -> Result<Option<Lock>, Fail> {
        let path = self.0.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|e| Fail::config(format!("{}: {e}; choose another folder with --data DIR", path.display())))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(e)) => Err(Fail::other(format!("{}: {e}", path.display()))),
        }
    }

    /// URL of a service's database.
    pub fn database(&self, service: &str) -> String {
        format!("sqlite://{}", self.0.join(format!("{service}.db")).display())
    }

    /// A secret of `length` random bytes, made at the first start and kept.
    pub fn secret(&self, name: &str, length: usize) -> Result<Vec<u8>, Fail> {
        self.secret_with(name, || {
            let mut bytes = vec![0; length];
            SystemRandom::new().fill(&mut bytes).map_err(|_| Fail::other("no random source"))?;
            Ok(bytes)
        })
        .and_then(|bytes| {
            if bytes.len() == length {
                return Ok(bytes);
            }
            Err(Fail::config(format!(
                "{}: {} bytes instead of {length}; restore it from your backup",
                self.0.join("secrets").join(name).display(),
                bytes.len()
            )))
        })
    }

    /// A secret made by `make` at the first start, stored as hex.
    pub fn secret_with(&self, name: &str, make: impl FnOnce() -> Result<Vec<u8>, Fail>) -> Result<Vec<u8>, Fail> {
        let path = self.0.join("secrets").join(name);
        match fs::read_to_string(&path) {
            Ok(text) => hex::decode(text.trim())
                .map_err(|_| Fail::config(format!("{}: damaged; restore it from your backup", path.display()))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let bytes = make()?;
                write_private(&path, &hex::encode(&bytes))?;
                Ok(bytes)
            }
            Err(e) => Err(Fail::config(format!("{}: {e}", path.display()))),
        }
    }

    /// Writes `credentials/<name>.token`, readable by its owner only.
    pub fn write_token(&self, name: &str, token: &str) -> Result<(), Fail> {
        write_private(&self.token_file(name), token)
    }

    /// `credentials/<name>.token`
    pub fn token_file(&self, name: &str) -> PathBuf {
        self.0.join("credentials").join(format!("{name}.token"))
    }

    /// Id of the centre that lives here; none before the first start.
    pub fn centre_id(&self) -> Option<String> {
        let text = fs::read_to_string(self.0.join("centre.id")).ok()?;
        Some(text.trim().to_owned()).filter(|id| !id.is_empty())
    }

    /// Remembers which centre lives here.
    pub fn write_centre_id(&self, id: &str) -> Result<(), Fail> {
        write_private(&self.0.join("centre.id"), id)
    }

    /// The centre that runs in this folder, as it said itself.
    pub fn running(&self) -> Option<Running> {
        serde_json::from_slice(&fs::read(self.0.join("run.json")).ok()?).ok()
    }

    /// Says where this centre answers.
    pub fn write_running(&self, running: &Running) -> Result<(), Fail> {
        let text = serde_json::to_string_pretty(running).map_err(Fail::other)?;
        write_private(&self.0.join("run.json"), &text)
    }

    /// Takes that back.
    pub fn clear_running(&self) {
        let _ = fs::remove_file(self.0.join("run.json"));
    }
}

/// Writes beside and renames: a reader never sees half a file.
pub fn write_private(path: &Path, text: &str) -> Result<(), Fail> {
    let fail = |e: std::io::Error| {
        Fail::config(format!("{}: cannot be written: {e}; free space or choose another folder", path.display()))
    };
    let beside = path.with_extension("tmp");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside).map_err(fail)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(fail)?;
    fs::rename(&beside, path).map_err(fail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once_and_keeps_its_secrets() {
        let at = std::env::temp_dir().join(motcua_kernel::id::new_id());
        let folder = Folder::open(&at).unwrap();
        let lock = folder.lock().unwrap();
        let second = Folder::open(&at).unwrap();
        assert_eq!(second.lock().err().map(|f| f.code), Some(3));
        drop(lock);
        assert!(second.lock().is_ok());
        assert_eq!(folder.secret("a", 32).unwrap(), second.secret("a", 32).unwrap());
        let mode = fs::metadata(at.join("secrets/a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::write(at.join("secrets/a"), "zz").unwrap();
        assert_eq!(folder.secret("a", 32).err().map(|f| f.code), Some(2));
        fs::remove_dir_all(at).unwrap();
    }
}
