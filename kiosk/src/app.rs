//! What every page of one kiosk shares: the centre, the catalogue, the calls, the printer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{Timestamp, ZonedDateTime};
use motcua_runtime::{Clock, Shutdown};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::board::Board;
use crate::catalogue::{Catalogue, Usage};
use crate::device::Device;
use crate::devices::IdentityConfig;
use crate::grpc::Backend;
use crate::identity::Identity;
use crate::issue::Desk;
use crate::model::{Centre, Procedure, Reception};
use crate::notes::LastNote;
use crate::paper::{PrintError, Ready};
use crate::referral::Referrals;
use crate::scan::Scans;
use crate::settings::Settings;
use crate::speaker::Speaker;
use crate::store::Store;
use crate::time::Timekeeper;

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
    pub link: Link,
    /// Its life at the centre.
    pub device: Device,
    /// What this machine must remember.
    pub store: Store,
    /// Who this machine is to the centre.
    pub device_id: String,
    /// When the centre's message was last put on the disk.
    pub kept_at: Mutex<Option<Instant>>,
    pub time: Timekeeper,
    /// The catalogue as last heard.
    pub catalogue: watch::Sender<Option<Arc<Catalogue>>>,
    pub usage: Usage,
    /// Procedures of each area, for one pair of catalogue and centre.
    counts: Mutex<Option<Counts>>,
    pub calls: Calls,
    /// The halls' voice.
    pub speaker: Speaker,
    /// Whether a ticket would come out now.
    pub paper: watch::Sender<Result<Ready, PrintError>>,
    /// Asks the printer before its turn.
    pub look_at_printer: Notify,
    pub desk: Desk,
    /// What is not received here.
    pub referrals: Referrals,
    pub last_note: LastNote,
    /// What a scanner at a cable has read.
    pub scans: Scans,
    /// The optional step that identifies the person.
    pub identity: Identity,
    /// Asks for the centre's figures before their turn.
    pub refresh: Notify,
}

type Counts = ((i64, i64), Arc<HashMap<String, usize>>);

/// The centre as it was last heard, by this start or an earlier one.
#[derive(Debug)]
pub(crate) struct Known {
    pub centre: Centre,
    /// By this start.
    pub fresh: bool,
}

impl Known {
    /// Of when its figures are.
    pub fn figures(&self) -> Option<Timestamp> {
        self.centre.opening.now
    }
}

/// What taps have learnt of the line to the centre.
#[derive(Debug)]
pub(crate) struct Link {
    /// Taps in a row that got no answer in time.
    slow: AtomicU32,
    /// Numbers that the centre has yet to be told.
    pub untold: watch::Sender<u64>,
    /// Numbers lent for today that are left, by area.
    pub spare: watch::Sender<Spare>,
    /// Printed numbers that the centre does not take.
    pub refused: watch::Sender<u32>,
    /// The centre answers, but not to what it is told: new numbers do not wait for that.
    pub deaf: AtomicBool,
}

/// What is left of a day's lent numbers, by area.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spare {
    /// The day they are for; none before the first look.
    pub day: Option<jiff::civil::Date>,
    pub by_area: HashMap<String, i64>,
}

/// So many taps without an answer in time, and the line is taken for dead until the centre is heard again.
const SLOW_MAX: u32 = 2;

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
    #[expect(clippy::too_many_arguments, reason = "each is a part of the machine")]
    pub fn new(
        settings: Settings,
        clock: Clock,
        backend: Backend,
        shutdown: Shutdown,
        store: Store,
        device_id: String,
        time: Timekeeper,
        device: Device,
    ) -> Self {
        let (desk, speaker) = (Desk::new(&settings), Speaker::new(settings.voice.clone()));
        let referrals = referrals(&settings);
        let identity = Identity::new(IdentityConfig::verifiers(&settings.identity));
        let link = Link {
            slow: AtomicU32::new(0),
            untold: watch::Sender::new(0),
            spare: watch::Sender::default(),
            refused: watch::Sender::new(0),
            deaf: AtomicBool::new(false),
        };
        let calls = Calls { board: Mutex::default(), changed: watch::Sender::new(0), alive: watch::Sender::new(false) };
        Self(Arc::new(Inner {
            settings,
            clock,
            backend,
            shutdown,
            centre: watch::Sender::new(None),
            reachable: watch::Sender::new(true),
            link,
            device,
            store,
            device_id,
            kept_at: Mutex::new(None),
            time,
            catalogue: watch::Sender::new(None),
            usage: Usage::default(),
            counts: Mutex::default(),
            calls,
            speaker,
            paper: watch::Sender::new(Ok(Ready::default())),
            look_at_printer: Notify::new(),
            desk,
            referrals,
            last_note: LastNote::default(),
            scans: Scans::default(),
            identity,
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

    /// The centre's time.
    pub fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Whether the next tap asks the centre: what was printed without it is told first, so that nobody who came later
    /// stands before.
    pub fn is_online(&self) -> bool {
        *self.reachable.borrow() && (*self.link.untold.borrow() == 0 || self.link.deaf.load(Ordering::Relaxed))
    }

    /// A tap was answered.
    pub fn link_up(&self) {
        self.link.slow.store(0, Ordering::Relaxed);
    }

    /// A tap found nobody there.
    pub fn link_down(&self) {
        self.reachable.send_if_modified(|reachable| std::mem::replace(reachable, false));
        self.refresh.notify_one();
    }

    /// A tap was not answered in time.
    pub fn link_slow(&self) {
        if self.link.slow.fetch_add(1, Ordering::Relaxed) + 1 >= SLOW_MAX {
            self.link_down();
        }
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

    /// Where results are collected.
    pub fn collect_queue(&self, centre: &Centre) -> String {
        let named = &self.settings.collect_queue;
        centre.queue(named).map_or_else(|| centre.guidance_queue_id.clone(), |queue| queue.id.clone())
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

/// The centre's own list, or the one that ships: a wrong file is one sentence and no reason to stand still.
fn referrals(settings: &Settings) -> Referrals {
    let Some(path) = &settings.referrals else { return Referrals::default() };
    Referrals::load(path).unwrap_or_else(|error| {
        tracing::error!(path = %path.display(), %error, "referrals: this list is not used; mend it and start anew");
        Referrals::default()
    })
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
