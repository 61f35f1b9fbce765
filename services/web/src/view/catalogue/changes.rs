//! What is not published yet, field by field, and the button that publishes it.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use motcua_proto::intake::v1::{DiffDraftResponse, DraftStanding, FieldChange, GetDraftResponse, ProcedureChange};
use motcua_ui::icon;

use super::{chip, day, in_words, waiting};
use crate::text;

/// The page's content.
pub fn body(answer: &DiffDraftResponse, draft: &GetDraftResponse, today: Date, tz: &TimeZone) -> Markup {
    let words = in_words(draft.added, draft.changed, draft.closed);
    html! {
        h2 { "Những thay đổi chưa công bố" }
        @if waiting(draft) == 0 {
            p.empty { "Bản nháp không khác danh mục đang dùng (phiên bản " (draft.base_version) "). Mở một " a href="/admin/catalogue" { "thủ tục" } " để sửa, hoặc " a href="/admin/catalogue/file" { "nhập từ tệp" } "." }
        } @else {
            div.split {
                div.changes {
                    p.muted { "So với phiên bản " (draft.base_version) " đang dùng: " (words) "." }
                    @for change in &answer.changes { (one(change, true, tz)) }
                    @if !answer.next_page_token.is_empty() {
                        p.more { a.quiet href={ "/admin/catalogue/changes?page=" (text::percent_encoded(&answer.next_page_token)) } rel="next" { "Xem tiếp" } }
                    }
                }
                div.side {
                    section.panel {
                        h2 { "Công bố" }
                        p.muted { "Quầy, kiosk và trang công dân dùng phiên bản mới từ ngày hiệu lực. Hồ sơ đã nhận giữ thời hạn, phí và quy tắc của phiên bản cũ." }
                        form #publish data-post="/admin/catalogue/publish" data-go="/admin/catalogue/versions" data-ask={ "Công bố " (words) "?" } data-done="Đã công bố." novalidate {
                            input type="hidden" name="base_version" value=(draft.base_version);
                            input type="hidden" name="seen" value=(draft.etag);
                            div.field {
                                label for="note" { "Lý do " span.required { "(nên ghi)" } }
                                input id="note" name="note" maxlength="300" autocomplete="off" aria-describedby="note-note";
                                p.problem id="note-note" data-problem="note" { span.hint { "Ví dụ: Theo Quyết định số 12/QĐ-UBND. Lưu cùng phiên bản." } }
                            }
                            div.field {
                                label for="from_date" { "Có hiệu lực từ ngày" }
                                input id="from_date" type="date" name="from_date" value=(today) min=(today) aria-describedby="from_date-note";
                                p.problem id="from_date-note" data-problem="from_date" { span.hint { "Hôm nay: dùng ngay. Ngày sau: chờ đến 0 giờ ngày đó, rút lại được trước ngày đó." } }
                            }
                            p.problem data-problem="" role="alert" {}
                            button.go type="submit" { (icon::check()) " Công bố" }
                        }
                    }
                    section.panel {
                        h2 { "Bỏ bản nháp" }
                        form #discard data-post="/admin/catalogue/discard" data-reload data-ask="Bỏ mọi thay đổi chưa công bố? Không lấy lại được." novalidate {
                            input type="hidden" name="seen" value=(draft.etag);
                            p.problem data-problem="" role="alert" {}
                            button.quiet type="submit" { "Bỏ mọi thay đổi" }
                        }
                    }
                }
            }
        }
    }
}

/// One procedure that differs. `edited`: by hand, so that its name opens the editor.
pub fn one(change: &ProcedureChange, edited: bool, tz: &TimeZone) -> Markup {
    let new = change.standing() == DraftStanding::Added;
    html! {
        article.change data-code=(change.code) {
            h3 {
                (chip(change.standing())) " "
                @if edited { a href={ "/admin/catalogue/procedures/" (change.code) } { (change.code) } } @else { (change.code) }
                " " (change.name)
            }
            p.muted {
                (change.department)
                @if let Some(edit) = &change.edit {
                    " · " (edit.edit_by)
                    @if let Some(at) = text::instant(edit.edit_time.as_ref()) { ", " (text::short(at, tz)) }
                }
            }
            @if change.edit.as_ref().is_some_and(|edit| edit.overtakes) {
                p.missing { (icon::warning()) " Bản đang dùng của thủ tục này đã đổi sau khi bắt đầu sửa; công bố sẽ thay bản đó." }
            }
            @for from in &change.waits_from {
                p.missing data-waits=(from) {
                    (icon::warning()) " Thủ tục này còn thay đổi chờ hiệu lực từ "
                    a href={ "/admin/catalogue/waiting/" (from) } { (day(from)) }
                    ". Chọn một ngày hiệu lực sau ngày đó, hoặc rút bản chờ trước; bản này sẽ thay cả thay đổi đang chờ."
                }
            }
            @if change.standing() == DraftStanding::Closed { p { "Thủ tục rời danh mục: quầy và kiosk không nhận hồ sơ mới. Hồ sơ đã nhận vẫn giải quyết bình thường." } }
            @if !change.fields.is_empty() { (fields(&change.fields, new)) }
        }
    }
}

/// Old and new side by side; of a new procedure only what it states.
pub fn fields(fields: &[FieldChange], new: bool) -> Markup {
    html! {
        div.scroll { table.fields {
            thead { tr { th scope="col" { "Mục" } @if !new { th scope="col" { "Đang dùng" } } th scope="col" { @if new { "Nội dung" } @else { "Sẽ là" } } } }
            tbody { @for field in fields {
                tr data-field=(field.field) {
                    th scope="row" { (field.label) }
                    @if !new { td.before { (said(&field.before)) } }
                    td.after { (said(&field.after)) }
                }
            } }
        } }
    }
}

fn said(text: &str) -> Markup {
    html! { @if text.is_empty() { span.muted { "—" } } @else { @for (n, line) in text.lines().enumerate() { @if n > 0 { br; } (line) } } }
}
