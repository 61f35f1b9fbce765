//! Every statement that intake sends, the same text on both stores.

pub mod acceptance;
pub mod calendar;
pub mod catalogue;
pub mod centre;
pub mod dossier;
pub mod draft;
pub mod file;
pub mod receipt;
pub mod reception;
pub mod register;
pub mod waiting;

use jiff::Timestamp;
use motcua_kernel::identity::{Identity, Role};
use motcua_store::sql::{self, Writes};
use motcua_store::{Micros, StoreError};
use sea_orm::{ConnectionTrait, ExecResult, QueryResult, Value};

pub(crate) async fn one(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<Option<QueryResult>, StoreError> {
    Ok(db.query_one_raw(sql::statement(db.get_database_backend(), sql, values)).await?)
}

pub(crate) async fn all(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<Vec<QueryResult>, StoreError> {
    Ok(db.query_all_raw(sql::statement(db.get_database_backend(), sql, values)).await?)
}

pub(crate) async fn run(
    db: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: Vec<Value>,
) -> Result<ExecResult, StoreError> {
    Ok(db.execute_raw(sql::statement(db.get_database_backend(), sql, values)).await?)
}

/// A stored text that does not read: the file was changed by somebody else.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(sea_orm::DbErr::Custom(format!("stored value of {what} does not read")))
}

/// How often that was done to it.
pub async fn audits(db: &impl ConnectionTrait, centre_id: &str, action: &str, target: &str) -> Result<i64, StoreError> {
    let sql = "select count(*) as n from audit where centre_id = $1 and target = $2 and action = $3";
    let row = one(db, sql, vec![centre_id.into(), target.into(), action.into()]).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// A role as it is stored.
pub fn role_text(role: Role) -> String {
    serde_json::to_value(role).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

const AUDIT: [&str; 7] = ["id", "centre_id", "time", "subject", "role", "action", "target"];

/// Who did what to what, when: a row of the audit.
pub(crate) fn audit_row(
    centre_id: &str,
    now: Timestamp,
    who: &Identity,
    action: &'static str,
    target: &str,
) -> [Value; 7] {
    [
        motcua_kernel::id::new_id().into(),
        centre_id.into(),
        Micros::from(now).0.into(),
        who.subject.clone().into(),
        role_text(who.role).into(),
        action.into(),
        target.into(),
    ]
}

/// Adds rows of the audit to a transaction's writes.
pub(crate) fn write_audit(writes: &mut Writes, rows: impl IntoIterator<Item = [Value; 7]>) {
    writes.insert("audit", &AUDIT, rows);
}

/// Writes who did what to what, when.
pub async fn audit(
    db: &impl ConnectionTrait,
    centre_id: &str,
    now: Timestamp,
    who: &Identity,
    action: &'static str,
    target: &str,
) -> Result<(), StoreError> {
    run(db, sql::insert("audit", &AUDIT, 1), audit_row(centre_id, now, who, action, target).into()).await?;
    Ok(())
}
