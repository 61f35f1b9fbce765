//! The pages as HTML. Pure: everything they show is handed in.

pub mod admin;
pub mod book;
pub mod catalogue;
mod chart;
pub mod console;
pub mod desk;
pub mod devices;
pub mod dossier;
pub mod dossiers;
pub mod home;
pub mod manager;
pub mod notice;
pub mod receipt;
pub mod staff;
pub mod statistics;
pub mod ticket;
pub mod told;

use maud::{Markup, html};
use motcua_kernel::identity::{Identity, Role};

use crate::lang::Locale;

/// What surrounds every page.
pub struct Frame<'a> {
    /// Title of the browser's tab.
    pub title: &'a str,
    /// Sentence of the ribbon while the clock is simulated.
    pub ribbon: Option<&'a str>,
    /// Style sheets below `/assets/web/`.
    pub css: &'a [&'a str],
    /// Modules below `/assets/web/`.
    pub js: &'a [&'a str],
}

impl Frame<'_> {
    /// The whole document around `body`, in Vietnamese.
    pub fn page(&self, body: Markup) -> Markup {
        self.page_in("vi", body)
    }

    /// The same in a language.
    pub fn page_in(&self, lang: &str, body: Markup) -> Markup {
        let more = html! {
            meta name="robots" content="noindex, nofollow";
            @for sheet in self.css { link rel="stylesheet" href={ "/assets/web/" (sheet) }; }
            @for module in self.js { script type="module" src={ "/assets/web/" (module) } {} }
        };
        motcua_ui::page(
            self.title,
            lang,
            more,
            html! {
                @if let Some(ribbon) = self.ribbon { aside.ribbon lang="vi" aria-label="Giờ mô phỏng" { (ribbon) } }
                (body)
            },
        )
    }
}

/// Who sits here, by official title; the account's name on hover.
pub fn user(identity: &Identity) -> Markup {
    let title = match identity.role {
        Role::Operator => "Quản trị hệ thống",
        Role::Admin => "Quản trị Trung tâm",
        Role::Manager => "Lãnh đạo Trung tâm",
        Role::Officer => "Công chức tiếp nhận",
        Role::Guide => "Nhân viên hướng dẫn",
        Role::Department => "Công chức thụ lý",
        Role::Kiosk | Role::Board | Role::Citizen | Role::Service => "",
    };
    html! { span.user title=(identity.subject) { (motcua_ui::icon::person()) " " (title) } }
}

/// The band on top of a citizen's page.
pub fn masthead(centre: &str) -> Markup {
    html! { header.masthead lang="vi" { p { (centre) } } }
}

/// Three links to `page`, each in its own language: a phone is often shared in a family.
pub fn languages(current: Locale, page: &str) -> Markup {
    html! {
        nav.languages aria-label=(current.text("languages")) {
            @for locale in Locale::ALL {
                a href={ (page) "?lang=" (locale.code()) } lang=(locale.code()) hreflang=(locale.code())
                    aria-current=[(locale == current).then_some("true")] { (locale.text("language")) }
            }
        }
    }
}
