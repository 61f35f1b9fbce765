//! A folder of messages: one file a delivery, named by its reference, so that a repetition finds it there.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{Message, Provider, ProviderError};
use crate::model::{Channel, Class, Outcome};

pub(super) struct Outgoing {
    folder: PathBuf,
}

impl Outgoing {
    pub fn open(folder: &Path) -> Result<Self, ProviderError> {
        let error = |source| ProviderError::Folder { folder: folder.display().to_string(), source };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(error)?;
        for entry in fs::read_dir(folder).map_err(error)?.flatten() {
            // What a killed process left half written; its delivery is tried again.
            if is_draft(&entry.file_name().to_string_lossy()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(Self { folder: folder.to_owned() })
    }
}

#[async_trait::async_trait]
impl Provider for Outgoing {
    fn channel(&self) -> Channel {
        Channel::Outgoing
    }

    fn dedup_us(&self) -> i64 {
        // A file stays until somebody takes it away: years, without overflowing what is added to it.
        i64::MAX / 8
    }

    fn note(&self) -> Option<String> {
        Some(format!("Chưa cấu hình nhà cung cấp tin nhắn: tin được ghi vào thư mục {}", self.folder.display()))
    }

    async fn send(&self, message: &Message) -> Outcome {
        let (folder, name, body) = (self.folder.clone(), file_name(message), body(message));
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &body)).await;
        match written {
            Ok(Ok(class)) => Outcome::Accepted { class, provider_id: None },
            Ok(Err(error)) => {
                Outcome::NotSent { class: Class::Connect, detail: format!("outgoing folder: {error}"), wait_ms: None }
            }
            Err(error) => Outcome::Ambiguous { detail: format!("outgoing folder: {error}") },
        }
    }
}

fn file_name(message: &Message) -> String {
    format!("{}.json", message.client_ref)
}

fn body(message: &Message) -> String {
    let page = json!({
        "id": message.client_ref,
        "kind": message.kind,
        "to": message.to.masked(),
        "time": message.time.to_string(),
        "text": message.text,
    });
    format!("{page:#}\n")
}

fn is_draft(name: &str) -> bool {
    name.starts_with('.') && name.contains(".json.")
}

/// Whole or not at all: written beside, flushed, then linked to its name, which fails when the name is taken.
fn write(folder: &Path, name: &str, body: &str) -> io::Result<Class> {
    let path = folder.join(name);
    if path.exists() {
        return Ok(Class::Duplicate);
    }
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let done = (|| {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(body.as_bytes())?;
        file.sync_all()?;
        match fs::hard_link(&draft, &path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(Class::Duplicate),
            // A file system without hard links: the same name and the same words, so replacing is harmless.
            Err(_) => fs::rename(&draft, &path)?,
        }
        fs::File::open(folder)?.sync_all()?;
        Ok(Class::Ok)
    })();
    let _ = fs::remove_file(&draft);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use motcua_kernel::phone::Phone;

    fn message() -> Message {
        Message {
            client_ref: "0192aa".into(),
            kind: "result_ready".into(),
            to: crate::provider::Address::Phone(Phone::parse("0912345678").unwrap()),
            template: None,
            letter: None,
            unsubscribe: None,
            text: "Ho so da co ket qua.".into(),
            time: "2026-11-23T02:00:00Z".parse().unwrap(),
        }
    }

    #[tokio::test]
    async fn one_file_a_reference_whatever_is_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let outgoing = Outgoing::open(&folder.path().join("a/b")).unwrap();
        let classes = [outgoing.send(&message()).await, outgoing.send(&message()).await];
        let accepted = |class| Outcome::Accepted { class, provider_id: None };
        assert_eq!(classes, [accepted(Class::Ok), accepted(Class::Duplicate)]);
        let files: Vec<_> = fs::read_dir(&outgoing.folder).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(files, ["0192aa.json"]);
        let text = fs::read_to_string(outgoing.folder.join("0192aa.json")).unwrap();
        assert!(text.contains("•••678") && !text.contains("912345"), "{text}");
        assert!(text.contains("Ho so da co ket qua.") && text.contains("2026-11-23T02:00:00Z"), "{text}");
    }

    #[test]
    fn a_draft_of_a_killed_process_is_cleared_away() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".0192aa.json.4711"), "{").unwrap();
        fs::write(folder.path().join("0192ab.json"), "{}").unwrap();
        let outgoing = Outgoing::open(folder.path()).unwrap();
        let files: Vec<_> = fs::read_dir(&outgoing.folder).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(files, ["0192ab.json"]);
    }

    #[tokio::test]
    async fn a_folder_that_went_away_is_tried_again() {
        let folder = tempfile::tempdir().unwrap();
        let outgoing = Outgoing::open(&folder.path().join("a")).unwrap();
        fs::remove_dir(&outgoing.folder).unwrap();
        assert!(matches!(outgoing.send(&message()).await, Outcome::NotSent { class: Class::Connect, .. }));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_refused_at_the_start() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Outgoing::open(file.path()).err().unwrap().to_string();
        assert!(error.contains("provider.folder"), "{error}");
    }
}
