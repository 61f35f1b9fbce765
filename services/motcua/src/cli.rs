use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{commands, fail::Fail, serve, up};

/// Một Cửa: the software of a one-stop public service centre.
///
/// Without a command it starts a whole centre on this machine (`motcua up`).
#[derive(Parser)]
#[command(name = "motcua", version, about, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    up: up::Options,
}

/// Which centre a command talks to.
#[derive(Args, Clone, Default)]
pub struct Target {
    /// Data folder of the centre: the running one is found in it; otherwise its services start for the command.
    #[arg(long, default_value = "data", value_name = "DIR")]
    pub data: PathBuf,
    /// gRPC address of a centre that runs elsewhere; needs --token-file.
    #[arg(long, value_name = "URL", requires = "token_file")]
    pub url: Option<String>,
    /// Bearer token for --url.
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Centre id; the only one when left out.
    #[arg(long, value_name = "ID")]
    pub centre_id: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Starts a whole centre in one process: SQLite, embedded bus, nothing to install.
    Up(up::Options),
    /// Runs one service: intake, routing, status, notification or web.
    Serve {
        /// Which service.
        name: serve::Name,
        /// Its settings; MOTCUA_<SERVICE>__<KEY> in the environment overrides them.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// The catalogue of procedures.
    #[command(subcommand)]
    Catalogue(commands::catalogue::Command),
    /// The centre's areas, queues and counters.
    #[command(subcommand)]
    Centre(commands::centre::Command),
    /// The lines: how they stand, why a number waits, what another configuration would do.
    #[command(subcommand)]
    Queue(commands::queue::Command),
    /// The working calendar.
    #[command(subcommand)]
    Calendar(commands::calendar::Command),
    /// A fresh one-time link into a page: console/1, desk/1, dossiers, register, staff, manager, admin.
    Link {
        /// The page.
        page: String,
        /// The department, as the catalogue names it, whose dossiers alone are shown in lists and in the book.
        #[arg(long, value_name = "NAME")]
        department: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Keys and tokens for services that run apart.
    Keys {
        /// Folder to write them to; existing files are kept.
        dir: PathBuf,
    },
    /// Tries parked events again; with --all also publishes every stored event anew (consumers ignore what they know).
    Replay {
        /// Rebuild the streams.
        #[arg(long)]
        all: bool,
        /// Data folder of a stopped or running centre.
        #[arg(long, default_value = "data", value_name = "DIR")]
        data: PathBuf,
        /// A service that runs apart, instead of a data folder; with its --config.
        #[arg(long, value_name = "NAME", requires = "config")]
        service: Option<serve::Name>,
        /// The service's settings: only database_url is read.
        #[arg(long, value_name = "FILE", requires = "service")]
        config: Option<PathBuf>,
    },
    /// Looks a data folder over: databases whole, outboxes drained, nothing parked.
    Check {
        /// Data folder.
        #[arg(long, default_value = "data", value_name = "DIR")]
        data: PathBuf,
    },
}

/// Does what was asked.
pub async fn run(cli: Cli) -> Result<(), Fail> {
    match cli.command {
        None => up::run(cli.up).await,
        Some(Command::Up(options)) => up::run(options).await,
        Some(Command::Serve { name, config }) => serve::run(name, config.as_deref()).await,
        Some(Command::Catalogue(command)) => commands::catalogue::run(command).await,
        Some(Command::Centre(command)) => commands::centre::run(command).await,
        Some(Command::Queue(command)) => commands::queue::run(command).await,
        Some(Command::Calendar(command)) => commands::calendar::run(command).await,
        Some(Command::Link { page, department, target }) => {
            commands::link::run(&page, department.as_deref(), &target).await
        }
        Some(Command::Keys { dir }) => commands::keys::run(&dir),
        Some(Command::Replay { all, service: Some(name), config: Some(config), .. }) => {
            commands::replay::service(all, name.text(), &config).await
        }
        Some(Command::Replay { all, data, .. }) => commands::replay::run(all, &data).await,
        Some(Command::Check { data }) => commands::check::run(&data).await,
    }
}
