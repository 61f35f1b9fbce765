//! What the feed of calls says.

use motcua_proto::routing::v1 as routing;
use motcua_runtime::grpc;

use crate::model::{Call, Move};

/// What the feed says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A call moved.
    Moved(FeedItem),
    /// A counter opened, paused or closed.
    Counter,
    /// Nothing moved; the feed lives and stands at this sequence number (zero when it does not say).
    Alive(i64),
}

/// One move of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedItem {
    /// Place in the centre's feed.
    pub seq: i64,
    /// What happened.
    pub kind: Move,
    /// To which call.
    pub call: Call,
}

pub(super) fn heard(message: routing::WatchCallsResponse) -> Heard {
    use routing::watch_calls_response::Event;
    let (kind, call) = match message.event {
        Some(Event::Called(call)) => (Move::Called, call),
        Some(Event::Recalled(call)) => (Move::Recalled, call),
        Some(Event::Withdrawn(call)) => (Move::Withdrawn, call),
        Some(Event::Finished(call)) => (Move::Finished, call),
        Some(Event::Arrived(call)) => (Move::Arrived, call),
        Some(Event::Counter(_)) => return Heard::Counter,
        Some(Event::Heartbeat(_)) | None => return Heard::Alive(message.seq),
    };
    let time = grpc::from_timestamp(call.call_time.as_ref()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let call = Call {
        ticket_id: call.ticket_id,
        number: call.ticket_number,
        counter: call.counter_number,
        hall_id: call.hall_id,
        area_id: call.area_id,
        time,
        locale: call.locale,
        to: (!call.to_area_id.is_empty()).then_some((call.to_area_id, call.to_hall_id)),
    };
    Heard::Moved(FeedItem { seq: message.seq, kind, call })
}
