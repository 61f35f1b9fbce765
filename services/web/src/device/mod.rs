//! The machines of the centre: who they are, how they do, what they are told, and what staff must see to.
//!
//! Heartbeats follow the machine's clock; alarms and moves are business time.

mod acts;
mod alarms;
mod enrol;
mod entity;
mod error;
mod grpc;
mod migration;
mod report;

use std::time::Duration;

use jiff::SignedDuration;
use motcua_runtime::Clock;
use motcua_runtime::auth::Signer;
use motcua_store::{Db, Micros, StoreError, machine_now, outbox};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use sea_orm_migration::MigrationTrait;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use acts::{Act, Scope};
pub use alarms::OpenAlarm;
pub use entity::device::Model as Device;
pub use error::DeviceError;
pub use grpc::{ASKED_PER_MINUTE, Api, DeviceGuard};

use crate::feed::Change;
use crate::model::config::{Config, Policy};
use crate::model::device::{Kind, Report, Standing, standing};
use entity::{device, setting};

/// Source of web's events, its schema's name.
pub const SERVICE: &str = "web";
/// How often open alarms are looked at, and whether another process has changed them.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The tables of this module.
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(migration::Devices)]
}

/// Everything about the devices of one centre.
pub struct Devices {
    db: Db,
    clock: Clock,
    centre_id: String,
    signer: Signer,
    changes: broadcast::Sender<Change>,
}

/// What is set for one scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// 0: nothing yet. Moves with every change; what was seen when a form was opened is its etag.
    pub version: i64,
    /// The configuration.
    pub config: Config,
    /// When and by whom.
    pub by: Option<(jiff::Timestamp, String)>,
}

impl Devices {
    pub fn new(db: Db, clock: Clock, centre_id: &str, signer: Signer, changes: broadcast::Sender<Change>) -> Self {
        Self { db, clock, centre_id: centre_id.to_owned(), signer, changes }
    }

    /// Tells the manager of alarms that nobody goes to, and pages of what another process has changed; until `stop`.
    pub async fn watch(&self, stop: CancellationToken) {
        let mut seen = 0;
        let mut failed = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
            match self.look(&mut seen).await {
                Ok(()) => failed = false,
                Err(error) if !std::mem::replace(&mut failed, true) => {
                    tracing::warn!(%error, "alarms are not looked at; trying again");
                }
                Err(_) => {}
            }
        }
    }

    async fn look(&self, seen: &mut i64) -> Result<(), DeviceError> {
        self.escalate().await?;
        let last = outbox::last_seq(self.db.read(), &self.centre_id).await?;
        if std::mem::replace(seen, last) != last {
            self.tell(Change::Alarm);
        }
        Ok(())
    }

    /// Nobody listening is fine.
    fn tell(&self, change: Change) {
        let _ = self.changes.send(change);
    }

    /// When somebody is told.
    pub async fn policy(&self) -> Result<Policy, DeviceError> {
        let row = setting_of(self.db.read(), &self.centre_id, Scope::Policy).await?;
        Ok(row.and_then(|row| serde_json::from_str(&row.body).ok()).unwrap_or_default())
    }

    /// What is set for a device or for all of the centre.
    pub async fn set_for(&self, scope: Scope<'_>) -> Result<Set, DeviceError> {
        set_for(self.db.read(), &self.centre_id, scope).await
    }

    /// Every device of the centre by name; those that were let out last.
    pub async fn all(&self) -> Result<Vec<Device>, DeviceError> {
        let mut rows = device::Entity::find()
            .filter(device::Column::CentreId.eq(&self.centre_id))
            .order_by_asc(device::Column::Name)
            .order_by_asc(device::Column::Id)
            .all(self.db.read())
            .await?;
        rows.sort_by_key(|row| row.revoke_time.is_some());
        Ok(rows)
    }

    /// One of them.
    pub async fn one(&self, id: &str) -> Result<Device, DeviceError> {
        let row = device::Entity::find_by_id(id).filter(device::Column::CentreId.eq(&self.centre_id));
        row.one(self.db.read()).await?.ok_or(DeviceError::Unknown)
    }
}

async fn setting_of(
    db: &impl ConnectionTrait,
    centre_id: &str,
    scope: Scope<'_>,
) -> Result<Option<setting::Model>, StoreError> {
    let row = setting::Entity::find_by_id(scope.key(centre_id)).filter(setting::Column::CentreId.eq(centre_id));
    Ok(row.one(db).await?)
}

async fn set_for(db: &impl ConnectionTrait, centre_id: &str, scope: Scope<'_>) -> Result<Set, DeviceError> {
    let Some(row) = setting_of(db, centre_id, scope).await? else { return Ok(Set::default()) };
    let config = serde_json::from_str(&row.body).unwrap_or_default();
    Ok(Set { version: row.version, config, by: Some((row.set_time.timestamp(), row.set_by)) })
}

impl Device {
    /// What it last said of itself.
    pub fn said(&self) -> Report {
        serde_json::from_str(&self.report).unwrap_or_default()
    }

    /// What stands there.
    pub fn what(&self) -> Kind {
        Kind::parse(&self.kind).unwrap_or(Kind::Kiosk)
    }

    /// How long nothing was heard of it.
    pub fn silence(&self) -> Option<SignedDuration> {
        self.seen_time.map(|Micros(seen)| SignedDuration::from_micros((machine_now().0 - seen).max(0)))
    }

    /// How it does now.
    pub fn standing(&self, policy: Policy) -> Standing {
        let lost = SignedDuration::from_secs(i64::from(policy.lost_seconds));
        standing(self.revoke_time.is_some(), self.silence(), lost, &self.said())
    }

    /// It came in by a code and can be let out.
    pub fn enrolled(&self) -> bool {
        self.token_hash.is_some()
    }
}
