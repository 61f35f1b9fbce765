//! The scenarios of the design that are about time, people and load: S2, S6, S7, S9, S10, S11, S12, S14, S15. (S1 is
//! crash.rs and zalo.rs, S3 sms.rs, S4 and S5 tokens.rs, S8 and S13 webhooks.rs.)
use std::{sync::Arc, time::Duration};

use motcua_bus::Bus as _;
use motcua_kernel::identity::Role;
use motcua_notification::Settings;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_store::Db;
use motcua_tests::doubles::{sms::SmsDouble, zalo::Fault};

use crate::{
    intake::Book,
    turns::{LEFT, SENT, notice},
    world::*,
};

const EVENING: &str = "2026-11-23T14:30:00Z";
const MORNING: &str = "2026-11-24T00:45:00Z";

/// S2: the lease ends while the call is slow; the second worker finds an open attempt and sends nothing.
#[tokio::test]
async fn a_lease_that_ends_during_a_slow_call_sends_nothing_twice() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let book = Arc::<Book>::default();
        let mut slow = with_zalo(&zalo, sms(&gateway));
        slow.zalo.as_mut().unwrap().total_timeout_ms = 25_000;
        slow.lease_ms = 60_000;
        let first = World::with(db.db.clone(), slow, book.clone()).await;
        first.registers().await;
        zalo.script([Fault::AcceptThenWait]);
        first.knows(1, PHONE);
        first.tell(1).await;
        motcua_tests::wait::until("taken", || async { zalo.ledger().pop() }).await;
        // The lease is over by the database's word, whatever the clock says.
        use sea_orm::ConnectionTrait as _;
        let over = sea_orm::Statement::from_string(db.db.backend(), "update delivery set next_time = 0");
        let tx = db.db.begin().await.unwrap();
        tx.execute_raw(over).await.unwrap();
        motcua_store::commit(tx).await.unwrap();
        let own = Db::open(&db.url).await.unwrap();
        let second = World::with(own, with_zalo(&zalo, sms(&gateway)), book).await;
        second.until_on(1, "zalo_phone", DeliveryState::Unknown).await;
        // The slow answer comes at last: a yes counts for what is in doubt.
        zalo.release();
        let settled = second.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((settled.attempts, zalo.requests(), zalo.ledger().len(), gateway.requests()), (1, 1, 1, 0));
    }
}

/// S6: what is told in the evening and overtaken in the night is one message in the morning.
#[tokio::test]
async fn the_night_ends_with_one_message_of_the_latest_state() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.set(EVENING);
        zalo.set_clock(ms(EVENING));
        world.knows(1, PHONE);
        world.submit("supplement", "needs_supplement", 1, &[]).await;
        let held = world.until("held", |d| d.state() == DeliveryState::Held).await;
        assert_eq!((held.hold_reason.as_str(), held.attempts), ("QUIET_HOURS", 0));
        let wake = held.wake_time.unwrap().seconds;
        let seven = ms("2026-11-24T00:00:00Z") / 1_000;
        assert!((seven..seven + 600).contains(&wake), "between 07:00 and 07:10");
        world.set("2026-11-23T16:00:00Z");
        world.submit("ready", "result_ready", 1, &[]).await;
        motcua_tests::wait::until("the older one is called off", || async {
            let all = world.list().await.deliveries;
            let of = |kind: &str| all.iter().find(|d| d.kind == kind).map(|d| d.state());
            (of("needs_supplement") == Some(DeliveryState::Cancelled)
                && of("result_ready") == Some(DeliveryState::Held))
            .then_some(())
        })
        .await;
        assert_eq!(zalo.requests(), 0);
        world.set(MORNING);
        zalo.set_clock(ms(MORNING));
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let told: Vec<String> = zalo.ledger().into_iter().map(|s| s.data["trang_thai"].clone()).collect();
        assert_eq!((told, gateway.requests()), (vec!["Đã có kết quả".to_owned()], 0));
    }
}

/// The older fact that arrives after the newer one is not told.
#[tokio::test]
async fn an_older_fact_that_comes_late_is_not_told() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.submit("ready", "result_ready", 1, &[]).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let early = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: "supplement".into(),
            kind: "needs_supplement".into(),
            dossier_id: "dossier-1".into(),
            fact_time: Some(prost_types::Timestamp { seconds: ms(NINE) / 1_000 - 60, nanos: 0 }),
            ..Default::default()
        };
        world.of(Role::Operator).submit(early).await.unwrap();
        let late = world.until_on(1, "zalo_phone", DeliveryState::Cancelled).await;
        assert_eq!(
            (late.kind.as_str(), late.last_error.as_str(), zalo.requests()),
            ("needs_supplement", "SUPERSEDED", 1)
        );
    }
}

/// S7: the day's allowance is used at noon.
#[tokio::test]
async fn a_used_allowance_sends_the_urgent_by_sms_and_holds_the_rest() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        zalo.set_quota(0);
        for n in 1..=3 {
            world.knows(n, PHONE);
        }
        world.submit("ready-1", "result_ready", 1, &[]).await;
        world.until_on(1, "zalo_phone", DeliveryState::Failed).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        world.submit("ready-2", "result_ready", 2, &[]).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(zalo.requests(), 1, "nobody asks Zalo again today");
        world.submit("accepted-3", "dossier_accepted", 3, &[]).await;
        let held = world.until_on(3, "zalo_phone", DeliveryState::Held).await;
        assert_eq!(held.hold_reason, "QUOTA");
        zalo.set_quota(500);
        zalo.set_clock(ms(MORNING));
        world.set(MORNING);
        world.until_on(3, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (1, 2));
    }
}

/// S9: a number without Zalo gets a short message, and the next day Zalo is not asked.
#[tokio::test]
async fn a_number_without_zalo_is_remembered_for_thirty_days() {
    const NONE: &str = "+84912000118";
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        for (n, day, asked) in [(1, NINE, 1), (2, "2026-11-24T03:00:00Z", 1), (3, "2026-12-28T03:00:00Z", 2)] {
            world.set(day);
            zalo.set_clock(ms(day));
            world.knows(n, NONE);
            world.tell(n).await;
            world.until_on(n, "sms", DeliveryState::Accepted).await;
            assert_eq!(zalo.refused().iter().filter(|why| why.starts_with("-118")).count(), asked, "{day}");
        }
        let second = world.until_on(2, "zalo_phone", DeliveryState::Suppressed).await;
        assert_eq!((second.last_error.as_str(), second.attempts), ("NO_ACCOUNT", 0));
        assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (0, 3));
    }
}

/// S10 in small: a backlog waits at seven, and who stands in the hall is told before it.
#[tokio::test]
async fn a_ticket_call_passes_a_mornings_backlog() {
    const BACKLOG: u32 = 200;
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { parallel: 5, per_second: 0, ..sms(&gateway) }).await;
        world.set(EVENING);
        for n in 1..=BACKLOG {
            world.knows(n, &format!("0912{n:06}"));
            world.tell(n).await;
        }
        world.all_held(BACKLOG).await;
        // Every answer takes 20 ms: four places work on the backlog, the fifth is kept.
        gateway.script(std::iter::repeat_n(motcua_tests::doubles::sms::Fault::Delay(Duration::from_millis(20)), 400));
        world.set(MORNING);
        motcua_tests::wait::until("the backlog flows", || async { (gateway.ledger().len() > 5).then_some(()) }).await;
        world.leave(LEFT, "left").await.unwrap();
        world.bus.publish(&[notice("called", 1, MORNING)]).await.remove(0).unwrap();
        motcua_tests::wait::until("told at once", || async { gateway.ledger().iter().position(|s| s.phone == SENT) })
            .await;
        let before = gateway.ledger().iter().position(|s| s.phone == SENT).unwrap();
        assert!(before < BACKLOG as usize - 20, "told as number {before}");
        motcua_tests::wait::until("all told", || async {
            (gateway.ledger().len() == BACKLOG as usize + 1).then_some(())
        })
        .await;
        assert_eq!(gateway.refused(), Vec::<String>::new());
    }
}

/// A centre with one message is not behind another's two hundred.
#[tokio::test]
async fn centres_come_in_turn_whatever_one_of_them_has_waiting() {
    const BACKLOG: u32 = 200;
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { parallel: 5, per_second: 0, ..sms(&gateway) }).await;
        world.set(EVENING);
        let asked = |centre: &str, n: u32, phone: &str| pb::SubmitRequest {
            centre_id: centre.into(),
            event_id: format!("{centre}-{n}"),
            kind: "result_ready".into(),
            to_phone: phone.into(),
            params: [("code".to_owned(), "H61".to_owned())].into(),
            ..Default::default()
        };
        for n in 0..BACKLOG {
            world.of(Role::Service).submit(asked(CENTRE, n, PHONE)).await.unwrap();
        }
        world.all_held(BACKLOG).await;
        gateway.slow(Duration::from_millis(20));
        world.set(MORNING);
        motcua_tests::wait::until("the backlog flows", || async { (gateway.count() > 5).then_some(()) }).await;
        world.of_centre(Role::Service, "angiang").submit(asked("angiang", 1, "0987654321")).await.unwrap();
        let at = motcua_tests::wait::until("the other centre told", || async {
            gateway.ledger().iter().position(|s| s.phone == "84987654321")
        })
        .await;
        assert!(at < BACKLOG as usize - 20, "told as number {at} of {BACKLOG}");
        motcua_tests::wait::until("all told", || async { (gateway.count() == BACKLOG as usize + 1).then_some(()) })
            .await;
    }
}

/// S11: a name that is too long only while its accents stand apart.
#[tokio::test]
async fn a_decomposed_value_is_composed_before_it_is_counted() {
    use unicode_normalization::UnicodeNormalization as _;
    let code = "Hồ sơ số một Vĩnh Long đến hạn";
    let decomposed: String = code.nfd().collect();
    assert!(code.chars().count() == 30 && decomposed.chars().count() > 30);
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.submit("nfd", "payment_due", 1, &[("code", &decomposed), ("amount", "150.000 đồng")]).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger()[0].data["ma"].as_str(), zalo.refused()), (code, vec![]));
        // One more is our defect: Zalo is not asked, and what matters goes on.
        world.knows(2, PHONE);
        world.submit("long", "payment_due", 2, &[("code", &format!("{code}s")), ("amount", "150.000 đồng")]).await;
        let dead = world.until_on(2, "zalo_phone", DeliveryState::Failed).await;
        assert_eq!((dead.last_error.as_str(), dead.attempts), ("PARAM_TOO_LONG ma: 31 > 30", 0));
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(zalo.requests(), 1);
    }
}

/// S12: consent taken back while the message is held for the night.
#[tokio::test]
async fn consent_taken_back_in_the_night_holds_in_the_morning() {
    use motcua_tests::doubles::zalo::body_of_chat;
    const UID: &str = "246845883529197922";
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.set(EVENING);
        zalo.set_clock(ms(EVENING));
        let asked = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: "accepted".into(),
            kind: "dossier_accepted".into(),
            dossier_id: "dossier-1".into(),
            to_zalo: UID.into(),
            ..Default::default()
        };
        world.knows(1, "");
        world.of(Role::Service).submit(asked).await.unwrap();
        world.until_on(1, "zalo_uid", DeliveryState::Held).await;
        let stop = body_of_chat(UID, "HUY", "m1", ms(EVENING));
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &stop).await, [200]);
        world.set(MORNING);
        zalo.set_clock(ms(MORNING));
        let kept = world.until_on(1, "zalo_uid", DeliveryState::Suppressed).await;
        assert_eq!((kept.last_error.as_str(), zalo.requests()), ("CONSENT_WITHDRAWN", 0));
    }
}

/// S14: one provider does not answer; the others take over by themselves, and when it is back it has its part again.
#[tokio::test]
async fn with_zalo_down_everything_goes_by_sms_once_and_comes_back() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut dead = with_zalo(&zalo, sms(&gateway));
        dead.zalo.as_mut().unwrap().phone_url = format!("http://{closed}/message/template");
        let book = Arc::<Book>::default();
        let world = World::with(db.db.clone(), dead, book.clone()).await;
        world.registers().await;
        for n in 1..=20 {
            world.knows(n, PHONE);
            world.tell(n).await;
        }
        for n in 1..=20 {
            let left = world.until_on(n, "zalo_phone", DeliveryState::Failed).await;
            assert!(left.class == "CONNECT" && left.attempts <= 5, "{left:?}");
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        assert_eq!((zalo.requests(), gateway.ledger().len()), (0, 20));
        world.stop.cancel();
        // It answers again: it begins with a tenth of what could go by SMS as well, and each good answer adds to its part.
        let world = World::with(db.db.clone(), with_zalo(&zalo, sms(&gateway)), book).await;
        let weight = || async {
            let asked = pb::ListProvidersRequest { centre_id: CENTRE.into() };
            let all = world.of(Role::Manager).list_providers(asked).await.unwrap().into_inner().providers;
            all.into_iter().find(|p| p.name == "zalo_phone").unwrap().weight
        };
        assert_eq!(weight().await, 10);
        let mut told = 20;
        while weight().await < 100 {
            told += 1;
            assert!(told < 400, "Zalo never has its part again");
            world.knows(told, PHONE);
            world.tell(told).await;
            world.until_on_with(told, "told", |d| d.state() == DeliveryState::Accepted).await;
        }
        let (by_zalo, by_sms) = (zalo.ledger().len(), gateway.ledger().len());
        assert_eq!((by_zalo, by_zalo + by_sms), (9, told as usize), "nine good answers, and nothing told twice");
        for n in 501..=505 {
            world.knows(n, PHONE);
            world.tell(n).await;
            world.until_on(n, "zalo_phone", DeliveryState::Accepted).await;
        }
        assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (by_zalo + 5, by_sms));
    }
}

/// One provider is turned off by hand while messages flow.
#[tokio::test]
async fn with_zalo_turned_off_everything_goes_by_sms_once() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        for n in 1..=10 {
            world.knows(n, PHONE);
            world.tell(n).await;
        }
        motcua_tests::wait::until("some by Zalo", || async { (!zalo.ledger().is_empty()).then_some(()) }).await;
        for provider in ["zalo_phone", "zalo_uid"] {
            let asked = pb::SetProviderRequest {
                request_id: format!("off-{provider}"),
                centre_id: CENTRE.into(),
                provider: provider.into(),
                enabled: false,
                reason: "Zalo bảo trì".into(),
            };
            let off = world.of(Role::Manager).set_provider(asked).await.unwrap().into_inner().provider.unwrap();
            assert!(!off.enabled && off.changed_by == "lan");
        }
        for n in 11..=20 {
            world.knows(n, PHONE);
            world.tell(n).await;
            world.until_on(n, "sms", DeliveryState::Accepted).await;
        }
        motcua_tests::wait::until("every dossier told", || async {
            (zalo.ledger().len() + gateway.ledger().len() == 20).then_some(())
        })
        .await;
        assert!(gateway.ledger().len() >= 10);
    }
}

/// S15: an event that comes ten times at once is one notification.
#[tokio::test]
async fn a_submission_repeated_ten_times_at_once_is_one_and_other_words_are_refused() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        let world = Arc::new(world);
        let all: Vec<_> = (0..10)
            .map(|_| {
                let world = world.clone();
                tokio::spawn(async move { world.submit("fee", "payment_due", 1, &[("amount", "150.000 đồng")]).await })
            })
            .collect();
        let mut ids = std::collections::BTreeSet::new();
        for one in all {
            ids.insert(one.await.unwrap());
        }
        assert_eq!(ids.len(), 1);
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger().len(), world.list().await.total), (1, 1));
        let other = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: "fee".into(),
            kind: "payment_due".into(),
            dossier_id: "dossier-1".into(),
            params: [("amount".to_owned(), "200.000 đồng".to_owned())].into(),
            ..Default::default()
        };
        let refused = world.of(Role::Operator).submit(other).await.unwrap_err();
        assert_eq!(motcua_runtime::grpc::reason(&refused).as_deref(), Some("EVENT_REUSED"));
    }
}
