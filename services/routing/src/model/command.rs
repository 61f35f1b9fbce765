//! What may be asked of a centre's queue, what comes out, and why not.
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::appointment::{Appointment, AppointmentState};
use super::block::{Block, Printed, Reconciled};
use super::desk::{Desk, DeskStatus};
use super::estimate::Estimate;
use super::route::Procedure;
use super::ticket::{Ticket, TicketState};

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
    /// Waits in another queue.
    Redirect(String),
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
}

/// What a counter says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskChange {
    /// Whether it calls.
    pub status: DeskStatus,
    /// Of a pause.
    pub reason: String,
    /// The session that works it from now on.
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
    },
    /// A move of a counter's live ticket.
    Move {
        /// The counter.
        counter: String,
        /// The ticket.
        ticket: String,
        /// The move.
        act: Act,
    },
    /// A move of a ticket that is not at a counter.
    Guide {
        /// The ticket.
        ticket: String,
        /// The move.
        guidance: Guidance,
    },
    /// A counter opens, pauses, closes.
    SetCounter {
        /// The counter.
        counter: String,
        /// What it says of itself.
        change: DeskChange,
    },
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
        matches!(self, Self::Expire { .. } | Self::Lapse { .. } | Self::NoShow { .. })
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

/// Why a command was refused. The wire form (reason, sentence, metadata) is made in `grpc`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such centre.
    #[error("centre {0} unknown")]
    CentreUnknown(String),
    /// No such queue.
    #[error("queue {0} unknown")]
    QueueUnknown(String),
    /// No such area.
    #[error("area {0} unknown")]
    AreaUnknown(String),
    /// No such priority class.
    #[error("priority class {0} unknown")]
    ClassUnknown(String),
    /// No such procedure.
    #[error("procedure {0} unknown")]
    ProcedureUnknown(String),
    /// Received at its own agency.
    #[error("procedure {} is kept at its agency", .0.code)]
    ProcedureAtAgency(Box<Procedure>),
    /// Not yet received at the centre.
    #[error("procedure {} has not started", .0.code)]
    ProcedureNotStarted(Box<Procedure>),
    /// No numbers are given now.
    #[error("hall closed: {text}")]
    HallClosed {
        /// When numbers are given again.
        opens: Option<Timestamp>,
        /// The sentence of the door.
        text: String,
    },
    /// No such counter.
    #[error("counter {0} unknown")]
    CounterUnknown(String),
    /// The counter may not call.
    #[error("counter {number} closed")]
    CounterClosed {
        /// Its id.
        counter: String,
        /// As shown.
        number: i32,
    },
    /// The counter already holds a ticket.
    #[error("counter {counter} holds {printed}")]
    CounterBusy {
        /// The counter.
        counter: String,
        /// What it holds.
        ticket: String,
        /// Its number.
        printed: String,
    },
    /// No such ticket at this centre.
    #[error("ticket {0} unknown")]
    TicketUnknown(String),
    /// The ticket is not called.
    #[error("ticket {printed} is {state:?}, not live")]
    TicketNotLive {
        /// The ticket.
        ticket: String,
        /// Its number.
        printed: String,
        /// Where it stands.
        state: TicketState,
    },
    /// Another counter holds the ticket.
    #[error("ticket {printed} is held by counter {number}")]
    TicketNotYours {
        /// The ticket.
        ticket: String,
        /// Its number.
        printed: String,
        /// Who has it.
        counter: String,
        /// As shown.
        number: i32,
    },
    /// The counter pauses.
    #[error("counter {number} pauses")]
    CounterPaused {
        /// Its id.
        counter: String,
        /// As shown.
        number: i32,
        /// Why.
        reason: String,
    },
    /// Another session works the counter.
    #[error("counter {number} is worked by another session")]
    CounterTaken {
        /// Its id.
        counter: String,
        /// As shown.
        number: i32,
        /// Whose session.
        officer: String,
    },
    /// No calls are made now.
    #[error("calls closed: {text}")]
    CallsClosed {
        /// The sentence of the door.
        text: String,
    },
    /// The move is not allowed in the ticket's state.
    #[error("ticket {printed} is {state:?}, allowed: {allowed}")]
    TicketState {
        /// The ticket.
        ticket: String,
        /// Its number.
        printed: String,
        /// Where it stands.
        state: TicketState,
        /// States in which the move is allowed, in Vietnamese.
        allowed: &'static str,
    },
    /// The queue's numbers of the day are given out.
    #[error("queue {queue} has given its {quota} numbers")]
    QuotaReached {
        /// Queue.
        queue: String,
        /// Its name.
        name: String,
        /// Numbers a day.
        quota: i64,
        /// When to come back, and how people read it.
        opens: Option<(Timestamp, String)>,
    },
    /// The backlog leaves no time today.
    #[error("queue {queue} has no time left today")]
    TooLate {
        /// Queue.
        queue: String,
        /// Its name.
        name: String,
        /// When to come back, and how people read it.
        opens: Option<(Timestamp, String)>,
    },
    /// The counter has done nothing that can be taken back.
    #[error("nothing to undo")]
    NothingToUndo,
    /// The time for it is over.
    #[error("too late to undo")]
    UndoTooLate {
        /// Seconds that there are.
        seconds: i64,
    },
    /// Somebody has moved the ticket since.
    #[error("ticket {printed} has moved since")]
    UndoOvertaken {
        /// Its number.
        printed: String,
    },
    /// The queue takes no bookings.
    #[error("queue {0} takes no bookings")]
    AppointmentsNone(String),
    /// There is no such time.
    #[error("no slot at {slot} in queue {queue}")]
    SlotUnknown {
        /// Queue.
        queue: String,
        /// The time asked for.
        slot: Timestamp,
    },
    /// The time is over.
    #[error("slot {0} is past")]
    SlotPast(Timestamp),
    /// Everybody else was faster.
    #[error("slot {slot} of queue {queue} is full")]
    SlotFull {
        /// Queue.
        queue: String,
        /// The time asked for.
        slot: Timestamp,
    },
    /// No such booking.
    #[error("appointment unknown")]
    AppointmentUnknown,
    /// The move is not allowed in the booking's state.
    #[error("appointment is {0:?}")]
    AppointmentState(AppointmentState),
    /// The booking is another day's.
    #[error("appointment is for {0}")]
    AppointmentDay(Date, Timestamp),
    /// Numbers are lent for today and the next two working days only.
    #[error("no numbers are lent for {0}")]
    BlockDay(Date),
    /// The series has no room for a block.
    #[error("series {0} has no room for a block")]
    BlockNoRoom(String),
    /// A visit's procedures are too many or the same.
    #[error("stops of a visit: {0}")]
    Stops(&'static str),
    /// A transfer to where the ticket already is.
    #[error("transfer to the same counter")]
    TransferNowhere,
    /// The same secret was already used for another ticket.
    #[error("ticket token used before")]
    TokenReused,
    /// The request id was used with another body.
    #[error("request id reused")]
    RequestReused,
}
