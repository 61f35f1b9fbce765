//! What holds for a provider as a whole, shared by every replica through one row: switched off, resting after refusals that
//! a person must mend, out of its day's allowance, and how fast it may be asked.

use std::collections::{BTreeMap, BTreeSet};

use motcua_store::{BatchTx, Db, StoreError, commit, machine_now, sql};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend};

use crate::model::{Channel, Class, PACE, pace};

/// Refusals that a person must mend, in a row, before the provider rests.
const REFUSALS_MAX: i32 = 3;
/// How long it rests, in microseconds of the machine.
const REST_US: i64 = 600_000_000;
/// Calls without a proper answer, in a row, before it counts as down. Behind a pause one more is enough: it comes back by
/// an answer, not by time.
const OUTAGES_MAX: i32 = 10;
/// How long nobody who has another way asks it then.
const DOWN_US: i64 = 60_000_000;
/// Of a hundred messages that have another way, so many go by a provider that just came back; each good answer adds one
/// step, so that it is not knocked over by all that waits.
const WEIGHT_BACK: i32 = 10;
const WEIGHT_STEP: i32 = 10;
/// All of them.
pub(crate) const WEIGHT_FULL: i32 = 100;

/// A provider's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Switch {
    pub provider: String,
    pub enabled: bool,
    pub reason: String,
    pub changed_by: String,
    /// Machine time until which it rests; 0: it works.
    pub open_until: i64,
    /// Machine time until which it counts as down; 0: it answers.
    pub down_until: i64,
    /// Business time until which its allowance is used; 0: it is not.
    pub quota_until: i64,
    /// Its part of what has another way, of [`WEIGHT_FULL`].
    pub weight: i32,
    /// What of its rate was used at `rate_time`, in hundredths; see [`pace::rate_now`].
    rate: i32,
    /// Machine time at which it said last that it is asked too fast.
    rate_time: i64,
    /// Refusals and calls without a proper answer, in a row.
    troubles: i32,
}

impl Switch {
    /// Nothing is held against it.
    pub fn is_well(&self) -> bool {
        self.troubles == 0 && self.open_until == 0 && self.down_until == 0 && self.weight >= WEIGHT_FULL
    }

    /// The distance between two messages, where nothing was said of it `gap_us`; `scale` as in [`learn`].
    pub fn gap_us(&self, gap_us: i64, scale: i64) -> i64 {
        pace::stretched(gap_us, pace::rate_now(self.rate.into(), since(self.rate_time, scale)))
    }
}

/// How long ago, on the ladder of waits.
fn since(time: i64, scale: i64) -> i64 {
    (machine_now().0 - time).saturating_mul(PACE / scale.max(1))
}

/// Makes a row for each channel that is set up.
pub(crate) async fn ensure(db: &Db, channels: &[Channel]) -> Result<(), StoreError> {
    let tx = db.begin().await?;
    for channel in channels {
        let text = "insert into provider_state(provider, enabled, reason, changed_by, open_until, refusals, outages, \
                    down_until, tat, quota_until) values ($1, 1, '', '', 0, 0, 0, 0, 0, 0) \
                    on conflict (provider) do nothing";
        let values = vec![channel.name().into()];
        tx.execute_raw(sql::statement(db.backend(), text, values)).await?;
    }
    commit(tx).await
}

const COLUMNS: &str = "select provider, enabled, reason, changed_by, open_until, down_until, quota_until, \
                       weight, rate, rate_time, refusals + outages as troubles from provider_state";

fn read(row: &sea_orm::QueryResult) -> Result<Switch, StoreError> {
    let enabled: i32 = row.try_get("", "enabled")?;
    Ok(Switch {
        provider: row.try_get("", "provider")?,
        enabled: enabled == 1,
        reason: row.try_get("", "reason")?,
        changed_by: row.try_get("", "changed_by")?,
        open_until: row.try_get("", "open_until")?,
        down_until: row.try_get("", "down_until")?,
        quota_until: row.try_get("", "quota_until")?,
        weight: row.try_get("", "weight")?,
        rate: row.try_get("", "rate")?,
        rate_time: row.try_get("", "rate_time")?,
        troubles: row.try_get("", "troubles")?,
    })
}

/// One provider; none: it was never set up.
pub(crate) async fn get(db: &impl ConnectionTrait, provider: &str) -> Result<Option<Switch>, StoreError> {
    let text = format!("{COLUMNS} where provider = $1");
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, vec![provider.into()])).await?;
    row.as_ref().map(read).transpose()
}

/// Every provider.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<Switch>, StoreError> {
    let text = format!("{COLUMNS} order by provider");
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), text, vec![])).await?;
    rows.iter().map(read).collect()
}

/// Turns a provider on or off; false: it is not set up.
pub(crate) async fn set(
    tx: &DatabaseTransaction,
    provider: &str,
    enabled: bool,
    who: &str,
    reason: &str,
) -> Result<bool, StoreError> {
    // Turning it on is also the word that what it rested for is mended.
    let text = "update provider_state set enabled = $1, changed_by = $2, reason = $3, open_until = 0, refusals = 0, \
                outages = 0, down_until = 0, weight = 100 where provider = $4";
    let values = vec![i32::from(enabled).into(), who.into(), reason.into(), provider.into()];
    let done = tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    if enabled {
        // What waited for it is looked at again at once.
        let text = "update delivery set wake_time = 0 where channel = $1 and state = 'held' and hold_reason = $2";
        let values = vec![provider.into(), crate::model::Hold::Switch.name().into()];
        tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
    }
    Ok(done.rows_affected() == 1)
}

/// The provider said that it is asked too fast: a fifth slower, for every replica.
async fn slow_down(tx: &DatabaseTransaction, provider: &str, scale: i64) -> Result<(), StoreError> {
    let backend = tx.get_database_backend();
    let lock = if backend == DbBackend::Postgres { " for update" } else { "" };
    let text = format!("select rate, rate_time from provider_state where provider = $1{lock}");
    let Some(row) = tx.query_one_raw(sql::statement(backend, text, vec![provider.into()])).await? else {
        return Ok(());
    };
    let (rate, time): (i32, i64) = (row.try_get("", "rate")?, row.try_get("", "rate_time")?);
    let Some(slower) = pace::slower(rate.into(), since(time, scale)) else { return Ok(()) };
    tracing::warn!(provider, percent = slower, "asked too fast: goes on slower");
    let text = "update provider_state set rate = $1, rate_time = $2 where provider = $3";
    let values = vec![i32::try_from(slower).unwrap_or(WEIGHT_FULL).into(), machine_now().0.into(), provider.into()];
    tx.execute_raw(sql::statement(backend, text, values)).await?;
    Ok(())
}

/// What an attempt's end teaches about its provider; `scale` as [`crate::model::Policy`]'s `pace`.
pub(crate) async fn learn(
    tx: &DatabaseTransaction,
    provider: &str,
    class: Class,
    quota_until: Option<i64>,
    scale: i64,
) -> Result<(), StoreError> {
    if class == Class::Rate {
        slow_down(tx, provider, scale).await?;
    }
    let backend = tx.get_database_backend();
    let after = |us: i64| machine_now().0 + us / PACE * scale;
    let (text, values) = match class {
        Class::AuthHuman | Class::Config => (
            "update provider_state set outages = 0, refusals = refusals + 1, \
             open_until = case when refusals + 1 >= $1 then $2 else open_until end where provider = $3",
            vec![REFUSALS_MAX.into(), after(REST_US).into(), provider.into()],
        ),
        Class::Connect | Class::Transient | Class::Ambiguous => (
            "update provider_state set outages = outages + 1, \
             down_until = case when outages + 1 >= $1 then $2 else down_until end, \
             weight = case when outages + 1 >= $1 then $4 else weight end where provider = $3",
            vec![OUTAGES_MAX.into(), after(DOWN_US).into(), provider.into(), WEIGHT_BACK.into()],
        ),
        Class::Quota if quota_until.is_some() => (
            "update provider_state set outages = 0, quota_until = $1 where provider = $2",
            vec![quota_until.into(), provider.into()],
        ),
        Class::Ok | Class::Duplicate => (
            "update provider_state set refusals = 0, open_until = 0, outages = 0, down_until = 0, \
             weight = case when weight + $2 < $3 then weight + $2 else $3 end \
             where provider = $1 and (refusals > 0 or outages > 0 or weight < $3)",
            vec![provider.into(), WEIGHT_STEP.into(), WEIGHT_FULL.into()],
        ),
        // Any other answer is one.
        _ => (
            "update provider_state set outages = 0, down_until = 0 where provider = $1 and outages > 0",
            vec![provider.into()],
        ),
    };
    tx.execute_raw(sql::statement(backend, text, values)).await?;
    Ok(())
}

/// Until when the places of some providers are taken (see [`crate::model::pace`]), locked until the transaction's end:
/// replicas share the pace.
pub(crate) async fn tats<'a>(
    tx: &BatchTx,
    providers: impl Iterator<Item = &'a str>,
) -> Result<BTreeMap<String, i64>, StoreError> {
    let providers: BTreeSet<&str> = providers.collect();
    if providers.is_empty() {
        return Ok(BTreeMap::new());
    }
    let backend = tx.get_database_backend();
    let lock = if backend == DbBackend::Postgres { " order by provider for update" } else { "" };
    let text = format!("select provider, tat from provider_state where {}{lock}", sql::among(backend, "provider", 1));
    let rows = tx.query_all_raw(sql::statement(backend, text, vec![sql::texts(providers)])).await?;
    rows.iter().map(|row| Ok((row.try_get("", "provider")?, row.try_get("", "tat")?))).collect()
}

/// Writes down how far the places of some providers are taken.
pub(crate) async fn put_tats<'a>(
    tx: &BatchTx,
    moved: impl Iterator<Item = (&'a String, &'a i64)>,
) -> Result<(), StoreError> {
    let mut writes = sql::Writes::new(tx.get_database_backend());
    let rows = moved.map(|(provider, tat)| [(*tat).into(), provider.clone().into()]);
    writes.update("provider_state", &[("tat", "bigint"), ("provider", "text")], rows);
    writes.run(tx).await
}

/// Takes SMS parts from a centre's month; false: the budget is used. `parts_max` 0: no budget.
pub(crate) async fn take_budget(
    tx: &BatchTx,
    centre_id: &str,
    month: &str,
    parts: i64,
    parts_max: i64,
    urgent: bool,
) -> Result<bool, StoreError> {
    let backend = tx.get_database_backend();
    let text = "insert into sms_budget(centre_id, month, parts) values ($1, $2, 0) \
                on conflict (centre_id, month) do nothing";
    tx.execute_raw(sql::statement(backend, text, vec![centre_id.into(), month.into()])).await?;
    // What the law asks for is counted and never stopped.
    let limit = if urgent || parts_max == 0 { i64::MAX } else { parts_max };
    let text = "update sms_budget set parts = parts + $1 where centre_id = $2 and month = $3 and parts + $1 <= $4";
    let values = vec![parts.into(), centre_id.into(), month.into(), limit.into()];
    Ok(tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected() == 1)
}
