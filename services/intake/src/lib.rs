//! The catalogue of procedures and the reception of dossiers.
//!
//! Invariants: a catalogue is replaced whole or not at all, and its earlier versions stay readable; a dossier keeps
//! the catalogue, calendar and rules it was received under; codes of an agency's day have no gap; an applicant's
//! particulars leave the database only sealed, and this service only towards notification and paper.

mod accept;
mod app;
mod books;
mod calendars;
mod centres;
mod dossiers;
mod drafts;
mod error;
mod files;
mod forms;
mod ground;
mod grpc;
mod handed;
mod import;
mod migration;
pub mod model;
mod opened;
mod procedures;
mod publish;
mod queries;
mod reception;
mod seal;
mod settings;
mod starter;
mod versions;
mod waiting;
mod wire;
mod writer;

use std::sync::Arc;

use motcua_bus::Bus;
use motcua_proto::intake::v1::catalogue_service_server::CatalogueServiceServer;
use motcua_proto::intake::v1::intake_service_server::IntakeServiceServer;
use motcua_proto::intake::v1::receipt_service_server::ReceiptServiceServer;
use motcua_runtime::{Channel, Clock, Shutdown, auth::Guard};
use motcua_store::{Db, Relay, commit, inbox, migrate};
use tokio::sync::{Notify, watch};
use tonic::service::RoutesBuilder;

pub use error::Error;
pub use settings::{DayMode, DossierCodes, Key, Settings};

/// What intake works with.
pub struct Deps {
    /// Its own database.
    pub db: Db,
    /// Carries its events out and routing's in.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Tells what a centre is.
    pub routing: Channel,
    /// Ends its workers.
    pub shutdown: Shutdown,
}

/// A running intake.
#[derive(Clone)]
pub struct Service {
    app: Arc<app::App>,
    ready: watch::Receiver<bool>,
}

/// Migrates, seeds, subscribes and spawns the workers. Peers may start later.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    let Deps { db, bus, clock, routing, shutdown } = deps;
    migrate(&db, app::SOURCE, migration::all()).await?;
    let app = Arc::new(app::App::new(settings, db.clone(), clock, routing)?);
    if let Some(centre_id) = &app.settings.seed_starter {
        app.seed_if_empty(centre_id).await?;
        let tx = db.begin().await?;
        queries::centre::want(&tx, centre_id, 0).await?;
        commit(tx).await?;
    }
    let wake = Arc::new(Notify::new());
    inbox::consume(db.clone(), &bus, Arc::new(centres::Applied(wake.clone())), shutdown.clone()).await?;
    let (sender, ready) = watch::channel(false);
    let asker = centres::Asker { teller: app.teller.clone(), wake, ready: sender };
    tokio::spawn(asker.run(shutdown.clone()));
    tokio::spawn(app.clone().sweep_files(shutdown.clone()));
    tokio::spawn(app.clone().watch_days(shutdown.clone()));
    Relay::new(db, bus, app::SOURCE).spawn(shutdown);
    Ok(Service { app, ready })
}

impl Service {
    /// Adds the RPCs behind the bearer's guard.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let own = || grpc::Grpc(self.app.clone());
        routes.add_service(IntakeServiceServer::with_interceptor(own(), guard.clone()));
        routes.add_service(ReceiptServiceServer::with_interceptor(own(), guard.clone()));
        routes.add_service(CatalogueServiceServer::with_interceptor(own(), guard));
    }

    /// True once every centre it has heard of is known well enough to receive dossiers for it.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }

    /// Forgets scans that no dossier took up within a day, as it does by itself every ten minutes; how many.
    pub async fn discard_files(&self) -> Result<usize, Error> {
        self.app.discard_files().await
    }

    /// Versions whose day has come take effect, as they do by themselves every second; how many.
    pub async fn take_effect(&self) -> Result<usize, Error> {
        self.app.take_effect().await
    }

    /// Gives a centre the starter catalogue while it has none; true if it did.
    pub async fn seed_if_empty(&self, centre_id: &str) -> Result<bool, Error> {
        self.app.seed_if_empty(centre_id).await
    }
}
