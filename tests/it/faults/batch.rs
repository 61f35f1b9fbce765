//! Killed inside a batch: it wrote its tickets and not yet its answers. Of a batch everything is there, or nothing.
use motcua_proto::routing::v1::{CallNextRequest, GetCentreRequest};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Clients},
    wait,
};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};
use tokio::task::JoinSet;
use tonic::Code;

use super::{
    embedded,
    hall::{Hall, numbers_are_whole, numbers_lent, receive, settle},
    hold::{Held, all_marked, file, impatient, is_locked, number, stuck},
    load::{Act, Fate, Ledger, issue, open},
};

const TAPS: usize = 24;
const TAPS_BEFORE: usize = 8;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_cut_off_in_the_middle_never_was() {
    let mut centre = Centre::cluster().await;
    let hall = Hall::of(&centre).await;
    let owner = centre.database().owner().await;
    let day = Day::begin(&centre, &hall, (&owner, "routing.block")).await;

    let lock = format!("select seq from routing.centre_seq where centre_id = '{CENTRE_ID}' for update");
    let centre_row = Held::by(&owner, &lock).await;
    let mut repeated = day.repeat();
    stuck(&owner, "routing", "insert into centre_seq").await;
    let rush = day.rush(&hall).await;
    // The numbers' rows come after the tickets in the statement that writes the batch.
    let numbers = Held::by(&owner, "select last from routing.series for update").await;
    centre_row.release().await;
    repeated.join_next().await.unwrap().unwrap();
    let statement = stuck(&owner, "routing", "with w0 as (").await;
    assert!(statement.contains("insert into ticket("), "{statement}");
    centre.process("routing").kill().await;
    numbers.release().await;
    rush.join_all().await;
    day.cut_off("routing.ticket", &owner).await;

    centre.process("routing").restart().await;
    numbers_are_whole(&settle(&centre, &day.ledger).await);
    owner.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_cut_off_in_the_middle_of_its_file_never_was() {
    let mut centre = embedded().await;
    let hall = Hall::of(&centre).await;
    let (db, other) = (file(&centre, "routing").await, impatient(&centre, "routing").await);
    let day = Day::begin(&centre, &hall, (&db, "block")).await;
    // A batch with a call in it stands still at its audit: there is no lock inside a file that could hold it there.
    db.execute_unprepared("create table delay(i integer)").await.unwrap();
    let thousand =
        "with n(i) as (select 1 union all select i + 1 from n where i < 1000) insert into delay select i from n";
    db.execute_unprepared(thousand).await.unwrap();
    db.execute_unprepared(
        "create trigger stand_still before insert on audit when new.action = 'CallNext' \
         begin select count(*) from delay a, delay b, delay c, delay d; end",
    )
    .await
    .unwrap();
    // Then the relay has nothing to write, and who writes is the batch.
    all_marked(&db, "outbox").await;

    let gate = Held::file(&db).await;
    let mut repeated = day.repeat();
    day.read().await;
    let rush = day.rush(&hall).await;
    gate.release().await;
    repeated.join_next().await.unwrap().unwrap();
    wait::until("the batch holds its file", || async { is_locked(&other).await.then_some(()) }).await;
    centre.process("motcua").kill().await;
    rush.join_all().await;
    day.cut_off("ticket", &db).await;

    db.execute_unprepared("drop trigger stand_still").await.unwrap();
    db.execute_unprepared("drop table delay").await.unwrap();
    centre.process("motcua").restart().await;
    numbers_are_whole(&settle(&centre, &day.ledger).await);
}

#[tokio::test]
async fn a_lock_held_too_long_is_an_outage_and_not_a_defect() {
    let centre = Centre::cluster().await;
    let hall = Hall::of(&centre).await;
    let owner = centre.database().owner().await;
    let day = Day::begin(&centre, &hall, (&owner, "routing.block")).await;

    // Longer than a service's role waits for a lock.
    let audit = Held::by(&owner, "lock table routing.audit in share mode").await;
    let act = issue(&day.ledger, hall.queues[0].clone());
    let refused = day.ledger.act(act, &day.kiosk, &day.staff).await.unwrap_err();
    assert!(matches!(refused.code(), Code::Unavailable | Code::DeadlineExceeded), "{refused:?}");
    audit.release().await;
    numbers_are_whole(&settle(&centre, &day.ledger).await);
    owner.close().await.unwrap();
}

/// A hall where people wait already, so that every call takes somebody.
struct Day {
    ledger: Ledger,
    kiosk: Clients,
    staff: Clients,
    first: Act,
}

impl Day {
    async fn begin(centre: &Centre, hall: &Hall, (db, blocks): (&DatabaseConnection, &str)) -> Self {
        let ledger = Ledger::default();
        let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
        numbers_lent(centre, db, blocks).await;
        receive(centre, hall, &ledger, 1).await;
        for queue in hall.queues.iter().cycle().take(TAPS_BEFORE.max(hall.queues.len())) {
            ledger.act(issue(&ledger, queue.clone()), &kiosk, &staff).await.unwrap();
        }
        let taps = ledger.entries().into_iter().map(|entry| entry.act);
        let first = taps.into_iter().find(|act| matches!(act, Act::Issue(_))).unwrap();
        Self { ledger, kiosk, staff, first }
    }

    /// A request that was answered already: it takes its turn at the writer and writes nothing. What comes behind it
    /// gathers to one batch.
    fn repeat(&self) -> JoinSet<()> {
        let (kiosk, staff, first) = (self.kiosk.clone(), self.staff.clone(), self.first.clone());
        let mut repeated = JoinSet::new();
        repeated.spawn(async move { drop(first.send(&kiosk, &staff).await.unwrap()) });
        repeated
    }

    /// Everybody taps and calls at once; all of it waits at the writer when this returns.
    async fn rush(&self, hall: &Hall) -> JoinSet<()> {
        let taps = hall.queues.iter().cycle().take(TAPS).map(|queue| issue(&self.ledger, queue.clone()));
        let calls = hall.counters.iter().map(|counter_id| {
            let (request_id, centre_id) = (self.ledger.request_id("call"), CENTRE_ID.to_owned());
            Act::Call(CallNextRequest {
                request_id,
                centre_id,
                counter_id: counter_id.clone(),
                finish_current: true,
                ..Default::default()
            })
        });
        let mut rush = JoinSet::new();
        for act in taps.chain(calls) {
            let (ledger, kiosk, staff) = (self.ledger.clone(), self.kiosk.clone(), self.staff.clone());
            rush.spawn(async move {
                let answer = ledger.act(act, &kiosk, &staff).await;
                assert!(answer.as_ref().is_err_and(open), "the centre died over this: {answer:?}");
            });
        }
        self.read().await;
        rush
    }

    /// Answered behind everything that was sent before.
    async fn read(&self) {
        for caller in [&self.kiosk, &self.staff] {
            let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
            caller.routing.clone().get_centre(request).await.unwrap();
        }
    }

    /// The rush had no answer, and left nothing.
    async fn cut_off(&self, tickets: &str, db: &DatabaseConnection) {
        let entries = self.ledger.entries();
        let acked = entries.iter().filter(|e| matches!((&e.act, &e.fate), (Act::Issue(_), Fate::Acked(_)))).count();
        assert_eq!(number(db, &format!("select count(*) from {tickets}")).await, acked as i64);
        assert!(entries.len() > acked + TAPS, "the rush is in the ledger");
    }
}
