//! What the process itself costs: starting with data, memory, the file on disk.
use std::{collections::BTreeMap, fs, time::Duration};

use motcua_tests::centre::{Centre, binary};
use tokio::time::{Instant, sleep};

const STARTS: usize = 5;
/// The catalogue has been read and the first beats are over.
const SETTLED: Duration = Duration::from_secs(5);

/// Milliseconds from the start of the process to its `ready` line, on the data that is there.
pub async fn starts(centre: &mut Centre) -> Vec<f64> {
    let process = centre.process("routing");
    let mut took = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        process.stop().await;
        let from = Instant::now();
        process.restart().await;
        took.push(from.elapsed().as_secs_f64() * 1e3);
    }
    took
}

/// Resident megabytes of a service's process, a while after its start.
pub async fn resident(centre: &mut Centre, service: &str) -> f64 {
    sleep(SETTLED).await;
    resident_of(centre.process(service).id())
}

/// Resident megabytes of a process now.
pub fn resident_of(id: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
}

/// Megabytes of a program's file.
pub fn size(program: &str) -> f64 {
    fs::metadata(binary(program)).unwrap().len() as f64 / 1e6
}

/// Processors of this machine.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Processor seconds that every program of this machine has used.
pub struct Busy {
    at: Instant,
    by_process: BTreeMap<u32, (String, f64)>,
}

/// Of the kernel's clock in `/proc`: the same on every Linux that matters.
const TICKS_A_SECOND: f64 = 100.0;

impl Busy {
    /// Our program runs as several services: those with these ids are named apart.
    pub fn now(routing: &[u32]) -> Self {
        let mut by_process = BTreeMap::new();
        let ids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        for id in ids {
            // It may be gone by now.
            let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
            let Some((head, rest)) = stat.rsplit_once(')') else { continue };
            let program = head.split_once('(').map_or("", |(_, name)| name);
            let name = match program {
                "motcua" if routing.contains(&id) => "routing",
                "motcua" | "motcua-kiosk" => "the other services",
                other => other,
            };
            // utime and stime are the 14th and 15th fields; two of them stand before the rest.
            let ticks = rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok());
            by_process.insert(id, (name.to_owned(), ticks.sum::<f64>() / TICKS_A_SECOND));
        }
        Self { at: Instant::now(), by_process }
    }

    /// Adds what was used from here to `later`, by program; how long that was.
    pub fn since(&self, later: &Self, used: &mut BTreeMap<String, f64>) -> Duration {
        for (id, (name, seconds)) in &later.by_process {
            let before = self.by_process.get(id).map_or(0.0, |(_, seconds)| *seconds);
            *used.entry(name.clone()).or_default() += seconds - before;
        }
        later.at - self.at
    }
}
