//! A delivery's receipts are found by the provider's id or by our reference.

use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Receipts;

impl MigrationName for Receipts {
    fn name(&self) -> &str {
        "m0004_notification_receipts_of"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Receipts {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "create index receipt_provider_id on receipt(provider_id) where provider_id <> ''",
            "create index receipt_reference on receipt(reference) where reference <> ''",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
