use axum::Json;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::grpc::{Refusal, RefusalKind};

/// Every error of the kiosk's interface: stable reason, one Vietnamese sentence with the next step, facts.
#[derive(Debug, Serialize)]
struct Body {
    reason: String,
    message: String,
    metadata: std::collections::HashMap<String, String>,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.kind {
            RefusalKind::Invalid => StatusCode::BAD_REQUEST,
            RefusalKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            RefusalKind::Unknown => StatusCode::NOT_FOUND,
            RefusalKind::Refused => StatusCode::CONFLICT,
            RefusalKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            RefusalKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(Body { reason: self.reason, message: self.message, metadata: self.metadata })).into_response()
    }
}

pub(super) fn refusal(kind: RefusalKind, reason: &str, message: &str) -> Refusal {
    Refusal { kind, reason: reason.to_owned(), message: message.to_owned(), metadata: std::collections::HashMap::new() }
}

pub(super) fn invalid(field: &str, reason: &str, message: &str) -> Refusal {
    let metadata = [("field".to_owned(), field.to_owned())].into();
    Refusal { metadata, ..refusal(RefusalKind::Invalid, reason, message) }
}

/// The question part of an address; one that cannot be read is refused in our words.
#[derive(Debug)]
pub(super) struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let wrong = |_| invalid("query", "QUERY_INVALID", "Câu hỏi không đúng. Mời ông/bà thử lại.");
        Query::from_request_parts(parts, state).await.map(|Query(asked)| Self(asked)).map_err(wrong)
    }
}

pub(super) async fn not_found(State(app): State<App>, headers: HeaderMap) -> Response {
    let message = "Không có trang này. Mời ông/bà về trang đầu.";
    screen(&app, &headers, refusal(RefusalKind::Unknown, "NOT_FOUND", message))
}

/// A wrong address: for a program as every refusal; for whoever typed it into a screen a page with the right ones, which
/// looks again by itself, because the centre may be another one tomorrow.
pub(super) fn screen(app: &App, headers: &HeaderMap, refusal: Refusal) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !accepts.contains("text/html") {
        return refusal.into_response();
    }
    let counters = app.known().map(|known| known.centre.counters.clone()).unwrap_or_default();
    let body = html! {
        main #status {
            h1 { (refusal.message) }
            h2 { "Các màn hình của máy này" }
            p { a href="/" { "Máy lấy số" } }
            @for (id, name) in app.halls() { p { a href={ "/board/" (id) } { "Bảng gọi số · " (name) } } }
            @if !counters.is_empty() {
                p { "Màn hình quầy:" @for counter in &counters { " " a href={ "/counter/" (counter.number) } { (counter.number) } } }
            }
        }
    };
    let more = html! {
        link rel="stylesheet" href="/assets/kiosk/status.css";
        meta http-equiv="refresh" content="30";
    };
    let page = motcua_ui::page("Địa chỉ màn hình", "vi", more, body);
    (refusal.into_response().status(), page).into_response()
}

pub(super) async fn method_not_allowed() -> Response {
    let body = refusal(RefusalKind::Invalid, "METHOD_NOT_ALLOWED", "Cách gọi này không dùng được ở đây.");
    (StatusCode::METHOD_NOT_ALLOWED, Json(Body { reason: body.reason, message: body.message, metadata: body.metadata }))
        .into_response()
}
