//! Events that come together are one transaction; one that cannot be taken does not take the others with it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use motcua_bus::{Bus, Event, embedded::EmbeddedBus};
use motcua_store::{
    Db, commit,
    inbox::{self, Handler, HandlerError},
    migrate, outbox, sql, testing,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use tokio_util::sync::CancellationToken;

use crate::made;

/// Keeps what it was told, and refuses one thing for ever.
struct Keeper {
    refused: &'static str,
    batches: AtomicUsize,
}

#[async_trait::async_trait]
impl Handler for Keeper {
    fn durable(&self) -> &'static str {
        "test-keeper"
    }
    fn source(&self) -> &'static str {
        "test"
    }
    fn types(&self) -> &'static [&'static str] {
        &["thing.made"]
    }
    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let sql = "insert into effect(subject) values ($1)";
        tx.execute_raw(sql::statement(tx.get_database_backend(), sql, vec![event.subject.clone().into()])).await?;
        if event.subject == self.refused { Err(HandlerError::Poison("never".into())) } else { Ok(()) }
    }
    async fn apply_all(&self, tx: &DatabaseTransaction, events: &[&Event]) -> Result<(), HandlerError> {
        self.batches.fetch_add(1, SeqCst);
        for event in events {
            self.apply(tx, event).await?;
        }
        Ok(())
    }
}

async fn number(db: &Db, sql: &str) -> i64 {
    let row = db.read().query_one_raw(sql::statement(db.backend(), sql, vec![])).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// A consumer of twenty things, delivered at once and then once more.
async fn twenty(db: &Db, refused: &'static str) -> Arc<Keeper> {
    migrate(db, "test", vec![]).await.unwrap();
    let tx = db.begin().await.unwrap();
    // No key: a second effect of one event would be a second row.
    tx.execute_unprepared("create table effect(subject text not null)").await.unwrap();
    outbox::append(&tx, "test", "a", (1..=20).map(|n| made("a", n)).collect()).await.unwrap();
    commit(tx).await.unwrap();
    let (bus, stop) = (Arc::new(EmbeddedBus::default()), CancellationToken::new());
    let keeper = Arc::new(Keeper { refused, batches: AtomicUsize::new(0) });
    let carried: Arc<dyn Bus> = bus.clone();
    inbox::consume(db.clone(), &carried, keeper.clone(), stop.clone()).await.unwrap();
    bus.open();
    let mut events = outbox::feed(db.read(), "a", 0, 100).await.unwrap();
    // One of them twice, as after a lost acknowledgement.
    events.push(events[3].clone());
    for _ in 0..2 {
        assert!(bus.publish(&events).await.into_iter().all(|answer| answer.is_ok()));
    }
    stop.cancel();
    keeper
}

#[tokio::test]
async fn twenty_at_once_are_one_transaction_and_have_one_effect_each() {
    for test in testing::databases().await.unwrap() {
        let keeper = twenty(&test.db, "").await;
        assert_eq!(number(&test.db, "select count(*) from effect").await, 20);
        assert_eq!(number(&test.db, "select count(distinct subject) from effect").await, 20);
        assert_eq!(number(&test.db, "select count(*) from inbox where state = 'DONE'").await, 20);
        // The second delivery finds nothing to do.
        assert_eq!(keeper.batches.load(SeqCst), 1);
    }
}

#[tokio::test]
async fn one_that_cannot_be_taken_is_parked_alone() {
    for test in testing::databases().await.unwrap() {
        twenty(&test.db, "things/7").await;
        assert_eq!(number(&test.db, "select count(*) from effect").await, 19);
        assert_eq!(number(&test.db, "select count(*) from effect where subject = 'things/7'").await, 0);
        assert_eq!(number(&test.db, "select count(*) from inbox where state = 'PARKED'").await, 1);
        assert_eq!(number(&test.db, "select count(*) from inbox where state = 'DONE'").await, 19);
    }
}
