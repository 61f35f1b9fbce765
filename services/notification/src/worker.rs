//! Takes in what status tells, and works on the deliveries that are due.

use std::{sync::Arc, time::Duration};

use motcua_bus::Event;
use motcua_kernel::id::new_id;
use motcua_proto::status::v1::DossierMoved;
use motcua_runtime::{Clock, Shutdown};
use motcua_store::{
    Micros, StoreError,
    inbox::{Handler, HandlerError},
    sql,
};
use prost::Message as _;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, Set};
use tokio::{sync::Notify, task::JoinSet};

use crate::{entity::delivery, instruments, queries, sender::Sender};

/// What a ready result is called here.
pub(crate) const RESULT_READY: &str = "result_ready";
const POLL: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(5);
/// Calls under way get this long after the signal to stop; what is cut off is an open attempt, and so UNKNOWN.
const DRAIN_MAX: Duration = Duration::from_secs(7);
const COUNT_EVERY: Duration = Duration::from_secs(15);

/// `result.ready`: one notification with one delivery, in the transaction of the inbox row.
pub(crate) struct Results {
    pub clock: Clock,
    pub channel: &'static str,
    pub keep_trying_hours: u32,
    pub due: Arc<Notify>,
}

#[async_trait::async_trait]
impl Handler for Results {
    fn durable(&self) -> &'static str {
        "notification-results"
    }

    fn source(&self) -> &'static str {
        "status"
    }

    fn types(&self) -> &'static [&'static str] {
        &["result.ready"]
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let moved = DossierMoved::decode(event.data.as_ref())?;
        if moved.dossier_id.is_empty() || event.centre_id.is_empty() || event.id.is_empty() {
            return Err(HandlerError::Poison("result.ready without dossier, centre or id".into()));
        }
        let now = Micros::from(self.clock.now());
        let notification = new_id();
        let expire = Micros(now.0.saturating_add(i64::from(self.keep_trying_hours) * 3_600_000_000));
        let columns =
            ["id", "event_id", "kind", "centre_id", "dossier_id", "return_channel", "create_time", "expire_time"];
        let statement = format!("{} on conflict (event_id, kind) do nothing", sql::insert("notification", &columns, 1));
        let values = vec![
            notification.clone().into(),
            event.id.clone().into(),
            RESULT_READY.into(),
            event.centre_id.clone().into(),
            moved.dossier_id.clone().into(),
            moved.return_channel.into(),
            now.0.into(),
            expire.0.into(),
        ];
        let inserted = tx.execute_raw(sql::statement(tx.get_database_backend(), statement, values)).await?;
        if inserted.rows_affected() == 0 {
            return Ok(());
        }
        delivery::ActiveModel {
            id: Set(new_id()),
            notification_id: Set(notification),
            centre_id: Set(event.centre_id.clone()),
            dossier_id: Set(moved.dossier_id),
            kind: Set(RESULT_READY.into()),
            channel: Set(self.channel.into()),
            state: Set(delivery::Stage::Pending),
            address_masked: Set(String::new()),
            address_blind: Set(String::new()),
            provider: Set(self.channel.into()),
            provider_id: Set(String::new()),
            attempts: Set(0),
            failures: Set(0),
            next_time: Set(Some(motcua_store::machine_now())),
            fence: Set(0),
            ambiguous_time: Set(None),
            last_error: Set(String::new()),
            create_time: Set(now),
            accept_time: Set(None),
            traceparent: Set(event.traceparent.clone()),
        }
        .insert(tx)
        .await?;
        Ok(())
    }

    async fn committed(&self, _event: &Event) {
        self.due.notify_one();
    }
}

/// Works on what is due until `stop`: at most `parallel` at a time, each claimed by compare-and-set.
pub(crate) async fn run(sender: Arc<Sender>, due: Arc<Notify>, parallel: usize, stop: Shutdown) {
    let mut under_way = JoinSet::new();
    let mut wait = POLL;
    let mut counted: Option<tokio::time::Instant> = None;
    while !stop.is_cancelled() {
        while under_way.try_join_next().is_some() {}
        let free = parallel.max(1).saturating_sub(under_way.len());
        if free > 0 {
            match queries::claim(&sender.db, free, sender.lease_us).await {
                Ok(claimed) => {
                    wait = POLL;
                    let full = claimed.len() == free;
                    for row in claimed {
                        let sender = sender.clone();
                        under_way.spawn(async move { sender.work(row).await });
                    }
                    if !full && let Ok(Some(next_us)) = queries::until_next(&sender.db).await {
                        wait = wait.min(Duration::from_micros(next_us));
                    }
                }
                Err(error) => {
                    wait = (wait * 2).min(BACKOFF_MAX);
                    tracing::warn!(%error, "deliveries wait");
                }
            }
        }
        if counted.is_none_or(|at| at.elapsed() > COUNT_EVERY) {
            counted = Some(tokio::time::Instant::now());
            count_open(&sender).await;
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = due.notified() => {}
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
    let drained = tokio::time::timeout(DRAIN_MAX, async { while under_way.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        tracing::warn!(left = under_way.len(), "stopped with attempts open; they are looked into at the next start");
    }
}

async fn count_open(sender: &Sender) {
    match queries::open(&sender.db).await {
        Ok(open) => instruments::open(&open),
        Err(error) => report(&error),
    }
}

fn report(error: &StoreError) {
    tracing::warn!(%error, "deliveries could not be counted");
}
