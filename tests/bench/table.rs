//! What is printed.
use std::time::Duration;

use crate::measure::{Sample, quantiles};

/// One line of the table of rates.
pub struct Rate {
    pub operation: String,
    pub store: &'static str,
    pub clients: usize,
    pub samples: Vec<Sample>,
    /// Rate of the raw limit with as many clients on this store in this run, or of what else this is measured by.
    pub raw: Option<f64>,
}

/// Smallest, middle and largest of the windows' rates.
pub fn rates(samples: &[Sample]) -> (f64, f64, f64) {
    let mut all: Vec<f64> = samples.iter().map(|sample| sample.per_second).collect();
    all.sort_by(f64::total_cmp);
    (all[0], all[all.len() / 2], all[all.len() - 1])
}

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

#[allow(clippy::print_stdout, reason = "the table is the program's answer")]
pub fn print_rate_head() {
    println!(
        "{:<26} {:<10} {:>7} {:>9} {:>17} {:>8} {:>8} {:>9} {:>7}",
        "operation", "store", "clients", "per sec", "min … max", "p50 ms", "p99 ms", "worst p99", "ratio"
    );
}

#[allow(clippy::print_stdout, reason = "the table is the program's answer")]
pub fn print_rate(rate: &Rate) {
    let (min, middle, max) = rates(&rate.samples);
    let (p50, _) = quantiles(&mut rate.samples.iter().map(|sample| sample.p50).collect::<Vec<_>>());
    let mut p99: Vec<Duration> = rate.samples.iter().map(|sample| sample.p99).collect();
    p99.sort_unstable();
    let ratio = rate.raw.map_or_else(|| "1".to_owned(), |raw| format!("{:.2}", middle / raw));
    println!(
        "{:<26} {:<10} {:>7} {:>9.0} {:>17} {:>8} {:>8} {:>9} {:>7}",
        rate.operation,
        rate.store,
        rate.clients,
        middle,
        format!("{min:.0} … {max:.0}"),
        ms(p50),
        ms(p99[p99.len() / 2]),
        ms(p99[p99.len() - 1]),
        ratio
    );
}

/// A figure without a rate: several readings in one unit, and what it should stay under.
pub struct Figure {
    pub name: &'static str,
    pub store: &'static str,
    pub unit: &'static str,
    pub readings: Vec<f64>,
    pub limit: f64,
}

#[allow(clippy::print_stdout, reason = "the table is the program's answer")]
pub fn print_figure_head() {
    println!(
        "\n{:<44} {:<10} {:>9} {:>9} {:>9} {:<4} {:>9}",
        "figure", "store", "min", "median", "max", "unit", "aim below"
    );
}

#[allow(clippy::print_stdout, reason = "the table is the program's answer")]
pub fn print_figure(figure: &Figure) {
    let mut all = figure.readings.clone();
    all.sort_by(f64::total_cmp);
    println!(
        "{:<44} {:<10} {:>9.1} {:>9.1} {:>9.1} {:<4} {:>9}",
        figure.name,
        figure.store,
        all[0],
        all[all.len() / 2],
        all[all.len() - 1],
        figure.unit,
        figure.limit
    );
}

/// What a table cannot say.
#[allow(clippy::print_stdout, reason = "the table is the program's answer")]
pub fn print_notes(notes: &[String]) {
    for (at, note) in notes.iter().enumerate() {
        println!("{}{note}", if at == 0 { "\n" } else { "" });
    }
}
