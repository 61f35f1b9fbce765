//! Calls for help and printers' alarms in the store.

use jiff::{SignedDuration, Timestamp};
use motcua_proto::web::v1 as pb;
use motcua_runtime::grpc::timestamp;
use motcua_store::outbox::NewEvent;
use motcua_store::{commit, retrying};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};

use super::acts::Trace;
use super::entity::{alarm, device};
use super::{DeviceError, Devices, grpc};
use crate::feed::Change;
use crate::model::alarm::{self as rules, Already, Answer, Kind, Times};

/// Open alarms that pages show; a centre has some machines with one each.
const OPEN_MAX: u64 = 200;
/// How long closed ones are kept beside the audit, which keeps all.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// An alarm as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenAlarm {
    pub id: String,
    pub kind: Kind,
    pub device: String,
    pub hall_id: String,
    pub times: Times,
    /// Who goes.
    pub by: String,
}

/// An alarm as its device tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub id: String,
    pub kind: Kind,
    pub raised: Timestamp,
    pub ended: Option<Timestamp>,
}

impl alarm::Model {
    fn times(&self) -> Times {
        Times {
            raised: self.raise_time.timestamp(),
            acknowledged: self.acknowledge_time.map(|time| time.timestamp()),
            escalated: self.escalate_time.map(|time| time.timestamp()),
            closed: self.close_time.map(|time| time.timestamp()),
        }
    }

    fn what(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::PrinterFault)
    }
}

impl Devices {
    /// What is open: told to the manager first, then by urgency, then by age.
    pub async fn open(&self) -> Result<Vec<OpenAlarm>, DeviceError> {
        let rows = alarm::Entity::find()
            .filter(alarm::Column::CentreId.eq(&self.centre_id))
            .filter(alarm::Column::CloseTime.is_null())
            .order_by_asc(alarm::Column::RaiseTime)
            .limit(OPEN_MAX)
            .all(self.db.read())
            .await?;
        let devices = self.all().await?;
        let mut open: Vec<OpenAlarm> = rows
            .into_iter()
            .map(|row| {
                let device = devices.iter().find(|device| device.id == row.device_id);
                OpenAlarm {
                    kind: row.what(),
                    times: row.times(),
                    device: device.map_or_else(String::new, |device| device.name.clone()),
                    hall_id: device.map_or_else(String::new, |device| device.hall_id.clone()),
                    id: row.id,
                    by: row.acknowledged_by,
                }
            })
            .collect();
        open.sort_by_key(|one| {
            let waits = one.times.acknowledged.is_none();
            (!(waits && one.times.escalated.is_some()), !waits, one.kind, one.times.raised)
        });
        Ok(open)
    }

    /// Tells the manager of what nobody goes to.
    pub(super) async fn escalate(&self) -> Result<(), DeviceError> {
        let after = SignedDuration::from_secs(i64::from(self.policy().await?.escalate_seconds));
        let (now, pace) = (self.clock.now(), i64::from(self.clock.speed()));
        let open = alarm::Entity::find()
            .filter(alarm::Column::CentreId.eq(&self.centre_id))
            .filter(alarm::Column::CloseTime.is_null())
            .filter(alarm::Column::AcknowledgeTime.is_null())
            .filter(alarm::Column::EscalateTime.is_null())
            .limit(OPEN_MAX)
            .all(self.db.read())
            .await?;
        let due = |row: &alarm::Model| rules::is_overdue(row.what(), &row.times(), now, pace, after);
        for id in open.into_iter().filter(due).map(|row| row.id) {
            let told = retrying(|| async {
                let tx = self.db.begin().await?;
                // Another process, or somebody who went meanwhile.
                let Some(row) = locked(&tx, &self.centre_id, &id).await?.filter(due) else { return Ok(false) };
                let version = row.version + 1;
                let mut row = row.into_active_model();
                row.escalate_time = Set(Some(now.into()));
                row.version = Set(version);
                let trace = moved(row.update(&tx).await?, "alarm.escalated", now);
                self.leave(&tx, "web", vec![trace]).await?;
                commit(tx).await?;
                Ok::<_, DeviceError>(true)
            })
            .await?;
            if told {
                self.db.wake_relay();
                self.tell(Change::Alarm);
            }
        }
        Ok(())
    }

    /// Takes in what a device tells, in its transaction. Telling the same again changes nothing.
    pub(super) async fn take_in(
        &self,
        tx: &DatabaseTransaction,
        device: &device::Model,
        told: &[Told],
    ) -> Result<(Vec<pb::AlarmState>, Vec<Trace>), DeviceError> {
        let (mut states, mut traces) = (vec![], vec![]);
        let now = self.clock.now();
        for one in told {
            let known = alarm::Entity::find_by_id(&one.id).lock_exclusive().one(tx).await?;
            // The id of another machine's alarm.
            if known.as_ref().is_some_and(|row| row.device_id != device.id) {
                return Err(DeviceError::NotItself);
            }
            let row = match known {
                Some(row) => row,
                None => {
                    let row = alarm::Model {
                        id: one.id.clone(),
                        centre_id: self.centre_id.clone(),
                        device_id: device.id.clone(),
                        kind: one.kind.text().to_owned(),
                        // Nothing begins later than now, whatever a clock says.
                        raise_time: one.raised.min(now).into(),
                        acknowledge_time: None,
                        acknowledged_by: String::new(),
                        escalate_time: None,
                        close_time: None,
                        closed_by: String::new(),
                        version: 1,
                    };
                    let row = row.into_active_model().reset_all().insert(tx).await?;
                    traces.push(moved(row.clone(), "alarm.raised", now));
                    row
                }
            };
            let row = match one.ended {
                Some(ended) if row.close_time.is_none() => {
                    let (version, raised) = (row.version + 1, row.raise_time.timestamp());
                    let mut row = row.into_active_model();
                    row.close_time = Set(Some(ended.clamp(raised, now.max(raised)).into()));
                    row.closed_by = Set(device.id.clone());
                    row.version = Set(version);
                    let row = row.update(tx).await?;
                    traces.push(moved(row.clone(), "alarm.closed", now));
                    row
                }
                _ => row,
            };
            let times = row.times();
            states.push(pb::AlarmState {
                id: row.id,
                acknowledge_time: times.acknowledged.map(timestamp),
                close_time: times.closed.map(timestamp),
            });
        }
        Ok((states, traces))
    }

    /// Forgets what was closed long ago; the audit keeps it.
    pub(super) async fn forget(&self, tx: &DatabaseTransaction) -> Result<(), DeviceError> {
        let since = self.clock.now().checked_sub(KEPT).unwrap_or(Timestamp::MIN);
        alarm::Entity::delete_many()
            .filter(alarm::Column::CloseTime.lt(motcua_store::Micros::from(since)))
            .exec(tx)
            .await?;
        Ok(())
    }
}

/// Its alarms go with a device; the audit keeps what became of them.
pub(super) async fn forget_device(tx: &DatabaseTransaction, device_id: &str) -> Result<(), DeviceError> {
    alarm::Entity::delete_many().filter(alarm::Column::DeviceId.eq(device_id)).exec(tx).await?;
    Ok(())
}

async fn locked(tx: &DatabaseTransaction, centre_id: &str, id: &str) -> Result<Option<alarm::Model>, DeviceError> {
    let row = alarm::Entity::find_by_id(id).filter(alarm::Column::CentreId.eq(centre_id)).lock_exclusive();
    Ok(row.one(tx).await?)
}

/// A person's answer to an alarm. Somebody who went before stays; what is over stays over: then nothing happens.
pub(super) async fn answer(
    tx: &DatabaseTransaction,
    centre_id: &str,
    who: &str,
    id: &str,
    wanted: Answer,
    now: Timestamp,
) -> Result<Trace, DeviceError> {
    let row = locked(tx, centre_id, id).await?.ok_or(DeviceError::AlarmUnknown)?;
    if let Err(already) = rules::answer(&row.times(), wanted) {
        let detail = match already {
            Already::Acknowledged => row.acknowledged_by.clone(),
            Already::Closed => row.closed_by.clone(),
        };
        return Ok(Trace { id: row.id, act: "alarm.answered_before", detail, event: None });
    }
    let (version, gone) = (row.version + 1, row.acknowledge_time.is_some());
    let mut row = row.into_active_model();
    if !gone {
        row.acknowledge_time = Set(Some(now.into()));
        row.acknowledged_by = Set(who.to_owned());
    }
    if wanted == Answer::Close {
        row.close_time = Set(Some(now.into()));
        row.closed_by = Set(who.to_owned());
    }
    row.version = Set(version);
    let act = if wanted == Answer::Close { "alarm.closed" } else { "alarm.acknowledged" };
    Ok(moved(row.update(tx).await?, act, now))
}

fn moved(row: alarm::Model, act: &'static str, now: Timestamp) -> Trace {
    let times = row.times();
    let body = pb::AlarmMoved {
        id: row.id.clone(),
        device_id: row.device_id.clone(),
        kind: grpc::alarm_kind(row.what()).into(),
        raise_time: Some(timestamp(times.raised)),
        acknowledge_time: times.acknowledged.map(timestamp),
        escalate_time: times.escalated.map(timestamp),
        close_time: times.closed.map(timestamp),
        version: row.version,
    };
    let event = NewEvent {
        centre_id: row.centre_id,
        kind: act.to_owned(),
        subject: format!("alarms/{}", row.id),
        aggregate_id: row.id.clone(),
        aggregate_version: row.version,
        schema: "motcua.web.v1.AlarmMoved",
        data: body.encode_to_vec(),
        time: now,
        traceparent: None,
    };
    Trace { id: row.id, act, detail: row.kind, event: Some(event) }
}
