//! The only way tickets change: whatever waits for a centre (on SQLite, for any centre) becomes one transaction.
mod batch;
mod load;
mod memory;
mod offline;
mod save;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use motcua_runtime::Clock;
use motcua_store::Db;
use motcua_store::idempotency::Key;
use tokio::sync::{mpsc, oneshot};

use crate::Error;
use crate::centres::Centres;
use crate::feed::Feeds;
use crate::model::command::Command;
pub(crate) use memory::Memory;

/// Commands of one transaction at most.
const BATCH_MAX: usize = 256;
/// Commands that may wait for a writer; beyond, callers are told to come back.
const QUEUE_MAX: usize = 4096;

/// A command on its way to the writer.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) centre_id: String,
    pub(crate) key: Key,
    pub(crate) command: Command,
    pub(crate) traceparent: Option<String>,
    pub(crate) reply: oneshot::Sender<Result<Vec<u8>, Error>>,
}

/// What the writers share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) centres: Centres,
    pub(crate) feeds: Feeds,
    pub(crate) memory: Memory,
}

/// Hands commands to the writer of their centre.
#[derive(Clone)]
pub(crate) struct Writer {
    shared: Shared,
    queues: Arc<Mutex<HashMap<String, mpsc::Sender<Job>>>>,
}

impl Writer {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { shared, queues: Arc::default() }
    }

    /// Runs a command and returns the encoded response. Dropping the future does not take the command back.
    pub(crate) async fn submit(
        &self,
        centre_id: &str,
        key: Key,
        command: Command,
        traceparent: Option<String>,
    ) -> Result<Vec<u8>, Error> {
        self.shared.centres.exists(self.shared.db.read(), centre_id).await?;
        let (reply, answer) = oneshot::channel();
        let job = Job { centre_id: centre_id.to_owned(), key, command, traceparent, reply };
        self.queue(centre_id).try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Full,
            mpsc::error::TrySendError::Closed(_) => Error::Lost("writer ended".into()),
        })?;
        answer.await.unwrap_or_else(|_| Err(Error::Lost("writer gave no answer".into())))
    }

    /// The queue of a centre's writer, started when first used. SQLite has one writer, so all centres share it.
    fn queue(&self, centre_id: &str) -> mpsc::Sender<Job> {
        let name = if self.shared.db.is_sqlite() { "" } else { centre_id };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(name).filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(self.shared.clone(), jobs));
        queues.insert(name.to_owned(), queue.clone());
        queue
    }
}

async fn run(shared: Shared, mut jobs: mpsc::Receiver<Job>) {
    loop {
        if jobs.is_empty() {
            shared.db.rest();
        }
        let mut batch = Vec::with_capacity(BATCH_MAX);
        if jobs.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        // A task of its own, so that a defect in one batch loses that batch's answers and not the writer.
        let (work, jobs_done) = (shared.clone(), batch.len());
        if let Err(error) = tokio::spawn(async move { batch::run(&work, batch).await }).await {
            tracing::error!(%error, jobs = jobs_done, "batch lost");
        }
    }
}
