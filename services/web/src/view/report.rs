//! Report II.06a for the manager: a period, its table, and the files to hand in.

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::{ReportPeriodResponse, ReportRow};

use super::Frame;
use crate::text::percent_encoded;

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
    fn query(&self) -> String {
        let part = |name: &str, value: &str| format!("{name}={}", percent_encoded(value));
        if self.month.is_empty() {
            [part("first", &self.first), part("last", &self.last)].join("&")
        } else {
            part("month", &self.month)
        }
    }
}

/// The page; without an answer it says why there is none.
pub fn page(
    period: &Period,
    answer: Result<&ReportPeriodResponse, &str>,
    user: &Identity,
    ribbon: Option<&str>,
) -> Markup {
    Frame { title: "Báo cáo II.06a", ribbon, css: &["staff.css", "dossier.css"], js: &[] }.page(html! {
        div.board {
            header.top {
                h1 { "Báo cáo" }
                nav.tabs aria-label="Trang quản lý" { a href="/manager" { "Điều hành" } a href="/reports" aria-current="page" { "Biểu II.06a" } a href="/dossiers" { "Hồ sơ" } }
                (super::user(user))
            }
            main.dossiers tabindex="-1" {
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
                    Ok(answer) => (table(period, answer)),
                }
            }
        }
    })
}

fn table(period: &Period, answer: &ReportPeriodResponse) -> Markup {
    let file = |format: &str| format!("/reports/II.06a.{format}?{}", period.query());
    html! {
        @if answer.rows.is_empty() { p.empty { "Kỳ này không có hồ sơ nào." } }
        @else {
            p.more { a.quiet href=(file("xlsx")) { "Tải tệp XLSX" } " " a.quiet href=(file("csv")) { "Tải tệp CSV" } }
            table.report {
                thead {
                    tr { th rowspan="2" scope="col" { "TT" } th rowspan="2" scope="col" { "Lĩnh vực, công việc giải quyết theo cấp" } th.right colspan="4" scope="colgroup" { "Tiếp nhận" } th.right colspan="4" scope="colgroup" { "Đã giải quyết" } th.right colspan="3" scope="colgroup" { "Đang giải quyết" } }
                    tr { @for label in ["Tổng số", "Trực tuyến", "Trực tiếp, bưu chính", "Từ kỳ trước", "Tổng số", "Trước hạn", "Đúng hạn", "Quá hạn", "Tổng số", "Trong hạn", "Quá hạn"] { th.right scope="col" { (label) } } }
                }
                tbody { @for (n, row) in (1..).zip(&answer.rows) { tr { td { (n) } td { (row.field) } (figures(row)) } } }
                @if let Some(total) = &answer.total { tfoot { tr { td {} th scope="row" { (total.field) } (figures(total)) } } }
            }
        }
    }
}

fn figures(row: &ReportRow) -> Markup {
    let all = [
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
    ];
    html! { @for (n, figure) in all.into_iter().enumerate() { td.right.bad[figure > 0 && matches!(n, 7 | 10)] { (figure) } } }
}
