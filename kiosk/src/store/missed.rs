//! Searches that found nothing, counted by their words.
use jiff::Timestamp;
use sqlx::Row as _;

use super::{Kept, Store, begin};

/// Different searches kept; the rarest go first.
const KEPT_MAX: i64 = 2_000;

/// A search that found nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missed {
    /// Small letters without marks.
    pub words: String,
    pub count: i64,
}

impl Store {
    /// Counts one more.
    pub async fn count_missed(&self, words: &str, now: Timestamp) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "insert into missed (words, count, last_us) values (?, 1, ?) \
                       on conflict (words) do update set count = count + 1, last_us = excluded.last_us";
            sqlx::query(sql).bind(words).bind(now.as_microsecond()).execute(&mut *tx).await?;
            let sql = "delete from missed where words in \
                       (select words from missed order by count desc, last_us desc limit -1 offset ?)";
            sqlx::query(sql).bind(KEPT_MAX).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// The most frequent ones.
    pub async fn missed(&self, max: u32) -> Kept<Vec<Missed>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "select words, count from missed order by count desc, words limit ?";
            let rows = sqlx::query(sql).bind(max).fetch_all(&mut *tx).await?;
            rows.iter().map(|row| Ok(Missed { words: row.try_get(0)?, count: row.try_get(1)? })).collect()
        };
        self.heed(act.await).await
    }
}
