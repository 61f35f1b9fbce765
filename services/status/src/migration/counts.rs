//! Counts of dossiers by hour and day, kept by the database in the transaction of whatever changes a dossier: a year's figures
//! read them instead of a million dossiers, and nothing that writes to `dossier` can forget them.

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

/// A local hour since 1970, in Vietnam's fixed seven hours: every dossier so far is of a Vietnamese centre. Where the zone is
/// another one, figures are counted from the dossiers.
const HOUR: &str = "(accept_time + 25200000000) / 3600000000";
/// A local day since 1970.
const DAY: &str = "(finish_time + 25200000000) / 86400000000";
const ENDED: &str = "centre_id, day, department, procedure_code, punctuality";

pub(super) struct Counts;

impl MigrationName for Counts {
    fn name(&self) -> &str {
        "m0009_status_counts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Counts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let triggers = match manager.get_database_backend() {
            DbBackend::Postgres => on_postgres(),
            _ => on_sqlite(),
        };
        let tables = TABLES.map(str::to_owned);
        for sql in tables.into_iter().chain(whole()).chain(triggers) {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

const TABLES: [&str; 2] = [
    "create table accepted_hour(centre_id text not null, hour bigint not null, n bigint not null, \
     primary key(centre_id, hour))",
    "create table ended_day(centre_id text not null, day bigint not null, department text not null, \
     procedure_code text not null, punctuality integer not null, n bigint not null, \
     primary key(centre_id, day, department, procedure_code, punctuality))",
];

/// What stands in the table by now.
fn whole() -> [String; 2] {
    adding(
        "select centre_id, accept_time, finish_time, department, procedure_code, finish_punctuality, 1 as d from dossier",
    )
}

/// Adds to the counts the dossiers of a query, each `d` times. Keys in order: two transactions never wait for each other
/// crosswise. A withdrawn dossier, or one without a limit, counts as on time.
fn adding(rows: &str) -> [String; 2] {
    [
        format!(
            "insert into accepted_hour(centre_id, hour, n) select centre_id, {HOUR} as hour, sum(d) as n from ({rows}) r \
             where true group by 1, 2 having sum(d) <> 0 order by 1, 2 \
             on conflict (centre_id, hour) do update set n = accepted_hour.n + excluded.n"
        ),
        format!(
            "insert into ended_day({ENDED}, n) select centre_id, {DAY} as day, department, procedure_code, \
             coalesce(finish_punctuality, 2) as punctuality, sum(d) as n from ({rows}) r where finish_time is not null \
             group by 1, 2, 3, 4, 5 having sum(d) <> 0 order by 1, 2, 3, 4, 5 \
             on conflict ({ENDED}) do update set n = ended_day.n + excluded.n"
        ),
    ]
}

/// What a count looks at.
const KEPT: [&str; 6] =
    ["centre_id", "accept_time", "finish_time", "department", "procedure_code", "finish_punctuality"];

/// Adds one row, `old` or `new`, `d` times.
fn one(of: &str, d: i32) -> String {
    let row = KEPT.map(|name| format!("{of}.{name} as {name}"));
    let [accepted, ended] = adding(&format!("select {}, {d} as d", row.join(", ")));
    format!("{accepted}; {ended};")
}

/// An update of what is counted, and only of that: what the sweep says of a dossier costs nothing here.
fn update(differs: &str) -> (String, String) {
    let changed = KEPT.map(|name| format!("new.{name} {differs} old.{name}"));
    let head = format!(
        "create trigger dossier_counted_update after update of {} on dossier for each row when ({})",
        KEPT.join(", "),
        changed.join(" or ")
    );
    (head, format!("{} {}", one("old", -1), one("new", 1)))
}

/// One trigger a statement, over all its rows, where many come at once.
fn on_postgres() -> Vec<String> {
    let function = |act: &str, body: &str| {
        format!(
            "create function dossier_counted_{act}() returns trigger language plpgsql set search_path from current \
             as $$ begin {body} return null; end $$"
        )
    };
    let mut all = Vec::new();
    for (act, table, d) in [("insert", "new", 1), ("delete", "old", -1)] {
        let [accepted, ended] = adding(&format!("select {}, {d} as d from {table}_rows", KEPT.join(", ")));
        all.push(function(act, &format!("{accepted}; {ended};")));
        all.push(format!(
            "create trigger dossier_counted_{act} after {act} on dossier referencing {table} table as {table}_rows \
             for each statement execute function dossier_counted_{act}()"
        ));
    }
    let (head, body) = update("is distinct from");
    all.push(function("update", &body));
    all.push(format!("{head} execute function dossier_counted_update()"));
    all
}

/// One trigger a row: SQLite has no other.
fn on_sqlite() -> Vec<String> {
    let (head, body) = update("is not");
    vec![
        format!("{head} begin {body} end"),
        format!("create trigger dossier_counted_insert after insert on dossier begin {} end", one("new", 1)),
        format!("create trigger dossier_counted_delete after delete on dossier begin {} end", one("old", -1)),
    ]
}
