use std::time::Duration;

use motcua_kernel::identity::Role;
use motcua_notification::{ProviderSettings, Settings, SmsSettings};
use motcua_proto::intake::v1::Consent;
use motcua_proto::notification::v1::{DeliveryState, ListCallsRequest};
use motcua_tests::doubles::sms::{Fault, SmsDouble};

use crate::world::*;

#[tokio::test]
async fn the_gateway_gets_one_folded_message_under_our_reference() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, sms(&double)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let delivery = world.until_state(DeliveryState::Accepted).await;
        let ledger = double.ledger();
        assert_eq!((ledger.len(), double.refused()), (1, vec![]));
        assert_eq!(
            (ledger[0].request_id.as_str(), ledger[0].phone.as_str()),
            (delivery.id.replace('-', "").as_str(), "84912345678")
        );
        assert!(
            ledger[0].content.starts_with("Ho so 000.00.16.H61-261123-0001 da co ket qua."),
            "{}",
            ledger[0].content
        );
        assert!(!ledger[0].unicode && ledger[0].parts <= 2);
        assert_eq!((delivery.channel.as_str(), world.list().await.provider_note.as_str()), ("sms", ""));
    }
}

#[tokio::test]
async fn who_did_not_agree_to_messages_gets_none_and_is_called() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, sms(&double)).await;
        let consent = |sms| Consent { sms, zalo: false, email: false };
        world.knows(1, PHONE);
        world.book.consents.lock().unwrap().insert("dossier-1".into(), consent(false));
        world.tell(1).await;
        let kept = world.until_on(1, "sms", DeliveryState::Suppressed).await;
        assert_eq!(kept.last_error, "NO_CONSENT");
        let asked = ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let calls = world.of(Role::Guide).list_calls(asked).await.unwrap().into_inner().calls;
        assert_eq!(calls.iter().map(|call| call.dossier_id.as_str()).collect::<Vec<_>>(), ["dossier-1"]);
        world.knows(2, PHONE);
        world.book.consents.lock().unwrap().insert("dossier-2".into(), consent(true));
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(double.requests(), 1);
    }
}

#[tokio::test]
async fn accents_are_sent_as_unicode_when_asked_for() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, Settings { accents: true, ..sms(&double) }).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_state(DeliveryState::Accepted).await;
        assert!(double.ledger()[0].unicode && double.ledger()[0].content.contains("đã có kết quả"));
    }
}

#[tokio::test]
async fn whatever_happens_to_the_answer_the_citizen_gets_one_message() {
    let faults = [
        Fault::AcceptThenHang,
        Fault::AcceptThenReset,
        Fault::AcceptThenTruncate,
        Fault::AcceptThenEmpty,
        Fault::ResetBefore,
        Fault::Html500,
        Fault::Delay(Duration::from_secs(1)),
    ];
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, sms(&double)).await;
        for (n, fault) in (1..).zip(faults) {
            double.script([fault]);
            world.knows(n, PHONE);
            world.tell(n).await;
            let settled = motcua_tests::wait::until("accepted", || async {
                let all = world.list().await.deliveries;
                all.into_iter().find(|d| d.dossier_id == format!("dossier-{n}") && d.state() == DeliveryState::Accepted)
            })
            .await;
            let reference = settled.id.replace('-', "");
            let sent = double.ledger().into_iter().filter(|s| s.request_id == reference).count();
            assert_eq!((sent, settled.attempts), (1, 2), "{fault:?}");
        }
        assert_eq!(double.requests(), 2 * faults.len());
    }
}

#[tokio::test]
async fn a_gateway_that_drops_no_repetition_is_never_asked_again() {
    let faults = [Fault::AcceptThenReset, Fault::AcceptThenHang, Fault::ResetBefore, Fault::Html500];
    for db in databases().await {
        for (n, fault) in (1..).zip(faults) {
            let double = SmsDouble::start().await;
            let gateway = SmsSettings { dedup_window_s: 0, ..gateway(&double) };
            let world = World::on(&db, settings(ProviderSettings::Sms(gateway))).await;
            double.script([fault]);
            world.knows(n, PHONE);
            world.tell(n).await;
            let doubt = motcua_tests::wait::until("a doubt", || async {
                let all = world.list().await.deliveries;
                all.into_iter().find(|d| d.dossier_id == format!("dossier-{n}") && d.state() == DeliveryState::Unknown)
            })
            .await;
            assert_eq!((doubt.attempts, double.requests()), (1, 1), "{fault:?}");
            assert!(!doubt.last_error.is_empty() && !doubt.last_error.contains("912345678"), "{}", doubt.last_error);
            // The next start looks again, and still leaves it alone.
            world.stop.cancel();
            let again = World::with(db.db.clone(), sms(&double), world.book.clone()).await;
            again.knows(100 + n, PHONE);
            again.tell(100 + n).await;
            motcua_tests::wait::until("another one accepted", || async {
                let all = again.list().await.deliveries;
                all.into_iter()
                    .find(|d| d.dossier_id == format!("dossier-{}", 100 + n) && d.state() == DeliveryState::Accepted)
            })
            .await;
            assert_eq!(double.requests(), 2);
        }
    }
}

#[tokio::test]
async fn a_gateway_that_refuses_connections_is_tried_until_it_is_up() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = closed.local_addr().unwrap();
        drop(closed);
        let far = reqwest::Url::parse(&double.url()).unwrap();
        let mut near = far.clone();
        near.set_port(Some(address.port())).unwrap();
        let gateway = SmsSettings { url: near.to_string(), ..gateway(&double) };
        let world = World::on(&db, settings(ProviderSettings::Sms(gateway))).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let waiting = world.until("two refusals", |d| d.attempts >= 2 && d.state() == DeliveryState::Pending).await;
        assert!(waiting.last_error.to_lowercase().contains("refused"), "{}", waiting.last_error);
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let line = tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let mut to = tokio::net::TcpStream::connect(("127.0.0.1", far.port().unwrap())).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut from, &mut to).await });
            }
        });
        world.until_state(DeliveryState::Accepted).await;
        assert_eq!(double.ledger().len(), 1);
        line.abort();
    }
}

#[tokio::test]
async fn clear_refusals_wait_or_end_as_their_code_says() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, sms(&double)).await;
        // Too fast, no credit, an unlisted code, too fast by HTTP: nothing was sent, so it goes on.
        double.script([Fault::Code("160"), Fault::Code("103"), Fault::Code("777"), Fault::TooMany(1)]);
        world.knows(1, PHONE);
        world.tell(1).await;
        let accepted = world.until_state(DeliveryState::Accepted).await;
        assert_eq!((accepted.attempts, double.ledger().len()), (5, 1));
    }
    for db in databases().await {
        let double = SmsDouble::start().await;
        let world = World::on(&db, sms(&double)).await;
        double.script([Fault::Code("108")]);
        world.knows(1, PHONE);
        world.tell(1).await;
        let failed = world.until_state(DeliveryState::Failed).await;
        assert_eq!((failed.attempts, failed.last_error.as_str(), double.ledger().len()), (1, "CodeResult 108", 0));
    }
}

#[tokio::test]
async fn with_a_wrong_key_the_message_waits_for_a_person() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        let gateway = SmsSettings { api_key: "wrong".into(), ..gateway(&double) };
        let world = World::on(
            &db,
            Settings { pace: motcua_notification::model::PACE, ..settings(ProviderSettings::Sms(gateway)) },
        )
        .await;
        world.knows(1, PHONE);
        world.tell(1).await;
        let waiting = world.until("a refusal", |d| d.last_error == "CodeResult 101").await;
        assert_eq!((waiting.state(), double.requests()), (DeliveryState::Pending, 1));
    }
}

#[tokio::test]
async fn a_doubt_at_one_provider_is_not_settled_by_sending_through_another() {
    for db in databases().await {
        let double = SmsDouble::start().await;
        double.script([Fault::AcceptThenReset]);
        let slow = Settings { pace: motcua_notification::model::PACE, ..sms(&double) };
        let world = World::on(&db, slow).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_state(DeliveryState::Unknown).await;
        world.stop.cancel();
        let folder = tempfile::tempdir().unwrap();
        let outgoing = settings(ProviderSettings::Outgoing { folder: folder.path().into() });
        let world = World::with(db.db.clone(), outgoing, world.book.clone()).await;
        world.knows(2, PHONE);
        world.tell(2).await;
        motcua_tests::wait::until("the other one accepted", || async {
            let all = world.list().await.deliveries;
            all.iter().any(|d| d.dossier_id == "dossier-2" && d.state() == DeliveryState::Accepted).then_some(())
        })
        .await;
        let first = world.list().await.deliveries.into_iter().find(|d| d.dossier_id == "dossier-1").unwrap();
        assert_eq!((first.state(), first.attempts), (DeliveryState::Unknown, 1));
    }
}

/// What a provider says of its pace holds for every replica: a fifth slower, and once for what was under way together.
#[tokio::test]
async fn a_provider_that_is_asked_too_fast_is_asked_slower() {
    use sea_orm::ConnectionTrait as _;
    for db in databases().await {
        let double = SmsDouble::start().await;
        let five = Settings { pace: motcua_notification::model::PACE, per_second: 5, ..sms(&double) };
        let world = World::on(&db, five.clone()).await;
        double.script([Fault::Code("160"), Fault::TooMany(60)]);
        for n in 1..=2 {
            world.knows(n, PHONE);
            world.tell(n).await;
        }
        let rate = || async {
            let text = "select rate from provider_state where provider = 'sms'";
            let row = db.db.read().query_one_raw(motcua_store::sql::statement(db.db.backend(), text, vec![]));
            row.await.unwrap().unwrap().try_get::<i32>("", "rate").unwrap()
        };
        motcua_tests::wait::until("slower", || async { (double.requests() == 2 && rate().await == 80).then_some(()) })
            .await;
        world.stop.cancel();
        let replica = World::with(db.db.clone(), five, world.book.clone()).await;
        for n in 3..=12 {
            replica.knows(n, PHONE);
            replica.tell(n).await;
        }
        motcua_tests::wait::until("all told", || async { (double.ledger().len() == 10).then_some(()) }).await;
        let at: Vec<_> = double.ledger().into_iter().map(|sent| sent.at).collect();
        // Of ten, five go at once: the others each a fifth of a second apart, and a quarter of that more.
        let took = at[9].duration_since(at[0]);
        assert!(took >= std::time::Duration::from_millis(1_150), "{took:?}");
    }
}
