use std::path::PathBuf;

use clap::{Args, Subcommand};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use motcua_proto::routing::v1::{
    Centre, Counter, CounterStatus, Estimate, ExplainTicketRequest, GetCentreRequest, Queue,
};
use prost_types::Timestamp as PbTime;

use super::simulate;
use super::table::Table;
use crate::{cli::Target, client::Client, fail::Fail};

/// `motcua queue …`
#[derive(Subcommand)]
pub enum Command {
    /// Queues and counters as they stand now.
    Status {
        #[command(flatten)]
        target: Target,
    },
    /// What happened to a number and why, for an answer to a complaint.
    Explain {
        /// The number on the paper: A012.
        ticket: String,
        /// Its day: 2026-11-23; today when left out.
        #[arg(long, value_name = "DATE")]
        day: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Plays a day under a centre's file beside the configuration in force; changes nothing.
    Simulate(Simulate),
}

/// Flags of `motcua queue simulate`.
#[derive(Args)]
pub struct Simulate {
    /// The file; `motcua centre demo` prints one to start from.
    pub file: PathBuf,
    /// Visitors of a generated day; 1000 when left out.
    #[arg(long, value_name = "N", conflicts_with = "day")]
    pub visitors: Option<i32>,
    /// Start of the generator: the same seed gives the same day; 1 when left out.
    #[arg(long, value_name = "S", conflicts_with = "day")]
    pub seed: Option<u64>,
    /// A past day of this centre instead of a generated one: 2026-11-23.
    #[arg(long, value_name = "DATE")]
    pub day: Option<String>,
    /// Also finds the counters that each hour needs so that nine in ten wait at most so long.
    #[arg(long, value_name = "MINUTES")]
    pub target: Option<i32>,
    #[command(flatten)]
    pub centre: Target,
}

/// Runs it.
pub async fn run(command: Command) -> Result<(), Fail> {
    match command {
        Command::Status { target } => status(&target).await,
        Command::Explain { ticket, day, target } => explain(&ticket, day.as_deref(), &target).await,
        Command::Simulate(flags) => simulate::run(flags).await,
    }
}

/// A date, or what to write instead.
pub(super) fn date(flag: &str, text: &str) -> Result<Date, Fail> {
    text.parse().map_err(|_| Fail::config(format!("{flag} \"{text}\": write a date such as 2026-11-23")))
}

/// Lines on stdout.
#[allow(clippy::print_stdout, reason = "the command's answer")]
pub(super) fn print(lines: &[String]) {
    for line in lines {
        println!("{line}");
    }
}

/// Who asks how a centre stands means one that is there: a slip in the folder's name makes no empty one.
fn existing(target: &Target) -> Result<(), Fail> {
    match target.url.is_some() || target.data.is_dir() {
        true => Ok(()),
        false => Err(Fail::config(format!(
            "--data {}: no such folder; name the centre's own, or start one with `motcua up`",
            target.data.display()
        ))),
    }
}

async fn status(target: &Target) -> Result<(), Fail> {
    existing(target)?;
    let client = Client::connect(target).await?;
    let answer = centre(&client).await;
    client.close().await;
    let centre = answer?;
    let zone = zone(&centre);
    let mut lines = Vec::new();
    if let Some(opening) = &centre.opening {
        lines.push(format!("{}: {}", centre.name, opening.text));
        lines.push(String::new());
    }
    let mut queues = Table::new(&["Hàng chờ", "Đang chờ", "Quầy mở", "Dự kiến", "Đã xong", "Đã cấp"], &[1, 2, 3, 4, 5]);
    for queue in &centre.queues {
        queues.row(queue_row(queue));
    }
    lines.extend(queues.lines());
    lines.push(String::new());
    let mut counters = Table::new(&["Quầy", "Tên", "Trạng thái", "Số", "Từ"], &[0]);
    for counter in &centre.counters {
        counters.row(counter_row(counter, &zone));
    }
    lines.extend(counters.lines());
    print(&lines);
    Ok(())
}

async fn centre(client: &Client) -> Result<Centre, Fail> {
    let request = GetCentreRequest { centre_id: client.centre_id().await? };
    let answer = client.routing().get_centre(request).await?.into_inner();
    answer.centre.ok_or_else(|| Fail::other("routing answered without a centre"))
}

fn zone(centre: &Centre) -> TimeZone {
    TimeZone::get(&centre.time_zone).unwrap_or(TimeZone::UTC)
}

fn queue_row(queue: &Queue) -> Vec<String> {
    let estimate = queue.estimate.unwrap_or_default();
    let issued = match queue.quota {
        Some(quota) => format!("{}/{quota}", queue.issued),
        None => queue.issued.to_string(),
    };
    vec![
        queue.name.clone(),
        queue.waiting.to_string(),
        estimate.open_counters.to_string(),
        expected(&estimate),
        queue.served.to_string(),
        issued,
    ]
}

/// "25–40 phút", "gọi ngay"
fn expected(estimate: &Estimate) -> String {
    let (low, high) = (estimate.seconds_min / 60, (estimate.seconds_max + 59) / 60);
    match (low, high) {
        (_, 0) => "chưa rõ".into(),
        (0, 1) => "gọi ngay".into(),
        (low, high) => format!("{low}–{high} phút"),
    }
}

fn counter_row(counter: &Counter, zone: &TimeZone) -> Vec<String> {
    let state = match counter.status() {
        CounterStatus::Open if counter.ticket_id.is_empty() => "trống".into(),
        CounterStatus::Open => "đang phục vụ".into(),
        CounterStatus::Paused => format!("tạm dừng: {}", counter.reason),
        CounterStatus::Closed => "đóng".into(),
        CounterStatus::Unspecified => "chưa rõ".into(),
    };
    let number = if counter.ticket_number.is_empty() { "–" } else { &counter.ticket_number };
    let since = counter.since_time.map_or_else(|| "–".into(), |time| clock(time, zone));
    vec![counter.number.to_string(), counter.name.clone(), state, number.to_owned(), since]
}

fn clock(time: PbTime, zone: &TimeZone) -> String {
    let time = Timestamp::new(time.seconds, time.nanos).unwrap_or_default().to_zoned_datetime(zone.clone());
    format!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())
}

async fn explain(number: &str, day: Option<&str>, target: &Target) -> Result<(), Fail> {
    let number = number.trim().to_uppercase();
    let digits = number.trim_start_matches(|c: char| c.is_ascii_uppercase());
    let letters = number.len() - digits.len();
    if !(1..=2).contains(&letters) || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fail::config(format!("\"{number}\": write the number as on the paper, such as A012")));
    }
    let business_day = day.map(|text| date("--day", text)).transpose()?.map(|day| day.to_string()).unwrap_or_default();
    existing(target)?;
    let client = Client::connect(target).await?;
    let answer = async {
        let centre = centre(&client).await?;
        let request = ExplainTicketRequest {
            centre_id: centre.id.clone(),
            ticket_number: number,
            business_day,
            ..ExplainTicketRequest::default()
        };
        Ok::<_, Fail>((centre, client.routing().explain_ticket(request).await?.into_inner()))
    }
    .await;
    client.close().await;
    let (centre, answer) = answer?;
    let (zone, ticket) = (zone(&centre), answer.ticket.unwrap_or_default());
    let queue = centre.queues.iter().find(|queue| queue.id == ticket.queue_id);
    let mut lines = vec![
        format!(
            "Số {}, ngày {}, {}",
            ticket.number,
            ticket.business_day,
            queue.map_or("", |queue| queue.name.as_str())
        ),
        String::new(),
    ];
    for step in &answer.steps {
        lines.push(format!("{}  {}", step.time.map(|time| clock(time, &zone)).unwrap_or_default(), step.text));
    }
    lines.push(String::new());
    match answer.overtaken.is_empty() {
        true => lines.push("Không ai đến sau được gọi trước.".into()),
        false => lines.extend(answer.overtaken),
    }
    print(&lines);
    Ok(())
}
