//! A ticket: one number on paper and where it stands.
use jiff::{Timestamp, civil::Date};

/// Where a ticket stands. The numbers are those of the contract and of the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketState {
    /// In the line of its lane.
    Waiting,
    /// Called to a counter, not yet there.
    Called,
    /// At the counter.
    Serving,
    /// Served.
    Finished,
    /// Absent too often.
    Dropped,
    /// Closed unserved when its day was over.
    Expired,
}

impl TicketState {
    /// The stored number.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Waiting => 1,
            Self::Called => 2,
            Self::Serving => 3,
            Self::Finished => 4,
            Self::Dropped => 5,
            Self::Expired => 6,
        }
    }

    /// The state of a stored number.
    #[must_use]
    pub const fn from_code(code: i32) -> Option<Self> {
        Some(match code {
            1 => Self::Waiting,
            2 => Self::Called,
            3 => Self::Serving,
            4 => Self::Finished,
            5 => Self::Dropped,
            6 => Self::Expired,
            _ => return None,
        })
    }

    /// Held by a counter: called or being served.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Called | Self::Serving)
    }
}

/// A line that counters call from: a queue, or the few tickets sent to one named counter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(String);

impl Lane {
    /// The lane of a queue.
    #[must_use]
    pub fn queue(id: &str) -> Self {
        Self(format!("q:{id}"))
    }

    /// The lane of tickets that wait for one counter only.
    #[must_use]
    pub fn counter(id: &str) -> Self {
        Self(format!("c:{id}"))
    }

    /// A lane read back from the database.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The queue's id, unless this is a counter's lane.
    #[must_use]
    pub fn queue_id(&self) -> Option<&str> {
        self.0.strip_prefix("q:")
    }

    /// As stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One number of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// UUIDv7; breaks ties of rank in the order of issue.
    pub id: String,
    /// The centre.
    pub centre_id: String,
    /// Letter of the series.
    pub letter: String,
    /// Number inside the series, from 1.
    pub number: i64,
    /// Local day of the centre.
    pub day: Date,
    /// Area where it waits.
    pub area_id: String,
    /// Queue where it waits, or waited last.
    pub queue_id: String,
    /// Set when it waits for one counter only.
    pub for_counter: Option<String>,
    /// Where it stands.
    pub state: TicketState,
    /// When the number was taken.
    pub arrival: Timestamp,
    /// Arrival minus head start; lowest is called first.
    pub rank: Timestamp,
    /// Counter that holds it, or held it last.
    pub counter_id: Option<String>,
    /// Procedure asked for, empty when none.
    pub procedure_code: String,
    /// Its name.
    pub procedure_name: String,
    /// Priority class, empty when none.
    pub priority_class: String,
    /// What board and paper may say of the class.
    pub tag: String,
    /// Minutes of head start given by the class.
    pub head_start_minutes: i64,
    /// "vi", "km" or "en".
    pub locale: String,
    /// Times it was called in vain.
    pub absences: i32,
    /// Last call.
    pub call_id: Option<String>,
    /// When it was last called.
    pub call_time: Option<Timestamp>,
    /// Why it was called, in Vietnamese.
    pub call_reason: String,
    /// When the citizen stood at the counter.
    pub serve_time: Option<Timestamp>,
    /// When it was finished, dropped or expired.
    pub end_time: Option<Timestamp>,
    /// SHA-256 of the paper's secret, hex.
    pub token_hash: Option<String>,
    /// Trace of the tap.
    pub traceparent: Option<String>,
    /// Grows by one with every move.
    pub version: i64,
}

impl Ticket {
    /// As printed: "A001".
    #[must_use]
    pub fn printed(&self) -> String {
        printed(&self.letter, self.number)
    }

    /// In the line of its lane.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == TicketState::Waiting
    }

    /// Its place in the line of its lane.
    #[must_use]
    pub fn place(&self) -> (Timestamp, String) {
        (self.rank, self.id.clone())
    }

    /// The lane it waits in.
    #[must_use]
    pub fn lane(&self) -> Lane {
        match &self.for_counter {
            Some(counter) => Lane::counter(counter),
            None => Lane::queue(&self.queue_id),
        }
    }
}

/// Letter and at least three digits.
#[must_use]
pub fn printed(letter: &str, number: i64) -> String {
    format!("{letter}{number:03}")
}
