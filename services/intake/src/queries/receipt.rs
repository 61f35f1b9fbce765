//! What was tried on receipts.

use motcua_store::{Micros, StoreError};
use sea_orm::ConnectionTrait;

use super::{one, run};
use crate::model::factor::Tries;

/// What was tried on a dossier's receipt. Holds its row until the transaction ends, so that two tries at once are two.
pub async fn tries(db: &impl ConnectionTrait, dossier_id: &str) -> Result<Tries, StoreError> {
    let sql = "insert into receipt_try(dossier_id, wrong, rests, rest_until) values ($1, 0, 0, null) \
               on conflict (dossier_id) do update set wrong = receipt_try.wrong returning wrong, rests, rest_until";
    let row = one(db, sql, vec![dossier_id.into()]).await?.ok_or(StoreError::Conflict)?;
    let until: Option<i64> = row.try_get("", "rest_until")?;
    Ok(Tries {
        wrong: row.try_get("", "wrong")?,
        rests: row.try_get("", "rests")?,
        rest_until: until.map(|until| Micros(until).timestamp()),
    })
}

/// Keeps them; none at all need no row.
pub async fn keep(db: &impl ConnectionTrait, dossier_id: &str, tries: &Tries) -> Result<(), StoreError> {
    if *tries == Tries::default() {
        run(db, "delete from receipt_try where dossier_id = $1", vec![dossier_id.into()]).await?;
        return Ok(());
    }
    let sql = "update receipt_try set wrong = $2, rests = $3, rest_until = $4 where dossier_id = $1";
    let until = tries.rest_until.map(|until| Micros::from(until).0);
    run(db, sql, vec![dossier_id.into(), tries.wrong.into(), tries.rests.into(), until.into()]).await?;
    Ok(())
}
