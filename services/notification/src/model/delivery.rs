//! What follows from an attempt. "Once" rests on three facts kept here:
//! an attempt is written down before anything is sent; an attempt whose answer we never read is UNKNOWN, not "again";
//! UNKNOWN is asked again only of a provider that drops repetitions, with the same reference, inside its window.

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// To be sent at its time.
    Pending,
    /// An attempt is open.
    Sending,
    /// The provider took it. Final.
    Accepted,
    /// It was certainly not sent and will not be. Final.
    Failed,
    /// It may have been sent.
    Unknown,
    /// The applicant gave no telephone number. Final.
    NoAddress,
}

/// Why an attempt ended as it did, kept with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Taken.
    Ok,
    /// Taken earlier under the same reference.
    Duplicate,
    /// Nothing was sent: DNS, refused, TLS, folder not writable.
    Connect,
    /// The provider says try later.
    Transient,
    /// Too fast.
    Rate,
    /// No credit.
    Quota,
    /// Key, address list or account: a person must act.
    Account,
    /// Brand name or registered text: a person must act.
    Template,
    /// The number cannot be reached.
    Recipient,
    /// No answer we can trust.
    Ambiguous,
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
    /// Scales every wait, in millionths: [`PACE`] is as written, less is for tests.
    pub pace: i64,
}

/// The row after the outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// New state.
    pub state: State,
    /// When to work on it again (wall-clock microseconds); `None`: final, or nothing more can be known.
    pub next: Option<i64>,
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
/// An unlisted refusal is tried this often in all before it counts as final.
const TRANSIENT_ATTEMPTS: u32 = 8;

/// How long to wait before attempt `failures + 1`, ±20 % by the delivery's id, in microseconds.
#[must_use]
pub fn delay(class: Class, failures: u32, id: &str, pace: i64) -> i64 {
    let ladder: &[i64] = match class {
        Class::Connect => &[1, 5, 30, 120, 600, 1_800, 3_600],
        Class::Rate => &[60],
        Class::Quota => &[1_800, 3_600],
        Class::Account | Class::Template => &[600, 1_800],
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
        Outcome::NotSent { class, detail, .. }
            if policy.expired || class == Class::Transient && failures >= TRANSIENT_ATTEMPTS =>
        {
            row(State::Failed, None, class, detail)
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
        next: (may_repeat(since, next, policy) && !policy.expired).then_some(next),
        failures: known.failures.saturating_add(1),
        ambiguous_since: Some(since),
        class,
        detail,
        provider_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400 * SECOND;

    fn policy(dedup_us: i64) -> Policy {
        Policy { dedup_us, expired: false, pace: PACE }
    }

    fn known(ambiguous_since: Option<i64>) -> Known {
        Known { id: "0192".into(), failures: 0, ambiguous_since, started: 1_000 }
    }

    fn ambiguous() -> Outcome {
        Outcome::Ambiguous { detail: "HTTP 500".into() }
    }

    #[test]
    fn taken_and_taken_before_are_the_same_ending() {
        for class in [Class::Ok, Class::Duplicate] {
            let row = decide(
                &known(Some(1_000)),
                Outcome::Accepted { class, provider_id: Some("7".into()) },
                2_000,
                policy(DAY),
            );
            assert_eq!((row.state, row.next, row.class), (State::Accepted, None, class));
        }
    }

    #[test]
    fn refused_connection_is_tried_again_as_if_nothing_happened() {
        let outcome = Outcome::NotSent { class: Class::Connect, detail: "refused".into(), wait_ms: None };
        let row = decide(&known(None), outcome, 0, policy(0));
        assert_eq!((row.state, row.failures, row.ambiguous_since), (State::Pending, 1, None));
        assert!((800_000..=1_200_000).contains(&row.next.unwrap()), "1 s ± 20 %: {row:?}");
    }

    #[test]
    fn unknown_is_sent_again_only_where_the_provider_drops_repetitions() {
        let with = decide(&known(None), ambiguous(), 2_000, policy(DAY));
        let without = decide(&known(None), ambiguous(), 2_000, policy(0));
        assert_eq!((with.state, with.next.is_some(), with.ambiguous_since), (State::Unknown, true, Some(1_000)));
        assert_eq!((without.state, without.next), (State::Unknown, None));
    }

    #[test]
    fn near_the_end_of_the_window_unknown_stays_unknown() {
        let row = decide(&known(Some(0)), ambiguous(), DAY - DEDUP_MARGIN, policy(DAY));
        assert_eq!((row.state, row.next), (State::Unknown, None));
    }

    #[test]
    fn a_dead_worker_leaves_unknown_that_is_asked_at_once() {
        let row = after_crash(&known(None), 5_000, policy(DAY));
        assert_eq!((row.state, row.next, row.ambiguous_since), (State::Unknown, Some(5_000), Some(1_000)));
        assert_eq!(after_crash(&known(None), 5_000, policy(0)).next, None);
    }

    #[test]
    fn too_late_or_too_often_is_failed() {
        let again = || Outcome::NotSent { class: Class::Transient, detail: "99".into(), wait_ms: None };
        assert_eq!(decide(&known(None), again(), 0, Policy { expired: true, ..policy(0) }).state, State::Failed);
        let tired = Known { failures: TRANSIENT_ATTEMPTS - 1, ..known(None) };
        assert_eq!(decide(&tired, again(), 0, policy(0)).state, State::Failed);
    }

    #[test]
    fn a_provider_may_ask_for_patience_but_not_for_ever() {
        let outcome = Outcome::NotSent { class: Class::Rate, detail: "429".into(), wait_ms: Some(i64::MAX) };
        assert_eq!(decide(&known(None), outcome, 0, policy(0)).next, Some(3_600 * SECOND));
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        let class = prop::sample::select(vec![
            Class::Connect,
            Class::Transient,
            Class::Rate,
            Class::Quota,
            Class::Account,
            Class::Template,
        ]);
        prop_oneof![
            Just(Outcome::Accepted { class: Class::Ok, provider_id: None }),
            (class, proptest::option::of(0i64..10_000_000)).prop_map(|(class, wait_ms)| Outcome::NotSent {
                class,
                detail: "x".into(),
                wait_ms
            }),
            Just(Outcome::Refused { class: Class::Recipient, detail: "x".into() }),
            Just(ambiguous()),
        ]
    }

    proptest! {
        /// Any run of attempts: at most one of them can have reached the citizen.
        #[test]
        fn the_citizen_gets_at_most_one_message(
            script in prop::collection::vec((outcomes(), any::<bool>(), 0i64..40_000), 1..40),
            dedup in prop::sample::select(vec![0, DAY]),
        ) {
            let (mut now, mut sent_at, mut first) = (0i64, Vec::new(), None);
            let mut state = Known { id: "0192".into(), failures: 0, ambiguous_since: None, started: 0 };
            for (outcome, really_sent, late_s) in script {
                state.started = now;
                if first.is_none() && matches!(outcome, Outcome::Ambiguous { .. }) {
                    first = Some(now);
                }
                // The provider drops a repetition inside its window, counted from what it took first.
                let took = matches!(outcome, Outcome::Accepted { .. })
                    || matches!(outcome, Outcome::Ambiguous { .. }) && really_sent;
                if took && !sent_at.last().is_some_and(|last| dedup > 0 && now - last < dedup) {
                    sent_at.push(now);
                }
                let row = decide(&state, outcome, now, policy(dedup));
                prop_assert_eq!(row.ambiguous_since, first, "the first doubt is never forgotten");
                if first.is_some() {
                    prop_assert!(matches!(row.state, State::Unknown | State::Accepted));
                }
                if matches!(row.state, State::Accepted | State::Failed) {
                    prop_assert_eq!(row.next, None);
                }
                state.failures = row.failures;
                state.ambiguous_since = row.ambiguous_since;
                // A worker may be late, but looks at the window again before it sends.
                let Some(next) = row.next else { break };
                now = next + late_s * SECOND;
                if first.is_some_and(|since| !may_repeat(since, now, policy(dedup))) {
                    break;
                }
            }
            prop_assert!(sent_at.len() <= 1, "sent at {:?}", sent_at);
        }

        #[test]
        fn waits_grow_and_stay_within_bounds(failures in 0u32..1_000, id in "[0-9a-f]{8}") {
            for class in [Class::Connect, Class::Transient, Class::Rate, Class::Quota, Class::Account] {
                let wait = delay(class, failures, &id, PACE);
                prop_assert!((SECOND * 8 / 10..=7_200 * SECOND * 12 / 10).contains(&wait));
            }
        }
    }
}
