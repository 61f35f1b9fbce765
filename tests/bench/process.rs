//! What the process itself costs: starting with data, memory, the file on disk.
use std::{fs, time::Duration};

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
    let status = fs::read_to_string(format!("/proc/{}/status", centre.process(service).id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1024.0
}

/// Megabytes of a program's file.
pub fn size(program: &str) -> f64 {
    fs::metadata(binary(program)).unwrap().len() as f64 / 1e6
}
