//! One notification on one channel.

use motcua_store::Micros;
use sea_orm::entity::prelude::*;

use crate::model::State;

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
    /// [`crate::model::Channel`] by name.
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
    /// Place in the kind's plan of channels.
    pub step: i32,
    /// [`crate::model::Lane`] by number.
    pub lane: i32,
    /// Business time to look at it again although nothing is to be sent: a hold's end, a doubt's or a receipt's deadline.
    pub wake_time: Option<Micros>,
    /// What a held one waits for.
    pub hold_reason: String,
    /// Business time it arrived, as the receipt says.
    pub deliver_time: Option<Micros>,
    /// [`crate::model::Class`] of the last ending, by name.
    pub class: String,
    /// Version of the registered template; 0: the built-in sentence.
    pub template_version: i32,
    /// Business time at which its provider is asked what became of it; none: it is not.
    pub poll_time: Option<Micros>,
    /// How often a person had it sent once more.
    pub resends: i32,
    /// The delivery that tells this one with others; empty: none.
    pub merged_into: String,
    /// How many others this one tells.
    pub merged: i32,
    /// The day (20261123) of its person that it counts towards; 0: none.
    pub told_day: i32,
    /// 1 once it waited because that day was full.
    pub gathered: i32,
}

impl Model {
    /// The reference that the provider sees: the same at every repetition, another one once a person had it sent again.
    #[must_use]
    pub fn client_ref(&self) -> String {
        let id = self.id.replace('-', "");
        if self.resends == 0 { id } else { format!("{id}x{}", self.resends) }
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// [`State`] as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[allow(missing_docs, reason = "as in State")]
pub enum Stage {
    Pending,
    Held,
    Sending,
    Accepted,
    Delivered,
    Unconfirmed,
    Unknown,
    Unresolved,
    Failed,
    NoAddress,
    Cancelled,
    Expired,
    Suppressed,
}

macro_rules! same {
    ($($name:ident),*) => {
        impl From<State> for Stage {
            fn from(state: State) -> Self {
                match state { $(State::$name => Self::$name),* }
            }
        }
        impl From<Stage> for State {
            fn from(stage: Stage) -> Self {
                match stage { $(Stage::$name => Self::$name),* }
            }
        }
    };
}

same!(
    Pending,
    Held,
    Sending,
    Accepted,
    Delivered,
    Unconfirmed,
    Unknown,
    Unresolved,
    Failed,
    NoAddress,
    Cancelled,
    Expired,
    Suppressed
);
