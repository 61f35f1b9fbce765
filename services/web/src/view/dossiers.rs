//! The list of dossiers at the desk, with the one move each may make next.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::status::v1::{DossierState, DossierStatus, ListDossiersResponse};

use crate::text;

/// The list as a fragment.
pub fn list(answer: &ListDossiersResponse, counter: &str, tz: &TimeZone) -> Markup {
    html! {
        @if answer.dossiers.is_empty() {
            p.empty { "Không có hồ sơ nào như vậy." }
        } @else {
            table.dossier-table {
                thead { tr {
                    th scope="col" { "Mã hồ sơ" } th scope="col" { "Thủ tục" } th scope="col" { "Đơn vị đang giữ" }
                    th scope="col" { "Tình trạng" } th scope="col" { "Hẹn trả" } th scope="col" { span.visually-hidden { "Giấy hẹn và việc tiếp theo" } }
                } }
                tbody { @for dossier in &answer.dossiers { (row(dossier, counter, tz)) } }
            }
            @let more = i64::from(answer.total) - answer.dossiers.len() as i64;
            @if more > 0 { p.empty { "Còn " (more) " hồ sơ nữa: gõ mã để tìm." } }
        }
    }
}

fn row(dossier: &DossierStatus, counter: &str, tz: &TimeZone) -> Markup {
    let next = match dossier.state() {
        DossierState::Accepted => Some(("forward", "Chuyển xử lý")),
        DossierState::Processing => Some(("complete", "Có kết quả")),
        DossierState::Completed => Some(("return", "Trả kết quả")),
        _ => None,
    };
    html! {
        tr data-dossier=(dossier.id) {
            td.code { a href={ "/dossiers/" (dossier.id) } { (dossier.code) } }
            td.work title=(dossier.procedure_name) { span { (dossier.procedure_name) } }
            td { (dossier.holder) }
            td { (dossier.state_label) }
            td {
                @match text::instant(dossier.due_time.as_ref()) {
                    Some(due) => (text::short(due, tz)),
                    None => "không quy định",
                }
                @if dossier.overdue { " " span.chip.bad { "Quá hạn" } }
            }
            td.right.moves {
                a href={ "/desk/" (counter) "/receipts/" (dossier.id) ".pdf" } target="_blank" rel="noopener" { "Giấy hẹn" }
                @if let Some((action, label)) = next {
                    button.go type="button" data-move=(action) data-etag=(dossier.etag) data-code=(dossier.code) { (label) }
                }
            }
        }
    }
}
