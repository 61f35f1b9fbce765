use axum::http::StatusCode;
use motcua_runtime::grpc::{self, Code, Status};
use motcua_store::{Retryable, StoreError};

use crate::http::{Fail, Field};
use crate::model::config::Wrong;

/// Why something about a device was not done. Nothing is ever half done.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    #[error("no screen shows this code, or not any more")]
    CodeUnknown,
    #[error("too many devices ask for a code at once")]
    CodesFull,
    #[error("the code was not typed yet")]
    Waiting,
    #[error("no such device")]
    Unknown,
    #[error("the device was let out")]
    Revoked,
    #[error("the secret belongs to a device already")]
    Enrolled,
    #[error("one device speaks as another")]
    NotItself,
    #[error("no such alarm")]
    AlarmUnknown,
    #[error("request id used with another body")]
    Reused,
    #[error("somebody else has changed the settings meanwhile")]
    Stale,
    #[error("{0:?}")]
    Wrong(Wrong),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retryable for DeviceError {
    fn is_retryable(&self) -> bool {
        // Two requests with one id, two devices with one code: the second run sees the first one's row.
        matches!(self, Self::Store(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists(_)))
    }
}

impl From<sea_orm::DbErr> for DeviceError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<Wrong> for DeviceError {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl DeviceError {
    /// Code, stable reason and the sentence for people.
    fn said(&self) -> (Code, &'static str, &'static str) {
        match self {
            Self::CodeUnknown => (
                Code::NotFound,
                "ENROLMENT_CODE_UNKNOWN",
                "Không có máy nào đang hiện mã này. Xin xem lại mã trên màn hình máy; mã đổi sau mỗi 10 phút.",
            ),
            Self::CodesFull => {
                (Code::ResourceExhausted, "ENROLMENT_CODES_FULL", "Có quá nhiều máy đang xin mã. Máy sẽ tự thử lại.")
            }
            Self::Waiting => {
                (Code::FailedPrecondition, "ENROLMENT_WAITING", "Chưa ai nhập mã của máy này trên trang quản trị.")
            }
            Self::Unknown => (Code::NotFound, "DEVICE_UNKNOWN", "Không có máy này. Xin tải lại trang."),
            Self::Revoked => (
                Code::PermissionDenied,
                "DEVICE_REVOKED",
                "Máy này đã bị thu hồi. Xin ghi danh lại bằng mã trên màn hình máy.",
            ),
            Self::Enrolled => (Code::FailedPrecondition, "DEVICE_ENROLLED", "Máy này đã được ghi danh."),
            Self::NotItself => {
                (Code::PermissionDenied, "DEVICE_NOT_ITSELF", "Máy chỉ được báo về chính nó. Xin ghi danh lại máy.")
            }
            Self::AlarmUnknown => {
                (Code::NotFound, "ALARM_UNKNOWN", "Không có cuộc gọi hay báo động này. Xin tải lại trang.")
            }
            Self::Reused => (
                Code::InvalidArgument,
                "REQUEST_ID_REUSED",
                "Mã yêu cầu đã dùng cho việc khác. Xin tải lại trang rồi làm lại.",
            ),
            Self::Stale => (
                Code::Aborted,
                "ETAG_MISMATCH",
                "Cấu hình vừa được người khác thay đổi. Xin tải lại trang rồi sửa tiếp.",
            ),
            Self::Wrong(_) => (Code::InvalidArgument, "DEVICE_INVALID", "Thông tin chưa đúng. Xin kiểm tra lại."),
            Self::Store(_) => (Code::Unavailable, "STORE_UNAVAILABLE", ""),
        }
    }
}

impl From<DeviceError> for Status {
    fn from(error: DeviceError) -> Self {
        match &error {
            DeviceError::Store(store) if store.is_outage() => grpc::unavailable("STORE_UNAVAILABLE"),
            DeviceError::Store(store) => grpc::internal(store),
            DeviceError::Wrong(wrong) => grpc::bad_request("DEVICE_INVALID", wrong.field, wrong.message.clone()),
            other => {
                let (code, reason, message) = other.said();
                grpc::status(code, reason, message, &[])
            }
        }
    }
}

impl From<DeviceError> for Fail {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::Store(store) => store.into(),
            DeviceError::Wrong(Wrong { field, message }) => Self {
                fields: vec![Field { field: field.to_owned(), message: message.clone() }],
                ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "DEVICE_INVALID", message)
            },
            other => Status::from(other).into(),
        }
    }
}
