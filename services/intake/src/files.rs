//! Scans: bytes sealed in a folder, rows in the database. The bytes are there before the row, and go after it.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use motcua_kernel::id::new_id;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{FileDiscarded, FileHeader, FileStored, UploadFileResponse};
use motcua_runtime::Shutdown;
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, idempotency, retrying};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Place;
use object_store::{ObjectStore, ObjectStoreExt as _};
use prost::Message as _;
use ring::digest::{SHA256, digest};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::app::{App, SOURCE, answered, request_key};
use crate::error::Error;
use crate::model::file::{self, FILE_BYTES_MAX, FileError};
use crate::queries::file::{self as rows, File};
use crate::queries::{audit, dossier};
use crate::wire;

const METHOD: &str = "UploadFile";
const PURPOSE: &str = "file";
/// A file that no dossier takes up is forgotten after this.
const LEFT_OVER: SignedDuration = SignedDuration::from_hours(24);
const SWEEP: Duration = Duration::from_secs(600);
const SWEEP_MAX: i64 = 200;
/// Files held in memory at a time: each is sealed whole.
const AT_ONCE: usize = 8;

/// The folder of files, and turns to hold one in memory.
#[derive(Clone)]
pub(crate) struct Files {
    store: Option<Arc<dyn ObjectStore>>,
    turns: Arc<Semaphore>,
}

impl Files {
    /// Makes the folder where it is absent; without one no file is taken.
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, Error> {
        let store = folder.map(|folder| -> Result<Arc<dyn ObjectStore>, Error> {
            let fail = |what: &str| Error::Files(format!("files_dir {}: {what}", folder.display()));
            std::fs::create_dir_all(folder).map_err(|e| fail(&e.to_string()))?;
            Ok(Arc::new(LocalFileSystem::new_with_prefix(folder).map_err(|e| fail(&e.to_string()))?))
        });
        Ok(Self { store: store.transpose()?, turns: Arc::new(Semaphore::new(AT_ONCE)) })
    }

    fn store(&self) -> Result<&Arc<dyn ObjectStore>, Error> {
        let message = "Trung tâm chưa đặt nơi lưu tệp. Mời nhận hồ sơ giấy và báo quản trị hệ thống.";
        self.store.as_ref().ok_or_else(|| Error::Precondition { reason: "FILES_OFF", message: message.into() })
    }

    /// A turn to hold a file in memory.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>, Error> {
        self.store()?;
        self.turns.acquire().await.map_err(|_| Error::Internal("files closed".into()))
    }
}

fn place(file: &File) -> Place {
    Place::from_iter([file.centre_id.as_str(), file.id.as_str()])
}

fn hex_digest(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// Bytes as they come, never more than a file may have.
#[derive(Default)]
pub(crate) struct Gathered(Vec<u8>);

impl Gathered {
    pub(crate) fn add(&mut self, chunk: &[u8]) -> Result<(), FileError> {
        if self.0.len() + chunk.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        self.0.extend_from_slice(chunk);
        Ok(())
    }
}

impl App {
    /// Keeps a file until a dossier takes it up.
    pub(crate) async fn store_file(
        &self,
        who: &Identity,
        header: FileHeader,
        content: Gathered,
    ) -> Result<UploadFileResponse, Error> {
        let store = self.files.store()?;
        let content = content.0;
        let declared = usize::try_from(header.size_bytes).unwrap_or(0);
        if declared != 0 && declared != content.len() {
            return Err(FileError::Truncated.into());
        }
        let name = file::file_name(&header.file_name)?;
        let media_type = file::media_type(&name, &header.media_type, &content)?;
        let sha256 = hex_digest(&content);
        let command = format!("{}\n{name}\n{sha256}", header.centre_id);
        let key = request_key(who, METHOD, &header.request_id, command.as_bytes());
        let file = File {
            id: new_id(),
            centre_id: header.centre_id,
            name,
            media_type,
            size_bytes: i64::try_from(content.len()).unwrap_or(i64::MAX),
            sha256,
            ordinal: 0,
            digitised: false,
            reused: false,
        };
        let sealer = self.sealer.clone();
        let sealed = tokio::task::spawn_blocking(move || sealer.seal_bytes(PURPOSE, content))
            .await
            .map_err(|e| Error::Internal(format!("file: {e}")))??;
        store.put(&place(&file), sealed.into()).await.map_err(files)?;
        let now = self.clock.now();
        let written = retrying(|| async {
            let tx = self.db.begin().await?;
            if let Some(answer) = answered::<UploadFileResponse>(&tx, &key).await? {
                return Ok((false, answer));
            }
            rows::insert(&tx, &file, &who.subject, now).await?;
            audit(&tx, &file.centre_id, now, who, "file.store", &file.id).await?;
            let response = UploadFileResponse { file: Some(wire::file(&file)) };
            idempotency::remember(&tx, &key, response.encode_to_vec()).await?;
            let told = FileStored {
                file_id: file.id.clone(),
                media_type: file.media_type.as_str().into(),
                size_bytes: file.size_bytes,
                sha256: file.sha256.clone(),
            };
            let event = event(&file, now, 1, "file.stored", "motcua.intake.v1.FileStored", told.encode_to_vec());
            outbox::append(&tx, SOURCE, &file.centre_id, vec![event]).await?;
            commit(tx).await?;
            Ok::<_, Error>((true, response))
        })
        .await;
        match written {
            Ok((true, response)) => {
                self.db.wake_relay();
                Ok(response)
            }
            // Bytes without a row are nobody's.
            Ok((false, response)) => {
                store.delete(&place(&file)).await.map_err(files)?;
                Ok(response)
            }
            Err(error) => {
                // A commit whose answer was lost may have left the row.
                if matches!(rows::find(self.db.read(), &file.centre_id, &file.id).await, Ok(None)) {
                    store.delete(&place(&file)).await.map_err(files)?;
                }
                Err(error)
            }
        }
    }

    /// A file with its content as it came. Every reading is written down.
    pub(crate) async fn read_file(&self, who: &Identity, centre_id: &str, id: &str) -> Result<(File, Vec<u8>), Error> {
        let store = self.files.store()?;
        let file = rows::find(self.db.read(), centre_id, id).await?.ok_or(Error::FileUnknown)?;
        self.note(who, centre_id, "file.read", id).await?;
        let sealed = store.get(&place(&file)).await.map_err(files)?.bytes().await.map_err(files)?;
        let sealer = self.sealer.clone();
        let content = tokio::task::spawn_blocking(move || sealer.open_bytes(PURPOSE, &sealed))
            .await
            .map_err(|e| Error::Internal(format!("file: {e}")))??;
        if hex_digest(&content) != file.sha256 {
            return Err(Error::Files(format!("{id}: content differs from its digest")));
        }
        Ok((file, content))
    }

    /// The files of a dossier.
    pub(crate) async fn files_of(&self, centre_id: &str, dossier_id: &str) -> Result<Vec<File>, Error> {
        dossier::find(self.db.read(), centre_id, dossier::By::Id(dossier_id)).await?.ok_or(Error::DossierUnknown)?;
        Ok(rows::list(self.db.read(), centre_id, dossier_id).await?)
    }

    /// Forgets files that no dossier took up within a day; how many.
    pub(crate) async fn discard_files(&self) -> Result<usize, Error> {
        let Ok(store) = self.files.store() else { return Ok(0) };
        let now = self.clock.now();
        let before = now.checked_sub(LEFT_OVER).unwrap_or(Timestamp::MIN);
        let who = Identity::service(SOURCE);
        let mut discarded = 0;
        for file in rows::left_over(self.db.read(), before, SWEEP_MAX).await? {
            let gone = retrying(|| async {
                let tx = self.db.begin().await?;
                if !rows::discard(&tx, &file.id).await? {
                    return Ok(false);
                }
                audit(&tx, &file.centre_id, now, &who, "file.discard", &file.id).await?;
                let told = FileDiscarded { file_id: file.id.clone() }.encode_to_vec();
                let event = event(&file, now, 2, "file.discarded", "motcua.intake.v1.FileDiscarded", told);
                outbox::append(&tx, SOURCE, &file.centre_id, vec![event]).await?;
                commit(tx).await?;
                Ok::<_, Error>(true)
            })
            .await?;
            if gone {
                store.delete(&place(&file)).await.map_err(files)?;
                discarded += 1;
            }
        }
        self.db.wake_relay();
        Ok(discarded)
    }

    /// Until `stop`: forgets what is left over.
    pub(crate) async fn sweep_files(self: Arc<Self>, stop: Shutdown) {
        loop {
            match self.discard_files().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "scans that no dossier took up were forgotten"),
                Err(error) => tracing::warn!(%error, "scans left over"),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(SWEEP) => {}
            }
        }
    }
}

fn files(error: object_store::Error) -> Error {
    Error::Files(error.to_string())
}

fn event(file: &File, now: Timestamp, version: i64, kind: &str, schema: &'static str, data: Vec<u8>) -> NewEvent {
    NewEvent {
        centre_id: file.centre_id.clone(),
        kind: kind.into(),
        subject: format!("files/{}", file.id),
        aggregate_id: file.id.clone(),
        aggregate_version: version,
        schema,
        data,
        time: now,
        traceparent: None,
    }
}
