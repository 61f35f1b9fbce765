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
}

impl Alert {
    /// From its number; an unknown one is none.
    #[must_use]
    pub fn from_code(code: i32) -> Self {
        [Self::DueSoon, Self::Overdue, Self::Escalated, Self::Unclaimed]
            .into_iter()
            .find(|alert| *alert as i32 == code)
            .unwrap_or_default()
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
}

/// The smallest step of stored times: a dossier is overdue right after its due time.
const AFTER: SignedDuration = SignedDuration::from_micros(1);

/// When the dossier must be looked at again, and what is told then; none while nothing can come due by itself.
fn coming(watch: &Watch, calendar: &Calendar, unclaimed_days: u32) -> Option<(Timestamp, Alert)> {
    if watch.state == State::Completed && watch.alert != Alert::Unclaimed {
        let wait = SignedDuration::from_hours(24).checked_mul(i32::try_from(unclaimed_days).ok()?)?;
        return Some((watch.completed?.checked_add(wait).ok()?, Alert::Unclaimed));
    }
    let due = watch.due.filter(|_| watch.state.running())?;
    let day = calendar.local_date(due);
    match watch.alert {
        Alert::None | Alert::Unclaimed => {
            let before = calendar.working_day_before(day).and_then(|day| calendar.opening_of(day));
            Some((before.unwrap_or(due), Alert::DueSoon))
        }
        Alert::DueSoon => Some((due.checked_add(AFTER).ok()?, Alert::Overdue)),
        Alert::Overdue if !watch.extended => {
            let next = calendar.working_day_after(day, 1).and_then(|day| calendar.closing_of(day))?;
            Some((next, Alert::Escalated))
        }
        Alert::Overdue | Alert::Escalated => None,
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
        watch.alert = alert;
        told.push(alert);
    }
    if told.contains(&Alert::Overdue) {
        told.retain(|alert| *alert != Alert::DueSoon);
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
        Watch { state: State::Processing, due, alert, extended: false, completed: None }
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
}
