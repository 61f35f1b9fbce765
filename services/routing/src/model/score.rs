//! What people waited, beside what they were told.
use jiff::{SignedDuration, Timestamp};

/// What is looked at of one ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When the number was taken.
    pub arrival: Timestamp,
    /// When it was called first; none: never.
    pub call: Option<Timestamp>,
    /// Told at issue: even odds, and nine chances in ten; none where no counter was open.
    pub told: Option<(Timestamp, Timestamp)>,
    /// Served to the end.
    pub served: bool,
}

/// Waits of many tickets, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits {
    /// Numbers given.
    pub issued: usize,
    /// Called at least once.
    pub called: usize,
    /// Served to the end.
    pub served: usize,
    /// Means over those called.
    pub mean_s: i64,
    /// Half of them waited no longer.
    pub p50_s: i64,
    /// Nine in ten waited no longer.
    pub p90_s: i64,
    /// The longest.
    pub max_s: i64,
}

/// How good the estimates were, over tickets that were told one and called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Score {
    /// Tickets told a range and called.
    pub told: usize,
    /// Called before the end of the shorter time told (P50): half of them when the estimates are right.
    pub before_p50: usize,
    /// Called before the end of the longer one (P90): nine in ten when the estimates are right.
    pub before_p90: usize,
    /// Median length of the range told, in seconds.
    pub band_s: i64,
    /// Mean distance between the wait and the shorter time told, in seconds.
    pub error_s: i64,
}

/// The waits of these tickets.
#[must_use]
pub fn waits(seen: &[Seen]) -> Waits {
    let mut lengths: Vec<i64> = seen.iter().filter_map(|ticket| Some(wait_s(ticket, ticket.call?))).collect();
    lengths.sort_unstable();
    Waits {
        issued: seen.len(),
        called: lengths.len(),
        served: seen.iter().filter(|ticket| ticket.served).count(),
        mean_s: mean(&lengths),
        p50_s: quantile(&lengths, 50),
        p90_s: quantile(&lengths, 90),
        max_s: lengths.last().copied().unwrap_or(0),
    }
}

/// The estimates of these tickets beside what happened.
#[must_use]
pub fn score(seen: &[Seen]) -> Score {
    // (called, P50, P90)
    let told: Vec<(Timestamp, Timestamp, Timestamp)> = seen
        .iter()
        .filter_map(|ticket| ticket.told.zip(ticket.call).map(|((p50, p90), call)| (call, p50, p90)))
        .collect();
    let mut bands: Vec<i64> = told.iter().map(|(_, p50, p90)| seconds(p90.duration_since(*p50))).collect();
    bands.sort_unstable();
    let errors: Vec<i64> = told.iter().map(|(call, p50, _)| seconds(call.duration_since(*p50)).abs()).collect();
    Score {
        told: told.len(),
        before_p50: told.iter().filter(|(call, p50, _)| call <= p50).count(),
        before_p90: told.iter().filter(|(call, _, p90)| call <= p90).count(),
        band_s: quantile(&bands, 50),
        error_s: mean(&errors),
    }
}

/// The value that so many hundredths of the sorted values do not exceed; 0 of none.
#[must_use]
pub fn quantile(sorted: &[i64], percent: usize) -> i64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).copied().unwrap_or(0)
}

fn mean(values: &[i64]) -> i64 {
    let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
    if count == 0 { 0 } else { values.iter().sum::<i64>() / count }
}

fn wait_s(ticket: &Seen, call: Timestamp) -> i64 {
    seconds(call.duration_since(ticket.arrival))
}

fn seconds(duration: SignedDuration) -> i64 {
    duration.as_secs()
}
