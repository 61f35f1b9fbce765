//! What every page of one kiosk shares: the centre, the catalogue, the calls, the printer.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{Timestamp, ZonedDateTime};
use motcua_runtime::{Clock, Shutdown};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::board::Board;
use crate::catalogue::{Catalogue, Usage};
use crate::grpc::Backend;
use crate::issue::Desk;
use crate::model::{Centre, Procedure, Reception};
use crate::paper::PrintError;
use crate::settings::Settings;
use crate::speaker::Speaker;

/// Shared by handlers and workers.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub settings: Settings,
    pub clock: Clock,
    pub backend: Backend,
    pub shutdown: Shutdown,
    /// The centre as last heard; none before the first answer.
    pub centre: watch::Sender<Option<Arc<Known>>>,
    /// Whether routing answered last time.
    pub reachable: watch::Sender<bool>,
    /// The catalogue as last heard.
    pub catalogue: watch::Sender<Option<Arc<Catalogue>>>,
    pub usage: Usage,
    /// Procedures of each area, for one pair of catalogue and centre.
    counts: Mutex<Option<Counts>>,
    pub calls: Calls,
    /// The halls' voice.
    pub speaker: Speaker,
    /// Whether a ticket would come out now.
    pub paper: watch::Sender<Result<(), PrintError>>,
    pub desk: Desk,
    /// Asks for the centre's figures before their turn.
    pub refresh: Notify,
}

type Counts = ((i64, i64), Arc<HashMap<String, usize>>);

/// The centre and when it was heard.
#[derive(Debug)]
pub(crate) struct Known {
    pub centre: Centre,
    pub heard: Instant,
}

/// The calls of the centre, and who listens to them.
#[derive(Debug)]
pub(crate) struct Calls {
    pub board: Mutex<Board>,
    /// Moves with every change; its value is only a count.
    pub changed: watch::Sender<u64>,
    /// Whether the feed lives.
    pub alive: watch::Sender<bool>,
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    pub fn new(settings: Settings, clock: Clock, backend: Backend, shutdown: Shutdown) -> Self {
        let (desk, speaker) = (Desk::new(&settings), Speaker::new(settings.voice.clone()));
        let calls = Calls { board: Mutex::default(), changed: watch::Sender::new(0), alive: watch::Sender::new(false) };
        Self(Arc::new(Inner {
            settings,
            clock,
            backend,
            shutdown,
            centre: watch::Sender::new(None),
            reachable: watch::Sender::new(true),
            catalogue: watch::Sender::new(None),
            usage: Usage::default(),
            counts: Mutex::default(),
            calls,
            speaker,
            paper: watch::Sender::new(Ok(())),
            desk,
            refresh: Notify::new(),
        }))
    }

    pub fn known(&self) -> Option<Arc<Known>> {
        self.centre.borrow().clone()
    }

    pub fn procedures(&self) -> Option<Arc<Catalogue>> {
        self.catalogue.borrow().clone()
    }

    /// How many procedures lead to each area.
    pub fn procedures_by_area(&self) -> Arc<HashMap<String, usize>> {
        let (Some(known), Some(catalogue)) = (self.known(), self.procedures()) else { return Arc::default() };
        let versions = (catalogue.version, known.centre.version);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, counts)) = &*counts
            && *of == versions
        {
            return counts.clone();
        }
        let mut fresh = HashMap::<String, usize>::new();
        for area in catalogue.rows().iter().filter_map(|procedure| known.centre.area_of(procedure)) {
            *fresh.entry(area.id.clone()).or_default() += 1;
        }
        let fresh = Arc::new(fresh);
        *counts = Some((versions, fresh.clone()));
        fresh
    }

    /// The centre's time: this machine's clock, unless the centre runs on a simulated one and this machine does not.
    pub fn now(&self) -> Timestamp {
        let own = self.clock.now();
        let Some(known) = self.known().filter(|known| known.centre.opening.simulated && !self.clock.is_simulated())
        else {
            return own;
        };
        let passed = jiff::SignedDuration::try_from(known.heard.elapsed()).unwrap_or_default();
        known.centre.opening.now.and_then(|then| then.checked_add(passed).ok()).unwrap_or(own)
    }

    /// The same in the centre's time zone.
    pub fn local(&self) -> ZonedDateTime {
        let zone = self.known().map_or(jiff::tz::TimeZone::UTC, |known| known.centre.zone.clone());
        self.now().to_zoned_datetime(zone)
    }

    /// Where a procedure is received today: a planned one counts as received from its first day on.
    pub fn reception(&self, procedure: &Procedure) -> Reception {
        let started =
            || procedure.start_date.parse::<jiff::civil::Date>().is_ok_and(|start| start <= self.local().date());
        match procedure.reception {
            Reception::Planned if started() => Reception::Received,
            other => other,
        }
    }

    /// Halls with a board, as (id, name), in the order of the settings.
    pub fn halls(&self) -> Vec<(String, String)> {
        let Some(known) = self.known() else { return vec![] };
        let wanted = &self.settings.board_halls;
        let mut halls: Vec<(String, String)> =
            known.centre.halls.iter().map(|hall| (hall.id.clone(), hall.name.clone())).collect();
        if !wanted.is_empty() {
            halls.retain(|(id, _)| wanted.contains(id));
            halls.sort_by_key(|(id, _)| wanted.iter().position(|hall| hall == id));
        }
        halls
    }
}

impl Calls {
    /// Reads the board.
    pub fn read<T>(&self, with: impl FnOnce(&Board) -> T) -> T {
        with(&self.board.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the board, and wakes its listeners when `with` says that it did.
    pub fn change(&self, with: impl FnOnce(&mut Board) -> bool) {
        let changed = with(&mut self.board.lock().unwrap_or_else(PoisonError::into_inner));
        if changed {
            self.changed.send_modify(|count| *count = count.wrapping_add(1));
        }
    }
}
