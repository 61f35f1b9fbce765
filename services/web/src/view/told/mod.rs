//! What citizens were told and what was not: the call list, messages, channels, templates.

pub mod calls;
pub mod channels;
mod figures;
pub mod follow;
pub mod message;
pub mod messages;
pub mod places;
pub mod template;
pub mod templates;
pub mod words;

use maud::{Markup, html};
use motcua_kernel::identity::Identity;

/// The band on top of these pages. `age`: the page looks again by itself.
fn top(title: &str, beside: &str, user: &Identity, links: &[(&str, &str)], age: bool) -> Markup {
    html! {
        header.top {
            h1 { (title) } span { (beside) }
            @if age { span.age #age role="status" { "vừa cập nhật" } }
            nav { @for (href, label) in links { a href=(href) { (label) } " " } }
            (super::user(user))
        }
        p.banner #banner role="alert" hidden {}
    }
}

/// Why somebody does something: kept in the audit. `id` is of the page, the input's name is always "reason".
fn reason(id: &str, hint: &str) -> Markup {
    html! {
        div.field {
            label for=(id) { "Lý do " span.required { "(bắt buộc)" } }
            input id=(id) name="reason" maxlength="300" autocomplete="off" aria-describedby={ (id) "-note" };
            p.problem id={ (id) "-note" } data-problem="reason" { span.hint { (hint) } }
        }
    }
}

fn toasts() -> Markup {
    html! { div.toasts #toasts role="status" aria-live="polite" {} }
}
