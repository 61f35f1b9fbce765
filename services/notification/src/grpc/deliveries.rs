//! One delivery, and what operators do to deliveries.

use motcua_kernel::identity::Identity;
use motcua_store::{Micros, machine_now, sql};
use prost::Message as _;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DatabaseTransaction, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::{Api, Status, op, pb, reason_of, store, time, wire};
use crate::{
    digest,
    entity::{attempt, delivery, notification},
    facts, model,
    ops::{self, OpError},
    receipts,
};

const REPLAY_DEFAULT: i32 = 100;
const REPLAY_MAX: i32 = 1_000;

impl Api {
    pub(super) async fn delivery(&self, asked: pb::GetDeliveryRequest) -> Result<pb::GetDeliveryResponse, Status> {
        let db = self.db.read();
        let found = delivery::Entity::find_by_id(&asked.delivery_id)
            .filter(delivery::Column::CentreId.eq(&asked.centre_id))
            .one(db)
            .await;
        let row = found.map_err(|e| store(e.into()))?.ok_or_else(|| super::unknown("delivery"))?;
        let attempts = attempt::Entity::find()
            .filter(attempt::Column::DeliveryId.eq(&row.id))
            .order_by_asc(attempt::Column::N)
            .limit(200)
            .all(db)
            .await
            .map_err(|e| store(e.into()))?;
        let mut acts = ops::audited(db, &row.id).await.map_err(store)?;
        // Who calls off calls a notification off, on whatever channel it waits.
        acts.extend(ops::audited(db, &row.notification_id).await.map_err(store)?);
        acts.sort_by_key(|act| act.time);
        let receipts = receipts::of(db, &row).await.map_err(store)?;
        Ok(pb::GetDeliveryResponse {
            receipts: receipts
                .into_iter()
                .map(|(told, at)| pb::Receipt { receive_time: time(Some(at)), told })
                .collect(),
            delivery: Some(wire(row)),
            attempts: attempts
                .into_iter()
                .map(|a| pb::Attempt {
                    number: a.n,
                    provider: a.provider,
                    start_time: time(Some(a.start_time)),
                    end_time: time(a.end_time),
                    class: a.class,
                    detail: a.detail,
                })
                .collect(),
            acts: acts
                .into_iter()
                .map(|a| pb::Act { time: time(Some(a.time)), who: a.who, action: a.action, reason: a.reason })
                .collect(),
        })
    }

    pub(super) async fn resend(&self, who: &Identity, asked: pb::ResendRequest) -> Result<pb::ResendResponse, Status> {
        let reason = reason_of(&asked.reason)?;
        let bare = pb::ResendRequest { request_id: String::new(), ..asked.clone() };
        let act = op(who, "Resend", &asked.request_id, &bare, &asked.centre_id, "RESEND", &asked.delivery_id, reason)?;
        let bytes = ops::make!(self, act, |tx, now| {
            let row = delivery::Entity::find_by_id(&asked.delivery_id)
                .filter(delivery::Column::CentreId.eq(&asked.centre_id))
                .one(tx)
                .await?
                .ok_or(OpError::Unknown("delivery"))?;
            if !model::may_be_resent(row.state.into(), asked.accept_double) {
                let doubt = model::may_be_resent(row.state.into(), true);
                return Err(OpError::Refused(if doubt { "DELIVERY_IN_DOUBT" } else { "DELIVERY_NOT_ENDED" }));
            }
            again(tx, &row, now).await?;
            let row = delivery::Entity::find_by_id(&row.id).one(tx).await?.ok_or(OpError::Unknown("delivery"))?;
            Ok(pb::ResendResponse { delivery: Some(wire(row)) }.encode_to_vec())
        })
        .map_err(super::refused)?;
        self.due.notify_one();
        super::decode(&bytes)
    }

    pub(super) async fn replay(
        &self,
        who: &Identity,
        asked: pb::ReplayDeadLettersRequest,
    ) -> Result<pb::ReplayDeadLettersResponse, Status> {
        let reason = reason_of(&asked.reason)?;
        let limit = match asked.limit {
            0 => REPLAY_DEFAULT,
            n if (1..=REPLAY_MAX).contains(&n) => n,
            _ => return Err(super::bad("LIMIT_INVALID", "limit", "Mỗi lần gửi lại từ 1 đến 1.000 tin.")),
        };
        let bare = pb::ReplayDeadLettersRequest { request_id: String::new(), ..asked.clone() };
        let centre = &asked.centre_id;
        let act = op(who, "ReplayDeadLetters", &asked.request_id, &bare, centre, "REPLAY", "dead-letters", reason)?;
        let bytes = ops::make!(self, act, |tx, now| {
            use delivery::Column as C;
            let mut dead = delivery::Entity::find()
                .filter(delivery::Column::CentreId.eq(centre))
                .filter(delivery::Column::State.eq(delivery::Stage::Failed));
            if !asked.kind.is_empty() {
                dead = dead.filter(delivery::Column::Kind.eq(&asked.kind));
            }
            let limit = u64::from(limit.unsigned_abs());
            let mut replayed = 0;
            for row in dead.order_by_asc(C::CreateTime).order_by_asc(C::Step).limit(limit).all(tx).await? {
                // What another channel told meanwhile is no dead letter.
                if told(tx, &row).await? {
                    continue;
                }
                again(tx, &row, now).await?;
                replayed += 1;
            }
            Ok(pb::ReplayDeadLettersResponse { replayed }.encode_to_vec())
        })
        .map_err(super::refused)?;
        self.due.notify_one();
        super::decode(&bytes)
    }

    pub(super) async fn cancel(
        &self,
        who: &Identity,
        asked: pb::CancelNotificationRequest,
    ) -> Result<pb::CancelNotificationResponse, Status> {
        let reason = reason_of(&asked.reason)?;
        let bare = pb::CancelNotificationRequest { request_id: String::new(), ..asked.clone() };
        let (centre, id) = (&asked.centre_id, &asked.notification_id);
        let act = op(who, "CancelNotification", &asked.request_id, &bare, centre, "CANCEL", id, reason)?;
        let bytes = ops::make!(self, act, |tx, _now| {
            let found =
                notification::Entity::find_by_id(id).filter(notification::Column::CentreId.eq(centre)).one(tx).await?;
            found.ok_or(OpError::Unknown("notification"))?;
            let cancelled = facts::cancel(tx, id, "CANCELLED_BY_STAFF").await?;
            let cancelled = i32::try_from(cancelled).unwrap_or(i32::MAX);
            Ok(pb::CancelNotificationResponse { cancelled }.encode_to_vec())
        })
        .map_err(super::refused)?;
        super::decode(&bytes)
    }
}

/// Makes a delivery due again, with a day more to live if its time is over, under a reference of its own.
async fn again(tx: &DatabaseTransaction, row: &delivery::Model, now: Micros) -> Result<(), OpError> {
    let text = "update delivery set state = 'pending', next_time = $1, wake_time = null, hold_reason = '', \
                failures = 0, ambiguous_time = null, resends = resends + 1, fence = fence + 1 where id = $2 and fence = $3";
    let values = vec![machine_now().0.into(), row.id.clone().into(), row.fence.into()];
    let backend = tx.get_database_backend();
    if tx.execute_raw(sql::statement(backend, text, values)).await?.rows_affected() == 0 {
        return Err(OpError::Refused("DELIVERY_NOT_ENDED"));
    }
    digest::part(tx, &row.id).await?;
    let text = "update notification set expire_time = $1 where id = $2 and expire_time < $1";
    let values = vec![(now.0 + 86_400_000_000).into(), row.notification_id.clone().into()];
    tx.execute_raw(sql::statement(backend, text, values)).await?;
    Ok(())
}

async fn told(tx: &DatabaseTransaction, row: &delivery::Model) -> Result<bool, OpError> {
    use delivery::Stage as S;
    let others = delivery::Entity::find()
        .filter(delivery::Column::NotificationId.eq(&row.notification_id))
        .filter(delivery::Column::State.is_not_in([S::Failed, S::NoAddress, S::Suppressed]))
        .one(tx)
        .await?;
    Ok(others.is_some())
}
