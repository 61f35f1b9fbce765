//! Report II.06a: figures as of now or as they were closed, and the dossiers behind each.

use jiff::Timestamp;
use motcua_kernel::identity::Identity;
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value};

use super::TOTAL_MAX;
use crate::model::{Column, Period, Row};

/// Column 4, 5 or 6, as [`crate::model::Came`] has it. `$2` is the period's begin.
const CAME: &str = "case when accept_time < $2 then 6 when reception_channel = 2 then 4 else 5 end";
/// What the clock says, of a dossier whose clock did not change since `$4`, the moment at which is judged.
const LATE_NOW: &str = "due_time < $4 and coalesce(paused_since, $4) > due_time";
/// Who was open in a period and came before its end, `$3`.
const COUNTED: &str = "centre_id = $1 and accept_time < $3 and (finish_time is null or finish_time >= $2)";

/// What the clock of a dossier said at `$4`: `what` of the row that held then.
fn then(what: &str, now: &str) -> String {
    format!(
        "case when clock_since > $4 then (select {what} from clock where clock.dossier_id = dossier.id \
         and clock.until_time > $4 order by clock.until_time limit 1) else {now} end"
    )
}

/// Column 8, 9, 10, 12 or 13, as [`crate::model::Became`] has it.
fn became() -> String {
    let late = then(
        "case when clock.due_time < $4 and coalesce(clock.paused_since, $4) > clock.due_time then 13 else 12 end",
        &format!("case when {LATE_NOW} then 13 else 12 end"),
    );
    format!(
        "case when finish_time < $3 then case finish_punctuality when 1 then 8 when 3 then 10 else 9 end else {late} end"
    )
}

fn bounds(centre_id: &str, period: &Period, now: Timestamp) -> Vec<Value> {
    vec![
        centre_id.into(),
        Micros::from(period.from).0.into(),
        Micros::from(period.to).0.into(),
        Micros::from(period.judged_at(now)).0.into(),
    ]
}

#[derive(FromQueryResult)]
struct Counted {
    field_code: String,
    field: String,
    received_online: i64,
    received_direct: i64,
    carried_over: i64,
    resolved_early: i64,
    resolved_on_time: i64,
    resolved_late: i64,
    open: i64,
    /// Overdue by what the clock says.
    late_now: i64,
    /// Overdue by what it said, of those whose clock changed since.
    late_then: i64,
}

impl From<Counted> for Row {
    fn from(c: Counted) -> Self {
        Self {
            field_code: c.field_code,
            field: c.field,
            received_online: c.received_online,
            received_direct: c.received_direct,
            carried_over: c.carried_over,
            resolved_early: c.resolved_early,
            resolved_on_time: c.resolved_on_time,
            resolved_late: c.resolved_late,
            open_in_time: c.open - c.late_now - c.late_then,
            open_overdue: c.late_now + c.late_then,
        }
    }
}

/// The rows of a period by field, in one pass over an index; those few whose clock changed after the moment at which is
/// judged are added by what it said then.
pub(crate) async fn figures(db: &Db, centre_id: &str, period: &Period, now: Timestamp) -> Result<Vec<Row>, StoreError> {
    let text = format!(
        "select counted.*, coalesce(late.n, 0) as late_then from (select field_code, field, \
         sum(case when accept_time >= $2 and reception_channel = 2 then 1 else 0 end) as received_online, \
         sum(case when accept_time >= $2 and reception_channel <> 2 then 1 else 0 end) as received_direct, \
         sum(case when accept_time < $2 then 1 else 0 end) as carried_over, \
         sum(case when finish_time < $3 and finish_punctuality = 1 then 1 else 0 end) as resolved_early, \
         sum(case when finish_time < $3 and coalesce(finish_punctuality, 2) = 2 then 1 else 0 end) as resolved_on_time, \
         sum(case when finish_time < $3 and finish_punctuality = 3 then 1 else 0 end) as resolved_late, \
         sum(case when finish_time < $3 then 0 else 1 end) as open, \
         sum(case when finish_time < $3 or clock_since > $4 then 0 when {LATE_NOW} then 1 else 0 end) as late_now \
         from dossier where {COUNTED} group by field_code, field) as counted \
         left join (select dossier.field_code, dossier.field, count(*) as n from \
         (select dossier_id, min(until_time) as until_time from clock where until_time > $4 group by dossier_id) as earliest \
         join clock on clock.dossier_id = earliest.dossier_id and clock.until_time = earliest.until_time \
         join dossier on dossier.id = earliest.dossier_id where centre_id = $1 and accept_time < $3 and clock_since > $4 \
         and (finish_time is null or finish_time >= $3) \
         and clock.due_time < $4 and coalesce(clock.paused_since, $4) > clock.due_time \
         group by dossier.field_code, dossier.field) as late \
         on late.field_code = counted.field_code and late.field = counted.field \
         order by counted.field_code, counted.field"
    );
    let asked = sql::statement(db.backend(), text, bounds(centre_id, period, now));
    Ok(Counted::find_by_statement(asked).all(db.read()).await?.into_iter().map(Row::from).collect())
}

/// A report that was closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Closed {
    pub id: i64,
    pub first_day: String,
    pub last_day: String,
    pub close_time: Micros,
    pub closed_by: String,
    pub rows: Vec<Row>,
    pub dossiers: i64,
}

fn closed(row: &QueryResult) -> Result<Closed, StoreError> {
    let figures: String = row.try_get("", "figures")?;
    let rows = serde_json::from_str(&figures)
        .map_err(|_| StoreError::Corrupt(DbErr::Type("stored value of report.figures does not read".into())))?;
    Ok(Closed {
        id: row.try_get("", "id")?,
        first_day: row.try_get("", "first_day")?,
        last_day: row.try_get("", "last_day")?,
        close_time: Micros(row.try_get("", "close_time")?),
        closed_by: row.try_get("", "closed_by")?,
        rows,
        dossiers: row.try_get("", "dossiers")?,
    })
}

/// The closed report of exactly these days.
pub(crate) async fn closed_of(
    db: &impl ConnectionTrait,
    centre_id: &str,
    period: &Period,
) -> Result<Option<Closed>, StoreError> {
    let text = "select * from report where centre_id = $1 and first_day = $2 and last_day = $3";
    let values = vec![centre_id.into(), period.first.to_string().into(), period.last.to_string().into()];
    let row = db.query_one_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    row.as_ref().map(closed).transpose()
}

/// Closed reports, the last ones closed first.
pub(crate) async fn list_closed(
    db: &Db,
    centre_id: &str,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Closed>, StoreError> {
    let text = "select * from report where centre_id = $1 and id < $2 order by id desc limit $3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = vec![centre_id.into(), before.unwrap_or(i64::MAX).into(), limit.into()];
    let rows = db.read().query_all_raw(sql::statement(db.backend(), text, values)).await?;
    rows.iter().map(closed).collect()
}

/// Keeps the period as it is now: its dossiers, each in its two columns, and the figures counted from those. A period that
/// somebody else keeps at the same time is [`StoreError::AlreadyExists`].
pub(crate) async fn close(
    tx: &impl ConnectionTrait,
    centre_id: &str,
    period: &Period,
    now: Timestamp,
    who: &str,
) -> Result<Closed, StoreError> {
    let backend = tx.get_database_backend();
    let text = "insert into report(id, centre_id, first_day, last_day, close_time, closed_by, figures, dossiers) \
                select coalesce(max(id), 0) + 1, $1, $2, $3, $4, $5, '[]', 0 from report returning id";
    let days = [period.first.to_string(), period.last.to_string()];
    let values: Vec<Value> =
        vec![centre_id.into(), days[0].clone().into(), days[1].clone().into(), Micros::from(now).0.into(), who.into()];
    let row = tx.query_one_raw(sql::statement(backend, text, values)).await?.ok_or(StoreError::Conflict)?;
    let id: i64 = row.try_get("", "id")?;
    let text = format!(
        "insert into report_dossier(report_id, accept_time, dossier_id, field_code, field, came, became, due_time) \
         select $5, accept_time, id, field_code, field, {CAME}, {}, {} from dossier where {COUNTED}",
        became(),
        then("clock.due_time", "due_time")
    );
    let values = bounds(centre_id, period, now).into_iter().chain([id.into()]).collect();
    let kept = tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected();
    let text = "select field_code, field, \
         sum(case when came = 4 then 1 else 0 end) as received_online, \
         sum(case when came = 5 then 1 else 0 end) as received_direct, \
         sum(case when came = 6 then 1 else 0 end) as carried_over, \
         sum(case when became = 8 then 1 else 0 end) as resolved_early, \
         sum(case when became = 9 then 1 else 0 end) as resolved_on_time, \
         sum(case when became = 10 then 1 else 0 end) as resolved_late, \
         sum(case when became >= 12 then 1 else 0 end) as open, \
         sum(case when became = 13 then 1 else 0 end) as late_now, cast(0 as bigint) as late_then \
         from report_dossier where report_id = $1 group by field_code, field order by field_code, field";
    let counted = Counted::find_by_statement(sql::statement(backend, text, vec![id.into()])).all(tx).await?;
    let rows: Vec<Row> = counted.into_iter().map(Row::from).collect();
    let dossiers = i64::try_from(kept).unwrap_or(i64::MAX);
    let values = vec![sql::json(&rows), dossiers.into(), id.into()];
    tx.execute_raw(sql::statement(backend, "update report set figures = $1, dossiers = $2 where id = $3", values))
        .await?;
    let [first_day, last_day] = days;
    Ok(Closed { id, first_day, last_day, close_time: now.into(), closed_by: who.into(), rows, dossiers })
}

/// Who did what to what, when.
pub(crate) async fn audit(
    tx: &impl ConnectionTrait,
    centre_id: &str,
    now: Timestamp,
    who: &Identity,
    action: &str,
    target: &str,
) -> Result<(), StoreError> {
    let role = serde_json::to_value(who.role).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default();
    let columns = ["id", "centre_id", "time", "subject", "role", "action", "target"];
    let values = vec![
        motcua_kernel::id::new_id().into(),
        centre_id.into(),
        Micros::from(now).0.into(),
        who.subject.clone().into(),
        role.into(),
        action.into(),
        target.into(),
    ];
    tx.execute_raw(sql::statement(tx.get_database_backend(), sql::insert("audit", &columns, 1), values)).await?;
    Ok(())
}

/// Which figure.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub column: Column,
    /// Code and name of the row's field; none is the last row, of all fields.
    pub field: Option<(String, String)>,
}

/// Of which report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub centre_id: &'a str,
    pub period: &'a Period,
    pub now: Timestamp,
    /// Its id, if it was closed.
    pub kept: Option<i64>,
}

/// A dossier behind a figure.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Behind {
    pub id: String,
    pub code: String,
    pub procedure_name: String,
    pub field: String,
    pub accept_time: i64,
    pub due_time: Option<i64>,
    pub finish_time: Option<i64>,
    pub came: i32,
    pub became: i32,
}

/// A page of the dossiers behind a figure in the order of their reception, and how many there are, to [`TOTAL_MAX`].
pub(crate) async fn behind(
    db: &Db,
    of: &Of<'_>,
    cell: &Cell,
    after: Option<super::Cursor>,
    limit: u64,
) -> Result<(Vec<Behind>, u64), StoreError> {
    let (mut values, from) = match of.kept {
        Some(id) => {
            let from = "(select dossier.id, dossier.code, dossier.procedure_name, dossier.finish_time, kept.field_code, \
                        kept.field, kept.accept_time, kept.due_time, kept.came, kept.became \
                        from report_dossier as kept join dossier on dossier.id = kept.dossier_id \
                        where kept.report_id = $1) as found";
            (vec![id.into()], from.to_owned())
        }
        None => {
            let due = then("clock.due_time", "due_time");
            let from = format!(
                "(select id, code, procedure_name, finish_time, field_code, field, accept_time, {due} as due_time, \
                 {CAME} as came, {} as became from dossier where {COUNTED}) as found",
                became()
            );
            (bounds(of.centre_id, of.period, of.now), from)
        }
    };
    let (came, became) = (cell.column.came(), cell.column.became());
    // Bounds are the form's own numbers.
    let mut condition = format!(
        "came between {} and {} and became between {} and {}",
        came.start(),
        came.end(),
        became.start(),
        became.end()
    );
    if let Some((code, field)) = &cell.field {
        values.extend([code.as_str().into(), field.as_str().into()]);
        condition.push_str(&format!(" and field_code = ${} and field = ${}", values.len() - 1, values.len()));
    }
    let text =
        format!("select count(*) as n from (select 1 as one from {from} where {condition} limit {TOTAL_MAX}) as few");
    let row = db.read().query_one_raw(sql::statement(db.backend(), text, values.clone())).await?;
    let total: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0);
    if let Some(after) = after {
        values.extend([after.accept_time.0.into(), after.id.into()]);
        let (time, id) = (values.len() - 1, values.len());
        condition.push_str(&format!(" and (accept_time > ${time} or accept_time = ${time} and id > ${id})"));
    }
    values.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
    let text = format!(
        "select id, code, procedure_name, field, accept_time, due_time, finish_time, came, became \
         from {from} where {condition} order by accept_time, id limit ${}",
        values.len()
    );
    let rows = Behind::find_by_statement(sql::statement(db.backend(), text, values)).all(db.read()).await?;
    Ok((rows, u64::try_from(total).unwrap_or(0)))
}
