//! How long a wait will be, as a range that is scored against what happened and learns from it.
use serde::{Deserialize, Serialize};

/// What a lane remembers of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneStat {
    /// Tickets waiting now.
    pub waiting: i64,
    /// Services finished today.
    pub served: i64,
    /// Mean length of a recent service, in milliseconds; 0 before the first.
    pub service_ms: i64,
    /// Numbers given today.
    pub issued: i64,
    /// Learnt: half of the waits end within so many thousandths of the plain expectation.
    pub half: i64,
    /// Learnt: nine in ten do.
    pub most: i64,
}

impl Default for LaneStat {
    fn default() -> Self {
        Self { waiting: 0, served: 0, service_ms: 0, issued: 0, half: HALF_DEFAULT, most: MOST_DEFAULT }
    }
}

/// Services that the mean remembers.
const RECENT: i64 = 50;
/// Assumed before the first service: six minutes.
const SERVICE_MS_DEFAULT: i64 = 360_000;
const HALF_DEFAULT: i64 = 1000;
const MOST_DEFAULT: i64 = 1800;
/// What a factor may become, in thousandths.
const FACTOR: std::ops::RangeInclusive<i64> = 100..=10_000;
/// Size of a step of learning, in thousandths of the factor.
const STEP: i64 = 80;

impl LaneStat {
    /// A new day begins with what the last one learnt.
    #[must_use]
    pub fn next_day(self) -> Self {
        Self { waiting: 0, served: 0, issued: 0, ..self }
    }

    /// Takes a finished service into the mean.
    pub fn served(&mut self, service_ms: i64) {
        // A mean brought over from another day counts as a few services of this one.
        let known = if self.service_ms == 0 { self.served } else { self.served.max(RECENT / 5) };
        let weight = (known + 1).min(RECENT);
        self.service_ms += (service_ms.max(0) - self.service_ms) / weight;
        self.served += 1;
    }

    /// Learns from a wait that ended in a call: each factor moves to where its share of waits would end within it
    /// (a stochastic quantile: up by τ of a step when the wait was longer, down by 1 − τ when it was not).
    pub fn learn(&mut self, base_ms: i64, waited_ms: i64) {
        if base_ms <= 0 {
            return;
        }
        let moved = |factor: i64, tau_percent: i64| {
            let longer = i128::from(waited_ms) * 1000 > i128::from(base_ms) * i128::from(factor);
            let share = if longer { tau_percent } else { tau_percent - 100 };
            // Away from zero, so that a small factor still moves.
            let step = factor * STEP * share / 100_000;
            (factor + if step == 0 { share.signum() } else { step }).clamp(*FACTOR.start(), *FACTOR.end())
        };
        self.half = moved(self.half, 50);
        self.most = moved(self.most, 90).max(self.half);
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

/// The estimate for somebody with `ahead` people before them: the mean service times the people before and half of the
/// one at the counter, over the open counters, and what the line has learnt of such expectations.
#[must_use]
pub fn estimate(ahead: i64, stat: &LaneStat, open_counters: i32) -> Estimate {
    if open_counters < 1 {
        return Estimate { ahead, seconds_min: 0, seconds_max: 0, open_counters: 0, base_ms: 0 };
    }
    let mean = if stat.service_ms == 0 { SERVICE_MS_DEFAULT } else { stat.service_ms.max(1000) };
    let base_ms = mean.saturating_mul(ahead.saturating_mul(2).saturating_add(1)) / (2 * i64::from(open_counters));
    let seconds = |factor: i64| base_ms.saturating_mul(factor) / 1_000_000;
    Estimate { ahead, seconds_min: seconds(stat.half), seconds_max: seconds(stat.most).max(1), open_counters, base_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_with_the_line_and_shrink_with_counters() {
        let fresh = LaneStat::default();
        let seven = estimate(7, &fresh, 2);
        assert_eq!((seven.seconds_min, seven.seconds_max, seven.open_counters), (1350, 2430, 2));
        assert!(estimate(8, &fresh, 2).seconds_max > seven.seconds_max);
        assert!(estimate(7, &fresh, 3).seconds_max < seven.seconds_max);
        assert_eq!(estimate(7, &fresh, 0).seconds_max, 0);
        assert!(estimate(i64::MAX, &fresh, 1).seconds_max > 0);
    }

    #[test]
    fn the_mean_follows_recent_services() {
        let mut stat = LaneStat::default();
        for _ in 0..60 {
            stat.served(60_000);
        }
        assert_eq!(stat.service_ms, 60_000);
        for _ in 0..200 {
            stat.served(600_000);
        }
        assert!(stat.service_ms > 550_000, "{stat:?}");
        let mut next = stat.next_day();
        next.served(0);
        assert!(next.service_ms > 400_000, "one odd service does not undo yesterday: {next:?}");
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
