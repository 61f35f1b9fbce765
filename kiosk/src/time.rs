//! What time it is for this machine's citizens, and whether that can be believed.
//!
//! The centre's time is the truth. Between two answers it is carried on by a clock that nobody sets (the machine's monotonic
//! one); before the first answer of a start there is only the machine's own clock, which is believed as far as the last kept
//! time, the machine's uptime and a battery-backed clock speak for it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use motcua_runtime::Clock;
use tokio::time::Instant;

use crate::store::Contact;

/// Two clocks that differ by less agree.
const AGREE: SignedDuration = SignedDuration::from_secs(120);
/// A start may be so much before the kept time: answers take a moment.
const BACK_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Whether the day on this machine's clock can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    Sure,
    Unsure(Doubt),
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// This machine has never heard the centre.
    NeverHeard,
    /// The clock stands before a time that has passed already.
    Backwards,
    /// The machine was off and has no clock that runs on without power.
    NoBattery,
    /// The clock was set, or the machine slept, since the centre was last heard.
    Jumped,
}

impl Doubt {
    /// For logs and the device's page.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NeverHeard => "NEVER_HEARD",
            Self::Backwards => "CLOCK_BACKWARDS",
            Self::NoBattery => "NO_BATTERY_CLOCK",
            Self::Jumped => "CLOCK_JUMPED",
        }
    }
}

/// What is known of this machine when it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Boot {
    /// Its own clock.
    pub own: Timestamp,
    /// The clock is `--clock`: it does not run with the machine.
    pub simulated: bool,
    /// Which start of the machine, and seconds since.
    pub boot_id: String,
    pub uptime_s: f64,
    /// A clock runs on without power.
    pub battery: bool,
}

impl Boot {
    /// Looks at this machine.
    pub fn look(clock: &Clock) -> Self {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        Self {
            own: clock.now(),
            simulated: clock.is_simulated(),
            boot_id: text("/proc/sys/kernel/random/boot_id").trim().to_owned(),
            uptime_s: uptime_s(),
            battery: Path::new("/sys/class/rtc/rtc0").exists(),
        }
    }
}

/// Seconds since the machine was started, sleep included.
pub(crate) fn uptime_s() -> f64 {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    text.split_whitespace().next().and_then(|seconds| seconds.parse().ok()).unwrap_or(0.0)
}

/// Whether the own clock of a start can be believed, before the centre is heard.
pub(crate) fn judge(boot: &Boot, last: Option<&Contact>) -> Trust {
    let Some(last) = last else { return Trust::Unsure(Doubt::NeverHeard) };
    if boot.own < last.time - BACK_MAX {
        return Trust::Unsure(Doubt::Backwards);
    }
    if boot.simulated {
        return Trust::Sure;
    }
    if boot.boot_id == last.boot_id {
        let passed = SignedDuration::from_secs_f64((boot.uptime_s - last.uptime_s).max(0.0));
        let expected = last.time.checked_add(passed).unwrap_or(Timestamp::MAX);
        if boot.own.duration_since(expected).abs() > AGREE {
            return Trust::Unsure(Doubt::Jumped);
        }
    } else if !boot.battery {
        return Trust::Unsure(Doubt::NoBattery);
    }
    Trust::Sure
}

/// Where the clocks stood at one moment.
#[derive(Debug, Clone, Copy)]
struct Mark {
    /// The truth then.
    time: Timestamp,
    /// This machine's own clock then.
    own: Timestamp,
    at: Instant,
}

/// Tells the time.
#[derive(Debug)]
pub(crate) struct Timekeeper {
    clock: Clock,
    /// Believed before the centre is heard.
    boot: Trust,
    last: Option<Contact>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    mark: Mark,
    heard: Option<Timestamp>,
}

impl Timekeeper {
    /// For one start of the program.
    pub fn new(clock: Clock, boot: &Boot, last: Option<Contact>) -> Self {
        let trust = judge(boot, last.as_ref());
        if let Trust::Unsure(doubt) = trust {
            tracing::warn!(reason = doubt.reason(), own = %boot.own, "this machine's clock is not believed until the centre is heard");
        }
        let mark = Mark { time: boot.own, own: boot.own, at: Instant::now() };
        Self { clock, boot: trust, last, state: Mutex::new(State { mark, heard: None }) }
    }

    /// This machine's own clock, to be read before the centre is asked.
    pub fn own(&self) -> Timestamp {
        self.clock.now()
    }

    /// The centre has said its time, asked when the own clock stood at `asked`. It said so at some moment since: what is told
    /// here is changed only if it cannot be right, so that machines of one centre agree more closely than answers travel.
    pub fn heard(&self, time: Timestamp, asked: Timestamp) {
        let own = self.clock.now();
        let way = own.duration_since(asked).max(SignedDuration::ZERO);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = time.checked_add(way).unwrap_or(time);
        let carried = state.mark.carried(&self.clock);
        let mut mark = state.mark;
        if carried < time || latest < carried {
            mark = Mark { time: time.checked_add(way / 2).unwrap_or(time), own, at: Instant::now() };
            let off = own.duration_since(mark.time);
            if state.heard.is_none() && off.abs() > AGREE {
                tracing::warn!(
                    seconds = off.as_secs(),
                    "this machine's clock differs from the centre's, which is used"
                );
            }
        }
        *state = State { mark, heard: Some(time) };
    }

    /// When the centre was last heard, in its own time; from an earlier start, as it was kept.
    pub fn contact(&self) -> Option<Timestamp> {
        let heard = self.state.lock().unwrap_or_else(PoisonError::into_inner).heard;
        heard.or_else(|| self.last.as_ref().map(|last| last.time))
    }

    /// The centre's time as far as this machine knows it.
    pub fn now(&self) -> Timestamp {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).mark.carried(&self.clock)
    }

    /// Seconds by which this machine's own clock is ahead of the time that it tells.
    pub fn off_seconds(&self) -> i64 {
        self.clock.now().duration_since(self.now()).as_secs()
    }

    /// Whether [`Self::now`] can be believed.
    pub fn trust(&self) -> Trust {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.heard.is_none() && self.boot != Trust::Sure {
            return self.boot;
        }
        state.mark.compare(self.clock.now(), state.mark.carried(&self.clock))
    }
}

impl Mark {
    /// A simulated clock runs by its own speed; the machine's may be set by anybody, so that the monotonic one counts.
    fn carried(&self, clock: &Clock) -> Timestamp {
        let passed = if clock.is_simulated() {
            clock.now().duration_since(self.own)
        } else {
            SignedDuration::try_from(self.at.elapsed()).unwrap_or_default()
        };
        self.time.checked_add(passed).unwrap_or(self.time)
    }

    /// Whether the own clock ran on as before, or was set right meanwhile.
    fn compare(&self, own: Timestamp, carried: Timestamp) -> Trust {
        let ran = own.duration_since(self.own) - carried.duration_since(self.time);
        if ran.abs() <= AGREE || own.duration_since(carried).abs() <= AGREE {
            Trust::Sure
        } else {
            Trust::Unsure(Doubt::Jumped)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EIGHT: &str = "2026-11-23T08:00:00+07:00";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn boot(own: &str) -> Boot {
        Boot { own: at(own), simulated: false, boot_id: "one".into(), uptime_s: 1_000.0, battery: true }
    }

    fn last(boot_id: &str) -> Contact {
        Contact { time: at(EIGHT), boot_id: boot_id.into(), uptime_s: 400.0 }
    }

    #[test]
    fn a_clock_is_believed_as_far_as_something_speaks_for_it() {
        use Doubt::{Backwards, Jumped, NeverHeard, NoBattery};
        let unsure = Trust::Unsure;
        let cases = [
            ("never heard the centre", boot(EIGHT), None, unsure(NeverHeard)),
            (
                "ten minutes later in the same run of the machine",
                boot("2026-11-23T08:10:00+07:00"),
                Some("one"),
                Trust::Sure,
            ),
            ("the clock was set by a day meanwhile", boot("2026-11-24T08:10:00+07:00"), Some("one"), unsure(Jumped)),
            ("next morning, with a battery", boot("2026-11-24T06:50:00+07:00"), Some("two"), Trust::Sure),
            (
                "next morning or a minute later, without a battery",
                Boot { battery: false, ..boot("2026-11-23T08:01:00+07:00") },
                Some("two"),
                unsure(NoBattery),
            ),
            ("the battery is empty", boot("1970-01-01T00:00:30Z"), Some("two"), unsure(Backwards)),
            ("an answer's way back", boot("2026-11-23T07:59:30+07:00"), Some("two"), Trust::Sure),
            (
                "a simulated clock does not run with the machine",
                Boot { simulated: true, battery: false, ..boot("2026-11-25T08:00:00+07:00") },
                Some("one"),
                Trust::Sure,
            ),
        ];
        for (what, boot, known, expected) in cases {
            assert_eq!(judge(&boot, known.map(last).as_ref()), expected, "{what}");
        }
    }

    #[test]
    fn the_centres_time_wins_and_is_carried_on() {
        let clock = Clock::manual(at("2026-11-20T03:00:00+07:00"));
        let keeper = Timekeeper::new(clock.clone(), &Boot::look(&clock), Some(last("x")));
        assert_eq!(keeper.trust(), Trust::Unsure(Doubt::Backwards));
        assert_eq!(keeper.contact(), Some(at(EIGHT)), "of the start before");
        keeper.heard(at("2026-11-23T09:00:00+07:00"), clock.now());
        assert_eq!((keeper.trust(), keeper.now()), (Trust::Sure, at("2026-11-23T09:00:00+07:00")));
        clock.set(at("2026-11-20T03:05:00+07:00"));
        assert_eq!(keeper.now(), at("2026-11-23T09:05:00+07:00"));
        assert_eq!(keeper.contact(), Some(at("2026-11-23T09:00:00+07:00")));
        assert!(keeper.off_seconds() < -3 * 24 * 3600);
    }

    #[test]
    fn an_answers_way_does_not_shake_the_clock() {
        let clock = Clock::manual(at(EIGHT));
        let keeper = Timekeeper::new(clock.clone(), &Boot::look(&clock), None);
        let ask = |way_ms: i64, said: &str| {
            let asked = clock.now();
            clock.set(asked + SignedDuration::from_millis(way_ms));
            keeper.heard(at(said), asked);
            keeper.now().duration_since(clock.now()).as_millis()
        };
        assert_eq!(ask(400, "2026-11-23T08:00:00.100+07:00"), 0, "both clocks may be right");
        assert_eq!(ask(0, "2026-11-23T08:00:00.400+07:00"), 0);
        assert_eq!(ask(200, "2026-11-23T08:01:00+07:00"), 59_500, "half of the way back");
        assert_eq!(ask(1_000, "2026-11-23T08:01:00.300+07:00"), 59_500, "right as it is");
    }

    #[test]
    fn the_machines_clock_may_be_set_right_but_not_wrong() {
        let trust = |own_ahead: i64, jump: i64| {
            let time = at(EIGHT);
            let own = time + SignedDuration::from_secs(own_ahead);
            let later = time + SignedDuration::from_mins(10);
            let mark = Mark { time, own, at: Instant::now() };
            mark.compare(own + SignedDuration::from_secs(600 + jump), later)
        };
        assert_eq!((trust(0, 0), trust(-7200, 0)), (Trust::Sure, Trust::Sure), "as before, wrong as it may be");
        assert_eq!(trust(-7200, 7200), Trust::Sure, "set right");
        assert_eq!(trust(0, 86_400), Trust::Unsure(Doubt::Jumped), "set to another day");
    }
}
