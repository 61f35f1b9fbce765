//! The bus of a single process: hands a committed event to its consumers and waits until each has committed it.
//! It has no tables and loses nothing on kill -9, because the outbox row is marked only after that.

use std::sync::Arc;

use tokio::sync::{RwLock, watch};

use crate::{Bus, BusError, DELIVERED_MAX, Deliver, Delivered, Event, Subscription};

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
        let mut answers: Vec<Result<(), BusError>> = events.iter().map(|_| Ok(())).collect();
        for (subscription, consumer) in consumers.iter() {
            let wanted: Vec<usize> = (0..events.len()).filter(|at| subscription.wants(&events[*at])).collect();
            for part in wanted.chunks(DELIVERED_MAX) {
                let together: Vec<&Event> = part.iter().map(|at| &events[*at]).collect();
                for (at, delivered) in part.iter().zip(consumer.deliver_all(&together).await) {
                    if let Delivered::Later(_) = delivered {
                        answers[*at] = Err(BusError::Unavailable(format!("{} cannot commit", subscription.durable)));
                    }
                }
            }
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
