//! What providers tell of deliveries: an inbox row first, its effect in the same transaction, and what comes before its
//! delivery is known is tried again for a day.

use motcua_store::{Db, Micros, StoreError, commit, machine_now, sealed::Sealer, sql};
use sea_orm::{
    ActiveEnum as _, ColumnTrait as _, ConnectionTrait, DatabaseTransaction, EntityTrait as _, QueryFilter as _,
    sea_query::Expr,
};

use crate::{
    calls,
    digest::{self, Fate},
    entity::delivery,
    instruments,
    model::{self, Channel, Kind, State, Told, Turn},
    next,
};

const RAW: &str = "receipt.raw";
/// A receipt that nothing is known of is given up after this.
const WAIT_US: i64 = 86_400_000_000;
const BATCH: i64 = 200;

/// A receipt as it came.
pub(crate) struct Receipt<'a> {
    /// "zalo" or "sms".
    pub provider: &'static str,
    pub dedup_key: String,
    pub provider_id: String,
    /// Our reference; empty when it did not come back.
    pub reference: String,
    pub told: Told,
    /// Milliseconds, by the provider's clock.
    pub time_ms: i64,
    pub raw: &'a str,
}

/// Where receipts lead.
pub(crate) struct Desk {
    pub db: Db,
    pub sealer: Sealer,
    pub offered: Vec<Channel>,
}

impl Desk {
    /// Takes a receipt in, once.
    pub async fn take(&self, tx: &DatabaseTransaction, receipt: &Receipt<'_>, now: Micros) -> Result<(), StoreError> {
        let columns = [
            "provider",
            "dedup_key",
            "provider_id",
            "reference",
            "told",
            "provider_time",
            "raw",
            "applied",
            "receive_time",
        ];
        let text = format!("{} on conflict (provider, dedup_key) do nothing", sql::insert("receipt", &columns, 1));
        let values = vec![
            receipt.provider.into(),
            receipt.dedup_key.clone().into(),
            receipt.provider_id.clone().into(),
            receipt.reference.clone().into(),
            word(receipt.told).into(),
            receipt.time_ms.into(),
            self.sealer.seal(RAW, receipt.raw)?.into(),
            0.into(),
            machine_now().0.into(),
        ];
        let fresh = tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?.rows_affected();
        if fresh == 0 {
            instruments::receipt("again");
            return Ok(());
        }
        let applied =
            self.apply(tx, &receipt.reference, &receipt.provider_id, receipt.told, receipt.time_ms, now).await?;
        instruments::receipt(if applied { "applied" } else { "early" });
        if applied {
            mark(tx, receipt.provider, &receipt.dedup_key).await?;
        }
        Ok(())
    }

    /// False: no delivery of ours is known by either id.
    async fn apply(
        &self,
        tx: &DatabaseTransaction,
        reference: &str,
        provider_id: &str,
        told: Told,
        time_ms: i64,
        now: Micros,
    ) -> Result<bool, StoreError> {
        use delivery::Column as C;
        let Some(row) = find(tx, reference, provider_id).await? else { return Ok(false) };
        let Some(turn) = model::on_receipt(row.state.into(), told) else { return Ok(true) };
        let arrived = turn.state == State::Delivered;
        let mut change = delivery::Entity::update_many()
            .col_expr(C::State, Expr::value(delivery::Stage::from(turn.state).to_value()))
            .col_expr(C::NextTime, Expr::value(Option::<i64>::None))
            .col_expr(C::WakeTime, Expr::value(Option::<i64>::None))
            // Whoever works on it now writes nothing more.
            .col_expr(C::Fence, Expr::cust("fence + 1"))
            .filter(C::Id.eq(&row.id))
            .filter(C::Fence.eq(row.fence));
        if arrived {
            let time = Micros(time_ms.saturating_mul(1_000)).timestamp();
            change = change.col_expr(C::DeliverTime, Expr::value(Micros::from(time).0));
        }
        if !provider_id.is_empty() {
            change = change.col_expr(C::ProviderId, Expr::value(provider_id));
        }
        if change.exec(tx).await?.rows_affected == 0 {
            return Err(StoreError::Conflict);
        }
        instruments::settled(turn.state);
        if arrived {
            call_off(tx, &row.notification_id, &row.id).await?;
            calls::close(tx, &row.notification_id, now).await?;
        }
        let fate = match turn {
            Turn { state: State::Delivered, .. } => Fate::Arrived,
            Turn { fall_back: true, .. } => Fate::Failed,
            _ => Fate::Same,
        };
        digest::follow(tx, &row, fate, &self.offered, now).await?;
        if turn.fall_back {
            match next::after(&row, &self.offered) {
                Some(step) => next::open(tx, &row, step).await?,
                None if Kind::named(&row.kind).is_some_and(Kind::needs_a_call) => calls::add(tx, &row, now).await?,
                None => {}
            }
        }
        Ok(true)
    }

    /// Tries again what came before its delivery was known; tells how many found it.
    pub async fn again(&self, now: Micros) -> Result<usize, StoreError> {
        let text = "select provider, dedup_key, provider_id, reference, told, provider_time from receipt \
                    where applied = 0 and receive_time > $1 order by receive_time limit $2";
        let since = machine_now().0 - WAIT_US;
        let rows =
            self.db.read().query_all_raw(sql::statement(self.db.backend(), text, vec![since.into(), BATCH.into()]));
        let mut found = 0;
        for row in rows.await? {
            let (provider, key): (String, String) = (row.try_get("", "provider")?, row.try_get("", "dedup_key")?);
            let (id, reference): (String, String) = (row.try_get("", "provider_id")?, row.try_get("", "reference")?);
            let told: String = row.try_get("", "told")?;
            if find(self.db.read(), &reference, &id).await?.is_none() {
                continue;
            }
            let tx = self.db.begin().await?;
            if self.apply(&tx, &reference, &id, told_of(&told), row.try_get("", "provider_time")?, now).await? {
                mark(&tx, &provider, &key).await?;
                commit(tx).await?;
                found += 1;
            }
        }
        Ok(found)
    }
}

/// A message of the same fact that waits on another channel is not needed any more.
pub(crate) async fn call_off(tx: &DatabaseTransaction, notification_id: &str, except: &str) -> Result<(), StoreError> {
    let text = "update delivery set state = 'cancelled', next_time = null, wake_time = null, fence = fence + 1, \
                last_error = 'DELIVERED_ELSEWHERE' \
                where notification_id = $1 and id <> $2 and attempts = 0 and state in ('pending', 'held')";
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![notification_id.into(), except.into()]))
        .await?;
    Ok(())
}

async fn mark(tx: &DatabaseTransaction, provider: &str, key: &str) -> Result<(), StoreError> {
    let text = "update receipt set applied = 1 where provider = $1 and dedup_key = $2";
    tx.execute_raw(sql::statement(tx.get_database_backend(), text, vec![provider.into(), key.into()])).await?;
    Ok(())
}

async fn find(
    db: &impl ConnectionTrait,
    reference: &str,
    provider_id: &str,
) -> Result<Option<delivery::Model>, StoreError> {
    use delivery::Column as C;
    if let Some(id) = delivery_id(reference)
        && let Some(row) = delivery::Entity::find_by_id(id).one(db).await?
    {
        return Ok(Some(row));
    }
    if provider_id.is_empty() {
        return Ok(None);
    }
    Ok(delivery::Entity::find().filter(C::ProviderId.eq(provider_id)).one(db).await?)
}

/// The reference is the delivery's id without its dashes, and "x2" behind it for a message that a person had sent again.
fn delivery_id(reference: &str) -> Option<String> {
    let (reference, again) = reference.split_once('x').unwrap_or((reference, ""));
    if !again.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if reference.len() != 32 || !reference.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let part = |from, to| &reference[from..to];
    Some([part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-"))
}

/// What providers told of a delivery: the word and when it came, the oldest first.
pub(crate) async fn of(db: &impl ConnectionTrait, row: &delivery::Model) -> Result<Vec<(String, Micros)>, StoreError> {
    let text = "select told, receive_time from receipt where (provider_id <> '' and provider_id = $1) \
                or (reference <> '' and reference = $2) order by receive_time limit 50";
    let values = vec![row.provider_id.clone().into(), row.client_ref().into()];
    let rows = db.query_all_raw(sql::statement(db.get_database_backend(), text, values)).await?;
    rows.iter().map(|row| Ok((row.try_get("", "told")?, Micros(row.try_get("", "receive_time")?)))).collect()
}

fn word(told: Told) -> &'static str {
    match told {
        Told::Arrived => "ARRIVED",
        Told::Lost => "LOST",
        Told::Underway => "UNDERWAY",
    }
}

fn told_of(word: &str) -> Told {
    match word {
        "ARRIVED" => Told::Arrived,
        "LOST" => Told::Lost,
        _ => Told::Underway,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_reference_is_an_id_without_dashes() {
        let id = motcua_kernel::id::new_id();
        let reference = id.replace('-', "");
        assert_eq!(super::delivery_id(&format!("{reference}x12")), Some(id.clone()));
        assert_eq!(super::delivery_id(&format!("{reference}xx")), None);
        assert_eq!(super::delivery_id(&reference), Some(id));
        for odd in ["", "x", &"g".repeat(32), &"0".repeat(31), &"đ".repeat(16)] {
            assert_eq!(super::delivery_id(odd), None, "{odd}");
        }
    }
}
