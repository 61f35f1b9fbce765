//! A worker that dies between the gateway's yes and its own commit.

use std::{sync::Arc, time::Duration};

use motcua_notification::Settings;
use motcua_proto::notification::v1::DeliveryState;
use motcua_store::Db;
use motcua_tests::doubles::{
    sms::{Fault, SmsDouble},
    zalo,
};
use sea_orm::ConnectionTrait as _;

use crate::{intake::Book, world::*};

/// Runs a service in a runtime of its own until `done`, then drops the runtime: nothing is drained, as with kill -9.
async fn killed_when(url: String, settings: Settings, book: Arc<Book>, done: impl Fn() -> bool + Send + 'static) {
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::with(Db::open(&url).await.unwrap(), settings, book).await;
            world.knows(1, PHONE);
            world.tell(1).await;
            motcua_tests::wait::until("the moment to die", || async { done().then_some(()) }).await;
            std::mem::forget(world);
        });
        runtime.shutdown_background();
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn killed_after_the_gateways_yes_the_citizen_still_gets_one_message() {
    for db in databases().await {
        let double = Arc::new(SmsDouble::start().await);
        double.script([Fault::AcceptThenHang]);
        let mut slow = gateway(&double);
        slow.total_timeout_ms = 900;
        let slow = settings(motcua_notification::ProviderSettings::Sms(slow));
        let (watch, book) = (double.clone(), Arc::<Book>::default());
        killed_when(db.url.clone(), slow, book.clone(), move || watch.ledger().len() == 1).await;

        let world = World::with(db.db.clone(), sms(&double), book).await;
        let settled = world.until_state(DeliveryState::Accepted).await;
        assert_eq!((double.ledger().len(), double.requests(), settled.attempts), (1, 2, 2));
    }
}

#[tokio::test]
async fn two_workers_on_one_database_send_each_message_once() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let book = Arc::<Book>::default();
        let first = World::with(db.db.clone(), sms(&double), book.clone()).await;
        let second = World::with(Db::open(&db.url).await.unwrap(), sms(&double), book).await;
        double.script([Fault::AcceptThenReset, Fault::Html500, Fault::Delay(Duration::from_millis(300))]);
        for n in 1..=40 {
            first.knows(n, PHONE);
            if n % 2 == 0 { first.tell(n).await } else { second.tell(n).await }
        }
        motcua_tests::wait::until("all accepted", || async {
            let all = first.list().await.deliveries;
            (all.len() == 40 && all.iter().all(|d| d.state() == DeliveryState::Accepted)).then_some(())
        })
        .await;
        assert_eq!(double.ledger().len(), 40);
        assert_eq!(double.requests(), 42, "only the two doubts were repeated");
    }
}

/// Zalo drops no repetition: killed after the request was written, it has one message, and only a receipt resolves it.
#[tokio::test]
async fn killed_while_zalo_is_silent_nothing_is_sent_twice() {
    for db in databases().await {
        let (zalo, gateway) = (Arc::new(zalo_double().await), SmsDouble::start().await);
        zalo.script([zalo::Fault::AcceptThenHang]);
        let (slow, book) = (slow(&zalo, &gateway), Arc::<Book>::default());
        set_up(&db.db, &slow, &book).await;
        let watch = zalo.clone();
        killed_when(db.url.clone(), slow, book.clone(), move || watch.ledger().len() == 1).await;
        // Another process finds the attempt open once the lease is over.
        end_leases(&db.db).await;
        let world = World::with(db.db.clone(), with_zalo(&zalo, sms(&gateway)), book).await;
        let doubt = world.until_on(1, "zalo_phone", DeliveryState::Unknown).await;
        assert_eq!((doubt.attempts, zalo.ledger().len(), zalo.requests()), (1, 1, 1));
        let receipt = zalo.body_of_receipt(&zalo.ledger()[0]);
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &receipt).await, [200]);
        world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        assert_eq!((zalo.requests(), gateway.requests()), (1, 0));
    }
}

/// Calls outlast everything that a test does meanwhile.
fn slow(zalo: &zalo::ZaloDouble, gateway: &SmsDouble) -> Settings {
    let mut settings = with_zalo(zalo, sms(gateway));
    settings.zalo.as_mut().unwrap().total_timeout_ms = 20_000;
    Settings { lease_ms: 60_000, ..settings }
}

/// Templates, by a process that ends before anything is told.
async fn set_up(db: &Db, settings: &Settings, book: &Arc<Book>) {
    let world = World::with(db.clone(), settings.clone(), book.clone()).await;
    world.registers().await;
}

/// The database stands still between Zalo's yes and the commit, and there the worker is killed.
#[tokio::test]
async fn killed_between_the_answer_and_the_commit_zalo_has_one_message() {
    for db in databases().await {
        let (zalo, gateway) = (Arc::new(zalo_double().await), SmsDouble::start().await);
        zalo.script([zalo::Fault::AcceptThenWait]);
        let (slow, book) = (slow(&zalo, &gateway), Arc::<Book>::default());
        set_up(&db.db, &slow, &book).await;
        let (watch, url) = (zalo.clone(), db.url.clone());
        let holder = tokio::spawn({
            let (zalo, url) = (zalo.clone(), db.url.clone());
            async move {
                motcua_tests::wait::until("taken", || async { zalo.ledger().pop() }).await;
                let own = Db::open(&url).await.unwrap();
                let tx = own.begin().await.unwrap();
                let hold = sea_orm::Statement::from_string(own.backend(), "update delivery set fence = fence");
                tx.execute_raw(hold).await.unwrap();
                zalo.release();
                (own, tx)
            }
        });
        // The answer has gone out once the double has closed its side; the commit cannot have.
        killed_when(url, slow, book.clone(), move || watch.answered() == 1).await;
        let (_own, tx) = holder.await.unwrap();
        tx.rollback().await.unwrap();
        end_leases(&db.db).await;
        let world = World::with(db.db.clone(), with_zalo(&zalo, sms(&gateway)), book).await;
        let doubt = world.until_on(1, "zalo_phone", DeliveryState::Unknown).await;
        assert_eq!((doubt.attempts, zalo.ledger().len(), zalo.requests(), gateway.requests()), (1, 1, 1, 0));
    }
}

/// The database stands still before the attempt is written down: nothing was sent, and the next process sends once.
#[tokio::test]
async fn killed_before_the_attempt_is_written_down_nothing_was_sent() {
    for db in databases().await {
        let (zalo, gateway) = (Arc::new(zalo_double().await), SmsDouble::start().await);
        let settings = with_zalo(&zalo, sms(&gateway));
        let book = Arc::<Book>::default();
        set_up(&db.db, &settings, &book).await;
        let (asked, url) = (book.clone(), db.url.clone());
        // Dies while it asks intake, between the claim and the attempt.
        book.away.store(true, std::sync::atomic::Ordering::SeqCst);
        let done = move || asked.asked.load(std::sync::atomic::Ordering::SeqCst) > 0;
        killed_when(url, settings.clone(), book.clone(), done).await;
        assert_eq!(zalo.requests(), 0);
        book.away.store(false, std::sync::atomic::Ordering::SeqCst);
        end_leases(&db.db).await;
        let world = World::with(db.db.clone(), settings, book).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger().len(), zalo.requests()), (1, 1));
    }
}

/// Every lease is over, by the database's word.
async fn end_leases(db: &Db) {
    let tx = db.begin().await.unwrap();
    let over = sea_orm::Statement::from_string(db.backend(), "update delivery set next_time = 0 where next_time > 0");
    tx.execute_raw(over).await.unwrap();
    motcua_store::commit(tx).await.unwrap();
}
