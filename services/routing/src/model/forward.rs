//! Plays the line forward: each counter takes a mean service for each of its people, and then calls whom it would call.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;

use jiff::Timestamp;

use super::centre::{Centre, Counter, Sharing};
use super::desk::DeskStatus;
use super::fold::lanes;
use super::hall::{self, Hall, Place};
use super::rank;
use super::ticket::Lane;

/// Calls played at most: a longer line is told by its length.
pub const CALLS_MAX: usize = 400;
/// A service that has lasted longer than most still takes so many thousandths of the mean.
const REST_PERMILLE: i64 = 350;

/// From the seat to the counter, which waits meanwhile.
const WAY_MS: i64 = 20_000;

/// A lane as the play sees it: who is next.
struct Line<'a, I: Iterator<Item = &'a Place>> {
    lane: Lane,
    people: Peekable<I>,
}

/// Working time, in milliseconds, until somebody with this rank is called from a queue; none where that cannot be played: no
/// open counter, or a line that is long or not known to its end.
#[must_use]
pub fn plain_wait(centre: &Centre, hall: &Hall, queue: &str, at: Timestamp, now: Timestamp) -> Option<i64> {
    let shared = short(centre, hall, queue, CALLS_MAX)?;
    let own = Lane::queue(queue);
    let counters: Vec<&Counter> =
        counters(centre, shared).filter(|counter| hall.status(counter) == DeskStatus::Open).collect();
    let mut lines: Vec<Line<'_, _>> = Vec::new();
    let mut desks: Vec<Vec<(usize, i64)>> = Vec::with_capacity(counters.len());
    let mut waiting = 0;
    for counter in &counters {
        let mut serves = Vec::new();
        for (lane, preference) in lanes(counter) {
            let known = lines.iter().position(|line| line.lane == lane);
            let index = match known {
                Some(index) => index,
                None => {
                    if hall.stat(&lane).waiting == 0 && lane != own {
                        continue;
                    }
                    let line = hall.lines.get(&lane);
                    if hall.stat(&lane).waiting > 0 && !line.is_some_and(hall::Line::is_whole) {
                        return None;
                    }
                    waiting += line.map_or(0, |line| line.len());
                    if waiting > CALLS_MAX {
                        return None;
                    }
                    lines.push(Line { lane, people: line.into_iter().flat_map(hall::Line::people).peekable() });
                    lines.len() - 1
                }
            };
            serves.push((index, preference));
        }
        desks.push(serves);
    }
    let mine = lines.iter().position(|line| line.lane == own)?;
    let usual = hall.usual().ms;
    let means: Vec<i64> = lines.iter().map(|line| hall.stat(&line.lane).mean_ms(usual) + WAY_MS).collect();
    let mut free: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::with_capacity(counters.len());
    let open_doors = centre.hours.works_from(now) <= now;
    for (at, counter) in counters.iter().enumerate() {
        let waited_for = desks[at].iter().any(|(index, _)| hall.stat(&lines[*index].lane).waiting > 0);
        free.push(Reverse((busy_ms(hall, counter, usual, now, open_doors && waited_for), at)));
    }
    while let Some(Reverse((when, desk))) = free.pop() {
        let mut best: Option<(i64, usize, bool)> = None;
        for (index, preference) in &desks[desk] {
            let head = lines[*index].people.peek().map(|place| place.0);
            let (rank, me) = match head {
                Some(rank) if *index != mine || rank <= at => (rank, false),
                _ if *index == mine => (at, true),
                _ => continue,
            };
            let score = rank::score(rank, *preference);
            if best.is_none_or(|(lowest, ..)| score < lowest) {
                best = Some((score, *index, me));
            }
        }
        match best {
            Some((_, _, true)) => return Some(when),
            Some((_, index, false)) => {
                lines[index].people.next();
                free.push(Reverse((when + means[index], desk)));
            }
            None => {}
        }
    }
    None
}

/// Who shares the queue's work, where at most so many wait for them together.
fn short<'a>(centre: &'a Centre, hall: &Hall, queue: &str, most: usize) -> Option<&'a Sharing> {
    let shared = centre.sharing.get(queue)?;
    let waiting: i64 = shared.queues.iter().map(|lane| hall.stat(lane).waiting).sum();
    usize::try_from(waiting).is_ok_and(|waiting| waiting <= most).then_some(shared)
}

fn counters<'a>(centre: &'a Centre, shared: &'a Sharing) -> impl Iterator<Item = &'a Counter> {
    shared.counters.iter().filter_map(|place| centre.counters.get(*place))
}

/// The lanes that a play for this queue may look at, whichever counters open meanwhile; none where more than `most` wait in
/// them.
#[must_use]
pub fn looks_at(centre: &Centre, hall: &Hall, queue: &str, most: usize) -> Vec<Lane> {
    let Some(shared) = short(centre, hall, queue, most) else { return Vec::new() };
    let named = counters(centre, shared).map(|counter| Lane::counter(&counter.id));
    shared.queues.iter().cloned().chain(named).collect()
}

/// What is left of a counter's service, as far as a mean tells. Whoever has nobody and does not call although people wait
/// does something else, which takes as long as what is left of a service.
fn busy_ms(hall: &Hall, counter: &Counter, usual_ms: i64, now: Timestamp, waited_for: bool) -> i64 {
    let Some(live) = hall.live_at(&counter.id) else {
        let best = counter.skills.iter().max_by_key(|skill| skill.preference_minutes);
        let mean = best.map_or(0, |skill| hall.stat(&Lane::queue(&skill.queue)).mean_ms(usual_ms));
        return if waited_for { mean / 2 } else { 0 };
    };
    let mean =
        hall.stat(&Lane::queue(&live.queue_id)).mean_ms(usual_ms) + if live.serve_time.is_none() { WAY_MS } else { 0 };
    let since = live.serve_time.or(live.call_time).unwrap_or(now);
    let lasted = i64::try_from(now.duration_since(since).as_millis()).unwrap_or(i64::MAX);
    (mean - lasted).max(mean * REST_PERMILLE / 1000)
}
