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
