//! The machine at the entrance killed between tap, store, answer and paper: one ticket, and no second paper by itself.
use std::time::Duration;

use motcua_tests::{
    centre::{Centre, Kiosk, MORNING, Site, address, waiting},
    doubles::{
        printer::{Fault, PrinterDouble},
        wire::{Line, Wire},
    },
    wait,
};
use serde_json::Value;

use super::hold::{self, Held};
use crate::offline::machine_time;

const QUEUE: &str = "dat-dai";

/// A centre, the line to it, a printer, and one machine.
struct Entrance {
    centre: Centre,
    wire: Wire,
    printer: PrinterDouble,
    kiosk: Kiosk,
}

impl Entrance {
    async fn open(numbers: u32) -> Self {
        let centre = super::embedded().await;
        let wire = Wire::to(address(centre.url("grpc"))).await;
        let printer = PrinterDouble::start().await;
        // Its clock goes on while it is off, as the machine's does.
        let clock = format!("{MORNING}x1@{}", machine_time());
        let (name, printers) = ("kiosk-cua", Some(printer.address()));
        let site = Site { name, centre: wire.address(), clock: &clock, printer: printers, numbers };
        let kiosk = Kiosk::start(&centre, site).await;
        kiosk.ready().await;
        if numbers > 0 {
            wait::until("numbers are lent", || async {
                (kiosk.number("select count(*) from block").await >= 18).then_some(())
            })
            .await;
        }
        Self { centre, wire, printer, kiosk }
    }

    /// Kills the machine as a power cut does, and starts it again.
    async fn power_cut(&mut self, meanwhile: impl AsyncFnOnce(&Self)) {
        self.kiosk.process.kill().await;
        meanwhile(self).await;
        self.kiosk.process.restart().await;
    }

    /// The tap's answer once it has one, its number in the centre's line, and one paper.
    async fn one_ticket(&self, key: &str) -> Value {
        let answer = wait::until("a number", || async {
            let (status, answer) = self.kiosk.tap(key, QUEUE).await?;
            (status == 200).then_some(answer)
        })
        .await;
        self.kiosk.until("everything is told", |now| now["offline"]["untold"] == 0 && now["reachable"] == true).await;
        let line: Vec<String> = waiting(&self.centre, QUEUE).await.into_iter().map(|ticket| ticket.number).collect();
        assert_eq!(line, [answer["ticket"]["number"].as_str().unwrap()], "{answer}");
        answer
    }
}

/// Reads and locks a machine's store from outside.
trait Look {
    async fn store(&self) -> sea_orm::DatabaseConnection;
    async fn number(&self, sql: &str) -> i64;
}

impl Look for Kiosk {
    async fn store(&self) -> sea_orm::DatabaseConnection {
        hold::at(&self.folder().join("kiosk.db")).await
    }

    async fn number(&self, sql: &str) -> i64 {
        hold::number(&self.store().await, sql).await
    }
}

#[tokio::test]
async fn killed_before_the_tap_is_kept_nothing_has_happened() {
    let mut entrance = Entrance::open(0).await;
    let store = entrance.kiosk.store().await;
    let held = Held::file(&store).await;
    let tap = tokio::spawn(entrance.kiosk.tap("tap", QUEUE));
    // Another answer shows that the machine is at work while the tap stands before the store.
    entrance.kiosk.ready().await;
    assert!(!tap.is_finished());
    entrance
        .power_cut(async |entrance| {
            assert!(waiting(&entrance.centre, QUEUE).await.is_empty(), "nothing was sent");
            assert_eq!(hold::number(&store, "select count(*) from tap").await, 0);
            held.release().await;
        })
        .await;
    assert_eq!(tap.await.unwrap(), None, "the page knows nothing");
    entrance.kiosk.ready().await;
    let answer = entrance.one_ticket("tap").await;
    assert_eq!((&answer["print"]["printed"], entrance.printer.wait_cut(1).await.len()), (&Value::Bool(true), 1));
}

#[tokio::test]
async fn killed_before_the_tap_is_sent_its_paper_comes_when_the_power_does() {
    let mut entrance = Entrance::open(0).await;
    entrance.wire.set(Line::Silent);
    let tap = tokio::spawn(entrance.kiosk.tap("tap", QUEUE));
    kept(&entrance.kiosk, "select count(*) from tap where ticket is null").await;
    entrance.power_cut(async |entrance| entrance.wire.set(Line::Up(Duration::ZERO))).await;
    tap.await.unwrap();
    entrance.printer.wait_cut(1).await;
    assert_eq!(entrance.one_ticket("tap").await["print"]["printed"], true);
    assert_eq!(entrance.printer.jobs().len(), 1);
}

#[tokio::test]
async fn killed_before_it_hears_the_answer_the_same_number_is_printed() {
    let mut entrance = Entrance::open(0).await;
    entrance.wire.set(Line::Deaf);
    let tap = tokio::spawn(entrance.kiosk.tap("tap", QUEUE));
    let given = wait::until("the centre has given a number", || async {
        waiting(&entrance.centre, QUEUE).await.pop().map(|ticket| ticket.number)
    })
    .await;
    entrance.power_cut(async |entrance| entrance.wire.set(Line::Up(Duration::ZERO))).await;
    tap.await.unwrap();
    entrance.printer.wait_cut(1).await;
    assert_eq!(entrance.one_ticket("tap").await["ticket"]["number"], given.as_str());
    assert_eq!(entrance.printer.jobs().len(), 1);
}

#[tokio::test]
async fn killed_between_a_number_of_its_own_and_its_paper_it_prints_that_number() {
    let mut entrance = Entrance::open(10).await;
    entrance.wire.set(Line::Cut);
    entrance.kiosk.until("the machine knows", |now| now["reachable"] == false).await;
    // Caught between number and paper; a machine that was faster than the look is tried again.
    let mut caught = None;
    for n in 0..50 {
        let key = format!("tap-{n}");
        let tap = tokio::spawn(entrance.kiosk.tap(&key, QUEUE));
        let sql = format!("select count(*) from tap where key = '{key}' and ticket is not null");
        kept(&entrance.kiosk, &sql).await;
        entrance.kiosk.process.signal("STOP").await;
        if entrance.kiosk.number(&format!("{sql} and paper = 'none'")).await == 1 {
            caught = Some((key, n));
            break;
        }
        entrance.kiosk.process.signal("CONT").await;
        tap.await.unwrap();
    }
    let (key, before) = caught.expect("one tap in fifty is caught");
    entrance.power_cut(async |_| {}).await;
    entrance.printer.wait_cut(before + 1).await;
    let (status, answer) = entrance.kiosk.tap(&key, QUEUE).await.unwrap();
    // The centre's own machine has borrowed the numbers above.
    let sql = "select max(last) from block where area_id = 'dat-dai' and day = '2026-11-23'";
    let top = usize::try_from(entrance.kiosk.number(sql).await).unwrap();
    let number = Value::from(format!("A{}", top - before));
    assert_eq!((status, &answer["ticket"]["number"], &answer["print"]["printed"]), (200, &number, &true.into()));
    assert_eq!(entrance.printer.jobs().len(), before + 1, "one paper a number");
    entrance.wire.set(Line::Up(Duration::ZERO));
    entrance.kiosk.until("everything is told", |now| now["offline"]["untold"] == 0 && now["reachable"] == true).await;
    let line: Vec<String> = waiting(&entrance.centre, QUEUE).await.into_iter().map(|ticket| ticket.number).collect();
    assert_eq!(line, (0..=before).map(|n| format!("A{}", top - n)).collect::<Vec<_>>());
}

#[tokio::test]
async fn killed_while_it_prints_it_says_so_and_prints_again_only_when_asked() {
    for (fault, papers) in [(Fault::StallAfter(9_000), 0), (Fault::MuteEnd, 1)] {
        let mut entrance = Entrance::open(0).await;
        entrance.printer.script([fault]);
        let tap = tokio::spawn(entrance.kiosk.tap("tap", QUEUE));
        kept(&entrance.kiosk, "select count(*) from tap where paper = 'begun'").await;
        if papers == 1 {
            entrance.printer.wait_cut(1).await;
        }
        entrance.power_cut(async |_| {}).await;
        tap.await.unwrap();
        entrance.kiosk.ready().await;
        let answer = entrance.one_ticket("tap").await;
        assert_eq!(
            (&answer["print"]["printed"], &answer["print"]["reason"]),
            (&false.into(), &"PRINT_INTERRUPTED".into())
        );
        let cut = || entrance.printer.jobs().into_iter().filter(|job| job.cut).count();
        assert_eq!(cut(), papers, "no second paper by itself");
        let id = answer["ticket"]["id"].as_str().unwrap();
        let (_, again) = entrance.kiosk.post(&format!("/api/tickets/{id}/print")).await.unwrap();
        assert_eq!((&again["print"]["printed"], &again["ticket"]), (&true.into(), &answer["ticket"]), "{again}");
        assert_eq!(cut(), papers + 1);
    }
}

/// Until the store holds it.
async fn kept(kiosk: &Kiosk, sql: &str) {
    wait::until(sql, || async { (kiosk.number(sql).await > 0).then_some(()) }).await;
}
