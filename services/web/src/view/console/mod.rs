//! The counter console: a docked strip for the number, a bar and a shelf below it, the dossier desk.

mod bar;
mod dialogs;
mod drawer;
pub mod sheet;
mod shelf;
mod strip;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::routing::v1::{Call, Centre, Counter, CounterStatus, Ticket, TicketState};
use motcua_ui::icon;

use super::{Frame, desk};
use crate::text;

/// What a console shows at one moment.
pub struct Console {
    /// The centre as applied.
    pub centre: Centre,
    /// This counter.
    pub counter: Counter,
    /// Its live ticket and why it was called.
    pub ticket: Option<Ticket>,
    /// The call of that ticket.
    pub call: Option<Call>,
    /// How long its citizen still has to come, where the centre says so.
    pub answer_left_ms: Option<i64>,
    /// The next tickets in the order they will be called.
    pub next: Vec<Ticket>,
    /// Kept by this counter while it serves others.
    pub held: Vec<Ticket>,
    /// Called by this counter and not come in time.
    pub missed: Vec<Ticket>,
    /// What can be taken back now.
    pub undo: Option<Undo>,
    /// All who wait for this counter.
    pub waiting: i32,
    /// Finished here today.
    pub served_today: i32,
    /// Mean length of today's services here; 0 before the first.
    pub service_seconds: i32,
    /// The centre's zone.
    pub tz: TimeZone,
    /// The moment all this is true.
    pub now: Timestamp,
}

/// The counter's last act, while it can be taken back.
pub struct Undo {
    /// The ticket it moved last.
    pub ticket_id: String,
    /// Its number, as printed.
    pub number: String,
    /// Name of the RPC.
    pub action: String,
    /// How long it still can be taken back.
    pub left_ms: i64,
}

impl Console {
    fn live_state(&self) -> Option<TicketState> {
        self.ticket.as_ref().map(Ticket::state)
    }
}

/// The whole console.
pub fn page(console: &Console, user: &Identity, ribbon: Option<&str>) -> Markup {
    let title = format!("Quầy {} · {}", console.counter.number, console.counter.name);
    let base = format!("/console/{}", console.counter.id);
    let css = &["staff.css", "console.css", "sheet.css", "centre.css"];
    Frame { title: &title, ribbon, css, js: &["console.js", "desk.js", "dossiers.js", "follow.js"] }.page(html! {
        div.app.counter #console data-base=(base) data-counter=(console.counter.id) {
            (mark(console))
            header.strip #strip { (strip::strip(console)) }
            (lost(console))
            nav.bar aria-label="Quầy" { (desk::tabs()) (bar::bar(console)) (super::user(user)) }
            (shelf::shelf(console))
            p.banner #banner role="alert" hidden {}
            (desk::panels(&console.counter, user))
            aside.drawer #drawer hidden aria-labelledby="drawer-title" {
                header {
                    h2 #drawer-title { "Danh sách chờ" }
                    button.plain #drawer-close type="button" aria-label="Đóng danh sách chờ" title="Esc" { (icon::close()) }
                }
                (drawer::find())
                (drawer::queue(console))
            }
            (dialogs::all(console))
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// Everything that changes, as slots.
pub fn state(console: &Console) -> Markup {
    html! {
        (mark(console)) (strip::strip(console)) (bar::bar(console)) (shelf::shelf(console)) (drawer::queue(console))
        (dialogs::choices(console)) (holder(console))
    }
}

/// What the page's script asks about the counter.
fn mark(console: &Console) -> Markup {
    html! {
        span hidden data-slot="counter" data-session=(console.counter.session) data-status=(status(&console.counter)) {}
    }
}

/// In place of the strip while this screen does not work the counter.
fn lost(console: &Console) -> Markup {
    html! {
        section.lost #lost role="alert" hidden {
            div.place { span.small { "Quầy" } b { (console.counter.number) } }
            (icon::warning())
            (holder(console))
            button.main #take-over type="button" { "Nhận quầy" }
        }
    }
}

/// Who works it instead, and what that means here.
fn holder(console: &Console) -> Markup {
    let Counter { number, session, officer, session_time, session_silent, .. } = &console.counter;
    let since = text::instant(session_time.as_ref()).map(|at| format!("từ {}", text::hour(at, &console.tz)));
    let who: Vec<&str> =
        [officer.as_str()].into_iter().chain(since.as_deref()).filter(|part| !part.is_empty()).collect();
    let who = if who.is_empty() { String::new() } else { format!(" ({})", who.join(", ")) };
    let (headline, then) = match (session.as_str(), session_silent) {
        ("", _) => (
            format!("Chưa có màn hình nào nhận Quầy {number}"),
            "Bấm Nhận quầy để gọi số tại đây. Hồ sơ đang nhập vẫn còn và vẫn tiếp nhận được.",
        ),
        (_, true) => (
            format!("Màn hình đang giữ Quầy {number} không còn trả lời{who}"),
            "Bấm Nhận quầy để làm việc tại đây; số đang phục vụ vẫn còn nguyên.",
        ),
        (_, false) => (
            format!("Quầy {number} đang mở ở màn hình khác{who}"),
            "Màn hình này chỉ xem, không gọi số. Hồ sơ đang nhập vẫn còn và vẫn tiếp nhận được.",
        ),
    };
    html! {
        div data-slot="holder" { h2 { (headline) } p { (then) } }
    }
}

/// The status's name for the style sheet and the page's script.
fn status(counter: &Counter) -> &'static str {
    match counter.status() {
        CounterStatus::Open => "open",
        CounterStatus::Paused => "paused",
        CounterStatus::Closed => "closed",
        CounterStatus::Unspecified => {
            if counter.open {
                "open"
            } else {
                "closed"
            }
        }
    }
}

fn queue_name<'a>(centre: &'a Centre, id: &str) -> &'a str {
    centre.queues.iter().find(|q| q.id == id).map_or("", |q| q.name.as_str())
}

/// What the citizen came for.
fn work<'a>(centre: &'a Centre, ticket: &'a Ticket) -> &'a str {
    if ticket.procedure_name.is_empty() { queue_name(centre, &ticket.queue_id) } else { &ticket.procedure_name }
}

/// The class, as only staff may read it; else what the paper says.
fn class<'a>(centre: &'a Centre, ticket: &Ticket) -> Option<&'a str> {
    let named = centre.priority_classes.iter().find(|c| c.id == ticket.priority_class);
    match (named, ticket.priority_class.as_str()) {
        (Some(class), _) => Some(&class.name),
        (None, "") => tag(&ticket.tag),
        (None, _) => Some("Ưu tiên"),
    }
}

fn tag(tag: &str) -> Option<&'static str> {
    match tag {
        "priority" => Some("Ưu tiên"),
        "appointment" => Some("Có hẹn"),
        "supplement" => Some("Bổ sung hồ sơ"),
        _ => None,
    }
}

fn language(locale: &str) -> Option<&'static str> {
    match locale {
        "km" => Some("Tiếng Khmer"),
        "en" => Some("Tiếng Anh"),
        _ => None,
    }
}

/// Why a ticket is held, in words.
fn held_for(reason: &str) -> &str {
    match reason {
        "cashier" => "nộp phí, lệ phí",
        "" => "chưa ghi lý do",
        own => own,
    }
}
