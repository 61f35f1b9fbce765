//! `motcua up`: a whole centre in one process.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use motcua_kernel::identity::{Identity, Role};
use motcua_kiosk::PrinterConfig;
use motcua_proto::routing::v1::Centre;
use motcua_runtime::{Bearer, Channel, Clock, Shutdown, listen, ops, server, telemetry};
use motcua_web::Web;
use tokio::net::TcpListener;

use crate::{
    commands::keys,
    data::{Folder, Running},
    embedded::{Embedded, database},
    fail::Fail,
};

const READY_WAIT_MAX: Duration = Duration::from_secs(5);
/// Numbers of each area and day that the kiosk keeps ready.
const OFFLINE_NUMBERS: u32 = 200;
const LINK_TTL: Duration = Duration::from_secs(24 * 3600);

/// Flags of `motcua up`.
#[derive(Args)]
pub struct Options {
    /// Folder for everything the centre keeps; made at the first start.
    #[arg(long, default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// Pages of staff and citizens; port 0 is any free port.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    http: SocketAddr,
    /// Internal gRPC.
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDR")]
    grpc: SocketAddr,
    /// The kiosk's touch page and the hall boards.
    #[arg(long, default_value = "127.0.0.1:8082", value_name = "ADDR")]
    kiosk: SocketAddr,
    /// Health and metrics for operators; off when left out.
    #[arg(long, value_name = "ADDR")]
    ops: Option<SocketAddr>,
    /// What QR codes carry; the address of --http when left out.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The centre's areas, queues and counters; the demo centre at the first start when left out.
    #[arg(long, value_name = "FILE.toml")]
    centre: Option<PathBuf>,
    /// Business time: 2026-11-23T08:00:00+07:00, and xN to run N times as fast. Loopback only.
    #[arg(long, value_name = "T[xN]")]
    clock: Option<String>,
    /// Ticket printer: tcp://HOST:9100, or folder (the default: DATA/printed), or none.
    #[arg(long, default_value = "folder", value_name = "PRINTER")]
    printer: String,
    /// A proxy in front of these listeners ends TLS; allows addresses that the network reaches.
    #[arg(long)]
    tls_in_front: bool,
    /// Collector for traces, OTLP over gRPC.
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
}

struct Listeners {
    http: TcpListener,
    grpc: TcpListener,
    kiosk: TcpListener,
    ops: Option<TcpListener>,
}

impl Listeners {
    async fn bind(options: &Options) -> Result<Self, Fail> {
        let bind = async |flag: &str, address| Ok::<_, Fail>(listen::bind(flag, address, options.tls_in_front).await?);
        Ok(Self {
            http: bind("--http", options.http).await?,
            grpc: bind("--grpc", options.grpc).await?,
            kiosk: bind("--kiosk", options.kiosk).await?,
            ops: match options.ops {
                Some(address) => Some(bind("--ops", address).await?),
                None => None,
            },
        })
    }
}

fn url(listener: &TcpListener) -> Result<String, Fail> {
    Ok(format!("http://{}", listener.local_addr().map_err(Fail::other)?))
}

fn clock(options: &Options) -> Result<Clock, Fail> {
    let Some(text) = &options.clock else { return Ok(Clock::system()) };
    if [options.http, options.grpc, options.kiosk].iter().any(|a| !listen::is_loopback(a.ip())) {
        return Err(Fail::config("--clock: only for a centre that listens on this machine alone (127.0.0.1)"));
    }
    Clock::parse(text).map_err(|e| Fail::config(format!("--clock: {e}")))
}

/// Runs until SIGTERM or Ctrl-C.
pub async fn run(options: Options) -> Result<(), Fail> {
    let started = tokio::time::Instant::now();
    let clock = clock(&options)?;
    let centre_file = match &options.centre {
        Some(path) => Some((
            std::fs::read_to_string(path)
                .map_err(|e| Fail::config(format!("--centre {}: {e}; name a TOML file in UTF-8", path.display())))?,
            path.display().to_string(),
        )),
        None => None,
    };
    let folder = Folder::open(&options.data)?;
    let _lock = folder.lock()?;
    let listeners = Listeners::bind(&options).await?;
    let settings = telemetry::Settings { otlp: options.otlp.clone(), ..Default::default() };
    let telemetry = telemetry::init("motcua", &settings).map_err(Fail::config)?;
    let stop = motcua_runtime::shutdown_on_signal().map_err(Fail::other)?;

    let http_url = url(&listeners.http)?;
    let public_url = options.public_url.clone().unwrap_or_else(|| http_url.clone());
    let mut embedded = Embedded::start(&folder, clock.clone(), &public_url, stop.clone()).await?;
    if let Some((toml, name)) = &centre_file {
        embedded.apply(toml, name).await?;
    }
    let centre = embedded.centre_or_demo().await?;
    keys::write_credentials(&folder, &embedded.signer, Some(&centre.id))?;
    let web =
        start_web(&folder, &embedded, &centre, clock.clone(), &public_url, options.tls_in_front, stop.clone()).await?;
    embedded.open();

    let running = Running {
        pid: std::process::id(),
        grpc: url(&listeners.grpc)?,
        http: http_url.clone(),
        kiosk: url(&listeners.kiosk)?,
        public_url: public_url.clone(),
        centre_id: centre.id.clone(),
    };
    folder.write_running(&running)?;
    announce(&folder, &running, &centre, &web).await?;

    let mut tasks = tokio::task::JoinSet::new();
    let routes = embedded.routes(&web, true, stop.clone()).await?;
    tasks.spawn(guarded("grpc", stop.clone(), server::serve_tcp(listeners.grpc, routes, stop.clone())));
    let serving = web.clone();
    tasks.spawn(guarded("web", stop.clone(), async move { serving.serve(listeners.http).await }));
    let kiosk = kiosk_settings(&options, &folder, &centre, &public_url)?;
    let devices = embedded.attach(|routes, guard| web.add_to(routes, guard), stop.clone());
    let own = Bearer::signed(embedded.signer.clone(), Identity::of(Role::Kiosk, "kiosk", &centre.id));
    let kiosk_deps = motcua_kiosk::Deps {
        routing: embedded.channel("routing", Identity::of(Role::Kiosk, "kiosk", &centre.id)),
        intake: embedded.channel("intake", Identity::of(Role::Kiosk, "kiosk", &centre.id)),
        status: embedded.channel("status", Identity::of(Role::Kiosk, "kiosk", &centre.id)),
        // Beside the centre it needs no code: it is the centre's own machine.
        device: Some(motcua_kiosk::DeviceLink::known(Channel::in_process(devices, own))),
        clock,
        shutdown: stop.clone(),
        listener: listeners.kiosk,
    };
    let kiosk = motcua_kiosk::start(kiosk, kiosk_deps).await;
    let kiosk_ready = kiosk.ready();
    tasks.spawn(guarded("kiosk", stop.clone(), kiosk.serve()));
    if let Some(listener) = listeners.ops {
        let ready = readiness(&embedded);
        let app = ops::router(telemetry.registry(), ready);
        let until = stop.clone().cancelled_owned();
        tasks.spawn(guarded("ops", stop.clone(), async move {
            axum::serve(listener, app).with_graceful_shutdown(until).await
        }));
    }
    // "ready" means that a citizen gets a number now; what takes longer shows as loading on the pages.
    let _ = tokio::time::timeout(READY_WAIT_MAX, all_ready(&embedded, kiosk_ready)).await;
    say(&[("ready", &format!("{:.2}", started.elapsed().as_secs_f64()))]);

    let mut failure = None;
    while let Some(done) = tasks.join_next().await {
        if let Ok(Err(fail)) = done {
            failure.get_or_insert(fail);
        }
    }
    embedded.finished().await;
    folder.clear_running();
    telemetry.shutdown();
    failure.map_or(Ok(()), Err)
}

/// One part that ends before the signal ends all of them: a centre without its kiosk or counters is not a centre.
async fn guarded<E: std::fmt::Display>(
    part: &'static str,
    stop: Shutdown,
    run: impl Future<Output = Result<(), E>>,
) -> Result<(), Fail> {
    let done = run.await;
    stop.cancel();
    done.map_err(|e| Fail::other(format!("{part}: {e}")))
}

async fn all_ready(embedded: &Embedded, kiosk: impl Future<Output = ()>) {
    let services =
        [embedded.intake.ready(), embedded.routing.ready(), embedded.status.ready(), embedded.notification.ready()];
    for mut ready in services {
        let _ = ready.wait_for(|ready| *ready).await.map(drop);
    }
    kiosk.await;
}

fn readiness(embedded: &Embedded) -> ops::Ready {
    let parts = [
        ("intake", embedded.intake.ready()),
        ("routing", embedded.routing.ready()),
        ("status", embedded.status.ready()),
        ("notification", embedded.notification.ready()),
    ];
    Arc::new(move || {
        let missing: Vec<&str> = parts.iter().filter(|(_, ready)| !*ready.borrow()).map(|(name, _)| *name).collect();
        let missing = missing.join(", ");
        Box::pin(async move { missing })
    })
}

async fn start_web(
    folder: &Folder,
    embedded: &Embedded,
    centre: &Centre,
    clock: Clock,
    public_url: &str,
    tls_in_front: bool,
    shutdown: Shutdown,
) -> Result<Web, Fail> {
    let own = |service: &str| embedded.channel(service, Identity::service("web"));
    let mut settings = motcua_web::Settings::new(public_url, &centre.id);
    settings.tls_in_front = tls_in_front;
    let deps = motcua_web::Deps {
        db: database(&folder.database("web"), "web").await?,
        bus: embedded.bus(),
        clock,
        routing: own("routing"),
        intake: own("intake"),
        status: own("status"),
        notification: own("notification"),
        signer: embedded.signer.clone(),
        shutdown,
    };
    motcua_web::start(settings, deps).await.map_err(Fail::config)
}

fn kiosk_settings(
    options: &Options,
    folder: &Folder,
    centre: &Centre,
    public_url: &str,
) -> Result<motcua_kiosk::Settings, Fail> {
    let printer = match options.printer.as_str() {
        "none" => PrinterConfig::None,
        "folder" => PrinterConfig::folder(folder.path().join("printed")),
        other => match other.strip_prefix("tcp://") {
            Some(address) => PrinterConfig::tcp(address.to_owned()),
            None => {
                return Err(Fail::config(format!("--printer \"{other}\": choose tcp://HOST:9100, folder or none")));
            }
        },
    };
    Ok(motcua_kiosk::Settings {
        centre_id: centre.id.clone(),
        kiosk_name: "Kiosk 1".to_owned(),
        public_url: public_url.trim_end_matches('/').to_owned(),
        printer,
        scanner: None,
        identity: Vec::new(),
        collect_queue: String::new(),
        referrals: None,
        board_halls: vec![],
        second_language: motcua_kiosk::lang::Locale::Km,
        voice: motcua_kiosk::VoiceConfig::default()
            .settings(folder.path())
            .map_err(|(key, value, remedy)| Fail::config(format!("{key} = {value}: {remedy}")))?,
        px_per_mm: None,
        store: folder.path().join("kiosk.db"),
        offline_numbers: OFFLINE_NUMBERS,
        secret: folder.secret("device.key", 32)?.try_into().map_err(|_| Fail::other("secret length"))?,
        demo_hint: Some("cargo run -- up --clock 2026-11-23T08:00:00+07:00".to_owned()),
    })
}

/// Names of those who come by a link: they stand on receipts and in the audit until people have accounts of their own.
pub const MANAGER: &str = "Lãnh đạo Trung tâm";
/// As [`MANAGER`].
pub const ADMIN: &str = "Quản trị Trung tâm";

/// As [`MANAGER`].
pub const GUIDE: &str = "Nhân viên hướng dẫn";

/// As [`MANAGER`].
pub const OFFICER: &str = "Công chức tiếp nhận";

/// As [`MANAGER`], for who decides in a department.
pub const DEPARTMENT: &str = "Công chức thụ lý";

/// As [`MANAGER`], for a counter.
pub fn officer(counter: &str) -> String {
    format!("Công chức Quầy {counter}")
}

/// Where everything is, one `key TAB value` a line.
async fn announce(folder: &Folder, running: &Running, centre: &Centre, web: &Web) -> Result<(), Fail> {
    let counter = centre.counters.iter().find(|c| c.open).or(centre.counters.first());
    let number = counter.map_or_else(|| "1".to_owned(), |c| c.number.to_string());
    let hall = centre.halls.first().map_or("", |h| h.id.as_str());
    let link = async |role, who: &str, path: &str| web.new_link(role, who, path, LINK_TTL).await.map_err(Fail::other);
    let console = link(Role::Officer, &officer(&number), &format!("/console/{number}")).await?;
    let manager = link(Role::Manager, MANAGER, "/manager").await?;
    let admin = link(Role::Admin, ADMIN, "/admin").await?;
    let staff = link(Role::Guide, GUIDE, "/staff").await?;
    say(&[
        ("data", &folder.path().display().to_string()),
        ("grpc", &running.grpc),
        ("kiosk", &format!("{}/", running.kiosk)),
        ("board", &format!("{}/board/{hall}", running.kiosk)),
        ("console", &console),
        ("citizen", &format!("{}/", running.http)),
        ("manager", &manager),
        ("admin", &admin),
        ("staff", &staff),
    ]);
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the lines that people and programs read to find the centre")]
fn say(lines: &[(&str, &str)]) {
    use std::io::Write as _;
    for (key, value) in lines {
        println!("{key}\t{value}");
    }
    let _ = std::io::stdout().flush();
}
