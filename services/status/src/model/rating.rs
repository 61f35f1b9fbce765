//! What the owner of a result thought of it: once, with a day to think again.

use jiff::{SignedDuration, Timestamp};

use super::State;

/// The best score; the worst is 1.
pub const SCORE_MAX: i32 = 5;
/// Characters of what may be written beside it.
pub const COMMENT_CHARS_MAX: usize = 500;
/// How long a rating can be changed.
const CHANGE: SignedDuration = SignedDuration::from_hours(24);
/// And how often, so that a page that sends by itself fills no table.
const CHANGES_MAX: i32 = 5;

/// A rating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// 1 to [`SCORE_MAX`].
    pub score: i32,
    /// When it was first given: the day that it counts for.
    pub first: Timestamp,
    /// When it was last changed.
    pub last: Timestamp,
    /// How often it was changed.
    pub changes: i32,
}

/// Why it is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RatingRefusal {
    /// The owner has no result yet.
    #[error("not returned yet")]
    NotYet,
    /// It was given, and the time or the changes are used up.
    #[error("given, and no longer to be changed")]
    Closed,
}

impl RatingRefusal {
    /// Stable.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::NotYet => "RATING_NOT_YET",
            Self::Closed => "RATING_CLOSED",
        }
    }

    /// One sentence for citizens with the next step.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotYet => "Ông/bà đánh giá được sau khi đã nhận kết quả. Mời ông/bà quay lại trang này khi đó.",
            Self::Closed => {
                "Đánh giá của ông/bà đã được ghi nhận và không sửa được nữa. Cần phản ánh thêm, mời ông/bà gọi số điện thoại của Trung tâm."
            }
        }
    }
}

impl Rating {
    /// Until when it can be changed; none once it cannot.
    #[must_use]
    pub fn change_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.first.checked_add(CHANGE).ok()?;
        (now <= until && self.changes < CHANGES_MAX).then_some(until)
    }
}

/// The rating after `score` was given `now`.
///
/// # Errors
/// [`RatingRefusal`].
pub fn rate(state: State, before: Option<&Rating>, score: i32, now: Timestamp) -> Result<Rating, RatingRefusal> {
    if state != State::Returned {
        return Err(RatingRefusal::NotYet);
    }
    match before {
        None => Ok(Rating { score, first: now, last: now, changes: 0 }),
        Some(given) if given.change_until(now).is_none() => Err(RatingRefusal::Closed),
        Some(given) => Ok(Rating { score, first: given.first, last: now, changes: given.changes + 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}:00+07:00").parse().unwrap()
    }

    #[test]
    fn only_a_returned_result_is_rated() {
        for state in State::ALL {
            let rated = rate(state, None, 4, at("2026-11-23T09:00"));
            assert_eq!(rated.is_ok(), state == State::Returned, "{state:?}");
        }
    }

    #[test]
    fn a_day_later_or_changed_five_times_it_stands() {
        let first = at("2026-11-23T09:00");
        let given = rate(State::Returned, None, 2, first).unwrap();
        let changed = rate(State::Returned, Some(&given), 5, at("2026-11-24T09:00")).unwrap();
        assert_eq!((changed.score, changed.first, changed.changes), (5, first, 1), "it counts for its first day");
        assert_eq!(rate(State::Returned, Some(&given), 5, at("2026-11-24T09:01")), Err(RatingRefusal::Closed));
        let mut rating = given;
        for change in 1..=5 {
            rating = rate(State::Returned, Some(&rating), 3, first).unwrap();
            assert_eq!(rating.changes, change);
        }
        assert_eq!(rate(State::Returned, Some(&rating), 3, first), Err(RatingRefusal::Closed));
        assert_eq!(rating.change_until(first), None);
    }
}
