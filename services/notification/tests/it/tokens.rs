//! One renewal however many ask (S4), and what a lost answer to it leads to (S5).
use std::sync::Arc;

use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_runtime::Clock;
use motcua_store::Db;
use motcua_tests::doubles::{sms::SmsDouble, zalo::Fault};

use crate::{intake::Book, world::*};

#[tokio::test]
async fn five_replicas_with_one_expired_token_make_one_call() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let book = Arc::<Book>::default();
        let mut replicas = vec![World::with(db.db.clone(), with_zalo(&zalo, sms(&gateway)), book.clone()).await];
        replicas[0].registers().await;
        for _ in 1..5 {
            let own = Db::open(&db.url).await.unwrap();
            replicas.push(World::with(own, with_zalo(&zalo, sms(&gateway)), book.clone()).await);
        }
        zalo.expire_access();
        for n in 1..=30_u32 {
            replicas[0].knows(n, PHONE);
            replicas[n as usize % 5].tell(n).await;
        }
        motcua_tests::wait::until("all accepted", || async {
            let all = replicas[0].list().await.deliveries;
            (all.len() == 30 && all.iter().all(|d| d.state() == DeliveryState::Accepted)).then_some(())
        })
        .await;
        assert_eq!(zalo.renewals(), (1, 1));
        assert_eq!((zalo.ledger().len(), gateway.requests()), (30, 0));
    }
}

#[tokio::test]
async fn at_twenty_hours_it_is_renewed_before_anybody_is_refused() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.set("2026-11-24T02:00:00Z");
        zalo.set_clock(ms("2026-11-24T02:00:00Z"));
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.renewals(), zalo.refused()), ((1, 1), vec![]));
    }
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_costs_the_grant_but_no_message_and_a_person_mends_it() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let book = Arc::<Book>::default();
        let clock = Clock::manual(NINE.parse().unwrap());
        let world = World::at(db.db.clone(), with_zalo(&zalo, sms(&gateway)), book, clock).await;
        world.registers().await;
        zalo.expire_access();
        // Zalo makes a new pair, and nobody hears it: the old refresh token is worth nothing now.
        zalo.script_renewals([Fault::AcceptThenReset]);
        world.knows(1, PHONE);
        world.tell(1).await;
        // The second try is told -14014; from then on nobody asks Zalo, and the short message tells it.
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        assert_eq!(zalo.renewals(), (2, 1));
        let failed = world.until_on(1, "zalo_phone", DeliveryState::Failed).await;
        assert!(failed.class == "AUTH_HUMAN" && failed.last_error.contains("consent anew"), "{failed:?}");

        let asked = pb::PutZaloTokensRequest {
            request_id: "mend".into(),
            centre_id: CENTRE.into(),
            access_token: "access-2".into(),
            refresh_token: "refresh-2".into(),
        };
        world.of(motcua_kernel::identity::Role::Admin).put_zalo_tokens(asked).await.unwrap();
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.renewals(), zalo.ledger().len(), gateway.ledger().len()), ((2, 1), 1, 1));
    }
}

#[tokio::test]
async fn a_renewal_that_never_left_is_made_again_without_a_doubt() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        zalo.expire_access();
        zalo.script_renewals([Fault::Html(502)]);
        world.knows(1, PHONE);
        world.tell(1).await;
        // A page is no answer: asked once more with the same token, which Zalo still knows.
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!(zalo.renewals(), (2, 1));
    }
}
