//! One notification on one channel.

use motcua_store::Micros;
use sea_orm::entity::prelude::*;

/// A delivery; unique by notification and channel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    /// UUIDv7; without its dashes the reference that the provider sees.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What is told.
    pub notification_id: String,
    /// Whose centre.
    pub centre_id: String,
    /// About which dossier.
    pub dossier_id: String,
    /// "result_ready".
    pub kind: String,
    /// "outgoing" or "sms".
    pub channel: String,
    /// [`Stage`].
    pub state: Stage,
    /// "•••678"; empty until the address was asked for.
    pub address_masked: String,
    /// Keyed index of the address.
    pub address_blind: String,
    /// Name of the provider of the last attempt.
    pub provider: String,
    /// The provider's own id.
    pub provider_id: String,
    /// Attempts written down.
    pub attempts: i32,
    /// Endings without success: the place on the ladder of waits.
    pub failures: i32,
    /// Machine time to work on it again; none: final, or nothing more can be known. While claimed: the lease's end.
    pub next_time: Option<Micros>,
    /// Counts claims: a worker that lost its lease writes nothing.
    pub fence: i64,
    /// Machine time of the first attempt that may have sent something.
    pub ambiguous_time: Option<Micros>,
    /// For operators; no personal data.
    pub last_error: String,
    /// Business time.
    pub create_time: Micros,
    /// Business time the provider took it.
    pub accept_time: Option<Micros>,
    /// Trace of the act that caused it.
    pub traceparent: String,
}

impl ActiveModelBehavior for ActiveModel {}

/// [`crate::model::State`] as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Stage {
    /// To be sent at its time.
    Pending,
    /// An attempt is open.
    Sending,
    /// Taken by the provider.
    Accepted,
    /// Certainly not sent.
    Failed,
    /// May have been sent.
    Unknown,
    /// No telephone number.
    NoAddress,
}

impl From<crate::model::State> for Stage {
    fn from(state: crate::model::State) -> Self {
        use crate::model::State as S;
        match state {
            S::Pending => Self::Pending,
            S::Sending => Self::Sending,
            S::Accepted => Self::Accepted,
            S::Failed => Self::Failed,
            S::Unknown => Self::Unknown,
            S::NoAddress => Self::NoAddress,
        }
    }
}
