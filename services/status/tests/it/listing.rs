use motcua_kernel::identity::{Identity, Role};
use motcua_proto::status::v1::{
    self as pb, DossierScope, DossierState, Happening, ListDossiersRequest, ListHoldingsRequest, Punctuality,
    SummariseRequest,
};
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
async fn who_holds_what_lists_exactly_what_it_counted() {
    for world in worlds().await {
        let events: Vec<_> = (1..=6).map(|n| accepted(n, 1)).chain([accepted(7, 200)]).collect();
        world.deliver(&events).await;
        world.noticed(6).await;
        let mut desk = world.of(Role::Officer);
        for n in 1..=5 {
            desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
        }
        for n in [1, 2, 3] {
            let sign = request!(n, format!("s{n}"), "", ReceiveHandOverRequest { note: String::new() });
            desk.receive_hand_over(sign).await.unwrap();
        }
        desk.request_supplement(ask_papers(2, "p", "")).await.unwrap();
        desk.complete_dossier(complete(3, "c", "")).await.unwrap();
        let check = async |time: &str| {
            world.clock.set(at(time));
            let asked = ListHoldingsRequest { centre_id: CENTRE.into(), ..Default::default() };
            let mut desk = world.of(Role::Officer);
            let held = desk.list_holdings(asked).await.unwrap().into_inner().holdings;
            assert_eq!(held.len(), 3, "the desk, the department unsigned and signed: {held:?}");
            for one in &held {
                let asked = ListDossiersRequest {
                    holder: one.holder.clone(),
                    holder_person: Some(one.person.clone()),
                    ..all()
                };
                let scoped = |scope: DossierScope| ListDossiersRequest { scope: scope.into(), ..asked.clone() };
                for (asked, counted) in [
                    (scoped(DossierScope::Open), one.open),
                    (scoped(DossierScope::Paused), one.paused),
                    (scoped(DossierScope::DueSoon), one.due_soon),
                    (ListDossiersRequest { overdue_only: true, ..scoped(DossierScope::Open) }, one.overdue),
                ] {
                    let page = desk.list_dossiers(asked).await.unwrap().into_inner();
                    assert_eq!((page.total, page.dossiers.len() as i32), (counted, counted), "{one:?}");
                }
            }
            held.iter().map(|one| [one.open, one.due_soon, one.overdue, one.paused]).collect::<Vec<_>>()
        };
        let sorted = |mut counted: Vec<[i32; 4]>| {
            counted.sort_unstable();
            counted
        };
        // At the desk 6 and 7, which is due much later; on their way 4 and 5; with lan 1, and 2 that waits for papers.
        assert_eq!(sorted(check("2026-11-25T02:00:00Z").await), [[2, 1, 0, 0], [2, 1, 0, 1], [2, 2, 0, 0]]);
        assert_eq!(sorted(check("2026-11-26T02:00:00Z").await), [[2, 0, 1, 0], [2, 0, 1, 1], [2, 0, 2, 0]]);
    }
}

#[tokio::test]
async fn days_are_those_of_what_happened_on_them() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1), accepted(3, 200)]).await;
        let mut desk = world.of(Role::Officer);
        for n in [1, 2] {
            desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
        }
        world.clock.set(at("2026-11-23T18:00:00Z"));
        desk.request_supplement(ask_papers(2, "p", "")).await.unwrap();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let mut found = async |happening: Happening, day: &str, more: ListDossiersRequest| {
            let (first_day, last_day) = (day.to_owned(), day.to_owned());
            let asked = ListDossiersRequest { first_day, last_day, happening: happening.into(), ..more };
            let page = desk.list_dossiers(asked).await.unwrap().into_inner();
            page.dossiers.into_iter().map(|d| d.id).collect::<Vec<_>>()
        };
        // 18:00 UTC is one in the morning of the 24th.
        assert_eq!(found(Happening::Accepted, "2026-11-23", all()).await, [id(3), id(2), id(1)]);
        assert!(found(Happening::Accepted, "2026-11-24", all()).await.is_empty());
        assert_eq!(found(Happening::SupplementAsked, "2026-11-24", all()).await, [id(2)]);
        assert!(found(Happening::SupplementAsked, "2026-11-23", all()).await.is_empty());
        assert_eq!(found(Happening::Finished, "2026-11-24", all()).await, [id(1)]);
        let early = |punctuality: Punctuality| ListDossiersRequest { punctuality: punctuality.into(), ..all() };
        assert_eq!(found(Happening::Finished, "2026-11-24", early(Punctuality::Early)).await, [id(1)]);
        assert!(found(Happening::Finished, "2026-11-24", early(Punctuality::Late)).await.is_empty());
        assert!(found(Happening::Due, "2026-11-25", all()).await.is_empty(), "one has ended and one stands still");
        let hour = |hour| ListDossiersRequest { accept_hour: Some(hour), ..all() };
        assert_eq!(found(Happening::Accepted, "2026-11-23", hour(8)).await.len(), 3, "01:30 UTC is 08:30");
        assert!(found(Happening::Accepted, "2026-11-23", hour(1)).await.is_empty());
        let of = |procedure: &str| ListDossiersRequest { procedure_code: procedure.into(), ..all() };
        assert_eq!(found(Happening::Accepted, "2026-11-23", of("1.004194")).await.len(), 3);
        assert!(found(Happening::Accepted, "2026-11-23", of("1.004195")).await.is_empty());
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
            (ListDossiersRequest { scope: 9, ..all() }, "CHOICE_UNKNOWN"),
            (ListDossiersRequest { punctuality: 9, ..all() }, "CHOICE_UNKNOWN"),
            (ListDossiersRequest { accept_hour: Some(24), ..all() }, "HOUR_INVALID"),
            (ListDossiersRequest { first_day: "2026-11-23".into(), ..all() }, "PERIOD_INVALID"),
            (
                ListDossiersRequest {
                    first_day: "2026-11-23".into(),
                    last_day: "2026-11-23".into(),
                    happening: 9,
                    ..all()
                },
                "CHOICE_UNKNOWN",
            ),
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

#[tokio::test]
async fn staff_of_a_department_see_what_it_decides_or_has_and_any_dossier_by_its_whole_code() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1), accepted(3, 1)]).await;
        world.noticed(3).await;
        let mut desk = world.of(Role::Officer);
        // The third one's deciding department is another, and the second is with that one for its opinion.
        let elsewhere = pb::ForwardDossierRequest { to_department: "Sở Y tế".into(), ..forward(3, "f3", "") };
        desk.forward_dossier(elsewhere).await.unwrap();
        desk.forward_dossier(forward(2, "f2", "")).await.unwrap();
        let opinion = request!(
            2,
            "h2",
            "",
            HandOverDossierRequest { to_department: "Sở Y tế".into(), due_time: None, note: String::new() }
        );
        desk.hand_over_dossier(opinion).await.unwrap();
        let of = |role, department: &str| world.acting(Identity::of(role, "lan", CENTRE).in_department(department));
        let listed = async |mut client: Client, asked: ListDossiersRequest| {
            let page = client.list_dossiers(asked).await.unwrap().into_inner();
            assert_eq!(usize::try_from(page.total).unwrap(), page.dossiers.len());
            page.dossiers.into_iter().map(|d| d.id).collect::<Vec<_>>()
        };
        for role in [Role::Department, Role::Officer, Role::Guide] {
            assert_eq!(listed(of(role, "Sở Tư pháp"), all()).await, [id(2), id(1)], "{role:?}");
            assert_eq!(listed(of(role, "Sở Y tế"), all()).await, [id(3), id(2)], "{role:?}");
        }
        assert_eq!(listed(of(Role::Manager, "Sở Y tế"), all()).await.len(), 3);
        let decided = ListDossiersRequest { department: "Sở Tư pháp".into(), ..all() };
        assert_eq!(listed(of(Role::Department, "Sở Y tế"), decided).await, [id(2)], "narrowed within its own");
        let code = |code: &str| ListDossiersRequest { code: code.into(), ..all() };
        assert_eq!(listed(of(Role::Officer, "Sở Y tế"), code("0001")).await.len(), 0);
        assert_eq!(listed(of(Role::Officer, "Sở Y tế"), code("000.00.16.H61-261123-0001")).await, [id(1)]);
        let held = async |department: &str| {
            let asked = ListHoldingsRequest { centre_id: CENTRE.into(), ..Default::default() };
            let mut client = of(Role::Department, department);
            let held = client.list_holdings(asked).await.unwrap().into_inner().holdings;
            held.into_iter().map(|one| (one.holder, one.open)).collect::<Vec<_>>()
        };
        assert_eq!(held("Sở Y tế").await, [("Sở Y tế".to_owned(), 2)]);
        assert_eq!(held("Sở Tư pháp").await.iter().map(|(_, open)| open).sum::<i32>(), 2, "at the desk, and away");
        // Each was warned of while the desk had it: who decides it hears all the same.
        let noticed = async |department: &str| {
            let asked = pb::ListNoticesRequest { centre_id: CENTRE.into(), ..Default::default() };
            let mut client = of(Role::Department, department);
            let found = client.list_notices(asked).await.unwrap().into_inner().notices;
            let mut ids: Vec<String> = found.into_iter().map(|notice| notice.dossier_id).collect();
            ids.sort_unstable();
            ids
        };
        assert_eq!(noticed("Sở Tư pháp").await, [id(1), id(2)]);
        assert_eq!(noticed("Sở Y tế").await, [id(3)]);
        assert!(noticed("Sở Khác").await.is_empty());
    }
}
