use super::*;
use proptest::prelude::*;

const DAY: i64 = 86_400 * SECOND;

fn policy(dedup_us: i64) -> Policy {
    Policy { dedup_us, expired: false, urgent: false, next_step: false, daily_quota: false, pace: PACE }
}

fn known(ambiguous_since: Option<i64>) -> Known {
    Known { id: "0192".into(), failures: 0, ambiguous_since, started: 1_000 }
}

fn ambiguous() -> Outcome {
    Outcome::Ambiguous { detail: "HTTP 500".into() }
}

#[test]
fn taken_and_taken_before_are_the_same_ending() {
    for class in [Class::Ok, Class::Duplicate] {
        let row =
            decide(&known(Some(1_000)), Outcome::Accepted { class, provider_id: Some("7".into()) }, 2_000, policy(DAY));
        assert_eq!((row.state, row.next, row.class), (State::Accepted, None, class));
    }
}

#[test]
fn refused_connection_is_tried_again_as_if_nothing_happened() {
    let outcome = Outcome::NotSent { class: Class::Connect, detail: "refused".into(), wait_ms: None };
    let row = decide(&known(None), outcome, 0, policy(0));
    assert_eq!((row.state, row.failures, row.ambiguous_since), (State::Pending, 1, None));
    assert!((800_000..=1_200_000).contains(&row.next.unwrap()), "1 s ± 20 %: {row:?}");
}

#[test]
fn unknown_is_sent_again_only_where_the_provider_drops_repetitions() {
    let with = decide(&known(None), ambiguous(), 2_000, policy(DAY));
    let without = decide(&known(None), ambiguous(), 2_000, policy(0));
    assert_eq!((with.state, with.next.is_some(), with.ambiguous_since), (State::Unknown, true, Some(1_000)));
    assert_eq!((without.state, without.next), (State::Unknown, None));
}

#[test]
fn near_the_end_of_the_window_unknown_stays_unknown() {
    let row = decide(&known(Some(0)), ambiguous(), DAY - DEDUP_MARGIN, policy(DAY));
    assert_eq!((row.state, row.next), (State::Unknown, None));
}

#[test]
fn a_dead_worker_leaves_unknown_that_is_asked_at_once() {
    let row = after_crash(&known(None), 5_000, policy(DAY));
    assert_eq!((row.state, row.next, row.ambiguous_since), (State::Unknown, Some(5_000), Some(1_000)));
    assert_eq!(after_crash(&known(None), 5_000, policy(0)).next, None);
}

#[test]
fn too_late_or_too_often_is_failed() {
    let again = || Outcome::NotSent { class: Class::Transient, detail: "99".into(), wait_ms: None };
    assert_eq!(decide(&known(None), again(), 0, Policy { expired: true, ..policy(0) }).state, State::Expired);
    let tired = Known { failures: TRANSIENT_ATTEMPTS - 1, ..known(None) };
    assert_eq!(decide(&tired, again(), 0, policy(0)).state, State::Failed);
}

#[test]
fn a_provider_may_ask_for_patience_but_not_for_ever() {
    let outcome = Outcome::NotSent { class: Class::Rate, detail: "429".into(), wait_ms: Some(i64::MAX) };
    assert_eq!(decide(&known(None), outcome, 0, policy(0)).next, Some(3_600 * SECOND));
}

fn refused(class: Class, policy: Policy) -> Decision {
    decide(&known(None), Outcome::NotSent { class, detail: "x".into(), wait_ms: None }, 0, policy)
}

#[test]
fn a_used_allowance_moves_the_urgent_on_and_holds_the_others() {
    let zalo = Policy { daily_quota: true, next_step: true, ..policy(0) };
    let urgent = Policy { urgent: true, ..zalo };
    let moved = refused(Class::Quota, urgent);
    assert!(moved.state == State::Failed && moved.falls_back(urgent));
    let held = refused(Class::Quota, zalo);
    assert_eq!((held.state, held.hold, held.next, held.failures), (State::Held, Some(Hold::QuotaDay), None, 0));
    assert_eq!(refused(Class::Quota, policy(0)).state, State::Pending, "money comes at any hour");
    let alone = Policy { next_step: false, ..urgent };
    assert_eq!(refused(Class::Quota, alone).state, State::Held, "nothing else is left");
}

#[test]
fn a_provider_that_refuses_connections_gives_way_where_there_is_another() {
    let with = Policy { next_step: true, ..policy(0) };
    let refused = |failures, policy| {
        let outcome = Outcome::NotSent { class: Class::Connect, detail: "refused".into(), wait_ms: None };
        decide(&Known { failures, ..known(None) }, outcome, 0, policy).state
    };
    assert_eq!((refused(3, with), refused(4, with)), (State::Pending, State::Failed));
    assert_eq!(refused(400, policy(0)), State::Pending, "to the message's end, where there is none");
}

#[test]
fn at_night_zalos_messages_wait_for_six_oclock() {
    let held = refused(Class::Night, Policy { urgent: true, next_step: true, ..policy(0) });
    assert_eq!((held.state, held.hold), (State::Held, Some(Hold::ZaloMorning)));
}

#[test]
fn what_a_person_must_mend_takes_the_next_channel_at_the_second_refusal() {
    let with = Policy { next_step: true, ..policy(0) };
    let first = refused(Class::AuthHuman, with);
    assert_eq!(first.state, State::Pending);
    let again = Known { failures: first.failures, ..known(None) };
    let second =
        decide(&again, Outcome::NotSent { class: Class::AuthHuman, detail: "x".into(), wait_ms: None }, 0, with);
    assert!(second.state == State::Failed && second.falls_back(with));
    assert_eq!(refused(Class::Template, with).state, State::Failed);
    assert_eq!(refused(Class::Template, policy(0)).state, State::Pending, "nothing else is left");
}

#[test]
fn our_own_defect_takes_the_next_channel_only_for_what_matters() {
    let with = |urgent| Policy { next_step: true, urgent, ..policy(0) };
    let row = decide(&known(None), Outcome::Refused { class: Class::Payload, detail: "x".into() }, 0, with(true));
    assert_eq!((row.falls_back(with(true)), row.falls_back(with(false))), (true, false));
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    let class = prop::sample::select(vec![
        Class::Connect,
        Class::Transient,
        Class::Rate,
        Class::Quota,
        Class::AuthHuman,
        Class::Template,
        Class::Config,
        Class::Night,
    ]);
    prop_oneof![
        Just(Outcome::Accepted { class: Class::Ok, provider_id: None }),
        (class, proptest::option::of(0i64..10_000_000)).prop_map(|(class, wait_ms)| Outcome::NotSent {
            class,
            detail: "x".into(),
            wait_ms
        }),
        Just(Outcome::Refused { class: Class::Recipient, detail: "x".into() }),
        Just(ambiguous()),
    ]
}

proptest! {
    /// Any run of attempts: at most one of them can have reached the citizen.
    #[test]
    fn the_citizen_gets_at_most_one_message(
        script in prop::collection::vec((outcomes(), any::<bool>(), 0i64..40_000), 1..40),
        dedup in prop::sample::select(vec![0, DAY]),
        next_step in any::<bool>(),
    ) {
        let (mut now, mut sent_at, mut first) = (0i64, Vec::new(), None);
        let mut state = Known { id: "0192".into(), failures: 0, ambiguous_since: None, started: 0 };
        for (outcome, really_sent, late_s) in script {
            state.started = now;
            if first.is_none() && matches!(outcome, Outcome::Ambiguous { .. }) {
                first = Some(now);
            }
            // The provider drops a repetition inside its window, counted from what it took first.
            let took = matches!(outcome, Outcome::Accepted { .. })
                || matches!(outcome, Outcome::Ambiguous { .. }) && really_sent;
            if took && !sent_at.last().is_some_and(|last| dedup > 0 && now - last < dedup) {
                sent_at.push(now);
            }
            let policy = |dedup| Policy { daily_quota: true, next_step, ..policy(dedup) };
            let row = decide(&state, outcome, now, policy(dedup));
            prop_assert!(first.is_none() || !row.falls_back(policy(dedup)), "a doubt never opens a channel at once");
            prop_assert_eq!(row.ambiguous_since, first, "the first doubt is never forgotten");
            if first.is_some() {
                prop_assert!(matches!(row.state, State::Unknown | State::Accepted));
            }
            if matches!(row.state, State::Accepted | State::Failed | State::Held) {
                prop_assert_eq!(row.next, None);
            }
            state.failures = row.failures;
            state.ambiguous_since = row.ambiguous_since;
            // A worker may be late, but looks at the window again before it sends.
            let Some(next) = row.next.or(row.hold.map(|_| now + DAY)) else { break };
            now = next + late_s * SECOND;
            if first.is_some_and(|since| !may_repeat(since, now, policy(dedup))) {
                break;
            }
        }
        prop_assert!(sent_at.len() <= 1, "sent at {:?}", sent_at);
    }

    #[test]
    fn waits_grow_and_stay_within_bounds(failures in 0u32..1_000, id in "[0-9a-f]{8}") {
        for class in [Class::Connect, Class::Transient, Class::Rate, Class::Quota, Class::AuthHuman] {
            let wait = delay(class, failures, &id, PACE);
            prop_assert!((SECOND * 8 / 10..=7_200 * SECOND * 12 / 10).contains(&wait));
        }
    }
}
