//! Tables of this service.

mod counts;
#[cfg(test)]
mod tests;

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

/// Every migration, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Dossiers),
        Box::new(Courses),
        Box::new(Reports),
        Box::new(Statistics),
        Box::new(Ratings),
        Box::new(Supplements),
        Box::new(Plans),
        Box::new(Coming),
        Box::new(counts::Counts),
        Box::new(NextUnits),
        Box::new(LegAlerts),
    ]
}

struct Dossiers;

impl MigrationName for Dossiers {
    fn name(&self) -> &str {
        "m0001_status_dossiers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Dossiers {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Codes are found by their head or tail as ranges of bytes, whatever order the database's language has.
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "collate \"C\"",
            _ => "collate binary",
        };
        let table = format!(
            "create table dossier(id text primary key, centre_id text not null, code text {bytes} not null, \
             code_reversed text {bytes} not null, \
             token_hash text not null unique, procedure_code text not null, procedure_name text not null, \
             department text not null, state integer not null, holder text not null, accept_time bigint not null, \
             due_time bigint, complete_time bigint, return_time bigint, return_channel integer not null, \
             counter_id text not null, rule_set text not null, version bigint not null, source_version bigint not null, \
             traceparent text not null)"
        );
        for sql in [
            table.as_str(),
            "create index dossier_newest on dossier(centre_id, accept_time, id)",
            "create index dossier_state on dossier(centre_id, state, accept_time, id)",
            // The dossiers whose clock runs: few, whatever the archive holds.
            "create index dossier_due on dossier(centre_id, due_time) where state in (2, 4)",
            "create unique index dossier_code on dossier(code)",
            "create index dossier_code_head on dossier(centre_id, code)",
            "create index dossier_code_tail on dossier(centre_id, code_reversed)",
            "create table step(dossier_id text not null references dossier(id), ordinal bigint not null, \
             time bigint not null, label text not null, who text not null, made text not null, \
             primary key(dossier_id, ordinal))",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// The column type of sealed values.
fn bytes(manager: &SchemaManager<'_>) -> &'static str {
    match manager.get_database_backend() {
        DbBackend::Postgres => "bytea",
        _ => "blob",
    }
}

struct Courses;

impl MigrationName for Courses {
    fn name(&self) -> &str {
        "m0002_status_courses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Courses {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = bytes(manager);
        for sql in COURSES {
            manager.get_connection().execute_unprepared(&sql.replace("{bytes}", bytes)).await?;
        }
        Ok(())
    }
}

struct Supplements;

impl MigrationName for Supplements {
    fn name(&self) -> &str {
        "m0006_status_supplements"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Supplements {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "alter table dossier add column supplements_free integer";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

struct Coming;

impl MigrationName for Coming {
    fn name(&self) -> &str {
        "m0007_status_coming"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Coming {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let here = manager.get_database_backend();
        let all = COMING
            .iter()
            .map(|sql| (None, *sql))
            .chain(ON_POSTGRESQL.iter().map(|sql| (Some(DbBackend::Postgres), *sql)));
        for (_, sql) in all.filter(|(only, _)| only.is_none_or(|only| only == here)) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// When the sweep looks at a dossier again, in a table of its own. No reference to the dossier: a row is only ever written in
/// the transaction that holds it. The column and its index stay, empty, for replicas of the release before: what they write
/// is taken over by the sweep.
const COMING: &[&str] = &[
    "create table coming(dossier_id text primary key, time bigint not null)",
    "insert into coming select id, next_step_time from dossier where next_step_time is not null",
    "create index coming_time on coming(time)",
    "update dossier set next_step_time = null where next_step_time is not null",
];

/// Room in each page, so that what the sweep says of a dossier stays in its page and touches none of the fourteen indexes
/// (500 dossiers: 6,488 records of the log and 20,136 pages looked at, against some 1,500 of each); and a notice is
/// written in the transaction that holds its dossier, which nobody deletes: looking each of them up cost a third of a sweep.
const ON_POSTGRESQL: &[&str] =
    &["alter table dossier set (fillfactor = 85)", "alter table notice drop constraint notice_dossier_id_fkey"];

/// Legs, pauses, requests for papers, apologies, collectors and notices; and what the rules need of a dossier beside its state.
const COURSES: &[&str] = &[
    "alter table dossier add column sub_state integer not null default 0",
    "alter table dossier add column holder_person text not null default ''",
    "alter table dossier add column promised_time bigint",
    "alter table dossier add column count_from bigint not null default 0",
    "alter table dossier add column count_to bigint",
    "alter table dossier add column paused_since bigint",
    "alter table dossier add column alert integer not null default 0",
    "alter table dossier add column next_step_time bigint",
    "alter table dossier add column extended boolean not null default false",
    "alter table dossier add column finish_time bigint",
    "alter table dossier add column finish_punctuality integer",
    "alter table dossier add column field_code text not null default ''",
    "alter table dossier add column field text not null default ''",
    "alter table dossier add column limit_quantity integer not null default 0",
    "alter table dossier add column limit_unit text not null default ''",
    "alter table dossier add column hour_mode boolean not null default false",
    "alter table dossier add column reception_channel integer not null default 1",
    "alter table step add column note text not null default ''",
    // Days by Vietnam's fixed seven hours: every dossier so far is of a Vietnamese centre.
    "update dossier set promised_time = due_time, count_from = accept_time, count_to = due_time, \
     next_step_time = case when state in (2, 4) and due_time is not null or state = 9 then accept_time end, \
     finish_time = case when state in (9, 10) then complete_time end, \
     finish_punctuality = case when state not in (9, 10) then null when due_time is null then 2 \
     when complete_time > due_time then 3 \
     when (complete_time + 25200000000) / 86400000000 < (due_time + 25200000000) / 86400000000 then 1 else 2 end",
    // The sweep reads what has come due and nothing else, however many dossiers are open.
    "create index dossier_next_step on dossier(next_step_time) where next_step_time is not null",
    // Whatever is open: few beside the archive.
    "create index dossier_open on dossier(centre_id, holder, holder_person) where state in (2, 4, 5, 6, 8)",
    "create table leg(dossier_id text not null references dossier(id), ordinal bigint not null, from_unit text not null, \
     to_unit text not null, given_time bigint not null, given_by text not null, received_time bigint, \
     received_by text not null, due_time bigint, ended_time bigint, punctuality integer, note text not null, \
     primary key(dossier_id, ordinal))",
    "create table pause(dossier_id text not null references dossier(id), ordinal bigint not null, \
     from_time bigint not null, to_time bigint, state integer not null, reason text not null, \
     primary key(dossier_id, ordinal))",
    "create table supplement(dossier_id text not null references dossier(id), ordinal bigint not null, \
     ask_time bigint not null, asked_by text not null, papers text not null, reason text not null, \
     legal_basis text not null, approver text not null, receive_time bigint, received_by text not null, \
     primary key(dossier_id, ordinal))",
    "create table extension(dossier_id text primary key references dossier(id), time bigint not null, \
     old_due_time bigint not null, new_due_time bigint not null, reason text not null, signer text not null, \
     made_by text not null)",
    "create table collector(dossier_id text primary key references dossier(id), time bigint not null, \
     particulars {bytes} not null)",
    "create table notice(id text primary key, centre_id text not null, kind integer not null, time bigint not null, \
     dossier_id text not null references dossier(id), code text not null, department text not null, \
     person text not null, due_time bigint)",
    "create index notice_newest on notice(centre_id, id)",
    "create table calendar(centre_id text primary key, version bigint not null, data text not null)",
];

struct Reports;

impl MigrationName for Reports {
    fn name(&self) -> &str {
        "m0003_status_reports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reports {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Read by its key only, and a year of a province is a million rows: SQLite keeps them without a second tree.
        let compact = match manager.get_database_backend() {
            DbBackend::Postgres => "",
            _ => "without rowid",
        };
        for sql in REPORTS {
            manager.get_connection().execute_unprepared(&sql.replace("{compact}", compact)).await?;
        }
        Ok(())
    }
}

/// What the clock said before, so that a past period is judged as it was; and reports that were closed.
const REPORTS: &[&str] = &[
    "alter table dossier add column clock_since bigint not null default 0",
    "create table clock(dossier_id text not null references dossier(id), until_time bigint not null, due_time bigint, \
     paused_since bigint, primary key(dossier_id, until_time))",
    "create index clock_until on clock(until_time)",
    // Of dossiers that moved before this step: what an apology put off is known, a pause's own due time only in the end.
    "insert into clock select dossier_id, time, old_due_time, null from extension",
    "insert into clock select p.dossier_id, p.from_time, case when e.time > p.from_time then e.old_due_time \
     else d.due_time end, null from pause p join dossier d on d.id = p.dossier_id \
     left join extension e on e.dossier_id = p.dossier_id where true on conflict do nothing",
    "insert into clock select p.dossier_id, p.to_time, case when e.time > p.to_time then e.old_due_time \
     else d.due_time end, p.from_time from pause p join dossier d on d.id = p.dossier_id \
     left join extension e on e.dossier_id = p.dossier_id where p.to_time is not null on conflict do nothing",
    "update dossier set clock_since = coalesce((select max(until_time) from clock where dossier_id = dossier.id), accept_time)",
    // Everything that the report's figures look at: it reads no dossier.
    "create index dossier_report on dossier(centre_id, field_code, field, accept_time, finish_time, finish_punctuality, \
     reception_channel, due_time, paused_since, clock_since)",
    "create table report(id bigint primary key, centre_id text not null, first_day text not null, last_day text not null, \
     close_time bigint not null, closed_by text not null, figures text not null, dossiers bigint not null, \
     unique(centre_id, first_day, last_day))",
    "create table report_dossier(report_id bigint not null, accept_time bigint not null, dossier_id text not null, \
     field_code text not null, field text not null, came integer not null, became integer not null, due_time bigint, \
     primary key(report_id, accept_time, dossier_id)) {compact}",
    "create table audit(id text primary key, centre_id text not null, time bigint not null, subject text not null, \
     role text not null, action text not null, target text not null)",
    "create index audit_target on audit(centre_id, target)",
];

struct Statistics;

impl MigrationName for Statistics {
    fn name(&self) -> &str {
        "m0004_status_statistics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Statistics {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in STATISTICS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

const STATISTICS: &[&str] = &[
    // All that figures over days read, so that no dossier's row is looked up; and the list behind a figure.
    "create index dossier_finished on dossier(centre_id, finish_time, department, procedure_code, finish_punctuality) \
     where finish_time is not null",
    "create index dossier_ended on dossier(centre_id, department, procedure_code, finish_punctuality, finish_time) \
     where finish_time is not null",
    "create index dossier_procedure on dossier(centre_id, procedure_code, accept_time, id)",
    "create index supplement_asked on supplement(ask_time, dossier_id)",
];

struct Ratings;

impl MigrationName for Ratings {
    fn name(&self) -> &str {
        "m0005_status_ratings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Ratings {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = bytes(manager);
        for sql in RATINGS {
            manager.get_connection().execute_unprepared(&sql.replace("{bytes}", bytes)).await?;
        }
        Ok(())
    }
}

/// `time` is that of the first giving: the day that a rating counts for.
const RATINGS: &[&str] = &[
    "create table rating(dossier_id text primary key references dossier(id), centre_id text not null, \
     department text not null, score integer not null, comment {bytes}, time bigint not null, \
     change_time bigint not null, changes integer not null)",
    "create index rating_time on rating(centre_id, time, department, score)",
];

struct Plans;

impl MigrationName for Plans {
    fn name(&self) -> &str {
        "m0008_status_plans"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Plans {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "alter table dossier add column plan text not null default ''",
            "alter table dossier add column leg_due_time bigint",
            // Of one that was paused in its unit's hands the moves will say; until then it is due with the dossier.
            "update dossier set leg_due_time = (select due_time from leg where leg.dossier_id = dossier.id \
             and leg.ended_time is null order by ordinal desc limit 1) where state in (2, 4) \
             and not exists (select 1 from pause where pause.dossier_id = dossier.id)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// No plan was told of before this step but on the day of the last one: their next move fills it in.
struct NextUnits;

impl MigrationName for NextUnits {
    fn name(&self) -> &str {
        "m0010_status_next_units"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for NextUnits {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "alter table dossier add column next_unit text not null default ''";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

struct LegAlerts;

impl MigrationName for LegAlerts {
    fn name(&self) -> &str {
        "m0011_status_leg_alerts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for LegAlerts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "alter table dossier add column leg_alert integer not null default 0",
            // The working day before is at most two weeks before. The sweep counts it: it looks too early once.
            "insert into coming(dossier_id, time) select id, leg_due_time - 1209600000000 from dossier \
             where state = 4 and leg_due_time is not null \
             on conflict (dossier_id) do update set time = excluded.time where excluded.time < coming.time",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
