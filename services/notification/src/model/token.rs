//! When the account's token is renewed, and what a renewal's end means. The refresh token is good for one use: an answer
//! that got lost may have taken the only key with it.

const HOUR: i64 = 3_600_000_000;
/// An access token lives 25 hours; renewed at 20, it leaves five to mend a lost renewal in.
const RENEW_AFTER: i64 = 20 * HOUR;
/// Renewals with one refresh token after the first whose answer was lost.
const TRIES_MAX: u32 = 2;
/// A person is told this long before the refresh token dies.
const WARN_BEFORE: i64 = 14 * 24 * HOUR;

/// How sure the pair of tokens is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sure {
    /// Both known.
    Ok,
    /// A renewal went out and its answer is not known.
    Uncertain,
    /// The refresh token is worth nothing: a person must consent anew.
    Dead,
}

impl Sure {
    /// As stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Uncertain => "UNCERTAIN",
            Self::Dead => "DEAD",
        }
    }

    /// From the stored text; what nobody knows is worth nothing.
    #[must_use]
    pub fn named(name: &str) -> Self {
        match name {
            "OK" => Self::Ok,
            "UNCERTAIN" => Self::Uncertain,
            _ => Self::Dead,
        }
    }
}

/// What is known of a pair of tokens; times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Counts renewals.
    pub version: i64,
    /// When it was renewed.
    pub rotated: i64,
    /// When the access token dies.
    pub access_end: i64,
    /// When the refresh token dies.
    pub refresh_end: i64,
    /// See [`Sure`].
    pub sure: Sure,
    /// Renewals with this refresh token whose answers were lost.
    pub tries: u32,
}

/// What to do before a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The access token is good.
    Use,
    /// Renew first.
    Renew,
    /// Nothing works until a person acts.
    Down,
}

/// `refused`: the version that Zalo just called stale.
#[must_use]
pub fn wish(grant: &Grant, now: i64, refused: Option<i64>) -> Wish {
    let stale = refused.is_some_and(|version| version >= grant.version);
    let alive = now < grant.access_end && !stale;
    let renewable = grant.sure != Sure::Dead && grant.tries < TRIES_MAX && now < grant.refresh_end;
    match (alive, renewable) {
        (true, true) if now >= grant.rotated.saturating_add(RENEW_AFTER) => Wish::Renew,
        (true, _) => Wish::Use,
        (false, true) => Wish::Renew,
        (false, false) => Wish::Down,
    }
}

/// How a renewal ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    /// Nothing left this machine.
    NotSent,
    /// No answer that can be trusted.
    Silent,
    /// Zalo refused for a reason that leaves the refresh token alone (application, secret).
    Refused,
    /// Zalo does not know the refresh token, or it is too old.
    Lost,
}

/// Sureness and lost answers after a renewal that brought no new pair.
#[must_use]
pub fn after(before: Sure, tries: u32, renewal: Renewal) -> (Sure, u32) {
    match renewal {
        Renewal::NotSent | Renewal::Refused => (before, tries),
        Renewal::Silent => (Sure::Uncertain, tries.saturating_add(1)),
        Renewal::Lost => (Sure::Dead, tries),
    }
}

/// True where a person must be called.
#[must_use]
pub fn needs_a_person(grant: &Grant, now: i64) -> bool {
    grant.sure != Sure::Ok || now.saturating_add(WARN_BEFORE) >= grant.refresh_end
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn grant() -> Grant {
        Grant { version: 3, rotated: 0, access_end: 25 * HOUR, refresh_end: 90 * 24 * HOUR, sure: Sure::Ok, tries: 0 }
    }

    #[test]
    fn it_is_renewed_at_twenty_hours_or_when_refused() {
        assert_eq!(wish(&grant(), 19 * HOUR, None), Wish::Use);
        assert_eq!(wish(&grant(), 20 * HOUR, None), Wish::Renew);
        assert_eq!(wish(&grant(), HOUR, Some(3)), Wish::Renew);
        assert_eq!(wish(&grant(), HOUR, Some(2)), Wish::Use, "somebody renewed it meanwhile");
    }

    #[test]
    fn a_lost_answer_is_asked_for_once_more_and_then_a_person_is_called() {
        let (sure, tries) = after(Sure::Ok, 0, Renewal::Silent);
        let doubtful = Grant { sure, tries, ..grant() };
        assert_eq!((sure, wish(&doubtful, 20 * HOUR, None)), (Sure::Uncertain, Wish::Renew));
        let (sure, tries) = after(sure, tries, Renewal::Silent);
        let twice = Grant { sure, tries, ..grant() };
        assert_eq!(wish(&twice, 24 * HOUR, None), Wish::Use, "the old access token still has its hour");
        assert_eq!(wish(&twice, 25 * HOUR, None), Wish::Down);
        assert!(needs_a_person(&twice, 0));
        assert_eq!(after(Sure::Uncertain, 1, Renewal::Lost).0, Sure::Dead);
    }

    #[test]
    fn a_wrong_secret_costs_no_token() {
        assert_eq!(after(Sure::Ok, 0, Renewal::Refused), (Sure::Ok, 0));
        assert_eq!(after(Sure::Ok, 0, Renewal::NotSent), (Sure::Ok, 0));
    }

    #[test]
    fn a_fortnight_before_the_end_a_person_is_told() {
        assert!(!needs_a_person(&grant(), 75 * 24 * HOUR) && needs_a_person(&grant(), 76 * 24 * HOUR));
    }

    proptest! {
        /// No token that is dead or was refused is ever used, and a dead refresh token is never sent.
        #[test]
        fn nothing_dead_is_used(
            now in 0i64..200 * 24 * HOUR,
            refused in proptest::option::of(0i64..6),
            tries in 0u32..4,
            sure in prop::sample::select(vec![Sure::Ok, Sure::Uncertain, Sure::Dead]),
        ) {
            let grant = Grant { sure, tries, ..grant() };
            match wish(&grant, now, refused) {
                Wish::Use => prop_assert!(now < grant.access_end && refused.is_none_or(|v| v < grant.version)),
                Wish::Renew => prop_assert!(sure != Sure::Dead && tries < TRIES_MAX && now < grant.refresh_end),
                Wish::Down => prop_assert!(now >= grant.access_end || refused.is_some_and(|v| v >= grant.version)),
            }
        }
    }
}
