//! The feed of a centre's moves, read from the outbox by sequence number. A commit of this process only wakes the
//! readers; a poll stands behind it, so that boards also see what another process wrote, with the bus away.
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use motcua_bus::Event;
use motcua_runtime::Shutdown;
use motcua_store::sql::{list, statement};
use motcua_store::{Db, StoreError, outbox};
use sea_orm::ConnectionTrait as _;
use tokio::sync::watch;

const POLL: Duration = Duration::from_millis(250);
const HEARTBEAT: Duration = Duration::from_secs(5);
const PAGE: u32 = 200;
/// A reader that fell so far behind is told to start again.
const LAG_MAX: i64 = 50_000;

/// The last sequence number of each centre that somebody watches; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Feeds {
    centres: Arc<Mutex<HashMap<String, watch::Sender<i64>>>>,
}

impl Feeds {
    /// A centre's feed has reached `seq`.
    pub(crate) fn wake(&self, centre_id: &str, seq: i64) {
        if let Some(sender) = self.lock().get(centre_id) {
            sender.send_if_modified(|last| {
                let newer = seq > *last;
                *last = seq.max(*last);
                newer
            });
        }
    }

    fn watch(&self, centre_id: &str) -> watch::Receiver<i64> {
        self.lock().entry(centre_id.to_owned()).or_insert_with(|| watch::Sender::new(0)).subscribe()
    }

    /// One query every quarter second for all centres that are watched.
    pub(crate) async fn poll(self, db: Db, stop: Shutdown) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(POLL) => {}
            }
            let watched: Vec<String> = {
                let mut centres = self.lock();
                centres.retain(|_, sender| sender.receiver_count() > 0);
                centres.keys().cloned().collect()
            };
            if watched.is_empty() {
                continue;
            }
            match last_seqs(&db, watched).await {
                Ok(seqs) => seqs.into_iter().for_each(|(centre, seq)| self.wake(&centre, seq)),
                Err(error) => tracing::warn!(%error, "feed poll"),
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, watch::Sender<i64>>> {
        self.centres.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn last_seqs(db: &Db, centres: Vec<String>) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = format!("select centre_id, seq from centre_seq where centre_id in ({})", list(1, centres.len()));
    let values = centres.into_iter().map(sea_orm::Value::from).collect();
    let rows = db.read().query_all_raw(statement(db.backend(), sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "centre_id")?, row.try_get("", "seq")?))).collect()
}

/// What a reader gets next.
pub(crate) enum Next {
    /// An event of the centre.
    Event(Box<Event>),
    /// Nothing for a while; the feed stands at this number.
    Quiet(i64),
    /// The reader is too far behind.
    TooSlow,
    /// The service ends.
    Stopped,
}

/// One reader's place in a centre's feed. It reads only when asked, so a slow client costs one page of memory.
pub(crate) struct Reader {
    db: Db,
    centre_id: String,
    after: i64,
    page: VecDeque<Event>,
    last: watch::Receiver<i64>,
    stop: Shutdown,
    replaying_to: i64,
}

impl Reader {
    /// A reader after `after_seq`; −1 is now, 0 the first event of the business day that began at `day_start`.
    pub(crate) async fn open(
        feeds: &Feeds,
        db: &Db,
        centre_id: &str,
        after_seq: i64,
        day_start: jiff::Timestamp,
        stop: Shutdown,
    ) -> Result<Self, StoreError> {
        let last = feeds.watch(centre_id);
        let seq = outbox::last_seq(db.read(), centre_id).await?;
        feeds.wake(centre_id, seq);
        let after = match after_seq {
            0 => before(db, centre_id, day_start, seq).await?,
            // A number from the future is another database's: its reader starts at now.
            after if after < 0 || after > seq => seq,
            after => after,
        };
        let (db, centre_id) = (db.clone(), centre_id.to_owned());
        Ok(Self { db, centre_id, after, page: VecDeque::new(), last, stop, replaying_to: seq })
    }

    /// Waits for the next event, or for the heartbeat.
    pub(crate) async fn next(&mut self) -> Result<Next, StoreError> {
        if let Some(event) = self.page.pop_front() {
            self.after = event.sequence;
            return Ok(Next::Event(Box::new(event)));
        }
        let beat = tokio::time::sleep(HEARTBEAT);
        tokio::pin!(beat);
        loop {
            let last = *self.last.borrow_and_update();
            if last > self.after {
                if self.after > self.replaying_to && last - self.after > LAG_MAX {
                    return Ok(Next::TooSlow);
                }
                self.page = outbox::feed(self.db.read(), &self.centre_id, self.after, PAGE).await?.into();
                if let Some(event) = self.page.pop_front() {
                    self.after = event.sequence;
                    return Ok(Next::Event(Box::new(event)));
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => return Ok(Next::Stopped),
                changed = self.last.changed() => if changed.is_err() { return Ok(Next::Stopped) },
                () = &mut beat => return Ok(Next::Quiet(self.after)),
            }
        }
    }
}

/// The number before the first event at or after `from`. Numbers are gap-free and times rise with them, so a handful of
/// look-ups finds it; what retention has deleted counts as earlier.
async fn before(db: &Db, centre_id: &str, from: jiff::Timestamp, last: i64) -> Result<i64, StoreError> {
    let (mut low, mut high) = (0, last);
    while low < high {
        let middle = low + (high - low) / 2;
        let at = outbox::feed(db.read(), centre_id, middle, 1).await?;
        let time = at.first().and_then(|event| motcua_runtime::grpc::from_timestamp(event.time.as_ref()));
        match (at.first(), time) {
            (Some(event), Some(time)) if time < from => low = event.sequence,
            _ => high = middle,
        }
    }
    Ok(low)
}
