//! Booked times: book, check in, late, no-show.
use motcua_proto::routing::v1 as pb;
use motcua_routing::DEMO_CENTRE_TOML;
use motcua_runtime::grpc::timestamp;

use crate::support::{CENTRE, Client, Hall, at, call, demo_halls, id, issue, issue_class, reason};

const MORNING: &str = "2026-11-23T09:00:00+07:00";

/// The demo centre with times to book in the land queue.
async fn halls() -> Vec<Hall> {
    let table = "[[queues]]\nid = \"dat-dai\"\n";
    let appointments = "appointments = { every_minutes = 30, per_slot = 2, grace_minutes = 10, late_minutes = 15 }\n";
    let toml = DEMO_CENTRE_TOML.replacen(table, &format!("{table}{appointments}"), 1);
    assert_ne!(toml, DEMO_CENTRE_TOML);
    let halls = demo_halls().await;
    for hall in &halls {
        hall.apply(&toml).await;
    }
    halls
}

fn wish(slot: &str) -> pb::BookAppointmentRequest {
    pb::BookAppointmentRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        target: Some(pb::book_appointment_request::Target::QueueId("dat-dai".into())),
        slot_time: Some(timestamp(at(slot))),
        token: id().replace('-', ""),
    }
}

async fn book(client: &Client, slot: &str) -> pb::BookAppointmentRequest {
    let wish = wish(slot);
    client.clone().book_appointment(wish.clone()).await.unwrap();
    wish
}

fn here(booking: &pb::BookAppointmentRequest) -> pb::CheckInRequest {
    pb::CheckInRequest { request_id: id(), token: booking.token.clone(), ..Default::default() }
}

async fn state(client: &Client, booking: &pb::BookAppointmentRequest) -> pb::AppointmentState {
    let request = pb::GetAppointmentRequest { token: booking.token.clone() };
    client.clone().get_appointment(request).await.unwrap().into_inner().appointment.unwrap().state()
}

#[tokio::test]
async fn times_are_those_of_the_sessions_and_fill_up() {
    for hall in halls().await {
        let client = hall.client();
        let taken = book(&client, MORNING).await;
        let request = pb::ListSlotsRequest {
            centre_id: CENTRE.into(),
            target: Some(pb::list_slots_request::Target::QueueId("dat-dai".into())),
            business_day: String::new(),
        };
        let slots = client.clone().list_slots(request).await.unwrap().into_inner().slots;
        // 07:00–11:30 and 13:00–17:00; what is past is not free.
        assert_eq!(slots.len(), 17);
        let free: Vec<i32> = slots.iter().map(|slot| slot.free).collect();
        assert_eq!(free[..6], [0, 0, 0, 2, 1, 2]);
        // The last place has one winner, and the loser's request changes nothing.
        let (a, b) = (wish(MORNING), wish(MORNING));
        let (mut one, mut other) = (client.clone(), client.clone());
        let (first, second) = tokio::join!(one.book_appointment(a.clone()), other.book_appointment(b));
        let lost = if first.is_ok() { second } else { first };
        assert_eq!(reason(lost), "SLOT_FULL");
        for (slot, why) in [
            ("2026-11-23T07:00:00+07:00", "SLOT_PAST"),
            ("2026-11-23T11:45:00+07:00", "SLOT_UNKNOWN"),
            ("2026-11-24T09:00:00+07:00", "SLOT_UNKNOWN"),
            ("2027-03-01T09:00:00+07:00", "SLOT_UNKNOWN"),
        ] {
            assert_eq!(reason(client.clone().book_appointment(wish(slot)).await), why, "{slot}");
        }
        let other_queue = pb::BookAppointmentRequest {
            target: Some(pb::book_appointment_request::Target::QueueId("xay-dung".into())),
            ..wish(MORNING)
        };
        assert_eq!(reason(client.clone().book_appointment(other_queue).await), "APPOINTMENTS_NONE");
        // Given back, it is free again.
        let request = pb::CancelAppointmentRequest { request_id: id(), token: taken.token.clone() };
        client.clone().cancel_appointment(request.clone()).await.unwrap();
        client.clone().cancel_appointment(request).await.unwrap();
        assert_eq!(state(&client, &taken).await, pb::AppointmentState::Cancelled);
        book(&client, MORNING).await;
        assert_eq!(reason(client.clone().check_in(here(&taken)).await), "APPOINTMENT_STATE");
    }
}

#[tokio::test]
async fn who_checks_in_on_time_ranks_by_the_booked_time() {
    for hall in halls().await {
        let client = hall.client();
        let booking = book(&client, MORNING).await;
        hall.clock.set(at("2026-11-23T08:45:00+07:00"));
        let before = issue(&client, "dat-dai").await;
        hall.pass(7);
        let request = here(&booking);
        let answer = client.clone().check_in(request.clone()).await.unwrap().into_inner();
        let ticket = answer.ticket.unwrap();
        assert!(!answer.late);
        assert_eq!(
            (ticket.tag.as_str(), ticket.rank_time),
            ("appointment", Some(timestamp(at("2026-11-23T08:50:00+07:00"))))
        );
        let repeated = client.clone().check_in(request).await.unwrap().into_inner();
        assert_eq!(repeated.ticket.unwrap().id, ticket.id);
        assert_eq!(reason(client.clone().check_in(here(&booking)).await), "APPOINTMENT_STATE");
        hall.pass(1);
        // Who came earlier goes first, who comes later does not, but for a head start that reaches so far.
        let after = issue(&client, "dat-dai").await;
        let elder = issue_class(&client, "dat-dai", "elderly80").await;
        let mut order = Vec::new();
        while let Some(called) = call(&client, "quay-1").await {
            order.push(called.id);
        }
        assert_eq!(order, [elder.id, before.id, ticket.id, after.id]);
    }
}

#[tokio::test]
async fn who_is_late_ranks_by_the_arrival_and_another_days_booking_is_told_so() {
    for hall in halls().await {
        let client = hall.client();
        let (late, tomorrow) = (book(&client, MORNING).await, book(&client, "2026-11-25T09:00:00+07:00").await);
        assert_eq!(reason(client.clone().check_in(here(&tomorrow)).await), "APPOINTMENT_DAY");
        hall.clock.set(at("2026-11-23T09:15:00+07:00"));
        hall.process().service.sweep().await.unwrap();
        assert_eq!(state(&client, &late).await, pb::AppointmentState::Booked, "to the minute");
        hall.pass(1);
        hall.process().service.sweep().await.unwrap();
        assert_eq!(state(&client, &late).await, pb::AppointmentState::NoShow);
        let answer = client.clone().check_in(here(&late)).await.unwrap().into_inner();
        let ticket = answer.ticket.unwrap();
        assert!(answer.late);
        assert_eq!(ticket.rank_time, ticket.arrival_time);
        assert_eq!(state(&client, &late).await, pb::AppointmentState::CheckedIn);
        let unknown = pb::CheckInRequest { token: "A".repeat(22), ..here(&late) };
        assert_eq!(reason(client.clone().check_in(unknown).await), "APPOINTMENT_UNKNOWN");
    }
}
