//! What one batch knows of one centre, and what it changes.
use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::{Timestamp, civil::Date};

use super::centre::{Centre, Counter, Opening};
use super::command::Refusal;
use super::estimate::LaneStat;
use super::route::Procedure;
use super::ticket::{Lane, Ticket, TicketState};

/// One move of one ticket, for the feed and the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// "issued", "called", "recalled", "arrived", "finished", "absent", "dropped", "transferred", "expired".
    pub kind: &'static str,
    /// The ticket after the move.
    pub ticket: Ticket,
    /// Counter that lost the ticket by this move.
    pub from_counter: Option<String>,
    /// Waiting in the ticket's queue after the move.
    pub waiting: i64,
}

/// A stored call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRecord {
    /// Id.
    pub id: String,
    /// Ticket claimed.
    pub ticket_id: String,
    /// By this counter.
    pub counter_id: String,
    /// From this queue.
    pub queue_id: String,
    /// When.
    pub time: Timestamp,
    /// Why this one.
    pub reason: String,
}

/// Everything a batch writes for one centre.
#[derive(Debug, Default)]
pub struct Changes {
    /// Ids of tickets to insert, in the order of issue.
    pub issued: Vec<String>,
    /// Ids of tickets to update.
    pub moved: BTreeSet<String>,
    /// Calls to insert.
    pub calls: Vec<CallRecord>,
    /// Events, in order.
    pub moves: Vec<Move>,
    /// Series whose last number changed.
    pub series: BTreeSet<String>,
    /// Lanes whose figures changed.
    pub lanes: BTreeSet<Lane>,
}

/// One centre as one batch sees it: what was read under the lock, then what the earlier commands made of it.
#[derive(Debug)]
pub struct State<'a> {
    /// Configuration in force.
    pub centre: &'a Centre,
    /// One moment for the whole batch.
    pub now: Timestamp,
    /// The centre's date at `now`.
    pub today: Date,
    /// Every ticket read or made.
    pub tickets: HashMap<String, Ticket>,
    /// Live ticket of each counter that calls in this batch.
    pub live: HashMap<String, String>,
    /// The first waiting tickets of each lane called from in this batch, at least as many as it has calls.
    pub heads: HashMap<Lane, BTreeSet<(Timestamp, String)>>,
    /// Today's figures.
    pub stats: HashMap<Lane, LaneStat>,
    /// Last number given in each series today.
    pub series: HashMap<String, i64>,
    /// Procedures asked for.
    pub procedures: HashMap<String, Procedure>,
    /// Waiting with a lower rank than a newcomer of so many minutes of head start; read for those classes only.
    pub ahead: HashMap<(Lane, i64), i64>,
    /// What to write.
    pub changes: Changes,
    pub(super) tokens: HashSet<String>,
    pub(super) new_id: fn() -> String,
    opening: Option<Opening>,
}

impl<'a> State<'a> {
    /// An empty state; the caller fills in what it read.
    #[must_use]
    pub fn new(centre: &'a Centre, now: Timestamp, new_id: fn() -> String) -> Self {
        Self {
            centre,
            now,
            today: centre.day(now),
            tickets: HashMap::new(),
            live: HashMap::new(),
            heads: HashMap::new(),
            stats: HashMap::new(),
            series: HashMap::new(),
            procedures: HashMap::new(),
            ahead: HashMap::new(),
            changes: Changes::default(),
            tokens: HashSet::new(),
            new_id,
            opening: None,
        }
    }

    /// Takes a ticket that was read: known, and live at its counter if it is.
    pub fn know(&mut self, ticket: Ticket) {
        if ticket.state.is_live()
            && let Some(counter) = &ticket.counter_id
        {
            self.live.insert(counter.clone(), ticket.id.clone());
        }
        self.tickets.insert(ticket.id.clone(), ticket);
    }

    /// Takes a waiting ticket that was read as one of the first of its lane.
    pub fn know_head(&mut self, ticket: Ticket) {
        self.heads.entry(ticket.lane()).or_default().insert((ticket.rank, ticket.id.clone()));
        self.know(ticket);
    }

    pub(super) fn opening(&mut self) -> &Opening {
        let (centre, now) = (self.centre, self.now);
        self.opening.get_or_insert_with(|| centre.hours.opening(now))
    }

    pub(super) fn open_counter(&self, id: &str) -> Result<&'a Counter, Refusal> {
        let counter = self.counter(id)?;
        if !counter.open {
            return Err(Refusal::CounterClosed { counter: counter.id.clone(), number: counter.number });
        }
        Ok(counter)
    }

    pub(super) fn counter(&self, id: &str) -> Result<&'a Counter, Refusal> {
        self.centre.counter(id).ok_or_else(|| Refusal::CounterUnknown(id.to_owned()))
    }

    /// Puts a ticket in the line of its lane.
    pub(super) fn enter(&mut self, ticket: &Ticket) {
        let lane = ticket.lane();
        self.stats.entry(lane.clone()).or_default().waiting += 1;
        self.heads.entry(lane.clone()).or_default().insert((ticket.rank, ticket.id.clone()));
        self.changes.lanes.insert(lane);
    }

    /// Takes a ticket out of the line of its lane.
    pub(super) fn leave(&mut self, ticket: &Ticket) {
        let lane = ticket.lane();
        self.stats.entry(lane.clone()).or_default().waiting -= 1;
        if let Some(heads) = self.heads.get_mut(&lane) {
            heads.remove(&(ticket.rank, ticket.id.clone()));
        }
        self.changes.lanes.insert(lane);
    }

    pub(super) fn waiting(&self, queue: &str) -> i64 {
        self.stats.get(&Lane::queue(queue)).map_or(0, |stat| stat.waiting)
    }

    /// Records a move: bumps the version, keeps the ticket and remembers the event.
    pub(super) fn record(&mut self, kind: &'static str, mut ticket: Ticket, from_counter: Option<String>) -> Ticket {
        ticket.version += 1;
        if kind == "issued" {
            self.changes.issued.push(ticket.id.clone());
        } else if ticket.version > 1 && !self.changes.issued.contains(&ticket.id) {
            self.changes.moved.insert(ticket.id.clone());
        }
        let waiting = if ticket.day == self.today { self.waiting(&ticket.queue_id) } else { 0 };
        self.changes.moves.push(Move { kind, ticket: ticket.clone(), from_counter, waiting });
        self.tickets.insert(ticket.id.clone(), ticket.clone());
        ticket
    }

    /// Closes a ticket of an earlier day.
    pub(super) fn expire(&mut self, ticket: &Ticket) {
        let mut ticket = ticket.clone();
        let from = ticket.counter_id.clone().filter(|_| ticket.state.is_live());
        if let Some(counter) = &from {
            self.live.remove(counter);
        }
        ticket.state = TicketState::Expired;
        ticket.end_time = Some(self.now);
        self.record("expired", ticket, from);
    }
}
