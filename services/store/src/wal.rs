//! SQLite's log, moved into its file beside the writer.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use sea_orm::{ConnectionTrait as _, DatabaseConnection};

/// Batches after which what the log holds is copied into the file.
const BATCHES: u32 = 64;
/// Pages of 4 KB in the log at which a commit copies by itself what is not copied yet. The log starts anew only then, or
/// once the writer rests: nothing is ever copied to its last page while commits go on.
pub(crate) const LOG_PAGES_MAX: &str = "16384";

/// Left to SQLite, one commit in a hundred copies the log and everybody who waits behind it waits twenty milliseconds more.
#[derive(Clone)]
pub(crate) struct Wal(Arc<Inner>);

struct Inner {
    db: DatabaseConnection,
    batches: AtomicU32,
    under_way: AtomicBool,
}

impl Wal {
    /// Copies over connections of `db`, which are not the writer's.
    pub fn new(db: DatabaseConnection) -> Self {
        Self(Arc::new(Inner { db, batches: AtomicU32::new(0), under_way: AtomicBool::new(false) }))
    }

    /// One more batch is in the log.
    pub fn committed(&self) {
        let inner = &self.0;
        if inner.batches.fetch_add(1, Ordering::Relaxed) + 1 < BATCHES || inner.under_way.swap(true, Ordering::Acquire)
        {
            return;
        }
        inner.batches.store(0, Ordering::Relaxed);
        let inner = inner.clone();
        tokio::spawn(async move {
            // Passive: it waits for nobody and holds nobody up. What it leaves, the next one copies.
            if let Err(error) = inner.db.execute_unprepared("pragma wal_checkpoint(passive)").await {
                tracing::warn!(%error, "the log was not copied");
            }
            inner.under_way.store(false, Ordering::Release);
        });
    }
}
