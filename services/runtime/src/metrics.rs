//! Instruments through OpenTelemetry, shown in Prometheus' format.

use std::{sync::OnceLock, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Histogram, Meter},
};

const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// The meter of this program. Names: `motcua_<what>_<unit>`.
pub fn meter() -> Meter {
    global::meter("motcua")
}

/// A counter of events.
pub fn counter(name: &'static str, help: &'static str) -> Counter<u64> {
    meter().u64_counter(name).with_description(help).build()
}

/// A histogram of seconds.
pub fn seconds(name: &'static str, help: &'static str) -> Histogram<f64> {
    meter().f64_histogram(name).with_description(help).with_boundaries(SECONDS.to_vec()).build()
}

static RPC: OnceLock<Histogram<f64>> = OnceLock::new();
static HTTP: OnceLock<Histogram<f64>> = OnceLock::new();

pub(crate) fn rpc(path: &str, code: i32, took: Duration) {
    RPC.get_or_init(|| seconds("motcua_rpc_seconds", "Duration of gRPC calls, by method and code")).record(
        took.as_secs_f64(),
        &[KeyValue::new("method", path.to_owned()), KeyValue::new("code", i64::from(code))],
    );
}

pub(crate) fn http(method: &str, route: &str, status: u16, took: Duration) {
    HTTP.get_or_init(|| seconds("motcua_http_seconds", "Duration of HTTP requests, by route and status")).record(
        took.as_secs_f64(),
        &[
            KeyValue::new("method", method.to_owned()),
            KeyValue::new("route", route.to_owned()),
            KeyValue::new("status", i64::from(status)),
        ],
    );
}
