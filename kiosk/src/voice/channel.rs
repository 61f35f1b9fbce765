//! The channel of one hall: calls wait for each other, so that none is spoken over another. Pure: time is given.

use std::collections::VecDeque;
use std::time::Duration;

use crate::lang::Locale;

/// Between two calls.
const GAP: Duration = Duration::from_millis(500);
/// A call that had to wait longer is left to the board: its person has seen it or is lost by now.
const LATE: Duration = Duration::from_secs(120);
/// Calls that wait: many times what a hall calls within [`LATE`].
const WAITING_MAX: usize = 64;

/// A call to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// Place in the feed.
    pub seq: i64,
    /// Ticket's id.
    pub ticket_id: String,
    /// "A001".
    pub number: String,
    /// Counter's number.
    pub counter: u32,
    /// The ticket's language.
    pub locale: Locale,
    /// Said once before, and nobody came.
    pub again: bool,
}

/// What waits, what is being said, and what may be said again. Times count from any one moment.
#[derive(Debug, Default)]
pub struct Channel {
    waiting: VecDeque<(Duration, Saying)>,
    /// The current saying ends then.
    busy_until: Duration,
    /// Said, and not yet gone: with the time from which it may be repeated.
    repeats: VecDeque<(Duration, Saying)>,
}

impl Channel {
    /// A ticket was called, or called again: what was still to be said of it is forgotten.
    pub fn call(&mut self, saying: Saying, now: Duration) {
        self.gone(&saying.ticket_id);
        if self.waiting.len() >= WAITING_MAX {
            self.waiting.pop_front();
        }
        self.waiting.push_back((now, saying));
    }

    /// A ticket was withdrawn or served: nothing more is said of it.
    pub fn gone(&mut self, ticket_id: &str) {
        self.waiting.retain(|(_, saying)| saying.ticket_id != ticket_id);
        self.repeats.retain(|(_, saying)| saying.ticket_id != ticket_id);
    }

    /// What to say now, if anything: calls in their order, a repeat only when no call waits. While it is `quiet`
    /// whatever waits is dropped.
    pub fn next(&mut self, now: Duration, quiet: bool) -> Option<Saying> {
        self.waiting.retain(|(since, _)| now.saturating_sub(*since) <= LATE);
        if quiet {
            self.waiting.clear();
            self.repeats.clear();
        }
        if now < self.busy_until {
            return None;
        }
        if let Some((_, saying)) = self.waiting.pop_front() {
            return Some(saying);
        }
        let due = self.repeats.iter().position(|(due, _)| *due <= now)?;
        self.repeats.remove(due).map(|(_, saying)| Saying { again: true, ..saying })
    }

    /// A saying began that takes `length`; unless it is a repeat, it may be repeated once, `repeat` after its end.
    pub fn began(&mut self, saying: Saying, length: Duration, repeat: Option<Duration>, now: Duration) {
        self.busy_until = now + length + GAP;
        if let Some(after) = repeat.filter(|_| !saying.again) {
            if self.repeats.len() >= WAITING_MAX {
                self.repeats.pop_front();
            }
            self.repeats.push_back((now + length + after, saying));
        }
    }

    /// When to look again, if nothing new comes.
    #[must_use]
    pub fn wake(&self) -> Option<Duration> {
        if !self.waiting.is_empty() {
            return Some(self.busy_until);
        }
        self.repeats.iter().map(|(due, _)| (*due).max(self.busy_until)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGAIN: Option<Duration> = Some(Duration::from_secs(20));
    const LENGTH: Duration = Duration::from_secs(6);

    fn saying(number: &str) -> Saying {
        Saying {
            seq: 1,
            ticket_id: format!("id-{number}"),
            number: number.into(),
            counter: 5,
            locale: Locale::Vi,
            again: false,
        }
    }

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    /// Says whatever is to be said until `end`, as the worker does: (second, number, again).
    fn run(channel: &mut Channel, from: f64, end: f64) -> Vec<(u64, String, bool)> {
        let (mut now, mut said) = (at(from), vec![]);
        while now <= at(end) {
            if let Some(saying) = channel.next(now, false) {
                said.push((now.as_secs(), saying.number.clone(), saying.again));
                channel.began(saying, LENGTH, AGAIN, now);
            }
            let Some(wake) = channel.wake() else { break };
            now = wake.max(now + Duration::from_millis(1));
        }
        said
    }

    #[test]
    fn calls_at_once_are_said_one_after_the_other_in_their_order() {
        let mut channel = Channel::default();
        for number in ["A001", "A002", "B001"] {
            channel.call(saying(number), at(0.0));
        }
        let said: Vec<_> = run(&mut channel, 0.0, 15.0).into_iter().map(|(when, number, _)| (when, number)).collect();
        assert_eq!(said, [(0, "A001".to_owned()), (6, "A002".to_owned()), (13, "B001".to_owned())]);
    }

    #[test]
    fn a_repeat_comes_once_and_only_when_nothing_else_is_said() {
        let mut channel = Channel::default();
        channel.call(saying("A001"), at(0.0));
        assert_eq!(run(&mut channel, 0.0, 120.0), [(0, "A001".into(), false), (26, "A001".into(), true)]);
        channel.call(saying("A002"), at(200.0));
        let first = run(&mut channel, 200.0, 220.0);
        assert_eq!(first.len(), 1);
        // At 226 the repeat is due, but a new call is there.
        channel.call(saying("A003"), at(226.0));
        let said: Vec<String> = run(&mut channel, 226.0, 240.0).into_iter().map(|(_, number, _)| number).collect();
        assert_eq!(said, ["A003", "A002"]);
    }

    #[test]
    fn who_came_or_was_called_back_is_not_called_again() {
        let mut channel = Channel::default();
        channel.call(saying("A001"), at(0.0));
        channel.call(saying("A002"), at(0.0));
        channel.gone("id-A002");
        assert_eq!(run(&mut channel, 0.0, 10.0).len(), 1, "withdrawn before it was said");
        channel.gone("id-A001");
        assert_eq!((run(&mut channel, 10.0, 100.0), channel.wake()), (vec![], None), "no repeat for who came");
    }

    #[test]
    fn a_recall_is_said_anew_and_takes_the_repeats_place() {
        let mut channel = Channel::default();
        channel.call(saying("A001"), at(0.0));
        run(&mut channel, 0.0, 10.0);
        channel.call(saying("A001"), at(12.0));
        let said = run(&mut channel, 12.0, 100.0);
        assert_eq!(said, [(12, "A001".into(), false), (38, "A001".into(), true)]);
    }

    #[test]
    fn in_quiet_hours_nothing_is_said_nor_kept_for_later() {
        let mut channel = Channel::default();
        channel.call(saying("A001"), at(0.0));
        assert_eq!(channel.next(at(0.0), true), None);
        assert_eq!(channel.next(at(1.0), false), None);
    }

    #[test]
    fn what_waited_too_long_is_left_to_the_board_and_the_queue_is_bounded() {
        let mut channel = Channel::default();
        for n in 0..500 {
            channel.call(saying(&format!("A{n:03}")), at(0.0));
        }
        assert_eq!(channel.waiting.len(), WAITING_MAX);
        assert!(channel.next(at(121.0), false).is_none());
    }
}
