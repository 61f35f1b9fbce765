//! The centre's queue rules: second chances, answer clocks, limits, and what they may add up to.
use super::check::range;
use super::file::Source;
use super::read::{AbsenceTable, BookingsTable, CallsTable, ClassTable, CounterTable, span};
use super::{Absence, Calls};
use crate::model::appointment::Bookings;

/// Head start and preference together may not reach further than the shorter half of a working day.
const OVERTAKE_MINUTES_MAX: i64 = 240;

pub(super) fn absence(source: &mut Source<'_>, table: &AbsenceTable) -> Absence {
    let max = range(source, "absence.max", table.max.as_ref(), 3, 1, 20);
    let delay_minutes = range(source, "absence.delay_minutes", table.delay_minutes.as_ref(), 10, 0, 240);
    Absence { max: i32::try_from(max).unwrap_or(3), delay_minutes }
}

pub(super) fn calls(source: &mut Source<'_>, table: &CallsTable) -> Calls {
    let default = Calls::default();
    let answer_seconds = range(source, "calls.answer_seconds", table.answer_seconds.as_ref(), 0, 0, 3600);
    let priority = table.priority_answer_seconds.as_ref();
    let priority_answer_seconds = range(source, "calls.priority_answer_seconds", priority, answer_seconds, 0, 3600);
    if let Some(stated) = priority
        && priority_answer_seconds < answer_seconds
    {
        let wrong = format!("{priority_answer_seconds} giây, ít hơn người thường ({answer_seconds} giây)");
        source.fault(
            &span(stated),
            "calls.priority_answer_seconds",
            wrong,
            "Cho người ưu tiên ít nhất bằng người thường",
        );
    }
    let mut number =
        |key: &str, value, default, min, max| range(source, &format!("calls.{key}"), value, default, min, max);
    let reenter = number("reenter_after", table.reenter_after.as_ref(), 2, 0, 20);
    let opens = table.opens_before_minutes.as_ref();
    Calls {
        answer_seconds,
        priority_answer_seconds,
        undo_seconds: number("undo_seconds", table.undo_seconds.as_ref(), default.undo_seconds, 0, 120),
        reenter_after: usize::try_from(reenter).unwrap_or(default.reenter_after),
        dossiers_max: number("dossiers_max", table.dossiers_max.as_ref(), default.dossiers_max, 0, 50),
        language_preference_minutes: number(
            "language_preference_minutes",
            table.language_preference_minutes.as_ref(),
            default.language_preference_minutes,
            0,
            60,
        ),
        same_counter_preference_minutes: number(
            "same_counter_preference_minutes",
            table.same_counter_preference_minutes.as_ref(),
            default.same_counter_preference_minutes,
            0,
            60,
        ),
        opens_before_minutes: opens.map(|_| number("opens_before_minutes", opens, 0, 0, 240)),
        closes_after_minutes: number(
            "closes_after_minutes",
            table.closes_after_minutes.as_ref(),
            default.closes_after_minutes,
            0,
            600,
        ),
        last_ticket_by_backlog: table.last_ticket_by_backlog.unwrap_or(default.last_ticket_by_backlog),
        soon_people: number("soon_people", table.soon_people.as_ref(), default.soon_people, 0, 20),
        soon_minutes: number("soon_minutes", table.soon_minutes.as_ref(), default.soon_minutes, 0, 60),
        silent_seconds: number("silent_seconds", table.silent_seconds.as_ref(), default.silent_seconds, 1, 3600),
    }
}

/// Somebody without a class waits longer than first come, first served by at most the largest head start, the spread of
/// preferences and the larger of those of a spoken language and of the counter that knows the matter: a file in which that is more than half a working day would starve them.
pub(super) fn nobody_starves(
    source: &mut Source<'_>,
    classes: &[ClassTable],
    counters: &[CounterTable],
    calls: &Calls,
) {
    let stated =
        || counters.iter().flat_map(|counter| &counter.skills).filter_map(|skill| skill.preference_minutes.as_ref());
    let most = stated().max_by_key(|preference| *preference.get_ref());
    let least = stated().map(|preference| *preference.get_ref()).min().unwrap_or(0).min(0);
    let spread = most.map_or(0, |most| (*most.get_ref()).max(0)).saturating_sub(least);
    let mut check = |at, key: &str, head_start: i64| {
        let own = calls.language_preference_minutes.max(calls.same_counter_preference_minutes);
        let together = head_start.saturating_add(spread).saturating_add(own);
        if together > OVERTAKE_MINUTES_MAX {
            source.fault(
                &at,
                key,
                format!(
                    "cùng mức ưu tiên của quầy, ngôn ngữ và quầy đã tiếp nhận là {together} phút: người không thuộc diện ưu tiên có thể chờ hết buổi"
                ),
                format!("Giảm để tổng không quá {OVERTAKE_MINUTES_MAX} phút"),
            );
        }
    };
    if let Some(most) = most {
        check(span(most), "counters.skills.preference_minutes", 0);
    }
    for class in classes {
        let head_start = &class.head_start_minutes;
        check(span(head_start), "priority_classes.head_start_minutes", *head_start.get_ref());
    }
}

pub(super) fn bookings(source: &mut Source<'_>, table: Option<&BookingsTable>) -> Option<Bookings> {
    let table = table?;
    let mut number = |key: &str, value, default, min, max| {
        range(source, &format!("queues.appointments.{key}"), value, default, min, max)
    };
    Some(Bookings {
        every_minutes: number("every_minutes", Some(&table.every_minutes), 30, 5, 240),
        per_slot: number("per_slot", Some(&table.per_slot), 1, 1, 100),
        grace_minutes: number("grace_minutes", table.grace_minutes.as_ref(), 10, 0, 120),
        late_minutes: number("late_minutes", table.late_minutes.as_ref(), 15, 0, 240),
        days_ahead: number("days_ahead", table.days_ahead.as_ref(), 14, 1, 90),
    })
}
