//! A process a service, from the files that deploy/serve ships, with this run's addresses in the environment.
use std::{
    collections::BTreeMap,
    net::TcpListener,
    path::Path,
    process::Command,
    sync::atomic::{AtomicU16, Ordering},
};

use motcua_proto::routing::v1::ApplyCentreRequest;
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::{CENTRE_ID, Centre, MORNING, Plan, Process, Shape, binary, database::Database, nats::NatsServer};

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/serve");

/// Every service listens before any of them starts: they name each other.
const SERVICES: [&str; 5] = ["intake", "routing", "status", "notification", "web"];

pub async fn start(more: &[(&str, &str)]) -> Centre {
    let (database, nats) = tokio::join!(Database::fresh(), NatsServer::start());
    let folder = tempfile::tempdir().unwrap();
    motcua(&["keys", "data"], &folder);
    let ports: BTreeMap<&str, u16> =
        [SERVICES.as_slice(), &["kiosk", "devices"]].concat().into_iter().zip(free_ports()).collect();
    let public_url = format!("http://127.0.0.1:{}", ports["web"]);

    let mut starting = JoinSet::new();
    for service in SERVICES {
        let mut environment = environment(service, &ports, folder.path());
        environment.push((key(service, "DATABASE_URL"), database.url(service)));
        environment.push((key(service, "BUS__URL"), nats.url()));
        if ["intake", "web"].contains(&service) {
            environment.push((key(service, "SETTINGS__PUBLIC_URL"), public_url.clone()));
        }
        environment.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let command = vec![
            binary("motcua").display().to_string(),
            "serve".into(),
            service.into(),
            "--config".into(),
            settings_file(service),
        ];
        let plan = Plan { name: service.to_owned(), command, environment, folder: folder.path().to_owned() };
        starting.spawn(async move { (service.to_owned(), Process::start(plan).await) });
    }
    let processes = starting.join_all().await.into_iter().collect();
    let shape = Shape::Cluster { database, nats: Box::new(nats) };
    let mut centre = Centre { processes, shape, folder };
    apply_demo(&centre).await;
    let kiosk = Process::start(kiosk_plan(&ports, &public_url, centre.folder.path())).await;
    centre.processes.insert("kiosk".to_owned(), kiosk);
    centre
}

/// The file that deploy/serve ships for a service.
pub fn settings_file(service: &str) -> String {
    format!("{FILES}/{service}.toml")
}

fn key(service: &str, key: &str) -> String {
    format!("MOTCUA_{}__{key}", service.to_uppercase())
}

fn environment(service: &str, ports: &BTreeMap<&str, u16>, folder: &Path) -> Vec<(String, String)> {
    let file = |name: &str| folder.join("data").join(name).display().to_string();
    let secret =
        |name: &str| std::fs::read_to_string(folder.join("data/secrets").join(name)).unwrap().trim().to_owned();
    let mut pairs = vec![
        ("LISTEN".to_owned(), format!("127.0.0.1:{}", ports[service])),
        ("OPS".to_owned(), "127.0.0.1:0".to_owned()),
        ("CLOCK".to_owned(), MORNING.to_owned()),
        ("AUTH__PUBLIC_KEY_FILE".to_owned(), file("secrets/identity.pub")),
    ];
    match service {
        "web" => {
            pairs.push(("AUTH__SIGNING_KEY_FILE".to_owned(), file("secrets/identity.key")));
            pairs.push(("DEVICES".to_owned(), format!("127.0.0.1:{}", ports["devices"])));
        }
        _ => pairs.push(("AUTH__TOKEN_FILE".to_owned(), file(&format!("credentials/{service}.token")))),
    }
    if service == "intake" {
        pairs.push(("SETTINGS__SEAL_KEY".to_owned(), secret("seal.key")));
        pairs.push(("SETTINGS__TOKEN_KEY".to_owned(), secret("receipt.key")));
        pairs.push(("SETTINGS__FILES_DIR".to_owned(), file("files")));
        pairs.push(("SETTINGS__SEED_STARTER".to_owned(), CENTRE_ID.to_owned()));
    }
    if ["status", "notification"].contains(&service) {
        pairs.push(("SEAL_KEY".to_owned(), secret("seal.key")));
    }
    for (peer, port) in ports.iter().filter(|(peer, _)| !["web", "kiosk", "devices"].contains(peer)) {
        pairs.push((format!("PEERS__{}", peer.to_uppercase()), format!("http://127.0.0.1:{port}")));
    }
    pairs.into_iter().map(|(name, value)| (key(service, &name), value)).collect()
}

fn kiosk_plan(ports: &BTreeMap<&str, u16>, public_url: &str, folder: &Path) -> Plan {
    let address = |name: &str| format!("127.0.0.1:{}", ports[name]);
    let environment = [
        ("HTTP", address("kiosk")),
        ("ROUTING", format!("http://{}", address("routing"))),
        ("INTAKE", format!("http://{}", address("intake"))),
        ("STATUS", format!("http://{}", address("status"))),
        ("WEB", format!("http://{}", address("devices"))),
        ("TOKEN_FILE", folder.join("data/credentials/kiosk.token").display().to_string()),
        ("DATA", folder.join("kiosk").display().to_string()),
        ("PUBLIC_URL", public_url.to_owned()),
        ("CLOCK", MORNING.to_owned()),
    ];
    Plan {
        name: "kiosk".to_owned(),
        command: vec![
            binary("motcua-kiosk").display().to_string(),
            "run".into(),
            "--config".into(),
            settings_file("kiosk"),
        ],
        environment: environment.into_iter().map(|(name, value)| (key("kiosk", name), value)).collect(),
        folder: folder.to_owned(),
    }
}

/// The demo centre, by the same RPC as an operator's.
async fn apply_demo(centre: &Centre) {
    let toml = motcua(&["centre", "demo"], &centre.folder);
    let request =
        ApplyCentreRequest { request_id: "demo".to_owned(), toml, file_name: "demo.toml".to_owned(), check: false };
    centre.clients("operator").routing.apply_centre(request).await.unwrap();
}

/// Runs a command of the binary to its end and gives what it printed.
fn motcua(arguments: &[&str], folder: &TempDir) -> String {
    let out = Command::new(binary("motcua")).args(arguments).current_dir(folder.path()).output().unwrap();
    assert!(out.status.success(), "motcua {arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

/// Ports that are free, each given out once by this process. They lie below those that the system gives to outgoing
/// connections and to whoever asks for any: nobody takes one between here and its service's start.
fn free_ports() -> Vec<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const PORTS: std::ops::Range<u16> = 12_000..32_000;
    // Another run on this machine begins elsewhere.
    let begin = (std::process::id() % u32::from(PORTS.end - PORTS.start)) as u16;
    let next = || PORTS.start + (begin + NEXT.fetch_add(1, Ordering::Relaxed) % 8_192) % (PORTS.end - PORTS.start);
    std::iter::repeat_with(next)
        .filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .take(SERVICES.len() + 2)
        .collect()
}
