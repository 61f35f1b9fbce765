//! What the double of routing tells of a day and of a ticket's past.

use jiff::{SignedDuration, Timestamp};
use motcua_proto::routing::v1 as routing;
use motcua_runtime::grpc::timestamp;

/// A queue's figures: 24 of 50 called before P50, 44 before P90.
pub fn of(id: &str, name: &str) -> routing::QueueFigures {
    routing::QueueFigures {
        queue_id: id.into(),
        name: name.into(),
        waits: Some(routing::WaitFigures { issued: 60, called: 50, p90_seconds: 1900, ..Default::default() }),
        estimates: Some(routing::EstimateFigures {
            told: 50,
            before_p50: 24,
            before_p90: 44,
            band_seconds: 840,
            error_seconds: 400,
        }),
        ..Default::default()
    }
}

/// Issued, called, absent.
pub fn past(ticket: routing::Ticket, now: Timestamp) -> routing::ExplainTicketResponse {
    let step = |minutes, text: &str, actor: &str| routing::TicketStep {
        time: Some(timestamp(now - SignedDuration::from_mins(minutes))),
        text: text.into(),
        actor: actor.into(),
        ..Default::default()
    };
    routing::ExplainTicketResponse {
        steps: vec![
            step(22, &format!("Lấy số {}", ticket.number), "kiosk-1"),
            step(9, "Được gọi tại quầy 1 (chờ 13 phút)", "lan.nguyen"),
            step(8, "Vắng mặt, chờ gọi lại (vắng lần 1)", "lan.nguyen"),
        ],
        overtaken: vec!["2 người đến sau tối đa 20 phút được gọi trước theo quy định ưu tiên (+20 phút).".into()],
        ticket: Some(ticket),
    }
}
