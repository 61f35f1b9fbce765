//! The tables of intake, as numbered steps that only ever grow.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

/// Every step, oldest first.
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(First),
        Box::new(Calendars),
        Box::new(Reception),
        Box::new(ReceiptTries),
        Box::new(Drafts),
        Box::new(Steps),
        Box::new(Waiting),
    ]
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &str {
        "m0002_intake"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &FIRST).await
    }
}

async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let bytes = if manager.get_database_backend() == DbBackend::Postgres { "bytea" } else { "blob" };
    for sql in statements {
        manager.get_connection().execute_unprepared(&sql.replace("{bytes}", bytes)).await?;
    }
    Ok(())
}

struct Calendars;

impl MigrationName for Calendars {
    fn name(&self) -> &str {
        "m0003_intake_calendars"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Calendars {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Every version is kept: an earlier dossier's date is explained by the calendar of its day.
        let sql = "create table calendar(centre_id text not null, version bigint not null, data text not null, \
                   file_name text not null, import_time bigint not null, import_by text not null, \
                   primary key(centre_id, version))";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }
}

struct Reception;

impl MigrationName for Reception {
    fn name(&self) -> &str {
        "m0004_intake_reception"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Reception {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &RECEPTION).await
    }
}

struct ReceiptTries;

impl MigrationName for ReceiptTries {
    fn name(&self) -> &str {
        "m0005_intake_receipt_tries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ReceiptTries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "create table receipt_try(dossier_id text primary key references dossier(id), wrong bigint not null, \
                   rests bigint not null, rest_until bigint)";
        run(manager, &[sql]).await
    }
}

struct Drafts;

impl MigrationName for Drafts {
    fn name(&self) -> &str {
        "m0006_intake_drafts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Drafts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &DRAFTS).await
    }
}

struct Steps;

impl MigrationName for Steps {
    fn name(&self) -> &str {
        "m0007_intake_steps"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Steps {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &["alter table procedure add column steps text not null default '[]'"]).await
    }
}

struct Waiting;

impl MigrationName for Waiting {
    fn name(&self) -> &str {
        "m0008_intake_waiting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Waiting {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, &WAITING).await
    }
}

/// Versions that wait for their day: the edits of the draft as it was when they were published to wait.
const WAITING: [&str; 2] = [
    "create table catalogue_waiting(centre_id text not null, from_date text not null, note text not null, \
     plan_time bigint not null, plan_by text not null, plan_role text not null, primary key(centre_id, from_date))",
    "create table catalogue_waiting_edit(centre_id text not null, from_date text not null, code text not null, \
     content text, base_hash text not null, edit_time bigint not null, edit_by text not null, \
     primary key(centre_id, from_date, code))",
];

/// What a procedure's handling is, why a version was published, and the one draft of each centre: what its rows do not
/// name is as it is published.
const DRAFTS: [&str; 4] = [
    "alter table procedure add column handling text not null default '{}'",
    "alter table catalogue add column note text not null default ''",
    "create index procedure_begun on procedure(centre_id, valid_from)",
    "create table catalogue_draft(centre_id text not null, code text not null, content text, base_hash text not null, \
     edit_time bigint not null, edit_by text not null, primary key(centre_id, code))",
];

/// Cases, fees, who acts for an owner, scans, and receptions without a dossier.
const RECEPTION: [&str; 17] = [
    "alter table procedure add column cases text not null default '[]'",
    "alter table procedure add column fees text not null default '[]'",
    "alter table dossier add column case_name text not null default ''",
    "alter table dossier add column owner_kind bigint not null default 1",
    "alter table dossier add column consent bigint",
    "alter table dossier add column not_applicable text not null default '[]'",
    "alter table dossier add column tax_code {bytes}",
    "alter table dossier add column submitter {bytes}",
    "alter table dossier add column return_address {bytes}",
    "create index dossier_accepted on dossier(centre_id, accept_time)",
    "alter table dossier_component add column certified_copies bigint not null default 0",
    "create table dossier_fee(dossier_id text not null references dossier(id), ordinal bigint not null, \
     name text not null, amount_vnd bigint not null, moment text not null, receipt_number text not null, \
     primary key(dossier_id, ordinal))",
    "create table dossier_file(id text primary key, centre_id text not null, dossier_id text references dossier(id), \
     name text not null, media_type text not null, size_bytes bigint not null, sha256 text not null, \
     ordinal bigint not null, digitised boolean not null, reused boolean not null, upload_by text not null, \
     upload_time bigint not null)",
    "create index dossier_file_taken on dossier_file(dossier_id) where dossier_id is not null",
    "create index dossier_file_left on dossier_file(upload_time) where dossier_id is null",
    "create table reception(id text primary key, centre_id text not null, outcome text not null, number bigint, \
     day text not null, time bigint not null, procedure_code text not null, case_code text not null, \
     procedure_name text not null, department text not null, catalogue_version bigint not null, \
     rule_set text not null, counter_id text not null, ticket_id text not null, officer text not null, \
     content {bytes} not null)",
    "create index reception_day on reception(centre_id, day)",
];

/// A procedure's row is in force for the versions `valid_from ..< valid_to`: a new version writes only what changed,
/// and every earlier one can still be read.
const FIRST: [&str; 12] = [
    "create table centre(centre_id text primary key, name text not null default '', agency_code text not null default '', \
     province text not null default '', address text not null default '', hotline text not null default '', \
     synced_version bigint not null default -1, wanted_version bigint not null default 0)",
    "create table catalogue(centre_id text not null, version bigint not null, hash text not null, \
     received bigint not null, planned bigint not null, at_agency bigint not null, sample boolean not null, \
     file_name text not null, import_time bigint not null, import_by text not null, primary key(centre_id, version))",
    "create table procedure(centre_id text not null, code text not null, valid_from bigint not null, \
     valid_to bigint not null, hash text not null, name text not null, department text not null, \
     department_2025 text not null, field_code text not null, field text not null, level text not null, \
     reception text not null, start_date text, agency_office text not null, agency_hours text not null, \
     limit_quantity bigint, limit_unit text, fee_mode text not null, fee_vnd bigint, full_online boolean not null, \
     components text not null, sample boolean not null, primary key(centre_id, code, valid_from))",
    "create index procedure_valid on procedure(centre_id, valid_to)",
    "create table department(centre_id text not null, name text not null, code bigint not null, \
     primary key(centre_id, name), unique(centre_id, code))",
    "create table dossier_counter(centre_id text not null, agency text not null, day text not null, \
     last bigint not null, primary key(centre_id, agency, day))",
    "create table dossier(id text primary key, centre_id text not null, code text not null, procedure_code text not null, \
     case_code text not null, procedure_name text not null, department text not null, catalogue_version bigint not null, \
     calendar_version bigint not null, rule_set text not null, counter_id text not null, ticket_id text not null, \
     accept_time bigint not null, due_time bigint, due_explanation text not null, limit_text text not null, \
     fee_text text not null, return_channel bigint not null, officer text not null, token_key_version bigint not null, \
     token_hash text not null unique, full_name {bytes} not null, id_number {bytes}, phone {bytes}, email {bytes}, \
     address {bytes}, id_number_index text, phone_index text, unique(centre_id, code))",
    "create index dossier_id_number on dossier(centre_id, id_number_index) where id_number_index is not null",
    "create index dossier_phone on dossier(centre_id, phone_index) where phone_index is not null",
    "create table dossier_component(dossier_id text not null references dossier(id), ordinal bigint not null, \
     name text not null, originals bigint not null, copies bigint not null, primary key(dossier_id, ordinal))",
    "create table audit(id text primary key, centre_id text not null, time bigint not null, subject text not null, \
     role text not null, action text not null, target text not null)",
    "create index audit_target on audit(centre_id, target)",
];
