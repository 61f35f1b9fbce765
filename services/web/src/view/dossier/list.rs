//! The dossiers of a centre, who holds what, and what the supervision has to say.

use std::fmt::Write as _;

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::{Action, Identity};
use motcua_proto::status::v1::{DossierStatus, Holding, ListDossiersResponse, ListNoticesResponse, Notice, NoticeKind};
use motcua_ui::icon;

use crate::text;
use crate::view::Frame;

/// National states in their order, with their official labels.
pub const STATES: [(i32, &str); 10] = [
    (1, "Mới đăng ký"),
    (2, "Được tiếp nhận"),
    (3, "Không được tiếp nhận"),
    (4, "Đang xử lý"),
    (5, "Yêu cầu bổ sung giấy tờ"),
    (6, "Yêu cầu thực hiện nghĩa vụ tài chính"),
    (7, "Công dân yêu cầu rút hồ sơ"),
    (8, "Dừng xử lý"),
    (9, "Đã xử lý xong"),
    (10, "Đã trả kết quả"),
];

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    /// Beginning or end of a code.
    pub code: String,
    /// National state; 0 is any.
    pub state: i32,
    /// Only what is past its due time.
    pub overdue: bool,
    /// Department, empty for any.
    pub department: String,
}

impl Narrow {
    /// As a query, with a page behind it when there is one.
    fn query(&self, page: &str) -> String {
        let mut query = String::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(
                    query,
                    "{}{name}={}",
                    if query.is_empty() { "?" } else { "&" },
                    text::percent_encoded(value)
                );
            }
        };
        add("code", &self.code);
        add("state", &if self.state == 0 { String::new() } else { self.state.to_string() });
        add("overdue", if self.overdue { "true" } else { "" });
        add("department", &self.department);
        add("page", page);
        query
    }
}

/// The three sides of the same work.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The dossiers.
    List,
    /// Who holds what.
    Holdings,
    /// What the supervision says.
    Notices,
}

/// Around each of the three.
pub fn page(tab: Tab, user: &Identity, ribbon: Option<&str>, body: Markup) -> Markup {
    let tabs = [
        (Tab::List, "/dossiers", "Hồ sơ"),
        (Tab::Holdings, "/dossiers/holdings", "Ai đang giữ"),
        (Tab::Notices, "/dossiers/notices", "Nhắc việc"),
    ];
    Frame { title: "Hồ sơ", ribbon, css: &["staff.css", "dossier.css"], js: &[] }.page(html! {
        div.board {
            header.top {
                h1 { "Hồ sơ" }
                nav.tabs aria-label="Hồ sơ" {
                    @for (own, path, label) in tabs { a href=(path) aria-current=[(own == tab).then_some("page")] { (label) } }
                    @if may_read_book(user) { a href="/register" { "Sổ theo dõi" } }
                }
                (super::super::user(user))
            }
            main.dossiers tabindex="-1" { (body) }
        }
    })
}

fn may_read_book(user: &Identity) -> bool {
    user.may(Action::ReadRegister, user.centre_id.as_deref().unwrap_or_default()).is_ok()
}

/// The list with what narrows it.
pub fn list(answer: &ListDossiersResponse, narrow: &Narrow, units: &[String], tz: &TimeZone) -> Markup {
    html! {
        form.filter method="get" action="/dossiers" role="search" {
            div.search { (icon::search()) input type="search" name="code" value=(narrow.code) maxlength="40" placeholder="Mã hồ sơ, hoặc mấy số cuối" aria-label="Mã hồ sơ"; }
            select name="state" aria-label="Tình trạng" {
                option value="0" { "Mọi tình trạng" }
                @for (code, label) in STATES { option value=(code) selected[code == narrow.state] { (label) } }
            }
            select name="department" aria-label="Đơn vị giải quyết" {
                option value="" { "Mọi đơn vị" }
                @for unit in units { option selected[*unit == narrow.department] { (unit) } }
            }
            label { input type="checkbox" name="overdue" value="true" checked[narrow.overdue]; "Chỉ quá hạn" }
            button.go type="submit" { "Lọc" }
        }
        @if answer.dossiers.is_empty() { p.empty { "Không có hồ sơ nào như vậy." } }
        @else {
            p.muted { (answer.total) " hồ sơ" }
            table.dossier-table {
                thead { tr { th scope="col" { "Mã hồ sơ" } th scope="col" { "Thủ tục" } th scope="col" { "Đang giữ" } th scope="col" { "Tình trạng" } th scope="col" { "Hẹn trả" } } }
                tbody { @for dossier in &answer.dossiers { (row(dossier, tz)) } }
            }
            @if !answer.next_page_token.is_empty() { p.more { a.quiet href={ "/dossiers" (narrow.query(&answer.next_page_token)) } rel="next" { "Trang sau" } } }
        }
    }
}

fn row(dossier: &DossierStatus, tz: &TimeZone) -> Markup {
    html! {
        tr {
            td.code { a href={ "/dossiers/" (dossier.id) } { (dossier.code) } }
            td.work { span { (dossier.procedure_name) } }
            td { (dossier.holder) @if !dossier.holder_person.is_empty() { br; span.muted { (dossier.holder_person) } } }
            td { (dossier.state_label) @if !dossier.sub_state_label.is_empty() { br; span.muted { (dossier.sub_state_label) } } }
            td {
                @match text::instant(dossier.due_time.as_ref()) { Some(due) => (text::short(due, tz)), None => "không quy định" }
                @if dossier.overdue { " " span.chip.bad { "Quá hạn" } }
            }
        }
    }
}

/// Who holds what: each unit, and in it each person who signed.
pub fn holdings(holdings: &[Holding], tz: &TimeZone) -> Markup {
    html! {
        @if holdings.is_empty() { p.empty { "Không có hồ sơ nào đang giải quyết." } }
        @else {
            table {
                thead { tr {
                    th scope="col" { "Đơn vị" } th scope="col" { "Người giữ" } th.right scope="col" { "Đang giải quyết" }
                    th.right scope="col" { "Sắp đến hạn" } th.right scope="col" { "Quá hạn" } th.right scope="col" { "Tạm dừng" } th scope="col" { "Cũ nhất" }
                } }
                tbody { @for one in holdings { tr {
                    td { (one.holder) }
                    td { @if one.person.is_empty() { span.muted { "Chưa có người ký nhận" } } @else { (one.person) } }
                    td.right { (one.open) }
                    td.right { (one.due_soon) }
                    td.right { @if one.overdue > 0 { span.chip.bad { (one.overdue) } } @else { "0" } }
                    td.right { (one.paused) }
                    td { (text::instant(one.oldest_accept_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
                } } }
            }
        }
    }
}

/// What the supervision says, newest first.
pub fn notices(answer: &ListNoticesResponse, tz: &TimeZone) -> Markup {
    html! {
        @if answer.notices.is_empty() { p.empty { "Chưa có nhắc việc nào: không có hồ sơ sắp đến hạn, quá hạn hay chờ nhận kết quả lâu." } }
        @else {
            ul.notices { @for notice in &answer.notices { (said(notice, tz)) } }
            @if !answer.next_page_token.is_empty() { p.more { a.quiet href={ "/dossiers/notices?page=" (text::percent_encoded(&answer.next_page_token)) } rel="next" { "Cũ hơn" } } }
        }
    }
}

fn said(notice: &Notice, tz: &TimeZone) -> Markup {
    let (class, label) = match notice.kind() {
        NoticeKind::DueSoon => ("chip", "Sắp đến hạn"),
        NoticeKind::Overdue => ("chip bad", "Quá hạn"),
        NoticeKind::Escalated => ("chip bad", "Báo lãnh đạo"),
        NoticeKind::Unclaimed => ("chip", "Chờ nhận kết quả"),
        NoticeKind::Unspecified => ("chip", "Nhắc việc"),
    };
    html! {
        li {
            span.when { (text::instant(notice.time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
            " " span class=(class) { (label) } " "
            a href={ "/dossiers/" (notice.dossier_id) } { (notice.code) }
            " " (notice.text)
            @if !notice.department.is_empty() { span.muted { " · " (notice.department) @if !notice.person.is_empty() { " · " (notice.person) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_behind_keeps_what_narrows_it() {
        let narrow = Narrow { code: String::new(), state: 4, overdue: true, department: "Sở Tư pháp".into() };
        assert_eq!(narrow.query("a=b"), "?state=4&overdue=true&department=S%E1%BB%9F%20T%C6%B0%20ph%C3%A1p&page=a%3Db");
        assert_eq!(Narrow::default().query(""), "");
    }
}
