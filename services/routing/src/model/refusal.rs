//! Why a command was refused.
use jiff::{Timestamp, civil::Date};

use super::appointment::AppointmentState;
use super::route::Procedure;
use super::ticket::TicketState;

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
        /// Where it stands.
        state: TicketState,
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
