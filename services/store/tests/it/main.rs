//! The store on SQLite and, where `tests/run` started one, on PostgreSQL.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod batches;
mod deadlines;
mod events;
mod guard;
mod plans;
mod replay;
mod rolled_back;
mod together;

use std::time::Duration;

use motcua_store::outbox::NewEvent;

/// Waits until `ready` holds; a test that waits for nothing in vain fails after 20 s.
pub async fn until<F: AsyncFnMut() -> bool>(what: &str, mut ready: F) {
    let end = tokio::time::Instant::now() + Duration::from_secs(20);
    while !ready().await {
        assert!(tokio::time::Instant::now() < end, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The `n`-th thing that was made at a centre.
pub fn made(centre: &str, n: i64) -> NewEvent {
    NewEvent {
        centre_id: centre.into(),
        kind: "thing.made".into(),
        subject: format!("things/{n}"),
        aggregate_id: "a".into(),
        aggregate_version: n,
        schema: "test.Thing",
        data: vec![],
        time: jiff::Timestamp::UNIX_EPOCH,
        traceparent: None,
    }
}
