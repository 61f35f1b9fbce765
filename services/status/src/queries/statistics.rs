//! Counts over days. Each is one statement: over the counts that the database keeps by hour and day in Vietnam's time
//! (`migration::counts`), else grouped over an index that holds all it reads.

use jiff::{SignedDuration, tz::Offset};
use motcua_store::{Db, Micros, StoreError, sql};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, FromQueryResult, QueryResult, Value};

use crate::model::{Ended, Period, Punctuality};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;
/// How far Vietnam's clocks are ahead of UTC: they are never put forward or back.
const VIETNAM: i64 = 7 * HOUR;
/// Some two months.
const LONG: SignedDuration = SignedDuration::from_hours(24 * 60);

/// Whose, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span<'a> {
    pub centre_id: &'a str,
    pub period: Period,
    /// How far the centre's clocks are ahead of UTC.
    pub offset: Offset,
}

/// What one holder has that is overdue.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Overdue {
    pub holder: String,
    pub person: String,
    pub overdue: i64,
    pub oldest: i64,
}

/// What was written beside a rating.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Comment {
    pub dossier_id: String,
    pub code: String,
    pub department: String,
    pub score: i32,
    /// Sealed.
    pub comment: Vec<u8>,
    pub time: i64,
}

async fn rows(db: &Db, sql: String, values: Vec<Value>) -> Result<Vec<QueryResult>, StoreError> {
    Ok(db.read().query_all_raw(sql::statement(db.backend(), sql, values)).await?)
}

fn pairs(rows: &[QueryResult]) -> Result<Vec<(i64, i64)>, StoreError> {
    let read = |row: &QueryResult| Ok((row.try_get("", "stretch")?, row.try_get("", "n")?));
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

fn ended(rows: &[QueryResult]) -> Result<Vec<Ended>, StoreError> {
    let read = |row: &QueryResult| {
        let punctuality: Option<i32> = row.try_get("", "finish_punctuality")?;
        Ok(Ended {
            department: row.try_get("", "department")?,
            procedure_code: row.try_get("", "procedure_code")?,
            punctuality: punctuality.and_then(Punctuality::from_code).unwrap_or(Punctuality::OnTime),
            count: row.try_get("", "n")?,
        })
    };
    Ok(rows.iter().map(read).collect::<Result<_, DbErr>>()?)
}

impl Span<'_> {
    fn bounds(&self) -> Vec<Value> {
        let bound = |time| Micros::from(time).0.into();
        vec![self.centre_id.into(), bound(self.period.from), bound(self.period.to)]
    }

    /// Whether the kept counts are of this centre's hours and days, and of which local microseconds (as if of UTC).
    fn kept(&self) -> Option<(i64, i64)> {
        let ahead = i64::from(self.offset.seconds()) * 1_000_000;
        let local = |time| Micros::from(time).0 + ahead;
        (ahead == VIETNAM).then(|| (local(self.period.from), local(self.period.to)))
    }

    /// Rows of kept counts from local stretch to stretch of `micros`.
    async fn counted(&self, db: &Db, sql: String, micros: i64) -> Result<Option<Vec<QueryResult>>, StoreError> {
        let Some((from, to)) = self.kept() else { return Ok(None) };
        let values = vec![self.centre_id.into(), (from / micros).into(), (to / micros).into()];
        rows(db, sql, values).await.map(Some)
    }

    /// How many had `column` in each local stretch of `micros` since 1970.
    async fn stretches(&self, db: &Db, column: &str, micros: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        let ahead = i64::from(self.offset.seconds()) * 1_000_000;
        let sql = format!(
            "select ({column} + {ahead}) / {micros} as stretch, count(*) as n from dossier \
             where centre_id = $1 and {column} >= $2 and {column} < $3 group by 1 order by 1"
        );
        pairs(&rows(db, sql, self.bounds()).await?)
    }

    /// By local hour.
    pub async fn accepted(&self, db: &Db) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select hour as stretch, n from accepted_hour \
                   where centre_id = $1 and hour >= $2 and hour < $3 and n > 0 order by hour";
        match self.counted(db, sql.into(), HOUR).await? {
            Some(rows) => pairs(&rows),
            None => self.stretches(db, "accept_time", HOUR).await,
        }
    }

    /// By local day.
    pub async fn finished(&self, db: &Db) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select day as stretch, cast(sum(n) as bigint) as n from ended_day \
                   where centre_id = $1 and day >= $2 and day < $3 group by day having sum(n) > 0 order by day";
        match self.counted(db, sql.into(), DAY).await? {
            Some(rows) => pairs(&rows),
            None => self.stretches(db, "finish_time", DAY).await,
        }
    }

    /// By department, procedure and punctuality.
    pub async fn ended(&self, db: &Db) -> Result<Vec<Ended>, StoreError> {
        let sql = "select department, procedure_code, punctuality as finish_punctuality, cast(sum(n) as bigint) as n \
                   from ended_day where centre_id = $1 and day >= $2 and day < $3 \
                   group by department, procedure_code, punctuality having sum(n) > 0";
        match self.counted(db, sql.into(), DAY).await? {
            Some(rows) => ended(&rows),
            None => self.ended_of_dossiers(db).await,
        }
    }

    async fn ended_of_dossiers(&self, db: &Db) -> Result<Vec<Ended>, StoreError> {
        // Few days are found by their time and then grouped; of many the index that stands in the groups' order is read
        // whole, and nothing is sorted. The plus hides the time from SQLite (10⁶ dossiers of a year: 1.0 s against 0.26 s).
        let plus = if self.period.to.duration_since(self.period.from) > LONG { "+" } else { "" };
        let sql = format!(
            "select department, procedure_code, finish_punctuality, count(*) as n from dossier \
             where centre_id = $1 and {plus}finish_time >= $2 and {plus}finish_time < $3 and finish_time is not null \
             group by department, procedure_code, finish_punctuality"
        );
        ended(&rows(db, sql, self.bounds()).await?)
    }

    /// Ratings by department and score.
    pub async fn ratings(&self, db: &Db) -> Result<Vec<(String, i32, i64)>, StoreError> {
        let sql = "select department, score, count(*) as n from rating \
                   where centre_id = $1 and time >= $2 and time < $3 group by department, score";
        let read =
            |row: &QueryResult| Ok((row.try_get("", "department")?, row.try_get("", "score")?, row.try_get("", "n")?));
        Ok(rows(db, sql.into(), self.bounds()).await?.iter().map(read).collect::<Result<_, DbErr>>()?)
    }

    /// What was written beside ratings, newest first.
    pub async fn comments(&self, db: &Db, limit: i64) -> Result<Vec<Comment>, StoreError> {
        let sql = "select r.dossier_id, d.code, r.department, r.score, r.comment, r.change_time as time from rating r \
                   join dossier d on d.id = r.dossier_id where r.centre_id = $1 and r.time >= $2 and r.time < $3 \
                   and r.comment is not null order by r.time desc, r.dossier_id limit $4";
        let mut values = self.bounds();
        values.push(limit.into());
        Ok(Comment::find_by_statement(sql::statement(db.backend(), sql, values)).all(db.read()).await?)
    }

    /// Requests for papers by procedure: code, requests, dossiers. From the requests to their dossiers: SQLite keeps the order
    /// of a cross join, and would else begin with every dossier of the centre.
    pub async fn supplements(&self, db: &Db) -> Result<Vec<(String, i64, i64)>, StoreError> {
        let sql = "select d.procedure_code as code, count(*) as n, count(distinct s.dossier_id) as dossiers \
                   from supplement s cross join dossier d \
                   where d.id = s.dossier_id and d.centre_id || '' = $1 and s.ask_time >= $2 and s.ask_time < $3 group by d.procedure_code";
        let read =
            |row: &QueryResult| Ok((row.try_get("", "code")?, row.try_get("", "n")?, row.try_get("", "dossiers")?));
        Ok(rows(db, sql.into(), self.bounds()).await?.iter().map(read).collect::<Result<_, DbErr>>()?)
    }
}

/// What procedures are called now: the name of each one's newest dossier.
pub(crate) async fn procedure_names<'a>(
    db: &Db,
    centre_id: &str,
    codes: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<(String, String)>, StoreError> {
    let codes_of = match db.backend() {
        DbBackend::Postgres => "select json_array_elements_text(cast($2 as text)::json) as code",
        _ => "select value as code from json_each($2)",
    };
    let sql = format!(
        "select c.code, (select d.procedure_name from dossier d where d.centre_id = $1 and d.procedure_code = c.code \
         order by d.accept_time desc limit 1) as name from ({codes_of}) c"
    );
    let read = |row: &QueryResult| {
        let name: Option<String> = row.try_get("", "name")?;
        Ok((row.try_get("", "code")?, name.unwrap_or_default()))
    };
    let values = vec![centre_id.into(), sql::texts(codes)];
    Ok(rows(db, sql, values).await?.iter().map(read).collect::<Result<_, DbErr>>()?)
}

/// What is overdue by holder and person, most first.
pub(crate) async fn overdue(db: &Db, centre_id: &str, now: Micros) -> Result<Vec<Overdue>, StoreError> {
    let sql = "select holder, holder_person as person, count(*) as overdue, min(due_time) as oldest from dossier \
               where centre_id = $1 and state in (2, 4) and due_time < $2 \
               group by holder, holder_person order by count(*) desc, holder, holder_person";
    let values = vec![centre_id.into(), now.0.into()];
    Ok(Overdue::find_by_statement(sql::statement(db.backend(), sql, values)).all(db.read()).await?)
}
