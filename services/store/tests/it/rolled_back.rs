//! SQLite rolls a transaction back by itself when its COMMIT meets a full disk. The connection must not go on as if it
//! were still inside.
use motcua_store::{Db, commit, testing};
use sea_orm::ConnectionTrait as _;

#[tokio::test]
async fn what_is_committed_after_sqlite_gave_a_transaction_up_is_there() {
    let test = testing::sqlite().await.unwrap();
    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("create table t (a integer)").await.unwrap();
    commit(tx).await.unwrap();

    let tx = test.db.begin().await.unwrap();
    // As SQLite does it, behind the driver's back.
    tx.execute_unprepared("rollback").await.unwrap();
    commit(tx).await.unwrap_err();
    drop(test.db.begin().await.unwrap());
    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("insert into t values (1)").await.unwrap();
    commit(tx).await.unwrap();

    let other = Db::open(&test.url).await.unwrap();
    let row = other.read().query_one_raw(motcua_store::sql::statement(other.backend(), "select a from t", vec![]));
    assert!(row.await.unwrap().is_some(), "another connection sees what was committed");
}
