//! The raw limit: the rows that one operation leaves behind, committed durably by bare loops, one connection a client.
//! Tables, indexes and a row of each are copied from the centre that was measured.
use std::{fmt::Write as _, path::Path, time::Duration};

use motcua_tests::centre::database::Database;
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, DatabaseConnection, DbBackend, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait as _, Value,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::measure::{Client, Plan, Sample};

/// What one service writes.
struct Part {
    service: &'static str,
    tables: &'static [&'static str],
    /// Sample rows: name, table, which ones; `{live}` stands before the names of the centre's tables.
    samples: &'static [(&'static str, &'static str, &'static str)],
}

const ROUTING: Part =
    Part { service: "routing", tables: &["ticket", "call", "audit", "request", "outbox"], samples: &ROUTING_SAMPLES };
const INTAKE: Part = Part {
    service: "intake",
    tables: &["dossier", "dossier_component", "audit", "request", "outbox"],
    samples: &[
        ("dossier", "dossier", "true limit 1"),
        // All papers of one dossier.
        ("component", "dossier_component", "dossier_id = (select max(dossier_id) from {live}dossier_component)"),
        ("audit", "audit", "action = 'dossier.accept' limit 1"),
        ("request", "request", "method = 'AcceptDossier' limit 1"),
        ("outbox", "outbox", "type = 'dossier.accepted' limit 1"),
    ],
};
const ROUTING_SAMPLES: [(&str, &str, &str); 7] = [
    ("ticket", "ticket", "state = 1 limit 1"),
    ("call", "call", "true limit 1"),
    ("audit", "audit", "true limit 1"),
    ("request_issue", "request", "method = 'IssueTicket' limit 1"),
    ("request_call", "request", "method = 'CallNext' limit 1"),
    ("outbox_issued", "outbox", "type = 'ticket.issued' limit 1"),
    ("outbox_called", "outbox", "type = 'ticket.called' limit 1"),
];

/// Where the bare loops write.
pub struct Raw {
    pub url: String,
    /// Put before table names.
    pub schema: &'static str,
    issue: Vec<String>,
    /// The rows of a call: `$1` and `$2` are its key, `$3` the ticket, `$4` the one before.
    pub call: Vec<String>,
}

impl Raw {
    /// The queue's rows, in a file beside the centre's.
    pub async fn sqlite(data: &Path) -> Self {
        let (raw, db) = Self::file(data, &ROUTING).await;
        raw.of_queue(&db).await
    }

    /// The queue's rows, in a schema of their own.
    pub async fn postgres(database: &Database) -> Self {
        let (raw, db) = Self::schema(database, &ROUTING).await;
        raw.of_queue(&db).await
    }

    /// The rows of an accepted dossier, as [`Raw::sqlite`].
    pub async fn sqlite_dossier(data: &Path) -> Self {
        let (raw, db) = Self::file(data, &INTAKE).await;
        raw.of_dossier(&db).await
    }

    /// The rows of an accepted dossier, as [`Raw::postgres`].
    pub async fn postgres_dossier(database: &Database) -> Self {
        let (raw, db) = Self::schema(database, &INTAKE).await;
        raw.of_dossier(&db).await
    }

    async fn file(data: &Path, part: &Part) -> (Self, DatabaseConnection) {
        let service = part.service;
        let url = format!("sqlite://{}", data.join(format!("raw_{service}.db")).display());
        let db = connect(&url).await;
        run(&db, &format!("attach database '{}' as live", data.join(format!("{service}.db")).display())).await;
        let names: Vec<String> = part.tables.iter().map(|name| format!("'{name}'")).collect();
        let names = names.join(",");
        let made = format!("select sql from live.sqlite_master where tbl_name in ({names}) and sql is not null");
        for sql in texts(&db, &made).await {
            run(&db, &sql).await;
        }
        (Self::sampled(&db, url, "", "live.", part).await, db)
    }

    async fn schema(database: &Database, part: &Part) -> (Self, DatabaseConnection) {
        let (db, service) = (database.owner().await, part.service);
        run(&db, "create schema raw").await;
        for table in part.tables {
            run(&db, &format!("create table raw.{table} (like {service}.{table} including all)")).await;
        }
        let url = database.url(service).replace(&format!("motcua_{service}@"), "postgres@");
        (Self::sampled(&db, url, "raw.", &format!("{service}."), part).await, db)
    }

    async fn sampled(db: &DatabaseConnection, url: String, schema: &'static str, live: &str, part: &Part) -> Self {
        for (name, table, which) in part.samples {
            let which = which.replace("{live}", live);
            let sql = format!("create table {schema}sample_{name} as select * from {live}{table} where {which}");
            run(db, &sql).await;
            let rows = texts(db, &format!("select 'one' as one from {schema}sample_{name}")).await;
            assert!(!rows.is_empty(), "the centre has no row for {name}");
        }
        Self { url, schema, issue: vec![], call: vec![] }
    }

    async fn of_dossier(mut self, db: &DatabaseConnection) -> Self {
        for (sample, table, _) in INTAKE.samples {
            let insert = self.copy(db, table, sample).await;
            self.issue.push(insert);
        }
        self
    }

    async fn of_queue(self, db: &DatabaseConnection) -> Self {
        let schema = self.schema;
        let mut raw = self;
        let ticket = raw.copy(db, "ticket", "ticket").await;
        let audit = raw.copy(db, "audit", "audit").await;
        raw.issue = vec![
            ticket,
            audit.clone(),
            raw.copy(db, "request", "request_issue").await,
            raw.copy(db, "outbox", "outbox_issued").await,
        ];
        let moved = format!(
            "update {schema}ticket set state = 2, counter_id = cast($1 as text), call_id = cast($1 as text), \
             call_us = arrival_us, call_reason = lane, version = version + 1 where id = cast($3 as text)"
        );
        let finished = format!(
            "update {schema}ticket set state = 4, end_us = arrival_us, version = version + 1 where id = cast($4 as text)"
        );
        raw.call = vec![
            finished,
            moved,
            raw.copy(db, "call", "call").await,
            audit,
            raw.copy(db, "request", "request_call").await,
            raw.copy(db, "outbox", "outbox_called").await,
        ];
        raw
    }

    /// An INSERT of the sample row under keys of its own.
    async fn copy(&self, db: &DatabaseConnection, table: &str, sample: &str) -> String {
        let columns = match db.get_database_backend() {
            DbBackend::Sqlite => format!("select name from pragma_table_info('{table}') order by cid"),
            _ => format!(
                "select cast(column_name as text) as name from information_schema.columns where table_schema = 'raw' \
                 and table_name = '{table}' order by ordinal_position"
            ),
        };
        let columns = texts(db, &columns).await;
        let values: Vec<&str> = columns
            .iter()
            .map(|column| match (table, column.as_str()) {
                ("ticket" | "call" | "audit" | "outbox", "id") | ("request", "request_id") => "cast($1 as text)",
                ("ticket" | "dossier", "token_hash") | ("dossier", "id" | "code") => "cast($1 as text)",
                ("dossier_component", "dossier_id") => "cast($1 as text)",
                ("ticket", "number") | ("outbox", "seq") => "cast($2 as bigint)",
                (_, same) => same,
            })
            .collect();
        let schema = self.schema;
        format!(
            "insert into {schema}{table}({}) select {} from {schema}sample_{sample}",
            columns.join(","),
            values.join(",")
        )
    }

    /// Rates of the rows of IssueTicket and then, over the tickets those left waiting, of CallNext.
    pub async fn measure(&self, clients: usize, plan: &Plan) -> (Vec<Sample>, Vec<Sample>) {
        let (mut loops, issued) = self.begin(clients, plan).await;
        for each in &mut loops {
            each.calling = true;
        }
        // A client ends early when it has called all that it issued.
        let short = Plan { warm_up: Duration::from_millis(200), window: plan.window / 3, ..*plan };
        let (loops, called) = short.measure(loops).await;
        for each in loops {
            each.db.close().await.unwrap();
        }
        (issued, called)
    }

    /// Rate of the first rows alone.
    pub async fn rows(&self, clients: usize, plan: &Plan) -> Vec<Sample> {
        let (loops, samples) = self.begin(clients, plan).await;
        for each in loops {
            each.db.close().await.unwrap();
        }
        samples
    }

    async fn begin(&self, clients: usize, plan: &Plan) -> (Vec<Loop>, Vec<Sample>) {
        let mut loops = Vec::with_capacity(clients);
        for number in 0..clients {
            // Keys of their own, also beside those of another number of clients.
            let first = i64::try_from(clients).unwrap() * 10_000_000_000 + i64::try_from(number).unwrap();
            loops.push(Loop::new(self, first).await);
        }
        plan.measure(loops).await
    }
}

/// One connection and what it commits.
struct Loop {
    db: DatabaseConnection,
    issue: Vec<Statement>,
    call: Vec<Statement>,
    first: i64,
    issued: i64,
    called: i64,
    calling: bool,
}

impl Loop {
    async fn new(raw: &Raw, first: i64) -> Self {
        let db = connect(&raw.url).await;
        let backend = db.get_database_backend();
        let statements = |all: &[String]| -> Vec<Statement> {
            match backend {
                DbBackend::Sqlite => all.iter().map(|sql| Statement::from_string(backend, sql)).collect(),
                _ if all.is_empty() => vec![],
                // One round trip; a transaction of its own.
                _ => vec![Statement::from_string(backend, chained(all))],
            }
        };
        Self {
            issue: statements(&raw.issue),
            call: statements(&raw.call),
            db,
            first,
            issued: 0,
            called: 0,
            calling: false,
        }
    }

    /// Keys in the order of time, over all clients.
    fn key(&self, count: i64) -> i64 {
        self.first + count * 1000
    }
}

impl Client for Loop {
    async fn act(&mut self) -> bool {
        let (statements, key) = if self.calling {
            if self.called == self.issued {
                return false;
            }
            self.called += 1;
            (&self.call, 1_000_000_000_000_000 + self.key(self.called))
        } else {
            self.issued += 1;
            (&self.issue, self.key(self.issued))
        };
        let text = |key: i64| format!("{key:036}");
        let all: [Value; 4] =
            [text(key).into(), key.into(), text(self.key(self.called)).into(), text(self.key(self.called - 1)).into()];
        if self.db.get_database_backend() == DbBackend::Sqlite {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            let tx = self.db.begin_with_options(options).await.unwrap();
            for statement in statements {
                tx.execute_raw(bound(statement, &all)).await.unwrap();
            }
            tx.commit().await.unwrap();
        } else {
            for statement in statements {
                self.db.execute_raw(bound(statement, &all)).await.unwrap();
            }
        }
        true
    }
}

/// A statement with the parameters that it names, `$1` to `$4`.
pub fn bound(statement: &Statement, all: &[Value; 4]) -> Statement {
    let mut statement = statement.clone();
    let used = (1..=4).filter(|n| statement.sql.contains(&format!("${n}"))).max().unwrap_or(0);
    statement.values = Some(sea_orm::Values(all[..used].to_vec()));
    statement
}

/// PostgreSQL runs several statements as one through WITH.
pub fn chained(all: &[String]) -> String {
    let (last, before) = all.split_last().unwrap();
    let mut sql = String::new();
    for (at, each) in before.iter().enumerate() {
        let comma = if at == 0 { "with" } else { "," };
        write!(sql, "{comma} s{at} as ({each}) ").unwrap();
    }
    sql + last
}

pub async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).min_connections(1).sqlx_logging(false).test_before_acquire(false).map_sqlx_sqlite_opts(
        |options| {
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(60))
                .create_if_missing(true)
        },
    );
    sea_orm::Database::connect(options).await.unwrap_or_else(|e| panic!("{url}: {e}"))
}

pub async fn run(db: &DatabaseConnection, sql: &str) {
    db.execute_unprepared(sql).await.unwrap_or_else(|e| panic!("{sql}: {e}"));
}

/// The first column of every row.
pub async fn texts(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await;
    rows.unwrap_or_else(|e| panic!("{sql}: {e}")).iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}
