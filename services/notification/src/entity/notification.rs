//! One fact to be told to one applicant. No address and no name: those stay with intake.

use motcua_store::Micros;
use sea_orm::entity::prelude::*;

/// A notification; unique by event and kind.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// UUIDv7.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The event that caused it.
    pub event_id: String,
    /// "result_ready".
    pub kind: String,
    /// Whose centre.
    pub centre_id: String,
    /// About which dossier; empty for a ticket, a code or a notice.
    pub dossier_id: String,
    /// 1 desk, 2 post, 3 online.
    pub return_channel: i32,
    /// Business time it became due.
    pub create_time: Micros,
    /// Business time after which it is not worth sending.
    pub expire_time: Micros,
    /// Whom: the dossier's id, or what the submitter calls them.
    pub recipient_id: String,
    /// [`crate::model::Lane`] by number.
    pub lane: i32,
    /// Language asked for; empty: as intake knows.
    pub locale: String,
    /// Business time of the fact.
    pub fact_time: Micros,
    /// Facts with one key replace each other while they wait.
    pub supersedes_key: String,
    /// Hash of a submitted message: the same event with other words is refused.
    pub body_hash: String,
    /// Sealed JSON of a submitted message's values.
    pub params: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
