//! The feeds of calls and of the queue: order, resuming, filters.
use std::time::Duration;

use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::watch_calls_response::Event;
use motcua_store::testing::postgres;
use tonic::Streaming;

use crate::support::{CENTRE, Client, Hall, call, demo_halls, issue, last_seq, moving};

async fn calls(client: &Client, hall: &str, after_seq: i64) -> Streaming<pb::WatchCallsResponse> {
    let request = pb::WatchCallsRequest { centre_id: CENTRE.into(), hall_id: hall.into(), after_seq };
    client.clone().watch_calls(request).await.unwrap().into_inner()
}

async fn queue(client: &Client, queue: &str, after_seq: i64) -> Streaming<pb::WatchQueueResponse> {
    let request = pb::WatchQueueRequest { centre_id: CENTRE.into(), queue_id: queue.into(), after_seq };
    client.clone().watch_queue(request).await.unwrap().into_inner()
}

async fn next<T>(stream: &mut Streaming<T>) -> T {
    tokio::time::timeout(Duration::from_secs(8), stream.message()).await.expect("an event in time").unwrap().unwrap()
}

#[tokio::test]
async fn a_board_sees_calls_recalls_withdrawals_and_ends_of_its_hall() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let mut board = calls(&client, "tang-tret", -1).await;
        let upstairs = issue(&client, "tu-phap").await;
        let ticket = issue(&client, "dat-dai").await;
        call(&client, "quay-9").await.unwrap();
        call(&client, "quay-1").await.unwrap();
        client.recall(moving!(RecallRequest, "quay-1", &ticket.id)).await.unwrap();
        client.mark_arrived(moving!(MarkArrivedRequest, "quay-1", &ticket.id)).await.unwrap();
        client.mark_absent(moving!(MarkAbsentRequest, "quay-1", &ticket.id)).await.unwrap();
        call(&client, "quay-2").await.unwrap();
        client.finish(moving!(FinishRequest, "quay-2", &ticket.id)).await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 6 {
            let (name, call) = match next(&mut board).await.event.unwrap() {
                Event::Called(call) => ("called", call),
                Event::Recalled(call) => ("recalled", call),
                Event::Arrived(call) => ("arrived", call),
                Event::Withdrawn(call) => ("withdrawn", call),
                Event::Finished(call) => ("finished", call),
                Event::Heartbeat(_) | Event::Counter(_) => continue,
            };
            assert_ne!(call.ticket_id, upstairs.id);
            seen.push(format!("{name} {} {}", call.ticket_number, call.counter_number));
        }
        let expected = [
            "called A001 1",
            "recalled A001 1",
            "arrived A001 1",
            "withdrawn A001 1",
            "called A001 2",
            "finished A001 2",
        ];
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn both_halls_are_told_where_somebody_was_sent_on_to() {
    for hall in demo_halls().await {
        let mut client = hall.client();
        let mut boards = [calls(&client, "tang-tret", -1).await, calls(&client, "lau-1", -1).await];
        let ticket = issue(&client, "dat-dai").await;
        call(&client, "quay-1").await.unwrap();
        let to = |queue: &str| Some(pb::transfer_request::To::ToQueueId(queue.into()));
        let sent =
            |queue: &str| pb::TransferRequest { to: to(queue), ..moving!(TransferRequest, "quay-1", &ticket.id) };
        client.transfer(sent("tu-phap")).await.unwrap();
        for (at, board) in boards.iter_mut().enumerate() {
            let call = loop {
                match next(board).await.event.unwrap() {
                    Event::Withdrawn(call) => break call,
                    Event::Called(_) if at == 0 => {}
                    Event::Heartbeat(_) | Event::Counter(_) => {}
                    other => panic!("{other:?}"),
                }
            };
            assert_eq!((call.ticket_number.as_str(), call.hall_id.as_str()), ("A001", "tang-tret"));
            assert_eq!((call.to_area_id.as_str(), call.to_hall_id.as_str()), ("tu-phap", "lau-1"));
        }
        // Taken back within ten seconds it stands at its counter again.
        client.undo(moving!(UndoRequest, "quay-1", &ticket.id)).await.unwrap();
        let back = loop {
            match next(&mut boards[0]).await.event.unwrap() {
                Event::Heartbeat(_) | Event::Counter(_) => {}
                other => break other,
            }
        };
        assert!(matches!(&back, Event::Arrived(call) if call.ticket_id == ticket.id), "{back:?}");
        // Within the counter's own area nobody need be told where to go.
        client.transfer(sent("xay-dung")).await.unwrap();
        let call = loop {
            if let Event::Withdrawn(call) = next(&mut boards[0]).await.event.unwrap() {
                break call;
            }
        };
        assert_eq!((call.to_area_id.as_str(), call.to_hall_id.as_str()), ("", ""));
    }
}

#[tokio::test]
async fn every_board_hears_that_a_counter_paused() {
    for hall in demo_halls().await {
        let client = hall.client();
        let mut board = calls(&client, "lau-1", -1).await;
        let paused = pb::SetCounterRequest {
            request_id: crate::support::id(),
            centre_id: CENTRE.into(),
            counter_id: "quay-1".into(),
            status: pb::CounterStatus::Paused.into(),
            reason: "Họp".into(),
            ..pb::SetCounterRequest::default()
        };
        client.clone().set_counter(paused).await.unwrap();
        let moved = loop {
            if let Event::Counter(moved) = next(&mut board).await.event.unwrap() {
                break moved;
            }
        };
        assert_eq!((moved.counter_id.as_str(), moved.status()), ("quay-1", pb::CounterStatus::Paused));
    }
}

#[tokio::test]
async fn a_reader_resumes_after_what_it_saw_and_replays_the_day_from_zero() {
    for hall in demo_halls().await {
        let client = hall.client();
        for _ in 0..5 {
            issue(&client, "dat-dai").await;
        }
        let mut first = queue(&client, "", 0).await;
        let mut seqs = Vec::new();
        for _ in 0..5 {
            seqs.push(next(&mut first).await.seq);
        }
        drop(first);
        let mut second = queue(&client, "", seqs[2]).await;
        assert_eq!([next(&mut second).await.seq, next(&mut second).await.seq], [seqs[3], seqs[4]]);
        // A later day replays none of it.
        hall.clock.set(crate::support::at("2026-11-25T08:00:00+07:00"));
        let today = issue(&client, "tu-phap").await;
        let mut fresh = queue(&client, "", 0).await;
        let moved = loop {
            match next(&mut fresh).await.event.unwrap() {
                pb::watch_queue_response::Event::Moved(moved) if moved.r#move == "issued" => break moved,
                _ => {}
            }
        };
        assert_eq!(moved.ticket.unwrap().id, today.id);
    }
}

#[tokio::test]
async fn a_queue_feed_counts_who_waits() {
    for hall in demo_halls().await {
        let client = hall.client();
        let mut feed = queue(&client, "dat-dai", -1).await;
        issue(&client, "tu-phap").await;
        issue(&client, "dat-dai").await;
        issue(&client, "dat-dai").await;
        call(&client, "quay-1").await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 3 {
            if let Some(pb::watch_queue_response::Event::Moved(moved)) = next(&mut feed).await.event {
                seen.push((moved.r#move, moved.waiting));
            }
        }
        let expected = [("issued", 1), ("issued", 2), ("called", 1)];
        assert_eq!(seen, expected.map(|(kind, waiting)| (kind.to_owned(), waiting)));
    }
}

#[tokio::test]
async fn a_quiet_feed_beats() {
    for hall in demo_halls().await {
        let mut feed = calls(&hall.client(), "", -1).await;
        let beat = next(&mut feed).await;
        assert!(matches!(beat.event, Some(Event::Heartbeat(_))));
        assert_eq!(beat.seq, last_seq(&hall).await);
    }
}

#[tokio::test]
async fn a_board_of_one_process_sees_what_the_other_wrote() {
    let Some(db) = postgres().await.unwrap() else { return };
    let hall = Hall::open(db, 2).await;
    hall.apply(motcua_routing::DEMO_CENTRE_TOML).await;
    let (one, other) = (hall.processes[0].client(), hall.processes[1].client());
    let mut board = calls(&one, "", -1).await;
    let ticket = issue(&other, "dat-dai").await;
    call(&other, "quay-1").await.unwrap();
    let Some(Event::Called(seen)) = next(&mut board).await.event else { panic!("a call") };
    assert_eq!(seen.ticket_id, ticket.id);
}
