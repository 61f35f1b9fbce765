//! Closing a period's report: once, whole, with its audit row and event in one transaction.

use jiff::Timestamp;
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::ReportClosed;
use motcua_runtime::{Clock, grpc::timestamp};
use motcua_store::{
    Db, Micros, Retryable, StoreError, commit,
    idempotency::{self, Key, Known},
    outbox::{self, NewEvent},
    retrying,
};
use prost::Message as _;

use crate::{
    SERVICE,
    model::Period,
    queries::report::{self as rows, Closed},
};

/// A period that is to be kept.
#[derive(Clone, Debug)]
pub(crate) struct Close {
    pub who: Identity,
    pub key: Key,
    pub centre_id: String,
    pub period: Period,
}

/// Why a period was not kept.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CloseError {
    #[error("the period still runs")]
    NotOver,
    #[error("closed before")]
    Closed { at: Micros, by: String },
    #[error("request id used with another body")]
    Reused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retryable for CloseError {
    fn is_retryable(&self) -> bool {
        // Two people close one period: the second one finds it closed.
        matches!(self, Self::Store(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists(_)))
    }
}

/// Keeps the period and gives the encoded answer, or the answer that the same request got before.
pub(crate) async fn close(
    db: &Db,
    clock: &Clock,
    close: &Close,
    answer: impl Fn(&Closed) -> Vec<u8>,
) -> Result<Vec<u8>, CloseError> {
    let made = retrying(|| once(db, clock.now(), close, &answer)).await?;
    db.wake_relay();
    Ok(made)
}

async fn once(
    db: &Db,
    now: Timestamp,
    close: &Close,
    answer: &impl Fn(&Closed) -> Vec<u8>,
) -> Result<Vec<u8>, CloseError> {
    let tx = db.begin().await?;
    match idempotency::look_up(&tx, &close.key).await? {
        Known::New => {}
        Known::Answered(bytes) => return Ok(bytes),
        Known::Reused => return Err(CloseError::Reused),
    }
    if !close.period.over(now) {
        return Err(CloseError::NotOver);
    }
    if let Some(closed) = rows::closed_of(&tx, &close.centre_id, &close.period).await? {
        return Err(CloseError::Closed { at: closed.close_time, by: closed.closed_by });
    }
    let closed = rows::close(&tx, &close.centre_id, &close.period, now, &close.who.subject).await?;
    let days = format!("{}/{}", closed.first_day, closed.last_day);
    rows::audit(&tx, &close.centre_id, now, &close.who, "report.close", &days).await?;
    let bytes = answer(&closed);
    idempotency::remember(&tx, &close.key, bytes.clone()).await?;
    outbox::append(&tx, SERVICE, &close.centre_id, vec![event(close, &closed, now)]).await?;
    commit(tx).await?;
    Ok(bytes)
}

fn event(close: &Close, closed: &Closed, now: Timestamp) -> NewEvent {
    let data = ReportClosed {
        first_day: closed.first_day.clone(),
        last_day: closed.last_day.clone(),
        close_time: Some(timestamp(now)),
        dossiers: closed.dossiers,
    };
    let aggregate_id = format!("report-{}-{}", closed.first_day, closed.last_day);
    NewEvent {
        centre_id: close.centre_id.clone(),
        kind: "report.closed".into(),
        subject: format!("reports/{}/{}", closed.first_day, closed.last_day),
        aggregate_id,
        aggregate_version: 1,
        schema: "motcua.status.v1.ReportClosed",
        data: data.encode_to_vec(),
        time: now,
        traceparent: None,
    }
}
