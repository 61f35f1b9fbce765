//! What is only read, outside of the writer.
use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use motcua_store::sql::statement;
use sea_orm::{ConnectionTrait, FromQueryResult as _, Value};

use crate::Error;
use crate::entity::ticket;
use crate::model::centre::{Centre, Counter};
use crate::model::command::Refusal;
use crate::model::estimate::LaneStat;
use crate::model::fold::lanes;
use crate::model::ticket::{Lane, Ticket};

/// Beyond this the place in the line no longer matters to anybody.
const AHEAD_MAX: i64 = 2000;

/// The day as it stands: lanes and who is at which counter.
#[derive(Debug, Default)]
pub(crate) struct Overview {
    pub(crate) stats: HashMap<Lane, LaneStat>,
    pub(crate) live: HashMap<String, Ticket>,
}

impl Overview {
    pub(crate) fn stat(&self, lane: &Lane) -> LaneStat {
        self.stats.get(lane).copied().unwrap_or_default()
    }

    /// Waiting for a counter: its queues, and those sent to it alone.
    pub(crate) fn waiting_for(&self, counter: &Counter) -> i64 {
        lanes(counter).iter().map(|(lane, _)| self.stat(lane).waiting).sum()
    }
}

async fn tickets(db: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<Vec<Ticket>, Error> {
    let rows = ticket::Row::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?;
    rows.into_iter().map(|row| Ticket::try_from(row).map_err(Error::from)).collect()
}

/// The overview of a centre's day.
pub(crate) async fn overview(db: &impl ConnectionTrait, centre_id: &str, day: Date) -> Result<Overview, Error> {
    let values: Vec<Value> = vec![centre_id.into(), day.to_string().into()];
    let sql = "select lane, waiting, served, service_ms from lane where centre_id = $1 and business_day = $2";
    let mut overview = Overview::default();
    for row in db.query_all_raw(statement(db.get_database_backend(), sql, values.clone())).await? {
        let stat = LaneStat {
            waiting: row.try_get("", "waiting")?,
            served: row.try_get("", "served")?,
            service_ms: row.try_get("", "service_ms")?,
        };
        overview.stats.insert(Lane::stored(row.try_get("", "lane")?), stat);
    }
    let sql =
        format!("select {} from ticket where centre_id = $1 and business_day = $2 and state in (2, 3)", ticket::SELECT);
    for ticket in tickets(db, sql, values).await? {
        if let Some(counter) = &ticket.counter_id {
            overview.live.insert(counter.clone(), ticket);
        }
    }
    Ok(overview)
}

/// Tickets finished by a counter on a day.
pub(crate) async fn served(db: &impl ConnectionTrait, centre: &str, day: Date, counter: &str) -> Result<i64, Error> {
    let sql =
        "select count(*) as n from ticket where centre_id = $1 and business_day = $2 and counter_id = $3 and state = 4";
    let values = vec![centre.into(), day.to_string().into(), counter.into()];
    let row = db.query_one_raw(statement(db.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// One ticket of a centre.
pub(crate) async fn ticket(db: &impl ConnectionTrait, centre_id: &str, id: &str) -> Result<Ticket, Error> {
    let sql = format!("select {} from ticket where centre_id = $1 and id = $2", ticket::SELECT);
    let found = tickets(db, sql, vec![centre_id.into(), id.into()]).await?.into_iter().next();
    found.ok_or_else(|| Refusal::TicketUnknown(id.to_owned()).into())
}

/// One ticket by the hash of its secret.
pub(crate) async fn by_token(db: &impl ConnectionTrait, token_hash: &str) -> Result<Option<Ticket>, Error> {
    let sql = format!("select {} from ticket where token_hash = $1", ticket::SELECT);
    Ok(tickets(db, sql, vec![token_hash.into()]).await?.into_iter().next())
}

/// People before a waiting ticket in its lane.
pub(crate) async fn ahead(db: &impl ConnectionTrait, ticket: &Ticket) -> Result<i64, Error> {
    let sql = format!(
        "select count(*) as n from (select 1 as one from ticket where centre_id = $1 and business_day = $2 and lane = $3 \
         and state = 1 and (rank_us < $4 or (rank_us = $4 and id < $5)) limit {AHEAD_MAX}) h"
    );
    let values = vec![
        ticket.centre_id.clone().into(),
        ticket.day.to_string().into(),
        ticket.lane().as_str().into(),
        ticket.rank.as_microsecond().into(),
        ticket.id.clone().into(),
    ];
    let row = db.query_one_raw(statement(db.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0))
}

/// A page of waiting tickets over lanes with their preferences, in the order they will be called.
pub(crate) async fn waiting(
    db: &impl ConnectionTrait,
    centre: &Centre,
    day: Date,
    lanes: &[(Lane, i64)],
    offset: i64,
    limit: i64,
) -> Result<Vec<Ticket>, Error> {
    let mut values: Vec<Value> = vec![centre.id.clone().into(), day.to_string().into()];
    let mut parts = Vec::with_capacity(lanes.len());
    for (at, (lane, preference)) in lanes.iter().enumerate() {
        values.push(lane.as_str().into());
        parts.push(format!(
            "select * from (select {}, rank_us - {} as score from ticket where centre_id = $1 and business_day = $2 \
             and lane = ${} and state = 1 order by rank_us, id limit {}) h{at}",
            ticket::SELECT,
            preference.saturating_mul(60_000_000),
            values.len(),
            offset.saturating_add(limit)
        ));
    }
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let sql =
        format!("select * from ({}) w order by score, id limit {limit} offset {offset}", parts.join(" union all "));
    tickets(db, sql, values).await
}

/// Ids of tickets of earlier days that nobody has closed.
pub(crate) async fn left_over(
    db: &impl ConnectionTrait,
    centre_id: &str,
    today: Date,
    limit: usize,
) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    for states in ["state = 1", "state in (2, 3)"] {
        let sql =
            format!("select id from ticket where centre_id = $1 and business_day < $2 and {states} limit {limit}");
        let values = vec![centre_id.into(), today.to_string().into()];
        for row in db.query_all_raw(statement(db.get_database_backend(), sql, values)).await? {
            ids.push(row.try_get("", "id")?);
        }
    }
    ids.truncate(limit);
    Ok(ids)
}

/// Every centre of this database.
pub(crate) async fn centre_ids(db: &impl ConnectionTrait) -> Result<Vec<String>, Error> {
    let rows =
        db.query_all_raw(statement(db.get_database_backend(), "select id from centre order by id", vec![])).await?;
    Ok(rows.into_iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
}

/// When the centre's day of `now` began.
pub(crate) fn day_start(centre: &Centre, now: Timestamp) -> Timestamp {
    let zone = centre.hours.calendar.time_zone().clone();
    centre.day(now).to_zoned_datetime(zone).map_or(now, |start| start.timestamp())
}
