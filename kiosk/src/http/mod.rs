//! The pages of the touch screen and of the boards, and the questions they ask.

mod api;
mod assets;
mod board_page;
mod counter_page;
mod device;
mod events;
mod identity;
mod notes;
mod refuse;
mod scan;
mod status_page;
mod touch_page;
mod view;
mod voice;
mod wall;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::app::App;

/// A tap's body is some hundred bytes.
const BODY_MAX: usize = 8 * 1024;

pub(crate) fn router(app: App) -> Router {
    let pages = Router::new()
        .route("/", get(touch_page::home))
        .route("/board", get(board_page::first))
        .route("/board/{halls}", get(board_page::of_halls))
        .route("/counter/{counter}", get(counter_page::page))
        .route("/status", get(status_page::page))
        .route("/voice/call.wav", get(voice::call))
        .route("/voice/check.wav", get(voice::check))
        .route("/api/centre", get(api::centre))
        .route("/api/lang", get(device::words))
        .route("/api/device", get(device::state))
        .route("/api/help", post(device::call))
        .route("/api/help/cancel", post(device::call_off))
        .route("/api/procedures", get(api::procedures))
        .route("/api/procedures/{code}", get(api::procedure))
        .route("/api/tickets", post(api::take))
        .route("/api/tickets/{id}", get(api::ticket))
        .route("/api/tickets/{id}/print", post(api::print_again))
        .route("/api/tickets/{id}/qr.svg", get(api::code))
        .route("/api/procedures/{code}/print", post(notes::papers))
        .route("/api/referrals/{id}/print", post(notes::way))
        .route("/api/searches/missed", get(notes::in_vain).post(notes::missed))
        .route("/api/scan", post(scan::scan))
        .route("/api/identity", post(identity::verify))
        .route("/events", get(events::stream))
        .route("/assets/kiosk/{file}", get(assets::file))
        .fallback(refuse::not_found)
        .method_not_allowed_fallback(refuse::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), device::let_in))
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(app);
    motcua_ui::security_headers(pages.merge(motcua_ui::routes())).layer(from_fn(motcua_runtime::telemetry::http_span))
}
