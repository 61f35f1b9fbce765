//! Tables of this service.

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

/// Every migration, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Dossiers), Box::new(Courses), Box::new(Supplements)]
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

struct Courses;

impl MigrationName for Courses {
    fn name(&self) -> &str {
        "m0002_status_courses"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Courses {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        for sql in COURSES {
            manager.get_connection().execute_unprepared(&sql.replace("{bytes}", bytes)).await?;
        }
        Ok(())
    }
}

struct Supplements;

impl MigrationName for Supplements {
    fn name(&self) -> &str {
        "m0003_status_supplements"
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
