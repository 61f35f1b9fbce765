//! One message: what happened to it, in plain words, and what can be done.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::{DeliveryState, GetDeliveryResponse};
use motcua_ui::icon;

use super::messages::{CSS, LINKS};
use super::words;
use crate::text;
use crate::view::Frame;

/// What the page shows.
pub struct Shown {
    pub answer: GetDeliveryResponse,
    /// The dossier's code; may be empty.
    pub code: String,
    /// Whoever looks may send again.
    pub operates: bool,
    pub tz: TimeZone,
}

/// How far it may be sent once more.
enum Again {
    No,
    Yes,
    /// Only where a double is better than nothing.
    Doubt,
}

fn again(state: DeliveryState) -> Again {
    use DeliveryState as S;
    match state {
        S::Failed | S::Expired | S::NoAddress => Again::Yes,
        S::Unknown | S::Unresolved | S::Unconfirmed => Again::Doubt,
        _ => Again::No,
    }
}

/// The whole page.
pub fn page(user: &Identity, shown: &Shown, ribbon: Option<&str>) -> Markup {
    let delivery = shown.answer.delivery.clone().unwrap_or_default();
    let (label, bad) = words::state(&delivery);
    let (what, then) = words::story(&delivery);
    let time = |time: Option<&prost_types::Timestamp>| {
        text::instant(time).map_or_else(|| "—".to_owned(), |at| text::short(at, &shown.tz))
    };
    let waits = matches!(delivery.state(), DeliveryState::Pending | DeliveryState::Held) && delivery.attempts == 0;
    Frame { title: "Một tin nhắn", ribbon, css: CSS, js: &["told.js"] }.page(html! {
        div.board {
            (super::top("Tin nhắn", words::kind(&delivery.kind), user, LINKS, false))
            main.told {
                section.panel.story {
                    p.back { (icon::back()) " " a href="/manager/messages" { "Danh sách tin nhắn" } }
                    h2 { @if bad { span.chip.bad { (label) } } @else { span.chip.well { (label) } } }
                    p.what { (what) }
                    @if delivery.merged > 0 {
                        p.what { "Gộp với tin về " (delivery.merged) " hồ sơ khác của cùng người dân trong một tin." }
                    }
                    @if !delivery.merged_into_id.is_empty() {
                        p.what { "Được báo chung trong " a href={ "/manager/messages/" (delivery.merged_into_id) } { "một tin gộp nhiều hồ sơ của người dân này" } "." }
                    }
                    p.then { b { "Việc cần làm: " } (then) }
                    dl {
                        dt { "Việc" } dd { (words::kind(&delivery.kind)) }
                        dt { "Hồ sơ" } dd.code { @if shown.code.is_empty() { "—" } @else { a href={ "/dossiers/" (delivery.dossier_id) } { (shown.code) } } }
                        dt { "Gửi đến" } dd.code { @if delivery.address_masked.is_empty() { "—" } @else { (delivery.address_masked) } }
                        dt { "Kênh" } dd { (words::channel(&delivery.channel)) @if delivery.step > 0 { " (kênh thứ " (delivery.step + 1) ")" } }
                        dt { "Lập lúc" } dd { (time(delivery.create_time.as_ref())) }
                        dt { "Nhà cung cấp nhận" } dd { (time(delivery.accept_time.as_ref())) }
                        dt { "Đến máy" } dd { (time(delivery.deliver_time.as_ref())) }
                        @if delivery.wake_time.is_some() { dt { "Xem lại lúc" } dd { (time(delivery.wake_time.as_ref())) } }
                    }
                    @if !delivery.last_error.is_empty() {
                        details { summary { "Chi tiết cho quản trị" } p.code.wrap { (delivery.last_error) } }
                    }
                }
                div.side {
                    section.panel {
                        h2 { "Các lần gửi" }
                        // Attempts are timed by the machine, for they are about its line.
                        @if ribbon.is_some() { p.muted.small { "Giờ của máy chủ, không phải giờ mô phỏng." } }
                        @if shown.answer.attempts.is_empty() { p.empty { "Chưa gửi lần nào." } }
                        @else { ol.steps { @for attempt in &shown.answer.attempts {
                            li {
                                b { "Lần " (attempt.number) } ", " (time(attempt.start_time.as_ref())) ": " (words::attempt(&attempt.class))
                                @if !attempt.detail.is_empty() { p.muted.small { (attempt.detail) } }
                            }
                        } } }
                        @if !shown.answer.receipts.is_empty() {
                            h3 { "Nhà cung cấp báo" }
                            ul.steps { @for receipt in &shown.answer.receipts {
                                li { (time(receipt.receive_time.as_ref())) ": " (words::receipt(&receipt.told)) }
                            } }
                        }
                    }
                    @if !shown.answer.acts.is_empty() {
                        section.panel {
                            h2 { "Người đã thao tác" }
                            ul.steps { @for act in &shown.answer.acts {
                                li { (time(act.time.as_ref())) ", " b { (act.who) } ": " (words::act(&act.action)) ". Lý do: " (act.reason) }
                            } }
                        }
                    }
                    @if shown.operates { (acts(&delivery.id, &delivery.notification_id, &again(delivery.state()), waits)) }
                }
            }
            (super::toasts())
        }
    })
}

fn acts(id: &str, notification_id: &str, again: &Again, waits: bool) -> Markup {
    html! {
        @if !matches!(again, Again::No) {
            section.panel {
                h2 { "Gửi lại" }
                form #resend data-post={ "/manager/messages/" (id) "/resend" } data-done="Đã xếp vào hàng gửi lại." data-reload novalidate {
                    (super::reason("resend-reason", "Ví dụ: người dân báo chưa nhận."))
                    @if matches!(again, Again::Doubt) {
                        div.field {
                            label.tick { input type="checkbox" id="accept_double" name="accept_double" value="true" aria-describedby="double-note"; " Chấp nhận người dân có thể nhận hai lần" }
                            p.problem id="double-note" data-problem="accept_double" { span.hint { "Chưa rõ lần trước tin đã đến hay chưa." } }
                        }
                    }
                    p.problem data-problem="" role="alert" {}
                    button.go type="submit" { "Gửi lại tin này" }
                }
            }
        }
        @if waits {
            section.panel {
                h2 { "Hủy tin chưa gửi" }
                form #cancel data-post={ "/manager/messages/" (id) "/cancel" } data-ask="Hủy tin này? Người dân sẽ không nhận được tin." data-reload novalidate {
                    input type="hidden" name="notification_id" value=(notification_id);
                    (super::reason("cancel-reason", "Ví dụ: kết quả phải sửa lại."))
                    p.problem data-problem="" role="alert" {}
                    button.quiet type="submit" { "Hủy tin" }
                }
            }
        }
    }
}
