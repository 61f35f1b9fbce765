//! Whom no message reached: who is to be called, what to say, what came of it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::Call;
use motcua_ui::icon;

use super::words;
use crate::text;
use crate::view::Frame;

/// Calls before the commune is asked, as notification counts them.
const ATTEMPTS: i32 = 3;

/// Which part of the list is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// To be called.
    Open,
    /// To be passed on by the commune.
    Relay,
    /// Over.
    Done,
}

impl Tab {
    /// Every part.
    pub const ALL: [Self; 3] = [Self::Open, Self::Relay, Self::Done];

    /// As notification names it.
    pub fn state(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Relay => "RELAY",
            Self::Done => "DONE",
        }
    }

    /// The part of a name; people who are to be called for any other.
    pub fn named(name: &str) -> Self {
        Self::ALL.into_iter().find(|tab| tab.state() == name).unwrap_or(Self::Open)
    }

    fn label(self) -> &'static str {
        match self {
            Self::Open => "Cần gọi",
            Self::Relay => "Nhờ xã, phường",
            Self::Done => "Đã xong",
        }
    }
}

/// One person on the list.
pub struct Row {
    pub call: Call,
    /// Code of the dossier; empty while it cannot be read.
    pub code: String,
    /// Not worth calling before then; none: now.
    pub later: Option<Timestamp>,
}

/// What the page shows.
pub struct Listed {
    pub tab: Tab,
    pub rows: Vec<Row>,
    /// People in the first two parts.
    pub counts: (usize, usize),
    pub tz: TimeZone,
}

/// The whole page.
pub fn page(name: &str, user: &Identity, listed: &Listed, ribbon: Option<&str>) -> Markup {
    let frame = Frame {
        title: "Danh sách gọi điện",
        ribbon,
        css: &["staff.css", "devices.css", "told.css"],
        js: &["calls.js"],
    };
    frame.page(html! {
        div.board #calls data-live={ "/staff/calls/list?state=" (listed.tab.state()) } {
            (super::top("Danh sách gọi điện", name, user, &[("/staff", "Gọi hỗ trợ")], true))
            main.split {
                section.panel { (state(listed)) }
                section.panel.one #call tabindex="-1" aria-label="Cuộc gọi đang mở" {
                    div.nobody {
                        (icon::help())
                        p { "Những người này không nhận được tin qua Zalo hay SMS. Bấm " b { "Mở để gọi" } " để xem số điện thoại và lời nói." }
                        p.muted { "Mỗi lần mở số đều được ghi lại ai mở, lúc nào. Gọi ba lần không được thì nhờ xã, phường chuyển lời." }
                    }
                }
            }
            (super::toasts())
        }
    })
}

/// Everything that changes.
pub fn state(listed: &Listed) -> Markup {
    html! {
        div.calling data-slot="calls" {
            nav.parts aria-label="Phần của danh sách" {
                @for tab in Tab::ALL {
                    a href={ "/staff/calls?state=" (tab.state()) } aria-current=[(tab == listed.tab).then_some("page")] {
                        (tab.label())
                        @match tab {
                            Tab::Open => { " " span.count { (listed.counts.0) } },
                            Tab::Relay => { " " span.count { (listed.counts.1) } },
                            Tab::Done => {},
                        }
                    }
                }
            }
            @if listed.rows.is_empty() { p.empty.calm { (icon::check()) " " (empty(listed.tab)) } }
            @else {
                div.scroll tabindex="0" role="region" aria-label=(listed.tab.label()) {
                    ul { @for row in &listed.rows { (line(row, listed.tab, &listed.tz)) } }
                }
            }
        }
    }
}

fn empty(tab: Tab) -> &'static str {
    match tab {
        Tab::Open => "Không có ai phải gọi: mọi tin quan trọng đều đã báo được.",
        Tab::Relay => "Không có ai phải nhờ xã, phường chuyển lời.",
        Tab::Done => "Chưa có cuộc gọi nào xong.",
    }
}

fn line(row: &Row, tab: Tab, tz: &TimeZone) -> Markup {
    let Row { call, code, later } = row;
    html! {
        li.person.later[later.is_some()] data-call=(call.id) {
            div {
                h2 { (words::kind(&call.kind)) }
                p.code { @if code.is_empty() { "chưa đọc được mã hồ sơ" } @else { (code) } }
                p.muted {
                    @if let Some(since) = text::instant(call.create_time.as_ref()) { "chờ báo từ " (text::short(since, tz)) }
                    @if call.attempts > 0 { " · đã gọi " (call.attempts) "/" (ATTEMPTS) }
                    @if !call.outcome.is_empty() { " · " (words::outcome(&call.outcome)) }
                }
                @if let Some(later) = later { p.muted { "gọi lại từ " b { (text::short(*later, tz)) } } }
                @if !call.note.is_empty() { p.small { "Ghi chú: " (call.note) } }
            }
            @if tab != Tab::Done {
                button.go.quiet[later.is_some()] type="button" id={ "open-" (call.id) } data-open=(call.id) { "Mở để gọi" }
            }
        }
    }
}

/// One opened call: number, script, outcomes. Only ever an answer to an audited opening.
pub fn opened(call: &Call, code: &str, script: &str, phone: &str, centre: &str) -> Markup {
    let relay = call.state == Tab::Relay.state();
    html! {
        div.opened data-call=(call.id) {
            h2 tabindex="-1" { (words::kind(&call.kind)) @if !code.is_empty() { " · " span.code { (code) } } }
            @match (relay, phone) {
                (true, _) => p { "Nhờ UBND xã, phường nơi người dân cư trú chuyển lời này." },
                (false, "") => p.missing { (icon::warning()) " Người dân không để lại số điện thoại: nhờ xã, phường chuyển lời." },
                (false, phone) => p.phone { (phone) },
            }
            @if relay && !phone.is_empty() { p.muted { "Số đã gọi không được: " span.code { (phone) } } }
            h3 { "Lời nói" }
            blockquote.script {
                @if relay || phone.is_empty() { p { "Xin chào, tôi gọi từ " (centre) ". Nhờ xã, phường báo giúp người nộp hồ sơ:" } }
                @else { p { "Xin chào ông/bà, tôi gọi từ " (centre) "." } }
                p { (script) }
                p { "Xin cảm ơn." }
            }
            p.muted { "Chỉ nói với chính người nộp hồ sơ. Người khác nghe máy thì chỉ nhắn gọi lại Trung tâm." }
            form #record data-post={ "/staff/calls/" (call.id) "/record" } novalidate {
                div.field {
                    label for="note" { "Ghi chú" }
                    textarea id="note" name="note" rows="2" maxlength="300" aria-describedby="note-note" {}
                    p.problem id="note-note" data-problem="note" { span.hint { "Không ghi tên, số giấy tờ hay số điện thoại." } }
                }
                p.problem data-problem="" role="alert" {}
                fieldset.outcomes {
                    legend { "Kết quả" }
                    @for (name, label, main) in outcomes(relay, phone.is_empty()) {
                        button.go.quiet[!main] type="submit" name="outcome" value=(name) { (label) }
                    }
                }
                button.link type="button" data-leave="" { "Đóng, chưa ghi gì" }
            }
        }
    }
}

fn outcomes(relay: bool, nameless: bool) -> &'static [(&'static str, &'static str, bool)] {
    match (relay, nameless) {
        (true, _) => &[
            ("RELAYED", "Xã, phường đã chuyển lời", true),
            ("TOLD", "Đã gặp người dân", false),
            ("REFUSED", "Không muốn nhận tin", false),
        ],
        (false, true) => &[("WRONG_NUMBER", "Không có số, nhờ xã, phường", true), ("TOLD", "Đã gặp người dân", false)],
        (false, false) => &[
            ("TOLD", "Đã báo được", true),
            ("NO_ANSWER", "Không nghe máy", false),
            ("WRONG_NUMBER", "Sai số hoặc số không dùng", false),
            ("REFUSED", "Không muốn nhận tin", false),
        ],
    }
}

/// What came of it, for whoever wrote it down.
pub fn recorded(call: &Call, tz: &TimeZone) -> String {
    let outcome = words::outcome(&call.outcome);
    match Tab::named(&call.state) {
        Tab::Open => match text::instant(call.next_time.as_ref()) {
            Some(next) => format!("Đã ghi: {outcome}. Gọi lại từ {}.", text::short(next, tz)),
            None => format!("Đã ghi: {outcome}."),
        },
        Tab::Relay => format!("Đã ghi: {outcome}. Chuyển sang nhờ xã, phường."),
        Tab::Done => format!("Đã ghi: {outcome}."),
    }
}
