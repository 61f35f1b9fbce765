//! kill -9 at the worst moments, judged by what the clients were told: nothing acknowledged is lost, no number is given
//! twice, and the citizen gets one message.
//!
//! At seeded moments under load here and in [`cluster`]; at the exact points, held there from outside: `mark` between
//! publish and mark, `ack` between effect and acknowledgement, `batch` inside a batch, `replay` with the stream lost, `kiosk`
//! between tap, store, answer and paper.
mod ack;
mod batch;
mod cluster;
pub mod hall;
mod hold;
mod kiosk;
pub mod load;
mod mark;
mod replay;

use motcua_proto::status::v1::DossierState;
use motcua_tests::centre::{Centre, MORNING};

use self::{
    hall::{
        Hall, all_complete, dossiers, each_told_once, in_status, insist, numbers_are_whole, one_text_each, outgoing,
        papers_agree, receive, settle,
    },
    hold::{Held, file, number},
    load::{Ledger, Work, onward},
};

pub use hold::count;

/// Each seed is another set of moments; a failing one is named by the test's message.
const SEED: u64 = 20_190_401;
const CRASHES: usize = 4;

/// xorshift64: the same moments in every run.
fn moments(seed: u64) -> impl Iterator<Item = usize> {
    let mut state = seed;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Some(40 + (state % 160) as usize)
    })
}

/// With an address of its own on paper: the ports change with each start.
async fn embedded() -> Centre {
    Centre::embedded_with(&["--clock", MORNING, "--public-url", "https://motcua.example.vn"]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_centre_killed_again_and_again_keeps_every_word() {
    let mut centre = embedded().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    for (crash, answers) in moments(SEED).take(CRASHES).enumerate() {
        let work = Work::begin(&centre, &hall, &ledger, false);
        work.until_acked(answers).await;
        // In the middle of whatever batch is being written.
        centre.process("motcua").kill().await;
        work.end().await;
        centre.process("motcua").restart().await;
        let known = settle(&centre, &ledger).await;
        numbers_are_whole(&known);
        assert!(known.len() > answers / 2, "crash {crash} of seed {SEED}");
    }
    let dossiers = dossiers(&settle(&centre, &ledger).await);
    assert!(dossiers.len() > CRASHES, "desks worked between the crashes: {}", dossiers.len());
    all_complete(&centre, &dossiers).await;
    papers_agree(&centre, &dossiers).await;
    each_told_once(&centre, &dossiers).await;
    one_text_each(&outgoing(&centre), &dossiers);
}

#[tokio::test]
async fn a_centre_killed_right_after_its_word_still_tells_the_others() {
    let mut centre = embedded().await;
    let hall = Hall::of(&centre).await;
    let ledger = Ledger::default();
    // Nobody can take it in before the kill.
    let status = file(&centre, "status").await;
    let deaf = Held::file(&status).await;
    let dossiers = receive(&centre, &hall, &ledger, 1).await;
    centre.process("motcua").kill().await;
    deaf.release().await;
    assert_eq!(number(&status, "select count(*) from inbox").await, 0, "status had not heard");
    centre.process("motcua").restart().await;
    in_status(&centre, 1, DossierState::Accepted).await;

    let (id, _) = dossiers.first_key_value().unwrap();
    let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let (forward, complete) = onward(id);
    insist(&forward, &kiosk, &staff).await;
    ledger.act(complete, &kiosk, &staff).await.unwrap();
    centre.crash_and_restart("motcua").await;
    each_told_once(&centre, &dossiers).await;
    one_text_each(&outgoing(&centre), &dossiers);
}
