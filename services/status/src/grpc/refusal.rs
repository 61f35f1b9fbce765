//! Refusals as statuses: a stable reason, one sentence with the next step, facts beside them.

use motcua_runtime::grpc::{self, Code, Status};
use motcua_store::StoreError;

use crate::{model::Refusal, moves::MoveError};

pub(super) fn token_unknown() -> Status {
    grpc::status(
        Code::NotFound,
        "TOKEN_UNKNOWN",
        "Không tìm thấy hồ sơ. Mời ông/bà quét lại mã trên giấy hẹn, hoặc hỏi Quầy hướng dẫn.",
        &[],
    )
}

pub(super) fn dossier_unknown() -> Status {
    grpc::status(
        Code::NotFound,
        "DOSSIER_UNKNOWN",
        "Chưa thấy hồ sơ này. Nếu vừa tiếp nhận, mời thử lại sau vài giây; nếu không, mời kiểm tra lại mã.",
        &[],
    )
}

pub(super) fn refused(error: MoveError) -> Status {
    match error {
        MoveError::Unknown => dossier_unknown(),
        MoveError::Etag { version, state } => grpc::status(
            Code::Aborted,
            "ETAG_MISMATCH",
            format!("Hồ sơ vừa được người khác cập nhật: “{}”. Mời tải lại rồi làm tiếp.", state.label()),
            &[("etag", &version), ("state", &state.code().to_string())],
        ),
        MoveError::Refused(refusal @ Refusal::NoNextStep) => {
            grpc::bad_request(refusal.reason(), "to_department", refusal.sentence())
        }
        MoveError::Refused(refusal) => {
            let allowed = refusal.allowed().join(",");
            let mut facts = vec![("allowed", allowed.as_str())];
            let state = match &refusal {
                Refusal::State(refused) => {
                    facts.push(("move", refused.wanted.name()));
                    refused.from.code().to_string()
                }
                _ => String::new(),
            };
            if !state.is_empty() {
                facts.push(("state", &state));
            }
            grpc::status(Code::FailedPrecondition, refusal.reason(), refusal.sentence(), &facts)
        }
        MoveError::Rating(refusal) => grpc::status(Code::FailedPrecondition, refusal.reason(), refusal.sentence(), &[]),
        MoveError::Reused => grpc::bad_request(
            "REQUEST_ID_REUSED",
            "request_id",
            "Mã yêu cầu này đã dùng cho việc khác. Mời tải lại trang rồi làm lại.",
        ),
        MoveError::Store(error) => store(error),
    }
}

pub(super) fn store(error: StoreError) -> Status {
    if error.is_outage() {
        tracing::warn!(%error, "store away");
        return grpc::unavailable("STORE_UNAVAILABLE");
    }
    grpc::internal(&error)
}
