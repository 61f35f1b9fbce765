//! What people do to deliveries, providers and calls: effect, audit row, event and answer in one transaction.

use motcua_kernel::id::new_id;
use motcua_proto::notification::v1::Operated;
use motcua_store::{
    Db, Micros, Retryable, StoreError, commit,
    idempotency::{self, Key, Known},
    outbox::{self, NewEvent},
    sql,
};
use prost::Message as _;
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use crate::SERVICE;

/// Who does what to what, and why.
pub(crate) struct Act {
    pub key: Key,
    pub centre_id: String,
    pub action: &'static str,
    pub subject: String,
    pub reason: String,
}

/// Why an act did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpError {
    #[error("request id used with another body")]
    Reused,
    #[error("{0} unknown here")]
    Unknown(&'static str),
    /// A stable reason.
    #[error("refused: {0}")]
    Refused(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retryable for OpError {
    fn is_retryable(&self) -> bool {
        // Two requests with one id: the second finds the first one's answer.
        matches!(self, Self::Store(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists(_)))
    }
}

impl From<sea_orm::DbErr> for OpError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// How an act begins.
pub(crate) enum Begun {
    /// The answer that the same request got before.
    Answered(Vec<u8>),
    /// To be done in this transaction.
    New(DatabaseTransaction),
}

/// Looks the request up.
pub(crate) async fn begin(db: &Db, act: &Act) -> Result<Begun, OpError> {
    let tx = db.begin().await?;
    match idempotency::look_up(&tx, &act.key).await? {
        Known::New => Ok(Begun::New(tx)),
        Known::Answered(bytes) => Ok(Begun::Answered(bytes)),
        Known::Reused => Err(OpError::Reused),
    }
}

/// Audit, answer and event behind the effect; commits.
pub(crate) async fn finish(
    tx: DatabaseTransaction,
    act: &Act,
    answer: Vec<u8>,
    now: jiff::Timestamp,
) -> Result<Vec<u8>, OpError> {
    write_down(&tx, act, now.into()).await?;
    idempotency::remember(&tx, &act.key, answer.clone()).await?;
    outbox::append(&tx, SERVICE, &act.centre_id, vec![event(act, now)]).await?;
    commit(tx).await?;
    Ok(answer)
}

/// Does an act in one transaction: `make!(db, clock, act, |tx, now| effect)`, where the effect ends in `Ok(answer)`.
/// A macro, because an async closure that borrows both its surroundings and the transaction is not `Send` for the compiler.
macro_rules! make {
    ($api:expr, $act:expr, |$tx:ident, $now:ident| $effect:block) => {{
        let (api, act) = ($api, &$act);
        let made = motcua_store::retrying(|| async {
            let open = match crate::ops::begin(&api.db, act).await? {
                crate::ops::Begun::Answered(bytes) => return Ok(bytes),
                crate::ops::Begun::New(tx) => tx,
            };
            let time = api.clock.now();
            let ($tx, $now) = (&open, motcua_store::Micros::from(time));
            let effect: Result<Vec<u8>, crate::ops::OpError> = async { $effect }.await;
            crate::ops::finish(open, act, effect?, time).await
        })
        .await;
        api.db.wake_relay();
        made
    }};
}
pub(crate) use make;

async fn write_down(tx: &DatabaseTransaction, act: &Act, now: Micros) -> Result<(), StoreError> {
    let columns = ["id", "centre_id", "time", "who", "action", "subject", "reason"];
    let values = vec![
        new_id().into(),
        act.centre_id.clone().into(),
        now.0.into(),
        act.key.principal.clone().into(),
        act.action.into(),
        act.subject.clone().into(),
        act.reason.clone().into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), sql::insert("audit", &columns, 1), values)).await?;
    Ok(())
}

fn event(act: &Act, now: jiff::Timestamp) -> NewEvent {
    let data = Operated { action: act.action.into(), subject: act.subject.clone(), who: act.key.principal.clone() };
    NewEvent {
        centre_id: act.centre_id.clone(),
        kind: "delivery.operated".into(),
        subject: format!("operated/{}", act.subject),
        aggregate_id: act.subject.clone(),
        aggregate_version: now.as_microsecond(),
        schema: "motcua.notification.v1.Operated",
        data: data.encode_to_vec(),
        time: now,
        traceparent: None,
    }
}

/// A row of the audit.
pub(crate) struct Audited {
    pub time: Micros,
    pub who: String,
    pub action: String,
    pub reason: String,
}

/// What was done to a subject, the oldest first.
pub(crate) async fn audited(db: &impl ConnectionTrait, subject: &str) -> Result<Vec<Audited>, StoreError> {
    let text = "select time, who, action, reason from audit where subject = $1 order by time, id limit 200";
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), text, vec![subject.into()])).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Audited {
                time: Micros(row.try_get("", "time")?),
                who: row.try_get("", "who")?,
                action: row.try_get("", "action")?,
                reason: row.try_get("", "reason")?,
            })
        })
        .collect()
}
