//! The timeline of a dossier and its audit: one row a move, never changed by a later one.

use motcua_store::{Micros, sql::Writes};
use sea_orm::{IdenStatic as _, Iterable as _, ModelTrait as _, entity::prelude::*};

/// A step.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "step")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dossier_id: String,
    /// 0 is the acceptance.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i64,
    /// When.
    pub time: Micros,
    /// What the citizen reads.
    pub label: String,
    /// Account that did it; for the audit only.
    pub who: String,
    /// [`crate::model::Move::name`].
    pub made: String,
    /// Reason, receipt or remark; for staff.
    pub note: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// Adds steps to a transaction's writes.
pub fn write(writes: &mut Writes, rows: &[Model]) {
    let columns = Column::iter().map(|column| column.as_str()).collect();
    let values = rows.iter().map(|row| Column::iter().map(|column| row.get(column)).collect());
    writes.insert_rows("step", columns, values);
}
