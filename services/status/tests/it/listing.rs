use motcua_kernel::identity::Role;
use motcua_proto::status::v1::{DossierState, ListDossiersRequest, SummariseRequest};
use motcua_runtime::grpc::{self, Code};

use crate::world::*;

fn all() -> ListDossiersRequest {
    ListDossiersRequest { centre_id: CENTRE.into(), ..Default::default() }
}

#[tokio::test]
async fn pages_show_every_dossier_once_newest_first() {
    for world in worlds().await {
        let events: Vec<_> = (1..=25).map(|n| accepted(n, 1)).collect();
        world.deliver(&events).await;
        let mut desk = world.of(Role::Officer);
        let (mut seen, mut token) = (vec![], String::new());
        loop {
            let asked = ListDossiersRequest { page_size: 10, page_token: token, ..all() };
            let page = desk.list_dossiers(asked).await.unwrap().into_inner();
            assert!(page.total >= 25);
            seen.extend(page.dossiers.into_iter().map(|d| d.id));
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
            // A dossier that arrives in the middle of paging moves nobody.
            let newer = u32::try_from(seen.len()).unwrap() + 100;
            world.deliver(&[accepted(newer, 1)]).await;
        }
        assert_eq!(seen, (1..=25).rev().map(id).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn filters_find_by_state_department_code_and_delay() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1), accepted(3, 200)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(2, "f", "")).await.unwrap();
        let mut found = async |asked: ListDossiersRequest| {
            let page = desk.list_dossiers(asked).await.unwrap().into_inner();
            assert_eq!(usize::try_from(page.total).unwrap(), page.dossiers.len());
            page.dossiers.into_iter().map(|d| d.id).collect::<Vec<_>>()
        };
        let state = DossierState::Processing.into();
        assert_eq!(found(ListDossiersRequest { state, ..all() }).await, [id(2)]);
        assert_eq!(found(ListDossiersRequest { code: "0003".into(), ..all() }).await, [id(3)]);
        assert_eq!(found(ListDossiersRequest { code: "000.00.16.h61".into(), ..all() }).await.len(), 3);
        assert_eq!(found(ListDossiersRequest { code: "000.00.16.H61-261123-0002".into(), ..all() }).await, [id(2)]);
        assert_eq!(
            found(ListDossiersRequest { code: "16.H61".into(), ..all() }).await.len(),
            0,
            "neither head nor tail"
        );
        assert_eq!(found(ListDossiersRequest { department: "Sở Y tế".into(), ..all() }).await.len(), 0);
        world.clock.set(at("2026-11-26T00:00:00Z"));
        assert_eq!(found(ListDossiersRequest { overdue_only: true, ..all() }).await, [id(2), id(1)]);
    }
}

#[tokio::test]
async fn nonsense_in_a_listing_is_named() {
    for world in worlds().await {
        for (asked, reason) in [
            (ListDossiersRequest { state: 11, ..all() }, "STATE_UNKNOWN"),
            (ListDossiersRequest { code: "50%".into(), ..all() }, "DOSSIER_CODE_SHAPE"),
            (ListDossiersRequest { page_token: "zz".into(), ..all() }, "PAGE_TOKEN_INVALID"),
            (ListDossiersRequest { page_size: -1, ..all() }, "PAGE_SIZE_INVALID"),
        ] {
            let refused = world.of(Role::Officer).list_dossiers(asked).await.unwrap_err();
            assert_eq!((refused.code(), grpc::reason(&refused).as_deref()), (Code::InvalidArgument, Some(reason)));
        }
        let denied = world.of(Role::Kiosk).list_dossiers(all()).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
    }
}

#[tokio::test]
async fn the_managers_figures_count_the_local_day() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1), accepted(3, 1)]).await;
        let mut desk = world.of(Role::Officer);
        for n in [1, 2] {
            desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
        }
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let mut manager = world.of(Role::Manager);
        let mut figures = async |time: &str| {
            world.clock.set(at(time));
            let asked = SummariseRequest { centre_id: CENTRE.into() };
            manager.summarise(asked).await.unwrap().into_inner()
        };
        let today = figures("2026-11-23T09:00:00Z").await;
        assert_eq!((today.accepted_today, today.ready, today.open, today.due_today, today.overdue), (3, 1, 2, 0, 0));
        // Due 11:00 UTC on the 25th, 18:00 in Vĩnh Long.
        let due = figures("2026-11-24T18:00:00Z").await;
        assert_eq!((due.accepted_today, due.due_today, due.overdue), (0, 2, 0));
        let late = figures("2026-11-25T12:00:00Z").await;
        assert_eq!((late.due_today, late.overdue), (2, 2));
        assert_eq!(late.departments.len(), 1);
        assert_eq!((late.departments[0].department.as_str(), late.departments[0].open), ("Sở Tư pháp", 2));
        assert_eq!(late.departments[0].oldest_accept_time, Some(grpc::timestamp(at("2026-11-23T01:30:02Z"))));
        let denied =
            world.of(Role::Officer).summarise(SummariseRequest { centre_id: CENTRE.into() }).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
    }
}
