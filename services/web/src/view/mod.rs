//! The pages as HTML. Pure: everything they show is handed in.

pub mod admin;
pub mod console;
pub mod desk;
pub mod dossiers;
pub mod home;
pub mod manager;
pub mod notice;
pub mod receipt;
pub mod ticket;

use maud::{Markup, html};

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
    /// The whole document around `body`.
    pub fn page(&self, body: Markup) -> Markup {
        let more = html! {
            meta name="robots" content="noindex, nofollow";
            @for sheet in self.css { link rel="stylesheet" href={ "/assets/web/" (sheet) }; }
            @for module in self.js { script type="module" src={ "/assets/web/" (module) } {} }
        };
        motcua_ui::page(
            self.title,
            "vi",
            more,
            html! {
                @if let Some(ribbon) = self.ribbon { aside.ribbon aria-label="Giờ mô phỏng" { (ribbon) } }
                (body)
            },
        )
    }
}

/// The band on top of a citizen's page.
pub fn masthead(centre: &str) -> Markup {
    html! { header.masthead { p { (centre) } } }
}
