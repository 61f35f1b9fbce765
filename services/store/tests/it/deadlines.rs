//! A database that makes somebody wait too long is an outage: the caller is told to come back, and not that we are broken.
use motcua_store::{Db, StoreError, testing};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::until;

#[tokio::test]
async fn postgresqls_deadlines_are_outages() {
    let Some(test) = testing::postgres().await.unwrap() else { return };
    let other = Db::open(&test.url).await.unwrap();
    other.read().execute_unprepared("create table t (a bigint)").await.unwrap();

    let holder = other.begin().await.unwrap();
    holder.execute_unprepared("lock table t").await.unwrap();
    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("set local lock_timeout = '20ms'").await.unwrap();
    assert_outage(&tx, "insert into t values (1)").await;
    drop(tx);

    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("set local statement_timeout = '20ms'").await.unwrap();
    assert_outage(&tx, "insert into t values (1)").await;
    drop(tx);
    holder.rollback().await.unwrap();

    // A program that stood still in the middle of a transaction finds its connection closed.
    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("set local idle_in_transaction_session_timeout = '20ms'").await.unwrap();
    until("the server gives the connection up", async || {
        let sql =
            "select 1 from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
        let idle = motcua_store::sql::statement(other.backend(), sql, vec![]);
        other.read().query_one_raw(idle).await.unwrap().is_none()
    })
    .await;
    assert_outage(&tx, "insert into t values (1)").await;
}

async fn assert_outage(tx: &DatabaseTransaction, sql: &str) {
    let error = StoreError::from(tx.execute_unprepared(sql).await.unwrap_err());
    assert!(error.is_outage() && matches!(error, StoreError::Unavailable(_)), "{error:?}");
}
