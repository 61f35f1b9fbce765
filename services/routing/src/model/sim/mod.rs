//! A day of the hall played through the real rules, without a clock: what a centre's file would do to people.
//!
//! A [`Day`] is who comes, generated from a seed ([`Crowd`]) or taken from what happened. [`run`] plays it, [`report`] says
//! what came of it, [`Search`] looks for the counters that each hour wants.
mod crowd;
mod report;
mod run;
mod staff;

use jiff::{Timestamp, civil::Date};

pub use crowd::{ClassShare, Crowd, Demand, Peak};
pub use report::{ClassReport, Report, report};
pub use run::{Ran, run};
pub use staff::{Need, Roster, Search};

/// One visitor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// When the number is taken.
    pub at: Timestamp,
    /// Queue.
    pub queue: String,
    /// Priority class, empty for none.
    pub class: String,
    /// Length of the service, in milliseconds.
    pub service_ms: i64,
    /// False: is not there when called.
    pub comes: bool,
}

/// Who comes on a day, the first to come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The centre's date.
    pub date: Date,
    /// Visitors.
    pub arrivals: Vec<Arrival>,
}

impl Day {
    /// A day of these visitors, in the order of their coming.
    #[must_use]
    pub fn new(date: Date, mut arrivals: Vec<Arrival>) -> Self {
        arrivals.sort_by_key(|arrival| arrival.at);
        Self { date, arrivals }
    }
}
