//! Killed between publish and mark: everybody has heard, and the outbox does not know. All is told again, once is done.
use motcua_proto::status::v1::DossierState;
use motcua_tests::{centre::Centre, wait};
use sea_orm::DatabaseConnection;

use super::{
    cluster::{cluster, finish},
    embedded,
    hall::{Hall, all_complete, complete, each_told_once, in_status, one_text_each, outgoing, receive, stand},
    hold::{Held, all_marked, file, number, stuck, unmarked},
    load::Ledger,
};

const DOSSIERS: usize = 3;

#[tokio::test]
async fn what_is_published_again_after_a_kill_before_the_mark_is_done_once() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let owner = centre.database().owner().await;

    // Committed while nobody can be told, so that the rows are there to be locked before they are published.
    all_marked(&owner, "intake.outbox").await;
    centre.nats().kill();
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    let held = no_mark(&owner, "intake").await;
    centre.nats().restart().await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;
    killed_at_its_mark(&mut centre, &owner, "intake").await;
    held.release().await;
    // The server knows these events and drops the repetition.
    centre.process("intake").restart().await;
    all_marked(&owner, "intake.outbox").await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;

    all_marked(&owner, "status.outbox").await;
    centre.nats().kill();
    complete(&centre, &dossiers).await;
    let held = no_mark(&owner, "status").await;
    centre.nats().restart().await;
    each_told_once(&centre, &dossiers).await;
    killed_at_its_mark(&mut centre, &owner, "status").await;
    held.release().await;
    // A server that lost its store does not: the repetition comes to the consumer.
    centre.nats().kill();
    centre.nats().wipe();
    centre.nats().restart().await;
    centre.process("status").restart().await;
    all_marked(&owner, "status.outbox").await;
    let nats = centre.nats();
    wait::until("each result told anew", || async {
        let seen = nats.consumer("notification-results").await?;
        (seen.delivered == DOSSIERS as u64 && seen.unacknowledged == 0).then_some(())
    })
    .await;
    finish(&centre, &sms, &dossiers).await;
    stand(&centre, &ledger, &dossiers).await;
    owner.close().await.unwrap();
}

/// Lets a service publish what waits in its outbox, and not mark it.
async fn no_mark(owner: &DatabaseConnection, service: &str) -> Held {
    assert!(unmarked(owner, &format!("{service}.outbox")).await >= DOSSIERS as i64, "{service} told with NATS away");
    Held::by(owner, &format!("select id from {service}.outbox where published_time is null for update")).await
}

async fn killed_at_its_mark(centre: &mut Centre, owner: &DatabaseConnection, service: &str) {
    stuck(owner, service, "update outbox").await;
    centre.process(service).kill().await;
    assert!(unmarked(owner, &format!("{service}.outbox")).await >= DOSSIERS as i64, "{service} had marked its events");
}

#[tokio::test]
async fn a_centre_killed_after_the_effect_and_before_the_mark_does_it_once() {
    let mut centre = embedded().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let [intake, status, notification] = files(&centre).await;

    all_marked(&intake, "outbox").await;
    // The consumer's file is held until the producer's is: then the effect can be committed, and the mark cannot.
    let effect = Held::file(&status).await;
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    let mark = Held::file(&intake).await;
    assert_eq!(taken(&status).await, 0, "nobody was told before the lock");
    effect.release().await;
    wait::until("status has them", || async { (taken(&status).await == DOSSIERS as i64).then_some(()) }).await;
    centre.process("motcua").kill().await;
    assert_eq!(unmarked(&intake, "outbox").await, DOSSIERS as i64);
    mark.release().await;
    centre.process("motcua").restart().await;
    all_marked(&intake, "outbox").await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;

    all_marked(&status, "outbox").await;
    let effect = Held::file(&notification).await;
    complete(&centre, &dossiers).await;
    let mark = Held::file(&status).await;
    assert_eq!(taken(&notification).await, 0, "nobody was told before the lock");
    effect.release().await;
    // Not the effect alone: the citizen has read it.
    each_told_once(&centre, &dossiers).await;
    assert_eq!(taken(&notification).await, DOSSIERS as i64);
    centre.process("motcua").kill().await;
    assert!(unmarked(&status, "outbox").await >= DOSSIERS as i64);
    mark.release().await;
    centre.process("motcua").restart().await;
    all_marked(&status, "outbox").await;
    all_complete(&centre, &dossiers).await;
    each_told_once(&centre, &dossiers).await;
    one_text_each(&outgoing(&centre), &dossiers);
    stand(&centre, &ledger, &dossiers).await;
}

async fn files(centre: &Centre) -> [DatabaseConnection; 3] {
    [file(centre, "intake").await, file(centre, "status").await, file(centre, "notification").await]
}

/// Events whose effect a consumer has committed.
async fn taken(db: &DatabaseConnection) -> i64 {
    number(db, "select count(*) from inbox where state = 'DONE'").await
}
