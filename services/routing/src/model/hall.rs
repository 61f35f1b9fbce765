//! What is known of one centre's day. It outlives a batch: as long as the centre's locked sequence number is the one the
//! last batch left, nobody else changed anything and nothing need be read again.
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use jiff::{Timestamp, civil::Date};

use super::block::Series;
use super::centre::{Centre, Counter};
use super::desk::{Desk, DeskStatus};
use super::estimate::{LaneStat, Usual};
use super::fold::lanes;
use super::notice::Asked;
use super::ticket::{Lane, Ticket};

/// Place in a line: rank, then id, which grows with the time of issue.
pub type Place = (Timestamp, String);

/// The first people of a lane, at least as many as are called in one batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    people: BTreeSet<Place>,
    whole: bool,
}

impl Line {
    /// A line as read: its first people, and whether there is nobody behind them.
    #[must_use]
    pub fn read(people: impl IntoIterator<Item = Place>, whole: bool) -> Self {
        Self { people: people.into_iter().collect(), whole }
    }

    /// Who is first.
    #[must_use]
    pub fn first(&self) -> Option<&Place> {
        self.people.first()
    }

    /// Nobody stands behind those known.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.whole
    }

    /// Whether `count` people can be taken out, one after another, each the first at that moment.
    #[must_use]
    pub fn serves(&self, count: usize) -> bool {
        self.whole || self.people.len() >= count
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Nobody is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }

    /// People known.
    pub fn people(&self) -> impl Iterator<Item = &Place> {
        self.people.iter()
    }

    /// Of a whole line, how many stand at or before a rank.
    #[must_use]
    pub fn until(&self, rank: Timestamp) -> usize {
        self.people.iter().take_while(|(at, _)| *at <= rank).count()
    }

    /// Somebody comes; false when they stand behind those known.
    fn enter(&mut self, place: Place) -> bool {
        let known = self.whole || self.people.last().is_some_and(|last| place < *last);
        if known {
            self.people.insert(place);
        }
        known
    }

    fn leave(&mut self, place: &Place) {
        self.people.remove(place);
    }

    /// Forgets who stands behind the first `max`; their ids.
    fn trim(&mut self, max: usize) -> Vec<String> {
        if self.people.len() <= max {
            return Vec::new();
        }
        let Some(from) = self.people.iter().nth(max).cloned() else { return Vec::new() };
        self.whole = false;
        self.people.split_off(&from).into_iter().map(|(_, id)| id).collect()
    }
}

/// One centre's day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hall {
    /// The centre's date.
    pub today: Date,
    /// Tickets by id: those in a known line, at a counter, or named by a command of this batch.
    pub tickets: HashMap<String, Arc<Ticket>>,
    /// Live ticket of each counter, once read.
    pub live: HashMap<String, String>,
    /// Lines read so far.
    pub lines: HashMap<Lane, Line>,
    /// Today's figures.
    pub stats: HashMap<Lane, LaneStat>,
    /// Series of today and of the days for which numbers are lent already.
    pub series: HashMap<(Date, String), Series>,
    /// Counters that said something of themselves today.
    pub desks: HashMap<String, Desk>,
    /// Lanes that still stand as the last day left them: the first move of today writes them down, so that what a line has
    /// learnt outlives a day on which nobody came to it.
    pub inherited: BTreeSet<Lane>,
    /// Tickets of today whose holders asked to be told of their turn; most days of most centres have none.
    pub asked: HashMap<String, Asked>,
    /// Tickets that came to be known, or moved, since the last settling.
    pub(super) touched: Vec<String>,
}

impl Hall {
    /// A day of which nothing is known.
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            tickets: HashMap::new(),
            live: HashMap::new(),
            lines: HashMap::new(),
            stats: HashMap::new(),
            series: HashMap::new(),
            desks: HashMap::new(),
            inherited: BTreeSet::new(),
            asked: HashMap::new(),
            touched: Vec::new(),
        }
    }

    /// Takes what queues had learnt by the end of the last day; of those that are in use today already, nothing.
    pub fn inherit(&mut self, before: impl IntoIterator<Item = (Lane, LaneStat)>) {
        for (lane, stat) in before {
            if lane.queue_id().is_some() && !self.stats.contains_key(&lane) {
                self.stats.insert(lane.clone(), stat);
                self.inherited.insert(lane);
            }
        }
    }

    /// Whether a counter calls: what it said today, else what the centre's file says.
    #[must_use]
    pub fn status(&self, counter: &Counter) -> DeskStatus {
        match self.desks.get(&counter.id) {
            Some(desk) => desk.status,
            None if counter.open => DeskStatus::Open,
            None => DeskStatus::Closed,
        }
    }

    /// Open counters that serve a queue.
    #[must_use]
    pub fn open_counters(&self, centre: &Centre, queue: &str) -> i32 {
        let open = centre.serving(queue).filter(|counter| self.status(counter) == DeskStatus::Open).count();
        i32::try_from(open).unwrap_or(i32::MAX)
    }

    /// Open counters that serve a queue and have nobody.
    #[must_use]
    pub fn idle_counters(&self, centre: &Centre, queue: &str) -> i64 {
        let idle =
            |counter: &&Counter| self.status(counter) == DeskStatus::Open && !self.live.contains_key(&counter.id);
        i64::try_from(centre.serving(queue).filter(idle).count()).unwrap_or(i64::MAX)
    }

    /// The figures of a lane.
    #[must_use]
    pub fn stat(&self, lane: &Lane) -> LaneStat {
        self.stats.get(lane).copied().unwrap_or_default()
    }

    /// Whether anybody of today wants a counter of their own.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.stats.values().any(|stat| stat.wanting > 0)
    }

    /// What a service takes here.
    #[must_use]
    pub fn usual(&self) -> Usual {
        Usual::of(self.stats.values())
    }

    /// Mean of a learnt figure over queues, weighed by who waits.
    #[must_use]
    pub fn stats_mean(&self, queues: &[&str], of: fn(&LaneStat) -> i64, default: i64) -> i64 {
        let stats = queues.iter().map(|queue| self.stat(&Lane::queue(queue)));
        let (sum, weight) = stats.fold((0_i64, 0_i64), |(sum, weight), stat| {
            let own = stat.waiting + 1;
            (sum + of(&stat) * own, weight + own)
        });
        if weight == 0 { default } else { sum / weight }
    }

    /// The live ticket of a counter.
    #[must_use]
    pub fn live_at(&self, counter: &str) -> Option<&Ticket> {
        self.live.get(counter).and_then(|id| self.tickets.get(id)).map(|ticket| &**ticket)
    }

    /// Waiting for a counter: its queues, and those sent to it alone.
    #[must_use]
    pub fn waiting_for(&self, counter: &Counter) -> i64 {
        lanes(counter).iter().map(|(lane, _)| self.stat(lane).waiting).sum()
    }

    /// Takes a ticket that was read: known, and live at its counter if it is.
    pub fn know(&mut self, ticket: Ticket) {
        if ticket.state.is_live()
            && let Some(counter) = &ticket.counter_id
        {
            self.live.insert(counter.clone(), ticket.id.clone());
        }
        self.touched.push(ticket.id.clone());
        self.tickets.insert(ticket.id.clone(), Arc::new(ticket));
    }

    /// Takes the first people of a lane.
    pub fn know_line(&mut self, lane: Lane, tickets: Vec<Ticket>, whole: bool) {
        let people: Vec<Place> = tickets.iter().map(Ticket::place).collect();
        self.lines.insert(lane, Line::read(people, whole));
        for ticket in tickets {
            self.know(ticket);
        }
    }

    /// Puts a ticket in the line of its lane.
    pub(super) fn enter(&mut self, ticket: &Ticket) {
        let lane = ticket.lane();
        if let Some(line) = self.lines.get_mut(&lane) {
            line.enter(ticket.place());
        }
        self.stats.entry(lane).or_default().waiting += 1;
    }

    /// Takes a ticket out of the line of its lane.
    pub(super) fn leave(&mut self, ticket: &Ticket) {
        let lane = ticket.lane();
        if let Some(line) = self.lines.get_mut(&lane) {
            line.leave(&ticket.place());
        }
        self.stats.entry(lane).or_default().waiting -= 1;
    }

    /// Between two batches: keeps who is first in a line or at a counter.
    pub fn settle(&mut self, line_max: usize) {
        for line in self.lines.values_mut() {
            for id in line.trim(line_max) {
                self.tickets.remove(&id);
            }
        }
        // Whoever was not touched stands where they stood: a full hall is not looked through after every batch.
        for id in std::mem::take(&mut self.touched) {
            if self.tickets.get(&id).is_some_and(|ticket| !self.stays(ticket)) {
                self.tickets.remove(&id);
            }
        }
    }

    /// At a counter, or in a known line.
    fn stays(&self, ticket: &Ticket) -> bool {
        if ticket.state.is_live() {
            return ticket.counter_id.as_ref().is_some_and(|counter| self.live.get(counter) == Some(&ticket.id));
        }
        let line = self.lines.get(&ticket.lane()).filter(|_| ticket.is_waiting());
        line.is_some_and(|line| line.people.contains(&ticket.place()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(second: i64, id: &str) -> Place {
        (Timestamp::from_second(second).unwrap(), id.to_owned())
    }

    #[test]
    fn a_line_known_in_part_takes_only_who_stands_among_the_known() {
        let mut line = Line::read([place(1, "a"), place(5, "b")], false);
        assert!(line.serves(2) && !line.serves(3));
        assert!(line.enter(place(3, "c")) && !line.enter(place(9, "d")));
        assert_eq!(line.first(), Some(&place(1, "a")));
        assert_eq!(line.trim(2), vec!["b".to_owned()]);
        // Emptied, nothing says who comes next.
        line.leave(&place(1, "a"));
        line.leave(&place(3, "c"));
        assert!(!line.enter(place(2, "e")) && !line.serves(1));
    }

    #[test]
    fn a_whole_line_takes_everybody_until_it_is_trimmed() {
        let mut line = Line::read([], true);
        assert!(line.enter(place(9, "a")) && line.enter(place(1, "b")) && line.serves(100));
        assert_eq!(line.until(Timestamp::from_second(1).unwrap()), 1);
        assert!(line.trim(2).is_empty() && line.is_whole());
        assert_eq!(line.trim(1), vec!["a".to_owned()]);
        assert!(!line.is_whole());
    }
}
