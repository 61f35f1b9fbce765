//! The stream lost with events in it that were published and never consumed: `motcua replay --all` tells them again
//! from the outbox.
use std::collections::BTreeMap;

use motcua_proto::status::v1::DossierState;
use motcua_tests::{
    centre::{Centre, settings_file},
    wait,
};
use sea_orm::DatabaseConnection;

use super::{
    cluster::{cluster, finish},
    embedded,
    hall::{
        Hall, SETTLED, all_complete, complete, each_told_once, in_status, numbers_lent, one_text_each, outgoing,
        receive, stand,
    },
    hold::{all_marked, file, number},
    load::Ledger,
};

const DOSSIERS: usize = 3;

#[tokio::test]
async fn a_stream_lost_before_it_was_read_is_rebuilt_from_the_outbox() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let owner = centre.database().owner().await;
    numbers_lent(&centre, &owner, "routing.block").await;

    centre.process("status").kill().await;
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    lost_unread(&mut centre, &owner, "intake", "status", "status-dossiers").await;
    in_status(&centre, 0, DossierState::Accepted).await;
    replay(&mut centre, &owner, "intake").await;
    in_status(&centre, DOSSIERS, DossierState::Accepted).await;

    centre.process("notification").kill().await;
    complete(&centre, &dossiers).await;
    lost_unread(&mut centre, &owner, "status", "notification", "notification-results").await;
    assert_eq!(number(&owner, "select count(*) from notification.delivery").await, 0, "nobody was told");
    replay(&mut centre, &owner, "status").await;
    each_told_once(&centre, &dossiers).await;

    // What everybody knows already, into a server that has forgotten it: each is delivered again and changes nothing.
    centre.nats().kill();
    centre.nats().wipe();
    centre.nats().restart().await;
    for service in ["intake", "routing", "status"] {
        replay(&mut centre, &owner, service).await;
    }
    for durable in ["status-dossiers", "notification-results"] {
        consumed(&mut centre, durable, DOSSIERS as u64).await;
    }
    finish(&centre, &sms, &dossiers).await;
    stand(&centre, &ledger, &dossiers).await;
    owner.close().await.unwrap();
}

/// NATS loses everything after the producer has marked it and while the consumer is away; then the consumer is there
/// again, and waits at a stream with nothing in it.
async fn lost_unread(centre: &mut Centre, owner: &DatabaseConnection, producer: &str, consumer: &str, durable: &str) {
    all_marked(owner, &format!("{producer}.outbox")).await;
    centre.nats().kill();
    centre.nats().wipe();
    centre.nats().restart().await;
    centre.process(consumer).restart().await;
    consumed(centre, durable, 0).await;
    assert_eq!(centre.nats().consumer(durable).await.unwrap().stored, 0);
}

/// Until a durable exists, had so many deliveries and acknowledged them.
async fn consumed(centre: &mut Centre, durable: &str, count: u64) {
    let nats = centre.nats();
    wait::until_within(&format!("{durable} has had {count}"), SETTLED, || async {
        let seen = nats.consumer(durable).await?;
        (seen.delivered == count && seen.unacknowledged == 0).then_some(())
    })
    .await;
}

/// `motcua replay --all` of one service that runs apart, and its events are on their way again.
async fn replay(centre: &mut Centre, owner: &DatabaseConnection, service: &str) {
    let outbox = format!("{service}.outbox");
    all_marked(owner, &outbox).await;
    let all = number(owner, &format!("select count(*) from {outbox}")).await;
    let arguments = ["replay", "--all", "--service", service, "--config", &settings_file(service)];
    let said = centre.process(service).run(&arguments).await;
    assert_eq!(said, format!("unparked\t{service}\t0\nrepublished\t{service}\t{all}\n"));
    all_marked(owner, &outbox).await;
}

#[tokio::test]
async fn a_running_centre_told_to_replay_everything_tells_the_citizen_nothing_new() {
    let mut centre = embedded().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let dossiers = receive(&centre, &hall, &ledger, DOSSIERS).await;
    all_complete(&centre, &dossiers).await;
    each_told_once(&centre, &dossiers).await;

    let mut outboxes = vec![];
    for service in ["intake", "routing", "status"] {
        let db = file(&centre, service).await;
        if service == "routing" {
            numbers_lent(&centre, &db, "block").await;
        }
        all_marked(&db, "outbox").await;
        outboxes.push((service, db));
    }
    let data = centre.data().display().to_string();
    let said = centre.process("motcua").run(&["replay", "--all", "--data", &data]).await;
    let said: BTreeMap<&str, &str> = said.lines().filter_map(|line| line.rsplit_once('\t')).collect();
    for (service, db) in outboxes {
        let all = number(&db, "select count(*) from outbox").await.to_string();
        assert_eq!(said[format!("republished\t{service}").as_str()], all);
        all_marked(&db, "outbox").await;
    }
    all_complete(&centre, &dossiers).await;
    each_told_once(&centre, &dossiers).await;
    one_text_each(&outgoing(&centre), &dossiers);
    stand(&centre, &ledger, &dossiers).await;
}
