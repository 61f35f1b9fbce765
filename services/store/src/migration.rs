use sea_orm::{ConnectionTrait as _, DbBackend};
use sea_orm_migration::{MigrationName, prelude::*};

use crate::{Db, StoreError, sql::statement};

/// Runs the store's own tables and then the service's migrations, each in a transaction. Two processes that race on
/// PostgreSQL take turns behind an advisory lock.
pub async fn migrate(db: &Db, service: &str, migrations: Vec<Box<dyn MigrationTrait>>) -> Result<(), StoreError> {
    let mut all: Vec<Box<dyn MigrationTrait>> = vec![Box::new(Base)];
    all.extend(migrations);
    let pending = Pending(all);
    if db.is_sqlite() {
        return Ok(pending.up(db.writer()).await?);
    }
    // The lock lives as long as this transaction; the migrations run on another connection.
    let guard = db.begin().await?;
    let key = format!("motcua-migrate-{service}");
    guard
        .execute_raw(statement(DbBackend::Postgres, "select pg_advisory_xact_lock(hashtext($1))", vec![key.into()]))
        .await?;
    let done = pending.up(db.writer()).await;
    crate::commit(guard).await?;
    Ok(done?)
}

struct Pending(Vec<Box<dyn MigrationTrait>>);

impl Pending {
    async fn up(&self, db: &sea_orm::DatabaseConnection) -> Result<(), DbErr> {
        let backend = db.get_database_backend();
        db.execute_unprepared("create table if not exists migration(name text primary key, time bigint not null)")
            .await?;
        for migration in &self.0 {
            let known = db
                .query_one_raw(statement(
                    backend,
                    "select 1 from migration where name = $1",
                    vec![migration.name().into()],
                ))
                .await?;
            if known.is_some() {
                continue;
            }
            use sea_orm::TransactionTrait as _;
            let tx = db.begin().await?;
            {
                let manager = SchemaManager::new(&tx);
                migration.up(&manager).await?;
            }
            tx.execute_raw(statement(
                backend,
                "insert into migration(name, time) values ($1, $2)",
                vec![migration.name().into(), crate::machine_now().0.into()],
            ))
            .await?;
            tx.commit().await?;
            tracing::info!(migration = migration.name(), "migrated");
        }
        Ok(())
    }
}

struct Base;

impl MigrationName for Base {
    fn name(&self) -> &str {
        "m0001_store"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Base {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        for sql in [
            "create table centre_seq(centre_id text primary key, seq bigint not null)".to_owned(),
            format!(
                "create table outbox(id text primary key, centre_id text not null, seq bigint not null, type text not null, \
                 body {bytes} not null, create_time bigint not null, published_time bigint, unique(centre_id, seq))"
            ),
            "create index outbox_waiting on outbox(centre_id, seq) where published_time is null".into(),
            "create index outbox_published on outbox(published_time) where published_time is not null".into(),
            format!(
                "create table inbox(consumer text not null, event_id text not null, state text not null, body {bytes}, \
                 attempts bigint not null default 0, next_time bigint, reason text, time bigint not null, \
                 primary key(consumer, event_id))"
            ),
            "create index inbox_retry on inbox(next_time) where state = 'RETRY'".into(),
            "create index inbox_time on inbox(time)".into(),
            format!(
                "create table request(principal text not null, method text not null, request_id text not null, \
                 hash text not null, response {bytes} not null, time bigint not null, \
                 primary key(principal, method, request_id))"
            ),
            "create index request_time on request(time)".into(),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
