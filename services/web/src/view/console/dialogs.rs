//! Questions of the console. What may have changed since the page was opened comes as a template that a dialog takes
//! its choices from when it opens: a patch never touches an open dialog.

use maud::{Markup, html};
use motcua_ui::icon;

use super::{Console, status};

const PAUSES: [&str; 4] = ["Nghỉ giải lao", "Họp", "Đi lấy hồ sơ", "Hỗ trợ quầy khác"];
const HOLDS: [(&str, &str); 3] = [
    ("cashier", "Đi nộp phí, lệ phí"),
    ("đi sao chụp giấy tờ", "Đi sao chụp giấy tờ"),
    ("lấy thêm giấy tờ", "Lấy thêm giấy tờ"),
];

/// All dialogs, and the templates.
pub fn all(console: &Console) -> Markup {
    let pauses = PAUSES.map(|reason| (reason, reason));
    html! {
        (ask("transfer", "Chuyển số", "Số giữ nguyên và giữ giờ đến; công dân không phải lấy số lại.", "Chuyển", html! {
            div.choices data-from="transfer" {}
        }))
        (ask("hold", "Giữ lại số", "Quầy phục vụ người khác; số này chờ ở mục Đang giữ lại.", "Giữ lại", reasons(&HOLDS)))
        (ask("pause", "Tạm dừng tiếp nhận", "Không gọi số mới cho đến khi bấm F10 để tiếp tục. Người đang chờ giữ nguyên lượt.",
            "Tạm dừng", reasons(&pauses)))
        (ask("settings", &format!("Quầy {}", console.counter.number), "Quầy giữ các cài đặt này cho đến khi đổi lại.", "Lưu", html! {
            div.settings data-from="settings" {}
        }))
        dialog.sheet #sheet-dialog aria-labelledby="sheet-title" { div #sheet {} }
        (choices(console))
    }
}

/// The templates.
pub fn choices(console: &Console) -> Markup {
    html! {
        template data-slot="transfer-choices" { (targets(console)) }
        template data-slot="settings-choices" { (settings(console)) }
    }
}

/// One question: the form's act is its name.
fn ask(name: &str, title: &str, note: &str, go: &str, body: Markup) -> Markup {
    html! {
        dialog id={ (name) "-dialog" } aria-labelledby={ (name) "-title" } {
            form.ask method="dialog" data-ask=(name) {
                h2 id={ (name) "-title" } { (title) " " span data-number {} }
                p.muted { (note) }
                (body)
                p.problem role="alert" hidden {}
                footer {
                    button.quiet type="button" data-close { "Thôi" kbd { "Esc" } }
                    button.go type="submit" { (go) kbd { "Enter" } }
                }
            }
        }
    }
}

fn reasons(known: &[(&str, &str)]) -> Markup {
    html! {
        fieldset.reasons {
            legend.visually-hidden { "Lý do" }
            @for (at, (value, words)) in known.iter().enumerate() {
                label { input type="radio" name="reason" value=(value) checked[at == 0]; span { (words) } }
            }
            label { input type="radio" name="reason" value=""; span { "Lý do khác" } }
            input.own type="text" name="own" maxlength="80" aria-label="Lý do khác" placeholder="Ghi ngắn, không ghi thông tin cá nhân" autocomplete="off";
        }
    }
}

fn targets(console: &Console) -> Markup {
    html! {
        fieldset {
            legend { "Hàng chờ" }
            @for queue in &console.centre.queues {
                label {
                    input type="radio" name="to" value={ "queue:" (queue.id) };
                    span { (queue.name) } span.muted { (queue.waiting) " chờ" }
                }
            }
        }
        fieldset {
            legend { "Quầy" }
            @for counter in console.centre.counters.iter().filter(|c| c.id != console.counter.id) {
                @let state = status(counter);
                label {
                    input type="radio" name="to" value={ "counter:" (counter.id) } disabled[state != "open"];
                    span { "Quầy " (counter.number) " · " (counter.name) }
                    @if state == "paused" { span.muted { "tạm dừng" } }
                    @if state == "closed" { span.muted { "đang đóng" } }
                }
            }
        }
    }
}

fn settings(console: &Console) -> Markup {
    let counter = &console.counter;
    let speaks = |language: &str| counter.languages.iter().any(|l| l == language);
    html! {
        fieldset.reasons {
            legend { "Công chức ở quầy nói được" }
            label { input type="checkbox" name="language" value="km" checked[speaks("km")]; span { "Tiếng Khmer" } }
            label { input type="checkbox" name="language" value="en" checked[speaks("en")]; span { "Tiếng Anh" } }
        }
        fieldset.reasons {
            legend { "Gọi số" }
            label { input type="checkbox" name="auto_call" checked[counter.auto_call]; span { "Tự động gọi số tiếp theo khi quầy rảnh, từ giờ gọi số" } }
        }
        div.leaving {
            button.quiet type="button" data-act="leave" disabled[counter.session.is_empty()]
                title="Quầy giữ nguyên; màn hình khác nhận được ngay" {
                (icon::arrow()) span { "Rời quầy, không đóng" }
            }
            button.quiet.close-counter type="button" data-act="close" disabled[console.ticket.is_some() || status(counter) == "closed"] {
                (icon::close()) span { "Đóng quầy" }
            }
        }
        @if console.ticket.is_some() { p.muted.small { "Đóng được khi quầy không còn giữ số nào trên bảng." } }
    }
}
