//! Who holds what, what was warned of, and report II.06a.

use jiff::Timestamp;
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{FromQueryResult, Value};

use crate::model::{Alert, Period, Row};

/// Open dossiers of one holder.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Holding {
    pub holder: String,
    pub person: String,
    pub open: i64,
    pub due_soon: i64,
    pub overdue: i64,
    pub paused: i64,
    pub oldest: i64,
}

/// By unit and person; an empty department is every one.
pub(crate) async fn holdings(
    db: &Db,
    centre_id: &str,
    department: &str,
    now: Timestamp,
) -> Result<Vec<Holding>, StoreError> {
    Ok(Holding::find_by_statement(sql::statement(
        db.backend(),
        "select holder, holder_person as person, count(*) as open, \
         coalesce(sum(case when state in (2, 4) and alert = $3 and due_time >= $2 then 1 else 0 end), 0) as due_soon, \
         coalesce(sum(case when state in (2, 4) and due_time < $2 then 1 else 0 end), 0) as overdue, \
         coalesce(sum(case when state in (5, 6, 8) then 1 else 0 end), 0) as paused, min(accept_time) as oldest \
         from dossier where centre_id = $1 and state in (2, 4, 5, 6, 8) and ($4 = '' or holder = $4) \
         group by holder, holder_person order by holder, holder_person",
        vec![centre_id.into(), Micros::from(now).0.into(), (Alert::DueSoon as i32).into(), department.into()],
    ))
    .all(db.read())
    .await?)
}

/// Which notices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    pub centre_id: String,
    pub department: String,
    pub kind: Option<i32>,
    /// The last id seen; empty at first.
    pub before: String,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Notice {
    pub id: String,
    pub kind: i32,
    pub time: i64,
    pub dossier_id: String,
    pub code: String,
    pub department: String,
    pub person: String,
    pub due_time: Option<i64>,
}

/// Newest first.
pub(crate) async fn notices(db: &Db, wanted: &Notices, limit: u64) -> Result<Vec<Notice>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut sql = "select id, kind, time, dossier_id, code, department, person, due_time from notice \
                   where centre_id = $1"
        .to_owned();
    let mut values: Vec<Value> = vec![wanted.centre_id.clone().into()];
    let mut also = |condition: &str, value: Value| {
        values.push(value);
        sql.push_str(&format!(" and {condition} ${}", values.len()));
    };
    if !wanted.department.is_empty() {
        also("department =", wanted.department.clone().into());
    }
    if let Some(kind) = wanted.kind {
        also("kind =", kind.into());
    }
    if !wanted.before.is_empty() {
        also("id <", wanted.before.clone().into());
    }
    values.push(limit.into());
    sql.push_str(&format!(" order by id desc limit ${}", values.len()));
    Ok(Notice::find_by_statement(sql::statement(db.backend(), sql, values)).all(db.read()).await?)
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
    open_in_time: i64,
    open_overdue: i64,
}

/// The rows of II.06a for a period, by field. Every dossier that came before the period's end and was open in it is in
/// exactly one column of 4 to 6 and one of 8 to 13. Whether one that is still open was overdue at the period's end is told by
/// its due time as it is known now.
pub(crate) async fn report(db: &Db, centre_id: &str, period: Period, now: Timestamp) -> Result<Vec<Row>, StoreError> {
    let rows = Counted::find_by_statement(sql::statement(
        db.backend(),
        "select field_code, field, \
         sum(case when accept_time >= $2 and reception_channel = 2 then 1 else 0 end) as received_online, \
         sum(case when accept_time >= $2 and reception_channel <> 2 then 1 else 0 end) as received_direct, \
         sum(case when accept_time < $2 then 1 else 0 end) as carried_over, \
         sum(case when finish_time < $3 and finish_punctuality = 1 then 1 else 0 end) as resolved_early, \
         sum(case when finish_time < $3 and coalesce(finish_punctuality, 2) = 2 then 1 else 0 end) as resolved_on_time, \
         sum(case when finish_time < $3 and finish_punctuality = 3 then 1 else 0 end) as resolved_late, \
         sum(case when finish_time < $3 or due_time < $4 and coalesce(paused_since, $4) > due_time then 0 else 1 end) \
         as open_in_time, \
         sum(case when finish_time < $3 then 0 when due_time < $4 and coalesce(paused_since, $4) > due_time then 1 \
         else 0 end) as open_overdue \
         from dossier where centre_id = $1 and accept_time < $3 and (finish_time is null or finish_time >= $2) \
         group by field_code, field order by field_code, field",
        vec![
            centre_id.into(),
            Micros::from(period.from).0.into(),
            Micros::from(period.to).0.into(),
            Micros::from(period.to.min(now)).0.into(),
        ],
    ))
    .all(db.read())
    .await?;
    let row = |c: Counted| Row {
        field_code: c.field_code,
        field: c.field,
        received_online: c.received_online,
        received_direct: c.received_direct,
        carried_over: c.carried_over,
        resolved_early: c.resolved_early,
        resolved_on_time: c.resolved_on_time,
        resolved_late: c.resolved_late,
        open_in_time: c.open_in_time,
        open_overdue: c.open_overdue,
    };
    Ok(rows.into_iter().map(row).collect())
}
