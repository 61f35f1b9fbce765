use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use motcua_ui::icon;

use super::refuse::refusal;
use super::view::{self, RowView};
use crate::app::App;
use crate::board::ROWS;
use crate::grpc::RefusalKind;
use crate::lang::Locale;
use crate::paper::date;

fn t(key: &str) -> &str {
    Locale::Vi.text(key)
}

/// The first hall's board; before the centre is known, a page that waits for it.
pub(super) async fn first(State(app): State<App>) -> Response {
    match app.halls().into_iter().next() {
        Some((id, name)) => board(&app, &id, &name).into_response(),
        None => board(&app, "", "").into_response(),
    }
}

pub(super) async fn of_hall(State(app): State<App>, Path(hall): Path<String>) -> Response {
    let known = app.known();
    let halls = known.as_ref().map(|known| known.centre.halls.as_slice()).unwrap_or_default();
    match halls.iter().find(|known| known.id == hall) {
        Some(found) => board(&app, &found.id, &found.name).into_response(),
        // The centre has not answered yet: the board fills itself when it does.
        None if known.is_none() => board(&app, &hall, "").into_response(),
        None => {
            refusal(RefusalKind::Unknown, "HALL_UNKNOWN", "Trung tâm không có sảnh này. Xin kiểm tra địa chỉ màn hình.")
                .into_response()
        }
    }
}

fn board(app: &App, hall: &str, name: &str) -> Markup {
    let centre = view::centre(app);
    let shown = view::board(app, Some(hall).filter(|hall| !hall.is_empty()), i64::MAX);
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/board.css";
        script type="module" src="/assets/kiosk/board.js" {}
    };
    let body = html! {
        div #board data-hall=(hall) data-seq=(shown.seq) data-ready[centre.ready] {
            p #simulated .ribbon hidden[!centre.opening.simulated] { (icon::clock()) span { (t("simulated")) } }
            header.bar {
                div { p.centre { (centre.name) } p.hall { (name) } }
                p.now { span #clock { (app.local().strftime("%H:%M").to_string()) } span #date { (date(&app.local())) } }
            }
            main {
                section #hero .hero aria-live="assertive" data-ticket=[shown.hero.as_ref().map(|row| &row.number)]
                    data-counter=[shown.hero.as_ref().map(|row| row.counter)] {
                    div.call hidden[shown.hero.is_none()] {
                        p.number { @if let Some(hero) = &shown.hero { (number(hero)) } }
                        p.counter { (icon::arrow()) span.word { (t("counter")) } span.n { @if let Some(hero) = &shown.hero { (hero.counter) } } }
                    }
                    div.none hidden[shown.hero.is_some()] {
                        p.open hidden[!centre.opening.open] { b { (t("board.none")) } span { (t("board.none.text")) } }
                        p.closed hidden[centre.opening.open] { b { (t("closed")) } span #opening { (centre.opening.text) } }
                    }
                }
                section.recent {
                    h2 { (t("board.recent")) }
                    ol #rows { @for row in &shown.rows { (line(row)) } @for _ in shown.rows.len()..ROWS { li.empty {} } }
                }
            }
            footer { p #notice { (t("notice")) } p #stale .stale hidden role="alert" { (icon::warning()) span { (t("board.stale")) } } }
        }
    };
    motcua_ui::page(&format!("{name} · {}", centre.name), "vi", more, body)
}

fn number(row: &RowView) -> Markup {
    html! { span.letter data-colour=(row.colour) { (row.letter) } span.digits { (row.digits) } }
}

fn line(row: &RowView) -> Markup {
    html! {
        li.finished[row.finished] data-ticket=(row.number) data-counter=(row.counter) {
            b.number { (number(row)) } (icon::arrow()) span.counter { span.word { (t("counter")) } " " span.n { (row.counter) } }
        }
    }
}
