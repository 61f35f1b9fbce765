//! What Prometheus sees.

use std::sync::OnceLock;

use motcua_runtime::metrics;
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Gauge},
};

use crate::{
    entity::delivery::Stage,
    model::{Class, State},
};

struct All {
    settled: Counter<u64>,
    attempts: Counter<u64>,
    parts: Counter<u64>,
    open: Gauge<u64>,
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
    })
}

pub(crate) fn settled(state: State) {
    all().settled.add(1, &[KeyValue::new("state", format!("{state:?}"))]);
}

pub(crate) fn attempt(provider: &'static str, class: Class) {
    all().attempts.add(1, &[KeyValue::new("provider", provider), KeyValue::new("class", format!("{class:?}"))]);
}

pub(crate) fn parts(count: usize) {
    all().parts.add(u64::try_from(count).unwrap_or(0), &[]);
}

pub(crate) fn open(counts: &[(Stage, u64)]) {
    for (stage, count) in counts {
        all().open.record(*count, &[KeyValue::new("state", format!("{stage:?}"))]);
    }
}
