//! What a browser gets from the shared assets.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use tower::ServiceExt as _;

async fn fetch(router: Router, path: &str, etag: Option<&str>) -> Response<Body> {
    let mut request = Request::get(path);
    if let Some(etag) = etag {
        request = request.header(header::IF_NONE_MATCH, etag);
    }
    router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn header_of(response: &Response<Body>, name: header::HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn every_file_that_the_style_sheet_names_is_served_for_a_year() {
    let css = fetch(motcua_ui::routes(), motcua_ui::CSS_PATH, None).await;
    assert_eq!(header_of(&css, header::CONTENT_TYPE), "text/css; charset=utf-8");
    assert_eq!(header_of(&css, header::CACHE_CONTROL), "no-cache");
    let text = String::from_utf8(to_bytes(css.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    let fonts: Vec<&str> = text.split("url(").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert_eq!(fonts.len(), 8);
    for font in fonts {
        let answer = fetch(motcua_ui::routes(), &format!("/assets/ui/{font}"), None).await;
        assert_eq!(answer.status(), StatusCode::OK, "{font}");
        assert_eq!(header_of(&answer, header::CONTENT_TYPE), "font/woff2");
        assert!(header_of(&answer, header::CACHE_CONTROL).contains("immutable"));
    }
}

#[tokio::test]
async fn a_known_etag_saves_the_body() {
    let first = fetch(motcua_ui::routes(), motcua_ui::CSS_PATH, None).await;
    let etag = header_of(&first, header::ETAG).to_owned();
    let second = fetch(motcua_ui::routes(), motcua_ui::CSS_PATH, Some(&etag)).await;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert!(to_bytes(second.into_body(), 16).await.unwrap().is_empty());
}

#[tokio::test]
async fn unknown_files_and_paths_outside_are_not_found() {
    for path in [
        "/assets/ui/nothing.css",
        "/assets/ui/../Cargo.toml",
        "/assets/ui/%2e%2e/Cargo.toml",
        "/assets/ui/ttf/NotoSansKhmer_400Regular.ttf",
    ] {
        assert_eq!(fetch(motcua_ui::routes(), path, None).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(fetch(motcua_ui::routes(), "/favicon.ico", None).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_carry_the_security_headers_and_are_not_stored() {
    let router = motcua_ui::security_headers(motcua_ui::routes::<()>().route(
        "/",
        get(|| async { motcua_ui::page("Một Cửa", "vi", maud::html! {}, maud::html! { h1 { "Một Cửa" } }) }),
    ));
    let page = fetch(router.clone(), "/", None).await;
    assert_eq!(header_of(&page, header::CACHE_CONTROL), "no-store");
    assert_eq!(header_of(&page, header::REFERRER_POLICY), "no-referrer");
    assert_eq!(header_of(&page, header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(header_of(&page, header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
    let html = String::from_utf8(to_bytes(page.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap();
    assert!(html.contains("<html lang=\"vi\">") && html.contains(motcua_ui::CSS_PATH));
    assert!(!html.contains("style=") && !html.contains("<style"), "the policy would block inline style");
    let css = fetch(router, motcua_ui::CSS_PATH, None).await;
    assert_eq!(header_of(&css, header::CACHE_CONTROL), "no-cache", "a handler's own choice stays");
}

#[test]
fn icons_are_drawn_without_inline_style() {
    for (name, icon) in motcua_ui::icon::all() {
        let svg = icon.into_string();
        assert!(svg.starts_with("<svg class=\"icon\"") && svg.contains("aria-hidden=\"true\""), "{name}");
        assert!(!svg.contains("style="), "{name}");
    }
}

#[test]
fn paper_fonts_are_truetype() {
    for font in motcua_ui::ttf() {
        assert_eq!(&font[..4], [0, 1, 0, 0]);
    }
}
