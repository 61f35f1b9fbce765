//! `motcua queue simulate`: two played days side by side.
use motcua_proto::routing::v1::{
    ClassFigures, CounterNeed, GeneratedDay, SimulatePolicyRequest, SimulatePolicyResponse, SimulatedDay, WaitFigures,
    simulate_policy_request::Day,
};

use super::queue::{Simulate, date, print};
use super::table::Table;
use crate::{client::Client, fail::Fail};

/// Runs it.
#[allow(clippy::print_stderr, reason = "warnings beside the command's answer")]
pub async fn run(flags: Simulate) -> Result<(), Fail> {
    let file = flags.file.display().to_string();
    let toml = std::fs::read_to_string(&flags.file)
        .map_err(|e| Fail::config(format!("{file}: {e}; name a TOML file in UTF-8")))?;
    if toml.trim().is_empty() {
        return Err(Fail::config(format!("{file}: empty; `motcua centre demo` prints a file to start from")));
    }
    let day = match &flags.day {
        Some(text) => Day::PastBusinessDay(date("--day", text)?.to_string()),
        None => Day::Generated(GeneratedDay {
            seed: flags.seed.unwrap_or(1),
            visitors: within("--visitors", flags.visitors, 1..=10_000)?,
            ..GeneratedDay::default()
        }),
    };
    let target_minutes = within("--target", flags.target, 1..=240)?;
    let client = Client::connect(&flags.centre).await?;
    let answer = async {
        let centre_id = client.centre_id().await?;
        let request = SimulatePolicyRequest { centre_id, toml, file_name: file, day: Some(day), target_minutes };
        Ok::<_, Fail>(client.routing().simulate_policy(request).await?.into_inner())
    }
    .await;
    client.close().await;
    let answer = answer?;
    for warning in &answer.warnings {
        eprintln!("cảnh báo: {warning}");
    }
    print(&report(&answer, flags.target));
    Ok(())
}

/// 0 when left out.
fn within(flag: &str, value: Option<i32>, range: std::ops::RangeInclusive<i32>) -> Result<i32, Fail> {
    match value {
        Some(value) if !range.contains(&value) => {
            Err(Fail::config(format!("{flag} {value}: choose a number from {} to {}", range.start(), range.end())))
        }
        value => Ok(value.unwrap_or(0)),
    }
}

fn report(answer: &SimulatePolicyResponse, target: Option<i32>) -> Vec<String> {
    let (Some(before), Some(after)) = (&answer.in_force, &answer.candidate) else { return Vec::new() };
    let mut lines = vec![
        format!("Ngày {}, {} khách. Thời gian chờ tính bằng phút.", answer.business_day, answer.visitors),
        String::new(),
    ];
    lines.extend(waits(before, after));
    lines.push(String::new());
    lines.extend(classes(before, after));
    if let Some(target) = target {
        lines.push(String::new());
        lines.extend(needs(before, after, target));
    }
    lines
}

/// Name, then what is in force, then the file.
fn waits(before: &SimulatedDay, after: &SimulatedDay) -> Vec<String> {
    let headings = [
        "",
        "Số khách",
        "Nửa chờ ≤",
        "9/10 chờ ≤",
        "Lâu nhất",
        "Chưa xong",
        "│",
        "Số khách",
        "Nửa chờ ≤",
        "9/10 chờ ≤",
        "Lâu nhất",
        "Chưa xong",
    ];
    let mut table = Table::new(&["", "Đang dùng", "", "", "", "", "│", "Tệp mới"], &[]);
    table.row(headings.iter().map(|&heading| heading.to_owned()).collect());
    let mut row = |name: &str, before: Option<WaitFigures>, after: Option<WaitFigures>| {
        let mut cells = vec![name.to_owned()];
        cells.extend(wait_cells(before));
        cells.push("│".into());
        cells.extend(wait_cells(after));
        table.row(cells);
    };
    row("Tất cả", before.all, after.all);
    let new = |id: &String| !before.queues.iter().any(|queue| queue.queue_id == *id);
    let added = after.queues.iter().filter(|queue| new(&queue.queue_id));
    for queue in before.queues.iter().chain(added) {
        let of = |day: &SimulatedDay| day.queues.iter().find(|found| found.queue_id == queue.queue_id)?.waits;
        row(&queue.name, of(before), of(after));
    }
    let mut lines = table.lines();
    if before.refused > 0 || after.refused > 0 {
        lines.push(format!("Không lấy được số: {} │ {}", before.refused, after.refused));
    }
    lines
}

fn wait_cells(waits: Option<WaitFigures>) -> [String; 5] {
    let Some(waits) = waits else { return std::array::from_fn(|_| "–".into()) };
    [
        waits.issued.to_string(),
        minutes(waits.p50_seconds),
        minutes(waits.p90_seconds),
        minutes(waits.max_seconds),
        (waits.issued - waits.served).to_string(),
    ]
}

fn minutes(seconds: i32) -> String {
    ((seconds + 30) / 60).to_string()
}

/// Who waits how long, and who overtakes whom by how much at most.
fn classes(before: &SimulatedDay, after: &SimulatedDay) -> Vec<String> {
    let mut table =
        Table::new(&["Diện", "9/10 chờ ≤", "Bị vượt nhiều nhất", "│", "9/10 chờ ≤", "Bị vượt nhiều nhất"], &[]);
    let new = |id: &String| !before.classes.iter().any(|class| class.priority_class == *id);
    let added = after.classes.iter().filter(|class| new(&class.priority_class));
    for class in before.classes.iter().chain(added) {
        let mut cells = vec![if class.name.is_empty() { "Không ưu tiên".into() } else { class.name.clone() }];
        for (at, day) in [before, after].into_iter().enumerate() {
            if at == 1 {
                cells.push("│".into());
            }
            let found = day.classes.iter().find(|found| found.priority_class == class.priority_class);
            cells.extend(found.map_or_else(|| ["–".into(), "–".into()], class_cells));
        }
        table.row(cells);
    }
    table.lines()
}

fn class_cells(class: &ClassFigures) -> [String; 2] {
    let waits = class.waits.unwrap_or_default();
    let overtaken = match class.overtaken_people_max {
        0 => "không".into(),
        people => format!("{people} người, đến sau tới {} phút", minutes(class.overtaken_seconds_max)),
    };
    [minutes(waits.p90_seconds), overtaken]
}

fn needs(before: &SimulatedDay, after: &SimulatedDay, target: i32) -> Vec<String> {
    let mut lines = vec![format!("Số quầy mỗi giờ cần để 9/10 khách chờ không quá {target} phút (giờ làm việc):")];
    for (name, day) in [("Đang dùng", before), ("Tệp mới", after)] {
        let mut hours: Vec<i32> = day.needs.iter().map(|need| need.hour).collect();
        hours.sort_unstable();
        hours.dedup();
        let titles: Vec<String> = hours.iter().map(|hour| format!("{hour:02}h")).collect();
        let headings: Vec<&str> = [name, "Có"].into_iter().chain(titles.iter().map(String::as_str)).collect();
        let right: Vec<usize> = (1..headings.len()).collect();
        let mut table = Table::new(&headings, &right);
        let mut groups: Vec<&[String]> = day.needs.iter().map(|need| need.queue_ids.as_slice()).collect();
        groups.dedup();
        for group in groups {
            let own: Vec<&CounterNeed> = day.needs.iter().filter(|need| need.queue_ids == group).collect();
            let names: Vec<&str> = group.iter().map(String::as_str).collect();
            let mut cells = vec![names.join(", "), own.first().map_or(0, |need| need.open).to_string()];
            cells.extend(hours.iter().map(|hour| {
                own.iter().find(|need| need.hour == *hour).map_or_else(String::new, |need| need_cell(need))
            }));
            table.row(cells);
        }
        lines.push(String::new());
        lines.extend(table.lines());
        if day.needs_unfinished {
            lines.push("Chưa tìm xong trong thời gian cho phép: các số trên có thể còn thiếu.".into());
        }
    }
    let missed = [before, after].iter().flat_map(|day| &day.needs).any(|need| !need.kept);
    if missed {
        lines.push(String::new());
        lines.push("*: chưa đạt dù thêm quầy; khách đến dồn trước giờ mở cửa hoặc thiếu quầy phục vụ hàng này.".into());
    }
    lines
}

fn need_cell(need: &CounterNeed) -> String {
    format!("{}{}", need.needed, if need.kept { "" } else { "*" })
}
