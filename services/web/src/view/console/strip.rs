//! The docked strip: the number, what it is about, one big button.

use maud::{Markup, html};
use motcua_proto::routing::v1::{StopState, Ticket, TicketState};
use motcua_ui::icon;

use super::{Console, class, language, queue_name, status, work};
use crate::text;
use crate::view::ticket as phone;

pub fn strip(console: &Console) -> Markup {
    let ticket = console.ticket.as_ref();
    let state = ticket.map_or("idle", |t| phone::name(t.state()));
    let called = console.live_state() == Some(TicketState::Called);
    let (action, label, look) = main_action(console);
    html! {
        div.place data-slot="place" {
            span.small { "Quầy" } b { (console.counter.number) }
        }
        div.current data-slot="current" data-state=(state) data-ticket=[ticket.map(|t| &t.id)]
            data-procedure=[ticket.map(|t| &t.procedure_code)] data-number=[ticket.map(|t| text::number(&t.number))] {
            @match ticket {
                Some(ticket) => p.number { (text::number(&ticket.number)) },
                None => p.number.none { "—" },
            }
        }
        div.about data-slot="about" { (about(console)) }
        div.acts {
            button.act #recall data-slot="recall" type="button" data-act="recall" disabled[!called] {
                (icon::speaker()) span { "Gọi lại" } kbd { "F4" }
            }
            button.act #hold data-slot="hold" type="button" data-act="hold" disabled[ticket.is_none()]
                title="Giữ số ở quầy trong khi công dân đi nộp phí, lấy thêm giấy tờ" {
                (icon::inbox()) span { "Giữ lại" } kbd { "F7" }
            }
            button.act #transfer data-slot="transfer" type="button" data-act="transfer" disabled[ticket.is_none()] {
                (icon::transfer()) span { "Chuyển" } kbd { "F9" }
            }
            button.main #main-action data-slot="main" type="button" data-act=(action) data-state=(look)
                title="F2; Shift+F2 chỉ kết thúc, không gọi tiếp" {
                span { (label) } kbd { "F2" }
            }
            span.gap {}
            button.act.away #absent data-slot="absent" type="button" data-act="absent" disabled[!called] {
                (icon::absent()) span { "Vắng" } kbd { "F8" }
            }
        }
    }
}

/// The one button: act, words, look.
fn main_action(console: &Console) -> (&'static str, &'static str, &'static str) {
    match (console.live_state(), status(&console.counter)) {
        (Some(TicketState::Called), _) => ("arrive", "Công dân đã đến", "called"),
        (Some(_), "open") => ("next", "Xong, gọi tiếp", "serving"),
        (Some(_), _) => ("finish", "Xong", "serving"),
        (None, "open") => ("call", "Gọi số tiếp theo", "idle"),
        (None, "paused") => ("open", "Tiếp tục", "paused"),
        (None, _) => ("open", "Mở quầy", "closed"),
    }
}

fn about(console: &Console) -> Markup {
    match &console.ticket {
        Some(ticket) => with_ticket(console, ticket),
        None => idle(console),
    }
}

fn idle(console: &Console) -> Markup {
    let waiting = console.waiting;
    let (headline, why) = match status(&console.counter) {
        "paused" => ("Tạm dừng tiếp nhận".to_owned(), console.counter.reason.clone()),
        "closed" => ("Quầy đang đóng".to_owned(), "Bấm F2 để mở quầy và gọi số".to_owned()),
        // A paused automatism must not look like one that is about to call.
        _ if console.counter.auto_call_waits => {
            let who = if waiting == 0 { "Chưa có".to_owned() } else { waiting.to_string() };
            ("Tự động gọi tạm ngừng sau hoàn tác".to_owned(), format!("{who} người chờ. Bấm F2 để gọi tiếp."))
        }
        _ if console.counter.auto_call && waiting == 0 => {
            ("Chưa có người chờ".to_owned(), "Số tiếp theo tự được gọi khi có người đến".to_owned())
        }
        _ if waiting == 0 => ("Chưa có người chờ".to_owned(), "Danh sách tự cập nhật".to_owned()),
        _ => (format!("{waiting} người đang chờ"), "Bấm F2 để gọi số tiếp theo".to_owned()),
    };
    html! { p.procedure { (headline) } p.why { span { (why) } } }
}

fn with_ticket(console: &Console, ticket: &Ticket) -> Markup {
    let waited = text::instant(ticket.arrival_time.as_ref())
        .zip(text::instant(ticket.call_time.as_ref()))
        .map(|(from, to)| text::waited(text::minutes(from, to)));
    let why = match (console.call.as_ref().map_or("", |c| c.reason.as_str()), waited) {
        ("", waited) => waited.map(|waited| format!("chờ {waited}")),
        (reason, _) => Some(reason.to_owned()),
    };
    let (chips, stop) = (chips(console, ticket), stop(console, ticket));
    html! {
        p.procedure.one[chips.is_some()].short[stop.is_some()] title=(work(&console.centre, ticket)) { (work(&console.centre, ticket)) }
        @if let Some(chips) = chips { p.chips { (chips) } }
        @if let Some(stop) = stop { p.stop title=(stop) { (stop) } }
        @if let Some(why) = why {
            p.why { button.why-button type="button" data-sheet=(ticket.id) title=(why) { "Vì sao: " (why) } }
        }
    }
}

fn chips(console: &Console, ticket: &Ticket) -> Option<Markup> {
    let class = class(&console.centre, ticket);
    let language = language(&ticket.locale);
    let waits = console.answer_left_ms.filter(|_| ticket.state() == TicketState::Called);
    let dossiers = (ticket.dossiers > 1).then_some(ticket.dossiers);
    let again = (ticket.absences > 0).then_some(ticket.absences + 1);
    let some = class.is_some() || language.is_some() || waits.is_some() || dossiers.is_some() || again.is_some();
    (some || ticket.identity_verified).then(|| {
        html! {
            @if let Some(left) = waits {
                span.chip.clock data-left=(left.max(0)) { "Chờ đến " span data-count="clock" { (clock(left)) } }
            }
            @if let Some(language) = language { span.chip.language { (language) } }
            @if let Some(class) = class { span.chip.class title=(class) { (class) } }
            @if let Some(dossiers) = dossiers { span.chip.plain { (dossiers) " hồ sơ" } }
            @if ticket.identity_verified { span.chip.plain { "Đã xác thực danh tính" } }
            @if let Some(again) = again { span.chip.warn { "Lần gọi thứ " (again) } }
        }
    })
}

/// "Điểm 1/3, tiếp theo: Tư pháp": which of the visit's stops this is. Of two left the shorter wait decides.
fn stop(console: &Console, ticket: &Ticket) -> Option<String> {
    let stops = &ticket.stops;
    if stops.len() < 2 {
        return None;
    }
    let done = stops.iter().filter(|s| s.state() == StopState::Done).count();
    let left = stops.iter().filter(|s| s.state() == StopState::Planned);
    let left: Vec<_> = left.map(|s| queue_name(&console.centre, &s.queue_id)).collect();
    let at = format!("Điểm {}/{}", (done + 1).min(stops.len()), stops.len());
    Some(if left.is_empty() {
        format!("{at}, điểm cuối")
    } else {
        format!("{at}, tiếp theo: {}", left.join(" hoặc "))
    })
}

/// "1:05"
fn clock(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}
