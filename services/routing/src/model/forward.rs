//! Plays the line forward: each counter takes a mean service for each of its people, and then calls whom it would call.
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;

use jiff::Timestamp;

use super::centre::{Centre, Counter};
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
    let own = Lane::queue(queue);
    let counters = sharing(centre, queue, |counter| hall.status(counter) == DeskStatus::Open);
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
    let means: Vec<i64> = lines.iter().map(|line| hall.stat(&line.lane).mean_ms() + WAY_MS).collect();
    let mut free: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::with_capacity(counters.len());
    let open_doors = centre.hours.works_from(now) <= now;
    for (at, counter) in counters.iter().enumerate() {
        let waited_for = desks[at].iter().any(|(index, _)| hall.stat(&lines[*index].lane).waiting > 0);
        free.push(Reverse((busy_ms(hall, counter, now, open_doors && waited_for), at)));
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

/// The lanes that a play for this queue looks at, whichever counters are open by then.
#[must_use]
pub fn looks_at(centre: &Centre, queue: &str) -> Vec<Lane> {
    sharing(centre, queue, |_| true).into_iter().flat_map(lanes).map(|(lane, _)| lane).collect()
}

/// Counters of a kind that serve the queue, or a queue of such a counter, and so on: whoever takes work off them.
fn sharing<'a>(centre: &'a Centre, queue: &str, of: impl Fn(&Counter) -> bool) -> Vec<&'a Counter> {
    let mut queues: Vec<&str> = vec![queue];
    let mut left: Vec<&Counter> = centre.counters.iter().filter(|counter| of(counter)).collect();
    let mut counters = Vec::new();
    let mut at = 0;
    while at < queues.len() {
        let queue = queues[at];
        let (serve, rest): (Vec<&Counter>, Vec<&Counter>) =
            left.into_iter().partition(|counter| counter.skills.iter().any(|skill| skill.queue == queue));
        left = rest;
        for counter in serve {
            for skill in &counter.skills {
                if !queues.contains(&skill.queue.as_str()) {
                    queues.push(&skill.queue);
                }
            }
            counters.push(counter);
        }
        at += 1;
    }
    counters
}

/// What is left of a counter's service, as far as a mean tells. Whoever has nobody and does not call although people wait
/// does something else, which takes as long as what is left of a service.
fn busy_ms(hall: &Hall, counter: &Counter, now: Timestamp, waited_for: bool) -> i64 {
    let Some(live) = hall.live_at(&counter.id) else {
        let best = counter.skills.iter().max_by_key(|skill| skill.preference_minutes);
        let mean = best.map_or(0, |skill| hall.stat(&Lane::queue(&skill.queue)).mean_ms());
        return if waited_for { mean / 2 } else { 0 };
    };
    let mean = hall.stat(&Lane::queue(&live.queue_id)).mean_ms() + if live.serve_time.is_none() { WAY_MS } else { 0 };
    let since = live.serve_time.or(live.call_time).unwrap_or(now);
    let lasted = i64::try_from(now.duration_since(since).as_millis()).unwrap_or(i64::MAX);
    (mean - lasted).max(mean * REST_PERMILLE / 1000)
}
