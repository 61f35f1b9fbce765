//! How fast and how large a centre is, beside the raw limit of the same machine in the same run. See `tests/bench/run`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a broken assumption ends the run")]

mod board;
mod catalogue;
mod hall;
mod kiosk;
mod measure;
mod process;
mod queue;
mod raw;
mod table;
mod tickets;
mod told;

use motcua_tests::centre::Centre;
use table::{Figure, Rate, print_figure, print_figure_head, print_notes, print_rate, print_rate_head, rates};

use crate::{hall::Hall, measure::Plan, raw::Raw};

const CLIENTS: [usize; 3] = [1, 8, 32];
const CALLERS: [usize; 2] = [8, 32];
const STORES: [&str; 2] = ["sqlite", "postgresql"];
const PARTS: [&str; 5] = ["rates", "figures", "queue", "told", "kiosk"];

#[tokio::main]
async fn main() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let asked: Vec<String> = std::env::args().skip(1).collect();
    // Of each group: all when none is named.
    let wanted = |name: &str, group: &[&str]| {
        let named = |name: &str| asked.iter().any(|each| each == name);
        named(name) || !group.iter().any(|other| named(other))
    };
    let plan = Plan::from_environment();
    let (mut figures, mut notes) = (Vec::new(), Vec::new());
    print_rate_head();
    for store in STORES.into_iter().filter(|store| wanted(store, &STORES)) {
        if wanted("rates", &PARTS) {
            hot_calls(store, &plan, &mut figures).await;
        }
        if wanted("queue", &PARTS) {
            queue::measure(store, &plan, &mut figures, &mut notes).await;
        }
        if wanted("told", &PARTS) && store == "postgresql" {
            doing(store, "messages", 1);
            told::measure(&plan, &mut figures).await;
        }
        if wanted("figures", &PARTS) {
            pages(store, &plan, &mut figures).await;
        }
    }
    // It has a store of its own, whatever the centre's is.
    if wanted("kiosk", &PARTS) {
        doing("its own", "the machine at the entrance", 1);
        kiosk::measure(&mut figures).await;
    }
    for (program, limit) in [("motcua", 60.0), ("motcua-kiosk", 60.0)] {
        let name = if program == "motcua" { "size of motcua" } else { "size of motcua-kiosk" };
        figures.push(Figure { name, store: "", unit: "MB", readings: vec![process::size(program)], limit });
    }
    print_figure_head();
    for figure in &figures {
        print_figure(figure);
    }
    print_notes(&notes);
}

async fn start(store: &str) -> Centre {
    if store == "sqlite" { Centre::embedded().await } else { Centre::cluster().await }
}

/// The queue's rates, and what the process costs before and after them.
async fn hot_calls(store: &'static str, plan: &Plan, figures: &mut Vec<Figure>) {
    let mut figure = |name, unit, readings: Vec<f64>, limit| {
        figures.push(Figure { name, store, unit, readings, limit });
    };
    let mut centre = start(store).await;
    let of = if store == "sqlite" { "resident idle, whole centre" } else { "resident idle, routing" };
    figure(of, "MB", vec![process::resident(&mut centre, "routing").await], 80.0);
    let hall = Hall::new(200, 20);
    hall.apply(centre.clients("operator").routing).await;

    // On an empty hall: nobody waits yet.
    let mut called = Vec::new();
    for clients in CALLERS {
        doing(store, "CallNext", clients);
        called.push((clients, tickets::call(&centre, &hall, clients, plan, (plan.waiting, plan.waiting / 3)).await));
    }
    let mut issued = Vec::new();
    for clients in CLIENTS {
        doing(store, "IssueTicket", clients);
        issued.push((clients, tickets::issue(&centre, &hall, clients, plan).await));
    }
    let raw =
        if store == "sqlite" { Raw::sqlite(&centre.data()).await } else { Raw::postgres(centre.database()).await };
    for clients in CLIENTS {
        doing(store, "raw limit", clients);
        let (raw_issue, raw_call) = raw.measure(clients, plan).await;
        let raw_rate = Some(rates(&raw_issue).1);
        print_rate(&Rate {
            operation: "raw: rows of IssueTicket".into(),
            store,
            clients,
            samples: raw_issue,
            raw: None,
        });
        let samples = issued.remove(0).1;
        print_rate(&Rate { operation: "IssueTicket".into(), store, clients, samples, raw: raw_rate });
        if called.first().is_some_and(|(callers, _)| *callers == clients) {
            let raw_rate = Some(rates(&raw_call).1);
            print_rate(&Rate {
                operation: "raw: rows of CallNext".into(),
                store,
                clients,
                samples: raw_call,
                raw: None,
            });
            let samples = called.remove(0).1;
            print_rate(&Rate { operation: "CallNext, a full hall".into(), store, clients, samples, raw: raw_rate });
        }
    }
    figure("start on that data", "ms", process::starts(&mut centre).await, 1000.0);
}

/// What citizens see: the board, and the catalogue at the kiosk.
async fn pages(store: &'static str, plan: &Plan, figures: &mut Vec<Figure>) {
    let mut figure = |name, unit, readings: Vec<f64>, limit| {
        figures.push(Figure { name, store, unit, readings, limit });
    };
    doing(store, "board, import, search", 1);
    let centre = start(store).await;
    let hall = Hall::new(200, 20);
    hall.apply(centre.clients("operator").routing).await;
    let (mut p50, mut p99) = (vec![], vec![]);
    for _ in 0..plan.runs {
        let (half, most) = board::latency(&centre, &hall).await;
        p50.push(half);
        p99.push(most);
    }
    figure("call → board's event, p50", "ms", p50, 100.0);
    figure("call → board's event, p99", "ms", p99, 100.0);
    figure("import of 1,510 procedures", "ms", catalogue::import(&centre).await, 2000.0);
    let (mut p50, mut p99) = (vec![], vec![]);
    for _ in 0..plan.runs {
        let (half, most) = catalogue::search(&centre).await;
        p50.push(half);
        p99.push(most);
    }
    figure("search \"dang ky bien dong\", p50", "ms", p50, 50.0);
    figure("search \"dang ky bien dong\", p99", "ms", p99, 50.0);
}

/// A run takes minutes: who watches it sees where it is.
fn doing(store: &str, what: &str, clients: usize) {
    eprintln!("… {store}: {what}, {clients} clients");
}
