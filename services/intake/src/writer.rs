//! How dossiers are written: those that wait together become one transaction, each seeing the numbers of the earlier ones.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use motcua_kernel::dossier_code::DossierCode;
use motcua_kernel::identity::Identity;
use motcua_proto::intake::v1::AcceptDossierResponse;
use motcua_store::idempotency::{self, Key};
use motcua_store::outbox::{self, NewEvent};
use motcua_store::sql::Writes;
use motcua_store::writer::{self, Failure, NotTaken};
use motcua_store::{BatchTx, Db, StoreError};
use prost::Message as _;
use sea_orm::ConnectionTrait as _;
use tokio::sync::oneshot;

use crate::accept::{self, Prepared};
use crate::app::SOURCE;
use crate::error::Error;
use crate::ground::Basis;
use crate::queries::acceptance::{self, Asked, Known, Series};
use crate::queries::dossier::{self, New};
use crate::queries::{audit_row, file, write_audit};
use crate::wire;

/// A dossier that was checked, on its way to the writer.
pub(crate) struct Job {
    pub who: Identity,
    pub key: Key,
    pub prepared: Prepared,
    /// Trace of the act.
    pub traceparent: String,
    reply: oneshot::Sender<Result<Told, Error>>,
}

/// What a job is told.
pub(crate) enum Told {
    /// Received: the answer, without the address of its receipt.
    Accepted(Box<AcceptDossierResponse>),
    /// Answered before.
    Before(Vec<u8>),
    /// Prepared on a ground that holds no longer: nothing was done.
    Outdated,
    /// Nothing was done.
    Refused(Error),
}

/// What the writers share.
#[derive(Clone)]
pub(crate) struct Shared {
    db: Db,
    /// Version of the calendar that we ship.
    shipped: i64,
    /// Sequence numbers that the last batches left, by centre.
    last: Arc<Mutex<HashMap<String, i64>>>,
}

/// Hands dossiers to the writer of their centre.
pub(crate) struct Desk(writer::Writer<Shared>);

impl Desk {
    pub(crate) fn new(db: Db, shipped: i64) -> Self {
        Self(writer::Writer::new(Shared { db, shipped, last: Arc::default() }))
    }

    /// Writes a dossier. Dropping the future does not take it back.
    pub(crate) async fn accept(
        &self,
        who: Identity,
        key: Key,
        prepared: Prepared,
        traceparent: String,
    ) -> Result<Told, Error> {
        let (reply, told) = oneshot::channel();
        let centre_id = prepared.dossier.centre_id.clone();
        let lost = |what: String| Error::Store(StoreError::Unavailable(sea_orm::DbErr::Custom(what)));
        let job = Job { who, key, prepared, traceparent, reply };
        self.0.submit(&centre_id, job).map_err(|error: NotTaken| lost(error.to_string()))?;
        told.await.unwrap_or_else(|_| Err(lost("writer gave no answer".into())))
    }
}

impl writer::Work for Shared {
    type Job = Job;
    type Answer = Told;
    type Error = Error;

    fn db(&self) -> &Db {
        &self.db
    }

    async fn once(&self, jobs: &[Job]) -> Result<Vec<Told>, Failure<Error>> {
        let tx = self.db.begin_batch().await.map_err(Error::from)?;
        let Batch { told, rows, seqs } = self.decide(&tx, jobs).await?;
        if seqs.is_empty() {
            tx.rollback().await.map_err(Error::from)?;
            return Ok(told);
        }
        rows.run(&tx).await.map_err(Error::from)?;
        tx.commit().await.map_err(Failure::Commit)?;
        self.db.wake_relay();
        self.last.lock().unwrap_or_else(PoisonError::into_inner).extend(seqs);
        Ok(told)
    }

    fn is_outage(error: &Error) -> bool {
        matches!(error, Error::Store(store) if store.is_outage())
    }

    fn answer(job: Job, answer: Result<Told, &Failure<Error>>) {
        let answer = answer.map_err(|failure| match failure {
            Failure::Statement(Error::Store(error)) | Failure::Commit(error) => Error::Store(error.clone()),
            Failure::Statement(other) => Error::Internal(other.to_string()),
        });
        let _ = job.reply.send(answer);
    }
}

/// What becomes of a batch.
struct Batch {
    told: Vec<Told>,
    rows: Writes,
    /// Centres that were written to, and the sequence numbers they have then.
    seqs: Vec<(String, i64)>,
}

/// A dossier that is received.
struct Taken<'j> {
    job: &'j Job,
    dossier: dossier::Dossier,
    answer: AcceptDossierResponse,
}

impl Shared {
    async fn decide(&self, tx: &BatchTx, jobs: &[Job]) -> Result<Batch, Error> {
        // In the order of ids, so that two processes lock in the same order.
        let mut by_centre: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, job) in jobs.iter().enumerate() {
            by_centre.entry(&job.prepared.dossier.centre_id).or_default().push(at);
        }
        let mut told: Vec<Option<Told>> = jobs.iter().map(|_| None).collect();
        let (mut taken, mut events, mut serials) = (Vec::new(), Vec::new(), Vec::new());
        for (centre_id, group) in by_centre {
            let mut known = self.look(tx, centre_id, group.iter().map(|at| &jobs[*at])).await?;
            let first = taken.len();
            for at in group {
                let job = &jobs[at];
                told[at] = Some(match one(job, &mut known, self.shipped) {
                    Ok(new) => {
                        let answer = new.answer.clone();
                        taken.push(new);
                        Told::Accepted(Box::new(answer))
                    }
                    Err(told) => told,
                });
            }
            let new = &taken[first..];
            if !new.is_empty() {
                let series: HashSet<&Series> = new.iter().map(|one: &Taken<'_>| &one.job.prepared.series).collect();
                let last = series.into_iter().filter_map(|of| Some((of.clone(), *known.serials.get(of)?)));
                serials.push((centre_id, last.collect::<Vec<_>>()));
                events.push((centre_id, known.seq, new.iter().map(Taken::event).collect::<Vec<_>>()));
            }
        }
        let mut rows = Writes::new(tx.get_database_backend());
        let mut seqs = Vec::new();
        write(&mut rows, &taken)?;
        acceptance::write_serials(&mut rows, &serials);
        for (centre_id, last, events) in events {
            let written = outbox::write_at(&mut rows, SOURCE, centre_id, last, events);
            seqs.extend(written.last().map(|event| (centre_id.to_owned(), event.sequence)));
        }
        Ok(Batch { told: told.into_iter().flatten().collect(), rows, seqs })
    }

    /// What stands under the centre's lock.
    async fn look<'j>(
        &self,
        tx: &BatchTx,
        centre_id: &str,
        jobs: impl Iterator<Item = &'j Job>,
    ) -> Result<Known, StoreError> {
        let mut asked = Asked::default();
        for job in jobs {
            asked.keys.push(&job.key);
            asked.series.insert(job.prepared.series.clone());
            asked.files.extend(job.prepared.files.iter().map(|file| file.file_id.as_str()));
        }
        let known = acceptance::look(tx, centre_id, &asked).await?;
        // Whoever waited for the lock saw what was before the wait, unless nobody wrote since this process did.
        let expected = self.last.lock().unwrap_or_else(PoisonError::into_inner).get(centre_id).copied();
        if self.db.is_sqlite() || expected == Some(known.seq) {
            return Ok(known);
        }
        acceptance::look(tx, centre_id, &asked).await
    }
}

/// One dossier: received under the next number of its agency's day, or why not.
fn one<'j>(job: &'j Job, known: &mut Known, shipped: i64) -> Result<Taken<'j>, Told> {
    let id = (job.key.principal.clone(), job.key.request_id.clone());
    if let Some((hash, answer)) = known.answers.get(&id) {
        let same = *hash == job.key.hash;
        return Err(if same { Told::Before(answer.clone()) } else { Told::Refused(Error::RequestReused) });
    }
    let prepared = &job.prepared;
    let Some(agency_code) = known.agency_code.clone() else { return Err(Told::Outdated) };
    let basis = Basis { catalogue: known.catalogue, calendar: known.calendar.unwrap_or(shipped), agency_code };
    if basis != prepared.basis {
        return Err(Told::Outdated);
    }
    let mut own = HashSet::new();
    let free = |id: &str| known.free.get(id).is_some_and(|by| *by == job.who.subject);
    if !prepared.files.iter().all(|file| free(&file.file_id) && own.insert(&file.file_id)) {
        return Err(Told::Refused(Error::FileUnknown));
    }
    let (agency, _) = &prepared.series;
    let serial = known.serials.get(&prepared.series).copied().unwrap_or(0) + 1;
    let code = DossierCode::new(agency, prepared.day, serial).map_err(|error| Told::Refused(error.into()))?;
    let dossier = dossier::Dossier { code: code.to_string(), ..prepared.dossier.clone() };
    // Without the address: no secret is stored, it is derived again for whoever repeats the request.
    let answer = AcceptDossierResponse { dossier: Some(wire::dossier(&dossier)), tracking_url: String::new() };
    known.serials.insert(prepared.series.clone(), serial);
    known.free.retain(|id, _| !own.contains(id));
    known.answers.insert(id, (job.key.hash.clone(), answer.encode_to_vec()));
    Ok(Taken { job, dossier, answer })
}

impl Taken<'_> {
    fn event(&self) -> NewEvent {
        let prepared = &self.job.prepared;
        let event = accept::accepted(&self.dossier, &prepared.token_hash, &prepared.counted);
        NewEvent { traceparent: Some(self.job.traceparent.clone()), ..event }
    }
}

fn write(rows: &mut Writes, taken: &[Taken<'_>]) -> Result<(), StoreError> {
    let new: Vec<New<'_>> = taken
        .iter()
        .map(|one| New {
            dossier: &one.dossier,
            token_hash: &one.job.prepared.token_hash,
            applicant: &one.job.prepared.applicant,
            papers: &one.job.prepared.papers,
            fees: &one.job.prepared.fees,
        })
        .collect();
    dossier::write(rows, &new)?;
    let files = taken.iter().flat_map(|one| one.job.prepared.files.iter().map(|file| (one.dossier.id.as_str(), file)));
    file::take_up(rows, files);
    let audit = taken.iter().map(|one| {
        let dossier = &one.dossier;
        audit_row(&dossier.centre_id, dossier.accept_time, &one.job.who, "dossier.accept", &dossier.id)
    });
    write_audit(rows, audit);
    idempotency::write(rows, taken.iter().map(|one| (&one.job.key, one.answer.encode_to_vec())));
    Ok(())
}
