//! Answers to who wrote to the account, and questions about messages that nobody reported on.
use motcua_kernel::identity::Role;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_runtime::grpc;
use motcua_tests::doubles::{
    sms::SmsDouble,
    zalo::{Fault, ZaloDouble, body_of_chat},
};

use crate::{webhooks::follows, world::*};

const UID: &str = "246845883529197922";
const NIGHT: &str = "2026-11-23T16:30:00Z";

async fn writes(world: &World, zalo: &ZaloDouble, text: &str, id: &str) {
    let now = world.clock.now().as_millisecond();
    zalo.set_clock(now);
    assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &body_of_chat(UID, text, id, now)).await, [200]);
}

/// The words of every answer, once there are so many.
async fn answers(zalo: &ZaloDouble, count: usize) -> Vec<String> {
    motcua_tests::wait::until(&format!("{count} answers"), || async {
        let all: Vec<String> = zalo.replies().into_iter().map(|sent| sent.data["text"].clone()).collect();
        (all.len() >= count).then_some(all)
    })
    .await
}

#[tokio::test]
async fn a_code_is_answered_with_where_the_dossier_is_whenever_it_is_sent() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let code = follows(&world, 1).await;
        world.knows(1, "");
        writes(&world, &zalo, &format!("HS {code}"), "m1").await;
        let first = answers(&zalo, 1).await.remove(0);
        assert!(first.starts_with("Hồ sơ 000.00.16.H61-261123-0001: Đã tiếp nhận. Khi có tin mới"), "{first}");
        assert!(first.contains("https://motcua.example/d/") && !first.contains("THỬ NGHIỆM"), "{first}");
        assert_eq!(zalo.replies()[0].to, UID);
        // Told twice, answered once.
        writes(&world, &zalo, &format!("HS {code}"), "m1").await;
        world.submit("ready", "result_ready", 1, &[]).await;
        world.until_on(1, "zalo_uid", DeliveryState::Accepted).await;
        // At night too: they are awake.
        world.set(NIGHT);
        writes(&world, &zalo, &format!("hs {}", code.to_lowercase()), "m2").await;
        let all = answers(&zalo, 2).await;
        assert_eq!(all.len(), 2);
        assert!(all[1].contains(": Đã có kết quả."), "{}", all[1]);
        assert_eq!((zalo.refused(), gateway.requests()), (vec![], 0));
    }
}

#[tokio::test]
async fn a_wrong_code_is_answered_without_a_dossier_and_a_guesser_not_at_all() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        follows(&world, 1).await;
        for n in 0..7 {
            // Each told three times: Zalo repeats, and that is no second guess.
            for _ in 0..3 {
                writes(&world, &zalo, &format!("HS 2222222{}", n + 2), &format!("m{n}")).await;
            }
        }
        let all = answers(&zalo, 5).await;
        assert!(all.iter().all(|text| text.starts_with("Mã này không đúng") && !text.contains("000.00")), "{all:?}");
        writes(&world, &zalo, "Chào trung tâm", "m8").await;
        writes(&world, &zalo, "000.00.16.H61-261123-0001", "m9").await;
        // Behind them, another's question is answered: nothing else was on its way.
        let other = body_of_chat("999", "HS 22222222", "m10", ms(NINE));
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &other).await, [200]);
        assert_eq!(answers(&zalo, 6).await.len(), 6);
        assert_eq!(zalo.replies()[5].to, "999");
    }
}

#[tokio::test]
async fn an_answer_is_never_said_unasked_nor_repeated_in_doubt() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let asked = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: "unasked".into(),
            kind: "dossier_state".into(),
            dossier_id: "dossier-1".into(),
            to_zalo: UID.into(),
            ..Default::default()
        };
        let refused = world.of(Role::Operator).submit(asked).await.unwrap_err();
        assert_eq!(grpc::reason(&refused).as_deref(), Some("KIND_IS_REPLY"));
        world.knows(1, "");
        let code = follows(&world, 1).await;
        zalo.script_replies([Fault::AcceptThenReset, Fault::Code(-230)]);
        writes(&world, &zalo, &format!("HS {code}"), "m1").await;
        world.until_on(1, "zalo_cs", DeliveryState::Unknown).await;
        writes(&world, &zalo, &format!("HS {code}"), "m2").await;
        let late = world.until_on(1, "zalo_cs", DeliveryState::Failed).await;
        assert_eq!((late.last_error.as_str(), late.attempts, zalo.replies().len()), ("Zalo -230", 1, 1));
        world.set("2026-11-23T05:00:00Z");
        world.until_on(1, "zalo_cs", DeliveryState::Unresolved).await;
        assert_eq!((zalo.replies().len(), zalo.requests(), gateway.requests()), (1, 0, 0));
    }
}

#[tokio::test]
async fn what_nobody_reports_is_asked_for_and_told_only_where_it_did_not_arrive() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        for n in 1..=2 {
            world.knows(n, PHONE);
            world.tell(n).await;
            world.until_on(n, "zalo_phone", DeliveryState::Accepted).await;
        }
        let sent = zalo.ledger();
        let first = world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let own = sent.iter().find(|s| s.tracking_id == first.id.replace('-', "")).unwrap();
        zalo.arrive(&own.message_id);
        assert_eq!(zalo.questions(), 0, "not before ten minutes");
        // The pair of tokens is old by then: it is renewed for a question as for a message.
        zalo.expire_access();
        world.set("2026-11-23T02:10:01Z");
        let arrived = world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        assert_eq!(arrived.deliver_time.unwrap().seconds * 1_000, ms(NINE));
        motcua_tests::wait::until("both asked for", || async { (zalo.questions() >= 3).then_some(()) }).await;
        world.until_on(2, "zalo_phone", DeliveryState::Accepted).await;
        // Two hours later it is told another way, and nobody asks any more.
        world.set("2026-11-23T04:00:02Z");
        world.until_on(2, "zalo_phone", DeliveryState::Unconfirmed).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert!(zalo.questions() <= 5, "{}", zalo.questions());
        assert_eq!((zalo.ledger().len(), gateway.ledger().len(), zalo.renewals()), (2, 1, (1, 1)));
    }
}
