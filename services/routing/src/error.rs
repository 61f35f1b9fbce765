//! What can go wrong in routing, beyond a refused command.
use motcua_bus::BusError;
use motcua_store::{Retryable, StoreError};

use crate::model::centre::FileError;
use crate::model::command::Refusal;

/// Why routing could not do something.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A centre's file cannot be applied.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file would take away what tickets still need.
    #[error("{0}")]
    InUse(String),
    /// The stored configuration of a centre does not read.
    #[error("stored configuration of centre {0} does not read: {1}")]
    Configuration(String, FileError),
    /// The writer's queue is full.
    #[error("write queue full")]
    Full,
    /// The write did not happen, or its outcome was lost: the same request id may be sent again.
    #[error("write lost: {0}")]
    Lost(String),
    /// No space is left; nothing was written.
    #[error("disk full: {0}")]
    DiskFull(String),
    /// The database refuses a statement of ours: a defect.
    #[error("statement refused: {0}")]
    Defect(String),
    /// The bus says no.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Intake does not answer.
    #[error("intake: {0}")]
    Intake(String),
}

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl Retryable for Error {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(store) if store.is_retryable())
    }
}
