//! A procedure of the catalogue, as far as routing needs it.
use sea_orm::FromQueryResult;

use crate::model::route::{Procedure, Reception};

/// One row of `procedure`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Row {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Field.
    pub field_code: String,
    /// Reception.
    pub reception: String,
    /// ISO date.
    pub start_date: Option<String>,
    /// Where instead.
    pub agency_office: String,
    /// When instead.
    pub agency_hours: String,
}

/// Columns of [`Row`] in the order of `insert`.
pub const COLUMNS: [&str; 9] = [
    "centre_id",
    "code",
    "name",
    "department",
    "field_code",
    "reception",
    "start_date",
    "agency_office",
    "agency_hours",
];

impl From<Row> for Procedure {
    fn from(row: Row) -> Self {
        Self {
            code: row.code,
            name: row.name,
            department: row.department,
            field_code: row.field_code,
            // Written by us alone; a stranger's word must not open the centre's doors.
            reception: Reception::stored(&row.reception).unwrap_or(Reception::AtAgency),
            start_date: row.start_date.and_then(|date| date.parse().ok()),
            agency_office: row.agency_office,
            agency_hours: row.agency_hours,
        }
    }
}
