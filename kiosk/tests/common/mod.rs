//! A centre in memory that answers only what the kiosk asks: numbers, calls, the centre, the catalogue.

mod data;
mod double;
mod lend;
mod web;

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::Timestamp;
use motcua_kiosk::settings::IdentityConfig;
use motcua_kiosk::{Deps, PrinterConfig, Settings};
use motcua_proto::intake::v1::intake_service_server::IntakeServiceServer;
use motcua_proto::routing::v1::routing_service_server::RoutingServiceServer;
use motcua_proto::status::v1::status_service_server::StatusServiceServer;
use motcua_proto::web::v1::device_service_server::DeviceServiceServer;
use motcua_runtime::{Bearer, Channel, Clock, Shutdown};
use tokio::net::TcpListener;

pub use data::areas;
pub use double::Double;
pub use web::Link;

pub const NOW: &str = "2026-11-23T08:42:00+07:00";

/// A kiosk in front of a doubled centre.
pub struct Kiosk {
    pub double: Double,
    pub url: String,
    pub folder: tempfile::TempDir,
    pub shutdown: Shutdown,
    pub served: tokio::task::JoinHandle<Result<(), motcua_kiosk::Error>>,
}

/// How a kiosk is started.
pub struct Start {
    pub address: &'static str,
    pub printer: Option<PrinterConfig>,
    pub clock: Clock,
    pub down: bool,
    pub link: Link,
    pub identity: Vec<IdentityConfig>,
}

impl Default for Start {
    fn default() -> Self {
        let now: Timestamp = NOW.parse().unwrap();
        Self {
            address: "127.0.0.1:0",
            printer: None,
            clock: Clock::manual(now),
            down: false,
            link: Link::None,
            identity: vec![],
        }
    }
}

impl Kiosk {
    pub async fn start() -> Self {
        Self::with(Start::default()).await
    }

    /// Tickets go to `folder/tickets` unless another printer is named.
    pub async fn with(start: Start) -> Self {
        let double = Double::new(start.clock.clone());
        double.with(|state| state.down = start.down);
        double.web.with(|state| state.link = start.link);
        let folder = tempfile::tempdir().unwrap();
        let printer = start.printer.unwrap_or_else(|| PrinterConfig::folder(tickets(&folder)));
        Self::before(double, folder, printer, start.clock, start.address, start.identity).await
    }

    /// Another process of the same machine: same centre, same folder, new memory.
    pub async fn restart(self) -> Self {
        let clock = self.double.clock.clone();
        self.restart_at(clock).await
    }

    /// The same after its store became these bytes.
    pub async fn broken(self, bytes: &[u8]) -> Self {
        self.shutdown.cancel();
        self.served.await.unwrap().unwrap();
        // Closed by whoever used it last: then there is no log beside it that could mend it.
        let log = self.folder.path().join("kiosk.db-wal");
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        while log.exists() {
            assert!(tokio::time::Instant::now() < deadline, "the store is still open");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        std::fs::write(self.folder.path().join("kiosk.db"), bytes.repeat(200)).unwrap();
        let clock = self.double.clock.clone();
        let printer = PrinterConfig::folder(tickets(&self.folder));
        Self::before(self.double, self.folder, printer, clock, "127.0.0.1:0", vec![]).await
    }

    /// The same with another clock in the machine.
    pub async fn restart_at(self, clock: Clock) -> Self {
        self.shutdown.cancel();
        self.served.await.unwrap().unwrap();
        let printer = PrinterConfig::folder(tickets(&self.folder));
        Self::before(self.double, self.folder, printer, clock, "127.0.0.1:0", vec![]).await
    }

    async fn before(
        double: Double,
        folder: tempfile::TempDir,
        printer: PrinterConfig,
        clock: Clock,
        address: &str,
        identity: Vec<IdentityConfig>,
    ) -> Self {
        let shutdown = Shutdown::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let centre = format!("http://{}", listener.local_addr().unwrap());
        let mut routes = tonic::service::Routes::builder();
        routes
            .add_service(RoutingServiceServer::new(double.clone()))
            .add_service(IntakeServiceServer::new(double.clone()))
            .add_service(StatusServiceServer::new(double.clone()))
            .add_service(DeviceServiceServer::new(double.web.clone()));
        tokio::spawn(motcua_runtime::server::serve_tcp(listener, routes.routes(), shutdown.clone()));
        let channel = || Channel::tcp(&centre, Bearer::fixed("a-kiosk").unwrap()).unwrap();

        let listener = TcpListener::bind(address).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            centre_id: "vinhlong".into(),
            kiosk_name: "Kiosk 1".into(),
            public_url: "https://hcc.example.vn".into(),
            printer,
            scanner: None,
            identity,
            collect_queue: String::new(),
            referrals: None,
            board_halls: vec![],
            second_language: motcua_kiosk::lang::Locale::Km,
            voice: motcua_kiosk::VoiceConfig::default().settings(folder.path()).unwrap(),
            px_per_mm: None,
            secret: motcua_kiosk::device_secret(folder.path()).unwrap(),
            store: folder.path().join("kiosk.db"),
            offline_numbers: 4,
            demo_hint: Some("cargo run -- up --clock 2026-11-23T08:00:00+07:00".into()),
        };
        let deps = Deps {
            routing: channel(),
            intake: channel(),
            status: channel(),
            device: double.web.link(&centre, folder.path()),
            clock,
            shutdown: shutdown.clone(),
            listener,
        };
        let served = tokio::spawn(motcua_kiosk::serve(settings, deps));
        Self { double, url, folder, shutdown, served }
    }

    /// Streams that the printer got, by name.
    pub fn printed(&self) -> HashMap<String, Vec<u8>> {
        let Ok(entries) = std::fs::read_dir(tickets(&self.folder)) else { return HashMap::new() };
        let names = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "escpos"));
        names
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap()))
            .collect()
    }
}

fn tickets(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("tickets")
}
