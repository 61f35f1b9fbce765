//! Numbers that come by themselves: to whom, from when, until when, and what a mistake does to them.
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::{CounterStatus, TicketState};
use motcua_routing::model::command::{Act, To};

use crate::small::{act, act_as, at, halls, later, now, says, seat, set};
use crate::support::{CENTRE, Hall, at as moment, call, id, issue, issue_class, next, until};
use crate::world::SMALL;

fn calls_by_itself(counter: &str) -> pb::SetCounterRequest {
    pb::SetCounterRequest { auto_call: true, ..says(counter, CounterStatus::Open) }
}

#[tokio::test]
async fn idle_counters_that_ask_for_it_get_the_next_number_the_one_idle_longest_first() {
    for hall in halls().await {
        set(&hall, calls_by_itself("q4")).await.unwrap();
        set(&hall, calls_by_itself("q5")).await.unwrap();
        let (first, second) = (issue(&hall.client(), "huong-dan").await, issue(&hall.client(), "huong-dan").await);
        assert_eq!(at(&hall, "q4").await.ticket.unwrap().id, first.id);
        act(&hall, "q5", &second, Act::Finish).await.unwrap();
        later(&hall, 5).await;
        act(&hall, "q4", &first, Act::Finish).await.unwrap();

        let third = issue(&hall.client(), "huong-dan").await;

        let answer = at(&hall, "q5").await;
        assert_eq!(answer.ticket.unwrap().id, third.id);
        assert!(answer.call.unwrap().reason.ends_with("tự động gọi"));
    }
}

#[tokio::test]
async fn a_finish_by_mistake_is_taken_back_together_with_the_call_that_followed_by_itself() {
    for hall in halls().await {
        set(&hall, calls_by_itself("q5")).await.unwrap();
        let (first, second) = (issue(&hall.client(), "huong-dan").await, issue(&hall.client(), "huong-dan").await);
        assert_eq!(now(&hall, &first).await.state(), TicketState::Called);
        act(&hall, "q5", &first, Act::Finish).await.unwrap();
        assert_eq!(at(&hall, "q5").await.ticket.unwrap().id, second.id);

        let back = act(&hall, "q5", &second, Act::Undo).await.unwrap();

        assert_eq!((back.id.as_str(), back.state()), (first.id.as_str(), TicketState::Called));
        assert_eq!(now(&hall, &second).await.state(), TicketState::Waiting);
        assert_eq!(at(&hall, "q5").await.ticket.unwrap().id, first.id);
    }
}

#[tokio::test]
async fn a_number_sent_on_is_called_by_an_idle_counter_while_its_own_calls_the_next() {
    for hall in halls().await {
        // The older number waits, the one before it is at the counter.
        let older = issue(&hall.client(), "tu-phap").await;
        let urgent = issue_class(&hall.client(), "tu-phap", "elderly80").await;
        set(&hall, calls_by_itself("q4")).await.unwrap();
        set(&hall, calls_by_itself("q5")).await.unwrap();
        assert_eq!(at(&hall, "q4").await.ticket.unwrap().id, urgent.id);

        act(&hall, "q4", &urgent, Act::Transfer(To::Queue("huong-dan".into()))).await.unwrap();

        assert_eq!(at(&hall, "q4").await.ticket.unwrap().id, older.id);
        assert_eq!(at(&hall, "q5").await.ticket.unwrap().id, urgent.id);
    }
}

async fn called_at(hall: &Hall, counter: &str) -> Option<String> {
    at(hall, counter).await.ticket.map(|ticket| ticket.id)
}

#[tokio::test]
async fn they_begin_when_calls_may_be_made_and_the_setting_outlives_the_day() {
    for hall in halls().await {
        let khmer = pb::SetCounterRequest { languages: vec!["km".into()], ..calls_by_itself("q5") };
        set(&hall, khmer).await.unwrap();
        // Numbers are given from six, calls are made from half past; the day after is a day off.
        hall.apply(&SMALL.replace("issue_opens_before_minutes = 30", "issue_opens_before_minutes = 60")).await;
        hall.clock.set(moment("2026-11-25T06:29:59+07:00"));
        let seen = at(&hall, "q5").await.counter.unwrap();
        assert!(seen.auto_call && seen.languages == ["km"]);
        assert_eq!((seen.status(), seen.session.as_str()), (CounterStatus::Open, ""));
        let first = issue(&hall.client(), "huong-dan").await;
        assert_eq!(called_at(&hall, "q5").await, None);

        hall.clock.set(moment("2026-11-25T06:30:00+07:00"));
        // By itself: nobody presses, nobody comes.
        until("the first number is called", || async { called_at(&hall, "q5").await.is_some() }).await;
        assert_eq!(called_at(&hall, "q5").await, Some(first.id.clone()));

        // Changed once, it stays changed.
        set(&hall, says("q5", CounterStatus::Open)).await.unwrap();
        hall.clock.set(moment("2026-11-26T08:00:00+07:00"));
        let seen = at(&hall, "q5").await.counter.unwrap();
        assert!(!seen.auto_call && seen.languages.is_empty());
    }
}

#[tokio::test]
async fn a_call_taken_back_does_not_come_again_before_the_counter_s_next_act() {
    for hall in halls().await {
        set(&hall, calls_by_itself("q5")).await.unwrap();
        let first = issue(&hall.client(), "huong-dan").await;
        let offered = at(&hall, "q5").await.undoable.unwrap();
        assert_eq!((offered.ticket_id.as_str(), offered.action.as_str()), (first.id.as_str(), "AutoCall"));

        act(&hall, "q5", &first, Act::Undo).await.unwrap();

        let seen = at(&hall, "q5").await;
        assert_eq!(seen.ticket, None);
        assert!(seen.counter.unwrap().auto_call_waits);
        assert_eq!(now(&hall, &first).await.state(), TicketState::Waiting);
        let second = issue(&hall.client(), "huong-dan").await;
        later(&hall, 30).await;
        assert_eq!(called_at(&hall, "q5").await, None);
        // An act of its own: from then on numbers come again.
        assert_eq!(call(&hall.client(), "q5").await.unwrap().id, first.id);
        act(&hall, "q5", &first, Act::Finish).await.unwrap();
        assert_eq!(called_at(&hall, "q5").await, Some(second.id));
    }
}

#[tokio::test]
async fn a_press_that_finds_nobody_lets_numbers_come_again() {
    for hall in halls().await {
        set(&hall, calls_by_itself("q5")).await.unwrap();
        let first = issue(&hall.client(), "huong-dan").await;
        act(&hall, "q5", &first, Act::Undo).await.unwrap();
        assert_eq!(call(&hall.client(), "q4").await.unwrap().id, first.id);
        let seq = crate::support::last_seq(&hall).await;

        assert_eq!(call(&hall.client(), "q5").await, None);

        // Its page is told, and so is every other process.
        assert_eq!(crate::support::last_seq(&hall).await, seq + 1);
        assert!(!at(&hall, "q5").await.counter.unwrap().auto_call_waits);
        let second = issue(&hall.client(), "huong-dan").await;
        assert_eq!(called_at(&hall, "q5").await, Some(second.id));
    }
}

#[tokio::test]
async fn nobody_is_called_to_a_counter_that_was_left() {
    for hall in halls().await {
        let session = |name: &str| pb::SetCounterRequest { session: name.into(), ..calls_by_itself("q5") };
        set(&hall, session("one")).await.unwrap();
        let request = pb::LeaveCounterRequest {
            request_id: id(),
            centre_id: CENTRE.into(),
            counter_id: "q5".into(),
            session: "one".into(),
        };
        hall.client().leave_counter(request).await.unwrap();
        let first = issue(&hall.client(), "huong-dan").await;
        assert_eq!(called_at(&hall, "q5").await, None);

        set(&hall, session("two")).await.unwrap();

        assert_eq!(called_at(&hall, "q5").await, Some(first.id.clone()));
        act_as(&hall, &seat("q5", "two"), &first, Act::Arrive).await.unwrap();
    }
}

#[tokio::test]
async fn where_calls_may_be_made_at_any_time_they_come_by_themselves_while_the_doors_are_open() {
    for hall in halls().await {
        hall.apply(&SMALL.replace("\nopens_before_minutes = 30", "")).await;
        set(&hall, calls_by_itself("q5")).await.unwrap();
        hall.clock.set(moment("2026-11-25T06:45:00+07:00"));
        let early = issue(&hall.client(), "huong-dan").await;
        later(&hall, 0).await;
        assert_eq!(called_at(&hall, "q5").await, None);
        // By hand they may be called.
        assert_eq!(hall.client().call_next(next("q4", true)).await.unwrap().into_inner().ticket.unwrap().id, early.id);
        let second = issue(&hall.client(), "huong-dan").await;
        hall.clock.set(moment("2026-11-25T07:00:00+07:00"));
        until("the doors are open", || async { called_at(&hall, "q5").await == Some(second.id.clone()) }).await;
    }
}
