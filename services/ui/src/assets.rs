use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::RustEmbed;

/// Where [`routes`] serves the shared style sheet.
pub const CSS_PATH: &str = "/assets/ui/tokens.css";
/// Where [`routes`] serves the site's icon.
pub const FAVICON_PATH: &str = "/assets/ui/favicon.svg";

#[derive(RustEmbed)]
#[folder = "assets"]
struct Assets;

/// The fonts that paper is set with: Be Vietnam Pro 400, 700, 800 and Noto Sans Khmer 400 (SIL OFL 1.1).
#[must_use]
pub fn ttf() -> [&'static [u8]; 4] {
    [
        include_bytes!("../ttf/BeVietnamPro_400Regular.ttf"),
        include_bytes!("../ttf/BeVietnamPro_700Bold.ttf"),
        include_bytes!("../ttf/BeVietnamPro_800ExtraBold.ttf"),
        include_bytes!("../ttf/NotoSansKhmer_400Regular.ttf"),
    ]
}

/// Be Vietnam Pro 400 italic, which official forms need for the place and date (SIL OFL 1.1).
#[must_use]
pub fn ttf_italic() -> &'static [u8] {
    include_bytes!("../ttf/BeVietnamPro_400Regular_Italic.ttf")
}

/// Serves the embedded files below `/assets/ui/`, and the icon also at `/favicon.ico`, where browsers look for it unasked.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    Router::new()
        .route(
            "/assets/ui/{*path}",
            get(|Path(path): Path<String>, headers: HeaderMap| async move { file(&path, &headers) }),
        )
        .route("/favicon.ico", get(|headers: HeaderMap| async move { file("favicon.svg", &headers) }))
}

fn file(path: &str, request: &HeaderMap) -> Response {
    let Some(file) = Assets::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let hash = file.metadata.sha256_hash();
    let etag: String = std::iter::once('"'.to_string())
        .chain(hash.iter().take(12).map(|byte| format!("{byte:02x}")))
        .chain(std::iter::once('"'.to_string()))
        .collect();
    // A font's name carries its weight and subset and its bytes never change under that name.
    let caching = if path.ends_with(".woff2") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type(path))),
        (header::CACHE_CONTROL, HeaderValue::from_static(caching)),
        (header::ETAG, HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"0\""))),
    ];
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    (headers, axum::body::Body::from(file.data.into_owned())).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
