use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::Event;
use futures::Stream;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{view, wall};
use crate::app::{App, Known};
use crate::paper::date;
use crate::speaker::Said;

/// A page that hears nothing for two seconds says so: beats are well within.
const BEAT: Duration = Duration::from_millis(500);

#[derive(Debug, Deserialize)]
pub(super) struct Listen {
    /// Halls of a board, separated by commas; none is all of them as one.
    hall: Option<String>,
    /// A counter's display.
    counter: Option<String>,
    /// A screen on the wall: `wall` in place of `centre`, and the voice of its halls.
    wall: Option<String>,
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

/// `calls` (one a hall; id = sequence of the feed), `centre` or `wall`, `counter`, `say`, `scan` and `beat`. The latest event
/// of a kind alone suffices; after a break the browser names the last id, and what was called meanwhile flashes.
pub(super) async fn stream(
    State(app): State<App>,
    Query(listen): Query<Listen>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let known = last.or(listen.after);
    Sse::new(events(app, listen, known))
}

fn events(app: App, listen: Listen, known: Option<i64>) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut feed = Feed {
        changed: app.calls.changed.subscribe(),
        centre: app.centre.subscribe(),
        reachable: app.reachable.subscribe(),
        paper: app.paper.subscribe(),
        spare: app.link.spare.subscribe(),
        refused: app.link.refused.subscribe(),
        catalogue: app.catalogue.subscribe(),
        voice: app.speaker.notices(),
        said: app.speaker.listen(),
        alive: app.calls.alive.subscribe(),
        // Without a last id nothing flashes: the page has just been opened.
        flashed: known.unwrap_or_else(|| app.calls.read(|board| board.seq)),
        sent: HashMap::new(),
        scans: app.scans.last.subscribe(),
        epoch: app.calls.read(|board| board.epoch),
        date: app.local().date(),
        halls: wall::halls_of(listen.hall.as_deref().unwrap_or_default()),
        counter: listen.counter.filter(|counter| !counter.is_empty()),
        wall: listen.wall.is_some(),
        pending: VecDeque::new(),
        beats,
        app,
    };
    feed.changed.mark_changed();
    feed.centre.mark_changed();
    futures::stream::unfold(feed, |mut feed| async move { feed.next().await.map(|event| (Ok(event), feed)) })
}

struct Feed {
    app: App,
    /// Halls shown apart; none is all of them as one.
    halls: Vec<String>,
    counter: Option<String>,
    wall: bool,
    /// Up to here the page has flashed what was called.
    flashed: i64,
    /// What the page shows, by event and hall: bounded by the halls of a page.
    sent: HashMap<String, String>,
    epoch: u64,
    date: jiff::civil::Date,
    /// Made together, sent one by one.
    pending: VecDeque<Event>,
    changed: watch::Receiver<u64>,
    centre: watch::Receiver<Option<Arc<Known>>>,
    reachable: watch::Receiver<bool>,
    paper: watch::Receiver<Result<crate::paper::Ready, crate::paper::PrintError>>,
    spare: watch::Receiver<crate::app::Spare>,
    refused: watch::Receiver<u32>,
    catalogue: watch::Receiver<Option<Arc<crate::catalogue::Catalogue>>>,
    voice: watch::Receiver<Arc<crate::voice::Voice>>,
    said: broadcast::Receiver<Said>,
    alive: watch::Receiver<bool>,
    /// Of a page that is touched, not of a board.
    scans: watch::Receiver<u64>,
    beats: Interval,
}

impl Feed {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return Some(event);
            }
            tokio::select! {
                biased;
                () = self.app.shutdown.cancelled() => return None,
                Ok(()) = self.changed.changed() => self.calls(),
                Ok(()) = self.alive.changed() => {
                    self.changed.mark_changed();
                    return Some(self.beat());
                }
                Ok(said) = self.said.recv(), if self.wall => self.say(&said),
                Ok(()) = self.centre.changed() => self.centre(),
                Ok(()) = self.reachable.changed() => self.centre(),
                Ok(()) = self.paper.changed() => self.centre(),
                Ok(()) = self.spare.changed() => self.centre(),
                Ok(()) = self.refused.changed() => self.centre(),
                Ok(()) = self.catalogue.changed() => self.centre(),
                Ok(()) = self.voice.changed() => self.centre(),
                Ok(()) = self.scans.changed(), if self.is_touched() => {
                    return Some(named("scan", &Scan { id: *self.scans.borrow_and_update() }));
                }
                _ = self.beats.tick() => return Some(self.beat()),
            }
        }
    }

    const fn is_touched(&self) -> bool {
        !self.wall && self.halls.is_empty() && self.counter.is_none()
    }

    fn calls(&mut self) {
        if self.counter.is_some() {
            return;
        }
        let epoch = self.app.calls.read(|board| board.epoch);
        if epoch != self.epoch {
            (self.epoch, self.flashed) = (epoch, 0);
            self.sent.clear();
        }
        let boards: Vec<_> = if self.halls.is_empty() {
            vec![view::board(&self.app, None, self.flashed)]
        } else {
            self.halls.iter().map(|hall| view::board(&self.app, Some(hall), self.flashed)).collect()
        };
        let seq = boards.first().map_or(0, |board| board.seq);
        // Before the feed has answered, what the page shows is newer than what is known here.
        if seq == 0 && !*self.app.calls.alive.borrow() {
            return;
        }
        self.flashed = self.flashed.max(seq);
        for board in boards {
            let text = serde_json::to_string(&board.shown()).unwrap_or_default();
            let known = self.sent.insert(format!("calls {}", board.hall), text.clone());
            if board.flash.is_empty() && known == Some(text) {
                continue;
            }
            self.pending.push_back(named("calls", &board));
        }
        // Whoever comes back after a part of them hears all of them again.
        if let Some(last) = self.pending.pop_back() {
            self.pending.push_back(last.id(seq.to_string()));
        }
    }

    fn say(&mut self, said: &Said) {
        if self.counter.is_none() && (self.halls.is_empty() || self.halls.contains(&said.hall_id)) {
            self.pending.push_back(named("say", &wall::say(said)));
        }
    }

    /// The figures, when they are not what was sent last.
    fn centre(&mut self) {
        if self.wall {
            self.changed_only("wall", &wall::wall(&self.app, &self.halls));
        } else {
            self.changed_only("centre", &view::centre(&self.app));
        }
        if let Some(counter) = &self.counter
            && let Some(view) = wall::counter(&self.app, counter)
        {
            self.changed_only("counter", &view);
        }
    }

    fn changed_only(&mut self, name: &str, view: &impl Serialize) {
        let text = serde_json::to_string(view).unwrap_or_default();
        if self.sent.get(name) != Some(&text) {
            self.pending.push_back(Event::default().event(name).data(&text));
            self.sent.insert(name.to_owned(), text);
        }
    }

    fn beat(&mut self) -> Event {
        let local = self.app.local();
        if local.date() != self.date {
            // Another day: its board is empty until somebody is called.
            self.date = local.date();
            self.sent.clear();
            self.changed.mark_changed();
            self.centre.mark_changed();
        }
        let clock = local.strftime("%H:%M").to_string();
        named("beat", &Beat { clock, date: date(&local), alive: *self.app.calls.alive.borrow() })
    }
}

fn named(name: &str, data: &impl Serialize) -> Event {
    Event::default().event(name).data(serde_json::to_string(data).unwrap_or_default())
}
