//! What a counter does with tickets.

use axum::http::StatusCode;
use motcua_proto::routing::v1::{
    CallNextRequest, CallTicketRequest, FinishRequest, GetTicketRequest, HoldRequest, MarkAbsentRequest,
    MarkArrivedRequest, RecallRequest, RedirectRequest, ReenterRequest, ReturnToCounterRequest, SetPriorityRequest,
    TakeBackRequest, Ticket, TicketState, TransferRequest, UndoRequest, transfer_request,
};
use serde::Deserialize;

use crate::app::App;
use crate::http::Fail;
use crate::text;
use crate::upstream::{Peers, ask};

/// What a console posts; each act reads what it needs.
#[derive(Deserialize)]
pub struct Act {
    pub request_id: String,
    /// The ticket that the screen shows as the next one.
    #[serde(default)]
    expected: String,
    /// The screen that asks; empty for none.
    #[serde(default)]
    pub session: String,
    #[serde(default)]
    pub take_over: bool,
    #[serde(default)]
    ticket_id: String,
    #[serde(default)]
    finish_current: bool,
    #[serde(default)]
    pub reason: String,
    to_queue_id: Option<String>,
    to_counter_id: Option<String>,
    #[serde(default)]
    priority_class: String,
    #[serde(default)]
    pub languages: Vec<String>,
    #[serde(default)]
    pub auto_call: bool,
}

/// Does one act: what to tell the officer, and whether a number was called.
pub async fn run(
    app: &App,
    peers: &Peers,
    counter_id: String,
    name: &str,
    body: Act,
) -> Result<(Option<String>, bool), Fail> {
    let centre_id = app.settings.centre_id.clone();
    let Act { request_id, session, ticket_id, finish_current, reason, .. } = body;
    let mut routing = peers.routing();
    let said = match name {
        "call" => {
            let request = CallNextRequest { request_id, centre_id, counter_id, finish_current, session };
            let own = request.counter_id.clone();
            let called = ask(routing.call_next(request)).await?.ticket;
            let faster = faster(app, peers, &own, &body.expected, called.as_ref()).await;
            let said = match (&called, faster) {
                (Some(ticket), Some(faster)) => Some(format!("{faster} Đã gọi {}.", text::number(&ticket.number))),
                (Some(_), None) => None,
                (None, faster) => Some(format!("{} Chưa có người chờ.", faster.unwrap_or_default()).trim().to_owned()),
            };
            return Ok((said, called.is_some()));
        }
        "call-ticket" => {
            let request = CallTicketRequest { request_id, centre_id, counter_id, ticket_id, reason, session };
            ask(routing.call_ticket(request)).await?;
            None
        }
        "arrive" => {
            let request = MarkArrivedRequest { request_id, centre_id, counter_id, ticket_id, session };
            ask(routing.mark_arrived(request)).await?;
            None
        }
        "finish" => {
            let request = FinishRequest { request_id, centre_id, counter_id, ticket_id, session };
            let ticket = ask(routing.finish(request)).await?.ticket.unwrap_or_default();
            let words = finished(app, &ticket);
            Some((ticket, words))
        }
        "recall" => {
            let request = RecallRequest { request_id, centre_id, counter_id, ticket_id, session };
            said(ask(routing.recall(request)).await?.ticket, "đã được gọi lại.")
        }
        "absent" => {
            let request = MarkAbsentRequest { request_id, centre_id, counter_id, ticket_id, session };
            let ticket = ask(routing.mark_absent(request)).await?.ticket;
            let dropped = ticket.as_ref().is_some_and(|t| t.state() == TicketState::Dropped);
            said(
                ticket,
                if dropped {
                    "đã vắng đủ số lần, không gọi nữa."
                } else {
                    "vắng, sẽ được gọi lại sau."
                },
            )
        }
        "transfer" => {
            let to = match (body.to_queue_id, body.to_counter_id) {
                (Some(queue), None) => transfer_request::To::ToQueueId(queue),
                (None, Some(counter)) => transfer_request::To::ToCounterId(counter),
                _ => return Err(nowhere()),
            };
            let request = TransferRequest { request_id, centre_id, counter_id, ticket_id, to: Some(to), session };
            said(ask(routing.transfer(request)).await?.ticket, "đã được chuyển.")
        }
        "hold" => {
            let request = HoldRequest { request_id, centre_id, counter_id, ticket_id, reason, session };
            // The shelf shows it.
            ask(routing.hold(request)).await?;
            None
        }
        "take-back" => {
            let request = TakeBackRequest { request_id, centre_id, counter_id, ticket_id, session };
            ask(routing.take_back(request)).await?;
            None
        }
        "returned" => {
            let request = ReturnToCounterRequest { request_id, centre_id, ticket_id, counter_id, session };
            said(ask(routing.return_to_counter(request)).await?.ticket, "đã quay lại, là số kế tiếp của quầy.")
        }
        "redirect" => {
            let to_queue_id = body.to_queue_id.ok_or_else(nowhere)?;
            let request =
                RedirectRequest { request_id, centre_id, ticket_id, to_queue_id, counter_id, session, reason };
            let ticket = ask(routing.redirect(request)).await?.ticket.unwrap_or_default();
            let in_turn = text::instant(ticket.rank_time.as_ref()) <= text::instant(ticket.arrival_time.as_ref());
            let place =
                if in_turn { "giữ nguyên giờ đến" } else { "xếp lại theo lượt của hàng đó" };
            let words = format!("chờ ở {}, {place}.", queue_name(app, &ticket.queue_id));
            Some((ticket, words))
        }
        "priority" => {
            let priority_class = body.priority_class;
            let request =
                SetPriorityRequest { request_id, centre_id, ticket_id, priority_class, reason, counter_id, session };
            said(ask(routing.set_priority(request)).await?.ticket, "đã được sửa diện ưu tiên.")
        }
        "reenter" => {
            let request = ReenterRequest { request_id, centre_id, ticket_id, counter_id, session };
            said(ask(routing.reenter(request)).await?.ticket, "đã vào lại hàng chờ.")
        }
        "undo" => {
            let request = UndoRequest { request_id, centre_id, counter_id, ticket_id, session };
            said(ask(routing.undo(request)).await?.ticket, "trở lại như trước thao tác.")
        }
        _ => return Err(Fail::not_found("ACT_UNKNOWN", "Không có thao tác này. Xin tải lại trang.")),
    };
    Ok((said.map(|(ticket, words)| format!("{} {words}", text::number(&ticket.number))), false))
}

/// Who called the number that this screen showed as the next one, where it was not called here.
async fn faster(app: &App, peers: &Peers, own: &str, expected: &str, called: Option<&Ticket>) -> Option<String> {
    if expected.is_empty() || called.is_some_and(|ticket| ticket.id == expected) {
        return None;
    }
    let (centre_id, ticket_id) = (app.settings.centre_id.clone(), expected.to_owned());
    let lost = ask(peers.routing().get_ticket(GetTicketRequest { centre_id, ticket_id })).await.ok()?.ticket?;
    if lost.counter_id == own || !matches!(lost.state(), TicketState::Called | TicketState::Serving) {
        return None;
    }
    let number = app.centre().await.ok()?.counters.iter().find(|counter| counter.id == lost.counter_id)?.number;
    Some(format!("Số {} vừa được Quầy {number} gọi.", text::number(&lost.number)))
}

fn said(ticket: Option<Ticket>, words: &str) -> Option<(Ticket, String)> {
    Some((ticket.unwrap_or_default(), words.to_owned()))
}

/// Done, or done here only.
fn finished(app: &App, ticket: &Ticket) -> String {
    match ticket.state() {
        TicketState::Waiting if !ticket.stops.is_empty() => {
            format!("xong ở đây, sang {}.", queue_name(app, &ticket.queue_id))
        }
        TicketState::Waiting => format!("còn {} hồ sơ, đã trở lại hàng chờ.", ticket.dossiers),
        _ => "đã xong.".to_owned(),
    }
}

fn queue_name(app: &App, id: &str) -> String {
    app.queue(id).map_or_else(|| "hàng chờ khác".to_owned(), |queue| queue.name)
}

fn nowhere() -> Fail {
    Fail::new(StatusCode::BAD_REQUEST, "TRANSFER_TARGET", "Xin chọn hàng chờ hoặc quầy để chuyển đến.")
}
