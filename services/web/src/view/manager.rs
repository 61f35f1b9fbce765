//! The manager's page: the hall and the promised times, now.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, Render, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::{Delivery, ListDeliveriesResponse};
use motcua_proto::routing::v1::{Centre, GetQueueFiguresResponse, QueueFigures};
use motcua_proto::status::v1::{DossierScope, DossierState, Happening, SummariseResponse};

use super::Frame;
use super::dossier::list::figure;
use super::dossier::narrow::Narrow;
use super::staff::{self, Call};
use super::told::words;
use crate::text;

/// What the page knows; a part is none when its service does not answer.
pub struct Figures {
    /// Areas, queues, counters.
    pub centre: Option<Centre>,
    /// Minutes the longest waiting citizen has waited.
    pub longest: Option<i64>,
    /// What people waited today beside what they were told.
    pub waits: Option<GetQueueFiguresResponse>,
    /// Dossiers.
    pub summary: Option<SummariseResponse>,
    /// Messages to citizens.
    pub deliveries: Option<ListDeliveriesResponse>,
    /// Calls for help and alarms that are open; none when they cannot be read.
    pub calls: Option<Vec<Call>>,
    /// Machines that are silent.
    pub lost: Vec<String>,
    /// The centre's time zone.
    pub tz: TimeZone,
    /// Its date.
    pub today: Date,
}

/// The whole page.
pub fn page(name: &str, user: &Identity, figures: &Figures, ribbon: Option<&str>) -> Markup {
    Frame { title: "Điều hành", ribbon, css: &["staff.css", "devices.css", "centre.css"], js: &["manager.js"] }.page(
        html! {
            div.board #manager data-live="/manager/figures" {
                header.top {
                    h1 { "Điều hành" }
                    span { (name) }
                    span.age #age role="status" { "vừa cập nhật" }
                    nav {
                        a href="/dossiers" { "Hồ sơ" } " " a href="/manager/statistics" { "Thống kê" } " " a href="/reports" { "Báo cáo" } " " a href="/manager/messages" { "Tin nhắn" } " "
                        a href="/staff" { "Gọi hỗ trợ" } " " a href="/admin/devices" { "Thiết bị" }
                    }
                    (super::user(user))
                }
                div.alerts { p.banner #banner role="alert" hidden {} (alarms(figures)) }
                (main(figures))
            }
        },
    )
}

/// Everything that changes.
pub fn state(figures: &Figures) -> Markup {
    html! { (alarms(figures)) (main(figures)) }
}

/// What nobody went to in time.
fn alarms(figures: &Figures) -> Markup {
    staff::overdue(figures.calls.as_deref().unwrap_or_default(), &figures.lost)
}

fn main(figures: &Figures) -> Markup {
    html! {
        main.figures data-slot="figures" {
            (tiles(figures))
            section.panel.departments {
                h2 { "Hồ sơ theo đơn vị" }
                (departments(figures))
            }
            section.panel.queues {
                h2 { "Hàng chờ" }
                (queues(figures))
            }
            section.panel.estimates {
                h2 { "Ước lượng chờ" }
                (estimates(figures))
            }
            section.panel.deliveries {
                h2 { a href="/manager/messages" { "Tin nhắn cho công dân" } }
                (deliveries(figures))
            }
        }
    }
}

fn tiles(figures: &Figures) -> Markup {
    let waiting = figures.centre.as_ref().map(|c| c.queues.iter().map(|q| i64::from(q.waiting)).sum::<i64>());
    let open = figures.centre.as_ref().map(|c| (c.counters.iter().filter(|c| c.open).count(), c.counters.len()));
    let summary = figures.summary.as_ref();
    html! {
        section.tiles aria-label="Trong ngày" {
            (tile("Đang chờ", waiting.map(said), false))
            (tile("Chờ lâu nhất", figures.centre.as_ref().map(|_| said(figures.longest.map_or("0 phút".into(), text::waited))), figures.longest.is_some_and(|m| m >= 30)))
            (tile("Quầy mở", open.map(|(open, all)| said(format!("{open}/{all}"))), false))
            (tile("Đến hạn hôm nay", summary.map(|s| counted(s.due_today, &due_on(figures.today))), false))
            (tile("Quá hạn", summary.map(|s| counted(s.overdue, &Narrow { overdue: true, ..Narrow::default() })), summary.is_some_and(|s| s.overdue > 0)))
            (tile("Có kết quả, chờ trả", summary.map(|s| counted(s.ready, &ready())), false))
        }
    }
}

/// The promises of a day that are still running.
pub fn due_on(day: Date) -> Narrow {
    Narrow { happening: Happening::Due, days: Some((day, day)), ..Narrow::default() }
}

/// What came on a day.
pub fn accepted_on(day: Date) -> Narrow {
    Narrow { happening: Happening::Accepted, days: Some((day, day)), ..Narrow::default() }
}

/// What waits for its owner.
pub fn ready() -> Narrow {
    Narrow { state: DossierState::Completed.into(), ..Narrow::default() }
}

fn said(value: impl Render) -> Markup {
    html! { (value) }
}

fn counted(count: i32, narrow: &Narrow) -> Markup {
    html! { (figure(count, narrow)) " " small { "hồ sơ" } }
}

/// One figure with its name; none is not known.
pub fn tile(label: &str, value: Option<Markup>, alarm: bool) -> Markup {
    html! {
        div.tile.alarm[alarm] {
            p.label { (label) }
            p.value { @match value { Some(value) => (value), None => "—" } }
        }
    }
}

fn missing(what: &str) -> Markup {
    html! { p.missing role="alert" { (motcua_ui::icon::warning()) " Chưa lấy được " (what) "; đang thử lại." } }
}

fn departments(figures: &Figures) -> Markup {
    let Some(summary) = &figures.summary else { return missing("số liệu hồ sơ") };
    let mut rows: Vec<_> = summary.departments.iter().collect();
    rows.sort_by_key(|d| (-d.overdue, -d.due_today, -d.open));
    html! {
        p.muted { "Đang giải quyết " b { (figure(summary.open, &Narrow { scope: DossierScope::Open, ..Narrow::default() })) } " hồ sơ · tiếp nhận hôm nay " b { (figure(summary.accepted_today, &accepted_on(figures.today))) } }
        @if rows.is_empty() { p.empty { "Không có hồ sơ nào đang giải quyết." } }
        @else {
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Đơn vị giải quyết" } th.right scope="col" { "Chưa kết thúc" } th.right scope="col" { "Hạn hôm nay" }
                        th.right scope="col" { "Quá hạn" } th.right scope="col" { "Nhận sớm nhất" }
                    } }
                    tbody { @for row in rows {
                        @let of = |narrow: Narrow| Narrow { department: row.department.clone(), ..narrow };
                        tr {
                            td { (row.department) }
                            td.right { (figure(row.open, &of(Narrow { scope: DossierScope::Open, ..Narrow::default() }))) }
                            td.right { @if row.due_today > 0 { b { (figure(row.due_today, &of(due_on(figures.today)))) } } @else { "0" } }
                            td.right { @if row.overdue > 0 { span.chip.bad { (figure(row.overdue, &of(Narrow { overdue: true, ..Narrow::default() }))) } } @else { "0" } }
                            td.right { @if let Some(oldest) = text::instant(row.oldest_accept_time.as_ref()) { (text::day(oldest, &figures.tz)) } @else { "—" } }
                        }
                    } }
                }
            }
        }
    }
}

fn queues(figures: &Figures) -> Markup {
    let Some(centre) = &figures.centre else { return missing("số liệu hàng chờ") };
    let most = centre.queues.iter().map(|q| q.waiting).max().unwrap_or(0).max(1);
    let mut rows: Vec<_> = centre.queues.iter().collect();
    rows.sort_by_key(|q| -q.waiting);
    let counters =
        |queue: &str| centre.counters.iter().filter(|c| c.open && c.skills.iter().any(|s| s.queue_id == queue)).count();
    html! {
        @if let Some(opening) = &centre.opening { p.muted { (opening.text) } }
        div.scroll tabindex="0" {
            table {
                thead { tr { th scope="col" { span.visually-hidden { "Khu" } } th scope="col" { "Hàng chờ" } th.right scope="col" { "Chờ" } th scope="col" { span.visually-hidden { "Mức" } } th.right scope="col" { "Quầy mở" } } }
                tbody { @for queue in rows {
                    @let open = counters(&queue.id);
                    tr {
                        td.narrow { span.letter data-area=(queue.area_id) { (letter(centre, &queue.area_id)) } }
                        td { (queue.name) }
                        td.right { b { (queue.waiting) } }
                        td.level { progress max=(most) value=(queue.waiting) aria-hidden="true" {} }
                        td.right { @if open == 0 && queue.waiting > 0 { span.chip.bad { "không có" } } @else { (open) } }
                    }
                } }
            }
        }
    }
}

/// How often the time told held; told apart from a day on which nobody was called yet.
fn estimates(figures: &Figures) -> Markup {
    let Some(waits) = &figures.waits else { return missing("số liệu ước lượng chờ") };
    let told = |queue: &QueueFigures| queue.estimates.is_some_and(|estimates| estimates.told > 0);
    html! {
        @if !waits.all.as_ref().is_some_and(told) { p.empty { "Hôm nay chưa gọi số nào có báo thời gian chờ." } }
        @else {
            @if let Some(all) = &waits.all { p.muted { (held(all)) } }
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Hàng chờ" } th.right scope="col" { "Đã gọi" } th.right scope="col" { "9/10 chờ không quá" }
                        th.right scope="col" { "Đúng trong khoảng" } th.right scope="col" { "Khoảng báo rộng" } th.right scope="col" { "Lệch trung bình" }
                    } }
                    tbody { @for queue in waits.queues.iter().filter(|queue| told(queue)) { (estimate_row(queue)) } }
                }
            }
        }
    }
}

/// "Đúng trong khoảng đã báo: 90 % (mong muốn 90 %); gọi trước mốc sớm: 48 % (mong muốn 50 %)"
fn held(all: &QueueFigures) -> String {
    let estimates = all.estimates.unwrap_or_default();
    format!(
        "Đúng trong khoảng đã báo: {} % số lượt (mong muốn khoảng 90 %); được gọi trước mốc sớm: {} % (mong muốn khoảng 50 %).",
        percent(estimates.before_p90, estimates.told),
        percent(estimates.before_p50, estimates.told)
    )
}

fn percent(part: i32, of: i32) -> i64 {
    (i64::from(part) * 100 + i64::from(of) / 2) / i64::from(of.max(1))
}

/// Fewer calls than this say little of a percentage.
const CALLS_TELLING: i32 = 20;

fn estimate_row(queue: &QueueFigures) -> Markup {
    let (waits, estimates) = (queue.waits.unwrap_or_default(), queue.estimates.unwrap_or_default());
    let share = percent(estimates.before_p90, estimates.told);
    html! {
        tr {
            td { (queue.name) }
            td.right { (waits.called) }
            td.right { (text::waited(i64::from(waits.p90_seconds) / 60)) }
            td.right { @if share < 75 && estimates.told >= CALLS_TELLING { span.chip.bad { (share) " %" } } @else { (share) " %" } }
            td.right { (text::waited(i64::from(estimates.band_seconds) / 60)) }
            td.right { (text::waited(i64::from(estimates.error_seconds) / 60)) }
        }
    }
}

fn letter<'a>(centre: &'a Centre, area: &str) -> &'a str {
    centre.areas.iter().find(|a| a.id == area).map_or("", |a| a.letter.as_str())
}

fn deliveries(figures: &Figures) -> Markup {
    let Some(answer) = &figures.deliveries else { return missing("danh sách tin nhắn") };
    html! {
        @if !answer.provider_note.is_empty() { p.note { (motcua_ui::icon::help()) " " (answer.provider_note) } }
        @if answer.deliveries.is_empty() { p.empty { "Hôm nay chưa gửi tin nào." } }
        @else {
            div.scroll tabindex="0" {
                table {
                    thead { tr {
                        th scope="col" { "Lúc" } th scope="col" { "Việc" } th scope="col" { "Gửi đến" } th scope="col" { "Qua" }
                        th scope="col" { "Kết quả" } th.right scope="col" { "Lần gửi" }
                    } }
                    tbody { @for delivery in &answer.deliveries { (delivery_row(delivery, &figures.tz)) } }
                }
            }
        }
    }
}

fn delivery_row(delivery: &Delivery, tz: &TimeZone) -> Markup {
    let (label, bad) = words::state(delivery);
    html! {
        tr data-delivery=(delivery.id) {
            td { @if let Some(time) = text::instant(delivery.create_time.as_ref()) { (text::short(time, tz)) } }
            td { (words::kind(&delivery.kind)) }
            td.code { @if delivery.address_masked.is_empty() { "—" } @else { (delivery.address_masked) } }
            td { (words::channel(&delivery.channel)) }
            td title=[(!delivery.last_error.is_empty()).then_some(&delivery.last_error)] {
                @if bad { span.chip.bad { (label) } } @else { (label) }
            }
            td.right { (delivery.attempts) }
        }
    }
}
