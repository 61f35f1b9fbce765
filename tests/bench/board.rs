//! From the press at the counter to the event in the hall's board page.
use std::time::Duration;

use motcua_tests::centre::Centre;
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use crate::{
    hall::Hall,
    measure::{Client as _, quantiles},
    tickets::{Issuer, Officer},
};

const CALLS: usize = 200;
/// Apart, as in a hall: the next call begins when the last one is on the board.
const LOST_AFTER: Duration = Duration::from_secs(10);

/// (median, 99th percentile) in milliseconds.
pub async fn latency(centre: &Centre, hall: &Hall) -> (f64, f64) {
    let mut seen = listen(centre).await;
    let mut issuer = Issuer::many(centre, hall, 1).remove(0);
    let mut officer = Officer::many(centre, hall, 1).remove(0);
    // Two for every counter: each serves two queues.
    for _ in 0..CALLS * 2 {
        issuer.act().await;
    }
    let mut took = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let from = Instant::now();
        let ticket = officer.call().await.expect("somebody waits");
        let at = timeout(LOST_AFTER, async {
            loop {
                let (at, text) = seen.recv().await.expect("the board's events ended");
                if text.contains(&format!("\"{}\"", ticket.number)) {
                    return at;
                }
            }
        });
        took.push(at.await.unwrap_or_else(|_| panic!("{} never came on the board", ticket.number)) - from);
    }
    let (p50, p99) = quantiles(&mut took);
    (p50.as_secs_f64() * 1e3, p99.as_secs_f64() * 1e3)
}

/// Every `calls` event of the kiosk's stream with the moment it came.
async fn listen(centre: &Centre) -> mpsc::UnboundedReceiver<(Instant, String)> {
    let url = format!("{}/events?hall=sanh", centre.url("kiosk"));
    let mut page = reqwest::get(&url).await.unwrap().error_for_status().unwrap();
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut rest = String::new();
        while let Ok(Some(chunk)) = page.chunk().await {
            let at = Instant::now();
            rest.push_str(&String::from_utf8_lossy(&chunk));
            while let Some(end) = rest.find("\n\n") {
                let event: String = rest.drain(..end + 2).collect();
                if event.contains("event: calls") && heard.send((at, event)).is_err() {
                    return;
                }
            }
        }
    });
    hears
}
