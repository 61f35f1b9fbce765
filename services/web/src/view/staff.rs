//! Calls for help and printers' alarms: who, where, since when, and who goes.

use maud::{Markup, html};
use motcua_kernel::identity::Identity;

use super::Frame;
use crate::device::OpenAlarm;
use crate::model::alarm::Kind;

/// One open alarm, ready to be read.
pub struct Call {
    /// What it is.
    pub alarm: OpenAlarm,
    /// Where the machine stands; may be empty.
    pub hall: String,
    /// "08:42:10"
    pub since: String,
    /// People's own seconds since.
    pub seconds: i64,
    /// "08:43", once somebody goes.
    pub acknowledged: Option<String>,
}

impl Call {
    fn overdue(&self) -> bool {
        self.alarm.times.escalated.is_some() && self.acknowledged.is_none()
    }
}

/// The whole page.
pub fn page(name: &str, user: &Identity, calls: &[Call], ribbon: Option<&str>) -> Markup {
    Frame { title: "Gọi hỗ trợ", ribbon, css: &["staff.css", "devices.css"], js: &["staff.js"] }.page(html! {
        div.board #staff data-live="/staff/events" {
            header.top { h1 { "Gọi hỗ trợ" } span { (name) } span.age #age role="status" { "Đang kết nối" }
                nav { a href="/staff/calls" { "Danh sách gọi điện" } } (super::user(user)) }
            p.banner #banner role="alert" hidden {}
            (state(calls))
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// Everything that changes.
pub fn state(calls: &[Call]) -> Markup {
    html! {
        main.calls data-slot="calls" tabindex="0" aria-label="Cuộc gọi và báo động đang mở" {
            @if calls.is_empty() {
                div.quiet-hall { (motcua_ui::icon::check()) p { "Không có ai gọi hỗ trợ. Các máy in hoạt động bình thường." } }
            }
            @else { ul { @for call in calls { (card(call)) } } }
        }
    }
}

fn card(call: &Call) -> Markup {
    let Call { alarm, .. } = call;
    let where_ = if call.hall.is_empty() { alarm.device.clone() } else { format!("{} · {}", alarm.device, call.hall) };
    html! {
        li.call.help[alarm.kind == Kind::Help].overdue[call.overdue()].gone[call.acknowledged.is_some()] data-alarm=(alarm.id) data-kind=(alarm.kind.text()) {
            span.sign { @if alarm.kind == Kind::Help { (motcua_ui::icon::person()) } @else { (motcua_ui::icon::printer()) } }
            div.what {
                h2 { (alarm.kind.label()) @if call.overdue() { " " span.chip.bad { "đã báo lãnh đạo" } } }
                p.where { (where_) }
                p.muted { (alarm.kind.advice()) }
            }
            div.since {
                p { "từ " b { (call.since) } }
                p.muted data-seconds=(call.seconds) { (ago(call.seconds)) }
            }
            div.who {
                @match &call.acknowledged {
                    Some(time) => p { (motcua_ui::icon::check()) " " b { (alarm.by) } " nhận lúc " (time) }
                    None => button.go type="button" id={ "go-" (alarm.id) } data-answer="acknowledge" { "Tôi đến ngay" }
                }
                // A printer's alarm ends when its cause is gone; only a person knows that a citizen was helped.
                @if alarm.kind == Kind::Help && call.acknowledged.is_some() {
                    button.quiet type="button" id={ "end-" (alarm.id) } data-answer="close" { "Đã hỗ trợ xong" }
                }
            }
        }
    }
}

/// For the manager: what nobody went to in time, and machines that are silent; nothing while there is none.
pub fn overdue(calls: &[Call], lost: &[String]) -> Markup {
    html! {
        div.overdue-calls data-slot="alarms" role="alert" {
            @for call in calls.iter().filter(|call| call.overdue()) {
                p data-alarm=(call.alarm.id) {
                    (motcua_ui::icon::warning()) " Chưa ai đến: " b { (call.alarm.kind.label()) } " tại " b { (call.alarm.device) }
                    @if !call.hall.is_empty() { " (" (call.hall) ")" } ", từ " (call.since) ". " a href="/staff" { "Mở trang gọi hỗ trợ" }
                }
            }
            @if !lost.is_empty() {
                p { (motcua_ui::icon::offline()) " Mất liên lạc với " b { (lost.join(", ")) } ". " a href="/admin/devices" { "Mở trang thiết bị" } }
            }
        }
    }
}

/// "35 giây", "4 phút"
pub fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} giây"),
        60..3600 => format!("{} phút", seconds / 60),
        3600..86_400 => format!("{} giờ", seconds / 3600),
        _ => format!("{} ngày", seconds / 86_400),
    }
}
