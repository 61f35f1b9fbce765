//! What staff do with a dossier.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use motcua_kernel::identity::Action;
use motcua_proto::status::v1::{
    Collector, CompleteDossierRequest, ConfirmFeeRequest, ExtendDossierRequest, ForwardDossierRequest,
    HandOverDossierRequest, PaperAsked, ReceiveHandOverRequest, ReceiveSupplementRequest, RequestFeeRequest,
    RequestSupplementRequest, ResumeDossierRequest, ReturnResultRequest, StopDossierRequest, WithdrawDossierRequest,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::http::answer::Body;
use crate::http::guard::Staff;
use crate::http::{Fail, Field};
use crate::upstream::ask;

/// A filled-in question; every move takes what it needs.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Filled {
    request_id: String,
    etag: String,
    to_department: String,
    due_time: String,
    new_due_time: String,
    note: String,
    reason: String,
    legal_basis: String,
    approver: String,
    signer: String,
    receipt_number: String,
    amount_vnd: String,
    collector_name: String,
    collector_relation: String,
    collector_id: String,
    papers: Vec<Paper>,
}

#[derive(Deserialize)]
struct Paper {
    name: String,
    originals: i32,
    certified: i32,
    copies: i32,
}

pub async fn act(
    State(app): State<Arc<App>>,
    Path((dossier_id, act)): Path<(String, String)>,
    staff: Staff,
    Body(filled): Body<Filled>,
) -> Result<Json<Value>, Fail> {
    let session = staff.may(Action::MoveDossier, &app.settings.centre_id)?;
    let mut status = app.upstream.staff(session).status();
    let (centre_id, tz) = (app.settings.centre_id.clone(), app.tz());
    let Filled { request_id, etag, .. } = filled;
    macro_rules! moved {
        ($rpc:ident, $request:ident { $($field:ident: $value:expr),* $(,)? }) => {{
            let request = $request { request_id, centre_id, dossier_id, etag, $($field: $value,)* };
            ask(status.$rpc(request)).await?.dossier
        }};
    }
    let dossier = match act.as_str() {
        "forward" => moved!(forward_dossier, ForwardDossierRequest { to_department: filled.to_department }),
        "hand-over" => moved!(
            hand_over_dossier,
            HandOverDossierRequest {
                to_department: filled.to_department,
                due_time: time("due_time", &filled.due_time, &tz)?,
                note: filled.note,
            }
        ),
        "sign-for" => moved!(receive_hand_over, ReceiveHandOverRequest { note: filled.note }),
        "ask-supplement" => moved!(
            request_supplement,
            RequestSupplementRequest {
                papers: filled.papers.into_iter().map(asked).collect(),
                reason: filled.reason,
                legal_basis: filled.legal_basis,
                approver: filled.approver,
            }
        ),
        "supplement-received" => moved!(receive_supplement, ReceiveSupplementRequest { note: filled.note }),
        "ask-fee" => {
            moved!(request_fee, RequestFeeRequest { amount_vnd: amount(&filled.amount_vnd)?, reason: filled.reason })
        }
        "fee-paid" => moved!(confirm_fee, ConfirmFeeRequest { receipt_number: filled.receipt_number }),
        "stop" => moved!(stop_dossier, StopDossierRequest { reason: filled.reason }),
        "resume" => moved!(resume_dossier, ResumeDossierRequest { reason: filled.reason }),
        "withdraw" => moved!(withdraw_dossier, WithdrawDossierRequest { reason: filled.reason }),
        "extend" => moved!(
            extend_dossier,
            ExtendDossierRequest {
                new_due_time: Some(
                    time("new_due_time", &filled.new_due_time, &tz)?
                        .ok_or_else(|| { wrong("new_due_time", "Mời chọn ngày giờ hẹn lại.") })?
                ),
                reason: filled.reason,
                signer: filled.signer,
            }
        ),
        "complete" => moved!(complete_dossier, CompleteDossierRequest {}),
        "return" => {
            if filled.collector_name.trim().is_empty() {
                return Err(wrong("collector_name", "Mời ghi họ và tên người nhận kết quả."));
            }
            let collector = Collector {
                full_name: filled.collector_name,
                relation: filled.collector_relation,
                id_number: filled.collector_id,
            };
            moved!(return_result, ReturnResultRequest { collector: Some(collector) })
        }
        _ => return Err(Fail::not_found("ACT_UNKNOWN", "Không có thao tác này. Xin tải lại trang.")),
    };
    let dossier = dossier.unwrap_or_default();
    Ok(Json(json!({ "code": dossier.code, "state_label": dossier.state_label, "etag": dossier.etag })))
}

fn asked(paper: Paper) -> PaperAsked {
    let Paper { name, originals, certified, copies } = paper;
    PaperAsked { name, originals, certified_copies: certified, copies }
}

fn wrong(field: &str, message: &str) -> Fail {
    let fields = vec![Field { field: field.to_owned(), message: message.to_owned() }];
    Fail { fields, ..Fail::new(StatusCode::UNPROCESSABLE_ENTITY, "FIELD_INVALID", message) }
}

/// "2026-11-30T16:30" of the centre's clocks; nothing is no time.
fn time(field: &str, said: &str, tz: &TimeZone) -> Result<Option<prost_types::Timestamp>, Fail> {
    if said.is_empty() {
        return Ok(None);
    }
    let at = said.parse::<DateTime>().ok().and_then(|at| tz.to_ambiguous_zoned_datetime(at).compatible().ok());
    let at = at.ok_or_else(|| wrong(field, "Ngày giờ chưa đúng. Mời chọn lại."))?;
    Ok(Some(prost_types::Timestamp { seconds: at.timestamp().as_second(), nanos: 0 }))
}

/// "1.200.000" or "1200000".
fn amount(said: &str) -> Result<i64, Fail> {
    let digits: String = said.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}')).collect();
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let amount = plain.then(|| digits.parse::<i64>().ok()).flatten().filter(|amount| *amount > 0);
    amount.ok_or_else(|| wrong("amount_vnd", "Số tiền là số đồng lớn hơn 0, ví dụ 120.000."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        assert_eq!(amount("1.200.000").unwrap(), 1_200_000);
        assert_eq!(amount("50000").unwrap(), 50_000);
        for bad in ["", "0", "-5", "1,5", "abc", "99999999999999999999"] {
            assert_eq!(amount(bad).unwrap_err().fields[0].field, "amount_vnd", "{bad}");
        }
    }

    #[test]
    fn a_time_is_the_centres() {
        let tz = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        assert_eq!(time("due_time", "2026-11-30T16:30", &tz).unwrap().unwrap().seconds, 1_796_031_000);
        assert_eq!(time("due_time", "", &tz).unwrap(), None);
        assert_eq!(time("due_time", "mai", &tz).unwrap_err().fields[0].field, "due_time");
    }
}
