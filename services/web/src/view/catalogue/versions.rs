//! The versions that were published, and what each changed.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::intake::v1::{
    CatalogueVersion, DiffVersionsResponse, DiffWaitingResponse, ListVersionsResponse, WaitingVersion,
};
use motcua_ui::icon;

use super::changes::one;
use super::{day, in_words};
use crate::text;

/// The list.
pub fn body(answer: &ListVersionsResponse, current: i64, tz: &TimeZone) -> Markup {
    html! {
        @if !answer.waiting.is_empty() {
            h2 { "Chờ hiệu lực" }
            table.versions {
                thead { tr { th scope="col" { "Hiệu lực" } th scope="col" { "Công bố lúc" } th scope="col" { "Người công bố" } th scope="col" { "Lý do" } th scope="col" { "Thay đổi" } th scope="col" { span.visually-hidden { "Rút lại" } } } }
                tbody { @for one in &answer.waiting { (waits(one, tz)) } }
            }
        }
        h2 { "Các phiên bản đã công bố" }
        @if answer.versions.is_empty() { p.empty { "Chưa công bố phiên bản nào." } }
        @else {
            p.muted { "Mỗi hồ sơ giữ phiên bản lúc được nhận. Phiên bản đã công bố không bao giờ đổi." }
            table.versions {
                thead { tr {
                    th scope="col" { "Phiên bản" } th scope="col" { "Công bố lúc" } th scope="col" { "Người công bố" }
                    th scope="col" { "Nguồn, lý do" } th scope="col" { "Thay đổi" } th.right scope="col" { "Tại Trung tâm" }
                    th.right scope="col" { "Sẽ nhận" } th.right scope="col" { "Tại cơ quan" }
                } }
                tbody { @for version in &answer.versions { (row(version, current, tz)) } }
            }
            @if !answer.next_page_token.is_empty() { p.more { a.quiet href={ "/admin/catalogue/versions?page=" (answer.next_page_token) } rel="next" { "Cũ hơn" } } }
        }
    }
}

fn waits(one: &WaitingVersion, tz: &TimeZone) -> Markup {
    html! {
        tr data-waiting=(one.from_date) {
            td { a href={ "/admin/catalogue/waiting/" (one.from_date) } { "Sẽ có hiệu lực từ " (day(&one.from_date)) } }
            td { (text::instant(one.publish_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
            td { (one.publish_by) } td { (one.note) }
            td { (in_words(one.added, one.changed, one.closed)) }
            td.right { (withdraw(&one.from_date)) }
        }
    }
}

fn withdraw(from: &str) -> Markup {
    html! {
        form data-post={ "/admin/catalogue/waiting/" (from) "/withdraw" } data-go="/admin/catalogue/changes" data-ask="Rút lại phiên bản này về bản nháp?" novalidate {
            p.problem data-problem="" role="alert" {}
            button.quiet type="submit" { "Rút lại" }
        }
    }
}

/// What one that waits will change.
pub fn waiting(from: &str, answer: &DiffWaitingResponse, tz: &TimeZone) -> Markup {
    html! {
        p.back { (icon::back()) " " a href="/admin/catalogue/versions" { "Mọi phiên bản" } }
        h2 { "Sẽ có hiệu lực từ " (day(from)) }
        p.muted { "So với phiên bản đang dùng: " (in_words(answer.added, answer.changed, answer.closed)) "." }
        (withdraw(from))
        div.changes { @for change in &answer.changes { (one(change, false, tz)) } }
        @if !answer.next_page_token.is_empty() {
            p.more { a.quiet href={ "/admin/catalogue/waiting/" (from) "?page=" (text::percent_encoded(&answer.next_page_token)) } rel="next" { "Xem tiếp" } }
        }
    }
}

fn row(version: &CatalogueVersion, current: i64, tz: &TimeZone) -> Markup {
    html! {
        tr data-version=(version.version) {
            td { a href={ "/admin/catalogue/versions/" (version.version) } { "Phiên bản " (version.version) } @if version.version == current { " " span.chip.ok { "Đang dùng" } } }
            td { (text::instant(version.publish_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
            td { @if version.publish_by == "intake" { "hệ thống" } @else { (version.publish_by) } }
            td { @match (version.file_name.as_str(), version.sample) { ("", _) => "Bản nháp", (_, true) => "Danh mục mẫu", (file, _) => { "Tệp " (file) } }
                @if !version.note.is_empty() { br; span.muted { (version.note) } } }
            td { (in_words(version.added, version.changed, version.closed)) }
            td.right data-label="Tại Trung tâm" { (version.received) } td.right data-label="Sẽ nhận" { (version.planned) } td.right data-label="Tại cơ quan" { (version.at_agency) }
        }
    }
}

/// What one version changed.
pub fn changes(version: i64, answer: &DiffVersionsResponse, tz: &TimeZone) -> Markup {
    html! {
        p.back { (icon::back()) " " a href="/admin/catalogue/versions" { "Mọi phiên bản" } }
        h2 { "Phiên bản " (version) @if version > 1 { " so với phiên bản " (version - 1) } }
        p.muted { (in_words(answer.added, answer.changed, answer.closed)) "." }
        div.changes { @for change in &answer.changes { (one(change, false, tz)) } }
        @if !answer.next_page_token.is_empty() {
            p.more { a.quiet href={ "/admin/catalogue/versions/" (version) "?page=" (text::percent_encoded(&answer.next_page_token)) } rel="next" { "Xem tiếp" } }
        }
    }
}
