use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

/// Why a store operation did not happen. Nothing is ever half applied: the transaction is gone.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique key is taken.
    #[error("already exists: {0}")]
    AlreadyExists(String),
    /// The row changed since it was read.
    #[error("changed since it was read")]
    Conflict,
    /// The database asks for the whole transaction to be run again.
    #[error("busy: {0}")]
    Busy(DbErr),
    /// No space left: free some and go on; nothing was written.
    #[error("disk full: {0}")]
    Full(DbErr),
    /// The file is damaged: restore the latest backup.
    #[error("data file damaged: {0}")]
    Corrupt(DbErr),
    /// The database does not answer.
    #[error("database unavailable: {0}")]
    Unavailable(DbErr),
    /// A sealed column cannot be opened with this key.
    #[error("sealed value cannot be opened: {0}")]
    Sealed(&'static str),
    /// Anything else: a defect.
    #[error(transparent)]
    Db(DbErr),
}

/// Errors that say whether the same act may succeed when run again.
pub trait Retryable {
    /// True where the whole transaction should be run again.
    fn is_retryable(&self) -> bool;
}

impl Retryable for StoreError {
    fn is_retryable(&self) -> bool {
        matches!(self, Self::Busy(_))
    }
}

impl StoreError {
    /// True where the fault lies with the database's availability, not with the request.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Busy(_) | Self::Full(_) | Self::Corrupt(_) | Self::Unavailable(_))
    }
}

fn driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(e))
        | DbErr::Query(RuntimeErr::SqlxError(e))
        | DbErr::Conn(RuntimeErr::SqlxError(e)) => Some(e),
        _ => None,
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what)) = error.sql_err() {
            return Self::AlreadyExists(what);
        }
        if matches!(error, DbErr::ConnectionAcquire(_)) {
            return Self::Unavailable(error);
        }
        let Some(cause) = driver(&error) else { return Self::Db(error) };
        let code = cause.as_database_error().and_then(|d| d.code()).map(|c| c.into_owned());
        match (code.as_deref(), cause) {
            // SQLite: busy and its snapshot kind; PostgreSQL: serialization failure, deadlock.
            (Some("5" | "517" | "261" | "6" | "40001" | "40P01"), _) => Self::Busy(error),
            (Some("13" | "53100"), _) => Self::Full(error),
            (Some("11" | "26" | "267" | "523" | "XX001" | "XX002"), _) => Self::Corrupt(error),
            // SQLite I/O errors and read-only media; PostgreSQL shutting down, out of connections, connection lost.
            (Some(c), _) if c == "10" || c == "8" || c == "14" || is_sqlite_io(c) => Self::Unavailable(error),
            (Some(c), _) if c.starts_with("57P") || c.starts_with("08") || c.starts_with("53") => {
                Self::Unavailable(error)
            }
            // PostgreSQL's own deadlines: a lock, a statement, a transaction that stood still. Nothing was written.
            (Some("55P03" | "57014" | "25P03"), _) => Self::Unavailable(error),
            (
                None,
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed
                | sqlx::Error::Tls(_)
                | sqlx::Error::Protocol(_),
            ) => Self::Unavailable(error),
            _ => Self::Db(error),
        }
    }
}

/// Extended codes of SQLITE_IOERR are `n << 8 | 10`.
fn is_sqlite_io(code: &str) -> bool {
    code.parse::<u32>().is_ok_and(|n| n > 255 && n < 16_384 && n & 0xff == 10)
}
