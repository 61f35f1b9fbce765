use std::{collections::BTreeMap, fmt::Write as _, sync::Arc, time::Duration};

use motcua_bus::{Bus, Event};
use sea_orm::{ConnectionTrait, DbBackend};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Db, StoreError, machine_now, outbox, sql};

const BATCH: i64 = 1000;
const POLL: Duration = Duration::from_secs(1);
/// Lets a burst of commits gather, so that marking costs one commit and not one an event.
const GATHER: Duration = Duration::from_millis(5);
/// Least time between two rounds on SQLite: the first event after a quiet while goes at once, a burst goes in rounds.
const ROUND_MIN: Duration = Duration::from_millis(50);
/// A marking is a commit of its own, and on SQLite whoever writes meanwhile waits for it: what a burst published is marked
/// when the burst is over, or after so long. Killed before that, the relay publishes it again.
const MARK_MAX: Duration = Duration::from_secs(2);
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
            let mut unmarked = Unmarked::default();
            let mut swept = Instant::now();
            while !stop.is_cancelled() {
                let began = Instant::now();
                match self.round(&mut unmarked).await {
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
                    swept = Instant::now();
                    if let Err(error) = self.sweep().await {
                        tracing::warn!(%error, source = self.source, "old rows stay for now");
                    }
                }
                let pause = if unmarked.since.is_some() { ROUND_MIN } else { POLL };
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = async { self.db.relay_woken().await; tokio::time::sleep(GATHER).await }, if wait.is_zero() => {}
                    () = tokio::time::sleep(pause.max(wait)) => {}
                }
            }
            let last = async {
                self.round(&mut unmarked).await?;
                self.settle(&mut unmarked).await
            };
            if let Ok(Err(error)) = tokio::time::timeout(Duration::from_secs(3), last).await {
                tracing::warn!(%error, source = self.source, "outbox keeps the rest for the next start");
            }
        })
    }

    /// Publishes what waits, at most one batch; tells how many events that were.
    async fn round(&self, unmarked: &mut Unmarked) -> Result<usize, StoreError> {
        if self.db.is_sqlite() {
            let events = waiting(self.db.read(), unmarked).await?;
            let (published, failure) = self.publish(&events).await;
            unmarked.add(&published);
            if events.is_empty() || failure.is_some() || unmarked.since.is_some_and(|since| since.elapsed() > MARK_MAX)
            {
                self.settle(unmarked).await?;
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
        let events = waiting(&tx, unmarked).await?;
        if events.is_empty() {
            return Ok(0);
        }
        let (published, failure) = self.publish(&events).await;
        unmarked.add(&published);
        unmarked.mark(&tx).await?;
        crate::commit(tx).await?;
        failure.map_or(Ok(published.len()), Err)
    }

    /// Marks what is published and not yet marked.
    async fn settle(&self, unmarked: &mut Unmarked) -> Result<(), StoreError> {
        if unmarked.since.is_none() {
            return Ok(());
        }
        let tx = self.db.begin().await?;
        unmarked.mark(&tx).await?;
        crate::commit(tx).await
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

/// What is published and not yet marked: runs of consecutive numbers, so that a burst is marked by one short statement.
#[derive(Default)]
struct Unmarked {
    runs: BTreeMap<String, Vec<(i64, i64)>>,
    since: Option<Instant>,
}

impl Unmarked {
    fn add(&mut self, published: &[&Event]) {
        for event in published {
            self.since.get_or_insert_with(Instant::now);
            let runs = self.runs.entry(event.centre_id.clone()).or_default();
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == event.sequence => *last = event.sequence,
                _ => runs.push((event.sequence, event.sequence)),
            }
        }
    }

    /// Marks all of it. What then fails to commit is published again.
    async fn mark(&mut self, tx: &impl ConnectionTrait) -> Result<(), StoreError> {
        let now = machine_now();
        self.since = None;
        for (centre, runs) in std::mem::take(&mut self.runs) {
            for (first, last) in runs {
                tx.execute_raw(sql::statement(
                    tx.get_database_backend(),
                    "update outbox set published_time = $1 where centre_id = $2 and seq between $3 and $4 and published_time is null",
                    vec![now.0.into(), centre.clone().into(), first.into(), last.into()],
                ))
                .await?;
            }
        }
        Ok(())
    }
}

/// The oldest events that are not published, a batch at most.
async fn waiting(db: &impl ConnectionTrait, unmarked: &Unmarked) -> Result<Vec<Event>, StoreError> {
    let mut values = vec![BATCH.into()];
    let mut sql = "select body from outbox where published_time is null".to_owned();
    for (centre, runs) in &unmarked.runs {
        for (first, last) in runs {
            values.extend([centre.clone().into(), (*first).into(), (*last).into()]);
            let n = values.len();
            let _ = write!(sql, " and not (centre_id = ${} and seq between ${} and ${n})", n - 2, n - 1);
        }
    }
    sql.push_str(" order by centre_id, seq limit $1");
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), sql, values)).await?;
    rows.into_iter()
        .map(|row| {
            let body: Vec<u8> = row.try_get("", "body")?;
            outbox::decode(&body)
        })
        .collect()
}
