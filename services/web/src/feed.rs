//! One watch stream of the centre, fanned out to every open page.

use std::sync::Arc;
use std::time::Duration;

use motcua_proto::routing::v1::WatchQueueRequest;
use motcua_proto::routing::v1::watch_queue_response::Event;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::upstream::Upstream;

/// Heartbeats come every few seconds: longer silence is a dead line.
const SILENCE_MAX: Duration = Duration::from_secs(30);
const BACKOFF_MIN: Duration = Duration::from_millis(200);
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// Something that pages may have to show.
#[derive(Clone, Debug)]
pub enum Change {
    /// A ticket moved.
    Moved {
        /// Which.
        ticket_id: String,
        /// Its queue after the move.
        queue_id: String,
        /// Its counter, if it has or had one.
        counter_id: String,
    },
    /// A counter opened, paused, closed or changed hands.
    Counter {
        /// Which.
        counter_id: String,
    },
    /// A call for help or a printer's alarm began, ended or was answered.
    Alarm,
    /// A device said how it is.
    Device,
    /// Moves may have been missed: look again.
    Gap,
}

/// The fan-out.
#[derive(Clone)]
pub struct Feed {
    changes: broadcast::Sender<Change>,
    up: watch::Receiver<bool>,
}

impl Feed {
    /// Follows the centre until shutdown, through every loss of the line.
    pub fn follow(upstream: Arc<Upstream>, centre_id: String, shutdown: CancellationToken) -> Self {
        let (changes, _) = broadcast::channel(1024);
        let (up, receiver) = watch::channel(false);
        let sender = changes.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = run(&upstream, &centre_id, &sender, &up) => {}
            }
        });
        Self { changes, up: receiver }
    }

    /// For what web itself changes.
    pub fn sender(&self) -> broadcast::Sender<Change> {
        self.changes.clone()
    }

    /// Changes from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Whether the stream is open.
    pub fn up(&self) -> watch::Receiver<bool> {
        self.up.clone()
    }
}

async fn run(upstream: &Upstream, centre_id: &str, changes: &broadcast::Sender<Change>, up: &watch::Sender<bool>) {
    let mut after_seq = -1;
    let mut backoff = BACKOFF_MIN;
    loop {
        let request = WatchQueueRequest { centre_id: centre_id.to_owned(), queue_id: String::new(), after_seq };
        let opened = tokio::time::timeout(SILENCE_MAX, upstream.service().routing().watch_queue(request)).await;
        match opened {
            Ok(Ok(answer)) => {
                let mut stream = answer.into_inner();
                up.send_replace(true);
                // Nobody listening is fine.
                let _ = changes.send(Change::Gap);
                while let Ok(Ok(Some(message))) = tokio::time::timeout(SILENCE_MAX, stream.message()).await {
                    backoff = BACKOFF_MIN;
                    after_seq = after_seq.max(message.seq);
                    if let Some(change) = message.event.and_then(change) {
                        let _ = changes.send(change);
                    }
                }
                tracing::warn!("the queue's feed ended; opening it again");
            }
            Ok(Err(status)) => tracing::warn!(code = ?status.code(), "the queue's feed does not open"),
            Err(_) => tracing::warn!("the queue's feed does not answer"),
        }
        up.send_replace(false);
        let _ = changes.send(Change::Gap);
        tokio::time::sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF_MAX);
    }
}

fn change(event: Event) -> Option<Change> {
    match event {
        Event::Moved(moved) => {
            let ticket = moved.ticket?;
            Some(Change::Moved { ticket_id: ticket.id, queue_id: ticket.queue_id, counter_id: ticket.counter_id })
        }
        Event::Counter(moved) => Some(Change::Counter { counter_id: moved.counter_id }),
        Event::Heartbeat(_) => None,
    }
}
