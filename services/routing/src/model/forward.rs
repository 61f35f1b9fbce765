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

/// A lane as the play sees it: who is next.
struct Line<'a, I: Iterator<Item = &'a Place>> {
    lane: Lane,
    people: Peekable<I>,
}

/// Working time, in milliseconds, until somebody with this rank is called from a queue; none where that cannot be played: no
/// open counter, or a line that is long or not known to its end.
#[must_use]
pub fn plain_wait(centre: &Centre, hall: &Hall, queue: &str, at: Timestamp, now: Timestamp) -> Option<i64> {
    if !is_short(hall, queue) {
        return None;
    }
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
    let means: Vec<i64> = lines.iter().map(|line| hall.stat(&line.lane).mean_ms()).collect();
    let mut free: BinaryHeap<Reverse<(i64, usize)>> = BinaryHeap::with_capacity(counters.len());
    for (at, counter) in counters.iter().enumerate() {
        free.push(Reverse((busy_ms(hall, counter, now), at)));
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

/// Whether the queue by itself is short enough to be played: a herd must not pay for looking around.
fn is_short(hall: &Hall, queue: &str) -> bool {
    usize::try_from(hall.stat(&Lane::queue(queue)).waiting).is_ok_and(|waiting| waiting <= CALLS_MAX)
}

/// The lanes that a play for this queue may look at, whichever counters open meanwhile; none where it is too long to be
/// played.
#[must_use]
pub fn looks_at(centre: &Centre, hall: &Hall, queue: &str) -> Vec<Lane> {
    if !is_short(hall, queue) {
        return Vec::new();
    }
    sharing(centre, queue, |_| true).into_iter().flat_map(lanes).map(|(lane, _)| lane).collect()
}

/// Such counters that serve the queue, or a queue of such a counter, and so on: whoever takes work off them.
fn sharing<'a>(centre: &'a Centre, queue: &str, such: impl Fn(&Counter) -> bool) -> Vec<&'a Counter> {
    let mut queues: Vec<&str> = vec![queue];
    let mut left: Vec<&Counter> = centre.counters.iter().filter(|counter| such(counter)).collect();
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

/// What is left of a counter's service, as far as a mean tells.
fn busy_ms(hall: &Hall, counter: &Counter, now: Timestamp) -> i64 {
    let Some(live) = hall.live_at(&counter.id) else { return 0 };
    let mean = hall.stat(&Lane::queue(&live.queue_id)).mean_ms();
    let since = live.serve_time.or(live.call_time).unwrap_or(now);
    let lasted = i64::try_from(now.duration_since(since).as_millis()).unwrap_or(i64::MAX);
    (mean - lasted).max(mean * REST_PERMILLE / 1000)
}
