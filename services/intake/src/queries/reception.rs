//! Receptions that ended without a dossier.

use jiff::Timestamp;
use jiff::civil::Date;
use motcua_store::{Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, QueryResult};

use super::{all, corrupt, one, run};
use crate::model::reception::Outcome;

/// One of them, without its sealed content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reception {
    /// Id.
    pub id: String,
    /// Whose.
    pub centre_id: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Of its form in its year, from 1; none for guidance.
    pub number: Option<u32>,
    /// The centre's day.
    pub day: Date,
    /// When.
    pub time: Timestamp,
    /// Procedure's code; may be empty for guidance.
    pub procedure_code: String,
    /// Case of the procedure; may be empty.
    pub case_code: String,
    /// Procedure's name then.
    pub procedure_name: String,
    /// Responsible department then.
    pub department: String,
    /// Catalogue of then.
    pub catalogue_version: i64,
    /// Rules of then.
    pub rule_set: String,
    /// Where.
    pub counter_id: String,
    /// Ticket that brought it; may be empty.
    pub ticket_id: String,
    /// Who ended it.
    pub officer: String,
}

const COLUMNS: [&str; 15] = [
    "id",
    "centre_id",
    "outcome",
    "number",
    "day",
    "time",
    "procedure_code",
    "case_code",
    "procedure_name",
    "department",
    "catalogue_version",
    "rule_set",
    "counter_id",
    "ticket_id",
    "officer",
];

/// Writes one with its sealed content.
pub async fn insert(db: &impl ConnectionTrait, reception: &Reception, content: Vec<u8>) -> Result<(), StoreError> {
    let r = reception.clone();
    let values = vec![
        r.id.into(),
        r.centre_id.into(),
        r.outcome.as_str().into(),
        r.number.map(i64::from).into(),
        r.day.to_string().into(),
        Micros::from(r.time).0.into(),
        r.procedure_code.into(),
        r.case_code.into(),
        r.procedure_name.into(),
        r.department.into(),
        r.catalogue_version.into(),
        r.rule_set.into(),
        r.counter_id.into(),
        r.ticket_id.into(),
        r.officer.into(),
        content.into(),
    ];
    let columns: Vec<&str> = COLUMNS.iter().chain(&["content"]).copied().collect();
    run(db, sql::insert("reception", &columns, 1), values).await?;
    Ok(())
}

/// One with its sealed content.
pub async fn find(
    db: &impl ConnectionTrait,
    centre_id: &str,
    id: &str,
) -> Result<Option<(Reception, Vec<u8>)>, StoreError> {
    let sql = format!("select {}, content from reception where id = $1 and centre_id = $2", COLUMNS.join(","));
    let row = one(db, sql, vec![id.into(), centre_id.into()]).await?;
    row.map(|row| Ok((read(&row)?, row.try_get("", "content")?))).transpose()
}

/// How receptions without a dossier ended on a day; of one counter, or of all where it is empty.
pub async fn count(
    db: &impl ConnectionTrait,
    centre_id: &str,
    counter_id: &str,
    day: Date,
) -> Result<Vec<(Outcome, i64)>, StoreError> {
    let sql = "select outcome, count(*) as n from reception \
               where centre_id = $1 and day = $2 and ($3 = '' or counter_id = $3) group by outcome";
    let rows = all(db, sql, vec![centre_id.into(), day.to_string().into(), counter_id.into()]).await?;
    rows.iter()
        .map(|row| {
            let outcome: String = row.try_get("", "outcome")?;
            Ok((Outcome::parse(&outcome).ok_or_else(|| corrupt("outcome"))?, row.try_get("", "n")?))
        })
        .collect()
}

/// Dossiers accepted from `from` on and before `to`; of one counter, or of all where it is empty.
pub async fn accepted(
    db: &impl ConnectionTrait,
    centre_id: &str,
    counter_id: &str,
    from: Timestamp,
    to: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "select count(*) as n from dossier \
               where centre_id = $1 and accept_time >= $2 and accept_time < $3 and ($4 = '' or counter_id = $4)";
    let values = vec![centre_id.into(), Micros::from(from).0.into(), Micros::from(to).0.into(), counter_id.into()];
    Ok(one(db, sql, values).await?.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

fn read(row: &QueryResult) -> Result<Reception, StoreError> {
    let text = |column: &str| -> Result<String, StoreError> { Ok(row.try_get("", column)?) };
    let number: Option<i64> = row.try_get("", "number")?;
    Ok(Reception {
        id: text("id")?,
        centre_id: text("centre_id")?,
        outcome: Outcome::parse(&text("outcome")?).ok_or_else(|| corrupt("outcome"))?,
        number: number.map(|n| u32::try_from(n).map_err(|_| corrupt("number"))).transpose()?,
        day: text("day")?.parse().map_err(|_| corrupt("day"))?,
        time: Micros(row.try_get("", "time")?).timestamp(),
        procedure_code: text("procedure_code")?,
        case_code: text("case_code")?,
        procedure_name: text("procedure_name")?,
        department: text("department")?,
        catalogue_version: row.try_get("", "catalogue_version")?,
        rule_set: text("rule_set")?,
        counter_id: text("counter_id")?,
        ticket_id: text("ticket_id")?,
        officer: text("officer")?,
    })
}
