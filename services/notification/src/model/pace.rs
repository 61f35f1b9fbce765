//! How fast a provider may be asked: a generic cell rate (GCRA) over one number, the time at which its last place is free
//! again.

/// Takes `cost_us` of a provider's time at `now`, where places of `slack_us` may be taken ahead: the new theoretical arrival
/// time, or how long to wait. All in microseconds.
///
/// # Errors
/// Microseconds to wait, at least a millisecond.
pub fn take(tat: i64, now: i64, cost_us: i64, slack_us: i64) -> Result<i64, i64> {
    if tat > now.saturating_add(slack_us) {
        return Err((tat - now - slack_us).max(1_000));
    }
    Ok(tat.max(now).saturating_add(cost_us))
}

/// All of a provider's rate, in hundredths.
pub const FULL: i64 = 100;
/// However often it says that it is too fast.
const LEAST: i64 = 10;
/// What comes back of the rate in each [`RECOVER_US`] without such an answer.
const RECOVER_STEP: i64 = 5;
const RECOVER_US: i64 = 30_000_000;
/// Answers to what was under way together count once.
const ONCE_US: i64 = 1_000_000;

/// What of a provider's rate is used now, in hundredths: `rate` as it was `since_us` ago, and slowly more since.
#[must_use]
pub fn rate_now(rate: i64, since_us: i64) -> i64 {
    rate.saturating_add(since_us.max(0) / RECOVER_US * RECOVER_STEP).clamp(LEAST, FULL)
}

/// The rate after the provider said that it is too fast: a fifth less. None: it was told so a moment ago.
#[must_use]
pub fn slower(rate: i64, since_us: i64) -> Option<i64> {
    (since_us >= ONCE_US).then(|| (rate_now(rate, since_us) * 4 / 5).max(LEAST))
}

/// The distance between two messages at a part of the rate.
#[must_use]
pub fn stretched(gap_us: i64, rate: i64) -> i64 {
    gap_us.saturating_mul(FULL) / rate.clamp(LEAST, FULL)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_burst_goes_at_once_and_the_next_one_waits_for_its_place() {
        let (gap, burst) = (50_000, 3);
        let mut tat = 0;
        for _ in 0..burst {
            tat = take(tat, 1_000_000, gap, gap * (burst - 1)).unwrap();
        }
        assert_eq!(take(tat, 1_000_000, gap, gap * (burst - 1)), Err(50_000));
        assert!(take(tat, 1_050_000, gap, gap * (burst - 1)).is_ok());
    }

    #[test]
    fn too_fast_is_a_fifth_slower_once_a_moment_and_comes_back_slowly() {
        assert_eq!((rate_now(FULL, 0), stretched(50_000, FULL)), (100, 50_000));
        let slow = slower(FULL, i64::MAX).unwrap();
        assert_eq!((slow, stretched(50_000, slow)), (80, 62_500));
        assert_eq!(slower(slow, 500_000), None, "said of what was under way");
        assert_eq!(slower(slow, 1_000_000), Some(64));
        assert_eq!((rate_now(80, 29_000_000), rate_now(80, 30_000_000), rate_now(80, 120_000_000)), (80, 85, 100));
        let mut rate = FULL;
        for _ in 0..50 {
            rate = slower(rate, 1_000_000).unwrap();
        }
        assert_eq!(rate, 10, "a provider is never left unasked");
    }

    proptest! {
        /// However they come, within any second no more go out than the rate and the burst allow.
        #[test]
        fn no_second_holds_more_than_rate_and_burst(waits in prop::collection::vec(0_i64..200_000, 1..200)) {
            let (gap, burst) = (50_000_i64, 5_i64);
            let (mut tat, mut now, mut sent) = (0, 10_000_000, vec![]);
            for wait in waits {
                now += wait;
                if let Ok(next) = take(tat, now, gap, gap * (burst - 1)) {
                    tat = next;
                    sent.push(now);
                }
            }
            for (at, first) in sent.iter().enumerate() {
                let within = sent[at..].iter().take_while(|t| **t < first + 1_000_000).count();
                prop_assert!(within <= usize::try_from(burst + 1_000_000 / gap).unwrap());
            }
        }
    }
}
