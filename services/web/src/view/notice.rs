//! Pages that only say something: not found, not signed in, out of order.

use maud::{Markup, html};

use super::{Frame, masthead};

/// One plain sentence with the next step, and what else may help.
pub struct Notice<'a> {
    /// The heading.
    pub title: &'a str,
    /// What happened and what to do.
    pub text: &'a str,
    /// A command or a line to copy.
    pub code: Option<&'a str>,
    /// Stable reason, small print for whoever helps.
    pub reason: &'a str,
    /// Whether the page asks again by itself.
    pub again: bool,
}

/// The notice as a page.
pub fn page(notice: &Notice, centre: &str, ribbon: Option<&str>) -> Markup {
    let js: &[&str] = if notice.again { &["again.js"] } else { &[] };
    Frame { title: notice.title, ribbon, css: &["phone.css"], js }.page(html! {
        (masthead(centre))
        main.sheet {
            h1 { (notice.title) }
            p.lead { (notice.text) }
            @if let Some(code) = notice.code { p { code.command { (code) } } }
            p { a.button.quiet href="/" { "Về trang đầu" } }
            p.small { "Mã thông báo: " (notice.reason) }
        }
    })
}
