//! How long a wait will be, as a range.

/// What a lane remembers of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LaneStat {
    /// Tickets waiting now.
    pub waiting: i64,
    /// Services finished today.
    pub served: i64,
    /// Mean length of a recent service, in milliseconds.
    pub service_ms: i64,
}

/// Services that the mean remembers.
const RECENT: i64 = 50;
/// Assumed before the first service of the day: six minutes.
const SERVICE_MS_DEFAULT: i64 = 360_000;
/// Spread of one service around the mean.
const VARIATION: f64 = 0.8;
/// The 90th percentile of a sum lies so many deviations above its middle.
const P90: f64 = 1.28;

impl LaneStat {
    /// Takes a finished service into the mean.
    pub fn served(&mut self, service_ms: i64) {
        let weight = (self.served + 1).min(RECENT);
        self.service_ms += (service_ms.max(0) - self.service_ms) / weight;
        self.served += 1;
    }
}

/// A range of waiting time; `seconds_max` = 0 means not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// People before this one.
    pub ahead: i64,
    /// Likely at least (P50).
    pub seconds_min: i64,
    /// Likely at most (P90).
    pub seconds_max: i64,
    /// Open counters that serve the queue.
    pub open_counters: i32,
}

/// The estimate for somebody with `ahead` people before them.
#[must_use]
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "seconds of a day fit both")]
pub fn estimate(ahead: i64, stat: &LaneStat, open_counters: i32) -> Estimate {
    if open_counters < 1 {
        return Estimate { ahead, seconds_min: 0, seconds_max: 0, open_counters: 0 };
    }
    let mean = if stat.served == 0 { SERVICE_MS_DEFAULT } else { stat.service_ms.max(1) } as f64 / 1000.0;
    let middle = mean * ahead as f64 / f64::from(open_counters);
    // The counters are busy when this person comes, on the average half way.
    let spread = P90 * VARIATION * mean * ((ahead + 1) as f64).sqrt() / f64::from(open_counters);
    Estimate { ahead, seconds_min: middle.floor() as i64, seconds_max: (middle + spread).ceil() as i64, open_counters }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_with_the_line_and_shrink_with_counters() {
        let fresh = LaneStat::default();
        let seven = estimate(7, &fresh, 2);
        assert_eq!((seven.seconds_min, seven.open_counters), (1260, 2));
        assert!(seven.seconds_max > seven.seconds_min);
        assert!(estimate(8, &fresh, 2).seconds_max > seven.seconds_max);
        assert!(estimate(7, &fresh, 3).seconds_max < seven.seconds_max);
        assert_eq!(estimate(7, &fresh, 0).seconds_max, 0);
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
    }
}
