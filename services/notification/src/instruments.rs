//! What Prometheus sees.

use std::sync::OnceLock;

use motcua_runtime::metrics;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge},
};

use crate::{
    entity::delivery::Stage,
    model::{
        Channel, Class, State,
        token::{Grant, needs_a_person},
    },
};

struct All {
    settled: Counter<u64>,
    attempts: Counter<u64>,
    parts: Counter<u64>,
    open: Gauge<u64>,
    fallbacks: Counter<u64>,
    receipts: Counter<u64>,
    webhooks: Counter<u64>,
    renewals: Counter<u64>,
    quota_left: Gauge<i64>,
    token_age: Gauge<i64>,
    token_alarm: Gauge<u64>,
}

fn all() -> &'static All {
    static ALL: OnceLock<All> = OnceLock::new();
    ALL.get_or_init(|| All {
        settled: metrics::counter("motcua_delivery_moves", "Deliveries, by the state they moved to"),
        attempts: metrics::counter("motcua_delivery_attempts", "Ended attempts, by provider and class"),
        parts: metrics::counter("motcua_sms_parts", "SMS parts handed to the gateway"),
        open: metrics::meter()
            .u64_gauge("motcua_deliveries_open")
            .with_description("Deliveries that have no final state, by state")
            .build(),
        fallbacks: metrics::counter("motcua_delivery_fallbacks", "Next channels opened, by both channels"),
        receipts: metrics::counter("motcua_delivery_receipts", "Receipts, by what became of them"),
        webhooks: metrics::counter("motcua_webhooks", "Calls of providers, by what became of them"),
        renewals: metrics::counter("motcua_zalo_token_renewals", "Renewals of the Zalo token, by result"),
        quota_left: metrics::meter()
            .i64_gauge("motcua_zalo_quota_left")
            .with_description("Messages that Zalo's day has left, as its last answer says")
            .build(),
        token_age: metrics::meter()
            .i64_gauge("motcua_zalo_token_age_seconds")
            .with_description("Since the Zalo token was renewed")
            .build(),
        token_alarm: metrics::meter()
            .u64_gauge("motcua_zalo_token_needs_a_person")
            .with_description("1 when somebody must consent anew, or soon")
            .build(),
    })
}

pub(crate) fn settled(state: State) {
    all().settled.add(1, &[KeyValue::new("state", format!("{state:?}"))]);
}

pub(crate) fn attempt(provider: &'static str, class: Class) {
    all().attempts.add(1, &[KeyValue::new("provider", provider), KeyValue::new("class", class.name())]);
}

pub(crate) fn parts(count: usize) {
    all().parts.add(u64::try_from(count).unwrap_or(0), &[]);
}

pub(crate) fn open(counts: &[(Stage, u64)]) {
    for (stage, count) in counts {
        all().open.record(*count, &[KeyValue::new("state", format!("{stage:?}"))]);
    }
}

pub(crate) fn fallback(from: Channel, to: Channel) {
    all().fallbacks.add(1, &[KeyValue::new("from", from.name()), KeyValue::new("to", to.name())]);
}

pub(crate) fn receipt(result: &'static str) {
    all().receipts.add(1, &[KeyValue::new("result", result)]);
}

pub(crate) fn webhook(provider: &'static str, result: &'static str) {
    all().webhooks.add(1, &[KeyValue::new("provider", provider), KeyValue::new("result", result)]);
}

pub(crate) fn token_renewal(result: &'static str) {
    all().renewals.add(1, &[KeyValue::new("result", result)]);
}

pub(crate) fn quota_left(left: i64) {
    all().quota_left.record(left, &[]);
}

pub(crate) fn token(grant: &Grant, now: i64) {
    all().token_age.record((now - grant.rotated) / 1_000_000, &[]);
    all().token_alarm.record(u64::from(needs_a_person(grant, now)), &[]);
}
