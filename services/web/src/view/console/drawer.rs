//! The queue in its drawer.

use jiff::Timestamp;
use maud::{Markup, html};
use motcua_proto::routing::v1::Ticket;

use super::{Console, language, tag, work};
use crate::text;

/// Any number of today, also one that is done.
pub fn find() -> Markup {
    html! {
        form.find #find-number role="search" {
            input type="search" name="number" placeholder="Tìm số hôm nay, ví dụ A 012" aria-label="Tìm số hôm nay" autocomplete="off" spellcheck="false" maxlength="12";
            button.quiet type="submit" { "Xem" }
        }
    }
}

pub fn queue(console: &Console) -> Markup {
    html! {
        div.waiting data-slot="queue" data-first=[console.next.first().map(|t| &t.id)] {
            @if console.next.is_empty() {
                p.empty { "Chưa có người chờ." }
            } @else {
                p.muted.small { "Theo thứ tự sẽ được gọi. Chọn một số để gọi đích danh, chuyển, sửa ưu tiên hoặc xem vì sao." }
                table {
                    thead { tr { th scope="col" { "Số" } th scope="col" { "Việc" } th.right scope="col" { "Đã chờ" } } }
                    tbody {
                        @for ticket in &console.next { (row(console, ticket)) }
                    }
                }
                @let more = i64::from(console.waiting) - console.next.len() as i64;
                @if more > 0 { p.empty { "và " (more) " người nữa" } }
            }
        }
    }
}

fn row(console: &Console, ticket: &Ticket) -> Markup {
    // Of a class the queue says only that it is one: the drawer is read over the shoulder.
    let tag = tag(&ticket.tag).or((!ticket.priority_class.is_empty()).then_some("Ưu tiên"));
    html! {
        tr data-ticket=(ticket.number) {
            td {
                button.number type="button" data-sheet=(ticket.id) aria-haspopup="dialog" { (text::number(&ticket.number)) }
            }
            td.work {
                (work(&console.centre, ticket))
                @if let Some(tag) = tag { " " span.chip { (tag) } }
                @if let Some(language) = language(&ticket.locale) { " " span.chip.language { (language) } }
                @if ticket.dossiers > 1 { " " span.chip.plain { (ticket.dossiers) " hồ sơ" } }
            }
            td.right { (waiting(ticket, console.now)) }
        }
    }
}

fn waiting(ticket: &Ticket, now: Timestamp) -> String {
    match text::instant(ticket.arrival_time.as_ref()).map(|from| text::minutes(from, now)) {
        None => String::new(),
        Some(0) => "mới đến".to_owned(),
        Some(minutes) => text::waited(minutes),
    }
}
