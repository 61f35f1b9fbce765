//! The draft's rows, and the versions that were published.

use std::collections::BTreeMap;

use jiff::Timestamp;
use motcua_store::{Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{all, corrupt, one, run};
use crate::model::catalogue::Edit;

const ROWS_PER_INSERT: usize = 500;
const COLUMNS: [&str; 6] = ["centre_id", "code", "content", "base_hash", "edit_time", "edit_by"];

/// One edit of the draft.
#[derive(Clone, Debug)]
pub struct Row {
    /// What it does.
    pub edit: Edit,
    /// Of what was published when it was begun; empty when nothing was.
    pub base_hash: String,
    /// When it was last changed.
    pub time: Timestamp,
    /// By whom.
    pub by: String,
}

/// The draft, by code.
pub async fn load(db: &impl ConnectionTrait, centre_id: &str) -> Result<BTreeMap<String, Row>, StoreError> {
    rows(db, "catalogue_draft", "", vec![centre_id.into()]).await
}

/// Edits of a table that has the draft's columns, by code.
pub(super) async fn rows(
    db: &impl ConnectionTrait,
    table: &str,
    more: &str,
    values: Vec<Value>,
) -> Result<BTreeMap<String, Row>, StoreError> {
    let sql = format!("select {} from {table} where centre_id = $1 {more} order by code", COLUMNS.join(","));
    let rows = all(db, sql, values).await?;
    rows.iter().map(|row| Ok((row.try_get("", "code")?, read(row)?))).collect()
}

/// The edit of one procedure.
pub async fn find(db: &impl ConnectionTrait, centre_id: &str, code: &str) -> Result<Option<Row>, StoreError> {
    let sql = format!("select {} from catalogue_draft where centre_id = $1 and code = $2", COLUMNS.join(","));
    one(db, sql, vec![centre_id.into(), code.into()]).await?.map(|row| read(&row)).transpose()
}

/// Writes edits in the place of what the draft has under their codes.
pub async fn put(db: &impl ConnectionTrait, centre_id: &str, rows: &[(&str, Row)]) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(rows.len() * COLUMNS.len());
        for (code, row) in rows {
            let content = match &row.edit {
                Edit::Put(procedure) => Some(serde_json::to_string(procedure).map_err(|_| corrupt("content"))?),
                Edit::Close => None,
            };
            values.extend([
                centre_id.into(),
                (*code).into(),
                content.into(),
                row.base_hash.clone().into(),
                Micros::from(row.time).0.into(),
                row.by.clone().into(),
            ]);
        }
        let sql = format!(
            "{} on conflict (centre_id, code) do update set content = excluded.content, \
             base_hash = excluded.base_hash, edit_time = excluded.edit_time, edit_by = excluded.edit_by",
            sql::insert("catalogue_draft", &COLUMNS, rows.len())
        );
        run(db, sql, values).await?;
    }
    Ok(())
}

/// Forgets one edit.
pub async fn forget(db: &impl ConnectionTrait, centre_id: &str, code: &str) -> Result<(), StoreError> {
    run(db, "delete from catalogue_draft where centre_id = $1 and code = $2", vec![centre_id.into(), code.into()])
        .await?;
    Ok(())
}

/// Forgets the draft.
pub async fn clear(db: &impl ConnectionTrait, centre_id: &str) -> Result<(), StoreError> {
    run(db, "delete from catalogue_draft where centre_id = $1", vec![centre_id.into()]).await?;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Row, StoreError> {
    let content: Option<String> = row.try_get("", "content")?;
    let edit = match content {
        Some(text) => Edit::Put(serde_json::from_str(&text).map_err(|_| corrupt("content"))?),
        None => Edit::Close,
    };
    Ok(Row {
        edit,
        base_hash: row.try_get("", "base_hash")?,
        time: Micros(row.try_get("", "edit_time")?).timestamp(),
        by: row.try_get("", "edit_by")?,
    })
}

/// One version as it was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// From 1.
    pub version: i64,
    /// Rows by reception: received, planned, at_agency.
    pub counts: [i64; 3],
    /// Against the version before: added, changed, closed.
    pub changes: [i64; 3],
    /// The starter catalogue.
    pub sample: bool,
    /// Empty where it was published from the draft.
    pub file_name: String,
    /// Why.
    pub note: String,
    /// When.
    pub time: Timestamp,
    /// By whom.
    pub by: String,
}

/// Versions below `below`, newest first, at most `limit`.
pub async fn versions(
    db: &impl ConnectionTrait,
    centre_id: &str,
    below: i64,
    limit: i64,
) -> Result<Vec<Published>, StoreError> {
    // A row that ends with a version and goes on under it was changed.
    let count = |table: &str| format!("(select count(*) from procedure p {table})");
    let begun = count("where p.centre_id = c.centre_id and p.valid_from = c.version");
    let ended = count("where p.centre_id = c.centre_id and p.valid_to = c.version");
    let changed = count(
        "join procedure n on n.centre_id = p.centre_id and n.code = p.code and n.valid_from = p.valid_to \
         where p.centre_id = c.centre_id and p.valid_to = c.version",
    );
    let sql = format!(
        "select c.version, c.received, c.planned, c.at_agency, c.sample, c.file_name, c.note, c.import_time, \
         c.import_by, {begun} as begun, {ended} as ended, {changed} as changed from catalogue c \
         where c.centre_id = $1 and c.version < $2 order by c.version desc limit $3"
    );
    let rows = all(db, sql, vec![centre_id.into(), below.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| {
            let number = |column: &str| -> Result<i64, StoreError> { Ok(row.try_get("", column)?) };
            let changed = number("changed")?;
            Ok(Published {
                version: number("version")?,
                counts: [number("received")?, number("planned")?, number("at_agency")?],
                changes: [number("begun")? - changed, changed, number("ended")? - changed],
                sample: row.try_get("", "sample")?,
                file_name: row.try_get("", "file_name")?,
                note: row.try_get("", "note")?,
                time: Micros(number("import_time")?).timestamp(),
                by: row.try_get("", "import_by")?,
            })
        })
        .collect()
}
