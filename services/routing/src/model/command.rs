//! What may be asked of a centre's queue, what comes out, and why not.
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::appointment::Appointment;
use super::block::{Block, Printed, Reconciled};
use super::desk::{Desk, DeskStatus};
use super::estimate::Estimate;
use super::ticket::Ticket;

pub use super::refusal::Refusal;

/// What a citizen wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A procedure by its code.
    Procedure(String),
    /// A queue by its id.
    Queue(String),
    /// An area by its id.
    Area(String),
}

/// Where a ticket is sent on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// A queue.
    Queue(String),
    /// One counter, which alone may call it.
    Counter(String),
}

/// What a counter does with its live ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Call again.
    Recall,
    /// The citizen is there.
    Arrive,
    /// Served.
    Finish,
    /// Nobody came.
    Absent,
    /// Sent on.
    Transfer(To),
    /// Kept while others are served, with the reason.
    Hold(String),
    /// A kept ticket is served again.
    TakeBack,
    /// The counter's last act never was.
    Undo,
}

/// What happens to a ticket that is not at a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guidance {
    /// Waits in another queue, with the reason for which having been missed does not matter; mostly none.
    Redirect(String, String),
    /// Missed, waits again.
    Reenter,
    /// Held, comes next at its counter.
    Return,
    /// Class corrected, with the reason.
    Priority(String, String),
    /// Given back.
    Cancel,
    /// Further back by so many minutes.
    Postpone(i64),
    /// Its holder wants to be told of their turn, or no longer. No move.
    Notice(bool),
}

/// A screen that works a counter; both empty for nobody in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seat {
    /// The counter.
    pub counter: String,
    /// The session of the screen.
    pub session: String,
}

/// What a counter says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskChange {
    /// Whether it calls.
    pub status: DeskStatus,
    /// Of a pause.
    pub reason: String,
    /// The session that works it from now on; empty leaves that as it is.
    pub session: String,
    /// Another session's counter is taken.
    pub take_over: bool,
    /// Who says so.
    pub officer: String,
    /// Languages beside Vietnamese.
    pub languages: Vec<String>,
    /// The next number comes by itself.
    pub auto_call: bool,
}

/// A new number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// What for.
    pub target: Target,
    /// Priority class, empty for none.
    pub priority_class: String,
    /// "vi", "km" or "en".
    pub locale: String,
    /// SHA-256 of the paper's secret, hex.
    pub token_hash: Option<String>,
    /// Trace of the tap.
    pub traceparent: Option<String>,
    /// Further procedures of the same visit.
    pub more: Vec<String>,
    /// Dossiers brought, at least 1.
    pub dossiers: i64,
    /// Counter that knows the matter.
    pub wants: Option<String>,
    /// The person was identified at the kiosk.
    pub identified: bool,
}

/// A change asked of one centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Gives a number.
    Issue(Issue),
    /// Claims the next ticket for a counter.
    CallNext {
        /// The counter.
        counter: String,
        /// Finish its live ticket in the same act.
        finish_current: bool,
        /// The session that asks, empty for none.
        session: String,
    },
    /// Claims one ticket out of turn.
    CallTicket {
        /// The counter.
        counter: String,
        /// The ticket.
        ticket: String,
        /// Why.
        reason: String,
        /// The session that asks, empty for none.
        session: String,
    },
    /// A move of a counter's live ticket.
    Move {
        /// The counter.
        counter: String,
        /// The ticket.
        ticket: String,
        /// The move.
        act: Act,
        /// The session that asks, empty for none.
        session: String,
    },
    /// A move of a ticket that is not at a counter.
    Guide {
        /// The ticket.
        ticket: String,
        /// The move.
        guidance: Guidance,
        /// Where it is done: at a counter, or at any other desk.
        seat: Seat,
    },
    /// A counter opens, pauses, closes.
    SetCounter {
        /// The counter.
        counter: String,
        /// What it says of itself.
        change: DeskChange,
    },
    /// A session works a counter no longer.
    Leave(Seat),
    /// Books a time.
    Book {
        /// A procedure or a queue.
        target: Target,
        /// The time.
        slot: Timestamp,
        /// SHA-256 of the booking's secret, hex.
        token_hash: String,
    },
    /// Gives a booked time back.
    CancelAppointment(String),
    /// Whoever booked is here.
    CheckIn {
        /// The booking.
        appointment: String,
        /// The number's paper; its target is the booking's.
        issue: Issue,
    },
    /// Bookings whose time is over; the ids are those found beforehand.
    NoShow {
        /// Bookings to look at.
        appointments: Vec<String>,
    },
    /// A kiosk borrows numbers.
    Lend {
        /// The kiosk.
        kiosk: String,
        /// Area whose series it is.
        area: String,
        /// Local day; none is today.
        day: Option<Date>,
        /// Numbers wanted.
        size: i64,
        /// The block that is used up.
        used_up: String,
    },
    /// A kiosk tells what it printed.
    Reconcile {
        /// The kiosk.
        kiosk: String,
        /// When it last heard from the centre.
        last_contact: Timestamp,
        /// In the order printed.
        printed: Vec<Printed>,
    },
    /// Calls that nobody answered in time; the ids are those found beforehand.
    Lapse {
        /// Tickets to look at.
        tickets: Vec<String>,
    },
    /// Calls may be made from now on: for counters that get their numbers by themselves.
    CallsOpen,
    /// Closes what is left of earlier days; the ids are those found beforehand.
    Expire {
        /// Tickets to close.
        tickets: Vec<String>,
    },
}

impl Command {
    /// Made by the service itself, for nobody who waits for an answer.
    #[must_use]
    pub const fn is_sweep(&self) -> bool {
        matches!(self, Self::Expire { .. } | Self::Lapse { .. } | Self::NoShow { .. } | Self::CallsOpen)
    }

    /// The counter at which it is done and the session that does it there. How a counter changes hands is for the rules of
    /// `SetCounter`.
    #[must_use]
    pub fn seat(&self) -> Option<(&str, &str)> {
        match self {
            Self::CallNext { counter, session, .. }
            | Self::CallTicket { counter, session, .. }
            | Self::Move { counter, session, .. } => Some((counter, session)),
            Self::Guide { seat, .. } if !seat.counter.is_empty() => Some((&seat.counter, &seat.session)),
            Self::Leave(seat) => Some((&seat.counter, &seat.session)),
            Self::Guide { .. }
            | Self::Issue(_)
            | Self::SetCounter { .. }
            | Self::Book { .. }
            | Self::CancelAppointment(_)
            | Self::CheckIn { .. }
            | Self::NoShow { .. }
            | Self::Lend { .. }
            | Self::Reconcile { .. }
            | Self::Lapse { .. }
            | Self::CallsOpen
            | Self::Expire { .. } => None,
        }
    }
}

/// A claim of a ticket by a counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Id.
    pub id: String,
    /// When.
    pub time: Timestamp,
    /// Why this ticket.
    pub reason: String,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A number was given.
    Issued(Arc<Ticket>, Estimate),
    /// A ticket was claimed.
    Called(Arc<Ticket>, Call),
    /// Nobody is waiting for this counter.
    Nobody,
    /// The ticket after its move.
    Moved(Arc<Ticket>),
    /// A counter after its change.
    Counter(String, Box<Desk>),
    /// A booking after its move.
    Appointment(Appointment),
    /// A number given for a booking, and whether its time was over.
    CheckedIn(Arc<Ticket>, Estimate, bool),
    /// Numbers lent.
    Lent(Block),
    /// What became of each printed ticket.
    Reconciled(Vec<(String, Option<Arc<Ticket>>, Reconciled)>),
    /// So many were closed, or had lapsed.
    Swept(usize),
}
