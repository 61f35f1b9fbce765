//! Which words each kind has in each language and channel, and the tokens of the Zalo account.

use maud::{Markup, html};
use motcua_kernel::identity::Identity;
use motcua_proto::notification::v1::Template;
use motcua_ui::icon;

use super::messages::{CSS, LINKS};
use super::words;
use crate::view::Frame;

/// Families of channels that templates are registered for.
pub const FAMILIES: [(&str, &str); 3] = [("zalo", "Zalo"), ("sms", "SMS"), ("email", "Thư điện tử")];
/// Languages.
pub const LOCALES: [(&str, &str); 3] = [("vi", "Tiếng Việt"), ("km", "Tiếng Khmer"), ("en", "Tiếng Anh")];

/// What the page shows.
pub struct Shown {
    /// Every version, the newest of each first.
    pub templates: Vec<Template>,
    /// Whoever looks may change something.
    pub manages: bool,
    /// A Zalo account is set up.
    pub zalo: bool,
}

/// The whole page.
pub fn page(name: &str, user: &Identity, shown: &Shown, ribbon: Option<&str>) -> Markup {
    Frame { title: "Mẫu tin", ribbon, css: CSS, js: &["told.js"] }.page(html! {
        div.board {
            (super::top("Mẫu tin", name, user, LINKS, false))
            main.told {
                section.panel {
                    h2 { "Câu chữ theo việc, kênh và ngôn ngữ" }
                    p.muted { "Zalo chỉ gửi mẫu đã đăng ký với Zalo. SMS và thư có câu sẵn; bản của Trung tâm thay câu sẵn khi được đưa vào dùng." }
                    div.scroll tabindex="0" role="region" aria-label="Mẫu tin" { table.matrix {
                        thead {
                            tr { th scope="col" rowspan="2" { "Việc" }
                                @for (_, family) in FAMILIES { th.mid scope="colgroup" colspan="3" { (family) } } }
                            tr { @for _ in FAMILIES { @for (_, language) in LOCALES { th scope="col" { (language.trim_start_matches("Tiếng ")) } } } }
                        }
                        tbody { @for (kind, label) in words::KINDS {
                            tr {
                                th scope="row" { (label) }
                                @for (channel, family) in FAMILIES { @for (locale, language) in LOCALES {
                                    td { (cell(&shown.templates, (kind, channel, locale), &format!("{label}, {family}, {language}"))) }
                                } }
                            }
                        } }
                    } }
                }
                div.side { (tokens(shown)) }
            }
            (super::toasts())
        }
    })
}

fn cell(all: &[Template], key: (&str, &str, &str), what: &str) -> Markup {
    let (kind, channel, locale) = key;
    let own: Vec<&Template> =
        all.iter().filter(|t| (t.kind.as_str(), t.channel.as_str(), t.locale.as_str()) == key).collect();
    let used = own.iter().find(|t| t.status == "ACTIVE");
    let draft = own.first().filter(|newest| newest.status == "DRAFT");
    html! {
        a href={ "/admin/templates/" (kind) "/" (channel) "/" (locale) }  {
            span.visually-hidden { (what) ": " }
            @match used {
                Some(used) => span.chip.well { "bản " (used.version) },
                None if channel == "zalo" => "chưa có",
                None => "câu sẵn",
            }
            @if let Some(draft) = draft { " " span.chip { "nháp " (draft.version) } }
            @if used.is_none() && own.iter().any(|t| t.status == "PAUSED") { " " span.chip.bad { "tạm ngưng" } }
        }
    }
}

/// A fresh pair of tokens: written, never shown.
fn tokens(shown: &Shown) -> Markup {
    let input = |name: &str, label: &str| {
        html! {
            div.field {
                label for=(name) { (label) }
                input id=(name) name=(name) type="password" autocomplete="off" spellcheck="false" maxlength="4096" aria-describedby={ (name) "-note" };
                p.problem id={ (name) "-note" } data-problem=(name) {}
            }
        }
    };
    html! {
        section.panel {
            h2 { "Mã của tài khoản Zalo" }
            @if !shown.zalo { p.empty { "Trung tâm chưa cấu hình tài khoản Zalo: không cần nhập gì ở đây." } }
            @else if !shown.manages { p.empty { "Quản trị Trung tâm nhập mã khi Zalo đòi cấp quyền lại." } }
            @else {
                p.muted { "Chỉ cần khi hệ thống báo mã đã mất: lấy một cặp mới từ Zalo API Explorer. Mã được mã hóa, không ai xem lại được." }
                form #tokens data-post="/admin/templates/zalo-tokens" data-done="Đã lưu mã mới." data-ask="Thay mã đang dùng bằng cặp mã này?" novalidate {
                    (input("access_token", "Access token"))
                    (input("refresh_token", "Refresh token"))
                    p.problem data-problem="" role="alert" {}
                    button.go type="submit" { (icon::check()) " Lưu mã mới" }
                }
            }
        }
    }
}
