//! Errors as statuses: a stable reason, one Vietnamese sentence with the next step, facts beside them.

use std::collections::HashMap;

use motcua_kernel::id::is_plain;
pub(super) use motcua_runtime::grpc::denied;
use motcua_runtime::grpc::{Code, DOMAIN, bad_request, internal, status, unavailable};
use motcua_store::StoreError;
use tonic::Status;
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

use crate::error::Error;
use crate::model::catalogue::{CatalogueError, FieldProblem, Kept, Problem};
use crate::model::procedure::NotHere;

/// Details travel in one header, and clients refuse headers beyond 16 kB.
const DETAILS_BYTES_MAX: usize = 7_000;

pub(super) fn centre_id(text: &str) -> Result<(), Status> {
    if is_plain(text) {
        return Ok(());
    }
    Err(bad_request("CENTRE_INVALID", "centre_id", "Mã Trung tâm phải có 1–64 ký tự ASCII không dấu cách."))
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(error) => store(&error),
            Error::Bus(error) => {
                tracing::error!(%error, "bus");
                unavailable("BUS_UNAVAILABLE")
            }
            Error::Catalogue(CatalogueError::Rows(problems)) => rows(&problems),
            Error::Catalogue(error) => bad_request(error.reason(), "chunk", error.to_string()),
            Error::TooManyDepartments => bad_request(
                "DEPARTMENT_LIMIT",
                "department",
                "Danh mục có hơn 99 cơ quan; mã hồ sơ chỉ có hai chữ số. Mời gộp tên cơ quan viết khác nhau.",
            ),
            Error::RequestReused => bad_request(
                "REQUEST_ID_REUSED",
                "request_id",
                "request_id này đã dùng cho một yêu cầu khác. Hãy gửi lại với request_id mới.",
            ),
            Error::Field { reason, field, message } => bad_request(reason, field, message),
            Error::Applicant(error) => bad_request("APPLICANT_INVALID", error.field, error.message),
            Error::Procedure { code, problems } => procedure(&code, &problems),
            Error::Etag(message) => status(Code::Aborted, "ETAG_MISMATCH", message, &[]),
            Error::ProcedureUnknown(code) => status(
                Code::NotFound,
                "PROCEDURE_UNKNOWN",
                "Danh mục đang dùng không có thủ tục này. Mời tìm lại theo tên thủ tục.",
                &[("procedure_code", &code)],
            ),
            Error::VersionUnknown(version) => status(
                Code::NotFound,
                "CATALOGUE_VERSION_UNKNOWN",
                "Không có phiên bản danh mục này. Mời tải lại danh mục đang dùng.",
                &[("version", &version.to_string())],
            ),
            Error::NotHere { code, department, why } => not_here(&code, &department, why),
            Error::CentreNotReady(id) => status(
                Code::Unavailable,
                "CENTRE_NOT_READY",
                "Trung tâm chưa sẵn sàng nhận hồ sơ. Xin thử lại sau ít giây.",
                &[("centre_id", &id)],
            ),
            Error::DossierUnknown => status(
                Code::NotFound,
                "DOSSIER_UNKNOWN",
                "Không tìm thấy hồ sơ. Mời kiểm tra lại mã trên giấy hẹn.",
                &[],
            ),
            Error::Precondition { reason, message } => status(Code::FailedPrecondition, reason, message, &[]),
            Error::FileUnknown => bad_request(
                "FILE_UNKNOWN",
                "files",
                "Không còn tệp này, hoặc tệp đã thuộc hồ sơ khác. Mời đính kèm lại.",
            ),
            Error::File(error) => bad_request(error.reason(), "file", error.to_string()),
            Error::Files(why) => {
                tracing::error!(why, "files");
                let message = "Chưa đọc hoặc ghi được tệp. Mời thử lại; nếu vẫn lỗi, báo quản trị hệ thống.";
                status(Code::Unavailable, "FILES_UNAVAILABLE", message, &[])
            }
            Error::Content(error) => bad_request(error.reason, error.field, error.message),
            Error::ReceptionUnknown => status(
                Code::NotFound,
                "RECEPTION_UNKNOWN",
                "Không tìm thấy lượt tiếp nhận này. Mời xem lại số phiếu.",
                &[],
            ),
            Error::Calendar(error) => status(Code::FailedPrecondition, error.reason(), error.sentence(), &[]),
            Error::Code(error) => bad_request(error.reason(), "code", error.to_string()),
            Error::Form(error) => {
                tracing::error!(%error, "receipt");
                let message = "Chưa in được giấy hẹn. Mời thử lại; nếu vẫn lỗi, báo quản trị hệ thống.";
                status(Code::Internal, error.reason(), message, &[])
            }
            error @ (Error::TokenKeyMissing(_) | Error::Internal(_)) => internal(&error),
        }
    }
}

fn store(error: &StoreError) -> Status {
    match error {
        StoreError::Full(_) => {
            tracing::error!(%error, "disk full");
            let message = "Ổ đĩa máy chủ đã đầy, chưa ghi được. Xin báo bộ phận kỹ thuật; không có gì bị mất.";
            status(Code::Unavailable, "DISK_FULL", message, &[])
        }
        StoreError::Corrupt(_) => {
            tracing::error!(%error, "data file damaged");
            let message = "Tệp dữ liệu bị hỏng. Xin báo bộ phận kỹ thuật khôi phục bản sao lưu gần nhất.";
            status(Code::DataLoss, "DATA_CORRUPT", message, &[])
        }
        error if error.is_outage() || matches!(error, StoreError::Conflict | StoreError::AlreadyExists(_)) => {
            tracing::warn!(%error, "store");
            unavailable("STORE_UNAVAILABLE")
        }
        error => internal(error),
    }
}

fn not_here(code: &str, department: &str, why: NotHere) -> Status {
    match why {
        NotHere::AtAgency { office, hours } => {
            let office = if office.is_empty() { department } else { &office };
            let message = format!("Thủ tục này nộp tại {office}. Mời hướng dẫn công dân đến đó.");
            let facts = [("procedure_code", code), ("office", office), ("hours", &hours)];
            status(Code::FailedPrecondition, "PROCEDURE_AT_AGENCY", message, &facts)
        }
        NotHere::NotStarted { start } => {
            let iso = start.map(|date| date.to_string()).unwrap_or_default();
            let when = start.map_or_else(|| "một ngày sẽ thông báo".to_owned(), motcua_kernel::calendar::words::date);
            let message = format!("Trung tâm nhận thủ tục này từ {when}. Hiện nay mời nộp tại {department}.");
            let facts = [("procedure_code", code), ("start_date", iso.as_str()), ("office", department)];
            status(Code::FailedPrecondition, "PROCEDURE_NOT_STARTED", message, &facts)
        }
    }
}

/// As many bad cells as a client can take, and how many there are.
fn rows(problems: &Kept<Problem>) -> Status {
    let message = CatalogueError::Rows(Kept { first: vec![], total: problems.total }).to_string();
    let cells = problems.first.iter().map(|p| FieldViolation::new(format!("{}:{}", p.line, p.column), p.to_string()));
    violations("CATALOGUE_INVALID", message, cells, problems.total)
}

fn procedure(code: &str, problems: &[FieldProblem]) -> Status {
    let message =
        format!("Thủ tục {code} có {} ô chưa đúng, chưa lưu gì. Sửa các ô được nêu rồi lưu lại.", problems.len());
    let fields = problems.iter().map(|p| FieldViolation::new(format!("procedure.{}", p.field), p.remedy.clone()));
    violations("PROCEDURE_INVALID", message, fields, problems.len())
}

fn violations(reason: &str, message: String, violations: impl Iterator<Item = FieldViolation>, total: usize) -> Status {
    let mut bytes = 0;
    let violations: Vec<FieldViolation> = violations
        .take_while(|violation| {
            bytes += violation.field.len() + violation.description.len() + 8;
            bytes <= DETAILS_BYTES_MAX
        })
        .collect();
    let facts =
        HashMap::from([("total".to_owned(), total.to_string()), ("shown".to_owned(), violations.len().to_string())]);
    let mut details = ErrorDetails::with_bad_request(violations);
    details.set_error_info(reason, DOMAIN, facts);
    details.set_localized_message("vi", message.clone());
    Status::with_error_details(Code::InvalidArgument, message, details)
}
