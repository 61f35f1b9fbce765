//! Tables of this service.

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

/// Every migration, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Dossiers)]
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
