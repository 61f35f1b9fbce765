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
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use crate::{
    SERVICE,
    calendars::Calendars,
    courses,
    entity::dossier,
    model::{Alert, SubState, Watch, next_step, supervise},
};

/// Dossiers of one transaction.
const BATCH: u64 = 512;
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
    pub async fn round(&self) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            // Looked at without the write lock first: most rounds find nothing.
            let now = self.clock.now();
            let due = due(now).limit(1).one(self.db.read()).await?;
            if due.is_none() {
                return Ok(all);
            }
            let done = retrying(|| self.batch(now)).await?;
            self.db.wake_relay();
            all += done;
            if done < BATCH {
                return Ok(all);
            }
        }
    }

    async fn batch(&self, now: Timestamp) -> Result<u64, StoreError> {
        let tx = self.db.begin().await?;
        let rows = due(now).limit(BATCH).lock_exclusive().all(&tx).await?;
        let count = rows.len() as u64;
        let mut updates = Vec::with_capacity(rows.len());
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
            let after = Watch { alert: told.last().copied().unwrap_or(watch.alert), ..watch };
            let next = next_step(&after, calendar, self.unclaimed_days).map(|time| Micros::from(time).0);
            let sub = if after.alert == Alert::Unclaimed { SubState::Unclaimed as i32 } else { row.sub_state };
            updates.push([(after.alert as i32).into(), next.into(), sub.into(), row.id.clone().into()]);
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
                    row.due_time.map(|due| due.0).into(),
                ]);
                events.entry(row.centre_id.clone()).or_default().push(event(&row, alert, now));
            }
        }
        let mut writes = Writes::new(self.db.backend());
        let columns = [("alert", "integer"), ("next_step_time", "bigint"), ("sub_state", "integer"), ("id", "text")];
        writes.update("dossier", &columns, updates);
        writes.insert("notice", &NOTICE, notices);
        writes.run(&tx).await?;
        for (centre_id, events) in events {
            outbox::append(&tx, SERVICE, &centre_id, events).await?;
        }
        commit(tx).await?;
        Ok(count)
    }
}

fn due(now: Timestamp) -> sea_orm::Select<dossier::Entity> {
    dossier::Entity::find()
        .filter(dossier::Column::NextStepTime.lte(Micros::from(now)))
        .order_by_asc(dossier::Column::NextStepTime)
}

const NOTICE: [&str; 9] = ["id", "centre_id", "kind", "time", "dossier_id", "code", "department", "person", "due_time"];

fn event(row: &dossier::Model, alert: Alert, now: Timestamp) -> NewEvent {
    let kind = match alert {
        Alert::None | Alert::DueSoon => "dossier.due_soon",
        Alert::Overdue => "dossier.overdue",
        Alert::Escalated => "dossier.escalated",
        Alert::Unclaimed => "result.unclaimed",
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
