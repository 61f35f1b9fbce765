//! Spans of whole days, as reports and books ask for them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::calendar::words;

/// A year and a bit: nothing is asked of more.
const DAYS_MAX: i32 = 400;

/// Some days, from the first one's beginning to the last one's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Included.
    pub first: Date,
    /// Included.
    pub last: Date,
    /// Included.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
}

/// Why two dates are no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// Not ISO dates.
    #[error("Ngày phải có dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-15. Mời chọn lại ngày.")]
    NoDate,
    /// The last day is before the first.
    #[error("Ngày cuối không được trước ngày đầu. Mời chọn lại ngày.")]
    Reversed,
    /// Not a month.
    #[error("Tháng phải có dạng NĂM-THÁNG, ví dụ 2026-11. Mời chọn lại tháng.")]
    NoMonth,
    /// Longer than a year and a month.
    #[error("Khoảng ngày dài nhất là 400 ngày. Mời chọn khoảng ngắn hơn.")]
    TooLong,
}

impl Period {
    /// Of two ISO dates, both included; any span will do, for example a month or the 15th to the 14th.
    ///
    /// # Errors
    /// [`PeriodFault`].
    pub fn of_days(first: &str, last: &str, zone: &TimeZone) -> Result<Self, PeriodFault> {
        let day = |text: &str| text.parse::<Date>().map_err(|_| PeriodFault::NoDate);
        let (first, last) = (day(first)?, day(last)?);
        if last < first {
            return Err(PeriodFault::Reversed);
        }
        if last.duration_since(first).as_hours() >= i64::from(DAYS_MAX) * 24 {
            return Err(PeriodFault::TooLong);
        }
        Self::between(first, last, zone)
    }

    /// A month's report, "2026-11": the calendar month where `first_day` is 1, else from that day of the month before to the
    /// day before it (15: 15 October to 14 November).
    ///
    /// # Errors
    /// [`PeriodFault::NoMonth`].
    pub fn of_month(month: &str, first_day: i8, zone: &TimeZone) -> Result<Self, PeriodFault> {
        let first: Date = format!("{month}-01").parse().map_err(|_| PeriodFault::NoMonth)?;
        let (from, to) = match first_day {
            1 => (Some(first), first.checked_add(1.month()).ok()),
            day => {
                let before = first.checked_sub(1.month()).ok();
                let on = |month: Date| Date::new(month.year(), month.month(), day).ok();
                (before.and_then(on), on(first))
            }
        };
        let last = to.and_then(|to| to.yesterday().ok());
        let (from, last) = from.zip(last).ok_or(PeriodFault::NoMonth)?;
        Self::between(from, last, zone)
    }

    fn between(first: Date, last: Date, zone: &TimeZone) -> Result<Self, PeriodFault> {
        let begin = |day: Date| {
            let midnight = day.to_zoned_datetime(zone.clone()).map_err(|_| PeriodFault::NoDate)?;
            Ok(midnight.timestamp())
        };
        let after = last.tomorrow().map_err(|_| PeriodFault::NoDate)?;
        Ok(Self { first, last, from: begin(first)?, to: begin(after)? })
    }

    /// How many days.
    #[must_use]
    pub fn days(&self) -> i64 {
        self.last.duration_since(self.first).as_hours() / 24 + 1
    }

    /// "01/11/2026 đến 30/11/2026".
    #[must_use]
    pub fn written(&self) -> String {
        format!("{} đến {}", words::date(self.first), words::date(self.last))
    }

    /// Whether nothing more can happen in it.
    #[must_use]
    pub fn over(&self, now: Timestamp) -> bool {
        now >= self.to
    }

    /// The moment at which what is open is judged: the period's end, or now in one that still runs.
    #[must_use]
    pub fn judged_at(&self, now: Timestamp) -> Timestamp {
        self.to.min(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_local_days_of_any_span() {
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        let period = Period::of_days("2026-10-15", "2026-11-14", &zone).unwrap();
        assert_eq!(period.from.to_string(), "2026-10-14T17:00:00Z");
        assert_eq!(period.to.to_string(), "2026-11-14T17:00:00Z");
        assert_eq!(Period::of_month("2026-11", 15, &zone), Ok(period));
        assert_eq!((period.written().as_str(), period.days()), ("15/10/2026 đến 14/11/2026", 31));
        assert!(period.over(period.to) && !period.over(period.from));
        assert_eq!((period.judged_at(period.from), period.judged_at(Timestamp::MAX)), (period.from, period.to));
        let january = Period::of_month("2027-01", 1, &zone).unwrap();
        assert_eq!(january, Period::of_days("2027-01-01", "2027-01-31", &zone).unwrap());
        assert_eq!(Period::of_month("2027-01", 15, &zone).unwrap().written(), "15/12/2026 đến 14/01/2027");
        for month in ["", "2026", "2026-13", "11/2026"] {
            assert_eq!(Period::of_month(month, 1, &zone), Err(PeriodFault::NoMonth), "{month}");
        }
        for (first, last, fault) in [
            ("15/10/2026", "2026-11-14", PeriodFault::NoDate),
            ("2026-11-14", "2026-11-13", PeriodFault::Reversed),
            ("2025-01-01", "2026-11-13", PeriodFault::TooLong),
        ] {
            assert_eq!(Period::of_days(first, last, &zone), Err(fault));
        }
    }
}
