//! Turns told by a short message to who left a number on the ticket's page: in time, once, and never after; the number goes
//! with the ticket.

use motcua_bus::{Bus as _, Event};
use motcua_kernel::identity::Role;
use motcua_notification::{ProviderSettings, Settings};
use motcua_proto::{
    notification::v1::{self as pb, DeliveryState},
    routing::v1::TicketNotice,
};
use motcua_runtime::grpc;
use motcua_store::testing::TestDb;
use motcua_tests::doubles::sms::{Fault, SmsDouble};
use prost::Message as _;
use sea_orm::ConnectionTrait as _;

use crate::world::*;

const TICKET: &str = "0193a1b2-0000-7000-8000-000000000001";
pub const LEFT: &str = "0983 456 127";
pub const SENT: &str = "84983456127";

pub fn notice(verb: &str, sequence: i64, time: &str) -> Event {
    let notice = TicketNotice { ticket_id: TICKET.into(), number: "A012".into(), ahead: 3, counter_number: 7 };
    Event {
        id: format!("{verb}-{sequence}"),
        source: "routing".into(),
        r#type: format!("notice.{verb}"),
        centre_id: CENTRE.into(),
        aggregate_id: format!("{TICKET}/notice"),
        sequence,
        time: Some(grpc::timestamp(time.parse().unwrap())),
        traceparent: TRACE.into(),
        data: notice.encode_to_vec().into(),
        ..Default::default()
    }
}

impl World {
    async fn turn(&self, verb: &str, sequence: i64) {
        self.bus.publish(&[notice(verb, sequence, NINE)]).await.remove(0).unwrap();
    }

    pub async fn leave(&self, phone: &str, request_id: &str) -> Result<(), tonic::Status> {
        let asked = pb::SetTicketContactRequest {
            request_id: request_id.into(),
            centre_id: CENTRE.into(),
            ticket_id: TICKET.into(),
            phone: phone.into(),
            locale: "vi".into(),
            text_version: "ticket-1".into(),
        };
        self.of(Role::Citizen).set_ticket_contact(asked).await.map(drop)
    }

    async fn shown(&self) -> (String, String) {
        let asked = pb::GetTicketContactRequest { centre_id: CENTRE.into(), ticket_id: TICKET.into() };
        let known = self.of(Role::Citizen).get_ticket_contact(asked).await.unwrap().into_inner();
        (known.channel, known.address_masked)
    }

    async fn turns(&self) -> Vec<(String, DeliveryState)> {
        let mut all = self.list().await.deliveries;
        all.sort_by(|one, other| one.id.cmp(&other.id));
        all.into_iter().map(|d| (d.kind.clone(), d.state())).collect()
    }

    async fn until_turns(&self, wanted: &[(&str, DeliveryState)]) {
        motcua_tests::wait::until(&format!("{wanted:?}"), || async {
            let now = self.turns().await;
            let same = now.iter().map(|(kind, state)| (kind.as_str(), *state)).eq(wanted.iter().copied());
            same.then_some(())
        })
        .await;
    }
}

/// What stands of numbers in the tables.
async fn stands(db: &TestDb) -> (i64, i64) {
    let mut counts = [0; 2];
    for (n, sql) in [
        "select count(*) as n from ticket_contact where address is not null",
        "select count(*) as n from delivery where address_masked <> '' or address_blind <> ''",
    ]
    .into_iter()
    .enumerate()
    {
        let statement = motcua_store::sql::statement(db.db.backend(), sql, vec![]);
        counts[n] = db.db.read().query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap();
    }
    (counts[0], counts[1])
}

#[tokio::test]
async fn a_turn_is_told_when_it_is_near_and_when_it_has_come_and_the_number_is_forgotten_with_it() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        assert_eq!(world.shown().await, ("sms".into(), String::new()));
        world.leave(LEFT, "r1").await.unwrap();
        assert_eq!(world.shown().await, ("sms".into(), "•••127".into()));
        world.turn("soon", 5).await;
        world.until_turns(&[("ticket_soon", DeliveryState::Accepted)]).await;
        world.turn("called", 9).await;
        let both = [("ticket_soon", DeliveryState::Accepted), ("ticket_called", DeliveryState::Accepted)];
        world.until_turns(&both).await;
        let ledger = gateway.ledger();
        assert!(ledger.iter().all(|sms| sms.phone.trim_start_matches('0').ends_with(&SENT[2..])), "{ledger:?}");
        assert!(ledger[0].content.contains("A012") && ledger[0].content.contains('3'), "{ledger:?}");
        assert!(ledger[1].content.contains("A012") && ledger[1].content.contains('7'), "{ledger:?}");
        assert_eq!(world.list().await.deliveries[0].traceparent, TRACE);
        assert_eq!(stands(&db).await, (1, 2));
        world.turn("passed", 11).await;
        assert_eq!(world.shown().await.1, "•••127", "a visit goes on");
        world.turn("over", 12).await;
        assert_eq!((world.shown().await.1, stands(&db).await), (String::new(), (0, 0)));
        // Whatever comes behind the end finds nobody.
        world.turn("called", 13).await;
        world.until_turns(&both).await;
        assert_eq!((gateway.ledger().len(), gateway.refused()), (2, vec![]));
    }
}

#[tokio::test]
async fn a_turn_of_nobody_who_left_a_number_is_told_to_nobody() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.turn("soon", 1).await;
        world.leave(LEFT, "r1").await.unwrap();
        let forget = pb::ForgetTicketContactRequest {
            request_id: "f1".into(),
            centre_id: CENTRE.into(),
            ticket_id: TICKET.into(),
        };
        world.of(Role::Citizen).forget_ticket_contact(forget).await.unwrap();
        world.turn("called", 2).await;
        assert_eq!((world.turns().await, gateway.requests(), stands(&db).await), (vec![], 0, (0, 0)));
    }
}

/// S15 for tickets: the bus brings it ten times, and out of order.
#[tokio::test]
async fn what_the_bus_repeats_or_turns_round_is_told_once_and_as_it_is_now() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.leave(LEFT, "r1").await.unwrap();
        let called = notice("called", 7, NINE);
        for _ in 0..10 {
            world.bus.publish(std::slice::from_ref(&called)).await.remove(0).unwrap();
        }
        world.turn("soon", 6).await;
        world.until_turns(&[("ticket_called", DeliveryState::Accepted)]).await;
        assert_eq!(gateway.ledger().len(), 1);
    }
}

/// A try that failed is tried again only while it is still true.
#[tokio::test]
async fn what_waits_to_be_tried_again_is_not_told_after_the_call() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, Settings { pace: 100_000, ..sms(&gateway) }).await;
        world.leave(LEFT, "r1").await.unwrap();
        // Refused for a while.
        gateway.script([Fault::Code("999")]);
        world.turn("soon", 1).await;
        world.until_turns(&[("ticket_soon", DeliveryState::Pending)]).await;
        motcua_tests::wait::until("refused", || async { (gateway.requests() > 0).then_some(()) }).await;
        world.turn("called", 2).await;
        let ends = [("ticket_soon", DeliveryState::Cancelled), ("ticket_called", DeliveryState::Accepted)];
        world.until_turns(&ends).await;
        let ledger = gateway.ledger();
        assert!(ledger.len() == 1 && ledger[0].content.contains('7'), "{ledger:?}");
    }
}

#[tokio::test]
async fn a_turn_is_told_at_night_at_once_but_never_late() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.set("2026-11-23T15:30:00Z");
        world.leave(LEFT, "r1").await.unwrap();
        let late = notice("soon", 1, "2026-11-23T15:19:00Z");
        world.bus.publish(&[late]).await.remove(0).unwrap();
        world.until_turns(&[("ticket_soon", DeliveryState::Expired)]).await;
        assert_eq!(gateway.requests(), 0, "eleven minutes old");
        let now = notice("called", 2, "2026-11-23T15:29:59Z");
        world.bus.publish(&[now]).await.remove(0).unwrap();
        let ends = [("ticket_soon", DeliveryState::Expired), ("ticket_called", DeliveryState::Accepted)];
        world.until_turns(&ends).await;
        assert_eq!(gateway.ledger().len(), 1, "half past ten in the evening");
    }
}

#[tokio::test]
async fn with_the_day_the_number_is_gone_whatever_routing_told() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.leave(LEFT, "r1").await.unwrap();
        world.turn("soon", 1).await;
        world.until_turns(&[("ticket_soon", DeliveryState::Accepted)]).await;
        let midnight = "2026-11-23T17:00:00Z";
        world.set(midnight);
        assert_eq!(world.shown().await.1, "", "not shown any more");
        let called = notice("called", 2, midnight);
        world.bus.publish(&[called]).await.remove(0).unwrap();
        assert_eq!((world.turns().await.len(), gateway.ledger().len()), (1, 1));
        // A worker that begins looks at once what is over.
        let clock = motcua_runtime::Clock::manual(midnight.parse().unwrap());
        let own = motcua_store::Db::open(&db.url).await.unwrap();
        let _second = World::at(own, sms(&gateway), Default::default(), clock).await;
        motcua_tests::wait::until("forgotten", || async { (stands(&db).await == (0, 0)).then_some(()) }).await;
    }
}

#[tokio::test]
async fn numbers_that_take_no_message_are_refused_and_a_request_is_one_request() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        for (phone, wanted) in [
            ("", "PHONE_EMPTY"),
            ("0912", "PHONE_LENGTH"),
            ("+1 202 555 0100", "PHONE_COUNTRY"),
            ("không có", "PHONE_CHARACTER"),
            ("0270 3822 123", "PHONE_NOT_MOBILE"),
        ] {
            let refused = world.leave(phone, "bad").await.unwrap_err();
            assert_eq!(grpc::reason(&refused).as_deref(), Some(wanted), "{phone}");
        }
        world.leave(LEFT, "r1").await.unwrap();
        world.leave(LEFT, "r1").await.unwrap();
        let other = world.leave("0912 345 678", "r1").await.unwrap_err();
        assert_eq!(grpc::reason(&other).as_deref(), Some("REQUEST_ID_REUSED"));
        assert_eq!(world.shown().await.1, "•••127");
        let elsewhere = pb::GetTicketContactRequest { centre_id: "other".into(), ticket_id: TICKET.into() };
        let known = world.of_centre(Role::Citizen, "other").get_ticket_contact(elsewhere).await.unwrap().into_inner();
        assert_eq!(known.address_masked, "", "another centre's");
    }
}

/// Somebody else may type a number in: who refused messages stays unmolested.
#[tokio::test]
async fn who_refused_short_messages_gets_none_of_a_ticket_either() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        let refuses = pb::SetConsentRequest {
            request_id: "c1".into(),
            centre_id: CENTRE.into(),
            contact: Some(pb::set_consent_request::Contact::Phone(LEFT.into())),
            channel: "sms".into(),
            state: pb::ConsentState::Withdrawn.into(),
            reason: "nói tại quầy".into(),
            ..Default::default()
        };
        world.of(Role::Officer).set_consent(refuses).await.unwrap();
        world.leave(LEFT, "r1").await.unwrap();
        world.turn("called", 1).await;
        world.until_turns(&[("ticket_called", DeliveryState::Suppressed)]).await;
        assert_eq!(gateway.requests(), 0);
    }
}

/// A centre without a gateway writes files, and says so.
#[tokio::test]
async fn without_a_gateway_the_turn_is_a_file() {
    for db in databases().await {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_path_buf();
        let world = World::on(&db, settings(ProviderSettings::Outgoing { folder: path.clone() })).await;
        assert_eq!(world.shown().await.0, "outgoing");
        world.leave(LEFT, "r1").await.unwrap();
        world.turn("called", 1).await;
        world.until_turns(&[("ticket_called", DeliveryState::Accepted)]).await;
        let files: Vec<_> = std::fs::read_dir(&path).unwrap().map(|f| f.unwrap().path()).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert!(std::fs::read_to_string(&files[0]).unwrap().contains("A012"));
    }
}
