use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use motcua_ui::icon;

use super::refuse::{refusal, screen};
use super::view::{self, BoardView, RowView};
use super::wall::{self, WallView};
use crate::app::App;
use crate::grpc::RefusalKind;
use crate::lang::Locale;
use crate::paper::date;

/// Rows beside the large one, by the number of halls on the board.
const ROWS: [usize; 4] = [6, 3, 3, 3];

fn t(key: &str) -> &str {
    Locale::Vi.text(key)
}

/// The first hall's board; before the centre is known, a page that waits for it.
pub(super) async fn first(State(app): State<App>) -> Response {
    let first = app.halls().into_iter().next().unwrap_or_default();
    board(&app, &[first]).into_response()
}

/// A board of one hall, or of up to four: `/board/tang-tret,lau-1`.
pub(super) async fn of_halls(State(app): State<App>, Path(halls): Path<String>, headers: HeaderMap) -> Response {
    let asked = halls.split(',').filter(|hall| !hall.trim().is_empty()).count();
    let halls = wall::halls_of(&halls);
    if asked > wall::HALLS_MAX || halls.is_empty() {
        let message = "Một màn hình gọi số cho 1 đến 4 sảnh. Xin kiểm tra địa chỉ màn hình.";
        return screen(&app, &headers, refusal(RefusalKind::Invalid, "HALLS_TOO_MANY", message));
    }
    match wall::names(&app, &halls) {
        Some(named) => board(&app, &named).into_response(),
        // The centre has not answered yet: the board fills itself when it does.
        None if app.known().is_none() => {
            let unnamed: Vec<_> = halls.into_iter().map(|hall| (hall, String::new())).collect();
            board(&app, &unnamed).into_response()
        }
        None => {
            let message = "Trung tâm không có sảnh này. Xin kiểm tra địa chỉ màn hình.";
            screen(&app, &headers, refusal(RefusalKind::Unknown, "HALL_UNKNOWN", message))
        }
    }
}

fn board(app: &App, halls: &[(String, String)]) -> Markup {
    let centre = view::centre(app).name;
    let ids: Vec<String> = halls.iter().map(|(id, _)| id.clone()).filter(|id| !id.is_empty()).collect();
    let around = wall::wall(app, &ids);
    let shown: Vec<BoardView> = halls.iter().map(|(id, _)| wall::board(app, id)).collect();
    let seq = shown.first().map_or(0, |board| board.seq);
    let rows = ROWS.get(halls.len().saturating_sub(1)).copied().unwrap_or(3);
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/wall.css";
        link rel="stylesheet" href="/assets/kiosk/board.css";
        script type="module" src="/assets/kiosk/board.js" {}
    };
    let body = html! {
        div #wall .board data-halls=(ids.join(",")) data-count=(halls.len()) data-seq=(seq) data-version=(around.version)
            data-words={ (t("counter")) "," (t("board.area")) } {
            (top(app, &centre, halls, &around))
            main {
                @for ((id, name), board) in halls.iter().zip(&shown) {
                    section.hall data-hall=(id) {
                        @if halls.len() > 1 { h2.name { (name) } }
                        (hero(board.hero.as_ref(), &around))
                        (recent(board, rows, halls.len() == 1))
                    }
                }
            }
            (bottom(&around))
        }
    };
    let names: Vec<&str> = halls.iter().map(|(_, name)| name.as_str()).collect();
    motcua_ui::page(&format!("{} · {centre}", names.join(", ")), "vi", more, body)
}

fn top(app: &App, centre: &str, halls: &[(String, String)], around: &WallView) -> Markup {
    html! {
        aside #simulated .ribbon aria-label="Giờ mô phỏng" hidden[!around.simulated] { (icon::clock()) span { (t("simulated")) } }
        header.bar {
            div {
                h1.centre { (centre) }
                @if let [(_, name)] = halls { p.hall-name { (name) } }
            }
            p.now { span #clock { (app.local().strftime("%H:%M").to_string()) } span #date { (date(&app.local())) } }
        }
    }
}

fn hero(call: Option<&RowView>, around: &WallView) -> Markup {
    html! {
        div.hero aria-live="assertive" data-ticket=[call.map(|row| &row.number)] data-counter=[call.map(|row| row.counter)]
            data-digits=[call.map(|row| row.digits.len())] data-places=[call.map(|row| row.counter.to_string().len())] {
            div.call hidden[call.is_none()] {
                p.number { (number(call)) }
                p.counter { (icon::arrow()) span.word { (t("counter")) } span.n { @if let Some(row) = call { (row.counter) } } }
            }
            div.none hidden[call.is_some()] {
                p.open hidden[!around.open] { b { (t("board.none")) } span { (t("board.none.text")) } }
                p.closed hidden[around.open] { b { (t("closed")) } span.opening { (around.opening) } }
            }
        }
    }
}

/// As many rows as the board has room for, empty ones too: the page fills them and never makes another.
fn recent(board: &BoardView, rows: usize, title: bool) -> Markup {
    html! {
        div.recent {
            @if title { h2 { (t("board.recent")) } }
            ol.rows { @for n in 0..rows { (line(board.rows.get(n))) } }
        }
    }
}

fn line(row: Option<&RowView>) -> Markup {
    html! {
        @let to = row.and_then(|row| row.to.as_ref());
        li.empty[row.is_none()].finished[row.is_some_and(|row| row.finished)] data-ticket=[row.map(|row| &row.number)]
            data-counter=[row.filter(|row| row.to.is_none()).map(|row| row.counter)] data-area=[to] {
            b.number { (number(row)) } (icon::arrow())
            span.counter {
                span.word { (t(if to.is_some() { "board.area" } else { "counter" })) }
                span.n { @if let Some(to) = to { (to) } @else if let Some(row) = row { (row.counter) } }
            }
        }
    }
}

fn number(row: Option<&RowView>) -> Markup {
    let (letter, digits) = row.map_or(("", ""), |row| (&row.letter, &row.digits));
    html! { span.letter data-colour=[row.map(|row| &row.colour)] { (letter) } span.digits { (digits) } }
}

fn bottom(around: &WallView) -> Markup {
    html! {
        footer {
            p #stale .stale hidden role="alert" { (icon::warning()) span { (t("board.stale")) } }
            button #blocked .blocked type="button" hidden { (icon::speaker_off()) span { (t("speaker.blocked")) } }
            div.foot {
                p #notice data-standing=(t("notice")) { (t("notice")) }
                p #staff .staff hidden[around.staff.is_empty()] { (around.staff.join(" ")) }
            }
        }
    }
}
