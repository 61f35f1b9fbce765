//! Closed loops: every client sends its next request when the last one was answered.
use std::{future::Future, sync::Arc, time::Duration};

use tokio::{task::JoinSet, time::Instant};

/// One of the concurrent callers.
pub trait Client: Send + Sized + 'static {
    /// One operation; false when there is nothing left to do.
    fn act(&mut self) -> impl Future<Output = bool> + Send;
}

/// One window of measurement.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Runs all clients until `length` has passed or none has anything left to do; gives them back.
pub async fn window<C: Client>(clients: Vec<C>, length: Duration) -> (Vec<C>, Sample) {
    let end = Instant::now() + length;
    while_true(clients, move || Instant::now() < end).await
}

/// Runs all clients while `more` says so.
pub async fn while_true<C: Client>(
    clients: Vec<C>,
    more: impl Fn() -> bool + Send + Sync + 'static,
) -> (Vec<C>, Sample) {
    let more = Arc::new(more);
    let mut running = JoinSet::new();
    let started = Instant::now();
    for mut client in clients {
        let more = more.clone();
        running.spawn(async move {
            let mut took = Vec::new();
            while more() {
                let from = Instant::now();
                if !client.act().await {
                    break;
                }
                took.push(from.elapsed());
            }
            (client, took)
        });
    }
    let mut clients = Vec::new();
    let mut took = Vec::new();
    for (client, its) in running.join_all().await {
        clients.push(client);
        took.extend(its);
    }
    (clients, sample(took, started.elapsed()))
}

fn sample(mut took: Vec<Duration>, elapsed: Duration) -> Sample {
    let per_second = took.len() as f64 / elapsed.as_secs_f64();
    let (p50, p99) = quantiles(&mut took);
    Sample { per_second, p50, p99 }
}

/// Median and 99th percentile.
pub fn quantiles(took: &mut [Duration]) -> (Duration, Duration) {
    assert!(!took.is_empty(), "nothing was measured");
    took.sort_unstable();
    (took[took.len() / 2], took[took.len() * 99 / 100])
}

/// How long and how often to measure.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub warm_up: Duration,
    pub window: Duration,
    pub runs: usize,
    /// Tickets that wait when a window of calls begins; it takes two thirds of them.
    pub waiting: usize,
    /// The longest line of the curve.
    pub curve_max: usize,
}

impl Plan {
    /// `MOTCUA_BENCH_SECONDS` (5) a window, `MOTCUA_BENCH_RUNS` (3) windows after a warm-up, `MOTCUA_BENCH_WAITING` (3000),
    /// `MOTCUA_BENCH_CURVE` (100000).
    pub fn from_environment() -> Self {
        let number = |name: &str, default: u64| {
            std::env::var(name)
                .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{name}={text}: a number")))
        };
        let window = Duration::from_secs(number("MOTCUA_BENCH_SECONDS", 5).max(1));
        let runs = usize::try_from(number("MOTCUA_BENCH_RUNS", 3).max(1)).unwrap();
        let waiting = usize::try_from(number("MOTCUA_BENCH_WAITING", 3000).max(300)).unwrap();
        let curve_max = usize::try_from(number("MOTCUA_BENCH_CURVE", 100_000)).unwrap();
        Self { warm_up: window.min(Duration::from_secs(1)), window, runs, waiting, curve_max }
    }

    /// A warm-up, then the windows.
    pub async fn measure<C: Client>(&self, clients: Vec<C>) -> (Vec<C>, Vec<Sample>) {
        let (mut clients, _) = window(clients, self.warm_up).await;
        let mut samples = Vec::with_capacity(self.runs);
        for _ in 0..self.runs {
            let (same, sample) = window(clients, self.window).await;
            clients = same;
            samples.push(sample);
        }
        (clients, samples)
    }
}
