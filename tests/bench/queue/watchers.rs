//! Many who watch the queue: when one call has reached them all, and what they cost.
use motcua_proto::routing::v1::{WatchQueueRequest, watch_queue_response::Event};
use motcua_tests::centre::Centre;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Duration, Instant, timeout},
};

use crate::{
    hall::Hall,
    measure::quantiles,
    process,
    table::Figure,
    tickets::{self, Officer},
};

pub const WATCHERS: usize = 500;
const CALLS: usize = 100;
const LOST_AFTER: Duration = Duration::from_secs(30);

/// The ticket of a call as one watcher saw it.
type Seen = (String, Instant);
/// Instead of a ticket: the watcher sees whatever happens from now on.
const THERE: &str = "there";

pub async fn measure(centre: &mut Centre, store: &'static str, hall: &Hall, figures: &mut Vec<Figure>) {
    // The calls' own rows and answers are in the process before the watchers come.
    tickets::fill(centre, hall, CALLS * 4).await;
    let mut officer = Officer::many(centre, hall, 1).remove(0);
    for _ in 0..CALLS {
        officer.call().await.unwrap();
    }
    let before = process::resident(centre, "routing").await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let mut watching = JoinSet::new();
    for _ in 0..WATCHERS {
        watching.spawn(watch(centre, hall, heard.clone()));
    }
    let mut hear = async || -> Seen { timeout(LOST_AFTER, hears.recv()).await.expect("all hear").unwrap() };
    for _ in 0..WATCHERS {
        assert_eq!(hear().await.0, THERE);
    }
    let mut reached = Vec::with_capacity(CALLS);
    let mut each = Vec::with_capacity(CALLS * WATCHERS);
    for _ in 0..CALLS {
        let from = Instant::now();
        let ticket = officer.call().await.expect("somebody waits").id;
        let mut last = from;
        for _ in 0..WATCHERS {
            let (of, at) = hear().await;
            assert_eq!(of, ticket, "the next call begins when the last one has reached all");
            each.push(at - from);
            last = last.max(at);
        }
        reached.push(last - from);
    }
    let after = process::resident(centre, "routing").await;
    watching.abort_all();
    let mut figure = |name, unit, reading, limit| {
        figures.push(Figure { name, store, unit, readings: vec![reading], limit });
    };
    let (_, each) = quantiles(&mut each);
    let (half, most) = quantiles(&mut reached);
    figure("call → each of 500 watchers, p99", "ms", each.as_secs_f64() * 1e3, 100.0);
    figure("call → the last of 500 watchers, p50", "ms", half.as_secs_f64() * 1e3, 100.0);
    figure("call → the last of 500 watchers, p99", "ms", most.as_secs_f64() * 1e3, 100.0);
    figure("resident more with 500 watchers", "MB", after - before, 30.0);
}

/// On a connection of its own, from now on.
fn watch(centre: &Centre, hall: &Hall, heard: mpsc::UnboundedSender<Seen>) -> impl Future<Output = ()> + use<> {
    let mut routing = centre.clients("operator").routing;
    let request = WatchQueueRequest { centre_id: hall.centre_id.clone(), queue_id: String::new(), after_seq: -1 };
    async move {
        let mut feed = routing.watch_queue(request).await.unwrap().into_inner();
        heard.send((THERE.into(), Instant::now())).unwrap();
        while let Ok(Some(said)) = feed.message().await {
            let at = Instant::now();
            if let Some(Event::Moved(moved)) = said.event
                && moved.r#move == "called"
                && heard.send((moved.ticket.unwrap().id, at)).is_err()
            {
                return;
            }
        }
    }
}
