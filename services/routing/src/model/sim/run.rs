//! Plays a day: events in the order of time, each a command to the real rules.
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::OpenSession;

use super::{Day, Roster};
use crate::model::centre::Centre;
use crate::model::command::{Act, Command, DeskChange, Issue, Outcome, Target};
use crate::model::desk::DeskStatus;
use crate::model::estimate::LaneStat;
use crate::model::fold::{fold, lanes};
use crate::model::hall::Hall;
use crate::model::state::State;
use crate::model::ticket::{Lane, Ticket};

/// From the call to the counter.
const WALK: SignedDuration = SignedDuration::from_secs(20);
/// How long a counter waits for somebody whom the centre gives no answer time.
const PATIENCE: SignedDuration = SignedDuration::from_secs(60);

/// A day that was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// As they stand at the end, in the order of issue.
    pub tickets: Vec<Ticket>,
    /// Visitors who got no number: closed, quota, too late.
    pub refused: usize,
    /// What the lines have learnt by the end.
    pub stats: HashMap<Lane, LaneStat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// The counters that the roster wants of this hour.
    Shift,
    /// A counter's citizen is there.
    There(usize),
    /// A counter's service is over.
    Done(usize),
    /// A counter's citizen did not come.
    Gone(usize),
    /// A visitor takes a number.
    Comes(usize),
    /// Counters may call from now on.
    Opens,
}

struct Play<'a> {
    state: State<'a>,
    day: &'a Day,
    roster: Option<&'a Roster>,
    sessions: Vec<OpenSession>,
    events: BinaryHeap<Reverse<(Timestamp, Event)>>,
    /// Ticket → visitor.
    visitors: HashMap<String, usize>,
    /// Free counters, the one free longest first.
    idle: BTreeSet<(Timestamp, usize)>,
    refused: usize,
}

/// Plays a day at a centre: whoever is free calls whoever is next. Counters work in the sessions, and after the last one
/// for as long as the centre calls. `learnt` is what its lines know of earlier days; without a roster, the counters are
/// open that the centre's file opens.
#[must_use]
pub fn run(centre: &Centre, day: &Day, learnt: &HashMap<Lane, LaneStat>, roster: Option<&Roster>) -> Ran {
    play(centre, day, learnt, roster, true)
}

/// [`run`]; it takes a fraction of the time where nobody is told how long they wait.
pub(super) fn play(
    centre: &Centre,
    day: &Day,
    learnt: &HashMap<Lane, LaneStat>,
    roster: Option<&Roster>,
    told: bool,
) -> Ran {
    let mut hall = Hall::new(day.date);
    for (lane, stat) in learnt {
        hall.stats.insert(lane.clone(), stat.next_day());
    }
    // Every line is known to its end.
    for lane in centre.counters.iter().flat_map(lanes).map(|(lane, _)| lane) {
        hall.know_line(lane, Vec::new(), true);
    }
    for queue in &centre.queues {
        hall.know_line(Lane::queue(&queue.id), Vec::new(), true);
    }
    let sessions = centre.hours.calendar.open_sessions(day.date);
    let mut state = State::new(centre, hall, Timestamp::UNIX_EPOCH, String::new);
    state.count_ids();
    if !told {
        state.tell_nobody();
    }
    let mut events = BinaryHeap::new();
    for (at, arrival) in day.arrivals.iter().enumerate() {
        events.push(Reverse((arrival.at, Event::Comes(at))));
    }
    events.extend(sessions.iter().map(|session| Reverse((session.start, Event::Opens))));
    if let Some(roster) = roster {
        events.extend(roster.shifts(centre, day.date).into_iter().map(|at| Reverse((at, Event::Shift))));
    }
    let idle = (0..centre.counters.len()).map(|counter| (Timestamp::UNIX_EPOCH, counter)).collect();
    let mut play = Play { state, day, roster, sessions, events, visitors: HashMap::new(), idle, refused: 0 };
    while let Some(Reverse((at, event))) = play.events.pop() {
        play.state.pass(at);
        play.step(event);
    }
    let mut tickets: Vec<Ticket> = play.state.hall.tickets.into_values().map(|ticket| Ticket::clone(&ticket)).collect();
    tickets.sort_by(|one, other| one.id.cmp(&other.id));
    Ran { tickets, refused: play.refused, stats: play.state.hall.stats }
}

impl Play<'_> {
    fn step(&mut self, event: Event) {
        match event {
            Event::Comes(visitor) => self.comes(visitor),
            Event::There(counter) => {
                let Some(visitor) = self.act(counter, Act::Arrive) else { return };
                let took = SignedDuration::from_millis(self.day.arrivals[visitor].service_ms);
                self.after(took, Event::Done(counter));
            }
            Event::Done(counter) => {
                self.act(counter, Act::Finish);
                self.free(counter);
            }
            Event::Gone(counter) => {
                self.gone(counter);
                self.free(counter);
            }
            Event::Opens => self.offer(|_| true),
            Event::Shift => self.shift(),
        }
    }

    fn after(&mut self, duration: SignedDuration, event: Event) {
        if let Ok(at) = self.state.now.checked_add(duration) {
            self.events.push(Reverse((at, event)));
        }
    }

    fn comes(&mut self, visitor: usize) {
        let arrival = &self.day.arrivals[visitor];
        let issue = Issue {
            target: Target::Queue(arrival.queue.clone()),
            priority_class: self.state.centre.class(&arrival.class).map_or_else(String::new, |class| class.id.clone()),
            locale: "vi".into(),
            token_hash: None,
            traceparent: None,
            more: Vec::new(),
            dossiers: 1,
            wants: None,
            identified: false,
        };
        match fold(&mut self.state, &Command::Issue(issue)) {
            Ok(Outcome::Issued(ticket, _)) => {
                self.visitors.insert(ticket.id.clone(), visitor);
                let queue = arrival.queue.as_str();
                self.offer(|counter| counter.skills.iter().any(|skill| skill.queue == queue));
            }
            _ => self.refused += 1,
        }
    }

    /// Free counters of a kind call, the one free longest first.
    fn offer(&mut self, of: impl Fn(&crate::model::centre::Counter) -> bool) {
        let centre = self.state.centre;
        let asked: Vec<usize> =
            self.idle.iter().map(|(_, counter)| *counter).filter(|counter| of(&centre.counters[*counter])).collect();
        for counter in asked {
            let waits = self.state.hall.waiting_for(&centre.counters[counter]) > 0;
            if waits && self.call(counter) {
                self.idle.retain(|(_, idle)| *idle != counter);
            }
        }
    }

    fn free(&mut self, counter: usize) {
        if !self.wanted(counter) {
            self.set(counter, DeskStatus::Closed);
        }
        if !self.call(counter) {
            self.idle.insert((self.state.now, counter));
        }
    }

    /// Whether somebody was called.
    fn call(&mut self, counter: usize) -> bool {
        if !self.working() {
            return false;
        }
        let id = self.state.centre.counters[counter].id.clone();
        let command = Command::CallNext { counter: id, finish_current: false, session: String::new() };
        let Ok(Outcome::Called(ticket, _)) = fold(&mut self.state, &command) else { return false };
        let comes = self.visitors.get(&ticket.id).is_some_and(|visitor| self.day.arrivals[*visitor].comes);
        if comes {
            self.after(WALK, Event::There(counter));
        } else {
            let due = ticket.answer_due.map_or(PATIENCE, |due| due.duration_since(self.state.now));
            self.after(due, Event::Gone(counter));
        }
        true
    }

    /// A move of a counter's ticket; its visitor.
    fn act(&mut self, counter: usize, act: Act) -> Option<usize> {
        let counter = self.state.centre.counters[counter].id.clone();
        let ticket = self.state.hall.live.get(&counter)?.clone();
        let visitor = self.visitors.get(&ticket).copied();
        fold(&mut self.state, &Command::Move { counter, ticket, act, session: String::new() }).ok()?;
        visitor
    }

    fn gone(&mut self, counter: usize) {
        let id = &self.state.centre.counters[counter].id;
        let Some(ticket) = self.state.hall.live_at(id) else { return };
        if ticket.answer_due.is_some() {
            let tickets = vec![ticket.id.clone()];
            let _ = fold(&mut self.state, &Command::Lapse { tickets });
        } else {
            self.act(counter, Act::Absent);
        }
    }

    /// In a session, or after the last one for as long as calls are made.
    fn working(&self) -> bool {
        let (now, after) = (self.state.now, self.state.centre.calls.closes_after_minutes);
        let late = self.sessions.last().map(|last| last.end + SignedDuration::from_mins(after));
        self.sessions.iter().any(|session| session.start <= now && now < session.end)
            || self.sessions.last().zip(late).is_some_and(|(last, late)| last.end <= now && now < late)
    }

    fn wanted(&self, counter: usize) -> bool {
        self.roster.is_none_or(|roster| roster.wants(self.state.centre, self.state.now, counter))
    }

    fn shift(&mut self) {
        for counter in 0..self.state.centre.counters.len() {
            let wanted = self.wanted(counter);
            let open = self.state.hall.status(&self.state.centre.counters[counter]) == DeskStatus::Open;
            match (wanted, open) {
                (true, false) => self.set(counter, DeskStatus::Open),
                // A counter that serves closes when it is done.
                (false, true) => self.set(counter, DeskStatus::Closed),
                _ => {}
            }
        }
        self.offer(|_| true);
    }

    fn set(&mut self, counter: usize, status: DeskStatus) {
        let change = DeskChange {
            status,
            reason: String::new(),
            session: String::new(),
            take_over: true,
            officer: String::new(),
            languages: Vec::new(),
            auto_call: false,
        };
        let counter = self.state.centre.counters[counter].id.clone();
        let _ = fold(&mut self.state, &Command::SetCounter { counter, change });
    }
}
