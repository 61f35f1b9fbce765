//! The calendars of a centre, each version kept.

use jiff::Timestamp;
use motcua_store::{Micros, StoreError, sql};
use sea_orm::ConnectionTrait;

use super::{one, run};

/// The number of the calendar in force; none where the one that we ship is.
pub async fn version(db: &impl ConnectionTrait, centre_id: &str) -> Result<Option<i64>, StoreError> {
    let sql = "select version from calendar where centre_id = $1 order by version desc limit 1";
    Ok(one(db, sql, vec![centre_id.into()]).await?.map(|row| row.try_get("", "version")).transpose()?)
}

/// A version's data as JSON.
pub async fn data(db: &impl ConnectionTrait, centre_id: &str, version: i64) -> Result<Option<String>, StoreError> {
    let sql = "select data from calendar where centre_id = $1 and version = $2";
    Ok(one(db, sql, vec![centre_id.into(), version.into()]).await?.map(|row| row.try_get("", "data")).transpose()?)
}

/// A calendar to be kept.
pub struct NewVersion<'a> {
    /// Greater than the one in force.
    pub version: i64,
    /// JSON.
    pub data: &'a str,
    /// Where it came from.
    pub file_name: &'a str,
    /// When.
    pub time: Timestamp,
    /// By whom.
    pub by: &'a str,
}

/// Keeps a version.
pub async fn keep(db: &impl ConnectionTrait, centre_id: &str, new: &NewVersion<'_>) -> Result<(), StoreError> {
    let columns = ["centre_id", "version", "data", "file_name", "import_time", "import_by"];
    let values = vec![
        centre_id.into(),
        new.version.into(),
        new.data.into(),
        new.file_name.into(),
        Micros::from(new.time).0.into(),
        new.by.into(),
    ];
    run(db, sql::insert("calendar", &columns, 1), values).await?;
    Ok(())
}
