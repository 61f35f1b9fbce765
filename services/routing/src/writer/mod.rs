//! The only way tickets change: whatever waits for a centre (on SQLite, for any centre) becomes one transaction.
mod batch;
mod load;
mod memory;
mod offline;
mod save;

use motcua_runtime::Clock;
use motcua_store::idempotency::Key;
use motcua_store::writer::{self, NotTaken};
use motcua_store::{Db, StoreError};
use tokio::sync::oneshot;

use crate::Error;
use crate::centres::Centres;
use crate::feed::Feeds;
use crate::model::command::{Command, Refusal};
pub(crate) use memory::Memory;

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

type Failure = writer::Failure<Error>;

impl writer::Work for Shared {
    type Job = Job;
    type Answer = Result<Vec<u8>, Refusal>;
    type Error = Error;

    fn db(&self) -> &Db {
        &self.db
    }

    async fn once(&self, jobs: &[Job]) -> Result<Vec<Self::Answer>, Failure> {
        batch::once(self, jobs).await
    }

    fn is_outage(error: &Error) -> bool {
        matches!(error, Error::Store(store) if store.is_outage())
    }

    fn answer(job: Job, answer: Result<Self::Answer, &Failure>) {
        let answer = match answer {
            Ok(answer) => answer.map_err(Error::Refused),
            Err(failure) => Err(told(failure)),
        };
        let _ = job.reply.send(answer);
    }
}

/// What one caller is told of a failure that may concern many.
fn told(failure: &Failure) -> Error {
    match failure {
        Failure::Statement(Error::Store(StoreError::AlreadyExists(what))) if what.contains("token") => {
            Error::Refused(Refusal::TokenReused)
        }
        Failure::Statement(Error::Refused(refusal)) => Error::Refused(refusal.clone()),
        Failure::Statement(Error::Store(StoreError::Full(cause))) | Failure::Commit(StoreError::Full(cause)) => {
            Error::DiskFull(cause.to_string())
        }
        Failure::Statement(error) if !<Shared as writer::Work>::is_outage(error) => Error::Defect(error.to_string()),
        failure => Error::Lost(failure.to_string()),
    }
}

/// Hands commands to the writer of their centre.
#[derive(Clone)]
pub(crate) struct Writer {
    shared: Shared,
    writer: writer::Writer<Shared>,
}

impl Writer {
    pub(crate) fn new(shared: Shared) -> Self {
        Self { writer: writer::Writer::new(shared.clone()), shared }
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
        self.writer.submit(centre_id, job).map_err(|error| match error {
            NotTaken::Full => Error::Full,
            NotTaken::Ended => Error::Lost(error.to_string()),
        })?;
        answer.await.unwrap_or_else(|_| Err(Error::Lost("writer gave no answer".into())))
    }
}
