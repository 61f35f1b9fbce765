//! The raw one-by-one claim: find the first of two lines, take them, write the rows of a call, commit; nothing else can call
//! meanwhile. What a queue does that has no batches.
use motcua_tests::centre::Centre;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait as _, Value,
};

use crate::{
    measure::{Client, Plan, Sample},
    raw::{Raw, chained, connect, run, texts},
    tickets,
};

/// A counter's own people count as having come ten minutes earlier.
const PREFERENCE_US: i64 = 600_000_000;

/// Rates of claims by so many clients over a copy of the people who wait in the centre now, `to` of whom are left after
/// each window.
pub async fn measure(centre: &Centre, store: &str, clients: usize, plan: &Plan, to: usize) -> Vec<Sample> {
    let raw =
        if store == "sqlite" { Raw::sqlite(&centre.data()).await } else { Raw::postgres(centre.database()).await };
    let db = connect(&raw.url).await;
    let live = if store == "sqlite" {
        run(&db, &format!("attach database '{}' as live", centre.data().join("routing.db").display())).await;
        "live."
    } else {
        "routing."
    };
    let schema = raw.schema;
    run(&db, &format!("create table {schema}waiting as select * from {live}ticket where state = 1")).await;
    run(&db, &format!("create table {schema}turn as select 0 as taken")).await;
    let lanes = texts(&db, &format!("select distinct lane from {schema}waiting order by lane")).await;
    let whose = texts(&db, &format!("select distinct centre_id || '/' || business_day from {schema}waiting")).await;
    let waiting = texts(&db, &format!("select cast(count(*) as text) from {schema}waiting")).await;
    let waiting: usize = waiting[0].parse().unwrap();
    let (centre_id, day) = whose[0].split_once('/').unwrap();
    let mut loops = Vec::with_capacity(clients);
    for client in 0..clients {
        loops.push(Claim::new(&raw, centre_id, day, &lanes, client).await);
    }
    let mut samples = Vec::new();
    for window in 0..=plan.runs * 3 {
        run(&db, &format!("delete from {schema}ticket")).await;
        run(&db, &format!("insert into {schema}ticket select * from {schema}waiting")).await;
        let (same, sample) = tickets::count(loops, waiting - to).await;
        loops = same;
        loops.iter_mut().for_each(|claim| claim.before.clear());
        if window > 0 {
            samples.push(sample);
        }
    }
    for claim in loops {
        claim.db.close().await.unwrap();
    }
    db.close().await.unwrap();
    samples
}

/// One connection that claims, for each counter in turn.
struct Claim {
    db: DatabaseConnection,
    /// By counter.
    find: Vec<Statement>,
    turn: usize,
    lock: Option<Statement>,
    write: Vec<Statement>,
    key: i64,
    before: String,
}

impl Claim {
    async fn new(raw: &Raw, centre_id: &str, day: &str, lanes: &[String], client: usize) -> Self {
        let db = connect(&raw.url).await;
        let (backend, schema) = (db.get_database_backend(), raw.schema);
        let first = |lane: &str, preference: i64, name: &str| {
            format!(
                "select id, score from (select id, rank_us - {preference} as score from {schema}ticket \
                 where centre_id = '{centre_id}' and business_day = '{day}' and lane = '{lane}' and state = 1 \
                 order by rank_us, id limit 1) {name}"
            )
        };
        let find = |own: usize| {
            let (own, other) = (&lanes[own], &lanes[(own + 1) % lanes.len()]);
            let (own, other) = (first(own, PREFERENCE_US, "own"), first(other, 0, "other"));
            format!("select id from ({own} union all {other}) both_lines order by score, id limit 1")
        };
        let statement = |sql: &str| Statement::from_string(backend, sql);
        let write = match backend {
            DbBackend::Sqlite => raw.call.iter().map(|sql| statement(sql)).collect(),
            _ => vec![statement(&chained(&raw.call))],
        };
        // On SQLite nobody else writes from BEGIN IMMEDIATE on; here one row stands for the centre.
        let lock =
            (backend != DbBackend::Sqlite).then(|| statement(&format!("update {schema}turn set taken = taken + 1")));
        let find = (0..lanes.len()).map(|own| statement(&find(own))).collect();
        let key = 3_000_000_000_000_000 + i64::try_from(client).unwrap();
        Self { find, turn: client, lock, write, db, key, before: String::new() }
    }
}

impl Client for Claim {
    async fn act(&mut self) -> bool {
        self.key += 1000;
        let mode = (self.lock.is_none()).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
        let tx = self.db.begin_with_options(options).await.unwrap();
        if let Some(lock) = &self.lock {
            tx.execute_raw(lock.clone()).await.unwrap();
        }
        let ticket: String = loop {
            self.turn += 1;
            let find = self.find[self.turn % self.find.len()].clone();
            // A line may have been called to its end by the others.
            if let Some(row) = tx.query_one_raw(find).await.unwrap() {
                break row.try_get_by_index(0).unwrap();
            }
        };
        let text = format!("{:036}", self.key);
        let all: [Value; 4] = [text.into(), self.key.into(), ticket.clone().into(), self.before.clone().into()];
        for statement in &self.write {
            tx.execute_raw(crate::raw::bound(statement, &all)).await.unwrap();
        }
        tx.commit().await.unwrap();
        self.before = ticket;
        true
    }
}
