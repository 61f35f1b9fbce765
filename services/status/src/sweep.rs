//! The deadline sweep: reads what has come due since its last round and nothing else, and tells officer and leader.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use motcua_proto::status::v1::DossierNoticed;
use motcua_runtime::{Clock, Shutdown, grpc::timestamp};
use motcua_store::{
    Db, Micros, StoreError, commit,
    outbox::{self, NewEvent},
    retrying,
    sql::Writes,
};
use prost::Message as _;

use crate::{
    SERVICE,
    calendars::Calendars,
    coming::{self, Found},
    courses,
    entity::dossier,
    model::{Alert, SubState, next_step, supervise},
};

/// Dossiers of one transaction.
const BATCH: i64 = 512;
const EVERY: Duration = Duration::from_secs(1);

/// The watch over due times.
pub(crate) struct Sweep {
    pub db: Db,
    pub clock: Clock,
    pub calendars: Calendars,
    pub unclaimed_days: u32,
}

impl Sweep {
    /// Goes on until `stop`.
    pub async fn run(self, stop: Shutdown) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            let from = Instant::now();
            match self.round().await {
                Ok(0) => {}
                Ok(dossiers) => {
                    let ms = u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX);
                    tracing::info!(dossiers, ms, "deadline sweep");
                }
                Err(error) => tracing::warn!(%error, "deadline sweep waits for the database"),
            }
        }
    }

    /// Everything that has come due by now; how many dossiers that were.
    pub async fn round(&self) -> Result<usize, StoreError> {
        let mut all = 0;
        loop {
            // Looked at without the write lock first: most rounds find nothing.
            let now = self.clock.now();
            let found = coming::look(&self.db, now).await?;
            if found == Found::default() {
                return Ok(all);
            }
            let done = retrying(|| self.batch(now, found.left)).await?;
            self.db.wake_relay();
            all += done;
            if done < BATCH as usize {
                return Ok(all);
            }
        }
    }

    async fn batch(&self, now: Timestamp, left: bool) -> Result<usize, StoreError> {
        let tx = self.db.begin().await?;
        if left {
            coming::adopt(&tx, BATCH).await?;
        }
        let rows = coming::due(&tx, now, BATCH).await?;
        let count = rows.len();
        let (mut updates, mut times) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut notices = Vec::new();
        let mut events: BTreeMap<String, Vec<NewEvent>> = BTreeMap::new();
        let mut calendars = BTreeMap::new();
        for row in rows {
            if !calendars.contains_key(&row.centre_id) {
                calendars.insert(row.centre_id.clone(), self.calendars.of(&tx, &row.centre_id).await?);
            }
            let calendar = &calendars[&row.centre_id];
            let watch = courses::watch(&row)?;
            let told = supervise(&watch, now, calendar, self.unclaimed_days);
            let after = watch.after(&told);
            times.push((row.id.clone(), next_step(&after, calendar, self.unclaimed_days)));
            let sub = if after.alert == Alert::Unclaimed { SubState::Unclaimed as i32 } else { row.sub_state };
            updates.push([
                (after.alert as i32).into(),
                (after.leg_alert as i32).into(),
                sub.into(),
                row.id.clone().into(),
            ]);
            for alert in told {
                notices.push([
                    motcua_kernel::id::new_id().into(),
                    row.centre_id.clone().into(),
                    (alert as i32).into(),
                    Micros::from(now).0.into(),
                    row.id.clone().into(),
                    row.code.clone().into(),
                    row.holder.clone().into(),
                    row.holder_person.clone().into(),
                    if alert.of_leg() { row.leg_due_time } else { row.due_time }.map(|due| due.0).into(),
                ]);
                events.entry(row.centre_id.clone()).or_default().push(event(&row, alert, now));
            }
        }
        let mut writes = Writes::new(self.db.backend());
        let columns = [("alert", "integer"), ("leg_alert", "integer"), ("sub_state", "integer"), ("id", "text")];
        writes.update("dossier", &columns, updates);
        writes.insert("notice", &NOTICE, notices);
        coming::go_on(&mut writes, times);
        // Last: the centres' rows are held until the commit.
        for (centre_id, events) in events {
            let last = outbox::lock_centre(&tx, &centre_id).await?;
            outbox::write_at(&mut writes, SERVICE, &centre_id, last, events);
        }
        writes.run(&tx).await?;
        commit(tx).await?;
        Ok(count)
    }
}

const NOTICE: [&str; 9] = ["id", "centre_id", "kind", "time", "dossier_id", "code", "department", "person", "due_time"];

fn event(row: &dossier::Model, alert: Alert, now: Timestamp) -> NewEvent {
    let kind = match alert {
        Alert::None | Alert::DueSoon => "dossier.due_soon",
        Alert::Overdue => "dossier.overdue",
        Alert::Escalated => "dossier.escalated",
        Alert::Unclaimed => "result.unclaimed",
        Alert::LegDueSoon => "dossier.leg_due_soon",
        Alert::LegLate => "dossier.leg_late",
    };
    let noticed = DossierNoticed {
        dossier_id: row.id.clone(),
        code: row.code.clone(),
        state: row.state,
        department: row.department.clone(),
        holder: row.holder.clone(),
        due_time: row.due_time.map(|due| timestamp(due.timestamp())),
        notice_time: Some(timestamp(now)),
        version: row.version,
        leg_due_time: row.leg_due_time.filter(|_| alert.of_leg()).map(|due| timestamp(due.timestamp())),
    };
    NewEvent {
        centre_id: row.centre_id.clone(),
        kind: kind.into(),
        subject: format!("dossiers/{}", row.id),
        aggregate_id: row.id.clone(),
        aggregate_version: row.version,
        schema: "motcua.status.v1.DossierNoticed",
        data: noticed.encode_to_vec(),
        time: now,
        traceparent: (!row.traceparent.is_empty()).then(|| row.traceparent.clone()),
    }
}
