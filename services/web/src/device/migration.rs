use sea_orm_migration::prelude::*;

/// Devices, their codes, alarms and settings.
pub struct Devices;

impl MigrationName for Devices {
    fn name(&self) -> &'static str {
        "m0020_web_devices"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Devices {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for sql in [
            "create table device(id text primary key, centre_id text not null, name text not null, kind text not null, \
             hall_id text not null, counter_id text not null, token_hash text unique, version bigint not null, \
             create_time bigint not null, revoke_time bigint, seen_time bigint, report text not null)",
            "create index device_centre on device(centre_id, name)",
            "create table enrolment(secret_hash text primary key, code text not null unique, name text not null, \
             software text not null, expire_time bigint not null)",
            "create index enrolment_expires on enrolment(expire_time)",
            "create table alarm(id text primary key, centre_id text not null, device_id text not null references device(id), \
             kind text not null, raise_time bigint not null, acknowledge_time bigint, acknowledged_by text not null, \
             escalate_time bigint, close_time bigint, closed_by text not null, version bigint not null)",
            "create index alarm_open on alarm(centre_id, raise_time) where close_time is null",
            "create index alarm_closed on alarm(close_time) where close_time is not null",
            "create table device_setting(scope text primary key, centre_id text not null, version bigint not null, \
             body text not null, set_time bigint not null, set_by text not null)",
            "create table device_audit(id text primary key, centre_id text not null, time bigint not null, who text not null, \
             act text not null, subject text not null, detail text not null)",
            "create index device_audit_time on device_audit(centre_id, time)",
        ] {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}
