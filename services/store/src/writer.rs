//! A writer that gathers: whatever waits for a centre becomes one transaction.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::mpsc;

use crate::{Db, Retryable, StoreError};

/// Jobs of one transaction at most.
const BATCH_MAX: usize = 256;
/// Jobs that may wait for a writer; beyond, callers are told to come back.
const QUEUE_MAX: usize = 4096;
/// Times a whole batch is run again because the database asks for it.
const ATTEMPTS_MAX: usize = 6;

/// Where a batch failed: before the commit nothing was written; a failed commit leaves that open.
#[derive(Debug, thiserror::Error)]
pub enum Failure<E> {
    /// Reading, deciding or writing.
    #[error(transparent)]
    Statement(#[from] E),
    /// The commit itself.
    #[error("commit: {0}")]
    Commit(StoreError),
}

/// What a writer does with what it gathered.
pub trait Work: Clone + Send + Sync + 'static {
    /// What is asked, with whom to answer.
    type Job: Send + Sync + 'static;
    /// What a job is answered.
    type Answer: Send;
    /// Why a batch did not happen.
    type Error: std::error::Error + Retryable + Send;

    /// Where it writes.
    fn db(&self) -> &Db;

    /// All of it in one transaction: an answer a job, in their order.
    fn once(&self, jobs: &[Self::Job]) -> impl Future<Output = Result<Vec<Self::Answer>, Failure<Self::Error>>> + Send;

    /// True where the fault lies with the database's availability: the jobs are not run one by one then.
    fn is_outage(error: &Self::Error) -> bool;

    /// Answers a job. Its caller may be gone; the write stands. A failure may concern many, so it comes by reference.
    fn answer(job: Self::Job, answer: Result<Self::Answer, &Failure<Self::Error>>);
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// Too many wait already: come back.
    #[error("write queue full")]
    Full,
    /// The writer ended; the next job finds a new one.
    #[error("writer ended")]
    Ended,
}

/// Hands jobs to the writer of their centre. Clones are one.
pub struct Writer<W: Work> {
    work: W,
    queues: Arc<Mutex<HashMap<String, mpsc::Sender<W::Job>>>>,
}

impl<W: Work> Clone for Writer<W> {
    fn clone(&self) -> Self {
        Self { work: self.work.clone(), queues: self.queues.clone() }
    }
}

impl<W: Work> Writer<W> {
    /// Without any job yet.
    pub fn new(work: W) -> Self {
        Self { work, queues: Arc::default() }
    }

    /// Puts a job into the line of its centre's writer.
    ///
    /// # Errors
    /// [`NotTaken`]: nothing was and nothing will be done.
    pub fn submit(&self, centre_id: &str, job: W::Job) -> Result<(), NotTaken> {
        self.queue(centre_id).try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotTaken::Full,
            mpsc::error::TrySendError::Closed(_) => NotTaken::Ended,
        })
    }

    /// The queue of a centre's writer, started when first used. SQLite has one writer, so all centres share it.
    fn queue(&self, centre_id: &str) -> mpsc::Sender<W::Job> {
        let name = if self.work.db().is_sqlite() { "" } else { centre_id };
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(name).filter(|queue| !queue.is_closed()) {
            return queue.clone();
        }
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(run(self.work.clone(), jobs));
        queues.insert(name.to_owned(), queue.clone());
        queue
    }
}

async fn run<W: Work>(work: W, mut jobs: mpsc::Receiver<W::Job>) {
    loop {
        if jobs.is_empty() {
            work.db().rest();
        }
        let mut batch = Vec::with_capacity(BATCH_MAX);
        if jobs.recv_many(&mut batch, BATCH_MAX).await == 0 {
            return;
        }
        // A task of its own, so that a defect in one batch loses that batch's answers and not the writer.
        let (own, count) = (work.clone(), batch.len());
        if let Err(error) = tokio::spawn(async move { whole(&own, batch).await }).await {
            tracing::error!(%error, jobs = count, "batch lost");
        }
    }
}

/// Runs a batch and answers every job of it.
async fn whole<W: Work>(work: &W, jobs: Vec<W::Job>) {
    match attempts(work, &jobs).await {
        Ok(answers) => jobs.into_iter().zip(answers).for_each(|(job, answer)| W::answer(job, Ok(answer))),
        Err(Failure::Statement(error)) if !W::is_outage(&error) && jobs.len() > 1 => {
            tracing::warn!(%error, jobs = jobs.len(), "batch failed; its jobs run one by one");
            for job in jobs {
                match attempts(work, std::slice::from_ref(&job)).await.map(|mut answers| answers.pop()) {
                    Ok(Some(answer)) => W::answer(job, Ok(answer)),
                    // Dropped unanswered: a batch answers each of its jobs.
                    Ok(None) => tracing::error!("a job was not answered"),
                    Err(failure) => W::answer(job, Err(&failure)),
                }
            }
        }
        Err(failure) => {
            tracing::warn!(error = %failure, jobs = jobs.len(), "batch failed");
            jobs.into_iter().for_each(|job| W::answer(job, Err(&failure)));
        }
    }
}

async fn attempts<W: Work>(work: &W, jobs: &[W::Job]) -> Result<Vec<W::Answer>, Failure<W::Error>> {
    let mut attempt = 1;
    loop {
        match work.once(jobs).await {
            Err(Failure::Statement(error)) if error.is_retryable() && attempt < ATTEMPTS_MAX => attempt += 1,
            // Serialization failures and deadlocks raised at COMMIT mean that nothing was written.
            Err(Failure::Commit(error)) if error.is_retryable() && attempt < ATTEMPTS_MAX => attempt += 1,
            done => return done,
        }
    }
}
