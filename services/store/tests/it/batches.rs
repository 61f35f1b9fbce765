//! The transactions of a writer that commits one batch after another.
use motcua_store::{BatchTx, Db, StoreError, sql::statement, testing};
use sea_orm::ConnectionTrait as _;

async fn numbers(db: &Db) -> Vec<i64> {
    let rows = db.read().query_all_raw(statement(db.backend(), "select a from t order by a", vec![])).await.unwrap();
    rows.iter().map(|row| row.try_get("", "a").unwrap()).collect()
}

async fn insert(tx: &BatchTx, number: i64) -> Result<(), StoreError> {
    let insert = statement(tx.get_database_backend(), "insert into t values ($1)", vec![number.into()]);
    Ok(tx.execute_raw(insert).await.map(drop)?)
}

#[tokio::test]
async fn what_is_committed_is_there_and_nothing_else() {
    for test in testing::databases().await.unwrap() {
        let db = &test.db;
        let tx = db.begin_batch().await.unwrap();
        tx.execute_unprepared("create table t (a bigint primary key)").await.unwrap();
        tx.commit().await.unwrap();

        let tx = db.begin_batch().await.unwrap();
        insert(&tx, 1).await.unwrap();
        assert_eq!(numbers(db).await, [0; 0], "not before the commit");
        tx.commit().await.unwrap();

        let tx = db.begin_batch().await.unwrap();
        insert(&tx, 2).await.unwrap();
        tx.rollback().await.unwrap();

        // Dropped after an error, and dropped without one.
        let tx = db.begin_batch().await.unwrap();
        insert(&tx, 3).await.unwrap();
        assert!(matches!(insert(&tx, 3).await, Err(StoreError::AlreadyExists(_))));
        drop(tx);
        let tx = db.begin_batch().await.unwrap();
        insert(&tx, 4).await.unwrap();
        drop(tx);
        drop(db.begin_batch().await.unwrap());

        let tx = db.begin_batch().await.unwrap();
        insert(&tx, 5).await.unwrap();
        tx.commit().await.unwrap();
        db.rest();
        // Others get the connection, and a commit that has nothing to commit is told.
        let tx = db.begin().await.unwrap();
        motcua_store::commit(tx).await.unwrap();
        assert_eq!(numbers(db).await, [1, 5]);
    }
}

#[tokio::test]
async fn a_busy_writer_lets_others_in() {
    let test = testing::sqlite().await.unwrap();
    let db = test.db.clone();
    let tx = db.begin_batch().await.unwrap();
    tx.execute_unprepared("create table t (a bigint primary key)").await.unwrap();
    tx.commit().await.unwrap();
    let other = tokio::spawn({
        let db = db.clone();
        async move {
            let tx = db.begin().await.unwrap();
            tx.execute_unprepared("insert into t values (-1)").await.unwrap();
            motcua_store::commit(tx).await.unwrap();
        }
    });
    // Never resting: batch after batch until the other one is in.
    let mut number = 0;
    while !other.is_finished() {
        let tx = db.begin_batch().await.unwrap();
        insert(&tx, number).await.unwrap();
        tx.commit().await.unwrap();
        number += 1;
    }
    other.await.unwrap();
    assert_eq!(numbers(&db).await.first(), Some(&-1));
}

#[tokio::test]
async fn a_commit_that_sqlite_gave_up_is_no_success() {
    let test = testing::sqlite().await.unwrap();
    let tx = test.db.begin_batch().await.unwrap();
    tx.execute_unprepared("create table t (a bigint primary key)").await.unwrap();
    tx.commit().await.unwrap();
    let tx = test.db.begin_batch().await.unwrap();
    insert(&tx, 1).await.unwrap();
    // As SQLite does it when the disk is full, behind the driver's back.
    tx.execute_unprepared("rollback").await.unwrap();
    tx.commit().await.unwrap_err();
    let tx = test.db.begin_batch().await.unwrap();
    insert(&tx, 2).await.unwrap();
    tx.commit().await.unwrap();
    let other = Db::open(&test.url).await.unwrap();
    assert_eq!(numbers(&other).await, [2]);
}

#[tokio::test]
async fn the_log_is_copied_beside_the_writer() {
    let test = testing::sqlite().await.unwrap();
    let file = test.url.strip_prefix("sqlite://").unwrap();
    let tx = test.db.begin_batch().await.unwrap();
    tx.execute_unprepared("create table t (a bigint primary key)").await.unwrap();
    tx.commit().await.unwrap();
    let before = std::fs::metadata(file).unwrap().len();
    // Far from the length at which a commit would copy it.
    for number in 0..200 {
        let tx = test.db.begin_batch().await.unwrap();
        insert(&tx, number).await.unwrap();
        tx.commit().await.unwrap();
    }
    crate::until("the file grows", async || std::fs::metadata(file).unwrap().len() > before).await;
    let other = Db::open(&test.url).await.unwrap();
    assert_eq!(numbers(&other).await, (0..200).collect::<Vec<_>>());
}
