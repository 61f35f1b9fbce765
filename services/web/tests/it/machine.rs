//! A machine in the hall, as far as web hears it.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::web::v1::device_service_client::DeviceServiceClient;
use motcua_proto::web::v1::{self as pb};
use motcua_runtime::auth::DEVICE_TTL;
use motcua_runtime::grpc::timestamp;
use motcua_runtime::{Bearer, Channel};
use serde_json::json;
use tonic::Status;

use crate::hall::CENTRE;
use crate::site::Site;

/// One machine: its secret, and its identity once it is in.
pub struct Machine {
    channel: Channel,
    pub secret: String,
    pub identity: Option<String>,
    pub id: String,
    pub state: pb::DeviceState,
}

impl Machine {
    /// With a secret of its own, not yet let in.
    pub fn new(site: &Site, n: u8) -> Self {
        let secret = format!("dev1_{}", String::from_utf8(vec![b'a' + n; 43]).unwrap());
        let state = pb::DeviceState { software_version: "1.2.3".into(), reachable: true, ..Default::default() };
        Self { channel: site.devices.clone(), secret, identity: None, id: String::new(), state }
    }

    /// With a token from a file, as `motcua up` has one.
    pub fn with_token(site: &Site, id: &str) -> Self {
        let who = Identity::of(Role::Kiosk, "kiosk", CENTRE);
        let identity = Some(site.signer.token(&who, DEVICE_TTL).unwrap());
        Self { identity, id: id.to_owned(), ..Self::new(site, 0) }
    }

    /// Let in by an administrator.
    pub async fn enrolled(site: &Site, cookie: &str, n: u8, name: &str) -> Self {
        let mut machine = Self::new(site, n);
        let code = machine.code().await.unwrap();
        let body = json!({ "request_id": format!("in-{n}"), "code": code, "name": name, "kind": "kiosk" });
        let answer = site.post("/admin/devices", cookie, body).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        machine.renew().await.unwrap();
        machine
    }

    fn client(&self, bearer: &str) -> DeviceServiceClient<Channel> {
        DeviceServiceClient::new(self.channel.acting_as(Bearer::fixed(bearer).unwrap()))
    }

    pub async fn code(&self) -> Result<String, Status> {
        let request = pb::RequestEnrolmentRequest { name: "Kiosk 1".into(), software_version: "1.2.3".into() };
        Ok(self.client(&self.secret).request_enrolment(request).await?.into_inner().code)
    }

    pub async fn renew(&mut self) -> Result<pb::RenewIdentityResponse, Status> {
        let answer = self.client(&self.secret).renew_identity(pb::RenewIdentityRequest {}).await?.into_inner();
        self.identity = Some(answer.bearer.clone());
        self.id = answer.device.clone().unwrap().id;
        Ok(answer)
    }

    pub async fn report(&self, alarms: Vec<pb::Alarm>) -> Result<pb::ReportDeviceResponse, Status> {
        self.report_as(&self.id, alarms).await
    }

    pub async fn report_as(&self, id: &str, alarms: Vec<pb::Alarm>) -> Result<pb::ReportDeviceResponse, Status> {
        let request = pb::ReportDeviceRequest {
            centre_id: CENTRE.into(),
            device_id: id.to_owned(),
            name: "Kiosk 1".into(),
            state: Some(self.state.clone()),
            alarms,
        };
        let bearer = self.identity.as_deref().unwrap_or(&self.secret);
        Ok(self.client(bearer).report_device(request).await?.into_inner())
    }
}

/// An alarm as a machine tells it.
pub fn alarm(id: &str, kind: pb::AlarmKind, raised: &str, ended: Option<&str>) -> pb::Alarm {
    let time = |text: &str| timestamp(text.parse().unwrap());
    pb::Alarm { id: id.into(), kind: kind.into(), raise_time: Some(time(raised)), end_time: ended.map(time) }
}

/// Stable reason of a refusal.
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    motcua_runtime::grpc::reason(&answer.unwrap_err()).unwrap_or_default()
}
