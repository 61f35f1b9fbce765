//! Routing's tables. Times are microseconds since the epoch, ids text, local days ISO dates.
use sea_orm_migration::prelude::*;

/// Every migration, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![
        Box::new(Queue),
        Box::new(Moves),
        Box::new(Blocks),
        Box::new(Appointments),
        Box::new(Turns),
        Box::new(Seats),
        Box::new(Known),
        Box::new(Wanting),
        Box::new(Identified),
        Box::new(Notices),
    ]
}

struct Queue;

impl MigrationName for Queue {
    fn name(&self) -> &'static str {
        "m0101_routing_queue"
    }
}

/// State numbers are those of `TicketState`; the partial indexes name them, and so must the queries, as literals.
const TABLES: [&str; 15] = [
    "create table centre(id text primary key, version bigint not null, toml text not null, apply_time bigint not null)",
    "create table catalogue(centre_id text primary key, version bigint not null, wanted bigint not null)",
    "create table procedure(centre_id text not null, code text not null, name text not null, department text not null, \
     field_code text not null, reception text not null, start_date text, agency_office text not null, \
     agency_hours text not null, primary key(centre_id, code))",
    "create table series(centre_id text not null, business_day text not null, letter text not null, last bigint not null, \
     primary key(centre_id, business_day, letter))",
    "create table lane(centre_id text not null, business_day text not null, lane text not null, waiting bigint not null, \
     served bigint not null, service_ms bigint not null, primary key(centre_id, business_day, lane))",
    "create table ticket(id text primary key, centre_id text not null, letter text not null, number bigint not null, \
     business_day text not null, area_id text not null, queue_id text not null, lane text not null, for_counter text, \
     state bigint not null, arrival_us bigint not null, rank_us bigint not null, counter_id text, \
     procedure_code text not null, procedure_name text not null, priority_class text not null, tag text not null, \
     head_start_minutes bigint not null, locale text not null, absences bigint not null, call_id text, call_us bigint, \
     call_reason text not null, serve_us bigint, end_us bigint, token_hash text, traceparent text, version bigint not null, \
     unique(centre_id, business_day, letter, number))",
    "create unique index ticket_token on ticket(token_hash) where token_hash is not null",
    "create index ticket_waiting on ticket(centre_id, business_day, lane, rank_us, id) where state = 1",
    "create index ticket_named on ticket(centre_id, business_day) where state = 1 and for_counter is not null",
    // A counter holds at most one live ticket: the rules say so first, this says so last.
    "create unique index ticket_live on ticket(centre_id, counter_id) where state in (2, 3)",
    "create index ticket_finished on ticket(centre_id, business_day, counter_id) where state = 4",
    "create table call(id text primary key, centre_id text not null, ticket_id text not null, counter_id text not null, \
     queue_id text not null, call_us bigint not null, reason text not null)",
    "create index call_ticket on call(ticket_id)",
    "create table audit(id text primary key, centre_id text not null, time bigint not null, actor text not null, \
     action text not null, ticket_id text not null, counter_id text not null)",
    "create index audit_time on audit(centre_id, time)",
];

#[async_trait::async_trait]
impl MigrationTrait for Queue {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in TABLES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Moves;

impl MigrationName for Moves {
    fn name(&self) -> &'static str {
        "m0102_routing_moves"
    }
}

/// Visits, holds, missed calls, what counters say of themselves, what lines learn.
const MOVES: [&str; 18] = [
    "alter table ticket add column stops text",
    "alter table ticket add column dossiers bigint not null default 1",
    "alter table ticket add column answer_us bigint",
    "alter table ticket add column hold_reason text not null default ''",
    "alter table ticket add column base_ms bigint not null default 0",
    "alter table ticket add column p50_us bigint",
    "alter table ticket add column p90_us bigint",
    "alter table ticket add column first_call_us bigint",
    "create index ticket_answer on ticket(answer_us) where state = 2 and answer_us is not null",
    "create index ticket_kept on ticket(centre_id, counter_id) where state in (7, 8)",
    "alter table lane add column issued bigint not null default 0",
    "alter table lane add column half bigint not null default 1000",
    "alter table lane add column most bigint not null default 1800",
    "update lane set issued = (select count(*) from ticket t where t.centre_id = lane.centre_id \
     and t.business_day = lane.business_day and 'q:' || t.queue_id = lane.lane)",
    "alter table audit add column move text not null default ''",
    "alter table audit add column detail text not null default ''",
    "create index audit_ticket on audit(ticket_id)",
    "create table desk(centre_id text not null, counter_id text not null, business_day text not null, \
     status bigint not null, reason text not null, idle_us bigint not null, session text not null, officer text not null, \
     languages text not null, auto_call bigint not null, undo text, primary key(centre_id, counter_id))",
];

#[async_trait::async_trait]
impl MigrationTrait for Moves {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in MOVES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Blocks;

impl MigrationName for Blocks {
    fn name(&self) -> &'static str {
        "m0103_routing_blocks"
    }
}

/// Numbers lent to kiosks.
const BLOCKS: [&str; 2] = [
    "alter table series add column floor bigint not null default 1000",
    "create table block(id text primary key, centre_id text not null, kiosk_id text not null, letter text not null, \
     business_day text not null, first bigint not null, last bigint not null, lease_time bigint not null, \
     unique(centre_id, business_day, letter, first))",
];

#[async_trait::async_trait]
impl MigrationTrait for Blocks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in BLOCKS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Appointments;

impl MigrationName for Appointments {
    fn name(&self) -> &'static str {
        "m0104_routing_appointments"
    }
}

/// Booked times.
const APPOINTMENTS: [&str; 4] = [
    "create table appointment(id text primary key, centre_id text not null, queue_id text not null, \
     procedure_code text not null, procedure_name text not null, business_day text not null, slot_us bigint not null, \
     state bigint not null, token_hash text not null, ticket_id text not null, version bigint not null)",
    "create unique index appointment_token on appointment(token_hash)",
    "create index appointment_slot on appointment(centre_id, queue_id, slot_us)",
    "create index appointment_open on appointment(slot_us) where state = 1",
];

#[async_trait::async_trait]
impl MigrationTrait for Appointments {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in APPOINTMENTS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Turns;

impl MigrationName for Turns {
    fn name(&self) -> &'static str {
        "m0105_routing_turns"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Turns {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What lines learnt of waits told otherwise than now is forgotten.
        for sql in [
            "alter table lane add column turn_ms bigint not null default 0",
            "update lane set half = 1100, most = 1500",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Seats;

impl MigrationName for Seats {
    fn name(&self) -> &'static str {
        "m0106_routing_seats"
    }
}

/// Who works a counter and what it did today; when its screen was heard last, by the machine's clock: written outside of the
/// writer, read when a counter changes hands.
const SEATS: [&str; 6] = [
    "alter table desk add column session_us bigint not null default 0",
    "alter table desk add column waits bigint not null default 0",
    "alter table desk add column served bigint not null default 0",
    "alter table desk add column served_ms bigint not null default 0",
    // A day under way goes on with what its counters did.
    "update desk set served = (select count(*) from ticket t where t.centre_id = desk.centre_id and t.state = 4 \
     and t.counter_id = desk.counter_id and t.business_day = desk.business_day), \
     served_ms = (select cast(coalesce(sum(t.end_us - coalesce(t.serve_us, t.call_us)), 0) as bigint) / 1000 from ticket t \
     where t.centre_id = desk.centre_id and t.state = 4 and t.counter_id = desk.counter_id \
     and t.business_day = desk.business_day)",
    "create table heard(centre_id text not null, counter_id text not null, session text not null, heard bigint not null, \
     primary key(centre_id, counter_id))",
];

#[async_trait::async_trait]
impl MigrationTrait for Seats {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in SEATS {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Known;

impl MigrationName for Known {
    fn name(&self) -> &'static str {
        "m0107_routing_known"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Known {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A mean of before was at least as good as twenty services.
        for sql in [
            "alter table lane add column known bigint not null default 0",
            "update lane set known = 20 where service_ms > 0",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Wanting;

impl MigrationName for Wanting {
    fn name(&self) -> &'static str {
        "m0108_routing_wanting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Wanting {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "alter table ticket add column wants text",
            "alter table lane add column wanting bigint not null default 0",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

struct Identified;

impl MigrationName for Identified {
    fn name(&self) -> &'static str {
        "m0109_routing_identified"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Identified {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = "alter table ticket add column identified bigint not null default 0";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}

struct Notices;

impl MigrationName for Notices {
    fn name(&self) -> &'static str {
        "m0110_routing_notices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Notices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Beside the tickets and not in them: who did not ask has no row, and no move is dearer for it.
        let sql = "create table asked(centre_id text not null, business_day text not null, ticket_id text not null, \
                   wanted bigint not null, told bigint not null, primary key(centre_id, business_day, ticket_id))";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
