//! Tickets that this counter keeps or called in vain: a row that is there only when there are any.

use maud::{Markup, html};
use motcua_proto::routing::v1::Ticket;
use motcua_ui::icon;

use super::{Console, held_for, status};
use crate::text;

pub fn shelf(console: &Console) -> Markup {
    let (held, missed) = (&console.held, &console.missed);
    let busy = console.ticket.as_ref().map(|t| text::number(&t.number));
    let why = busy.as_ref().map(|number| format!("Quầy đang phục vụ {number}. Kết thúc hoặc giữ lại số đó trước."));
    let (shut, calls) = match status(&console.counter) {
        "open" => (false, true),
        "paused" => (false, false),
        _ => (true, false),
    };
    html! {
        section.shelf data-slot="shelf" hidden[held.is_empty() && missed.is_empty()] aria-label="Số đang giữ và lỡ lượt" {
            @if !held.is_empty() {
                h2 { (icon::inbox()) "Đang giữ lại" }
                ul {
                    @for ticket in held {
                        li {
                            (item(ticket, held_for(&ticket.hold_reason)))
                            button.do type="button" data-act="take-back" data-ticket=(ticket.id) disabled[busy.is_some() || shut] title=[why.as_ref()] { "Phục vụ tiếp" }
                        }
                    }
                }
            }
            @if !missed.is_empty() {
                h2 { (icon::absent()) "Lỡ lượt" }
                ul {
                    @for ticket in missed {
                        li {
                            (item(ticket, &called_at(ticket, console)))
                            button.do type="button" data-act="call-ticket" data-ticket=(ticket.id) disabled[busy.is_some() || !calls] title=[why.as_ref()] { "Gọi lại" }
                        }
                    }
                }
            }
        }
    }
}

fn item(ticket: &Ticket, note: &str) -> Markup {
    html! {
        button.item type="button" data-sheet=(ticket.id) aria-haspopup="dialog" title=(note) {
            b { (text::number(&ticket.number)) } span { (note) }
        }
    }
}

fn called_at(ticket: &Ticket, console: &Console) -> String {
    text::instant(ticket.call_time.as_ref())
        .map_or_else(String::new, |at| format!("gọi lúc {}", text::hour(at, &console.tz)))
}
