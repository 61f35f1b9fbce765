//! What is asked of the dossiers.

pub(crate) mod courses;
pub(crate) mod report;
mod supervision;

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, Query},
};

pub(crate) use supervision::{Holding, Notice, Notices, holdings, notices};

use crate::{
    entity::{dossier, step},
    model::State,
};

/// A place in the list: the last row seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub accept_time: Micros,
    pub id: String,
}

impl Cursor {
    pub fn encode(&self) -> String {
        hex::encode(format!("{}.{}", self.accept_time.0, self.id))
    }

    pub fn decode(token: &str) -> Option<Self> {
        let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
        let (time, id) = text.split_once('.')?;
        Some(Self { accept_time: Micros(time.parse().ok()?), id: id.to_owned() })
    }
}

/// Which dossiers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub centre_id: String,
    pub state: Option<State>,
    pub overdue_only: bool,
    pub department: String,
    /// Head or tail of a code: letters, digits, dots and dashes only.
    pub code: String,
}

impl Filter {
    fn condition(&self, now: Timestamp) -> Condition {
        use dossier::Column as C;
        let mut all = Condition::all();
        if let Some(state) = self.state {
            all = all.add(C::State.eq(state.code()));
        }
        if self.overdue_only {
            all = all.add(C::State.is_in(State::RUNNING.map(State::code))).add(C::DueTime.lt(Micros::from(now)));
        }
        if !self.department.is_empty() {
            all = all.add(C::Department.eq(&self.department));
        }
        if !self.code.is_empty() {
            let code = self.code.to_ascii_uppercase();
            let tail = dossier::reversed(&code);
            // DEL sorts after everything that a code is made of.
            let head = Condition::all().add(C::Code.gte(&code)).add(C::Code.lt(format!("{code}\u{7f}")));
            let end = Condition::all().add(C::CodeReversed.gte(&tail)).add(C::CodeReversed.lt(format!("{tail}\u{7f}")));
            all = all.add(Condition::any().add(head).add(end));
        }
        all
    }
}

/// Listings count to here: an archive of a million is not counted for every look at a page.
pub(crate) const TOTAL_MAX: u64 = 10_000;

/// One page, newest first, the place to go on, and how many there are in all, to [`TOTAL_MAX`].
pub(crate) async fn list(
    db: &Db,
    filter: &Filter,
    after: Option<Cursor>,
    size: u64,
    now: Timestamp,
) -> Result<(Vec<dossier::Model>, Option<Cursor>, u64), StoreError> {
    use dossier::Column as C;
    let all = dossier::Entity::of_centre(&filter.centre_id).filter(filter.condition(now));
    let few = all.clone().select_only().column(C::Id).limit(TOTAL_MAX).into_query();
    let count = Query::select().expr_as(Expr::cust("count(*)"), "n").from_subquery(few, "few").to_owned();
    let total: i64 = match db.read().query_one(&count).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    // Few by their code: found by the code and then sorted. The plus hides the column from SQLite, which would
    // otherwise walk the whole centre in the order of time (measured on 10⁶ dossiers: 2.7 s against 0.3 ms).
    let few_by_code = !filter.code.is_empty() && u64::try_from(total).is_ok_and(|n| n < TOTAL_MAX);
    let mut page = match few_by_code {
        true => all.order_by_desc(Expr::cust("+accept_time")).order_by_desc(C::Id),
        false => all.order_by_desc(C::AcceptTime).order_by_desc(C::Id),
    }
    .limit(size + 1);
    if let Some(after) = after {
        page = page.filter(
            Condition::any()
                .add(C::AcceptTime.lt(after.accept_time))
                .add(Condition::all().add(C::AcceptTime.eq(after.accept_time)).add(C::Id.lt(after.id))),
        );
    }
    let mut rows = page.all(db.read()).await?;
    let more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|r| Cursor { accept_time: r.accept_time, id: r.id.clone() });
    Ok((rows, next, u64::try_from(total).unwrap_or(0)))
}

/// A dossier of a centre.
pub(crate) async fn get(db: &Db, centre_id: &str, id: &str) -> Result<Option<dossier::Model>, StoreError> {
    Ok(dossier::Entity::of_centre(centre_id).filter(dossier::Column::Id.eq(id)).one(db.read()).await?)
}

/// The dossier whose receipt bears a secret with this hash.
pub(crate) async fn by_token_hash(db: &Db, hash: &str) -> Result<Option<dossier::Model>, StoreError> {
    Ok(dossier::Entity::find().filter(dossier::Column::TokenHash.eq(hash)).one(db.read()).await?)
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

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_none() {
        let cursor = Cursor { accept_time: Micros(7), id: "a.b".into() };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for nonsense in ["", "zz", "00", "612e62"] {
            assert_eq!(Cursor::decode(nonsense), None);
        }
    }
}
