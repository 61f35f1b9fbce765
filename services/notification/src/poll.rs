//! Asks Zalo what became of messages that nobody reported on: a webhook may be away, or out of Zalo's reach. Its word counts
//! as a receipt does.

use std::{sync::Arc, time::Duration};

use motcua_runtime::{Clock, Shutdown};
use motcua_store::{Db, Micros, StoreError, commit};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, sea_query::Expr,
};

use crate::{
    entity::delivery::{self, Column as C, Stage},
    model::{self, Kind, Told},
    provider::Zalo,
    receipts::{Desk, Receipt},
};

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Questions of one look: Zalo's own limit is thousands a minute.
const BATCH: u64 = 20;

/// See the module.
pub(crate) struct Poller {
    pub db: Db,
    pub clock: Clock,
    pub desk: Arc<Desk>,
    pub zalo: Arc<Zalo>,
}

impl Poller {
    /// Asks until `stop`.
    pub async fn run(self, stop: Shutdown) {
        while !stop.is_cancelled() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "messages without a receipt wait");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }

    async fn look(&self) -> Result<(), StoreError> {
        let now = Micros::from(self.clock.now());
        let due = delivery::Entity::find()
            .filter(C::PollTime.lte(now))
            .order_by_asc(C::PollTime)
            .limit(BATCH)
            .all(self.db.read())
            .await?;
        for row in due {
            if self.take(&row, now).await? {
                self.ask(&row, now).await?;
            }
        }
        Ok(())
    }

    /// Sets the next question's time; true: this replica asks now.
    async fn take(&self, row: &delivery::Model, now: Micros) -> Result<bool, StoreError> {
        let asks = row.state == Stage::Accepted && !row.provider_id.is_empty();
        let accepted = row.accept_time.map_or(now.0, |time| time.0);
        let kind = Kind::named(&row.kind).unwrap_or(Kind::BulkNotice);
        let next = asks.then(|| model::poll_at(kind, accepted, Some(now.0))).flatten();
        let tx = self.db.begin().await?;
        let taken = delivery::Entity::update_many()
            .col_expr(C::PollTime, Expr::value(next))
            .filter(C::Id.eq(&row.id))
            .filter(C::PollTime.eq(row.poll_time))
            .exec(&tx)
            .await?
            .rows_affected;
        commit(tx).await?;
        Ok(asks && taken == 1)
    }

    async fn ask(&self, row: &delivery::Model, now: Micros) -> Result<(), StoreError> {
        // "On its way" is no news of a message that was taken.
        let Some((Told::Arrived, time_ms)) = self.zalo.status(&row.provider_id).await else { return Ok(()) };
        let receipt = Receipt {
            provider: "zalo",
            dedup_key: format!("status/{}", row.provider_id),
            provider_id: row.provider_id.clone(),
            reference: row.client_ref(),
            told: Told::Arrived,
            time_ms: if time_ms > 0 { time_ms } else { now.timestamp().as_millisecond() },
            raw: "",
        };
        motcua_store::retrying(|| async {
            let tx = self.db.begin().await?;
            self.desk.take(&tx, &receipt, now).await?;
            commit(tx).await
        })
        .await
    }
}
