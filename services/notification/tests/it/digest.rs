//! Several dossiers of one person in one message, and a person's day.
use motcua_kernel::identity::Role;
use motcua_notification::Settings;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_tests::doubles::{
    sms::{Fault, SmsDouble},
    zalo,
};

use crate::world::*;

const EVENING: &str = "2026-11-23T14:30:00Z";
const MORNING: &str = "2026-11-24T00:45:00Z";
const TEN: &str = "2026-11-23T03:00:00Z";

/// Dossiers of one number, told in the evening.
async fn night(world: &World, phone: &str, dossiers: std::ops::RangeInclusive<u32>) {
    world.set(EVENING);
    for n in dossiers {
        world.knows(n, phone);
        world.tell(n).await;
    }
}

async fn all_in(world: &World, state: DeliveryState, count: usize) -> Vec<pb::Delivery> {
    motcua_tests::wait::until(&format!("{count} {state:?}"), || async {
        let all: Vec<_> = world.list().await.deliveries.into_iter().filter(|d| d.state() == state).collect();
        (all.len() == count).then_some(all)
    })
    .await
}

#[tokio::test]
async fn a_night_of_four_dossiers_is_one_message_in_the_morning_and_others_are_told_alone() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        night(&world, PHONE, 1..=4).await;
        night(&world, "0987 654 321", 5..=6).await;
        world.all_held(6).await;
        world.set(MORNING);
        let told = all_in(&world, DeliveryState::Accepted, 6).await;
        let ledger = gateway.ledger();
        assert_eq!((ledger.len(), gateway.requests()), (3, 3), "one for four dossiers, one each for two");
        let digest = ledger.iter().find(|sent| sent.phone == "84912345678").unwrap();
        assert!(digest.content.starts_with("TTHCC: 4 ho so cua ong/ba co tin moi: "), "{}", digest.content);
        for n in 1..=4 {
            let line = format!("000.00.16.H61-261123-{n:04} (da co ket qua)");
            assert!(digest.content.contains(&line), "{line}: {}", digest.content);
        }
        let leader = told.iter().find(|d| d.merged == 3).unwrap();
        let bound = told.iter().filter(|d| d.merged_into_id == leader.id).count();
        assert_eq!((bound, told.iter().filter(|d| d.merged > 0).count()), (3, 1));
        assert!(told.iter().filter(|d| d.merged_into_id == leader.id).all(|d| d.attempts == 1));
    }
}

/// The gateway drops a repetition only under the same reference, and the words must be the same.
#[tokio::test]
async fn a_digest_in_doubt_is_repeated_in_the_same_words_and_told_once() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        gateway.script([Fault::AcceptThenReset]);
        night(&world, PHONE, 1..=3).await;
        world.all_held(3).await;
        world.set(MORNING);
        all_in(&world, DeliveryState::Accepted, 3).await;
        assert_eq!((gateway.ledger().len(), gateway.requests()), (1, 2));
    }
}

#[tokio::test]
async fn a_digest_that_is_refused_hands_every_dossier_on() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        gateway.script([Fault::Code("108")]);
        night(&world, PHONE, 1..=3).await;
        world.all_held(3).await;
        world.set(MORNING);
        let failed = all_in(&world, DeliveryState::Failed, 3).await;
        assert!(failed.iter().all(|d| d.class == "RECIPIENT"), "{failed:#?}");
        let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let calls = world.of(Role::Guide).list_calls(asked).await.unwrap().into_inner().calls;
        assert_eq!((calls.len(), gateway.ledger().len()), (3, 0), "a person tells each");
        // Sent once more by a person, a dossier goes alone.
        let again = pb::ResendRequest {
            request_id: "again".into(),
            centre_id: CENTRE.into(),
            delivery_id: failed.iter().find(|d| d.merged == 0).unwrap().id.clone(),
            reason: "Số đã sửa".into(),
            accept_double: false,
        };
        world.of(Role::Manager).resend(again).await.unwrap();
        let sent = all_in(&world, DeliveryState::Accepted, 1).await.remove(0);
        assert!(sent.merged_into_id.is_empty() && gateway.ledger()[0].content.contains("da co ket qua. Moi"));
    }
}

/// Zalo has a template for it; this number has no Zalo, and the short message tells all of it at once.
#[tokio::test]
async fn a_digest_goes_by_zalo_where_a_template_is_registered_and_its_receipt_ends_every_delivery() {
    const NONE: &str = "+84912000118";
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let params = vec![("so", 30, true), ("ho_so", 200, true)];
        zalo.register("99", zalo::Template { status: "ENABLE", params, by_uid: true, at_night: true });
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let param = |name: &str, from: &str, kind| pb::TemplateParam {
            name: name.into(),
            from: from.into(),
            kind,
            optional: false,
        };
        let template = pb::Template {
            kind: "digest".into(),
            channel: "zalo".into(),
            locale: "vi".into(),
            provider_template_id: "99".into(),
            params: vec![param("so", "count", 6), param("ho_so", "dossiers", 13)],
            status: "ACTIVE".into(),
            ..Default::default()
        };
        let asked =
            pb::PutTemplateRequest { request_id: "d".into(), centre_id: CENTRE.into(), template: Some(template) };
        world.of(Role::Admin).put_template(asked).await.unwrap();
        zalo.set_clock(ms(EVENING));
        night(&world, PHONE, 1..=3).await;
        night(&world, NONE, 4..=6).await;
        world.all_held(6).await;
        zalo.set_clock(ms(MORNING));
        world.set(MORNING);
        for n in 1..=3 {
            world.until_on(n, "zalo_phone", DeliveryState::Accepted).await;
        }
        for n in 4..=6 {
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        assert_eq!((zalo.ledger().len(), zalo.ledger()[0].data["so"].as_str()), (1, "3"));
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &zalo.body_of_receipt(&zalo.ledger()[0])).await, [200]);
        for n in 1..=3 {
            world.until_on(n, "zalo_phone", DeliveryState::Delivered).await;
        }
        let told: String = gateway.ledger().into_iter().map(|sent| sent.content).collect();
        for n in 4..=6 {
            assert_eq!(told.matches(&format!("261123-{n:04}")).count(), 1, "{told}");
        }
    }
}

#[tokio::test]
async fn what_is_beyond_a_persons_day_waits_and_goes_together_and_a_code_never_waits() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { person_daily_max: 2, ..sms(&gateway) }).await;
        for n in 1..=2 {
            world.knows(n, PHONE);
            world.tell(n).await;
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        for n in 3..=5 {
            world.knows(n, PHONE);
            world.tell(n).await;
            let held = world.until_on(n, "sms", DeliveryState::Held).await;
            assert_eq!((held.hold_reason.as_str(), held.attempts), ("PERSON_DAY", 0));
            assert_eq!(held.wake_time.unwrap().seconds, ms(TEN) / 1_000, "the next full hour");
        }
        // Not urgent: tomorrow. Somebody else's day, and a code, are not concerned.
        world.knows(6, PHONE);
        world.submit("withdrawn", "withdrawn", 6, &[]).await;
        let held = world.until_on(6, "sms", DeliveryState::Held).await;
        assert!(held.wake_time.unwrap().seconds >= ms("2026-11-24T00:00:00Z") / 1_000);
        world.knows(7, "0987654321");
        world.tell(7).await;
        world.until_on(7, "sms", DeliveryState::Accepted).await;
        let code = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: "code".into(),
            kind: "otp".into(),
            to_phone: PHONE.into(),
            params: [("otp".to_owned(), "123456".to_owned())].into(),
            ..Default::default()
        };
        world.of(Role::Operator).submit(code).await.unwrap();
        motcua_tests::wait::until("the code", || async {
            gateway.ledger().iter().any(|sent| sent.content.contains("123456")).then_some(())
        })
        .await;
        assert_eq!(gateway.ledger().len(), 4);
        world.set(TEN);
        for n in 3..=5 {
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        // What might have waited for the morning goes with them.
        world.until_on(6, "sms", DeliveryState::Accepted).await;
        assert_eq!((gateway.ledger().len(), gateway.requests()), (5, 5), "four dossiers in one");
    }
}

/// A newer fact of a dossier calls off what waits, also where it would have stood in the list.
#[tokio::test]
async fn what_is_overtaken_in_the_night_is_not_in_the_list() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        night(&world, PHONE, 1..=4).await;
        world.all_held(4).await;
        world.submit("stopped", "stopped", 4, &[]).await;
        motcua_tests::wait::until("called off", || async {
            let all = world.list().await.deliveries;
            all.iter().any(|d| d.state() == DeliveryState::Cancelled).then_some(())
        })
        .await;
        world.all_held(4).await;
        world.set("2026-11-24T01:00:00Z");
        all_in(&world, DeliveryState::Accepted, 4).await;
        let sent = gateway.ledger();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].content.contains("261123-0004 (da dung giai quyet)"), "{}", sent[0].content);
    }
}
