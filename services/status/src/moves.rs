//! The moves of staff: one transaction each, with the audit step and the event.

use std::sync::Arc;

use jiff::Timestamp;
use motcua_kernel::identity::Identity;
use motcua_proto::status::v1::DossierMoved;
use motcua_runtime::{Clock, grpc::timestamp};
use motcua_store::{
    Db, Micros, Retryable, StoreError, commit,
    idempotency::{self, Key, Known},
    outbox::{self, NewEvent},
    retrying,
    sql::Writes,
};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseTransaction, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _, Set,
};

use crate::{
    SERVICE,
    calendars::Calendars,
    coming, courses,
    entity::{dossier, step},
    model::{
        Act, Course, Move, RatingRefusal, Refusal, Setting, State, Watch, fold, next_step, next_unit, rules, step_label,
    },
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
    pub act: Act,
    /// Who took the result, sealed.
    pub collector: Option<Vec<u8>>,
}

/// Why a move did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MoveError {
    #[error("dossier unknown here")]
    Unknown,
    #[error("changed since it was read: version is {version}")]
    Etag { version: String, state: State },
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Rating(#[from] RatingRefusal),
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

/// What every move stands on.
pub(crate) struct Mover {
    pub db: Db,
    pub clock: Clock,
    pub calendars: Calendars,
    /// What the one-gate desk is called.
    pub desk: String,
    /// Days after which a result counts as not collected.
    pub unclaimed_days: u32,
}

impl Mover {
    /// Makes the move and gives the encoded answer, or the answer that the same request got before.
    pub async fn make(
        &self,
        command: &Command,
        answer: impl Fn(&dossier::Model, Timestamp) -> Vec<u8>,
    ) -> Result<Vec<u8>, MoveError> {
        let made = retrying(|| async {
            let tx = self.db.begin().await?;
            let bytes = self.in_transaction(&tx, self.clock.now(), command, &answer).await?;
            commit(tx).await?;
            Ok::<_, MoveError>(bytes)
        })
        .await?;
        self.db.wake_relay();
        Ok(made)
    }

    async fn in_transaction(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        command: &Command,
        answer: &impl Fn(&dossier::Model, Timestamp) -> Vec<u8>,
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
        if !command.etag.is_empty() && command.etag != row.etag() {
            return Err(MoveError::Etag { version: row.etag(), state: row.national_state()? });
        }
        let (row, event) = self.apply(tx, row, &command.act, &command.who.subject, now).await?;
        if let Some(particulars) = &command.collector {
            let mut writes = Writes::new(self.db.backend());
            let collector = [row.id.clone().into(), Micros::from(now).0.into(), particulars.clone().into()];
            writes.insert("collector", &["dossier_id", "time", "particulars"], [collector]);
            writes.run(tx).await?;
        }
        let bytes = answer(&row, now);
        idempotency::remember(tx, &command.key, bytes.clone()).await?;
        outbox::append(tx, SERVICE, &row.centre_id, vec![event]).await?;
        Ok(bytes)
    }

    /// One dossier's move within the caller's transaction, which holds its row; the event is the caller's to append, last.
    pub async fn apply(
        &self,
        tx: &DatabaseTransaction,
        row: dossier::Model,
        act: &Act,
        who: &str,
        now: Timestamp,
    ) -> Result<(dossier::Model, NewEvent), MoveError> {
        let calendar = self.calendars.of(tx, &row.centre_id).await?;
        let course = courses::load(tx, &row).await?;
        let setting =
            Setting { calendar: &calendar, rules: rules(&row.rule_set, row.supplements_free), desk: &self.desk };
        let next = fold(&course, act, who, now, setting)?;
        let mut writes = Writes::new(self.db.backend());
        courses::save(&mut writes, &row.id, &course, &next);
        courses::keep_clock(&mut writes, &row, &next, now);
        let row = self.update(tx, row, &next, act.wanted(), now, &calendar).await?;
        writes.run(tx).await?;
        // Who sends it on, or who got it: the unit that the citizen reads about.
        let unit = match act {
            Act::Forward { .. } | Act::HandOver { .. } => &next.holder,
            _ => course.legs.last().map_or(&course.department, |leg| &leg.to_unit),
        };
        step::ActiveModel {
            dossier_id: Set(row.id.clone()),
            ordinal: Set(row.version),
            time: Set(now.into()),
            label: Set(step_label(act.wanted(), unit)),
            who: Set(who.to_owned()),
            made: Set(act.wanted().name().into()),
            note: Set(act.note().to_owned()),
        }
        .insert(tx)
        .await?;
        let event = event(row.clone(), act.wanted(), now);
        Ok((row, event))
    }

    async fn update(
        &self,
        tx: &DatabaseTransaction,
        row: dossier::Model,
        next: &Course,
        made: Move,
        now: Timestamp,
        calendar: &Arc<motcua_kernel::calendar::Calendar>,
    ) -> Result<dossier::Model, MoveError> {
        let leg_due = next.leg_due(calendar).map_err(Refusal::from)?;
        let watch = Watch {
            state: next.state,
            due: next.due,
            alert: next.alert,
            extended: next.extension.is_some(),
            completed: next.completed,
            leg_due,
            leg_alert: next.leg_alert,
        };
        coming::set(tx, &row.id, next_step(&watch, calendar, self.unclaimed_days)).await?;
        let version = row.version + 1;
        let shifts = courses::shifts(&row, next, now);
        let mut new = row.into_active_model();
        new.version = Set(version);
        new.state = Set(next.state.code());
        new.sub_state = Set(next.sub as i32);
        new.department = Set(next.department.clone());
        new.holder = Set(next.holder.clone());
        new.holder_person = Set(next.person.clone());
        new.due_time = Set(next.due.map(Micros::from));
        new.count_from = Set(next.count_from.into());
        new.count_to = Set(next.count_to.map(Micros::from));
        new.paused_since = Set(next.paused_since().map(Micros::from));
        new.extended = Set(next.extension.is_some());
        new.alert = Set(next.alert as i32);
        new.complete_time = Set(next.completed.map(Micros::from));
        new.next_unit = Set(next_unit(&next.plan, &next.legs, &self.desk));
        new.leg_due_time = Set(leg_due.map(Micros::from));
        new.leg_alert = Set(next.leg_alert as i32);
        new.finish_time = Set(next.finished.map(|(time, _)| time.into()));
        new.finish_punctuality = Set(next.finished.map(|(_, punctuality)| punctuality as i32));
        if shifts {
            new.clock_since = Set(now.into());
        }
        if made == Move::Return {
            new.return_time = Set(Some(now.into()));
        }
        Ok(new.update(tx).await?)
    }
}

/// What the move is called on the bus.
fn kind(made: Move) -> &'static str {
    match made {
        Move::Complete => "result.ready",
        Move::Return => "result.returned",
        Move::Accept => "dossier.taken_in",
        Move::Reject => "dossier.rejected",
        Move::Forward => "dossier.forwarded",
        Move::HandOver => "dossier.handed_over",
        Move::SignFor => "dossier.signed_for",
        Move::AskSupplement => "dossier.supplement_asked",
        Move::SupplementReceived => "dossier.supplement_received",
        Move::AskFee => "dossier.fee_asked",
        Move::FeePaid => "dossier.fee_paid",
        Move::Withdraw => "dossier.withdrawn",
        Move::Stop => "dossier.stopped",
        Move::Resume => "dossier.resumed",
        Move::Extend => "dossier.extended",
    }
}

fn event(row: dossier::Model, made: Move, now: Timestamp) -> NewEvent {
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
        made: made.name().into(),
    };
    NewEvent {
        centre_id: row.centre_id,
        kind: kind(made).into(),
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
