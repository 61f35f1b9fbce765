//! Takes in what intake accepted.

use std::collections::{HashMap, HashSet};

use motcua_bus::Event;
use motcua_kernel::calendar::{Calendar, Limit, UnknownUnit};
use motcua_proto::intake::v1::{DossierAccepted, PlannedStep};
use motcua_store::{
    Micros,
    inbox::{Handler, HandlerError},
    sql::Writes,
};
use prost::Message as _;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, DatabaseTransaction, IntoActiveModel as _, Set};

use crate::{
    calendars::Calendars,
    coming, courses,
    entity::{dossier, step},
    model::{Leg, Move, Planned, ReceptionChannel, State, Watch, next_step, next_unit, step_label},
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
        self.apply_all(tx, &[event]).await
    }

    async fn apply_all(&self, tx: &DatabaseTransaction, events: &[&Event]) -> Result<(), HandlerError> {
        let told = events.iter().map(|event| Acceptance::read(event)).collect::<Result<Vec<_>, _>>()?;
        // The second telling of a dossier finds the first one's row.
        let mut ids = HashSet::new();
        let again = told.iter().position(|one| !ids.insert(one.told.dossier_id.clone())).unwrap_or(told.len());
        let mut told = told.into_iter();
        let together: Vec<Acceptance<'_>> = told.by_ref().take(again).collect();
        self.take_in(tx, together).await?;
        for one in told {
            self.take_in(tx, vec![one]).await?;
        }
        Ok(())
    }
}

/// What an event tells.
struct Acceptance<'e> {
    event: &'e Event,
    told: DossierAccepted,
    accept_time: Micros,
    due_time: Option<Micros>,
}

impl<'e> Acceptance<'e> {
    fn read(event: &'e Event) -> Result<Self, HandlerError> {
        let told = DossierAccepted::decode(event.data.as_ref())?;
        let accept_time = check(event, &told)?;
        let due_time = told.due_time.map(micros).transpose()?;
        Ok(Self { event, told, accept_time, due_time })
    }
}

impl Acceptances {
    /// Acceptances of different dossiers: all rows of the new ones are one statement.
    async fn take_in(&self, tx: &DatabaseTransaction, all: Vec<Acceptance<'_>>) -> Result<(), HandlerError> {
        let known = dossier::locked(tx, all.iter().map(|one| one.told.dossier_id.as_str())).await?;
        let mut known: HashMap<String, dossier::Model> = known.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut calendars = HashMap::new();
        let (mut rows, mut legs, mut steps, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for one in all {
            if let Some(row) = known.remove(&one.told.dossier_id) {
                correct(tx, row, one, self).await?;
                continue;
            }
            let centre_id = &one.event.centre_id;
            if !calendars.contains_key(centre_id) {
                calendars.insert(centre_id.clone(), self.calendars.of(tx, centre_id).await?);
            }
            let calendar = &calendars[centre_id];
            let leg = self.first_leg(one.accept_time, calendar);
            steps.push(first_step(&one));
            let row = self.row(one, &leg)?;
            legs.push(leg);
            let next = next_step(&courses::watch(&row)?, calendar, 0);
            times.extend(next.map(|time| (row.id.clone(), Micros::from(time))));
            rows.push(row);
        }
        let mut writes = Writes::new(tx.get_database_backend());
        dossier::write(&mut writes, &rows);
        courses::begin(&mut writes, rows.iter().map(|row| row.id.as_str()).zip(&legs));
        step::write(&mut writes, &steps);
        coming::insert(&mut writes, times.iter().map(|(id, time)| (id.as_str(), *time)));
        Ok(writes.run(tx).await?)
    }

    fn row(&self, one: Acceptance<'_>, leg: &Leg) -> Result<dossier::Model, HandlerError> {
        let Acceptance { event, told, accept_time, due_time } = one;
        let plan = planned(&told)?;
        Ok(dossier::Model {
            id: told.dossier_id,
            centre_id: event.centre_id.clone(),
            code_reversed: dossier::reversed(&told.code),
            code: told.code,
            token_hash: told.token_hash,
            procedure_code: told.procedure_code,
            procedure_name: told.procedure_name,
            department: told.department,
            state: State::Accepted.code(),
            holder: self.desk.clone(),
            accept_time,
            due_time,
            complete_time: None,
            return_time: None,
            return_channel: told.return_channel,
            counter_id: told.counter_id,
            rule_set: told.rule_set,
            version: event.aggregate_version,
            source_version: event.aggregate_version,
            traceparent: event.traceparent.clone(),
            sub_state: 0,
            holder_person: String::new(),
            promised_time: due_time,
            count_from: accept_time,
            count_to: due_time,
            paused_since: None,
            alert: 0,
            extended: false,
            finish_time: None,
            finish_punctuality: None,
            field_code: told.field_code,
            field: told.field,
            limit_quantity: told.limit_quantity,
            limit_unit: told.limit_unit,
            hour_mode: told.hour_mode,
            reception_channel: ReceptionChannel::from_number(told.reception_channel) as i32,
            clock_since: accept_time,
            supplements_free: told.supplements_max,
            plan: courses::plan_text(&plan),
            next_unit: next_unit(&plan, &[], &self.desk),
            leg_due_time: leg.due.map(Micros::from),
            leg_alert: 0,
        })
    }

    /// The desk's own stretch: it owes the hand-over by the end of the day, or the next morning after the cut-off.
    fn first_leg(&self, accept_time: Micros, calendar: &Calendar) -> Leg {
        let accepted = accept_time.timestamp();
        Leg {
            from_unit: String::new(),
            to_unit: self.desk.clone(),
            given: accepted,
            given_by: String::new(),
            received: Some(accepted),
            received_by: String::new(),
            due: calendar.transfer_due(accepted).ok(),
            ended: None,
            punctuality: None,
            note: String::new(),
        }
    }
}

fn first_step(one: &Acceptance<'_>) -> step::Model {
    step::Model {
        dossier_id: one.told.dossier_id.clone(),
        ordinal: 0,
        time: one.accept_time,
        label: step_label(Move::Accept, &one.told.department),
        who: one.event.source.clone(),
        made: Move::Accept.name().into(),
        note: String::new(),
    }
}

/// A newer telling of the same acceptance replaces what intake owns; an older one is ignored. Whatever the order of
/// arrival, the row ends the same: each telling adds what its version is ahead.
async fn correct(
    tx: &DatabaseTransaction,
    row: dossier::Model,
    Acceptance { event, told, accept_time, due_time }: Acceptance<'_>,
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
    let plan = planned(&told)?;
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
    coming::set(tx, &row.id, next_step(&watch, &calendar, 0)).await?;
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
fn planned(told: &DossierAccepted) -> Result<Vec<Planned>, HandlerError> {
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
