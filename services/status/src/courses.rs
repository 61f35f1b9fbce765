//! A dossier's course as rows: read whole, written where it changed.

use jiff::Timestamp;
use motcua_kernel::calendar::{Limit, Mode};
use motcua_store::{Micros, StoreError, sql, sql::Writes};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::{
    entity::dossier,
    model::{
        Alert, ClockPause, Course, Extension, Leg, Paper, Planned, Punctuality, State, SubState, Supplement, Watch,
    },
};

async fn rows(db: &impl ConnectionTrait, sql: &str, id: &str) -> Result<Vec<QueryResult>, StoreError> {
    Ok(db.query_all_raw(sql::statement(db.get_database_backend(), sql, vec![id.into()])).await?)
}

fn time(row: &QueryResult, column: &str) -> Result<Timestamp, StoreError> {
    Ok(Micros(row.try_get("", column)?).timestamp())
}

fn maybe(row: &QueryResult, column: &str) -> Result<Option<Timestamp>, StoreError> {
    let micros: Option<i64> = row.try_get("", column)?;
    Ok(micros.map(|micros| Micros(micros).timestamp()))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(DbErr::Type(format!("stored value of {what} does not read")))
}

fn micros(time: Timestamp) -> Value {
    Micros::from(time).0.into()
}

fn maybe_micros(time: Option<Timestamp>) -> Value {
    time.map(|time| Micros::from(time).0).into()
}

/// Everything that the rules look at.
pub(crate) async fn load(db: &impl ConnectionTrait, row: &dossier::Model) -> Result<Course, StoreError> {
    let unit = row.limit_unit.parse().ok();
    let quantity = u32::try_from(row.limit_quantity).ok().filter(|n| *n > 0);
    let mode = if row.hour_mode { Mode::Hour } else { Mode::Legal };
    let finished = row.finish_time.map(Micros::timestamp).zip(row.finish_punctuality.and_then(Punctuality::from_code));
    Ok(Course {
        state: row.national_state()?,
        sub: SubState::from_code(row.sub_state),
        department: row.department.clone(),
        holder: row.holder.clone(),
        person: row.holder_person.clone(),
        accepted: row.accept_time.timestamp(),
        limit: quantity.zip(unit).map(|(quantity, unit)| (Limit::new(quantity, unit), mode)),
        count_from: row.count_from.timestamp(),
        count_to: row.count_to.map(Micros::timestamp),
        due: row.due_time.map(Micros::timestamp),
        pauses: pauses(db, &row.id).await?,
        plan: plan(&row.plan)?,
        legs: legs(db, &row.id).await?,
        supplements: supplements(db, &row.id).await?,
        extension: extension(db, &row.id).await?,
        alert: Alert::from_code(row.alert),
        leg_alert: Alert::from_code(row.leg_alert),
        completed: row.complete_time.map(Micros::timestamp),
        finished,
    })
}

fn plan(text: &str) -> Result<Vec<Planned>, StoreError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| corrupt("dossier.plan"))
}

/// As the dossier's row keeps it.
pub(crate) fn plan_text(plan: &[Planned]) -> String {
    // Texts and numbers always serialise.
    if plan.is_empty() { String::new() } else { serde_json::to_string(plan).unwrap_or_default() }
}

/// What the sweep looks at.
pub(crate) fn watch(row: &dossier::Model) -> Result<Watch, StoreError> {
    Ok(Watch {
        state: row.national_state()?,
        due: row.due_time.map(Micros::timestamp),
        alert: Alert::from_code(row.alert),
        extended: row.extended,
        completed: row.complete_time.map(Micros::timestamp),
        leg_due: row.leg_due_time.map(Micros::timestamp),
        leg_alert: Alert::from_code(row.leg_alert),
    })
}

async fn legs(db: &impl ConnectionTrait, id: &str) -> Result<Vec<Leg>, StoreError> {
    let sql = "select * from leg where dossier_id = $1 order by ordinal";
    let read = |row: &QueryResult| {
        let punctuality: Option<i32> = row.try_get("", "punctuality")?;
        Ok(Leg {
            from_unit: row.try_get("", "from_unit")?,
            to_unit: row.try_get("", "to_unit")?,
            given: time(row, "given_time")?,
            given_by: row.try_get("", "given_by")?,
            received: maybe(row, "received_time")?,
            received_by: row.try_get("", "received_by")?,
            due: maybe(row, "due_time")?,
            ended: maybe(row, "ended_time")?,
            punctuality: punctuality.and_then(Punctuality::from_code),
            note: row.try_get("", "note")?,
        })
    };
    rows(db, sql, id).await?.iter().map(read).collect()
}

async fn pauses(db: &impl ConnectionTrait, id: &str) -> Result<Vec<ClockPause>, StoreError> {
    let sql = "select * from pause where dossier_id = $1 order by ordinal";
    let read = |row: &QueryResult| {
        Ok(ClockPause {
            from: time(row, "from_time")?,
            to: maybe(row, "to_time")?,
            state: State::from_code(row.try_get("", "state")?).ok_or_else(|| corrupt("pause.state"))?,
            reason: row.try_get("", "reason")?,
        })
    };
    rows(db, sql, id).await?.iter().map(read).collect()
}

async fn supplements(db: &impl ConnectionTrait, id: &str) -> Result<Vec<Supplement>, StoreError> {
    let sql = "select * from supplement where dossier_id = $1 order by ordinal";
    let read = |row: &QueryResult| {
        let papers: String = row.try_get("", "papers")?;
        let papers: Vec<Paper> = serde_json::from_str(&papers).map_err(|_| corrupt("supplement.papers"))?;
        Ok(Supplement {
            asked: time(row, "ask_time")?,
            asked_by: row.try_get("", "asked_by")?,
            papers,
            reason: row.try_get("", "reason")?,
            legal_basis: row.try_get("", "legal_basis")?,
            approver: row.try_get("", "approver")?,
            received: maybe(row, "receive_time")?,
            received_by: row.try_get("", "received_by")?,
        })
    };
    rows(db, sql, id).await?.iter().map(read).collect()
}

async fn extension(db: &impl ConnectionTrait, id: &str) -> Result<Option<Extension>, StoreError> {
    let found = rows(db, "select * from extension where dossier_id = $1", id).await?;
    let read = |row: &QueryResult| {
        Ok(Extension {
            time: time(row, "time")?,
            old_due: time(row, "old_due_time")?,
            new_due: time(row, "new_due_time")?,
            reason: row.try_get("", "reason")?,
            signer: row.try_get("", "signer")?,
            by: row.try_get("", "made_by")?,
        })
    };
    found.first().map(read).transpose()
}

/// The rows of `new` that `old` has not, with their ordinals.
fn changed<'a, T: PartialEq>(old: &'a [T], new: &'a [T]) -> impl Iterator<Item = (i64, &'a T)> {
    (0..).zip(new).enumerate().filter(|(n, (_, row))| old.get(*n) != Some(*row)).map(|(_, row)| row)
}

/// Writes what differs beside the dossier's own row.
pub(crate) fn save(writes: &mut Writes, id: &str, old: &Course, new: &Course) {
    let legs = changed(&old.legs, &new.legs).map(|(ordinal, leg)| leg_row(id, ordinal, leg));
    writes.upsert("leg", &LEG, 2, legs);
    let pauses = changed(&old.pauses, &new.pauses).map(|(ordinal, pause)| {
        [
            id.into(),
            ordinal.into(),
            micros(pause.from),
            maybe_micros(pause.to),
            pause.state.code().into(),
            pause.reason.clone().into(),
        ]
    });
    writes.upsert("pause", &["dossier_id", "ordinal", "from_time", "to_time", "state", "reason"], 2, pauses);
    let supplements = changed(&old.supplements, &new.supplements).map(|(ordinal, asked)| {
        [
            id.into(),
            ordinal.into(),
            micros(asked.asked),
            asked.asked_by.clone().into(),
            sql::json(&asked.papers),
            asked.reason.clone().into(),
            asked.legal_basis.clone().into(),
            asked.approver.clone().into(),
            maybe_micros(asked.received),
            asked.received_by.clone().into(),
        ]
    });
    writes.upsert("supplement", &SUPPLEMENT, 2, supplements);
    let extension = new.extension.iter().filter(|_| old.extension.is_none()).map(|made| {
        [
            id.into(),
            micros(made.time),
            micros(made.old_due),
            micros(made.new_due),
            made.reason.clone().into(),
            made.signer.clone().into(),
            made.by.clone().into(),
        ]
    });
    writes.insert("extension", &EXTENSION, extension);
}

/// Whether a move changes what the clock says. A clock that was set back changes nothing of what was.
pub(crate) fn shifts(row: &dossier::Model, new: &Course, now: Timestamp) -> bool {
    let says = (new.due.map(Micros::from), new.paused_since().map(Micros::from));
    (row.due_time, row.paused_since) != says && Micros::from(now) > row.clock_since
}

/// Keeps what the clock said until now, if the move changes it.
pub(crate) fn keep_clock(writes: &mut Writes, row: &dossier::Model, new: &Course, now: Timestamp) {
    let before = shifts(row, new, now).then(|| {
        [
            row.id.clone().into(),
            micros(now),
            row.due_time.map(|due| due.0).into(),
            row.paused_since.map(|since| since.0).into(),
        ]
    });
    writes.insert("clock", &["dossier_id", "until_time", "due_time", "paused_since"], before);
}

/// The first legs of dossiers.
pub(crate) fn begin<'a>(writes: &mut Writes, legs: impl IntoIterator<Item = (&'a str, &'a Leg)>) {
    writes.insert("leg", &LEG, legs.into_iter().map(|(id, leg)| leg_row(id, 0, leg)));
}

fn leg_row(id: &str, ordinal: i64, leg: &Leg) -> [Value; 12] {
    [
        id.into(),
        ordinal.into(),
        leg.from_unit.clone().into(),
        leg.to_unit.clone().into(),
        micros(leg.given),
        leg.given_by.clone().into(),
        maybe_micros(leg.received),
        leg.received_by.clone().into(),
        maybe_micros(leg.due),
        maybe_micros(leg.ended),
        leg.punctuality.map(|p| p as i32).into(),
        leg.note.clone().into(),
    ]
}

const LEG: [&str; 12] = [
    "dossier_id",
    "ordinal",
    "from_unit",
    "to_unit",
    "given_time",
    "given_by",
    "received_time",
    "received_by",
    "due_time",
    "ended_time",
    "punctuality",
    "note",
];
const SUPPLEMENT: [&str; 10] = [
    "dossier_id",
    "ordinal",
    "ask_time",
    "asked_by",
    "papers",
    "reason",
    "legal_basis",
    "approver",
    "receive_time",
    "received_by",
];
const EXTENSION: [&str; 7] = ["dossier_id", "time", "old_due_time", "new_due_time", "reason", "signer", "made_by"];
