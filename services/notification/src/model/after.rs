//! What follows when nobody sends: a time has come, or a receipt tells.

use super::{Channel, Kind, State};

/// What becomes of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// New state.
    pub state: State,
    /// The next channel of the plan takes over.
    pub fall_back: bool,
}

/// The hour that a delivery waited for has come; none: nothing waits in this state.
#[must_use]
pub fn on_hour(state: State, kind: Kind) -> Option<Turn> {
    let turn = |state, fall_back| Some(Turn { state, fall_back });
    match state {
        State::Held => turn(State::Pending, false),
        State::Unknown => turn(State::Unresolved, kind.repeats_after_doubt()),
        State::Accepted => turn(State::Unconfirmed, kind.repeats_after_doubt()),
        _ => None,
    }
}

/// How long after its sending (in microseconds of business time) a delivery in `state` is looked at again if nobody tells
/// anything; none: never.
#[must_use]
pub fn patience_us(state: State, kind: Kind, channel: Channel) -> Option<i64> {
    match state {
        State::Unknown => Some(kind.resolve_us()),
        State::Accepted if channel.has_receipts() => Some(kind.resolve_us()),
        _ => None,
    }
}

/// How long a message without a receipt is left alone before its provider is asked, in microseconds of business time.
const POLL_FIRST_US: i64 = 600_000_000;
/// Between two questions.
const POLL_AGAIN_US: i64 = 1_800_000_000;

/// When a provider that can be asked is asked about a message it took at `accepted`, after it was asked `now` (or not yet);
/// none: it is not worth asking any more. All in business time.
#[must_use]
pub fn poll_at(kind: Kind, accepted: i64, asked: Option<i64>) -> Option<i64> {
    let Some(now) = asked else { return Some(accepted.saturating_add(POLL_FIRST_US)) };
    let (next, end) = (now.saturating_add(POLL_AGAIN_US), accepted.saturating_add(kind.resolve_us()));
    // The last question comes before the doubt's end, whatever the distance.
    match now {
        now if now >= end => None,
        _ => Some(next.min(end)),
    }
}

/// What a provider's receipt says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// On the person's device.
    Arrived,
    /// It will not arrive.
    Lost,
    /// The provider has it and knows no more.
    Underway,
}

/// A receipt about a delivery; none: it changes nothing. What arrived stays arrived, whatever comes later or again; what
/// was given up is lifted by the news that it arrived.
#[must_use]
pub fn on_receipt(state: State, told: Told) -> Option<Turn> {
    let turn = |state, fall_back| Some(Turn { state, fall_back });
    match (state, told) {
        (State::Delivered, _) => None,
        // Without an attempt nothing can have arrived: somebody invents receipts.
        (State::Pending | State::Held | State::NoAddress | State::Suppressed, _) => None,
        (_, Told::Arrived) => turn(State::Delivered, false),
        (State::Accepted | State::Unknown, Told::Lost) => turn(State::Failed, true),
        (State::Unknown, Told::Underway) => turn(State::Accepted, false),
        _ => None,
    }
}

/// Whether a delivery that waits may still be called off: nothing of it can have been sent.
#[must_use]
pub fn may_be_cancelled(state: State, attempts: i32) -> bool {
    matches!(state, State::Pending | State::Held) && attempts == 0
}

/// Whether an operator may have it sent once more. A doubt only where they say that a double is acceptable.
#[must_use]
pub fn may_be_resent(state: State, accepts_double: bool) -> bool {
    match state {
        State::Failed | State::Expired | State::NoAddress => true,
        State::Unknown | State::Unresolved | State::Unconfirmed => accepts_double,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_doubt_opens_the_next_channel_only_for_what_bears_a_double() {
        assert_eq!(
            on_hour(State::Unknown, Kind::ResultReady),
            Some(Turn { state: State::Unresolved, fall_back: true })
        );
        assert_eq!(
            on_hour(State::Unknown, Kind::TicketCalled),
            Some(Turn { state: State::Unresolved, fall_back: false })
        );
        assert_eq!(on_hour(State::Failed, Kind::ResultReady), None);
    }

    #[test]
    fn news_of_arrival_lifts_what_was_given_up() {
        for state in [State::Unresolved, State::Unconfirmed, State::Failed, State::Unknown, State::Sending] {
            assert_eq!(on_receipt(state, Told::Arrived).map(|t| t.state), Some(State::Delivered), "{state:?}");
        }
    }

    #[test]
    fn a_doubt_is_sent_again_by_a_person_only_knowingly() {
        assert!(!may_be_resent(State::Unknown, false) && may_be_resent(State::Unknown, true));
        for state in [State::Accepted, State::Delivered, State::Cancelled, State::Suppressed] {
            assert!(!may_be_resent(state, true), "{state:?}");
        }
    }

    proptest! {
        /// Receipts in any order, repeated at will, end where the best news among them ends.
        #[test]
        fn receipts_in_any_order_end_alike(
            start in prop::sample::select(vec![State::Accepted, State::Unknown, State::Unresolved, State::Unconfirmed]),
            told in prop::collection::vec(prop::sample::select(vec![Told::Arrived, Told::Lost, Told::Underway]), 0..8),
        ) {
            let mut state = start;
            for one in &told {
                if let Some(turn) = on_receipt(state, *one) {
                    prop_assert!(turn.state == State::Delivered || state != State::Delivered);
                    state = turn.state;
                }
            }
            prop_assert_eq!(state == State::Delivered, told.contains(&Told::Arrived));
        }
    }
}
