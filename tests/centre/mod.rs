//! A running centre as an outsider meets it: real processes, real sockets, nothing linked in.
mod clients;
mod cluster;
pub mod database;
mod kiosk;
pub mod nats;
mod process;

use std::{collections::BTreeMap, fs, path::Path, process::ExitStatus};

pub use clients::{Caller, Clients, caller};
pub use cluster::settings_file;
pub use kiosk::{Kiosk, Site, address, waiting};
pub use process::{Plan, Process, binary};
use tempfile::TempDir;

use self::{database::Database, nats::NatsServer};

/// A Monday at eight: the hall is open.
pub const MORNING: &str = "2026-11-23T08:00:00+07:00";

/// The demo centre's id.
pub const CENTRE_ID: &str = "vinhlong";

/// A centre on a fresh folder and free ports. Dropping it kills its processes and removes the folder.
pub struct Centre {
    processes: BTreeMap<String, Process>,
    shape: Shape,
    folder: TempDir,
}

enum Shape {
    /// One process: SQLite, embedded bus.
    Embedded,
    /// A process a service: PostgreSQL, NATS.
    Cluster { database: Database, nats: Box<NatsServer> },
}

impl Centre {
    /// `motcua up` at [`MORNING`].
    pub async fn embedded() -> Self {
        Self::embedded_with(&["--clock", MORNING]).await
    }

    /// `motcua up` with these flags beside folder and ports.
    pub async fn embedded_with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut command = vec![binary("motcua").display().to_string(), "up".into(), "--data".into()];
        command.push(data.display().to_string());
        for listener in ["--http", "--grpc", "--kiosk"] {
            command.extend([listener.to_owned(), "127.0.0.1:0".to_owned()]);
        }
        command.extend(flags.iter().map(|&flag| flag.to_owned()));
        let name = "motcua".to_owned();
        let plan = Plan { name: name.clone(), command, environment: vec![], folder: folder.path().to_owned() };
        let processes = [(name, Process::start(plan).await)].into();
        Self { processes, shape: Shape::Embedded, folder }
    }

    /// `motcua serve` for each service and `motcua-kiosk run`, on a fresh PostgreSQL database and a NATS server of its
    /// own, from the files in deploy/serve, at [`MORNING`], with the demo centre and the starter catalogue.
    pub async fn cluster() -> Self {
        Self::cluster_with(&[]).await
    }

    /// [`Centre::cluster`] with more environment, `MOTCUA_<SERVICE>__<KEY>`.
    pub async fn cluster_with(environment: &[(&str, &str)]) -> Self {
        cluster::start(environment).await
    }

    /// What the centre printed: `grpc`, `kiosk`, `board`, `console`, `citizen`, `manager`; of a cluster, the service's
    /// address by its name, and `kiosk`.
    pub fn url(&self, key: &str) -> &str {
        let said = self.processes.values().find_map(|process| process.said.get(key));
        said.unwrap_or_else(|| panic!("no process printed {key}")).trim_end_matches('/')
    }

    /// The token in `credentials/NAME.token`: operator, kiosk or service.
    pub fn token(&self, name: &str) -> String {
        let file = self.data().join(format!("credentials/{name}.token"));
        fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())).trim().to_owned()
    }

    /// Clients on behalf of `operator`, `kiosk` or `service`.
    pub fn clients(&self, caller: &str) -> Clients {
        let url = |service: &str| match self.shape {
            Shape::Embedded => self.url("grpc").to_owned(),
            Shape::Cluster { .. } => self.url(service).to_owned(),
        };
        Clients::new(url, &self.token(caller))
    }

    /// The process of a service, to be frozen, killed and started again: of an embedded centre there is one.
    pub fn process(&mut self, service: &str) -> &mut Process {
        let name = match self.shape {
            Shape::Embedded => "motcua",
            Shape::Cluster { .. } => service,
        };
        self.processes.get_mut(name).unwrap_or_else(|| panic!("no process {name}"))
    }

    /// SIGKILL and a new start on the same data; an embedded centre's ports change.
    pub async fn crash_and_restart(&mut self, service: &str) {
        let process = self.process(service);
        process.kill().await;
        process.restart().await;
    }

    /// A cluster's NATS server.
    pub fn nats(&mut self) -> &mut NatsServer {
        match &mut self.shape {
            Shape::Cluster { nats, .. } => nats,
            Shape::Embedded => panic!("an embedded centre has no NATS"),
        }
    }

    /// A cluster's database.
    pub fn database(&self) -> &Database {
        match &self.shape {
            Shape::Cluster { database, .. } => database,
            Shape::Embedded => panic!("an embedded centre has a file a service, in data()"),
        }
    }

    /// The folder with secrets and credentials, and an embedded centre's databases.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    /// Where the processes run and log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// SIGTERM to every process, and how each left.
    pub async fn stop(mut self) -> BTreeMap<String, ExitStatus> {
        let mut left = BTreeMap::new();
        for (name, process) in &mut self.processes {
            left.insert(name.clone(), process.stop().await);
        }
        left
    }
}
