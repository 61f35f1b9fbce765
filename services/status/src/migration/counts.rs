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
        "m0008_status_counts"
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

/// One trigger a statement, over all its rows.
fn on_postgres() -> Vec<String> {
    let columns = "centre_id, accept_time, finish_time, department, procedure_code, finish_punctuality";
    let (new, old) =
        (format!("select {columns}, 1 as d from new_rows"), format!("select {columns}, -1 as d from old_rows"));
    let (news, olds) = ("new table as new_rows", "old table as old_rows");
    let acts = [
        ("insert", new.clone(), news.to_owned()),
        ("update", format!("{new} union all {old}"), format!("{news} {olds}")),
        ("delete", old, olds.to_owned()),
    ];
    let trigger = |(act, rows, tables): (&str, String, String)| {
        let [accepted, ended] = adding(&rows);
        [
            format!(
                "create function dossier_counted_{act}() returns trigger language plpgsql set search_path from current \
                 as $$ begin {accepted}; {ended}; return null; end $$"
            ),
            format!(
                "create trigger dossier_counted_{act} after {act} on dossier referencing {tables} \
                 for each statement execute function dossier_counted_{act}()"
            ),
        ]
    };
    acts.into_iter().flat_map(trigger).collect()
}

/// One trigger a row: SQLite has no other.
fn on_sqlite() -> Vec<String> {
    let one = |of: &str, d: i32| {
        let row = ["centre_id", "accept_time", "finish_time", "department", "procedure_code", "finish_punctuality"];
        let row: Vec<String> = row.iter().map(|name| format!("{of}.{name} as {name}")).collect();
        let [accepted, ended] = adding(&format!("select {}, {d} as d", row.join(", ")));
        format!("{accepted}; {ended};")
    };
    let kept = "centre_id, accept_time, finish_time, department, procedure_code, finish_punctuality";
    let changed: Vec<String> = kept.split(", ").map(|name| format!("new.{name} is not old.{name}")).collect();
    vec![
        format!("create trigger dossier_counted_insert after insert on dossier begin {} end", one("new", 1)),
        format!(
            "create trigger dossier_counted_update after update of {kept} on dossier when {} begin {} {} end",
            changed.join(" or "),
            one("old", -1),
            one("new", 1)
        ),
        format!("create trigger dossier_counted_delete after delete on dossier begin {} end", one("old", -1)),
    ]
}
