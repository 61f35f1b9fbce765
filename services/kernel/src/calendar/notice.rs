use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Calendar, CalendarError};

/// What the yearly notice says of whole years: their days off and the Saturdays worked in place of swapped days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// Years whose days all are official: due times in them are no longer provisional.
    pub complete_years: BTreeSet<i16>,
    /// Days off with their names.
    pub days_off: Vec<(Date, String)>,
    /// Make-up working days with their names; worked by Monday's hours.
    pub make_up_days: Vec<(Date, String)>,
}

impl Notice {
    /// The years that the notice speaks of.
    #[must_use]
    pub fn years(&self) -> BTreeSet<i16> {
        self.days_off.iter().chain(&self.make_up_days).map(|(date, _)| date.year()).collect()
    }
}

impl Calendar {
    /// This calendar with the notice's years in place of its own, under the next version. A year keeps what the notice does
    /// not speak of.
    ///
    /// # Errors
    /// [`CalendarError::BadData`]: a day named twice, both off and worked, or a make-up day on what is worked anyway.
    pub fn with_notice(&self, notice: &Notice) -> Result<Self, CalendarError> {
        let years = notice.years();
        let mut next = self.clone();
        next.version += 1;
        next.days_off.retain(|date, _| !years.contains(&date.year()));
        next.make_up.retain(|date, _| !years.contains(&date.year()));
        next.complete_years.retain(|year| !years.contains(year));
        next.complete_years.extend(&notice.complete_years);
        for (date, name) in &notice.days_off {
            if next.days_off.insert(*date, name.clone()).is_some() {
                return Err(CalendarError::BadData(format!("ngày {date} ghi hai lần")));
            }
        }
        for (date, name) in &notice.make_up_days {
            if next.days_off.contains_key(date) {
                return Err(CalendarError::BadData(format!("ngày {date} vừa nghỉ vừa làm bù")));
            }
            if next.is_working_day(*date) {
                return Err(CalendarError::BadData(format!(
                    "ngày làm bù {date} vốn là ngày làm việc hoặc ghi hai lần"
                )));
            }
            next.make_up.insert(*date, (name.clone(), next.weekly[0].clone()));
        }
        Ok(next)
    }
}
