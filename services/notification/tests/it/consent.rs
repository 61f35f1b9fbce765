//! What people said of being told: written down at the desk, and kept to by every channel.
use motcua_kernel::identity::Role;
use motcua_proto::notification::v1::{self as pb, ConsentState, DeliveryState};
use motcua_runtime::grpc;
use motcua_tests::doubles::sms::SmsDouble;
use pb::{get_consent_request::Contact as Asked, set_consent_request::Contact};

use crate::world::*;

fn says(id: &str, contact: Contact, channel: &str, state: ConsentState) -> pb::SetConsentRequest {
    pb::SetConsentRequest {
        request_id: id.into(),
        centre_id: CENTRE.into(),
        contact: Some(contact),
        channel: channel.into(),
        state: state.into(),
        reason: "Người dân nói tại quầy".into(),
        text_version: String::new(),
    }
}

async fn states(world: &World, contact: Asked) -> Vec<(String, ConsentState, bool)> {
    let asked = pb::GetConsentRequest { centre_id: CENTRE.into(), contact: Some(contact) };
    let all = world.of(Role::Officer).get_consent(asked).await.unwrap().into_inner().consents;
    all.into_iter().map(|c| (c.channel.clone(), c.state(), c.has_address)).collect()
}

fn row(channel: &str, state: ConsentState, has_address: bool) -> (String, ConsentState, bool) {
    (channel.into(), state, has_address)
}

#[tokio::test]
async fn who_wants_no_short_messages_gets_none_until_they_say_otherwise() {
    use ConsentState::{Given, Unspecified, Withdrawn};
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        let dossier = Asked::DossierId("dossier-1".into());
        world.knows(1, PHONE);
        let before = [row("zalo", Unspecified, true), row("sms", Unspecified, true), row("email", Unspecified, false)];
        assert_eq!(states(&world, dossier.clone()).await, before);
        let stop = says("stop", Contact::DossierId("dossier-1".into()), "sms", Withdrawn);
        let told = world.of(Role::Officer).set_consent(stop.clone()).await.unwrap().into_inner().consents;
        assert_eq!((told.len(), told[0].state(), told[0].text_version.as_str()), (1, Withdrawn, "desk-1"));
        assert!(told[0].time.is_some());
        // By number it is the same person.
        assert_eq!(states(&world, Asked::Phone("0912 345 678".into())).await[1], row("sms", Withdrawn, true));
        world.tell(1).await;
        let kept = world.until_on(1, "sms", DeliveryState::Suppressed).await;
        assert_eq!((kept.last_error.as_str(), gateway.requests()), ("CONSENT_WITHDRAWN", 0));
        // What the law wants told is a person's to tell.
        let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        assert_eq!(world.of(Role::Guide).list_calls(asked).await.unwrap().into_inner().calls.len(), 1);
        // The same request again is that one; with other words it is refused.
        let again = world.of(Role::Officer).set_consent(stop.clone()).await.unwrap().into_inner().consents;
        assert_eq!(again, told);
        let other = pb::SetConsentRequest { state: Given.into(), ..stop };
        let refused = world.of(Role::Officer).set_consent(other).await.unwrap_err();
        assert_eq!(grpc::reason(&refused).as_deref(), Some("REQUEST_ID_REUSED"));
        world.set("2026-11-23T03:00:00Z");
        let yes = says("yes", Contact::Phone(PHONE.into()), "", Given);
        let told = world.of(Role::Officer).set_consent(yes).await.unwrap().into_inner().consents;
        assert_eq!(told.iter().map(|c| c.channel.as_str()).collect::<Vec<_>>(), ["zalo", "sms"]);
        world.knows(2, PHONE);
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!(states(&world, dossier).await[1], row("sms", Given, true));
        assert_eq!(gateway.ledger().len(), 1);
    }
}

#[tokio::test]
async fn what_was_said_is_kept_without_the_number_and_told_to_the_house() {
    use sea_orm::ConnectionTrait as _;
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        let stop = says("stop", Contact::Phone("0912345678".into()), "sms", ConsentState::Withdrawn);
        world.of(Role::Officer).set_consent(stop).await.unwrap();
        let email = says("mail", Contact::Email("Thu.Nghiem@example.vn".into()), "email", ConsentState::Withdrawn);
        world.of(Role::Officer).set_consent(email).await.unwrap();
        assert_eq!(states(&world, Asked::Email("thu.nghiem@EXAMPLE.vn".into())).await[2].1, ConsentState::Withdrawn);
        for (table, column, rows) in [("consent", "evidence", 2), ("audit", "subject", 2), ("outbox", "body", 2)] {
            let bytes = if db.db.is_sqlite() { "blob" } else { "bytea" };
            let text = match table {
                "outbox" => format!("select {column} as kept from {table}"),
                _ => format!("select cast({column} as {bytes}) as kept from {table}"),
            };
            let all = db.db.read().query_all_raw(sea_orm::Statement::from_string(db.db.backend(), text)).await.unwrap();
            assert_eq!(all.len(), rows, "{table}");
            for row in all {
                let kept: Vec<u8> = row.try_get("", "kept").unwrap();
                let kept = String::from_utf8_lossy(&kept).to_lowercase();
                assert!(!kept.contains("912345678") && !kept.contains("nghiem"), "{table}: {kept}");
            }
        }
    }
}

#[tokio::test]
async fn a_wish_that_names_nobody_or_nothing_changes_nothing() {
    for db in databases().await {
        let gateway = SmsDouble::start().await;
        let world = World::on(&db, sms(&gateway)).await;
        world.knows(1, PHONE);
        let whole = says("x", Contact::DossierId("dossier-1".into()), "sms", ConsentState::Withdrawn);
        for (asked, reason) in [
            (pb::SetConsentRequest { contact: None, ..whole.clone() }, "CONTACT_UNKNOWN"),
            (pb::SetConsentRequest { contact: Some(Contact::Phone("12".into())), ..whole.clone() }, "PHONE_PREFIX"),
            (pb::SetConsentRequest { contact: Some(Contact::Email("a b".into())), ..whole.clone() }, "EMAIL_INVALID"),
            (
                pb::SetConsentRequest { contact: Some(Contact::DossierId("none".into())), ..whole.clone() },
                "DOSSIER_UNKNOWN",
            ),
            (pb::SetConsentRequest { channel: "fax".into(), ..whole.clone() }, "CHANNEL_UNKNOWN"),
            (pb::SetConsentRequest { channel: "email".into(), ..whole.clone() }, "CONTACT_MISSING"),
            (pb::SetConsentRequest { state: 0, ..whole.clone() }, "STATE_UNKNOWN"),
            (pb::SetConsentRequest { state: 9, ..whole.clone() }, "STATE_UNKNOWN"),
            (pb::SetConsentRequest { reason: " ".into(), ..whole.clone() }, "REASON_INVALID"),
            (pb::SetConsentRequest { request_id: String::new(), ..whole.clone() }, "REQUEST_ID_INVALID"),
            (pb::SetConsentRequest { text_version: "ạ".into(), ..whole.clone() }, "TEXT_VERSION_INVALID"),
        ] {
            let refused = world.of(Role::Officer).set_consent(asked).await.unwrap_err();
            assert_eq!(grpc::reason(&refused).as_deref(), Some(reason));
        }
        let kept = states(&world, Asked::DossierId("dossier-1".into())).await;
        assert!(kept.iter().all(|(_, state, _)| *state == ConsentState::Unspecified), "{kept:?}");
        let denied = world.of(Role::Guide).set_consent(whole).await.unwrap_err();
        assert_eq!(grpc::reason(&denied).as_deref(), Some("ROLE_DENIED"));
    }
}
