//! What operators see of the deliveries: pages, figures, dead letters.

use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, QueryTrait as _,
    sea_query::{Expr, Query},
};

use crate::entity::delivery;

#[derive(FromQueryResult)]
struct Count {
    state: delivery::Stage,
    n: i64,
}

/// How many have no final state, by state.
pub(crate) async fn open(db: &Db) -> Result<Vec<(delivery::Stage, u64)>, StoreError> {
    use delivery::Stage as S;
    let counted = Count::find_by_statement(sql::statement(
        db.backend(),
        "select state, count(*) as n from delivery where state in ('pending', 'held', 'sending', 'unknown') group by state",
        vec![],
    ))
    .all(db.read())
    .await?;
    let of = |stage| counted.iter().find(|c| c.state == stage).map_or(0, |c| u64::try_from(c.n).unwrap_or(0));
    Ok([S::Pending, S::Held, S::Sending, S::Unknown].map(|stage| (stage, of(stage))).to_vec())
}

/// A place in the list: the last row seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub create_time: Micros,
    pub id: String,
}

impl Cursor {
    pub fn encode(&self) -> String {
        hex::encode(format!("{}.{}", self.create_time.0, self.id))
    }

    pub fn decode(token: &str) -> Option<Self> {
        let text = String::from_utf8(hex::decode(token).ok()?).ok()?;
        let (time, id) = text.split_once('.')?;
        Some(Self { create_time: Micros(time.parse().ok()?), id: id.to_owned() })
    }
}

/// Listings count to here: a year of messages is not counted for every look at the manager's page.
pub(crate) const TOTAL_MAX: u64 = 10_000;

/// What is looked for; an empty field narrows nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub centre_id: String,
    pub dossier_id: String,
    pub kind: String,
    pub channel: String,
    pub state: Option<delivery::Stage>,
    /// Blind index of a number.
    pub blind: String,
    /// Made then or later.
    pub from: Option<Micros>,
    /// Made before.
    pub until: Option<Micros>,
}

/// One page, newest first, the place to go on, and how many there are in all, to [`TOTAL_MAX`].
pub(crate) async fn list(
    db: &Db,
    filter: &Filter,
    after: Option<Cursor>,
    size: u64,
) -> Result<(Vec<delivery::Model>, Option<Cursor>, u64), StoreError> {
    use delivery::Column as C;
    let mut all = delivery::Entity::find().filter(C::CentreId.eq(&filter.centre_id));
    for (column, value) in [
        (C::DossierId, &filter.dossier_id),
        (C::Kind, &filter.kind),
        (C::Channel, &filter.channel),
        (C::AddressBlind, &filter.blind),
    ] {
        if !value.is_empty() {
            all = all.filter(column.eq(value));
        }
    }
    if let Some(state) = filter.state {
        all = all.filter(C::State.eq(state));
    }
    if let Some(from) = filter.from {
        all = all.filter(C::CreateTime.gte(from));
    }
    if let Some(until) = filter.until {
        all = all.filter(C::CreateTime.lt(until));
    }
    let few = all.clone().select_only().column(C::Id).limit(TOTAL_MAX).into_query();
    let count = Query::select().expr_as(Expr::cust("count(*)"), "n").from_subquery(few, "few").to_owned();
    let total: i64 = match db.read().query_one(&count).await? {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    if let Some(after) = after {
        let same = Condition::all().add(C::CreateTime.eq(after.create_time)).add(C::Id.lt(after.id));
        all = all.filter(Condition::any().add(C::CreateTime.lt(after.create_time)).add(same));
    }
    let page = all.order_by_desc(C::CreateTime).order_by_desc(C::Id).limit(size + 1);
    let mut rows = page.all(db.read()).await?;
    let more = rows.len() as u64 > size;
    rows.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = rows.last().filter(|_| more).map(|r| Cursor { create_time: r.create_time, id: r.id.clone() });
    Ok((rows, next, u64::try_from(total).unwrap_or(0)))
}
