//! The contract of the devices: the only place of web that knows its wire types and `Status`.

use std::sync::Arc;

use motcua_kernel::identity::{Action, Identity};
use motcua_proto::web::v1::device_service_server::DeviceService;
use motcua_proto::web::v1::{self as pb};
use motcua_runtime::auth::Guard;
use motcua_runtime::grpc::{self, Code, Request, Response, Status, from_timestamp, timestamp};
use motcua_store::idempotency;
use tonic::service::Interceptor;

use super::alarms::Told;
use super::report::Heard;
use super::{Device, Devices};
use crate::http::Limit;
use crate::model::alarm;
use crate::model::device::{Check, Kind, Refused, Report, SelfCheck};

/// What a device's secret begins with, so that nobody takes it for an identity.
const SECRET: &str = "dev1_";
/// 32 bytes in base64url.
const SECRET_CHARS: usize = 43;
const ALARMS_MAX: usize = 32;
const CHECKS_MAX: usize = 16;
const TEXT_CHARS_MAX: usize = 200;
/// How often a device asks whether its code was typed.
const POLL_SECONDS: i32 = 2;
/// Codes and questions about them that one address may have in a minute; devices of a hall share an address.
pub const ASKED_PER_MINUTE: u32 = 600;

/// Hash of the secret that a device holds; nothing is known of it yet.
#[derive(Clone)]
struct Claim(String);

/// As [`Guard`], and lets a device's own secret through to the methods that take it.
#[derive(Clone)]
pub struct DeviceGuard(pub Guard);

impl Interceptor for DeviceGuard {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let header = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
        let secret = header.and_then(|h| h.strip_prefix("Bearer ").or_else(|| h.strip_prefix("bearer ")));
        let signs = |text: &&str| {
            text.len() == SECRET_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let Some(secret) = secret.and_then(|text| text.strip_prefix(SECRET)).filter(signs) else {
            return self.0.call(request);
        };
        let claim = Claim(idempotency::hash(secret.as_bytes()));
        request.extensions_mut().insert(claim);
        Ok(request)
    }
}

/// Answers devices.
pub struct Api {
    pub devices: Arc<Devices>,
    pub limit: Limit,
}

type Answer<T> = Result<Response<T>, Status>;

impl Api {
    /// The secret's hash; whoever has an identity already has no business here.
    fn claim<T>(&self, request: &Request<T>) -> Result<String, Status> {
        if let Some(Claim(hash)) = request.extensions().get::<Claim>() {
            self.limit.take(request.remote_addr().map(|address| address.ip())).map_err(|_| {
                let message = "Máy hỏi quá nhiều lần. Xin chờ một phút.";
                grpc::status(Code::ResourceExhausted, "TOO_MANY_REQUESTS", message, &[])
            })?;
            return Ok(hash.clone());
        }
        grpc::identity(request)?;
        let message = "Chỉ máy chưa ghi danh mới dùng được cách gọi này, bằng bí mật của chính nó.";
        Err(grpc::status(Code::PermissionDenied, "ROLE_DENIED", message, &[]))
    }
}

/// A secret is no identity: it reports nothing.
fn reporter(request: &Request<pb::ReportDeviceRequest>) -> Result<Identity, Status> {
    if request.extensions().get::<Claim>().is_some() {
        let message = "Bí mật của máy chỉ dùng để xin mã và xin giấy ủy nhiệm.";
        return Err(grpc::status(Code::Unauthenticated, "BEARER_INVALID", message, &[]));
    }
    grpc::authorise(request, Action::ReportDevice, &request.get_ref().centre_id)
}

#[tonic::async_trait]
impl DeviceService for Api {
    async fn request_enrolment(
        &self,
        request: Request<pb::RequestEnrolmentRequest>,
    ) -> Answer<pb::RequestEnrolmentResponse> {
        let claim = self.claim(&request)?;
        let pb::RequestEnrolmentRequest { name, software_version } = request.into_inner();
        let (code, expires) = self.devices.request_code(&claim, &name, &software_version).await?;
        Ok(Response::new(pb::RequestEnrolmentResponse {
            code: code.text().to_owned(),
            expire_time: Some(timestamp(expires)),
            poll_seconds: POLL_SECONDS,
        }))
    }

    async fn renew_identity(&self, request: Request<pb::RenewIdentityRequest>) -> Answer<pb::RenewIdentityResponse> {
        let renewed = self.devices.renew(&self.claim(&request)?).await?;
        Ok(Response::new(pb::RenewIdentityResponse {
            device: Some(device(&renewed.device)),
            bearer: renewed.bearer,
            expire_time: Some(timestamp(renewed.expires)),
        }))
    }

    async fn report_device(&self, request: Request<pb::ReportDeviceRequest>) -> Answer<pb::ReportDeviceResponse> {
        let who = reporter(&request)?;
        let answered = self.devices.report(&who, &heard(request.into_inner())?).await?;
        Ok(Response::new(pb::ReportDeviceResponse {
            device: Some(device(&answered.device)),
            report_seconds: i32::from(answered.policy.report_seconds),
            alarms: answered.alarms,
            config: answered.config.map(|(version, config)| pb::DeviceConfig {
                version,
                body: serde_json::to_string(&config).unwrap_or_default(),
            }),
        }))
    }
}

fn heard(request: pb::ReportDeviceRequest) -> Result<Heard, Status> {
    // It stands in paths of pages.
    let sign = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if !(1..=64).contains(&request.device_id.len()) || !request.device_id.bytes().all(sign) {
        let message = "device_id phải có 1–64 chữ cái không dấu, chữ số, dấu - hoặc _.";
        return Err(grpc::bad_request("DEVICE_INVALID", "device_id", message));
    }
    if request.alarms.len() > ALARMS_MAX {
        return Err(grpc::bad_request("DEVICE_INVALID", "alarms", format!("Tối đa {ALARMS_MAX} báo động một lần.")));
    }
    let report = report(request.state.unwrap_or_default());
    let alarms = request.alarms.into_iter().map(told).collect::<Result<_, _>>()?;
    Ok(Heard { device_id: request.device_id, name: request.name, report, alarms })
}

fn told(alarm: pb::Alarm) -> Result<Told, Status> {
    let wrong = |field, message: &str| grpc::bad_request("ALARM_INVALID", field, message);
    let kind = match alarm.kind() {
        pb::AlarmKind::Unspecified => return Err(wrong("alarms.kind", "Không rõ loại báo động.")),
        pb::AlarmKind::Help => alarm::Kind::Help,
        pb::AlarmKind::PaperNearEnd => alarm::Kind::PaperNearEnd,
        pb::AlarmKind::PaperOut => alarm::Kind::PaperOut,
        pb::AlarmKind::CoverOpen => alarm::Kind::CoverOpen,
        pb::AlarmKind::Cutter => alarm::Kind::Cutter,
        pb::AlarmKind::PrinterMute => alarm::Kind::PrinterMute,
        pb::AlarmKind::PrinterFault => alarm::Kind::PrinterFault,
    };
    if !motcua_kernel::id::is_plain(&alarm.id) {
        return Err(wrong("alarms.id", "Mã báo động phải có 1–64 ký tự ASCII không dấu cách."));
    }
    let raised = from_timestamp(alarm.raise_time.as_ref()).ok_or_else(|| wrong("alarms.raise_time", "Thiếu giờ."))?;
    Ok(Told { id: alarm.id, kind, raised, ended: from_timestamp(alarm.end_time.as_ref()) })
}

/// A device's words are shown to people: bounded, and nothing but text.
fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

fn report(state: pb::DeviceState) -> Report {
    let check = state.self_check.and_then(|check| {
        let time = from_timestamp(check.time.as_ref())?.as_microsecond();
        let checks = check.checks.into_iter().take(CHECKS_MAX);
        let checks = checks.map(|one| Check { what: cut(&one.what), good: one.good, text: cut(&one.text) }).collect();
        Some(SelfCheck { time, checks })
    });
    Report {
        version: cut(&state.software_version),
        reachable: state.reachable,
        printer: cut(&state.printer_reason),
        near_end: state.paper_near_end,
        numbers_left: state.numbers_left,
        untold: state.untold,
        clock_off_seconds: state.clock_off_seconds,
        clock_doubt: cut(&state.clock_doubt),
        searches_in_vain: state.searches_in_vain,
        store_trouble: cut(&state.store_trouble),
        config_version: state.config_version,
        refused: (state.refused_config_version > 0)
            .then(|| Refused { version: state.refused_config_version, reason: cut(&state.refused_config_reason) }),
        check,
    }
}

/// To the wire.
pub fn device(row: &Device) -> pb::Device {
    let kind = match row.what() {
        Kind::Kiosk => pb::DeviceKind::Kiosk,
        Kind::Board => pb::DeviceKind::Board,
        Kind::CounterDisplay => pb::DeviceKind::CounterDisplay,
    };
    pb::Device {
        id: row.id.clone(),
        centre_id: row.centre_id.clone(),
        name: row.name.clone(),
        kind: kind.into(),
        hall_id: row.hall_id.clone(),
        counter_id: row.counter_id.clone(),
    }
}

/// To the wire.
pub fn alarm_kind(kind: alarm::Kind) -> pb::AlarmKind {
    match kind {
        alarm::Kind::Help => pb::AlarmKind::Help,
        alarm::Kind::PaperNearEnd => pb::AlarmKind::PaperNearEnd,
        alarm::Kind::PaperOut => pb::AlarmKind::PaperOut,
        alarm::Kind::CoverOpen => pb::AlarmKind::CoverOpen,
        alarm::Kind::Cutter => pb::AlarmKind::Cutter,
        alarm::Kind::PrinterMute => pb::AlarmKind::PrinterMute,
        alarm::Kind::PrinterFault => pb::AlarmKind::PrinterFault,
    }
}
