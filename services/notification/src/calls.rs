//! The call list: whom no channel reached is told by a person, from a script, in three tries, then through the commune.

use motcua_kernel::id::new_id;
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};

use crate::{
    entity::delivery,
    model::calls::{Called, Outcome, State},
};

/// One person to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub id: String,
    pub centre_id: String,
    pub notification_id: String,
    pub dossier_id: String,
    pub kind: String,
    pub state: State,
    pub attempts: i32,
    pub outcome: String,
    pub note: String,
    pub create_time: Micros,
    pub update_time: Micros,
}

const COLUMNS: &str = "select id, centre_id, notification_id, dossier_id, kind, state, attempts, outcome, note, \
                       create_time, update_time from call_item";

fn read(row: &QueryResult) -> Result<Item, StoreError> {
    let state: String = row.try_get("", "state")?;
    Ok(Item {
        id: row.try_get("", "id")?,
        centre_id: row.try_get("", "centre_id")?,
        notification_id: row.try_get("", "notification_id")?,
        dossier_id: row.try_get("", "dossier_id")?,
        kind: row.try_get("", "kind")?,
        state: State::named(&state).unwrap_or(State::Open),
        attempts: row.try_get("", "attempts")?,
        outcome: row.try_get("", "outcome")?,
        note: row.try_get("", "note")?,
        create_time: Micros(row.try_get("", "create_time")?),
        update_time: Micros(row.try_get("", "update_time")?),
    })
}

/// Puts a notification that no channel delivers on the list, once.
pub(crate) async fn add(tx: &DatabaseTransaction, row: &delivery::Model, now: Micros) -> Result<(), StoreError> {
    let columns = [
        "id",
        "centre_id",
        "notification_id",
        "dossier_id",
        "kind",
        "state",
        "attempts",
        "outcome",
        "note",
        "create_time",
        "update_time",
    ];
    let text = format!("{} on conflict (notification_id) do nothing", sql::insert("call_item", &columns, 1));
    let values = vec![
        new_id().into(),
        row.centre_id.clone().into(),
        row.notification_id.clone().into(),
        row.dossier_id.clone().into(),
        row.kind.clone().into(),
        State::Open.name().into(),
        0.into(),
        "".into(),
        "".into(),
        now.0.into(),
        now.0.into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// A message got through after all, or is not worth telling any more: nobody need call.
pub(crate) async fn close(tx: &DatabaseTransaction, notification_id: &str, now: Micros) -> Result<(), StoreError> {
    let text = "update call_item set state = $1, outcome = 'DELIVERED', update_time = $2 \
                where notification_id = $3 and state in ('OPEN', 'RELAY')";
    let values = vec![State::Done.name().into(), now.0.into(), notification_id.into()];
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    Ok(())
}

/// The list of a centre in one state, the oldest first.
pub(crate) async fn list(db: &Db, centre_id: &str, state: State, limit: u32) -> Result<Vec<Item>, StoreError> {
    let text = format!("{COLUMNS} where centre_id = $1 and state = $2 order by create_time, id limit $3");
    let values = vec![centre_id.into(), state.name().into(), i64::from(limit).into()];
    let rows = db.read().query_all_raw(sql::statement(db.backend(), text, values)).await?;
    rows.iter().map(read).collect()
}

/// One of a centre.
pub(crate) async fn get(db: &impl ConnectionTrait, centre_id: &str, id: &str) -> Result<Option<Item>, StoreError> {
    let text = format!("{COLUMNS} where centre_id = $1 and id = $2");
    let values = vec![centre_id.into(), id.into()];
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    row.as_ref().map(read).transpose()
}

/// Writes a call's outcome down, unless somebody else did meanwhile.
pub(crate) async fn record(
    tx: &DatabaseTransaction,
    item: &Item,
    outcome: Outcome,
    called: Called,
    note: &str,
    now: Micros,
) -> Result<Item, StoreError> {
    let text = "update call_item set state = $1, attempts = $2, outcome = $3, note = $4, update_time = $5 \
                where id = $6 and attempts = $7 and state = $8";
    let values = vec![
        called.state.name().into(),
        called.attempts.into(),
        outcome.name().into(),
        note.into(),
        now.0.into(),
        item.id.clone().into(),
        item.attempts.into(),
        item.state.name().into(),
    ];
    let done = tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Conflict);
    }
    Ok(Item {
        state: called.state,
        attempts: called.attempts,
        outcome: outcome.name().into(),
        note: note.into(),
        update_time: now,
        ..item.clone()
    })
}
