use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Span, Timestamp};

use super::words::{date as written_date, hours, weekday};
use super::{Calendar, CalendarError, Limit, Mode, Unit};

/// A time during which the dossier's clock stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Start.
    pub from: Timestamp,
    /// Resumption.
    pub to: Timestamp,
}

/// A deadline and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// When the result is owed at the latest.
    pub due: Timestamp,
    /// The days counted towards the limit, before any pause is added.
    pub counted: Vec<Date>,
    /// Vietnamese sentences, in order, for the citizen and the clerk.
    pub explanation: Vec<String>,
}

/// Eight hours are a working day by law, whatever the sessions add up to.
const LEGAL_DAY: SignedDuration = SignedDuration::from_hours(8);

impl Calendar {
    /// When a dossier received at that moment is due.
    ///
    /// Working days: the day of receipt is not counted; due when the n-th working day closes. Days and months: an end on a
    /// day off rolls forward to the next working day (Civil Code, article 148). Hours, and [`Mode::Hour`]: consumed inside
    /// the sessions from the moment of receipt. A pause adds exactly the working time that was lost in it; one that begins
    /// when the deadline is over adds nothing.
    ///
    /// # Errors
    /// A zero limit, a reversed pause, a deadline more than ten years away, or a year without a calendar on the way to it.
    pub fn due(&self, received: Timestamp, limit: Limit, mode: Mode, pauses: &[Pause]) -> Result<Due, CalendarError> {
        if limit.quantity == 0 {
            return Err(CalendarError::ZeroLimit);
        }
        let hours = match (limit.unit, mode) {
            (Unit::Hour, _) => Some(SignedDuration::from_hours(i64::from(limit.quantity))),
            (Unit::WorkingDay, Mode::Hour) => {
                LEGAL_DAY.checked_mul(i32::try_from(limit.quantity).map_err(|_| CalendarError::TooLong)?)
            }
            _ => None,
        };
        let (base, counted) = if let Some(hours) = hours {
            let base = self.consume(received, hours, &[])?;
            let end = self.local_date(base);
            let days = self.days_from(self.local_date(received));
            (base, days.take_while(|day| *day <= end).filter(|day| self.is_working_day(*day)).collect())
        } else {
            let counted = self.counted_days(self.local_date(received), limit)?;
            let last = self.roll_forward(*counted.last().ok_or(CalendarError::TooLong)?)?;
            (self.closing_of(last).ok_or(CalendarError::TooLong)?, counted)
        };
        let due = self.extend(received, base, pauses)?;
        let explanation = self.explain(received, limit, mode, &counted, base, due)?;
        Ok(Due { due, counted, explanation })
    }

    /// A due time that was promised, put off by the pauses since: exactly the working time that was lost is added.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn extend(
        &self,
        received: Timestamp,
        promised: Timestamp,
        pauses: &[Pause],
    ) -> Result<Timestamp, CalendarError> {
        let pauses = merged(pauses)?;
        let due = if pauses.iter().all(|pause| pause.from >= promised || pause.to <= received) {
            promised
        } else {
            let owed = self.working_time_between(received, promised)?;
            self.consume(received, owed, &pauses)?.max(promised)
        };
        self.known_until(received, due)?;
        Ok(due)
    }

    /// By when what was received at that moment is to be handed to the deciding agency: the same working day's closing, or
    /// the next working day's opening if it came on a day off or after the cut-off.
    ///
    /// # Errors
    /// [`CalendarError::TooLong`] if nobody works within ten years.
    pub fn transfer_due(&self, received: Timestamp) -> Result<Timestamp, CalendarError> {
        self.closing_or_next(received, self.cut_off, Self::opening_of)
    }

    /// When an answer owed within the day is due: at closing, or at the next working day's closing if it came on a day off or
    /// after the cut-off.
    ///
    /// # Errors
    /// [`CalendarError::TooLong`] if nobody works within ten years.
    pub fn same_day_due(&self, received: Timestamp) -> Result<Timestamp, CalendarError> {
        self.closing_or_next(received, self.cut_off, Self::closing_of)
    }

    /// The deadline of what is answered within the day, with its reasons; `cut_off` in place of the calendar's own.
    ///
    /// # Errors
    /// As [`Calendar::due`].
    pub fn due_within_day(&self, received: Timestamp, cut_off: Option<Time>) -> Result<Due, CalendarError> {
        let cut_off = cut_off.unwrap_or(self.cut_off);
        let due = self.closing_or_next(received, cut_off, Self::closing_of)?;
        self.known_until(received, due)?;
        let (day, last) = (self.local_date(received), self.local_date(due));
        let mut explanation = vec![format!("Tiếp nhận lúc {}.", self.describe_time(received))];
        explanation.push(match (day == last, self.is_working_day(day)) {
            (true, _) => "Giải quyết trong ngày làm việc.".to_owned(),
            (false, true) => format!(
                "Giải quyết trong ngày; nhận sau {:02}:{:02} nên trả trong ngày làm việc kế tiếp.",
                cut_off.hour(),
                cut_off.minute()
            ),
            (false, false) => {
                "Giải quyết trong ngày; nhận vào ngày nghỉ nên trả trong ngày làm việc kế tiếp.".to_owned()
            }
        });
        explanation.push(format!("Hẹn trả kết quả chậm nhất lúc {}.", self.describe_time(due)));
        Ok(Due { due, counted: vec![last], explanation })
    }

    fn closing_or_next(
        &self,
        received: Timestamp,
        cut_off: Time,
        of_next: fn(&Self, Date) -> Option<Timestamp>,
    ) -> Result<Timestamp, CalendarError> {
        let local = received.to_zoned_datetime(self.zone.clone());
        let in_time = local.time() <= cut_off;
        let today = self.closing_of(local.date()).filter(|closing| in_time && received <= *closing);
        let due = today.or_else(|| of_next(self, self.working_day_after(local.date(), 1)?));
        due.ok_or(CalendarError::TooLong)
    }

    fn known_until(&self, from: Timestamp, to: Timestamp) -> Result<(), CalendarError> {
        let years = self.local_date(from).year()..=self.local_date(to).year();
        years
            .into_iter()
            .find(|year| !self.knows_year(*year))
            .map_or(Ok(()), |year| Err(CalendarError::YearMissing(year)))
    }

    fn counted_days(&self, received: Date, limit: Limit) -> Result<Vec<Date>, CalendarError> {
        let after = self.days_from(received).skip(1);
        let quantity = usize::try_from(limit.quantity).map_err(|_| CalendarError::TooLong)?;
        let days: Vec<Date> = match limit.unit {
            Unit::WorkingDay => after.filter(|day| self.is_working_day(*day)).take(quantity).collect(),
            Unit::Month => {
                let months = Span::new().try_months(limit.quantity).map_err(|_| CalendarError::TooLong)?;
                let end = received.checked_add(months).map_err(|_| CalendarError::TooLong)?;
                after.take_while(|day| *day <= end).collect()
            }
            Unit::Day | Unit::Hour => after.take(quantity).collect(),
        };
        let whole =
            if limit.unit == Unit::Month { days.len() + 1 < super::WALK_DAYS_MAX } else { days.len() == quantity };
        if whole { Ok(days) } else { Err(CalendarError::TooLong) }
    }

    fn roll_forward(&self, date: Date) -> Result<Date, CalendarError> {
        self.days_from(date).find(|day| self.is_working_day(*day)).ok_or(CalendarError::TooLong)
    }

    /// The earliest moment at which `owed` working time has passed since `from`, the pauses not counted.
    fn consume(&self, from: Timestamp, owed: SignedDuration, pauses: &[Pause]) -> Result<Timestamp, CalendarError> {
        let mut left = owed;
        for day in self.days_from(self.local_date(from)) {
            for session in self.open_sessions(day) {
                let mut at = session.start.max(from);
                for pause in pauses {
                    if pause.from >= session.end {
                        break;
                    }
                    if pause.to <= at {
                        continue;
                    }
                    let run = pause.from.duration_since(at).max(SignedDuration::ZERO);
                    if left <= run {
                        return at.checked_add(left).map_err(|_| CalendarError::TooLong);
                    }
                    left -= run;
                    at = at.max(pause.to);
                }
                let run = session.end.duration_since(at).max(SignedDuration::ZERO);
                if left <= run {
                    return at.checked_add(left).map_err(|_| CalendarError::TooLong);
                }
                left -= run;
            }
        }
        Err(CalendarError::TooLong)
    }

    fn explain(
        &self,
        received: Timestamp,
        limit: Limit,
        mode: Mode,
        counted: &[Date],
        base: Timestamp,
        due: Timestamp,
    ) -> Result<Vec<String>, CalendarError> {
        let mut lines = vec![format!("Tiếp nhận lúc {}.", self.describe_time(received))];
        lines.push(match (limit.unit, mode) {
            (Unit::Hour, _) => format!("Thời hạn {limit}, tính trong giờ làm việc kể từ lúc tiếp nhận."),
            (Unit::WorkingDay, Mode::Hour) => {
                format!("Thời hạn {limit}, mỗi ngày 8 giờ, tính trong giờ làm việc kể từ lúc tiếp nhận.")
            }
            _ => format!("Thời hạn {limit}, không tính ngày tiếp nhận."),
        });
        let (first, last) = (self.local_date(received), self.local_date(due));
        let off = self.days_off_between(first, last);
        if !off.is_empty() {
            let skipped = if matches!(limit.unit, Unit::WorkingDay | Unit::Hour) {
                "Không tính"
            } else {
                "Trong thời hạn có"
            };
            lines.push(format!("{skipped} ngày nghỉ: {}.", off.join("; ")));
        }
        for (day, (name, _)) in self.make_up.range(first..=last).filter(|(day, _)| **day > first) {
            lines.push(format!(
                "{} {} là ngày làm việc ({}).",
                weekday(day.weekday()),
                written_date(*day),
                lower_first(name)
            ));
        }
        if let Some(end) = counted.last().filter(|_| matches!(limit.unit, Unit::Day | Unit::Month)) {
            let moved = self.local_date(base);
            if moved != *end {
                lines.push(format!(
                    "Ngày cuối {} là ngày nghỉ nên chuyển sang ngày làm việc kế tiếp, {}.",
                    written_date(*end),
                    written_date(moved)
                ));
            }
        }
        let lost = self.working_time_between(base, due)?;
        if lost > SignedDuration::ZERO {
            lines.push(format!("Cộng thêm thời gian tạm dừng: {} làm việc.", hours(lost)));
        }
        lines.push(format!("Hẹn trả kết quả chậm nhất lúc {}.", self.describe_time(due)));
        if !self.is_complete(last) {
            lines.push(format!("Lịch nghỉ năm {} chưa đủ nên ngày hẹn có thể được tính lại.", last.year()));
        }
        Ok(lines)
    }

    /// Decreed days off that fall on what is otherwise a working weekday, each with its name.
    fn days_off_between(&self, first: Date, last: Date) -> Vec<String> {
        let mut found: Vec<(&str, Vec<String>)> = Vec::new();
        for (day, name) in self.days_off.range(first..=last) {
            let weekly = &self.weekly[day.weekday().to_monday_zero_offset().unsigned_abs() as usize % 7];
            if *day == first || weekly.is_empty() {
                continue;
            }
            let short = format!("{:02}/{:02}", day.day(), day.month());
            match found.last_mut() {
                Some((known, days)) if known == name => days.push(short),
                _ => found.push((name, vec![short])),
            }
        }
        found.into_iter().map(|(name, days)| format!("{} ({name})", days.join(", "))).collect()
    }
}

/// In order and without overlaps, so that lost time is counted once.
fn merged(pauses: &[Pause]) -> Result<Vec<Pause>, CalendarError> {
    if pauses.iter().any(|pause| pause.to < pause.from) {
        return Err(CalendarError::PauseReversed);
    }
    let mut sorted = pauses.to_vec();
    sorted.sort_by_key(|pause| pause.from);
    let mut merged: Vec<Pause> = Vec::with_capacity(sorted.len());
    for pause in sorted {
        match merged.last_mut() {
            Some(last) if pause.from <= last.to => last.to = last.to.max(pause.to),
            _ => merged.push(pause),
        }
    }
    Ok(merged)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
