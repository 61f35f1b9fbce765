//! Where report II.06a counts a dossier: once among what was received, once among what became of it. That is why its
//! equations hold: 3 = 4 + 5 + 6 and 7 = 8 + 9 + 10 and 11 = 12 + 13 by definition, 3 = 7 + 11 because both count every
//! dossier once.

use jiff::Timestamp;

use super::{Period, Punctuality};

/// Columns 4 to 6; each number is the form's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Came {
    /// Trực tuyến, in the period.
    Online = 4,
    /// Trực tiếp, dịch vụ bưu chính, in the period.
    Direct = 5,
    /// Từ kỳ trước.
    Before = 6,
}

/// Columns 8 to 13; each number is the form's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Became {
    /// Đã giải quyết, trước hạn.
    Early = 8,
    /// Đã giải quyết, đúng hạn; also withdrawn.
    OnTime = 9,
    /// Đã giải quyết, quá hạn.
    Late = 10,
    /// Đang giải quyết, trong hạn; also while its clock stands, unless it was late before.
    InTime = 12,
    /// Đang giải quyết, quá hạn.
    Overdue = 13,
}

/// What the report looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Received when.
    pub accepted: Timestamp,
    /// Filed online.
    pub online: bool,
    /// When and how it left what is open.
    pub finished: Option<(Timestamp, Punctuality)>,
    /// When it was due, as was known when it is judged.
    pub due: Option<Timestamp>,
    /// Since when its clock stood, as of then.
    pub paused_since: Option<Timestamp>,
}

/// Past due at `at`, on a clock that may stand.
#[must_use]
pub fn late_at(at: Timestamp, due: Option<Timestamp>, paused_since: Option<Timestamp>) -> bool {
    due.is_some_and(|due| due < at && paused_since.unwrap_or(at) > due)
}

/// The two columns that count a dossier; none for one that came later, or had ended before.
#[must_use]
pub fn place(dossier: &Counted, period: &Period, now: Timestamp) -> Option<(Came, Became)> {
    let ended = dossier.finished.filter(|(at, _)| *at < period.to);
    if dossier.accepted >= period.to || ended.is_some_and(|(at, _)| at < period.from) {
        return None;
    }
    let came = match dossier.online {
        _ if dossier.accepted < period.from => Came::Before,
        true => Came::Online,
        false => Came::Direct,
    };
    let became = match ended {
        Some((_, Punctuality::Early)) => Became::Early,
        Some((_, Punctuality::OnTime)) => Became::OnTime,
        Some((_, Punctuality::Late)) => Became::Late,
        None if late_at(period.judged_at(now), dossier.due, dossier.paused_since) => Became::Overdue,
        None => Became::InTime,
    };
    Some((came, became))
}

/// A column of figures, 3 to 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column(i32);

impl Column {
    /// Every one.
    pub const ALL: [Self; 11] = {
        let mut all = [Self(3); 11];
        let mut n = 0;
        while n < 11 {
            all[n].0 = 3 + n as i32;
            n += 1;
        }
        all
    };

    /// By its number on the form.
    #[must_use]
    pub fn of_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.0 == number)
    }

    /// Its number on the form.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0
    }

    /// The numbers of [`Came`] that it counts.
    #[must_use]
    pub fn came(self) -> std::ops::RangeInclusive<i32> {
        match self.0 {
            4..=6 => self.0..=self.0,
            _ => 4..=6,
        }
    }

    /// The numbers of [`Became`] that it counts.
    #[must_use]
    pub fn became(self) -> std::ops::RangeInclusive<i32> {
        match self.0 {
            7 => 8..=10,
            8..=10 | 12..=13 => self.0..=self.0,
            11 => 12..=13,
            _ => 8..=13,
        }
    }

    /// Whether it counts a dossier of that place.
    #[must_use]
    pub fn counts(self, (came, became): (Came, Became)) -> bool {
        self.came().contains(&(came as i32)) && self.became().contains(&(became as i32))
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Row;

    fn hours(n: i64) -> Timestamp {
        "2026-11-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(n)
    }

    /// Every kind of dossier: any channel, ended or not in every way, with and without a due time, on a clock that stands.
    fn dossier() -> impl Strategy<Value = Counted> {
        let ended = (0_i64..1_500, prop_oneof![Just(1), Just(2), Just(3)]);
        (
            0_i64..1_400,
            any::<bool>(),
            proptest::option::of(ended),
            proptest::option::of(-50_i64..1_500),
            proptest::option::of(0_i64..1_400),
        )
            .prop_map(|(accepted, online, ended, due, paused)| Counted {
                accepted: hours(accepted),
                online,
                finished: ended.and_then(|(after, how)| Some((hours(accepted + after), Punctuality::from_code(how)?))),
                due: due.map(|n| hours(accepted + n)),
                paused_since: paused.map(|n| hours(accepted + n)),
            })
    }

    fn row(dossiers: &[Counted], period: &Period, now: Timestamp) -> Row {
        let placed: Vec<_> = dossiers.iter().filter_map(|dossier| place(dossier, period, now)).collect();
        let count = |number: i32| {
            let column = Column::of_number(number).unwrap();
            i64::try_from(placed.iter().filter(|at| column.counts(**at)).count()).unwrap()
        };
        let row = Row {
            received_online: count(4),
            received_direct: count(5),
            carried_over: count(6),
            resolved_early: count(8),
            resolved_on_time: count(9),
            resolved_late: count(10),
            open_in_time: count(12),
            open_overdue: count(13),
            ..Row::default()
        };
        assert_eq!((count(3), count(7), count(11)), (row.received_total(), row.resolved_total(), row.open_total()));
        row
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13, 3 = 7 + 11, for any period and any dossiers; and a period begins
        /// with what the one before it left open.
        #[test]
        fn the_equations_hold_and_periods_join(
            dossiers in proptest::collection::vec(dossier(), 0..60),
            first in 0_i32..40, length in 1_i32..30, now in 0_i64..1_600,
        ) {
            let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
            let day = |n: i32| {
                let date = jiff::civil::date(2026, 11, 1).checked_add(jiff::Span::new().days(n)).unwrap();
                date.to_string()
            };
            let one = Period::of_days(&day(first), &day(first + length - 1), &zone).unwrap();
            let next = Period::of_days(&day(first + length), &day(first + 2 * length), &zone).unwrap();
            let (row_one, row_next) = (row(&dossiers, &one, hours(now)), row(&dossiers, &next, hours(now)));
            for row in [&row_one, &row_next] {
                prop_assert!(row.balanced());
                prop_assert_eq!(row.received_total(), row.resolved_total() + row.open_total());
            }
            prop_assert_eq!(row_one.open_total(), row_next.carried_over);
        }
    }

    #[test]
    fn a_clock_that_stands_makes_nobody_late_and_a_late_one_stays_late() {
        let (due, before, after) = (Some(hours(10)), Some(hours(9)), Some(hours(11)));
        assert!(late_at(hours(12), due, None) && !late_at(hours(10), due, None));
        assert!(!late_at(hours(12), due, before) && late_at(hours(12), due, after));
        assert!(!late_at(hours(12), None, None));
    }
}
