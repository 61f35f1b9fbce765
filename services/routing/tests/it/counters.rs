//! What a counter does: call, arrive, finish, absent, transfer.
use motcua_proto::routing::v1 as pb;

use crate::support::{CENTRE, Client, call, demo_halls, issue, issue_class, moving, next, reason};

async fn counter(client: &Client, id: &str) -> pb::GetCounterResponse {
    let request = pb::GetCounterRequest { centre_id: CENTRE.into(), counter_id: id.into() };
    client.clone().get_counter(request).await.unwrap().into_inner()
}

#[tokio::test]
async fn one_citizen_is_called_arrives_and_is_finished() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let ticket = issue_class(&client, "dat-dai", "elderly80").await;
        hall.pass(22);
        let answer = client.call_next(next("quay-1", false)).await.unwrap().into_inner();
        let called = answer.ticket.unwrap();
        assert_eq!((called.id.as_str(), called.state()), (ticket.id.as_str(), pb::TicketState::Called));
        assert_eq!(answer.call.unwrap().reason, "chờ 22 phút, ưu tiên +20 phút, quầy chính");

        let seen = counter(&client, "quay-1").await;
        assert_eq!(seen.counter.unwrap().ticket_number, "A001");
        assert_eq!(seen.call.unwrap().reason, "chờ 22 phút, ưu tiên +20 phút, quầy chính");

        hall.pass(1);
        let arrived = client.mark_arrived(moving!(MarkArrivedRequest, "quay-1", &ticket.id)).await.unwrap();
        assert_eq!(arrived.into_inner().ticket.unwrap().state(), pb::TicketState::Serving);
        hall.pass(9);
        let finished = client.finish(moving!(FinishRequest, "quay-1", &ticket.id)).await.unwrap();
        let finished = finished.into_inner().ticket.unwrap();
        assert_eq!((finished.state(), finished.version), (pb::TicketState::Finished, 4));

        let seen = counter(&client, "quay-1").await;
        assert_eq!((seen.served_today, seen.waiting, seen.ticket), (1, 0, None));
        // Four counters are free for the queue: whoever comes now is called at once.
        let at_once = client.issue_ticket(crate::support::to_queue("dat-dai")).await.unwrap().into_inner();
        assert_eq!(at_once.estimate.map(|told| (told.ahead, told.seconds_min, told.seconds_max)), Some((0, 0, 60)));
        for counter in ["quay-1", "quay-2", "quay-3", "quay-4"] {
            if counter != "quay-1" {
                issue(&client, "dat-dai").await;
            }
            call(&client, counter).await.unwrap();
        }
        // The centre's mean: nine minutes beside twenty services of six that were assumed. The lane's: its own nine minutes
        // beside ten of that mean. And the way to the counter; a tenth more.
        let request = crate::support::to_queue("dat-dai");
        let estimate = client.issue_ticket(request).await.unwrap().into_inner().estimate.unwrap();
        let usual_ms = 360_000 + (540_000 - 360_000) / 21;
        let mean_ms = usual_ms + (540_000 - usual_ms) / 11;
        assert_eq!((estimate.ahead, estimate.seconds_min), (0, (mean_ms + 20_000) * 110 / 100_000));
    }
}

#[tokio::test]
async fn finish_and_call_next_are_one_act() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let (first, second) = (issue(&client, "dat-dai").await, issue(&client, "dat-dai").await);
        call(&client, "quay-1").await.unwrap();
        assert_eq!(reason(client.call_next(next("quay-1", false)).await), "COUNTER_BUSY");
        assert_eq!(call(&client, "quay-1").await.unwrap().id, second.id);
        assert_eq!(state(&client, &first.id).await, pb::TicketState::Finished);
        // Nobody is left: the last one is finished all the same.
        assert_eq!(call(&client, "quay-1").await, None);
        assert_eq!(state(&client, &second.id).await, pb::TicketState::Finished);
    }
}

async fn state(client: &Client, id: &str) -> pb::TicketState {
    let request = pb::GetTicketRequest { centre_id: CENTRE.into(), ticket_id: id.into() };
    client.clone().get_ticket(request).await.unwrap().into_inner().ticket.unwrap().state()
}

#[tokio::test]
async fn who_does_not_come_gets_a_second_chance_and_is_dropped_at_the_third() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let away = issue(&client, "dat-dai").await;
        let there = issue(&client, "dat-dai").await;
        for chance in 1..=2 {
            assert_eq!(call(&client, "quay-1").await.unwrap().id, away.id);
            let request = moving!(MarkAbsentRequest, "quay-1", &away.id);
            let ticket = client.mark_absent(request).await.unwrap().into_inner().ticket.unwrap();
            assert_eq!((ticket.state(), ticket.absences), (pb::TicketState::Waiting, chance));
            if chance == 1 {
                // Ten minutes later than now: whoever waits goes first.
                assert_eq!(call(&client, "quay-1").await.unwrap().id, there.id);
            }
        }
        assert_eq!(call(&client, "quay-1").await.unwrap().id, away.id);
        let request = moving!(MarkAbsentRequest, "quay-1", &away.id);
        let ticket = client.mark_absent(request).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.state(), pb::TicketState::Dropped);
        assert_eq!(call(&client, "quay-1").await, None);
    }
}

#[tokio::test]
async fn a_transfer_keeps_number_and_arrival() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let ticket = issue(&client, "huong-dan").await;
        hall.pass(5);
        let waiting = issue(&client, "tu-phap").await;
        call(&client, "quay-14").await.unwrap();
        let request = pb::TransferRequest {
            to: Some(pb::transfer_request::To::ToQueueId("tu-phap".into())),
            ..moving!(TransferRequest, "quay-14", &ticket.id)
        };
        let moved = client.transfer(request).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(
            (moved.number.as_str(), moved.queue_id.as_str(), moved.area_id.as_str()),
            ("F001", "tu-phap", "tu-phap")
        );
        assert_eq!((moved.arrival_time, moved.rank_time), (ticket.arrival_time, ticket.rank_time));
        // It came first, so it goes first.
        assert_eq!(call(&client, "quay-9").await.unwrap().id, ticket.id);
        assert_eq!(call(&client, "quay-9").await.unwrap().id, waiting.id);
    }
}

#[tokio::test]
async fn a_ticket_sent_to_one_counter_is_called_there_only() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let ticket = issue(&client, "tu-phap").await;
        call(&client, "quay-9").await.unwrap();
        let send = |to: &str| pb::TransferRequest {
            to: Some(pb::transfer_request::To::ToCounterId(to.into())),
            ..moving!(TransferRequest, "quay-9", &ticket.id)
        };
        assert_eq!(reason(client.transfer(send("quay-9")).await), "TRANSFER_NOWHERE");
        assert_eq!(reason(client.transfer(send("quay-99")).await), "COUNTER_UNKNOWN");
        client.transfer(send("quay-1")).await.unwrap();
        assert_eq!(call(&client, "quay-10").await, None);
        assert_eq!(counter(&client, "quay-1").await.waiting, 1);
        let answer = client.call_next(next("quay-1", false)).await.unwrap().into_inner();
        assert_eq!(answer.ticket.unwrap().id, ticket.id);
        assert!(answer.call.unwrap().reason.contains("được chuyển đến quầy này"));
    }
}

#[tokio::test]
async fn only_the_counter_that_holds_a_ticket_moves_it() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let ticket = issue(&client, "dat-dai").await;
        let mine = || moving!(FinishRequest, "quay-1", &ticket.id);
        assert_eq!(reason(client.finish(mine()).await), "TICKET_NOT_LIVE");
        call(&client, "quay-2").await.unwrap();
        let error = client.finish(mine()).await.unwrap_err();
        assert_eq!(motcua_runtime::grpc::metadata(&error)["counter_number"], "2");
        assert_eq!(motcua_runtime::grpc::reason(&error).unwrap(), "TICKET_NOT_YOURS");
        let unknown = moving!(RecallRequest, "quay-1", "0192");
        assert_eq!(reason(client.recall(unknown).await), "TICKET_UNKNOWN");
        client.recall(moving!(RecallRequest, "quay-2", &ticket.id)).await.unwrap();
    }
}

#[tokio::test]
async fn preference_decides_between_queues_of_equal_rank() {
    for hall in demo_halls().await {
        let client = hall.client();
        let other = issue(&client, "xay-dung").await;
        hall.pass(9);
        let own = issue(&client, "dat-dai").await;
        // Nine minutes later, yet within the ten that counter 1 prefers its own queue by.
        assert_eq!(call(&client, "quay-1").await.unwrap().id, own.id);
        assert_eq!(call(&client, "quay-1").await.unwrap().id, other.id);
    }
}
