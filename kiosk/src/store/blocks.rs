//! Numbers lent to this machine.
use jiff::civil::Date;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::{Kept, Store, StoreError, begin};

/// Numbers that this machine alone may print for one area on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub id: String,
    pub day: Date,
    pub area_id: String,
    pub letter: String,
    pub first: i64,
    pub last: i64,
    /// The next one to take, downwards.
    pub next: i64,
}

impl Block {
    /// Numbers left in it.
    pub fn left(&self) -> i64 {
        self.next - self.first + 1
    }
}

pub(super) fn block(row: &SqliteRow) -> Kept<Block> {
    let day: String = row.try_get("day")?;
    Ok(Block {
        day: day.parse().map_err(|_| StoreError::Unreadable(format!("block of the day {day}")))?,
        id: row.try_get("id")?,
        area_id: row.try_get("area_id")?,
        letter: row.try_get("letter")?,
        first: row.try_get("first")?,
        last: row.try_get("last")?,
        next: row.try_get("next")?,
    })
}

impl Store {
    /// Keeps what the centre has lent. A block that is known already stays as far used as it is.
    pub async fn borrow(&self, block: &Block) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "insert into block (id, day, area_id, letter, first, last, next) values (?, ?, ?, ?, ?, ?, ?) \
                       on conflict (id) do nothing";
            sqlx::query(sql)
                .bind(&block.id)
                .bind(block.day.to_string())
                .bind(&block.area_id)
                .bind(&block.letter)
                .bind(block.first)
                .bind(block.last)
                .bind(block.next)
                .execute(&mut *tx)
                .await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// Every block of a day and later, the highest numbers of each area and day first.
    pub async fn blocks(&self, from: Date) -> Kept<Vec<Block>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "select * from block where day >= ? order by day, area_id, last desc";
            let rows = sqlx::query(sql).bind(from.to_string()).fetch_all(&mut *tx).await?;
            rows.iter().map(block).collect()
        };
        self.heed(act.await).await
    }

    /// Gives up what is left of all blocks: they were lent to a machine that this one is not.
    pub async fn give_up_blocks(&self) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            sqlx::query("update block set next = first - 1").execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }
}
