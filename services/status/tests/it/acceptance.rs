use motcua_bus::Event;
use motcua_kernel::identity::Role;
use motcua_runtime::grpc;

use crate::world::*;

#[tokio::test]
async fn one_acceptance_delivered_often_and_at_once_is_one_dossier() {
    for world in worlds().await {
        let deliveries: Vec<_> = (0..10)
            .map(|_| {
                let bus = world.bus.clone();
                tokio::spawn(async move { motcua_bus::Bus::publish(&*bus, &[accepted(1, 1)]).await })
            })
            .collect();
        for delivery in deliveries {
            delivery.await.unwrap().remove(0).unwrap();
        }
        let found = world.get(&id(1)).await;
        assert_eq!((found.steps.len(), found.dossier.unwrap().etag.as_str()), (1, "1"));
    }
}

#[tokio::test]
async fn whatever_the_order_of_tellings_the_dossier_ends_the_same() {
    let orders: [&[i64]; 6] = [&[1, 2, 3], &[3, 2, 1], &[2, 1, 3], &[3, 1, 2], &[2, 3, 1], &[1, 3, 3, 2, 1, 2]];
    for world in worlds().await {
        let mut ends = vec![];
        for (n, order) in (1..).zip(orders) {
            let events: Vec<Event> = order.iter().map(|v| accepted(n, *v)).collect();
            world.deliver(&events).await;
            let mut end = world.get(&id(n)).await;
            let dossier = end.dossier.as_mut().unwrap();
            assert_eq!(
                dossier.due_time,
                Some(grpc::timestamp(at("2026-11-25T13:00:00Z"))),
                "the newest telling counts"
            );
            (dossier.id, dossier.code, dossier.accept_time) = (String::new(), String::new(), None);
            end.steps.iter_mut().for_each(|s| s.time = None);
            // Each was received a second after the one before.
            assert_eq!(end.legs.len(), 1);
            end.legs.iter_mut().for_each(|leg| (leg.given_time, leg.received_time) = (None, None));
            ends.push(end);
        }
        assert!(ends.windows(2).all(|w| w[0] == w[1]), "{ends:#?}");
    }
}

#[tokio::test]
async fn a_late_telling_does_not_take_a_forwarded_dossier_back() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        let mut elsewhere = forward(1, "f", "1");
        elsewhere.to_department = "Sở Nội vụ".into();
        desk.forward_dossier(elsewhere).await.unwrap();
        world.deliver(&[accepted(1, 1), accepted(1, 2)]).await;
        let row = world.get(&id(1)).await.dossier.unwrap();
        assert_eq!((row.state, row.department.as_str(), row.holder.as_str()), (4, "Sở Nội vụ", "Sở Nội vụ"));
        let stale = desk.complete_dossier(complete(1, "c", "2")).await.unwrap_err();
        assert_eq!(grpc::reason(&stale), Some("ETAG_MISMATCH".into()), "the due time changed under the editor");
    }
}

#[tokio::test]
async fn an_event_that_makes_no_sense_is_set_aside_and_the_next_one_goes_on() {
    for world in worlds().await {
        let nonsense = Event { id: "x".into(), data: vec![0xff; 8].into(), ..accepted(7, 1) };
        let no_version = Event { id: "y".into(), aggregate_version: 0, ..accepted(8, 1) };
        world.deliver(&[nonsense, no_version, accepted(1, 1)]).await;
        assert!(world.get(&id(1)).await.dossier.is_some());
    }
}
