use std::sync::LazyLock;

use jiff::SignedDuration;
use motcua_kernel::calendar::{Limit, Mode, Unit};
use proptest::prelude::*;

use super::*;
use crate::model::{PlanStanding, Planned, Punctuality, State, rules, standings};

static CALENDAR: LazyLock<Calendar> = LazyLock::new(|| Calendar::vietnam().unwrap());
const DESK: &str = "Bộ phận Một cửa";

fn at(text: &str) -> Timestamp {
    format!("{text}:00+07:00").parse().unwrap()
}

fn received(accepted: Timestamp, limit: Limit) -> Course {
    let due = CALENDAR.due(accepted, limit, Mode::Legal, &[]).unwrap().due;
    Course {
        state: State::Accepted,
        sub: SubState::None,
        department: "Sở Tư pháp".into(),
        holder: DESK.into(),
        person: String::new(),
        accepted,
        limit: Some((limit, Mode::Legal)),
        count_from: accepted,
        count_to: Some(due),
        due: Some(due),
        pauses: vec![],
        plan: vec![],
        legs: vec![],
        supplements: vec![],
        extension: None,
        alert: Alert::None,
        leg_alert: Alert::None,
        completed: None,
        finished: None,
    }
}

fn five_days() -> Course {
    received(at("2026-11-09T09:00"), Limit::new(5, Unit::WorkingDay))
}

fn under(rule_set: &str) -> Setting<'static> {
    Setting { calendar: &CALENDAR, rules: rules(rule_set, None), desk: DESK }
}

fn go(course: &Course, act: &Act, now: &str) -> Result<Course, Refusal> {
    fold(course, act, "lan", at(now), under("ND118-2025"))
}

fn forward() -> Act {
    Act::Forward { to: String::new() }
}

fn papers() -> Act {
    Act::AskSupplement(Asked { reason: "Thiếu bản vẽ".into(), ..Asked::default() })
}

fn came() -> Act {
    Act::SupplementReceived { note: String::new() }
}

#[test]
fn a_supplement_adds_what_was_lost_or_begins_anew_by_the_rule_set() {
    let with_department = go(&five_days(), &forward(), "2026-11-09T10:00").unwrap();
    let paused = go(&with_department, &papers(), "2026-11-11T07:00").unwrap();
    assert_eq!((paused.state, paused.due), (State::Supplement, Some(at("2026-11-16T17:00"))));
    assert_eq!(paused.paused_since(), Some(at("2026-11-11T07:00")));
    let resumed = go(&paused, &came(), "2026-11-12T17:00").unwrap();
    assert_eq!((resumed.state, resumed.due), (State::Processing, Some(at("2026-11-18T17:00"))), "two days lost");
    let anew = fold(&paused, &came(), "lan", at("2026-11-12T17:00"), under("ND61-2018")).unwrap();
    assert_eq!(anew.due, Some(at("2026-11-19T17:00")), "five days from the 12th");
    let again = go(&resumed, &papers(), "2026-11-13T08:00");
    assert_eq!(again, Err(Refusal::ApproverMissing));
    let approved = Act::AskSupplement(Asked { approver: "Giám đốc".into(), ..Asked::default() });
    assert_eq!(go(&resumed, &approved, "2026-11-13T08:00").unwrap().supplements.len(), 2);
}

#[test]
fn a_procedure_may_allow_more_or_fewer_requests_than_its_rule_set() {
    let mut first = go(&five_days(), &forward(), "2026-11-09T10:00").unwrap();
    let own = |number| Setting { calendar: &CALENDAR, rules: rules("ND118-2025", number), desk: DESK };
    let asks = |course: &Course, number| fold(course, &papers(), "lan", at("2026-11-10T08:00"), own(number));
    assert_eq!(asks(&first, Some(0)), Err(Refusal::ApproverMissing));
    for _ in 0..2 {
        let asked = asks(&first, Some(2)).unwrap();
        first = fold(&asked, &came(), "lan", at("2026-11-10T09:00"), own(Some(2))).unwrap();
    }
    assert_eq!(asks(&first, Some(2)), Err(Refusal::ApproverMissing));
    assert_eq!(rules("ND118-2025", Some(-1)), rules("ND118-2025", None), "a number that is none is the rule set's");
}

#[test]
fn resuming_after_tet_owes_the_days_that_were_left() {
    let accepted = received(at("2026-02-09T09:00"), Limit::new(5, Unit::WorkingDay));
    assert_eq!(accepted.due, Some(at("2026-02-23T17:00")), "14 to 22 February are off");
    let paused = go(&accepted, &papers(), "2026-02-11T17:00").unwrap();
    let resumed = go(&paused, &came(), "2026-02-23T07:00").unwrap();
    // Two working days were lost: the 12th and the 13th.
    assert_eq!(resumed.due, Some(at("2026-02-25T17:00")));
}

#[test]
fn legs_say_who_had_it_when_and_whether_in_time() {
    let given = go(&five_days(), &forward(), "2026-11-09T10:00").unwrap();
    assert_eq!((given.sub, given.holder.as_str()), (SubState::AwaitingReceipt, "Sở Tư pháp"));
    let sign = Act::SignFor { note: String::new() };
    let signed = fold(&given, &sign, "minh", at("2026-11-09T14:00"), under("ND118-2025")).unwrap();
    assert_eq!((signed.sub, signed.person.as_str()), (SubState::None, "minh"));
    assert_eq!(go(&signed, &sign, "2026-11-09T15:00"), Err(Refusal::NothingToSign));
    let due = Some(at("2026-11-11T17:00"));
    let on = Act::HandOver { to: "Sở Xây dựng".into(), due, note: "xin ý kiến".into() };
    let asked = go(&signed, &on, "2026-11-10T09:00").unwrap();
    assert_eq!((asked.department.as_str(), asked.holder.as_str()), ("Sở Tư pháp", "Sở Xây dựng"));
    let coordinating = go(&asked, &sign, "2026-11-10T10:00").unwrap();
    assert_eq!(coordinating.sub, SubState::Coordinating);
    assert_eq!(go(&coordinating, &on, "2026-11-10T11:00"), Err(Refusal::SameUnit));
    let back = Act::HandOver { to: "Sở Tư pháp".into(), due: None, note: String::new() };
    let back = go(&coordinating, &back, "2026-11-12T08:00").unwrap();
    let done = go(&back, &Act::Complete, "2026-11-16T16:00").unwrap();
    let ended: Vec<_> = done.legs.iter().map(|leg| (leg.to_unit.as_str(), leg.punctuality)).collect();
    assert_eq!(
        ended,
        [
            ("Sở Tư pháp", Some(Punctuality::Early)),
            ("Sở Xây dựng", Some(Punctuality::Late)),
            ("Sở Tư pháp", Some(Punctuality::OnTime)),
            (DESK, None),
        ]
    );
    assert_eq!(done.finished, Some((at("2026-11-16T16:00"), Punctuality::OnTime)));
}

#[test]
fn overdue_forces_one_apology_before_it_goes_on() {
    let given = go(&five_days(), &forward(), "2026-11-09T10:00").unwrap();
    let late = "2026-11-17T08:00";
    assert!(given.apology_owed(at(late)));
    for act in [papers(), Act::AskFee { reason: "phí".into() }, Act::Stop { reason: "x".into() }] {
        assert_eq!(go(&given, &act, late), Err(Refusal::ApologyOwed));
    }
    assert!(go(&given, &Act::Complete, late).is_ok(), "a result is never held up");
    let new = |due: &str| Act::Extend {
        new_due: at(due), reason: "Hệ thống lỗi".into(), signer: "Giám đốc".into()
    };
    for wrong in ["2026-11-16T16:00", "2026-11-17T07:59", "2026-11-21T10:00", "2026-11-18T12:00"] {
        assert_eq!(go(&given, &new(wrong), late), Err(Refusal::NewDue), "{wrong}");
    }
    let apologised = go(&given, &new("2026-11-20T17:00"), late).unwrap();
    assert_eq!((apologised.due, apologised.alert), (Some(at("2026-11-20T17:00")), Alert::None));
    assert!(!apologised.apology_owed(at(late)) && go(&apologised, &papers(), late).is_ok());
    assert_eq!(go(&apologised, &new("2026-11-25T17:00"), late), Err(Refusal::ExtensionUsedUp));
    let paused = go(&apologised, &papers(), "2026-11-18T07:00").unwrap();
    let resumed = go(&paused, &came(), "2026-11-18T17:00").unwrap();
    assert_eq!(resumed.due, Some(at("2026-11-23T17:00")), "the new date is put off too");
    let none = Course { due: None, count_to: None, limit: None, ..given };
    assert_eq!(go(&none, &new("2026-11-20T17:00"), late), Err(Refusal::NoLimit));
}

#[test]
fn a_late_dossier_gets_no_new_limit_by_asking_for_papers() {
    let given = go(&five_days(), &forward(), "2026-11-09T10:00").unwrap();
    let due = at("2026-11-18T17:00");
    let apologised = Act::Extend { new_due: due, reason: "x".into(), signer: "y".into() };
    let apologised = go(&given, &apologised, "2026-11-17T08:00").unwrap();
    let paused = go(&apologised, &papers(), "2026-11-19T08:00").unwrap();
    let anew = fold(&paused, &came(), "lan", at("2026-11-20T08:00"), under("ND61-2018")).unwrap();
    assert_eq!(anew.due, Some(due));
}

#[test]
fn a_refusal_names_what_is_allowed() {
    let refused = go(&five_days(), &Act::Complete, "2026-11-09T10:00").unwrap_err();
    assert_eq!(refused.allowed(), ["forward", "ask_supplement", "withdraw", "extend"]);
    assert!(Refusal::ApologyOwed.allowed().is_empty());
}

fn act() -> impl Strategy<Value = Act> {
    let text = || "[a-z]{0,4}".boxed();
    prop_oneof![
        Just(forward()),
        (0..3usize).prop_map(|n| Act::HandOver { to: format!("Sở {n}"), due: None, note: String::new() }),
        text().prop_map(|note| Act::SignFor { note }),
        Just(papers()),
        Just(Act::AskSupplement(Asked { approver: "Giám đốc".into(), ..Asked::default() })),
        Just(came()),
        text().prop_map(|reason| Act::AskFee { reason }),
        text().prop_map(|receipt| Act::FeePaid { receipt }),
        text().prop_map(|reason| Act::Stop { reason }),
        text().prop_map(|reason| Act::Resume { reason }),
        text().prop_map(|reason| Act::Withdraw { reason }),
        (1i64..40).prop_map(|days| Act::Extend {
            new_due: at("2026-11-09T10:00") + SignedDuration::from_hours(24 * days),
            reason: "x".into(),
            signer: "y".into(),
        }),
        Just(Act::Complete),
        Just(Act::Return),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Wherever a dossier was: the plan is gone through once, from its beginning to its end.
    #[test]
    fn a_plan_is_gone_through_in_its_order(
        units in prop::collection::vec(0..3u8, 0..6), had in prop::collection::vec(0..4u8, 0..8), at_last in any::<bool>(),
    ) {
        let name = |n: &u8| format!("Sở {n}");
        let plan: Vec<Planned> = units.iter().map(|n| Planned { unit: name(n), limit: None }).collect();
        let mut legs: Vec<Leg> = had.iter().map(|n| leg(DESK, &name(n), None, "lan", at("2026-11-09T10:00"), "")).collect();
        let open = if at_last { legs.len().saturating_sub(1) } else { legs.len() };
        legs.iter_mut().take(open).for_each(|leg| leg.ended = Some(leg.given));
        let all = standings(&plan, &legs);
        let behind = all.iter().rposition(|standing| *standing != PlanStanding::ToCome).map_or(0, |n| n + 1);
        prop_assert!(all[..behind].iter().all(|standing| *standing != PlanStanding::ToCome));
        prop_assert!(all.iter().filter(|standing| **standing == PlanStanding::Current).count() <= 1);
        let next = planned(&plan, &legs, "", DESK);
        prop_assert_eq!(next, plan.get(behind));
        if let Some(next) = next {
            legs.push(leg(DESK, &next.unit, None, "lan", at("2026-11-09T11:00"), ""));
            prop_assert_eq!(standings(&plan, &legs)[behind], PlanStanding::Current, "whoever goes by it goes on by one");
        }
    }

    /// Whatever is done with a dossier: its history is whole, and only lateness makes it late.
    #[test]
    fn every_course_is_whole(
        days in 1u32..20, acts in prop::collection::vec((act(), 0i64..2_000), 1..30), old in any::<bool>(),
    ) {
        let setting = under(if old { "ND61-2018" } else { "ND118-2025" });
        let mut course = received(at("2026-11-09T09:00"), Limit::new(days, Unit::WorkingDay));
        let mut now = course.accepted;
        for (act, minutes) in acts {
            now += SignedDuration::from_mins(minutes);
            let Ok(next) = fold(&course, &act, "lan", now, setting) else { continue };
            prop_assert!(course.state.allowed().contains(&act.wanted()));
            // The clock stands in the paused states and in no other one.
            prop_assert_eq!(next.paused_since().is_some(), next.state.paused());
            for pair in next.pauses.windows(2) {
                prop_assert!(pair[0].to.is_some_and(|to| pair[0].from <= to && to <= pair[1].from));
            }
            // One unit has it, and the ledger says since when.
            for (n, leg) in next.legs.iter().enumerate() {
                let last = n + 1 == next.legs.len();
                prop_assert!(leg.ended.is_some() || last);
                prop_assert_eq!(leg.ended.is_some(), leg.punctuality.is_some());
            }
            // A pause that begins in time never ends overdue, and no move but an apology makes the date earlier.
            if course.paused_since().zip(course.due).is_some_and(|(since, due)| since < due) && next.state.running() {
                prop_assert!(!next.overdue(now), "resumed overdue");
            }
            prop_assert!(next.due >= course.due);
            // Closed once, and then counted once.
            prop_assert_eq!(
                next.finished.is_some(),
                matches!(next.state, State::Completed | State::Returned | State::Withdrawn)
            );
            course = next;
        }
    }
}
