//! A NATS server of one test's own, to be killed, frozen, wiped and started again on the same port.
use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wait;

const CONFIG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/nats/nats.conf");

/// What the server says of one durable consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumer {
    /// Messages in its stream, of whatever kind.
    pub stored: u64,
    /// Deliveries so far: a repeated one counts again.
    pub delivered: u64,
    /// Delivered and not acknowledged.
    pub unacknowledged: u64,
}

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

    /// For something that stands between.
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// A durable as the server sees it now; none before it is made.
    pub async fn consumer(&self, durable: &str) -> Option<Consumer> {
        let all = self.monitored("/jsz?accounts=true&streams=true&consumers=true").await?;
        let streams = all["account_details"].as_array()?.iter().filter_map(|a| a["stream_detail"].as_array()).flatten();
        streams.into_iter().find_map(|stream| {
            let consumer = stream["consumer_detail"].as_array()?.iter().find(|c| c["name"] == durable)?;
            Some(Consumer {
                stored: stream["state"]["messages"].as_u64()?,
                delivered: consumer["delivered"]["consumer_seq"].as_u64()?,
                unacknowledged: consumer["num_ack_pending"].as_u64()?,
            })
        })
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

    /// Everything in its store, as it lies on the disk.
    pub fn stored(&self) -> Vec<u8> {
        let mut all = vec![];
        let mut folders = vec![self.folder.path().join("jetstream")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => all.extend(fs::read(path).unwrap_or_default()),
                }
            }
        }
        all
    }

    /// The server's own log, over all its lives.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// By HTTP/1.0: the answer ends where the connection does.
    async fn monitored(&self, path: &str) -> Option<Value> {
        let address = self.written("monitoring")?;
        let mut stream = tokio::net::TcpStream::connect(address.strip_prefix("http://")?).await.ok()?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        serde_json::from_str(answer.split_once("\r\n\r\n")?.1).ok()
    }

    fn written_port(&self) -> Option<u16> {
        self.written("nats")?.rsplit(':').next()?.parse().ok()
    }

    /// The URL of one of this life's listeners.
    fn written(&self, listener: &str) -> Option<String> {
        let ports = self.folder.path().join(format!("nats-server_{}.ports", self.child.id()));
        let written: Value = serde_json::from_str(&fs::read_to_string(ports).ok()?).ok()?;
        Some(written[listener][0].as_str()?.to_owned())
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
        .args(["-c", CONFIG, "-a", "127.0.0.1", "-p", &port.to_string(), "-m", "-1", "--ports_file_dir"])
        .arg(folder.path())
        .env("MOTCUA_NATS_STORE", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap_or_else(|e| panic!("{}: {e}", program.display()))
}
