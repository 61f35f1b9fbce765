//! The counter console: a docked strip for the queue, the dossier desk below it.

use jiff::Timestamp;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::routing::v1::{Call, Centre, Counter, Ticket, TicketState};
use motcua_ui::icon;

use super::{Frame, desk, ticket as phone};
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
    /// The next tickets in the order they will be called.
    pub next: Vec<Ticket>,
    /// All who wait for this counter.
    pub waiting: i32,
    /// Finished here today.
    pub served_today: i32,
    /// The moment all this is true.
    pub now: Timestamp,
}

/// The whole console.
pub fn page(console: &Console, user: &Identity, ribbon: Option<&str>) -> Markup {
    let title = format!("Quầy {} · {}", console.counter.number, console.counter.name);
    let base = format!("/console/{}", console.counter.id);
    Frame { title: &title, ribbon, css: &["staff.css", "centre.css"], js: &["console.js", "desk.js", "dossiers.js"] }
        .page(html! {
            div.app #console data-base=(base) {
                header.strip { (strip(console)) }
                (desk::bar(Some(console), &console.counter, user))
                p.banner #banner role="alert" hidden {}
                (desk::panels(&console.counter))
                aside.drawer #drawer hidden aria-labelledby="drawer-title" {
                    header {
                        h2 #drawer-title { "Danh sách chờ" }
                        button.plain #drawer-close type="button" aria-label="Đóng danh sách chờ" { (icon::close()) }
                    }
                    (queue(console))
                }
                (transfer(console))
                div.toasts #toasts role="status" aria-live="polite" {}
            }
        })
}

/// Everything that changes, as slots.
pub fn state(console: &Console) -> Markup {
    html! { (strip(console)) (desk::today(console)) (queue(console)) }
}

fn strip(console: &Console) -> Markup {
    let ticket = console.ticket.as_ref();
    let state = ticket.map_or("idle", |t| phone::name(t.state()));
    let (action, label) = match ticket.map(Ticket::state) {
        None => ("call", "Gọi số tiếp theo"),
        Some(TicketState::Called) => ("arrive", "Công dân đã đến"),
        Some(_) => ("next", "Xong, gọi tiếp"),
    };
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
            button.act #recall data-slot="recall" type="button" data-act="recall"
                disabled[ticket.map(Ticket::state) != Some(TicketState::Called)] {
                (icon::speaker()) span { "Gọi lại" } kbd { "F4" }
            }
            button.main #main-action data-slot="main" type="button" data-act=(action) data-state=(state)
                title="F2; Shift+F2 chỉ kết thúc, không gọi tiếp" {
                span { (label) } kbd { "F2" }
            }
            button.act #queue data-slot="queue-button" type="button" aria-controls="drawer" {
                (icon::people()) span { b { (console.waiting) } " chờ" } kbd { "Danh sách" }
            }
            button.act #transfer data-slot="transfer" type="button" data-act="transfer" disabled[ticket.is_none()] {
                (icon::transfer()) span { "Chuyển" } kbd { "F9" }
            }
            span.gap {}
            button.act.away #absent data-slot="absent" type="button" data-act="absent"
                disabled[ticket.map(Ticket::state) != Some(TicketState::Called)] {
                (icon::absent()) span { "Vắng" } kbd { "F8" }
            }
        }
    }
}

fn about(console: &Console) -> Markup {
    let Some(ticket) = &console.ticket else {
        return html! {
            p.procedure {
                @if console.waiting == 0 { "Chưa có người chờ" } @else { (console.waiting) " người đang chờ" }
            }
            p.why { "Bấm F2 để gọi số tiếp theo" }
        };
    };
    let waited = text::instant(ticket.arrival_time.as_ref())
        .zip(text::instant(ticket.call_time.as_ref()))
        .map(|(from, to)| text::waited(text::minutes(from, to)));
    let reason = console.call.as_ref().map_or("", |c| c.reason.as_str());
    html! {
        p.procedure title=(ticket.procedure_name) {
            @if ticket.procedure_name.is_empty() { (queue_name(&console.centre, &ticket.queue_id)) } @else { (ticket.procedure_name) }
        }
        p.why {
            @if !ticket.priority_class.is_empty() { span.chip { (class_name(&console.centre, &ticket.priority_class)) } }
            @if let Some(language) = language(&ticket.locale) { span.chip.language { (language) } }
            @if ticket.absences > 0 { span.chip.warn { "Lần gọi thứ " (ticket.absences + 1) } }
            @if !reason.is_empty() { span title=(reason) { "Vì sao: " (reason) } }
            @else if let Some(waited) = waited { span { "Chờ " (waited) } }
        }
    }
}

fn queue(console: &Console) -> Markup {
    html! {
        div.waiting data-slot="queue" data-first=[console.next.first().map(|t| text::number(&t.number))] {
            @if console.next.is_empty() {
                p.empty { "Chưa có người chờ." }
            } @else {
                table {
                    thead { tr { th scope="col" { "Số" } th scope="col" { "Việc" } th.right scope="col" { "Đã chờ" } } }
                    tbody {
                        @for ticket in &console.next {
                            tr data-ticket=(ticket.number) {
                                td { b { (text::number(&ticket.number)) }
                                    @if !ticket.priority_class.is_empty() { " " span.chip { "Ưu tiên" } } }
                                td.work {
                                    @if ticket.procedure_name.is_empty() { (queue_name(&console.centre, &ticket.queue_id)) }
                                    @else { (ticket.procedure_name) }
                                }
                                td.right { (waiting(ticket, console.now)) }
                            }
                        }
                    }
                }
                @let more = i64::from(console.waiting) - console.next.len() as i64;
                @if more > 0 { p.empty { "và " (more) " người nữa" } }
            }
        }
    }
}

fn transfer(console: &Console) -> Markup {
    html! {
        dialog #transfer-dialog aria-labelledby="transfer-title" {
            form method="dialog" {
                h2 #transfer-title { "Chuyển số " span #transfer-number {} " đến đâu?" }
                p.muted { "Số giữ nguyên và giữ giờ đến; công dân không phải lấy số lại." }
                div.choices {
                    fieldset {
                        legend { "Hàng chờ" }
                        @for queue in &console.centre.queues {
                            label {
                                input type="radio" name="to" value={ "queue:" (queue.id) };
                                span { (queue.name) } span.muted { (queue.waiting) " chờ" }
                            }
                        }
                    }
                    fieldset {
                        legend { "Quầy" }
                        @for counter in console.centre.counters.iter().filter(|c| c.id != console.counter.id) {
                            label {
                                input type="radio" name="to" value={ "counter:" (counter.id) } disabled[!counter.open];
                                span { "Quầy " (counter.number) " · " (counter.name) }
                                @if !counter.open { span.muted { "đang đóng" } }
                            }
                        }
                    }
                }
                footer {
                    button.quiet type="button" #transfer-cancel { "Không chuyển" }
                    button.go type="button" #transfer-go disabled { "Chuyển" }
                }
            }
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

fn queue_name<'a>(centre: &'a Centre, id: &str) -> &'a str {
    centre.queues.iter().find(|q| q.id == id).map_or("", |q| q.name.as_str())
}

fn class_name<'a>(centre: &'a Centre, id: &str) -> &'a str {
    centre.priority_classes.iter().find(|c| c.id == id).map_or("Ưu tiên", |c| c.name.as_str())
}

fn language(locale: &str) -> Option<&'static str> {
    match locale {
        "km" => Some("Tiếng Khmer"),
        "en" => Some("English"),
        _ => None,
    }
}
