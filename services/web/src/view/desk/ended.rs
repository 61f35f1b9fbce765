//! What is shown when a reception has ended, and what is asked before it ends without a dossier.

use maud::{Markup, html};
use motcua_ui::icon;

use crate::view::told::follow;

/// Accepted; or ended by a slip or by guidance.
pub fn panels() -> Markup {
    html! {
        section.accepted #accepted hidden tabindex="-1" aria-live="polite" {
            div.words {
                p.ok { (icon::check()) " Đã tiếp nhận hồ sơ" }
                p.code #accepted-code {}
                p { "Hẹn trả: " b #accepted-due {} }
                p.muted #accepted-procedure {}
                div.buttons {
                    a.go #accepted-pdf target="_blank" rel="noopener" { (icon::printer()) span { "In giấy tiếp nhận và hẹn trả" } }
                    button.quiet #next-dossier type="button" { "Nhận tiếp của người này" }
                    button.quiet #again type="button" { "Công dân khác" }
                    (follow::button())
                }
                p.muted { "Đưa giấy hẹn cho công dân; mã QR trên giấy để theo dõi hồ sơ. Nhận tiếp: giữ người nộp, không giữ chủ hồ sơ." }
                (follow::card())
            }
            figure {
                img #accepted-qr alt="Mã QR để công dân theo dõi hồ sơ" width="220" height="220";
                figcaption { "Mã theo dõi hồ sơ" }
            }
        }
        section.accepted #ended hidden tabindex="-1" aria-live="polite" {
            div.words {
                p.ok #ended-title {}
                p.code #ended-number {}
                p.muted #ended-note {}
                div.buttons {
                    a.go #ended-pdf target="_blank" rel="noopener" { (icon::printer()) span { "In phiếu" } }
                    button.quiet #ended-again type="button" { "Tiếp tục nhận hồ sơ" }
                }
            }
        }
    }
}

/// Three questions.
pub fn dialogs() -> Markup {
    html! {
        (ask("supplement", "Yêu cầu bổ sung, hoàn thiện hồ sơ",
            "Chưa tiếp nhận; công dân nhận phiếu (mẫu 02) ghi mọi giấy tờ còn thiếu trong một lần.", "Lập phiếu", html! {
            div.asked #asked-papers role="group" aria-label="Giấy tờ cần bổ sung" {}
            (reason("supplement", "Lý do", true))
        }))
        (ask("refusal", "Từ chối tiếp nhận hồ sơ",
            "Công dân nhận phiếu (mẫu 03) có lý do cụ thể.", "Lập phiếu", reason("refusal", "Lý do", true)))
        (ask("guided", "Đã hướng dẫn",
            "Không nhận giấy tờ nào. Lượt này được tính vào số liệu của ngày; không ghi tên công dân.", "Ghi nhận",
            reason("guided", "Đã hướng dẫn việc gì", false)))
    }
}

fn reason(name: &str, label: &str, required: bool) -> Markup {
    let id = format!("{name}-reason");
    html! {
        div.field {
            label for=(id) { (label) @if required { " " span.required { "(bắt buộc)" } } }
            textarea id=(id) name="reason" rows="3" maxlength="2000" {}
        }
    }
}

fn ask(name: &str, title: &str, note: &str, go: &str, body: Markup) -> Markup {
    html! {
        dialog id={ "end-" (name) } aria-labelledby={ "end-" (name) "-title" } {
            form.ask method="dialog" data-end=(name) novalidate {
                h2 id={ "end-" (name) "-title" } { (title) }
                p.muted { (note) }
                (body)
                p.problem role="alert" hidden {}
                footer {
                    button.quiet type="button" data-dismiss { "Thôi" kbd { "Esc" } }
                    button.go type="submit" { (go) }
                }
            }
        }
    }
}
