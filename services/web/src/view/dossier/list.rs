//! The dossiers of a centre, who holds what, and what the supervision has to say.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::dossier_state;
use motcua_kernel::identity::{Action, Identity};
use motcua_proto::status::v1::{
    DossierScope, DossierStatus, Holding, ListDossiersResponse, ListNoticesResponse, Notice, NoticeKind,
};
use motcua_ui::icon;

use super::narrow::{Narrow, Person, SCOPES};
use crate::text;
use crate::view::Frame;

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
            main.dossiers tabindex="-1" {
                @if let Some(own) = user.bound_to() { p.muted { "Hồ sơ do " b { (own) } " giải quyết hoặc đang giữ. Hồ sơ của cơ quan khác: tìm bằng cả mã hồ sơ." } }
                (body)
            }
        }
    })
}

fn may_read_book(user: &Identity) -> bool {
    user.may(Action::ReadRegister, user.centre_id.as_deref().unwrap_or_default()).is_ok()
}

/// The list with what narrows it; without an answer it says why there is none.
pub fn list(
    answer: Result<&ListDossiersResponse, &str>,
    narrow: &Narrow,
    wrong: &[String],
    units: &[String],
    tz: &TimeZone,
) -> Markup {
    html! {
        form.filter method="get" action="/dossiers" role="search" {
            div.search { (icon::search()) input type="search" name="code" value=(narrow.code) maxlength="40" placeholder="Mã hồ sơ, hoặc mấy số cuối" aria-label="Mã hồ sơ"; }
            select name="state" aria-label="Tình trạng" {
                option value="0" { "Mọi tình trạng" }
                @for (code, label) in dossier_state::LABELS { option value=(code) selected[code == narrow.state] { (label) } }
            }
            select name="scope" aria-label="Thời hạn" {
                option value="" { "Mọi thời hạn" }
                @for (name, scope, label) in SCOPES { option value=(name) selected[scope == narrow.scope] { (label) } }
            }
            select name="department" aria-label="Đơn vị giải quyết" {
                option value="" { "Mọi đơn vị" }
                @for unit in units { option selected[*unit == narrow.department] { (unit) } }
            }
            label { input type="checkbox" name="mine" value="true" checked[narrow.mine]; "Của tôi" }
            label { input type="checkbox" name="overdue" value="true" checked[narrow.overdue]; "Chỉ quá hạn" }
            @for (name, value) in narrow.hidden() { input type="hidden" name=(name) value=(value); }
            button.go type="submit" { "Lọc" }
        }
        @let beyond = narrow.beyond_the_form();
        @if !beyond.is_empty() {
            ul.narrowed aria-label="Đang lọc theo" { @for (words, without) in beyond {
                li { (words) " " a href=(without.address()) aria-label={ "Bỏ lọc: " (words) } { (icon::close()) } }
            } }
        }
        @for sentence in wrong { p.note role="status" { (sentence) } }
        @match answer {
            Err(problem) => p.refused role="alert" { (problem) },
            Ok(answer) if answer.dossiers.is_empty() => p.empty {
                @if *narrow == Narrow::default() { "Chưa có hồ sơ nào." } @else if narrow.mine { "Không có hồ sơ nào như vậy mà ông/bà đã ký nhận và chưa giải quyết xong." } @else { "Không có hồ sơ nào như vậy." }
            },
            Ok(answer) => {
                p.muted { (counted(answer.total)) }
                (table(&answer.dossiers, tz, None))
                @if !answer.next_page_token.is_empty() { p.more { a.quiet href={ "/dossiers" (narrow.query(&answer.next_page_token)) } rel="next" { "Trang sau" } } }
            },
        }
    }
}

/// Lists are counted to here.
const TOTAL_MAX: i32 = 10_000;

fn counted(total: i32) -> String {
    if total < TOTAL_MAX { format!("{total} hồ sơ") } else { "Từ 10.000 hồ sơ trở lên".to_owned() }
}

/// What a row may have behind the others, and its heading.
pub type Behind<'a> = (&'a str, &'a dyn Fn(&DossierStatus) -> Markup);

/// Dossiers, one a row.
pub fn table(dossiers: &[DossierStatus], tz: &TimeZone, behind: Option<Behind<'_>>) -> Markup {
    html! {
        table.dossier-table {
            thead { tr {
                th scope="col" { "Mã hồ sơ" } th scope="col" { "Thủ tục" } th scope="col" { "Đang giữ" } th scope="col" { "Tình trạng" } th scope="col" { "Hẹn trả" }
                @if let Some((heading, _)) = behind { th scope="col" { span.visually-hidden { (heading) } } }
            } }
            tbody { @for dossier in dossiers { tr data-dossier=(dossier.id) {
                td.code { a href={ "/dossiers/" (dossier.id) } { (dossier.code) } }
                td.work title=(dossier.procedure_name) { span { (dossier.procedure_name) } }
                td { (dossier.holder) @if dossier.late_here && !dossier.overdue { " " span.chip.bad { "Quá hạn của đơn vị" } } @else if dossier.due_soon_here { " " span.chip { "Sắp đến hạn của đơn vị" } } @if !dossier.holder_person.is_empty() { br; span.muted { (dossier.holder_person) } } }
                td { (dossier.state_label) @if !dossier.sub_state_label.is_empty() { br; span.muted { (dossier.sub_state_label) } } }
                td {
                    @match text::instant(dossier.due_time.as_ref()) { Some(due) => (text::short(due, tz)), None => "không quy định" }
                    @if dossier.overdue { " " span.chip.bad { "Quá hạn" } }
                }
                @if let Some((_, cell)) = behind { td.right.moves { (cell(dossier)) } }
            } } }
        }
    }
}

/// Who holds what: each unit, and in it each person who signed; every figure leads to what it counted.
pub fn holdings(holdings: &[Holding], tz: &TimeZone) -> Markup {
    html! {
        @if holdings.is_empty() { p.empty { "Không có hồ sơ nào đang giải quyết." } }
        @else {
            table {
                thead { tr {
                    th scope="col" { "Đơn vị" } th scope="col" { "Người giữ" } th.right scope="col" { "Đang giải quyết" }
                    th.right scope="col" { "Sắp đến hạn" } th.right scope="col" { "Quá hạn" } th.right scope="col" { "Sắp đến hạn của đơn vị" } th.right scope="col" { "Quá hạn của đơn vị" } th.right scope="col" { "Tạm dừng" } th scope="col" { "Cũ nhất" }
                } }
                tbody { @for one in holdings {
                    @let person = if one.person.is_empty() { Person::Nobody } else { Person::Of(one.person.clone()) };
                    @let of = |scope, overdue| Narrow { holder: one.holder.clone(), person: person.clone(), scope, overdue, ..Narrow::default() };
                    tr {
                        td { (one.holder) }
                        td { @if one.person.is_empty() { span.muted { "Chưa có người ký nhận" } } @else { (one.person) } }
                        td.right { (figure(one.open, &of(DossierScope::Open, false))) }
                        td.right { (figure(one.due_soon, &of(DossierScope::DueSoon, false))) }
                        td.right { @if one.overdue > 0 { span.chip.bad { (figure(one.overdue, &of(DossierScope::Unspecified, true))) } } @else { "0" } }
                        td.right { (figure(one.due_soon_here, &of(DossierScope::DueSoonHere, false))) }
                        td.right { @if one.late_here > 0 { span.chip.bad { (figure(one.late_here, &of(DossierScope::LateHere, false))) } } @else { "0" } }
                        td.right { (figure(one.paused, &of(DossierScope::Paused, false))) }
                        td { (text::instant(one.oldest_accept_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
                    }
                } }
            }
        }
    }
}

/// A number of dossiers that leads to them; nothing leads nowhere.
pub fn figure(count: impl Into<i64>, narrow: &Narrow) -> Markup {
    match count.into() {
        0 => html! { "0" },
        count => html! { a href=(narrow.address()) { (text::grouped(count)) } },
    }
}

/// What the supervision says, newest first.
pub fn notices(answer: &ListNoticesResponse, tz: &TimeZone) -> Markup {
    html! {
        @if answer.notices.is_empty() { p.empty { "Chưa có nhắc việc nào: không có hồ sơ hay phần việc của đơn vị nào sắp đến hạn, quá hạn, cũng không có kết quả chờ nhận lâu." } }
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
        NoticeKind::LegDueSoon => ("chip", "Sắp đến hạn của đơn vị"),
        NoticeKind::LegLate => ("chip bad", "Quá hạn của đơn vị"),
        NoticeKind::Unspecified => ("chip", "Nhắc việc"),
    };
    html! {
        li {
            span.when { (text::instant(notice.time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
            " " span class=(class) { (label) } " "
            a href={ "/dossiers/" (notice.dossier_id) } { (notice.code) }
            " " (notice.text)
            @if let Some(due) = text::instant(notice.due_time.as_ref()).filter(|_| notice.kind() != NoticeKind::Unclaimed) { " Hạn: " (text::short(due, tz)) "." }
            @if !notice.department.is_empty() { span.muted { " · " (notice.department) @if !notice.person.is_empty() { " · " (notice.person) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_who_holds_what_leads_to_what_it_counted() {
        let unit = "Sở Tư pháp".to_owned();
        let signed = Holding {
            holder: unit.clone(),
            person: "lan".into(),
            open: 5,
            overdue: 2,
            paused: 1,
            due_soon_here: 4,
            ..Holding::default()
        };
        let unsigned = Holding { holder: unit, open: 3, due_soon: 1, ..Holding::default() };
        let html = holdings(&[signed, unsigned], &TimeZone::UTC).into_string();
        for address in [
            "?holder=S%E1%BB%9F%20T%C6%B0%20ph%C3%A1p&amp;person=lan&amp;scope=open\">5<",
            "?overdue=true&amp;holder=S%E1%BB%9F%20T%C6%B0%20ph%C3%A1p&amp;person=lan\">2<",
            "&amp;person=lan&amp;scope=paused\">1<",
            "&amp;person=lan&amp;scope=due_soon_here\">4<",
            "&amp;unsigned=true&amp;scope=due_soon\">1<",
        ] {
            assert!(html.contains(address), "{address}: {html}");
        }
        assert_eq!(html.matches("<a ").count(), 6);
    }
}
