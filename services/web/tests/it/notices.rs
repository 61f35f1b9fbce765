//! The double of notification: deliveries, the call list, channels and templates, as the contract has them.

use std::collections::HashMap;
use std::sync::Mutex;

use motcua_kernel::phone::Phone;
use motcua_proto::notification::v1::notification_service_server::NotificationService;
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_runtime::grpc::{self, timestamp};
use tonic::{Code, Request, Response, Status};

use crate::doubles::{Answer, Doubles};

/// What notification knows.
pub struct Told {
    pub calls: Mutex<Vec<pb::Call>>,
    pub deliveries: Mutex<Vec<pb::Delivery>>,
    pub providers: Mutex<Vec<pb::Provider>>,
    /// The last search.
    pub listed: Mutex<pb::ListDeliveriesRequest>,
    pub templates: Mutex<Vec<pb::Template>>,
    /// Pairs of tokens that came in.
    pub tokens: Mutex<Vec<(String, String)>>,
    /// Reasons given, behind what for.
    pub reasons: Mutex<Vec<String>>,
    /// What tickets are told by, and to which number each: see `turns.rs`.
    pub tickets: Mutex<(String, HashMap<String, String>)>,
}

impl Told {
    pub fn new(now: jiff::Timestamp) -> Self {
        let call = |n: i64, kind: &str, state: &str| pb::Call {
            id: format!("c{n}"),
            dossier_id: format!("d{n}"),
            kind: kind.into(),
            state: state.into(),
            create_time: Some(timestamp(now - jiff::SignedDuration::from_hours(n))),
            ..pb::Call::default()
        };
        let one = |n: usize, state: DeliveryState, address: &str| pb::Delivery {
            id: format!("n{n}"),
            notification_id: format!("nn{n}"),
            kind: "result_ready".into(),
            channel: "outgoing".into(),
            state: state.into(),
            dossier_id: format!("d{n}"),
            address_masked: address.into(),
            attempts: 1,
            create_time: Some(timestamp(now)),
            ..pb::Delivery::default()
        };
        let deliveries = vec![one(1, DeliveryState::Accepted, "•••678"), one(2, DeliveryState::NoAddress, "")];
        let calls = vec![call(2, "late_apology", "OPEN"), call(1, "result_ready", "OPEN"), call(3, "refused", "RELAY")];
        let provider = |name: &str| pb::Provider { name: name.into(), enabled: true, ..pb::Provider::default() };
        Self {
            calls: Mutex::new(calls),
            deliveries: Mutex::new(deliveries),
            providers: Mutex::new(vec![provider("zalo_phone"), provider("sms")]),
            listed: Mutex::default(),
            templates: Mutex::default(),
            tokens: Mutex::default(),
            reasons: Mutex::default(),
            tickets: Mutex::new(("sms".into(), HashMap::new())),
        }
    }
}

impl Doubles {
    fn because(&self, what: &str, reason: &str) -> Result<(), Status> {
        if reason.trim().chars().count() < 3 {
            return Err(grpc::bad_request("REASON_INVALID", "reason", "Mời ghi lý do, từ 3 đến 300 ký tự."));
        }
        self.0.told.reasons.lock().unwrap().push(format!("{what}: {reason}"));
        Ok(())
    }
}

fn no_delivery() -> Status {
    unknown("DELIVERY_UNKNOWN", "Không có tin này ở Trung tâm. Mời tải lại danh sách.")
}

fn unknown(reason: &str, sentence: &str) -> Status {
    grpc::status(Code::NotFound, reason, sentence, &[])
}

#[tonic::async_trait]
impl NotificationService for Doubles {
    async fn list_deliveries(&self, request: Request<pb::ListDeliveriesRequest>) -> Answer<pb::ListDeliveriesResponse> {
        self.0.enter("ListDeliveries", &request)?;
        let asked = request.into_inner();
        let deliveries: Vec<_> = self.0.told.deliveries.lock().unwrap().clone();
        let fits = |d: &pb::Delivery| {
            (asked.state == 0 || d.state == asked.state)
                && (asked.dossier_id.is_empty() || d.dossier_id == asked.dossier_id)
                && (asked.kind.is_empty() || d.kind == asked.kind)
                && (asked.channel.is_empty() || d.channel == asked.channel)
        };
        let deliveries: Vec<_> = deliveries.into_iter().filter(fits).collect();
        *self.0.told.listed.lock().unwrap() = asked;
        Ok(Response::new(pb::ListDeliveriesResponse {
            total: deliveries.len() as i32,
            deliveries,
            provider: "outgoing".into(),
            provider_note: "Chưa nối nhà cung cấp tin nhắn: tin được ghi vào thư mục gửi đi.".into(),
            ..Default::default()
        }))
    }

    async fn get_delivery(&self, request: Request<pb::GetDeliveryRequest>) -> Answer<pb::GetDeliveryResponse> {
        self.0.enter("GetDelivery", &request)?;
        let id = &request.get_ref().delivery_id;
        let found = self.0.told.deliveries.lock().unwrap().iter().find(|d| d.id == *id).cloned();
        let delivery = found.ok_or_else(no_delivery)?;
        let attempt = pb::Attempt {
            number: 1,
            provider: "esms".into(),
            start_time: Some(timestamp(self.0.now)),
            end_time: Some(timestamp(self.0.now)),
            class: "RECIPIENT".into(),
            detail: "SMS 108".into(),
        };
        let act = pb::Act {
            time: Some(timestamp(self.0.now)),
            who: "lan.nguyen".into(),
            action: "RESEND".into(),
            reason: "Người dân báo chưa nhận".into(),
        };
        let receipt = pb::Receipt { receive_time: Some(timestamp(self.0.now)), told: "LOST".into() };
        Ok(Response::new(pb::GetDeliveryResponse {
            delivery: Some(delivery),
            attempts: vec![attempt],
            acts: vec![act],
            receipts: vec![receipt],
        }))
    }

    async fn resend(&self, request: Request<pb::ResendRequest>) -> Answer<pb::ResendResponse> {
        self.0.enter("Resend", &request)?;
        let asked = request.into_inner();
        self.because("resend", &asked.reason)?;
        let mut deliveries = self.0.told.deliveries.lock().unwrap();
        let delivery = deliveries.iter_mut().find(|d| d.id == asked.delivery_id).ok_or_else(no_delivery)?;
        if delivery.state() == DeliveryState::Unknown && !asked.accept_double {
            let sentence = "Chưa rõ tin đã đến chưa.";
            return Err(grpc::status(Code::FailedPrecondition, "DELIVERY_IN_DOUBT", sentence, &[]));
        }
        delivery.set_state(DeliveryState::Pending);
        Ok(Response::new(pb::ResendResponse { delivery: Some(delivery.clone()) }))
    }

    async fn cancel_notification(
        &self,
        request: Request<pb::CancelNotificationRequest>,
    ) -> Answer<pb::CancelNotificationResponse> {
        self.0.enter("CancelNotification", &request)?;
        let asked = request.into_inner();
        self.because("cancel", &asked.reason)?;
        let mut cancelled = 0;
        for delivery in self.0.told.deliveries.lock().unwrap().iter_mut() {
            if delivery.notification_id == asked.notification_id && delivery.state() == DeliveryState::Held {
                delivery.set_state(DeliveryState::Cancelled);
                cancelled += 1;
            }
        }
        Ok(Response::new(pb::CancelNotificationResponse { cancelled }))
    }

    async fn replay_dead_letters(
        &self,
        request: Request<pb::ReplayDeadLettersRequest>,
    ) -> Answer<pb::ReplayDeadLettersResponse> {
        self.0.enter("ReplayDeadLetters", &request)?;
        let asked = request.into_inner();
        self.because("replay", &asked.reason)?;
        let mut replayed = 0;
        for delivery in self.0.told.deliveries.lock().unwrap().iter_mut() {
            if delivery.state() == DeliveryState::Failed && (asked.kind.is_empty() || delivery.kind == asked.kind) {
                delivery.set_state(DeliveryState::Pending);
                replayed += 1;
            }
        }
        Ok(Response::new(pb::ReplayDeadLettersResponse { replayed }))
    }

    async fn list_providers(&self, request: Request<pb::ListProvidersRequest>) -> Answer<pb::ListProvidersResponse> {
        self.0.enter("ListProviders", &request)?;
        Ok(Response::new(pb::ListProvidersResponse { providers: self.0.told.providers.lock().unwrap().clone() }))
    }

    async fn set_provider(&self, request: Request<pb::SetProviderRequest>) -> Answer<pb::SetProviderResponse> {
        self.0.enter("SetProvider", &request)?;
        let asked = request.into_inner();
        self.because("provider", &asked.reason)?;
        let mut providers = self.0.told.providers.lock().unwrap();
        let found = providers.iter_mut().find(|p| p.name == asked.provider);
        let provider = found.ok_or_else(|| unknown("PROVIDER_UNKNOWN", "Kênh này chưa được cấu hình."))?;
        (provider.enabled, provider.reason) = (asked.enabled, asked.reason);
        provider.changed_by = "lan.nguyen".into();
        Ok(Response::new(pb::SetProviderResponse { provider: Some(provider.clone()) }))
    }

    async fn get_delivery_figures(
        &self,
        request: Request<pb::GetDeliveryFiguresRequest>,
    ) -> Answer<pb::GetDeliveryFiguresResponse> {
        self.0.enter("GetDeliveryFigures", &request)?;
        let day = |day: &str, told, unreached| pb::DayFigures {
            day: day.into(),
            kinds: vec![pb::KindFigures {
                kind: "result_ready".into(),
                told,
                unreached,
                delivered: told / 2,
                ..pb::KindFigures::default()
            }],
            channels: vec![pb::ChannelFigures {
                channel: "sms".into(),
                sent: told,
                failed: unreached,
                ..pb::ChannelFigures::default()
            }],
        };
        let failed = |d: &&pb::Delivery| d.state() == DeliveryState::Failed;
        Ok(Response::new(pb::GetDeliveryFiguresResponse {
            days: vec![day("2026-11-22", 30, 0), day("2026-11-23", 12, 3)],
            calls_open: 2,
            calls_relay: 1,
            dead_letters: self.0.told.deliveries.lock().unwrap().iter().filter(failed).count() as i32,
        }))
    }

    async fn list_templates(&self, request: Request<pb::ListTemplatesRequest>) -> Answer<pb::ListTemplatesResponse> {
        self.0.enter("ListTemplates", &request)?;
        let sentence = |locale: &str, body: &str| pb::Sentence {
            kind: "result_ready".into(),
            locale: locale.into(),
            body: body.into(),
        };
        Ok(Response::new(pb::ListTemplatesResponse {
            templates: self.0.told.templates.lock().unwrap().clone(),
            sentences: vec![sentence("vi", "Hồ sơ {code} đã có kết quả."), sentence("en", "{code} is ready.")],
            places: vec!["code".into(), "date".into(), "desk".into()],
        }))
    }

    async fn preview_message(&self, request: Request<pb::PreviewMessageRequest>) -> Answer<pb::PreviewMessageResponse> {
        self.0.enter("PreviewMessage", &request)?;
        let asked = request.into_inner();
        let empty = |name: &str| asked.params.get(name).is_none_or(|value| value.is_empty());
        let places = asked.template_params.iter().map(|p| p.from.clone());
        let places = places.chain(asked.body.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()));
        let problems = places.filter(|place| empty(place)).map(|place| pb::TemplateProblem {
            message: format!("Thiếu giá trị của \"{place}\"."),
            reason: "MISSING".into(),
            place,
        });
        let problems: Vec<_> = problems.collect();
        if !problems.is_empty() {
            return Ok(Response::new(pb::PreviewMessageResponse { problems, ..Default::default() }));
        }
        let text = asked.params.iter().fold(asked.body, |text, (k, v)| text.replace(&format!("{{{k}}}"), v));
        Ok(Response::new(pb::PreviewMessageResponse { text, parts: 2, unicode: true, ..Default::default() }))
    }

    async fn put_template(&self, request: Request<pb::PutTemplateRequest>) -> Answer<pb::PutTemplateResponse> {
        self.0.enter("PutTemplate", &request)?;
        let new = request.into_inner().template.unwrap();
        if new.channel == "zalo" && new.provider_template_id.is_empty() {
            let sentence = "Thiếu mã mẫu tin của Zalo. Mời chép từ trang quản lý mẫu.";
            return Err(grpc::bad_request("TEMPLATE_ID_INVALID", "provider_template_id", sentence));
        }
        let mut all = self.0.told.templates.lock().unwrap();
        let version = all.len() as i32 + 1;
        all.insert(0, pb::Template { version, approved_by: "lan.nguyen".into(), ..new });
        Ok(Response::new(pb::PutTemplateResponse { version }))
    }

    async fn set_template_status(
        &self,
        request: Request<pb::SetTemplateStatusRequest>,
    ) -> Answer<pb::SetTemplateStatusResponse> {
        self.0.enter("SetTemplateStatus", &request)?;
        let asked = request.into_inner();
        self.because("template", &asked.reason)?;
        let mut all = self.0.told.templates.lock().unwrap();
        let found = all.iter_mut().find(|t| t.version == asked.version && t.kind == asked.kind);
        let unknown = || unknown("TEMPLATE_UNKNOWN", "Không có mẫu tin này. Mời tải lại danh sách mẫu.");
        found.ok_or_else(unknown)?.status = asked.status;
        Ok(Response::new(pb::SetTemplateStatusResponse {}))
    }

    async fn put_zalo_tokens(&self, request: Request<pb::PutZaloTokensRequest>) -> Answer<pb::PutZaloTokensResponse> {
        self.0.enter("PutZaloTokens", &request)?;
        let asked = request.into_inner();
        if asked.access_token.is_empty() {
            let sentence = "Mã này không đúng. Mời chép lại từ Zalo API Explorer.";
            return Err(grpc::bad_request("TOKEN_INVALID", "access_token", sentence));
        }
        self.0.told.tokens.lock().unwrap().push((asked.access_token, asked.refresh_token));
        Ok(Response::new(pb::PutZaloTokensResponse {}))
    }

    async fn create_follow_code(
        &self,
        request: Request<pb::CreateFollowCodeRequest>,
    ) -> Answer<pb::CreateFollowCodeResponse> {
        self.0.enter("CreateFollowCode", &request)?;
        if !self.0.told.providers.lock().unwrap().iter().any(|p| p.name == "zalo_phone") {
            let sentence = "Chưa cấu hình Zalo. Mời khai báo ứng dụng và tài khoản trước.";
            return Err(grpc::status(Code::FailedPrecondition, "ZALO_NOT_SET_UP", sentence, &[]));
        }
        Ok(Response::new(pb::CreateFollowCodeResponse {
            code: "AB23CD45".into(),
            expire_time: Some(timestamp(self.0.now + jiff::SignedDuration::from_hours(720))),
            follow_url: "https://zalo.me/4318657068771012646".into(),
        }))
    }

    async fn set_ticket_contact(
        &self,
        request: Request<pb::SetTicketContactRequest>,
    ) -> Answer<pb::SetTicketContactResponse> {
        self.0.enter("SetTicketContact", &request)?;
        let asked = request.into_inner();
        let phone = Phone::parse(&asked.phone).map_err(|e| grpc::bad_request(e.reason(), "phone", e.to_string()))?;
        if !phone.is_mobile() {
            return Err(grpc::bad_request("PHONE_NOT_MOBILE", "phone", "Số cố định không nhận được tin nhắn."));
        }
        let kept = format!("{} {} {}", phone.e164(), asked.locale, asked.text_version);
        self.0.told.tickets.lock().unwrap().1.insert(asked.ticket_id, kept);
        Ok(Response::new(pb::SetTicketContactResponse {}))
    }

    async fn forget_ticket_contact(
        &self,
        request: Request<pb::ForgetTicketContactRequest>,
    ) -> Answer<pb::ForgetTicketContactResponse> {
        self.0.enter("ForgetTicketContact", &request)?;
        self.0.told.tickets.lock().unwrap().1.remove(&request.get_ref().ticket_id);
        Ok(Response::new(pb::ForgetTicketContactResponse {}))
    }

    async fn get_ticket_contact(
        &self,
        request: Request<pb::GetTicketContactRequest>,
    ) -> Answer<pb::GetTicketContactResponse> {
        self.0.enter("GetTicketContact", &request)?;
        let tickets = self.0.told.tickets.lock().unwrap();
        let address_masked = tickets.1.get(&request.get_ref().ticket_id).map_or("", |_| "•••678").to_owned();
        Ok(Response::new(pb::GetTicketContactResponse { channel: tickets.0.clone(), address_masked }))
    }

    async fn list_calls(&self, request: Request<pb::ListCallsRequest>) -> Answer<pb::ListCallsResponse> {
        self.0.enter("ListCalls", &request)?;
        let state = &request.get_ref().state;
        let calls = self.0.told.calls.lock().unwrap().iter().filter(|call| call.state == *state).cloned().collect();
        Ok(Response::new(pb::ListCallsResponse { calls }))
    }

    async fn open_call(&self, request: Request<pb::OpenCallRequest>) -> Answer<pb::OpenCallResponse> {
        self.0.enter("OpenCall", &request)?;
        let found = self.0.told.calls.lock().unwrap().iter().find(|c| c.id == request.get_ref().call_id).cloned();
        let call =
            found.ok_or_else(|| unknown("CALL_UNKNOWN", "Không có cuộc gọi này trong danh sách. Mời tải lại."))?;
        let phone = if call.id == "c2" { String::new() } else { "02703 822 123".into() };
        let script = "Hồ sơ 000.00.12.H61-261123-0001 đã có kết quả.".into();
        Ok(Response::new(pb::OpenCallResponse { call: Some(call), script, phone }))
    }

    async fn record_call(&self, request: Request<pb::RecordCallRequest>) -> Answer<pb::RecordCallResponse> {
        self.0.enter("RecordCall", &request)?;
        let asked = request.into_inner();
        if asked.note.chars().count() > 300 {
            return Err(grpc::bad_request("NOTE_TOO_LONG", "note", "Ghi chú dài quá 300 ký tự. Mời viết ngắn hơn."));
        }
        let mut calls = self.0.told.calls.lock().unwrap();
        let call = calls.iter_mut().find(|c| c.id == asked.call_id);
        let call =
            call.ok_or_else(|| unknown("CALL_UNKNOWN", "Không có cuộc gọi này trong danh sách. Mời tải lại."))?;
        if call.state == "DONE" {
            let sentence = "Cuộc gọi này đã xong. Mời tải lại danh sách.";
            return Err(grpc::status(Code::FailedPrecondition, "CALL_DONE", sentence, &[]));
        }
        call.attempts += 1;
        call.outcome = asked.outcome.clone();
        call.note = asked.note;
        match asked.outcome.as_str() {
            "NO_ANSWER" => call.next_time = Some(timestamp(self.0.now + jiff::SignedDuration::from_hours(2))),
            "WRONG_NUMBER" => call.state = "RELAY".into(),
            _ => call.state = "DONE".into(),
        }
        Ok(Response::new(pb::RecordCallResponse { call: Some(call.clone()) }))
    }
}
