//! Works on the deliveries that are due.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use motcua_runtime::Shutdown;
use motcua_store::StoreError;
use tokio::{sync::Notify, task::JoinSet};

use crate::{
    claims, instruments, listing,
    model::Lane,
    queries::{self, Room, Round},
    sender::Sender,
    tend::Tender,
};

const POLL: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Calls under way get this long after the signal to stop; what is cut off is an open attempt, and so UNKNOWN.
const DRAIN_MAX: Duration = Duration::from_secs(7);
const COUNT_EVERY: Duration = Duration::from_secs(15);

/// Places behind the critical lane, counted down while they are taken.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Works on what is due until `stop`: at most `parallel` at a time, each claimed by compare-and-set.
pub(crate) async fn run(sender: Arc<Sender>, tender: Tender, due: Arc<Notify>, parallel: usize, stop: Shutdown) {
    let mut under_way = JoinSet::new();
    let common = Arc::new(AtomicUsize::new(0));
    // A fifth of the places is kept for who stands in the hall.
    let common_max = (parallel.max(1) * 4 / 5).max(1);
    let round = Round::default();
    // Who just woke it may stand in the hall; else it takes more when a good part of its places is free.
    let mut woken = true;
    let mut wait = POLL;
    let mut counted: Option<tokio::time::Instant> = None;
    while !stop.is_cancelled() {
        while under_way.try_join_next().is_some() {}
        let free = parallel.max(1).saturating_sub(under_way.len());
        tender.tend().await;
        let left = common_max.saturating_sub(common.load(Ordering::SeqCst));
        let room = Room { all: free, common: if left * 4 >= common_max { left } else { 0 } };
        if free > 0 && (woken || room.common > 0) {
            match queries::claim(&sender.db, room, &round, sender.lease_us).await {
                Ok(claimed) => {
                    wait = POLL;
                    let full = !claimed.is_empty() && claimed.len() >= free.min(room.common);
                    let claimed =
                        match claims::load(&sender.db, &sender.sealer, claimed, sender.clock.now().into()).await {
                            Ok(claimed) => claimed,
                            Err(error) => {
                                tracing::warn!(%error, "deliveries wait for their leases to end");
                                vec![]
                            }
                        };
                    for claimed in claimed {
                        let place = (claimed.row.lane != Lane::Critical as i32).then(|| {
                            common.fetch_add(1, Ordering::SeqCst);
                            Place(common.clone())
                        });
                        let sender = sender.clone();
                        under_way.spawn(async move {
                            sender.work(claimed).await;
                            drop(place);
                        });
                    }
                    woken = full;
                    if !full
                        && room.common > 0
                        && let Ok(Some(next_us)) = queries::until_next(&sender.db).await
                    {
                        wait = wait.min(Duration::from_micros(next_us));
                    }
                }
                Err(error) => {
                    wait = (wait * 2).min(BACKOFF_MAX);
                    tracing::warn!(%error, "deliveries wait");
                }
            }
        }
        if counted.is_none_or(|at| at.elapsed() > COUNT_EVERY) {
            counted = Some(tokio::time::Instant::now());
            count_open(&sender).await;
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = due.notified() => woken = true,
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(wait) => woken = true,
        }
    }
    let drained = tokio::time::timeout(DRAIN_MAX, async { while under_way.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(left = under_way.len(), "stopped with attempts open; they are looked into at the next start");
    }
}

async fn count_open(sender: &Sender) {
    match listing::open(&sender.db).await {
        Ok(open) => instruments::open(&open),
        Err(error) => report(&error),
    }
}

fn report(error: &StoreError) {
    tracing::warn!(%error, "deliveries could not be counted");
}
