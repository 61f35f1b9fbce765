//! A centre as its TOML file states it: areas, halls, queues, counters, classes, hours.
mod check;
mod file;
mod hours;
mod notices;
mod read;
mod rules;
mod sharing;

pub use file::{FileError, Problem};
pub use hours::{Hours, Opening};
pub use read::{Read, read};

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use super::appointment::Bookings;
use super::ticket::Lane;

/// A centre in force. Built only by [`read`], so every reference inside it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Centre {
    /// Short id: lower-case letters, digits, dashes.
    pub id: String,
    /// Official name.
    pub name: String,
    /// Province that heads the official forms.
    pub province: String,
    /// Agency code that heads dossier codes, for example "000.00.00.H61".
    pub agency_code: String,
    /// Postal address.
    pub address: String,
    /// Telephone for citizens.
    pub hotline: String,
    /// IANA name of the time zone.
    pub time_zone: String,
    /// Sessions, ticket windows, days off.
    pub hours: Hours,
    /// Halls, each with its board.
    pub halls: Vec<Hall>,
    /// Areas, each with its letter and colour.
    pub areas: Vec<Area>,
    /// Queues and the rules that lead to them.
    pub queues: Vec<Queue>,
    /// Counters and what they serve.
    pub counters: Vec<Counter>,
    /// Classes with a head start.
    pub priority_classes: Vec<PriorityClass>,
    /// Second chances.
    pub absence: Absence,
    /// How calls are answered, undone and limited.
    pub calls: Calls,
    /// Where everything without a rule goes.
    pub guidance_queue: String,
    /// What boards tell the halls.
    pub notices: Vec<Notice>,
    /// Of each queue, who takes work off each other there.
    pub sharing: BTreeMap<String, Sharing>,
}

/// Queues that share counters, directly or through others, and those counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sharing {
    /// Lanes of the queues.
    pub queues: Vec<Lane>,
    /// Places in [`Centre::counters`].
    pub counters: Vec<usize>,
}

/// A sentence for the halls' boards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Halls that show it; none is all.
    pub halls: Vec<String>,
    /// First local day.
    pub from: Option<Date>,
    /// Last local day.
    pub to: Option<Date>,
}

/// A hall and its board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// An area of a hall: a letter and a colour that return on ticket, board and floor sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// Id.
    pub id: String,
    /// One or two capital letters that head its numbers.
    pub letter: String,
    /// Name.
    pub name: String,
    /// "#rrggbb", dark enough for white text.
    pub colour: String,
    /// Hall it lies in.
    pub hall: String,
}

/// A queue and the rules that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Id.
    pub id: String,
    /// Area its numbers belong to.
    pub area: String,
    /// Name.
    pub name: String,
    /// Departments whose procedures come here.
    pub departments: Vec<String>,
    /// Field codes; stronger than departments.
    pub fields: Vec<String>,
    /// Procedure codes; stronger than fields.
    pub procedures: Vec<String>,
    /// People of a day at most: beyond, no number is given. Who is promised a stop or sent here counts and is not refused.
    pub quota: Option<i64>,
    /// Times that can be booked.
    pub appointments: Option<Bookings>,
}

/// A counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Id.
    pub id: String,
    /// As shown and spoken.
    pub number: i32,
    /// Name.
    pub name: String,
    /// Hall it stands in.
    pub hall: String,
    /// Whether it may call.
    pub open: bool,
    /// Queues it serves.
    pub skills: Vec<Skill>,
}

/// A queue that a counter serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skill {
    /// Queue.
    pub queue: String,
    /// Minutes by which this counter prefers it.
    pub preference_minutes: i64,
}

/// A class of people who are called earlier than their arrival alone would say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriorityClass {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Minutes.
    pub head_start_minutes: i64,
    /// "priority", "appointment", "supplement" or "".
    pub tag: String,
}

/// What happens to who does not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Dropped at this many absences.
    pub max: i32,
    /// Minutes after which an absent ticket ranks again.
    pub delay_minutes: i64,
}

/// How calls are answered, undone and limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calls {
    /// Seconds, of people and not of an accelerated clock, in which a call must be answered; 0 is for ever. Then the number is
    /// missed ("Lỡ lượt").
    pub answer_seconds: i64,
    /// The same for a class with a head start.
    pub priority_answer_seconds: i64,
    /// Seconds, of people as well, in which a counter may take its last act back.
    pub undo_seconds: i64,
    /// A missed number re-enters behind so many.
    pub reenter_after: usize,
    /// Dossiers taken in one call at most; 0 is any number. The rest waits again with its arrival.
    pub dossiers_max: i64,
    /// Minutes by which a counter prefers somebody whose language it speaks.
    pub language_preference_minutes: i64,
    /// Minutes by which a counter prefers who comes back to it, such as with a supplement to a dossier that it received.
    pub same_counter_preference_minutes: i64,
    /// Calls are made from so long before a session; none is at any time.
    pub opens_before_minutes: Option<i64>,
    /// Calls are made until so long after a session.
    pub closes_after_minutes: i64,
    /// No number is given that the backlog leaves no time for today.
    pub last_ticket_by_backlog: bool,
    /// Who asked for it is told that their turn is near when at most so many are ahead,
    pub soon_people: i64,
    /// or when they will be called within so many minutes with even odds; 0: only the people count.
    pub soon_minutes: i64,
    /// Another session may work a counter whose own one was not heard for so long, by the machine's clock.
    pub silent_seconds: i64,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            answer_seconds: 0,
            priority_answer_seconds: 0,
            undo_seconds: 10,
            reenter_after: 2,
            dossiers_max: 0,
            language_preference_minutes: 10,
            same_counter_preference_minutes: 10,
            opens_before_minutes: None,
            closes_after_minutes: 120,
            last_ticket_by_backlog: false,
            soon_people: 3,
            soon_minutes: 10,
            silent_seconds: 120,
        }
    }
}

impl Centre {
    /// The centre's own date at that moment.
    #[must_use]
    pub fn day(&self, now: Timestamp) -> Date {
        self.hours.calendar.local_date(now)
    }

    /// Whether numbers are called by themselves now: as long as calls may be made, and never before the doors open where they
    /// may be made at any time.
    #[must_use]
    pub fn calls_by_themselves(&self, now: Timestamp) -> bool {
        let before = self.calls.opens_before_minutes.unwrap_or(0);
        self.hours.calls_open(now, before, self.calls.closes_after_minutes)
    }

    /// An area by id.
    #[must_use]
    pub fn area(&self, id: &str) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == id)
    }

    /// A queue by id.
    #[must_use]
    pub fn queue(&self, id: &str) -> Option<&Queue> {
        self.queues.iter().find(|queue| queue.id == id)
    }

    /// A counter by id.
    #[must_use]
    pub fn counter(&self, id: &str) -> Option<&Counter> {
        self.counters.iter().find(|counter| counter.id == id)
    }

    /// A priority class by id.
    #[must_use]
    pub fn class(&self, id: &str) -> Option<&PriorityClass> {
        self.priority_classes.iter().find(|class| class.id == id)
    }

    /// Counters that serve a queue.
    pub fn serving<'a>(&'a self, queue: &'a str) -> impl Iterator<Item = &'a Counter> {
        self.counters.iter().filter(move |counter| counter.skills.iter().any(|skill| skill.queue == queue))
    }
}
