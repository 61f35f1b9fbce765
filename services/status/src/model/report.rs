//! Report II.06a/VPCP/KSTT: periods and rows. Columns are numbered as on the form.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use motcua_kernel::calendar::words;

/// A year and a bit: no report spans more.
const DAYS_MAX: i32 = 400;

/// A report's time, from the first day's beginning to the last day's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// Included.
    pub from: Timestamp,
    /// Not included.
    pub to: Timestamp,
}

/// Why two dates are no period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeriodFault {
    /// Not ISO dates.
    #[error("Ngày phải có dạng NĂM-THÁNG-NGÀY, ví dụ 2026-11-15.")]
    NoDate,
    /// The last day is before the first.
    #[error("Ngày cuối kỳ phải không trước ngày đầu kỳ.")]
    Reversed,
    /// Not a month.
    #[error("Tháng phải có dạng NĂM-THÁNG, ví dụ 2026-11.")]
    NoMonth,
    /// Longer than a year and a month.
    #[error("Kỳ báo cáo dài nhất 400 ngày. Mời chọn kỳ ngắn hơn.")]
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
        Self::between(first, last.tomorrow().map_err(|_| PeriodFault::NoDate)?, zone)
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
        let (from, to) = from.zip(to).ok_or(PeriodFault::NoMonth)?;
        Self::between(from, to, zone)
    }

    fn between(from: Date, to: Date, zone: &TimeZone) -> Result<Self, PeriodFault> {
        let begin = |day: Date| {
            let midnight = day.to_zoned_datetime(zone.clone()).map_err(|_| PeriodFault::NoDate)?;
            Ok(midnight.timestamp())
        };
        Ok(Self { from: begin(from)?, to: begin(to)? })
    }

    /// "01/11/2026 đến 30/11/2026".
    #[must_use]
    pub fn written(&self, zone: &TimeZone) -> String {
        let day = |time: Timestamp| time.to_zoned_datetime(zone.clone()).date();
        let last = day(self.to).yesterday().unwrap_or(day(self.to));
        format!("{} đến {}", words::date(day(self.from)), words::date(last))
    }
}

/// One row of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Mã lĩnh vực.
    pub field_code: String,
    /// 2: lĩnh vực.
    pub field: String,
    /// 4: received in the period, online.
    pub received_online: i64,
    /// 5: at the counter or by post.
    pub received_direct: i64,
    /// 6: open from before.
    pub carried_over: i64,
    /// 8.
    pub resolved_early: i64,
    /// 9: on the day; also withdrawn.
    pub resolved_on_time: i64,
    /// 10.
    pub resolved_late: i64,
    /// 12: also those whose clock stands still.
    pub open_in_time: i64,
    /// 13.
    pub open_overdue: i64,
}

impl Row {
    /// 3 = 4 + 5 + 6.
    #[must_use]
    pub fn received_total(&self) -> i64 {
        self.received_online + self.received_direct + self.carried_over
    }

    /// 7 = 8 + 9 + 10.
    #[must_use]
    pub fn resolved_total(&self) -> i64 {
        self.resolved_early + self.resolved_on_time + self.resolved_late
    }

    /// 11 = 12 + 13.
    #[must_use]
    pub fn open_total(&self) -> i64 {
        self.open_in_time + self.open_overdue
    }

    /// 3 = 7 + 11: nothing is lost between two periods.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.received_total() == self.resolved_total() + self.open_total()
    }

    /// The last row.
    #[must_use]
    pub fn total(rows: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> i64| rows.iter().map(of).sum();
        Self {
            field_code: String::new(),
            field: "Tổng cộng".into(),
            received_online: sum(|r| r.received_online),
            received_direct: sum(|r| r.received_direct),
            carried_over: sum(|r| r.carried_over),
            resolved_early: sum(|r| r.resolved_early),
            resolved_on_time: sum(|r| r.resolved_on_time),
            resolved_late: sum(|r| r.resolved_late),
            open_in_time: sum(|r| r.open_in_time),
            open_overdue: sum(|r| r.open_overdue),
        }
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
        assert_eq!(period.written(&zone), "15/10/2026 đến 14/11/2026");
        let january = Period::of_month("2027-01", 1, &zone).unwrap();
        assert_eq!(january, Period::of_days("2027-01-01", "2027-01-31", &zone).unwrap());
        assert_eq!(Period::of_month("2027-01", 15, &zone).unwrap().written(&zone), "15/12/2026 đến 14/01/2027");
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
