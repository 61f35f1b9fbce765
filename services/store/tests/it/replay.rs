//! A stream built anew: everything that was published is told again, whatever its number and centre, and nothing else is
//! touched.
use motcua_store::{Db, commit, inbox, migrate, outbox, sql, testing};
use sea_orm::ConnectionTrait as _;

use crate::made;

const MANY: i64 = 4100;
const KEPT: i64 = 50;

#[tokio::test(flavor = "multi_thread")]
async fn every_published_event_of_every_centre_waits_again() {
    for test in testing::databases().await.unwrap() {
        migrate(&test.db, "test", vec![]).await.unwrap();
        append(&test.db, "vl", MANY).await;
        append(&test.db, "vm", 3).await;
        run(&test.db, "update outbox set published_time = 1").await;
        // The oldest are gone by now, the newest not yet published.
        run(&test.db, &format!("delete from outbox where centre_id = 'vl' and seq <= {KEPT}")).await;
        append(&test.db, "vl", 1).await;

        assert_eq!(inbox::republish(&test.db).await.unwrap(), (MANY - KEPT + 3) as u64);
        assert_eq!(waiting(&test.db).await, MANY - KEPT + 3 + 1);
        assert_eq!(inbox::republish(&test.db).await.unwrap(), 0, "all of it waits already");
    }
}

async fn append(db: &Db, centre: &str, count: i64) {
    let tx = db.begin().await.unwrap();
    let events = (1..=count).map(|n| made(centre, n)).collect();
    outbox::append(&tx, "test", centre, events).await.unwrap();
    commit(tx).await.unwrap();
}

async fn run(db: &Db, sql: &str) {
    let tx = db.begin().await.unwrap();
    tx.execute_unprepared(sql).await.unwrap();
    commit(tx).await.unwrap();
}

async fn waiting(db: &Db) -> i64 {
    let sql = "select count(*) as n from outbox where published_time is null";
    let row = db.read().query_one_raw(sql::statement(db.backend(), sql, vec![])).await.unwrap().unwrap();
    row.try_get("", "n").unwrap()
}
