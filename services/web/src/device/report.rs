//! What a device says of itself every few seconds, and what it is told.

use motcua_kernel::identity::Identity;
use motcua_proto::web::v1 as pb;
use motcua_store::{commit, machine_now, retrying};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    PaginatorTrait as _, QueryFilter as _, QuerySelect as _, Set,
};

use super::alarms::Told;
use super::entity::device;
use super::{Device, DeviceError, Devices, Scope, set_for};
use crate::feed::Change;
use crate::model::config::{Config, Policy, merge};
use crate::model::device::{ENROLLED, Kind, Report, may_report_as};

/// Machines with a token from a file name themselves: so many and no more.
const UNENROLLED_MAX: u64 = 100;
const NAME_CHARS_MAX: usize = 60;

/// A device's report.
#[derive(Clone, Debug)]
pub struct Heard {
    pub device_id: String,
    pub name: String,
    pub report: Report,
    pub alarms: Vec<Told>,
}

/// What it is told.
pub struct Answered {
    pub device: Device,
    pub policy: Policy,
    pub alarms: Vec<pb::AlarmState>,
    /// Version and configuration; none while the device has it.
    pub config: Option<(i64, Config)>,
}

impl Devices {
    /// Takes a report in.
    pub async fn report(&self, who: &Identity, heard: &Heard) -> Result<Answered, DeviceError> {
        if !may_report_as(&who.subject, &heard.device_id) {
            return Err(DeviceError::NotItself);
        }
        // Data of a device: it can always be written.
        let body = serde_json::to_string(&heard.report).unwrap_or_default();
        let (device, alarms, moved) = retrying(|| async {
            let tx = self.db.begin().await?;
            let row = self.present(&tx, heard).await?;
            if row.revoke_time.is_some() {
                return Err(DeviceError::Revoked);
            }
            let named = !row.enrolled() && row.name != heard.name;
            let mut row = row.into_active_model();
            row.seen_time = Set(Some(machine_now()));
            row.report = Set(body.clone());
            if named {
                row.name = Set(cut(&heard.name));
            }
            let row = row.update(&tx).await?;
            let (states, traces) = self.take_in(&tx, &row, &heard.alarms).await?;
            let moved = !traces.is_empty();
            if moved {
                self.forget(&tx).await?;
                self.leave(&tx, &row.id, traces).await?;
            }
            commit(tx).await?;
            Ok::<_, DeviceError>((row, states, moved))
        })
        .await?;
        if moved {
            self.db.wake_relay();
            self.tell(Change::Alarm);
        }
        self.tell(Change::Device);
        let config = self.config_for(&device.id).await?;
        let config = config.filter(|(version, _)| {
            // A device says again why it refused one: it is not sent over and over.
            let refused = heard.report.refused.as_ref().map_or(0, |refused| refused.version);
            *version != heard.report.config_version && *version != refused
        });
        Ok(Answered { device, policy: self.policy().await?, alarms, config })
    }

    /// What holds for a device; none while nothing was ever set.
    pub async fn config_for(&self, device_id: &str) -> Result<Option<(i64, Config)>, DeviceError> {
        let centre = set_for(self.db.read(), &self.centre_id, Scope::Centre).await?;
        let own = set_for(self.db.read(), &self.centre_id, Scope::Device(device_id)).await?;
        let version = centre.version.max(own.version);
        Ok((version > 0).then(|| (version, merge(&centre.config, &own.config))))
    }

    /// The row of whoever reports; a machine with a token from a file gets its row by its first word.
    async fn present(&self, tx: &DatabaseTransaction, heard: &Heard) -> Result<device::Model, DeviceError> {
        let row = device::Entity::find_by_id(&heard.device_id).lock_exclusive().one(tx).await?;
        match row {
            Some(row) if row.centre_id == self.centre_id => return Ok(row),
            Some(_) => return Err(DeviceError::NotItself),
            None if heard.device_id.starts_with(ENROLLED) => return Err(DeviceError::Unknown),
            None => {}
        }
        let unenrolled = device::Entity::find()
            .filter(device::Column::CentreId.eq(&self.centre_id))
            .filter(device::Column::TokenHash.is_null());
        if unenrolled.count(tx).await? >= UNENROLLED_MAX {
            return Err(DeviceError::CodesFull);
        }
        let row = device::Model {
            id: heard.device_id.clone(),
            centre_id: self.centre_id.clone(),
            name: cut(&heard.name),
            kind: Kind::Kiosk.text().to_owned(),
            hall_id: String::new(),
            counter_id: String::new(),
            token_hash: None,
            version: 1,
            create_time: self.clock.now().into(),
            revoke_time: None,
            seen_time: None,
            report: String::new(),
        };
        Ok(row.into_active_model().reset_all().insert(tx).await?)
    }
}

fn cut(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect()
}
