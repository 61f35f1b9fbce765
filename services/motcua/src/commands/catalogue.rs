use std::path::{Path, PathBuf};

use clap::Subcommand;
use motcua_proto::intake::v1::{
    DraftFileHeader, DraftStanding, ImportCatalogueRequest, ImportHeader, ListVersionsRequest, PutDraftFileRequest,
    import_catalogue_request, put_draft_file_request,
};
use prost_types::Timestamp;

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
    /// What a CSV or XLSX file would change, procedure by procedure; changes nothing.
    Diff {
        /// The file.
        file: PathBuf,
        /// Date (YYYY-MM-DD) from which planned rows without a start_date are received.
        #[arg(long, value_name = "DATE")]
        planned_from: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// The versions that were published, newest first; those that wait for their day before them.
    Versions {
        #[command(flatten)]
        target: Target,
    },
}

/// Runs it.
pub async fn run(command: Command) -> Result<(), Fail> {
    match command {
        Command::Import { file, check, planned_from, target } => import(&file, check, planned_from, &target).await,
        Command::Diff { file, planned_from, target } => diff(&file, planned_from, &target).await,
        Command::Versions { target } => versions(&target).await,
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Fail> {
    std::fs::read(file).map_err(|e| Fail::config(format!("{}: {e}; name a CSV or XLSX file", file.display())))
}

#[allow(clippy::print_stderr, reason = "the command's answer")]
fn warn(warnings: &[String], count: i32) {
    for warning in warnings {
        eprintln!("cảnh báo: {warning}");
    }
    let hidden = usize::try_from(count).unwrap_or(0).saturating_sub(warnings.len());
    if hidden > 0 {
        eprintln!("cảnh báo: … và {hidden} cảnh báo nữa");
    }
}

#[allow(clippy::print_stdout, reason = "the command's answer")]
async fn import(file: &Path, check: bool, planned_from: Option<String>, target: &Target) -> Result<(), Fail> {
    use import_catalogue_request::Part;
    let bytes = read(file)?;
    let client = Client::connect(target).await?;
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
    let answer = answer.map_err(|status| Fail::from(status).of_file(file))?.into_inner();
    warn(&answer.warnings, answer.warning_count);
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

/// One line a change: standing, code, field, before, after.
#[allow(clippy::print_stdout, reason = "the command's answer")]
async fn diff(file: &Path, planned_from: Option<String>, target: &Target) -> Result<(), Fail> {
    use put_draft_file_request::Part;
    let bytes = read(file)?;
    let client = Client::connect(target).await?;
    let header = DraftFileHeader {
        request_id: motcua_kernel::id::new_id(),
        centre_id: client.centre_id().await?,
        planned_from: planned_from.unwrap_or_default(),
        check: true,
        replace: false,
    };
    let mut parts = vec![PutDraftFileRequest { part: Some(Part::Header(header)) }];
    parts.extend(bytes.chunks(CHUNK_BYTES).map(|c| PutDraftFileRequest { part: Some(Part::Chunk(c.to_vec().into())) }));
    let answer = client.catalogue().put_draft_file(tokio_stream::iter(parts)).await;
    client.close().await;
    let answer = answer.map_err(|status| Fail::from(status).of_file(file))?.into_inner();
    warn(&answer.warnings, answer.warning_count);
    let one_line = |text: &str| text.replace('\n', "; ");
    for change in &answer.changes {
        match change.standing() {
            DraftStanding::Added => println!("mới\t{}\t{}", change.code, change.name),
            DraftStanding::Closed => println!("rút\t{}\t{}", change.code, change.name),
            DraftStanding::Changed | DraftStanding::Unspecified => {
                for field in &change.fields {
                    let (before, after) = (one_line(&field.before), one_line(&field.after));
                    println!("đổi\t{}\t{}\t{before}\t{after}", change.code, field.label);
                }
            }
        }
    }
    let total = answer.added + answer.changed + answer.closed;
    let hidden = usize::try_from(total).unwrap_or(0).saturating_sub(answer.changes.len());
    if hidden > 0 {
        println!("…\tvà {hidden} thủ tục nữa");
    }
    println!("added\t{}", answer.added);
    println!("changed\t{}", answer.changed);
    println!("closed\t{}", answer.closed);
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the command's answer")]
async fn versions(target: &Target) -> Result<(), Fail> {
    let client = Client::connect(target).await?;
    let mut request = ListVersionsRequest { centre_id: client.centre_id().await?, ..Default::default() };
    println!("version\tpublished\tby\tfile\tadded\tchanged\tclosed\tnote");
    let ended = loop {
        match client.catalogue().list_versions(request.clone()).await {
            Ok(page) => {
                let page = page.into_inner();
                for w in &page.waiting {
                    let (from, by) = (&w.from_date, &w.publish_by);
                    println!(
                        "-\tsẽ có hiệu lực từ {from}\t{by}\t\t{}\t{}\t{}\t{}",
                        w.added, w.changed, w.closed, w.note
                    );
                }
                for v in &page.versions {
                    let (time, by, file) = (when(v.publish_time.as_ref()), &v.publish_by, &v.file_name);
                    println!(
                        "{}\t{time}\t{by}\t{file}\t{}\t{}\t{}\t{}",
                        v.version, v.added, v.changed, v.closed, v.note
                    );
                }
                request.page_token = page.next_page_token;
                if request.page_token.is_empty() {
                    break Ok(());
                }
            }
            Err(status) => break Err(status),
        }
    };
    client.close().await;
    Ok(ended?)
}

fn when(time: Option<&Timestamp>) -> String {
    motcua_runtime::grpc::from_timestamp(time).map(|time| time.to_string()).unwrap_or_default()
}
