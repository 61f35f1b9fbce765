use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::civil::DateTime;
use motcua_kernel::calendar::{Calendar, CalendarData, Limit, Mode, Pause, Unit};
use motcua_proto::intake::v1::{GetCalendarRequest, ImportCalendarRequest};

use crate::{cli::Target, client::Client, fail::Fail};

/// `motcua calendar …`
#[derive(Subcommand)]
pub enum Command {
    /// When a dossier is due, and which days were counted.
    Due(Due),
    /// Puts a notice on days off and make-up days into the centre's calendar: one that names all of a year's days in place of
    /// those, any other beside them.
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
    #[arg(long, allow_negative_numbers = true)]
    quantity: String,
    /// WORKING_DAY, DAY, HOUR or MONTH.
    #[arg(long)]
    unit: String,
    /// legal (n-th working day, at closing time) or hour (8 hours a day, inside the sessions).
    #[arg(long, default_value = "legal")]
    mode: String,
    /// FROM/TO, local times, while the clock stood still; may be given again.
    #[arg(long)]
    pause: Vec<String>,
    /// Counts by the calendar of the centre in this folder, with the notices that were imported; else by the one we ship.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs it.
pub async fn run(command: Command) -> Result<(), Fail> {
    match command {
        Command::Due(asked) => due(asked).await,
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
    let answer = answer.map_err(|status| Fail::from(status).of_file(&file))?.into_inner();
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
async fn due(asked: Due) -> Result<(), Fail> {
    let Due { received, quantity, unit, mode, pause, data } = asked;
    let calendar = match data {
        Some(data) => of_centre(&Target { data, ..Target::default() }).await?,
        None => Calendar::vietnam().map_err(Fail::other)?,
    };
    let zone = calendar.time_zone().clone();
    let time = |flag: &str, text: &str| {
        // With an offset it is a moment, whatever the zone.
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Ok(moment);
        }
        let local: DateTime = text
            .parse()
            .map_err(|_| Fail::config(format!("{flag} \"{text}\": write a local time such as 2026-11-20T09:00")))?;
        zone.to_timestamp(local).map_err(|e| Fail::config(format!("{flag} \"{text}\": {e}")))
    };
    let quantity: u32 = quantity
        .parse()
        .map_err(|_| Fail::config(format!("--quantity \"{quantity}\": write a whole number above 0, such as 3")))?;
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

async fn of_centre(target: &Target) -> Result<Calendar, Fail> {
    let client = Client::connect(target).await?;
    let request = GetCalendarRequest { centre_id: client.centre_id().await? };
    let answer = client.intake().get_calendar(request).await;
    client.close().await;
    let data: CalendarData = serde_json::from_str(&answer?.into_inner().data).map_err(Fail::other)?;
    Calendar::try_from(data).map_err(Fail::other)
}
