//! When the sweep looks at a dossier again. A narrow table beside the dossiers: what the sweep says of a dossier touches no
//! index of its row then, and an archive of any size has no place in it.

use jiff::Timestamp;
use motcua_store::{Db, Micros, StoreError, sql, sql::Writes};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, EntityTrait as _, Value};

use crate::entity::dossier;

const COLUMNS: [&str; 2] = ["dossier_id", "time"];

/// Adds new dossiers that are to be looked at.
pub(crate) fn insert<'a>(writes: &mut Writes, rows: impl IntoIterator<Item = (&'a str, Micros)>) {
    writes.insert("coming", &COLUMNS, rows.into_iter().map(|(id, time)| [id.into(), time.0.into()]));
}

/// Writes when a dossier is looked at again; none: never by itself.
pub(crate) async fn set(db: &impl ConnectionTrait, id: &str, time: Option<Timestamp>) -> Result<(), StoreError> {
    let backend = db.get_database_backend();
    let statement = match time {
        Some(time) => {
            let sql = "insert into coming(dossier_id, time) values ($1, $2) \
                       on conflict (dossier_id) do update set time = excluded.time";
            sql::statement(backend, sql, vec![id.into(), Micros::from(time).0.into()])
        }
        None => sql::statement(backend, "delete from coming where dossier_id = $1", vec![id.into()]),
    };
    db.execute_raw(statement).await?;
    Ok(())
}

/// Moves dossiers that [`due`] gave on to their next time, or out.
pub(crate) fn go_on(writes: &mut Writes, rows: impl IntoIterator<Item = (String, Option<Timestamp>)>) {
    let (on, out): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, time)| time.is_some());
    writes.delete("coming", "dossier_id", out.into_iter().map(|(id, _)| id));
    let on = on.into_iter().filter_map(|(id, time)| Some([Micros::from(time?).0.into(), id.into()]));
    writes.update("coming", &[("time", "bigint"), ("dossier_id", "text")], on);
}

/// What there is for the sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Something has come due.
    pub due: bool,
    /// Something was left by a replica of the release before, which kept this time in the dossier's row: that column is
    /// empty else, and so is its index.
    pub left: bool,
}

/// Looks without a lock.
pub(crate) async fn look(db: &Db, now: Timestamp) -> Result<Found, StoreError> {
    let sql = "select * from (select 1 as what from coming where time <= $1 limit 1) c \
               union all select * from (select 2 from dossier where next_step_time is not null limit 1) d";
    let mut found = Found::default();
    for row in db.read().query_all_raw(sql::statement(db.backend(), sql, vec![Micros::from(now).0.into()])).await? {
        match row.try_get::<i32>("", "what")? {
            1 => found.due = true,
            _ => found.left = true,
        }
    }
    Ok(found)
}

/// Takes over what such a replica left.
pub(crate) async fn adopt(tx: &DatabaseTransaction, limit: i64) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let hold = if backend == DbBackend::Postgres { " for update" } else { "" };
    let sql = format!("select id, next_step_time from dossier where next_step_time is not null limit $1{hold}");
    let rows = tx.query_all_raw(sql::statement(backend, sql, vec![limit.into()])).await?;
    let (mut times, mut done) = (Vec::new(), Vec::new());
    for row in rows {
        let (id, time): (String, i64) = (row.try_get("", "id")?, row.try_get("", "next_step_time")?);
        times.push([id.clone().into(), time.into()]);
        done.push([Value::BigInt(None), id.into()]);
    }
    let mut writes = Writes::new(backend);
    writes.upsert("coming", &COLUMNS, 1, times);
    writes.update("dossier", &[("next_step_time", "bigint"), ("id", "text")], done);
    writes.run(tx).await
}

/// How the dossiers that have come due are found: from the times to the rows, however many are open. The dossier is locked
/// before its time, as a move does.
pub(crate) fn due_sql(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "select d.* from dossier d join coming c on c.dossier_id = d.id where c.time <= $1 order by c.time limit $2 for update"
        }
        _ => {
            "select d.* from coming c cross join dossier d on d.id = c.dossier_id where c.time <= $1 order by c.time limit $2"
        }
    }
}

/// What has come due, oldest first; held until the transaction ends.
pub(crate) async fn due(
    tx: &DatabaseTransaction,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<dossier::Model>, StoreError> {
    let backend = tx.get_database_backend();
    let values = vec![Micros::from(now).0.into(), limit.into()];
    let found = dossier::Entity::find().from_raw_sql(sql::statement(backend, due_sql(backend), values));
    Ok(found.all(tx).await?)
}
