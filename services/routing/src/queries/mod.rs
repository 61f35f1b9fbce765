//! What is only read, outside of the writer.
pub(crate) mod appointments;
pub(crate) mod heard;
pub(crate) mod history;
pub(crate) mod past;

use std::collections::HashMap;

use jiff::{Timestamp, civil::Date};
use motcua_store::sql::{list, statement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult as _, QueryResult, Value};

use crate::Error;
use crate::entity::{desk, ticket};
use crate::model::block::Series;
use crate::model::centre::Centre;
use crate::model::command::Refusal;
use crate::model::desk::Desk;
use crate::model::estimate::LaneStat;
use crate::model::hall::Hall;
use crate::model::notice::Asked;
use crate::model::ticket::{Lane, Ticket};

/// Beyond this the place in the line no longer matters to anybody.
const AHEAD_MAX: i64 = 2000;

pub(crate) async fn tickets(db: &impl ConnectionTrait, sql: String, values: Vec<Value>) -> Result<Vec<Ticket>, Error> {
    let rows = ticket::Row::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?;
    rows.into_iter().map(|row| Ticket::try_from(row).map_err(Error::from)).collect()
}

/// A day as the database has it, without its lines and tickets. A lane that is new today begins with what it learnt
/// on the centre's last day, a counter with what it asked for itself.
pub(crate) async fn day(db: &impl ConnectionTrait, centre: &Centre, today: Date) -> Result<Hall, Error> {
    let centre_id = centre.id.as_str();
    let mut hall = Hall::new(today);
    let sql = "select 'series ' || business_day as kind, letter as name, last as a, floor as b, 0 as c, 0 as d, 0 as e, \
               0 as f, 0 as g, 0 as h, 0 as i from series where centre_id = $1 and business_day >= $2 \
               union all select 'lane', lane, waiting, served, service_ms, issued, half, most, turn_ms, known, wanting from lane \
               where centre_id = $1 and business_day = $2 \
               union all select 'before', lane, 0, served, service_ms, issued, half, most, turn_ms, known, 0 from lane where centre_id = $1 \
               and business_day = (select max(business_day) from lane where centre_id = $1 and business_day < $2) \
               union all select 'asked', ticket_id, wanted, told, 0, 0, 0, 0, 0, 0, 0 from asked \
               where centre_id = $1 and business_day = $2";
    let values: Vec<Value> = vec![centre_id.into(), today.to_string().into()];
    let mut before = Vec::new();
    for row in db.query_all_raw(statement(db.get_database_backend(), sql, values.clone())).await? {
        let (kind, name): (String, String) = (row.try_get("", "kind")?, row.try_get("", "name")?);
        let number = |column: &str| row.try_get::<i64>("", column);
        if let Some(day) = kind.strip_prefix("series ") {
            let day = day.parse().map_err(|_| DbErr::Type(format!("series of {day}")))?;
            hall.series.insert((day, name), Series { last: number("a")?, floor: number("b")? });
            continue;
        }
        if kind == "asked" {
            hall.asked.insert(name, Asked { wanted: number("a")? != 0, told: number("b")? });
            continue;
        }
        let stat = LaneStat {
            waiting: number("a")?,
            served: number("b")?,
            service_ms: number("c")?,
            issued: number("d")?,
            half: number("e")?,
            most: number("f")?,
            turn_ms: number("g")?,
            known: number("h")?,
            wanting: number("i")?,
        };
        if kind == "lane" {
            hall.stats.insert(Lane::stored(name), stat);
        } else {
            before.push((Lane::stored(name), stat.next_day()));
        }
    }
    hall.inherit(before);
    let sql = "select counter_id, business_day, status, reason, idle_us, session, officer, session_us, languages, auto_call, \
               waits, served, served_ms, undo from desk where centre_id = $1 and business_day <= $2";
    let rows = desk::Row::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?;
    for row in rows {
        let (id, is_today) = (row.counter_id.clone(), row.business_day == today.to_string());
        let desk: Desk = row.try_into()?;
        let desk = if is_today { Some(desk) } else { centre.counter(&id).and_then(|counter| desk.next_day(counter)) };
        if let Some(desk) = desk {
            hall.desks.insert(id, desk);
        }
    }
    // Whoever stands at a counter, whatever day it was called on.
    let sql = format!("select {} from ticket where centre_id = $1 and state in (2, 3)", ticket::SELECT);
    for ticket in tickets(db, sql, vec![centre_id.into()]).await? {
        hall.know(ticket);
    }
    Ok(hall)
}

/// Tickets that a counter keeps, or called in vain, of this day; the newest first.
pub(crate) async fn kept(
    db: &impl ConnectionTrait,
    centre: &str,
    day: Date,
    counter: &str,
) -> Result<Vec<Ticket>, Error> {
    let sql = format!(
        "select {} from ticket where centre_id = $1 and counter_id = $3 and state in (7, 8) and business_day = $2 \
         order by call_us desc limit 50",
        ticket::SELECT
    );
    tickets(db, sql, vec![centre.into(), day.to_string().into(), counter.into()]).await
}

/// Calls that nobody has answered by now, of every centre.
pub(crate) async fn unanswered(
    db: &impl ConnectionTrait,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(String, String)>, Error> {
    let sql = format!(
        "select centre_id, id from ticket where state = 2 and answer_us is not null and answer_us <= $1 \
         order by answer_us limit {limit}"
    );
    let values = vec![now.as_microsecond().into()];
    let rows = db.query_all_raw(statement(db.get_database_backend(), sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "centre_id")?, row.try_get("", "id")?))).collect()
}

/// Centres with a counter to which numbers come by themselves, and the versions of their configurations and catalogues.
pub(crate) async fn by_themselves(db: &impl ConnectionTrait) -> Result<Vec<(String, (i64, i64))>, Error> {
    let sql = "select c.id as id, c.version as version, coalesce(k.version, 0) as catalogue from centre c \
               left join catalogue k on k.centre_id = c.id \
               where exists (select 1 from desk d where d.centre_id = c.id and d.auto_call = 1)";
    let rows = db.query_all_raw(statement(db.get_database_backend(), sql, vec![])).await?;
    let read = |row: &QueryResult| -> Result<_, DbErr> {
        Ok((row.try_get("", "id")?, (row.try_get("", "version")?, row.try_get("", "catalogue")?)))
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// One ticket of a centre.
pub(crate) async fn ticket(db: &impl ConnectionTrait, centre_id: &str, id: &str) -> Result<Ticket, Error> {
    let sql = format!("select {} from ticket where centre_id = $1 and id = $2", ticket::SELECT);
    let found = tickets(db, sql, vec![centre_id.into(), id.into()]).await?.into_iter().next();
    found.ok_or_else(|| Refusal::TicketUnknown(id.to_owned()).into())
}

/// Where these tickets' versions stand.
pub(crate) async fn versions(
    db: &impl ConnectionTrait,
    centre_id: &str,
    ids: &[&str],
) -> Result<HashMap<String, i64>, Error> {
    let sql = format!("select id, version from ticket where centre_id = $1 and id in ({})", list(2, ids.len()));
    let mut values: Vec<Value> = vec![centre_id.into()];
    values.extend(ids.iter().map(|id| Value::from(*id)));
    let rows = db.query_all_raw(statement(db.get_database_backend(), sql, values)).await?;
    rows.into_iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "version")?))).collect()
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
    for states in ["state = 1", "state in (2, 3)", "state in (7, 8)"] {
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
