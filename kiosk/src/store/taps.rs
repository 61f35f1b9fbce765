//! Taps: kept before anything is sent, with the number they got and what became of its paper.
use jiff::Timestamp;
use jiff::civil::Date;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::blocks::block;
use super::{Kept, Store, StoreError, begin};
use crate::issue::Ask;
use crate::model::Ticket;

/// One tap.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tap {
    /// The idempotency key: also the request id towards the centre.
    pub key: String,
    /// What it asks for.
    pub ask: Ask,
    /// The secret on the paper.
    pub token: String,
    /// When, as this machine measured it.
    pub tapped: Timestamp,
    /// The number, once there is one.
    pub ticket: Option<Ticket>,
    /// The block that it was taken from; none when the centre gave it.
    pub block_id: Option<String>,
    /// When the centre had last been heard, as the number was taken from a block.
    pub contact: Option<Timestamp>,
    pub told: Report,
    pub paper: Paper,
    /// Papers that came out.
    pub copies: u32,
}

/// Whether the centre knows a number that this machine gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Report {
    Owed,
    Taken,
    /// The centre does not take it, and why.
    Refused(String),
}

/// What became of the paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Paper {
    /// Nothing was sent to the printer.
    None,
    /// The printer was being sent it: paper may have come out.
    Begun,
    Printed,
    /// It did not come out, or not whole; a stable reason.
    Failed(String),
}

impl Paper {
    fn word(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Begun => "begun",
            Self::Printed => "printed",
            Self::Failed(reason) => reason,
        }
    }

    fn parse(word: String) -> Self {
        match word.as_str() {
            "none" => Self::None,
            "begun" => Self::Begun,
            "printed" => Self::Printed,
            _ => Self::Failed(word),
        }
    }
}

impl Tap {
    /// A tap that has just been made.
    pub fn new(key: &str, ask: Ask, token: String, tapped: Timestamp) -> Self {
        Self {
            key: key.to_owned(),
            ask,
            token,
            tapped,
            ticket: None,
            block_id: None,
            contact: None,
            told: Report::Owed,
            paper: Paper::None,
            copies: 0,
        }
    }
}

fn us(time: Timestamp) -> i64 {
    time.as_microsecond()
}

fn read<T: DeserializeOwned>(text: &str) -> Kept<T> {
    serde_json::from_str(text).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn write(value: &impl serde::Serialize) -> Kept<String> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn time(us: i64) -> Kept<Timestamp> {
    Timestamp::from_microsecond(us).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn tap(row: &SqliteRow) -> Kept<Tap> {
    let told: String = row.try_get("told")?;
    Ok(Tap {
        key: row.try_get("key")?,
        ask: read(row.try_get("ask")?)?,
        token: row.try_get("token")?,
        tapped: time(row.try_get("tapped_us")?)?,
        ticket: row.try_get::<Option<&str>, _>("ticket")?.map(read).transpose()?,
        block_id: row.try_get("block_id")?,
        contact: row.try_get::<Option<i64>, _>("contact_us")?.map(time).transpose()?,
        told: match told.as_str() {
            "" => Report::Owed,
            "told" => Report::Taken,
            _ => Report::Refused(told),
        },
        paper: Paper::parse(row.try_get("paper")?),
        copies: row.try_get("copies")?,
    })
}

impl Store {
    /// Keeps a tap before it is sent; one that is known already is given back as it is.
    pub async fn tapped(&self, new: Tap) -> Kept<Tap> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let known = sqlx::query("select * from tap where key = ?").bind(&new.key).fetch_optional(&mut *tx).await?;
            if let Some(row) = known {
                return tap(&row);
            }
            sqlx::query("insert into tap (key, ask, token, tapped_us) values (?, ?, ?, ?)")
                .bind(&new.key)
                .bind(write(&new.ask)?)
                .bind(&new.token)
                .bind(us(new.tapped))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(new)
        };
        self.heed(act.await).await
    }

    /// Keeps the number that the centre gave for a tap.
    pub async fn answered(&self, key: &str, ticket: &Ticket) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            sqlx::query("update tap set ticket = ?, ticket_id = ? where key = ? and ticket is null")
                .bind(write(ticket)?)
                .bind(&ticket.id)
                .bind(key)
                .execute(&mut *tx)
                .await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// Takes the next number of an area and day for a tap: number, block and arrival are on the disk before it is printed.
    /// No arrival is earlier than the one before it. A tap that has a number already keeps it.
    pub async fn take(&self, key: &str, place: &Place, mut ticket: Ticket) -> Kept<Tap> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let known = tap(&sqlx::query("select * from tap where key = ?").bind(key).fetch_one(&mut *tx).await?)?;
            if known.ticket.is_some() {
                return Ok(known);
            }
            let sql = "select * from block where day = ? and area_id = ? and next >= first order by last desc limit 1";
            let free = sqlx::query(sql).bind(place.day.to_string()).bind(&place.area_id).fetch_optional(&mut *tx);
            let block = block(&free.await?.ok_or(StoreError::UsedUp)?)?;
            let sql = "select coalesce(max(turn), 0) as turn, coalesce(max(tapped_us), 0) as tapped_us from tap \
                       where turn is not null";
            let last = sqlx::query(sql).fetch_one(&mut *tx).await?;
            let (turn, before): (i64, i64) = (last.try_get("turn")?, last.try_get("tapped_us")?);
            ticket.number = format!("{}{:03}", block.letter, block.next);
            ticket.arrival = time(us(ticket.arrival).max(before + 1))?;
            sqlx::query("update block set next = next - 1 where id = ?").bind(&block.id).execute(&mut *tx).await?;
            let sql = "update tap set ticket = ?, ticket_id = ?, tapped_us = ?, block_id = ?, turn = ?, contact_us = ? \
                       where key = ?";
            sqlx::query(sql)
                .bind(write(&ticket)?)
                .bind(&ticket.id)
                .bind(us(ticket.arrival))
                .bind(&block.id)
                .bind(turn + 1)
                .bind(place.contact.map(us))
                .bind(key)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            let (tapped, contact) = (ticket.arrival, place.contact);
            Ok(Tap { ticket: Some(ticket), tapped, block_id: Some(block.id), contact, ..known })
        };
        self.heed(act.await).await
    }

    /// Keeps what became of a paper.
    pub async fn paper(&self, key: &str, paper: &Paper, copies: u32) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            sqlx::query("update tap set paper = ?, copies = ? where key = ?")
                .bind(paper.word())
                .bind(copies)
                .bind(key)
                .execute(&mut *tx)
                .await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// A tap by its key or by its ticket's id.
    pub async fn find(&self, id: &str) -> Kept<Option<Tap>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "select * from tap where key = ? or ticket_id = ? limit 1";
            sqlx::query(sql).bind(id).bind(id).fetch_optional(&mut *tx).await?.as_ref().map(tap).transpose()
        };
        self.heed(act.await).await
    }

    /// Numbers that the centre has not been told, in the order in which they were taken.
    pub async fn untold(&self, max: u32) -> Kept<Vec<Tap>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "select * from tap where turn is not null and told = '' order by turn limit ?";
            let rows = sqlx::query(sql).bind(max).fetch_all(&mut *tx).await?;
            rows.iter().map(tap).collect()
        };
        self.heed(act.await).await
    }

    /// Printed numbers that the centre does not take, the last ones first.
    pub async fn refused(&self, max: u32) -> Kept<Vec<Tap>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql =
                "select * from tap where turn is not null and told not in ('', 'told') order by turn desc limit ?";
            let rows = sqlx::query(sql).bind(max).fetch_all(&mut *tx).await?;
            rows.iter().map(tap).collect()
        };
        self.heed(act.await).await
    }

    /// How many numbers the centre has not been told.
    pub async fn untold_count(&self) -> Kept<u64> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let row = sqlx::query("select count(*) from tap where turn is not null and told = ''");
            let count: i64 = row.fetch_one(&mut *tx).await?.try_get(0)?;
            Ok(u64::try_from(count).unwrap_or(0))
        };
        self.heed(act.await).await
    }

    /// Keeps what the centre said to numbers that it was told: the id of its ticket, or why it does not take it.
    pub async fn told(&self, said: &[(String, Result<String, String>)]) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            for (key, outcome) in said {
                match outcome {
                    Ok(ticket_id) => {
                        let sql = "update tap set told = 'told', ticket_id = ?, ticket = json_set(ticket, '$.id', ?) \
                                   where key = ?";
                        sqlx::query(sql).bind(ticket_id).bind(ticket_id).bind(key).execute(&mut *tx).await?;
                    }
                    Err(reason) => {
                        sqlx::query("update tap set told = ? where key = ?")
                            .bind(reason)
                            .bind(key)
                            .execute(&mut *tx)
                            .await?;
                    }
                }
            }
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }

    /// Taps since a moment whose number or paper is still owed, oldest first: the power went off in between.
    pub async fn unfinished(&self, since: Timestamp) -> Kept<Vec<Tap>> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            let sql = "select * from tap where tapped_us >= ? and paper = 'none' order by tapped_us limit 50";
            let rows = sqlx::query(sql).bind(us(since)).fetch_all(&mut *tx).await?;
            rows.iter().map(tap).collect()
        };
        self.heed(act.await).await
    }

    /// Forgets what nobody asks for any more: taps told or answered before a moment, and the blocks of earlier days.
    pub async fn forget(&self, before: Timestamp, day: Date) -> Kept<()> {
        let act = async {
            let mut held = self.connection.lock().await;
            let mut tx = begin(&mut held).await?;
            sqlx::query("delete from tap where tapped_us < ? and (turn is null or told <> '')")
                .bind(us(before))
                .execute(&mut *tx)
                .await?;
            sqlx::query("delete from block where day < ?").bind(day.to_string()).execute(&mut *tx).await?;
            Ok(tx.commit().await?)
        };
        self.heed(act.await).await
    }
}

/// Where a number is taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub area_id: String,
    pub day: Date,
    /// When the centre was last heard.
    pub contact: Option<Timestamp>,
}
