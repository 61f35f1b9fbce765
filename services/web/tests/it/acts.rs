//! The double of routing: what an act of a counter, or of a paper's holder, does to a ticket, and who may.

use motcua_proto::routing::v1::{self as routing, TicketState};
use motcua_runtime::grpc::{self, timestamp};
use tonic::{Code, Request, Status};

use crate::doubles::Doubles;
use crate::hall::TICKET_TOKEN;

/// A request of a counter's screen.
pub trait AtCounter {
    fn seat(&self) -> (&str, &str);
}

macro_rules! at_counter {
    ($($request:ident)*) => {$(
        impl AtCounter for routing::$request {
            fn seat(&self) -> (&str, &str) {
                (&self.counter_id, &self.session)
            }
        }
    )*};
}

at_counter! {
    CallNextRequest CallTicketRequest RecallRequest MarkArrivedRequest FinishRequest MarkAbsentRequest TransferRequest
    HoldRequest TakeBackRequest ReturnToCounterRequest RedirectRequest ReenterRequest SetPriorityRequest UndoRequest
    LeaveCounterRequest
}

impl Doubles {
    /// Notes who asks, and refuses a screen whose counter another one works.
    pub fn at<T: AtCounter>(&self, what: &str, request: &Request<T>) -> Result<(), Status> {
        self.0.enter(what, request)?;
        match request.get_ref().seat() {
            ("", _) => Ok(()),
            (counter, session) => self.held_by(counter, session),
        }
    }

    /// The ticket of a paper: the token's last two digits.
    pub fn holder(&self, token: &str) -> Result<String, Status> {
        let id = token.strip_prefix(&TICKET_TOKEN[..21]).map(|n| format!("t{n}"));
        let known = self
            .0
            .tickets
            .lock()
            .unwrap()
            .iter()
            .any(|t| Some(&t.id) == id.as_ref() && t.state() == TicketState::Waiting);
        id.filter(|_| known)
            .ok_or_else(|| grpc::status(Code::FailedPrecondition, "TICKET_STATE", "Xin tải lại danh sách.", &[]))
    }

    pub fn busy(&self, counter: &str) -> Option<Status> {
        self.0.live(counter).map(|t| {
            let message = format!("Quầy đang có số {}. Xin kết thúc trước khi gọi.", t.number);
            grpc::status(Code::FailedPrecondition, "COUNTER_BUSY", message, &[])
        })
    }

    pub fn held_by(&self, counter: &str, session: &str) -> Result<(), Status> {
        let counter = self.0.counter(counter).unwrap();
        if counter.session.is_empty() || session.is_empty() || counter.session == session {
            return Ok(());
        }
        let text = format!("Quầy {} đang mở ở một màn hình khác ({}).", counter.number, counter.officer);
        Err(grpc::status(Code::FailedPrecondition, "COUNTER_TAKEN", text, &[]))
    }

    pub fn call(&self, id: &str, counter: &str) -> Result<Option<routing::Ticket>, Status> {
        let now = self.0.now;
        self.act(id, "called", |t| {
            t.set_state(TicketState::Called);
            t.counter_id = counter.to_owned();
            t.call_time = Some(timestamp(now));
        })
    }

    pub fn act(
        &self,
        id: &str,
        act: &str,
        change: impl FnOnce(&mut routing::Ticket),
    ) -> Result<Option<routing::Ticket>, Status> {
        let gone = || {
            grpc::status(Code::FailedPrecondition, "TICKET_NOT_LIVE", "Quầy 6 vừa gọi số này. Mời gọi số kế tiếp.", &[])
        };
        self.0.change(id, act, change).map(Some).ok_or_else(gone)
    }

    /// As [`Self::act`], and can be undone.
    pub fn undoable(
        &self,
        id: &str,
        act: &str,
        change: impl FnOnce(&mut routing::Ticket),
    ) -> Result<Option<routing::Ticket>, Status> {
        let before = self.0.tickets.lock().unwrap().iter().find(|t| t.id == id).cloned();
        let after = self.act(id, act, change)?;
        *self.0.undo.lock().unwrap() = before.map(|before| (act.to_owned(), before));
        Ok(after)
    }
}
