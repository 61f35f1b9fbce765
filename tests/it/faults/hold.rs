//! Locks that a test takes on a service's database, so that the program stands still exactly where the test wants it.
use std::{path::Path, time::Duration};

use motcua_tests::{centre::Centre, wait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};

/// Longer than any writer's turn on a file.
const BUSY_WAIT_MAX: Duration = Duration::from_secs(30);

/// A lock, until [`Held::release`].
pub struct Held(DatabaseTransaction);

impl Held {
    /// What this statement locks on PostgreSQL.
    pub async fn by(db: &DatabaseConnection, sql: &str) -> Self {
        let tx = db.begin().await.unwrap();
        // `for update` locks a row as it is fetched.
        tx.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        Self(tx)
    }

    /// A SQLite file against every writer; readers go on.
    pub async fn file(db: &DatabaseConnection) -> Self {
        Self(begin(db).await.unwrap())
    }

    /// Lets the program go on.
    pub async fn release(self) {
        self.0.rollback().await.unwrap();
    }
}

async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, sea_orm::DbErr> {
    let sqlite_transaction_mode = Some(SqliteTransactionMode::Immediate);
    db.begin_with_options(TransactionOptions { sqlite_transaction_mode, ..Default::default() }).await
}

/// Whether somebody writes to a SQLite file now; `db` is [`impatient`].
pub async fn is_locked(db: &DatabaseConnection) -> bool {
    match begin(db).await {
        Ok(tx) => {
            tx.rollback().await.unwrap();
            false
        }
        Err(error) => {
            assert!(error.to_string().contains("database is locked"), "{error}");
            true
        }
    }
}

/// A service's file of an embedded centre, beside the running program.
pub async fn file(centre: &Centre, service: &str) -> DatabaseConnection {
    open(centre, service, BUSY_WAIT_MAX).await
}

/// [`file`] for somebody who does not wait for its lock.
pub async fn impatient(centre: &Centre, service: &str) -> DatabaseConnection {
    open(centre, service, Duration::ZERO).await
}

/// A SQLite file by its path.
pub async fn at(path: &Path) -> DatabaseConnection {
    connect(path, BUSY_WAIT_MAX).await
}

/// The one number that a query gives of a SQLite file.
pub async fn count(path: &Path, sql: &str) -> i64 {
    number(&at(path).await, sql).await
}

async fn open(centre: &Centre, service: &str, busy_wait: Duration) -> DatabaseConnection {
    connect(&centre.data().join(format!("{service}.db")), busy_wait).await
}

async fn connect(path: &Path, busy_wait: Duration) -> DatabaseConnection {
    let mut options = ConnectOptions::new(format!("sqlite://{}", path.display()));
    // One that holds, one that looks.
    options.max_connections(2).sqlx_logging(false).map_sqlx_sqlite_opts(move |o| o.busy_timeout(busy_wait));
    Database::connect(options).await.unwrap()
}

/// The one number that a query gives.
pub async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index(0).unwrap()
}

/// Events of an outbox (`outbox`, or `intake.outbox`) that are not marked as published.
pub async fn unmarked(db: &DatabaseConnection, outbox: &str) -> i64 {
    number(db, &format!("select count(*) from {outbox} where published_time is null")).await
}

/// Until every event of an outbox is marked.
pub async fn all_marked(db: &DatabaseConnection, outbox: &str) {
    wait::until(&format!("all of {outbox} is marked"), || async { (unmarked(db, outbox).await == 0).then_some(()) })
        .await;
}

/// Until a service's statement that begins with these words waits for a lock on PostgreSQL; gives it, cut off where the
/// server cuts it off.
pub async fn stuck(owner: &DatabaseConnection, service: &str, words: &str) -> String {
    let sql = format!(
        "select query from pg_stat_activity where datname = current_database() and usename = 'motcua_{service}' \
         and wait_event_type = 'Lock' and query like '{words}%'"
    );
    wait::until(&format!("{service} stands at {words}"), || async {
        let row = owner.query_one_raw(Statement::from_string(DbBackend::Postgres, sql.as_str())).await.unwrap();
        Some(row?.try_get_by_index(0).unwrap())
    })
    .await
}
