//! The contract of this service: the only place that knows wire types and `Status`.

mod calls;
mod consent;
mod deliveries;
mod figures;
mod preview;
mod setup;
mod submit;
mod tickets;

use std::sync::Arc;

use motcua_kernel::{
    identity::{Action, Identity},
    phone::Phone,
};
use motcua_proto::notification::v1::{self as pb, notification_service_server::NotificationService};
use motcua_runtime::{
    Clock,
    grpc::{self, Code, Request, Response, Status, bad_request as bad},
};
use motcua_store::{
    Db, Micros, StoreError,
    idempotency::{self, Key},
    sealed::Sealer,
};

use tokio::sync::Notify;

use crate::{
    entity::delivery::{self, Stage},
    listing::{self, Cursor, Filter},
    model::State,
    ops::{Act, OpError},
    people,
    provider::{Address, tokens::Tokens},
    sender::Sender,
};

const PAGE_SIZE_DEFAULT: i32 = 50;
const PAGE_SIZE_MAX: i32 = 200;

type Answer<T> = Result<Response<T>, Status>;

pub(crate) struct Api {
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub sender: Arc<Sender>,
    pub tokens: Option<Arc<Tokens>>,
    pub due: Arc<Notify>,
    pub keep_trying_hours: u32,
    /// The official account; none: Zalo is not set up.
    pub oa_id: Option<String>,
}

#[tonic::async_trait]
impl NotificationService for Api {
    async fn list_deliveries(
        &self,
        request: Request<pb::ListDeliveriesRequest>,
    ) -> Result<Response<pb::ListDeliveriesResponse>, Status> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        let asked = request.into_inner();
        let after = match asked.page_token.as_str() {
            "" => None,
            token => Some(Cursor::decode(token).ok_or_else(|| {
                grpc::bad_request("PAGE_TOKEN_INVALID", "page_token", "Trang này không còn. Mời tải lại danh sách.")
            })?),
        };
        let size = match asked.page_size {
            0 => PAGE_SIZE_DEFAULT,
            n if n < 0 => {
                let sentence = "Số dòng mỗi trang không được âm.";
                return Err(grpc::bad_request("PAGE_SIZE_INVALID", "page_size", sentence));
            }
            n => n.min(PAGE_SIZE_MAX),
        };
        let size = u64::from(size.unsigned_abs());
        let filter = self.filter(asked)?;
        let (rows, next, total) = listing::list(&self.db, &filter, after, size).await.map_err(store)?;
        Ok(Response::new(pb::ListDeliveriesResponse {
            deliveries: rows.into_iter().map(wire).collect(),
            next_page_token: next.map(|c| c.encode()).unwrap_or_default(),
            provider: self.sender.own.name().into(),
            provider_note: self.sender.own.note().unwrap_or_default(),
            total: i32::try_from(total).unwrap_or(i32::MAX),
        }))
    }

    async fn get_delivery(&self, request: Request<pb::GetDeliveryRequest>) -> Answer<pb::GetDeliveryResponse> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.delivery(request.into_inner()).await?))
    }

    async fn submit(&self, request: Request<pb::SubmitRequest>) -> Answer<pb::SubmitResponse> {
        grpc::authorise(&request, Action::SubmitNotification, &request.get_ref().centre_id)?;
        Ok(Response::new(self.take(request.into_inner()).await?))
    }

    async fn cancel_notification(
        &self,
        request: Request<pb::CancelNotificationRequest>,
    ) -> Answer<pb::CancelNotificationResponse> {
        let who = grpc::authorise(&request, Action::OperateDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.cancel(&who, request.into_inner()).await?))
    }

    async fn preview_message(&self, request: Request<pb::PreviewMessageRequest>) -> Answer<pb::PreviewMessageResponse> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.preview(request.into_inner()).await?))
    }

    async fn resend(&self, request: Request<pb::ResendRequest>) -> Answer<pb::ResendResponse> {
        let who = grpc::authorise(&request, Action::OperateDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.resend(&who, request.into_inner()).await?))
    }

    async fn replay_dead_letters(
        &self,
        request: Request<pb::ReplayDeadLettersRequest>,
    ) -> Answer<pb::ReplayDeadLettersResponse> {
        let who = grpc::authorise(&request, Action::OperateDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.replay(&who, request.into_inner()).await?))
    }

    async fn list_providers(&self, request: Request<pb::ListProvidersRequest>) -> Answer<pb::ListProvidersResponse> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.providers().await?))
    }

    async fn set_provider(&self, request: Request<pb::SetProviderRequest>) -> Answer<pb::SetProviderResponse> {
        let who = grpc::authorise(&request, Action::OperateDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.set_provider(&who, request.into_inner()).await?))
    }

    async fn list_templates(&self, request: Request<pb::ListTemplatesRequest>) -> Answer<pb::ListTemplatesResponse> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.templates().await?))
    }

    async fn put_template(&self, request: Request<pb::PutTemplateRequest>) -> Answer<pb::PutTemplateResponse> {
        let who = grpc::authorise(&request, Action::SetUpNotification, &request.get_ref().centre_id)?;
        Ok(Response::new(self.put_template(&who, request.into_inner()).await?))
    }

    async fn set_template_status(
        &self,
        request: Request<pb::SetTemplateStatusRequest>,
    ) -> Answer<pb::SetTemplateStatusResponse> {
        let who = grpc::authorise(&request, Action::SetUpNotification, &request.get_ref().centre_id)?;
        Ok(Response::new(self.set_template(&who, request.into_inner()).await?))
    }

    async fn put_zalo_tokens(&self, request: Request<pb::PutZaloTokensRequest>) -> Answer<pb::PutZaloTokensResponse> {
        let who = grpc::authorise(&request, Action::SetUpNotification, &request.get_ref().centre_id)?;
        Ok(Response::new(self.put_tokens(&who, request.into_inner()).await?))
    }

    async fn create_follow_code(
        &self,
        request: Request<pb::CreateFollowCodeRequest>,
    ) -> Answer<pb::CreateFollowCodeResponse> {
        let who = grpc::authorise(&request, Action::AcceptDossier, &request.get_ref().centre_id)?;
        Ok(Response::new(self.follow_code(&who, request.into_inner()).await?))
    }

    async fn set_consent(&self, request: Request<pb::SetConsentRequest>) -> Answer<pb::SetConsentResponse> {
        let who = grpc::authorise(&request, Action::AcceptDossier, &request.get_ref().centre_id)?;
        Ok(Response::new(self.set_consent(&who, request.into_inner()).await?))
    }

    async fn get_consent(&self, request: Request<pb::GetConsentRequest>) -> Answer<pb::GetConsentResponse> {
        grpc::authorise(&request, Action::AcceptDossier, &request.get_ref().centre_id)?;
        Ok(Response::new(self.consent(request.into_inner()).await?))
    }

    async fn list_calls(&self, request: Request<pb::ListCallsRequest>) -> Answer<pb::ListCallsResponse> {
        grpc::authorise(&request, Action::WorkCallList, &request.get_ref().centre_id)?;
        Ok(Response::new(self.calls(request.into_inner()).await?))
    }

    async fn open_call(&self, request: Request<pb::OpenCallRequest>) -> Answer<pb::OpenCallResponse> {
        let who = grpc::authorise(&request, Action::WorkCallList, &request.get_ref().centre_id)?;
        Ok(Response::new(self.open_call(&who, request.into_inner()).await?))
    }

    async fn record_call(&self, request: Request<pb::RecordCallRequest>) -> Answer<pb::RecordCallResponse> {
        let who = grpc::authorise(&request, Action::WorkCallList, &request.get_ref().centre_id)?;
        Ok(Response::new(self.record_call(&who, request.into_inner()).await?))
    }

    async fn set_ticket_contact(
        &self,
        request: Request<pb::SetTicketContactRequest>,
    ) -> Answer<pb::SetTicketContactResponse> {
        let who = grpc::authorise(&request, Action::MoveOwnTicket, &request.get_ref().centre_id)?;
        Ok(Response::new(self.set_ticket_contact(&who, request.into_inner()).await?))
    }

    async fn forget_ticket_contact(
        &self,
        request: Request<pb::ForgetTicketContactRequest>,
    ) -> Answer<pb::ForgetTicketContactResponse> {
        let who = grpc::authorise(&request, Action::MoveOwnTicket, &request.get_ref().centre_id)?;
        Ok(Response::new(self.forget_ticket_contact(&who, request.into_inner()).await?))
    }

    async fn get_ticket_contact(
        &self,
        request: Request<pb::GetTicketContactRequest>,
    ) -> Answer<pb::GetTicketContactResponse> {
        grpc::authorise(&request, Action::MoveOwnTicket, &request.get_ref().centre_id)?;
        Ok(Response::new(self.ticket_contact(request.into_inner()).await?))
    }

    async fn get_delivery_figures(
        &self,
        request: Request<pb::GetDeliveryFiguresRequest>,
    ) -> Answer<pb::GetDeliveryFiguresResponse> {
        grpc::authorise(&request, Action::ListDeliveries, &request.get_ref().centre_id)?;
        Ok(Response::new(self.figures(request.into_inner()).await?))
    }
}

impl Api {
    fn filter(&self, asked: pb::ListDeliveriesRequest) -> Result<Filter, Status> {
        let state = match asked.state {
            0 => None,
            number => Some(stage_of(number).ok_or_else(|| {
                grpc::bad_request("STATE_UNKNOWN", "state", "Trạng thái này không có. Mời chọn trong danh sách.")
            })?),
        };
        let blind = match asked.phone.trim() {
            "" => String::new(),
            text => {
                let phone = Phone::parse(text).map_err(|e| grpc::bad_request(e.reason(), "phone", e.to_string()))?;
                people::subject(&self.sealer, &Address::Phone(phone)).map_err(store)?
            }
        };
        Ok(Filter {
            centre_id: asked.centre_id,
            dossier_id: asked.dossier_id,
            kind: asked.kind,
            channel: asked.channel,
            state,
            blind,
            from: moment(asked.from_time, "from_time")?,
            until: moment(asked.until_time, "until_time")?,
        })
    }
}

/// A time of the wire; unset is none.
fn moment(time: Option<prost_types::Timestamp>, field: &str) -> Result<Option<Micros>, Status> {
    let Some(time) = time else { return Ok(None) };
    let time = jiff::Timestamp::new(time.seconds, time.nanos)
        .map_err(|_| bad("TIME_INVALID", field, "Thời điểm này không có. Mời chọn lại ngày."))?;
    Ok(Some(Micros::from(time)))
}

fn stage_of(number: i32) -> Option<Stage> {
    State::ALL.into_iter().map(Stage::from).find(|stage| i32::from(wire_state(*stage)) == number)
}

pub(crate) fn store(error: StoreError) -> Status {
    if error.is_outage() {
        tracing::warn!(%error, "store away");
        return grpc::unavailable("STORE_UNAVAILABLE");
    }
    grpc::internal(&error)
}

fn wire_state(stage: Stage) -> pb::DeliveryState {
    use pb::DeliveryState as D;
    match stage {
        Stage::Pending => D::Pending,
        Stage::Held => D::Held,
        Stage::Sending => D::Sending,
        Stage::Accepted => D::Accepted,
        Stage::Delivered => D::Delivered,
        Stage::Unconfirmed => D::Unconfirmed,
        Stage::Unknown => D::Unknown,
        Stage::Unresolved => D::Unresolved,
        Stage::Failed => D::Failed,
        Stage::NoAddress => D::NoAddress,
        Stage::Cancelled => D::Cancelled,
        Stage::Expired => D::Expired,
        Stage::Suppressed => D::Suppressed,
    }
}

pub(crate) fn time(time: Option<Micros>) -> Option<prost_types::Timestamp> {
    time.map(|t| grpc::timestamp(t.timestamp()))
}

pub(crate) fn wire(row: delivery::Model) -> pb::Delivery {
    pb::Delivery {
        state: wire_state(row.state).into(),
        create_time: time(Some(row.create_time)),
        accept_time: time(row.accept_time),
        wake_time: time(row.wake_time),
        deliver_time: time(row.deliver_time),
        id: row.id,
        kind: row.kind,
        channel: row.channel,
        address_masked: row.address_masked,
        dossier_id: row.dossier_id,
        attempts: row.attempts,
        last_error: row.last_error,
        provider: row.provider,
        traceparent: row.traceparent,
        notification_id: row.notification_id,
        lane: row.lane,
        hold_reason: row.hold_reason,
        class: row.class,
        step: row.step,
        merged_into_id: row.merged_into,
        merged: row.merged,
    }
}

/// An operator's act, with its idempotency key over the message without its request id.
#[allow(clippy::too_many_arguments, reason = "the parts of one audit row")]
fn op(
    who: &Identity,
    method: &'static str,
    request_id: &str,
    bare: &impl prost::Message,
    centre_id: &str,
    action: &'static str,
    subject: &str,
    reason: String,
) -> Result<Act, Status> {
    let request_id = grpc::request_id(request_id)?.to_owned();
    let hash = idempotency::hash(&bare.encode_to_vec());
    Ok(Act {
        key: Key { principal: who.subject.clone(), method, request_id, hash },
        centre_id: centre_id.to_owned(),
        action,
        subject: subject.to_owned(),
        reason,
    })
}

/// Why somebody does something: kept in the audit, so it must say something.
fn reason_of(text: &str) -> Result<String, Status> {
    let text = text.trim();
    match text.chars().count() {
        3..=300 => Ok(text.to_owned()),
        _ => Err(bad("REASON_INVALID", "reason", "Mời ghi lý do, từ 3 đến 300 ký tự.")),
    }
}

fn unknown(what: &'static str) -> Status {
    let (reason, sentence) = match what {
        "delivery" => ("DELIVERY_UNKNOWN", "Không có tin này ở Trung tâm. Mời tải lại danh sách."),
        "notification" => ("NOTIFICATION_UNKNOWN", "Không có thông báo này ở Trung tâm. Mời tải lại danh sách."),
        "provider" => ("PROVIDER_UNKNOWN", "Kênh này chưa được cấu hình. Mời chọn trong danh sách."),
        "template" => ("TEMPLATE_UNKNOWN", "Không có mẫu tin này. Mời tải lại danh sách mẫu."),
        _ => ("CALL_UNKNOWN", "Không có cuộc gọi này trong danh sách. Mời tải lại."),
    };
    grpc::status(Code::NotFound, reason, sentence, &[])
}

fn refused(error: OpError) -> Status {
    match error {
        OpError::Reused => bad(
            "REQUEST_ID_REUSED",
            "request_id",
            "Mã yêu cầu này đã dùng cho việc khác. Mời tải lại trang rồi làm lại.",
        ),
        OpError::Unknown(what) => unknown(what),
        OpError::Refused(reason) => {
            let sentence = match reason {
                "DELIVERY_IN_DOUBT" => {
                    "Chưa rõ tin đã đến chưa. Nếu chấp nhận người dân có thể nhận hai lần, mời đánh dấu rồi gửi lại."
                }
                "DELIVERY_NOT_ENDED" => "Tin này đang gửi, đã đến hoặc đã hủy, nên không gửi lại được.",
                "ZALO_NOT_SET_UP" => "Chưa cấu hình Zalo. Mời khai báo ứng dụng và tài khoản trước.",
                "CALL_DONE" => "Cuộc gọi này đã xong. Mời tải lại danh sách.",
                _ => "Không làm được việc này lúc này. Mời tải lại rồi thử lại.",
            };
            grpc::status(Code::FailedPrecondition, reason, sentence, &[])
        }
        OpError::Store(StoreError::Conflict) => {
            grpc::status(Code::Aborted, "CHANGED_MEANWHILE", "Người khác vừa cập nhật. Mời tải lại rồi làm tiếp.", &[])
        }
        OpError::Store(error) => store(error),
    }
}

fn decode<T: prost::Message + Default>(bytes: &[u8]) -> Result<T, Status> {
    T::decode(bytes).map_err(|e| grpc::internal(&e))
}
