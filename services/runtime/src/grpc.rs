//! What every gRPC server and client of ours does alike: errors with a stable reason, identity, times.

use std::collections::HashMap;

use motcua_kernel::identity::{Action, Denied, Identity};
pub use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// `ErrorInfo.domain` of every error of ours.
pub const DOMAIN: &str = "motcua";

/// An error for a person and for a program: a sentence in Vietnamese with the next step, a stable SCREAMING_CASE
/// reason, and facts (`metadata`) such as where and when.
pub fn status(code: Code, reason: &str, message: impl Into<String>, metadata: &[(&str, &str)]) -> Status {
    let message = message.into();
    let facts: HashMap<String, String> = metadata.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut details = ErrorDetails::with_error_info(reason, DOMAIN, facts);
    details.set_localized_message("vi", message.clone());
    Status::with_error_details(code, message, details)
}

/// INVALID_ARGUMENT that names the field.
pub fn bad_request(reason: &str, field: &str, message: impl Into<String>) -> Status {
    let message = message.into();
    let mut details = ErrorDetails::with_bad_request_violation(field, message.clone());
    details.set_error_info(reason, DOMAIN, HashMap::from([("field".to_owned(), field.to_owned())]));
    details.set_localized_message("vi", message.clone());
    Status::with_error_details(Code::InvalidArgument, message, details)
}

/// UNAVAILABLE: nothing was done; the same request id may be sent again.
pub fn unavailable(reason: &str) -> Status {
    status(
        Code::Unavailable,
        reason,
        "Hệ thống tạm thời chưa ghi được. Xin thử lại sau ít giây; không có gì bị mất.",
        &[],
    )
}

/// INTERNAL: a defect; the cause goes to the log, never to the caller.
pub fn internal(error: &dyn std::fmt::Display) -> Status {
    tracing::error!(%error, "internal error");
    status(Code::Internal, "INTERNAL", "Có lỗi trong hệ thống. Xin báo bộ phận kỹ thuật.", &[])
}

/// The reason of an error of ours.
pub fn reason(status: &Status) -> Option<String> {
    status.get_details_error_info().map(|info| info.reason)
}

/// The facts of an error of ours.
pub fn metadata(status: &Status) -> HashMap<String, String> {
    status.get_details_error_info().map(|info| info.metadata).unwrap_or_default()
}

/// The identity that [`crate::auth::Guard`] proved.
pub fn identity<T>(request: &Request<T>) -> Result<Identity, Status> {
    request.extensions().get::<Identity>().cloned().ok_or_else(|| {
        status(
            Code::Unauthenticated,
            "BEARER_MISSING",
            "Thiếu giấy ủy nhiệm. Hãy gửi kèm \"authorization: Bearer …\".",
            &[],
        )
    })
}

/// The identity, if it may do `action` in `centre_id`.
pub fn authorise<T>(request: &Request<T>, action: Action, centre_id: &str) -> Result<Identity, Status> {
    let who = identity(request)?;
    who.may(action, centre_id).map_err(denied)?;
    Ok(who)
}

/// The identity, if it may do `action` on something that names no centre.
pub fn authorise_anywhere<T>(request: &Request<T>, action: Action) -> Result<Identity, Status> {
    let who = identity(request)?;
    who.may_anywhere(action).map_err(denied)?;
    Ok(who)
}

/// Which department's lines a list may show ([`Identity::department_of`]).
pub fn department<'a>(who: &'a Identity, asked: &'a str) -> Result<&'a str, Status> {
    who.department_of(asked).map_err(denied)
}

/// PERMISSION_DENIED with its reason.
pub fn denied(why: Denied) -> Status {
    const ROLE: &str = "Tài khoản này không được làm việc đó. Xin liên hệ quản trị Trung tâm.";
    const DEPARTMENT: &str =
        "Tài khoản này chỉ xem được hồ sơ của cơ quan mình. Xin bỏ chọn cơ quan khác, hoặc nhờ lãnh đạo Trung tâm.";
    let (reason, message) = match why {
        Denied::Role => ("ROLE_DENIED", ROLE),
        Denied::Centre => ("CENTRE_DENIED", ROLE),
        Denied::Department => ("DEPARTMENT_DENIED", DEPARTMENT),
    };
    status(Code::PermissionDenied, reason, message, &[])
}

/// To the wire.
pub fn timestamp(time: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}

/// From the wire; none when unset or out of range.
pub fn from_timestamp(time: Option<&prost_types::Timestamp>) -> Option<jiff::Timestamp> {
    let time = time?;
    jiff::Timestamp::new(time.seconds, time.nanos).ok()
}

/// `request_id` of a mutation: 1 to 64 visible ASCII characters.
pub fn request_id(text: &str) -> Result<&str, Status> {
    if motcua_kernel::id::is_plain(text) {
        return Ok(text);
    }
    Err(bad_request(
        "REQUEST_ID_INVALID",
        "request_id",
        "request_id phải có 1–64 ký tự ASCII không dấu cách, do bên gọi tự chọn.",
    ))
}
