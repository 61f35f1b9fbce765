//! The working calendar: sessions per weekday, days off, make-up working days, and the deadlines counted in them.

mod data;
mod due;
mod limit;
mod notice;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use data::{CalendarData, DayData, SessionsData};
pub use due::{Due, Pause};
pub use limit::{Limit, Mode, Unit, UnknownUnit};
pub use notice::{Notice, days_off_by_law};

/// No count walks further than this: ten years.
pub(crate) const WALK_DAYS_MAX: usize = 3_660;

/// Why a calendar or a deadline could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The calendar's data does not read; the text says which entry.
    #[error("lịch làm việc không hợp lệ: {0}")]
    BadData(String),
    /// A limit of zero.
    #[error("thời hạn giải quyết phải lớn hơn 0")]
    ZeroLimit,
    /// The deadline would be more than ten years away, or the calendar has no working time.
    #[error("thời hạn vượt quá mười năm hoặc lịch không có giờ làm việc")]
    TooLong,
    /// A pause that ends before it begins.
    #[error("khoảng tạm dừng kết thúc trước khi bắt đầu")]
    PauseReversed,
    /// No day off of that year is known: nobody may promise a date in it.
    #[error("chưa có lịch nghỉ năm {0} nên chưa tính được ngày hẹn; mời quản trị nhập lịch năm {0} rồi làm lại")]
    YearMissing(i16),
}

impl CalendarError {
    /// As a sentence for staff, with the next step.
    #[must_use]
    pub fn sentence(&self) -> String {
        let text = self.to_string();
        let mut letters = text.chars();
        let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}.", letters.as_str())
    }

    /// The stable reason that goes with the sentence.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::BadData(_) => "CALENDAR_INVALID",
            Self::ZeroLimit => "LIMIT_ZERO",
            Self::TooLong => "LIMIT_TOO_LONG",
            Self::PauseReversed => "PAUSE_REVERSED",
            Self::YearMissing(_) => "CALENDAR_YEAR_MISSING",
        }
    }
}

/// One stretch of working time within a day, end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Opening.
    pub start: Time,
    /// Closing.
    pub end: Time,
}

/// A session on a certain day, as instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenSession {
    /// Opening.
    pub start: Timestamp,
    /// Closing.
    pub end: Timestamp,
}

/// A centre's working calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    version: i64,
    zone: TimeZone,
    zone_name: String,
    /// By weekday, Monday first.
    weekly: [Vec<Session>; 7],
    days_off: BTreeMap<Date, String>,
    make_up: BTreeMap<Date, (String, Vec<Session>)>,
    complete_years: BTreeSet<i16>,
    /// What comes in later than this is handed over, or answered if due within the day, on the next working day.
    cut_off: Time,
}

impl Calendar {
    /// The decreed Vietnamese days off with the seed centre's hours: Monday to Friday, 07:00–11:30 and 13:00–17:00.
    ///
    /// # Errors
    /// Never in practice: the data is compiled in and read by a test.
    pub fn vietnam() -> Result<Self, CalendarError> {
        Self::from_toml(include_str!("../../data/days_off_vn.toml"))
    }

    /// The number that a dossier keeps beside its due time.
    #[must_use]
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The same calendar under another version.
    #[must_use]
    pub fn with_version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// The centre's time zone.
    #[must_use]
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The centre's day at that moment.
    #[must_use]
    pub fn local_date(&self, now: Timestamp) -> Date {
        now.to_zoned_datetime(self.zone.clone()).date()
    }

    /// Does somebody work on that day?
    #[must_use]
    pub fn is_working_day(&self, date: Date) -> bool {
        !self.sessions_on(date).is_empty()
    }

    /// The day's sessions in order; none on a day off.
    #[must_use]
    pub fn sessions_on(&self, date: Date) -> &[Session] {
        // A make-up day wins: the notice that swaps two days is the later and more particular rule.
        if let Some((_, sessions)) = self.make_up.get(&date) {
            return sessions;
        }
        if self.days_off.contains_key(&date) {
            return &[];
        }
        &self.weekly[date.weekday().to_monday_zero_offset().unsigned_abs() as usize % 7]
    }

    /// The day's sessions as instants.
    #[must_use]
    pub fn open_sessions(&self, date: Date) -> Vec<OpenSession> {
        self.sessions_on(date)
            .iter()
            .filter_map(|s| Some(OpenSession { start: self.instant(date, s.start)?, end: self.instant(date, s.end)? }))
            .collect()
    }

    /// Why nobody works on that day, if it is a decreed day off.
    #[must_use]
    pub fn day_off_name(&self, date: Date) -> Option<&str> {
        self.days_off.get(&date).map(String::as_str).filter(|_| !self.make_up.contains_key(&date))
    }

    /// The notice by which that day is worked in place of another.
    #[must_use]
    pub fn make_up_name(&self, date: Date) -> Option<&str> {
        self.make_up.get(&date).map(|(name, _)| name.as_str())
    }

    /// Whether the days off of that year are all known.
    #[must_use]
    pub fn is_complete(&self, date: Date) -> bool {
        self.complete_years.contains(&date.year())
    }

    /// Whether anything is known of that year's days off; without it no due time in it is given.
    #[must_use]
    pub fn knows_year(&self, year: i16) -> bool {
        let days = Date::new(year, 1, 1).ok().zip(Date::new(year, 12, 31).ok());
        self.complete_years.contains(&year)
            || days.is_some_and(|(first, last)| self.days_off.range(first..=last).next().is_some())
    }

    /// The session that runs at that moment.
    #[must_use]
    pub fn session_of(&self, now: Timestamp) -> Option<OpenSession> {
        self.open_sessions(self.local_date(now)).into_iter().find(|s| s.start <= now && now < s.end)
    }

    /// Is the centre open at that moment?
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.session_of(now).is_some()
    }

    /// When the next session begins, after that moment; `None` if none does within ten years.
    #[must_use]
    pub fn next_opening(&self, now: Timestamp) -> Option<Timestamp> {
        self.days_from(self.local_date(now))
            .flat_map(|day| self.open_sessions(day))
            .map(|s| s.start)
            .find(|start| *start > now)
    }

    /// When the last session of that day ends.
    #[must_use]
    pub fn closing_of(&self, date: Date) -> Option<Timestamp> {
        self.open_sessions(date).last().map(|s| s.end)
    }

    /// When the first session of that day begins.
    #[must_use]
    pub fn opening_of(&self, date: Date) -> Option<Timestamp> {
        self.open_sessions(date).first().map(|s| s.start)
    }

    /// The n-th working day after `date`, which itself is not counted; `None` past ten years.
    #[must_use]
    pub fn working_day_after(&self, date: Date, n: u32) -> Option<Date> {
        let index = usize::try_from(n).ok()?.checked_sub(1)?;
        self.days_from(date).skip(1).filter(|day| self.is_working_day(*day)).nth(index)
    }

    /// The working day before `date`; `None` if there is none within ten years.
    #[must_use]
    pub fn working_day_before(&self, date: Date) -> Option<Date> {
        std::iter::successors(date.yesterday().ok(), |day| day.yesterday().ok())
            .take(WALK_DAYS_MAX)
            .find(|day| self.is_working_day(*day))
    }

    /// The working time between two moments; zero if they are reversed.
    ///
    /// # Errors
    /// [`CalendarError::TooLong`] when they are more than ten years apart.
    pub fn working_time_between(&self, from: Timestamp, to: Timestamp) -> Result<SignedDuration, CalendarError> {
        let mut sum = SignedDuration::ZERO;
        if to <= from {
            return Ok(sum);
        }
        for day in self.days_from(self.local_date(from)) {
            for session in self.open_sessions(day) {
                if session.start >= to {
                    return Ok(sum);
                }
                let (start, end) = (session.start.max(from), session.end.min(to));
                if start < end {
                    sum += end.duration_since(start);
                }
            }
            // A calendar without sessions must end here too.
            if self.instant(day, Time::midnight()).is_some_and(|midnight| midnight > to) {
                return Ok(sum);
            }
        }
        Err(CalendarError::TooLong)
    }

    pub(crate) fn days_from(&self, date: Date) -> impl Iterator<Item = Date> + use<> {
        std::iter::successors(Some(date), |day| day.tomorrow().ok()).take(WALK_DAYS_MAX)
    }

    fn instant(&self, date: Date, time: Time) -> Option<Timestamp> {
        date.to_datetime(time).to_zoned_datetime(self.zone.clone()).ok().map(|zoned| zoned.timestamp())
    }
}
