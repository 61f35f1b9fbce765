//! Each move of a counter and of its number, as people meet it.
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::{CounterStatus, StopState, TicketState};
use motcua_routing::model::command::{Act, Guidance, To};
use motcua_runtime::grpc;

use crate::small::{act, at, call_given, calls, closes, guide, halls, later, now, redirect, says, set};
use crate::support::{Client, call, for_procedure, issue, issue_class, next, reason};

fn cashier() -> Act {
    Act::Hold("cashier".into())
}

#[tokio::test]
async fn who_comes_back_from_the_cashier_is_next_at_the_same_counter_and_nowhere_else() {
    for hall in halls().await {
        let first = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        let kept = act(&hall, "q1", &first, cashier()).await.unwrap();
        assert_eq!((kept.state(), kept.hold_reason.as_str()), (TicketState::Held, "cashier"));
        let second = issue(&hall.client(), "dat-dai").await;
        let urgent = issue_class(&hall.client(), "dat-dai", "supplement").await;

        guide(&hall, &first, Guidance::Return).await.unwrap();

        assert_eq!(calls(&hall, "q2", 1).await, [urgent.number]);
        assert_eq!(calls(&hall, "q1", 2).await, [first.number, second.number]);
    }
}

#[tokio::test]
async fn who_came_back_and_is_sent_on_waits_elsewhere_by_their_own_arrival() {
    for hall in halls().await {
        let before = issue(&hall.client(), "xay-dung").await;
        hall.pass(1);
        let returned = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q2").await.unwrap();
        act(&hall, "q2", &returned, cashier()).await.unwrap();
        guide(&hall, &returned, Guidance::Return).await.unwrap();

        let sent = guide(&hall, &returned, redirect("xay-dung")).await.unwrap();

        assert_eq!((sent.rank_time, &sent.number), (returned.arrival_time, &returned.number));
        assert_eq!(calls(&hall, "q3", 2).await, [before.number, returned.number]);
    }
}

#[tokio::test]
async fn a_kept_number_is_taken_back_by_the_counter_that_keeps_it_once_that_is_free() {
    for hall in halls().await {
        let first = issue(&hall.client(), "dat-dai").await;
        let second = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        act(&hall, "q1", &first, Act::Arrive).await.unwrap();
        hall.pass(3);
        act(&hall, "q1", &first, cashier()).await.unwrap();
        assert_eq!(at(&hall, "q1").await.held.len(), 1);
        call(&hall.client(), "q1").await.unwrap();

        assert_eq!(reason(act(&hall, "q1", &first, Act::TakeBack).await), "COUNTER_BUSY");
        assert_eq!(reason(act(&hall, "q2", &first, Act::TakeBack).await), "TICKET_NOT_YOURS");
        act(&hall, "q1", &second, Act::Absent).await.unwrap();
        hall.pass(20);
        let back = act(&hall, "q1", &first, Act::TakeBack).await.unwrap();
        assert_eq!((back.state(), back.hold_reason.as_str()), (TicketState::Serving, ""));
        hall.pass(2);
        act(&hall, "q1", &first, Act::Finish).await.unwrap();
        // Three minutes before the way to the cashier and two after it.
        assert_eq!(at(&hall, "q1").await.service_seconds, 300);
    }
}

#[tokio::test]
async fn a_number_is_called_by_name_out_of_turn_with_the_reason() {
    for hall in halls().await {
        let first = issue(&hall.client(), "dat-dai").await;
        let named = issue(&hall.client(), "tu-phap").await;

        let answer = call_given(&hall, "q1", &named, "hẹn trước").await.unwrap();

        assert_eq!(answer.ticket.unwrap().number, named.number);
        assert!(answer.call.unwrap().reason.ends_with("gọi đích danh: hẹn trước"));
        act(&hall, "q1", &named, cashier()).await.unwrap();
        assert_eq!(reason(call_given(&hall, "q2", &named, "").await), "TICKET_STATE");
        call_given(&hall, "q1", &named, "").await.unwrap();
        assert_eq!(calls(&hall, "q1", 1).await, [first.number]);
    }
}

#[tokio::test]
async fn a_redirected_number_keeps_its_arrival_in_the_other_queue() {
    for hall in halls().await {
        let early = issue(&hall.client(), "huong-dan").await;
        hall.pass(3);
        let late = issue(&hall.client(), "tu-phap").await;

        let sent = guide(&hall, &early, redirect("tu-phap")).await.unwrap();

        assert_eq!((sent.queue_id.as_str(), sent.area_id.as_str()), ("tu-phap", "b"));
        assert_eq!((&sent.number, sent.arrival_time), (&early.number, early.arrival_time));
        assert_eq!(calls(&hall, "q4", 2).await, [early.number, late.number]);
    }
}

/// Somebody who came first and missed their call, and three who came to each of two queues after them.
async fn one_missed(hall: &crate::support::Hall) -> (pb::Ticket, Vec<String>, Vec<String>) {
    let missed = issue(&hall.client(), "dat-dai").await;
    call(&hall.client(), "q1").await.unwrap();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        later(hall, 1).await;
        here.push(issue(&hall.client(), "dat-dai").await.number);
        there.push(issue(&hall.client(), "huong-dan").await.number);
    }
    later(hall, 87).await;
    assert_eq!(now(hall, &missed).await.state(), TicketState::Missed);
    (missed, here, there)
}

async fn history(hall: &crate::support::Hall, ticket: &pb::Ticket) -> String {
    let request = pb::ExplainTicketRequest {
        centre_id: crate::support::CENTRE.into(),
        ticket_id: ticket.id.clone(),
        ..Default::default()
    };
    let told = hall.client().explain_ticket(request).await.unwrap().into_inner();
    told.steps.last().unwrap().text.clone()
}

#[tokio::test]
async fn a_missed_number_sent_to_another_queue_waits_for_having_been_missed() {
    for hall in halls().await {
        let (missed, _, mut there) = one_missed(&hall).await;

        let sent = guide(&hall, &missed, redirect("huong-dan")).await.unwrap();

        assert_eq!((&sent.number, sent.arrival_time), (&missed.number, missed.arrival_time));
        let said = history(&hall, &missed).await;
        assert_eq!(said, "Đổi hàng chờ (sang Hướng dẫn, vào sau 2 lượt gọi vì đã lỡ lượt)");
        there.insert(2, missed.number);
        assert_eq!(calls(&hall, "q5", 4).await, there);
    }
}

#[tokio::test]
async fn unless_somebody_says_why_it_need_not() {
    for hall in halls().await {
        let (missed, _, there) = one_missed(&hall).await;
        let why = Guidance::Redirect("huong-dan".into(), "chỉ nhầm khu".into());

        let sent = guide(&hall, &missed, why).await.unwrap();

        assert_eq!(sent.rank_time, missed.arrival_time);
        let said = history(&hall, &missed).await;
        assert!(said.ends_with("đã lỡ lượt nhưng giữ thứ tự theo giờ đến; lý do: chỉ nhầm khu)"), "{said}");
        assert_eq!(calls(&hall, "q5", 2).await, [&*missed.number, &*there[0]]);
    }
}

#[tokio::test]
async fn who_was_called_out_of_turn_and_missed_it_does_not_gain_by_re_entering() {
    for hall in halls().await {
        let mut numbers = Vec::new();
        for _ in 0..4 {
            numbers.push(issue(&hall.client(), "dat-dai").await);
            later(&hall, 1).await;
        }
        call_given(&hall, "q1", &numbers[3], "").await.unwrap();
        later(&hall, 90).await;
        guide(&hall, &numbers[3], Guidance::Reenter).await.unwrap();
        let order: Vec<&str> = numbers.iter().map(|ticket| ticket.number.as_str()).collect();
        assert_eq!(calls(&hall, "q1", 4).await, order);
    }
}

#[tokio::test]
async fn who_missed_their_call_re_enters_behind_the_next_two() {
    for hall in halls().await {
        let (missed, mut numbers, _) = one_missed(&hall).await;
        assert_eq!(at(&hall, "q1").await.missed.len(), 1);

        guide(&hall, &missed, Guidance::Reenter).await.unwrap();

        numbers.insert(2, missed.number);
        assert_eq!(calls(&hall, "q1", 4).await, numbers);
    }
}

#[tokio::test]
async fn a_call_is_answered_within_90_seconds_or_150_with_a_class_and_who_comes_late_is_still_served() {
    for hall in halls().await {
        let (plain, class) =
            (issue(&hall.client(), "dat-dai").await, issue_class(&hall.client(), "tu-phap", "elderly80").await);
        call(&hall.client(), "q1").await.unwrap();
        call(&hall.client(), "q4").await.unwrap();
        let mut states = Vec::new();
        for seconds in [89, 1, 59, 1] {
            later(&hall, seconds).await;
            states.push((now(&hall, &plain).await.state(), now(&hall, &class).await.state()));
        }
        use TicketState::{Called, Missed};
        assert_eq!(states, [(Called, Called), (Missed, Called), (Missed, Called), (Missed, Missed)]);

        let came = act(&hall, "q1", &plain, Act::Arrive).await.unwrap();
        assert_eq!((came.state(), came.absences), (TicketState::Serving, 0));
        assert_eq!(reason(act(&hall, "q1", &class, Act::Arrive).await), "TICKET_NOT_LIVE");
        let done = act(&hall, "q4", &class, Act::Finish).await.unwrap();
        assert_eq!(done.state(), TicketState::Finished);
    }
}

#[tokio::test]
async fn a_paused_or_closed_counter_says_so_and_calls_nobody() {
    for hall in halls().await {
        let kept = issue(&hall.client(), "dat-dai").await;
        call(&hall.client(), "q1").await.unwrap();
        let close = || says("q1", CounterStatus::Closed);
        assert_eq!(reason(set(&hall, close()).await), "COUNTER_BUSY");
        act(&hall, "q1", &kept, cashier()).await.unwrap();
        let waiting = issue(&hall.client(), "dat-dai").await;

        let pause = says("q1", CounterStatus::Paused);
        assert_eq!(reason(set(&hall, pause.clone()).await), "FIELD_INVALID");
        let paused = set(&hall, pb::SetCounterRequest { reason: "họp giao ban".into(), ..pause }).await.unwrap();
        assert_eq!((paused.open, paused.reason.as_str()), (false, "họp giao ban"));
        let error = hall.client().call_next(next("q1", true)).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "COUNTER_PAUSED");
        assert_eq!(grpc::metadata(&error)["reason"], "họp giao ban");

        set(&hall, close()).await.unwrap();
        assert_eq!(reason(hall.client().call_next(next("q1", true)).await), "COUNTER_CLOSED");
        assert_eq!(reason(call_given(&hall, "q1", &waiting, "").await), "COUNTER_CLOSED");
        assert_eq!(reason(act(&hall, "q1", &kept, Act::TakeBack).await), "COUNTER_CLOSED");
        call(&hall.client(), "q2").await.unwrap();
        let to = Act::Transfer(To::Counter("q1".into()));
        assert_eq!(reason(act(&hall, "q2", &waiting, to).await), "COUNTER_CLOSED");
        set(&hall, says("q1", CounterStatus::Open)).await.unwrap();
        act(&hall, "q1", &kept, Act::TakeBack).await.unwrap();
    }
}

#[tokio::test]
async fn nobody_waits_for_a_counter_that_has_closed() {
    for hall in halls().await {
        // Sent there, kept there, and called elsewhere while sent there.
        let mut people = Vec::new();
        for _ in 0..3 {
            people.push(issue(&hall.client(), "dat-dai").await);
        }
        let [sent, kept, taken] = &people[..] else { unreachable!() };
        let to = || Act::Transfer(To::Counter("q3".into()));
        call(&hall.client(), "q1").await.unwrap();
        act(&hall, "q1", sent, to()).await.unwrap();
        call_given(&hall, "q3", kept, "").await.unwrap();
        act(&hall, "q3", kept, cashier()).await.unwrap();
        call_given(&hall, "q1", taken, "").await.unwrap();
        act(&hall, "q1", taken, to()).await.unwrap();
        call_given(&hall, "q2", taken, "").await.unwrap();

        closes(&hall, "q3").await;
        guide(&hall, kept, Guidance::Return).await.unwrap();
        act(&hall, "q2", taken, Act::Undo).await.unwrap();

        // They wait for whoever serves their queue, who comes back from the cashier first.
        assert_eq!(calls(&hall, "q1", 3).await, [&*kept.number, &*sent.number, &*taken.number]);
    }
}

async fn waiting(client: &Client) -> i32 {
    let request = pb::GetCentreRequest { centre_id: crate::support::CENTRE.into() };
    let centre = client.clone().get_centre(request).await.unwrap().into_inner().centre.unwrap();
    centre.queues.iter().map(|queue| queue.waiting).sum()
}

#[tokio::test]
async fn a_visit_of_three_departments_is_at_one_place_and_goes_where_the_wait_is_shortest() {
    for hall in halls().await {
        // More than the free counters call at once.
        for (queue, people) in [("dat-dai", 20), ("xay-dung", 2)] {
            for _ in 0..people {
                issue(&hall.client(), queue).await;
            }
        }
        let others = waiting(&hall.client()).await;
        let request =
            pb::IssueTicketRequest { more_procedures: vec!["1.02".into(), "1.03".into()], ..for_procedure("1.01") };
        let visit = hall.client().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        let mut way = vec![visit.queue_id.clone()];
        for counter in ["q4", "q3", "q1"] {
            assert_eq!(waiting(&hall.client()).await, others + 1);
            call_given(&hall, counter, &visit, "").await.unwrap();
            let served = act(&hall, counter, &visit, Act::Finish).await.unwrap();
            let current = served.stops.iter().filter(|stop| stop.state() == StopState::Current).count();
            assert_eq!(current, usize::from(served.state() == TicketState::Waiting));
            assert_eq!((&served.number, served.arrival_time), (&visit.number, visit.arrival_time));
            way.push(served.queue_id);
            assert_eq!(at(&hall, counter).await.served_today, 1, "a stop is a service");
        }
        assert_eq!(way, ["tu-phap", "xay-dung", "dat-dai", "dat-dai"]);
        let done = now(&hall, &visit).await;
        assert_eq!(done.state(), TicketState::Finished);
        assert!(done.stops.iter().all(|stop| stop.state() == StopState::Done));
    }
}

#[tokio::test]
async fn whoever_brings_five_dossiers_hands_in_two_at_a_time() {
    for hall in halls().await {
        let request = pb::IssueTicketRequest { dossiers: 5, ..crate::support::to_queue("dat-dai") };
        let clerk = hall.client().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap();
        hall.pass(1);
        issue(&hall.client(), "dat-dai").await;
        let mut left = Vec::new();
        for _ in 0..3 {
            assert_eq!(call(&hall.client(), "q1").await.unwrap().number, clerk.number);
            let after = act(&hall, "q1", &clerk, Act::Finish).await.unwrap();
            left.push((after.dossiers, after.state(), after.rank_time == clerk.rank_time));
        }
        use TicketState::{Finished, Waiting};
        assert_eq!(left, [(3, Waiting, true), (1, Waiting, true), (1, Finished, true)]);
        assert_eq!(at(&hall, "q1").await.served_today, 3);
        act(&hall, "q1", &clerk, Act::Undo).await.unwrap();
        assert_eq!(at(&hall, "q1").await.served_today, 2);
    }
}
