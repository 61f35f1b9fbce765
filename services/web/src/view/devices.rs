//! The list of devices, one device, and what is set for them.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;

use super::Frame;
use super::staff::ago;
use crate::device::{Device, Set};
use crate::model::config::{Form, Policy};
use crate::model::device::{Kind, Report, Standing, paper};
use crate::text;

const CSS: &[&str] = &["staff.css", "devices.css"];

/// What the list shows.
pub struct Listed {
    pub rows: Vec<Row>,
    pub policy: Policy,
    /// Whoever looks may change something.
    pub manages: bool,
    /// Machines that show a code now: their own name and their program's version.
    pub waiting: Vec<(String, String)>,
    pub tz: TimeZone,
}

/// One device.
pub struct Row {
    pub device: Device,
    pub standing: Standing,
    pub report: Report,
    /// Seconds since it was last heard.
    pub silence: Option<i64>,
    /// "Sảnh tầng trệt · Quầy 3"
    pub place: String,
}

/// Where a device may stand: id and name.
pub struct Places {
    pub halls: Vec<(String, String)>,
    pub counters: Vec<(String, String)>,
}

/// What is set, and whether whoever looks may change it.
pub struct Configured {
    pub set: Set,
    pub manages: bool,
    pub tz: TimeZone,
}

fn top(title: &str, beside: &str, user: &Identity, age: bool) -> Markup {
    html! {
        header.top {
            h1 { (title) } span { (beside) }
            @if age { span.age #age role="status" { "vừa cập nhật" } }
            nav { a href="/admin/devices" { "Danh sách thiết bị" } " " a href="/staff" { "Gọi hỗ trợ" } }
            (super::user(user))
        }
        p.banner #banner role="alert" hidden {}
    }
}

/// The whole page.
pub fn page(name: &str, user: &Identity, listed: &Listed, places: &Places, ribbon: Option<&str>) -> Markup {
    Frame { title: "Thiết bị", ribbon, css: CSS, js: &["devices.js"] }.page(html! {
        div.board #devices data-live="/admin/devices/list" {
            (top("Thiết bị", name, user, true))
            main.devices {
                section.panel { h2 { "Máy trong Trung tâm" } (state(listed)) }
                @if listed.manages { div.side { (enrol(places)) (policy(listed.policy)) } }
            }
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// Everything that changes.
pub fn state(listed: &Listed) -> Markup {
    html! {
        div.listed data-slot="devices" {
            @if !listed.waiting.is_empty() && listed.manages {
                p.note { (motcua_ui::icon::help()) " Đang chờ nhập mã: "
                    (listed.waiting.iter().map(|(name, version)| format!("{name} (phiên bản {version})")).collect::<Vec<_>>().join(", ")) "." }
            }
            @if listed.rows.is_empty() {
                p.empty { "Chưa có máy nào báo về. Bật máy, rồi nhập mã hiện trên màn hình của máy vào ô bên." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label="Danh sách thiết bị" { table {
                    thead { tr {
                        th scope="col" { "Máy" } th scope="col" { "Tình trạng" } th scope="col" { "Giấy" }
                        th scope="col" { "Nghe lần cuối" } th.right scope="col" { "Số dự phòng" } th scope="col" { "Phiên bản" }
                        th scope="col" { "Tự kiểm tra" }
                    } }
                    tbody { @for row in &listed.rows { (line(row, &listed.tz)) } }
                } }
            }
        }
    }
}

fn line(row: &Row, tz: &TimeZone) -> Markup {
    let Row { device, report, .. } = row;
    let heard = row.silence.is_some();
    html! {
        tr data-device=(device.id) data-state=(state_name(&row.standing)) {
            td { a href={ "/admin/devices/" (device.id) } { (device.name) }
                p.muted.small { (device.what().label()) @if !row.place.is_empty() { " · " (row.place) } @if !device.enrolled() { " · token từ tệp" } } }
            td { (standing(&row.standing)) }
            td { @if heard { (paper(report)) } @else { "—" } }
            td { @match row.silence { Some(seconds) => { (ago(seconds)) " trước" } None => "chưa lần nào" } }
            td.right { @if heard && device.what() == Kind::Kiosk { (report.numbers_left) } @else { "—" } }
            td.code { @if report.version.is_empty() { "—" } @else { (report.version) } }
            td { (check(report, tz)) }
        }
    }
}

fn state_name(standing: &Standing) -> &'static str {
    match standing {
        Standing::Well => "well",
        Standing::Trouble(_) => "trouble",
        Standing::Lost => "lost",
        Standing::Awaited => "awaited",
        Standing::Revoked => "revoked",
    }
}

fn standing(standing: &Standing) -> Markup {
    html! {
        @match standing {
            Standing::Well => span.chip.well { "Hoạt động" },
            Standing::Lost => span.chip.bad { "Mất liên lạc" },
            Standing::Awaited => span.chip { "Chờ máy báo về" },
            Standing::Revoked => span.chip { "Đã thu hồi" },
            Standing::Trouble(found) => { span.chip { "Cần xem" } ul.troubles { @for one in found { li { (one) } } } }
        }
    }
}

fn check(report: &Report, tz: &TimeZone) -> Markup {
    html! {
        @match &report.check {
            None => "chưa có",
            Some(check) => {
                @let bad = check.checks.iter().filter(|one| !one.good).count();
                @if bad == 0 { "tốt" } @else { span.chip.bad { (bad) " lỗi" } }
                p.muted.small { (text::short(motcua_store::Micros(check.time).timestamp(), tz)) }
            }
        }
    }
}

fn input(name: &str, label: &str, value: &str, hint: &str) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(value) autocomplete="off" maxlength="120" aria-describedby={ (name) "-note" };
            p.problem id={ (name) "-note" } data-problem=(name) { span.hint { (hint) } }
        }
    }
}

fn select(name: &str, label: &str, none: &str, options: &[(String, String)]) -> Markup {
    html! {
        div.field {
            label for=(name) { (label) }
            select id=(name) name=(name) aria-describedby={ (name) "-note" } {
                @if !none.is_empty() { option value="" { (none) } }
                @for (id, text) in options { option value=(id) { (text) } }
            }
            p.problem id={ (name) "-note" } data-problem=(name) {}
        }
    }
}

fn enrol(places: &Places) -> Markup {
    let kinds: Vec<(String, String)> =
        Kind::ALL.iter().map(|kind| (kind.text().to_owned(), kind.label().to_owned())).collect();
    html! {
        section.panel {
            h2 { "Ghi danh máy mới" }
            form #enrol data-post="/admin/devices" data-done="Đã ghi danh máy." novalidate {
                (input("code", "Mã trên màn hình máy", "", "Ví dụ K7M-4QX; mã đổi sau 10 phút."))
                (input("name", "Tên máy", "", "Ví dụ Kiosk cửa chính."))
                (select("kind", "Loại máy", "", &kinds))
                (select("hall_id", "Sảnh", "Mọi sảnh", &places.halls))
                (select("counter_id", "Quầy", "Không thuộc quầy nào", &places.counters))
                p.problem data-problem="" role="alert" {}
                button.go type="submit" { "Ghi danh" }
            }
        }
    }
}

fn policy(policy: Policy) -> Markup {
    html! {
        section.panel {
            h2 { "Khi nào báo" }
            form #policy data-post="/admin/devices/policy" data-done="Đã lưu." data-keep novalidate {
                (input("report_seconds", "Máy báo về mỗi (giây)", &policy.report_seconds.to_string(), ""))
                (input("lost_seconds", "Coi là mất liên lạc sau (giây)", &policy.lost_seconds.to_string(), ""))
                (input("escalate_seconds", "Chưa ai đến, báo lãnh đạo sau (giây)", &policy.escalate_seconds.to_string(), ""))
                p.problem data-problem="" role="alert" {}
                button.go type="submit" { "Lưu" }
            }
            p { a href="/admin/devices/config" { "Thông báo, âm lượng, câu chữ cho mọi máy" } }
        }
    }
}

/// One device: how it is, what is set for it, the way out.
pub fn one(user: &Identity, row: &Row, configured: &Configured, ribbon: Option<&str>) -> Markup {
    let Row { device, report, .. } = row;
    Frame { title: &device.name, ribbon, css: CSS, js: &["devices.js"] }.page(html! {
        div.board {
            (top(&device.name, device.what().label(), user, false))
            main.devices {
                section.panel {
                    h2 { "Tình trạng" }
                    (standing(&row.standing))
                    dl {
                        dt { "Nơi đặt" } dd { @if row.place.is_empty() { "—" } @else { (row.place) } }
                        dt { "Giấy" } dd { (paper(report)) }
                        dt { "Số dự phòng" } dd { (report.numbers_left) }
                        dt { "Lệch giờ" } dd { (report.clock_off_seconds) " giây" }
                        dt { "Tìm không thấy" } dd { (report.searches_in_vain) " lượt" }
                        dt { "Cấu hình đang dùng" } dd { @if report.config_version > 0 { "phiên bản " (report.config_version) } @else { "tệp của máy" } }
                        @if let Some(refused) = &report.refused { dt { "Không nhận" } dd { "phiên bản " (refused.version) ": " (refused.reason) } }
                    }
                    @if let Some(check) = &report.check {
                        h3 { "Tự kiểm tra lúc " (text::short(motcua_store::Micros(check.time).timestamp(), &configured.tz)) }
                        ul.checks { @for one in &check.checks { li.bad[!one.good] { @if one.good { (motcua_ui::icon::check()) } @else { (motcua_ui::icon::warning()) } " " (one.text) } } }
                    }
                    @if configured.manages && !(device.enrolled() && device.revoke_time.is_none()) {
                        form #forget data-post={ "/admin/devices/" (device.id) "/forget" } data-ask={ "Gỡ " (device.name) " khỏi danh sách?" } data-go="/admin/devices" {
                            p.problem data-problem="" role="alert" {}
                            button.quiet type="submit" { "Gỡ khỏi danh sách" }
                        }
                    }
                    @if configured.manages && device.enrolled() && device.revoke_time.is_none() {
                        form #revoke data-post={ "/admin/devices/" (device.id) "/revoke" } data-ask={ "Thu hồi " (device.name) "? Máy hiện lại màn hình ghi danh và không lấy số được nữa." } data-reload {
                            p.problem data-problem="" role="alert" {}
                            button.quiet type="submit" { "Thu hồi máy này" }
                        }
                    }
                }
                (form(&format!("/admin/devices/{}/config", device.id), "Riêng cho máy này", configured))
            }
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// What is set for every device of the centre.
pub fn all(user: &Identity, configured: &Configured, ribbon: Option<&str>) -> Markup {
    Frame { title: "Cấu hình mọi máy", ribbon, css: CSS, js: &["devices.js"] }.page(html! {
        div.board {
            (top("Cấu hình mọi máy", "", user, false))
            main.devices { (form("/admin/devices/config", "Cho mọi máy trong Trung tâm", configured)) }
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

fn form(post: &str, title: &str, configured: &Configured) -> Markup {
    let Configured { set, manages, tz } = configured;
    let shown = Form::show(&set.config);
    let area = |name: &str, label: &str, value: &str, hint: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                textarea id=(name) name=(name) rows="4" aria-describedby={ (name) "-note" } disabled[!*manages] { (value) }
                p.problem id={ (name) "-note" } data-problem=(name) { span.hint { (hint) } }
            }
        }
    };
    html! {
        section.panel {
            h2 { (title) }
            @if let Some((time, who)) = &set.by { p.muted { "Phiên bản " (set.version) ", " (who) ", " (text::short(*time, tz)) } }
            @else { p.muted { "Chưa đặt gì: máy theo tệp cấu hình của chính nó." } }
            form #config data-post=(post) data-done="Đã lưu. Máy nhận trong lần báo về tới." data-keep novalidate {
                input type="hidden" name="etag" value=(set.version);
                (area("notices", "Thông báo trên màn hình", &shown.notices, "Mỗi dòng một thông báo, tối đa 6."))
                (input("volume", "Âm lượng (0–100)", &shown.volume, "Để trống: theo tệp của máy."))
                (input("quiet", "Giờ im lặng", &shown.quiet, "Ví dụ 11:30-13:00, 17:00-07:00; dấu - là không có."))
                (area("texts", "Câu chữ thay thế", &shown.texts, "Mỗi dòng: ngôn ngữ, khóa, dấu =, câu. Ví dụ vi home = Kính chào ông/bà."))
                (input("self_check", "Giờ tự kiểm tra mỗi đêm", &shown.self_check, "Ví dụ 02:30."))
                p.problem data-problem="" role="alert" {}
                @if *manages { button.go type="submit" { "Lưu và gửi xuống máy" } }
            }
        }
    }
}
