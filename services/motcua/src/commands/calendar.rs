use clap::Subcommand;
use jiff::civil::DateTime;
use motcua_kernel::calendar::{Calendar, Limit, Mode, Pause, Unit};

use crate::fail::Fail;

/// `motcua calendar …`
#[derive(Subcommand)]
pub enum Command {
    /// When a dossier is due, and which days were counted.
    Due {
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
    },
}

/// Prints `due TAB TIME` and one line an explanation.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub fn run(command: Command) -> Result<(), Fail> {
    let Command::Due { received, quantity, unit, mode, pause } = command;
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
