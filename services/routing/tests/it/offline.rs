//! Kiosks that print without the centre: the printed number wins.
use motcua_proto::routing::v1 as pb;
use motcua_runtime::grpc::timestamp;

use crate::small;
use crate::support::{CENTRE, Client, Hall, at, call, demo_halls, id, issue, last_seq, reason, to_queue};
use motcua_routing::model::command::{Act, To};

const KIOSK: &str = "kiosk-cua-chinh";

fn wanted(area: &str) -> pb::LeaseNumberBlockRequest {
    pb::LeaseNumberBlockRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        kiosk_id: KIOSK.into(),
        area_id: area.into(),
        size: 20,
        ..Default::default()
    }
}

async fn lend(client: &Client, request: pb::LeaseNumberBlockRequest) -> pb::NumberBlock {
    client.clone().lease_number_block(request).await.unwrap().into_inner().block.unwrap()
}

fn paper(block: &pb::NumberBlock, number: i32, arrival: &str) -> pb::PrintedTicket {
    pb::PrintedTicket {
        request_id: id(),
        block_id: block.id.clone(),
        number: format!("{}{number:03}", block.letter),
        arrival_time: Some(timestamp(at(arrival))),
        target: Some(pb::printed_ticket::Target::QueueId("dat-dai".into())),
        ticket_token: id().replace('-', ""),
        ..Default::default()
    }
}

async fn tell(client: &Client, tickets: Vec<pb::PrintedTicket>) -> Vec<pb::ReconciledTicket> {
    let request = pb::ReconcileTicketsRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        kiosk_id: KIOSK.into(),
        last_contact_time: Some(timestamp(at("2026-11-23T07:55:00+07:00"))),
        tickets,
    };
    client.clone().reconcile_tickets(request).await.unwrap().into_inner().tickets
}

/// The area of the land queue in the demo centre.
async fn area(hall: &Hall) -> String {
    let request = pb::GetCentreRequest { centre_id: CENTRE.into() };
    let centre = hall.client().get_centre(request).await.unwrap().into_inner().centre.unwrap();
    centre.queues.into_iter().find(|queue| queue.id == "dat-dai").unwrap().area_id
}

#[tokio::test]
async fn blocks_come_from_the_top_and_are_stepped_over_online() {
    for hall in demo_halls().await {
        let (client, area) = (hall.client(), area(&hall).await);
        let before = last_seq(&hall).await;
        let block = lend(&client, wanted(&area)).await;
        assert_eq!((block.first, block.last, block.business_day.as_str()), (980, 999, "2026-11-23"));
        assert!(last_seq(&hall).await > before, "another process must learn of it");
        assert_eq!(lend(&client, wanted(&area)).await, block, "asked again, it is the same block");
        let more = pb::LeaseNumberBlockRequest { used_up_block_id: block.id.clone(), ..wanted(&area) };
        assert_eq!(lend(&client, more).await.last, 979);
        let other = pb::LeaseNumberBlockRequest { kiosk_id: "kiosk-2".into(), ..wanted(&area) };
        assert_eq!(lend(&client, other).await.last, 959);
        // Tuesday 24/11 is a day off from 2026: the next two working days are Wednesday and Thursday.
        for (day, lent) in [("2026-11-24", false), ("2026-11-25", true), ("2026-11-26", true), ("2026-11-27", false)] {
            let request = pb::LeaseNumberBlockRequest { business_day: day.into(), ..wanted(&area) };
            let answer = client.clone().lease_number_block(request).await;
            if lent {
                assert_eq!(answer.unwrap().into_inner().block.unwrap().last, 999, "{day}");
            } else {
                assert_eq!(reason(answer), "BLOCK_DAY", "{day}");
            }
        }
        assert_eq!(issue(&client, "dat-dai").await.number, format!("{}001", block.letter));
    }
}

#[tokio::test]
async fn the_printed_number_wins_over_the_answer_that_got_lost() {
    for hall in demo_halls().await {
        let (client, area) = (hall.client(), area(&hall).await);
        let block = lend(&client, wanted(&area)).await;
        // Answered, but the kiosk never heard it, and printed a number of its own.
        let tap = to_queue("dat-dai");
        let lost = client.clone().issue_ticket(tap.clone()).await.unwrap().into_inner().ticket.unwrap();
        let called = call(&client, "quay-1").await.unwrap();
        assert_eq!(called.id, lost.id);
        let printed =
            pb::PrintedTicket { request_id: tap.request_id.clone(), ..paper(&block, 999, "2026-11-23T08:00:00+07:00") };
        let told = tell(&client, vec![printed.clone()]).await.remove(0);
        let ticket = told.ticket.clone().unwrap();
        assert_eq!(told.outcome(), pb::Reconciled::Renumbered);
        assert_eq!((ticket.id.as_str(), ticket.number.as_str()), (lost.id.as_str(), &*format!("{}999", block.letter)));
        // Called under a number that nobody holds: it waits where it stood, and its counter is free.
        assert_eq!((ticket.state(), ticket.rank_time), (pb::TicketState::Waiting, lost.rank_time));
        let again = call(&client, "quay-1").await.unwrap();
        assert_eq!((again.id, again.number), (ticket.id, ticket.number.clone()));
        // The tap, sent once more, and the report, told twice, say what the paper says.
        let answer = client.clone().issue_ticket(tap).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(answer.number, ticket.number);
        let twice = tell(&client, vec![printed]).await.remove(0);
        assert_eq!((twice.outcome(), twice.ticket.unwrap().number), (pb::Reconciled::Same, ticket.number));
        assert_eq!(issue(&client, "dat-dai").await.number, format!("{}002", block.letter), "001 is void for ever");
    }
}

#[tokio::test]
async fn what_was_printed_offline_waits_from_when_it_was_printed() {
    for hall in demo_halls().await {
        let (client, area) = (hall.client(), area(&hall).await);
        let block = lend(&client, wanted(&area)).await;
        hall.pass(10);
        let later = issue(&client, "dat-dai").await;
        let told = tell(
            &client,
            vec![
                paper(&block, 999, "2026-11-23T08:02:00+07:00"),
                // A clock that went wrong: not before the last contact, not after now.
                paper(&block, 998, "2026-11-22T01:00:00+07:00"),
                paper(&block, 997, "2027-01-01T00:00:00+07:00"),
                paper(&block, 979, "2026-11-23T08:03:00+07:00"),
                paper(&block, 999, "2026-11-23T08:03:00+07:00"),
                pb::PrintedTicket { block_id: "none".into(), ..paper(&block, 996, "2026-11-23T08:03:00+07:00") },
            ],
        )
        .await;
        let arrivals: Vec<_> = told.iter().take(3).map(|t| t.ticket.as_ref().unwrap().arrival_time.unwrap()).collect();
        let expected = ["2026-11-23T08:02:00+07:00", "2026-11-23T07:55:00+07:00", "2026-11-23T08:10:00+07:00"];
        assert_eq!(arrivals, expected.map(|time| timestamp(at(time))));
        let refused: Vec<_> = told.iter().skip(3).map(|t| (t.outcome(), t.reason.as_str())).collect();
        let no = pb::Reconciled::Refused;
        assert_eq!(refused, [(no, "NUMBER_OUTSIDE_BLOCK"), (no, "NUMBER_TAKEN"), (no, "BLOCK_UNKNOWN")]);
        // In the order of their arrivals, the one issued meanwhile among them.
        let letter = &block.letter;
        let mut order = Vec::new();
        while let Some(ticket) = call(&client, "quay-1").await {
            order.push(ticket.number);
        }
        assert_eq!(order[..2], [format!("{letter}998"), format!("{letter}999")]);
        assert!(order[2..].contains(&later.number) && order.len() == 4, "{order:?}");
    }
}

#[tokio::test]
async fn a_kiosk_that_was_off_for_a_day_keeps_the_record() {
    for hall in demo_halls().await {
        let (client, area) = (hall.client(), area(&hall).await);
        let block = lend(&client, wanted(&area)).await;
        hall.clock.set(at("2026-11-25T08:00:00+07:00"));
        let told = tell(&client, vec![paper(&block, 999, "2026-11-23T08:30:00+07:00")]).await.remove(0);
        let ticket = told.ticket.unwrap();
        assert_eq!((told.outcome, ticket.state()), (pb::Reconciled::Inserted.into(), pb::TicketState::Expired));
        assert_eq!(ticket.business_day, "2026-11-23");
        assert_eq!(call(&client, "quay-1").await, None);
    }
}

/// Found by the random days of `days.rs`, seeds 3 and 103.
#[tokio::test]
async fn a_number_is_told_for_its_own_day_only() {
    for hall in demo_halls().await {
        let (client, area) = (hall.client(), area(&hall).await);
        assert_eq!(tell(&client, vec![]).await, [], "nothing was printed");
        let today = lend(&client, wanted(&area)).await;
        let next =
            lend(&client, pb::LeaseNumberBlockRequest { business_day: "2026-11-25".into(), ..wanted(&area) }).await;
        let too_early = tell(&client, vec![paper(&next, 999, "2026-11-23T08:00:00+07:00")]).await.remove(0);
        assert_eq!((too_early.outcome(), too_early.reason.as_str()), (pb::Reconciled::Refused, "BLOCK_DAY"));

        let tap = to_queue("dat-dai");
        client.clone().issue_ticket(tap.clone()).await.unwrap();
        let printed = |block, number| pb::PrintedTicket {
            request_id: tap.request_id.clone(),
            ..paper(block, number, "2026-11-23T08:00:00+07:00")
        };
        hall.clock.set(at("2026-11-25T08:00:00+07:00"));
        hall.process().service.sweep().await.unwrap();
        let other = tell(&client, vec![printed(&next, 998)]).await.remove(0);
        assert_eq!((other.outcome(), other.reason.as_str()), (pb::Reconciled::Refused, "BLOCK_DAY"));
        let told = tell(&client, vec![printed(&today, 999)]).await.remove(0);
        let ticket = told.ticket.clone().unwrap();
        assert_eq!(told.outcome(), pb::Reconciled::Renumbered);
        assert_eq!((ticket.business_day.as_str(), ticket.state()), ("2026-11-23", pb::TicketState::Expired));
        assert_eq!(call(&client, "quay-1").await, None, "nobody of an earlier day waits");
    }
}

/// Found by the random days of `days.rs`, seed 54.
#[tokio::test]
async fn who_was_sent_to_a_counter_that_has_closed_since_waits_for_the_others() {
    for hall in small::halls().await {
        let client = hall.client();
        let block = lend(&client, wanted("a")).await;
        let tap = to_queue("dat-dai");
        let lost = client.clone().issue_ticket(tap.clone()).await.unwrap().into_inner().ticket.unwrap();
        call(&client, "q1").await.unwrap();
        small::act(&hall, "q1", &lost, Act::Transfer(To::Counter("q2".into()))).await.unwrap();
        call(&client, "q2").await.unwrap();
        // Missed under a number that its citizen does not hold.
        small::later(&hall, 91).await;
        small::closes(&hall, "q2").await;
        let printed =
            pb::PrintedTicket { request_id: tap.request_id, ..paper(&block, 999, "2026-11-23T08:00:00+07:00") };
        assert_eq!(tell(&client, vec![printed]).await[0].outcome(), pb::Reconciled::Renumbered);
        assert_eq!(call(&client, "q1").await.unwrap().number, "A999");
    }
}
