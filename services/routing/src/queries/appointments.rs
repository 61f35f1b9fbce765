//! Bookings as they are read.
use jiff::Timestamp;
use motcua_store::sql::{list, statement};
use sea_orm::{ConnectionTrait, FromQueryResult as _, Value};

use crate::Error;
use crate::entity::appointment;
use crate::model::appointment::Appointment;

async fn appointments(
    db: &impl ConnectionTrait,
    condition: &str,
    values: Vec<Value>,
) -> Result<Vec<Appointment>, Error> {
    let sql = format!("select {} from appointment where {condition}", appointment::SELECT);
    let rows = appointment::Row::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?;
    rows.into_iter().map(|row| Appointment::try_from(row).map_err(Error::from)).collect()
}

/// Bookings of a centre by their ids.
pub(crate) async fn by_ids(
    db: &impl ConnectionTrait,
    centre_id: &str,
    ids: &[&str],
) -> Result<Vec<Appointment>, Error> {
    let mut values: Vec<Value> = vec![centre_id.into()];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    appointments(db, &format!("centre_id = $1 and id in ({})", list(2, ids.len())), values).await
}

/// A booking by the hash of its secret, and whose it is.
pub(crate) async fn by_token(
    db: &impl ConnectionTrait,
    token_hash: &str,
) -> Result<Option<(String, Appointment)>, Error> {
    let sql = "select centre_id from appointment where token_hash = $1";
    let row = db.query_one_raw(statement(db.get_database_backend(), sql, vec![token_hash.into()])).await?;
    let Some(row) = row else { return Ok(None) };
    let found = appointments(db, "token_hash = $1", vec![token_hash.into()]).await?.into_iter().next();
    Ok(found.map(|found| Ok::<_, sea_orm::DbErr>((row.try_get("", "centre_id")?, found))).transpose()?)
}

/// Bookings that stand, by queue and time, between two moments.
pub(crate) async fn booked(
    db: &impl ConnectionTrait,
    centre_id: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<(String, Timestamp, i64)>, Error> {
    let sql = "select queue_id, slot_us, count(*) as n from appointment where centre_id = $1 and slot_us >= $2 \
               and slot_us <= $3 and state in (1, 2) group by queue_id, slot_us";
    let values = vec![centre_id.into(), from.as_microsecond().into(), until.as_microsecond().into()];
    let rows = db.query_all_raw(statement(db.get_database_backend(), sql, values)).await?;
    rows.into_iter()
        .map(|row| {
            let slot = motcua_store::Micros(row.try_get("", "slot_us")?).timestamp();
            Ok((row.try_get("", "queue_id")?, slot, row.try_get("", "n")?))
        })
        .collect()
}

/// Bookings of every centre whose time began before `before` and who have not come.
pub(crate) async fn waited_for(
    db: &impl ConnectionTrait,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<(String, String)>, Error> {
    let sql = format!(
        "select centre_id, id from appointment where state = 1 and slot_us < $1 order by slot_us limit {limit}"
    );
    let values = vec![before.as_microsecond().into()];
    let rows = db.query_all_raw(statement(db.get_database_backend(), sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "centre_id")?, row.try_get("", "id")?))).collect()
}
