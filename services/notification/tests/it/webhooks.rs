//! What providers tell: believed only when it is theirs, counted once, in any order (S8, S13), and people's wish to stop.
use motcua_kernel::identity::Role;
use motcua_notification::{ProviderSettings, SmsSettings};
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_tests::doubles::{
    sms::{Sent, SmsDouble},
    zalo::{Fault, body_of_chat, body_of_follow, mac},
};

use crate::world::*;

const UID: &str = "246845883529197922";
const TEN: &str = "2026-11-23T03:00:00Z";

pub async fn follows(world: &World, n: u32) -> String {
    let asked = pb::CreateFollowCodeRequest {
        request_id: format!("code-{n}"),
        centre_id: CENTRE.into(),
        dossier_id: format!("dossier-{n}"),
    };
    world.of(Role::Officer).create_follow_code(asked).await.unwrap().into_inner().code
}

#[tokio::test]
async fn receipts_told_five_times_and_in_any_order_are_one_news() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        for n in 1..=3 {
            world.knows(n, PHONE);
            world.tell(n).await;
            world.until_on(n, "zalo_phone", DeliveryState::Accepted).await;
        }
        let hook = world.hook("/hooks/zalo");
        let ledger = zalo.ledger();
        for _ in 0..5 {
            for sent in ledger.iter().rev() {
                assert_eq!(zalo.emit(&hook, &zalo.body_of_receipt(sent)).await, [200]);
            }
        }
        for n in 1..=3 {
            world.until_on(n, "zalo_phone", DeliveryState::Delivered).await;
        }
        assert_eq!((zalo.ledger().len(), gateway.requests(), world.list().await.total), (3, 0, 3));
    }
}

#[tokio::test]
async fn a_receipt_faster_than_the_answer_counts() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let mut settings = with_zalo(&zalo, sms(&gateway));
        settings.zalo.as_mut().unwrap().total_timeout_ms = 20_000;
        settings.lease_ms = 60_000;
        let world = World::on(&db, settings).await;
        world.registers().await;
        zalo.script([Fault::AcceptThenWait]);
        world.knows(1, PHONE);
        world.tell(1).await;
        let sent = motcua_tests::wait::until("taken", || async { zalo.ledger().pop() }).await;
        assert_eq!(zalo.emit(&world.hook("/hooks/zalo"), &zalo.body_of_receipt(&sent)).await, [200]);
        world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        zalo.release();
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "zalo_phone", DeliveryState::Accepted).await;
        let first = world.until_on(1, "zalo_phone", DeliveryState::Delivered).await;
        assert_eq!((first.attempts, zalo.ledger().len(), gateway.requests()), (1, 2, 0));
    }
}

#[tokio::test]
async fn what_is_not_zalos_is_refused_and_leaves_nothing() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        world.knows(1, PHONE);
        world.tell(1).await;
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
        let (hook, now) = (world.hook("/hooks/zalo"), ms(NINE));
        let receipt = zalo.body_of_receipt(&zalo.ledger()[0]);
        let good = mac(&receipt, now);
        let changed = receipt.replace("user_received", "user_receivee");
        for (body, signature) in [
            (receipt.as_str(), "mac=00"),
            (receipt.as_str(), ""),
            (changed.as_str(), good.as_str()),
            (&receipt[..receipt.len() - 1], good.as_str()),
            ("<html>", good.as_str()),
        ] {
            assert_eq!(zalo.emit_signed(&hook, body, signature).await, 401, "{body} {signature}");
        }
        // Yesterday's, played again.
        world.set("2026-11-24T02:00:02Z");
        assert_eq!(zalo.emit_signed(&hook, &receipt, &good).await, 401);
        world.set(NINE);
        // Far too long.
        let long = format!("{receipt}{}", " ".repeat(100_000));
        assert!([413, 0].contains(&zalo.emit_signed(&hook, &long, &mac(&long, now)).await));
        // A message that nobody knows: taken, kept for a day, and nothing follows.
        let foreign = receipt.replace("zalo-000001", "zalo-999999").replace(&zalo.ledger()[0].tracking_id, "elsewhere");
        assert_eq!(zalo.emit(&hook, &foreign).await, [200]);
        world.until_on(1, "zalo_phone", DeliveryState::Accepted).await;
    }
}

#[tokio::test]
async fn a_code_from_the_receipt_makes_a_follower_and_huy_ends_it() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let hook = world.hook("/hooks/zalo");
        let code = follows(&world, 1).await;
        assert_eq!(follows(&world, 1).await, code, "the same request gives the same code");
        let chat = |text: &str, id: &str| body_of_chat(UID, text, id, ms(NINE));
        assert_eq!(zalo.emit(&hook, &chat(&format!("hs {}", code.to_lowercase()), "m1")).await, [200]);
        // No telephone number: only the follower can be told.
        world.knows(1, "");
        world.submit("accepted-1", "dossier_accepted", 1, &[]).await;
        world.until_on(1, "zalo_uid", DeliveryState::Accepted).await;
        let sent = zalo.ledger().pop().unwrap();
        assert_eq!((sent.to.as_str(), sent.by_phone), (UID, false));
        // The code is used up: another phone gets nothing by it.
        let thief = body_of_chat("999", &format!("HS {code}"), "m2", ms(NINE));
        assert_eq!(zalo.emit(&hook, &thief).await, [200]);
        // HUY: nothing more by Zalo, and the law's duty falls to a person.
        assert_eq!(zalo.emit(&hook, &chat("Hủy", "m3")).await, [200]);
        world.submit("supplement-1", "needs_supplement", 1, &[]).await;
        let suppressed = world.until_on(1, "zalo_uid", DeliveryState::Suppressed).await;
        assert_eq!(suppressed.last_error, "CONSENT_WITHDRAWN");
        world.until_on(1, "sms", DeliveryState::NoAddress).await;
        // Nor by their number, were it known: the short message tells it.
        world.knows(1, PHONE);
        world.submit("fee-1", "payment_due", 1, &[]).await;
        world.until_on(1, "zalo_phone", DeliveryState::Suppressed).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        assert_eq!((zalo.ledger().len(), gateway.ledger().len()), (1, 1));
    }
}

#[tokio::test]
async fn unfollowing_ends_messages_to_the_follower() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let hook = world.hook("/hooks/zalo");
        let code = follows(&world, 1).await;
        assert_eq!(zalo.emit(&hook, &body_of_chat(UID, &format!("HS {code}"), "m1", ms(NINE))).await, [200]);
        assert_eq!(zalo.emit(&hook, &body_of_follow(UID, false, ms(NINE))).await, [200]);
        world.knows(1, "");
        world.submit("accepted-1", "dossier_accepted", 1, &[]).await;
        world.until_on(1, "zalo_uid", DeliveryState::NoAddress).await;
        assert_eq!(zalo.requests(), 0);
    }
}

#[tokio::test]
async fn who_guesses_codes_gets_silence_for_an_hour() {
    for db in databases().await {
        let (zalo, gateway) = (zalo_double().await, SmsDouble::start().await);
        let world = World::zalo(&db, &zalo, sms(&gateway)).await;
        let hook = world.hook("/hooks/zalo");
        let code = follows(&world, 1).await;
        for n in 0..5 {
            let guess = body_of_chat(UID, &format!("HS 2222222{}", n + 2), &format!("m{n}"), ms(NINE));
            assert_eq!(zalo.emit(&hook, &guess).await, [200]);
        }
        world.knows(1, "");
        assert_eq!(zalo.emit(&hook, &body_of_chat(UID, &format!("HS {code}"), "m9", ms(NINE))).await, [200]);
        world.submit("accepted-1", "dossier_accepted", 1, &[]).await;
        world.until_on(1, "zalo_uid", DeliveryState::NoAddress).await;
        // The hour over, the right code still binds.
        world.set(TEN);
        assert_eq!(zalo.emit(&hook, &body_of_chat(UID, &format!("HS {code}"), "m10", ms(TEN))).await, [200]);
        world.submit("accepted-2", "dossier_accepted", 1, &[]).await;
        world.until_on(1, "zalo_uid", DeliveryState::Accepted).await;
    }
}

#[tokio::test]
async fn a_gateways_report_is_taken_under_its_path_only() {
    for db in databases().await {
        let (zalo, gateway_double) = (zalo_double().await, SmsDouble::start().await);
        // The gateway is told where to report before the listener runs: a port that is free now.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let callback_url = Some(format!("http://{free}/hooks/sms/{SMS_TOKEN}"));
        let reporting = SmsSettings { callback_url, ..gateway(&gateway_double) };
        let mut settings = with_zalo(&zalo, settings(ProviderSettings::Sms(reporting)));
        settings.webhooks.as_mut().unwrap().listen = free;
        let world = World::on(&db, settings).await;
        world.knows(1, PHONE);
        // No template: the short message tells it.
        world.tell(1).await;
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        let sent = gateway_double.ledger().remove(0);
        let elsewhere = |path: &str| Sent { callback: world.hook(path), ..sent.clone() };
        assert_eq!(gateway_double.report(&elsewhere("/hooks/sms/sms-path-token-guessed-00"), true).await, [404; 5]);
        world.until_on(1, "sms", DeliveryState::Accepted).await;
        for _ in 0..3 {
            assert_eq!(gateway_double.report(&sent, true).await, [200]);
        }
        world.until_on(1, "sms", DeliveryState::Delivered).await;
        // It moves nothing out of an end.
        assert_eq!(gateway_double.report(&sent, false).await, [200]);
        world.until_on(1, "sms", DeliveryState::Delivered).await;
        // One that was lost is a person's to tell.
        world.knows(2, "0987654321");
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(gateway_double.report(&gateway_double.ledger()[1], false).await, [200]);
        let lost = world.until_on(2, "sms", DeliveryState::Failed).await;
        let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let calls = world.of(Role::Guide).list_calls(asked.clone()).await.unwrap().into_inner().calls;
        assert_eq!((calls.len(), calls[0].dossier_id.as_str()), (1, "dossier-2"));
        // Sent once more it is another message to the gateway, not a repetition that it drops; arrived, nobody need call.
        let again = pb::ResendRequest {
            request_id: "again".into(),
            centre_id: CENTRE.into(),
            delivery_id: lost.id,
            reason: "Gọi lại nhà mạng".into(),
            accept_double: false,
        };
        world.of(Role::Manager).resend(again).await.unwrap();
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(gateway_double.ledger().len(), 3);
        assert_eq!(gateway_double.report(&gateway_double.ledger()[2], true).await, [200]);
        world.until_on(2, "sms", DeliveryState::Delivered).await;
        assert_eq!(world.of(Role::Guide).list_calls(asked).await.unwrap().into_inner().calls.len(), 0);
    }
}
