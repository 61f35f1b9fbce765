//! How committed events reach their consumers.
//!
//! Invariant: [`Bus::publish`] answers only when an event is durable: JetStream has acknowledged it, or, embedded,
//! every subscribed consumer has committed it (its effect, or a RETRY row) in its own database. The outbox of the
//! producing service stays the truth either way.

pub mod embedded;
pub mod jetstream;
pub mod subject;
pub mod trace;

use std::{sync::Arc, time::Duration};

pub use motcua_proto::common::v1::Event;

/// Why an event could not be handed on. Always worth another try: the outbox keeps it.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The bus, or a consumer's database behind it, does not answer.
    #[error("bus unavailable: {0}")]
    Unavailable(String),
    /// The bus answers and refuses: a setting is wrong.
    #[error("bus refused: {0}")]
    Refused(String),
}

/// A consumer's answer to one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// Committed (or known already, or not for us): never deliver it again.
    Done,
    /// The consumer's database is down: deliver it again after this delay.
    Later(Duration),
}

/// Who takes events in.
#[async_trait::async_trait]
pub trait Deliver: Send + Sync {
    /// Commits one event.
    async fn deliver(&self, event: &Event) -> Delivered;

    /// Commits events that wait together, in order; one answer an event, in the same order.
    async fn deliver_all(&self, events: &[&Event]) -> Vec<Delivered> {
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            answers.push(self.deliver(event).await);
        }
        answers
    }
}

/// Events that are delivered together at most.
pub const DELIVERED_MAX: usize = 64;

/// What a consumer wants.
#[derive(Clone, Debug)]
pub struct Subscription {
    /// Name of the durable consumer, unique in the installation: "status-dossiers".
    pub durable: String,
    /// The producing service.
    pub source: String,
    /// Event types, `<noun>.<verb>`.
    pub types: Vec<String>,
}

impl Subscription {
    fn wants(&self, event: &Event) -> bool {
        self.source == event.source && self.types.contains(&event.r#type)
    }
}

/// The carrier: embedded or NATS JetStream.
#[async_trait::async_trait]
pub trait Bus: Send + Sync {
    /// Hands events on in order; one answer an event, in the same order.
    async fn publish(&self, events: &[Event]) -> Vec<Result<(), BusError>>;
    /// Starts delivery to a consumer for as long as the bus lives.
    async fn subscribe(&self, subscription: Subscription, consumer: Arc<dyn Deliver>) -> Result<(), BusError>;
    /// Whether the bus answers now.
    async fn ready(&self) -> bool;
}
