//! Web's contract of devices: a code, identities, reports.

use jiff::Timestamp;
use motcua_proto::web::v1 as web;
use motcua_proto::web::v1::device_service_client::DeviceServiceClient;
use motcua_runtime::{Bearer, Channel, grpc};

use super::{Refusal, asked};
use crate::device::{Alarm, AlarmKind, Report, SelfCheck, Told, ToldAlarm};

/// Web as a device asks it.
#[derive(Clone)]
pub(crate) struct Web(Channel);

impl std::fmt::Debug for Web {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Web(…)")
    }
}

/// A code for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Code {
    pub code: String,
    pub poll_seconds: u64,
}

/// What asking for an identity came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Renewal {
    Renewed {
        id: String,
        centre_id: String,
        bearer: String,
    },
    /// Nobody has typed the code yet.
    Waiting,
    /// The secret means nothing: a code is asked for first.
    Unknown,
    /// The device was let out.
    Revoked,
}

impl Web {
    /// Asks over this channel.
    pub fn new(channel: Channel) -> Self {
        Self(channel)
    }

    fn with(&self, secret: &str) -> Result<DeviceServiceClient<Channel>, Refusal> {
        let bearer = Bearer::fixed(secret).map_err(|error| tonic::Status::internal(error.to_string()))?;
        Ok(DeviceServiceClient::new(self.0.acting_as(bearer)))
    }

    /// The code that an administrator types for this secret.
    pub async fn code(&self, secret: &str, name: &str) -> Result<Code, Refusal> {
        let software_version = env!("CARGO_PKG_VERSION").to_owned();
        let request = web::RequestEnrolmentRequest { name: name.to_owned(), software_version };
        let answer = self.with(secret)?.request_enrolment(asked(request)).await?.into_inner();
        Ok(Code { code: answer.code, poll_seconds: u64::try_from(answer.poll_seconds).unwrap_or(2).clamp(1, 30) })
    }

    /// An identity for this secret.
    pub async fn renew(&self, secret: &str) -> Result<Renewal, Refusal> {
        let status = match self.with(secret)?.renew_identity(asked(web::RenewIdentityRequest {})).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let device = answer.device.unwrap_or_default();
                return Ok(Renewal::Renewed { id: device.id, centre_id: device.centre_id, bearer: answer.bearer });
            }
            Err(status) => status,
        };
        match grpc::reason(&status).as_deref() {
            Some("ENROLMENT_WAITING") => Ok(Renewal::Waiting),
            Some("DEVICE_UNKNOWN") => Ok(Renewal::Unknown),
            Some("DEVICE_REVOKED") => Ok(Renewal::Revoked),
            _ => Err(status.into()),
        }
    }

    /// Says how this machine is; hears what it is to show.
    pub async fn report(&self, report: &Report) -> Result<Told, Refusal> {
        let request = web::ReportDeviceRequest {
            centre_id: report.centre_id.clone(),
            device_id: report.device_id.clone(),
            name: report.name.clone(),
            state: Some(state(report)),
            alarms: report.alarms.iter().map(alarm).collect(),
        };
        let answer = DeviceServiceClient::new(self.0.clone()).report_device(asked(request)).await?.into_inner();
        let alarms = answer.alarms.into_iter().map(|state| ToldAlarm {
            id: state.id,
            coming: state.acknowledge_time.is_some(),
            closed: state.close_time.is_some(),
        });
        Ok(Told {
            report_seconds: u64::try_from(answer.report_seconds).unwrap_or(10).clamp(1, 300),
            alarms: alarms.collect(),
            config: answer.config.map(|config| (config.version, config.body)),
        })
    }
}

fn alarm(alarm: &Alarm) -> web::Alarm {
    let kind = match alarm.kind {
        AlarmKind::Help => web::AlarmKind::Help,
        AlarmKind::PaperNearEnd => web::AlarmKind::PaperNearEnd,
        AlarmKind::PaperOut => web::AlarmKind::PaperOut,
        AlarmKind::CoverOpen => web::AlarmKind::CoverOpen,
        AlarmKind::Cutter => web::AlarmKind::Cutter,
        AlarmKind::PrinterMute => web::AlarmKind::PrinterMute,
        AlarmKind::PrinterFault => web::AlarmKind::PrinterFault,
    };
    web::Alarm {
        id: alarm.id.clone(),
        kind: kind.into(),
        raise_time: Some(grpc::timestamp(alarm.raised)),
        end_time: alarm.ended.map(grpc::timestamp),
    }
}

fn state(report: &Report) -> web::DeviceState {
    let (refused_config_version, refused_config_reason) = report.refused.clone().unwrap_or_default();
    web::DeviceState {
        software_version: env!("CARGO_PKG_VERSION").to_owned(),
        reachable: report.reachable,
        printer_reason: report.printer.to_owned(),
        paper_near_end: report.near_end,
        numbers_left: i32::try_from(report.numbers_left).unwrap_or(i32::MAX),
        untold: i32::try_from(report.untold).unwrap_or(i32::MAX),
        clock_off_seconds: report.clock_off_seconds,
        clock_doubt: report.clock_doubt.to_owned(),
        searches_in_vain: i32::try_from(report.searches_in_vain).unwrap_or(i32::MAX),
        store_trouble: report.store_trouble.clone(),
        config_version: report.config_version,
        refused_config_version,
        refused_config_reason,
        self_check: report.check.as_ref().map(check),
    }
}

fn check(check: &SelfCheck) -> web::SelfCheck {
    let one =
        |one: &crate::device::Check| web::Check { what: one.what.clone(), good: one.good, text: one.text.clone() };
    let time = Timestamp::from_microsecond(check.time).unwrap_or(Timestamp::UNIX_EPOCH);
    web::SelfCheck { time: Some(grpc::timestamp(time)), checks: check.checks.iter().map(one).collect() }
}
