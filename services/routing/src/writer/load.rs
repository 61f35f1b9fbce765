//! What a batch reads under the lock, in as few statements as its commands need.
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use motcua_store::sql::{list, statement};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, FromQueryResult as _, Value};

use super::Job;
use crate::Error;
use crate::centres::InForce;
use crate::entity::ticket;
use crate::model::command::{Command, Target};
use crate::model::estimate::LaneStat;
use crate::model::fold::lanes;
use crate::model::route;
use crate::model::state::State;
use crate::model::ticket::{Lane, Ticket};

/// Answers given before: (principal, method, request id) → (hash, response).
pub(super) type Answers = HashMap<(String, &'static str, String), (String, Vec<u8>)>;

/// Lanes of one UNION ALL; SQLite takes 500.
const UNION_MAX: usize = 100;
/// Tickets sent to named counters that a batch looks at.
const NAMED_MAX: usize = 2000;
/// Beyond this the place in the line no longer matters to anybody.
const AHEAD_MAX: usize = 2000;

/// The answers already given to these jobs' request ids.
pub(super) async fn answers(tx: &DatabaseTransaction, jobs: &[Job]) -> Result<Answers, Error> {
    let mut groups: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
    for job in jobs.iter().filter(|job| !matches!(job.command, Command::Expire { .. })) {
        groups.entry((&job.key.principal, job.key.method)).or_default().push(&job.key.request_id);
    }
    let groups: Vec<_> = groups.into_iter().collect();
    let mut answers = Answers::new();
    for chunk in groups.chunks(UNION_MAX) {
        let mut values: Vec<Value> = Vec::new();
        let mut parts = Vec::with_capacity(chunk.len());
        for ((principal, method), ids) in chunk {
            let first = values.len() + 1;
            values.push((*principal).into());
            values.push((*method).into());
            values.extend(ids.iter().map(|id| Value::from(*id)));
            parts.push(format!(
                "select principal, method, request_id, hash, response from request \
                 where principal = ${first} and method = ${} and request_id in ({})",
                first + 1,
                list(first + 2, ids.len())
            ));
        }
        let rows = tx.query_all_raw(statement(tx.get_database_backend(), parts.join(" union all "), values)).await?;
        for row in rows {
            let method: String = row.try_get("", "method")?;
            let Some(((_, method), _)) = chunk.iter().find(|((_, known), _)| *known == method) else { continue };
            let key = (row.try_get("", "principal")?, *method, row.try_get("", "request_id")?);
            answers.insert(key, (row.try_get("", "hash")?, row.try_get("", "response")?));
        }
    }
    Ok(answers)
}

/// Fills the state of one centre with what its commands need.
pub(super) async fn state(
    tx: &DatabaseTransaction,
    in_force: &InForce,
    state: &mut State<'_>,
    jobs: &[&Job],
) -> Result<(), Error> {
    if jobs.is_empty() {
        return Ok(());
    }
    figures(tx, state).await?;
    let codes = jobs.iter().filter_map(|job| match &job.command {
        Command::Issue(issue) => match &issue.target {
            Target::Procedure(code) => Some(code.as_str()),
            Target::Queue(_) | Target::Area(_) => None,
        },
        _ => None,
    });
    state.procedures = in_force.procedures(tx, codes).await?;
    named_tickets(tx, state, jobs).await?;
    let mut calls: BTreeMap<Lane, usize> = BTreeMap::new();
    let mut callers = BTreeSet::new();
    for job in jobs {
        if let Command::CallNext { counter, .. } = &job.command
            && let Some(counter) = state.centre.counter(counter)
        {
            callers.insert(counter.id.as_str());
            for (lane, _) in lanes(counter) {
                if lane.queue_id().is_some() {
                    *calls.entry(lane).or_default() += 1;
                }
            }
        }
    }
    if !callers.is_empty() {
        live(tx, state, &callers).await?;
        heads(tx, state, &calls).await?;
        sent_to_counters(tx, state).await?;
    }
    ahead(tx, state, jobs).await
}

/// Today's series and lanes, in one statement.
async fn figures(tx: &DatabaseTransaction, state: &mut State<'_>) -> Result<(), Error> {
    let sql = "select 'series' as kind, letter as name, last as a, 0 as b, 0 as c from series \
               where centre_id = $1 and business_day = $2 \
               union all select 'lane', lane, waiting, served, service_ms from lane where centre_id = $1 and business_day = $2";
    let values: Vec<Value> = vec![state.centre.id.clone().into(), state.today.to_string().into()];
    for row in tx.query_all_raw(statement(tx.get_database_backend(), sql, values)).await? {
        let (kind, name): (String, String) = (row.try_get("", "kind")?, row.try_get("", "name")?);
        let a: i64 = row.try_get("", "a")?;
        if kind == "series" {
            state.series.insert(name, a);
        } else {
            let stat = LaneStat { waiting: a, served: row.try_get("", "b")?, service_ms: row.try_get("", "c")? };
            state.stats.insert(Lane::stored(name), stat);
        }
    }
    Ok(())
}

async fn tickets(tx: &DatabaseTransaction, sql: String, values: Vec<Value>) -> Result<Vec<Ticket>, Error> {
    let rows = ticket::Row::find_by_statement(statement(tx.get_database_backend(), sql, values)).all(tx).await?;
    rows.into_iter().map(|row| Ticket::try_from(row).map_err(Error::from)).collect()
}

/// The tickets that commands name.
async fn named_tickets(tx: &DatabaseTransaction, state: &mut State<'_>, jobs: &[&Job]) -> Result<(), Error> {
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    for job in jobs {
        match &job.command {
            Command::Move { ticket, .. } => {
                ids.insert(ticket);
            }
            Command::Expire { tickets } => ids.extend(tickets.iter().map(String::as_str)),
            Command::Issue(_) | Command::CallNext { .. } => {}
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!("select {} from ticket where centre_id = $1 and id in ({})", ticket::SELECT, list(2, ids.len()));
    let mut values: Vec<Value> = vec![state.centre.id.clone().into()];
    values.extend(ids.into_iter().map(Value::from));
    for ticket in tickets(tx, sql, values).await? {
        state.know(ticket);
    }
    Ok(())
}

/// The live tickets of the counters that call.
async fn live(tx: &DatabaseTransaction, state: &mut State<'_>, counters: &BTreeSet<&str>) -> Result<(), Error> {
    let sql = format!(
        "select {} from ticket where centre_id = $1 and state in (2, 3) and counter_id in ({})",
        ticket::SELECT,
        list(2, counters.len())
    );
    let mut values: Vec<Value> = vec![state.centre.id.clone().into()];
    values.extend(counters.iter().map(|id| Value::from(*id)));
    for ticket in tickets(tx, sql, values).await? {
        state.know(ticket);
    }
    Ok(())
}

/// The first N of each lane, N being the calls that may take from it.
async fn heads(tx: &DatabaseTransaction, state: &mut State<'_>, calls: &BTreeMap<Lane, usize>) -> Result<(), Error> {
    let calls: Vec<_> = calls.iter().collect();
    for chunk in calls.chunks(UNION_MAX) {
        let mut values: Vec<Value> = vec![state.centre.id.clone().into(), state.today.to_string().into()];
        let mut parts = Vec::with_capacity(chunk.len());
        for (lane, count) in chunk {
            values.push(lane.as_str().into());
            parts.push(format!(
                "select * from (select {} from ticket where centre_id = $1 and business_day = $2 and lane = ${} \
                 and state = 1 order by rank_us, id limit {count}) h{}",
                ticket::SELECT,
                values.len(),
                values.len()
            ));
        }
        for ticket in tickets(tx, parts.join(" union all "), values).await? {
            state.know_head(ticket);
        }
    }
    Ok(())
}

/// Tickets sent to a named counter are few: all of them are read when somebody calls and there are any.
async fn sent_to_counters(tx: &DatabaseTransaction, state: &mut State<'_>) -> Result<(), Error> {
    let sql = format!(
        "select {} from ticket where centre_id = $1 and business_day = $2 and state = 1 and for_counter is not null \
         order by rank_us, id limit {NAMED_MAX}",
        ticket::SELECT
    );
    let values: Vec<Value> = vec![state.centre.id.clone().into(), state.today.to_string().into()];
    for ticket in tickets(tx, sql, values).await? {
        state.know_head(ticket);
    }
    Ok(())
}

/// How many rank before a newcomer with a head start; without one it is everybody who waits.
async fn ahead(tx: &DatabaseTransaction, state: &mut State<'_>, jobs: &[&Job]) -> Result<(), Error> {
    let mut asked: HashSet<(Lane, i64)> = HashSet::new();
    for job in jobs {
        let Command::Issue(issue) = &job.command else { continue };
        let Some(class) = state.centre.class(&issue.priority_class) else { continue };
        let procedure = match &issue.target {
            Target::Procedure(code) => state.procedures.get(code),
            Target::Queue(_) | Target::Area(_) => None,
        };
        if class.head_start_minutes > 0
            && let Ok(queue) = route::queue(state.centre, &issue.target, procedure, state.today)
        {
            asked.insert((Lane::queue(&queue.id), class.head_start_minutes));
        }
    }
    let asked: Vec<_> = asked.into_iter().collect();
    for chunk in asked.chunks(UNION_MAX) {
        let mut values: Vec<Value> = vec![state.centre.id.clone().into(), state.today.to_string().into()];
        let mut parts = Vec::with_capacity(chunk.len());
        for (at, (lane, head_start)) in chunk.iter().enumerate() {
            values.push(lane.as_str().into());
            values.push(crate::model::rank::rank(state.now, *head_start).as_microsecond().into());
            parts.push(format!(
                "select {at} as which, count(*) as n from (select 1 as one from ticket where centre_id = $1 \
                 and business_day = $2 and lane = ${} and state = 1 and rank_us <= ${} limit {AHEAD_MAX}) h{at}",
                values.len() - 1,
                values.len()
            ));
        }
        for row in tx.query_all_raw(statement(tx.get_database_backend(), parts.join(" union all "), values)).await? {
            let which: i32 = row.try_get("", "which")?;
            if let Some(key) = usize::try_from(which).ok().and_then(|which| chunk.get(which)) {
                state.ahead.insert(key.clone(), row.try_get("", "n")?);
            }
        }
    }
    Ok(())
}
