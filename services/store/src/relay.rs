use std::{collections::BTreeMap, sync::Arc, time::Duration};

use motcua_bus::{Bus, Event};
use sea_orm::{ConnectionTrait, DbBackend};
use tokio_util::sync::CancellationToken;

use crate::{Db, StoreError, machine_now, outbox, sql};

const BATCH: i64 = 1000;
const POLL: Duration = Duration::from_secs(1);
/// Lets a burst of commits gather, so that marking costs one commit and not one an event.
const GATHER: Duration = Duration::from_millis(5);
/// Least time between two rounds on SQLite, whose one writer pays for each marking with a commit of its own: the first
/// event after a quiet while goes at once, a burst goes in rounds.
const ROUND_MIN: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
const KEEP_OUTBOX_US: i64 = 30 * 86_400_000_000;
const KEEP_REQUEST_US: i64 = 7 * 86_400_000_000;

/// Publishes the outbox in order and marks a row after the bus has made it durable. One a service; on PostgreSQL one
/// among all processes of the service at a time, by an advisory lock.
pub struct Relay {
    db: Db,
    bus: Arc<dyn Bus>,
    source: &'static str,
}

impl Relay {
    /// A relay of one service's database.
    pub fn new(db: Db, bus: Arc<dyn Bus>, source: &'static str) -> Self {
        Self { db, bus, source }
    }

    /// Runs until `stop`, then drains once more, for a bounded time.
    pub fn spawn(self, stop: CancellationToken) -> tokio::task::JoinHandle<()> {
        tokio::spawn(async move {
            let mut wait = Duration::ZERO;
            let mut swept = tokio::time::Instant::now();
            while !stop.is_cancelled() {
                let began = tokio::time::Instant::now();
                match self.round().await {
                    Ok(published) if published == BATCH as usize => continue,
                    Ok(published) => {
                        wait = Duration::ZERO;
                        if published > 0 && self.db.is_sqlite() {
                            tokio::select! {
                                () = stop.cancelled() => break,
                                () = tokio::time::sleep_until(began + ROUND_MIN) => {}
                            }
                        }
                    }
                    Err(error) => {
                        wait = (wait * 2).clamp(Duration::from_millis(200), BACKOFF_MAX);
                        tracing::warn!(%error, source = self.source, "outbox waits");
                    }
                }
                if swept.elapsed() > Duration::from_secs(3600) {
                    swept = tokio::time::Instant::now();
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, source = self.source, "old rows stay for now");
                    }
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = async { self.db.relay_woken().await; tokio::time::sleep(GATHER).await }, if wait.is_zero() => {}
                    () = tokio::time::sleep(POLL.max(wait)) => {}
                }
            }
            if let Ok(Err(error)) = tokio::time::timeout(Duration::from_secs(3), self.round()).await {
                tracing::warn!(%error, source = self.source, "outbox keeps the rest for the next start");
            }
        })
    }

    /// Publishes what waits, at most one batch; tells how many rows were marked.
    async fn round(&self) -> Result<usize, StoreError> {
        if self.db.is_sqlite() {
            let events = waiting(self.db.read()).await?;
            if events.is_empty() {
                return Ok(0);
            }
            let (published, failure) = self.publish(&events).await;
            if !published.is_empty() {
                let tx = self.db.begin().await?;
                mark(&tx, &published).await?;
                crate::commit(tx).await?;
            }
            return failure.map_or(Ok(published.len()), Err);
        }
        let tx = self.db.begin().await?;
        let key = format!("motcua-relay-{}", self.source);
        let lock = tx
            .query_one_raw(sql::statement(
                DbBackend::Postgres,
                "select pg_try_advisory_xact_lock(hashtext($1)) as mine",
                vec![key.into()],
            ))
            .await?;
        let mine: bool = lock.map(|r| r.try_get("", "mine")).transpose()?.unwrap_or(false);
        if !mine {
            return Ok(0);
        }
        let events = waiting(&tx).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let (published, failure) = self.publish(&events).await;
        mark(&tx, &published).await?;
        crate::commit(tx).await?;
        failure.map_or(Ok(published.len()), Err)
    }

    async fn publish<'e>(&self, events: &'e [Event]) -> (Vec<&'e Event>, Option<StoreError>) {
        let mut failure = None;
        let mut published = Vec::with_capacity(events.len());
        for (event, answer) in events.iter().zip(self.bus.publish(events).await) {
            match answer {
                Ok(()) => published.push(event),
                Err(error) => {
                    failure.get_or_insert(StoreError::Unavailable(sea_orm::DbErr::Custom(error.to_string())));
                }
            }
        }
        (published, failure)
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let now = machine_now().0;
        for (statement, limit) in [
            ("delete from outbox where published_time < $1", now - KEEP_OUTBOX_US),
            ("delete from inbox where state = 'DONE' and time < $1", now - KEEP_OUTBOX_US),
            ("delete from request where time < $1", now - KEEP_REQUEST_US),
        ] {
            let tx = self.db.begin().await?;
            tx.execute_raw(sql::statement(self.db.backend(), statement, vec![limit.into()])).await?;
            crate::commit(tx).await?;
        }
        Ok(())
    }
}

async fn waiting(db: &impl ConnectionTrait) -> Result<Vec<Event>, StoreError> {
    let rows = db
        .query_all_raw(sql::statement(
            db.get_database_backend(),
            "select body from outbox where published_time is null order by centre_id, seq limit $1",
            vec![BATCH.into()],
        ))
        .await?;
    rows.into_iter()
        .map(|row| {
            let body: Vec<u8> = row.try_get("", "body")?;
            outbox::decode(&body)
        })
        .collect()
}

/// Marks by runs of consecutive numbers: one short statement for a whole burst.
async fn mark(db: &impl ConnectionTrait, published: &[&Event]) -> Result<(), StoreError> {
    let mut runs: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for event in published {
        let of_centre = runs.entry(&event.centre_id).or_default();
        match of_centre.last_mut() {
            Some((_, last)) if *last + 1 == event.sequence => *last = event.sequence,
            _ => of_centre.push((event.sequence, event.sequence)),
        }
    }
    let now = machine_now();
    for (centre, of_centre) in runs {
        for (first, last) in of_centre {
            db.execute_raw(sql::statement(
                db.get_database_backend(),
                "update outbox set published_time = $1 where centre_id = $2 and seq between $3 and $4 and published_time is null",
                vec![now.0.into(), centre.into(), first.into(), last.into()],
            ))
            .await?;
        }
    }
    Ok(())
}
