//! One screen works a counter: whoever else names a session there is refused, until it is left, taken over, or silent.
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::{CounterStatus, TicketState};
use motcua_routing::model::command::{Act, Guidance, To};
use motcua_runtime::grpc;

use crate::small::{act_as, at, guide_as, halls, now, redirect, says, seat, set};
use crate::support::{CENTRE, Hall, call, id, issue, last_seq, next, reason};
use crate::world::SMALL;

fn session(name: &str, take_over: bool) -> pb::SetCounterRequest {
    pb::SetCounterRequest { session: name.into(), take_over, ..says("q1", CounterStatus::Open) }
}

fn press(name: &str) -> pb::CallNextRequest {
    pb::CallNextRequest { session: name.into(), ..next("q1", true) }
}

async fn leave(hall: &Hall, session: &str) -> Result<pb::Counter, tonic::Status> {
    let request = pb::LeaveCounterRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        counter_id: "q1".into(),
        session: session.into(),
    };
    hall.client().leave_counter(request).await.map(|answer| answer.into_inner().counter.unwrap())
}

async fn keep(hall: &Hall, session: &str) -> bool {
    let request = pb::KeepCounterRequest { centre_id: CENTRE.into(), counter_id: "q1".into(), session: session.into() };
    hall.client().keep_counter(request).await.unwrap().into_inner().held
}

#[tokio::test]
async fn a_counter_changes_hands_only_by_taking_it_over() {
    for hall in halls().await {
        issue(&hall.client(), "dat-dai").await;
        let first = set(&hall, session("one", false)).await.unwrap();
        assert_eq!(first.session_time, Some(grpc::timestamp(hall.clock.now())));

        let error = set(&hall, session("two", false)).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "COUNTER_TAKEN");
        assert_eq!(grpc::metadata(&error)["officer"], "Operator");
        assert_eq!(reason(hall.client().call_next(press("two")).await), "COUNTER_TAKEN");
        hall.pass(1);
        let taken = set(&hall, session("two", true)).await.unwrap();
        assert_eq!((taken.session.as_str(), taken.officer.as_str()), ("two", "Operator"));
        assert_eq!(taken.session_time, Some(grpc::timestamp(hall.clock.now())));
        assert_eq!(reason(hall.client().call_next(press("one")).await), "COUNTER_TAKEN");
        hall.client().call_next(press("two")).await.unwrap();
    }
}

#[tokio::test]
async fn every_act_of_a_screen_that_no_longer_works_the_counter_is_refused_and_changes_nothing() {
    for hall in halls().await {
        let live = issue(&hall.client(), "dat-dai").await;
        let waiting = issue(&hall.client(), "dat-dai").await;
        set(&hall, session("one", false)).await.unwrap();
        hall.client().call_next(press("one")).await.unwrap();
        set(&hall, session("two", true)).await.unwrap();
        let before = last_seq(&hall).await;
        let old = seat("q1", "one");

        let acts = [
            Act::Recall,
            Act::Arrive,
            Act::Finish,
            Act::Absent,
            Act::Hold("cashier".into()),
            Act::TakeBack,
            Act::Transfer(To::Queue("tu-phap".into())),
            Act::Undo,
        ];
        for act in acts {
            assert_eq!(reason(act_as(&hall, &old, &live, act.clone()).await), "COUNTER_TAKEN", "{act:?}");
        }
        let guidances = [
            redirect("tu-phap"),
            Guidance::Reenter,
            Guidance::Return,
            Guidance::Priority("elderly80".into(), "có thẻ".into()),
        ];
        for guidance in guidances {
            let answer = guide_as(&hall, &old, &waiting, guidance.clone()).await;
            assert_eq!(reason(answer), "COUNTER_TAKEN", "{guidance:?}");
        }
        let given = pb::CallTicketRequest {
            request_id: id(),
            centre_id: CENTRE.into(),
            counter_id: "q1".into(),
            ticket_id: waiting.id.clone(),
            session: "one".into(),
            ..Default::default()
        };
        assert_eq!(reason(hall.client().call_ticket(given).await), "COUNTER_TAKEN");
        assert_eq!(reason(hall.client().call_next(press("one")).await), "COUNTER_TAKEN");
        assert_eq!(reason(set(&hall, session("one", false)).await), "COUNTER_TAKEN");
        assert_eq!(reason(leave(&hall, "one").await), "COUNTER_TAKEN");
        assert!(!keep(&hall, "one").await);
        assert_eq!(last_seq(&hall).await, before);

        // The screen that works it, and a script, may.
        act_as(&hall, &seat("q1", "two"), &live, Act::Arrive).await.unwrap();
        act_as(&hall, &seat("q1", ""), &live, Act::Finish).await.unwrap();
        guide_as(&hall, &seat("q1", "two"), &waiting, redirect("tu-phap")).await.unwrap();
        let nowhere = guide_as(&hall, &seat("", "two"), &waiting, redirect("dat-dai")).await;
        assert_eq!(reason(nowhere), "FIELD_INVALID", "a session is one of some counter");
        let paused = says("q1", CounterStatus::Paused);
        let paused = set(&hall, pb::SetCounterRequest { reason: "mất điện".into(), ..paused }).await.unwrap();
        assert_eq!((paused.status(), paused.session.as_str()), (CounterStatus::Paused, "two"));
    }
}

#[tokio::test]
async fn a_session_that_leaves_leaves_the_counter_open_with_whom_it_serves_and_the_next_one_need_not_ask() {
    for hall in halls().await {
        let ticket = issue(&hall.client(), "dat-dai").await;
        set(&hall, session("one", false)).await.unwrap();
        call(&hall.client(), "q1").await.unwrap();

        let left = leave(&hall, "one").await.unwrap();

        assert_eq!((left.status(), left.session.as_str(), left.officer.as_str()), (CounterStatus::Open, "", ""));
        assert_eq!((left.session_time, left.ticket_id.as_str()), (None, ticket.id.as_str()));
        assert!(!keep(&hall, "one").await);
        set(&hall, session("two", false)).await.unwrap();
        act_as(&hall, &seat("q1", "two"), &ticket, Act::Arrive).await.unwrap();
        assert_eq!(now(&hall, &ticket).await.state(), TicketState::Serving);
    }
}

#[tokio::test]
async fn a_screen_that_said_it_was_there_and_fell_silent_is_followed_without_asking() {
    for hall in halls().await {
        let silent_after = |seconds: i64| SMALL.replace("[calls]", &format!("[calls]\nsilent_seconds = {seconds}"));
        hall.apply(&silent_after(3600)).await;
        set(&hall, session("one", false)).await.unwrap();
        assert!(keep(&hall, "one").await && !keep(&hall, "two").await);
        assert_eq!(reason(set(&hall, session("two", false)).await), "COUNTER_TAKEN");
        assert!(!at(&hall, "q1").await.counter.unwrap().session_silent);

        hall.apply(&silent_after(1)).await;
        crate::support::until("the first screen is silent", || async {
            at(&hall, "q1").await.counter.unwrap().session_silent
        })
        .await;
        let taken = set(&hall, session("two", false)).await.unwrap();

        assert_eq!(taken.session, "two");
        // The new one never said that it listens: it is not silent, and the old one is not heard any more.
        assert!(!keep(&hall, "one").await && !at(&hall, "q1").await.counter.unwrap().session_silent);
        assert_eq!(reason(set(&hall, session("three", false)).await), "COUNTER_TAKEN");
    }
}
