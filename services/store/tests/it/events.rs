use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering::SeqCst},
};

use motcua_bus::{Bus, Event, embedded::EmbeddedBus};
use motcua_store::{
    Db, Relay, commit,
    inbox::{self, Handler, HandlerError},
    migrate, outbox, sql, testing,
};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};
use tokio_util::sync::CancellationToken;

use crate::{made, until};

async fn append(db: &Db, centre: &str, n: i64) {
    let tx = db.begin().await.unwrap();
    outbox::append(&tx, "test", centre, vec![made(centre, n)]).await.unwrap();
    commit(tx).await.unwrap();
    db.wake_relay();
}

/// Counts its effects in the database and fails as often as it is told to.
struct Counter {
    seen: AtomicUsize,
    failures: AtomicI64,
    poison: bool,
}

#[async_trait::async_trait]
impl Handler for Counter {
    fn durable(&self) -> &'static str {
        "test-counter"
    }
    fn source(&self) -> &'static str {
        "test"
    }
    fn types(&self) -> &'static [&'static str] {
        &["thing.made"]
    }
    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        self.seen.fetch_add(1, SeqCst);
        tx.execute_raw(sql::statement(
            tx.get_database_backend(),
            "insert into effect(event_id) values ($1)",
            vec![event.id.clone().into()],
        ))
        .await?;
        if self.poison {
            return Err(HandlerError::Poison("never".into()));
        }
        if self.failures.fetch_sub(1, SeqCst) > 0 {
            return Err(HandlerError::Later("not yet".into()));
        }
        Ok(())
    }
}

async fn count(db: &Db, sql: &str) -> i64 {
    let row = db.read().query_one_raw(sql::statement(db.backend(), sql, vec![])).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn consumer(db: &Db, failures: i64, poison: bool) -> (Arc<EmbeddedBus>, Arc<Counter>, CancellationToken) {
    migrate(db, "test", vec![]).await.unwrap();
    let tx = db.begin().await.unwrap();
    // No key: a second effect of one event would be a second row.
    tx.execute_unprepared("create table effect(event_id text not null)").await.unwrap();
    commit(tx).await.unwrap();
    let bus = Arc::new(EmbeddedBus::default());
    let counter = Arc::new(Counter { seen: AtomicUsize::new(0), failures: AtomicI64::new(failures), poison });
    let stop = CancellationToken::new();
    let carried: Arc<dyn Bus> = bus.clone();
    inbox::consume(db.clone(), &carried, counter.clone(), stop.clone()).await.unwrap();
    (bus, counter, stop)
}

#[tokio::test(flavor = "multi_thread")]
async fn sequences_are_gap_free_per_centre_under_contention() {
    for test in testing::databases().await.unwrap() {
        migrate(&test.db, "test", vec![]).await.unwrap();
        futures::future::join_all((0..40).map(|n| {
            let db = test.db.clone();
            async move { append(&db, if n % 2 == 0 { "a" } else { "b" }, n).await }
        }))
        .await;
        for centre in ["a", "b"] {
            let events = outbox::feed(test.db.read(), centre, 0, 100).await.unwrap();
            let seqs: Vec<i64> = events.iter().map(|e| e.sequence).collect();
            assert_eq!(seqs, (1..=20).collect::<Vec<i64>>());
            assert_eq!(outbox::last_seq(test.db.read(), centre).await.unwrap(), 20);
        }
        assert_eq!(outbox::feed(test.db.read(), "a", 15, 2).await.unwrap().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolled_back_act_tells_nothing_and_leaves_no_gap() {
    for test in testing::databases().await.unwrap() {
        migrate(&test.db, "test", vec![]).await.unwrap();
        let tx = test.db.begin().await.unwrap();
        outbox::append(&tx, "test", "a", vec![made("a", 1)]).await.unwrap();
        tx.rollback().await.unwrap();
        append(&test.db, "a", 2).await;
        let events = outbox::feed(test.db.read(), "a", 0, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!((events[0].sequence, events[0].aggregate_version), (1, 2));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_delivered_ten_times_at_once_has_one_effect() {
    for test in testing::databases().await.unwrap() {
        let (bus, counter, stop) = consumer(&test.db, 0, false).await;
        append(&test.db, "a", 1).await;
        let events = outbox::feed(test.db.read(), "a", 0, 10).await.unwrap();
        bus.open();
        futures::future::join_all((0..10).map(|_| bus.publish(&events))).await;
        assert_eq!(count(&test.db, "select count(*) from effect").await, 1);
        assert!(counter.seen.load(SeqCst) >= 1);
        stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_publishes_everything_once_consumers_are_there_and_marks_it() {
    for test in testing::databases().await.unwrap() {
        let (bus, _, stop) = consumer(&test.db, 0, false).await;
        for n in 1..=5 {
            append(&test.db, "a", n).await;
        }
        let relay = Relay::new(test.db.clone(), bus.clone(), "test").spawn(stop.clone());
        assert_eq!(count(&test.db, "select count(*) from outbox where published_time is not null").await, 0);
        bus.open();
        let db = test.db.clone();
        until("five effects, all marked", async || {
            count(&db, "select count(*) from effect").await == 5
                && count(&db, "select count(*) from outbox where published_time is null").await == 0
        })
        .await;
        // A rebuilt stream changes nothing.
        assert_eq!(inbox::republish(&test.db).await.unwrap(), 5);
        until("published anew", async || {
            count(&db, "select count(*) from outbox where published_time is null").await == 0
        })
        .await;
        assert_eq!(count(&test.db, "select count(*) from effect").await, 5);
        stop.cancel();
        relay.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_handler_is_tried_again_and_leaves_no_half_effect() {
    for test in testing::databases().await.unwrap() {
        let (bus, _, stop) = consumer(&test.db, 1, false).await;
        bus.open();
        append(&test.db, "a", 1).await;
        let events = outbox::feed(test.db.read(), "a", 0, 10).await.unwrap();
        assert!(bus.publish(&events).await[0].is_ok(), "set aside is taken in");
        assert_eq!(count(&test.db, "select count(*) from effect").await, 0);
        let db = test.db.clone();
        until("redrive", async || count(&db, "select count(*) from effect").await == 1).await;
        assert_eq!(count(&test.db, "select count(*) from inbox where state = 'DONE'").await, 1);
        stop.cancel();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_is_parked_with_its_reason_and_does_not_block_the_next() {
    for test in testing::databases().await.unwrap() {
        let (bus, counter, stop) = consumer(&test.db, 0, true).await;
        bus.open();
        append(&test.db, "a", 1).await;
        let events = outbox::feed(test.db.read(), "a", 0, 10).await.unwrap();
        assert!(bus.publish(&events).await[0].is_ok());
        assert!(bus.publish(&events).await[0].is_ok());
        assert_eq!(counter.seen.load(SeqCst), 1, "parked is not tried again by delivery");
        assert_eq!(count(&test.db, "select count(*) from inbox where state = 'PARKED' and reason = 'never'").await, 1);
        assert_eq!(inbox::unpark(&test.db).await.unwrap(), 1);
        until("tried again", async || counter.seen.load(SeqCst) == 2).await;
        stop.cancel();
    }
}
