//! The moves of staff: one transaction each, with the audit step and the event.

use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::DossierMoved;
use motcua_runtime::Clock;
use motcua_store::{
    Db, Retryable, StoreError, commit,
    idempotency::{self, Key, Known},
    outbox::{self, NewEvent},
    retrying,
};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _, Set,
};

use crate::{
    SERVICE,
    entity::{dossier, step},
    model::{Move, Refused, State, step_label},
};

/// A move as asked.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub who: Identity,
    pub key: Key,
    pub centre_id: String,
    pub dossier_id: String,
    /// What the caller saw; empty skips the check.
    pub etag: String,
    pub wanted: Move,
    /// For [`Move::Forward`]; empty is the procedure's department.
    pub to_department: String,
}

/// Why a move did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    #[error("dossier unknown here")]
    Unknown,
    #[error("changed since it was read: version is {version}")]
    Etag { version: String, state: State },
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("request id used with another body")]
    Reused,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retryable for MoveError {
    fn is_retryable(&self) -> bool {
        // Two requests with one id: the second finds the first one's answer.
        matches!(self, Self::Store(error) if error.is_retryable() || matches!(error, StoreError::AlreadyExists(_)))
    }
}

impl From<sea_orm::DbErr> for MoveError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// Makes the move and gives the encoded answer, or the answer that the same request got before.
pub(crate) async fn make(
    db: &Db,
    clock: &Clock,
    desk: &str,
    command: &Command,
    answer: impl Fn(&dossier::Model, jiff::Timestamp) -> Vec<u8>,
) -> Result<Vec<u8>, MoveError> {
    let made = retrying(|| async {
        let tx = db.begin().await?;
        let bytes = in_transaction(&tx, clock.now(), desk, command, &answer).await?;
        commit(tx).await?;
        Ok::<_, MoveError>(bytes)
    })
    .await?;
    db.wake_relay();
    Ok(made)
}

async fn in_transaction(
    tx: &DatabaseTransaction,
    now: jiff::Timestamp,
    desk: &str,
    command: &Command,
    answer: &impl Fn(&dossier::Model, jiff::Timestamp) -> Vec<u8>,
) -> Result<Vec<u8>, MoveError> {
    // The dossier's row first: it orders two moves, and two copies of one request.
    let row = dossier::Entity::of_centre(&command.centre_id)
        .filter(dossier::Column::Id.eq(&command.dossier_id))
        .lock_exclusive()
        .one(tx)
        .await?
        .ok_or(MoveError::Unknown)?;
    match idempotency::look_up(tx, &command.key).await? {
        Known::New => {}
        Known::Answered(bytes) => return Ok(bytes),
        Known::Reused => return Err(MoveError::Reused),
    }
    let from = row.national_state()?;
    if !command.etag.is_empty() && command.etag != row.etag() {
        return Err(MoveError::Etag { version: row.etag(), state: from });
    }
    let to = from.after(command.wanted)?;
    let row = apply(tx, row, to, now, desk, command).await?;
    let bytes = answer(&row, now);
    idempotency::remember(tx, &command.key, bytes.clone()).await?;
    outbox::append(tx, SERVICE, &row.centre_id.clone(), vec![event(row, command.wanted, now)]).await?;
    Ok(bytes)
}

async fn apply(
    tx: &DatabaseTransaction,
    row: dossier::Model,
    to: State,
    now: jiff::Timestamp,
    desk: &str,
    command: &Command,
) -> Result<dossier::Model, MoveError> {
    let department = match command.wanted {
        Move::Forward if !command.to_department.is_empty() => command.to_department.clone(),
        _ => row.department.clone(),
    };
    let version = row.version + 1;
    let mut new = row.into_active_model();
    new.state = Set(to.code());
    new.version = Set(version);
    match to {
        State::Completed => {
            new.complete_time = Set(Some(now.into()));
            new.holder = Set(desk.into());
        }
        State::Returned => {
            new.return_time = Set(Some(now.into()));
            new.holder = Set("Công dân".into());
        }
        _ => new.holder = Set(department.clone()),
    }
    new.department = Set(department.clone());
    let row = new.update(tx).await?;
    step::ActiveModel {
        dossier_id: Set(row.id.clone()),
        ordinal: Set(version),
        time: Set(now.into()),
        label: Set(step_label(command.wanted, &department)),
        who: Set(command.who.subject.clone()),
        made: Set(command.wanted.name().into()),
    }
    .insert(tx)
    .await?;
    Ok(row)
}

fn event(row: dossier::Model, made: Move, now: jiff::Timestamp) -> NewEvent {
    let kind = match made {
        Move::Complete => "result.ready",
        Move::Return => "result.returned",
        _ => "dossier.forwarded",
    };
    let moved = DossierMoved {
        dossier_id: row.id.clone(),
        code: row.code,
        state: row.state,
        department: row.department,
        holder: row.holder,
        move_time: Some(timestamp(now)),
        due_time: row.due_time.map(|t| timestamp(t.timestamp())),
        version: row.version,
        return_channel: row.return_channel,
        counter_id: row.counter_id,
    };
    NewEvent {
        centre_id: row.centre_id,
        kind: kind.into(),
        subject: format!("dossiers/{}", row.id),
        aggregate_id: row.id,
        aggregate_version: row.version,
        schema: "motcua.status.v1.DossierMoved",
        data: moved.encode_to_vec(),
        time: now,
        // The citizen's day is one trace: from the tap at the kiosk to the message.
        traceparent: (!row.traceparent.is_empty()).then_some(row.traceparent),
    }
}

fn timestamp(time: jiff::Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: time.as_second(), nanos: time.subsec_nanosecond() }
}
