//! Sổ theo dõi hồ sơ: what was received on some days, and what became of it.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::{ListRegisterResponse, RegisterEntry, ReturnChannel};
use motcua_proto::status::v1::CourseDates;
use motcua_ui::icon;

use super::grouped;
use crate::text::{self, percent_encoded};

/// Lines that a PDF carries.
const PDF_LINES_MAX: i32 = 2_000;
/// Lines that a table carries; no more are counted.
const LINES_MAX: i32 = 20_000;

/// Which lines.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// ISO dates, both included.
    pub first: String,
    /// The last one.
    pub last: String,
    /// Empty: every one.
    pub department: String,
}

impl Wanted {
    fn query(&self) -> String {
        let mut query = format!("first={}&last={}", percent_encoded(&self.first), percent_encoded(&self.last));
        if !self.department.is_empty() {
            query.push_str(&format!("&department={}", percent_encoded(&self.department)));
        }
        query
    }
}

/// Lines of the book with their dates; no dates while status does not answer.
pub struct Lines<'a> {
    /// As intake keeps them.
    pub answer: &'a ListRegisterResponse,
    /// By dossier.
    pub dates: Option<&'a HashMap<String, CourseDates>>,
}

/// The page; without lines it says why there are none.
pub fn page(
    wanted: &Wanted,
    lines: Result<Lines<'_>, &str>,
    units: &[String],
    user: &Identity,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    let body = html! {
        p.muted { "Mẫu Sổ theo dõi hồ sơ. Chọn khoảng ngày tiếp nhận (tối đa 92 ngày) và cơ quan, rồi xem hoặc tải sổ." }
        form.filter method="get" action="/register" {
            label { "Từ ngày " input type="date" name="first" value=(wanted.first) required; }
            label { "đến ngày " input type="date" name="last" value=(wanted.last) required; }
            @match user.bound_to() {
                Some(own) => b { (own) },
                None => select name="department" aria-label="Cơ quan chủ trì giải quyết" {
                    option value="" { "Mọi cơ quan" }
                    @for unit in units { option selected[*unit == wanted.department] { (unit) } }
                },
            }
            button.go type="submit" { "Xem" }
        }
        @match lines {
            Err(problem) => p.refused role="alert" { (problem) },
            Ok(lines) if lines.answer.entries.is_empty() => p.empty { "Không có hồ sơ nào được tiếp nhận trong những ngày này." },
            Ok(lines) => (book(wanted, &lines, tz)),
        }
    };
    super::page("Sổ theo dõi hồ sơ", "/register", user, ribbon, body)
}

fn book(wanted: &Wanted, lines: &Lines<'_>, tz: &TimeZone) -> Markup {
    let total = lines.answer.total;
    let file = |ending: &str, label: &str| {
        html! { a.quiet href={ "/register/so-theo-doi." (ending) "?" (wanted.query()) } { (icon::document()) " " (label) } " " }
    };
    html! {
        p.files {
            span { @if total > LINES_MAX { "Hơn " (grouped(LINES_MAX.into())) } @else { (grouped(total.into())) } " hồ sơ " }
            @if total <= PDF_LINES_MAX { (file("pdf", "Tải PDF")) }
            @if total <= LINES_MAX { (file("xlsx", "Tải XLSX")) (file("csv", "Tải CSV")) }
        }
        @if total > PDF_LINES_MAX { p.note { "Tệp PDF in được tối đa " (grouped(PDF_LINES_MAX.into())) " hồ sơ, tệp bảng tính " (grouped(LINES_MAX.into())) ". Chọn ít ngày hơn hoặc một cơ quan để tải." } }
        @if lines.dates.is_none() { p.missing role="status" { "Chưa đọc được ngày chuyển, ngày có kết quả và ngày trả. Xin tải lại trang sau ít phút." } }
        table.register {
            thead {
                tr {
                    th rowspan="2" scope="col" { "TT" } th rowspan="2" scope="col" { "Mã hồ sơ" } th rowspan="2" scope="col" { "Tên TTHC" }
                    th rowspan="2" scope="col" { "Số lượng (bộ)" } th rowspan="2" scope="col" { "Tên cá nhân, tổ chức" } th rowspan="2" scope="col" { "Địa chỉ, số điện thoại" }
                    th rowspan="2" scope="col" { "Cơ quan chủ trì giải quyết" }
                    th.group colspan="4" scope="colgroup" { "Ngày, tháng, năm" } th.group colspan="2" scope="colgroup" { "Trả kết quả" } th rowspan="2" scope="col" { "Ghi chú" }
                }
                tr { @for label in ["Nhận hồ sơ", "Hẹn trả", "Chuyển giải quyết", "Nhận kết quả", "Ngày", "Phương thức"] { th scope="col" { (label) } } }
            }
            tbody { @for entry in &lines.answer.entries { (row(entry, lines.dates.and_then(|dates| dates.get(&entry.dossier_id)), tz)) } }
        }
        @if !lines.answer.next_page_token.is_empty() {
            p.more { a.quiet rel="next" href={ "/register?" (wanted.query()) "&page=" (percent_encoded(&lines.answer.next_page_token)) } { "Trang sau" } }
        }
    }
}

fn row(entry: &RegisterEntry, dates: Option<&CourseDates>, tz: &TimeZone) -> Markup {
    let day =
        |time: Option<&prost_types::Timestamp>| text::instant(time).map(|at| text::day(at, tz)).unwrap_or_default();
    let channel = match entry.return_channel() {
        ReturnChannel::Post => "Qua bưu chính",
        ReturnChannel::Online => "Trực tuyến",
        ReturnChannel::Counter | ReturnChannel::Unspecified => "Tại Trung tâm",
    };
    html! {
        tr {
            td.right { (entry.number) }
            td.code { a href={ "/dossiers/" (entry.dossier_id) } { (entry.code) } }
            td.work { span { (entry.procedure_name) } }
            td.right { (entry.sets) }
            td { (entry.applicant) }
            td { (entry.address) @if !entry.address.is_empty() && !entry.phone.is_empty() { br; } span.code { (entry.phone) } }
            td { (entry.department) }
            td { (day(entry.accept_time.as_ref())) }
            td { (day(entry.due_time.as_ref())) }
            td { (day(dates.and_then(|d| d.forward_time.as_ref()))) }
            td { (day(dates.and_then(|d| d.complete_time.as_ref()))) }
            td { (day(dates.and_then(|d| d.return_time.as_ref()))) }
            td { (channel) }
            td { (dates.map(note).unwrap_or_default()) }
        }
    }
}

/// Ghi chú: what the dates do not tell.
pub fn note(dates: &CourseDates) -> &str {
    match dates.state {
        2 | 4 | 9 | 10 => "",
        _ => &dates.state_label,
    }
}
