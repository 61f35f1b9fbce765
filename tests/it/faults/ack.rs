//! Killed with an event in hand, before its effect is committed and between effect and acknowledgement: the server does
//! not know, and delivers again.
use std::time::Duration;

use motcua_proto::status::v1::DossierState;
use motcua_tests::{
    centre::{Centre, nats::Consumer},
    doubles::wire::{Line, Wire},
    wait,
};

use super::{
    cluster::{cluster, finish},
    hall::{Hall, SETTLED, complete, each_told_once, in_status, receive, stand},
    hold::{Held, stuck},
    load::Ledger,
};

const DOSSIERS: usize = 3;

#[tokio::test]
async fn an_effect_whose_acknowledgement_died_with_the_consumer_stays_one() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let to_status = line_to_nats(&mut centre, "status").await;
    let to_notification = line_to_nats(&mut centre, "notification").await;

    to_status.set(Line::MutedFrom("$JS.ACK."));
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;
    let status_saw = killed_unheard(&mut centre, "status", "status-dossiers", &to_status).await;

    to_notification.set(Line::MutedFrom("$JS.ACK."));
    complete(&centre, &dossiers).await;
    // Not the effect alone: the citizen has read it.
    each_told_once(&centre, &dossiers).await;
    let notification_saw = killed_unheard(&mut centre, "notification", "notification-results", &to_notification).await;

    delivered_again(&mut centre, "status-dossiers", status_saw).await;
    delivered_again(&mut centre, "notification-results", notification_saw).await;
    finish(&centre, &sms, &dossiers).await;
    stand(&centre, &ledger, &dossiers).await;
}

#[tokio::test]
async fn an_event_whose_consumer_died_over_it_is_delivered_again() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let owner = centre.database().owner().await;

    let held = Held::by(&owner, "lock table status.dossier in share mode").await;
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    stuck(&owner, "status", "with w0 as (insert into dossier(").await;
    // All of them are at the consumer, and none is acknowledged before it is stored.
    let nats = centre.nats();
    let saw = wait::until("status-dossiers has them and said nothing", || async {
        nats.consumer("status-dossiers").await.filter(|seen| seen.unacknowledged == DOSSIERS as u64)
    })
    .await;
    centre.process("status").kill().await;
    held.release().await;
    centre.process("status").restart().await;
    delivered_again(&mut centre, "status-dossiers", saw).await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;
    finish(&centre, &sms, &dossiers).await;
    stand(&centre, &ledger, &dossiers).await;
    owner.close().await.unwrap();
}

/// Starts a service again behind a line of its own to NATS.
async fn line_to_nats(centre: &mut Centre, service: &str) -> Wire {
    let wire = Wire::to(centre.nats().address()).await;
    let key = format!("MOTCUA_{}__BUS__URL", service.to_uppercase());
    centre.process(service).set(&key, format!("nats://{}", wire.address()));
    centre.process(service).restart().await;
    wire
}

/// Kills a consumer whose effects are committed once the server waits for its word on each, and starts it again; what
/// the server had seen by then.
async fn killed_unheard(centre: &mut Centre, service: &str, durable: &str, line: &Wire) -> Consumer {
    let nats = centre.nats();
    let saw = wait::until(&format!("{durable} has everything, and its word is lost"), || async {
        nats.consumer(durable).await.filter(|seen| line.muted() && seen.unacknowledged == DOSSIERS as u64)
    })
    .await;
    centre.process(service).kill().await;
    line.set(Line::Up(Duration::ZERO));
    centre.process(service).restart().await;
    saw
}

/// The server gives an acknowledgement half a minute.
async fn delivered_again(centre: &mut Centre, durable: &str, saw: Consumer) {
    let nats = centre.nats();
    wait::until_within(&format!("{durable} again, and acknowledged"), SETTLED, || async {
        let seen = nats.consumer(durable).await?;
        (seen.delivered >= saw.delivered + DOSSIERS as u64 && seen.unacknowledged == 0).then_some(())
    })
    .await;
}
