//! What happened to a ticket and why: an answer to "somebody jumped ahead" that can be printed.
use jiff::Timestamp;
use motcua_kernel::identity::Action;
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::{Request, Response, authorise, timestamp};

use super::refusal::to_status;
use super::{Answer, Api, check};
use crate::model::centre::Centre;
use crate::model::command::Refusal;
use crate::model::ticket::Ticket;
use crate::queries::history::{self, Overtaking, Step};
use crate::{queries, wire};

pub(super) async fn explain(
    api: &Api,
    request: Request<pb::ExplainTicketRequest>,
) -> Answer<pb::ExplainTicketResponse> {
    authorise(&request, Action::WatchQueue, &request.get_ref().centre_id)?;
    let request = request.into_inner();
    let in_force = api.in_force(&request.centre_id).await?;
    let (db, centre) = (api.db.read(), &in_force.centre);
    let ticket = match (request.ticket_id.as_str(), request.ticket_number.as_str()) {
        (id, "") if !id.is_empty() => {
            check::id("ticket_id", id)?;
            queries::ticket(db, &centre.id, id).await.map_err(to_status)?
        }
        ("", number) if !number.is_empty() => {
            check::id("ticket_number", number)?;
            let day = match request.business_day.as_str() {
                "" => centre.day(api.clock.now()),
                text => text.parse().map_err(|_| check::bad("business_day", "Ngày phải có dạng 2026-12-31."))?,
            };
            let found = history::by_number(db, &centre.id, day, number).await.map_err(to_status)?;
            found.ok_or_else(|| to_status(Refusal::TicketUnknown(number.to_owned()).into()))?
        }
        _ => return Err(check::bad("ticket_id", "Hãy nêu đúng một trong ticket_id và ticket_number.")),
    };
    let steps = history::steps(db, &centre.id, &ticket.id).await.map_err(to_status)?;
    let until = ticket.first_call.or(ticket.end_time).unwrap_or_else(|| api.clock.now());
    let overtakings = history::overtakings(db, &ticket, until).await.map_err(to_status)?;
    Ok(Response::new(pb::ExplainTicketResponse {
        ticket: Some(wire::ticket(&ticket)),
        steps: steps.iter().map(|step| line(centre, &ticket, step)).collect(),
        overtaken: overtakings.iter().map(sentence).collect(),
    }))
}

fn line(centre: &Centre, ticket: &Ticket, step: &Step) -> pb::TicketStep {
    let counter = centre.counter(&step.counter_id);
    let at = counter.map_or_else(String::new, |counter| format!(" tại quầy {}", counter.number));
    // Rows from before kinds were kept say the call only.
    let kind = match (step.kind.as_str(), step.action.as_str()) {
        ("", "IssueTicket") => "issued",
        ("", "CallNext") => "called",
        ("", "MarkArrived") => "arrived",
        ("", "Finish") => "finished",
        (kind, _) => kind,
    };
    let words = match kind {
        "issued" => format!("Lấy số {}", ticket.printed()),
        "called" => format!("Được gọi{at}"),
        "recalled" => format!("Được gọi lại{at}"),
        "arrived" => format!("Đã đến{at}"),
        "finished" => format!("Xong{at}"),
        "absent" => "Vắng mặt, chờ gọi lại".into(),
        "dropped" => "Vắng đủ số lần, không gọi nữa".into(),
        "transferred" => "Được chuyển".into(),
        "redirected" => "Đổi hàng chờ".into(),
        "held" => format!("Được giữ lại{at}"),
        "taken_back" => format!("Phục vụ tiếp{at}"),
        "returned" => "Trở lại, là người kế tiếp của quầy".into(),
        "missed" => "Lỡ lượt: không đến trong thời gian chờ".into(),
        "reentered" => "Vào lại hàng chờ".into(),
        "onward" => "Sang phần việc tiếp theo, giữ nguyên giờ đến".into(),
        "prioritised" => "Sửa diện ưu tiên".into(),
        "cancelled" => "Công dân hủy số".into(),
        "postponed" => "Công dân lùi lượt".into(),
        "withdrawn" | "restored" => "Hoàn tác thao tác nhầm".into(),
        "expired" => "Đóng khi hết ngày".into(),
        "notice_asked" => "Xin nhắn tin khi gần đến lượt".into(),
        "notice_dropped" => "Thôi nhắn tin".into(),
        "notice_soon" => "Báo sắp đến lượt".into(),
        _ => step.action.clone(),
    };
    let text = if step.detail.is_empty() { words } else { format!("{words} ({})", step.detail) };
    pb::TicketStep {
        time: Some(timestamp(Timestamp::from_microsecond(step.time_us).unwrap_or(Timestamp::UNIX_EPOCH))),
        action: step.action.clone(),
        text,
        counter_number: counter.map_or(0, |counter| counter.number),
        actor: if step.actor == crate::SOURCE { "hệ thống".into() } else { step.actor.clone() },
    }
}

/// One rule and how many it let go first.
fn sentence(overtaking: &Overtaking) -> String {
    let Overtaking { people, head_start_minutes, named, .. } = overtaking;
    if *named {
        return format!("{people} người đến sau được gọi trước vì được chuyển đích danh đến một quầy.");
    }
    if *head_start_minutes > 0 {
        return format!(
            "{people} người đến sau tối đa {head_start_minutes} phút được gọi trước theo quy định ưu tiên \
             (+{head_start_minutes} phút)."
        );
    }
    format!("{people} người đến sau được gọi trước vì quầy chính của họ rảnh sớm hơn, hoặc số này đã được gọi mà vắng.")
}
