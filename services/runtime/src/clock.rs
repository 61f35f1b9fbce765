//! Business time. Timeouts use tokio's clock; everything a citizen or the law sees uses this one.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;

/// The clock of a process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System,
    /// `start` was shown when the machine's clock showed `anchor`; runs `speed` times as fast.
    Simulated {
        start: Timestamp,
        anchor: Timestamp,
        speed: u32,
    },
    Manual(Arc<Mutex<Timestamp>>),
}

/// Why a `--clock` was refused.
#[derive(Debug, thiserror::Error)]
#[error(
    "clock \"{0}\": give a time such as 2026-11-23T08:00:00+07:00, or 2026-11-23T08:00:00+07:00x10 to run ten times as fast (1 to 3600)"
)]
pub struct BadClock(String);

#[allow(clippy::disallowed_methods, reason = "the one place that reads the machine's clock for business time")]
fn machine() -> Timestamp {
    Timestamp::now()
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that stands until it is set: for tests.
    pub fn manual(time: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(Mutex::new(time))))
    }

    /// `T[xN][@ANCHOR]`: T an RFC 3339 time, N the speed, ANCHOR the machine's time at which T was shown (now when
    /// left out), so that several processes share one epoch.
    pub fn parse(text: &str) -> Result<Self, BadClock> {
        let bad = || BadClock(text.to_owned());
        let (rest, anchor) = match text.split_once('@') {
            Some((rest, anchor)) => (rest, anchor.parse().map_err(|_| bad())?),
            None => (text, machine()),
        };
        let (time, speed) = match rest.rsplit_once('x') {
            Some((time, speed)) => (time, speed.parse().map_err(|_| bad())?),
            None => (rest, 1),
        };
        let start = time.parse().map_err(|_| bad())?;
        if !(1..=3600).contains(&speed) {
            return Err(bad());
        }
        Ok(Self(Kind::Simulated { start, anchor, speed }))
    }

    /// As [`Clock::parse`] with its anchor, to hand to another process; none for the machine's clock.
    pub fn spec(&self) -> Option<String> {
        match &self.0 {
            Kind::Simulated { start, anchor, speed } => Some(format!("{start}x{speed}@{anchor}")),
            Kind::System | Kind::Manual(_) => None,
        }
    }

    /// Business time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => machine(),
            Kind::Simulated { start, anchor, speed } => {
                let real = machine().duration_since(*anchor);
                let passed = real.checked_mul(i32::try_from(*speed).unwrap_or(1)).unwrap_or(real);
                start.checked_add(passed).unwrap_or(Timestamp::MAX)
            }
            Kind::Manual(time) => *time.lock().unwrap_or_else(std::sync::PoisonError::into_inner),
        }
    }

    /// True while time is not the machine's: shown on every page.
    pub fn is_simulated(&self) -> bool {
        !matches!(self.0, Kind::System)
    }

    /// Seconds of business time in a second of the people before the screens: what they have to do in time is counted in
    /// theirs.
    pub fn speed(&self) -> u32 {
        if let Kind::Simulated { speed, .. } = &self.0 { *speed } else { 1 }
    }

    /// Moves a manual clock; does nothing to the others.
    pub fn set(&self, to: Timestamp) {
        if let Kind::Manual(time) = &self.0 {
            *time.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
        }
    }

    /// How long the machine waits while so much business time passes.
    pub fn machine_time(&self, business: Duration) -> Duration {
        if let Kind::Simulated { speed, .. } = &self.0 { business / *speed } else { business }
    }

    /// Waits until business time has reached `time`; looks again at least every second, so that a clock that is set
    /// forward is noticed.
    pub async fn sleep_until(&self, time: Timestamp) {
        loop {
            let left = time.duration_since(self.now());
            if left.is_zero() || left.is_negative() {
                return;
            }
            let wait = self.machine_time(left.unsigned_abs());
            tokio::time::sleep(wait.clamp(Duration::from_millis(1), Duration::from_secs(1))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_text_is_read_and_shared() {
        let clock = Clock::parse("2026-11-23T08:00:00+07:00x10").unwrap();
        assert_eq!((clock.speed(), Clock::system().speed()), (10, 1));
        assert!(clock.is_simulated() && clock.now() >= "2026-11-23T01:00:00Z".parse().unwrap());
        let shared = Clock::parse(&clock.spec().unwrap()).unwrap();
        assert!(shared.now().duration_since(clock.now()).as_secs().abs() < 10);
        for bad in ["", "08:00", "2026-11-23T08:00:00+07:00x0", "2026-11-23T08:00:00+07:00xx", "2026-11-23T08:00"] {
            assert!(Clock::parse(bad).unwrap_err().to_string().contains("2026-11-23T08:00:00+07:00"), "{bad}");
        }
    }
}
