//! The queue under load: a rush of calls, the cost of one with more and more people waiting, those who watch, and a second
//! process beside the first.
mod claim;
mod pair;
mod watchers;

use std::time::Duration;

use motcua_tests::centre::Centre;

use crate::{
    doing,
    hall::Hall,
    measure::Plan,
    start,
    table::{Figure, Rate, print_rate, rates},
    tickets::{self, Turnstile},
};

const CLIENTS: usize = 32;
/// Enough to keep the writer busy, and few beside the hundred who wait at the curve's first point.
const CURVE_CLIENTS: usize = 8;
const CURVE: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// A point of the curve needs no longer windows.
const CURVE_WINDOW_MAX: Duration = Duration::from_secs(2);

pub async fn measure(store: &'static str, plan: &Plan, figures: &mut Vec<Figure>, notes: &mut Vec<String>) {
    let mut centre = start(store).await;
    let hall = Hall::new(40, 10);
    hall.apply(centre.clients("operator").routing).await;
    doing(store, "watchers", watchers::WATCHERS);
    watchers::measure(&mut centre, store, &hall, figures).await;
    doing(store, "CallNext, many wait", CLIENTS);
    rush(&centre, store, &hall, plan).await;
    curve(&centre, store, plan).await;
    if store == "postgresql" {
        drop(centre);
        pair::measure(store, plan, notes).await;
    }
}

/// Calls while never fewer than so many wait, beside claims one by one.
async fn rush(centre: &Centre, store: &'static str, hall: &Hall, plan: &Plan) {
    let (from, to) = (plan.waiting + plan.waiting / 3, plan.waiting);
    let samples = tickets::call(centre, hall, CLIENTS, plan, (from, to)).await;
    tickets::fill(centre, hall, from - to).await;
    doing(store, "raw: claim and commit", CLIENTS);
    let claims = claim::measure(centre, store, CLIENTS, plan, to).await;
    let raw = Some(rates(&claims).1);
    let operation = "raw: claim and commit".to_owned();
    print_rate(&Rate { operation, store, clients: CLIENTS, samples: claims, raw: None });
    let operation = format!("CallNext, {to} wait");
    print_rate(&Rate { operation, store, clients: CLIENTS, samples, raw });
}

/// A number and a call, and again, while so many wait; the times are those of the calls, the ratio is to the first point.
async fn curve(centre: &Centre, store: &'static str, plan: &Plan) {
    // Nobody has been called there, so that all lines are as long as each other.
    let hall = Hall { centre_id: "duong-cong".into(), ..Hall::new(40, 10) };
    hall.apply(centre.clients("operator").routing).await;
    let (mut waiting, mut first) = (0, None);
    for point in CURVE.into_iter().filter(|point| *point <= plan.curve_max) {
        doing(store, &format!("the curve, {point} wait"), CURVE_CLIENTS);
        tickets::fill(centre, &hall, point - waiting).await;
        waiting = point;
        let mut clients = Turnstile::many(centre, &hall, CURVE_CLIENTS);
        let mut samples = Vec::new();
        for run in 0..=plan.runs {
            let length = if run == 0 { plan.warm_up } else { plan.window.min(CURVE_WINDOW_MAX) };
            let (same, sample) = tickets::turned(clients, length).await;
            clients = same;
            if run > 0 {
                samples.push(sample);
            }
        }
        let raw = first;
        first = first.or_else(|| Some(rates(&samples).1));
        let operation = format!("number + call, {point} wait");
        print_rate(&Rate { operation, store, clients: CURVE_CLIENTS, samples, raw });
    }
}
