//! What a batch reads under the lock, in as few statements as its commands need.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use motcua_store::sql::{list, statement};
use sea_orm::{ConnectionTrait as _, DatabaseTransaction, DbBackend, DbErr, Value};

use super::{Job, offline};
use crate::Error;
use crate::centres::InForce;
use crate::entity::ticket;
use crate::model::command::{Command, Target};
use crate::model::hall::Hall;
use crate::model::needs;
use crate::model::state::State;
use crate::model::ticket::{Lane, Ticket};
use crate::queries::{appointments, tickets};

/// Answers given before: (principal, method, request id) → (hash, response).
pub(super) type Answers = HashMap<(String, &'static str, String), (String, Vec<u8>)>;

/// What the first statement under the lock tells.
#[derive(Default)]
pub(super) struct Known {
    pub(super) answers: Answers,
    /// Versions of configuration and catalogue by centre.
    pub(super) versions: HashMap<String, (i64, i64)>,
}

/// Lanes of one UNION ALL; SQLite takes 500.
const UNION_MAX: usize = 100;
/// People read of a line at least: who is read now need not be read for the next calls.
const LINE_MIN: usize = 64;
/// Beyond this the place in the line no longer matters to anybody.
const AHEAD_MAX: usize = 2000;

/// The versions in force at these centres, and the answers already given to these jobs' request ids.
pub(super) async fn known<'a>(
    tx: &DatabaseTransaction,
    centres: impl Iterator<Item = &'a str>,
    jobs: &[Job],
) -> Result<Known, Error> {
    let mut groups: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
    for job in jobs.iter().filter(|job| !job.command.is_sweep()) {
        groups.entry((&job.key.principal, job.key.method)).or_default().push(&job.key.request_id);
        // PostgreSQL reads no empty list, and a kiosk may have printed nothing.
        if let Command::Reconcile { printed, .. } = &job.command
            && !printed.is_empty()
        {
            let taps = printed.iter().map(|paper| paper.request_id.as_str());
            groups.entry((&job.key.principal, "IssueTicket")).or_default().extend(taps);
        }
    }
    let methods: HashMap<&str, &'static str> = groups.keys().map(|(_, method)| (*method, *method)).collect();
    let blob = if tx.get_database_backend() == DbBackend::Postgres { "bytea" } else { "blob" };
    let mut values: Vec<Value> = centres.map(Value::from).collect();
    let mut parts = vec![format!(
        "select c.id as principal, '' as method, cast(c.version as text) as request_id, \
         cast(coalesce(k.version, 0) as text) as hash, cast(null as {blob}) as response \
         from centre c left join catalogue k on k.centre_id = c.id where c.id in ({})",
        list(1, values.len())
    )];
    for ((principal, method), ids) in groups {
        let first = values.len() + 1;
        values.push(principal.into());
        values.push(method.into());
        values.extend(ids.iter().map(|id| Value::from(*id)));
        parts.push(format!(
            "select principal, method, request_id, hash, response from request \
             where principal = ${first} and method = ${} and request_id in ({})",
            first + 1,
            list(first + 2, ids.len())
        ));
    }
    let mut known = Known::default();
    // A batch has fewer principals than a compound may have parts.
    for row in tx.query_all_raw(statement(tx.get_database_backend(), parts.join(" union all "), values)).await? {
        let (principal, method): (String, String) = (row.try_get("", "principal")?, row.try_get("", "method")?);
        let (id, hash): (String, String) = (row.try_get("", "request_id")?, row.try_get("", "hash")?);
        if method.is_empty() {
            known.versions.insert(principal, (number(&id)?, number(&hash)?));
        } else if let Some(method) = methods.get(method.as_str()) {
            known.answers.insert((principal, *method, id), (hash, row.try_get("", "response")?));
        }
    }
    Ok(known)
}

fn number(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| DbErr::Type(format!("version {text}")).into())
}

/// Completes what a batch's commands need to know of one centre.
pub(super) async fn state(
    tx: &DatabaseTransaction,
    in_force: &InForce,
    state: &mut State<'_>,
    jobs: &[&Job],
    answers: &Answers,
) -> Result<(), Error> {
    let commands: Vec<&Command> = jobs.iter().map(|job| &job.command).collect();
    let codes = commands.iter().flat_map(|command| match command {
        Command::Issue(issue) => {
            let first = match &issue.target {
                Target::Procedure(code) => Some(code.as_str()),
                Target::Queue(_) | Target::Area(_) => None,
            };
            first.into_iter().chain(issue.more.iter().map(String::as_str)).collect()
        }
        Command::Reconcile { printed, .. } => {
            let codes = printed.iter().filter_map(|paper| match &paper.issue.target {
                Target::Procedure(code) => Some(code.as_str()),
                Target::Queue(_) | Target::Area(_) => None,
            });
            codes.collect()
        }
        Command::Book { target: Target::Procedure(code), .. } => vec![code.as_str()],
        _ => Vec::new(),
    });
    state.procedures = in_force.procedures(tx, codes).await?;
    offline::load(tx, state, jobs, answers).await?;
    bookings(tx, state, jobs).await?;
    named_tickets(tx, state, &commands).await?;
    lines(tx, state, &commands).await?;
    ahead(tx, state, &commands).await
}

/// The bookings that commands name, and how many stand at the times they ask for.
async fn bookings(tx: &DatabaseTransaction, state: &mut State<'_>, jobs: &[&Job]) -> Result<(), Error> {
    let mut ids: Vec<&str> = Vec::new();
    let mut slots = Vec::new();
    for job in jobs {
        match &job.command {
            Command::CancelAppointment(id) | Command::CheckIn { appointment: id, .. } => ids.push(id),
            Command::NoShow { appointments } => ids.extend(appointments.iter().map(String::as_str)),
            Command::Book { slot, .. } => slots.push(*slot),
            _ => {}
        }
    }
    if !ids.is_empty() {
        for of in appointments::by_ids(tx, &state.centre.id, &ids).await? {
            state.appointments.insert(of.id.clone(), of);
        }
    }
    if let (Some(from), Some(until)) = (slots.iter().min(), slots.iter().max()) {
        for (queue, slot, count) in appointments::booked(tx, &state.centre.id, *from, *until).await? {
            state.booked.insert((queue, slot), count);
        }
    }
    Ok(())
}

/// The tickets that commands name.
async fn named_tickets(tx: &DatabaseTransaction, state: &mut State<'_>, commands: &[&Command]) -> Result<(), Error> {
    let ids: BTreeSet<String> = needs::tickets(&state.hall, commands).into_iter().map(str::to_owned).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let sql = format!("select {} from ticket where centre_id = $1 and id in ({})", ticket::SELECT, list(2, ids.len()));
    let mut values: Vec<Value> = vec![state.centre.id.clone().into()];
    values.extend(ids.into_iter().map(Value::from));
    for ticket in tickets(tx, sql, values).await? {
        state.hall.know(ticket);
    }
    Ok(())
}

/// The lines that counters call from in this batch, as far as its calls may go.
async fn lines(tx: &DatabaseTransaction, state: &mut State<'_>, commands: &[&Command]) -> Result<(), Error> {
    let mut calls = needs::lines(state, commands);
    calls.retain(|lane, count| !state.hall.lines.get(lane).is_some_and(|line| line.serves(*count)));
    // Who waits for one counter only is rare: most of these lines are known to be empty.
    let empty = |hall: &Hall, lane: &Lane| hall.stats.get(lane).is_none_or(|stat| stat.waiting == 0);
    let (none, some): (Vec<_>, Vec<_>) = calls.into_iter().partition(|(lane, _)| empty(&state.hall, lane));
    for (lane, _) in none {
        state.hall.know_line(lane, Vec::new(), true);
    }
    for chunk in some.chunks(UNION_MAX) {
        let mut values: Vec<Value> = vec![state.centre.id.clone().into(), state.hall.today.to_string().into()];
        let mut parts = Vec::with_capacity(chunk.len());
        for (lane, count) in chunk {
            values.push(lane.as_str().into());
            parts.push(format!(
                "select * from (select {} from ticket where centre_id = $1 and business_day = $2 and lane = ${} \
                 and state = 1 order by rank_us, id limit {}) h{}",
                ticket::SELECT,
                values.len(),
                limit(*count),
                values.len()
            ));
        }
        let mut people: HashMap<Lane, Vec<Ticket>> = HashMap::new();
        for ticket in tickets(tx, parts.join(" union all "), values).await? {
            people.entry(ticket.lane()).or_default().push(ticket);
        }
        for (lane, count) in chunk {
            let first = people.remove(lane).unwrap_or_default();
            let whole = first.len() < limit(*count);
            state.hall.know_line(lane.clone(), first, whole);
        }
    }
    Ok(())
}

/// Powers of two, so that the statements of a busy day are few.
fn limit(count: usize) -> usize {
    count.next_power_of_two().max(LINE_MIN)
}

/// How many rank before a newcomer with a head start; without one it is everybody who waits.
async fn ahead(tx: &DatabaseTransaction, state: &mut State<'_>, commands: &[&Command]) -> Result<(), Error> {
    let asked: Vec<_> = needs::ranks(state, commands).into_iter().collect();
    for chunk in asked.chunks(UNION_MAX) {
        let mut values: Vec<Value> = vec![state.centre.id.clone().into(), state.hall.today.to_string().into()];
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
