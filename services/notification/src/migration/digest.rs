//! Several dossiers in one message, and a person's day. Only additions.

use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Digest;

impl MigrationName for Digest {
    fn name(&self) -> &str {
        "m0005_notification_digest"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Digest {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            // Told by this other delivery.
            "alter table delivery add column merged_into text not null default ''",
            // So many others are told by this one.
            "alter table delivery add column merged integer not null default 0",
            // The day (20261123) that it counts towards; 0: none.
            "alter table delivery add column told_day integer not null default 0",
            // It waited once because the person's day was full.
            "alter table delivery add column gathered integer not null default 0",
            "create index delivery_merged on delivery(merged_into) where merged_into <> ''",
            "create index delivery_person_waits on delivery(address_blind, channel) \
             where address_blind <> '' and attempts = 0 and state in ('pending', 'held')",
            "create index delivery_person_day on delivery(address_blind, told_day) where told_day > 0",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
