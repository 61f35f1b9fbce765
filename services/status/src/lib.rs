//! The way of a dossier after its acceptance, against the promised time.
//!
//! State, audit step and event of a move commit together; what intake tells is taken in exactly once and an older
//! telling is ignored. Nothing about an applicant is kept here.

pub mod entity;
mod grpc;
mod migration;
pub mod model;
mod moves;
mod queries;
mod worker;

use std::sync::Arc;

use jiff::tz::TimeZone;
use motcua_bus::{Bus, BusError};
use motcua_proto::status::v1::status_service_server::StatusServiceServer;
use motcua_runtime::{Clock, Shutdown, auth::Guard};
use motcua_store::{Db, Relay, StoreError, inbox};
use tokio::sync::watch;
use tonic::service::{RoutesBuilder, interceptor::InterceptedService};

/// Name of this service: its events' source, its schema, its key in `serve`.
pub const SERVICE: &str = "status";
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

/// Settings of this service.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where "today" begins and ends.
    pub time_zone: String,
    /// What citizens read as the holder while the desk has the dossier.
    pub desk: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { time_zone: "Asia/Ho_Chi_Minh".into(), desk: "Bộ phận Một cửa".into() }
    }
}

/// What this service stands on.
pub struct Deps {
    /// Its own database.
    pub db: Db,
    /// Where events come from and go to.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Ends the consumers and the relay.
    pub shutdown: Shutdown,
}

/// Why this service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error("time_zone = \"{0}\": no such zone; use a name such as Asia/Ho_Chi_Minh")]
    TimeZone(String),
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

/// Migrates, subscribes and starts the relay.
///
/// # Errors
/// [`Error`]: a wrong setting, or the database or the bus does not answer.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    let zone = TimeZone::get(&settings.time_zone).map_err(|_| Error::TimeZone(settings.time_zone.clone()))?;
    let Deps { db, bus, clock, shutdown } = deps;
    motcua_store::migrate(&db, SERVICE, migration::all()).await?;
    let acceptances = Arc::new(worker::Acceptances { desk: settings.desk.clone() });
    inbox::consume(db.clone(), &bus, acceptances, shutdown.clone()).await?;
    Relay::new(db.clone(), bus, SERVICE).spawn(shutdown);
    let (_, ready) = watch::channel(true);
    Ok(Service { api: Arc::new(grpc::Api { db, clock, zone, desk: settings.desk }), ready })
}

impl Service {
    /// Adds the gRPC service, guarded.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let server = StatusServiceServer::from_arc(self.api.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        routes.add_service(InterceptedService::new(server, guard));
    }

    /// True once every RPC can be answered. It needs no peer.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }
}
