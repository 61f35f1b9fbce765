//! The way of a dossier after its acceptance, against the promised time.
//!
//! State, audit step and event of a move commit together; what intake tells is taken in exactly once and an older
//! telling is ignored. Nothing about an applicant is kept here but who took a result and what
//! owners wrote beside a rating, both sealed.

mod calendars;
mod coming;
mod courses;
pub mod entity;
mod explain;
pub mod export;
mod grpc;
mod migration;
pub mod model;
mod moves;
mod outage;
mod queries;
mod ratings;
mod reports;
mod sweep;
mod worker;
#[cfg(test)]
mod year_tests;

use std::sync::Arc;

use jiff::tz::TimeZone;
use motcua_bus::{Bus, BusError};
use motcua_proto::status::v1::{
    statistics_service_server::StatisticsServiceServer, status_service_server::StatusServiceServer,
};
use motcua_runtime::{Clock, Shutdown, auth::Guard};
use motcua_store::{Db, Relay, StoreError, inbox, sealed::Sealer};
use tokio::sync::watch;
use tonic::service::{RoutesBuilder, interceptor::InterceptedService};

/// Name of this service: its events' source, its schema, its key in `serve`.
pub const SERVICE: &str = "status";
/// A request for a hundred papers, each with a long name in Vietnamese.
const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// Settings of this service.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where "today" begins and ends.
    pub time_zone: String,
    /// What citizens read as the holder while the desk has the dossier.
    pub desk: String,
    /// Days after which a result counts as not collected.
    pub unclaimed_days: u32,
    /// Day on which a month of reports begins: 1 for the calendar month, 15 for the 15th to the 14th.
    pub report_first_day: i8,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            time_zone: "Asia/Ho_Chi_Minh".into(),
            desk: "Bộ phận Một cửa".into(),
            unclaimed_days: 30,
            report_first_day: 1,
        }
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
    /// Seals who took a result.
    pub sealer: Sealer,
    /// Ends the consumers and the relay.
    pub shutdown: Shutdown,
}

/// Why this service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is wrong.
    #[error("time_zone = \"{0}\": no such zone; use a name such as Asia/Ho_Chi_Minh")]
    TimeZone(String),
    /// A setting is wrong.
    #[error("report_first_day = {0}: give a day from 1 to 28")]
    ReportFirstDay(i8),
    /// The calendar that we ship does not read.
    #[error(transparent)]
    Calendar(#[from] motcua_kernel::calendar::CalendarError),
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

/// Migrates, subscribes and starts the relay and the deadline sweep.
///
/// # Errors
/// [`Error`]: a wrong setting, or the database or the bus does not answer.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    let zone = TimeZone::get(&settings.time_zone).map_err(|_| Error::TimeZone(settings.time_zone.clone()))?;
    let report_first_day = settings.report_first_day;
    if !(1..=28).contains(&report_first_day) {
        return Err(Error::ReportFirstDay(report_first_day));
    }
    let Deps { db, bus, clock, sealer, shutdown } = deps;
    let calendars = calendars::Calendars::new()?;
    motcua_store::migrate(&db, SERVICE, migration::all()).await?;
    let acceptances = Arc::new(worker::Acceptances { desk: settings.desk.clone(), calendars: calendars.clone() });
    inbox::consume(db.clone(), &bus, acceptances, shutdown.clone()).await?;
    inbox::consume(db.clone(), &bus, Arc::new(calendars::Published), shutdown.clone()).await?;
    Relay::new(db.clone(), bus, SERVICE).spawn(shutdown.clone());
    let unclaimed_days = settings.unclaimed_days;
    let sweep = sweep::Sweep { db: db.clone(), clock: clock.clone(), calendars: calendars.clone(), unclaimed_days };
    tokio::spawn(sweep.run(shutdown));
    let (_, ready) = watch::channel(true);
    let mover = moves::Mover { db, clock, calendars, desk: settings.desk, unclaimed_days };
    Ok(Service { api: Arc::new(grpc::Api { mover, zone, sealer, report_first_day }), ready })
}

impl Service {
    /// Adds the gRPC services, guarded.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let server = StatusServiceServer::from_arc(self.api.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        routes.add_service(InterceptedService::new(server, guard.clone()));
        routes.add_service(InterceptedService::new(StatisticsServiceServer::from_arc(self.api.clone()), guard));
    }

    /// True once every RPC can be answered. It needs no peer.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }
}
