//! What the kiosk knows of the centre, in its own words: no wire types here.

mod procedure;

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub use procedure::{Component, Procedure, Reception};

/// The centre as last heard.
#[derive(Debug, Clone)]
pub struct Centre {
    /// Id.
    pub id: String,
    /// Name of the centre.
    pub name: String,
    /// Address for people.
    pub address: String,
    /// Telephone for people.
    pub hotline: String,
    /// The time zone of its clocks.
    pub zone: TimeZone,
    /// Version of its configuration.
    pub version: i64,
    /// Waiting areas.
    pub areas: Vec<Area>,
    /// Halls with a board each.
    pub halls: Vec<Hall>,
    /// Queues and what leads to them.
    pub queues: Vec<Queue>,
    /// Counters, in the order of the centre's file.
    pub counters: Vec<Counter>,
    /// What boards tell the hall.
    pub notices: Vec<Notice>,
    /// Classes that a citizen may claim at the kiosk.
    pub priorities: Vec<Priority>,
    /// Class by what boards and papers may say of it: "supplement", "appointment".
    pub tags: HashMap<String, String>,
    /// Where everything without a rule goes.
    pub guidance_queue_id: String,
    /// Whether numbers are given now.
    pub opening: Opening,
}

/// A waiting area: its letter and colour return on ticket, board and sign.
#[derive(Debug, Clone, Serialize)]
pub struct Area {
    /// Id.
    pub id: String,
    /// One letter.
    pub letter: String,
    /// Name.
    pub name: String,
    /// "#rrggbb".
    pub colour: String,
    /// The hall whose board calls it.
    pub hall_id: String,
    /// People waiting.
    pub waiting: u32,
    /// Waiting time, when known.
    pub wait: Wait,
}

/// A range of waiting time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// People before a newcomer.
    pub ahead: u32,
    /// Minutes from; zero with `minutes_max` zero means "not known yet".
    pub minutes_min: u32,
    /// Minutes to.
    pub minutes_max: u32,
}

impl Wait {
    /// From seconds, rounded outwards to minutes and, beyond ten, to five minutes: a range is never falsely precise.
    #[must_use]
    pub fn from_seconds(ahead: u32, seconds_min: u32, seconds_max: u32) -> Self {
        let step = |minutes: u32| if minutes > 10 { 5 } else { 1 };
        let (low, high) = (seconds_min / 60, seconds_max.div_ceil(60));
        Self { ahead, minutes_min: low / step(low) * step(low), minutes_max: high.div_ceil(step(high)) * step(high) }
    }

    /// Minutes from and to, when known.
    #[must_use]
    pub fn minutes(&self) -> Option<(u32, u32)> {
        (self.minutes_max > 0).then_some((self.minutes_min, self.minutes_max))
    }
}

/// A hall.
#[derive(Debug, Clone, Serialize)]
pub struct Hall {
    /// Id, as in `/board/{hall}`.
    pub id: String,
    /// Name.
    pub name: String,
}

/// A counter as its display shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Id.
    pub id: String,
    /// As shown and spoken.
    pub number: i32,
    /// Its hall.
    pub hall_id: String,
    /// Whether it calls.
    pub state: CounterState,
    /// Why it pauses, may be empty.
    pub reason: String,
    /// The number that is called or served, may be empty.
    pub ticket: String,
}

/// Whether a counter calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CounterState {
    /// It does.
    Open,
    /// Not for a while.
    Paused,
    /// Not today any more, or not yet.
    Closed,
}

/// A sentence of the centre's for its halls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Halls that show it; none is all.
    pub halls: Vec<String>,
    /// First local day.
    pub from: Option<jiff::civil::Date>,
    /// Last local day.
    pub to: Option<jiff::civil::Date>,
}

impl Notice {
    /// Whether it is shown in one of these halls on this day.
    #[must_use]
    pub fn holds(&self, halls: &[String], today: jiff::civil::Date) -> bool {
        let here = self.halls.is_empty() || halls.is_empty() || self.halls.iter().any(|hall| halls.contains(hall));
        here && self.from.is_none_or(|from| from <= today) && self.to.is_none_or(|to| today <= to)
    }
}

/// A queue and the departments, fields and procedures that lead to it.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Id.
    pub id: String,
    /// Its area.
    pub area_id: String,
    /// Name.
    pub name: String,
    /// Department names.
    pub departments: Vec<String>,
    /// Field codes.
    pub fields: Vec<String>,
    /// Procedure codes.
    pub procedures: Vec<String>,
    /// Numbers given on the day of the answer.
    pub issued: u32,
    /// Numbers a day at most.
    pub quota: Option<u32>,
}

impl Queue {
    /// Whether it has given all of its numbers of the day.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.quota.is_some_and(|quota| self.issued >= quota)
    }
}

/// A class of the centre's configuration.
#[derive(Debug, Clone, Serialize)]
pub struct Priority {
    /// Id.
    pub id: String,
    /// "Người từ 80 tuổi".
    pub name: String,
}

/// Whether the centre is open.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Numbers are given.
    pub open: bool,
    /// One sentence for people.
    pub text: String,
    /// `--clock` moves time.
    pub simulated: bool,
    /// The centre's time when it answered.
    pub now: Option<Timestamp>,
    /// When numbers are given: what was left of that day, and the next working days.
    pub windows: Vec<(Timestamp, Timestamp)>,
}

impl Opening {
    /// Whether numbers are given at a moment, also without asking the centre.
    #[must_use]
    pub fn gives(&self, at: Timestamp) -> bool {
        self.windows.iter().any(|(from, until)| *from <= at && at < *until)
    }

    /// When numbers are given next.
    #[must_use]
    pub fn next(&self, at: Timestamp) -> Option<Timestamp> {
        self.windows.iter().map(|(from, _)| *from).filter(|from| *from > at).min()
    }
}

impl Centre {
    /// An area by id.
    #[must_use]
    pub fn area(&self, id: &str) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == id)
    }

    /// The queue a procedure leads to: its own rule, else its field's, else its department's, else the guidance desk.
    #[must_use]
    pub fn queue_of(&self, procedure: &Procedure) -> Option<&Queue> {
        let has = |rules: &[String], value: &str| !value.is_empty() && rules.iter().any(|rule| rule == value);
        let by = |test: &dyn Fn(&Queue) -> bool| self.queues.iter().find(|queue| test(queue));
        by(&|queue| has(&queue.procedures, &procedure.code))
            .or_else(|| by(&|queue| has(&queue.fields, &procedure.field_code)))
            .or_else(|| by(&|queue| has(&queue.departments, &procedure.department)))
            .or_else(|| by(&|queue| queue.id == self.guidance_queue_id))
    }

    /// Whether every queue of an area has given all of its numbers of the day.
    #[must_use]
    pub fn is_full(&self, area_id: &str) -> bool {
        let mut own = self.queues.iter().filter(|queue| queue.area_id == area_id).peekable();
        own.peek().is_some() && own.all(Queue::is_full)
    }

    /// The class that goes with a tag; empty is none.
    #[must_use]
    pub fn class_of(&self, tag: &str) -> &str {
        self.tags.get(tag).map_or("", String::as_str)
    }

    /// A queue by id.
    #[must_use]
    pub fn queue(&self, id: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// The area a procedure leads to.
    #[must_use]
    pub fn area_of(&self, procedure: &Procedure) -> Option<&Area> {
        self.area(&self.queue_of(procedure)?.area_id)
    }
}

/// What a number is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A procedure.
    Procedure(String),
    /// A queue, such as the guidance desk's.
    Queue(String),
    /// An area.
    Area(String),
    /// A booked time, by its secret.
    Appointment(String),
}

/// A number as routing gave it, or as it was taken from what routing has lent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Id.
    pub id: String,
    /// "A001".
    pub number: String,
    /// Area to wait in.
    pub area_id: String,
    /// Procedure, may be empty.
    pub procedure_name: String,
    /// Class, empty is none.
    pub priority_class: String,
    /// When it was taken.
    #[serde(with = "microseconds")]
    pub arrival: Timestamp,
    /// What to expect.
    pub wait: Option<Wait>,
    /// Came after the booked time: it ranks by its arrival.
    #[serde(default)]
    pub late: bool,
    /// Of a visit for several procedures, each of them, the first one first; empty for one.
    #[serde(default)]
    pub errands: Vec<Errand>,
    /// Names of procedures that were asked for and are not on this number: it was given without the centre.
    #[serde(default)]
    pub left_out: Vec<String>,
}

/// One procedure of a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Errand {
    /// Name.
    pub name: String,
    /// Where it is received.
    pub area_id: String,
}

pub(crate) mod microseconds {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(time: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(time.as_microsecond())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_microsecond(i64::deserialize(from)?).map_err(D::Error::custom)
    }
}

/// A call as boards show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Ticket's id.
    pub ticket_id: String,
    /// "A001".
    pub number: String,
    /// As spoken: 5 is "Quầy 5".
    pub counter: i32,
    /// Hall.
    pub hall_id: String,
    /// Area.
    pub area_id: String,
    /// When.
    pub time: Timestamp,
    /// The ticket's language, "vi", "km" or "en".
    pub locale: String,
    /// Sent on to another area, when it was taken back: that area and its hall.
    pub to: Option<(String, String)>,
}

/// What happened to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Move {
    /// First call.
    Called,
    /// Called once more.
    Recalled,
    /// Came to the counter.
    Arrived,
    /// Taken back.
    Withdrawn,
    /// Served.
    Finished,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ranges_are_rounded_outwards() {
        let minutes = |min, max| Wait::from_seconds(1, min, max).minutes();
        assert_eq!(minutes(0, 0), None);
        assert_eq!(minutes(200, 301), Some((3, 6)));
        assert_eq!(minutes(17 * 60, 31 * 60), Some((15, 35)));
    }
}
