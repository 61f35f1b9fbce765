//! What a batch writes: one multi-row statement a table.
use jiff::{Timestamp, civil::Date};
use motcua_store::idempotency::Key;
use motcua_store::machine_now;
use motcua_store::sql::{in_order, insert, tuples};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, Value};

use super::Job;
use crate::Error;
use crate::entity::ticket;
use crate::model::estimate::LaneStat;
use crate::model::state::{CallRecord, Move, State};
use crate::model::ticket::{Lane, Ticket};

/// One line of the audit: who did what to which ticket.
pub(super) struct AuditRow {
    centre_id: String,
    time: Timestamp,
    actor: String,
    action: &'static str,
    ticket_id: String,
    counter_id: String,
}

impl AuditRow {
    pub(super) fn of(job: &Job, made: &Move, now: Timestamp) -> Self {
        Self {
            centre_id: job.centre_id.clone(),
            time: now,
            actor: job.key.principal.clone(),
            action: job.key.method,
            ticket_id: made.ticket.id.clone(),
            counter_id: made.from_counter.clone().or_else(|| made.ticket.counter_id.clone()).unwrap_or_default(),
        }
    }
}

/// Everything one transaction writes, over all its centres.
#[derive(Default)]
pub(super) struct Written {
    issued: Vec<Ticket>,
    moved: Vec<Ticket>,
    calls: Vec<(String, CallRecord)>,
    series: Vec<(String, Date, String, i64)>,
    lanes: Vec<(String, Date, Lane, LaneStat)>,
    pub(super) audit: Vec<AuditRow>,
    pub(super) requests: Vec<(Key, Vec<u8>)>,
}

impl Written {
    pub(super) fn is_empty(&self) -> bool {
        self.issued.is_empty() && self.moved.is_empty() && self.requests.is_empty()
    }

    /// Takes what one centre's fold changed.
    pub(super) fn take(&mut self, state: State<'_>) {
        let State { centre, today, mut tickets, stats, series, changes, .. } = state;
        self.issued.extend(changes.issued.iter().filter_map(|id| tickets.remove(id)));
        self.moved.extend(changes.moved.iter().filter_map(|id| tickets.remove(id)));
        self.calls.extend(changes.calls.into_iter().map(|call| (centre.id.clone(), call)));
        for letter in changes.series {
            if let Some(last) = series.get(&letter) {
                self.series.push((centre.id.clone(), today, letter, *last));
            }
        }
        for lane in changes.lanes {
            if let Some(stat) = stats.get(&lane) {
                self.lanes.push((centre.id.clone(), today, lane, *stat));
            }
        }
    }
}

pub(super) async fn all(tx: &DatabaseTransaction, written: &Written) -> Result<(), Error> {
    // Counters are freed before they take their next ticket: the unique index looks at every row as it changes.
    let (live, freed): (Vec<&Ticket>, Vec<&Ticket>) = written.moved.iter().partition(|ticket| ticket.state.is_live());
    update(tx, &freed).await?;
    update(tx, &live).await?;
    rows(tx, &insert("ticket", &ticket::COLUMNS, written.issued.len()), written.issued.iter().flat_map(ticket::values))
        .await?;
    calls(tx, &written.calls).await?;
    figures(tx, written).await?;
    let audit = written.audit.iter().flat_map(|row| -> [Value; 7] {
        [
            motcua_kernel::id::new_id().into(),
            row.centre_id.clone().into(),
            row.time.as_microsecond().into(),
            row.actor.clone().into(),
            row.action.into(),
            row.ticket_id.clone().into(),
            row.counter_id.clone().into(),
        ]
    });
    let columns = ["id", "centre_id", "time", "actor", "action", "ticket_id", "counter_id"];
    rows(tx, &insert("audit", &columns, written.audit.len()), audit).await?;
    let now = machine_now();
    let requests = written.requests.iter().flat_map(|(key, response)| -> [Value; 6] {
        [
            key.principal.clone().into(),
            key.method.into(),
            key.request_id.clone().into(),
            key.hash.clone().into(),
            response.clone().into(),
            now.0.into(),
        ]
    });
    let columns = ["principal", "method", "request_id", "hash", "response", "time"];
    rows(tx, &insert("request", &columns, written.requests.len()), requests).await
}

/// Runs a multi-row statement, unless it would have no row.
async fn rows(tx: &DatabaseTransaction, sql: &str, values: impl Iterator<Item = Value>) -> Result<(), Error> {
    let values: Vec<Value> = values.collect();
    if !values.is_empty() {
        tx.execute_raw(in_order(tx.get_database_backend(), sql, values)).await?;
    }
    Ok(())
}

async fn calls(tx: &DatabaseTransaction, calls: &[(String, CallRecord)]) -> Result<(), Error> {
    let columns = ["id", "centre_id", "ticket_id", "counter_id", "queue_id", "call_us", "reason"];
    let values = calls.iter().flat_map(|(centre_id, call)| -> [Value; 7] {
        [
            call.id.clone().into(),
            centre_id.clone().into(),
            call.ticket_id.clone().into(),
            call.counter_id.clone().into(),
            call.queue_id.clone().into(),
            call.time.as_microsecond().into(),
            call.reason.clone().into(),
        ]
    });
    rows(tx, &insert("call", &columns, calls.len()), values).await
}

async fn figures(tx: &DatabaseTransaction, written: &Written) -> Result<(), Error> {
    let columns = ["centre_id", "business_day", "letter", "last"];
    let series = insert("series", &columns, written.series.len())
        + " on conflict (centre_id, business_day, letter) do update set last = excluded.last";
    let values = written.series.iter().flat_map(|(centre, day, letter, last)| -> [Value; 4] {
        [centre.clone().into(), day.to_string().into(), letter.clone().into(), (*last).into()]
    });
    rows(tx, &series, values).await?;
    let columns = ["centre_id", "business_day", "lane", "waiting", "served", "service_ms"];
    let lanes = insert("lane", &columns, written.lanes.len())
        + " on conflict (centre_id, business_day, lane) do update set waiting = excluded.waiting, \
            served = excluded.served, service_ms = excluded.service_ms";
    let values = written.lanes.iter().flat_map(|(centre, day, lane, stat)| -> [Value; 6] {
        [
            centre.clone().into(),
            day.to_string().into(),
            lane.as_str().into(),
            stat.waiting.into(),
            stat.served.into(),
            stat.service_ms.into(),
        ]
    });
    rows(tx, &lanes, values).await
}

/// One UPDATE … FROM (VALUES …) for many tickets; the casts tell PostgreSQL the types of parameters that may be null.
async fn update(tx: &DatabaseTransaction, tickets: &[&Ticket]) -> Result<(), Error> {
    if tickets.is_empty() {
        return Ok(());
    }
    let columns = ticket::MOVED;
    let first: Vec<String> =
        columns.iter().enumerate().map(|(at, (_, kind))| format!("cast(${} as {kind})", at + 1)).collect();
    let mut tuples_sql = format!("({})", first.join(","));
    if tickets.len() > 1 {
        tuples_sql.push(',');
        tuples_sql.push_str(&tuples(columns.len() + 1, columns.len(), tickets.len() - 1));
    }
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let sets: Vec<String> =
        names.iter().filter(|name| **name != "id").map(|name| format!("{name} = v.{name}")).collect();
    let sql = format!(
        "with v({}) as (values {tuples_sql}) update ticket set {} from v where ticket.id = v.id",
        names.join(","),
        sets.join(", ")
    );
    let values: Vec<Value> = tickets.iter().flat_map(|ticket| ticket::moved_values(ticket)).collect();
    let done = tx.execute_raw(in_order(tx.get_database_backend(), &sql, values)).await?.rows_affected();
    if done != tickets.len() as u64 {
        return Err(motcua_store::StoreError::Conflict.into());
    }
    Ok(())
}
