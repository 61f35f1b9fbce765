//! The same on separate services: PostgreSQL and NATS between them, each of which may go away by itself.
use std::collections::BTreeMap;

use motcua_proto::{routing::v1::CallNextRequest, status::v1::DossierState};
use motcua_tests::{
    centre::{CENTRE_ID, Centre},
    doubles::sms::{SEND_PATH, SmsDouble},
    wait,
};
use sea_orm::ConnectionTrait as _;

use super::{
    hall::{
        Hall, SETTLED, all_complete, complete, dossiers, each_told_once, in_status, numbers_are_whole, one_text_each,
        papers_agree, receive, settle,
    },
    load::{Act, Ledger, Work, issue},
    moments,
};

const SEED: u64 = 20_260_701;
const BACKLOG: usize = 30;

/// A cluster whose messages go to a gateway that keeps a ledger.
pub async fn cluster() -> (Centre, SmsDouble) {
    let sms = SmsDouble::start().await;
    let (api_key, secret_key, brandname) = sms.credentials();
    let url = format!("http://{}{SEND_PATH}", sms.address());
    let key = |name: &str| format!("MOTCUA_NOTIFICATION__SETTINGS__{name}");
    let pairs = [
        (key("PROVIDER__KIND"), "sms"),
        (key("PROVIDER__URL"), url.as_str()),
        (key("PROVIDER__API_KEY"), api_key),
        (key("PROVIDER__SECRET_KEY"), secret_key),
        (key("PROVIDER__BRANDNAME"), brandname),
        (key("LEASE_MS"), "12000"),
    ];
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), *value)).collect();
    (Centre::cluster_with(&pairs).await, sms)
}

/// Every dossier to its end, and one message each in the gateway's ledger.
pub async fn finish(centre: &Centre, sms: &SmsDouble, dossiers: &BTreeMap<String, String>) {
    all_complete(centre, dossiers).await;
    papers_agree(centre, dossiers).await;
    each_told_once(centre, dossiers).await;
    let texts: Vec<String> = sms.ledger().into_iter().map(|sent| sent.content).collect();
    one_text_each(&texts, dossiers);
    assert_eq!(sms.refused(), Vec::<String>::new(), "what the gateway refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_service_killed_in_turn_keeps_every_word() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    for (service, answers) in ["routing", "intake", "status", "notification"].into_iter().zip(moments(SEED)) {
        let work = Work::begin(&centre, &hall, &ledger, false);
        work.until_acked(answers).await;
        centre.process(service).kill().await;
        work.end().await;
        centre.process(service).restart().await;
        numbers_are_whole(&settle(&centre, &ledger).await);
    }
    let dossiers = dossiers(&settle(&centre, &ledger).await);
    finish(&centre, &sms, &dossiers).await;
}

#[tokio::test]
async fn what_was_committed_while_nats_was_away_is_told_after_a_kill() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    centre.nats().kill();
    // Committed and acknowledged; nobody can have heard of it.
    let dossiers = receive(&centre, &hall, &ledger, 3).await;
    centre.crash_and_restart("intake").await;
    centre.nats().restart().await;
    in_status(&centre, dossiers.len(), DossierState::Accepted).await;
    finish(&centre, &sms, &dossiers).await;
}

#[tokio::test]
async fn a_backlog_interrupted_anywhere_has_each_effect_once() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    // Frozen consumer: the backlog waits in the stream.
    centre.process("status").signal("STOP").await;
    let dossiers = receive(&centre, &hall, &ledger, BACKLOG).await;
    centre.process("status").signal("CONT").await;
    centre.process("status").kill().await;
    centre.process("status").restart().await;
    // The server goes while the rest flows, and takes acknowledgements with it.
    centre.nats().kill();
    centre.crash_and_restart("intake").await;
    centre.nats().restart().await;
    in_status(&centre, BACKLOG, DossierState::Accepted).await;

    centre.process("notification").signal("STOP").await;
    complete(&centre, &dossiers).await;
    centre.process("notification").signal("CONT").await;
    wait::until_within("the first messages", SETTLED, || async { (sms.requests() > 2).then_some(()) }).await;
    // Between the gateway's yes and the row that says so.
    centre.process("notification").kill().await;
    centre.nats().kill();
    centre.process("notification").restart().await;
    centre.nats().restart().await;
    finish(&centre, &sms, &dossiers).await;
}

#[tokio::test]
async fn without_nats_the_hall_goes_on_and_a_wiped_server_learns_the_rest() {
    let (mut centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let mut all = BTreeMap::new();
    for wiped in [false, true] {
        centre.nats().kill();
        if wiped {
            centre.nats().wipe();
        }
        for queue in &hall.queues {
            ledger.act(issue(&ledger, queue.clone()), &kiosk, &staff).await.unwrap();
        }
        let called = ledger.act(call(&ledger, &hall), &kiosk, &staff).await.unwrap();
        assert!(called.is_some(), "somebody waits at the first counter");
        all.extend(receive(&centre, &hall, &ledger, 3).await);
        centre.nats().restart().await;
        in_status(&centre, all.len(), DossierState::Accepted).await;
    }
    finish(&centre, &sms, &all).await;
    numbers_are_whole(&settle(&centre, &ledger).await);
}

fn call(ledger: &Ledger, hall: &Hall) -> Act {
    Act::Call(CallNextRequest {
        request_id: ledger.request_id("call"),
        centre_id: CENTRE_ID.into(),
        counter_id: hall.counters[0].clone(),
        finish_current: true,
        ..Default::default()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cut_database_connections_are_an_outage_and_not_a_loss() {
    let (centre, sms) = cluster().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    let owner = centre.database().owner().await;
    let work = Work::begin(&centre, &hall, &ledger, true);
    for _ in 0..4 {
        work.until_acked(40).await;
        owner
            .execute_unprepared(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await
            .unwrap();
    }
    // Nobody was started again: each service found its way back by itself.
    work.until_acked(40).await;
    work.end().await;
    owner.close().await.unwrap();
    let known = settle(&centre, &ledger).await;
    numbers_are_whole(&known);
    finish(&centre, &sms, &dossiers(&known)).await;
}
