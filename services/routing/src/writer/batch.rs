//! One batch: lock, read, fold, write, commit, answer.
use std::collections::{BTreeMap, HashMap};

use motcua_kernel::id::new_id;
use motcua_store::idempotency::Key;
use motcua_store::outbox;
use motcua_store::outbox::NewEvent;
use sea_orm::ConnectionTrait as _;

use super::load::{self, Answers, Known};
use super::save::{self, AuditRow, Written};
use super::{Failure, Job, Shared};
use crate::Error;
use crate::model::command::{Outcome, Refusal};
use crate::model::fold::fold;
use crate::model::hall::Hall;
use crate::model::notice::Told;
use crate::model::state::State;
use crate::{queries, wire};

type Answer = Result<Vec<u8>, Refusal>;

/// The whole of it in one transaction.
pub(super) async fn once(shared: &Shared, jobs: &[Job]) -> Result<Vec<Answer>, Failure> {
    // In the order of ids, so that two processes lock in the same order.
    let mut by_centre: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, job) in jobs.iter().enumerate() {
        by_centre.entry(&job.centre_id).or_default().push(at);
    }
    let tx = shared.db.begin_batch().await.map_err(Error::from)?;
    let mut last_seqs = HashMap::new();
    // Who has begun on SQLite has it locked already.
    if !shared.db.is_sqlite() {
        for centre_id in by_centre.keys() {
            let last = outbox::lock_centre(&tx, centre_id).await.map_err(Error::from)?;
            last_seqs.insert((*centre_id).to_owned(), last);
        }
    }
    let Known { mut answers, versions, seqs } = load::known(&tx, by_centre.keys().copied(), jobs).await?;
    last_seqs.extend(seqs);
    let mut told: Vec<Option<Answer>> = jobs.iter().map(|_| None).collect();
    let mut written = Written::default();
    let mut appends = Vec::new();
    let mut halls = Vec::new();
    for (centre_id, group) in &by_centre {
        let versions = versions.get(*centre_id).copied().ok_or_else(|| Refusal::CentreUnknown((*centre_id).into()));
        let in_force = shared.centres.at(&tx, centre_id, versions.map_err(Error::from)?).await?;
        let fresh: Vec<&Job> =
            group.iter().map(|at| &jobs[*at]).filter(|job| !answers.contains_key(&id(&job.key))).collect();
        let now = shared.clock.now();
        let last = last_seqs.get(*centre_id).copied().unwrap_or(0);
        let today = in_force.centre.day(now);
        // Taken out: whatever happens to this batch, what it leaves behind unsaved is never used again.
        let hall = match shared.memory.take(centre_id, last, today) {
            Some(hall) => hall,
            None if fresh.is_empty() => Hall::new(today),
            None => queries::day(&tx, &in_force.centre, today).await?,
        };
        let mut state = State::new(&in_force.centre, hall, now, new_id);
        state.pace = shared.clock.speed().into();
        load::state(&tx, &in_force, &mut state, &fresh, &answers).await?;
        let mut events = Vec::new();
        for at in group {
            let job = &jobs[*at];
            let moves = state.changes.moves.len();
            told[*at] = Some(one(&mut state, job, &mut answers, &mut written, &mut events));
            for made in state.changes.moves.iter().skip(moves) {
                events.push(wire::event(state.centre, made, state.now, job.traceparent.clone()));
                written.audit.push(AuditRow::of(job, made, state.now));
            }
        }
        state.tell_near();
        if let Some(at) = group.last() {
            notices(&mut state, &jobs[*at], &mut written, &mut events);
        }
        let seq = last + i64::try_from(events.len()).unwrap_or(0);
        if !events.is_empty() {
            appends.push(((*centre_id).to_owned(), last, events));
        }
        let hall = written.take(state);
        if !fresh.is_empty() {
            halls.push(((*centre_id).to_owned(), seq, hall));
        }
    }
    if written.is_empty() && appends.is_empty() {
        tx.rollback().await.map_err(Error::from)?;
    } else {
        let mut writes = save::all(tx.get_database_backend(), &written);
        for (centre_id, last, events) in &mut appends {
            outbox::write_at(&mut writes, crate::SOURCE, centre_id, *last, std::mem::take(events));
        }
        writes.run(&tx).await.map_err(Error::from)?;
        tx.commit().await.map_err(Failure::Commit)?;
        if !appends.is_empty() {
            shared.db.wake_relay();
        }
    }
    for (centre_id, seq, hall) in halls {
        if appends.iter().any(|(changed, ..)| *changed == centre_id) {
            shared.feeds.wake(&centre_id, seq);
        }
        shared.memory.keep(centre_id, seq, hall);
    }
    Ok(told.into_iter().flatten().collect())
}

/// The key of an answer, without its hash.
pub(super) fn id(key: &Key) -> (String, &'static str, String) {
    (key.principal.clone(), key.method, key.request_id.clone())
}

/// What is to be told to holders who asked. That their turn is near is nobody's act: it belongs to the trace of their tap.
fn notices(state: &mut State<'_>, job: &Job, written: &mut Written, events: &mut Vec<NewEvent>) {
    for made in std::mem::take(&mut state.changes.notices) {
        let traceparent = match made.told {
            Told::Soon(_) => made.ticket.traceparent.clone(),
            _ => job.traceparent.clone(),
        };
        events.push(wire::notice(state.centre, &made, state.now, traceparent));
        if !made.told.audited().is_empty() {
            written.audit.push(AuditRow::notice(job, &made, state.now));
        }
    }
}

/// One command: an answer known already, or the rules' and what is to be stored of it.
fn one(
    state: &mut State<'_>,
    job: &Job,
    known: &mut Answers,
    written: &mut Written,
    events: &mut Vec<NewEvent>,
) -> Answer {
    // The sweep has no caller to repeat itself to.
    let internal = job.command.is_sweep();
    if !internal && let Some((hash, response)) = known.get(&id(&job.key)) {
        return if *hash == job.key.hash { Ok(response.clone()) } else { Err(Refusal::RequestReused) };
    }
    let (bookings, turned) = (state.changes.appointments.len(), state.changes.turned.len());
    let outcome = fold(state, &job.command)?;
    notices(state, job, written, events);
    for counter in state.changes.turned.iter().skip(turned) {
        if let Some(desk) = state.hall.desks.get(counter) {
            events.push(wire::counter_changed(&state.centre.id, counter, desk, state.now, job.traceparent.clone()));
        }
    }
    for (id, kind) in state.changes.appointments.iter().skip(bookings) {
        if let Some(of) = state.appointments.get(id) {
            events.push(wire::appointment_moved(&state.centre.id, of, kind, state.now, job.traceparent.clone()));
            written.audit.push(AuditRow::appointment(job, of, kind, state.now));
        }
    }
    match &outcome {
        // The same batch may hold what its kiosk printed meanwhile.
        Outcome::Issued(ticket, _) => {
            state.taps.insert((job.key.principal.clone(), job.key.request_id.clone()), ticket.id.clone());
        }
        Outcome::Lent(block) if state.changes.blocks.iter().any(|lent| lent.id == block.id) => {
            events.push(wire::block_lent(&state.centre.id, block, state.now, job.traceparent.clone()));
        }
        _ => {}
    }
    if let Outcome::Counter(id, desk) = &outcome {
        written.audit.push(AuditRow::desk(job, id, desk, state.now));
        events.push(wire::counter_changed(&state.centre.id, id, desk, state.now, job.traceparent.clone()));
    }
    let response = wire::response(state.centre, &state.hall, &outcome);
    if !internal && outcome != Outcome::Nobody {
        known.insert(id(&job.key), (job.key.hash.clone(), response.clone()));
        written.requests.push((job.key.clone(), response.clone()));
    }
    Ok(response)
}
