//! The second factor of a receipt: four digits of a phone number, and how often they may be guessed.

use jiff::{SignedDuration, Timestamp};

/// Digits of a number's end.
pub const DIGITS: usize = 4;
/// Wrong tries until a receipt rests.
pub const TRIES_MAX: i64 = 5;
const REST: SignedDuration = SignedDuration::from_mins(15);
const REST_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What was tried on a receipt since it was last opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tries {
    /// Wrong ones since the last rest.
    pub wrong: i64,
    /// Rests so far.
    pub rests: i64,
    /// It rests until then.
    pub rest_until: Option<Timestamp>,
}

/// What becomes of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They match.
    Opened,
    /// They do not; so many more may be tried.
    Wrong {
        /// At least one.
        left: i64,
    },
    /// Not looked at, or the last of its tries.
    Resting {
        /// Until then.
        until: Timestamp,
    },
}

impl Tries {
    /// Until when nothing is looked at.
    #[must_use]
    pub fn resting(&self, now: Timestamp) -> Option<Timestamp> {
        self.rest_until.filter(|until| now < *until)
    }

    /// A try that is right or not. While it rests neither counts, so that nothing is learnt.
    #[must_use]
    pub fn after(self, right: bool, now: Timestamp) -> (Self, Verdict) {
        if let Some(until) = self.resting(now) {
            return (self, Verdict::Resting { until });
        }
        if right {
            return (Self::default(), Verdict::Opened);
        }
        let wrong = self.wrong + 1;
        if wrong < TRIES_MAX {
            return (Self { wrong, rest_until: None, ..self }, Verdict::Wrong { left: TRIES_MAX - wrong });
        }
        let doubled = (0..self.rests.min(16)).fold(REST, |rest, _| rest.saturating_add(rest));
        let until = now.saturating_add(doubled.min(REST_MAX)).unwrap_or(Timestamp::MAX);
        (Self { wrong: 0, rests: self.rests + 1, rest_until: Some(until) }, Verdict::Resting { until })
    }
}

/// Four digits as somebody typed them, spaces left out.
#[must_use]
pub fn digits(text: &str) -> Option<[u8; DIGITS]> {
    let plain: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    <[u8; DIGITS]>::try_from(plain).ok().filter(|all| all.iter().all(u8::is_ascii_digit))
}

/// Whether they end any of the numbers; as long for one that is missing as for another.
#[must_use]
pub fn ends_one(numbers: &[&str], digits: [u8; DIGITS]) -> bool {
    let ends = |number: &&str| {
        let mut differ = u8::from(number.len() < DIGITS);
        for (own, tried) in number.bytes().rev().chain([0; DIGITS]).zip(digits.iter().rev()) {
            differ |= own ^ tried;
        }
        differ == 0
    };
    numbers.iter().fold(false, |any, number| ends(number) | any)
}

/// "Nguyễn T. T. N.": the family name, and of the others what their owner recognises.
#[must_use]
pub fn masked(full_name: &str) -> String {
    let mut words = full_name.split_whitespace();
    let mut said = words.next().unwrap_or_default().to_owned();
    for word in words {
        said.push(' ');
        said.extend(word.chars().next());
        said.push('.');
    }
    said
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-23T{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn five_wrong_tries_rest_for_a_quarter_then_twice_as_long() {
        let (mut tries, now) = (Tries::default(), at("09:00"));
        for left in [4, 3, 2, 1] {
            let (after, verdict) = tries.after(false, now);
            assert_eq!(verdict, Verdict::Wrong { left });
            tries = after;
        }
        let (resting, verdict) = tries.after(false, now);
        assert_eq!(verdict, Verdict::Resting { until: at("09:15") });
        assert_eq!(resting.after(true, at("09:14")), (resting, verdict), "even the right ones are not looked at");
        let (after, verdict) = resting.after(false, at("09:15"));
        assert_eq!(verdict, Verdict::Wrong { left: 4 });
        let again = (0..4).fold(after, |tries, _| tries.after(false, at("09:15")).0);
        assert_eq!(again.rest_until, Some(at("09:45")));
        assert_eq!(again.after(true, at("09:45")), (Tries::default(), Verdict::Opened));
    }

    proptest! {
        /// However it is tried, ten thousand guesses take more than two years.
        #[test]
        fn guessing_is_slow(starts in proptest::collection::vec(0_i64..90_000, 1..60)) {
            let (mut tries, mut now, mut looked_at) = (Tries::default(), at("09:00"), 0);
            let begin = now;
            for wait in starts {
                now += SignedDuration::from_secs(wait);
                let (after, verdict) = tries.after(false, now);
                looked_at += i64::from(after != tries);
                if let Verdict::Resting { until } = verdict {
                    prop_assert!(until > now && until.duration_since(now) <= REST_MAX);
                }
                tries = after;
            }
            let rests = looked_at / TRIES_MAX;
            prop_assert_eq!(rests, tries.rests);
            // All rests but the one that may still last lie within the time that went by.
            let least: i64 = (0..(rests - 1).max(0)).map(|n| (900_i64 << n.min(16)).min(86_400)).sum();
            prop_assert!(now.duration_since(begin).as_secs() >= least);
        }
    }

    #[test]
    fn digits_are_four_and_end_a_number() {
        assert_eq!(digits(" 56 78 "), Some(*b"5678"));
        for wrong in ["", "567", "56789", "56a8", "５６７８"] {
            assert_eq!(digits(wrong), None, "{wrong}");
        }
        let ends = |numbers: &[&str]| ends_one(numbers, *b"5678");
        assert!(ends(&["+84912345678"]) && ends(&["", "+84912345678"]) && ends(&["+842703825678", "+84912340000"]));
        assert!(!ends(&[]) && !ends(&["", ""]) && !ends(&["678"]) && !ends(&["+84912345679"]));
        assert!(!ends_one(&[""], [0; 4]), "no number has no end");
    }

    #[test]
    fn a_name_is_recognised_by_its_owner_only() {
        assert_eq!(masked("Nguyễn Thị  Thử Nghiệm"), "Nguyễn T. T. N.");
        assert_eq!(masked("Đặng Ánh"), "Đặng Á.");
        assert_eq!((masked("Sơn").as_str(), masked("").as_str()), ("Sơn", ""));
    }
}
