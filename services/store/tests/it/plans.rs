//! A plan that PostgreSQL made while a table was empty must still be the right one in the evening.
use motcua_store::{sql::statement, testing};
use sea_orm::{ConnectionTrait, DbBackend};

const KNOWN: &str = "explain select t.value from json_array_elements_text(cast('[\"a\",\"b\"]' as json)) as k \
                     join t on t.id = k";

#[tokio::test]
async fn rows_are_found_by_their_index_while_there_are_none() {
    let Some(test) = testing::postgres().await.unwrap() else { return };
    let tx = test.db.begin().await.unwrap();
    tx.execute_unprepared("create table t (id text primary key, value text)").await.unwrap();
    let ours = plan(&tx).await;
    assert!(ours.contains("Index Scan using t_pkey") && !ours.contains("Hash") && !ours.contains("Seq Scan"), "{ours}");

    // What the server does by itself, so that this test says when it is no longer needed.
    tx.execute_unprepared("set local enable_seqscan = on; set local enable_hashjoin = on").await.unwrap();
    let its_own = plan(&tx).await;
    assert!(its_own.contains("Seq Scan on t"), "{its_own}");
}

async fn plan(db: &impl ConnectionTrait) -> String {
    let rows = db.query_all_raw(statement(DbBackend::Postgres, KNOWN, vec![])).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index::<String>(0).unwrap() + "\n").collect()
}
