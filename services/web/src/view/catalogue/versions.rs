//! The versions that were published, and what each changed.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::intake::v1::{CatalogueVersion, DiffVersionsResponse, ListVersionsResponse};
use motcua_ui::icon;

use super::changes::one;
use super::in_words;
use crate::text;

/// The list.
pub fn body(answer: &ListVersionsResponse, current: i64, tz: &TimeZone) -> Markup {
    html! {
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

fn row(version: &CatalogueVersion, current: i64, tz: &TimeZone) -> Markup {
    html! {
        tr data-version=(version.version) {
            td { a href={ "/admin/catalogue/versions/" (version.version) } { "Phiên bản " (version.version) } @if version.version == current { " " span.chip.ok { "Đang dùng" } } }
            td { (text::instant(version.publish_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) }
            td { @if version.publish_by == "intake" { "hệ thống" } @else { (version.publish_by) } }
            td { @match (version.file_name.as_str(), version.sample) { ("", _) => "Bản nháp", (_, true) => "Danh mục mẫu", (file, _) => { "Tệp " (file) } }
                @if !version.note.is_empty() { br; span.muted { (version.note) } } }
            td { (in_words(version.added, version.changed, version.closed)) }
            td.right { (version.received) } td.right { (version.planned) } td.right { (version.at_agency) }
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
