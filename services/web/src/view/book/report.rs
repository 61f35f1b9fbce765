//! Report II.06a for the manager: a period, its table, closing it, and the files to hand in.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::{ClosedReport, ReportPeriodResponse, ReportRow};
use motcua_ui::icon;

use super::{date, grouped};
use crate::text::{self, percent_encoded};

/// Columns 3 to 13 of the form: group and label.
pub const COLUMNS: [(&str, &str); 11] = [
    ("Tiếp nhận", "Tổng số"),
    ("Tiếp nhận", "Trực tuyến"),
    ("Tiếp nhận", "Trực tiếp, dịch vụ bưu chính"),
    ("Tiếp nhận", "Từ kỳ trước"),
    ("Đã giải quyết", "Tổng số"),
    ("Đã giải quyết", "Trước hạn"),
    ("Đã giải quyết", "Đúng hạn"),
    ("Đã giải quyết", "Quá hạn"),
    ("Đang giải quyết", "Tổng số"),
    ("Đang giải quyết", "Trong hạn"),
    ("Đang giải quyết", "Quá hạn"),
];
/// The form's number of the first of them.
pub const FIRST_COLUMN: i32 = 3;

/// Which time is reported on: a month of reports, or two days.
#[derive(Clone, Debug, Default)]
pub struct Period {
    /// "2026-11", which may run from the 15th to the 14th; empty with two days.
    pub month: String,
    /// ISO dates, both included.
    pub first: String,
    /// The last one.
    pub last: String,
}

impl Period {
    /// As a query of ours.
    pub fn query(&self) -> String {
        let part = |name: &str, value: &str| format!("{name}={}", percent_encoded(value));
        if self.month.is_empty() {
            [part("first", &self.first), part("last", &self.last)].join("&")
        } else {
            part("month", &self.month)
        }
    }
}

/// Columns 3 to 13.
pub fn figures(row: &ReportRow) -> [i64; COLUMNS.len()] {
    [
        row.received_total,
        row.received_online,
        row.received_direct,
        row.carried_over,
        row.resolved_total,
        row.resolved_early,
        row.resolved_on_time,
        row.resolved_late,
        row.open_total,
        row.open_in_time,
        row.open_overdue,
    ]
}

/// The page; without an answer it says why there is none. `closed` are earlier periods, as far as they could be read.
pub fn page(
    period: &Period,
    answer: Result<&ReportPeriodResponse, &str>,
    closed: &[ClosedReport],
    user: &Identity,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    let body = html! {
        h2 { "Tình hình, kết quả giải quyết TTHC tại Trung tâm Phục vụ hành chính công" }
        p.muted { "Biểu số II.06a/VPCP/KSTT · Đơn vị tính: hồ sơ" }
        form.filter method="get" action="/reports" {
            label { "Tháng báo cáo " input type="month" name="month" value=(period.month); }
            span.muted { "hoặc" }
            label { "từ ngày " input type="date" name="first" value=(period.first); }
            label { "đến ngày " input type="date" name="last" value=(period.last); }
            button.go type="submit" { "Xem" }
        }
        @match answer {
            Err(problem) => p.refused role="alert" { (problem) },
            Ok(answer) => {
                (standing(period, answer, tz))
                (table(period, answer))
            }
        }
        (earlier(closed, tz))
    };
    super::page("Báo cáo", "/reports", user, ribbon, body)
}

/// Which days these are, and whether the figures may still change.
fn standing(period: &Period, answer: &ReportPeriodResponse, tz: &TimeZone) -> Markup {
    let span = format!("từ ngày {} đến hết ngày {}", date(&answer.first_day), date(&answer.last_day));
    html! {
        section.standing aria-label="Kỳ báo cáo" {
            p.span { "Kỳ báo cáo: " b { (span) } }
            @match &answer.closed {
                Some(closed) => p.closed {
                    (icon::check()) " Đã chốt " @if let Some(at) = text::instant(closed.close_time.as_ref()) { "lúc " (text::short(at, tz)) }
                    ", người chốt: " b { (closed.closed_by) } ". Số liệu và danh sách hồ sơ của kỳ này không thay đổi nữa."
                },
                None if !answer.over => p.muted { "Kỳ chưa kết thúc: số liệu tính đến lúc này và còn thay đổi. Chốt được sau ngày cuối kỳ." },
                None => form.close data-post="/reports/close" data-reload data-done="Đã chốt kỳ báo cáo."
                    data-ask={ "Chốt kỳ báo cáo " (span) "? Sau khi chốt, số liệu và danh sách hồ sơ của kỳ này không thay đổi được nữa." } {
                    input type="hidden" name="first" value=(answer.first_day);
                    input type="hidden" name="last" value=(answer.last_day);
                    p { span.chip { "Chưa chốt" } " Kỳ đã kết thúc. Chốt để giữ nguyên số liệu đã nộp." }
                    button.go type="submit" { "Chốt kỳ báo cáo" }
                    p.problem data-problem="" role="alert" {}
                },
            }
            @if !answer.rows.is_empty() {
                p.files {
                    @for (ending, label) in [("pdf", "Tải PDF"), ("xlsx", "Tải XLSX"), ("csv", "Tải CSV")] {
                        a.quiet href={ "/reports/II.06a." (ending) "?" (period.query()) } { (icon::document()) " " (label) }
                    }
                }
            }
        }
    }
}

fn table(period: &Period, answer: &ReportPeriodResponse) -> Markup {
    html! {
        @if answer.rows.is_empty() { p.empty { "Kỳ này không có hồ sơ nào." } }
        @else {
            p.muted { "Bấm vào một số để xem danh sách hồ sơ của ô đó." }
            table.report {
                thead {
                    tr {
                        th rowspan="2" scope="col" { "TT" }
                        th rowspan="2" scope="col" { "Lĩnh vực, công việc giải quyết theo cấp" }
                        th.group colspan="4" scope="colgroup" { "Tiếp nhận" }
                        th.group colspan="4" scope="colgroup" { "Đã giải quyết" }
                        th.group colspan="3" scope="colgroup" { "Đang giải quyết" }
                    }
                    tr { @for (_, label) in COLUMNS { th.right scope="col" { (label) } } }
                    tr.numbers aria-hidden="true" { @for n in 1..=13 { td { "(" (n) ")" } } }
                }
                tbody { @for (n, row) in (1..).zip(&answer.rows) { tr { td { (n) } th.field scope="row" { (row.field) } (cells(period, row, false)) } } }
                @if let Some(total) = &answer.total { tfoot { tr { td {} th scope="row" { (total.field) } (cells(period, total, true)) } } }
            }
        }
    }
}

/// Each figure opens its dossiers.
fn cells(period: &Period, row: &ReportRow, total: bool) -> Markup {
    let of = if total {
        String::new()
    } else {
        format!("&code={}&field={}", percent_encoded(&row.field_code), percent_encoded(&row.field))
    };
    html! {
        @for (column, (figure, (group, label))) in (FIRST_COLUMN..).zip(figures(row).into_iter().zip(COLUMNS)) {
            td.right.bad[figure > 0 && matches!(column, 10 | 13)] {
                @if figure == 0 { "0" }
                @else {
                    a href={ "/reports/dossiers?" (period.query()) "&column=" (column) (of) }
                        aria-label={ (grouped(figure)) ": " (row.field) ", " (group) ", " (label) } { (grouped(figure)) }
                }
            }
        }
    }
}

fn earlier(closed: &[ClosedReport], tz: &TimeZone) -> Markup {
    html! {
        @if !closed.is_empty() {
            section.earlier {
                h3 { "Các kỳ đã chốt" }
                ul { @for one in closed { li {
                    a href={ "/reports?first=" (one.first_day) "&last=" (one.last_day) } { (date(&one.first_day)) " – " (date(&one.last_day)) }
                    span.muted {
                        " · " (grouped(one.dossiers)) " hồ sơ · chốt "
                        (text::instant(one.close_time.as_ref()).map_or_else(String::new, |at| text::short(at, tz))) " · " (one.closed_by)
                    }
                } } }
            }
        }
    }
}
