use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use motcua_kernel::calendar::{Calendar, Limit, Mode, Pause, Unit};
use proptest::prelude::*;

use crate::calendar::{at, vietnam};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(vietnam);

fn moment() -> impl Strategy<Value = Timestamp> {
    // Five minutes apart over nine years: sessions, lunches, nights, weekends, Tết.
    (0i64..9 * 365 * 288).prop_map(|n| at("2018-12-25T00:00") + SignedDuration::from_mins(n * 5))
}

fn limit() -> impl Strategy<Value = (Limit, Mode)> {
    let unit = prop_oneof![Just(Unit::WorkingDay), Just(Unit::Day), Just(Unit::Hour), Just(Unit::Month)];
    (1u32..60, unit, prop_oneof![Just(Mode::Legal), Just(Mode::Hour)]).prop_map(|(quantity, unit, mode)| {
        (Limit::new(if unit == Unit::Month { quantity % 24 + 1 } else { quantity }, unit), mode)
    })
}

fn pause(received: Timestamp) -> impl Strategy<Value = Pause> {
    (0i64..30 * 288, 0i64..20 * 288).prop_map(move |(after, length)| {
        let from = received + SignedDuration::from_mins(after * 5);
        Pause { from, to: from + SignedDuration::from_mins(length * 5) }
    })
}

fn due(received: Timestamp, limit: Limit, mode: Mode, pauses: &[Pause]) -> Timestamp {
    CALENDAR.due(received, limit, mode, pauses).unwrap().due
}

/// Inside a session or at its end.
fn in_working_time(moment: Timestamp) -> bool {
    CALENDAR.open_sessions(CALENDAR.local_date(moment)).iter().any(|s| s.start < moment && moment <= s.end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn later_receipt_is_never_due_earlier(received in moment(), later in 0i64..3000, (limit, mode) in limit()) {
        let then = received + SignedDuration::from_mins(later * 5);
        prop_assert!(due(received, limit, mode, &[]) <= due(then, limit, mode, &[]));
    }

    #[test]
    fn a_longer_limit_is_never_due_earlier(received in moment(), (limit, mode) in limit(), more in 0u32..20) {
        let longer = Limit::new(limit.quantity + more, limit.unit);
        prop_assert!(due(received, limit, mode, &[]) <= due(received, longer, mode, &[]));
    }

    #[test]
    fn due_lies_after_receipt_and_in_working_time(received in moment(), (limit, mode) in limit()) {
        let due = due(received, limit, mode, &[]);
        prop_assert!(due > received && in_working_time(due));
        if mode == Mode::Legal && limit.unit != Unit::Hour {
            prop_assert_eq!(Some(due), CALENDAR.closing_of(CALENDAR.local_date(due)));
        }
    }

    #[test]
    fn a_pause_never_shortens_and_adds_exactly_what_was_lost(
        (received, pauses) in moment().prop_flat_map(|r| (Just(r), prop::collection::vec(pause(r), 0..4))),
        (limit, mode) in limit(),
    ) {
        let plain = due(received, limit, mode, &[]);
        let mut before = plain;
        for count in 0..=pauses.len() {
            let paused = due(received, limit, mode, &pauses[..count]);
            prop_assert!(paused >= before, "one more pause shortened the limit");
            prop_assert!(in_working_time(paused));
            before = paused;
        }
        // What was worked between receipt and due is the same with and without pauses.
        let paused = before;
        let lost = lost(received, paused, &pauses);
        let total = |to| CALENDAR.working_time_between(received, to).unwrap();
        prop_assert_eq!(total(paused) - lost, total(plain));
    }

    #[test]
    fn a_pause_outside_working_time_adds_nothing(received in moment(), (limit, mode) in limit(), day in 0i32..40) {
        let date = CALENDAR.local_date(received).checked_add(jiff::Span::new().days(day)).unwrap();
        let Some(closing) = CALENDAR.closing_of(date) else { return Ok(()) };
        let pause = Pause { from: closing, to: CALENDAR.next_opening(closing).unwrap() };
        prop_assert_eq!(due(received, limit, mode, &[pause]), due(received, limit, mode, &[]));
    }

    #[test]
    fn a_promise_is_put_off_as_the_count_itself_would_be(
        (received, pauses) in moment().prop_flat_map(|r| (Just(r), prop::collection::vec(pause(r), 0..4))),
        (limit, mode) in limit(),
    ) {
        let put_off = CALENDAR.extend(received, due(received, limit, mode, &[]), &pauses).unwrap();
        prop_assert_eq!(put_off, due(received, limit, mode, &pauses));
    }

    /// Paused in time, resumed, paused again: while the clock stands still and at the moment it runs again, the due time is
    /// ahead, whatever lay between.
    #[test]
    fn pausing_again_and_again_never_makes_overdue(
        received in moment(), (limit, mode) in limit(), steps in prop::collection::vec((1i64..400, 1i64..6000), 1..6),
    ) {
        let (mut now, mut pauses) = (received, Vec::new());
        let mut promised = due(received, limit, mode, &[]);
        for (run, pause) in steps {
            let from = now + SignedDuration::from_mins(run * 5);
            if from >= promised {
                break;
            }
            now = from + SignedDuration::from_mins(pause * 5);
            pauses.push(Pause { from, to: now });
            promised = due(received, limit, mode, &pauses);
            prop_assert!(promised > now, "resumed at {now}, overdue since {promised}");
        }
    }

    #[test]
    fn handing_over_is_due_in_working_time_and_never_before_receipt(received in moment()) {
        let (transfer, answer) = (CALENDAR.transfer_due(received).unwrap(), CALENDAR.same_day_due(received).unwrap());
        prop_assert!(received <= transfer && transfer <= answer);
        prop_assert_eq!(Some(answer), CALENDAR.closing_of(CALENDAR.local_date(answer)));
    }

    #[test]
    fn openings_are_openings(now in moment()) {
        let opening = CALENDAR.next_opening(now).unwrap();
        prop_assert!(opening > now && CALENDAR.is_open(opening));
        prop_assert!(!CALENDAR.is_open(opening - SignedDuration::from_secs(1)));
    }
}

/// Counted the slow way: every five minutes of every pause on its own.
fn lost(from: Timestamp, to: Timestamp, pauses: &[Pause]) -> SignedDuration {
    let step = SignedDuration::from_mins(5);
    let mut sum = SignedDuration::ZERO;
    for (n, pause) in pauses.iter().enumerate() {
        let mut at = pause.from.max(from);
        while at < pause.to.min(to) {
            let counted = pauses[..n].iter().any(|p| p.from <= at && at < p.to);
            if !counted && CALENDAR.is_open(at) {
                sum += step;
            }
            at += step;
        }
    }
    sum
}
