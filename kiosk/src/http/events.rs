use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use futures::Stream;
use serde::{Deserialize, Serialize};
use tokio::time::{MissedTickBehavior, interval};

use super::view;
use crate::app::App;
use crate::paper::date;

/// A page that hears nothing for two seconds says so: beats are well within.
const BEAT: Duration = Duration::from_millis(500);

#[derive(Debug, Deserialize)]
pub(super) struct Listen {
    hall: Option<String>,
    /// Where a page that was served with its state goes on.
    after: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Beat {
    /// "08:42", the centre's time.
    clock: String,
    /// "Thứ Hai, 23/11/2026".
    date: String,
    /// The feed of calls lives: false is a stale board.
    alive: bool,
}

/// Something was held before a scanner at a cable: `/api/scan` says what.
#[derive(Debug, Serialize)]
struct Scan {
    id: u64,
}

/// `calls` (id = sequence of the feed), `centre`, `scan` and `beat`. The latest event of a kind alone suffices; after a break the
/// browser names the last id, and what was called meanwhile flashes.
pub(super) async fn stream(
    State(app): State<App>,
    Query(listen): Query<Listen>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let known = last.or(listen.after);
    Sse::new(events(app, listen.hall.filter(|hall| !hall.is_empty()), known))
}

fn events(app: App, hall: Option<String>, known: Option<i64>) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut feed = Feed {
        changed: app.calls.changed.subscribe(),
        centre: app.centre.subscribe(),
        reachable: app.reachable.subscribe(),
        paper: app.paper.subscribe(),
        catalogue: app.catalogue.subscribe(),
        alive: app.calls.alive.subscribe(),
        // Without a last id nothing flashes: the page has just been opened.
        flashed: known.unwrap_or_else(|| app.calls.read(|board| board.seq)),
        sent: None,
        scans: app.scans.last.subscribe(),
        epoch: app.calls.read(|board| board.epoch),
        date: app.local().date(),
        centre_sent: String::new(),
        hall,
        beats,
        app,
    };
    feed.changed.mark_changed();
    feed.centre.mark_changed();
    futures::stream::unfold(feed, |mut feed| async move { feed.next().await.map(|event| (Ok(event), feed)) })
}

struct Feed {
    app: App,
    hall: Option<String>,
    /// Up to here the page has flashed what was called.
    flashed: i64,
    /// What the page shows; none before the first time.
    sent: Option<i64>,
    epoch: u64,
    date: jiff::civil::Date,
    centre_sent: String,
    changed: tokio::sync::watch::Receiver<u64>,
    centre: tokio::sync::watch::Receiver<Option<std::sync::Arc<crate::app::Known>>>,
    reachable: tokio::sync::watch::Receiver<bool>,
    paper: tokio::sync::watch::Receiver<Result<crate::paper::Ready, crate::paper::PrintError>>,
    catalogue: tokio::sync::watch::Receiver<Option<std::sync::Arc<crate::catalogue::Catalogue>>>,
    alive: tokio::sync::watch::Receiver<bool>,
    /// Of a page that is touched, not of a board.
    scans: tokio::sync::watch::Receiver<u64>,
    beats: tokio::time::Interval,
}

impl Feed {
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return None,
                Ok(()) = self.changed.changed() => if let Some(event) = self.calls() { return Some(event) },
                Ok(()) = self.alive.changed() => {
                    self.changed.mark_changed();
                    return Some(self.beat());
                }
                Ok(()) = self.centre.changed() => if let Some(event) = self.centre_event() { return Some(event) },
                Ok(()) = self.reachable.changed() => if let Some(event) = self.centre_event() { return Some(event) },
                Ok(()) = self.paper.changed() => if let Some(event) = self.centre_event() { return Some(event) },
                Ok(()) = self.catalogue.changed() => if let Some(event) = self.centre_event() { return Some(event) },
                Ok(()) = self.scans.changed(), if self.hall.is_none() => {
                    return Some(named("scan", &Scan { id: *self.scans.borrow_and_update() }));
                }
                _ = self.beats.tick() => return Some(self.beat()),
            }
        }
    }

    fn calls(&mut self) -> Option<Event> {
        let epoch = self.app.calls.read(|board| board.epoch);
        if epoch != self.epoch {
            (self.epoch, self.flashed, self.sent) = (epoch, 0, None);
        }
        let board = view::board(&self.app, self.hall.as_deref(), self.flashed);
        // Before the feed has answered, what the page shows is newer than what is known here.
        let unknown = board.seq == 0 && !*self.app.calls.alive.borrow();
        if unknown || self.sent == Some(board.seq) {
            return None;
        }
        self.sent = Some(board.seq);
        self.flashed = self.flashed.max(board.seq);
        Some(named("calls", &board).id(board.seq.to_string()))
    }

    /// The figures, when they are not what was sent last.
    fn centre_event(&mut self) -> Option<Event> {
        let text = serde_json::to_string(&view::centre(&self.app)).unwrap_or_default();
        if text == self.centre_sent {
            return None;
        }
        self.centre_sent.clone_from(&text);
        Some(Event::default().event("centre").data(text))
    }

    fn beat(&mut self) -> Event {
        let local = self.app.local();
        if local.date() != self.date {
            // Another day: its board is empty until somebody is called.
            self.date = local.date();
            self.sent = None;
            self.changed.mark_changed();
        }
        let clock = local.strftime("%H:%M").to_string();
        named("beat", &Beat { clock, date: date(&local), alive: *self.app.calls.alive.borrow() })
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
