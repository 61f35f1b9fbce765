use maud::{DOCTYPE, Markup, html};

use crate::assets::{CSS_PATH, FAVICON_PATH};

/// The `<head>` of a page in `lang` (`vi`, `km`, `en`), with the shared style sheet only.
#[must_use]
pub fn head(title: &str, lang: &str) -> Markup {
    head_with(title, lang, html! {})
}

/// The `<head>` of a page with more in it: further style sheets, `<script type="module" src=…>`.
#[must_use]
pub fn head_with(title: &str, lang: &str, more: Markup) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="theme-color" content="#8F1D1D";
            meta name="color-scheme" content="light";
            meta http-equiv="content-language" content=(lang);
            title { (title) }
            link rel="icon" type="image/svg+xml" href=(FAVICON_PATH);
            link rel="stylesheet" href=(CSS_PATH);
            (more)
        }
    }
}

/// A whole page: `<!doctype html><html lang=…>` with [`head_with`] and the given `<body>` content.
#[must_use]
pub fn page(title: &str, lang: &str, more: Markup, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang) {
            (head_with(title, lang, more))
            body { (body) }
        }
    }
}
