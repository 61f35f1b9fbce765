//! Channels, receipts, consent, tokens and operations beside the first deliveries. Only additions: an older program goes
//! on working on these tables.

use sea_orm::DbBackend;
use sea_orm_migration::{MigrationName, prelude::*};

pub(super) struct Complete;

impl MigrationName for Complete {
    fn name(&self) -> &str {
        "m0002_notification_complete"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Complete {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "bytea",
            _ => "blob",
        };
        let mut statements: Vec<String> = Vec::new();
        for column in [
            "recipient_id text not null default ''",
            "lane integer not null default 2",
            "locale text not null default ''",
            // Business time of the fact: the older of two facts of one dossier is not told after the newer.
            "fact_time bigint not null default 0",
            "supersedes_key text not null default ''",
            "body_hash text not null default ''",
        ] {
            statements.push(format!("alter table notification add column {column}"));
        }
        // Values of a submitted message; sealed, because nobody knows what is in them.
        statements.push(format!("alter table notification add column params {bytes}"));
        for column in [
            "step integer not null default 0",
            "lane integer not null default 2",
            // Business time at which it is looked at again: a hold, a doubt's deadline, a receipt's.
            "wake_time bigint",
            "hold_reason text not null default ''",
            "deliver_time bigint",
            "class text not null default ''",
            "template_version integer not null default 0",
            // Sent once more by a person: under a reference of its own, or the provider would drop it.
            "resends integer not null default 0",
        ] {
            statements.push(format!("alter table delivery add column {column}"));
        }
        statements.extend(
            [
                "create index notification_key on notification(supersedes_key) where supersedes_key <> ''",
                "create index delivery_wake on delivery(wake_time) where wake_time is not null",
                "create index delivery_lane on delivery(lane, next_time) where next_time is not null",
                "create index delivery_provider_id on delivery(provider_id) where provider_id <> ''",
                "create index delivery_blind on delivery(address_blind) where address_blind <> ''",
                "create index delivery_state on delivery(centre_id, state, create_time)",
                "create table template(kind text not null, channel text not null, locale text not null, \
                 version integer not null, body text not null, provider_template_id text not null, \
                 params text not null, content_hash text not null, status text not null, approved_by text not null, \
                 create_time bigint not null, primary key(kind, channel, locale, version))",
                "create index template_provider on template(provider_template_id) where provider_template_id <> ''",
                "create table consent(id text primary key, subject text not null, channel text not null, \
                 state text not null, text_version text not null, time bigint not null, evidence text not null)",
                "create index consent_subject on consent(subject, channel, time)",
                "create table suppression(subject text not null, channel text not null, reason text not null, \
                 until_time bigint, create_time bigint not null, primary key(subject, channel))",
                "create table provider_state(provider text primary key, enabled integer not null, \
                 reason text not null, changed_by text not null, open_until bigint not null, refusals integer not null, \
                 outages integer not null, \
                 down_until bigint not null, tat bigint not null, quota_until bigint not null)",
                "create table sms_budget(centre_id text not null, month text not null, parts bigint not null, \
                 primary key(centre_id, month))",
                "create table audit(id text primary key, centre_id text not null, time bigint not null, \
                 who text not null, action text not null, subject text not null, reason text not null)",
                "create index audit_subject on audit(subject, time)",
                "create table link_code(code_hash text primary key, centre_id text not null, dossier_id text not null, \
                 expire_time bigint not null, used_time bigint)",
                "create table code_miss(subject text not null, hour bigint not null, misses integer not null, \
                 primary key(subject, hour))",
                "create table call_item(id text primary key, centre_id text not null, notification_id text not null unique, \
                 dossier_id text not null, kind text not null, state text not null, attempts integer not null, \
                 outcome text not null, note text not null, create_time bigint not null, update_time bigint not null)",
                "create index call_open on call_item(centre_id, state, create_time)",
            ]
            .map(str::to_owned),
        );
        statements.extend([
            format!(
                "create table contact(recipient_id text not null, channel text not null, address {bytes} not null, \
                 address_blind text not null, source text not null, follows integer not null, \
                 verify_time bigint not null, interaction_time bigint, primary key(recipient_id, channel))"
            ),
            "create index contact_blind on contact(channel, address_blind)".into(),
            format!(
                "create table receipt(provider text not null, dedup_key text not null, provider_id text not null, \
                 reference text not null, told text not null, provider_time bigint not null, raw {bytes}, \
                 applied integer not null, receive_time bigint not null, primary key(provider, dedup_key))"
            ),
            "create index receipt_waiting on receipt(receive_time) where applied = 0".into(),
            format!(
                "create table token_grant(oa_id text primary key, access {bytes} not null, refresh {bytes} not null, \
                 access_end bigint not null, refresh_end bigint not null, version bigint not null, \
                 rotate_time bigint not null, sure text not null, tries integer not null, holder text not null, \
                 hold_until bigint not null)"
            ),
        ]);
        for sql in statements {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
