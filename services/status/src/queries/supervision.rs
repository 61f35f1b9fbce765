//! Who holds what, and what was warned of.

use jiff::Timestamp;
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{FromQueryResult, Value};

use crate::model::Alert;

/// Open dossiers of one holder.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Holding {
    pub holder: String,
    pub person: String,
    pub open: i64,
    pub due_soon: i64,
    pub overdue: i64,
    pub paused: i64,
    pub late_here: i64,
    pub due_soon_here: i64,
    pub oldest: i64,
}

/// Whose open dossiers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Whose<'a> {
    pub centre_id: &'a str,
    /// The unit that has them; empty is every one.
    pub holder: &'a str,
    /// As [`super::Filter::own`].
    pub own: Option<&'a str>,
}

/// By unit and person.
pub(crate) async fn holdings(db: &Db, whose: Whose<'_>, now: Timestamp) -> Result<Vec<Holding>, StoreError> {
    let Whose { centre_id, holder, own } = whose;
    let own = own.unwrap_or_default();
    Ok(Holding::find_by_statement(sql::statement(
        db.backend(),
        "select holder, holder_person as person, count(*) as open, \
         coalesce(sum(case when state in (2, 4) and alert = $3 and due_time >= $2 then 1 else 0 end), 0) as due_soon, \
         coalesce(sum(case when state in (2, 4) and due_time < $2 then 1 else 0 end), 0) as overdue, \
         coalesce(sum(case when state in (5, 6, 8) then 1 else 0 end), 0) as paused, \
         coalesce(sum(case when state in (2, 4) and leg_due_time < $2 then 1 else 0 end), 0) as late_here, \
         coalesce(sum(case when state = 4 and leg_alert = $6 and leg_due_time >= $2 then 1 else 0 end), 0) as due_soon_here, \
         min(accept_time) as oldest \
         from dossier where centre_id = $1 and state in (2, 4, 5, 6, 8) and ($4 = '' or holder = $4) \
         and ($5 = '' or department = $5 or holder = $5) \
         group by holder, holder_person order by holder, holder_person",
        vec![
            centre_id.into(),
            Micros::from(now).0.into(),
            (Alert::DueSoon as i32).into(),
            holder.into(),
            own.into(),
            (Alert::LegDueSoon as i32).into(),
        ],
    ))
    .all(db.read())
    .await?)
}

/// Which notices.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notices {
    pub centre_id: String,
    /// The unit that had it then; empty is every one.
    pub department: String,
    /// As [`super::Filter::own`], of the time of the notice.
    pub own: Option<String>,
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
    if let Some(own) = &wanted.own {
        values.push(own.clone().into());
        sql.push_str(
            " and (department = $2 or exists (select 1 from dossier d where d.id = dossier_id and d.department = $2))",
        );
    }
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
