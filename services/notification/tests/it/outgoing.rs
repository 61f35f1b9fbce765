use std::sync::atomic::Ordering;

use motcua_bus::Bus as _;
use motcua_notification::ProviderSettings;
use motcua_proto::notification::v1::DeliveryState;
use sea_orm::ConnectionTrait as _;
use serde_json::Value;

use crate::world::*;

fn folder() -> (tempfile::TempDir, ProviderSettings) {
    let folder = tempfile::tempdir().unwrap();
    let provider = ProviderSettings::Outgoing { folder: folder.path().join("outgoing") };
    (folder, provider)
}

fn files(folder: &tempfile::TempDir) -> Vec<Value> {
    let found = std::fs::read_dir(folder.path().join("outgoing")).unwrap();
    found.map(|f| serde_json::from_slice(&std::fs::read(f.unwrap().path()).unwrap()).unwrap()).collect()
}

#[tokio::test]
async fn a_ready_result_is_one_file_that_names_no_number() {
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let delivery = world.until_state(DeliveryState::Accepted).await;
        assert_eq!(
            (delivery.address_masked.as_str(), delivery.attempts, delivery.kind.as_str()),
            ("•••678", 1, "result_ready")
        );
        assert_eq!((delivery.channel.as_str(), delivery.provider.as_str()), ("outgoing", "outgoing"));
        assert_eq!(
            (delivery.traceparent.as_str(), delivery.accept_time, delivery.last_error.as_str()),
            (TRACE, delivery.create_time, "")
        );
        let files = files(&folder);
        assert_eq!(files.len(), 1);
        assert_eq!(files[0]["id"], delivery.id.replace('-', ""));
        assert_eq!(files[0]["to"], "•••678");
        assert_eq!(
            files[0]["text"],
            "Ho so 000.00.16.H61-261123-0001 da co ket qua. Moi ong/ba den bo phan Mot cua, mang giay hen va giay to tuy than. https://motcua.example/d/AAAAAAAAAAAAAAAAAAAAAA"
        );
        // Whoever reads the database finds neither the number nor the name.
        for table in ["notification", "delivery", "attempt", "inbox"] {
            let rows = db
                .db
                .read()
                .query_all_raw(sea_orm::Statement::from_string(db.db.backend(), format!("select * from {table}")));
            let rows = format!("{:?}", rows.await.unwrap());
            assert!(
                !rows.contains("912345678") && !rows.contains("THỬ NGHIỆM") && !rows.contains("AAAAAAAA"),
                "{table}"
            );
        }
    }
}

#[tokio::test]
async fn an_event_delivered_ten_times_at_once_is_one_delivery() {
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        world.knows(1, PHONE);
        let deliveries: Vec<_> = (0..10)
            .map(|_| {
                let bus = world.bus.clone();
                tokio::spawn(async move { bus.publish(&[ready(1)]).await.remove(0) })
            })
            .collect();
        for delivery in deliveries {
            delivery.await.unwrap().unwrap();
        }
        world.until_state(DeliveryState::Accepted).await;
        assert_eq!((world.list().await.total, files(&folder).len()), (1, 1));
    }
}

#[tokio::test]
async fn whoever_gave_no_mobile_number_is_not_written_to() {
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        for (n, phone) in [(1, ""), (2, "0270 3822 123"), (3, "abc")] {
            world.knows(n, phone);
            world.tell(n).await;
        }
        motcua_tests::wait::until("three without address", || async {
            let all = world.list().await.deliveries;
            (all.len() == 3 && all.iter().all(|d| d.state() == DeliveryState::NoAddress)).then_some(())
        })
        .await;
        assert!(world.list().await.deliveries.iter().all(|d| d.attempts == 0 && d.accept_time.is_none()));
        assert_eq!(files(&folder).len(), 0);
    }
}

#[tokio::test]
async fn while_intake_is_away_the_message_waits() {
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        world.book.away.store(true, Ordering::SeqCst);
        world.knows(1, PHONE);
        world.tell(1).await;
        let waiting = world.until("a failed question", |d| !d.last_error.is_empty()).await;
        assert_eq!(
            (waiting.state(), waiting.last_error.as_str()),
            (DeliveryState::Pending, "intake: STORE_UNAVAILABLE")
        );
        world.book.away.store(false, Ordering::SeqCst);
        world.until_state(DeliveryState::Accepted).await;
        assert_eq!(files(&folder).len(), 1);
    }
}

#[tokio::test]
async fn a_dossier_that_intake_does_not_know_is_given_up_after_a_while() {
    for db in databases().await {
        let (_folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        world.tell(1).await;
        let failed = world.until_state(DeliveryState::Failed).await;
        assert_eq!((failed.last_error.as_str(), failed.attempts), ("intake: DOSSIER_UNKNOWN", 0));
        assert_eq!(world.book.asked.load(Ordering::SeqCst), 8);
    }
}

#[tokio::test]
async fn a_message_that_comes_days_too_late_is_not_sent() {
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        world.book.away.store(true, Ordering::SeqCst);
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until("a failed question", |d| !d.last_error.is_empty()).await;
        world.clock.set("2026-11-28T02:00:01Z".parse().unwrap());
        let failed = world.until_state(DeliveryState::Expired).await;
        assert!(
            ["EXPIRED", "intake: STORE_UNAVAILABLE"].contains(&failed.last_error.as_str()),
            "{}",
            failed.last_error
        );
        assert_eq!(files(&folder).len(), 0);
    }
}

/// Every move that somebody must hear of, in its own words.
#[tokio::test]
async fn each_move_of_a_dossier_is_told_in_its_own_sentence() {
    let said = [
        ("dossier.supplement_asked", "needs_supplement", "can bo sung giay to"),
        ("dossier.fee_asked", "payment_due", "co khoan phai nop"),
        ("dossier.rejected", "refused", "khong duoc giai quyet"),
        ("dossier.withdrawn", "withdrawn", "da duoc rut"),
        ("dossier.stopped", "stopped", "da dung giai quyet"),
        ("dossier.extended", "late_apology", "tre hen. Hen moi: 30/11/2026."),
        ("result.unclaimed", "unclaimed", "van cho ong/ba"),
    ];
    for db in databases().await {
        let (folder, provider) = folder();
        let world = World::on(&db, settings(provider)).await;
        for (n, (event, kind, words)) in (1..).zip(said) {
            world.knows(n, PHONE);
            world.bus.publish(&[moved(n, event, 4)]).await.remove(0).unwrap();
            let told = world.until_on(n, "outgoing", DeliveryState::Accepted).await;
            assert_eq!(told.kind, kind);
            let file = files(&folder).into_iter().find(|f| f["id"] == told.id.replace('-', "")).unwrap();
            assert!(file["text"].as_str().unwrap().contains(words), "{file}");
        }
        // Nobody hears of a desk that hands a dossier on.
        world.bus.publish(&[moved(9, "dossier.forwarded", 2)]).await.remove(0).unwrap();
        assert_eq!(world.list().await.total, 7);
    }
}
