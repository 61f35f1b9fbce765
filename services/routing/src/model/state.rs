//! What one batch knows of one centre, and what it changes.
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::appointment::Appointment;
use super::block::{Block, Tap};
use super::centre::{Centre, Counter, Opening};
use super::command::Refusal;
use super::desk::{Desk, DeskStatus, Kept, Sent, Snapshot, Undo};
use super::hall::Hall;
use super::notice::Notice;
use super::route::Procedure;
use super::ticket::{Lane, Ticket, TicketState};

/// One move of one ticket, for the feed and the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// As the contract's `TicketEvent` lists them.
    pub kind: &'static str,
    /// The ticket after the move.
    pub ticket: Arc<Ticket>,
    /// Counter that lost the ticket by this move.
    pub from_counter: Option<String>,
    /// Waiting in the ticket's queue after the move.
    pub waiting: i64,
    /// For the history: why, or where to. Never a person.
    pub detail: String,
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
    /// Series that changed, by day and letter.
    pub series: BTreeSet<(Date, String)>,
    /// Ids of bookings to write, each with the move that it made.
    pub appointments: Vec<(String, &'static str)>,
    /// Blocks to insert.
    pub blocks: Vec<Block>,
    /// Answers to repeat from now on: the tap and its ticket as printed.
    pub answers: Vec<(Tap, Arc<Ticket>)>,
    /// Lanes whose figures changed.
    pub lanes: BTreeSet<Lane>,
    /// Counters whose day changed.
    pub desks: BTreeSet<String>,
    /// What is to be told to holders of tickets who asked for it, in order.
    pub notices: Vec<Notice>,
    /// Ids of tickets whose asking changed.
    pub asked: BTreeSet<String>,
    /// Counters that changed by themselves, in order: their pages are to be told.
    pub turned: Vec<String>,
}

/// One centre as one batch sees it: what is known of its day, then what the earlier commands made of it.
#[derive(Debug)]
pub struct State<'a> {
    /// Configuration in force.
    pub centre: &'a Centre,
    /// One moment for the whole batch.
    pub now: Timestamp,
    /// Seconds that pass here in a second of the people before the screens: how long they have to answer a call, or to take
    /// an act back, is counted in theirs.
    pub pace: i64,
    /// The day.
    pub hall: Hall,
    /// Procedures asked for.
    pub procedures: HashMap<String, Procedure>,
    /// Waiting before a newcomer of so many minutes of head start; read where the line is not wholly known, then kept.
    pub ahead: HashMap<(Lane, i64), i64>,
    /// Bookings named by this batch's commands.
    pub appointments: HashMap<String, Appointment>,
    /// Bookings that stand, by queue and time; read for the times asked for.
    pub booked: HashMap<(String, Timestamp), i64>,
    /// Blocks of the kiosks that ask or report in this batch.
    pub blocks: Vec<Block>,
    /// Counters whose session has been silent for so long that another may follow it; read for those that change hands.
    pub silent: HashSet<String>,
    /// Tickets that taps of kiosks were answered with.
    pub taps: HashMap<Tap, String>,
    /// What to write.
    pub changes: Changes,
    pub(super) tokens: HashSet<String>,
    new_id: fn() -> String,
    counted: Option<u64>,
    pub(super) untold: bool,
    pub(super) log: Option<Undo>,
    opening: Option<Opening>,
}

impl<'a> State<'a> {
    /// The state of a batch over a day of which the caller has read what the commands need.
    #[must_use]
    pub fn new(centre: &'a Centre, hall: Hall, now: Timestamp, new_id: fn() -> String) -> Self {
        Self {
            centre,
            now,
            pace: 1,
            hall,
            procedures: HashMap::new(),
            ahead: HashMap::new(),
            appointments: HashMap::new(),
            booked: HashMap::new(),
            blocks: Vec::new(),
            silent: HashSet::new(),
            taps: HashMap::new(),
            changes: Changes::default(),
            tokens: HashSet::new(),
            new_id,
            counted: None,
            untold: false,
            log: None,
            opening: None,
        }
    }

    /// Ids count up from here on: of a simulated day, which is the same every time.
    pub(super) fn count_ids(&mut self) {
        self.counted = Some(0);
    }

    /// Nobody is told how long they wait: of a simulated day of which nobody asks.
    pub(super) fn tell_nobody(&mut self) {
        self.untold = true;
    }

    /// A new id; later ones sort behind it.
    pub(super) fn id(&mut self) -> String {
        match &mut self.counted {
            Some(last) => {
                *last += 1;
                format!("{last:012}")
            }
            None => (self.new_id)(),
        }
    }

    /// Moves on to another moment, and forgets what was to be written of the last one: of a simulated day.
    pub(super) fn pass(&mut self, now: Timestamp) {
        self.now = now;
        self.opening = None;
        self.changes = Changes::default();
    }

    pub(super) fn opening(&mut self) -> &Opening {
        let (centre, now) = (self.centre, self.now);
        self.opening.get_or_insert_with(|| centre.hours.opening(now))
    }

    /// A counter that may call now.
    pub(super) fn open_counter(&self, id: &str) -> Result<&'a Counter, Refusal> {
        let counter = self.counter(id)?;
        let (name, number) = (counter.id.clone(), counter.number);
        match self.hall.status(counter) {
            DeskStatus::Open => Ok(counter),
            DeskStatus::Closed => Err(Refusal::CounterClosed { counter: name, number }),
            DeskStatus::Paused => {
                let reason = self.hall.desks.get(id).map_or_else(String::new, |desk| desk.reason.clone());
                Err(Refusal::CounterPaused { counter: name, number, reason })
            }
        }
    }

    /// A counter that is not closed: it works, or pauses.
    pub(super) fn staffed(&self, counter: &Counter) -> Result<(), Refusal> {
        match self.hall.status(counter) {
            DeskStatus::Open | DeskStatus::Paused => Ok(()),
            DeskStatus::Closed => Err(Refusal::CounterClosed { counter: counter.id.clone(), number: counter.number }),
        }
    }

    /// A session may act at a counter while no other one works it; a script, which has none, always may.
    pub(super) fn works(&self, counter: &str, session: &str) -> Result<(), Refusal> {
        let holder = self.hall.desks.get(counter).filter(|desk| !desk.session.is_empty() && desk.session != session);
        match holder {
            Some(desk) if !session.is_empty() => Err(Refusal::CounterTaken {
                counter: counter.to_owned(),
                number: self.counter(counter)?.number,
                officer: desk.officer.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// A closed counter is waited for by nobody: who was sent to it waits for everybody who serves their queue.
    pub(super) fn reachable(&self, ticket: &mut Ticket) {
        let counter = ticket.for_counter.as_deref().and_then(|id| self.centre.counter(id));
        if counter.is_none_or(|counter| self.staffed(counter).is_err()) {
            ticket.for_counter = None;
        }
    }

    /// A counter's day, to be changed.
    pub(super) fn desk(&mut self, counter: &Counter) -> &mut Desk {
        self.changes.desks.insert(counter.id.clone());
        self.hall.desks.entry(counter.id.clone()).or_insert_with(|| Desk::of(counter))
    }

    /// A counter has acted: numbers come by themselves again, where they did.
    pub(super) fn acts(&mut self, counter: &str) {
        let waits = self.hall.desks.get(counter).is_some_and(|desk| desk.waits);
        if let Some(counter) = self.centre.counter(counter).filter(|_| waits) {
            self.desk(counter).waits = false;
            self.changes.turned.push(counter.id.clone());
        }
    }

    /// The counter is free from now on.
    pub(super) fn release(&mut self, ticket: &Ticket) {
        let Some(counter) = ticket.counter_id.as_deref() else { return };
        self.hall.live.remove(counter);
        let now = self.now;
        if let Some(counter) = self.centre.counter(counter) {
            self.desk(counter).idle_since = now;
        }
    }

    /// Open counters that serve a queue.
    #[must_use]
    pub fn open_counters(&self, queue: &str) -> i32 {
        self.hall.open_counters(self.centre, queue)
    }

    /// Runs a counter's act and keeps what is needed to take it back.
    pub(super) fn undoable<T>(
        &mut self,
        counter: &Counter,
        act: &str,
        run: impl FnOnce(&mut Self) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.log = Some(Undo::of(act, self.now));
        let done = run(self);
        let log = self.log.take();
        if done.is_ok()
            && let Some(log) = log.filter(|log| !log.tickets.is_empty())
        {
            self.desk(counter).undo = Some(log);
        }
        done
    }

    /// A recall says what its counter did last once more, and is taken back with it.
    pub(super) fn said_again(&mut self, counter: &Counter, ticket: &Ticket) {
        let (id, was) = (&ticket.id, ticket.version - 1);
        let says = |kept: &Kept| kept.id == *id && kept.version == was;
        let undo = self.hall.desks.get(&counter.id).and_then(|desk| desk.undo.as_ref());
        if undo.is_some_and(|undo| undo.tickets.iter().any(says))
            && let Some(undo) = &mut self.desk(counter).undo
        {
            undo.tickets.iter_mut().filter(|kept| says(kept)).for_each(|kept| kept.version = ticket.version);
        }
    }

    pub(super) fn counter(&self, id: &str) -> Result<&'a Counter, Refusal> {
        self.centre.counter(id).ok_or_else(|| Refusal::CounterUnknown(id.to_owned()))
    }

    /// A ticket as it stands, to be changed.
    pub(super) fn ticket(&self, id: &str) -> Option<Ticket> {
        self.hall.tickets.get(id).map(|ticket| Ticket::clone(ticket))
    }

    /// Puts a ticket in the line of its lane.
    pub(super) fn enter(&mut self, ticket: &Ticket) {
        self.hall.enter(ticket);
        self.count_ahead(ticket, 1);
        self.changes.lanes.insert(ticket.lane());
    }

    /// One more of a queue's day.
    pub(super) fn counts(&mut self, queue: &str) {
        let lane = Lane::queue(queue);
        self.hall.stats.entry(lane.clone()).or_default().issued += 1;
        self.changes.lanes.insert(lane);
    }

    /// A ticket is sent from one queue to another, and counts there instead.
    pub(super) fn counts_instead(&mut self, from: &str, to: &str) {
        if from == to {
            return;
        }
        let sent = Sent { from: Lane::queue(from).as_str().to_owned(), to: Lane::queue(to).as_str().to_owned() };
        self.changes.lanes.extend(sent.count(&mut self.hall.stats, 1));
        if let Some(log) = &mut self.log {
            log.sent.push(sent);
        }
    }

    fn count_ahead(&mut self, ticket: &Ticket, by: i64) {
        for ((lane, head_start), count) in &mut self.ahead {
            if *lane == ticket.lane() && ticket.rank <= super::rank::rank(self.now, *head_start) {
                *count += by;
            }
        }
    }

    /// Takes a ticket out of the line of its lane.
    pub(super) fn leave(&mut self, ticket: &Ticket) {
        self.hall.leave(ticket);
        self.count_ahead(ticket, -1);
        self.changes.lanes.insert(ticket.lane());
    }

    pub(super) fn waiting(&self, queue: &str) -> i64 {
        self.hall.stats.get(&Lane::queue(queue)).map_or(0, |stat| stat.waiting)
    }

    /// Records a move: bumps the version, keeps the ticket and remembers the event.
    pub(super) fn record(&mut self, kind: &'static str, ticket: Ticket, from_counter: Option<String>) -> Arc<Ticket> {
        self.record_as(kind, ticket, from_counter, String::new())
    }

    /// [`Self::record`] with a line for the history.
    pub(super) fn record_as(
        &mut self,
        kind: &'static str,
        mut ticket: Ticket,
        from_counter: Option<String>,
        detail: String,
    ) -> Arc<Ticket> {
        ticket.version += 1;
        self.changes.lanes.append(&mut self.hall.inherited);
        // What an act closed of an earlier day does not come back.
        let before = self.hall.tickets.get(&ticket.id).filter(|before| before.day == self.hall.today);
        if let (Some(log), Some(before)) = (&mut self.log, before) {
            match log.tickets.iter_mut().find(|kept| kept.id == ticket.id) {
                Some(kept) => kept.version = ticket.version,
                None => log.tickets.push(Kept {
                    id: ticket.id.clone(),
                    number: ticket.printed(),
                    version: ticket.version,
                    before: Snapshot::of(before),
                }),
            }
        }
        let ticket = Arc::new(ticket);
        self.tell_asked(kind, &ticket);
        if kind == "issued" && ticket.version == 1 {
            self.changes.issued.push(ticket.id.clone());
        } else if !self.changes.issued.contains(&ticket.id) {
            self.changes.moved.insert(ticket.id.clone());
        }
        let waiting = if ticket.day == self.hall.today { self.waiting(&ticket.queue_id) } else { 0 };
        self.changes.moves.push(Move { kind, ticket: ticket.clone(), from_counter, waiting, detail });
        self.hall.touched.push(ticket.id.clone());
        self.hall.tickets.insert(ticket.id.clone(), ticket.clone());
        ticket
    }

    /// Closes a ticket of an earlier day.
    pub(super) fn expire(&mut self, ticket: &Ticket) {
        let mut ticket = ticket.clone();
        let from = ticket.counter_id.clone().filter(|_| ticket.state.is_live());
        if let Some(counter) = &from {
            self.hall.live.remove(counter);
        }
        let detail = format!("hết ngày, {}", ticket.state.words());
        ticket.state = TicketState::Expired;
        ticket.end_time = Some(self.now);
        self.record_as("expired", ticket, from, detail);
    }
}
