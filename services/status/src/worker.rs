//! Takes in what intake accepted.

use motcua_bus::Event;
use motcua_kernel::calendar::{Limit, UnknownUnit};
use motcua_proto::intake::v1::{DossierAccepted, PlannedStep};
use motcua_store::{
    Micros,
    inbox::{Handler, HandlerError},
    sql::Writes,
};
use prost::Message as _;
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, IntoActiveModel as _,
    QuerySelect as _, Set,
};

use crate::{
    calendars::Calendars,
    courses,
    entity::{dossier, step},
    model::{Alert, Leg, Move, Planned, ReceptionChannel, State, Watch, next_step, next_unit, step_label},
};

/// `dossier.accepted`: the clock starts.
pub(crate) struct Acceptances {
    /// Who holds a dossier that was just received.
    pub desk: String,
    /// Says when it must be handed on, and when to warn.
    pub calendars: Calendars,
}

#[async_trait::async_trait]
impl Handler for Acceptances {
    fn durable(&self) -> &'static str {
        "status-dossiers"
    }

    fn source(&self) -> &'static str {
        "intake"
    }

    fn types(&self) -> &'static [&'static str] {
        &["dossier.accepted"]
    }

    async fn apply(&self, tx: &DatabaseTransaction, event: &Event) -> Result<(), HandlerError> {
        let told = DossierAccepted::decode(event.data.as_ref())?;
        let accept_time = check(event, &told)?;
        let due_time = told.due_time.map(micros).transpose()?;
        let known = dossier::Entity::find_by_id(&told.dossier_id).lock_exclusive().one(tx).await?;
        if let Some(row) = known {
            return correct(tx, row, event, told, (accept_time, due_time), self).await;
        }
        let calendar = self.calendars.of(tx, &event.centre_id).await?;
        let due = due_time.map(Micros::timestamp);
        let plan = steps(&told)?;
        // The desk's own stretch: it owes the hand-over by the end of the day, or the next morning after the cut-off.
        let accepted = accept_time.timestamp();
        let leg_due = calendar.transfer_due(accepted).ok();
        let watch = Watch { state: State::Accepted, due, alert: Alert::None, extended: false, completed: None };
        dossier::ActiveModel {
            id: Set(told.dossier_id.clone()),
            centre_id: Set(event.centre_id.clone()),
            code_reversed: Set(dossier::reversed(&told.code)),
            code: Set(told.code),
            token_hash: Set(told.token_hash),
            procedure_code: Set(told.procedure_code),
            procedure_name: Set(told.procedure_name),
            department: Set(told.department.clone()),
            state: Set(State::Accepted.code()),
            holder: Set(self.desk.clone()),
            accept_time: Set(accept_time),
            due_time: Set(due_time),
            complete_time: Set(None),
            return_time: Set(None),
            return_channel: Set(told.return_channel),
            counter_id: Set(told.counter_id),
            rule_set: Set(told.rule_set),
            version: Set(event.aggregate_version),
            source_version: Set(event.aggregate_version),
            traceparent: Set(event.traceparent.clone()),
            sub_state: Set(0),
            holder_person: Set(String::new()),
            promised_time: Set(due_time),
            count_from: Set(accept_time),
            count_to: Set(due_time),
            paused_since: Set(None),
            alert: Set(0),
            next_step_time: Set(next_step(&watch, &calendar, 0).map(Micros::from)),
            extended: Set(false),
            finish_time: Set(None),
            finish_punctuality: Set(None),
            field_code: Set(told.field_code),
            field: Set(told.field),
            limit_quantity: Set(told.limit_quantity),
            limit_unit: Set(told.limit_unit),
            hour_mode: Set(told.hour_mode),
            reception_channel: Set(ReceptionChannel::from_number(told.reception_channel) as i32),
            clock_since: Set(accept_time),
            supplements_free: Set(told.supplements_max),
            plan: Set(courses::plan_text(&plan)),
            next_unit: Set(next_unit(&plan, &[], &self.desk)),
            leg_due_time: Set(leg_due.map(Micros::from)),
        }
        .insert(tx)
        .await?;
        let leg = Leg {
            from_unit: String::new(),
            to_unit: self.desk.clone(),
            given: accepted,
            given_by: String::new(),
            received: Some(accepted),
            received_by: String::new(),
            due: leg_due,
            ended: None,
            punctuality: None,
            note: String::new(),
        };
        let mut writes = Writes::new(tx.get_database_backend());
        courses::begin(&mut writes, &told.dossier_id, &leg);
        writes.run(tx).await?;
        step::ActiveModel {
            dossier_id: Set(told.dossier_id),
            ordinal: Set(0),
            time: Set(accept_time),
            label: Set(step_label(Move::Accept, &told.department)),
            who: Set(event.source.clone()),
            made: Set(Move::Accept.name().into()),
            note: Set(String::new()),
        }
        .insert(tx)
        .await?;
        Ok(())
    }
}

/// A newer telling of the same acceptance replaces what intake owns; an older one is ignored. Whatever the order of
/// arrival, the row ends the same: each telling adds what its version is ahead.
async fn correct(
    tx: &DatabaseTransaction,
    row: dossier::Model,
    event: &Event,
    told: DossierAccepted,
    (accept_time, due_time): (Micros, Option<Micros>),
    own: &Acceptances,
) -> Result<(), HandlerError> {
    let ahead = event.aggregate_version - row.source_version;
    if ahead <= 0 {
        return Ok(());
    }
    if row.centre_id != event.centre_id {
        return Err(HandlerError::Poison(format!("dossier {} is another centre's", row.id)));
    }
    let version = row.version + ahead;
    let plan = steps(&told)?;
    // Once it left the desk the department is status's own.
    let forwarded = row.state != State::Accepted.code();
    let department = if forwarded { row.department.clone() } else { told.department };
    let calendar = own.calendars.of(tx, &row.centre_id).await?;
    let mut course = courses::load(tx, &row).await?;
    // What was counted anew since (apology, restart) is status's own; else the new promise takes the pauses of the old one.
    if row.count_from == row.accept_time {
        course.count_from = accept_time.timestamp();
        course.count_to = due_time.map(Micros::timestamp);
        course.due = course.counted_due(&calendar).map_err(|e| HandlerError::Later(e.to_string()))?;
    }
    let watch = Watch { due: course.due, ..courses::watch(&row)? };
    let mut new = row.into_active_model();
    new.code_reversed = Set(dossier::reversed(&told.code));
    new.code = Set(told.code);
    new.token_hash = Set(told.token_hash);
    new.procedure_code = Set(told.procedure_code);
    new.procedure_name = Set(told.procedure_name);
    new.department = Set(department);
    new.accept_time = Set(accept_time);
    new.promised_time = Set(due_time);
    new.count_from = Set(course.count_from.into());
    new.count_to = Set(course.count_to.map(Micros::from));
    new.due_time = Set(course.due.map(Micros::from));
    new.next_step_time = Set(next_step(&watch, &calendar, 0).map(Micros::from));
    new.field_code = Set(told.field_code);
    new.field = Set(told.field);
    new.limit_quantity = Set(told.limit_quantity);
    new.limit_unit = Set(told.limit_unit);
    new.hour_mode = Set(told.hour_mode);
    new.return_channel = Set(told.return_channel);
    new.counter_id = Set(told.counter_id);
    new.rule_set = Set(told.rule_set);
    new.supplements_free = Set(told.supplements_max);
    new.next_unit = Set(next_unit(&plan, &course.legs, &own.desk));
    new.plan = Set(courses::plan_text(&plan));
    new.version = Set(version);
    new.source_version = Set(event.aggregate_version);
    new.traceparent = Set(event.traceparent.clone());
    new.update(tx).await?;
    step::ActiveModel {
        dossier_id: Set(told.dossier_id),
        ordinal: Set(0),
        time: Set(accept_time),
        ..Default::default()
    }
    .update(tx)
    .await?;
    Ok(())
}

/// The steps of the catalogue.
fn steps(told: &DossierAccepted) -> Result<Vec<Planned>, HandlerError> {
    let step = |step: &PlannedStep| {
        let quantity = u32::try_from(step.limit_quantity).ok().filter(|n| *n > 0);
        let limit = quantity.map(|quantity| Ok(Limit::new(quantity, step.limit_unit.parse()?))).transpose();
        let limit =
            limit.map_err(|e: UnknownUnit| HandlerError::Poison(format!("step of {}: {e}", told.dossier_id)))?;
        Ok(Planned { unit: step.unit.clone(), limit })
    };
    told.steps.iter().map(step).collect()
}

fn check(event: &Event, told: &DossierAccepted) -> Result<Micros, HandlerError> {
    let hash_ok = told.token_hash.len() == 64 && told.token_hash.bytes().all(|b| b.is_ascii_hexdigit());
    if told.dossier_id.is_empty() || told.code.is_empty() || event.centre_id.is_empty() || !hash_ok {
        return Err(HandlerError::Poison("dossier.accepted without id, code, centre or token hash".into()));
    }
    if event.aggregate_version < 1 {
        return Err(HandlerError::Poison("dossier.accepted without an aggregate version".into()));
    }
    told.accept_time
        .map(micros)
        .transpose()?
        .ok_or_else(|| HandlerError::Poison("dossier.accepted without accept_time".into()))
}

fn micros(time: prost_types::Timestamp) -> Result<Micros, HandlerError> {
    let time = jiff::Timestamp::new(time.seconds, time.nanos)
        .map_err(|error| HandlerError::Poison(format!("time in an event: {error}")))?;
    Ok(time.into())
}
