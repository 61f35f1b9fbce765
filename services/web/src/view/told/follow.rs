//! "Theo dõi qua Zalo": what the citizen scans and sends after acceptance.

use maud::{Markup, html};
use motcua_ui::icon;

/// The button beside the receipt's.
pub fn button() -> Markup {
    html! {
        button.quiet #follow type="button" { (icon::phone()) span { "Theo dõi qua Zalo" } }
        p.problem #follow-why role="status" hidden { "Trung tâm chưa nối tài khoản Zalo. Công dân theo dõi bằng mã QR bên cạnh." }
    }
}

/// Code and QR, filled by the page's script.
pub fn card() -> Markup {
    html! {
        div.follow-card #follow-card tabindex="-1" role="status" hidden {
            img #follow-qr alt="Mã QR tài khoản Zalo của Trung tâm" width="160" height="160";
            ol {
                li { "Quét mã này bằng Zalo, bấm " b { "Quan tâm" } "." }
                li { "Gửi cho Trung tâm tin nhắn: " b.code { "HS " span #follow-code {} } }
            }
            p.muted { "Dùng một lần, đến " span #follow-until {} ". " span.code #follow-url {} }
        }
    }
}
