//! A machine comes in: it shows a code, somebody types it, and from then on its secret gets identities.

use std::time::Duration;

use motcua_kernel::identity::Identity;
use motcua_store::{Micros, commit, machine_now, retrying};
use ring::rand::{SecureRandom as _, SystemRandom};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, Set,
};

use super::entity::{device, enrolment};
use super::{Device, DeviceError, Devices};
use crate::model::code::Code;

/// Life of an identity: with the five seconds that verifiers allow, a machine that was let out is out within a minute.
const LIFE: Duration = Duration::from_secs(50);
/// How long a code is shown.
const CODE_TTL: Duration = Duration::from_secs(600);
/// Screens that may show a code at the same time.
const CODES_MAX: u64 = 50;
const NAME_CHARS_MAX: usize = 60;

/// The identity that a device goes by.
pub struct Renewed {
    pub device: Device,
    pub bearer: String,
    pub expires: jiff::Timestamp,
}

impl Devices {
    /// The code for a device's screen; the one it shows already while that holds.
    pub async fn request_code(
        &self,
        secret_hash: &str,
        name: &str,
        software: &str,
    ) -> Result<(Code, jiff::Timestamp), DeviceError> {
        let cut = |text: &str| -> String { text.chars().filter(|c| !c.is_control()).take(NAME_CHARS_MAX).collect() };
        retrying(|| async {
            let mut random = [0; 6];
            SystemRandom::new().fill(&mut random).map_err(|_| DeviceError::CodesFull)?;
            let now = machine_now();
            let tx = self.db.begin().await?;
            match device::Entity::find().filter(device::Column::TokenHash.eq(secret_hash)).one(&tx).await? {
                Some(row) if row.revoke_time.is_some() => return Err(DeviceError::Revoked),
                Some(_) => return Err(DeviceError::Enrolled),
                None => {}
            }
            enrolment::Entity::delete_many().filter(enrolment::Column::ExpireTime.lte(now)).exec(&tx).await?;
            if let Some(row) = enrolment::Entity::find_by_id(secret_hash).one(&tx).await?
                && let Some(code) = Code::parse(&row.code)
            {
                commit(tx).await?;
                return Ok((code, row.expire_time.timestamp()));
            }
            if enrolment::Entity::find().count(&tx).await? >= CODES_MAX {
                return Err(DeviceError::CodesFull);
            }
            let code = Code::of(random);
            let expires = Micros(now.0 + i64::try_from(CODE_TTL.as_micros()).unwrap_or(i64::MAX));
            enrolment::ActiveModel {
                secret_hash: Set(secret_hash.to_owned()),
                code: Set(code.text().to_owned()),
                name: Set(cut(name)),
                software: Set(cut(software)),
                expire_time: Set(expires),
            }
            .insert(&tx)
            .await?;
            commit(tx).await?;
            Ok((code, expires.timestamp()))
        })
        .await
    }

    /// A short identity for an enrolled device; no service needs the database to believe it.
    pub async fn renew(&self, secret_hash: &str) -> Result<Renewed, DeviceError> {
        let row = device::Entity::find().filter(device::Column::TokenHash.eq(secret_hash)).one(self.db.read()).await?;
        let Some(device) = row else {
            let waiting = enrolment::Entity::find_by_id(secret_hash)
                .filter(enrolment::Column::ExpireTime.gt(machine_now()))
                .one(self.db.read())
                .await?;
            return Err(if waiting.is_some() { DeviceError::Waiting } else { DeviceError::Unknown });
        };
        if device.revoke_time.is_some() {
            return Err(DeviceError::Revoked);
        }
        let identity = Identity::of(device.what().role(), &device.id, &device.centre_id);
        let bearer = self.signer.token(&identity, LIFE).map_err(|error| {
            tracing::error!(%error, "a device's identity is not signed");
            DeviceError::Waiting
        })?;
        let expires = machine_now().timestamp() + LIFE;
        Ok(Renewed { device, bearer, expires })
    }

    /// Machines that show a code now, as (name, version of its program, until when).
    pub async fn waiting(&self) -> Result<Vec<(String, String)>, DeviceError> {
        let rows = enrolment::Entity::find().filter(enrolment::Column::ExpireTime.gt(machine_now()));
        Ok(rows.all(self.db.read()).await?.into_iter().map(|row| (row.name, row.software)).collect())
    }
}

/// A device that somebody names; its secret is the one behind the code, which is used up.
pub async fn enrol(
    tx: &sea_orm::DatabaseTransaction,
    code: &Code,
    row: device::Model,
) -> Result<device::Model, DeviceError> {
    let known = enrolment::Entity::find()
        .filter(enrolment::Column::Code.eq(code.text()))
        .filter(enrolment::Column::ExpireTime.gt(machine_now()))
        .one(tx)
        .await?
        .ok_or(DeviceError::CodeUnknown)?;
    // Two administrators with one code: the row goes once.
    if enrolment::Entity::delete_by_id(&known.secret_hash).exec(tx).await?.rows_affected != 1 {
        return Err(DeviceError::CodeUnknown);
    }
    let row = device::Model { token_hash: Some(known.secret_hash), ..row };
    Ok(row.into_active_model().reset_all().insert(tx).await?)
}
