//! What is asked of the dossiers.

pub(crate) mod courses;
mod listing;
pub(crate) mod report;
pub(crate) mod statistics;
mod supervision;
mod track;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};

pub(crate) use listing::{Cursor, Filter, Happening, Scope, TOTAL_MAX, list};
pub(crate) use supervision::{Holding, Notice, Notices, Whose, holdings, notices};
pub(crate) use track::{Step, Tracked, track};

use crate::{
    entity::{dossier, step},
    model::State,
};

/// A dossier of a centre.
pub(crate) async fn get(db: &Db, centre_id: &str, id: &str) -> Result<Option<dossier::Model>, StoreError> {
    Ok(dossier::Entity::of_centre(centre_id).filter(dossier::Column::Id.eq(id)).one(db.read()).await?)
}

/// A dossier's timeline, oldest first.
pub(crate) async fn steps(db: &Db, dossier_id: &str) -> Result<Vec<step::Model>, StoreError> {
    Ok(step::Entity::find()
        .filter(step::Column::DossierId.eq(dossier_id))
        .order_by_asc(step::Column::Ordinal)
        .all(db.read())
        .await?)
}

/// Figures of one department.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct DepartmentFigures {
    pub department: String,
    pub open: i64,
    pub due_today: i64,
    pub overdue: i64,
    pub oldest: i64,
}

/// Figures of a centre's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Figures {
    pub accepted_today: i64,
    pub ready: i64,
    pub departments: Vec<DepartmentFigures>,
}

/// Begin and end of the local day.
pub(crate) fn day(now: Timestamp, zone: &TimeZone) -> Result<(Micros, Micros), jiff::Error> {
    let begin = now.to_zoned_datetime(zone.clone()).start_of_day()?;
    let end = begin.checked_add(1.day())?.start_of_day()?;
    Ok((begin.timestamp().into(), end.timestamp().into()))
}

/// Counts for the manager. "Open" is whatever has not ended: with the desk, with a department, or paused.
pub(crate) async fn figures(
    db: &Db,
    centre_id: &str,
    now: Timestamp,
    (begin, end): (Micros, Micros),
) -> Result<Figures, StoreError> {
    use dossier::Column as C;
    let all = || dossier::Entity::of_centre(centre_id);
    let accepted_today = all().filter(C::AcceptTime.gte(begin)).filter(C::AcceptTime.lt(end)).count(db.read()).await?;
    let ready = all().filter(C::State.eq(State::Completed.code())).count(db.read()).await?;
    let departments = DepartmentFigures::find_by_statement(sql::statement(
        db.backend(),
        "select department, count(*) as open, \
         coalesce(sum(case when state in (2, 4) and due_time >= $2 and due_time < $3 then 1 else 0 end), 0) as due_today, \
         coalesce(sum(case when state in (2, 4) and due_time < $4 then 1 else 0 end), 0) as overdue, \
         min(accept_time) as oldest \
         from dossier where centre_id = $1 and state in (2, 4, 5, 6, 8) group by department order by department",
        vec![centre_id.into(), begin.0.into(), end.0.into(), Micros::from(now).0.into()],
    ))
    .all(db.read())
    .await?;
    Ok(Figures {
        accepted_today: i64::try_from(accepted_today).unwrap_or(i64::MAX),
        ready: i64::try_from(ready).unwrap_or(i64::MAX),
        departments,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_centres_not_utcs() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let (begin, end) = day("2026-11-23T18:30:00Z".parse().unwrap(), &zone).unwrap();
        assert_eq!(begin.timestamp().to_string(), "2026-11-23T17:00:00Z");
        assert_eq!(end.timestamp().to_string(), "2026-11-24T17:00:00Z");
    }
}
