//! What is handed in and kept: report II.06a and the book of dossiers.

pub mod behind;
pub mod register;
pub mod report;

use maud::{Markup, html};
use motcua_kernel::identity::{Action, Identity};

use super::Frame;
use crate::text::grouped;

/// Around each of these pages.
fn page(title: &str, current: &str, user: &Identity, ribbon: Option<&str>, body: Markup) -> Markup {
    let centre_id = user.centre_id.clone().unwrap_or_default();
    let tabs = [
        ("/manager", "Điều hành", Action::ReadFigures),
        ("/manager/statistics", "Thống kê", Action::ReadFigures),
        ("/reports", "Biểu II.06a", Action::ReadFigures),
        ("/register", "Sổ theo dõi", Action::ReadRegister),
        ("/dossiers", "Hồ sơ", Action::ReadDossier),
    ];
    let open = tabs.iter().filter(|(.., action)| user.may(*action, &centre_id).is_ok());
    Frame { title, ribbon, css: &["staff.css", "dossier.css", "book.css"], js: &["book.js"] }.page(html! {
        div.board {
            header.top {
                h1 { (title) }
                nav.tabs aria-label="Sổ sách và báo cáo" {
                    @for (path, label, _) in open { a href=(path) aria-current=[(*path == current).then_some("page")] { (label) } }
                }
                (super::user(user))
            }
            p.banner #banner role="alert" hidden {}
            main.dossiers tabindex="-1" { (body) }
            div.toasts #toasts role="status" aria-live="polite" {}
        }
    })
}

/// "2026-11-15" as people write it; what is no date stays as it is.
fn date(iso: &str) -> String {
    let parts: Vec<&str> = iso.split('-').collect();
    match parts.as_slice() {
        [year, month, day] => format!("{day}/{month}/{year}"),
        _ => iso.to_owned(),
    }
}
