//! What follows from an attempt. "Once" rests on three facts kept here:
//! an attempt is written down before anything is sent; an attempt whose answer we never read is UNKNOWN, not "again";
//! UNKNOWN is asked again only of a provider that drops repetitions, with the same reference, inside its window.

use super::Class;

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// To be sent at its time.
    Pending,
    /// Not before a time of the centre's clock: quiet hours, the day's allowance, a switch.
    Held,
    /// An attempt is open.
    Sending,
    /// The provider took it.
    Accepted,
    /// A receipt says that it arrived. Final.
    Delivered,
    /// The provider took it and no receipt came in time. Only a receipt moves it.
    Unconfirmed,
    /// It may have been sent.
    Unknown,
    /// Nobody could say in time whether it was sent. Only a receipt moves it.
    Unresolved,
    /// It was certainly not sent and will not be.
    Failed,
    /// The applicant gave no address. Final.
    NoAddress,
    /// Not worth telling any more: something newer is told, or somebody took it back. Final.
    Cancelled,
    /// Too late to be worth sending. Final.
    Expired,
    /// This person is not to be reached on this channel. Final.
    Suppressed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 13] = [
        Self::Pending,
        Self::Held,
        Self::Sending,
        Self::Accepted,
        Self::Delivered,
        Self::Unconfirmed,
        Self::Unknown,
        Self::Unresolved,
        Self::Failed,
        Self::NoAddress,
        Self::Cancelled,
        Self::Expired,
        Self::Suppressed,
    ];
}

/// What a provider said to one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took the message, now or (`Duplicate`) before.
    Accepted {
        /// [`Class::Ok`] or [`Class::Duplicate`].
        class: Class,
        /// The provider's own id of the message.
        provider_id: Option<String>,
    },
    /// It certainly sent nothing; worth trying again.
    NotSent {
        /// Why.
        class: Class,
        /// For operators: code or error, no personal data.
        detail: String,
        /// What the provider asked for (`Retry-After`).
        wait_ms: Option<i64>,
    },
    /// It certainly sent nothing and never will.
    Refused {
        /// Why.
        class: Class,
        /// For operators.
        detail: String,
    },
    /// It may have sent the message.
    Ambiguous {
        /// For operators.
        detail: String,
    },
}

/// What is known about a delivery before the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Spreads retries.
    pub id: String,
    /// Earlier endings without success; the place on the ladder.
    pub failures: u32,
    /// Start of the first attempt that may have sent something, in wall-clock microseconds.
    pub ambiguous_since: Option<i64>,
    /// Start of the attempt that just ended.
    pub started: i64,
}

/// What the provider promises and how long the message is worth sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How long the provider drops a repeated reference; zero: it does not.
    pub dedup_us: i64,
    /// True once the message came too late to be worth sending.
    pub expired: bool,
    /// [`super::Lane::Critical`] or [`super::Lane::High`]: does not wait where another channel is left.
    pub urgent: bool,
    /// Another channel is left.
    pub next_step: bool,
    /// The provider's allowance comes back with the next day; otherwise with money, at any time.
    pub daily_quota: bool,
    /// Scales every wait, in millionths: [`PACE`] is as written, less is for tests.
    pub pace: i64,
}

/// What a held delivery waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hold {
    /// The end of the quiet hours.
    Quiet,
    /// The next day's allowance.
    QuotaDay,
    /// The hour at which Zalo sends again.
    ZaloMorning,
    /// Somebody turns the provider on again.
    Switch,
    /// The person got enough today: it goes with what gathers meanwhile.
    Person,
}

impl Hold {
    /// As stored and measured.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Quiet => "QUIET_HOURS",
            Self::QuotaDay => "QUOTA",
            Self::ZaloMorning => "NIGHT",
            Self::Switch => "SWITCHED_OFF",
            Self::Person => "PERSON_DAY",
        }
    }
}

/// The row after the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// New state.
    pub state: State,
    /// When to work on it again (wall-clock microseconds); `None`: final, held, or nothing more can be known.
    pub next: Option<i64>,
    /// What a [`State::Held`] waits for.
    pub hold: Option<Hold>,
    /// New count of failures.
    pub failures: u32,
    /// See [`Known::ambiguous_since`].
    pub ambiguous_since: Option<i64>,
    /// Class to store.
    pub class: Class,
    /// Last error for operators; empty on success.
    pub detail: String,
    /// The provider's id.
    pub provider_id: Option<String>,
}

/// Waits as written.
pub const PACE: i64 = 1_000_000;
const SECOND: i64 = 1_000_000;
/// A repetition must reach the provider well inside its window.
const DEDUP_MARGIN: i64 = 3_600 * SECOND;
/// A refusal that may pass is tried this often in all before it counts as final.
const TRANSIENT_ATTEMPTS: u32 = 8;
/// A refusal that waits for a person is repeated once, ten minutes later, before the next channel is taken.
const HUMAN_ATTEMPTS: u32 = 2;
/// Connections refused, over some two and a half minutes, before the next channel is taken.
const CONNECT_ATTEMPTS: u32 = 5;

impl Decision {
    /// True where the next channel of the plan takes over.
    #[must_use]
    pub fn falls_back(&self, policy: Policy) -> bool {
        let ended = matches!(self.state, State::Failed | State::Suppressed | State::NoAddress);
        policy.next_step && !policy.expired && ended && (self.class != Class::Payload || policy.urgent)
    }
}

/// How long to wait before attempt `failures + 1`, ±20 % by the delivery's id, in microseconds.
#[must_use]
pub fn delay(class: Class, failures: u32, id: &str, pace: i64) -> i64 {
    let ladder: &[i64] = match class {
        Class::Connect => &[1, 5, 30, 120, 600, 1_800, 3_600],
        Class::Rate => &[60],
        Class::Quota => &[1_800, 3_600],
        Class::AuthHuman | Class::Config | Class::Template => &[600, 1_800],
        _ => &[5, 30, 120, 600, 1_800, 7_200],
    };
    let step = usize::try_from(failures).unwrap_or(usize::MAX).min(ladder.len() - 1);
    let hash = id.bytes().fold(u64::from(failures) + 1, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let jitter = i64::try_from((hash >> 32) % 401).unwrap_or(0) - 200;
    (ladder[step] * (1_000 + jitter) * (SECOND / 1_000) / 1_000 * pace / (PACE / 1_000)).max(1)
}

/// The row after an attempt ended with `outcome` at `now` (wall-clock microseconds).
#[must_use]
pub fn decide(known: &Known, outcome: Outcome, now: i64, policy: Policy) -> Decision {
    let failures = known.failures.saturating_add(1);
    let next_of = |class| now + delay(class, known.failures, &known.id, policy.pace);
    let row = |state, next, class, detail: String| Decision {
        state,
        next,
        hold: None,
        failures,
        ambiguous_since: known.ambiguous_since,
        class,
        detail,
        provider_id: None,
    };
    match outcome {
        Outcome::Accepted { class, provider_id } => {
            Decision { provider_id, failures: known.failures, ..row(State::Accepted, None, class, String::new()) }
        }
        // Whatever the provider says to a repetition, the first one may have gone out.
        Outcome::NotSent { class, detail, .. } | Outcome::Refused { class, detail }
            if known.ambiguous_since.is_some() =>
        {
            unknown(known, class, detail, now, policy)
        }
        Outcome::Ambiguous { detail } => unknown(known, Class::Ambiguous, detail, now, policy),
        Outcome::Refused { class, detail } => row(State::Failed, None, class, detail),
        Outcome::NotSent { class, detail, .. } if policy.expired => row(State::Expired, None, class, detail),
        Outcome::NotSent { class, detail, .. } if gives_up(class, failures, policy) => {
            row(State::Failed, None, class, detail)
        }
        Outcome::NotSent { class: Class::Night, detail, .. } => {
            let held = row(State::Held, None, Class::Night, detail);
            Decision { hold: Some(Hold::ZaloMorning), failures: known.failures, ..held }
        }
        Outcome::NotSent { class: Class::Quota, detail, .. } if policy.daily_quota => {
            let held = row(State::Held, None, Class::Quota, detail);
            Decision { hold: Some(Hold::QuotaDay), failures: known.failures, ..held }
        }
        Outcome::NotSent { class, detail, wait_ms } => {
            let next = match wait_ms {
                // A provider may ask for up to an hour; a hostile header for no more.
                Some(ms) => next_of(class).max(now + ms.clamp(0, 3_600_000) * policy.pace / (PACE / 1_000)),
                None => next_of(class),
            };
            row(State::Pending, Some(next), class, detail)
        }
    }
}

/// Whether a refusal that may pass ends this channel nevertheless.
fn gives_up(class: Class, failures: u32, policy: Policy) -> bool {
    match class {
        Class::Transient => failures >= TRANSIENT_ATTEMPTS,
        Class::Connect => policy.next_step && failures >= CONNECT_ATTEMPTS,
        Class::AuthHuman | Class::AuthRefresh | Class::Config => policy.next_step && failures >= HUMAN_ATTEMPTS,
        Class::Template => policy.next_step,
        Class::Quota => policy.next_step && policy.urgent,
        _ => false,
    }
}

/// The row when a worker died with an attempt open: it may have sent the message.
#[must_use]
pub fn after_crash(known: &Known, now: i64, policy: Policy) -> Decision {
    let mut row = unknown(known, Class::Ambiguous, "the worker stopped before the answer".into(), now, policy);
    row.next = row.next.map(|_| now);
    row
}

/// True while a repetition at `at` of what may have been sent at `since` is certain to be dropped by the provider.
#[must_use]
pub fn may_repeat(since: i64, at: i64, policy: Policy) -> bool {
    let margin = DEDUP_MARGIN.min(policy.dedup_us / 4);
    policy.dedup_us > 0 && at <= since.saturating_add(policy.dedup_us - margin)
}

fn unknown(known: &Known, class: Class, detail: String, now: i64, policy: Policy) -> Decision {
    let since = known.ambiguous_since.unwrap_or(known.started);
    let next = now + delay(class, known.failures, &known.id, policy.pace);
    Decision {
        state: State::Unknown,
        hold: None,
        next: (may_repeat(since, next, policy) && !policy.expired).then_some(next),
        failures: known.failures.saturating_add(1),
        ambiguous_since: Some(since),
        class,
        detail,
        provider_id: None,
    }
}

#[cfg(test)]
mod tests;
