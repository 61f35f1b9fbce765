//! States asked of a provider, weights, and a claim that goes round the centres. Only additions.

use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Fair;

impl MigrationName for Fair {
    fn name(&self) -> &str {
        "m0003_notification_fair"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Fair {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            // Business time at which the provider is asked what became of a message without a receipt.
            "alter table delivery add column poll_time bigint",
            "create index delivery_poll on delivery(poll_time) where poll_time is not null",
            "create index delivery_round on delivery(lane, centre_id, next_time) where next_time is not null",
            // Of a hundred messages that another channel could take as well, so many go by this provider.
            "alter table provider_state add column weight integer not null default 100",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
