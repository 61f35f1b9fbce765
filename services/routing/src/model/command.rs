//! What may be asked of a centre's queue, what comes out, and why not.
use std::sync::Arc;

use jiff::Timestamp;

use super::estimate::Estimate;
use super::route::Procedure;
use super::ticket::Ticket;

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
    /// Closes what is left of earlier days; the ids are those found beforehand.
    Expire {
        /// Tickets to close.
        tickets: Vec<String>,
    },
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
    Moved(Arc<Ticket>, Act),
    /// So many were closed.
    Expired(usize),
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
    #[error("ticket {printed} is not live")]
    TicketNotLive {
        /// The ticket.
        ticket: String,
        /// Its number.
        printed: String,
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
