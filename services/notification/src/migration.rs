//! Tables of this service.

mod complete;
mod digest;
mod fair;
mod rate;
mod receipts;
mod tickets;

use sea_orm_migration::{MigrationName, prelude::*};

/// Every migration, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Deliveries),
        Box::new(complete::Complete),
        Box::new(fair::Fair),
        Box::new(receipts::Receipts),
        Box::new(digest::Digest),
        Box::new(tickets::Tickets),
        Box::new(rate::Rate),
    ]
}

struct Deliveries;

impl MigrationName for Deliveries {
    fn name(&self) -> &str {
        "m0001_notification_deliveries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Deliveries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "create table notification(id text primary key, event_id text not null, kind text not null, \
             centre_id text not null, dossier_id text not null, return_channel integer not null, \
             create_time bigint not null, expire_time bigint not null, unique(event_id, kind))",
            "create table delivery(id text primary key, notification_id text not null references notification(id), \
             centre_id text not null, dossier_id text not null, kind text not null, channel text not null, \
             state text not null, address_masked text not null, address_blind text not null, provider text not null, \
             provider_id text not null, attempts integer not null, failures integer not null, next_time bigint, \
             fence bigint not null, ambiguous_time bigint, last_error text not null, create_time bigint not null, \
             accept_time bigint, traceparent text not null, unique(notification_id, channel))",
            "create index delivery_due on delivery(next_time) where next_time is not null",
            "create index delivery_newest on delivery(centre_id, create_time, id)",
            "create index delivery_dossier on delivery(dossier_id)",
            "create table attempt(delivery_id text not null references delivery(id), n integer not null, \
             fence bigint not null, provider text not null, start_time bigint not null, end_time bigint, \
             class text not null, detail text not null, primary key(delivery_id, n))",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
