//! Versions that wait for their day.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_store::{Micros, StoreError};
use sea_orm::{ConnectionTrait, QueryResult};

use super::draft::{self, Row};
use super::{all, corrupt, run};

/// A version that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The day on which it takes effect, of the centre's clocks.
    pub from: Date,
    /// Why.
    pub note: String,
    /// When it was published to wait.
    pub time: Timestamp,
    /// By whom.
    pub by: String,
    /// Their role, as the audit writes it.
    pub role: String,
}

/// Those of a centre, the next one first.
pub async fn list(db: &impl ConnectionTrait, centre_id: &str) -> Result<Vec<Waiting>, StoreError> {
    let sql = "select from_date, note, plan_time, plan_by, plan_role from catalogue_waiting where centre_id = $1 \
               order by from_date";
    all(db, sql, vec![centre_id.into()]).await?.iter().map(read).collect()
}

/// The centres in which something waits.
pub async fn centres(db: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let rows = all(db, "select distinct centre_id from catalogue_waiting", vec![]).await?;
    rows.iter().map(|row| Ok(row.try_get("", "centre_id")?)).collect()
}

/// What one of them changes, by code.
pub async fn edits(
    db: &impl ConnectionTrait,
    centre_id: &str,
    from: Date,
) -> Result<BTreeMap<String, Row>, StoreError> {
    draft::rows(db, "catalogue_waiting_edit", "and from_date = $2", vec![centre_id.into(), from.to_string().into()])
        .await
}

/// What waits of one procedure, the next one first.
pub async fn of_code(db: &impl ConnectionTrait, centre_id: &str, code: &str) -> Result<Vec<(Date, Row)>, StoreError> {
    let mut found = Vec::new();
    for one in list(db, centre_id).await? {
        let values = vec![centre_id.into(), one.from.to_string().into(), code.into()];
        let own = draft::rows(db, "catalogue_waiting_edit", "and from_date = $2 and code = $3", values).await?;
        found.extend(own.into_values().map(|row| (one.from, row)));
    }
    Ok(found)
}

/// The procedures of the draft that something waiting changes too, each with its days, the next one first.
pub async fn shared(db: &impl ConnectionTrait, centre_id: &str) -> Result<BTreeMap<String, Vec<Date>>, StoreError> {
    let sql = "select w.code, w.from_date from catalogue_waiting_edit w join catalogue_draft d \
               on d.centre_id = w.centre_id and d.code = w.code where w.centre_id = $1 order by w.code, w.from_date";
    let mut shared: BTreeMap<String, Vec<Date>> = BTreeMap::new();
    for row in all(db, sql, vec![centre_id.into()]).await? {
        shared.entry(row.try_get("", "code")?).or_default().push(date(&row)?);
    }
    Ok(shared)
}

/// The draft waits from now on.
pub async fn put(db: &impl ConnectionTrait, centre_id: &str, new: &Waiting) -> Result<(), StoreError> {
    let day = new.from.to_string();
    let sql = "insert into catalogue_waiting(centre_id, from_date, note, plan_time, plan_by, plan_role) \
               values ($1, $2, $3, $4, $5, $6)";
    let values = vec![
        centre_id.into(),
        day.clone().into(),
        new.note.clone().into(),
        Micros::from(new.time).0.into(),
        new.by.clone().into(),
        new.role.clone().into(),
    ];
    run(db, sql, values).await?;
    let sql = "insert into catalogue_waiting_edit(centre_id, from_date, code, content, base_hash, edit_time, edit_by) \
               select centre_id, $2, code, content, base_hash, edit_time, edit_by from catalogue_draft \
               where centre_id = $1";
    run(db, sql, vec![centre_id.into(), day.into()]).await?;
    draft::clear(db, centre_id).await
}

/// What waits is the draft's again; what the draft has under the same codes stays.
pub async fn back(db: &impl ConnectionTrait, centre_id: &str, from: Date) -> Result<(), StoreError> {
    let sql = "insert into catalogue_draft(centre_id, code, content, base_hash, edit_time, edit_by) \
               select centre_id, code, content, base_hash, edit_time, edit_by from catalogue_waiting_edit \
               where centre_id = $1 and from_date = $2 on conflict (centre_id, code) do nothing";
    run(db, sql, vec![centre_id.into(), from.to_string().into()]).await?;
    forget(db, centre_id, from).await
}

/// It waits no longer.
pub async fn forget(db: &impl ConnectionTrait, centre_id: &str, from: Date) -> Result<(), StoreError> {
    for table in ["catalogue_waiting", "catalogue_waiting_edit"] {
        let sql = format!("delete from {table} where centre_id = $1 and from_date = $2");
        run(db, sql, vec![centre_id.into(), from.to_string().into()]).await?;
    }
    Ok(())
}

fn date(row: &QueryResult) -> Result<Date, StoreError> {
    let text: String = row.try_get("", "from_date")?;
    text.parse().map_err(|_| corrupt("from_date"))
}

fn read(row: &QueryResult) -> Result<Waiting, StoreError> {
    Ok(Waiting {
        from: date(row)?,
        note: row.try_get("", "note")?,
        time: Micros(row.try_get("", "plan_time")?).timestamp(),
        by: row.try_get("", "plan_by")?,
        role: row.try_get("", "plan_role")?,
    })
}
