//! What follows from the hour alone: holds that end, doubts and receipts whose time is over, early receipts, old rows.

use std::{sync::Arc, sync::Mutex, time::Duration};

use motcua_runtime::Clock;
use motcua_store::{Db, Micros, StoreError, commit, machine_now, sql};
use sea_orm::{
    ActiveEnum as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, sea_query::Expr,
};
use tokio::time::Instant;

use crate::{
    calls,
    digest::{self, Fate},
    entity::delivery,
    instruments,
    model::{self, Kind, State},
    next,
    receipts::Desk,
    tickets, writer,
};

const BATCH: u64 = 200;
/// A busy worker comes by after every message.
const LOOK_EVERY: Duration = Duration::from_millis(100);
const FORGET_EVERY: Duration = Duration::from_secs(60);
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);
const DAY_US: i64 = 86_400_000_000;
/// Raw receipts.
const KEEP_RAW_US: i64 = 7 * DAY_US;
/// What was tried, from when it was to be told.
const KEEP_ATTEMPTS_US: i64 = 400 * DAY_US;
/// Attempts taken away in one statement: nobody waits long behind it.
const ATTEMPTS_MAX: i64 = 5_000;
/// Transactions of one look: what is left then waits for the next.
const ROUNDS_MAX: usize = 50;
/// Values of submitted messages, after their end.
const KEEP_PARAMS_US: i64 = 30 * DAY_US;

/// Looks at the hour between two claims.
pub(crate) struct Tender {
    pub db: Db,
    pub clock: Clock,
    pub desk: Arc<Desk>,
    looked: Mutex<Option<Instant>>,
    swept: Mutex<Option<Instant>>,
    forgot: Mutex<Option<Instant>>,
}

impl Tender {
    pub fn new(db: Db, clock: Clock, desk: Arc<Desk>) -> Self {
        Self { db, clock, desk, looked: Mutex::new(None), swept: Mutex::new(None), forgot: Mutex::new(None) }
    }

    /// One look; a failure waits for the next.
    pub async fn tend(&self) {
        if !is_time(&self.looked, LOOK_EVERY) {
            return;
        }
        let now = Micros::from(self.clock.now());
        if let Err(error) = self.wake(now).await {
            tracing::warn!(%error, "holds and deadlines wait");
        }
        if let Err(error) = self.desk.again(now).await {
            tracing::warn!(%error, "early receipts wait");
        }
        if is_time(&self.forgot, FORGET_EVERY)
            && let Err(error) = self.forget(now).await
        {
            tracing::warn!(%error, "numbers of yesterday's tickets wait");
        }
        if is_time(&self.swept, SWEEP_EVERY)
            && let Err(error) = self.sweep(now).await
        {
            tracing::warn!(%error, "old rows stay for now");
        }
    }

    /// Deliveries whose hour has come, the most urgent and oldest first, in one transaction.
    async fn wake(&self, now: Micros) -> Result<(), StoreError> {
        use delivery::Column as C;
        let due = delivery::Entity::find()
            .filter(C::WakeTime.lte(now))
            .order_by_asc(C::WakeTime)
            .limit(BATCH)
            .all(self.db.read())
            .await?;
        let (held, due): (Vec<_>, Vec<_>) = due.into_iter().partition(|row| row.state == delivery::Stage::Held);
        self.release(&held).await?;
        if due.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        let mut turned = Vec::with_capacity(due.len());
        for row in due {
            if let Some(state) = self.turn(&tx, &row, now).await? {
                turned.push(state);
            }
        }
        commit(tx).await?;
        for state in turned {
            instruments::settled(state);
        }
        Ok(())
    }

    /// Holds that end: a morning's backlog is a statement a batch, not one a message.
    async fn release(&self, held: &[delivery::Model]) -> Result<(), StoreError> {
        if held.is_empty() {
            return Ok(());
        }
        let tx = self.db.begin_batch().await?;
        let fences = writer::fences(&tx, held.iter().map(|row| row.id.as_str())).await?;
        let due = machine_now().0;
        let rows = held.iter().filter(|row| fences.get(&row.id) == Some(&row.fence)).map(|row| {
            let (state, fence) = (delivery::Stage::Pending.to_value(), row.fence + 1);
            let never = Option::<i64>::None;
            [state.into(), due.into(), never.into(), "".into(), fence.into(), row.id.clone().into()]
        });
        let columns = [
            ("state", "text"),
            ("next_time", "bigint"),
            ("wake_time", "bigint"),
            ("hold_reason", "text"),
            ("fence", "bigint"),
            ("id", "text"),
        ];
        let mut writes = sql::Writes::new(self.db.backend());
        let mut released = 0;
        writes.update("delivery", &columns, rows.inspect(|_| released += 1));
        writes.run(&tx).await?;
        tx.commit().await?;
        self.db.rest();
        for _ in 0..released {
            instruments::settled(State::Pending);
        }
        Ok(())
    }

    async fn turn(
        &self,
        tx: &DatabaseTransaction,
        row: &delivery::Model,
        now: Micros,
    ) -> Result<Option<State>, StoreError> {
        use delivery::Column as C;
        let kind = Kind::named(&row.kind).unwrap_or(Kind::BulkNotice);
        let turn = model::on_hour(row.state.into(), kind);
        let state = turn.map_or(State::from(row.state), |turn| turn.state);
        let next_time = (state == State::Pending).then(|| machine_now().0);
        let mut change = delivery::Entity::update_many()
            .col_expr(C::State, Expr::value(delivery::Stage::from(state).to_value()))
            .col_expr(C::WakeTime, Expr::value(Option::<i64>::None))
            .col_expr(C::HoldReason, Expr::value(""))
            .col_expr(C::Fence, Expr::value(row.fence + 1))
            .filter(C::Id.eq(&row.id))
            .filter(C::Fence.eq(row.fence));
        if turn.is_some() {
            change = change.col_expr(C::NextTime, Expr::value(next_time));
        }
        if change.exec(tx).await?.rows_affected == 0 {
            return Ok(None);
        }
        let Some(turn) = turn else { return Ok(None) };
        digest::follow(tx, row, Fate::Doubt, &self.desk.offered, now).await?;
        if turn.fall_back {
            match next::after(row, &self.desk.offered) {
                Some(step) => next::open(tx, row, step).await?,
                None if kind.needs_a_call() => calls::add(tx, row, now).await?,
                None => {}
            }
        }
        Ok(Some(turn.state))
    }

    /// Numbers that were left for tickets of a day that is over.
    async fn forget(&self, now: Micros) -> Result<(), StoreError> {
        for _ in 0..ROUNDS_MAX {
            let over = tickets::over(self.db.read(), now).await?;
            if over.is_empty() {
                break;
            }
            let tx = self.db.begin().await?;
            tickets::end(&tx, &over).await?;
            commit(tx).await?;
        }
        Ok(())
    }

    /// Personal data that is not needed any more.
    async fn sweep(&self, now: Micros) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        for (text, before) in [
            (
                "update receipt set raw = null where raw is not null and receive_time < $1",
                machine_now().0 - KEEP_RAW_US,
            ),
            (
                "update notification set params = null where params is not null and expire_time < $1",
                now.0 - KEEP_PARAMS_US,
            ),
            ("delete from link_code where expire_time < $1", now.0 - DAY_US),
            ("delete from code_miss where hour < $1", now.0 / 3_600_000_000 - 48),
        ] {
            tx.execute_raw(sql::statement(self.db.backend(), text, vec![before.into()])).await?;
        }
        commit(tx).await?;
        // Ids begin with their time, so that the oldest are the first of the table's own index.
        let before = oldest_id(machine_now().0 - KEEP_ATTEMPTS_US);
        let text = "delete from attempt where end_time is not null and delivery_id in \
                    (select delivery_id from attempt where delivery_id < $1 and end_time is not null \
                    order by delivery_id limit $2)";
        for _ in 0..ROUNDS_MAX {
            let tx = self.db.begin().await?;
            let values = vec![before.clone().into(), ATTEMPTS_MAX.into()];
            let gone = tx.execute_raw(sql::statement(self.db.backend(), text, values)).await?.rows_affected();
            commit(tx).await?;
            if gone == 0 {
                break;
            }
        }
        Ok(())
    }
}

/// The first id of a time (UUIDv7).
fn oldest_id(us: i64) -> String {
    let hex = format!("{:012x}", us.max(0) / 1_000);
    let (high, low) = hex.split_at(8);
    format!("{high}-{low}")
}

/// True at most once in `every`.
fn is_time(last: &Mutex<Option<Instant>>, every: Duration) -> bool {
    let Ok(mut last) = last.lock() else { return false };
    let due = last.is_none_or(|at| at.elapsed() > every);
    if due {
        *last = Some(Instant::now());
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_older_or_younger_than_a_time() {
        let now = machine_now().0;
        let id = motcua_kernel::id::new_id();
        assert!(oldest_id(now - 1_000_000) < id && id < oldest_id(now + 1_000_000), "{id}");
    }
}
