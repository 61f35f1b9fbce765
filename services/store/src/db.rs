use std::{sync::Arc, time::Duration};

use backon::{ExponentialBuilder, Retryable as _};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
    sqlx::{
        Connection as _,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use tokio::sync::Notify;

use crate::{
    Retryable, StoreError,
    batch::{BatchTx, Kept},
    wal::{self, Wal},
};

/// A larger file is looked over by `motcua check` only: a start must not take longer as the years go by.
const LOOK_OVER_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// Pages kept in memory by a SQLite connection: the writer's hold what a busy day writes to.
const WRITER_PAGES_KB: u32 = 8192;
const READER_PAGES_KB: u32 = 2048;
/// PostgreSQL keeps the plan of a prepared statement as long as its connection, and one made while the tables were empty reads
/// them whole: on a first morning each batch read every ticket and every request of the day (3 to 4 ms each at 10,000 rows),
/// until the first analysis. So rows are found by an index wherever there is one, and plans are never compiled.
const PLANS: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_hashjoin", "off"), ("enable_mergejoin", "off"), ("jit", "off")];
const ACQUIRE_WAIT_MAX: Duration = Duration::from_secs(5);

/// A service's database: cheap to clone.
#[derive(Clone)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    relay: Arc<Notify>,
    kept: Kept,
    wal: Wal,
}

impl Db {
    /// Opens `sqlite://path/x.db` (made when absent) or `postgres://user:password@host/database`.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_sized(url, 8).await
    }

    /// As [`Db::open`] with the number of connections (PostgreSQL: all; SQLite: readers beside the one writer).
    pub async fn open_sized(url: &str, connections_max: u32) -> Result<Self, StoreError> {
        let relay = Arc::new(Notify::new());
        if url.starts_with("sqlite") {
            // The writer first: it makes the file and turns WAL on.
            let write = Database::connect(options(url, 1, WRITER_PAGES_KB)).await?;
            let verdict =
                if bytes(&write).await? <= LOOK_OVER_BYTES_MAX { look_over(&write).await? } else { "ok".into() };
            if verdict != "ok" {
                return Err(StoreError::Corrupt(sea_orm::DbErr::Custom(verdict)));
            }
            let read = Database::connect(options(url, connections_max.clamp(2, 4), READER_PAGES_KB)).await?;
            Ok(Self { wal: Wal::new(read.clone()), read, write, relay, kept: Kept::default() })
        } else {
            let pool = Database::connect(options(url, connections_max, READER_PAGES_KB)).await?;
            Ok(Self { wal: Wal::new(pool.clone()), read: pool.clone(), write: pool, relay, kept: Kept::default() })
        }
    }

    /// Reads a whole SQLite file and fails on the first damage; PostgreSQL looks after its own.
    pub async fn look_over(&self) -> Result<(), StoreError> {
        if !self.is_sqlite() {
            return Ok(());
        }
        match look_over(&self.read).await? {
            verdict if verdict == "ok" => Ok(()),
            verdict => Err(StoreError::Corrupt(sea_orm::DbErr::Custom(verdict))),
        }
    }

    /// For reads outside of a transaction.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Begins a write transaction. SQLite takes its write lock here: a deferred transaction that reads first fails
    /// with SQLITE_BUSY_SNAPSHOT, which no timeout can wait out.
    pub async fn begin(&self) -> Result<DatabaseTransaction, StoreError> {
        let sqlite_transaction_mode = self.is_sqlite().then_some(SqliteTransactionMode::Immediate);
        Ok(self.write.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() }).await?)
    }

    /// [`Db::begin`] for a writer that commits one batch after another: SQLite's write connection stays with it for some
    /// batches, until it [rests](Db::rest). There the transaction begins, and takes its lock, with its first statement.
    pub async fn begin_batch(&self) -> Result<BatchTx, StoreError> {
        if self.is_sqlite() {
            BatchTx::sqlite(self.write.get_sqlite_connection_pool(), &self.kept, &self.wal).await
        } else {
            Ok(BatchTx::postgres(self.begin().await?))
        }
    }

    /// The writer of batches has nothing to do.
    pub fn rest(&self) {
        self.kept.rest();
    }

    /// Which store this is.
    pub fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    /// True on SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DbBackend::Sqlite
    }

    /// Tells the relay that the outbox has something, after a commit.
    pub fn wake_relay(&self) {
        self.relay.notify_one();
    }

    pub(crate) async fn relay_woken(&self) {
        self.relay.notified().await;
    }

    /// Whether the database answers a read now.
    pub async fn answers(&self) -> bool {
        self.read.ping().await.is_ok()
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.write
    }
}

/// Size of a SQLite file.
async fn bytes(db: &DatabaseConnection) -> Result<i64, StoreError> {
    let sql = "select page_count * page_size as n from pragma_page_count, pragma_page_size";
    let row = db.query_one_raw(crate::sql::statement(DbBackend::Sqlite, sql, vec![])).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "n"))?)
}

/// "ok", or the first thing that is wrong with a SQLite file. Reads all of it.
async fn look_over(db: &DatabaseConnection) -> Result<String, StoreError> {
    let row = db.query_one_raw(crate::sql::statement(DbBackend::Sqlite, "pragma quick_check(1)", vec![])).await?;
    Ok(row.map_or(Ok("ok".into()), |row| row.try_get_by_index(0))?)
}

fn options(url: &str, connections_max: u32, pages_kb: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections_max)
        .min_connections(1)
        .sqlx_logging(false)
        .test_before_acquire(false)
        .connect_timeout(ACQUIRE_WAIT_MAX)
        .acquire_timeout(ACQUIRE_WAIT_MAX)
        .statement_timeout(Duration::from_secs(20))
        .map_sqlx_postgres_opts(|o| o.options(PLANS))
        .map_sqlx_sqlite_opts(move |o| {
            o.journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
                .create_if_missing(true)
                .statement_cache_capacity(200)
                // What a failed statement has to take back stays in memory, not in a temporary file.
                .pragma("temp_store", "memory")
                .pragma("cache_size", format!("-{pages_kb}"))
                .pragma("wal_autocheckpoint", wal::LOG_PAGES_MAX)
        })
        // A COMMIT that failed (full disk) was rolled back by SQLite itself; sqlx's own ROLLBACK then fails, and the
        // connection counts as inside a transaction: what follows would be savepoints that nobody ever commits. Such
        // a connection is closed. The ping waits behind a rollback under way.
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        });
    options
}

/// Commits; a failed commit is reported as what it is, never as success.
pub async fn commit(tx: DatabaseTransaction) -> Result<(), StoreError> {
    Ok(tx.commit().await?)
}

/// Runs a whole transaction, again while the database asks for it (serialization failure, deadlock, busy): at most
/// six times within about a second.
pub async fn retrying<T, E, F, Fut>(act: F) -> Result<T, E>
where
    E: Retryable,
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let backoff = ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(5))
        .with_max_delay(Duration::from_millis(300))
        .with_max_times(6);
    act.retry(backoff).when(Retryable::is_retryable).await
}
