//! A ticket's past.
use jiff::{Timestamp, civil::Date};
use motcua_store::sql::statement;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::tickets;
use crate::Error;
use crate::entity::ticket;
use crate::model::ticket::Ticket;

/// One line of the audit.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Step {
    pub(crate) time_us: i64,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) counter_id: String,
    pub(crate) kind: String,
    pub(crate) detail: String,
}

/// The people whom one rule let go before a ticket.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Overtaking {
    pub(crate) people: i64,
    pub(crate) head_start_minutes: i64,
    pub(crate) named: bool,
}

/// A ticket by what its paper says.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    centre_id: &str,
    day: Date,
    printed: &str,
) -> Result<Option<Ticket>, Error> {
    let letters = printed.trim_end_matches(|digit: char| digit.is_ascii_digit());
    let Ok(number) = printed[letters.len()..].parse::<i64>() else { return Ok(None) };
    let sql = format!(
        "select {} from ticket where centre_id = $1 and business_day = $2 and letter = $3 and number = $4",
        ticket::SELECT
    );
    let letter = letters.trim().to_uppercase();
    let values: Vec<Value> = vec![centre_id.into(), day.to_string().into(), letter.into(), number.into()];
    Ok(tickets(db, sql, values).await?.into_iter().next())
}

/// Everything that happened to a ticket, the oldest first.
pub(crate) async fn steps(db: &impl ConnectionTrait, centre_id: &str, ticket_id: &str) -> Result<Vec<Step>, Error> {
    let sql = "select time as time_us, actor, action, counter_id, move as kind, detail from audit \
               where centre_id = $1 and ticket_id = $2 order by time, id";
    let values = vec![centre_id.into(), ticket_id.into()];
    Ok(Step::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?)
}

/// Who came to the ticket's queue after it and was first called before `until`, by rule. Within one batch everything has one
/// time: then ids, which grow, tell who came and who was called first.
pub(crate) async fn overtakings(
    db: &impl ConnectionTrait,
    of: &Ticket,
    until: Timestamp,
) -> Result<Vec<Overtaking>, Error> {
    let own_call = call_at(db, &of.id, until).await?;
    let sql = "select count(*) as people, head_start_minutes, for_counter is not null as named from ticket t \
               where centre_id = $1 and business_day = $2 and queue_id = $3 \
               and (arrival_us > $5 or arrival_us = $5 and id > $4) and (first_call_us < $6 or first_call_us = $6 \
               and (select max(c.id) from call c where c.ticket_id = t.id and c.call_us = $6) < $7) \
               group by head_start_minutes, for_counter is not null order by head_start_minutes desc";
    let values: Vec<Value> = vec![
        of.centre_id.clone().into(),
        of.day.to_string().into(),
        of.queue_id.clone().into(),
        of.id.clone().into(),
        of.arrival.as_microsecond().into(),
        until.as_microsecond().into(),
        own_call.into(),
    ];
    Ok(Overtaking::find_by_statement(statement(db.get_database_backend(), sql, values)).all(db).await?)
}

/// The call that a ticket had at a moment, empty for none.
async fn call_at(db: &impl ConnectionTrait, ticket_id: &str, at: Timestamp) -> Result<String, Error> {
    let sql = "select coalesce(max(id), '') as id from call where ticket_id = $1 and call_us = $2";
    let values = vec![ticket_id.into(), at.as_microsecond().into()];
    let row = db.query_one_raw(statement(db.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?.unwrap_or_default())
}
