//! Who comes on a generated day, as somebody outside would guess it of a provincial centre; the same seed, the same people.
use motcua_proto::routing::v1::Centre;

/// Local minutes of the day in which numbers are given.
const WINDOWS: [(f64, f64); 2] = [(390.0, 690.0), (750.0, 1020.0)];
/// Local minute of a rush's middle, and thousandths of all visitors who come in it. The others come evenly.
const RUSHES: [(f64, u64); 2] = [(420.0, 300), (780.0, 200)];
/// Two thirds of a rush come within so many minutes of its middle.
const RUSH_MINUTES: f64 = 20.0;
/// A service: its mean in seconds, its standard deviation beside the mean, and the shortest there is.
const SERVICE_SECONDS: f64 = 360.0;
const SERVICE_SPREAD: f64 = 0.6;
const SERVICE_SECONDS_MIN: f64 = 30.0;
/// Thousandths of all visitors who have a class, and who are gone when called.
const OF_A_CLASS: u64 = 140;
const GONE: u64 = 20;

/// One who takes a number.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// When, in milliseconds after local midnight.
    pub at_ms: i64,
    pub queue: String,
    /// Empty for none.
    pub class: String,
    pub service_ms: i64,
    /// False: not there when called.
    pub comes: bool,
}

/// The visitors of a day, the first to come first. Queues are as busy as they have counters of their own.
pub fn day(centre: &Centre, seed: u64, count: usize) -> Vec<Visitor> {
    let mut chance = Chance(seed);
    let busy: Vec<(&str, u64)> =
        centre.queues.iter().map(|queue| (queue.id.as_str(), own(centre, &queue.id))).collect();
    let mut visitors: Vec<Visitor> = (0..count)
        .map(|_| {
            let queue = chance.weighted(&busy).to_owned();
            let classes = &centre.priority_classes;
            let class = if chance.below(1000) < OF_A_CLASS {
                let at = chance.below(u64::try_from(classes.len()).unwrap());
                classes[usize::try_from(at).unwrap()].id.clone()
            } else {
                String::new()
            };
            let at_ms = ms(chance.minute() * 60.0);
            let service_ms = ms(chance.service());
            Visitor { at_ms, queue, class, service_ms, comes: chance.below(1000) >= GONE }
        })
        .collect();
    visitors.sort_by_key(|visitor| visitor.at_ms);
    visitors
}

/// Counters that prefer no other queue to this one.
fn own(centre: &Centre, queue: &str) -> u64 {
    let prefers = |counter: &&motcua_proto::routing::v1::Counter| {
        let best = counter.skills.iter().map(|skill| skill.preference_minutes).max();
        counter.skills.iter().any(|skill| skill.queue_id == queue && Some(skill.preference_minutes) == best)
    };
    u64::try_from(centre.counters.iter().filter(prefers).count()).unwrap().max(1)
}

#[allow(clippy::cast_possible_truncation, reason = "seconds of a day")]
fn ms(seconds: f64) -> i64 {
    (seconds * 1000.0) as i64
}

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

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

    fn weighted<'a>(&mut self, of: &[(&'a str, u64)]) -> &'a str {
        let mut left = self.below(of.iter().map(|(_, weight)| weight).sum());
        let found = of.iter().find(|(_, weight)| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        found.unwrap().0
    }

    /// A local minute at which numbers are given.
    fn minute(&mut self) -> f64 {
        let mut left = self.below(1000);
        for (middle, permille) in RUSHES {
            if left < permille {
                loop {
                    let minute = middle + self.normal() * RUSH_MINUTES;
                    if WINDOWS.iter().any(|(from, until)| (*from..*until).contains(&minute)) {
                        return minute;
                    }
                }
            }
            left -= permille;
        }
        let [first, second] = WINDOWS.map(|(from, until)| until - from);
        let even = self.unit() * (first + second);
        if even < first { WINDOWS[0].0 + even } else { WINDOWS[1].0 + even - first }
    }

    /// Seconds; lognormal, as services are: many short ones and a few long ones.
    fn service(&mut self) -> f64 {
        let variance = SERVICE_SPREAD.mul_add(SERVICE_SPREAD, 1.0).ln();
        let drawn = SERVICE_SECONDS * self.normal().mul_add(variance.sqrt(), -variance / 2.0).exp();
        drawn.clamp(SERVICE_SECONDS_MIN, SERVICE_SECONDS * 6.0)
    }
}
