//! What the holder of a receipt is told, in one journey to the database.

use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait as _, QueryResult};

use crate::model::{Paper, Rating, State};

/// A dossier as its receipt shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tracked {
    pub code: String,
    pub state: State,
    pub holder: String,
    pub due_time: Option<Micros>,
    pub centre_id: String,
    pub procedure_name: String,
    pub procedure_code: String,
    pub counter_id: String,
    /// 1 desk, 2 post, 3 online.
    pub return_channel: i32,
    /// Oldest first.
    pub steps: Vec<Step>,
    /// What it waits for; empty unless papers are asked for.
    pub papers: Vec<Paper>,
    /// The time that an apology put off, and why.
    pub missed: Option<(Micros, String)>,
    /// Given once the result was returned.
    pub rating: Option<Rating>,
}

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub time: Micros,
    pub label: String,
    /// [`crate::model::Move::name`].
    pub made: String,
}

/// The dossier first, then what hangs on it: rows of one shape, told apart by `part`.
const SQL: &str = "with d as (select * from dossier where token_hash = $1) \
    select 0 as part, cast(0 as bigint) as ordinal, due_time as time, cast(null as bigint) as time2, state as n, \
    return_channel as m, code as a, holder as b, centre_id as c, procedure_name as e, procedure_code as f, counter_id as g from d \
    union all select 1, s.ordinal, s.time, null, 0, 0, s.label, s.made, '', '', '', '' \
    from d join step s on s.dossier_id = d.id \
    union all select 2, p.ordinal, p.ask_time, null, 0, 0, p.papers, '', '', '', '', '' \
    from d join supplement p on p.dossier_id = d.id where d.state = 5 \
    union all select 3, 0, x.old_due_time, null, 0, 0, x.reason, '', '', '', '', '' \
    from d join extension x on x.dossier_id = d.id \
    union all select 4, 0, r.time, r.change_time, r.score, r.changes, '', '', '', '', '', '' \
    from d join rating r on r.dossier_id = d.id where d.state = 10 \
    order by part, ordinal";

/// The dossier whose receipt bears a secret with this hash.
pub(crate) async fn track(db: &Db, token_hash: &str) -> Result<Option<Tracked>, StoreError> {
    let rows = db.read().query_all_raw(sql::statement(db.backend(), SQL, vec![token_hash.into()])).await?;
    let mut found: Option<Tracked> = None;
    for row in &rows {
        let part: i32 = row.try_get("", "part")?;
        match (part, &mut found) {
            (0, none) => *none = Some(dossier(row)?),
            (_, None) => {}
            (1, Some(tracked)) => tracked.steps.push(Step {
                time: Micros(row.try_get("", "time")?),
                label: row.try_get("", "a")?,
                made: row.try_get("", "b")?,
            }),
            (2, Some(tracked)) => {
                let papers: String = row.try_get("", "a")?;
                tracked.papers = serde_json::from_str(&papers).map_err(|_| corrupt("supplement.papers"))?;
            }
            (3, Some(tracked)) => tracked.missed = Some((Micros(row.try_get("", "time")?), row.try_get("", "a")?)),
            (_, Some(tracked)) => {
                tracked.rating = Some(Rating {
                    score: row.try_get("", "n")?,
                    first: Micros(row.try_get("", "time")?).timestamp(),
                    last: Micros(row.try_get("", "time2")?).timestamp(),
                    changes: row.try_get("", "m")?,
                });
            }
        }
    }
    Ok(found)
}

fn dossier(row: &QueryResult) -> Result<Tracked, StoreError> {
    let due: Option<i64> = row.try_get("", "time")?;
    Ok(Tracked {
        code: row.try_get("", "a")?,
        state: State::from_code(row.try_get("", "n")?).ok_or_else(|| corrupt("dossier.state"))?,
        holder: row.try_get("", "b")?,
        due_time: due.map(Micros),
        centre_id: row.try_get("", "c")?,
        procedure_name: row.try_get("", "e")?,
        procedure_code: row.try_get("", "f")?,
        counter_id: row.try_get("", "g")?,
        return_channel: row.try_get("", "m")?,
        steps: Vec::new(),
        papers: Vec::new(),
        missed: None,
        rating: None,
    })
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(sea_orm::DbErr::Type(format!("stored value of {what} does not read")))
}
