//! The list of dossiers: what narrows it, and its pages.

use jiff::{Timestamp, tz::Offset};
use motcua_store::{Db, Micros, StoreError};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    QueryTrait as _,
    sea_query::{Expr, ExprTrait as _, Query, SelectStatement},
};

use crate::{
    entity::dossier,
    model::{Alert, Period, Punctuality, State},
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

/// Where a dossier's clock stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Not ended.
    Open,
    /// The clock stands still.
    Paused,
    /// Warned of, not yet overdue.
    DueSoon,
    /// Past the time of the unit that has it.
    LateHere,
    /// Within a working day of that.
    DueSoonHere,
}

/// What the days of a listing are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Accepted,
    /// The promise of what is still running.
    Due,
    /// It left what is open.
    Finished,
    SupplementAsked,
    /// Its owner rated it, first.
    Rated,
}

/// Which dossiers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub centre_id: String,
    pub state: Option<State>,
    pub overdue_only: bool,
    pub department: String,
    /// The department whose dossiers alone whoever asks may see: those that it decides, and those that it has now.
    pub own: Option<String>,
    /// Head or tail of a code: letters, digits, dots and dashes only.
    pub code: String,
    /// Unit that has it; empty is any.
    pub holder: String,
    /// Account that signed for it; none is any, an empty one is nobody.
    pub person: Option<String>,
    pub scope: Option<Scope>,
    pub procedure_code: String,
    pub within: Option<(Happening, Period)>,
    /// Hour of the local clock of its acceptance, and how far that clock is ahead of UTC.
    pub accept_hour: Option<(i8, Offset)>,
    pub punctuality: Option<Punctuality>,
    pub score: Option<i32>,
}

/// As the partial indexes are written: SQLite uses one only where the query says the same without a parameter.
const RUNNING: &str = "state in (2, 4)";
const PAUSED: &str = "state in (5, 6, 8)";
const OPEN: &str = "state in (2, 4, 5, 6, 8)";

impl Filter {
    fn condition(&self, now: Timestamp) -> Condition {
        use dossier::Column as C;
        let mut all = Condition::all();
        if let Some(state) = self.state {
            all = all.add(C::State.eq(state.code()));
        }
        if self.overdue_only {
            all = all.add(Expr::cust(RUNNING)).add(C::DueTime.lt(Micros::from(now)));
        }
        for (column, wanted) in
            [(C::Department, &self.department), (C::Holder, &self.holder), (C::ProcedureCode, &self.procedure_code)]
        {
            if !wanted.is_empty() {
                all = all.add(column.eq(wanted));
            }
        }
        if let Some(own) = &self.own {
            all = all.add(Condition::any().add(C::Department.eq(own)).add(C::Holder.eq(own)));
        }
        if let Some(person) = &self.person {
            all = all.add(C::HolderPerson.eq(person));
        }
        all = match self.scope {
            None => all,
            Some(Scope::Open) => all.add(Expr::cust(OPEN)),
            Some(Scope::Paused) => all.add(Expr::cust(OPEN)).add(Expr::cust(PAUSED)),
            Some(Scope::LateHere) => all.add(Expr::cust(RUNNING)).add(C::LegDueTime.lt(Micros::from(now))),
            Some(Scope::DueSoonHere) => {
                let warned = C::State.eq(State::Processing.code()).and(C::LegAlert.eq(Alert::LegDueSoon as i32));
                all.add(Expr::cust(OPEN)).add(warned).add(C::LegDueTime.gte(Micros::from(now)))
            }
            Some(Scope::DueSoon) => {
                let warned = C::Alert.eq(Alert::DueSoon as i32);
                all.add(Expr::cust(OPEN)).add(Expr::cust(RUNNING)).add(warned).add(C::DueTime.gte(Micros::from(now)))
            }
        };
        if let Some(within) = self.within {
            all = happened(all, within);
        }
        if let Some((hour, offset)) = self.accept_hour {
            let ahead = i64::from(offset.seconds()) * 1_000_000;
            all = all.add(Expr::cust(format!("(accept_time + {ahead}) / 3600000000 % 24 = {hour}")));
        }
        if let Some(punctuality) = self.punctuality {
            all = all.add(C::FinishPunctuality.eq(punctuality as i32));
        }
        for ids in self.ids() {
            all = all.add(C::Id.in_subquery(ids));
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

    /// What other tables know the dossiers by.
    fn ids(&self) -> Vec<SelectStatement> {
        let select = |table: &'static str| Query::select().column("dossier_id").from(table).to_owned();
        let within = |mut rows: SelectStatement, column: &'static str, period: Period| {
            rows.and_where(Expr::col(column).gte(Micros::from(period.from).0));
            rows.and_where(Expr::col(column).lt(Micros::from(period.to).0)).to_owned()
        };
        let mut all = vec![];
        if let Some((Happening::SupplementAsked, period)) = self.within {
            all.push(within(select("supplement"), "ask_time", period));
        }
        let rated = self.within.filter(|(what, _)| *what == Happening::Rated);
        if rated.is_some() || self.score.is_some() {
            let mut rows = select("rating").and_where(Expr::col("centre_id").eq(&self.centre_id)).to_owned();
            if let Some((_, period)) = rated {
                rows = within(rows, "time", period);
            }
            if let Some(score) = self.score {
                rows.and_where(Expr::col("score").eq(score));
            }
            all.push(rows);
        }
        all
    }

    /// Whether another index than the one of the order finds its rows.
    fn sought(&self) -> bool {
        let days = self.within.is_some_and(|(what, _)| what != Happening::Accepted);
        !self.code.is_empty() || !self.holder.is_empty() || self.overdue_only || self.scope.is_some() || days
    }
}

fn happened(all: Condition, (what, period): (Happening, Period)) -> Condition {
    use dossier::Column as C;
    let (from, to) = (Micros::from(period.from), Micros::from(period.to));
    match what {
        Happening::Accepted => all.add(C::AcceptTime.gte(from)).add(C::AcceptTime.lt(to)),
        Happening::Due => all.add(Expr::cust(RUNNING)).add(C::DueTime.gte(from)).add(C::DueTime.lt(to)),
        Happening::Finished => all.add(C::FinishTime.gte(from)).add(C::FinishTime.lt(to)),
        // Other tables': see `Filter::ids`.
        Happening::SupplementAsked | Happening::Rated => all,
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
    let own = match filter.ids().is_empty() {
        true => dossier::Entity::of_centre(&filter.centre_id),
        false => dossier::Entity::of_centre_by_ids(&filter.centre_id),
    };
    let all = own.filter(filter.condition(now));
    let counted = all.clone().select_only().column(C::Id).limit(TOTAL_MAX).into_query();
    let count = Query::select().expr_as(Expr::cust("count(*)"), "n").from_subquery(counted, "counted").to_owned();
    let total: i64 = match db.read().query_one(&count).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    // Few by another index: found by it and then sorted. The plus hides the column from SQLite, which would
    // otherwise walk the whole centre in the order of time (by a code, on 10⁶ dossiers: 2.7 s against 0.3 ms).
    let few = filter.sought() && u64::try_from(total).is_ok_and(|n| n < TOTAL_MAX);
    let mut page = match few {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_none() {
        let cursor = Cursor { accept_time: Micros(7), id: "a.b".into() };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        for nonsense in ["", "zz", "00", "612e62"] {
            assert_eq!(Cursor::decode(nonsense), None);
        }
    }
}
