//! Watching the due time: when to look at a dossier again, and what to tell then.

use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::Calendar;

use super::State;

/// What was told of a dossier's due time, in the order of its getting worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(i32)]
pub enum Alert {
    /// Nothing yet.
    #[default]
    None = 0,
    /// Due within a working day: officer and leader.
    DueSoon = 1,
    /// Past due: an apology is owed.
    Overdue = 2,
    /// A working day past due without an apology: leader.
    Escalated = 3,
    /// Nobody collected the result.
    Unclaimed = 4,
    /// The unit that has it owes its part within a working day: the unit and the leader. Told beside the others.
    LegDueSoon = 5,
    /// The unit's part is past due.
    LegLate = 6,
}

impl Alert {
    /// From its number; an unknown one is none.
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        [Self::DueSoon, Self::Overdue, Self::Escalated, Self::Unclaimed, Self::LegDueSoon, Self::LegLate]
            .into_iter()
            .find(|alert| *alert as i32 == code)
            .unwrap_or_default()
    }

    /// Of the unit's part, not of the dossier's promise.
    #[must_use]
    pub fn of_leg(self) -> bool {
        matches!(self, Self::LegDueSoon | Self::LegLate)
    }
}

/// What the watch looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// National state.
    pub state: State,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// What was told.
    pub alert: Alert,
    /// Whether form 04 was written.
    pub extended: bool,
    /// When the result came.
    pub completed: Option<Timestamp>,
    /// When the unit that has it owes its part.
    pub leg_due: Option<Timestamp>,
    /// What was told of that.
    pub leg_alert: Alert,
}

impl Watch {
    /// Once this was told.
    #[must_use]
    pub fn after(mut self, told: &[Alert]) -> Self {
        for alert in told {
            if alert.of_leg() {
                self.leg_alert = *alert;
            } else {
                self.alert = *alert;
            }
        }
        self
    }
}

/// The smallest step of stored times: a dossier is overdue right after its due time.
const AFTER: SignedDuration = SignedDuration::from_micros(1);

/// When a warning of a due time is given: as the working day before it opens.
fn warned_from(due: Timestamp, calendar: &Calendar) -> Timestamp {
    let before = calendar.working_day_before(calendar.local_date(due)).and_then(|day| calendar.opening_of(day));
    before.unwrap_or(due)
}

/// What counts as told of a part that begins, or goes on, now: whoever gets it within the working day before its end knows.
#[must_use]
pub fn begun(leg_due: Option<Timestamp>, now: Timestamp, calendar: &Calendar) -> Alert {
    match leg_due {
        Some(due) if warned_from(due, calendar) <= now => Alert::LegDueSoon,
        _ => Alert::None,
    }
}

/// When the dossier must be looked at again, and what is told then; none while nothing can come due by itself.
fn coming(watch: &Watch, calendar: &Calendar, unclaimed_days: u32) -> Option<(Timestamp, Alert)> {
    let whole = of_promise(watch, calendar, unclaimed_days);
    whole.into_iter().chain(of_leg(watch, calendar)).min_by_key(|(time, _)| *time)
}

/// The desk's own hand-over is shown and not told: a day's dossiers all owe it by the same evening. A part that ends with the
/// dossier or after it has nothing to add to what is told of the dossier.
fn of_leg(watch: &Watch, calendar: &Calendar) -> Option<(Timestamp, Alert)> {
    let own = |due: &Timestamp| watch.state == State::Processing && watch.due.is_none_or(|whole| *due < whole);
    let due = watch.leg_due.filter(own)?;
    match watch.leg_alert {
        Alert::LegLate => None,
        Alert::LegDueSoon => Some((due.checked_add(AFTER).ok()?, Alert::LegLate)),
        _ => Some((warned_from(due, calendar), Alert::LegDueSoon)),
    }
}

fn of_promise(watch: &Watch, calendar: &Calendar, unclaimed_days: u32) -> Option<(Timestamp, Alert)> {
    if watch.state == State::Completed && watch.alert != Alert::Unclaimed {
        let wait = SignedDuration::from_hours(24).checked_mul(i32::try_from(unclaimed_days).ok()?)?;
        return Some((watch.completed?.checked_add(wait).ok()?, Alert::Unclaimed));
    }
    let due = watch.due.filter(|_| watch.state.running())?;
    let day = calendar.local_date(due);
    match watch.alert {
        Alert::None | Alert::Unclaimed => Some((warned_from(due, calendar), Alert::DueSoon)),
        Alert::DueSoon => Some((due.checked_add(AFTER).ok()?, Alert::Overdue)),
        Alert::Overdue if !watch.extended => {
            let next = calendar.working_day_after(day, 1).and_then(|day| calendar.closing_of(day))?;
            Some((next, Alert::Escalated))
        }
        _ => None,
    }
}

/// When the dossier must be looked at again.
#[must_use]
pub fn next_step(watch: &Watch, calendar: &Calendar, unclaimed_days: u32) -> Option<Timestamp> {
    coming(watch, calendar, unclaimed_days).map(|(time, _)| time)
}

/// What is to be told by now, in order. A warning of what is past already is left out.
#[must_use]
pub fn supervise(watch: &Watch, now: Timestamp, calendar: &Calendar, unclaimed_days: u32) -> Vec<Alert> {
    let mut watch = *watch;
    let mut told = Vec::new();
    while let Some((_, alert)) = coming(&watch, calendar, unclaimed_days).filter(|(time, _)| *time <= now) {
        watch = watch.after(&[alert]);
        told.push(alert);
    }
    for (past, warning) in [(Alert::Overdue, Alert::DueSoon), (Alert::LegLate, Alert::LegDueSoon)] {
        if told.contains(&past) {
            told.retain(|alert| *alert != warning);
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("{text}:00+07:00").parse().unwrap()
    }

    fn watch(alert: Alert) -> Watch {
        let due = Some(at("2026-11-25T17:00"));
        let none = (None, Alert::None);
        Watch {
            state: State::Processing,
            due,
            alert,
            extended: false,
            completed: None,
            leg_due: none.0,
            leg_alert: none.1,
        }
    }

    #[test]
    fn it_is_warned_a_working_day_ahead_then_overdue_then_escalated() {
        let calendar = Calendar::vietnam().unwrap();
        let next = |alert| next_step(&watch(alert), &calendar, 30);
        // The 24th is a day off.
        assert_eq!(next(Alert::None), Some(at("2026-11-23T07:00")));
        assert_eq!(next(Alert::DueSoon), Some(at("2026-11-25T17:00") + AFTER));
        assert_eq!(next(Alert::Overdue), Some(at("2026-11-26T17:00")));
        assert_eq!(next(Alert::Escalated), None);
        let said = |alert, now| supervise(&watch(alert), at(now), &calendar, 30);
        assert_eq!(said(Alert::None, "2026-11-23T06:59"), []);
        assert_eq!(said(Alert::None, "2026-11-23T07:00"), [Alert::DueSoon]);
        assert_eq!(said(Alert::DueSoon, "2026-11-25T17:00"), []);
        assert_eq!(said(Alert::DueSoon, "2026-11-25T17:01"), [Alert::Overdue]);
        assert_eq!(said(Alert::None, "2026-11-25T17:01"), [Alert::Overdue], "too late to warn");
        assert_eq!(said(Alert::None, "2026-12-25T17:01"), [Alert::Overdue, Alert::Escalated]);
        let apologised = Watch { extended: true, ..watch(Alert::Overdue) };
        assert_eq!(next_step(&apologised, &calendar, 30), None);
    }

    #[test]
    fn what_stands_still_is_left_alone_and_a_result_waits_its_days() {
        let calendar = Calendar::vietnam().unwrap();
        for state in State::ALL {
            let still = Watch { state, ..watch(Alert::None) };
            let looked_at = next_step(&still, &calendar, 30).is_some();
            assert_eq!(looked_at, state.running(), "{state:?}");
        }
        assert_eq!(next_step(&Watch { due: None, ..watch(Alert::None) }, &calendar, 30), None);
        let completed = Some(at("2026-11-02T10:00"));
        let ready = Watch { state: State::Completed, completed, ..watch(Alert::DueSoon) };
        assert_eq!(next_step(&ready, &calendar, 30), Some(at("2026-12-02T10:00")));
        assert_eq!(supervise(&ready, at("2026-12-02T10:00"), &calendar, 30), [Alert::Unclaimed]);
        assert_eq!(next_step(&Watch { alert: Alert::Unclaimed, ..ready }, &calendar, 30), None);
    }

    #[test]
    fn a_units_own_time_is_told_beside_the_dossiers() {
        let calendar = Calendar::vietnam().unwrap();
        let part = |leg_alert, leg_due| Watch { leg_due: Some(at(leg_due)), leg_alert, ..watch(Alert::None) };
        let said = |watch: &Watch, now| supervise(watch, at(now), &calendar, 30);
        let own = part(Alert::None, "2026-11-20T17:00");
        assert_eq!(next_step(&own, &calendar, 30), Some(at("2026-11-19T07:00")));
        assert_eq!(said(&own, "2026-11-19T06:59"), []);
        assert_eq!(said(&own, "2026-11-19T07:00"), [Alert::LegDueSoon]);
        let warned = own.after(&[Alert::LegDueSoon]);
        assert_eq!(next_step(&warned, &calendar, 30), Some(at("2026-11-20T17:00") + AFTER));
        assert_eq!(said(&warned, "2026-11-20T17:00"), []);
        assert_eq!(said(&warned, "2026-11-20T17:01"), [Alert::LegLate]);
        assert_eq!(said(&own, "2026-11-20T17:01"), [Alert::LegLate], "too late to warn");
        let late = warned.after(&[Alert::LegLate]);
        assert_eq!(next_step(&late, &calendar, 30), Some(at("2026-11-23T07:00")), "the dossier's own is next");
        assert_eq!(said(&own, "2026-11-25T17:01"), [Alert::LegLate, Alert::Overdue]);
        let with_the_dossier = part(Alert::None, "2026-11-25T17:00");
        assert_eq!(said(&with_the_dossier, "2026-11-25T17:01"), [Alert::Overdue]);
        for state in State::ALL {
            let still = Watch { state, due: None, ..own };
            assert_eq!(next_step(&still, &calendar, 30).is_some(), state == State::Processing, "{state:?}");
        }
        assert_eq!(begun(own.leg_due, at("2026-11-19T06:59"), &calendar), Alert::None);
        assert_eq!(begun(own.leg_due, at("2026-11-19T07:00"), &calendar), Alert::LegDueSoon);
    }
}
