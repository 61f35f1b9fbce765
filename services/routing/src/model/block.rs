//! Numbers lent to kiosks, and what they printed with them.
use jiff::{Timestamp, civil::Date};

use super::command::Issue;

/// Numbers of a series that online issuing and blocks share: three digits first.
pub const SERIES_TOP: i64 = 999;
/// Numbers left between the last one given and a new block, so that a busy hour does not run into it.
pub const MARGIN: i64 = 50;
/// Days ahead, counted in working days, for which numbers are lent.
pub const DAYS_AHEAD: usize = 2;

/// Numbers that one kiosk alone may print on one day, from `last` down to `first`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Id.
    pub id: String,
    /// Whose.
    pub kiosk: String,
    /// Series.
    pub letter: String,
    /// Local day.
    pub day: Date,
    /// Lowest number.
    pub first: i64,
    /// Highest number.
    pub last: i64,
}

impl Block {
    /// Whether a number may be printed from it.
    #[must_use]
    pub fn holds(&self, number: i64) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

/// A series of one day: the last number given online, and the lowest one lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// Last number given online; 0 before the first.
    pub last: i64,
    /// Lowest number lent; one above the top when none is.
    pub floor: i64,
}

impl Default for Series {
    fn default() -> Self {
        Self { last: 0, floor: SERIES_TOP + 1 }
    }
}

impl Series {
    /// The next number online. What is lent is stepped over: after it come four digits.
    pub fn give(&mut self) -> i64 {
        self.last += 1;
        if self.floor <= self.last && self.last <= SERIES_TOP {
            self.last = SERIES_TOP + 1;
        }
        self.last
    }

    /// Lends `size` numbers below what is lent already: (first, last). None where online issuing is too near.
    pub fn lend(&mut self, size: i64) -> Option<(i64, i64)> {
        let first = self.floor - size;
        if size < 1 || self.last > SERIES_TOP || first <= self.last + MARGIN {
            return None;
        }
        let last = self.floor - 1;
        self.floor = first;
        Some((first, last))
    }
}

/// A kiosk's IssueTicket: its principal and its request id.
pub type Tap = (String, String);

/// A ticket as a kiosk printed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// Request id of the tap.
    pub request_id: String,
    /// The tap: who asked, and that request id.
    pub tap: Tap,
    /// Block it says it used.
    pub block: String,
    /// Number.
    pub number: i64,
    /// As the kiosk measured it.
    pub arrival: Timestamp,
    /// What for.
    pub issue: Issue,
}

/// What became of a printed ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// Unknown until now.
    Inserted,
    /// Known by the same number.
    Same,
    /// Known by another number, which is void now.
    Renumbered,
    /// Not taken, with a stable reason.
    Refused(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_is_never_given_online() {
        let mut series = Series::default();
        assert_eq!(series.lend(100), Some((900, 999)));
        assert_eq!(series.lend(50), Some((850, 899)));
        let given: Vec<i64> = (0..900).map(|_| series.give()).collect();
        assert!(given.iter().all(|number| !(850..=999).contains(number)), "stepped over");
        assert_eq!((given[848], given[849], given[850]), (849, 1000, 1001));
        assert_eq!(series.lend(10), None, "four digits are given online only");
    }

    #[test]
    fn a_busy_series_lends_nothing() {
        let mut series = Series { last: 900, ..Series::default() };
        assert_eq!(series.lend(60), None);
        assert_eq!(series.lend(49), Some((951, 999)));
        assert_eq!(series.lend(0), None);
    }
}
