//! A unit's own time: warned of, told when it is past, shown beside the dossiers.

use motcua_kernel::calendar::{Limit, Unit};
use motcua_kernel::identity::Role;
use motcua_proto::status::v1::{self as pb, DossierScope, NoticeKind};
use motcua_runtime::grpc;
use motcua_status::model::Planned;

use crate::world::*;

fn on(n: u32, id: &str) -> pb::HandOverDossierRequest {
    request!(n, id, "", HandOverDossierRequest { to_department: String::new(), due_time: None, note: String::new() })
}

/// What was said of units' times, oldest first: kind, dossier, unit, due time.
async fn told(world: &World, count: usize) -> Vec<(NoticeKind, String, String, Option<prost_types::Timestamp>)> {
    motcua_tests::wait::until("notices of units", || async {
        let asked = pb::ListNoticesRequest { centre_id: CENTRE.into(), page_size: 100, ..Default::default() };
        let found = world.of(Role::Manager).list_notices(asked).await.unwrap().into_inner().notices;
        let of_legs = |n: &pb::Notice| matches!(n.kind(), NoticeKind::LegDueSoon | NoticeKind::LegLate);
        let found: Vec<_> = found.into_iter().rev().filter(of_legs).collect();
        let told = |n: pb::Notice| (n.kind(), n.dossier_id, n.department, n.due_time);
        (found.len() >= count).then(|| found.into_iter().map(told).collect())
    })
    .await
}

/// (about to be late, late) of a unit; the list behind each figure has as many.
async fn held(world: &World, unit: &str) -> (i32, i32) {
    let asked = pb::ListHoldingsRequest { centre_id: CENTRE.into(), department: unit.into() };
    let held = world.of(Role::Manager).list_holdings(asked).await.unwrap().into_inner().holdings;
    let counted = (held.iter().map(|h| h.due_soon_here).sum(), held.iter().map(|h| h.late_here).sum());
    let mut listed = Vec::new();
    for scope in [DossierScope::DueSoonHere, DossierScope::LateHere] {
        let asked = pb::ListDossiersRequest {
            centre_id: CENTRE.into(),
            holder: unit.into(),
            scope: scope.into(),
            ..Default::default()
        };
        let found = world.of(Role::Manager).list_dossiers(asked).await.unwrap().into_inner();
        let flagged = |d: &pb::DossierStatus| {
            (d.due_soon_here, d.late_here) == (scope == DossierScope::DueSoonHere, scope == DossierScope::LateHere)
        };
        assert!(found.dossiers.iter().all(flagged));
        listed.push(found.total);
    }
    assert_eq!(listed, [counted.0, counted.1]);
    counted
}

#[tokio::test]
async fn a_unit_is_warned_a_working_day_ahead_and_told_when_its_time_is_past() {
    let step = |unit: &str, days| Planned { unit: unit.into(), limit: Some(Limit::new(days, Unit::WorkingDay)) };
    let plan = [step("Sở Tư pháp", 3), step("Công an tỉnh", 1)];
    let local = |text: &str| Some(grpc::timestamp(at(&format!("{text}:00+07:00"))));
    for world in worlds().await {
        world.clock.set(at("2026-11-23T10:00:00+07:00"));
        // The second stays at the desk, which owes the hand-over by the evening: shown, not told.
        world.deliver(&[accepted_along(1, &plan), accepted(2, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.extend_dossier(extend(1, "e", "2026-12-11T17:00:00+07:00")).await.unwrap();
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        // The 24th is off: 25, 26, 27.
        world.clock.set(at("2026-11-26T06:59:59+07:00"));
        assert_eq!(held(&world, "Sở Tư pháp").await, (0, 0));
        world.clock.set(at("2026-11-26T07:00:00+07:00"));
        let due = local("2026-11-27T17:00");
        let soon = (NoticeKind::LegDueSoon, id(1), "Sở Tư pháp".to_owned(), due);
        assert_eq!(told(&world, 1).await, std::slice::from_ref(&soon));
        assert_eq!(held(&world, "Sở Tư pháp").await, (1, 0));
        assert_eq!(held(&world, "Bộ phận Một cửa").await, (0, 1));
        world.clock.set(at("2026-11-27T17:00:01+07:00"));
        let late = (NoticeKind::LegLate, id(1), "Sở Tư pháp".to_owned(), due);
        assert_eq!(told(&world, 2).await, [soon, late]);
        assert_eq!(held(&world, "Sở Tư pháp").await, (0, 1));
        assert!(!world.get(&id(1)).await.dossier.unwrap().overdue, "the dossier's own day is far off");

        // Who gets a part of one day on the evening before has it at once among what is about to be late, untold.
        desk.hand_over_dossier(on(1, "h")).await.unwrap();
        assert_eq!((held(&world, "Công an tỉnh").await, held(&world, "Sở Tư pháp").await), ((1, 0), (0, 0)));
        // While the clock stands nothing is due; then it is put off by what was lost.
        world.clock.set(at("2026-11-30T07:00:00+07:00"));
        desk.request_supplement(ask_papers(1, "s", "")).await.unwrap();
        world.clock.set(at("2026-12-02T17:00:00+07:00"));
        assert_eq!(held(&world, "Công an tỉnh").await, (0, 0));
        let came = desk.receive_supplement(papers_came(1, "r")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((came.leg_due_time, came.due_soon_here), (local("2026-12-03T17:00"), true));
        world.clock.set(at("2026-12-03T17:00:01+07:00"));
        let said = told(&world, 3).await;
        assert_eq!(said[2], (NoticeKind::LegLate, id(1), "Công an tỉnh".to_owned(), local("2026-12-03T17:00")));
        assert_eq!(said.len(), 3);
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        assert_eq!(held(&world, "Công an tỉnh").await, (0, 0));

        let events = world.heard(3, |kind| kind.starts_with("dossier.leg_")).await;
        let kinds: Vec<_> = events.iter().map(|event| event.r#type.as_str()).collect();
        assert_eq!(kinds, ["dossier.leg_due_soon", "dossier.leg_late", "dossier.leg_late"]);
    }
}

/// What a procedure does not divide is told of once, as the dossier's.
#[tokio::test]
async fn a_part_as_long_as_the_dossier_is_not_told_twice() {
    let plan = [Planned { unit: "Sở Tư pháp".into(), limit: Some(Limit::new(60, Unit::WorkingDay)) }];
    for world in worlds().await {
        world.deliver(&[accepted_along(1, &plan)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        world.clock.set(at("2026-11-27T07:00:00+07:00"));
        let escalated = world.noticed(2).await;
        assert!(escalated.iter().all(|event| !event.r#type.contains("leg")), "{escalated:?}");
        assert_eq!(told(&world, 0).await, []);
        assert_eq!(held(&world, "Sở Tư pháp").await, (0, 0));
    }
}
