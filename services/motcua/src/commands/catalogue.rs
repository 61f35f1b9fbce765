use std::path::PathBuf;

use clap::Subcommand;
use motcua_proto::intake::v1::{ImportCatalogueRequest, ImportHeader, import_catalogue_request::Part};

use crate::{cli::Target, client::Client, fail::Fail};

const CHUNK_BYTES: usize = 256 * 1024;

/// `motcua catalogue …`
#[derive(Subcommand)]
pub enum Command {
    /// Replaces the whole catalogue by a CSV or XLSX file; all or nothing.
    Import {
        /// The file.
        file: PathBuf,
        /// Reports only.
        #[arg(long)]
        check: bool,
        /// Date (YYYY-MM-DD) from which planned rows without a start_date are received.
        #[arg(long, value_name = "DATE")]
        planned_from: Option<String>,
        #[command(flatten)]
        target: Target,
    },
}

/// Runs it.
#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the command's answer")]
pub async fn run(command: Command) -> Result<(), Fail> {
    let Command::Import { file, check, planned_from, target } = command;
    let bytes =
        std::fs::read(&file).map_err(|e| Fail::config(format!("{}: {e}; name a CSV or XLSX file", file.display())))?;
    let client = Client::connect(&target).await?;
    let header = ImportHeader {
        request_id: motcua_kernel::id::new_id(),
        centre_id: client.centre_id().await?,
        file_name: file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        check,
        planned_from: planned_from.unwrap_or_default(),
    };
    let mut parts = vec![ImportCatalogueRequest { part: Some(Part::Header(header)) }];
    parts.extend(
        bytes.chunks(CHUNK_BYTES).map(|c| ImportCatalogueRequest { part: Some(Part::Chunk(c.to_vec().into())) }),
    );
    let answer = client.intake().import_catalogue(tokio_stream::iter(parts)).await;
    client.close().await;
    let answer = answer?.into_inner();
    for warning in &answer.warnings {
        eprintln!("cảnh báo: {warning}");
    }
    let hidden = usize::try_from(answer.warning_count).unwrap_or(0).saturating_sub(answer.warnings.len());
    if hidden > 0 {
        eprintln!("cảnh báo: … và {hidden} cảnh báo nữa");
    }
    println!("version\t{}", answer.version);
    println!("changed\t{}", answer.changed);
    println!("received\t{}", answer.received);
    println!("planned\t{}", answer.planned);
    println!("at_agency\t{}", answer.at_agency);
    println!("rows\t{}", answer.received + answer.planned + answer.at_agency);
    println!("retired\t{}", answer.retired);
    println!("warnings\t{}", answer.warning_count);
    if check {
        println!("checked\tnothing was changed");
    }
    Ok(())
}
