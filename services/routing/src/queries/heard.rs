//! Screens that say that they are still there.
use std::collections::HashSet;

use jiff::civil::Date;
use motcua_store::sql::{list, statement};
use motcua_store::{Db, Micros, StoreError, commit, machine_now};
use sea_orm::{ConnectionTrait, Value};

use crate::Error;
use crate::model::centre::Centre;
use crate::model::hall::Hall;

/// A session has been heard now.
pub(crate) async fn hear(db: &Db, centre_id: &str, counter_id: &str, session: &str) -> Result<(), Error> {
    let tx = db.begin().await?;
    let sql = "insert into heard(centre_id, counter_id, session, heard) values ($1, $2, $3, $4) \
               on conflict (centre_id, counter_id) do update set session = excluded.session, heard = excluded.heard";
    let values: Vec<Value> = vec![centre_id.into(), counter_id.into(), session.into(), machine_now().0.into()];
    tx.execute_raw(statement(tx.get_database_backend(), sql, values)).await.map_err(StoreError::from)?;
    Ok(commit(tx).await?)
}

/// The session that works a counter today, empty or none where nobody does.
pub(crate) async fn worked(
    db: &impl ConnectionTrait,
    centre_id: &str,
    today: Date,
    counter_id: &str,
) -> Result<Option<String>, Error> {
    let sql = "select session from desk where centre_id = $1 and counter_id = $2 and business_day = $3";
    let values: Vec<Value> = vec![centre_id.into(), counter_id.into(), today.to_string().into()];
    let row = db.query_one_raw(statement(db.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "session")).transpose()?)
}

/// Of these counters, those whose session was heard once and has been silent since for the centre's time. Who was never
/// heard is no screen that says so.
pub(crate) async fn silent(
    db: &impl ConnectionTrait,
    centre: &Centre,
    hall: &Hall,
    counters: &[&str],
) -> Result<HashSet<String>, Error> {
    let worked = |id: &&&str| hall.desks.get(**id).is_some_and(|desk| !desk.session.is_empty());
    let asked: Vec<&str> = counters.iter().filter(worked).copied().collect();
    if asked.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "select counter_id, session, heard from heard where centre_id = $1 and counter_id in ({})",
        list(2, asked.len())
    );
    let mut values: Vec<Value> = vec![centre.id.clone().into()];
    values.extend(asked.into_iter().map(Value::from));
    let since = Micros(machine_now().0 - centre.calls.silent_seconds.saturating_mul(1_000_000));
    let mut silent = HashSet::new();
    for row in db.query_all_raw(statement(db.get_database_backend(), sql, values)).await? {
        let (counter, session): (String, String) = (row.try_get("", "counter_id")?, row.try_get("", "session")?);
        let heard: i64 = row.try_get("", "heard")?;
        if heard < since.0 && hall.desks.get(&counter).is_some_and(|desk| desk.session == session) {
            silent.insert(counter);
        }
    }
    Ok(silent)
}
