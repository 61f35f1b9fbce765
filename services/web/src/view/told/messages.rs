//! Messages: looked for, and those that failed sent again.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::{Delivery, GetDeliveryFiguresResponse};
use motcua_ui::icon;

use super::{figures, words};
use crate::text;
use crate::view::Frame;

/// What is looked for, as it was typed.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Number of a state; 0 is any.
    pub state: i32,
    pub channel: String,
    pub kind: String,
    /// Code of a dossier, or the last digits.
    pub code: String,
    /// "2026-11-23"
    pub day: String,
    /// Where the list goes on.
    pub page: String,
}

/// One delivery and its dossier's code.
pub struct Row {
    pub delivery: Delivery,
    pub code: String,
}

/// What the page shows.
pub struct Listed {
    pub search: Search,
    pub rows: Vec<Row>,
    pub total: i32,
    /// Address of the next page; empty at the end.
    pub next: String,
    /// What is wrong with an input: its name and a sentence.
    pub problem: Option<(&'static str, String)>,
    /// None: notification does not answer this.
    pub figures: Option<GetDeliveryFiguresResponse>,
    /// No provider is set up.
    pub note: String,
    /// Whoever looks may send again.
    pub operates: bool,
    pub tz: TimeZone,
}

pub(super) const LINKS: &[(&str, &str)] = &[
    ("/manager", "Điều hành"),
    ("/manager/messages", "Tin nhắn"),
    ("/manager/channels", "Kênh gửi tin"),
    ("/staff/calls", "Gọi điện"),
    ("/admin/templates", "Mẫu tin"),
];
pub(super) const CSS: &[&str] = &["staff.css", "devices.css", "told.css"];

/// The whole page.
pub fn page(name: &str, user: &Identity, listed: &Listed, live: &str, ribbon: Option<&str>) -> Markup {
    Frame { title: "Tin nhắn", ribbon, css: CSS, js: &["told.js"] }.page(html! {
        div.board #told data-live=(live) {
            (super::top("Tin nhắn", name, user, LINKS, true))
            main.told {
                section.panel.list-of { (search(listed)) (state(listed)) }
                div.side {
                    @if listed.operates { (replay(listed)) }
                    div data-slot="figures" { (side(listed)) }
                }
            }
            (super::toasts())
        }
    })
}

fn side(listed: &Listed) -> Markup {
    html! {
        @match &listed.figures {
            Some(known) => (figures::panel(known)),
            None => p.missing role="alert" { (icon::warning()) " Chưa lấy được số liệu; đang thử lại." },
        }
    }
}

/// Everything that changes.
pub fn live(listed: &Listed) -> Markup {
    html! {
        (state(listed))
        div data-slot="figures" { (side(listed)) }
        (dead(listed))
    }
}

fn choice(name: &str, label: &str, any: &str, options: &[(String, &str)], chosen: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                option value="" { (any) }
                @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}

fn search(listed: &Listed) -> Markup {
    let Search { state, channel, kind, code, day, .. } = &listed.search;
    let problem =
        |name: &str| listed.problem.as_ref().filter(|(field, _)| *field == name).map(|(_, text)| text.as_str());
    let states: Vec<_> = words::STATES.iter().map(|(state, label)| ((*state as i32).to_string(), *label)).collect();
    let typed = |name: &str, label: &str, kind: &str, value: &str, hint: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(kind) value=(value) autocomplete="off" maxlength="40" placeholder=(hint)
                    aria-invalid=[problem(name).map(|_| "true")] aria-describedby={ (name) "-note" };
                p.problem id={ (name) "-note" } { @if let Some(text) = problem(name) { (text) } }
            }
        }
    };
    html! {
        form.finder method="get" action="/manager/messages" role="search" {
            (typed("code", "Mã hồ sơ", "search", code, "hoặc mấy số cuối"))
            (typed("day", "Ngày", "date", day, ""))
            (choice("state", "Tình trạng", "Mọi tình trạng", &states, &state.to_string()))
            (choice("kind", "Việc", "Mọi việc", &own(&words::KINDS), kind))
            (choice("channel", "Kênh", "Mọi kênh", &own(&words::CHANNELS), channel))
            div.buttons { button.go type="submit" { "Tìm" } a.quiet href="/manager/messages" { "Bỏ lọc" } }
        }
    }
}

fn state(listed: &Listed) -> Markup {
    html! {
        div.listed data-slot="messages" {
            @if !listed.note.is_empty() { p.note { (icon::help()) " " (listed.note) } }
            @if let Some(known) = &listed.figures { (figures::tiles(known)) }
            @if listed.rows.is_empty() {
                p.empty { @if listed.problem.is_some() { "Sửa ô đánh dấu rồi tìm lại." } @else { "Không có tin nào như vậy." } }
            } @else {
                p.muted role="status" { (listed.total) @if listed.total >= 10_000 { " tin trở lên" } @else { " tin" } ", mới nhất ở trên" }
                div.scroll tabindex="0" role="region" aria-label="Danh sách tin nhắn" { table {
                    thead { tr {
                        th scope="col" { "Lúc" } th scope="col" { "Việc" } th scope="col" { "Hồ sơ" } th scope="col" { "Gửi đến" }
                        th scope="col" { "Kênh" } th scope="col" { "Kết quả" }
                    } }
                    tbody { @for row in &listed.rows { (line(row, &listed.tz)) } }
                } }
                @if !listed.next.is_empty() { p.more { a.quiet href=(listed.next) { "Trang sau" } } }
            }
        }
    }
}

fn line(row: &Row, tz: &TimeZone) -> Markup {
    let Row { delivery, code } = row;
    let (label, bad) = words::state(delivery);
    html! {
        tr data-delivery=(delivery.id) {
            td.when { @if let Some(time) = text::instant(delivery.create_time.as_ref()) { (text::short(time, tz)) } }
            td { a id={ "m-" (delivery.id) } href={ "/manager/messages/" (delivery.id) } { (words::kind(&delivery.kind)) } }
            td.code { @if code.is_empty() { "—" } @else { (code) } }
            td.code { @if delivery.address_masked.is_empty() { "—" } @else { (delivery.address_masked) } }
            td { (words::channel(&delivery.channel)) }
            td.result { @if bad { span.chip.bad { (label) } } @else { (label) } }
        }
    }
}

/// How many failed, and sending them again. The form stands apart from what changes: nobody's words are lost.
fn replay(listed: &Listed) -> Markup {
    html! {
        section.panel #dead {
            h2 { "Tin gửi hỏng" }
            (dead(listed))
            details #replaying {
                summary { "Gửi lại tất cả" }
                form #replay data-post="/manager/messages/replay" novalidate
                    data-ask="Gửi lại các tin hỏng? Tin đã báo được qua kênh khác được bỏ qua." {
                    (choice("only", "Chỉ việc", "Mọi việc", &own(&words::KINDS), ""))
                    (super::reason("replay-reason", "Ví dụ: đã sửa mẫu tin, đã nạp tiền."))
                    p.problem data-problem="" role="alert" {}
                    button.go type="submit" { "Gửi lại các tin hỏng" }
                }
            }
        }
    }
}

fn dead(listed: &Listed) -> Markup {
    html! {
        div data-slot="dead" {
            @match listed.figures.as_ref().map(|known| known.dead_letters) {
                None => p.missing { (icon::warning()) " Chưa đếm được tin hỏng; đang thử lại." },
                Some(0) => p.calm { (icon::check()) " Không có tin nào hỏng." },
                Some(count) => p { "Có " b { (count) } @if count >= 10_000 { " tin trở lên" } @else { " tin" }
                    " không gửi được trên kênh nào. Sửa nguyên nhân trước, rồi gửi lại; mỗi lần nhiều nhất 1.000 tin." },
            }
        }
    }
}

fn own(list: &[(&'static str, &'static str)]) -> Vec<(String, &'static str)> {
    list.iter().map(|(id, text)| ((*id).to_owned(), *text)).collect()
}
