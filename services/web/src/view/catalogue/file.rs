//! A file becomes the draft: chosen, looked over, taken.

use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::intake::v1::{GetDraftResponse, PutDraftFileResponse};
use motcua_ui::icon;

use super::changes::one;
use super::{in_words, waiting};

/// The page's content.
pub fn body(draft: &GetDraftResponse) -> Markup {
    html! {
        h2 { "Nhập danh mục từ tệp" }
        p { "Tệp CSV (UTF-8) hoặc XLSX nêu " b { "toàn bộ" } " danh mục: thủ tục không có trong tệp sẽ được rút. Chưa có gì thay đổi cho đến khi công bố." }
        form #upload data-file="/admin/catalogue/file" novalidate {
            div.field {
                label for="file" { "Tệp danh mục" }
                input #file type="file" name="file" accept=".csv,.xlsx" aria-describedby="file-note";
                p.problem id="file-note" data-problem="file" { span.hint { "Lớn nhất 32 MB. Cột: code, name, department, reception, time_qty, time_unit, …; cột cases, fees, steps, same_day, cut_off, supplements_max có thể bỏ." } }
            }
            div.field {
                label for="planned_from" { "Ngày bắt đầu cho thủ tục planned chưa ghi ngày" }
                input #planned_from type="date" name="planned_from" aria-describedby="planned_from-note";
                p.problem id="planned_from-note" data-problem="planned_from" { span.hint { "Để trống nếu chưa định ngày." } }
            }
            @if waiting(draft) > 0 {
                label.tick { input type="checkbox" name="replace" value="true"; " Thay cả bản nháp đang có " (waiting(draft)) " thủ tục chưa công bố" }
            }
            p.problem data-problem="" role="alert" {}
            div.buttons {
                button.quiet type="submit" name="check" value="true" { "Xem trước" }
                button.go type="submit" { (icon::document()) " Đưa vào bản nháp" }
            }
        }
        div #report role="status" aria-live="polite" {}
    }
}

/// What a file would change, or has changed in the draft.
pub fn report(answer: &PutDraftFileResponse, check: bool, tz: &TimeZone) -> Markup {
    let hidden = usize::try_from(answer.warning_count).unwrap_or(0).saturating_sub(answer.warnings.len());
    let total = usize::try_from(answer.added + answer.changed + answer.closed).unwrap_or(0);
    html! {
        section.panel.report-file data-checked=(check) {
            h2 { @if check { "Tệp này sẽ làm thay đổi: " } @else { "Đã đưa vào bản nháp: " } (in_words(answer.added, answer.changed, answer.closed)) }
            @if !check { p { a.go href="/admin/catalogue/changes" { "Xem và công bố" } } }
            @if answer.warning_count > 0 {
                h3 { "Nên xem lại " (answer.warning_count) " điểm" }
                ul.warnings { @for warning in &answer.warnings { li { (warning) } } @if hidden > 0 { li { "… và " (hidden) " điểm nữa" } } }
            }
            @for change in &answer.changes { (one(change, false, tz)) }
            @if total > answer.changes.len() { p.muted { "… và " (total - answer.changes.len()) " thủ tục nữa." } }
        }
    }
}
