//! What this machine must remember over a power cut: taps and the numbers they got, numbers lent by the centre, and what
//! was last heard from it.
//!
//! SQLite, because it is what survives power cuts on cheap flash and what a technician can open; each act is one
//! transaction that is on the disk (`synchronous=FULL`) before the next step is taken. A file that is damaged is set aside,
//! never deleted, and a new one begun: the machine goes on serving online, and offline again once numbers are lent anew.

mod blocks;
mod kept;
mod missed;
mod taps;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use motcua_runtime::Clock;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, Row as _, SqliteConnection, Transaction};
use tokio::sync::{Mutex, watch};

pub(crate) use blocks::Block;
pub(crate) use kept::Contact;
pub(crate) use missed::Missed;
pub(crate) use taps::{Paper, Place, Report, Tap};

/// Longer than a backup or a technician's look takes.
const BUSY_MAX: Duration = Duration::from_secs(5);
const VERSION: i64 = 1;
const SCHEMA: &str = include_str!("schema.sql");

/// Why something could not be kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// SQLite said so.
    #[error("local store: {0}")]
    Sql(#[from] sqlx::Error),
    /// What is kept does not read: another program wrote it.
    #[error("local store: {0}")]
    Unreadable(String),
    /// There is none: it could not be opened, nor a new one made.
    #[error("local store: none")]
    None,
    /// No number is left to take from what was lent.
    #[error("local store: no number left")]
    UsedUp,
}

impl StoreError {
    /// The file itself is damaged, not the moment.
    fn is_damage(&self) -> bool {
        const CORRUPT: i64 = 11;
        const NOT_A_DATABASE: i64 = 26;
        match self {
            Self::Sql(sqlx::Error::Database(error)) => {
                let code = error.code().and_then(|code| code.parse::<i64>().ok()).unwrap_or(0);
                matches!(code & 0xff, CORRUPT | NOT_A_DATABASE)
            }
            Self::Unreadable(_) => true,
            _ => false,
        }
    }
}

pub(crate) type Kept<T> = Result<T, StoreError>;

/// What is wrong with the store, as one sentence for staff; `None` while all is well.
pub(crate) type Trouble = Option<String>;

/// The store. Its acts wait for each other.
#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    connection: Mutex<Option<SqliteConnection>>,
    trouble: watch::Sender<Trouble>,
    /// Names what is set aside.
    clock: Clock,
}

impl Store {
    /// Opens the file, or makes it. Never fails: without a file the machine serves online only, and says so.
    pub async fn open(path: PathBuf, clock: Clock) -> Self {
        let trouble = watch::Sender::new(None);
        let connection = match connect(&path).await {
            Ok(connection) => Some(connection),
            Err(error) if error.is_damage() => anew(&path, clock.now(), &error, &trouble).await,
            Err(error) => {
                complain(&trouble, &error, no_store(&path));
                None
            }
        };
        Self { path, connection: Mutex::new(connection), trouble, clock }
    }

    /// What is wrong, if anything.
    pub fn trouble(&self) -> Trouble {
        self.trouble.borrow().clone()
    }

    /// An act that met damage sets the file aside: the next one finds a new file. One that the disk had no room for may
    /// leave a connection that is good for nothing any more: the next one finds a new connection. So it does once a file
    /// that could not be opened can be.
    async fn heed<T>(&self, done: Kept<T>) -> Kept<T> {
        let Err(error) = &done else { return done };
        let mut held = self.connection.lock().await;
        if error.is_damage() {
            drop(held.take());
            *held = anew(&self.path, self.clock.now(), error, &self.trouble).await;
            return done;
        }
        let useless = match held.as_mut() {
            Some(connection) => is_stuck(connection).await,
            None => true,
        };
        if useless {
            match connect(&self.path).await {
                Ok(connection) => {
                    if held.replace(connection).is_none() {
                        self.trouble.send_replace(None);
                    }
                }
                // The next act tries again.
                Err(error) => tracing::warn!(%error, "the local store is not opened again yet"),
            }
        }
        drop(held);
        done
    }
}

/// SQLite takes back by itself what the disk has no room for. The driver's own ROLLBACK then fails, and it takes the
/// connection to be inside a transaction for ever.
async fn is_stuck(connection: &mut SqliteConnection) -> bool {
    // The ping waits behind a rollback under way.
    connection.ping().await.is_err() || connection.is_in_transaction()
}

/// Begins one transaction; what it did is on the disk once it is committed.
async fn begin(held: &mut Option<SqliteConnection>) -> Kept<Transaction<'_, sqlx::Sqlite>> {
    Ok(held.as_mut().ok_or(StoreError::None)?.begin_with("begin immediate").await?)
}

async fn connect(path: &Path) -> Kept<SqliteConnection> {
    private(path).map_err(sqlx::Error::Io)?;
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_MAX)
        .disable_statement_logging();
    let mut connection = options.connect().await?;
    let sound: String = sqlx::query("pragma quick_check(1)").fetch_one(&mut connection).await?.try_get(0)?;
    if sound != "ok" {
        return Err(StoreError::Unreadable(sound));
    }
    let version: i64 = sqlx::query("pragma user_version").fetch_one(&mut connection).await?.try_get(0)?;
    match version {
        VERSION => {}
        0 => {
            let mut tx = connection.begin_with("begin immediate").await?;
            sqlx::raw_sql(SCHEMA).execute(&mut *tx).await?;
            tx.commit().await?;
        }
        other => {
            return Err(StoreError::Unreadable(format!("written by version {other}, this program knows {VERSION}")));
        }
    }
    Ok(connection)
}

/// What a look from outside finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sum {
    /// Printed numbers that the centre has yet to be told.
    pub untold: i64,
    /// Numbers left in all blocks.
    pub left: i64,
}

/// Looks into a store without changing it, also beside the program that uses it.
pub(crate) async fn look(path: &Path) -> Kept<Sum> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(BUSY_MAX);
    let mut connection = options.disable_statement_logging().connect().await?;
    let sound: String = sqlx::query("pragma quick_check(1)").fetch_one(&mut connection).await?.try_get(0)?;
    if sound != "ok" {
        return Err(StoreError::Unreadable(sound));
    }
    let sql = "select (select count(*) from tap where turn is not null and told = ''), \
               (select coalesce(sum(next - first + 1), 0) from block)";
    let row = sqlx::query(sql).fetch_one(&mut connection).await?;
    Ok(Sum { untold: row.try_get(0)?, left: row.try_get(1)? })
}

/// The file holds the secrets of tickets: nobody else on the machine reads it. SQLite gives its other files the same mode.
fn private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map(drop)
}

/// Sets a damaged file aside and begins a new one.
async fn anew(
    path: &Path,
    now: Timestamp,
    error: &StoreError,
    trouble: &watch::Sender<Trouble>,
) -> Option<SqliteConnection> {
    let aside = match set_aside(path, now) {
        Ok(aside) => aside,
        Err(failed) => {
            complain(trouble, &failed, no_store(path));
            return None;
        }
    };
    match connect(path).await {
        Ok(connection) => {
            let name = aside.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let text = format!(
                "Kho số của máy này bị hỏng và đã được cất vào {name}. Máy vẫn cấp số; xin báo kỹ thuật giữ tệp ấy để đối chiếu số đã in khi mất mạng."
            );
            complain(trouble, error, text);
            Some(connection)
        }
        Err(failed) => {
            complain(trouble, &failed, no_store(path));
            None
        }
    }
}

fn no_store(path: &Path) -> String {
    format!(
        "Không mở được kho số {}. Máy chỉ cấp số khi có mạng; xin báo kỹ thuật kiểm tra đĩa và quyền ghi.",
        path.display()
    )
}

fn complain(trouble: &watch::Sender<Trouble>, error: &dyn std::fmt::Display, text: String) {
    tracing::error!(%error, "{text}");
    trouble.send_replace(Some(text));
}

/// Renames the file and SQLite's own files beside it, to names that no start looks for.
fn set_aside(path: &Path, now: Timestamp) -> std::io::Result<PathBuf> {
    let stamp = now.strftime("%Y%m%dT%H%M%S");
    let named = |n: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".bad-{stamp}{}", if n == 0 { String::new() } else { format!("-{n}") }));
        PathBuf::from(name)
    };
    let beside = |path: &Path, suffix: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let aside = (0..1000).map(named).find(|aside| !aside.exists()).ok_or(std::io::ErrorKind::AlreadyExists)?;
    std::fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm"] {
        match std::fs::rename(beside(path, suffix), beside(&aside, suffix)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;
