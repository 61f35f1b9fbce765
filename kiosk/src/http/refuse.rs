use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

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

pub(super) async fn not_found() -> Refusal {
    refusal(RefusalKind::Unknown, "NOT_FOUND", "Không có trang này. Mời ông/bà về trang đầu.")
}

pub(super) async fn method_not_allowed() -> Response {
    let body = refusal(RefusalKind::Invalid, "METHOD_NOT_ALLOWED", "Cách gọi này không dùng được ở đây.");
    (StatusCode::METHOD_NOT_ALLOWED, Json(Body { reason: body.reason, message: body.message, metadata: body.metadata }))
        .into_response()
}
