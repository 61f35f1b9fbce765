//! A running centre as an outsider meets it: real processes, real sockets, nothing linked in.
mod clients;
pub mod database;
pub mod nats;
mod process;

use std::{fs, process::ExitStatus};

pub use clients::{Caller, Clients, caller};
pub use process::{Process, binary};
use tempfile::TempDir;

/// A Monday at eight: the hall is open.
pub const MORNING: &str = "2026-11-23T08:00:00+07:00";

/// `motcua up` on a fresh folder and free ports. Dropping it kills the process and removes the folder.
pub struct Centre {
    process: Process,
    folder: TempDir,
}

impl Centre {
    /// Starts at [`MORNING`].
    pub async fn embedded() -> Self {
        Self::embedded_with(&["--clock", MORNING]).await
    }

    /// Starts with these flags of `motcua up` beside folder and ports.
    pub async fn embedded_with(flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let mut command = vec![binary("motcua").display().to_string(), "up".into(), "--data".into()];
        command.push(data.display().to_string());
        for listener in ["--http", "--grpc", "--kiosk"] {
            command.extend([listener.to_owned(), "127.0.0.1:0".to_owned()]);
        }
        command.extend(flags.iter().map(|&flag| flag.to_owned()));
        let process = Process::start("motcua", command, folder.path()).await;
        Self { process, folder }
    }

    /// What `motcua up` printed: `grpc`, `kiosk`, `board`, `console`, `citizen`, `manager`.
    pub fn url(&self, key: &str) -> &str {
        self.process.said.get(key).unwrap_or_else(|| panic!("motcua up printed no {key}: {:?}", self.process.said))
    }

    /// The token in `DATA/credentials/NAME.token`: operator, kiosk or service.
    pub fn token(&self, name: &str) -> String {
        let file = self.folder.path().join(format!("data/credentials/{name}.token"));
        fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())).trim().to_owned()
    }

    /// Clients on behalf of `operator`, `kiosk` or `service`.
    pub fn clients(&self, caller: &str) -> Clients {
        Clients::new(|_| self.url("grpc").to_owned(), &self.token(caller))
    }

    /// The process itself, to be frozen, killed and started again.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// SIGKILL and a new start on the same folder; ports may differ.
    pub async fn crash_and_restart(&mut self) {
        self.process.kill().await;
        self.process.restart().await;
    }

    /// SIGTERM, and how it left.
    pub async fn stop(mut self) -> ExitStatus {
        self.process.stop().await
    }
}
