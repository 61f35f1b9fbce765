//! How long a wait will be, as a range that is scored against what happened and learns from it.
use serde::{Deserialize, Serialize};

/// What a lane remembers of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneStat {
    /// Tickets waiting now.
    pub waiting: i64,
    /// Services finished today.
    pub served: i64,
    /// Mean length of a recent service of this lane, in milliseconds; 0 before the first.
    pub service_ms: i64,
    /// Services of earlier days that the mean is made of; the same all day.
    pub known: i64,
    /// People of the queue's day, whom its quota counts: numbers given, each stop of a visit from the beginning, and who was
    /// sent here; who was sent on counts there instead.
    pub issued: i64,
    /// Learnt: half of the waits end within so many thousandths of the plain expectation.
    pub half: i64,
    /// Learnt: nine in ten do.
    pub most: i64,
    /// What one person ahead lately meant for one open counter of the queue, in milliseconds: the mean service, and what
    /// these counters do for other queues meanwhile. 0 before the first line that was played forward.
    pub turn_ms: i64,
    /// Tickets of the day that want a counter of their own.
    pub wanting: i64,
}

impl Default for LaneStat {
    fn default() -> Self {
        Self {
            waiting: 0,
            served: 0,
            service_ms: 0,
            known: 0,
            issued: 0,
            turn_ms: 0,
            wanting: 0,
            half: HALF_DEFAULT,
            most: MOST_DEFAULT,
        }
    }
}

/// Services that the mean remembers.
const RECENT: i64 = 50;
/// Assumed before a centre's first service: six minutes.
const SERVICE_MS_DEFAULT: i64 = 360_000;
/// Services that this assumption counts as among all services of the centre.
const ASSUMED: i64 = 20;
/// Services that the centre's mean counts as among those of one lane.
const OF_ALL: i64 = 10;
/// What the longer time grows by before a centre's first service, in thousandths.
const DOUBT: i64 = 400;
/// Services of earlier days that are remembered as known.
const KNOWN_MAX: i64 = 200;
/// People of a class come later and are called earlier: half of the waits are a little longer than the plain expectation.
const HALF_DEFAULT: i64 = 1100;
const MOST_DEFAULT: i64 = 1500;
/// What a new day keeps of the factors of the last one, in hundredths.
const KEPT_PERCENT: i64 = 30;
/// What a factor may become, in thousandths.
const FACTOR: std::ops::RangeInclusive<i64> = 100..=10_000;
/// Sizes of a step of learning, in thousandths of the factor.
const HALF_STEP: i64 = 15;
const MOST_STEP: i64 = 20;
/// A free counter calls within so many seconds: its officer has to see it.
const AT_ONCE_S: i64 = 60;

impl LaneStat {
    /// What a service is expected to take, in milliseconds: what this lane's took, and as far as they are few, what the
    /// centre's [usually](Usual) take.
    #[must_use]
    pub fn mean_ms(&self, usual_ms: i64) -> i64 {
        let own = self.services();
        ((OF_ALL * usual_ms).saturating_add(own.saturating_mul(self.service_ms)) / (OF_ALL + own)).max(1000)
    }

    /// Services behind the mean.
    fn services(&self) -> i64 {
        if self.service_ms == 0 { 0 } else { (self.known + self.served).max(1) }
    }

    /// A new day begins with what the last one learnt of services, and with some of what it learnt of waits: an evening's
    /// are not a morning's. A day on which nobody came passes on what it began with.
    #[must_use]
    pub fn next_day(self) -> Self {
        let kept = if self.served == 0 && self.issued == 0 { 100 } else { KEPT_PERCENT };
        let usual = |factor: i64, default: i64| (factor * kept + default * (100 - kept)) / 100;
        let (half, most) = (usual(self.half, HALF_DEFAULT), usual(self.most, MOST_DEFAULT));
        let known = (self.known + self.served).min(KNOWN_MAX);
        Self { waiting: 0, served: 0, issued: 0, wanting: 0, known, half, most, ..self }
    }

    /// Takes a finished service into the mean.
    pub fn served(&mut self, service_ms: i64) {
        let weight = (self.services() + 1).min(RECENT);
        // A mean of 0 says that nothing is known.
        self.service_ms = (self.service_ms + (service_ms.max(0) - self.service_ms) / weight).max(1);
        self.served += 1;
    }

    /// Learns from a wait that ended in a call: each factor moves to where its share of waits would end within it
    /// (a stochastic quantile: up by τ of a step when the wait was longer, down by 1 − τ when it was not).
    pub fn learn(&mut self, base_ms: i64, waited_ms: i64) {
        if base_ms <= 0 {
            return;
        }
        let moved = |factor: i64, step: i64, tau_percent: i64| {
            let longer = i128::from(waited_ms) * 1000 > i128::from(base_ms) * i128::from(factor);
            let share = if longer { tau_percent } else { tau_percent - 100 };
            // Away from zero, so that a small factor still moves.
            let step = factor * step * share / 100_000;
            (factor + if step == 0 { share.signum() } else { step }).clamp(*FACTOR.start(), *FACTOR.end())
        };
        self.half = moved(self.half, HALF_STEP, 50);
        self.most = moved(self.most, MOST_STEP, 90).max(self.half);
    }
}

/// What a service of a centre takes, as far as its lanes know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// In milliseconds.
    pub ms: i64,
    /// Services that this is known of, and those that the first assumption counts as.
    pub services: i64,
}

impl Usual {
    /// From all lanes of the centre.
    #[must_use]
    pub fn of<'a>(lanes: impl Iterator<Item = &'a LaneStat>) -> Self {
        let none = (ASSUMED, ASSUMED * SERVICE_MS_DEFAULT);
        let (services, ms) = lanes.fold(none, |(services, ms), lane| {
            let own = lane.services();
            (services + own, ms.saturating_add(own.saturating_mul(lane.service_ms)))
        });
        Self { ms: ms / services, services }
    }

    /// The longer time while little is known: whoever guesses has to allow for more.
    const fn doubted(self, most: i64) -> i64 {
        most.saturating_add(most.saturating_mul(DOUBT * ASSUMED) / (1000 * self.services))
    }
}

/// A range of waiting time; `seconds_max` = 0 means not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// People before this one.
    pub ahead: i64,
    /// Even odds (P50).
    pub seconds_min: i64,
    /// Nine chances in ten (P90).
    pub seconds_max: i64,
    /// Open counters that serve the queue.
    pub open_counters: i32,
    /// The plain expectation behind it, in milliseconds; 0 when unknown.
    pub base_ms: i64,
}

/// Working time until somebody with `ahead` people before them is called, told by the length of the line: what a person
/// ahead means, times the people and half of the one at the counter, over the open counters. Whom a free counter waits for
/// is called at once.
#[must_use]
pub fn by_length(ahead: i64, stat: &LaneStat, usual: Usual, open_counters: i32, idle_counters: i64) -> i64 {
    if ahead < idle_counters {
        return 0;
    }
    let turn = if stat.turn_ms == 0 { stat.mean_ms(usual.ms) } else { stat.turn_ms };
    let halves = (ahead - idle_counters).saturating_mul(2).saturating_add(1);
    turn.saturating_mul(halves) / (2 * i64::from(open_counters.max(1)))
}

/// The range around a plain expectation, in working time, as the line has learnt it.
#[must_use]
pub fn range(ahead: i64, stat: &LaneStat, usual: Usual, open_counters: i32, base_ms: i64) -> Estimate {
    if open_counters < 1 {
        return Estimate { ahead, seconds_min: 0, seconds_max: 0, open_counters: 0, base_ms: 0 };
    }
    let seconds = |factor: i64| base_ms.saturating_mul(factor) / 1_000_000;
    let (half, most) = (seconds(stat.half), seconds(usual.doubted(stat.most)));
    Estimate { ahead, seconds_min: half, seconds_max: most.max(half + AT_ONCE_S), open_counters, base_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_with_the_line_and_shrink_with_counters() {
        let fresh = LaneStat::default();
        let usual = Usual::of(std::iter::empty());
        let estimate =
            |ahead, open, idle| range(ahead, &fresh, usual, open, by_length(ahead, &fresh, usual, open, idle));
        let seven = estimate(7, 2, 0);
        assert_eq!((seven.seconds_min, seven.seconds_max, seven.open_counters), (1485, 2835, 2));
        assert!(estimate(8, 2, 0).seconds_max > seven.seconds_max);
        assert!(estimate(7, 3, 0).seconds_max < seven.seconds_max);
        assert_eq!(estimate(7, 0, 0).seconds_max, 0);
        assert!(estimate(i64::MAX, 1, 0).seconds_max > 0);
        // A free counter calls at once; before the doors open, whoever comes after those whom the free ones will call waits.
        let at_once = estimate(1, 2, 2);
        assert_eq!((at_once.seconds_min, at_once.seconds_max, at_once.base_ms), (0, 60, 0));
        assert_eq!(estimate(9, 2, 2).base_ms, seven.base_ms);
    }

    #[test]
    fn the_mean_follows_recent_services() {
        let mut stat = LaneStat::default();
        for _ in 0..60 {
            stat.served(60_000);
        }
        assert!(stat.service_ms < 100_000, "{stat:?}");
        for _ in 0..200 {
            stat.served(600_000);
        }
        assert!(stat.service_ms > 550_000, "{stat:?}");
        let mut next = stat.next_day();
        assert_eq!(next.next_day().next_day(), next, "days on which nobody comes change nothing");
        next.served(0);
        assert!(next.service_ms > 500_000, "one odd service does not undo yesterday: {next:?}");
    }

    #[test]
    fn factors_learn_their_quantiles() {
        let mut stat = LaneStat::default();
        // Waits spread evenly over 0…2 times the expectation, in a fixed shuffle.
        let mut within = (0, 0);
        for turn in 0..4000_i64 {
            let waited = (turn * 7919 % 2000) * 100;
            if turn >= 1000 {
                within.0 += i64::from(waited * 1000 <= 100_000 * stat.half);
                within.1 += i64::from(waited * 1000 <= 100_000 * stat.most);
            }
            stat.learn(100_000, waited);
        }
        assert!((1400..=1600).contains(&within.0), "half: {within:?} of 3000, {stat:?}");
        assert!((2580..=2820).contains(&within.1), "nine in ten: {within:?} of 3000, {stat:?}");
    }
}
