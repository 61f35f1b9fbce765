//! A NATS server of one test's own, to be killed, frozen, wiped and started again on the same port.
use std::{
    env, fs,
    net::{Ipv4Addr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::wait;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nats/nats.conf");

/// Running with deploy/nats/nats.conf. Dropping it kills it and removes its store.
pub struct NatsServer {
    program: PathBuf,
    folder: TempDir,
    child: Child,
    port: u16,
}

impl NatsServer {
    /// On a port that the server itself found free.
    pub async fn start() -> Self {
        let program = env::var_os("MOTCUA_TEST_NATS_SERVER").expect("tests/run installs it and names it here").into();
        let folder = tempfile::tempdir().unwrap();
        let child = spawn(&program, &folder, -1);
        let mut server = Self { program, folder, child, port: 0 };
        server.port = wait::until("nats-server's port", || async { server.written_port() }).await;
        server
    }

    /// For clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Removes every stream, as a lost disk does. Kill it first.
    pub fn wipe(&self) {
        let _ = fs::remove_dir_all(self.folder.path().join("jetstream"));
    }

    /// On the same port and store.
    pub async fn restart(&mut self) {
        self.child = spawn(&self.program, &self.folder, i32::from(self.port));
        let port = self.port;
        wait::until("nats-server is back", || async { TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok() }).await;
    }

    /// The server's own log, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn written_port(&self) -> Option<u16> {
        let ports = self.folder.path().join(format!("nats-server_{}.ports", self.child.id()));
        let text = fs::read_to_string(ports).ok()?;
        let written: serde_json::Value = serde_json::from_str(&text).ok()?;
        written["nats"][0].as_str()?.rsplit(':').next()?.parse().ok()
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(program: &PathBuf, folder: &TempDir, port: i32) -> Child {
    let log = fs::OpenOptions::new().create(true).append(true).open(folder.path().join("log")).unwrap();
    Command::new(program)
        .args(["-c", CONFIG, "-a", "127.0.0.1", "-p", &port.to_string(), "--ports_file_dir"])
        .arg(folder.path())
        .env("MOTCUA_NATS_STORE", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()))
}
