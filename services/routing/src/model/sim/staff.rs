//! How many counters each hour needs for a wait.
use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::Day;
use super::run::play;
use crate::model::centre::{Centre, Counter};
use crate::model::estimate::LaneStat;
use crate::model::score::quantile;
use crate::model::ticket::{Lane, Ticket};

/// Counters looked at beside a group's own: as many again, and a few.
const MORE: usize = 2;
/// Visitors of one hour and group below which an hour says nothing.
const VISITORS_MIN: usize = 3;

/// Which counters work in which hour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// Local hour → indices of counters.
    open: BTreeMap<i8, BTreeSet<usize>>,
}

/// What one hour needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Queues that share counters.
    pub queues: Vec<String>,
    /// Local hour.
    pub hour: i8,
    /// Numbers taken in it.
    pub visitors: usize,
    /// Counters of theirs that the file opens.
    pub open: usize,
    /// Counters that keep the wait within the target.
    pub needed: usize,
    /// Nine in ten of its visitors then wait no longer than so many seconds of opening hours.
    pub p90_s: i64,
    /// False: the target is missed with twice the counters too.
    pub kept: bool,
}

impl Roster {
    /// When it may change.
    pub(super) fn shifts(&self, centre: &Centre, date: Date) -> Vec<Timestamp> {
        let zone = centre.hours.calendar.time_zone();
        let at = |hour: &i8| Some(date.at(*hour, 0, 0, 0).to_zoned_datetime(zone.clone()).ok()?.timestamp());
        self.open.keys().filter_map(at).collect()
    }

    /// Whether a counter works; before the first hour as in it, after the last as in that.
    pub(super) fn wants(&self, centre: &Centre, now: Timestamp, counter: usize) -> bool {
        let hour = hour(centre, now);
        let (before, after) = (self.open.range(..=hour).next_back(), self.open.iter().next());
        before.or(after).is_some_and(|(_, open)| open.contains(&counter))
    }
}

fn hour(centre: &Centre, at: Timestamp) -> i8 {
    at.to_zoned_datetime(centre.hours.calendar.time_zone().clone()).hour()
}

/// Queues that share counters, and those counters.
struct Group {
    queues: Vec<String>,
    counters: Vec<usize>,
}

/// Looks for the counters that each hour needs so that nine in ten of its visitors wait at most a target, counted in opening
/// hours: from the fewest that serve every queue and can do the work, the earliest hour of a session that misses the target gets one counter more,
/// of the queue that waits longest, until none misses it. Each step plays the day once.
pub struct Search<'a> {
    day: &'a Day,
    learnt: &'a HashMap<Lane, LaneStat>,
    target: SignedDuration,
    own: usize,
    wide: Centre,
    groups: Vec<Group>,
    /// Hours of each session.
    sessions: Vec<BTreeSet<i8>>,
    roster: Roster,
    seen: BTreeMap<(usize, i8), HourWaits>,
    given_up: BTreeSet<(usize, i8)>,
}

impl<'a> Search<'a> {
    /// A search at its beginning.
    #[must_use]
    pub fn new(centre: &Centre, day: &'a Day, learnt: &'a HashMap<Lane, LaneStat>, target: SignedDuration) -> Self {
        let wide = widened(centre);
        let groups = groups(&wide);
        let sessions = sessions(centre, day.date);
        let mut roster = Roster::default();
        let mut work = work(&wide, day);
        for hour in sessions.iter().flatten() {
            let open = groups.iter().flat_map(|group| fewest(&wide, group)).collect();
            roster.open.insert(*hour, open);
            for group in &groups {
                least(&wide, group, &mut roster, *hour, &mut work, target);
            }
        }
        let (seen, given_up) = (BTreeMap::new(), BTreeSet::new());
        Self { day, learnt, target, own: centre.counters.len(), wide, groups, sessions, roster, seen, given_up }
    }

    /// Plays the day with the counters found so far; false when no hour misses the target, or none that misses it can be
    /// helped.
    pub fn step(&mut self) -> bool {
        let ran = play(&self.wide, self.day, self.learnt, Some(&self.roster), false);
        self.seen = waits(&self.wide, &self.groups, &ran.tickets);
        let mut more = false;
        for (at, group) in self.groups.iter().enumerate() {
            for hours in &self.sessions {
                let missed = hours.iter().find_map(|hour| {
                    let waits = self.seen.get(&(at, *hour)).filter(|waits| waits.misses(self.target))?;
                    (!self.given_up.contains(&(at, *hour))).then_some((*hour, waits))
                });
                let Some((hour, waits)) = missed else { continue };
                more = true;
                if !add(&self.wide, group, &mut self.roster, hour, &waits.worst) {
                    self.given_up.insert((at, hour));
                }
            }
        }
        more
    }

    /// What each hour needs, as far as it was found by the last step.
    #[must_use]
    pub fn found(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            let own = |counter: &&usize| group.counters.contains(counter);
            let open =
                group.counters.iter().filter(|counter| **counter < self.own && self.wide.counters[**counter].open);
            let open = open.count();
            for hour in self.sessions.iter().flatten() {
                let waits = self.seen.get(&(at, *hour));
                needs.push(Need {
                    queues: group.queues.clone(),
                    hour: *hour,
                    visitors: waits.map_or(0, |waits| waits.all.len()),
                    open,
                    needed: self.roster.open.get(hour).map_or(0, |open| open.iter().filter(own).count()),
                    p90_s: waits.map_or(0, HourWaits::p90),
                    kept: waits.is_none_or(|waits| !waits.misses(self.target)),
                });
            }
        }
        needs
    }
}

/// The centre with as many counters again: closed copies, for hours that need more than there are.
fn widened(centre: &Centre) -> Centre {
    let mut wide = centre.clone();
    for copy in 1..=MORE {
        wide.counters.extend(centre.counters.iter().map(|counter| Counter {
            id: format!("{}+{copy}", counter.id),
            open: false,
            ..counter.clone()
        }));
    }
    wide
}

fn groups(centre: &Centre) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (at, counter) in centre.counters.iter().enumerate() {
        let mut whole = Group { queues: Vec::new(), counters: vec![at] };
        whole.queues.extend(counter.skills.iter().map(|skill| skill.queue.clone()));
        let shares = |group: &Group| group.queues.iter().any(|queue| whole.queues.contains(queue));
        let (touched, rest): (Vec<Group>, Vec<Group>) = groups.into_iter().partition(shares);
        groups = rest;
        for group in touched {
            whole.counters.extend(group.counters);
            whole.queues.extend(group.queues);
        }
        groups.push(whole);
    }
    for group in &mut groups {
        let own = |queue: &&crate::model::centre::Queue| group.queues.contains(&queue.id);
        group.queues = centre.queues.iter().filter(own).map(|queue| queue.id.clone()).collect();
        group.counters.sort_unstable();
    }
    groups.sort_by_key(|group| group.counters.first().copied());
    groups
}

/// Local hours in which counters work, by session.
fn sessions(centre: &Centre, date: Date) -> Vec<BTreeSet<i8>> {
    let hours = |session: motcua_kernel::calendar::OpenSession| {
        let last = session.end.checked_sub(SignedDuration::from_secs(1)).unwrap_or(session.end);
        (hour(centre, session.start)..=hour(centre, last)).collect()
    };
    centre.hours.calendar.open_sessions(date).into_iter().map(hours).collect()
}

/// Few counters that serve every queue of a group, those first that serve most of what is not served yet.
fn fewest(centre: &Centre, group: &Group) -> Vec<usize> {
    let mut left: BTreeSet<&str> = group.queues.iter().map(String::as_str).collect();
    let mut open = Vec::new();
    while !left.is_empty() {
        let serves = |counter: usize| {
            centre.counters[counter].skills.iter().filter(|skill| left.contains(skill.queue.as_str())).count()
        };
        let Some(best) =
            group.counters.iter().copied().max_by_key(|counter| (serves(*counter), std::cmp::Reverse(*counter)))
        else {
            break;
        };
        if serves(best) == 0 {
            break;
        }
        centre.counters[best].skills.iter().for_each(|skill| {
            left.remove(skill.queue.as_str());
        });
        open.push(best);
    }
    open
}

/// (local hour, queue) → services of its visitors, in milliseconds.
fn work(centre: &Centre, day: &Day) -> BTreeMap<(i8, String), i64> {
    let mut work = BTreeMap::new();
    for arrival in &day.arrivals {
        let hour = hour(centre, centre.hours.works_from(arrival.at));
        *work.entry((hour, arrival.queue.clone())).or_default() += arrival.service_ms;
    }
    work
}

/// No fewer counters than can do an hour's work within the hour and the target.
fn least(
    centre: &Centre,
    group: &Group,
    roster: &mut Roster,
    hour: i8,
    work: &mut BTreeMap<(i8, String), i64>,
    target: SignedDuration,
) {
    let each = 3_600_000 + i64::try_from(target.as_millis()).unwrap_or(0);
    let of =
        |work: &BTreeMap<(i8, String), i64>, queue: &String| work.get(&(hour, queue.clone())).copied().unwrap_or(0);
    let whole: i64 = group.queues.iter().map(|queue| of(work, queue)).sum();
    let open = |roster: &Roster| {
        roster.open.get(&hour).map_or(0, |open| open.iter().filter(|at| group.counters.contains(at)).count())
    };
    while i64::try_from(open(roster)).is_ok_and(|open| open < whole / each) {
        let Some(queue) = group.queues.iter().max_by_key(|queue| of(work, queue)) else { return };
        if !add(centre, group, roster, hour, queue) {
            return;
        }
        *work.entry((hour, queue.clone())).or_default() -= each;
    }
}

/// Opens one counter more in an hour, one that prefers the queue if there is one; false when there is none.
fn add(centre: &Centre, group: &Group, roster: &mut Roster, hour: i8, queue: &str) -> bool {
    let Some(open) = roster.open.get_mut(&hour) else { return false };
    let best = |counter: usize| centre.counters[counter].skills.iter().map(|skill| skill.preference_minutes).max();
    let preference = |counter: usize| {
        let skill = centre.counters[counter].skills.iter().find(|skill| skill.queue == queue)?;
        Some((Some(skill.preference_minutes) == best(counter), std::cmp::Reverse(counter)))
    };
    let free = group.counters.iter().copied().filter(|counter| !open.contains(counter));
    let found = free.filter_map(|counter| Some((preference(counter)?, counter))).max();
    found.is_some_and(|(_, counter)| open.insert(counter))
}

/// Waits of the visitors of one hour, in seconds of opening hours.
#[derive(Default)]
struct HourWaits {
    all: Vec<i64>,
    worst: String,
}

impl HourWaits {
    fn p90(&self) -> i64 {
        quantile(&self.all, 90)
    }

    fn misses(&self, target: SignedDuration) -> bool {
        self.all.len() >= VISITORS_MIN && self.p90() > target.as_secs()
    }
}

/// (group, hour of coming) → waits; before the first session counts as its first hour.
fn waits(centre: &Centre, groups: &[Group], tickets: &[Ticket]) -> BTreeMap<(usize, i8), HourWaits> {
    let mut by_queue: BTreeMap<(usize, i8), BTreeMap<&str, Vec<i64>>> = BTreeMap::new();
    for ticket in tickets {
        let Some(group) = groups.iter().position(|group| group.queues.contains(&ticket.queue_id)) else { continue };
        let began = centre.hours.works_from(ticket.arrival);
        let waited = match ticket.first_call {
            Some(call) => centre.hours.worked_ms(ticket.arrival, call) / 1000,
            None => i64::MAX,
        };
        let hours = by_queue.entry((group, hour(centre, began))).or_default();
        hours.entry(&ticket.queue_id).or_default().push(waited);
    }
    let sum = |queues: BTreeMap<&str, Vec<i64>>| {
        let mut all = HourWaits::default();
        let mut longest = -1;
        for (queue, mut own) in queues {
            own.sort_unstable();
            if quantile(&own, 90) > longest {
                (longest, all.worst) = (quantile(&own, 90), queue.to_owned());
            }
            all.all.extend(own);
        }
        all.all.sort_unstable();
        all
    };
    by_queue.into_iter().map(|(key, queues)| (key, sum(queues))).collect()
}
