//! The days that the last batches left behind, each good for as long as its centre's sequence number stands.
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use tokio::time::Instant;

use crate::model::hall::Hall;

/// People kept of each line.
const LINE_MAX: usize = 512;
/// A centre that has been quiet for so long is forgotten when another one wakes.
const QUIET_MAX: Duration = Duration::from_secs(600);

struct Kept {
    seq: i64,
    hall: Hall,
    used: Instant,
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Memory(Arc<Mutex<HashMap<String, Kept>>>);

impl Memory {
    /// The day of a centre, if nobody changed it since it was kept: `seq` was read under the centre's lock.
    pub(super) fn take(&self, centre_id: &str, seq: i64, today: Date) -> Option<Hall> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(centre_id)?;
        (kept.seq == seq && kept.hall.today == today).then_some(kept.hall)
    }

    /// Keeps a day as the committed batch left it.
    pub(super) fn keep(&self, centre_id: String, seq: i64, mut hall: Hall) {
        hall.settle(LINE_MAX);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(&centre_id) {
            all.retain(|_, kept| kept.used.elapsed() < QUIET_MAX);
        }
        all.insert(centre_id, Kept { seq, hall, used: Instant::now() });
    }
}
