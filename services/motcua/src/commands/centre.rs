use std::path::PathBuf;

use clap::Subcommand;
use motcua_proto::routing::v1::ApplyCentreRequest;

use crate::{cli::Target, client::Client, fail::Fail};

/// `motcua centre …`
#[derive(Subcommand)]
pub enum Command {
    /// Replaces the centre's configuration by a TOML file; all or nothing.
    Apply {
        /// The file; `motcua centre demo` prints one to start from.
        file: PathBuf,
        /// Reports only.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Prints the demo centre's file.
    Demo,
}

/// Runs it.
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the command's answer")]
pub async fn run(command: Command) -> Result<(), Fail> {
    let Command::Apply { file, check, target } = command else {
        print!("{}", motcua_routing::DEMO_CENTRE_TOML);
        return Ok(());
    };
    let toml = std::fs::read_to_string(&file)
        .map_err(|e| Fail::config(format!("{}: {e}; name a TOML file in UTF-8", file.display())))?;
    let client = Client::connect(&target).await?;
    let request = ApplyCentreRequest {
        request_id: motcua_kernel::id::new_id(),
        toml,
        file_name: file.display().to_string(),
        check,
    };
    let answer = client.routing().apply_centre(request).await;
    if let (Ok(answer), false) = (&answer, check)
        && let Some(centre) = &answer.get_ref().centre
    {
        client.applied(&centre.id)?;
    }
    client.close().await;
    let answer = answer?.into_inner();
    for warning in &answer.warnings {
        eprintln!("cảnh báo: {warning}");
    }
    let centre = answer.centre.unwrap_or_default();
    println!("centre\t{}", centre.id);
    println!("version\t{}", centre.version);
    println!("changed\t{}", answer.changed);
    println!("counters\t{}", centre.counters.len());
    println!("queues\t{}", centre.queues.len());
    Ok(())
}
