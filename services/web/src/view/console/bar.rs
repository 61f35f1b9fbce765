//! The bar below the strip: who waits, what can be taken back, today's figures, the counter's state.

use maud::{Markup, html};
use motcua_ui::icon;

use super::{Console, Undo, status};
use crate::text;

pub fn bar(console: &Console) -> Markup {
    html! {
        h1.visually-hidden { "Quầy " (console.counter.number) " · " (console.counter.name) }
        button.queue-button #queue data-slot="queue-button" type="button" aria-controls="drawer" title="Danh sách chờ" {
            (icon::people()) span { b { (console.waiting) } " chờ" } kbd { "F3" }
        }
        (undo(console.undo.as_ref().filter(|_| status(&console.counter) != "closed")))
        (today(console))
        (state(console))
        button.plain #menu data-act="menu" type="button" aria-haspopup="dialog" title="Cài đặt của quầy" aria-label="Cài đặt của quầy" {
            (icon::sliders())
        }
    }
}

fn undo(undo: Option<&Undo>) -> Markup {
    let seconds = undo.map_or(0, |u| (u.left_ms + 999) / 1000);
    html! {
        button.undo data-slot="undo" data-act="undo" type="button" hidden[undo.is_none()]
            data-ticket=[undo.map(|u| &u.ticket_id)] data-left=[undo.map(|u| u.left_ms)] {
            @if let Some(undo) = undo {
                (icon::undo())
                span { "Hoàn tác: " (words(undo)) " (" span data-count="seconds" { (seconds) } " giây)" }
                kbd { "F6" }
            }
        }
    }
}

/// "gọi A 012"
fn words(undo: &Undo) -> String {
    let number = text::number(&undo.number);
    match undo.action.as_str() {
        "CallNext" | "CallTicket" | "AutoCall" => format!("gọi {number}"),
        "Finish" => format!("kết thúc {number}"),
        "MarkArrived" => format!("{number} đã đến"),
        "MarkAbsent" => format!("báo vắng {number}"),
        "Transfer" => format!("chuyển {number}"),
        "Hold" => format!("giữ lại {number}"),
        "TakeBack" => format!("phục vụ tiếp {number}"),
        _ => number,
    }
}

fn today(console: &Console) -> Markup {
    let minutes = (console.service_seconds + 30) / 60;
    let mean = match console.service_seconds {
        0 => None,
        ..60 => Some("dưới 1 phút".to_owned()),
        _ => Some(format!("{minutes} phút")),
    };
    html! {
        span.today data-slot="today" title="Số lượt quầy này đã xong hôm nay, thời gian phục vụ trung bình" {
            span { "Hôm nay " b { (console.served_today) } " lượt" }
            @if let Some(mean) = mean { span.mean { "trung bình " b { (mean) } } }
        }
    }
}

fn state(console: &Console) -> Markup {
    let opening = console.centre.opening.clone().unwrap_or_default();
    let (words, act, change) = match status(&console.counter) {
        "paused" => ("Tạm dừng", "open", "Tiếp tục"),
        "closed" => ("Đang đóng", "open", "Mở quầy"),
        _ => ("Đang tiếp nhận", "pause", "Tạm dừng"),
    };
    html! {
        span.status data-slot="status" data-status=(status(&console.counter)) title=(opening.text) {
            span.dot {}
            span { (words) }
            @if !opening.open { span.muted.opening { (opening.text) } }
            button.pause data-slot="pause" data-act=(act) type="button" {
                @if act == "pause" { (icon::pause()) } @else { (icon::arrow()) }
                span { (change) } kbd { "F10" }
            }
        }
    }
}
