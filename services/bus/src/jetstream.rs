//! NATS JetStream: file storage, one stream a producing service, durable pull consumers.

use std::{sync::Arc, time::Duration};

use async_nats::{
    HeaderMap,
    connection::State,
    jetstream::{
        self, AckKind, Message,
        consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
        stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
    },
};
use futures::StreamExt as _;
use prost::Message as _;
use tokio_util::sync::CancellationToken;

use crate::{Bus, BusError, DELIVERED_MAX, Deliver, Delivered, Event, Subscription, subject};

/// Header that carries the W3C trace context, for tools that look at messages without decoding them.
const TRACEPARENT: &str = "traceparent";
const PUBLISH_WAIT_MAX: Duration = Duration::from_secs(10);
const RETRY_WAIT: Duration = Duration::from_secs(2);

/// How to reach NATS.
#[derive(Clone, Debug)]
pub struct Settings {
    /// "nats://host:4222"
    pub url: String,
    /// Copies of each stream: 1 on one server, 3 in a cluster.
    pub replicas: usize,
    /// The producing services whose streams this process needs.
    pub sources: Vec<String>,
}

/// See the module.
pub struct JetStreamBus {
    client: async_nats::Client,
    context: jetstream::Context,
    settings: Settings,
    stop: CancellationToken,
}

impl JetStreamBus {
    /// Connects in the background: a centre's counters work while NATS is away, and events wait in the outbox.
    pub async fn connect(settings: Settings, stop: CancellationToken) -> Result<Arc<Self>, BusError> {
        let client = async_nats::ConnectOptions::new()
            .name("motcua")
            .retry_on_initial_connect()
            .request_timeout(Some(PUBLISH_WAIT_MAX))
            .connect(&settings.url)
            .await
            .map_err(|e| BusError::Refused(e.to_string()))?;
        let mut context = jetstream::new(client.clone());
        context.set_timeout(PUBLISH_WAIT_MAX);
        Ok(Arc::new(Self { client, context, settings, stop }))
    }

    async fn ensure_stream(&self, source: &str) -> Result<jetstream::stream::Stream, BusError> {
        let name = subject::stream(source);
        // create_or_update: get_or_create ignores changed settings of an existing stream.
        self.context
            .create_or_update_stream(Config {
                name: name.clone(),
                subjects: vec![subject::all_of(source)],
                retention: RetentionPolicy::Limits,
                storage: StorageType::File,
                discard: DiscardPolicy::Old,
                max_age: Duration::from_secs(30 * 24 * 3600),
                duplicate_window: Duration::from_secs(600),
                num_replicas: self.settings.replicas,
                ..Default::default()
            })
            .await
            .map_err(|e| BusError::Unavailable(e.to_string()))?;
        self.context.get_stream(name).await.map_err(|e| BusError::Unavailable(e.to_string()))
    }

    async fn consumer(&self, subscription: &Subscription) -> Result<PullConsumer, BusError> {
        let stream = self.ensure_stream(&subscription.source).await?;
        let filters: Vec<String> =
            subscription.types.iter().map(|kind| subject::filter(&subscription.source, kind)).collect();
        stream
            .create_consumer(pull::Config {
                durable_name: Some(subscription.durable.clone()),
                filter_subjects: filters,
                ack_policy: AckPolicy::Explicit,
                deliver_policy: DeliverPolicy::All,
                ack_wait: Duration::from_secs(30),
                max_ack_pending: 256,
                // Consumers park what they cannot take in their own inbox; the server never gives up on its own.
                max_deliver: -1,
                ..Default::default()
            })
            .await
            .map_err(|e| BusError::Unavailable(e.to_string()))
    }
}

/// Sends one event; the answer is awaited by the caller, so that a batch is pipelined.
async fn send(context: &jetstream::Context, event: &Event) -> Result<jetstream::context::PublishAckFuture, BusError> {
    let mut headers = HeaderMap::new();
    headers.insert(async_nats::header::NATS_MESSAGE_ID, event.id.as_str());
    if !event.traceparent.is_empty() {
        headers.insert(TRACEPARENT, event.traceparent.as_str());
    }
    context
        .publish_with_headers(subject::of(event), headers, event.encode_to_vec().into())
        .await
        .map_err(|e| BusError::Unavailable(e.to_string()))
}

#[async_trait::async_trait]
impl Bus for JetStreamBus {
    async fn publish(&self, events: &[Event]) -> Vec<Result<(), BusError>> {
        if self.client.connection_state() != State::Connected {
            return events.iter().map(|_| Err(BusError::Unavailable("NATS is not connected".into()))).collect();
        }
        let mut pending = Vec::with_capacity(events.len());
        for event in events {
            pending.push(send(&self.context, event).await);
        }
        let mut answers = Vec::with_capacity(events.len());
        let mut missing_stream = false;
        for sent in pending {
            let answer = match sent {
                Ok(ack) => ack.await.map(|_| ()).map_err(|e| {
                    missing_stream |= e.kind() == jetstream::context::PublishErrorKind::StreamNotFound;
                    BusError::Unavailable(e.to_string())
                }),
                Err(e) => Err(e),
            };
            answers.push(answer);
        }
        if missing_stream {
            // A wiped or new server: make the streams; the relay comes back with the same events.
            for source in &self.settings.sources {
                if let Err(error) = self.ensure_stream(source).await {
                    tracing::warn!(%error, source, "stream could not be made");
                }
            }
        }
        answers
    }

    async fn subscribe(&self, subscription: Subscription, consumer: Arc<dyn Deliver>) -> Result<(), BusError> {
        let (stop, this) = (
            self.stop.clone(),
            Self {
                client: self.client.clone(),
                context: self.context.clone(),
                settings: self.settings.clone(),
                stop: self.stop.clone(),
            },
        );
        tokio::spawn(async move {
            while !stop.is_cancelled() {
                let outcome = match this.consumer(&subscription).await {
                    Ok(pull) => pump(pull, &stop, consumer.as_ref()).await,
                    Err(e) => Err(e),
                };
                if let Err(error) = outcome {
                    tracing::warn!(%error, durable = subscription.durable, "consumer starts again");
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = tokio::time::sleep(RETRY_WAIT) => {}
                }
            }
        });
        Ok(())
    }

    async fn ready(&self) -> bool {
        self.client.connection_state() == State::Connected
    }
}

async fn pump(pull: PullConsumer, stop: &CancellationToken, consumer: &dyn Deliver) -> Result<(), BusError> {
    let messages = pull
        .stream()
        .max_messages_per_batch(DELIVERED_MAX)
        .heartbeat(Duration::from_secs(5))
        .expires(Duration::from_secs(20))
        .messages()
        .await
        .map_err(|e| BusError::Unavailable(e.to_string()))?;
    // Whatever has come by now, without waiting for more.
    let mut chunks = messages.ready_chunks(DELIVERED_MAX);
    loop {
        let chunk = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            chunk = chunks.next() => chunk,
        };
        let Some(chunk) = chunk else { return Ok(()) };
        let mut messages = Vec::with_capacity(chunk.len());
        let mut broken = None;
        for message in chunk {
            match message {
                Ok(message) => messages.push(message),
                // The durable may be gone with a wiped server: make it again.
                Err(error) => broken = Some(BusError::Unavailable(error.to_string())),
            }
        }
        take(messages, consumer).await;
        if let Some(error) = broken {
            return Err(error);
        }
    }
}

/// Delivers messages and answers for each.
async fn take(messages: Vec<Message>, consumer: &dyn Deliver) {
    let mut ours = Vec::with_capacity(messages.len());
    for message in messages {
        match Event::decode(message.payload.clone()) {
            Ok(event) => ours.push((message, event)),
            Err(error) => {
                tracing::error!(%error, subject = %message.subject, "not an event of ours; dropped");
                acknowledge(&message, AckKind::Term).await;
            }
        }
    }
    let events: Vec<&Event> = ours.iter().map(|(_, event)| event).collect();
    let answers = consumer.deliver_all(&events).await;
    for ((message, _), delivered) in ours.iter().zip(answers) {
        let kind = match delivered {
            Delivered::Done => AckKind::Ack,
            // Always with a delay: a bare Nak comes back at once and spins.
            Delivered::Later(wait) => AckKind::Nak(Some(wait)),
        };
        acknowledge(message, kind).await;
    }
}

async fn acknowledge(message: &Message, kind: AckKind) {
    if let Err(error) = message.ack_with(kind).await {
        tracing::warn!(%error, "acknowledgement not sent; the event comes again");
    }
}
