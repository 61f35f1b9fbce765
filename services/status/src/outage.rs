//! One apology for every dossier that fell due on a day on which the centre could not work.

use jiff::{Timestamp, civil::Date};
use motcua_store::{
    Micros, commit,
    idempotency::{self, Key, Known},
    outbox, retrying,
};
use sea_orm::{ColumnTrait as _, DatabaseTransaction, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use crate::{
    SERVICE,
    entity::dossier,
    model::{Act, Refusal, State},
    moves::{MoveError, Mover},
};

/// More than a centre's day ever owes; the rest is done by asking again.
const DOSSIERS_MAX: u64 = 2_000;

/// A day that was lost.
#[derive(Clone, Debug)]
pub(crate) struct Outage {
    pub who: String,
    pub key: Key,
    pub centre_id: String,
    pub day: Date,
    pub reason: String,
    pub signer: String,
}

impl Mover {
    /// Puts off to the next working day's closing what fell due on that day and is still running; all or nothing. What was
    /// put off once before is left and counted.
    pub async fn apologise(
        &self,
        outage: &Outage,
        answer: impl Fn(usize, usize) -> Vec<u8>,
    ) -> Result<Vec<u8>, MoveError> {
        let made = retrying(|| async {
            let tx = self.db.begin().await?;
            let bytes = self.for_day(&tx, self.clock.now(), outage, &answer).await?;
            commit(tx).await?;
            Ok::<_, MoveError>(bytes)
        })
        .await?;
        self.db.wake_relay();
        Ok(made)
    }

    async fn for_day(
        &self,
        tx: &DatabaseTransaction,
        now: Timestamp,
        outage: &Outage,
        answer: &impl Fn(usize, usize) -> Vec<u8>,
    ) -> Result<Vec<u8>, MoveError> {
        use dossier::Column as C;
        match idempotency::look_up(tx, &outage.key).await? {
            Known::New => {}
            Known::Answered(bytes) => return Ok(bytes),
            Known::Reused => return Err(MoveError::Reused),
        }
        let calendar = self.calendars.of(tx, &outage.centre_id).await?;
        let bound = |day: Date| {
            let midnight = day.to_zoned_datetime(calendar.time_zone().clone()).map_err(|_| Refusal::NewDue)?;
            Ok::<_, MoveError>(midnight.timestamp())
        };
        let (from, to) = (bound(outage.day)?, bound(outage.day.tomorrow().map_err(|_| Refusal::NewDue)?)?);
        // After the day itself and after today: whoever apologises late still gives a day that can be kept.
        let last = outage.day.max(calendar.local_date(now));
        let next = calendar.working_day_after(last, 1).and_then(|day| calendar.closing_of(day));
        let new_due = next.ok_or(Refusal::NewDue)?;
        let rows = dossier::Entity::of_centre(&outage.centre_id)
            .filter(C::State.is_in(State::RUNNING.map(State::code)))
            .filter(C::DueTime.gte(Micros::from(from)))
            .filter(C::DueTime.lt(Micros::from(to)))
            .order_by_asc(C::Id)
            .limit(DOSSIERS_MAX)
            .lock_exclusive()
            .all(tx)
            .await?;
        let (mut events, mut left) = (Vec::new(), 0);
        for row in rows {
            let act = Act::Extend { new_due, reason: outage.reason.clone(), signer: outage.signer.clone() };
            match self.apply(tx, row, &act, &outage.who, now).await {
                Ok((_, event)) => events.push(event),
                Err(MoveError::Refused(Refusal::ExtensionUsedUp)) => left += 1,
                Err(error) => return Err(error),
            }
        }
        let bytes = answer(events.len(), left);
        idempotency::remember(tx, &outage.key, bytes.clone()).await?;
        outbox::append(tx, SERVICE, &outage.centre_id, events).await?;
        Ok(bytes)
    }
}
