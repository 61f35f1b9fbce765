//! The dossiers behind a figure of the report.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::{ListReportDossiersResponse, ReportDossier};

use super::report::{COLUMNS, FIRST_COLUMN, Period};
use super::{date, grouped};
use crate::text::{self, percent_encoded};

/// Counted to here.
const TOTAL_MAX: i32 = 10_000;

/// Which figure.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    /// Number of the form's column, 3 to 13.
    pub column: i32,
    /// Code and name of the field; none is the last row.
    pub field: Option<(String, String)>,
}

impl Cell {
    fn query(&self) -> String {
        let of = self
            .field
            .as_ref()
            .map(|(code, field)| format!("&code={}&field={}", percent_encoded(code), percent_encoded(field)));
        format!("column={}{}", self.column, of.unwrap_or_default())
    }
}

fn column(number: i32) -> Option<(&'static str, &'static str)> {
    let index = usize::try_from(number - FIRST_COLUMN).ok()?;
    COLUMNS.get(index).copied()
}

/// The page.
pub fn page(
    period: &Period,
    cell: &Cell,
    answer: &ListReportDossiersResponse,
    user: &Identity,
    tz: &TimeZone,
    ribbon: Option<&str>,
) -> Markup {
    let (group, label) = column(cell.column).unwrap_or_default();
    let every = cell.field.is_none();
    let more = if answer.total >= TOTAL_MAX { "hơn " } else { "" };
    let body = html! {
        p { a href={ "/reports?" (period.query()) } { "← Về biểu II.06a" } }
        h2 { (group) " · " (label) }
        p {
            "Lĩnh vực: " b { @match &cell.field { Some((_, field)) => (field), None => "tất cả" } }
            " · Kỳ từ ngày " (date(&answer.first_day)) " đến hết ngày " (date(&answer.last_day))
            " · " (more) (grouped(answer.total.into())) " hồ sơ"
            @if answer.closed.is_some() { " · " span.chip.ok { "Đã chốt" } }
        }
        @if answer.dossiers.is_empty() { p.empty { "Không có hồ sơ nào trong ô này." } }
        @else {
            table.dossier-table.behind {
                thead { tr {
                    th scope="col" { "Mã hồ sơ" } th scope="col" { "Thủ tục" } @if every { th scope="col" { "Lĩnh vực" } }
                    th scope="col" { "Tiếp nhận" } th scope="col" { "Hẹn trả (khi hết kỳ)" } th scope="col" { "Giải quyết xong" } th scope="col" { "Kết quả trong kỳ" }
                } }
                tbody { @for dossier in &answer.dossiers { (row(dossier, every, tz)) } }
            }
            @if !answer.next_page_token.is_empty() {
                p.more { a.quiet rel="next" href={ "/reports/dossiers?" (period.query()) "&" (cell.query()) "&page=" (percent_encoded(&answer.next_page_token)) } { "Trang sau" } }
            }
        }
    };
    super::page("Báo cáo", "/reports", user, ribbon, body)
}

fn row(dossier: &ReportDossier, every: bool, tz: &TimeZone) -> Markup {
    let moment = |time: Option<&prost_types::Timestamp>, none: &str| {
        text::instant(time).map_or_else(|| none.to_owned(), |at| text::short(at, tz))
    };
    let late = matches!(dossier.outcome_column, 10 | 13);
    html! {
        tr {
            td.code { a href={ "/dossiers/" (dossier.id) } { (dossier.code) } }
            td.work { span { (dossier.procedure_name) } }
            @if every { td { (dossier.field) } }
            td.time { (moment(dossier.accept_time.as_ref(), "")) }
            td.time { (moment(dossier.due_time.as_ref(), "không quy định")) }
            td.time { (moment(dossier.finish_time.as_ref(), "")) }
            td { @if let Some((group, label)) = column(dossier.outcome_column) { span.chip.ok[!late].bad[late] { (group) ": " (label) } } }
        }
    }
}
