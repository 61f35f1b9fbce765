//! A generated day: the same seed gives the same visitors.
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp};

use super::{Arrival, Day};
use crate::model::centre::Centre;

/// A service is never shorter.
const SERVICE_MS_MIN: f64 = 30_000.0;
/// Nor longer than so many times its queue's mean.
const SERVICE_TIMES_MAX: f64 = 6.0;
/// Draws of a time inside the ticket windows before the nearest one is taken.
const DRAWS_MAX: usize = 30;

/// What a day is generated from.
#[derive(Debug, Clone, PartialEq)]
pub struct Crowd {
    /// Start of the generator.
    pub seed: u64,
    /// How many come.
    pub visitors: u32,
    /// When many come at once; the others come evenly over the ticket windows.
    pub peaks: Vec<Peak>,
    /// What they come for; at least one.
    pub demands: Vec<Demand>,
    /// Of all visitors; the rest has no class.
    pub classes: Vec<ClassShare>,
    /// Thousandths who are not there when called.
    pub no_show_permille: u32,
}

/// Many at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Peak {
    /// Local time of its middle.
    pub at: Time,
    /// Thousandths of all visitors.
    pub permille: u32,
    /// Two thirds of them come within so many minutes of the middle.
    pub spread_minutes: u32,
}

/// A queue's part of the visitors.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Queue.
    pub queue: String,
    /// Beside the other queues' weights.
    pub weight: u32,
    /// Mean length of a service, in seconds.
    pub service_seconds: u32,
    /// Standard deviation of a service, in hundredths of its mean.
    pub spread_percent: u32,
}

/// A class's part of the visitors.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassShare {
    /// Class.
    pub class: String,
    /// Thousandths of all visitors.
    pub permille: u32,
}

impl Crowd {
    /// What a centre may expect where nothing else is known: a peak at each opening of the doors, queues as busy as they
    /// have counters of their own, six minutes a service, one visitor in seven of some class, one in fifty gone when called.
    #[must_use]
    pub fn of(centre: &Centre, seed: u64, visitors: u32, date: Date) -> Self {
        let sessions = centre.hours.calendar.open_sessions(date);
        let zone = centre.hours.calendar.time_zone();
        let peaks = sessions.iter().enumerate().map(|(at, session)| Peak {
            at: session.start.to_zoned_datetime(zone.clone()).time(),
            permille: if at == 0 { 300 } else { 200 },
            spread_minutes: 20,
        });
        let demands = centre.queues.iter().map(|queue| Demand {
            queue: queue.id.clone(),
            weight: own_counters(centre, &queue.id).max(1),
            service_seconds: 360,
            spread_percent: 60,
        });
        let count = u32::try_from(centre.priority_classes.len()).unwrap_or(u32::MAX).max(1);
        let classes = centre.priority_classes.iter();
        Self {
            seed,
            visitors,
            peaks: peaks.collect(),
            demands: demands.collect(),
            classes: classes.map(|class| ClassShare { class: class.id.clone(), permille: 140 / count }).collect(),
            no_show_permille: 20,
        }
    }

    /// The visitors of a date; nobody on a day off.
    #[must_use]
    pub fn day(&self, centre: &Centre, date: Date) -> Day {
        let mut seeded = Seeded(self.seed);
        let windows = windows(centre, date);
        if windows.is_empty() || self.demands.is_empty() {
            return Day::new(date, Vec::new());
        }
        let zone = centre.hours.calendar.time_zone();
        let middles: Vec<(Timestamp, &Peak)> = self
            .peaks
            .iter()
            .filter_map(|peak| {
                Some((date.to_datetime(peak.at).to_zoned_datetime(zone.clone()).ok()?.timestamp(), peak))
            })
            .collect();
        let arrivals = (0..self.visitors).map(|_| {
            let demand = seeded.weighted(&self.demands, |demand| demand.weight).unwrap_or(&self.demands[0]);
            Arrival {
                at: self.time(&mut seeded, &windows, &middles),
                queue: demand.queue.clone(),
                class: seeded.share(&self.classes, |class| class.permille).map_or("", |class| &class.class).to_owned(),
                service_ms: seeded.service_ms(demand),
                comes: seeded.below(1000) >= u64::from(self.no_show_permille),
            }
        });
        Day::new(date, arrivals.collect())
    }

    fn time(
        &self,
        seeded: &mut Seeded,
        windows: &[(Timestamp, Timestamp)],
        middles: &[(Timestamp, &Peak)],
    ) -> Timestamp {
        let Some((middle, peak)) = seeded.share(middles, |(_, peak)| peak.permille) else {
            return evenly(seeded, windows);
        };
        for _ in 0..DRAWS_MAX {
            let off = seeded.normal() * f64::from(peak.spread_minutes) * 60_000.0;
            #[allow(clippy::cast_possible_truncation, reason = "minutes of a day")]
            let at = middle.checked_add(SignedDuration::from_millis(off as i64)).unwrap_or(*middle);
            if windows.iter().any(|(from, until)| at >= *from && at < *until) {
                return at;
            }
        }
        windows.iter().map(|(from, _)| *from).min_by_key(|from| from.duration_since(*middle).abs()).unwrap_or(*middle)
    }
}

fn evenly(seeded: &mut Seeded, windows: &[(Timestamp, Timestamp)]) -> Timestamp {
    let length = |(from, until): &(Timestamp, Timestamp)| millis(until.duration_since(*from));
    let mut left = seeded.below(windows.iter().map(length).sum::<u64>().max(1));
    for window in windows {
        if left < length(window) {
            let ms = SignedDuration::from_millis(i64::try_from(left).unwrap_or(0));
            return window.0.checked_add(ms).unwrap_or(window.0);
        }
        left -= length(window);
    }
    windows[0].0
}

fn millis(duration: SignedDuration) -> u64 {
    u64::try_from(duration.as_millis().max(0)).unwrap_or(0)
}

/// When numbers are given on a date.
fn windows(centre: &Centre, date: Date) -> Vec<(Timestamp, Timestamp)> {
    let before = SignedDuration::from_mins(centre.hours.issue_opens_before_minutes);
    let cut = SignedDuration::from_mins(centre.hours.issue_closes_before_minutes);
    let sessions = centre.hours.calendar.open_sessions(date).into_iter();
    let windows = sessions.map(|session| (session.start - before, session.end - cut));
    windows.filter(|(from, until)| from < until).collect()
}

/// Open counters that serve a queue as much as any other.
fn own_counters(centre: &Centre, queue: &str) -> u32 {
    let own = centre.counters.iter().filter(|counter| {
        let best = counter.skills.iter().map(|skill| skill.preference_minutes).max().unwrap_or(0);
        counter.open && counter.skills.iter().any(|skill| skill.queue == queue && skill.preference_minutes == best)
    });
    u32::try_from(own.count()).unwrap_or(u32::MAX)
}

/// SplitMix64.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Below `limit`, which is not 0. Its slight preference for small numbers matters to nobody's wait.
    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Above 0, at most 1.
    fn unit(&mut self) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "53 bits fit")]
        let top = (self.next() >> 11) as f64 + 1.0;
        top / 9_007_199_254_740_992.0
    }

    /// Of a standard normal distribution (Box and Muller).
    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// One of many by weight; none when all weights are 0.
    fn weighted<'a, T>(&mut self, of: &'a [T], weight: impl Fn(&T) -> u32) -> Option<&'a T> {
        let sum: u64 = of.iter().map(|one| u64::from(weight(one))).sum();
        if sum == 0 {
            return None;
        }
        let mut left = self.below(sum);
        of.iter().find(|one| {
            let own = u64::from(weight(one));
            let found = left < own;
            left = left.saturating_sub(own);
            found
        })
    }

    /// One of several by its thousandths; none for the rest of the thousand.
    fn share<'a, T>(&mut self, of: &'a [T], permille: impl Fn(&T) -> u32) -> Option<&'a T> {
        let mut left = self.below(1000);
        of.iter().find(|one| {
            let own = u64::from(permille(one));
            let found = left < own;
            left = left.saturating_sub(own);
            found
        })
    }

    /// Lognormal, as services are: many short ones and a few long ones.
    fn service_ms(&mut self, demand: &Demand) -> i64 {
        let mean = f64::from(demand.service_seconds) * 1000.0;
        let spread = f64::from(demand.spread_percent) / 100.0;
        let variance = spread.mul_add(spread, 1.0).ln();
        let ms = mean * self.normal().mul_add(variance.sqrt(), -variance / 2.0).exp();
        #[allow(clippy::cast_possible_truncation, reason = "clamped to some hours")]
        let ms = ms.clamp(SERVICE_MS_MIN, (mean * SERVICE_TIMES_MAX).max(SERVICE_MS_MIN)) as i64;
        ms
    }
}
