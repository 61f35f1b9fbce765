//! How long somebody will wait, as the hall stands: the line played forward where it is known, else told by its length; in
//! working time, and then by the clock on the wall.
use jiff::Timestamp;

use super::centre::Centre;
use super::estimate::{Estimate, by_length, range};
use super::forward;
use super::hall::Hall;
use super::ticket::Lane;

/// For somebody who comes now with this rank, behind `ahead` people.
#[must_use]
pub fn newcomer(centre: &Centre, hall: &Hall, queue: &str, rank: Timestamp, ahead: i64, now: Timestamp) -> Estimate {
    match forward::plain_wait(centre, hall, queue, rank, now) {
        Some(base) => {
            let found =
                range(ahead, &hall.stat(&Lane::queue(queue)), hall.usual(), hall.open_counters(centre, queue), base);
            on_the_wall(centre, found, now)
        }
        None => waiting(centre, hall, queue, ahead, now),
    }
}

/// For somebody who waits in a queue behind `ahead` people.
#[must_use]
pub fn waiting(centre: &Centre, hall: &Hall, queue: &str, ahead: i64, now: Timestamp) -> Estimate {
    let (stat, usual) = (hall.stat(&Lane::queue(queue)), hall.usual());
    let open = hall.open_counters(centre, queue);
    let base = by_length(ahead, &stat, usual, open, free(centre, hall.idle_counters(centre, queue), ahead, now));
    on_the_wall(centre, range(ahead, &stat, usual, open, base), now)
}

/// Of the counters that have nobody, those that will call at once. While the doors are open and people wait, a counter that
/// has nobody has an officer who does something else.
#[must_use]
pub fn free(centre: &Centre, idle_counters: i64, ahead: i64, now: Timestamp) -> i64 {
    if ahead == 0 || centre.hours.works_from(now) > now { idle_counters } else { 0 }
}

/// A range of working time as somebody reads it who looks at the clock: closed doors count.
#[must_use]
pub fn on_the_wall(centre: &Centre, range: Estimate, now: Timestamp) -> Estimate {
    if range.open_counters < 1 {
        return range;
    }
    let wall = |seconds: i64| {
        let end = centre.hours.after_work(now, seconds.saturating_mul(1000));
        end.duration_since(now).as_secs()
    };
    Estimate { seconds_min: wall(range.seconds_min), seconds_max: wall(range.seconds_max), ..range }
}

/// What a person ahead means for one open counter of the queue, from a wait that was played forward; none where nobody, or
/// hardly anybody, is ahead.
#[must_use]
pub fn turn_ms(centre: &Centre, hall: &Hall, queue: &str, range: &Estimate, now: Timestamp) -> Option<i64> {
    let behind = range.ahead - free(centre, hall.idle_counters(centre, queue), range.ahead, now);
    (behind >= 2).then(|| range.base_ms.saturating_mul(2 * i64::from(range.open_counters)) / (2 * behind + 1))
}
