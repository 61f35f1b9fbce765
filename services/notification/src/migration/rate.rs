//! How fast a provider lets itself be asked. Only an addition.

use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Rate;

impl MigrationName for Rate {
    fn name(&self) -> &str {
        "m0007_notification_rate"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Rate {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            // Hundredths of the configured rate, as of this time of the machine: it comes back by time alone.
            "alter table provider_state add column rate integer not null default 100",
            "alter table provider_state add column rate_time bigint not null default 0",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
