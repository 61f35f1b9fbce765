//! One ticket: what may be done with it at this counter, and why it stands where it stands; prints as an answer to
//! "somebody jumped ahead".

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::routing::v1::{Centre, Counter, ExplainTicketResponse, Ticket, TicketState};
use motcua_ui::icon;

use super::{class, held_for, language, status, tag, work};
use crate::text;

/// What the sheet of a ticket is made from.
pub struct Sheet<'a> {
    /// The centre as applied.
    pub centre: &'a Centre,
    /// The counter that looks.
    pub counter: &'a Counter,
    /// Its live ticket.
    pub live: Option<&'a Ticket>,
    /// The ticket with its history.
    pub explained: &'a ExplainTicketResponse,
    /// The centre's zone.
    pub tz: &'a TimeZone,
    /// The moment all this is true.
    pub now: Timestamp,
}

/// The fragment that the dialog shows.
pub fn sheet(sheet: &Sheet<'_>) -> Markup {
    let ticket = sheet.explained.ticket.clone().unwrap_or_default();
    let number = text::number(&ticket.number);
    html! {
        header.sheet-head {
            div {
                h2 #sheet-title { "Số " (number) }
                p { (standing(sheet, &ticket)) }
            }
            p.print-only { (sheet.centre.name) br; "Diễn biến của số " (number) ", in lúc " (text::full(sheet.now, sheet.tz)) }
            button.plain type="button" data-close aria-label="Đóng" title="Esc" { (icon::close()) }
        }
        div.sheet-body {
            section.sheet-acts {
                p.procedure { (work(sheet.centre, &ticket)) }
                p.chips {
                    @if let Some(class) = class(sheet.centre, &ticket) { span.chip { (class) } }
                    @if let Some(language) = language(&ticket.locale) { span.chip.language { (language) } }
                    @if ticket.dossiers > 1 { span.chip.plain { (ticket.dossiers) " hồ sơ" } }
                }
                (acts(sheet, &ticket, &number))
            }
            section.why-list {
                div.heading {
                    h3 { "Vì sao? Diễn biến của số" }
                    button.link type="button" data-print { (icon::printer()) " In" }
                }
                (history(sheet))
            }
        }
    }
}

fn standing(sheet: &Sheet<'_>, ticket: &Ticket) -> String {
    let at = |time: Option<&prost_types::Timestamp>| {
        text::instant(time).map_or_else(String::new, |t| text::hour(t, sheet.tz))
    };
    let came = at(ticket.arrival_time.as_ref());
    match ticket.state() {
        TicketState::Waiting => {
            let from = text::instant(ticket.arrival_time.as_ref()).unwrap_or(sheet.now);
            format!("Đến lúc {came}, đã chờ {}", text::waited(text::minutes(from, sheet.now)))
        }
        TicketState::Called => format!("Đến lúc {came}, được gọi lúc {}", at(ticket.call_time.as_ref())),
        TicketState::Serving => format!("Đang được phục vụ từ {}", at(ticket.serve_time.as_ref())),
        TicketState::Held => format!("Đang giữ lại: {}", held_for(&ticket.hold_reason)),
        TicketState::Missed => format!("Lỡ lượt gọi lúc {}", at(ticket.call_time.as_ref())),
        TicketState::Finished => format!("Đã xong lúc {}", at(ticket.end_time.as_ref())),
        TicketState::Cancelled => format!("Công dân hủy số lúc {}", at(ticket.end_time.as_ref())),
        TicketState::Dropped | TicketState::Expired | TicketState::Unspecified => "Không còn hiệu lực".to_owned(),
    }
}

fn acts(sheet: &Sheet<'_>, ticket: &Ticket, number: &str) -> Markup {
    let state = ticket.state();
    let busy = sheet.live.filter(|live| live.id != ticket.id).map(|live| text::number(&live.number));
    let open = status(sheet.counter) == "open";
    let mine = ticket.counter_id == sheet.counter.id;
    let (held, missed, waiting) =
        (state == TicketState::Held && mine, state == TicketState::Missed, state == TicketState::Waiting);
    let plain = |act: &str, words: &str, off: bool| {
        html! { button.quiet type="button" data-act=(act) data-ticket=(ticket.id) disabled[off] { (words) } }
    };
    html! {
        @if let Some(busy) = &busy {
            @if held || missed || waiting {
                p.hint { "Quầy đang phục vụ " (busy) ": kết thúc hoặc giữ lại số đó (F7) rồi mới gọi số này." }
            }
        }
        @if held {
            (plain("take-back", "Phục vụ tiếp", busy.is_some()))
            (plain("returned", if ticket.hold_reason == "cashier" { "Đã nộp phí, quay lại: xếp kế tiếp" } else { "Đã quay lại: xếp kế tiếp" }, false))
            (plain("call-ticket", "Gọi lại lên bảng", busy.is_some() || !open))
        }
        @if missed {
            (plain("call-ticket", "Gọi lại lên bảng", busy.is_some() || !open))
            @if mine { (plain("arrive", "Đã có mặt, phục vụ ngay", busy.is_some())) }
            (plain("reenter", "Cho vào lại hàng chờ", false))
        }
        @if waiting {
            (fold("call-ticket", ticket, &format!("Gọi {number} ngay"), html! {
                label for="call-reason" { "Lý do gọi đích danh" }
                input #call-reason type="text" name="reason" required maxlength="120" autocomplete="off" list="call-reasons";
                datalist #call-reasons { option value="đi cùng công dân vừa làm xong" {} option value="quay lại theo hẹn của quầy" {} }
                p.muted.small { "Lý do được ghi cùng lượt gọi; không ghi thông tin cá nhân." }
                button.go type="submit" disabled[busy.is_some() || !open] { "Gọi " (number) }
            }))
        }
        @if waiting || missed {
            (fold("redirect", ticket, "Chuyển sang hàng chờ khác", html! {
                label for="to-queue" { "Hàng chờ" }
                select #to-queue name="to_queue_id" required {
                    option value="" { "Chọn hàng chờ" }
                    @for queue in sheet.centre.queues.iter().filter(|q| q.id != ticket.queue_id) {
                        option value=(queue.id) { (queue.name) " (" (queue.waiting) " chờ)" }
                    }
                }
                @if missed {
                    label for="redirect-reason" { "Lý do giữ thứ tự theo giờ đến, nếu có" }
                    input #redirect-reason type="text" name="reason" maxlength="120" autocomplete="off" list="redirect-reasons";
                    datalist #redirect-reasons { option value="được chỉ nhầm khu" {} option value="chờ ở quầy khác theo lời mời" {} }
                    p.muted.small { "Không ghi lý do: số đã lỡ lượt vào sau vài lượt gọi của hàng mới. Lý do được ghi vào diễn biến của số." }
                } @else {
                    p.muted.small { "Số giữ nguyên và giữ giờ đến." }
                }
                button.go type="submit" { "Chuyển" }
            }))
        }
        @if waiting || missed || matches!(state, TicketState::Called | TicketState::Serving) {
            (priority(sheet, ticket))
        }
        @if tag(&ticket.tag).is_some() { p.muted.small { "Bảng và phiếu chỉ ghi \"" (tag(&ticket.tag).unwrap_or_default()) "\"." } }
    }
}

fn priority(sheet: &Sheet<'_>, ticket: &Ticket) -> Markup {
    fold(
        "priority",
        ticket,
        "Sửa diện ưu tiên",
        html! {
            label for="priority-class" { "Diện ưu tiên" }
            select #priority-class name="priority_class" {
                option value="" selected[ticket.priority_class.is_empty()] { "Không ưu tiên" }
                @for class in &sheet.centre.priority_classes {
                    option value=(class.id) selected[class.id == ticket.priority_class] { (class.name) " (+" (class.head_start_minutes) " phút)" }
                }
            }
            label for="priority-reason" { "Lý do sửa" }
            input #priority-reason type="text" name="reason" required maxlength="120" autocomplete="off" list="priority-reasons";
            datalist #priority-reasons { option value="đã xem giấy tờ" {} option value="công dân chọn nhầm ở máy lấy số" {} }
            button.go type="submit" { "Ghi" }
        },
    )
}

/// One act with its questions, folded away; opening one folds the others.
fn fold(act: &str, ticket: &Ticket, words: &str, body: Markup) -> Markup {
    html! {
        details.fold name="act" {
            summary { (words) }
            form data-do=(act) data-ticket=(ticket.id) { (body) }
        }
    }
}

fn history(sheet: &Sheet<'_>) -> Markup {
    html! {
        ol.history {
            @for step in &sheet.explained.steps {
                li {
                    time { (text::instant(step.time.as_ref()).map_or_else(String::new, |at| text::clock(at, sheet.tz))) }
                    span { (step.text) @if !step.actor.is_empty() { span.muted.actor { " · " (step.actor) } } }
                }
            }
        }
        @if sheet.explained.overtaken.is_empty() {
            p.fair { (icon::check()) " Không ai đến sau mà được gọi trước số này." }
        } @else {
            h3 { "Người đến sau được gọi trước" }
            ul.overtaken { @for sentence in &sheet.explained.overtaken { li { (sentence) } } }
        }
    }
}
