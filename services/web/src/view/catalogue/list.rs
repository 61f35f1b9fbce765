//! The catalogue as the draft would make it: searched, narrowed, paged.

use std::fmt::Write as _;

use maud::{Markup, html};
use motcua_proto::intake::v1::{DraftLine, GetDraftResponse, ListDraftProceduresResponse, Reception};
use motcua_ui::icon;

use super::{RECEPTIONS, chip, day, reception, waiting};
use crate::text;

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Narrow {
    pub query: String,
    pub department: String,
    /// Number of the contract; 0 is any.
    pub reception: i32,
    pub changed: bool,
}

impl Narrow {
    /// As a query, with a page behind it when there is one.
    pub fn address(&self, page: &str) -> String {
        let mut query = String::from("/admin/catalogue");
        let reception = if self.reception == 0 { String::new() } else { self.reception.to_string() };
        for (name, value) in [
            ("q", self.query.as_str()),
            ("department", &self.department),
            ("reception", &reception),
            ("changed", if self.changed { "true" } else { "" }),
            ("page", page),
        ] {
            if !value.is_empty() {
                let sign = if query.contains('?') { '&' } else { '?' };
                let _ = write!(query, "{sign}{name}={}", text::percent_encoded(value));
            }
        }
        query
    }

    fn is_all(&self) -> bool {
        self.query.is_empty() && self.department.is_empty() && self.reception == 0 && !self.changed
    }
}

/// The list with what narrows it.
pub fn body(answer: &ListDraftProceduresResponse, narrow: &Narrow, draft: &GetDraftResponse) -> Markup {
    html! {
        div.heading {
            p { "Đang dùng phiên bản " b { (draft.base_version) } ". Sửa ở đây được ghi vào bản nháp; quầy, kiosk và trang công dân chỉ đổi sau khi công bố." }
            a.go href="/admin/catalogue/new" { "Thêm thủ tục" }
        }
        @if waiting(draft) > 0 {
            p.note { (icon::help()) " Có " b { (waiting(draft)) } " thủ tục chưa công bố. " a href="/admin/catalogue/changes" { "Xem và công bố" } }
        }
        form.filter method="get" action="/admin/catalogue" role="search" {
            div.search { (icon::search()) input type="search" name="q" value=(narrow.query) maxlength="200" placeholder="Mã, tên hoặc lĩnh vực; không cần dấu" aria-label="Tìm thủ tục"; }
            select name="department" aria-label="Cơ quan giải quyết" {
                option value="" { "Mọi cơ quan" }
                @for name in &answer.departments { option selected[*name == narrow.department] { (name) } }
            }
            select name="reception" aria-label="Nơi nộp hồ sơ" {
                option value="0" { "Mọi nơi nộp" }
                @for (kind, label) in RECEPTIONS { option value=(kind as i32) selected[kind as i32 == narrow.reception] { (label) } }
            }
            label { input type="checkbox" name="changed" value="true" checked[narrow.changed]; "Chưa công bố" }
            button.go type="submit" { "Lọc" }
        }
        @if answer.lines.is_empty() {
            @if narrow.is_all() { p.empty { "Danh mục chưa có thủ tục nào. Thêm thủ tục, hoặc " a href="/admin/catalogue/file" { "nhập từ tệp" } "." } }
            @else { p.empty { "Không có thủ tục nào như vậy. " a href="/admin/catalogue" { "Xem tất cả" } } }
        } @else {
            p.muted { (answer.total) " thủ tục" }
            table.procedures {
                thead { tr { th scope="col" { "Mã" } th scope="col" { "Tên thủ tục" } th scope="col" { "Cơ quan giải quyết" } th scope="col" { "Nơi nộp" } th scope="col" { "Thời hạn" } } }
                tbody { @for line in &answer.lines { (row(line)) } }
            }
            @if !answer.next_page_token.is_empty() { p.more { a.quiet href=(narrow.address(&answer.next_page_token)) rel="next" { "Trang sau" } } }
        }
    }
}

fn row(line: &DraftLine) -> Markup {
    html! {
        tr data-code=(line.code) {
            td.code { a href={ "/admin/catalogue/procedures/" (line.code) } { (line.code) } br; (chip(line.standing())) }
            td { (line.name) @if line.cases > 0 { " " span.muted { "(" (line.cases) " trường hợp)" } } @if line.sample { " " span.muted { "mẫu" } } }
            td { (line.department) }
            td { (reception(line.reception())) @if line.reception() == Reception::Planned { br; span.muted { @if line.start_date.is_empty() { "chưa định ngày" } @else { "từ " (day(&line.start_date)) } } } }
            td { @if line.limit_text.is_empty() { span.muted { "không quy định" } } @else { (line.limit_text) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_behind_keeps_what_narrows_it() {
        let narrow = Narrow { query: "đất".into(), reception: 2, changed: true, ..Narrow::default() };
        assert_eq!(
            narrow.address("1.004194"),
            "/admin/catalogue?q=%C4%91%E1%BA%A5t&reception=2&changed=true&page=1.004194"
        );
        assert_eq!(Narrow::default().address(""), "/admin/catalogue");
    }
}
