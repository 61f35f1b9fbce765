//! Channels: which are set up, how they do, and turning one off.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::Provider;
use motcua_ui::icon;

use super::messages::{CSS, LINKS};
use super::words;
use crate::text;
use crate::view::Frame;

/// What the page shows.
pub struct Shown {
    pub providers: Vec<Provider>,
    /// No provider is set up: where messages go instead.
    pub note: String,
    /// Whoever looks may turn a channel off.
    pub operates: bool,
    pub now: Timestamp,
    /// The machine's clock, in which rests are counted.
    pub machine_now: Timestamp,
    pub tz: TimeZone,
}

/// The whole page.
pub fn page(name: &str, user: &Identity, shown: &Shown, ribbon: Option<&str>) -> Markup {
    Frame { title: "Kênh gửi tin", ribbon, css: CSS, js: &["told.js"] }.page(html! {
        div.board {
            (super::top("Kênh gửi tin", name, user, LINKS, false))
            main.told.one-column {
                @if !shown.note.is_empty() { p.note { (icon::help()) " " (shown.note) } }
                @if shown.providers.is_empty() { section.panel { p.empty { "Chưa có kênh nào được cấu hình." } } }
                div.cards { @for provider in &shown.providers { (card(provider, shown)) } }
            }
            (super::toasts())
        }
    })
}

fn card(provider: &Provider, shown: &Shown) -> Markup {
    let ahead = |time: Option<&prost_types::Timestamp>, now| text::instant(time).filter(|end| *end > now);
    let rest = ahead(provider.rest_until_time.as_ref(), shown.machine_now);
    let down = ahead(provider.down_until_time.as_ref(), shown.machine_now);
    let quota = ahead(provider.quota_until_time.as_ref(), shown.now);
    let well = provider.enabled && rest.is_none() && down.is_none() && quota.is_none();
    let id = format!("reason-{}", provider.name);
    html! {
        section.panel.channel-card data-provider=(provider.name) data-enabled=(provider.enabled) {
            h2 { (words::channel(&provider.name)) " "
                @if !provider.enabled { span.chip.bad { "Đang ngắt" } } @else if well { span.chip.well { "Hoạt động" } } @else { span.chip { "Cần xem" } }
            }
            @if let Some(end) = rest { p { (icon::warning()) " Đang nghỉ đến " b { (text::short(end, &shown.tz)) } ": bị từ chối nhiều lần vì tài khoản hoặc cấu hình. Quản trị sửa rồi kênh tự chạy lại." } }
            @if let Some(end) = down { p { (icon::offline()) " Không trả lời. Đến " b { (text::short(end, &shown.tz)) } " mới hỏi lại; tin đi qua kênh khác nếu có." } }
            @if let Some(end) = quota { p { (icon::clock()) " Hết hạn mức đến " b { (text::short(end, &shown.tz)) } "." } }
            @if !provider.reason.is_empty() {
                p.muted { @if provider.enabled { "Mở lại" } @else { "Ngắt" } " bởi " b { (provider.changed_by) } ". Lý do: " (provider.reason) }
            }
            @if shown.operates {
                form data-post={ "/manager/channels/" (provider.name) } data-reload novalidate
                    data-ask=(if provider.enabled { format!("Ngắt kênh {}? Tin chờ trên kênh này được giữ lại đến khi mở.", words::channel(&provider.name)) } else { format!("Mở lại kênh {}? Tin đang giữ sẽ được gửi.", words::channel(&provider.name)) }) {
                    input type="hidden" name="enabled" value=(!provider.enabled);
                    (super::reason(&id, if provider.enabled { "Ví dụ: nhà cung cấp gửi trùng tin." } else { "Ví dụ: nhà cung cấp đã sửa xong." }))
                    p.problem data-problem="" role="alert" {}
                    @if provider.enabled { button.stop type="submit" { "Ngắt kênh này" } } @else { button.go type="submit" { "Mở lại kênh này" } }
                }
            }
        }
    }
}
