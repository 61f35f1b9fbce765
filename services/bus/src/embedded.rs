//! The bus of a single process: hands a committed event to its consumers and waits until each has committed it.
//! It has no tables and loses nothing on kill -9, because the outbox row is marked only after that.

use std::sync::Arc;

use tokio::sync::{RwLock, watch};

use crate::{Bus, BusError, Deliver, Delivered, Event, Subscription};

/// See the module.
pub struct EmbeddedBus {
    consumers: RwLock<Vec<(Subscription, Arc<dyn Deliver>)>>,
    open: watch::Sender<bool>,
}

impl Default for EmbeddedBus {
    fn default() -> Self {
        Self { consumers: RwLock::default(), open: watch::Sender::new(false) }
    }
}

impl EmbeddedBus {
    /// Lets events flow: called once every service has subscribed, so that none is acknowledged unseen.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

#[async_trait::async_trait]
impl Bus for EmbeddedBus {
    async fn publish(&self, events: &[Event]) -> Vec<Result<(), BusError>> {
        if self.open.subscribe().wait_for(|open| *open).await.is_err() {
            return events.iter().map(|_| Err(BusError::Unavailable("closing".into()))).collect();
        }
        let consumers = self.consumers.read().await;
        let mut answers = Vec::with_capacity(events.len());
        for event in events {
            let mut answer = Ok(());
            for (subscription, consumer) in consumers.iter().filter(|(s, _)| s.wants(event)) {
                if let Delivered::Later(_) = consumer.deliver(event).await {
                    answer = Err(BusError::Unavailable(format!("{} cannot commit", subscription.durable)));
                }
            }
            answers.push(answer);
        }
        answers
    }

    async fn subscribe(&self, subscription: Subscription, consumer: Arc<dyn Deliver>) -> Result<(), BusError> {
        self.consumers.write().await.push((subscription, consumer));
        Ok(())
    }

    async fn ready(&self) -> bool {
        *self.open.borrow()
    }
}
