//! Puts a centre's file in force: all or nothing, a new version only where something changed.
use jiff::Timestamp;
use motcua_store::idempotency::{self, Key, Known};
use motcua_store::sql::statement;
use motcua_store::{Db, StoreError, commit, outbox, retrying};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use crate::Error;
use crate::model::centre::{self, Centre, Read};
use crate::model::command::Refusal;
use crate::model::desk::DeskStatus;
use crate::model::hall::Hall;
use crate::model::ticket::Lane;
use crate::queries;
use crate::wire;

/// What applying did, before it becomes a response.
pub(crate) struct Applied<'a> {
    pub(crate) centre: &'a Centre,
    pub(crate) version: i64,
    pub(crate) changed: bool,
    pub(crate) warnings: &'a [String],
    pub(crate) overview: Hall,
}

/// Applies a file that was read; `encode` makes the response that a repeated request gets again.
pub(crate) async fn apply(
    db: &Db,
    read: &Read,
    toml: &str,
    check: bool,
    key: &Key,
    now: Timestamp,
    encode: impl Fn(&Applied<'_>) -> Vec<u8>,
) -> Result<Vec<u8>, Error> {
    let encode = &encode;
    retrying(|| async move {
        let centre = &read.centre;
        let tx = db.begin().await?;
        let last = outbox::lock_centre(&tx, &centre.id).await?;
        match idempotency::look_up(&tx, key).await? {
            Known::Answered(response) => return Ok(response),
            Known::Reused => return Err(Refusal::RequestReused.into()),
            Known::New => {}
        }
        let before = in_force(&tx, &centre.id).await?;
        let changed = before.as_ref().is_none_or(|(_, old)| old.as_ref() != Some(centre));
        let version = before.as_ref().map_or(0, |(version, _)| *version) + i64::from(changed);
        let overview = queries::day(&tx, centre, centre.day(now)).await?;
        if changed {
            still_needed(centre, &overview)?;
        }
        let response = encode(&Applied { centre, version, changed, warnings: &read.warnings, overview });
        if check {
            tx.rollback().await.map_err(StoreError::from)?;
            return Ok(response);
        }
        if changed {
            let sql = "insert into centre(id, version, toml, apply_time) values ($1, $2, $3, $4) \
                       on conflict (id) do update set version = excluded.version, toml = excluded.toml, \
                       apply_time = excluded.apply_time";
            let values: Vec<Value> =
                vec![centre.id.clone().into(), version.into(), toml.into(), now.as_microsecond().into()];
            tx.execute_raw(statement(tx.get_database_backend(), sql, values)).await?;
            let event = wire::applied(&centre.id, version, now);
            outbox::append_at(&tx, crate::SOURCE, &centre.id, last, vec![event]).await?;
        }
        idempotency::remember(&tx, key, response.clone()).await?;
        commit(tx).await?;
        db.wake_relay();
        Ok(response)
    })
    .await
}

/// Version and configuration in force; a stored file that no longer reads counts as different from any.
async fn in_force(tx: &DatabaseTransaction, id: &str) -> Result<Option<(i64, Option<Centre>)>, Error> {
    let sql = "select version, toml from centre where id = $1";
    let Some(row) = tx.query_one_raw(statement(tx.get_database_backend(), sql, vec![id.into()])).await? else {
        return Ok(None);
    };
    let toml: String = row.try_get("", "toml")?;
    Ok(Some((row.try_get("", "version")?, centre::read(id, &toml).ok().map(|read| read.centre))))
}

/// Refuses a file that takes away a queue with people in it, or a counter that holds or is waited for.
fn still_needed(centre: &Centre, overview: &Hall) -> Result<(), Error> {
    for (lane, stat) in &overview.stats {
        if let Some(queue) = lane.queue_id().and_then(|id| centre.queue(id))
            && let Some(quota) = queue.quota.filter(|quota| *quota < stat.issued)
        {
            return Err(Error::InUse(format!(
                "Hàng chờ \"{}\" hôm nay đã cấp {} số, nhiều hơn hạn mức mới {quota}. Hãy đặt hạn mức từ {} trở lên.",
                queue.id, stat.issued, stat.issued
            )));
        }
        if stat.waiting == 0 {
            continue;
        }
        match lane.queue_id() {
            Some(queue) if centre.queue(queue).is_none() => {
                return Err(Error::InUse(format!(
                    "Hàng chờ \"{queue}\" còn {} số đang chờ nên chưa bỏ được. Hãy gọi hết hoặc chuyển các số này trước.",
                    stat.waiting
                )));
            }
            Some(_) => {}
            None => {
                let named = centre.counters.iter().find(|counter| Lane::counter(&counter.id) == *lane);
                if named.is_none_or(|counter| overview.status(counter) == DeskStatus::Closed) {
                    let counter = lane.as_str().trim_start_matches("c:");
                    return Err(Error::InUse(format!(
                        "Quầy \"{counter}\" còn {} số được chuyển riêng đến nên chưa đóng hoặc bỏ được. Hãy gọi hết trước.",
                        stat.waiting
                    )));
                }
            }
        }
    }
    for counter in overview.live.keys() {
        let Some(ticket) = overview.live_at(counter) else { continue };
        if centre.counter(counter).is_none() {
            return Err(Error::InUse(format!(
                "Quầy \"{counter}\" đang giữ số {} nên chưa bỏ được. Hãy kết thúc lượt này trước.",
                ticket.printed()
            )));
        }
        if centre.queue(&ticket.queue_id).is_none() {
            return Err(Error::InUse(format!(
                "Số {} của hàng chờ \"{}\" đang được phục vụ nên chưa bỏ hàng này được. Hãy kết thúc lượt này trước.",
                ticket.printed(),
                ticket.queue_id
            )));
        }
    }
    Ok(())
}
