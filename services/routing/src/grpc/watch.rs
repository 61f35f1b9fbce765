//! The feeds: a centre's events as boards and consoles see them.
use std::time::Duration;

use motcua_bus::Event;
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::watch_calls_response::Event as CallEvent;
use motcua_proto::routing::v1::watch_queue_response::Event as QueueEvent;
use motcua_runtime::Clock;
use motcua_runtime::grpc::{Code, Response, Status, status, timestamp, unavailable};
use prost::Message as _;
use tokio::time::Instant;

use super::refusal::to_status;
use super::{Answer, Api, Feed, check};
use crate::feed::{Next, Reader};
use crate::model::command::Refusal;
use crate::model::ticket::TicketState;
use crate::queries;

const HEARTBEAT: Duration = Duration::from_secs(5);

pub(super) async fn calls(api: &Api, request: pb::WatchCallsRequest) -> Answer<Feed<pb::WatchCallsResponse>> {
    let reader = open(api, &request.centre_id, request.after_seq).await?;
    if !request.hall_id.is_empty() {
        let in_force = api.in_force(&request.centre_id).await?;
        if !in_force.centre.halls.iter().any(|hall| hall.id == request.hall_id) {
            let text = "Không có sảnh này. Xin kiểm tra địa chỉ của bảng hiển thị.";
            return Err(status(Code::NotFound, "HALL_UNKNOWN", text, &[("hall_id", &request.hall_id)]));
        }
    }
    Ok(stream(
        reader,
        api.clock.clone(),
        move |event| board(event, &request.hall_id),
        |seq, beat| pb::WatchCallsResponse { seq, event: Some(CallEvent::Heartbeat(beat)) },
    ))
}

pub(super) async fn queue(api: &Api, request: pb::WatchQueueRequest) -> Answer<Feed<pb::WatchQueueResponse>> {
    let reader = open(api, &request.centre_id, request.after_seq).await?;
    if !request.queue_id.is_empty() {
        let in_force = api.in_force(&request.centre_id).await?;
        if in_force.centre.queue(&request.queue_id).is_none() {
            return Err(to_status(Refusal::QueueUnknown(request.queue_id).into()));
        }
    }
    Ok(stream(
        reader,
        api.clock.clone(),
        move |event| moved(event, &request.queue_id),
        |seq, beat| pb::WatchQueueResponse { seq, event: Some(QueueEvent::Heartbeat(beat)) },
    ))
}

async fn open(api: &Api, centre_id: &str, after_seq: i64) -> Result<Reader, Status> {
    if after_seq < -1 {
        return Err(check::bad("after_seq", "after_seq phải từ -1 trở lên."));
    }
    let in_force = api.in_force(centre_id).await?;
    let day_start = queries::day_start(&in_force.centre, api.clock.now());
    Reader::open(&api.feeds, &api.db, centre_id, after_seq, day_start, api.shutdown.clone())
        .await
        .map_err(|error| to_status(error.into()))
}

/// Events that `pick` wants, and a heartbeat when nothing was sent for five seconds. It is pulled by the client, so a slow
/// one holds a page of events and no more.
fn stream<T: Send + 'static>(
    reader: Reader,
    clock: Clock,
    pick: impl Fn(&Event) -> Option<T> + Send + 'static,
    heartbeat: fn(i64, pb::Heartbeat) -> T,
) -> Response<Feed<T>> {
    let state = Some((reader, clock, pick));
    let items = futures::stream::unfold(state, move |state| async move {
        let (mut reader, clock, pick) = state?;
        let sent = Instant::now();
        let beat = |seq, clock: &Clock| heartbeat(seq, pb::Heartbeat { time: Some(timestamp(clock.now())) });
        loop {
            let item = match reader.next().await {
                Ok(Next::Event(event)) => match pick(&event) {
                    Some(item) => item,
                    None if sent.elapsed() >= HEARTBEAT => beat(event.sequence, &clock),
                    None => continue,
                },
                Ok(Next::Quiet(seq)) => beat(seq, &clock),
                Ok(Next::TooSlow) => {
                    let text = "Bên nhận quá chậm so với dòng sự kiện. Xin nối lại từ số thứ tự cuối cùng.";
                    return Some((Err(status(Code::ResourceExhausted, "FEED_TOO_SLOW", text, &[])), None));
                }
                Ok(Next::Stopped) => return Some((Err(unavailable("SHUTTING_DOWN")), None)),
                Err(error) => return Some((Err(to_status(error.into())), None)),
            };
            return Some((Ok(item), Some((reader, clock, pick))));
        }
    });
    Response::new(Box::pin(items))
}

fn ticket_event(event: &Event) -> Option<pb::TicketEvent> {
    if !event.r#type.starts_with("ticket.") {
        return None;
    }
    // Written by ourselves; a broken row must not stop a board.
    pb::TicketEvent::decode(event.data.as_ref())
        .inspect_err(|error| tracing::error!(%error, event = event.id, "event of the feed does not read"))
        .ok()
}

fn counter_event(event: &Event) -> Option<pb::CounterMoved> {
    if event.r#type != "counter.changed" {
        return None;
    }
    let changed = pb::CounterChanged::decode(event.data.as_ref()).ok()?;
    Some(pb::CounterMoved { counter_id: changed.counter_id, status: changed.status })
}

fn board(event: &Event, hall: &str) -> Option<pb::WatchCallsResponse> {
    if let Some(counter) = counter_event(event) {
        return Some(pb::WatchCallsResponse { seq: event.sequence, event: Some(CallEvent::Counter(counter)) });
    }
    let moved = ticket_event(event)?;
    if !hall.is_empty() && moved.hall_id != hall && moved.to_hall_id != hall {
        return None;
    }
    let at_counter = moved.state == TicketState::Called.code() || moved.state == TicketState::Serving.code();
    let was_called = !moved.from_counter_id.is_empty();
    let call = pb::BoardCall {
        ticket_id: moved.ticket_id,
        ticket_number: moved.number,
        counter_id: if was_called { moved.from_counter_id } else { moved.counter_id },
        counter_number: moved.counter_number,
        hall_id: moved.hall_id,
        to_area_id: if moved.to_hall_id.is_empty() { String::new() } else { moved.area_id.clone() },
        to_hall_id: moved.to_hall_id,
        area_id: moved.area_id,
        call_time: moved.move_time,
        tag: moved.tag,
        locale: moved.locale,
    };
    let event_of = match moved.r#move.as_str() {
        "called" => CallEvent::Called(call),
        "recalled" => CallEvent::Recalled(call),
        "arrived" => CallEvent::Arrived(call),
        "restored" if at_counter => CallEvent::Arrived(call),
        "finished" => CallEvent::Finished(call),
        "absent" | "dropped" | "transferred" | "missed" | "held" | "withdrawn" => CallEvent::Withdrawn(call),
        // Done here, but not for good: its counter is free.
        "onward" => CallEvent::Finished(call),
        "expired" if was_called => CallEvent::Withdrawn(call),
        _ => return None,
    };
    Some(pb::WatchCallsResponse { seq: event.sequence, event: Some(event_of) })
}

fn moved(event: &Event, queue: &str) -> Option<pb::WatchQueueResponse> {
    if let Some(counter) = counter_event(event) {
        return Some(pb::WatchQueueResponse { seq: event.sequence, event: Some(QueueEvent::Counter(counter)) });
    }
    let moved = ticket_event(event)?;
    if !queue.is_empty() && moved.queue_id != queue {
        return None;
    }
    let ticket = pb::Ticket {
        id: moved.ticket_id,
        number: moved.number,
        business_day: moved.business_day,
        centre_id: event.centre_id.clone(),
        area_id: moved.area_id,
        queue_id: moved.queue_id,
        state: moved.state,
        arrival_time: moved.arrival_time,
        rank_time: moved.rank_time,
        counter_id: moved.counter_id,
        version: moved.version,
        locale: moved.locale,
        ..pb::Ticket::default()
    };
    let moved = pb::TicketMoved { r#move: moved.r#move, ticket: Some(ticket), waiting: moved.waiting };
    Some(pb::WatchQueueResponse { seq: event.sequence, event: Some(QueueEvent::Moved(moved)) })
}
