//! Zalo by telephone number and to followers, with the double's ledger as judge.
use motcua_proto::notification::v1::DeliveryState;
use motcua_tests::doubles::{sms::SmsDouble, zalo::Fault};

use crate::world::*;

#[tokio::test]
async fn a_ready_result_goes_by_zalo_first_and_its_receipt_ends_it() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let accepted = world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let sent = zalo.ledger().remove(0);
        assert_eq!((sent.to.as_str(), sent.tracking_id), ("84912345678", accepted.id.replace('-', "")));
        assert_eq!(sent.data["trang_thai"], "Đã có kết quả");
        assert_eq!((zalo.refused(), gateway.requests()), (vec![], 0));
        let receipt = zalo.body_of_receipt(&zalo.ledger()[0]);
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &receipt).await, [200]);
        let delivered = world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        let seconds = |time: Option<prost_types::Timestamp>| time.unwrap().seconds;
        let took = seconds(delivered.deliver_time) - seconds(delivered.create_time);
        assert_eq!((took, delivered.class.as_str()), (4, "OK"));
    }
}

#[tokio::test]
async fn whatever_zalo_does_with_the_answer_it_gets_one_message() {
    let faults = [
        Fault::AcceptThenHang,
        Fault::AcceptThenReset,
        Fault::AcceptThenTruncate,
        Fault::AcceptThenEmpty,
        Fault::AcceptThenFlood,
        Fault::ResetBefore,
        Fault::Html(502),
        Fault::Html(200),
    ];
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        for (n, fault) in (1..).zip(faults) {
            zalo.script([fault]);
            world.knows(n, PHONE);
            world.tell(n).await;
            let doubt = world.until_on(n, "zalo_phone", DeliveryState::Unknown).await;
            let reference = doubt.id.replace('-', "");
            let sent = zalo.ledger().into_iter().filter(|s| s.tracking_id == reference).count();
            let accepts = !matches!(fault, Fault::ResetBefore | Fault::Html(_));
            assert_eq!(
                (sent, doubt.attempts, doubt.class.as_str()),
                (usize::from(accepts), 1, "AMBIGUOUS"),
                "{fault:?}"
            );
        }
        // A doubt is never sent again by Zalo; after two hours the short message tells the same fact.
        world.set("2026-11-23T04:00:01Z");
        for n in 1..=u32::try_from(faults.len()).unwrap() {
            world.until_on(n, "zalo_phone", DeliveryState::Unresolved).await;
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        assert_eq!((zalo.requests(), gateway.ledger().len()), (faults.len(), faults.len()));
    }
}

#[tokio::test]
async fn a_receipt_resolves_a_doubt_and_no_short_message_follows() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        zalo.script([Fault::AcceptThenReset]);
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "zalo_phone", DeliveryState::Unknown).await;
        let receipt = zalo.body_of_receipt(&zalo.ledger()[0]);
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &receipt).await, [200]);
        world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        world.set("2026-11-23T08:00:00Z");
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((world.list().await.total, gateway.requests()), (2, 0));
    }
}

#[tokio::test]
async fn what_zalo_took_is_told_again_after_two_hours_only_where_receipts_would_come() {
    for db in databases().await {
        for (n, listens) in [(1, false), (2, true)] {
            let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
            let mut settings = with_zalo(&zalo, sms(&gateway));
            settings.webhooks = settings.webhooks.filter(|_| listens);
            let world = World::on(&db, settings).await;
            world.registers().await;
            world.knows(n, PHONE);
            world.tell(n).await;
            let taken = world.until_on(n, "zalo_phone", DeliveryState::Accepted).await;
            assert_eq!(taken.wake_time.is_some(), listens);
            world.set("2026-11-23T04:00:01Z");
            if listens {
                world.until_on(n, "zalo_phone", DeliveryState::Unconfirmed).await;
                world.until_on(n, "sms", DeliveryState::Accepted).await;
            }
            assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (1, usize::from(listens)));
            world.stop.cancel();
        }
    }
}

#[tokio::test]
async fn codes_lead_where_their_class_says() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        // It may pass: the same channel, later.
        zalo.script([Fault::Code(-100), Fault::Code(-32), Fault::TooMany(1), Fault::Code(-4711)]);
        world.knows(1, PHONE);
        world.tell(1).await;
        assert_eq!(world.until_on(1, "zalo_phone", DeliveryState::Accepted).await.attempts, 5);
        // Our defect: dead letter, and what matters goes on.
        zalo.script([Fault::Code(-1122)]);
        world.knows(2, PHONE);
        world.tell(2).await;
        let dead = world.until_on(2, "zalo_phone", DeliveryState::Failed).await;
        assert_eq!((dead.class.as_str(), dead.last_error.as_str()), ("PAYLOAD", "Zalo -1122"));
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        // What a person must mend is asked once more, then the next channel.
        zalo.script([Fault::Code(-101), Fault::Code(-101)]);
        world.knows(3, PHONE);
        world.tell(3).await;
        assert_eq!(world.until_on(3, "zalo_phone", DeliveryState::Failed).await.class, "AUTH_HUMAN");
        world.until_on(3, "sms", DeliveryState::Accepted).await;
        assert_eq!(zalo.ledger().len(), 1);
    }
}

#[tokio::test]
async fn a_refused_template_rests_and_the_others_go_on() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        zalo.script([Fault::Code(-146)]);
        for (n, state) in [(1, DeliveryState::Failed), (2, DeliveryState::Suppressed)] {
            world.knows(n, PHONE);
            world.tell(n).await;
            assert_eq!(world.until_on(n, "zalo_phone", state).await.class, "TEMPLATE");
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        assert_eq!(zalo.requests(), 1, "the second was not even asked");
    }
}

#[tokio::test]
async fn nobody_reads_a_number_or_an_id_in_what_is_stored() {
    use sea_orm::ConnectionTrait as _;
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        world.submit("planted", "payment_due", 1, &[("amount", "087099012345 dong")]).await;
        let receipt = zalo.body_of_receipt(&zalo.ledger()[0]);
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &receipt).await, [200]);
        world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        let backend = db.db.backend();
        for table in [
            "notification",
            "delivery",
            "attempt",
            "inbox",
            "outbox",
            "receipt",
            "contact",
            "consent",
            "suppression",
            "request",
            "audit",
            "token_grant",
        ] {
            let text = format!("select * from {table}");
            let rows = db.db.read().query_all_raw(sea_orm::Statement::from_string(backend, text)).await.unwrap();
            let shown = format!("{rows:?}");
            for planted in ["912345678", "087099012345", "THỬ NGHIỆM", "AAAAAAAAAA", "access-1", "refresh-1"] {
                assert!(!shown.contains(planted), "{planted} in {table}");
                // Bytes are shown as numbers.
                let bytes = planted.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(", ");
                assert!(!shown.contains(&bytes), "{planted} as bytes in {table}");
            }
        }
    }
}
