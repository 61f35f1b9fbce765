use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use motcua_ui::icon;

use super::refuse::{refusal, screen};
use super::view;
use super::wall::{self, CounterView};
use crate::app::App;
use crate::grpc::RefusalKind;
use crate::lang::Locale;
use crate::model::CounterState;

/// The display above a counter: `/counter/quay-5` or `/counter/5`.
pub(super) async fn page(State(app): State<App>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    match wall::counter(&app, &key) {
        Some(counter) => display(&app, &key, Some(&counter)).into_response(),
        // The centre has not answered yet: the display fills itself when it does.
        None if app.known().is_none() => display(&app, &key, None).into_response(),
        None => {
            let message = "Trung tâm không có quầy này. Xin kiểm tra địa chỉ màn hình.";
            screen(&app, &headers, refusal(RefusalKind::Unknown, "COUNTER_UNKNOWN", message))
        }
    }
}

fn display(app: &App, key: &str, counter: Option<&CounterView>) -> Markup {
    let around = wall::wall(app, &[]);
    let languages = wall::languages(app);
    let state = counter.map_or(CounterState::Closed, |counter| counter.state);
    let name = match state {
        CounterState::Open => "open",
        CounterState::Paused => "paused",
        CounterState::Closed => "closed",
    };
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/wall.css";
        link rel="stylesheet" href="/assets/kiosk/counter.css";
        script type="module" src="/assets/kiosk/counter.js" {}
    };
    let body = html! {
        main #wall .display data-counter=(key) data-state=(name) data-version=(around.version)
            data-ticket=[counter.map(|counter| &counter.number).filter(|number| !number.is_empty())] {
            p #simulated .ribbon hidden[!around.simulated] { (icon::clock()) span { (Locale::Vi.text("simulated")) } }
            h1.place {
                span.words { @for locale in &languages { span lang=(locale.code()) { (locale.text("counter")) } } }
                span #place .n { @if let Some(counter) = counter { (counter.counter) } }
            }
            div.call aria-live="polite" {
                p #number .number hidden[counter.is_none_or(|counter| counter.number.is_empty())] {
                    span.letter data-colour=[counter.map(|counter| &counter.colour)] { @if let Some(counter) = counter { (counter.letter) } }
                    span.digits { @if let Some(counter) = counter { (counter.digits) } }
                }
                div #text .text {
                    @for (n, locale) in languages.iter().enumerate() {
                        p lang=(locale.code()) { @if let Some(text) = counter.and_then(|counter| counter.text.get(n)) { (text) } }
                    }
                }
            }
            p #stale .stale hidden role="alert" { (icon::warning()) span { (Locale::Vi.text("board.stale")) } }
            p.now { span #clock { (app.local().strftime("%H:%M").to_string()) } span #date .visually-hidden {} }
        }
    };
    let title = counter.map_or_else(|| key.to_owned(), |counter| counter.counter.to_string());
    motcua_ui::page(&format!("Quầy {title} · {}", view::centre(app).name), "vi", more, body)
}
