//! What people do about devices: one transaction each, with its answer, audit row and event.

use motcua_kernel::identity::Identity;
use motcua_proto::web::v1 as pb;
use motcua_store::idempotency::{self, Key, Known};
use motcua_store::outbox::{self, NewEvent};
use motcua_store::{commit, machine_now, retrying};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _, Set,
};
use serde::Serialize;

use super::entity::{audit, device, setting};
use super::{DeviceError, Devices, SERVICE, alarms, enrol, grpc, set_for};
use crate::feed::Change;
use crate::model::alarm::Answer;
use crate::model::code::Code;
use crate::model::config::{Form, Policy, Wrong};
use crate::model::device::{ENROLLED, Kind};

const NAME_CHARS_MAX: usize = 60;

/// For whom something is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Scope<'a> {
    /// Every device of the centre.
    Centre,
    /// One device.
    Device(&'a str),
    /// When somebody is told.
    Policy,
}

impl Scope<'_> {
    /// Key of its row: centres may share a database.
    pub fn key(self, centre_id: &str) -> String {
        match self {
            Self::Centre => format!("centre {centre_id}"),
            Self::Device(id) => format!("device {id}"),
            Self::Policy => format!("policy {centre_id}"),
        }
    }
}

/// One act.
#[derive(Clone, Debug, Serialize)]
pub enum Act {
    /// Let a device in by the code on its screen.
    Enrol { code: String, name: String, kind: Kind, hall_id: String, counter_id: String },
    /// Let a device out.
    Revoke { device_id: String },
    /// Take a machine off the list that is let out, or never came in by a code and is gone.
    Forget { device_id: String },
    /// Somebody goes.
    Acknowledge { alarm_id: String },
    /// It is seen to.
    Close { alarm_id: String },
    /// Set what a device shows, or all of the centre when none is named. `etag` is the version that was seen.
    Configure { device_id: Option<String>, etag: i64, form: Form },
    /// Set when somebody is told.
    SetPolicy { policy: Policy },
}

/// What an act leaves behind beside its effect.
pub struct Trace {
    /// Answer to the request: the id of what was acted on.
    pub id: String,
    pub act: &'static str,
    pub detail: String,
    pub event: Option<NewEvent>,
}

impl Act {
    fn method(&self) -> &'static str {
        match self {
            Self::Enrol { .. } => "EnrolDevice",
            Self::Revoke { .. } => "RevokeDevice",
            Self::Forget { .. } => "ForgetDevice",
            Self::Acknowledge { .. } => "AcknowledgeAlarm",
            Self::Close { .. } => "CloseAlarm",
            Self::Configure { .. } => "ConfigureDevices",
            Self::SetPolicy { .. } => "SetDevicePolicy",
        }
    }
}

impl Devices {
    /// Does it once for a request id. Answers the id of what was acted on.
    pub async fn act(&self, who: &Identity, request_id: &str, act: &Act) -> Result<String, DeviceError> {
        if !motcua_kernel::id::is_plain(request_id) {
            let message = "Thiếu mã yêu cầu (1–64 ký tự). Xin tải lại trang.".to_owned();
            return Err(Wrong { field: "request_id", message }.into());
        }
        let key = Key {
            principal: who.subject.clone(),
            method: act.method(),
            request_id: request_id.to_owned(),
            // An act is plain data: it can always be written.
            hash: idempotency::hash(&serde_json::to_vec(act).unwrap_or_default()),
        };
        let id = retrying(|| async {
            let tx = self.db.begin().await?;
            match idempotency::look_up(&tx, &key).await? {
                Known::New => {}
                Known::Answered(id) => return Ok(String::from_utf8_lossy(&id).into_owned()),
                Known::Reused => return Err(DeviceError::Reused),
            }
            let trace = self.effect(&tx, who, act).await?;
            idempotency::remember(&tx, &key, trace.id.clone().into_bytes()).await?;
            let id = trace.id.clone();
            self.leave(&tx, &who.subject, vec![trace]).await?;
            commit(tx).await?;
            Ok(id)
        })
        .await?;
        self.db.wake_relay();
        self.tell(Change::Alarm);
        self.tell(Change::Device);
        Ok(id)
    }

    /// Audit rows and events of what was done; the last statements of a transaction.
    pub(super) async fn leave(
        &self,
        tx: &DatabaseTransaction,
        who: &str,
        traces: Vec<Trace>,
    ) -> Result<(), DeviceError> {
        let mut events = vec![];
        for trace in traces {
            audit::ActiveModel {
                id: Set(motcua_kernel::id::new_id()),
                centre_id: Set(self.centre_id.clone()),
                time: Set(self.clock.now().into()),
                who: Set(who.to_owned()),
                act: Set(trace.act.to_owned()),
                subject: Set(trace.id),
                detail: Set(trace.detail),
            }
            .insert(tx)
            .await?;
            events.extend(trace.event);
        }
        if !events.is_empty() {
            outbox::append(tx, SERVICE, &self.centre_id, events).await?;
        }
        Ok(())
    }

    async fn effect(&self, tx: &DatabaseTransaction, who: &Identity, act: &Act) -> Result<Trace, DeviceError> {
        match act {
            Act::Enrol { code, name, kind, hall_id, counter_id } => {
                let code = Code::parse(code).ok_or(DeviceError::CodeUnknown)?;
                let row = device::Model {
                    id: format!("{ENROLLED}{}", motcua_kernel::id::new_id()),
                    centre_id: self.centre_id.clone(),
                    name: self::name(name)?,
                    kind: kind.text().to_owned(),
                    hall_id: hall_id.clone(),
                    counter_id: counter_id.clone(),
                    token_hash: None,
                    version: 1,
                    create_time: self.clock.now().into(),
                    revoke_time: None,
                    seen_time: None,
                    report: String::new(),
                };
                let row = enrol::enrol(tx, &code, row).await?;
                Ok(self.moved(row, "device.enrolled"))
            }
            Act::Revoke { device_id } => {
                let row = self.locked(tx, device_id).await?;
                if row.revoke_time.is_some() {
                    return Err(DeviceError::Revoked);
                }
                if !row.enrolled() {
                    let message =
                        "Máy này không ghi danh bằng mã: đổi tệp token của nó trên máy chủ, rồi gỡ khỏi danh sách."
                            .to_owned();
                    return Err(Wrong { field: "device_id", message }.into());
                }
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.revoke_time = Set(Some(machine_now()));
                row.version = Set(version);
                Ok(self.moved(row.update(tx).await?, "device.revoked"))
            }
            Act::Forget { device_id } => {
                let mut row = self.locked(tx, device_id).await?;
                if row.enrolled() && row.revoke_time.is_none() {
                    let message = "Thu hồi máy trước, rồi mới gỡ khỏi danh sách.".to_owned();
                    return Err(Wrong { field: "device_id", message }.into());
                }
                alarms::forget_device(tx, device_id).await?;
                setting::Entity::delete_by_id(Scope::Device(device_id).key(&self.centre_id)).exec(tx).await?;
                device::Entity::delete_by_id(device_id).exec(tx).await?;
                row.version += 1;
                row.revoke_time.get_or_insert_with(machine_now);
                Ok(self.moved(row, "device.forgotten"))
            }
            Act::Acknowledge { alarm_id } => self.answer(tx, who, alarm_id, Answer::Acknowledge).await,
            Act::Close { alarm_id } => self.answer(tx, who, alarm_id, Answer::Close).await,
            Act::Configure { device_id, etag, form } => {
                let config = form.read()?;
                let scope = device_id.as_deref().map_or(Scope::Centre, Scope::Device);
                let mut event = None;
                if let Some(id) = device_id {
                    let row = self.locked(tx, id).await?;
                    event = self.moved(row, "device.configured").event;
                }
                // Versions of a centre go up whatever they are set for: a device compares one number.
                outbox::lock_centre(tx, &self.centre_id).await?;
                if set_for(tx, &self.centre_id, scope).await?.version != *etag {
                    return Err(DeviceError::Stale);
                }
                let version = self.newest(tx).await? + 1;
                let body = serde_json::to_string(&config).unwrap_or_default();
                self.set(tx, who, scope, version, body.clone()).await?;
                let id = scope.key(&self.centre_id);
                Ok(Trace { id, act: "device.configured", detail: body, event })
            }
            Act::SetPolicy { policy } => {
                let policy = policy.check()?;
                let version = self.newest(tx).await? + 1;
                let body = serde_json::to_string(&policy).unwrap_or_default();
                self.set(tx, who, Scope::Policy, version, body.clone()).await?;
                Ok(Trace { id: Scope::Policy.key(&self.centre_id), act: "policy.set", detail: body, event: None })
            }
        }
    }

    async fn answer(
        &self,
        tx: &DatabaseTransaction,
        who: &Identity,
        alarm_id: &str,
        wanted: Answer,
    ) -> Result<Trace, DeviceError> {
        alarms::answer(tx, &self.centre_id, &who.subject, alarm_id, wanted, self.clock.now()).await
    }

    /// A device of this centre, until the transaction ends nobody else's.
    pub(super) async fn locked(&self, tx: &DatabaseTransaction, id: &str) -> Result<device::Model, DeviceError> {
        device::Entity::find_by_id(id)
            .filter(device::Column::CentreId.eq(&self.centre_id))
            .lock_exclusive()
            .one(tx)
            .await?
            .ok_or(DeviceError::Unknown)
    }

    fn moved(&self, row: device::Model, act: &'static str) -> Trace {
        let moved = pb::DeviceMoved {
            version: row.version,
            revoked: row.revoke_time.is_some(),
            device: Some(grpc::device(&row)),
        };
        let event = NewEvent {
            centre_id: self.centre_id.clone(),
            kind: act.to_owned(),
            subject: format!("devices/{}", row.id),
            aggregate_id: row.id.clone(),
            aggregate_version: row.version,
            schema: "motcua.web.v1.DeviceMoved",
            data: moved.encode_to_vec(),
            time: self.clock.now(),
            traceparent: None,
        };
        Trace { id: row.id, act, detail: row.name, event: Some(event) }
    }

    async fn newest(&self, tx: &DatabaseTransaction) -> Result<i64, DeviceError> {
        let versions: Vec<i64> = setting::Entity::find()
            .filter(setting::Column::CentreId.eq(&self.centre_id))
            .all(tx)
            .await?
            .into_iter()
            .map(|row| row.version)
            .collect();
        Ok(versions.into_iter().max().unwrap_or(0))
    }

    async fn set(
        &self,
        tx: &DatabaseTransaction,
        who: &Identity,
        scope: Scope<'_>,
        version: i64,
        body: String,
    ) -> Result<(), DeviceError> {
        let scope = scope.key(&self.centre_id);
        setting::Entity::delete_by_id(&scope).exec(tx).await?;
        setting::ActiveModel {
            scope: Set(scope),
            centre_id: Set(self.centre_id.clone()),
            version: Set(version),
            body: Set(body),
            set_time: Set(self.clock.now().into()),
            set_by: Set(who.subject.clone()),
        }
        .insert(tx)
        .await?;
        Ok(())
    }
}

fn name(typed: &str) -> Result<String, Wrong> {
    let name: String = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if (1..=NAME_CHARS_MAX).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(Wrong {
        field: "name", message: format!("Đặt tên máy, tối đa {NAME_CHARS_MAX} ký tự, ví dụ Kiosk cửa chính.")
    })
}
