//! What a batch reads for kiosks that borrow numbers or tell what they printed.
use std::collections::BTreeSet;

use jiff::ToSpan as _;
use motcua_proto::routing::v1 as pb;
use motcua_store::BatchTx;
use motcua_store::sql::{list, statement};
use prost::Message as _;
use sea_orm::{ConnectionTrait as _, DbErr, Value};

use super::Job;
use super::load::Answers;
use crate::Error;
use crate::entity::ticket;
use crate::model::block::Block;
use crate::model::command::Command;
use crate::model::state::State;
use crate::queries::tickets;

/// A kiosk that was off for longer asks a person.
const DAYS_BACK: i32 = 14;

/// Blocks of these kiosks, what their taps were answered with, and who holds the printed numbers.
pub(super) async fn load(tx: &BatchTx, state: &mut State<'_>, jobs: &[&Job], answers: &Answers) -> Result<(), Error> {
    let mut kiosks: BTreeSet<&str> = BTreeSet::new();
    let mut numbers: BTreeSet<i64> = BTreeSet::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for job in jobs {
        match &job.command {
            Command::Lend { kiosk, .. } => {
                kiosks.insert(kiosk);
            }
            Command::Reconcile { kiosk, printed, .. } => {
                kiosks.insert(kiosk);
                for paper in printed {
                    numbers.insert(paper.number);
                    let key = (paper.tap.0.clone(), "IssueTicket", paper.request_id.clone());
                    let Some((_, response)) = answers.get(&key) else { continue };
                    let response = pb::IssueTicketResponse::decode(response.as_slice())
                        .map_err(|error| DbErr::Type(format!("stored answer: {error}")))?;
                    if let Some(ticket) = response.ticket {
                        known.insert(ticket.id.clone());
                        state.taps.insert(paper.tap.clone(), ticket.id);
                    }
                }
            }
            _ => {}
        }
    }
    if kiosks.is_empty() {
        return Ok(());
    }
    blocks(tx, state, &kiosks).await?;
    let days: BTreeSet<String> = state.blocks.iter().map(|block| block.day.to_string()).collect();
    if !numbers.is_empty() && !days.is_empty() {
        let mut values: Vec<Value> = numbers.iter().map(|number| Value::from(*number)).collect();
        values.extend(days.into_iter().map(Value::from));
        let sql = format!(
            "number in ({}) and business_day in ({})",
            list(2, numbers.len()),
            list(2 + numbers.len(), values.len() - numbers.len())
        );
        know(tx, state, &sql, values).await?;
    }
    if !known.is_empty() {
        let sql = format!("id in ({})", list(2, known.len()));
        know(tx, state, &sql, known.into_iter().map(Value::from).collect()).await?;
    }
    Ok(())
}

async fn blocks(tx: &BatchTx, state: &mut State<'_>, kiosks: &BTreeSet<&str>) -> Result<(), Error> {
    let since = state.hall.today.checked_sub(DAYS_BACK.days()).unwrap_or(state.hall.today);
    let sql = format!(
        "select id, kiosk_id, letter, business_day, first, last from block \
         where centre_id = $1 and business_day >= $2 and kiosk_id in ({})",
        list(3, kiosks.len())
    );
    let mut values: Vec<Value> = vec![state.centre.id.clone().into(), since.to_string().into()];
    values.extend(kiosks.iter().map(|kiosk| Value::from(*kiosk)));
    for row in tx.query_all_raw(statement(tx.get_database_backend(), sql, values)).await? {
        let day: String = row.try_get("", "business_day")?;
        state.blocks.push(Block {
            id: row.try_get("", "id")?,
            kiosk: row.try_get("", "kiosk_id")?,
            letter: row.try_get("", "letter")?,
            day: day.parse().map_err(|_| DbErr::Type(format!("block of {day}")))?,
            first: row.try_get("", "first")?,
            last: row.try_get("", "last")?,
        });
    }
    Ok(())
}

/// Takes in tickets that are not known yet; the condition's parameters count from `$2`.
async fn know(tx: &BatchTx, state: &mut State<'_>, condition: &str, parameters: Vec<Value>) -> Result<(), Error> {
    let sql = format!("select {} from ticket where centre_id = $1 and {condition}", ticket::SELECT);
    let mut values: Vec<Value> = vec![state.centre.id.clone().into()];
    values.extend(parameters);
    for ticket in tickets(tx, sql, values).await? {
        if !state.hall.tickets.contains_key(&ticket.id) {
            state.hall.know(ticket);
        }
    }
    Ok(())
}
