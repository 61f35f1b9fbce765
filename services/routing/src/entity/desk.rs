//! A counter's day as a row.
use motcua_store::{Micros, StoreError};
use sea_orm::{DbErr, FromQueryResult, Value};

use crate::model::desk::{Desk, DeskStatus};

/// One row of `desk`.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs, reason = "as in the model's Desk")]
pub struct Row {
    pub counter_id: String,
    pub business_day: String,
    pub status: i64,
    pub reason: String,
    pub idle_us: i64,
    pub session: String,
    pub officer: String,
    pub session_us: i64,
    pub languages: String,
    pub auto_call: i64,
    pub waits: i64,
    pub served: i64,
    pub served_ms: i64,
    pub undo: Option<String>,
}

/// Every column, in the order of [`values`]; the first two are the key.
pub const COLUMNS: [&str; 15] = [
    "centre_id",
    "counter_id",
    "business_day",
    "status",
    "reason",
    "idle_us",
    "session",
    "officer",
    "session_us",
    "languages",
    "auto_call",
    "waits",
    "served",
    "served_ms",
    "undo",
];

impl TryFrom<Row> for Desk {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let odd = |what: &str| StoreError::Db(DbErr::Type(format!("desk {}: {what}", row.counter_id)));
        let status = i32::try_from(row.status).ok().and_then(DeskStatus::from_code).ok_or_else(|| odd("status"))?;
        let undo = row.undo.as_deref().map(serde_json::from_str).transpose().map_err(|_| odd("undo"))?;
        Ok(Self {
            status,
            reason: row.reason,
            idle_since: Micros(row.idle_us).timestamp(),
            session: row.session,
            officer: row.officer,
            session_since: Micros(row.session_us).timestamp(),
            languages: row.languages.split_whitespace().map(str::to_owned).collect(),
            auto_call: row.auto_call != 0,
            waits: row.waits != 0,
            served: row.served,
            served_ms: row.served_ms,
            undo,
        })
    }
}

/// The values of [`COLUMNS`].
#[must_use]
pub fn values(centre_id: &str, counter_id: &str, day: jiff::civil::Date, desk: &Desk) -> [Value; 15] {
    let undo = desk.undo.as_ref().map(|undo| serde_json::to_string(undo).unwrap_or_default());
    [
        centre_id.into(),
        counter_id.into(),
        day.to_string().into(),
        i64::from(desk.status.code()).into(),
        desk.reason.clone().into(),
        desk.idle_since.as_microsecond().into(),
        desk.session.clone().into(),
        desk.officer.clone().into(),
        desk.session_since.as_microsecond().into(),
        desk.languages.join(" ").into(),
        i64::from(desk.auto_call).into(),
        i64::from(desk.waits).into(),
        desk.served.into(),
        desk.served_ms.into(),
        undo.into(),
    ]
}
