//! Figures over days: what they count, and that a listing with the same words shows exactly that.

use motcua_bus::Event;
use motcua_kernel::identity::Role;
use motcua_proto::intake::v1::DossierAccepted;
use motcua_proto::status::v1::{self as pb, DossierScope, Happening, Punctuality};
use motcua_runtime::grpc::{self, Code};
use prost::Message as _;

use crate::world::*;

const BUILDING: &str = "1.009994";

fn asked(first: &str, last: &str) -> pb::GetStatisticsRequest {
    pb::GetStatisticsRequest { centre_id: CENTRE.into(), first_day: first.into(), last_day: last.into() }
}

async fn figures(world: &World, first: &str, last: &str) -> pb::GetStatisticsResponse {
    world.statistics(Role::Manager).get_statistics(asked(first, last)).await.unwrap().into_inner()
}

/// A dossier of another procedure and department, accepted at another hour.
fn building(n: u32) -> Event {
    let event = accepted(n, 1);
    let mut told = DossierAccepted::decode(event.data.clone()).unwrap();
    told.procedure_code = BUILDING.into();
    told.procedure_name = "Cấp giấy phép xây dựng".into();
    told.department = "Sở Xây dựng".into();
    told.accept_time = Some(grpc::timestamp(at("2026-11-23T07:05:00Z")));
    Event { data: told.encode_to_vec().into(), ..event }
}

/// Monday the 23rd: 1 to 5 and 11 to 12 come. 1 is early; 2 is asked for papers twice; 3 is on the day, 11 late.
async fn lived(world: &World) {
    let events: Vec<_> = (1..=5).map(|n| accepted(n, 1)).chain([building(11), building(12)]).collect();
    world.deliver(&events).await;
    let mut desk = world.of(Role::Officer);
    for n in [1, 2, 3, 11] {
        desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
    }
    desk.complete_dossier(complete(1, "c1", "")).await.unwrap();
    desk.request_supplement(ask_papers(2, "s1", "")).await.unwrap();
    desk.receive_supplement(papers_came(2, "r1")).await.unwrap();
    desk.request_supplement(ask_papers(2, "s2", "Phó Giám đốc")).await.unwrap();
    // Due on Wednesday at 18:00.
    world.clock.set(at("2026-11-25T17:00:00+07:00"));
    desk.complete_dossier(complete(3, "c3", "")).await.unwrap();
    world.clock.set(at("2026-11-26T09:00:00+07:00"));
    desk.complete_dossier(complete(11, "c11", "")).await.unwrap();
}

#[tokio::test]
async fn hours_days_departments_procedures_and_papers_are_counted() {
    for world in worlds().await {
        lived(&world).await;
        let all = figures(&world, "2026-11-23", "2026-11-26").await;
        let hours: Vec<_> = all.hours.iter().map(|h| (h.hour, h.accepted)).collect();
        assert_eq!(hours, [(8, 5), (14, 2)]);
        let days: Vec<_> = all.days.iter().map(|d| (d.day.as_str(), d.accepted, d.finished)).collect();
        assert_eq!(days, [("2026-11-23", 7, 1), ("2026-11-25", 0, 1), ("2026-11-26", 0, 1)]);
        let ended = |of: Option<pb::Endings>| of.map(|e| (e.early, e.on_time, e.late)).unwrap();
        let departments: Vec<_> = all.departments.iter().map(|d| (d.department.as_str(), ended(d.endings))).collect();
        assert_eq!(departments, [("Sở Tư pháp", (1, 1, 0)), ("Sở Xây dựng", (0, 0, 1))]);
        let procedures: Vec<_> = all
            .procedures
            .iter()
            .map(|p| {
                (p.procedure_code.as_str(), p.procedure_name.as_str(), ended(p.endings), p.supplements, p.supplemented)
            })
            .collect();
        assert_eq!(
            procedures,
            [("1.004194", "Đăng ký khai sinh", (1, 1, 0), 2, 1), (BUILDING, "Cấp giấy phép xây dựng", (0, 0, 1), 0, 0)]
        );
        let overdue: Vec<_> = all.overdue.iter().map(|o| (o.holder.as_str(), o.person.as_str(), o.overdue)).collect();
        assert_eq!(overdue, [("Bộ phận Một cửa", "", 3)], "4, 5 and 12 never left the desk; 2 waits for papers");
        assert_eq!(all.overdue[0].oldest_due_time, Some(grpc::timestamp(at("2026-11-25T18:00:00+07:00"))));

        let later = figures(&world, "2026-11-27", "2026-12-31").await;
        assert!(later.hours.is_empty() && later.days.is_empty() && later.departments.is_empty());
        assert_eq!((later.procedures.len(), later.overdue.len()), (0, 1), "overdue is as of now");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 12, ..Default::default() })]

    /// Whatever is done to rows, one by one or many at once, undone, or taken back with its transaction.
    #[test]
    fn kept_counts_are_those_of_the_dossiers(acts in proptest::collection::vec((0..8_u8, 0..6_u32, 0..4_i64), 1..25)) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            for world in worlds().await {
                let events: Vec<_> = (1..=6).map(|n| accepted(n, 1)).collect();
                world.deliver(&events).await;
                for (act, n, to) in &acts {
                    changed(&world, *act, n + 1, *to).await;
                }
                world.counts_are_whole().await;
            }
        });
    }
}

/// What moves, corrections and an operator's hand do to rows.
async fn changed(world: &World, act: u8, n: u32, to: i64) {
    use sea_orm::ConnectionTrait as _;
    let one = id(n);
    let hours = to * 5 * 3_600_000_000;
    let sql = match act {
        0 => format!("update dossier set accept_time = accept_time + {hours} where id = '{one}'"),
        1 => format!(
            "update dossier set finish_time = accept_time + {hours}, finish_punctuality = {} where id = '{one}'",
            to.max(1)
        ),
        2 => format!("update dossier set finish_time = null, finish_punctuality = null where id <= '{one}'"),
        3 => format!("update dossier set department = 'Sở {to}', procedure_code = '1.{to}' where id >= '{one}'"),
        4 => format!("update dossier set finish_punctuality = null where id = '{one}'"),
        5 => format!("update dossier set finish_time = accept_time + {hours}, centre_id = 'c{to}' where id >= '{one}'"),
        6 => format!("update dossier set version = version + 1 where id = '{one}'"),
        _ => {
            world.deliver(&[accepted(n, to + 2)]).await;
            return;
        }
    };
    let tx = world.db.db.begin().await.unwrap();
    tx.execute_unprepared(&sql).await.unwrap();
    if to == 3 {
        tx.rollback().await.unwrap();
    } else {
        motcua_store::commit(tx).await.unwrap();
    }
}

#[tokio::test]
async fn every_figure_lists_exactly_what_it_counted() {
    for world in worlds().await {
        lived(&world).await;
        let (first, last) = ("2026-11-23", "2026-11-25");
        let all = figures(&world, first, last).await;
        let mut desk = world.of(Role::Officer);
        let mut check = async |what: &str, count: i64, asked: pb::ListDossiersRequest| {
            let found = desk.list_dossiers(asked).await.unwrap().into_inner();
            assert_eq!((found.dossiers.len() as i64, i64::from(found.total)), (count, count), "{what}");
        };
        let over = |happening: Happening| pb::ListDossiersRequest {
            centre_id: CENTRE.into(),
            first_day: first.into(),
            last_day: last.into(),
            happening: happening.into(),
            ..Default::default()
        };
        for of in &all.hours {
            let asked = pb::ListDossiersRequest { accept_hour: Some(of.hour), ..over(Happening::Accepted) };
            check("an hour", of.accepted, asked).await;
        }
        for of in &all.days {
            let day = |happening| pb::ListDossiersRequest {
                first_day: of.day.clone(),
                last_day: of.day.clone(),
                ..over(happening)
            };
            check("a day's intake", of.accepted, day(Happening::Accepted)).await;
            check("a day's results", of.finished, day(Happening::Finished)).await;
        }
        let cuts = |endings: &Option<pb::Endings>| {
            let of = endings.unwrap();
            [(Punctuality::Early, of.early), (Punctuality::OnTime, of.on_time), (Punctuality::Late, of.late)]
        };
        for of in &all.departments {
            for (punctuality, count) in cuts(&of.endings) {
                let asked = pb::ListDossiersRequest {
                    department: of.department.clone(),
                    punctuality: punctuality.into(),
                    ..over(Happening::Finished)
                };
                check("a department's", count, asked).await;
            }
        }
        for of in &all.procedures {
            let own =
                |happening| pb::ListDossiersRequest { procedure_code: of.procedure_code.clone(), ..over(happening) };
            for (punctuality, count) in cuts(&of.endings) {
                let asked = pb::ListDossiersRequest { punctuality: punctuality.into(), ..own(Happening::Finished) };
                check("a procedure's", count, asked).await;
            }
            check("papers asked for", of.supplemented, own(Happening::SupplementAsked)).await;
        }
        for of in &all.overdue {
            let asked = pb::ListDossiersRequest {
                centre_id: CENTRE.into(),
                holder: of.holder.clone(),
                holder_person: Some(of.person.clone()),
                overdue_only: true,
                scope: DossierScope::Open.into(),
                ..Default::default()
            };
            check("overdue", of.overdue, asked).await;
        }
    }
}

#[tokio::test]
async fn days_that_are_none_are_named_and_figures_are_the_managers() {
    for world in worlds().await {
        for (first, last) in
            [("", ""), ("2026-11-26", "2026-11-23"), ("2026-02-30", "2026-03-01"), ("2024-01-01", "2026-01-01")]
        {
            let refused = world.statistics(Role::Manager).get_statistics(asked(first, last)).await.unwrap_err();
            assert_eq!(
                (refused.code(), grpc::reason(&refused)),
                (Code::InvalidArgument, Some("PERIOD_INVALID".into())),
                "{first} {last}"
            );
        }
        let denied = world.statistics(Role::Officer).get_statistics(asked("2026-11-23", "2026-11-23")).await;
        assert_eq!(denied.unwrap_err().code(), Code::PermissionDenied);
    }
}
