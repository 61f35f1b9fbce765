//! Numbers left for one ticket. Only an addition.

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Tickets;

impl MigrationName for Tickets {
    fn name(&self) -> &str {
        "m0006_notification_tickets"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Tickets {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        for sql in [
            // `fact`: the event that is to be told now; `seq`: the centre's number of the last one heard.
            format!(
                "create table ticket_contact(ticket_id text primary key, centre_id text not null, address {bytes}, \
                 locale text not null, text_version text not null, expire_time bigint not null, seq bigint not null, \
                 fact text not null)"
            ),
            "create index ticket_contact_end on ticket_contact(expire_time)".into(),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
