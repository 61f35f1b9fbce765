//! The catalogue's versions.

use std::collections::HashMap;

use jiff::Timestamp;
use motcua_kernel::calendar::Limit;
use motcua_store::{Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use super::{all, corrupt, one, run};
use crate::model::procedure::{FeeMode, Procedure, Reception};

/// `valid_to` of a row in force.
const FOR_EVER: i64 = i64::MAX;
/// SQLite takes 32,766 parameters in a statement.
const ROWS_PER_INSERT: usize = 500;
const LOAD_ROWS: i64 = 2_000;

const COLUMNS: [&str; 26] = [
    "centre_id",
    "code",
    "valid_from",
    "valid_to",
    "hash",
    "name",
    "department",
    "department_2025",
    "field_code",
    "field",
    "level",
    "reception",
    "start_date",
    "agency_office",
    "agency_hours",
    "limit_quantity",
    "limit_unit",
    "fee_mode",
    "fee_vnd",
    "full_online",
    "components",
    "sample",
    "cases",
    "fees",
    "handling",
    "steps",
];

/// One version, as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub version: i64,
    /// Of its content.
    pub hash: String,
}

/// The version in force.
pub async fn current(db: &impl ConnectionTrait, centre_id: &str) -> Result<Option<Version>, StoreError> {
    let sql = "select version, hash from catalogue where centre_id = $1 order by version desc limit 1";
    let row = one(db, sql, vec![centre_id.into()]).await?;
    row.map(|row| Ok(Version { version: row.try_get("", "version")?, hash: row.try_get("", "hash")? })).transpose()
}

/// Code and hash of every row in force.
pub async fn hashes(db: &impl ConnectionTrait, centre_id: &str) -> Result<HashMap<String, String>, StoreError> {
    let rows = all(
        db,
        "select code, hash from procedure where centre_id = $1 and valid_to = $2",
        vec![centre_id.into(), FOR_EVER.into()],
    )
    .await?;
    rows.iter().map(|row| Ok((row.try_get("", "code")?, row.try_get("", "hash")?))).collect()
}

/// Ends rows with the version before `version`.
pub async fn end(db: &impl ConnectionTrait, centre_id: &str, codes: &[&str], version: i64) -> Result<(), StoreError> {
    for codes in codes.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = vec![centre_id.into(), FOR_EVER.into(), version.into()];
        values.extend(codes.iter().map(|code| Value::from(*code)));
        let sql = format!(
            "update procedure set valid_to = $3 where centre_id = $1 and valid_to = $2 and code in ({})",
            sql::list(4, codes.len())
        );
        run(db, sql, values).await?;
    }
    Ok(())
}

/// Begins rows with `version`.
pub async fn begin(
    db: &impl ConnectionTrait,
    centre_id: &str,
    rows: &[(&Procedure, &str)],
    version: i64,
) -> Result<(), StoreError> {
    for rows in rows.chunks(ROWS_PER_INSERT) {
        let mut values: Vec<Value> = Vec::with_capacity(rows.len() * COLUMNS.len());
        for (p, hash) in rows {
            let components = serde_json::to_string(&p.components).map_err(|_| corrupt("components"))?;
            let cases = serde_json::to_string(&p.cases).map_err(|_| corrupt("cases"))?;
            let fees = serde_json::to_string(&p.fees).map_err(|_| corrupt("fees"))?;
            let handling = serde_json::to_string(&p.handling).map_err(|_| corrupt("handling"))?;
            let steps = serde_json::to_string(&p.steps).map_err(|_| corrupt("steps"))?;
            values.extend([
                centre_id.into(),
                p.code.clone().into(),
                version.into(),
                FOR_EVER.into(),
                (*hash).into(),
                p.name.clone().into(),
                p.department.clone().into(),
                p.department_2025.clone().into(),
                p.field_code.clone().into(),
                p.field.clone().into(),
                p.level.clone().into(),
                p.reception.as_str().into(),
                p.start_date.map(|date| date.to_string()).into(),
                p.agency_office.clone().into(),
                p.agency_hours.clone().into(),
                p.limit.map(|limit| i64::from(limit.quantity)).into(),
                p.limit.map(|limit| limit.unit.as_str()).into(),
                p.fee_mode.as_str().into(),
                p.fee_vnd.into(),
                p.full_online.into(),
                components.into(),
                p.sample.into(),
                cases.into(),
                fees.into(),
                handling.into(),
                steps.into(),
            ]);
        }
        run(db, sql::insert("procedure", &COLUMNS, rows.len()), values).await?;
    }
    Ok(())
}

/// What is written of a new version.
pub struct NewVersion<'a> {
    /// Its number.
    pub version: i64,
    /// Of its content.
    pub hash: &'a str,
    /// Rows by reception: received, planned, at_agency.
    pub counts: [i64; 3],
    /// The starter catalogue.
    pub sample: bool,
    /// As the caller named it; empty where it was published from the draft.
    pub file_name: &'a str,
    /// Why.
    pub note: &'a str,
    /// When.
    pub time: Timestamp,
    /// By whom.
    pub by: &'a str,
}

/// Writes the version itself.
pub async fn publish(db: &impl ConnectionTrait, centre_id: &str, new: &NewVersion<'_>) -> Result<(), StoreError> {
    let columns = [
        "centre_id",
        "version",
        "hash",
        "received",
        "planned",
        "at_agency",
        "sample",
        "file_name",
        "import_time",
        "import_by",
        "note",
    ];
    let [received, planned, at_agency] = new.counts;
    let values = vec![
        centre_id.into(),
        new.version.into(),
        new.hash.into(),
        received.into(),
        planned.into(),
        at_agency.into(),
        new.sample.into(),
        new.file_name.into(),
        Micros::from(new.time).0.into(),
        new.by.into(),
        new.note.into(),
    ];
    run(db, sql::insert("catalogue", &columns, 1), values).await?;
    Ok(())
}

/// Procedures of a version by code, after `after`, at most `limit`.
async fn page(
    db: &impl ConnectionTrait,
    centre_id: &str,
    version: i64,
    after: &str,
    limit: i64,
) -> Result<Vec<Procedure>, StoreError> {
    let sql = format!(
        "select {} from procedure where centre_id = $1 and valid_from <= $2 and valid_to > $2 and code > $3 \
         order by code limit $4",
        COLUMNS.join(",")
    );
    let rows = all(db, sql, vec![centre_id.into(), version.into(), after.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// All procedures of a version by code.
pub async fn whole(db: &impl ConnectionTrait, centre_id: &str, version: i64) -> Result<Vec<Procedure>, StoreError> {
    let mut procedures: Vec<Procedure> = Vec::new();
    loop {
        let after = procedures.last().map(|p| p.code.clone()).unwrap_or_default();
        let page = page(db, centre_id, version, &after, LOAD_ROWS).await?;
        let last = (page.len() as i64) < LOAD_ROWS;
        procedures.extend(page);
        if last {
            return Ok(procedures);
        }
    }
}

/// A procedure in force.
pub async fn find(
    db: &impl ConnectionTrait,
    centre_id: &str,
    code: &str,
) -> Result<Option<(Procedure, String)>, StoreError> {
    let sql =
        format!("select {} from procedure where centre_id = $1 and code = $2 and valid_to = $3", COLUMNS.join(","));
    let row = one(db, sql, vec![centre_id.into(), code.into(), FOR_EVER.into()]).await?;
    row.map(|row| Ok((read(&row)?, row.try_get("", "hash")?))).transpose()
}

/// Every department ever seen, with its code.
pub async fn departments(db: &impl ConnectionTrait, centre_id: &str) -> Result<HashMap<String, i64>, StoreError> {
    let rows = all(db, "select name, code from department where centre_id = $1", vec![centre_id.into()]).await?;
    rows.iter().map(|row| Ok((row.try_get("", "name")?, row.try_get("", "code")?))).collect()
}

/// Gives codes to departments seen for the first time.
pub async fn add_departments(
    db: &impl ConnectionTrait,
    centre_id: &str,
    new: &[(&str, i64)],
) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let values = new.iter().flat_map(|(name, code)| [centre_id.into(), (*name).into(), (*code).into()]).collect();
    run(db, sql::insert("department", &["centre_id", "name", "code"], new.len()), values).await?;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Procedure, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get("", column)?) };
    let start_date: Option<String> = row.try_get("", "start_date")?;
    let quantity: Option<i64> = row.try_get("", "limit_quantity")?;
    let unit: Option<String> = row.try_get("", "limit_unit")?;
    let limit = match (quantity, unit) {
        (Some(quantity), Some(unit)) => Some(Limit::new(
            u32::try_from(quantity).map_err(|_| corrupt("limit_quantity"))?,
            unit.parse().map_err(|_| corrupt("limit_unit"))?,
        )),
        _ => None,
    };
    Ok(Procedure {
        code: text("code")?,
        name: text("name")?,
        department: text("department")?,
        department_2025: text("department_2025")?,
        field_code: text("field_code")?,
        field: text("field")?,
        level: text("level")?,
        reception: Reception::parse(&text("reception")?).ok_or_else(|| corrupt("reception"))?,
        start_date: start_date.map(|d| d.parse().map_err(|_| corrupt("start_date"))).transpose()?,
        agency_office: text("agency_office")?,
        agency_hours: text("agency_hours")?,
        limit,
        fee_mode: FeeMode::parse(&text("fee_mode")?).ok_or_else(|| corrupt("fee_mode"))?,
        fee_vnd: row.try_get("", "fee_vnd")?,
        full_online: row.try_get("", "full_online")?,
        components: serde_json::from_str(&text("components")?).map_err(|_| corrupt("components"))?,
        sample: row.try_get("", "sample")?,
        cases: serde_json::from_str(&text("cases")?).map_err(|_| corrupt("cases"))?,
        fees: serde_json::from_str(&text("fees")?).map_err(|_| corrupt("fees"))?,
        handling: serde_json::from_str(&text("handling")?).map_err(|_| corrupt("handling"))?,
        steps: serde_json::from_str(&text("steps")?).map_err(|_| corrupt("steps"))?,
    })
}
