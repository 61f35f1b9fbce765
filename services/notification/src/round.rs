//! Whose turn it is: within a lane the centres come one after another, so that one's twenty thousand do not hold up another's
//! one. A claim costs a few probes of an index, whatever waits.

use std::sync::Mutex;

use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::{
    entity::delivery::{self, Column as C},
    model::Lane,
};

/// Centres looked at in one claim of one lane.
const CENTRES_MAX: usize = 8;

/// Behind which centre each lane goes on.
#[derive(Default)]
pub(crate) struct Round(Mutex<[Option<String>; Lane::ALL.len()]>);

impl Round {
    /// At most `limit` deliveries of a lane that are due, the oldest of each centre, from the centres whose turn it is.
    pub async fn due(
        &self,
        db: &Db,
        lane: Lane,
        now: Micros,
        limit: usize,
    ) -> Result<Vec<delivery::Model>, StoreError> {
        let (mut at, mut wrapped) = (self.at(lane), false);
        let mut piles: Vec<Vec<delivery::Model>> = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        while piles.len() < CENTRES_MAX.min(limit) {
            let Some(centre) = next_centre(db, lane, at.as_deref()).await? else {
                if wrapped || at.is_none() {
                    break;
                }
                (at, wrapped) = (None, true);
                continue;
            };
            if seen.contains(&centre) {
                break;
            }
            let pile = of_centre(db, lane, &centre, now, limit).await?;
            at = Some(centre.clone());
            seen.push(centre);
            if !pile.is_empty() {
                piles.push(pile);
            }
            if seen.len() >= 4 * CENTRES_MAX {
                break;
            }
        }
        if let Some(last) = seen.pop() {
            self.go_on_behind(lane, last);
        }
        Ok(deal(piles, limit))
    }

    fn at(&self, lane: Lane) -> Option<String> {
        self.0.lock().ok().and_then(|round| round[lane as usize - 1].clone())
    }

    fn go_on_behind(&self, lane: Lane, centre: String) {
        if let Ok(mut round) = self.0.lock() {
            round[lane as usize - 1] = Some(centre);
        }
    }
}

/// The next centre of a lane that has anything open, by name; an answer to who is bound to no dossier has none.
async fn next_centre(db: &Db, lane: Lane, after: Option<&str>) -> Result<Option<String>, StoreError> {
    let behind = if after.is_some() { "and centre_id > $2 " } else { "" };
    let text = format!(
        "select centre_id from delivery where lane = $1 {behind}and next_time is not null \
         order by lane, centre_id limit 1"
    );
    let values = [(lane as i32).into()].into_iter().chain(after.map(Into::into)).collect();
    let row = db.read().query_one_raw(sql::statement(db.backend(), text, values)).await?;
    Ok(row.map(|row| row.try_get("", "centre_id")).transpose()?)
}

async fn of_centre(
    db: &Db,
    lane: Lane,
    centre: &str,
    now: Micros,
    limit: usize,
) -> Result<Vec<delivery::Model>, StoreError> {
    Ok(delivery::Entity::find()
        .filter(C::Lane.eq(lane as i32))
        .filter(C::CentreId.eq(centre))
        .filter(C::NextTime.lte(now))
        .order_by_asc(C::NextTime)
        .limit(u64::try_from(limit).unwrap_or(1))
        .all(db.read())
        .await?)
}

/// One of each pile in turn, until there are enough.
fn deal<T>(piles: Vec<Vec<T>>, limit: usize) -> Vec<T> {
    let mut piles: Vec<_> = piles.into_iter().map(Vec::into_iter).collect();
    let mut dealt = Vec::with_capacity(limit);
    while dealt.len() < limit {
        let before = dealt.len();
        for pile in &mut piles {
            if dealt.len() < limit {
                dealt.extend(pile.next());
            }
        }
        if dealt.len() == before {
            break;
        }
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::deal;

    #[test]
    fn a_small_pile_is_dealt_with_a_large_one() {
        assert_eq!(deal(vec![vec![1, 2, 3, 4, 5], vec![10], vec![]], 4), [1, 10, 2, 3]);
        assert_eq!(deal(vec![vec![1], vec![10, 11]], 9), [1, 10, 11]);
        assert!(deal::<u8>(vec![], 3).is_empty());
    }
}
