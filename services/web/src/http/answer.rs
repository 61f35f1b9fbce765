//! What is answered when something does not work: JSON for scripts, a page for people.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use motcua_store::StoreError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::Error;

/// One refused field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Name of the input.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

/// A refusal or a failure: stable reason, one plain sentence with the next step.
#[derive(Clone, Debug)]
pub struct Fail {
    /// HTTP status.
    pub status: StatusCode,
    /// Stable reason.
    pub reason: String,
    /// Vietnamese, for people.
    pub message: String,
    /// Refused fields, for forms.
    pub fields: Vec<Field>,
}

impl Fail {
    pub fn new(status: StatusCode, reason: &str, message: impl Into<String>) -> Self {
        Self { status, reason: reason.to_owned(), message: message.into(), fields: vec![] }
    }

    pub fn not_found(reason: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, reason, message)
    }

    /// True while trying again may help.
    pub fn passing(&self) -> bool {
        matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT)
    }

    /// The body scripts read.
    fn json(&self) -> serde_json::Value {
        serde_json::json!({ "reason": self.reason, "message": self.message, "fields": self.fields })
    }
}

impl IntoResponse for Fail {
    fn into_response(self) -> Response {
        (self.status, Json(self.json())).into_response()
    }
}

impl From<Status> for Fail {
    fn from(status: Status) -> Self {
        let http = match status.code() {
            Code::InvalidArgument | Code::OutOfRange => StatusCode::UNPROCESSABLE_ENTITY,
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::FailedPrecondition | Code::Aborted | Code::AlreadyExists => StatusCode::CONFLICT,
            Code::PermissionDenied => StatusCode::FORBIDDEN,
            Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
            Code::DeadlineExceeded => StatusCode::GATEWAY_TIMEOUT,
            // A refused identity is web's own fault or a peer's restart, never the person's.
            Code::Unavailable | Code::Cancelled | Code::Unauthenticated => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let details = status.get_error_details();
        let fallback = match http {
            StatusCode::NOT_FOUND => "Không tìm thấy. Xin kiểm tra lại.",
            StatusCode::FORBIDDEN => "Tài khoản này không được làm việc đó. Xin hỏi quản trị.",
            StatusCode::CONFLICT => "Việc này vừa thay đổi ở nơi khác. Xin xem lại rồi thao tác tiếp.",
            StatusCode::UNPROCESSABLE_ENTITY => "Thông tin chưa đúng. Xin kiểm tra lại.",
            StatusCode::INTERNAL_SERVER_ERROR => "Hệ thống gặp lỗi. Xin thử lại; nếu vẫn lỗi, báo quản trị.",
            _ => "Hệ thống tạm mất kết nối. Xin thử lại sau ít phút.",
        };
        if http.is_server_error() {
            tracing::warn!(code = ?status.code(), message = status.message(), "a peer did not answer well");
        }
        let message = details.localized_message().map_or_else(|| fallback.to_owned(), |own| own.message.clone());
        let reason = motcua_runtime::grpc::reason(&status).unwrap_or_else(|| code_name(status.code()).to_owned());
        let fields = details.bad_request().map_or_else(Vec::new, |bad| {
            bad.field_violations
                .iter()
                .map(|v| Field { field: input_name(&v.field).to_owned(), message: v.description.clone() })
                .collect()
        });
        Self { status: http, reason, message, fields }
    }
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::NotFound => "NOT_FOUND",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::Aborted => "ABORTED",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Unavailable | Code::Cancelled | Code::Unauthenticated => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}

/// "applicant.id_number" → "id_number", "components[2].originals" → "components"; the desk, which has fields of two
/// people, keeps "submitter.id_number", and a procedure's editor has an input for each of "procedure.cases[1].name".
fn input_name(field: &str) -> &str {
    if let Some(own) = field.strip_prefix("procedure.") {
        return own;
    }
    if field.starts_with("submitter.") {
        return field;
    }
    let top = field.strip_prefix("applicant.").unwrap_or(field);
    top.split(['.', '[']).next().unwrap_or(top)
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "web's own part failed");
        match error {
            Error::Store(store) if store.is_outage() => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "ACCOUNTS_UNAVAILABLE",
                "Hệ thống chưa đọc được tài khoản. Xin thử lại sau ít phút.",
            ),
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "INTERNAL",
                "Hệ thống gặp lỗi. Xin thử lại; nếu vẫn lỗi, báo quản trị.",
            ),
        }
    }
}

impl From<StoreError> for Fail {
    fn from(error: StoreError) -> Self {
        Error::from(error).into()
    }
}

/// A PDF that the browser's own viewer shows.
pub fn pdf(bytes: Bytes, file_name: &str) -> Response {
    let name: String =
        file_name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    let name = if name.is_empty() { "giay-to.pdf".to_owned() } else { name };
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        // The viewer styles itself inline.
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'none'".to_owned(),
        ),
    ];
    (headers, bytes).into_response()
}

/// A JSON body, refused in plain words.
pub struct Body<T>(pub T);

impl<S, T> FromRequest<S> for Body<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Fail;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fail> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(JsonRejection::BytesRejection(_)) => Err(Fail::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "BODY_TOO_LARGE",
                "Nội dung gửi lên quá lớn. Xin rút gọn rồi gửi lại.",
            )),
            Err(problem) => {
                tracing::debug!(problem = problem.body_text(), "malformed body");
                Err(Fail::new(
                    StatusCode::BAD_REQUEST,
                    "BODY_INVALID",
                    "Nội dung gửi lên không đúng mẫu. Xin tải lại trang.",
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_find_their_input() {
        assert_eq!(input_name("applicant.id_number"), "id_number");
        assert_eq!(input_name("components[2].originals"), "components");
        assert_eq!(input_name("procedure_code"), "procedure_code");
        assert_eq!(input_name("procedure.cases[1].limit.quantity"), "cases[1].limit.quantity");
        assert_eq!(input_name("submitter.id_number"), "submitter.id_number");
    }

    #[test]
    fn a_peer_that_is_away_is_passing() {
        let fail = Fail::from(Status::unavailable("down"));
        assert!(fail.passing());
        assert_eq!(fail.reason, "UNAVAILABLE");
    }
}
