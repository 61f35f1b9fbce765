//! How deliveries change hands: claims, attempts and their ends. Every write is bound to the claim's fence.

use std::collections::{HashMap, HashSet};

use motcua_store::{Db, Micros, StoreError, commit, machine_now, sql};
use sea_orm::{
    ActiveEnum as _, ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    QueryOrder as _, sea_query::Expr,
};

pub(crate) use crate::round::Round;
use crate::{
    digest::{self, Fate},
    entity::{attempt, delivery, notification},
    model::{Class, Decision, Hold, Lane},
    next::{self, Next},
    people,
    provider::Address,
    switches,
};

/// How many may be claimed: all lanes together, and those behind [`Lane::Critical`], which never take the last places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub all: usize,
    pub common: usize,
}

/// Takes what is due, the most urgent lane first and in a lane the centres in turn: compare-and-set on the fence, so that two workers never hold one
/// delivery.
pub(crate) async fn claim(
    db: &Db,
    room: Room,
    round: &Round,
    lease_us: i64,
) -> Result<Vec<delivery::Model>, StoreError> {
    let now = machine_now();
    let (mut due, mut left) = (Vec::new(), room);
    for lane in Lane::ALL {
        let limit = if lane == Lane::Critical { left.all } else { left.all.min(left.common) };
        if limit == 0 {
            continue;
        }
        let found = round.due(db, lane, now, limit).await?;
        left.all -= found.len();
        if lane != Lane::Critical {
            left.common -= found.len();
        }
        due.extend(found);
    }
    if due.is_empty() {
        return Ok(due);
    }
    let until = Micros(now.0 + lease_us);
    let tx = db.begin().await?;
    // One statement: another worker may have taken any of them meanwhile.
    // They are found by their ids: by the hour, a plan would read all that waits (`+ 0` keeps that index out).
    let mut values: Vec<sea_orm::Value> = vec![until.0.into(), now.0.into()];
    let pairs: Vec<String> = due
        .iter()
        .map(|row| {
            values.extend([row.id.clone().into(), row.fence.into()]);
            format!("(id = ${} and fence = ${})", values.len() - 1, values.len())
        })
        .collect();
    let text = format!(
        "update delivery set next_time = $1, fence = fence + 1 where next_time + 0 <= $2 and ({}) returning id",
        pairs.join(" or ")
    );
    let taken = tx.query_all_raw(sql::statement(db.backend(), text, values)).await?;
    let taken: HashSet<String> = taken.into_iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?;
    commit(tx).await?;
    due.retain(|row| taken.contains(&row.id));
    for row in &mut due {
        row.fence += 1;
        row.next_time = Some(until);
    }
    Ok(due)
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

/// What some claims tell, by notification.
pub(crate) async fn notifications(
    db: &Db,
    claimed: &[delivery::Model],
) -> Result<HashMap<String, notification::Model>, StoreError> {
    let ids = claimed.iter().map(|row| row.notification_id.as_str());
    let text = format!("select * from notification where {}", sql::among(db.backend(), "id", 1));
    let statement = sql::statement(db.backend(), text, vec![sql::texts(ids)]);
    let found = notification::Entity::find().from_raw_sql(statement).all(db.read()).await?;
    Ok(found.into_iter().map(|row| (row.id.clone(), row)).collect())
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

/// What goes with a claim's end into one transaction.
pub(crate) struct Ending<'a> {
    pub decision: &'a Decision,
    /// Business time now.
    pub now: Micros,
    /// When to look again by the centre's clock.
    pub wake: Option<Micros>,
    /// When to ask the provider what became of it.
    pub poll: Option<Micros>,
    /// An attempt was made, or a dead worker's is closed.
    pub attempted: bool,
    /// Whom it was for: what the provider said of them is kept.
    pub address: Option<(&'a str, &'a Address)>,
    /// The next channel takes over; none: it does not.
    pub next: Option<Next>,
    /// End of the provider's used allowance.
    pub quota_until: Option<i64>,
    /// Registered template that was refused.
    pub refused_template: Option<String>,
    /// Nobody is left to tell it but a person.
    pub call: bool,
    /// It ended, was certainly not sent, and the next way may be taken.
    pub ends_unsent: bool,
    /// The provider was well when this began.
    pub well: bool,
    /// As in [`crate::model::Policy`].
    pub pace: i64,
    pub offered: &'a [crate::model::Channel],
}

/// Writes down what came of a claim, and closes its attempts where one was made. False when the lease was lost: then only
/// a provider's yes still counts, and only for a delivery that is in doubt.
pub(crate) async fn settle(db: &Db, row: &delivery::Model, ending: &Ending<'_>) -> Result<bool, StoreError> {
    use delivery::Column as C;
    let decision = ending.decision;
    let accepted = matches!(decision.class, Class::Ok | Class::Duplicate);
    let tx = db.begin().await?;
    let change = || {
        let mut change = delivery::Entity::update_many()
            .col_expr(C::State, Expr::value(delivery::Stage::from(decision.state).to_value()))
            .col_expr(C::NextTime, Expr::value(decision.next))
            .col_expr(C::WakeTime, Expr::value(ending.wake.map(|t| t.0)))
            .col_expr(C::PollTime, Expr::value(ending.poll.map(|t| t.0)))
            .col_expr(C::HoldReason, Expr::value(decision.hold.map_or("", Hold::name)))
            .col_expr(C::Class, Expr::value(decision.class.name()))
            .col_expr(C::LastError, Expr::value(decision.detail.clone()))
            .filter(C::Id.eq(&row.id));
        if accepted {
            change = change.col_expr(C::AcceptTime, Expr::value(ending.now.0));
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
    if !written && accepted {
        let doubt = change().filter(C::State.eq(delivery::Stage::Unknown)).exec(&tx).await?.rows_affected;
        if doubt == 1 {
            digest::follow(&tx, row, Fate::Same, ending.offered, ending.now).await?;
        }
        // A receipt may have been faster than the answer: it stays, and learns the provider's id.
        if let Some(id) = &decision.provider_id {
            delivery::Entity::update_many()
                .col_expr(C::ProviderId, Expr::value(id.clone()))
                .col_expr(C::AcceptTime, Expr::value(ending.now.0))
                .filter(C::Id.eq(&row.id))
                .filter(C::State.eq(delivery::Stage::Delivered))
                .filter(C::ProviderId.eq(""))
                .exec(&tx)
                .await?;
        }
    }
    if ending.attempted {
        // A worker closes its own attempt; whoever finds a dead worker's closes all that are older than the claim.
        attempt::Entity::update_many()
            .col_expr(attempt::Column::EndTime, Expr::value(machine_now().0))
            .col_expr(attempt::Column::Class, Expr::value(decision.class.name()))
            .col_expr(attempt::Column::Detail, Expr::value(decision.detail.clone()))
            .filter(attempt::Column::DeliveryId.eq(&row.id))
            .filter(attempt::Column::Fence.lte(row.fence))
            .filter(attempt::Column::EndTime.is_null())
            .exec(&tx)
            .await?;
    }
    if written {
        consequences(&tx, row, ending).await?;
    }
    commit(tx).await?;
    Ok(written)
}

async fn consequences(tx: &DatabaseTransaction, row: &delivery::Model, ending: &Ending<'_>) -> Result<(), StoreError> {
    let decision = ending.decision;
    // A good answer teaches nothing of a provider that is well.
    let news = !(ending.well && matches!(decision.class, Class::Ok | Class::Duplicate));
    if news && ending.attempted && !row.provider.is_empty() {
        switches::learn(tx, &row.provider, decision.class, ending.quota_until, ending.pace).await?;
    }
    if let Some((subject, address)) = ending.address
        && decision.class == Class::Recipient
    {
        let channel = match address {
            Address::Uid(_) => crate::model::Channel::ZaloUid,
            Address::Email(_) => crate::model::Channel::Email,
            Address::Phone(_) => crate::model::Channel::named(&row.channel).unwrap_or(crate::model::Channel::Sms),
        };
        people::learn(tx, subject, channel, &decision.detail, ending.now).await?;
    }
    if let Some(template) = &ending.refused_template {
        crate::templates::provider_says(tx, template, false).await?;
    }
    let fate = if ending.ends_unsent { Fate::Failed } else { Fate::Same };
    digest::follow(tx, row, fate, ending.offered, ending.now).await?;
    if let Some(step) = ending.next {
        next::open(tx, row, step).await?;
    }
    if ending.call {
        crate::calls::add(tx, row, ending.now).await?;
    }
    Ok(())
}
