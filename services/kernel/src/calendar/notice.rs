use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};

use super::{Calendar, CalendarError};

/// What a notice says of days off and of the Saturdays worked in place of swapped days: of a whole year, or of some of its days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// Years that are told whole: their days are those of the notice, and due times in them are no longer provisional.
    pub complete_years: BTreeSet<i16>,
    /// Years of which something is not official yet: due times in them are provisional.
    pub provisional_years: BTreeSet<i16>,
    /// Days off with their names.
    pub days_off: Vec<(Date, String)>,
    /// Make-up working days with their names; worked by Monday's hours.
    pub make_up_days: Vec<(Date, String)>,
}

/// Days off that the law gives in a year, each on a weekday by itself or by the day in lieu (Labour Code, article 112;
/// Resolution 28/2026/QH16).
#[must_use]
pub fn days_off_by_law(year: i16) -> usize {
    match year {
        2026.. => 12,
        2021..2026 => 11,
        _ => 10,
    }
}

impl Notice {
    /// The years that the notice speaks of.
    #[must_use]
    pub fn years(&self) -> BTreeSet<i16> {
        self.days_off.iter().chain(&self.make_up_days).map(|(date, _)| date.year()).collect()
    }

    /// How many weekdays of that year it gives off: one that tells a year whole gives at least [`days_off_by_law`].
    #[must_use]
    pub fn weekdays_off(&self, year: i16) -> usize {
        let weekend = |date: Date| matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.days_off.iter().filter(|(date, _)| date.year() == year && !weekend(*date)).count()
    }
}

impl Calendar {
    /// This calendar with the notice's days, under the next version. A year that is told whole has those days alone; any
    /// other keeps what it has and takes the notice's days beside it.
    ///
    /// # Errors
    /// [`CalendarError::BadData`]: a day named twice, both off and worked, or a make-up day on what is worked anyway.
    pub fn with_notice(&self, notice: &Notice) -> Result<Self, CalendarError> {
        let mut next = self.clone();
        next.version += 1;
        let whole = &notice.complete_years;
        next.days_off.retain(|date, _| !whole.contains(&date.year()));
        next.make_up.retain(|date, _| !whole.contains(&date.year()));
        next.complete_years.extend(whole);
        next.complete_years.retain(|year| !notice.provisional_years.contains(year));
        let mut named = BTreeSet::new();
        for (date, name) in &notice.days_off {
            if !named.insert(*date) {
                return Err(CalendarError::BadData(format!("ngày {date} ghi hai lần")));
            }
            next.make_up.remove(date);
            next.days_off.insert(*date, name.clone());
        }
        for (date, name) in &notice.make_up_days {
            if notice.days_off.iter().any(|(off, _)| off == date) {
                return Err(CalendarError::BadData(format!("ngày {date} vừa nghỉ vừa làm bù")));
            }
            if !named.insert(*date) {
                return Err(CalendarError::BadData(format!("ngày {date} ghi hai lần")));
            }
            // Off until now, or told before: worked by this notice.
            let known = next.make_up.remove(date).is_some() | next.days_off.remove(date).is_some();
            if !known && next.is_working_day(*date) {
                return Err(CalendarError::BadData(format!("ngày làm bù {date} vốn là ngày làm việc")));
            }
            next.make_up.insert(*date, (name.clone(), next.weekly[0].clone()));
        }
        Ok(next)
    }
}
