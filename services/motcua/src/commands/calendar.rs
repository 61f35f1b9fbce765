use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::civil::DateTime;
use motcua_kernel::calendar::{Calendar, Limit, Mode, Pause, Unit};
use motcua_proto::intake::v1::ImportCalendarRequest;

use crate::{cli::Target, client::Client, fail::Fail};

/// `motcua calendar …`
#[derive(Subcommand)]
pub enum Command {
    /// When a dossier is due, and which days were counted.
    Due(Due),
    /// Puts the years of a notice on days off and make-up days into the centre's calendar.
    Import {
        /// CSV with the columns date, name, kind (off, makeup_workday), status (official, statutory, proposed, unconfirmed).
        file: PathBuf,
        /// Reports only.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        target: Target,
    },
}

/// What is counted.
#[derive(Args)]
pub struct Due {
    /// Local time of reception: 2026-11-20T09:00
    #[arg(long)]
    received: String,
    /// How many units.
    #[arg(long)]
    quantity: u32,
    /// WORKING_DAY, DAY, HOUR or MONTH.
    #[arg(long)]
    unit: String,
    /// legal (n-th working day, at closing time) or hour (8 hours a day, inside the sessions).
    #[arg(long, default_value = "legal")]
    mode: String,
    /// FROM/TO, local times, while the clock stood still; may be given again.
    #[arg(long)]
    pause: Vec<String>,
}

/// Runs it.
pub async fn run(command: Command) -> Result<(), Fail> {
    match command {
        Command::Due(asked) => due(asked),
        Command::Import { file, check, target } => import(file, check, &target).await,
    }
}

#[allow(clippy::print_stdout, clippy::print_stderr, reason = "the command's answer")]
async fn import(file: PathBuf, check: bool, target: &Target) -> Result<(), Fail> {
    let content =
        std::fs::read(&file).map_err(|e| Fail::config(format!("{}: {e}; name a CSV file", file.display())))?;
    let client = Client::connect(target).await?;
    let request = ImportCalendarRequest {
        request_id: motcua_kernel::id::new_id(),
        centre_id: client.centre_id().await?,
        file_name: file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        content: content.into(),
        check,
    };
    let answer = client.intake().import_calendar(request).await;
    client.close().await;
    let answer = answer?.into_inner();
    for warning in &answer.warnings {
        eprintln!("cảnh báo: {warning}");
    }
    let years = |years: &[i32]| years.iter().map(i32::to_string).collect::<Vec<_>>().join(" ");
    println!("version\t{}", answer.version);
    println!("changed\t{}", answer.changed);
    println!("years\t{}", years(&answer.years));
    println!("complete\t{}", years(&answer.complete_years));
    if check {
        println!("checked\tnothing was changed");
    }
    Ok(())
}

/// Prints `due TAB TIME` and one line an explanation.
#[allow(clippy::print_stdout, reason = "the command's answer")]
fn due(asked: Due) -> Result<(), Fail> {
    let Due { received, quantity, unit, mode, pause } = asked;
    let calendar = Calendar::vietnam().map_err(Fail::other)?;
    let zone = calendar.time_zone().clone();
    let time = |flag: &str, text: &str| {
        let local: DateTime = text
            .parse()
            .map_err(|_| Fail::config(format!("{flag} \"{text}\": write a local time such as 2026-11-20T09:00")))?;
        zone.to_timestamp(local).map_err(|e| Fail::config(format!("{flag} \"{text}\": {e}")))
    };
    let unit: Unit =
        unit.parse().map_err(|_| Fail::config(format!("--unit \"{unit}\": choose WORKING_DAY, DAY, HOUR or MONTH")))?;
    let mode = match mode.as_str() {
        "legal" => Mode::Legal,
        "hour" => Mode::Hour,
        other => return Err(Fail::config(format!("--mode \"{other}\": choose legal or hour"))),
    };
    let mut pauses = vec![];
    for text in &pause {
        let (from, to) = text.split_once('/').ok_or_else(|| {
            Fail::config(format!("--pause \"{text}\": write FROM/TO, such as 2026-11-20T09:00/2026-11-24T10:00"))
        })?;
        pauses.push(Pause { from: time("--pause", from)?, to: time("--pause", to)? });
    }
    let due = calendar
        .due(time("--received", &received)?, Limit::new(quantity, unit), mode, &pauses)
        .map_err(Fail::config)?;
    println!("due\t{}", zone.to_datetime(due.due));
    for day in &due.counted {
        println!("counted\t{day}");
    }
    for line in &due.explanation {
        println!("why\t{line}");
    }
    Ok(())
}
