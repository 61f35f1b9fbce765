//! Centres, queues, counters, tickets and calls.
//!
//! The order of people and every rule about it is in [`model`], pure. Tickets change only in `writer`, one transaction a
//! batch; everything else reads. The wire is known to `grpc` and `wire` alone.
mod apply;
mod centres;
mod demo;
mod entity;
mod error;
mod feed;
mod grpc;
mod migration;
pub mod model;
mod queries;
mod wire;
mod worker;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use motcua_bus::Bus;
use motcua_proto::routing::v1::routing_service_server::RoutingServiceServer;
use motcua_runtime::auth::Guard;
use motcua_runtime::{Channel, Clock, Shutdown};
use motcua_store::{Db, Relay, inbox, migrate};
use serde::Deserialize;
use tokio::sync::{Notify, Semaphore, watch};
use tonic::service::RoutesBuilder;
use tonic::service::interceptor::InterceptedService;

pub use demo::DEMO_CENTRE_TOML;
pub use error::Error;

/// Name of this service: source of its events and name of its migrations.
pub const SOURCE: &str = "routing";

/// Settings of the routing service.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Seconds between two looks for tickets of earlier days.
    pub sweep_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { sweep_seconds: 15 }
    }
}

/// What the routing service needs from outside.
pub struct Deps {
    /// Its own database.
    pub db: Db,
    /// Carrier of events.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Client of intake, speaking as the service `routing`.
    pub intake: Channel,
    /// Ends every task.
    pub shutdown: Shutdown,
}

/// The running service.
pub struct Service {
    api: grpc::Api,
    sweep: worker::day::Sweep,
    ready: watch::Receiver<bool>,
}

/// Migrates, subscribes and starts the workers. Peers may start later.
///
/// # Errors
/// The database's or the bus's.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    let Deps { db, bus, clock, intake, shutdown } = deps;
    migrate(&db, SOURCE, migration::all()).await?;
    let centres = centres::Centres::default();
    let feeds = feed::Feeds::default();
    let wake = Arc::new(Notify::new());
    inbox::consume(db.clone(), &bus, Arc::new(worker::projection::Published { wake: wake.clone() }), shutdown.clone())
        .await?;
    Relay::new(db.clone(), bus, SOURCE).spawn(shutdown.clone());
    tokio::spawn(feeds.clone().poll(db.clone(), shutdown.clone()));
    let (ready, is_ready) = watch::channel(false);
    let projection = worker::projection::Projection { db: db.clone(), intake, wake: wake.clone(), ready };
    tokio::spawn(projection.run(shutdown.clone()));
    let shared = writer::Shared {
        db: db.clone(),
        clock: clock.clone(),
        centres: centres.clone(),
        feeds: feeds.clone(),
        memory: writer::Memory::default(),
    };
    let writer = writer::Writer::new(shared);
    let sweep = worker::day::Sweep {
        db: db.clone(),
        clock: clock.clone(),
        centres: centres.clone(),
        writer: writer.clone(),
        open: worker::day::Open::default(),
    };
    let every = Duration::from_secs(settings.sweep_seconds.max(1));
    tokio::spawn(sweep.clone().run(every, shutdown.clone()));
    tokio::spawn(sweep.clone().clocks(shutdown.clone()));
    let api = grpc::Api { db, clock, centres, feeds, writer, wake, shutdown, simulating: Arc::new(Semaphore::new(1)) };
    Ok(Service { api, sweep, ready: is_ready })
}

impl Service {
    /// Adds the gRPC service, guarded, to a server's routes.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        routes.add_service(InterceptedService::new(RoutingServiceServer::new(self.api.clone()), guard));
    }

    /// True once the projection of the catalogue equals intake's.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Closes tickets of earlier days and unanswered calls now, and calls by themselves where calls have opened; the workers
    /// do it by themselves.
    ///
    /// # Errors
    /// The database's.
    pub async fn sweep(&self) -> Result<(), Error> {
        self.sweep.once().await?;
        self.sweep.no_shows().await?;
        self.sweep.lapse().await?;
        self.sweep.openings().await
    }
}
