//! Events taken in exactly once: effect and inbox row commit together.
//!
//! A handler that fails leaves a RETRY row and the event is acknowledged; this service's own timer redrives it; after
//! [`ATTEMPTS_MAX`] it is PARKED with its reason until somebody runs `motcua replay`.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use motcua_bus::{Bus, BusError, Deliver, Delivered, Event, Subscription, trace};
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, Value};
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use crate::{Db, StoreError, commit, machine_now, outbox, sql};

/// Tries before an event is parked.
pub const ATTEMPTS_MAX: i64 = 12;
/// Events of one transaction when a stream is built anew.
const REPUBLISH_PART: usize = 2000;
const DATABASE_DOWN: Duration = Duration::from_secs(2);

/// Why a handler did not take an event.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// May work later (a peer is away).
    #[error("{0}")]
    Later(String),
    /// Never will: parked at once.
    #[error("{0}")]
    Poison(String),
    /// The database said no.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for HandlerError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl From<prost::DecodeError> for HandlerError {
    fn from(error: prost::DecodeError) -> Self {
        Self::Poison(format!("event data: {error}"))
    }
}

/// A consumer of one service's events.
#[async_trait::async_trait]
pub trait Handler: Send + Sync {
    /// Name of the durable, unique in the installation.
    fn durable(&self) -> &'static str;
    /// The producing service.
    fn source(&self) -> &'static str;
    /// Event types, `<noun>.<verb>`; an unknown type is acknowledged and counted.
    fn types(&self) -> &'static [&'static str];
    /// The effect, in the transaction of the inbox row.
    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError>;
    /// The effects of events that came together, in order, in the transaction of their inbox rows. One that fails undoes
    /// them all: they are applied one by one then.
    async fn apply_all(&self, tx: &DatabaseTransaction, events: &[&Event]) -> Result<(), HandlerError> {
        for event in events {
            self.apply(tx, event).instrument(span(self.durable(), event)).await?;
        }
        Ok(())
    }
    /// After the commit: wake whoever waits.
    async fn committed(&self, _event: &Event) {}
}

struct Inbox {
    db: Db,
    handler: Arc<dyn Handler>,
}

/// Subscribes a handler and spawns its redrive timer.
pub async fn consume(
    db: Db,
    bus: &Arc<dyn Bus>,
    handler: Arc<dyn Handler>,
    stop: CancellationToken,
) -> Result<(), BusError> {
    let subscription = Subscription {
        durable: handler.durable().into(),
        source: handler.source().into(),
        types: handler.types().iter().map(|t| (*t).into()).collect(),
    };
    let inbox = Arc::new(Inbox { db, handler });
    bus.subscribe(subscription, inbox.clone()).await?;
    tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(500)) => {}
            }
            if let Err(error) = inbox.redrive().await {
                tracing::warn!(%error, durable = inbox.handler.durable(), "redrive waits");
            }
        }
    });
    Ok(())
}

#[async_trait::async_trait]
impl Deliver for Inbox {
    async fn deliver(&self, event: &Event) -> Delivered {
        self.take(event, 0).instrument(span(self.handler.durable(), event)).await
    }

    async fn deliver_all(&self, events: &[&Event]) -> Vec<Delivered> {
        if events.len() > 1 {
            match self.together(events).await {
                Ok(()) => return events.iter().map(|_| Delivered::Done).collect(),
                Err(error) => {
                    tracing::info!(%error, events = events.len(), durable = self.handler.durable(), "events are taken one by one");
                }
            }
        }
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            answers.push(self.deliver(event).await);
        }
        answers
    }
}

/// What is done about an event is part of the act that it tells of.
fn span(durable: &str, event: &Event) -> tracing::Span {
    let span =
        tracing::info_span!("consume", otel.name = %format!("consume {}", event.r#type), durable, event = %event.id);
    trace::adopt(&span, &event.traceparent);
    span
}

impl Inbox {
    async fn take(&self, event: &Event, attempts: i64) -> Delivered {
        match self.once(event, attempts).await {
            Ok(()) => Delivered::Done,
            Err(HandlerError::Store(error)) if error.is_outage() => {
                tracing::warn!(%error, "database away; event comes again");
                Delivered::Later(DATABASE_DOWN)
            }
            Err(error) => match self.set_aside(event, attempts + 1, &error).await {
                Ok(()) => Delivered::Done,
                Err(store) => {
                    tracing::warn!(%store, "database away; event comes again");
                    Delivered::Later(DATABASE_DOWN)
                }
            },
        }
    }

    async fn once(&self, event: &Event, attempts: i64) -> Result<(), HandlerError> {
        let durable = self.handler.durable();
        let tx = self.db.begin().await?;
        let backend = self.db.backend();
        // Claim first: a second delivery of the same event waits here and then finds the row.
        let claimed = tx
            .execute_raw(sql::statement(
                backend,
                "insert into inbox(consumer, event_id, state, time) values ($1, $2, 'DONE', $3) \
                 on conflict (consumer, event_id) do update set state = 'DONE', body = null, next_time = null, time = excluded.time \
                 where inbox.state = 'RETRY' and inbox.attempts = $4",
                vec![durable.into(), event.id.clone().into(), machine_now().0.into(), attempts.into()],
            ))
            .await?
            .rows_affected();
        if claimed == 0 {
            // Taken already, parked, or waiting for its own timer.
            return Ok(());
        }
        if self.handler.types().contains(&event.r#type.as_str()) {
            self.handler.apply(&tx, event).await?;
        } else {
            tracing::info!(kind = %event.r#type, "unknown type acknowledged");
        }
        commit(tx).await?;
        self.handler.committed(event).await;
        Ok(())
    }

    /// All of them in one transaction, or none.
    async fn together(&self, events: &[&Event]) -> Result<(), HandlerError> {
        let (durable, backend) = (self.handler.durable(), self.db.backend());
        let mut ids = BTreeSet::new();
        let distinct: Vec<&Event> = events.iter().copied().filter(|event| ids.insert(event.id.as_str())).collect();
        let each = match backend {
            DbBackend::Postgres => "json_array_elements_text(cast($3 as text)::json) as e(value)",
            _ => "json_each($3)",
        };
        let sql = format!(
            "insert into inbox(consumer, event_id, state, time) select $1, value, 'DONE', cast($2 as bigint) from {each} \
             where true on conflict (consumer, event_id) do nothing returning event_id"
        );
        let values = vec![durable.into(), machine_now().0.into(), sql::texts(ids)];
        let tx = self.db.begin().await?;
        let mut claimed = BTreeSet::new();
        for row in tx.query_all_raw(sql::statement(backend, sql, values)).await? {
            claimed.insert(row.try_get::<String>("", "event_id")?);
        }
        let new: Vec<&Event> = distinct.into_iter().filter(|event| claimed.contains(&event.id)).collect();
        let (known, unknown): (Vec<&Event>, Vec<&Event>) =
            new.iter().copied().partition(|event| self.handler.types().contains(&event.r#type.as_str()));
        for event in unknown {
            tracing::info!(kind = %event.r#type, "unknown type acknowledged");
        }
        if !known.is_empty() {
            self.handler.apply_all(&tx, &known).await?;
        }
        commit(tx).await?;
        for event in new {
            self.handler.committed(event).await;
        }
        Ok(())
    }

    async fn set_aside(&self, event: &Event, attempts: i64, error: &HandlerError) -> Result<(), StoreError> {
        let parked = matches!(error, HandlerError::Poison(_)) || attempts >= ATTEMPTS_MAX;
        let state = if parked { "PARKED" } else { "RETRY" };
        tracing::warn!(%error, attempts, state, durable = self.handler.durable(), event = %event.id, "event set aside");
        let wait_ms = 250_i64 << attempts.min(12);
        let next: Option<i64> = (!parked).then(|| machine_now().0 + wait_ms.min(600_000) * 1000);
        let values: Vec<Value> = vec![
            self.handler.durable().into(),
            event.id.clone().into(),
            state.into(),
            event.encode_to_vec().into(),
            attempts.into(),
            next.into(),
            error.to_string().into(),
            machine_now().0.into(),
        ];
        let tx = self.db.begin().await?;
        tx.execute_raw(sql::statement(
            self.db.backend(),
            "insert into inbox(consumer, event_id, state, body, attempts, next_time, reason, time) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (consumer, event_id) do update set state = excluded.state, body = excluded.body, \
             attempts = excluded.attempts, next_time = excluded.next_time, reason = excluded.reason, time = excluded.time \
             where inbox.state = 'RETRY'",
            values,
        ))
        .await?;
        commit(tx).await
    }

    async fn redrive(&self) -> Result<(), StoreError> {
        let rows = sea_orm::ConnectionTrait::query_all_raw(
            self.db.read(),
            sql::statement(
                self.db.backend(),
                "select body, attempts from inbox where state = 'RETRY' and next_time <= $1 and consumer = $2 order by next_time limit 64",
                vec![machine_now().0.into(), self.handler.durable().into()],
            ),
        )
        .await?;
        for row in rows {
            let body: Vec<u8> = row.try_get("", "body")?;
            let event = outbox::decode(&body)?;
            let span = tracing::info_span!("redrive", durable = self.handler.durable(), event = %event.id);
            trace::adopt(&span, &event.traceparent);
            self.take(&event, row.try_get("", "attempts")?).instrument(span).await;
        }
        Ok(())
    }
}

/// Puts parked events of this database back to be tried at once; tells how many.
pub async fn unpark(db: &Db) -> Result<u64, StoreError> {
    let tx = db.begin().await?;
    let done = tx
        .execute_raw(sql::statement(
            db.backend(),
            "update inbox set state = 'RETRY', attempts = 0, next_time = $1 where state = 'PARKED'",
            vec![machine_now().0.into()],
        ))
        .await?
        .rows_affected();
    commit(tx).await?;
    Ok(done)
}

/// Marks a service's whole outbox unpublished, so that its stream is built anew; consumers ignore what they know. Part by
/// part: a month of a province is no single statement, and the service goes on meanwhile.
pub async fn republish(db: &Db) -> Result<u64, StoreError> {
    let sql = "select centre_id, seq from centre_seq order by centre_id";
    let mut done = 0;
    for row in db.read().query_all_raw(sql::statement(db.backend(), sql, vec![])).await? {
        let (centre, last): (String, i64) = (row.try_get("", "centre_id")?, row.try_get("", "seq")?);
        for first in (1..=last).step_by(REPUBLISH_PART) {
            let to = first + REPUBLISH_PART as i64 - 1;
            let tx = db.begin().await?;
            done += tx
                .execute_raw(sql::statement(
                    db.backend(),
                    "update outbox set published_time = null \
                     where centre_id = $1 and seq between $2 and $3 and published_time is not null",
                    vec![centre.clone().into(), first.into(), to.min(last).into()],
                ))
                .await?
                .rows_affected();
            commit(tx).await?;
        }
    }
    db.wake_relay();
    Ok(done)
}
