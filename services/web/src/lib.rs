//! The HTTP edge: counter console, dossier desk, citizens' phone pages, manager, administrator.
//!
//! Web owns the accounts of those who work at the centre (sessions, one-time links) and its devices (who they are, how
//! they do, what staff must see to): whatever else it shows it asks the services for, under the identity of whoever looks.

mod account;
mod app;
mod device;
mod error;
mod feed;
mod http;
mod lang;
mod model;
mod text;
mod upstream;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use motcua_bus::Bus;
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::web::v1::device_service_server::DeviceServiceServer;
use motcua_runtime::auth::{Guard, Signer};
use motcua_runtime::{Channel, Clock, Shutdown};
use motcua_store::{Db, Relay};
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::service::RoutesBuilder;
use tonic::service::interceptor::InterceptedService;

use crate::app::App;
use crate::device::Devices;
pub use crate::error::Error;
use crate::feed::Feed;
use crate::upstream::Upstream;

/// Settings of web; every key has a default but the first two.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What QR codes and links carry, without a slash at its end: "https://motcua.example.vn".
    pub public_url: String,
    /// The centre shown.
    pub centre_id: String,
    /// A proxy ends TLS in front of this listener and writes X-Forwarded-For.
    #[serde(default)]
    pub tls_in_front: bool,
    /// Requests a minute that one address may make to citizens' pages. Phones in one hall share an address.
    #[serde(default = "public_per_minute")]
    pub public_per_minute: u32,
}

/// A device's report with its alarms is some kilobytes.
const MESSAGE_BYTES_MAX: usize = 64 * 1024;

fn public_per_minute() -> u32 {
    600
}

impl Settings {
    /// With defaults.
    pub fn new(public_url: &str, centre_id: &str) -> Self {
        Self {
            public_url: public_url.to_owned(),
            centre_id: centre_id.to_owned(),
            tls_in_front: false,
            public_per_minute: public_per_minute(),
        }
    }

    fn check(mut self) -> Result<Self, Error> {
        while self.public_url.ends_with('/') {
            self.public_url.pop();
        }
        let host = self.public_url.strip_prefix("https://").or_else(|| self.public_url.strip_prefix("http://"));
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', ' '])) {
            let problem = "write scheme and host only, for example https://motcua.example.vn".to_owned();
            return Err(Error::Setting { key: "public_url", problem });
        }
        if self.centre_id.is_empty() {
            return Err(Error::Setting { key: "centre_id", problem: "name the centre".to_owned() });
        }
        Ok(self)
    }

    /// Whether cookies may only travel over TLS.
    fn secure(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

/// What web works with. The channels' own identity is not used: web signs one for whoever asks.
pub struct Deps {
    /// Accounts and devices.
    pub db: Db,
    /// Where events of devices go.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Queues and tickets.
    pub routing: Channel,
    /// Catalogue and reception.
    pub intake: Channel,
    /// The dossier's way.
    pub status: Channel,
    /// Messages.
    pub notification: Channel,
    /// Signs short identities.
    pub signer: Signer,
    /// Ends the feed and the streams.
    pub shutdown: Shutdown,
}

/// A started web.
#[derive(Clone)]
pub struct Web {
    app: Arc<App>,
}

/// Migrates accounts and devices and begins to follow the centre; peers may start later.
pub async fn start(settings: Settings, deps: Deps) -> Result<Web, Error> {
    let settings = settings.check()?;
    motcua_store::migrate(&deps.db, "web", migrations()).await?;
    let upstream =
        Arc::new(Upstream::new(deps.routing, deps.intake, deps.status, deps.notification, deps.signer.clone()));
    let feed = Feed::follow(upstream.clone(), settings.centre_id.clone(), deps.shutdown.clone());
    let devices = Devices::new(deps.db.clone(), deps.clock.clone(), &settings.centre_id, deps.signer, feed.sender());
    let devices = Arc::new(devices);
    let watching = devices.clone();
    let stop = deps.shutdown.clone();
    tokio::spawn(async move { watching.watch(stop).await });
    Relay::new(deps.db.clone(), deps.bus, device::SERVICE).spawn(deps.shutdown.clone());
    let app = App::new(settings, deps.db, deps.clock, upstream, feed, devices, deps.shutdown);
    Ok(Web { app: Arc::new(app) })
}

fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
    account::migrations().into_iter().chain(device::migrations()).collect()
}

impl Web {
    /// Adds what devices ask, guarded.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let limit = http::Limit::per_minute(device::ASKED_PER_MINUTE);
        let api = device::Api { devices: self.app.devices.clone(), limit };
        let server = DeviceServiceServer::new(api).max_decoding_message_size(MESSAGE_BYTES_MAX);
        routes.add_service(InterceptedService::new(server, device::DeviceGuard(guard)));
    }

    /// All routes. Serve it with connect info (see [`Web::serve`]), or addresses are not limited.
    pub fn router(&self) -> Router {
        http::router(self.app.clone())
    }

    /// Serves until shutdown; open streams end with it.
    pub async fn serve(&self, listener: TcpListener) -> Result<(), Error> {
        let service = self.router().into_make_service_with_connect_info::<SocketAddr>();
        let stop = self.app.shutdown.clone();
        Ok(axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await?)
    }

    /// A link that opens `path` ("/console/1") once, as `subject` with `role`; whole, with the public URL.
    pub async fn new_link(&self, role: Role, subject: &str, path: &str, ttl: Duration) -> Result<String, Error> {
        let Settings { public_url, centre_id, .. } = &self.app.settings;
        new_link(&self.app.db, public_url, &Identity::of(role, subject, centre_id), path, ttl).await
    }

    /// True while the centre's feed is open.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.app.feed.up()
    }
}

/// As [`Web::new_link`] for a process that has web's database but does not run web (`motcua link`).
/// The tables must exist: web has run at least once.
pub async fn new_link(db: &Db, public_url: &str, who: &Identity, path: &str, ttl: Duration) -> Result<String, Error> {
    let path = format!("/{}", path.trim_matches('/'));
    let token = account::make_link(db, who, &path, ttl).await?;
    Ok(format!("{}{path}?link={token}", public_url.trim_end_matches('/')))
}
