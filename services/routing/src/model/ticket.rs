//! A ticket: one number on paper and where it stands.
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

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
    /// Kept by a counter that serves others meanwhile.
    Held,
    /// Called and not come in time: waits no longer, may re-enter.
    Missed,
    /// Given back by its citizen.
    Cancelled,
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
            Self::Held => 7,
            Self::Missed => 8,
            Self::Cancelled => 9,
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
            7 => Self::Held,
            8 => Self::Missed,
            9 => Self::Cancelled,
            _ => return None,
        })
    }

    /// At a counter: called or being served.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Called | Self::Serving)
    }

    /// Not over: somebody in the hall still holds this number.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Called | Self::Serving | Self::Held | Self::Missed)
    }

    /// In Vietnamese, as refusals and histories name it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Waiting => "đang chờ",
            Self::Called => "đang được gọi",
            Self::Serving => "đang được phục vụ",
            Self::Finished => "đã xong",
            Self::Dropped => "đã vắng đủ số lần",
            Self::Expired => "đã hết ngày",
            Self::Held => "đang được quầy giữ lại",
            Self::Missed => "lỡ lượt",
            Self::Cancelled => "đã hủy",
        }
    }
}

/// Where one stop of a visit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopState {
    /// Not yet: outside of every line.
    Planned,
    /// The one that its ticket waits for or is at.
    Current,
    /// Served.
    Done,
}

/// One procedure of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Queue that serves it.
    pub queue_id: String,
    /// Procedure.
    pub procedure_code: String,
    /// Its name.
    pub procedure_name: String,
    /// Where it stands.
    pub state: StopState,
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
    /// When it was finished, dropped or closed; of a held ticket, since when it is held.
    pub end_time: Option<Timestamp>,
    /// SHA-256 of the paper's secret, hex.
    pub token_hash: Option<String>,
    /// Trace of the tap.
    pub traceparent: Option<String>,
    /// Grows by one with every move.
    pub version: i64,
    /// Every stop of a visit in several departments; empty for one.
    pub stops: Vec<Stop>,
    /// Dossiers still to be handed in here, at least 1.
    pub dossiers: i64,
    /// When an unanswered call lapses.
    pub answer_due: Option<Timestamp>,
    /// Why it is held: "cashier", or words.
    pub hold_reason: String,
    /// Plain wait expected when it was issued, before what the line has learnt, in milliseconds; 0 is unknown.
    pub base_ms: i64,
    /// Within which it was called first with even odds, as told at issue.
    pub promised_p50: Option<Timestamp>,
    /// And with nine chances in ten.
    pub promised_p90: Option<Timestamp>,
    /// When it was called first.
    pub first_call: Option<Timestamp>,
    /// Counter that knows the matter and calls it a little earlier.
    pub wants: Option<String>,
    /// The person was identified at the kiosk (Decree 309/2026); who it is stays there.
    pub identified: bool,
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
