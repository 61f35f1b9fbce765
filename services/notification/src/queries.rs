//! What is asked of the deliveries, and how they change hands.

use motcua_store::{Db, Micros, StoreError, commit, machine_now, sql};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, FromQueryResult,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, QueryTrait as _, Set,
    sea_query::{Expr, Query},
};

use crate::{
    entity::{attempt, delivery, notification},
    model::{Decision, State},
};

/// Takes what is due, at most `limit`: compare-and-set on the fence, so that two workers never hold one delivery.
pub(crate) async fn claim(db: &Db, limit: usize, lease_us: i64) -> Result<Vec<delivery::Model>, StoreError> {
    use delivery::Column as C;
    let now = machine_now();
    let due = delivery::Entity::find()
        .filter(C::NextTime.lte(now))
        .order_by_asc(C::NextTime)
        .limit(u64::try_from(limit).unwrap_or(1))
        .all(db.read())
        .await?;
    if due.is_empty() {
        return Ok(due);
    }
    let until = Micros(now.0 + lease_us);
    let tx = db.begin().await?;
    let mut claimed = Vec::with_capacity(due.len());
    for mut row in due {
        let taken = delivery::Entity::update_many()
            .col_expr(C::NextTime, Expr::value(until.0))
            .col_expr(C::Fence, Expr::value(row.fence + 1))
            .filter(C::Id.eq(&row.id))
            .filter(C::Fence.eq(row.fence))
            .filter(C::NextTime.lte(now))
            .exec(&tx)
            .await?;
        if taken.rows_affected == 1 {
            row.fence += 1;
            row.next_time = Some(until);
            claimed.push(row);
        }
    }
    commit(tx).await?;
    Ok(claimed)
}

/// Microseconds until something is due; none when nothing waits.
pub(crate) async fn until_next(db: &Db) -> Result<Option<u64>, StoreError> {
    let row = delivery::Entity::find()
        .filter(delivery::Column::NextTime.is_not_null())
        .order_by_asc(delivery::Column::NextTime)
        .one(db.read())
        .await?;
    let next = row.and_then(|r| r.next_time);
    Ok(next.map(|next| u64::try_from(next.0 - machine_now().0).unwrap_or(0)))
}

/// At the start of the only process that works on this database: what the last one held is free at once.
pub(crate) async fn free_leases(db: &Db, lease_us: i64) -> Result<u64, StoreError> {
    let now = machine_now();
    let tx = db.begin().await?;
    let freed = tx
        .execute_raw(sql::statement(
            db.backend(),
            "update delivery set next_time = $1 where next_time > $1 and next_time <= $2",
            vec![now.0.into(), (now.0 + lease_us).into()],
        ))
        .await?
        .rows_affected();
    commit(tx).await?;
    Ok(freed)
}

pub(crate) async fn notification(db: &Db, id: &str) -> Result<Option<notification::Model>, StoreError> {
    Ok(notification::Entity::find_by_id(id).one(db.read()).await?)
}

/// The attempt that nobody closed.
pub(crate) async fn open_attempt(db: &Db, delivery_id: &str) -> Result<Option<attempt::Model>, StoreError> {
    Ok(attempt::Entity::find()
        .filter(attempt::Column::DeliveryId.eq(delivery_id))
        .filter(attempt::Column::EndTime.is_null())
        .order_by_asc(attempt::Column::N)
        .one(db.read())
        .await?)
}

/// An attempt about to begin.
pub(crate) struct Opening {
    pub masked: String,
    pub blind: String,
    pub provider: &'static str,
    pub started: Micros,
    pub lease_end: Micros,
}

/// Writes an attempt down and renews the lease; false when another worker has taken the delivery meanwhile.
pub(crate) async fn open_attempt_row(db: &Db, row: &delivery::Model, opening: Opening) -> Result<bool, StoreError> {
    use delivery::Column as C;
    let tx = db.begin().await?;
    let held = delivery::Entity::update_many()
        .col_expr(C::State, Expr::value("sending"))
        .col_expr(C::Attempts, Expr::value(row.attempts + 1))
        .col_expr(C::AddressMasked, Expr::value(opening.masked))
        .col_expr(C::AddressBlind, Expr::value(opening.blind))
        .col_expr(C::Provider, Expr::value(opening.provider))
        .col_expr(C::Channel, Expr::value(opening.provider))
        .col_expr(C::NextTime, Expr::value(opening.lease_end.0))
        .filter(C::Id.eq(&row.id))
        .filter(C::Fence.eq(row.fence))
        .exec(&tx)
        .await?;
    if held.rows_affected == 0 {
        return Ok(false);
    }
    attempt::ActiveModel {
        delivery_id: Set(row.id.clone()),
        n: Set(row.attempts + 1),
        fence: Set(row.fence),
        provider: Set(opening.provider.into()),
        start_time: Set(opening.started),
        end_time: Set(None),
        class: Set(String::new()),
        detail: Set(String::new()),
    }
    .insert(&tx)
    .await?;
    commit(tx).await?;
    Ok(true)
}

/// Writes down what came of a claim, and closes its attempts where one was made. False when the lease was lost: then
/// only a provider's yes still counts, and only for a delivery that is in doubt.
pub(crate) async fn settle(
    db: &Db,
    row: &delivery::Model,
    decision: &Decision,
    accepted: Option<Micros>,
    attempted: bool,
) -> Result<bool, StoreError> {
    use delivery::Column as C;
    let tx = db.begin().await?;
    let change = || {
        let mut change = delivery::Entity::update_many()
            .col_expr(C::State, Expr::value(stage_text(decision.state)))
            .col_expr(C::NextTime, Expr::value(decision.next))
            .col_expr(C::LastError, Expr::value(decision.detail.clone()))
            .filter(C::Id.eq(&row.id));
        if let Some(time) = accepted {
            change = change.col_expr(C::AcceptTime, Expr::value(time.0));
        }
        if let Some(id) = &decision.provider_id {
            change = change.col_expr(C::ProviderId, Expr::value(id.clone()));
        }
        change
    };
    let written = change()
        .col_expr(C::Failures, Expr::value(i32::try_from(decision.failures).unwrap_or(i32::MAX)))
        .col_expr(C::AmbiguousTime, Expr::value(decision.ambiguous_since))
        .filter(C::Fence.eq(row.fence))
        .exec(&tx)
        .await?
        .rows_affected
        == 1;
    if !written && accepted.is_some() {
        change().filter(C::State.eq(delivery::Stage::Unknown)).exec(&tx).await?;
    }
    if attempted {
        // A worker closes its own attempt; whoever finds a dead worker's closes all that are older than the claim.
        attempt::Entity::update_many()
            .col_expr(attempt::Column::EndTime, Expr::value(machine_now().0))
            .col_expr(attempt::Column::Class, Expr::value(format!("{:?}", decision.class)))
            .col_expr(attempt::Column::Detail, Expr::value(decision.detail.clone()))
            .filter(attempt::Column::DeliveryId.eq(&row.id))
            .filter(attempt::Column::Fence.lte(row.fence))
            .filter(attempt::Column::EndTime.is_null())
            .exec(&tx)
            .await?;
    }
    commit(tx).await?;
    Ok(written)
}

fn stage_text(state: State) -> &'static str {
    match state {
        State::Pending => "pending",
        State::Sending => "sending",
        State::Accepted => "accepted",
        State::Failed => "failed",
        State::Unknown => "unknown",
        State::NoAddress => "no_address",
    }
}

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
        "select state, count(*) as n from delivery where state in ('pending', 'sending', 'unknown') group by state",
        vec![],
    ))
    .all(db.read())
    .await?;
    let of = |stage| counted.iter().find(|c| c.state == stage).map_or(0, |c| u64::try_from(c.n).unwrap_or(0));
    Ok([S::Pending, S::Sending, S::Unknown].map(|stage| (stage, of(stage))).to_vec())
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

/// One page, newest first, the place to go on, and how many there are in all, to [`TOTAL_MAX`].
pub(crate) async fn list(
    db: &Db,
    centre_id: &str,
    dossier_id: &str,
    after: Option<Cursor>,
    size: u64,
) -> Result<(Vec<delivery::Model>, Option<Cursor>, u64), StoreError> {
    use delivery::Column as C;
    let mut all = delivery::Entity::find().filter(C::CentreId.eq(centre_id));
    if !dossier_id.is_empty() {
        all = all.filter(C::DossierId.eq(dossier_id));
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
