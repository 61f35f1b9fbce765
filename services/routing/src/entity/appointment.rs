//! A booking's row.
use motcua_store::{Micros, StoreError};
use sea_orm::{DbErr, FromQueryResult, Value};

use crate::model::appointment::{Appointment, AppointmentState};

/// One row of `appointment`.
#[derive(Debug, Clone, FromQueryResult)]
#[allow(missing_docs, reason = "as in the model's Appointment")]
pub struct Row {
    pub id: String,
    pub queue_id: String,
    pub procedure_code: String,
    pub procedure_name: String,
    pub business_day: String,
    pub slot_us: i64,
    pub state: i64,
    pub token_hash: String,
    pub ticket_id: String,
    pub version: i64,
}

/// Every column, in the order of [`values`]; the first is the key.
pub const COLUMNS: [&str; 11] = [
    "id",
    "centre_id",
    "queue_id",
    "procedure_code",
    "procedure_name",
    "business_day",
    "slot_us",
    "token_hash",
    "state",
    "ticket_id",
    "version",
];

/// What a move of a booking changes.
pub const MOVED: [&str; 3] = ["state", "ticket_id", "version"];

/// What a SELECT names to fill a [`Row`].
pub const SELECT: &str =
    "id, queue_id, procedure_code, procedure_name, business_day, slot_us, state, token_hash, ticket_id, version";

impl TryFrom<Row> for Appointment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let odd = |what: &str| StoreError::Db(DbErr::Type(format!("appointment {}: {what}", row.id)));
        let code = i32::try_from(row.state).ok();
        let state = code.and_then(AppointmentState::from_code).ok_or_else(|| odd("state"))?;
        let day = row.business_day.parse().map_err(|_| odd("business_day"))?;
        Ok(Self {
            state,
            day,
            id: row.id,
            queue_id: row.queue_id,
            procedure_code: row.procedure_code,
            procedure_name: row.procedure_name,
            slot: Micros(row.slot_us).timestamp(),
            token_hash: row.token_hash,
            ticket_id: row.ticket_id,
            version: row.version,
        })
    }
}

/// The values of [`COLUMNS`].
#[must_use]
pub fn values(centre_id: &str, of: &Appointment) -> [Value; 11] {
    [
        of.id.clone().into(),
        centre_id.into(),
        of.queue_id.clone().into(),
        of.procedure_code.clone().into(),
        of.procedure_name.clone().into(),
        of.day.to_string().into(),
        of.slot.as_microsecond().into(),
        of.token_hash.clone().into(),
        i64::from(of.state.code()).into(),
        of.ticket_id.clone().into(),
        of.version.into(),
    ]
}
