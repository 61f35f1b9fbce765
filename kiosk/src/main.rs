//! The kiosk as a program of its own: `run`, `print-test`, `doctor`, `ticket render`, `voice`.

mod voice_command;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use motcua_kernel::ticket_number::TicketNumber;
use motcua_kiosk::lang::Locale;
use motcua_kiosk::paper::{self, Job, Printed, Raster, Slip, Typesetter};
use motcua_kiosk::watchdog::{Watchdog, answers};
use motcua_kiosk::{Deps, DeviceLink, KioskConfig};
use motcua_runtime::{Bearer, Channel, Clock, Lent, listen, telemetry};

#[derive(Debug, Parser)]
#[command(name = "motcua-kiosk", version, about = "Touch page, ticket printer and hall boards of a one-stop centre")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the touch page and the boards.
    Run {
        /// Configuration file (TOML).
        #[arg(long)]
        config: PathBuf,
    },
    /// Print a sample ticket on the configured printer.
    PrintTest {
        /// Configuration file (TOML).
        #[arg(long)]
        config: PathBuf,
    },
    /// Look at configuration, store, network, clock and printer, and say what to do. Changes nothing.
    Doctor {
        /// Configuration file (TOML).
        #[arg(long)]
        config: PathBuf,
    },
    /// Tickets without a centre.
    #[command(subcommand)]
    Ticket(Ticket),
    /// The halls' voice without a hall.
    #[command(subcommand)]
    Voice(voice_command::Command),
}

#[derive(Debug, Subcommand)]
enum Ticket {
    /// Set a ticket as a picture or a printer's stream.
    Render(Render),
}

#[derive(Debug, Args)]
struct Render {
    /// As printed: A001.
    #[arg(long)]
    number: TicketNumber,
    /// Name of the area.
    #[arg(long, default_value = "Đất đai, xây dựng, giao thông")]
    area: String,
    /// Name of the procedure.
    #[arg(long, default_value = "")]
    procedure: String,
    /// Name of the centre.
    #[arg(long, default_value = "Trung tâm Phục vụ hành chính công")]
    centre: String,
    /// vi, km or en.
    #[arg(long, default_value = "vi", value_parser = voice_command::locale)]
    locale: Locale,
    /// Say "Ưu tiên".
    #[arg(long)]
    priority: bool,
    /// People before this ticket.
    #[arg(long, default_value_t = 7)]
    ahead: u32,
    /// What the code leads to.
    #[arg(long, default_value = "https://hcc.example.vn/t/maumaumaumaumaumaumaum")]
    url: String,
    /// Dots across the paper: 576 for 80 mm, 384 for 58 mm.
    #[arg(long, default_value_t = paper::WIDTH, value_parser = dots)]
    dots: usize,
    /// Time of arrival (RFC 3339); now when left out.
    #[arg(long)]
    time: Option<jiff::Timestamp>,
    /// Set it so many times more and say how long one took (`render_ms TAB 2.1`): how fast this machine is.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000))]
    times: u32,
    #[command(flatten)]
    out: Out,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Out {
    /// Write the picture.
    #[arg(long)]
    png: Option<PathBuf>,
    /// Write the printer's stream.
    #[arg(long)]
    escpos: Option<PathBuf>,
}

fn dots(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(dots @ (paper::WIDTH | paper::WIDTH_SMALL)) => Ok(dots),
        _ => Err("choose 576 (80 mm) or 384 (58 mm)".into()),
    }
}

const WRONG_CONFIGURATION: u8 = 2;
const PORT_IN_USE: u8 = 4;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Run { config } => run(&config).await,
        Command::PrintTest { config } => print_test(&config).await,
        Command::Doctor { config } => return doctor(&config).await,
        Command::Ticket(Ticket::Render(render)) => render_ticket(&render),
        Command::Voice(command) => voice_command::run(command),
    };
    let Err(error) = done else { return ExitCode::SUCCESS };
    if let Some(wrong) = error.downcast_ref::<motcua_kiosk::ConfigError>() {
        // It says all of it: what lies beneath would be said twice.
        eprintln!("motcua-kiosk: {wrong}");
        return ExitCode::from(WRONG_CONFIGURATION);
    }
    eprintln!("motcua-kiosk: {error:#}");
    match error.downcast_ref::<listen::ListenError>() {
        Some(listen::ListenError::InUse { .. }) => ExitCode::from(PORT_IN_USE),
        Some(_) => ExitCode::from(WRONG_CONFIGURATION),
        None => ExitCode::FAILURE,
    }
}

async fn run(file: &Path) -> anyhow::Result<()> {
    let config = KioskConfig::load(file)?;
    let settings = config.settings()?;
    let lent = Lent::default();
    let token = config.token()?;
    let bearer = match &token {
        Some(token) => Bearer::fixed(token).context("token_file")?,
        None => Bearer::Lent(lent.clone()),
    };
    let clock = match &config.clock {
        Some(text) => Clock::parse(text).context("clock")?,
        None => Clock::system(),
    };
    let telemetry = telemetry::init("kiosk", &config.telemetry)?;
    let routing = Channel::tcp(&config.routing, bearer.clone()).context("routing")?;
    let intake = Channel::tcp(&config.intake, bearer.clone()).context("intake")?;
    let status = Channel::tcp(config.status(), bearer.clone()).context("status")?;
    let device = match config.web.as_str() {
        "" => None,
        url => {
            let channel = Channel::tcp(url, bearer).context("web")?;
            Some(match token {
                Some(_) => DeviceLink::known(channel),
                None => DeviceLink::enrolling(channel, &config.data, lent),
            })
        }
    };
    let listener = listen::bind("http", config.http, config.tls_in_front).await?;
    let address = listener.local_addr()?;
    let shutdown = motcua_runtime::shutdown_on_signal()?;
    say(&format!("kiosk\thttp://{address}/\nboard\thttp://{address}/board\nready"));
    if let Some(watchdog) = Watchdog::from_env() {
        tokio::spawn(watchdog.run(move || answers(address), shutdown.clone()));
    }
    let served =
        motcua_kiosk::serve(settings, Deps { routing, intake, status, device, clock, shutdown, listener }).await;
    telemetry.shutdown();
    Ok(served?)
}

async fn print_test(file: &Path) -> anyhow::Result<()> {
    let config = KioskConfig::load(file)?;
    let slip = Slip {
        kiosk: config.name.clone(),
        url: format!("{}/t/inthuinthuinthuinthuin", config.public_url.trim_end_matches('/')),
        ..sample("IN001".into(), Locale::Vi)
    };
    let printer = config.printer.open();
    let raster = slip.render(&Typesetter::default(), printer.dots());
    let job = Job { id: "print-test".into(), number: "TEST".into(), raster };
    match printer.print(&job, Box::pin(async {})).await {
        Printed::Yes => say("Đã in phiếu thử."),
        Printed::No(error) | Printed::Later(error, _) => return Err(error.into()),
    }
    Ok(())
}

/// `good|bad TAB what TAB text`, one a line; leaves with 1 when something is bad.
async fn doctor(file: &Path) -> ExitCode {
    let found = motcua_kiosk::doctor::examine(file).await;
    let line = |one: &motcua_kiosk::doctor::Finding| {
        format!("{}\t{}\t{}", if one.good { "good" } else { "bad" }, one.what, one.text)
    };
    say(&found.iter().map(line).collect::<Vec<_>>().join("\n"));
    if found.iter().all(|one| one.good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn render_ticket(render: &Render) -> anyhow::Result<()> {
    let slip = Slip {
        centre: render.centre.clone(),
        area_letter: render.number.series().to_string(),
        area_name: render.area.clone(),
        procedure: render.procedure.clone(),
        priority: render.priority,
        ahead: Some(render.ahead),
        arrival: render.time.unwrap_or_else(|| Clock::system().now()),
        url: render.url.clone(),
        ..sample(render.number.to_string(), render.locale)
    };
    let type_ = Typesetter::default();
    let raster: Raster = slip.render(&type_, render.dots);
    if render.times > 0 {
        let from = std::time::Instant::now();
        (0..render.times).for_each(|_| drop(slip.render(&type_, render.dots)));
        say(&format!("render_ms\t{:.2}", from.elapsed().as_secs_f64() * 1e3 / f64::from(render.times)));
    }
    if let Some(path) = &render.out.png {
        std::fs::write(path, raster.png()?).with_context(|| path.display().to_string())?;
    }
    if let Some(path) = &render.out.escpos {
        std::fs::write(path, paper::encode(&raster)).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

fn sample(number: String, locale: Locale) -> Slip {
    Slip {
        centre: "Trung tâm Phục vụ hành chính công".into(),
        kiosk: String::new(),
        number,
        area_letter: "A".into(),
        area_name: "Phiếu in thử".into(),
        procedure: String::new(),
        errands: vec![],
        left_out: vec![],
        priority: false,
        ahead: None,
        minutes: None,
        offline: false,
        arrival: Clock::system().now(),
        zone: jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or(jiff::tz::TimeZone::UTC),
        url: String::new(),
        locale,
    }
}

#[expect(clippy::print_stdout, reason = "the program's answer, not a log")]
fn say(text: &str) {
    println!("{text}");
}
