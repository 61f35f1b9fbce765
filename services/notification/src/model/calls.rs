//! What a call to somebody whom no message reached leads to.

use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};

/// Calls before the commune is asked to pass it on.
const ATTEMPTS_MAX: i32 = 3;

/// Where an item of the list stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// To be called.
    Open,
    /// To be passed on by the people's committee of the commune.
    Relay,
    /// Told, or not to be told any more.
    Done,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Relay, Self::Done];

    /// As stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Relay => "RELAY",
            Self::Done => "DONE",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The person was told.
    Told,
    /// Nobody answered.
    NoAnswer,
    /// No such number, or somebody else's.
    WrongNumber,
    /// The person wants no calls.
    Refused,
    /// The commune passed it on.
    Relayed,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [Self::Told, Self::NoAnswer, Self::WrongNumber, Self::Refused, Self::Relayed];

    /// As stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Told => "TOLD",
            Self::NoAnswer => "NO_ANSWER",
            Self::WrongNumber => "WRONG_NUMBER",
            Self::Refused => "REFUSED",
            Self::Relayed => "RELAYED",
        }
    }
}

/// An item after a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Called {
    /// New state.
    pub state: State,
    /// Calls made.
    pub attempts: i32,
}

/// Whoever did not answer is left alone for so long.
const PAUSE_HOURS: i64 = 2;
/// People are called in the hours in which an office calls: from eight in the morning …
const FIRST_HOUR: i8 = 8;
/// … until five in the afternoon.
const LAST_HOUR: i8 = 17;

/// When somebody who did not answer is worth calling again, by the centre's wall clock; none: at once, or never.
#[must_use]
pub fn next_call(state: State, outcome: &str, at: DateTime) -> Option<DateTime> {
    if state != State::Open || outcome != Outcome::NoAnswer.name() {
        return None;
    }
    let later = at.checked_add(PAUSE_HOURS.hours()).ok()?;
    let morning = |day: Date| day.at(FIRST_HOUR, 0, 0, 0);
    match later.hour() {
        hour if hour < FIRST_HOUR => Some(morning(later.date())),
        hour if hour >= LAST_HOUR => Some(morning(later.date().tomorrow().ok()?)),
        _ => Some(later),
    }
}

/// What a call leads to; none: nobody is to be called in this state.
#[must_use]
pub fn called(state: State, attempts: i32, outcome: Outcome) -> Option<Called> {
    let to = |state, attempts| Some(Called { state, attempts });
    let made = attempts.saturating_add(1);
    match (state, outcome) {
        (State::Done, _) | (State::Open, Outcome::Relayed) => None,
        (State::Relay, Outcome::Relayed) => to(State::Done, attempts),
        (_, Outcome::Told | Outcome::Refused) => to(State::Done, made),
        (_, Outcome::WrongNumber) => to(State::Relay, made),
        (State::Open, Outcome::NoAnswer) if made < ATTEMPTS_MAX => to(State::Open, made),
        (_, Outcome::NoAnswer) => to(State::Relay, made),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_calls_unanswered_go_to_the_commune() {
        let mut at = Called { state: State::Open, attempts: 0 };
        for _ in 0..3 {
            assert_eq!(at.state, State::Open);
            at = called(at.state, at.attempts, Outcome::NoAnswer).unwrap();
        }
        assert_eq!(at, Called { state: State::Relay, attempts: 3 });
        assert_eq!(called(at.state, 3, Outcome::Relayed), Some(Called { state: State::Done, attempts: 3 }));
    }

    #[test]
    fn who_did_not_answer_is_called_again_later_and_by_day() {
        let next = |at: &str| next_call(State::Open, "NO_ANSWER", at.parse().unwrap()).map(|t| t.to_string());
        assert_eq!(next("2026-11-23T09:10:00").as_deref(), Some("2026-11-23T11:10:00"));
        assert_eq!(next("2026-11-23T15:00:00").as_deref(), Some("2026-11-24T08:00:00"));
        assert_eq!(next("2026-11-30T23:30:00").as_deref(), Some("2026-12-01T08:00:00"));
        assert_eq!(next("2026-11-23T05:00:00").as_deref(), Some("2026-11-23T08:00:00"));
        let at = "2026-11-23T09:10:00".parse().unwrap();
        assert_eq!((next_call(State::Open, "", at), next_call(State::Relay, "NO_ANSWER", at)), (None, None));
    }

    proptest! {
        /// Whatever people report, the item ends, and nothing happens to an ended one.
        #[test]
        fn a_list_empties(outcomes in prop::collection::vec(prop::sample::select(Outcome::ALL.to_vec()), 0..20)) {
            let (mut state, mut attempts) = (State::Open, 0);
            for outcome in outcomes {
                match called(state, attempts, outcome) {
                    Some(next) => {
                        prop_assert!(next.attempts >= attempts && state != State::Done);
                        prop_assert!(next.state != State::Open || next.attempts < ATTEMPTS_MAX);
                        (state, attempts) = (next.state, next.attempts);
                    }
                    None => prop_assert!(state == State::Done || outcome == Outcome::Relayed),
                }
            }
        }
    }
}
