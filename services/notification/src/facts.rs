//! How a fact becomes a notification with its first delivery, in the transaction that learnt of it; and how it replaces
//! what waits about the same dossier.

use motcua_kernel::id::new_id;
use motcua_store::{Micros, StoreError, sql};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction};

use crate::{
    entity::delivery::Stage,
    model::{Channel, Kind, may_be_cancelled, steps},
    next::{self, Fresh, Next},
};

/// A fact to be told.
pub(crate) struct Fact {
    pub event_id: String,
    pub kind: Kind,
    pub centre_id: String,
    pub dossier_id: String,
    pub recipient_id: String,
    pub supersedes_key: String,
    pub return_channel: i32,
    pub locale: String,
    /// Business time of the fact itself.
    pub fact_time: Micros,
    /// Business time now.
    pub now: Micros,
    pub expire_time: Micros,
    pub body_hash: String,
    pub params: Option<Vec<u8>>,
    pub traceparent: String,
    /// Begins the plan here; none: at its beginning.
    pub first: Option<Channel>,
}

/// What became of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A notification of its own, by id.
    New(String),
    /// Known already: the id and the hash of what was submitted then.
    Known(String, String),
    /// No channel that is set up tells this kind.
    NoChannel,
}

/// Takes a fact in: exactly one notification an event and kind.
pub(crate) async fn take(tx: &DatabaseTransaction, fact: Fact, offered: &[Channel]) -> Result<Taken, StoreError> {
    let plan: Vec<Channel> = steps(fact.kind, offered);
    let first = plan.iter().position(|channel| fact.first.is_none_or(|first| first == *channel));
    let Some((step, first)) = first.and_then(|step| Some((step, *plan.get(step)?))) else {
        return Ok(Taken::NoChannel);
    };
    let backend = tx.get_database_backend();
    let id = new_id();
    let columns = [
        "id",
        "event_id",
        "kind",
        "centre_id",
        "dossier_id",
        "return_channel",
        "create_time",
        "expire_time",
        "recipient_id",
        "lane",
        "locale",
        "fact_time",
        "supersedes_key",
        "body_hash",
        "params",
    ];
    let lane = fact.kind.lane() as i32;
    let text = format!("{} on conflict (event_id, kind) do nothing", sql::insert("notification", &columns, 1));
    let values = vec![
        id.clone().into(),
        fact.event_id.clone().into(),
        fact.kind.name().into(),
        fact.centre_id.clone().into(),
        fact.dossier_id.clone().into(),
        fact.return_channel.into(),
        fact.now.0.into(),
        fact.expire_time.0.into(),
        fact.recipient_id.clone().into(),
        lane.into(),
        fact.locale.clone().into(),
        fact.fact_time.0.into(),
        fact.supersedes_key.clone().into(),
        fact.body_hash.clone().into(),
        fact.params.clone().into(),
    ];
    if tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected() == 0 {
        let text = "select id, body_hash from notification where event_id = $1 and kind = $2";
        let key = vec![fact.event_id.into(), fact.kind.name().into()];
        let row = tx.query_one_raw(sql::statement(backend, text, key)).await?.ok_or(StoreError::Conflict)?;
        return Ok(Taken::Known(row.try_get("", "id")?, row.try_get("", "body_hash")?));
    }
    let late = supersede(tx, &fact, &id).await?;
    let fresh = Fresh {
        notification_id: &id,
        centre_id: &fact.centre_id,
        dossier_id: &fact.dossier_id,
        kind: fact.kind.name(),
        lane,
        create_time: fact.now,
        traceparent: &fact.traceparent,
        next: Next { step, channel: first },
        late,
        blind: "",
    };
    next::insert(tx, fresh).await?;
    Ok(Taken::New(id))
}

/// Calls off what waits about the same dossier and is older; true when something newer is told already.
async fn supersede(tx: &DatabaseTransaction, fact: &Fact, id: &str) -> Result<bool, StoreError> {
    if fact.supersedes_key.is_empty() {
        return Ok(false);
    }
    let backend = tx.get_database_backend();
    let text = "select id, kind, fact_time from notification where supersedes_key = $1 and id <> $2 \
                order by fact_time desc limit 50";
    let key = vec![fact.supersedes_key.clone().into(), id.into()];
    let mut late = false;
    for row in tx.query_all_raw(sql::statement(backend, text, key)).await? {
        let (other, kind, time): (String, String, i64) =
            (row.try_get("", "id")?, row.try_get("", "kind")?, row.try_get("", "fact_time")?);
        let Some(kind) = Kind::named(&kind) else { continue };
        if time > fact.fact_time.0 {
            late |= fact.kind.superseded_by(kind);
        } else if kind.superseded_by(fact.kind) {
            cancel(tx, &other, "SUPERSEDED").await?;
        }
    }
    Ok(late)
}

/// Calls off whatever certainly was not sent under a key.
pub(crate) async fn cancel_all(tx: &DatabaseTransaction, key: &str, reason: &str) -> Result<(), StoreError> {
    let text = "select id from notification where supersedes_key = $1 order by fact_time desc limit 50";
    for row in tx.query_all_raw(sql::statement(tx.get_database_backend(), text, vec![key.into()])).await? {
        let id: String = row.try_get("", "id")?;
        cancel(tx, &id, reason).await?;
    }
    Ok(())
}

/// Calls off whatever of a notification certainly was not sent; tells how many deliveries.
pub(crate) async fn cancel(tx: &DatabaseTransaction, notification_id: &str, reason: &str) -> Result<u64, StoreError> {
    let backend = tx.get_database_backend();
    let text = "select id, state, attempts, fence from delivery where notification_id = $1";
    let mut done = 0;
    for row in tx.query_all_raw(sql::statement(backend, text, vec![notification_id.into()])).await? {
        let state: Stage = row.try_get("", "state")?;
        let (id, attempts, fence): (String, i32, i64) =
            (row.try_get("", "id")?, row.try_get("", "attempts")?, row.try_get("", "fence")?);
        if !may_be_cancelled(state.into(), attempts) {
            continue;
        }
        let text = "update delivery set state = 'cancelled', next_time = null, wake_time = null, last_error = $1, \
                    fence = fence + 1 where id = $2 and fence = $3";
        let values = vec![reason.into(), id.into(), fence.into()];
        done += tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected();
    }
    Ok(done)
}

/// When a kind is not worth telling any more.
pub(crate) fn expires(kind: Kind, now: Micros, keep_trying_hours: u32) -> Micros {
    let default_us = i64::from(keep_trying_hours) * 3_600_000_000;
    Micros(now.0.saturating_add(kind.lifetime_us().unwrap_or(default_us)))
}
