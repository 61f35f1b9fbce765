//! Every service in this process: SQLite files of a data folder, the embedded bus, gRPC over pipes.

use std::sync::Arc;

use motcua_bus::{Bus, embedded::EmbeddedBus};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::routing::v1::{
    ApplyCentreRequest, Centre, GetCentreRequest, routing_service_client::RoutingServiceClient,
};
use motcua_runtime::{
    Bearer, Channel, Clock, Shutdown,
    auth::{Guard, Signer},
    grpc, server,
};
use motcua_store::{Db, sealed::Sealer};
use tokio::{io::DuplexStream, sync::mpsc, task::JoinSet};
use tonic::service::{Routes, RoutesBuilder};

use crate::{commands::keys, data::Folder, fail::Fail};

type Pipe = (mpsc::Sender<std::io::Result<DuplexStream>>, mpsc::Receiver<std::io::Result<DuplexStream>>);

/// The services of a centre on one machine.
pub struct Embedded {
    /// Catalogue and reception.
    pub intake: motcua_intake::Service,
    /// Queues.
    pub routing: motcua_routing::Service,
    /// The dossier's way.
    pub status: motcua_status::Service,
    /// Messages.
    pub notification: motcua_notification::Service,
    /// Signs identities.
    pub signer: Signer,
    folder: Folder,
    bus: Arc<EmbeddedBus>,
    pipes: [mpsc::Sender<std::io::Result<DuplexStream>>; 4],
    servers: JoinSet<()>,
}

/// Opens a service's database, with a remedy for the person where that fails.
pub async fn database(url: &str, service: &str) -> Result<Db, Fail> {
    Db::open(url).await.map_err(|e| {
        let remedy = match e {
            motcua_store::StoreError::Corrupt(_) => "; restore this file from your backup",
            motcua_store::StoreError::Full(_) => "; free some disk space",
            _ => "",
        };
        Fail::other(format!("{service} database: {e}{remedy}"))
    })
}

impl Embedded {
    /// Starts all services; events flow after [`Embedded::open`].
    pub async fn start(folder: &Folder, clock: Clock, public_url: &str, stop: Shutdown) -> Result<Self, Fail> {
        let signer = keys::signer(folder)?;
        let guard = Guard::new(signer.verifier());
        let embedded_bus = Arc::new(EmbeddedBus::default());
        let bus: Arc<dyn Bus> = embedded_bus.clone();
        let pipes: [Pipe; 4] = std::array::from_fn(|_| mpsc::channel(64));
        let senders = [0, 1, 2, 3].map(|n| pipes[n].0.clone());
        let to = |n: usize, own: &str| {
            Channel::in_process(senders[n].clone(), Bearer::signed(signer.clone(), Identity::service(own)))
        };
        let key = |name: &str| -> Result<[u8; 32], Fail> {
            folder.secret(name, 32)?.try_into().map_err(|_| Fail::other("secret length"))
        };

        let intake = motcua_intake::start(
            motcua_intake::Settings {
                files_dir: Some(folder.path().join("files")),
                ..motcua_intake::Settings::new(public_url, key("seal.key")?, key("receipt.key")?)
            },
            motcua_intake::Deps {
                db: database(&folder.database("intake"), "intake").await?,
                bus: bus.clone(),
                clock: clock.clone(),
                routing: to(1, "intake"),
                shutdown: stop.clone(),
            },
        )
        .await
        .map_err(Fail::other)?;
        let routing = motcua_routing::start(
            motcua_routing::Settings::default(),
            motcua_routing::Deps {
                db: database(&folder.database("routing"), "routing").await?,
                bus: bus.clone(),
                clock: clock.clone(),
                intake: to(0, "routing"),
                shutdown: stop.clone(),
            },
        )
        .await
        .map_err(Fail::other)?;
        let status = motcua_status::start(
            motcua_status::Settings::default(),
            motcua_status::Deps {
                db: database(&folder.database("status"), "status").await?,
                bus: bus.clone(),
                clock: clock.clone(),
                sealer: Sealer::new(&key("seal.key")?),
                shutdown: stop.clone(),
            },
        )
        .await
        .map_err(Fail::other)?;
        let notification = motcua_notification::start(
            motcua_notification::Settings {
                provider: motcua_notification::ProviderSettings::Outgoing { folder: folder.path().join("outgoing") },
                ..Default::default()
            },
            motcua_notification::Deps {
                db: database(&folder.database("notification"), "notification").await?,
                bus: bus.clone(),
                clock,
                intake: to(0, "notification"),
                sealer: Sealer::new(&key("seal.key")?),
                shutdown: stop.clone(),
            },
        )
        .await
        .map_err(Fail::other)?;

        let mut servers = JoinSet::new();
        let [p0, p1, p2, p3] = pipes;
        let mut serve = |pipe: Pipe, add: &dyn Fn(&mut RoutesBuilder)| {
            let mut routes = Routes::builder();
            add(&mut routes);
            let stop = stop.clone();
            servers.spawn(async move {
                if let Err(error) = server::serve_in_process(pipe.1, routes.routes(), stop).await {
                    tracing::error!(%error, "in-process server ended");
                }
            });
        };
        serve(p0, &|r| intake.add_to(r, guard.clone()));
        serve(p1, &|r| routing.add_to(r, guard.clone()));
        serve(p2, &|r| status.add_to(r, guard.clone()));
        serve(p3, &|r| notification.add_to(r, guard.clone()));
        Ok(Self {
            intake,
            routing,
            status,
            notification,
            signer,
            folder: folder.clone(),
            bus: embedded_bus,
            pipes: senders,
            servers,
        })
    }

    /// The bus of this process.
    pub fn bus(&self) -> Arc<dyn Bus> {
        self.bus.clone()
    }

    /// Serves more over a pipe; the answer makes channels to it.
    pub fn attach(
        &mut self,
        add: impl FnOnce(&mut RoutesBuilder, Guard),
        stop: Shutdown,
    ) -> mpsc::Sender<std::io::Result<DuplexStream>> {
        let (accept, accepted) = mpsc::channel(64);
        let mut routes = Routes::builder();
        add(&mut routes, Guard::new(self.signer.verifier()));
        self.servers.spawn(async move {
            if let Err(error) = server::serve_in_process(accepted, routes.routes(), stop).await {
                tracing::error!(%error, "in-process server ended");
            }
        });
        accept
    }

    /// Lets events flow.
    pub fn open(&self) {
        self.bus.open();
    }

    /// A channel to one service ("intake", "routing", "status", "notification") as `identity`.
    pub fn channel(&self, service: &str, identity: Identity) -> Channel {
        let n = ["intake", "routing", "status", "notification"].iter().position(|s| *s == service).unwrap_or(0);
        Channel::in_process(self.pipes[n].clone(), Bearer::signed(self.signer.clone(), identity))
    }

    /// As the operator, to one service.
    pub fn operator(&self, service: &str) -> Channel {
        self.channel(service, Identity::everywhere(Role::Operator, "operator"))
    }

    /// Applies a centre's file.
    pub async fn apply(&self, toml: &str, file_name: &str) -> Result<Centre, Fail> {
        let request = ApplyCentreRequest {
            request_id: motcua_kernel::id::new_id(),
            toml: toml.to_owned(),
            file_name: file_name.to_owned(),
            check: false,
        };
        let answer = RoutingServiceClient::new(self.operator("routing")).apply_centre(request).await?.into_inner();
        for warning in &answer.warnings {
            tracing::warn!(warning, "centre file");
        }
        let centre = answer.centre.ok_or_else(|| Fail::other("routing answered without a centre"))?;
        self.remember(&centre.id)?;
        Ok(centre)
    }

    /// Remembers which centre lives in the folder.
    pub fn remember(&self, centre_id: &str) -> Result<(), Fail> {
        self.folder.write_centre_id(centre_id)
    }

    /// The folder's centre, if one was ever applied.
    pub async fn centre(&self) -> Result<Option<Centre>, Fail> {
        let Some(centre_id) = self.folder.centre_id() else { return Ok(None) };
        let request = GetCentreRequest { centre_id };
        match RoutingServiceClient::new(self.operator("routing")).get_centre(request).await {
            Ok(answer) => Ok(answer.into_inner().centre),
            Err(status) if grpc::reason(&status).as_deref() == Some("CENTRE_UNKNOWN") => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// The centre that exists, or the demo centre with the starter catalogue on a first start.
    pub async fn centre_or_demo(&self) -> Result<Centre, Fail> {
        let centre = match self.centre().await? {
            Some(centre) => centre,
            None => self.apply(motcua_routing::DEMO_CENTRE_TOML, "vinh_long.toml").await?,
        };
        self.intake.seed_if_empty(&centre.id).await.map_err(Fail::other)?;
        Ok(centre)
    }

    /// All services on one listener, with health and reflection.
    pub async fn routes(&self, web: &motcua_web::Web, reflect: bool, stop: Shutdown) -> Result<Routes, Fail> {
        let guard = Guard::new(self.signer.verifier());
        let mut routes = Routes::builder();
        self.intake.add_to(&mut routes, guard.clone());
        self.routing.add_to(&mut routes, guard.clone());
        self.status.add_to(&mut routes, guard.clone());
        self.notification.add_to(&mut routes, guard.clone());
        web.add_to(&mut routes, guard);
        let services = vec![
            ("motcua.intake.v1.IntakeService", self.intake.ready()),
            ("motcua.routing.v1.RoutingService", self.routing.ready()),
            ("motcua.status.v1.StatusService", self.status.ready()),
            ("motcua.notification.v1.NotificationService", self.notification.ready()),
            ("motcua.web.v1.DeviceService", web.ready()),
        ];
        motcua_runtime::health::add_to(&mut routes, services, reflect, stop).await.map_err(Fail::other)?;
        Ok(routes.routes())
    }

    /// Ends when the in-process servers have drained.
    pub async fn finished(mut self) {
        while self.servers.join_next().await.is_some() {}
    }
}
