//! How many were told, and how, by day of the centre.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::ConnectionTrait as _;

/// Counting stops here, as listings do.
const DEAD_MAX: i64 = 10_000;

/// What became of a day's notifications of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfKind {
    pub told: i32,
    pub delivered: i32,
    pub open: i32,
    pub unreached: i32,
    pub called_off: i32,
}

/// What became of a day's deliveries on one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfChannel {
    pub sent: i32,
    pub delivered: i32,
    pub open: i32,
    pub failed: i32,
}

/// One day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfDay {
    pub kinds: BTreeMap<String, OfKind>,
    pub channels: BTreeMap<String, OfChannel>,
}

/// Begin and end of a local day in business time.
fn bounds(day: Date, zone: &TimeZone) -> Option<(i64, i64)> {
    let at = |day: Date| day.at(0, 0, 0, 0).to_zoned_datetime(zone.clone()).ok().map(|at| at.timestamp());
    let (from, until) = (at(day)?, at(day.tomorrow().ok()?)?);
    Some((Micros::from(from).0, Micros::from(until).0))
}

/// The last `days` days to `today`, the oldest first. Each day is one range of the index: figures of today cost the same
/// after ten years.
pub(crate) async fn days(
    db: &Db,
    centre_id: &str,
    today: Date,
    days: i32,
    zone: &TimeZone,
) -> Result<Vec<(Date, OfDay)>, StoreError> {
    let mut all = vec![];
    for back in (0..days).rev() {
        let Ok(day) = today.checked_sub(back.days()) else { continue };
        let Some((from, until)) = bounds(day, zone) else { continue };
        all.push((day, of(db, centre_id, from, until).await?));
    }
    Ok(all)
}

async fn of(db: &Db, centre_id: &str, from: i64, until: i64) -> Result<OfDay, StoreError> {
    let mut day = OfDay::default();
    let window = || vec![centre_id.into(), from.into(), until.into()];
    let text = "select channel, state, count(*) as n from delivery \
                where centre_id = $1 and create_time >= $2 and create_time < $3 group by channel, state";
    for row in db.read().query_all_raw(sql::statement(db.backend(), text, window())).await? {
        let (channel, state): (String, String) = (row.try_get("", "channel")?, row.try_get("", "state")?);
        let n = count(row.try_get("", "n")?);
        let figures = day.channels.entry(channel).or_default();
        match state.as_str() {
            "delivered" => (figures.sent, figures.delivered) = (figures.sent + n, figures.delivered + n),
            "accepted" | "unconfirmed" => figures.sent += n,
            "pending" | "held" | "sending" | "unknown" => figures.open += n,
            "cancelled" => {}
            _ => figures.failed += n,
        }
    }
    // The best that became of a notification on any channel is what became of it.
    let text = "select kind, best, count(*) as n from (select kind, notification_id, max(case \
                when state = 'delivered' then 5 when state in ('accepted', 'unconfirmed') then 4 \
                when state in ('pending', 'held', 'sending', 'unknown') then 3 when state = 'cancelled' then 1 \
                else 2 end) as best from delivery where centre_id = $1 and create_time >= $2 and create_time < $3 \
                group by kind, notification_id) as told group by kind, best";
    for row in db.read().query_all_raw(sql::statement(db.backend(), text, window())).await? {
        let (kind, best): (String, i32) = (row.try_get("", "kind")?, row.try_get("", "best")?);
        let n = count(row.try_get("", "n")?);
        let figures = day.kinds.entry(kind).or_default();
        match best {
            5 => (figures.told, figures.delivered) = (figures.told + n, figures.delivered + n),
            4 => figures.told += n,
            3 => figures.open += n,
            2 => figures.unreached += n,
            _ => figures.called_off += n,
        }
    }
    Ok(day)
}

/// People on the call list, by state.
pub(crate) async fn calls(db: &Db, centre_id: &str, state: &str) -> Result<i32, StoreError> {
    let text = "select count(*) as n from call_item where centre_id = $1 and state = $2";
    let values = vec![centre_id.into(), state.into()];
    let row = db.read().query_one_raw(sql::statement(db.backend(), text, values)).await?;
    Ok(count(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0)))
}

/// Failed deliveries that nothing else told, to [`DEAD_MAX`].
pub(crate) async fn dead(db: &Db, centre_id: &str) -> Result<i32, StoreError> {
    let text = "select count(*) as n from (select 1 as one from delivery d where d.centre_id = $1 and d.state = 'failed' \
                and not exists (select 1 from delivery o where o.notification_id = d.notification_id and o.id <> d.id \
                and o.state not in ('failed', 'no_address', 'suppressed')) limit $2) as few";
    let values = vec![centre_id.into(), DEAD_MAX.into()];
    let row = db.read().query_one_raw(sql::statement(db.backend(), text, values)).await?;
    Ok(count(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0)))
}

fn count(n: i64) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}
