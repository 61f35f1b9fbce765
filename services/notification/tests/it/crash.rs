//! A worker that dies between the gateway's yes and its own commit.

use std::{sync::Arc, time::Duration};

use motcua_notification::Settings;
use motcua_proto::notification::v1::DeliveryState;
use motcua_store::Db;
use motcua_tests::doubles::sms::{Fault, SmsDouble};

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
