//! Deliveries: who is told what, by which provider, once.
//!
//! One notification an event; an attempt is written down before anything is sent; what nobody can know stays UNKNOWN
//! and is repeated only where the provider drops repetitions. No address is kept in clear: intake is asked each time.

pub mod entity;
mod grpc;
mod instruments;
mod migration;
pub mod model;
pub mod provider;
mod queries;
mod sender;
mod settings;
mod worker;

use std::sync::Arc;

use motcua_bus::{Bus, BusError};
use motcua_proto::notification::v1::notification_service_server::NotificationServiceServer;
use motcua_runtime::{Channel, Clock, Shutdown, auth::Guard};
use motcua_store::{Db, Relay, StoreError, inbox, sealed::Sealer};
use tokio::sync::{Notify, watch};
use tonic::service::{RoutesBuilder, interceptor::InterceptedService};

pub use settings::{ProviderSettings, Settings, SmsSettings};

/// Name of this service: its events' source, its schema, its key in `serve`.
pub const SERVICE: &str = "notification";
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// A lease outlasts the provider's longest call by this.
const LEASE_MARGIN_MS: u64 = 2_000;

/// What this service stands on.
pub struct Deps {
    /// Its own database.
    pub db: Db,
    /// Where events come from.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Intake, speaking as the service "notification": nobody else may read contacts.
    pub intake: Channel,
    /// For the blind index of addresses.
    pub sealer: Sealer,
    /// Ends the consumer and the worker.
    pub shutdown: Shutdown,
}

/// Why this service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The provider cannot be set up.
    #[error(transparent)]
    Provider(#[from] provider::ProviderError),
    /// A worker would lose its lease during a call.
    #[error(
        "lease_ms = {lease_ms}: must exceed provider.total_timeout_ms by {LEASE_MARGIN_MS}; set at least {least_ms}"
    )]
    Lease {
        /// As set.
        lease_ms: u64,
        /// The least that works.
        least_ms: u64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// The running service.
pub struct Service {
    api: Arc<grpc::Api>,
    ready: watch::Receiver<bool>,
}

/// Migrates, subscribes and starts the worker. Intake may start later: deliveries wait for it.
///
/// # Errors
/// [`Error`]: a wrong setting, or the database or the bus does not answer.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    if let ProviderSettings::Sms(sms) = &settings.provider {
        let least_ms = sms.total_timeout_ms.saturating_add(LEASE_MARGIN_MS);
        if settings.lease_ms < least_ms {
            return Err(Error::Lease { lease_ms: settings.lease_ms, least_ms });
        }
    }
    let provider = provider::open(&settings.provider)?;
    let Deps { db, bus, clock, intake, sealer, shutdown } = deps;
    motcua_store::migrate(&db, SERVICE, migration::all()).await?;
    let lease_us = i64::try_from(settings.lease_ms).unwrap_or(i64::MAX / 2_000) * 1_000;
    // A SQLite file has one process; on PostgreSQL another replica may be at work, and leases end by themselves.
    if db.is_sqlite() {
        queries::free_leases(&db, lease_us).await?;
    }
    let due = Arc::new(Notify::new());
    let results = worker::Results {
        clock: clock.clone(),
        channel: provider.name(),
        keep_trying_hours: settings.keep_trying_hours,
        due: due.clone(),
    };
    inbox::consume(db.clone(), &bus, Arc::new(results), shutdown.clone()).await?;
    // It publishes nothing yet; the relay also sweeps old rows of inbox and outbox.
    Relay::new(db.clone(), bus, SERVICE).spawn(shutdown.clone());
    let sender = Arc::new(sender::Sender {
        db: db.clone(),
        clock,
        intake,
        sealer,
        provider: provider.clone(),
        desk: settings.desk,
        language: if settings.accents { model::Language::Accented } else { model::Language::Folded },
        lease_us,
        pace: settings.pace,
    });
    tokio::spawn(worker::run(sender, due, settings.parallel, shutdown));
    let (_, ready) = watch::channel(true);
    Ok(Service { api: Arc::new(grpc::Api { db, provider }), ready })
}

impl Service {
    /// Adds the gRPC service, guarded.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let server = NotificationServiceServer::from_arc(self.api.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        routes.add_service(InterceptedService::new(server, guard));
    }

    /// True once every RPC can be answered.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }
}
