//! Transactions of a writer that commits one batch after another.
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::{AssertSqlSafe, Error as SqlxError, Executor as _, Sqlite, SqlitePool, pool::PoolConnection};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement, Values,
    sqlx,
};
use sea_query_sqlx::SqlxValues;
use tokio::{sync::Mutex, time::Instant};

use crate::{StoreError, wal::Wal};

/// How long a writer that is never idle keeps SQLite's only write connection: others wait for it in turn.
const KEPT_MAX: Duration = Duration::from_millis(20);

/// SQLite's write connection, and since when it is kept from others.
type Lent = (PoolConnection<Sqlite>, Instant);

/// The write connection that the last batch left behind. Taking it from the pool costs three journeys to its thread, as
/// much as the work of a small batch.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<StdMutex<Option<Lent>>>);

impl Kept {
    fn take(&self) -> Option<Lent> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.filter(|(_, since)| since.elapsed() < KEPT_MAX)
    }

    fn keep(&self, connection: PoolConnection<Sqlite>, since: Instant) {
        let connection = (since.elapsed() < KEPT_MAX).then_some((connection, since));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Gives the connection back.
    pub(crate) fn rest(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A write transaction. Dropped before its commit, it leaves nothing behind: SQLite's connection is closed then.
pub struct BatchTx(Inner);

enum Inner {
    Postgres(DatabaseTransaction),
    Sqlite(SqliteTx),
}

struct SqliteTx {
    open: Mutex<Open>,
    since: Instant,
    kept: Kept,
    wal: Wal,
}

/// BEGIN travels with the first statement: a journey less.
struct Open {
    connection: Option<PoolConnection<Sqlite>>,
    begun: bool,
}

impl Drop for Open {
    fn drop(&mut self) {
        // The driver knows nothing of this transaction and could not roll it back.
        if let Some(connection) = self.connection.as_mut().filter(|_| self.begun) {
            connection.close_on_drop();
        }
    }
}

impl Open {
    /// The text to send, with BEGIN before the first one, and the connection.
    fn send(&mut self, sql: String) -> Result<(AssertSqlSafe<String>, &mut PoolConnection<Sqlite>), DbErr> {
        let connection = self.connection.as_mut().ok_or(DbErr::Custom("transaction ended".into()))?;
        let sql = if std::mem::replace(&mut self.begun, true) { sql } else { format!("begin immediate;{sql}") };
        Ok((AssertSqlSafe(sql), connection))
    }
}

impl BatchTx {
    pub(crate) fn postgres(tx: DatabaseTransaction) -> Self {
        Self(Inner::Postgres(tx))
    }

    pub(crate) async fn sqlite(pool: &SqlitePool, kept: &Kept, wal: &Wal) -> Result<Self, StoreError> {
        let (connection, since) = match kept.take() {
            Some(kept) => kept,
            None => (pool.acquire().await.map_err(|error| failed(error, DbErr::Conn))?, Instant::now()),
        };
        let open = Mutex::new(Open { connection: Some(connection), begun: false });
        Ok(Self(Inner::Sqlite(SqliteTx { open, since, kept: kept.clone(), wal: wal.clone() })))
    }

    /// Commits; a failed commit is reported as what it is, never as success.
    ///
    /// # Errors
    /// The database's.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Inner::Postgres(tx) => Ok(tx.commit().await?),
            Inner::Sqlite(tx) => {
                let wal = tx.wal.clone();
                tx.end("commit").await?;
                wal.committed();
                Ok(())
            }
        }
    }

    /// Ends a transaction that wrote nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn rollback(self) -> Result<(), StoreError> {
        match self.0 {
            Inner::Postgres(tx) => Ok(tx.rollback().await?),
            Inner::Sqlite(tx) => tx.end("rollback").await,
        }
    }
}

impl SqliteTx {
    async fn end(self, how: &'static str) -> Result<(), StoreError> {
        let mut open = self.open.into_inner();
        if let Some(connection) = open.connection.as_mut().filter(|_| open.begun) {
            connection.execute(how).await.map_err(|error| failed(error, DbErr::Exec))?;
            open.begun = false;
        }
        if let Some(connection) = open.connection.take() {
            self.kept.keep(connection, self.since);
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for BatchTx {
    fn get_database_backend(&self) -> DbBackend {
        match &self.0 {
            Inner::Postgres(_) => DbBackend::Postgres,
            Inner::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Inner::Postgres(tx) => tx.execute_raw(statement).await,
            Inner::Sqlite(tx) => {
                let mut open = tx.open.lock().await;
                let (sql, connection) = open.send(statement.sql)?;
                let query = sqlx::query_with(sql, bound(statement.values));
                let done = query.execute(&mut **connection).await.map_err(|error| failed(error, DbErr::Exec))?;
                Ok(done.into())
            }
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.0 {
            Inner::Postgres(tx) => tx.execute_unprepared(sql).await,
            Inner::Sqlite(tx) => {
                let mut open = tx.open.lock().await;
                let (sql, connection) = open.send(sql.to_owned())?;
                Ok(connection.execute(sql).await.map_err(|error| failed(error, DbErr::Exec))?.into())
            }
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Inner::Postgres(tx) => tx.query_one_raw(statement).await,
            // To its end: a statement left standing would keep the transaction from ending.
            Inner::Sqlite(_) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Inner::Postgres(tx) => tx.query_all_raw(statement).await,
            Inner::Sqlite(tx) => {
                let mut open = tx.open.lock().await;
                let (sql, connection) = open.send(statement.sql)?;
                let query = sqlx::query_with(sql, bound(statement.values));
                let rows = query.fetch_all(&mut **connection).await.map_err(|error| failed(error, DbErr::Query))?;
                Ok(rows.into_iter().map(QueryResult::from).collect())
            }
        }
    }
}

fn bound(values: Option<Values>) -> SqlxValues {
    SqlxValues(values.unwrap_or_else(|| Values(Vec::new())))
}

fn failed(error: SqlxError, kind: fn(RuntimeErr) -> DbErr) -> DbErr {
    kind(RuntimeErr::SqlxError(Arc::new(error)))
}
