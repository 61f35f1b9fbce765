//! `motcua serve NAME`: one service a process, on its own database and NATS JetStream, gRPC over TCP.

mod web;

use std::{net::SocketAddr, path::Path, path::PathBuf, sync::Arc};

use motcua_bus::{Bus, jetstream};
use motcua_kernel::identity::Identity;
use motcua_runtime::{
    Bearer, Channel, Clock, Shutdown,
    auth::{Guard, Signer, Verifier},
    listen, ops, server, settings, telemetry,
};
use motcua_store::{Db, sealed::Sealer};
use serde::{Deserialize, de::DeserializeOwned};
use tokio::{net::TcpListener, sync::watch};
use tonic::service::RoutesBuilder;

use crate::{embedded::database, fail::Fail};

/// The services that run apart. The kiosk is a program of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Name {
    Intake,
    Routing,
    Status,
    Notification,
    Web,
}

impl Name {
    /// As on the command line.
    pub fn text(self) -> &'static str {
        match self {
            Self::Intake => "intake",
            Self::Routing => "routing",
            Self::Status => "status",
            Self::Notification => "notification",
            Self::Web => "web",
        }
    }
}

/// A service's file. `settings` holds the keys of the service itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File<S> {
    listen: SocketAddr,
    ops: Option<SocketAddr>,
    /// web only: where kiosks and boards report, gRPC; they are not managed when it is left out.
    devices: Option<SocketAddr>,
    database_url: secrecy::SecretString,
    #[serde(default = "connections_max")]
    database_connections_max: u32,
    bus: BusFile,
    auth: Auth,
    #[serde(default)]
    peers: Peers,
    #[serde(default)]
    telemetry: telemetry::Settings,
    clock: Option<String>,
    #[serde(default)]
    tls_in_front: bool,
    /// status and notification: secrets/seal.key, 64 hexadecimal digits.
    seal_key: Option<motcua_intake::Key>,
    settings: S,
}

fn connections_max() -> u32 {
    8
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BusFile {
    url: String,
    #[serde(default = "one")]
    replicas: usize,
}

fn one() -> usize {
    1
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Auth {
    /// 32 bytes as hex: `motcua keys` writes it as secrets/identity.pub.
    public_key_file: PathBuf,
    /// This service's own bearer: credentials/<service>.token.
    token_file: Option<PathBuf>,
    /// web only: secrets/identity.key.
    signing_key_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Peers {
    intake: Option<String>,
    routing: Option<String>,
    status: Option<String>,
    notification: Option<String>,
}

/// What every service's process stands on.
struct Process {
    name: &'static str,
    listener: TcpListener,
    loopback: bool,
    ops: Option<TcpListener>,
    devices: Option<TcpListener>,
    db: Db,
    bus: Arc<dyn Bus>,
    clock: Clock,
    stop: Shutdown,
    telemetry: telemetry::Telemetry,
    guard: Guard,
    bearer: Option<Bearer>,
    signer: Option<Signer>,
    peers: Peers,
    seal_key: Option<motcua_intake::Key>,
}

fn read(key: &str, path: &Path) -> Result<String, Fail> {
    std::fs::read_to_string(path).map_err(|e| {
        Fail::config(format!("{key} = \"{}\": {e}; `motcua keys DIR` writes keys and tokens", path.display()))
    })
}

fn key_bytes(key: &str, path: &Path) -> Result<Vec<u8>, Fail> {
    hex::decode(read(key, path)?.trim()).map_err(|_| {
        Fail::config(format!("{key} = \"{}\": not hexadecimal; `motcua keys DIR` writes keys", path.display()))
    })
}

impl Process {
    /// Opens and closes sealed columns.
    fn sealer(&self) -> Result<Sealer, Fail> {
        let key = self.seal_key.as_ref().ok_or_else(|| {
            let variable = format!("MOTCUA_{}__SEAL_KEY", self.name.to_uppercase());
            Fail::config(format!("seal_key: missing; put secrets/seal.key of `motcua keys DIR` into {variable}"))
        })?;
        Ok(Sealer::new(key.expose()))
    }

    async fn prepare<S: DeserializeOwned>(name: Name, config: Option<&Path>) -> Result<(Self, S), Fail> {
        let name = name.text();
        let file: File<S> = settings::load(name, config).map_err(Fail::config)?;
        let auth = &file.auth;
        let public = key_bytes("auth.public_key_file", &auth.public_key_file)?;
        if public.len() != 32 {
            return Err(Fail::config(format!("auth.public_key_file: {} bytes instead of 32", public.len())));
        }
        let bearer = match &auth.token_file {
            Some(path) => Some(
                Bearer::fixed(&read("auth.token_file", path)?)
                    .map_err(|e| Fail::config(format!("auth.token_file: {e}")))?,
            ),
            None => None,
        };
        let signer = match &auth.signing_key_file {
            Some(path) => Some(
                Signer::from_pkcs8(&key_bytes("auth.signing_key_file", path)?)
                    .map_err(|e| Fail::config(format!("auth.signing_key_file: {e}")))?,
            ),
            None => None,
        };
        let clock = match &file.clock {
            Some(text) if listen::is_loopback(file.listen.ip()) => {
                Clock::parse(text).map_err(|e| Fail::config(format!("clock: {e}")))?
            }
            Some(_) => return Err(Fail::config("clock: only for a service that listens on this machine alone")),
            None => Clock::system(),
        };
        let listener = listen::bind("listen", file.listen, file.tls_in_front).await?;
        let ops = match file.ops {
            Some(address) => Some(listen::bind("ops", address, file.tls_in_front).await?),
            None => None,
        };
        let devices = match file.devices {
            Some(address) => Some(listen::bind("devices", address, file.tls_in_front).await?),
            None => None,
        };
        let telemetry = telemetry::init(&format!("motcua-{name}"), &file.telemetry).map_err(Fail::config)?;
        let stop = motcua_runtime::shutdown_on_signal().map_err(Fail::other)?;
        let db = {
            use secrecy::ExposeSecret as _;
            let url = file.database_url.expose_secret();
            if !url.starts_with("postgres") && !url.starts_with("sqlite") {
                return Err(Fail::config(
                    "database_url: write postgres://USER:PASSWORD@HOST/DATABASE or sqlite://FILE",
                ));
            }
            if url.starts_with("postgres") {
                Db::open_sized(url, file.database_connections_max).await.map_err(|e| {
                    Fail::other(format!("database_url: {e}; is the server up, and were deploy/postgres/roles.sql run?"))
                })?
            } else {
                database(url, name).await?
            }
        };
        let bus = jetstream::JetStreamBus::connect(
            jetstream::Settings { url: file.bus.url.clone(), replicas: file.bus.replicas, sources: vec![name.into()] },
            stop.clone(),
        )
        .await
        .map_err(|e| Fail::config(format!("bus.url = \"{}\": {e}", file.bus.url)))?;
        let process = Self {
            name,
            loopback: listen::is_loopback(file.listen.ip()),
            listener,
            ops,
            devices,
            db,
            bus,
            clock,
            stop,
            telemetry,
            guard: Guard::new(Verifier::new(&public)),
            bearer,
            signer,
            peers: file.peers,
            seal_key: file.seal_key,
        };
        Ok((process, file.settings))
    }

    fn peer(&self, service: &str) -> Result<Channel, Fail> {
        let url = match service {
            "intake" => &self.peers.intake,
            "routing" => &self.peers.routing,
            "status" => &self.peers.status,
            _ => &self.peers.notification,
        };
        let url = url.as_ref().ok_or_else(|| {
            Fail::config(format!(
                "peers.{service}: missing; write the address of the {service} service, http://HOST:PORT"
            ))
        })?;
        // web signs an identity for each caller and never speaks with a bearer of its own.
        let bearer = match (&self.bearer, &self.signer) {
            (Some(bearer), _) => bearer.clone(),
            (None, Some(signer)) => Bearer::signed(signer.clone(), Identity::service(self.name)),
            (None, None) => {
                return Err(Fail::config(
                    "auth.token_file: missing; `motcua keys DIR` writes credentials/SERVICE.token",
                ));
            }
        };
        Channel::tcp(url, bearer).map_err(|e| Fail::config(format!("peers.{service} = \"{url}\": {e}")))
    }

    async fn serve_grpc(
        self,
        full_name: &'static str,
        ready: watch::Receiver<bool>,
        add: impl FnOnce(&mut RoutesBuilder, Guard),
    ) -> Result<(), Fail> {
        let mut routes = tonic::service::Routes::builder();
        add(&mut routes, self.guard.clone());
        motcua_runtime::health::add_to(&mut routes, vec![(full_name, ready.clone())], self.loopback, self.stop.clone())
            .await
            .map_err(Fail::other)?;
        let address = self.listener.local_addr().map_err(Fail::other)?;
        say(self.name, address);
        spawn_ops(self.ops, &self.telemetry, self.db, Some(self.bus), ready, self.stop.clone());
        let served = server::serve_tcp(self.listener, routes.routes(), self.stop).await;
        self.telemetry.shutdown();
        served.map_err(Fail::other)
    }
}

fn spawn_ops(
    listener: Option<TcpListener>,
    telemetry: &telemetry::Telemetry,
    db: Db,
    bus: Option<Arc<dyn Bus>>,
    ready: watch::Receiver<bool>,
    stop: Shutdown,
) {
    let Some(listener) = listener else { return };
    let check: ops::Ready = Arc::new(move || {
        let (db, bus, ready) = (db.clone(), bus.clone(), *ready.borrow());
        Box::pin(async move {
            if !db.answers().await {
                return "database".to_owned();
            }
            // Counters go on while NATS is away: the outbox keeps what is to be told. It is reported, not required.
            if let Some(bus) = bus
                && !bus.ready().await
            {
                tracing::debug!("NATS is away; events wait in the outbox");
            }
            if ready { String::new() } else { "starting".to_owned() }
        })
    });
    let app = ops::router(telemetry.registry(), check);
    tokio::spawn(async move {
        let serving = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = serving.await {
            tracing::error!(%error, "ops listener ended");
        }
    });
}

#[allow(clippy::print_stdout, reason = "the line that a supervisor waits for")]
fn say(name: &str, address: SocketAddr) {
    use std::io::Write as _;
    println!("ready\t{name}\thttp://{address}");
    let _ = std::io::stdout().flush();
}

/// Runs one service until SIGTERM.
pub async fn run(name: Name, config: Option<&Path>) -> Result<(), Fail> {
    match name {
        Name::Intake => {
            let (p, settings) = Process::prepare::<motcua_intake::Settings>(name, config).await?;
            let deps = motcua_intake::Deps {
                db: p.db.clone(),
                bus: p.bus.clone(),
                clock: p.clock.clone(),
                routing: p.peer("routing")?,
                shutdown: p.stop.clone(),
            };
            let service = motcua_intake::start(settings, deps).await.map_err(Fail::config)?;
            p.serve_grpc("motcua.intake.v1.IntakeService", service.ready(), |r, g| service.add_to(r, g)).await
        }
        Name::Routing => {
            let (p, settings) = Process::prepare::<motcua_routing::Settings>(name, config).await?;
            let deps = motcua_routing::Deps {
                db: p.db.clone(),
                bus: p.bus.clone(),
                clock: p.clock.clone(),
                intake: p.peer("intake")?,
                shutdown: p.stop.clone(),
            };
            let service = motcua_routing::start(settings, deps).await.map_err(Fail::config)?;
            p.serve_grpc("motcua.routing.v1.RoutingService", service.ready(), |r, g| service.add_to(r, g)).await
        }
        Name::Status => {
            let (p, settings) = Process::prepare::<motcua_status::Settings>(name, config).await?;
            let deps = motcua_status::Deps {
                db: p.db.clone(),
                bus: p.bus.clone(),
                clock: p.clock.clone(),
                sealer: p.sealer()?,
                shutdown: p.stop.clone(),
            };
            let service = motcua_status::start(settings, deps).await.map_err(Fail::config)?;
            p.serve_grpc("motcua.status.v1.StatusService", service.ready(), |r, g| service.add_to(r, g)).await
        }
        Name::Notification => {
            let (p, settings) = Process::prepare::<motcua_notification::Settings>(name, config).await?;
            let deps = motcua_notification::Deps {
                db: p.db.clone(),
                bus: p.bus.clone(),
                clock: p.clock.clone(),
                intake: p.peer("intake")?,
                sealer: p.sealer()?,
                shutdown: p.stop.clone(),
            };
            let service = motcua_notification::start(settings, deps).await.map_err(Fail::config)?;
            p.serve_grpc("motcua.notification.v1.NotificationService", service.ready(), |r, g| service.add_to(r, g))
                .await
        }
        Name::Web => web::run(config).await,
    }
}
