//! The routes. Citizens' pages are limited by address; staff's need a session and refuse other sites' requests.

mod answer;
mod assets;
mod book;
mod catalogue;
mod citizen;
mod console;
mod desk;
mod devices;
mod dossier;
mod dossiers;
mod guard;
mod live;
mod manager;
mod receipt;
mod staff;
mod statistics;
mod ticket;
mod told;
mod turn;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use motcua_proto::routing::v1::{Centre, Counter};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

pub use answer::{Fail, Field};
pub use guard::Limit;

use crate::app::App;

const BODY_BYTES_MAX: usize = 64 * 1024;

/// All routes with their layers.
pub fn router(app: Arc<App>) -> Router {
    let own = from_fn_with_state(app.clone(), guard::same_origin);
    let public = citizen::routes()
        .merge(receipt::routes())
        .merge(turn::routes())
        .merge(ticket::routes().layer(own))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow"),
        ))
        .layer(from_fn_with_state(app.clone(), guard::limited));
    let staff = Router::new()
        .merge(console::routes())
        .merge(desk::routes())
        .merge(dossiers::routes())
        .merge(dossier::routes())
        .merge(manager::routes())
        .merge(book::routes())
        .merge(statistics::routes())
        .merge(devices::routes())
        .merge(catalogue::routes())
        .merge(staff::routes())
        .merge(told::routes())
        .layer(from_fn_with_state(app.clone(), guard::same_origin));
    let all = Router::new()
        .merge(public)
        .merge(staff)
        .merge(assets::routes())
        .fallback(missing)
        .layer(from_fn(motcua_runtime::telemetry::http_span))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(app);
    motcua_ui::security_headers(all.merge(motcua_ui::routes()))
}

async fn missing(State(app): State<Arc<App>>) -> Response {
    app.notice(&Fail::not_found("PAGE_UNKNOWN", "Trang này không có. Xin kiểm tra lại đường dẫn."), None)
}

/// Name of a hall as last heard; its id while the centre was never heard, nothing for none.
fn hall_name(app: &App, hall_id: &str) -> String {
    let centre = app.last_centre();
    let hall = centre.as_ref().and_then(|c| c.halls.iter().find(|h| h.id == hall_id));
    hall.map_or_else(|| hall_id.to_owned(), |hall| hall.name.clone())
}

/// The counter that a path names by id or by number.
fn counter(centre: &Centre, key: &str) -> Result<Counter, Fail> {
    let by_number = key.parse::<i32>().ok();
    let found = centre.counters.iter().find(|c| c.id == key);
    found.or_else(|| centre.counters.iter().find(|c| Some(c.number) == by_number)).cloned().ok_or_else(|| {
        Fail::not_found(
            "COUNTER_UNKNOWN",
            format!("Trung tâm không có quầy \"{key}\". Xin xem lại số quầy trong đường dẫn."),
        )
    })
}
