//! Web, as far as a machine asks it: codes, identities, reports.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use motcua_kiosk::DeviceLink;
use motcua_proto::web::v1 as web;
use motcua_proto::web::v1::device_service_server::DeviceService;
use motcua_runtime::{Bearer, Channel, Lent, grpc};
use tonic::{Code, Request, Response, Status};

/// How the machine reaches web.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    None,
    /// With a token from a file.
    Known,
    /// By a code.
    Enrolling,
}

/// What the doubled web holds.
#[derive(Default)]
pub struct State {
    pub link: Link,
    pub down: bool,
    /// Secrets that asked for a code, in their order.
    pub asked: Vec<String>,
    /// Secrets that were let in, and out.
    pub let_in: HashSet<String>,
    pub revoked: HashSet<String>,
    pub reports: Vec<web::ReportDeviceRequest>,
    /// Alarms that somebody goes to, and that are closed.
    pub coming: HashSet<String>,
    pub closed: HashSet<String>,
    pub config: Option<(i64, String)>,
}

#[derive(Clone, Default)]
pub struct Web(Arc<Mutex<State>>);

impl Web {
    pub fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().unwrap())
    }

    /// The link of a machine whose data lies in `folder`.
    pub fn link(&self, url: &str, folder: &Path) -> Option<DeviceLink> {
        let channel = |bearer| Channel::tcp(url, bearer).unwrap();
        match self.with(|state| state.link) {
            Link::None => None,
            Link::Known => Some(DeviceLink::known(channel(Bearer::fixed("a-kiosk").unwrap()))),
            Link::Enrolling => {
                let lent = Lent::default();
                Some(DeviceLink::enrolling(channel(Bearer::Lent(lent.clone())), folder, lent))
            }
        }
    }

    fn up(&self) -> Result<(), Status> {
        if self.with(|state| state.down) { Err(grpc::unavailable("STORE_UNAVAILABLE")) } else { Ok(()) }
    }
}

fn bearer<T>(request: &Request<T>) -> String {
    let header = request.metadata().get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.trim_start_matches("Bearer ").to_owned()
}

#[tonic::async_trait]
impl DeviceService for Web {
    async fn request_enrolment(
        &self,
        request: Request<web::RequestEnrolmentRequest>,
    ) -> Result<Response<web::RequestEnrolmentResponse>, Status> {
        self.up()?;
        let secret = bearer(&request);
        let n = self.with(|state| {
            if !state.asked.contains(&secret) {
                state.asked.push(secret.clone());
            }
            state.asked.iter().position(|known| *known == secret).unwrap()
        });
        let code = format!("K7M-4Q{}", char::from(b'A' + u8::try_from(n).unwrap()));
        Ok(Response::new(web::RequestEnrolmentResponse { code, expire_time: None, poll_seconds: 1 }))
    }

    async fn renew_identity(
        &self,
        request: Request<web::RenewIdentityRequest>,
    ) -> Result<Response<web::RenewIdentityResponse>, Status> {
        self.up()?;
        let secret = bearer(&request);
        let (known, let_in, revoked) = self.with(|state| {
            (state.asked.contains(&secret), state.let_in.contains(&secret), state.revoked.contains(&secret))
        });
        let no = |code, reason| Err(grpc::status(code, reason, "Không.", &[]));
        match (revoked, let_in, known) {
            (true, ..) => no(Code::PermissionDenied, "DEVICE_REVOKED"),
            (_, true, _) => {
                let device = web::Device { id: "d-1".into(), centre_id: "vinhlong".into(), ..Default::default() };
                let bearer = "an-identity".to_owned();
                Ok(Response::new(web::RenewIdentityResponse { device: Some(device), bearer, expire_time: None }))
            }
            (.., true) => no(Code::FailedPrecondition, "ENROLMENT_WAITING"),
            _ => no(Code::NotFound, "DEVICE_UNKNOWN"),
        }
    }

    async fn report_device(
        &self,
        request: Request<web::ReportDeviceRequest>,
    ) -> Result<Response<web::ReportDeviceResponse>, Status> {
        self.up()?;
        if bearer(&request).is_empty() {
            return Err(Status::unauthenticated("no bearer"));
        }
        let request = request.into_inner();
        let now = Some(grpc::timestamp(super::NOW.parse().unwrap()));
        let answer = self.with(|state| {
            let of = |alarm: &web::Alarm| web::AlarmState {
                id: alarm.id.clone(),
                acknowledge_time: now.filter(|_| state.coming.contains(&alarm.id)),
                close_time: now.filter(|_| alarm.end_time.is_some() || state.closed.contains(&alarm.id)),
            };
            let alarms = request.alarms.iter().map(of).collect();
            let said = request.state.clone().unwrap_or_default();
            let config = state
                .config
                .clone()
                .filter(|(version, _)| *version != said.config_version && *version != said.refused_config_version);
            let config = config.map(|(version, body)| web::DeviceConfig { version, body });
            state.reports.push(request);
            web::ReportDeviceResponse { device: None, report_seconds: 1, alarms, config }
        });
        Ok(Response::new(answer))
    }
}
