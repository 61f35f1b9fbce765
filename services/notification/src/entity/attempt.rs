//! One try at a provider, written down before anything is sent. An open one (no end) may have sent the message.

use motcua_store::Micros;
use sea_orm::entity::prelude::*;

/// An attempt.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "attempt")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: String,
    /// 1, 2, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub n: i32,
    /// The claim it was made under.
    pub fence: i64,
    /// Which provider.
    pub provider: String,
    /// Machine time.
    pub start_time: Micros,
    /// Machine time; none while open.
    pub end_time: Option<Micros>,
    /// [`crate::model::Class`] by name; empty while open.
    pub class: String,
    /// For operators; no personal data.
    pub detail: String,
}

impl ActiveModelBehavior for ActiveModel {}
