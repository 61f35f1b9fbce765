//! A day of 3,000 visitors and 40 counters at a centre whose clock runs 360 times as fast: the real program, over gRPC, with
//! everybody in the hall acting for themselves. What people were told of their wait is scored by what happened to them.
//!
//! At this speed a millisecond is a third of a second of the day: two requests a visitor, answered within a few milliseconds,
//! cost a counter some seconds of each turn of six minutes. Faster, and the requests would be felt in the waits.
#![allow(clippy::print_stdout, reason = "the scores are for people to read")]

mod clock;
mod feed;
mod hall;
mod visitors;

use motcua_proto::routing::v1::{
    ApplyCentreRequest, GetQueueFiguresRequest, GetQueueFiguresResponse, QueueFigures, TicketState,
};
use motcua_tests::centre::{CENTRE_ID, Centre};
use tokio::time::Instant;

use self::{
    clock::Clock,
    hall::{Hall, Told, Went},
};

const SPEED: u32 = 360;
const SEED: u64 = 1;
const VISITORS: usize = 3000;
const COUNTERS: usize = 40;
/// The program has some seconds to start in before numbers are given at 06:30.
const EARLY: &str = "2026-11-23T05:00:00+07:00";
const DAY: &str = "2026-11-23";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_are_called_before_p50_and_nine_in_ten_before_p90_on_a_day_by_the_clock() {
    let from = Instant::now();
    let mut program = Centre::embedded_with(&["--clock", &format!("{EARLY}x{SPEED}")]).await;
    let demo = program.process("motcua").run(&["centre", "demo"]).await;
    let (kiosk, mut staff) = (program.clients("kiosk"), program.clients("operator"));
    let request = ApplyCentreRequest {
        request_id: "wide".into(),
        toml: wide(&demo),
        file_name: "wide.toml".into(),
        check: false,
    };
    let centre = staff.routing.apply_centre(request).await.unwrap().into_inner().centre.unwrap();
    assert_eq!(centre.counters.len(), COUNTERS);
    let clock = Clock::of(&staff, SPEED).await;
    let hall = Hall::new(kiosk, staff.clone(), clock, visitors::day(&centre, SEED, VISITORS));
    let went = hall.lives(centre.counters).await;

    let request = GetQueueFiguresRequest { centre_id: CENTRE_ID.into(), business_day: DAY.into() };
    let figures = staff.routing.get_queue_figures(request).await.unwrap().into_inner();
    print(&figures);
    println!("{} s, {}", from.elapsed().as_secs(), pace(&went));

    nobody_is_lost(&went, &figures);
    scored_as_it_happened(&went, &figures);
    let told = figures.all.unwrap().estimates.unwrap();
    let (half, most) = (permille(told.before_p50, told.told), permille(told.before_p90, told.told));
    assert!((400..=600).contains(&half), "{half} ‰ were called before their P50");
    assert!((850..=950).contains(&most), "{most} ‰ were called before their P90");
}

/// The demo centre with more counters: its own again and again, each with a number of its own.
fn wide(demo: &str) -> String {
    let own: Vec<&str> = demo.split("[[counters]]").skip(1).collect();
    let mut toml = demo.to_owned();
    for number in own.len() + 1..=COUNTERS {
        let of = (number - 1) % own.len();
        let table = own[of].split("\n[[").next().unwrap().split("\n# ").next().unwrap();
        let table = table.replace(&format!("\"quay-{}\"", of + 1), &format!("\"quay-{number}\""));
        let table = table.replace(&format!("number = {}\n", of + 1), &format!("number = {number}\n"));
        toml += &format!("\n[[counters]]{table}");
    }
    toml
}

/// Everybody who took a number was served, or was not there when called, or was told at the end of the day.
fn nobody_is_lost(went: &Went, figures: &GetQueueFiguresResponse) {
    assert_eq!(went.feed.wrong, Vec::<String>::new());
    assert_eq!(went.told.len() + went.turned_away, VISITORS);
    assert!(went.turned_away <= VISITORS / 100, "{} came too late", went.turned_away);
    assert_eq!(went.feed.over(), went.told.len(), "somebody still waits");
    let mut numbers: Vec<&str> = went.told.values().map(|told| told.ticket.number.as_str()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), went.told.len(), "a number was given twice");
    let all = figures.all.as_ref().unwrap();
    let waits = all.waits.unwrap();
    assert_eq!(usize::try_from(waits.issued).unwrap(), went.told.len());
    assert_eq!(usize::try_from(waits.served).unwrap(), went.feed.ended(TicketState::Finished));
    assert_eq!(all.served_by_hour.iter().sum::<i32>(), waits.served);
}

/// The manager reads what the visitors lived.
fn scored_as_it_happened(went: &Went, figures: &GetQueueFiguresResponse) {
    let count = |queue: &str, holds: &dyn Fn(&Told, i64) -> bool| {
        let own = went.told.values().filter(|told| queue.is_empty() || told.ticket.queue_id == queue);
        let called = own.filter_map(|told| Some((told, told.called_us?)));
        i32::try_from(called.filter(|(told, called)| holds(told, *called)).count()).unwrap()
    };
    for of in figures.queues.iter().chain(&figures.all) {
        let told = of.estimates.unwrap();
        let happened = (
            count(&of.queue_id, &|_, _| true),
            count(&of.queue_id, &|told, called| called <= told.p50_us),
            count(&of.queue_id, &|told, called| called <= told.p90_us),
        );
        assert_eq!((told.told, told.before_p50, told.before_p90), happened, "{}", of.name);
    }
}

fn permille(part: i32, of: i32) -> i32 {
    part * 1000 / of.max(1)
}

fn print(figures: &GetQueueFiguresResponse) {
    println!(
        "{:18} {:>7} {:>10} {:>10} {:>8} {:>8}   waits: mean, P90",
        "queue", "called", "before P50", "before P90", "band s", "error s"
    );
    for QueueFigures { queue_id, waits, estimates, .. } in figures.queues.iter().chain(&figures.all) {
        let (waits, told) = (waits.unwrap(), estimates.unwrap());
        let percent = |part: i32| f64::from(permille(part, told.told)) / 10.0;
        println!(
            "{:18} {:>7} {:>8} % {:>8} % {:>8} {:>8}   {:>5} {:>5}",
            if queue_id.is_empty() { "the centre" } else { queue_id },
            told.told,
            percent(told.before_p50),
            percent(told.before_p90),
            told.band_seconds,
            told.error_seconds,
            waits.mean_seconds,
            waits.p90_seconds
        );
    }
}

/// How the machine kept up.
fn pace(went: &Went) -> String {
    let mut took: Vec<u128> = went.acts.iter().map(|act| act.took.as_micros()).collect();
    let mut late: Vec<i64> = went.acts.iter().map(|act| act.late_ms).collect();
    took.sort_unstable();
    late.sort_unstable();
    let (half, most) = (took.len() / 2, took.len() * 99 / 100);
    format!(
        "{} requests, p50 {} µs, p99 {} µs; asked late by p50 {} ms, p99 {} ms of the day; {} came too late",
        took.len(),
        took[half],
        took[most],
        late[half],
        late[most],
        went.turned_away
    )
}
