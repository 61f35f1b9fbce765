//! Our own style sheets and modules, and the colours of the centre's areas.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use motcua_proto::routing::v1::Centre;
use rust_embed::RustEmbed;

use crate::app::App;

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/assets/web/centre.css", get(colours))
        .route("/assets/web/{file}", get(file))
        // A worker rules only what lies below its own address.
        .route("/t/worker.js", get(|headers: HeaderMap| file(Path("worker.js".to_owned()), headers)))
}

async fn file(Path(name): Path<String>, request: HeaderMap) -> Response {
    let Some(file) = Assets::get(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let kind = match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::ETAG, HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"0\""))),
    ];
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, axum::body::Body::from(file.data.into_owned())).into_response()
}

/// The policy forbids style attributes, so an area's colour comes as a sheet.
async fn colours(State(app): State<Arc<App>>) -> Response {
    let css = app.centre().await.map(|centre| sheet(&centre)).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], css).into_response()
}

fn sheet(centre: &Centre) -> String {
    let mut css = String::new();
    for area in &centre.areas {
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let colour = area.colour.strip_prefix('#').filter(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(colour) = colour.filter(|_| plain(&area.id)) {
            let _ = writeln!(css, "[data-area=\"{}\"] {{ --area: #{colour}; }}", area.id);
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use motcua_proto::routing::v1::Area;

    use super::*;

    #[test]
    fn a_colour_cannot_smuggle_rules() {
        let area = |id: &str, colour: &str| Area { id: id.into(), colour: colour.into(), ..Area::default() };
        let areas = vec![area("land", "#8F1D1D"), area("x\"]", "#8F1D1D"), area("y", "#fff;}body{}")];
        let centre = Centre { areas, ..Centre::default() };
        assert_eq!(sheet(&centre), "[data-area=\"land\"] { --area: #8F1D1D; }\n");
    }
}
