//! The next channel of a plan: a delivery of its own, opened in the transaction that ended the one before.

use motcua_kernel::id::new_id;
use motcua_store::{Micros, StoreError, machine_now, sql};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::{
    entity::delivery,
    model::{self, Channel, Kind},
};

/// Place in the plan, and channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Next {
    pub step: usize,
    pub channel: Channel,
}

/// What comes after a delivery in its kind's plan.
pub(crate) fn after(row: &delivery::Model, offered: &[Channel]) -> Option<Next> {
    let (kind, channel) = (Kind::named(&row.kind)?, Channel::named(&row.channel)?);
    model::step_after(kind, offered, channel).map(|(step, channel)| Next { step, channel })
}

/// A delivery to be made.
pub(crate) struct Fresh<'a> {
    pub notification_id: &'a str,
    pub centre_id: &'a str,
    pub dossier_id: &'a str,
    pub kind: &'a str,
    pub lane: i32,
    pub create_time: Micros,
    pub traceparent: &'a str,
    pub next: Next,
    /// Something newer is told already.
    pub late: bool,
    /// Key of the address, where it is known already.
    pub blind: &'a str,
}

/// Opens the next channel; a second opening of the same one is none (unique by notification and channel).
pub(crate) async fn open(tx: &DatabaseTransaction, row: &delivery::Model, next: Next) -> Result<(), StoreError> {
    let fresh = Fresh {
        notification_id: &row.notification_id,
        centre_id: &row.centre_id,
        dossier_id: &row.dossier_id,
        kind: &row.kind,
        lane: row.lane,
        create_time: row.create_time,
        traceparent: &row.traceparent,
        next,
        late: false,
        // Both know the same number.
        blind: match (Channel::named(&row.channel), next.channel) {
            (Some(Channel::ZaloPhone), Channel::Sms) => &row.address_blind,
            _ => "",
        },
    };
    insert(tx, fresh).await
}

/// Writes a delivery that is due at once, unless its notification has one on that channel.
pub(crate) async fn insert(tx: &DatabaseTransaction, fresh: Fresh<'_>) -> Result<(), StoreError> {
    let columns = [
        "id",
        "notification_id",
        "centre_id",
        "dossier_id",
        "kind",
        "channel",
        "state",
        "address_masked",
        "address_blind",
        "provider",
        "provider_id",
        "attempts",
        "failures",
        "next_time",
        "fence",
        "last_error",
        "create_time",
        "traceparent",
        "step",
        "lane",
    ];
    let text = format!("{} on conflict (notification_id, channel) do nothing", sql::insert("delivery", &columns, 1));
    let channel = fresh.next.channel.name();
    let due = (!fresh.late).then(|| machine_now().0);
    let values = vec![
        new_id().into(),
        fresh.notification_id.into(),
        fresh.centre_id.into(),
        fresh.dossier_id.into(),
        fresh.kind.into(),
        channel.into(),
        if fresh.late { "cancelled" } else { "pending" }.into(),
        "".into(),
        fresh.blind.into(),
        channel.into(),
        "".into(),
        0.into(),
        0.into(),
        due.into(),
        0_i64.into(),
        if fresh.late { "SUPERSEDED" } else { "" }.into(),
        fresh.create_time.0.into(),
        fresh.traceparent.into(),
        i32::try_from(fresh.next.step).unwrap_or(0).into(),
        fresh.lane.into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}
