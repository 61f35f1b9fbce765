//! The deadline sweep, the apology it forces, and who holds what.

use motcua_bus::Event;
use motcua_kernel::identity::Role;
use motcua_proto::intake::v1::CalendarPublished;
use motcua_proto::status::v1::{self as pb, NoticeKind};
use motcua_runtime::grpc;
use prost::Message as _;

use crate::world::*;

fn notices() -> pb::ListNoticesRequest {
    pb::ListNoticesRequest { centre_id: CENTRE.into(), ..Default::default() }
}

async fn told(world: &World, count: usize) -> Vec<(NoticeKind, String)> {
    motcua_tests::wait::until("notices", || async {
        let found = world.of(Role::Manager).list_notices(notices()).await.unwrap().into_inner().notices;
        let found: Vec<_> = found.into_iter().rev().map(|n| (n.kind(), n.dossier_id)).collect();
        (found.len() >= count).then_some(found)
    })
    .await
}

#[tokio::test]
async fn it_warns_ahead_demands_the_apology_and_escalates() {
    for world in worlds().await {
        // Due on Wednesday the 25th at 18:00; the 24th is off, so the working day before is Monday.
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        world.clock.set(at("2026-11-23T08:30:00+07:00"));
        assert_eq!(told(&world, 1).await, [(NoticeKind::DueSoon, id(1))]);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        world.clock.set(at("2026-11-25T18:00:01+07:00"));
        assert_eq!(told(&world, 2).await[1], (NoticeKind::Overdue, id(1)));
        let row = world.get(&id(1)).await.dossier.unwrap();
        assert!(row.overdue && row.apology_owed);
        let refused = desk.request_supplement(ask_papers(1, "s", "")).await.unwrap_err();
        assert_eq!(grpc::reason(&refused), Some("APOLOGY_OWED".into()));
        assert!(refused.message().contains("mẫu 04"), "{}", refused.message());
        world.clock.set(at("2026-11-26T17:00:00+07:00"));
        assert_eq!(told(&world, 3).await[2], (NoticeKind::Escalated, id(1)));

        let refused = desk.extend_dossier(extend(1, "e0", "2026-11-28T10:00:00+07:00")).await.unwrap_err();
        assert_eq!(grpc::reason(&refused), Some("DUE_TIME_INVALID".into()), "a Saturday");
        let row = desk.extend_dossier(extend(1, "e", "2026-12-01T17:00:00+07:00")).await.unwrap().into_inner();
        let row = row.dossier.unwrap();
        assert!(!row.overdue && !row.apology_owed);
        let again = desk.extend_dossier(extend(1, "e2", "2026-12-02T17:00:00+07:00")).await.unwrap_err();
        assert_eq!(grpc::reason(&again), Some("EXTENSION_USED_UP".into()));
        let seen = world.of(Role::Citizen).track(pb::TrackRequest { token: token(1) }).await.unwrap().into_inner();
        assert_eq!(seen.delay_reason, "Hệ thống của Bộ tạm dừng");
        assert_eq!(seen.missed_time, Some(grpc::timestamp(at("2026-11-25T18:00:00+07:00"))));
        // The new date is watched like the first one.
        world.clock.set(at("2026-11-30T07:00:00+07:00"));
        assert_eq!(told(&world, 4).await[3], (NoticeKind::DueSoon, id(1)));
        let kinds: Vec<_> = world.noticed(4).await.into_iter().map(|event| event.r#type).collect();
        assert_eq!(kinds, ["dossier.due_soon", "dossier.overdue", "dossier.escalated", "dossier.due_soon"]);
    }
}

/// However many dossiers are open, a round reads what has come due.
#[tokio::test]
async fn the_sweep_walks_the_index_of_what_is_due() {
    use sea_orm::{ConnectionTrait as _, DbBackend};
    let sql = "explain query plan select d.* from coming c cross join dossier d on d.id = c.dossier_id \
               where c.time <= $1 order by c.time limit 512";
    for world in worlds().await {
        let db = world.db.db.read();
        if db.get_database_backend() != DbBackend::Sqlite {
            // PostgreSQL plans by the size of the table, which is empty here.
            continue;
        }
        let statement = motcua_store::sql::statement(DbBackend::Sqlite, sql, vec![1_i64.into()]);
        let rows = db.query_all_raw(statement).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert_eq!(plan.len(), 2, "{plan:?}");
        assert!(plan[0].contains("USING INDEX coming_time"), "{plan:?}");
        assert!(plan[1].contains("SEARCH d USING INDEX sqlite_autoindex_dossier"), "{plan:?}");
    }
}

/// While replicas are exchanged one by one, the one of the release before writes the time into the dossier's row.
#[tokio::test]
async fn what_a_replica_of_the_release_before_takes_in_is_watched_too() {
    use sea_orm::ConnectionTrait as _;
    for world in worlds().await {
        world.deliver(&[accepted(1, 1), accepted(2, 1)]).await;
        let tx = world.db.db.begin().await.unwrap();
        tx.execute_unprepared("delete from coming").await.unwrap();
        let due = at("2026-11-24T00:00:00Z").as_microsecond();
        tx.execute_unprepared(&format!("update dossier set next_step_time = {due}")).await.unwrap();
        motcua_store::commit(tx).await.unwrap();
        motcua_tests::wait::until("they are taken over", || async {
            (world.value("select count(*) as n from coming").await == 2).then_some(())
        })
        .await;
        assert_eq!(world.value("select count(*) as n from dossier where next_step_time is not null").await, 0);
        world.clock.set(at("2026-11-25T17:00:00+07:00"));
        let mut who: Vec<_> = told(&world, 2).await.into_iter().map(|(_, id)| id).collect();
        who.sort();
        assert_eq!(who, [id(1), id(2)]);
    }
}

#[tokio::test]
async fn a_result_that_nobody_collects_is_told_after_its_days() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let before = told(&world, 0).await.len();
        world.clock.set(at("2026-12-23T09:00:01+07:00"));
        assert_eq!(told(&world, before + 1).await[before], (NoticeKind::Unclaimed, id(1)));
        let row = world.get(&id(1)).await.dossier.unwrap();
        assert_eq!(row.sub_state_label, "Chưa có người đến nhận kết quả");
        desk.return_result(give_back(1, "r", "")).await.unwrap();
        assert_eq!(world.get(&id(1)).await.dossier.unwrap().sub_state, 0);
        assert_eq!(world.value("select count(*) as n from coming").await, 0);
    }
}

#[tokio::test]
async fn one_apology_serves_a_whole_lost_day_once() {
    for world in worlds().await {
        let events: Vec<Event> = (1..=20).map(|n| accepted(n, 1)).collect();
        world.deliver(&events).await;
        let mut desk = world.of(Role::Officer);
        desk.extend_dossier(extend(20, "e", "2026-11-26T17:00:00+07:00")).await.unwrap();
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        desk.complete_dossier(complete(1, "c", "")).await.unwrap();
        let lost = |id: &str, day: &str| pb::ExtendAfterOutageRequest {
            request_id: id.into(),
            centre_id: CENTRE.into(),
            day: day.into(),
            reason: "Mất điện cả ngày".into(),
            signer: "Giám đốc Trung tâm".into(),
        };
        world.clock.set(at("2026-11-26T08:00:00+07:00"));
        let mut manager = world.of(Role::Manager);
        let done = manager.extend_after_outage(lost("o", "2026-11-25")).await.unwrap().into_inner();
        assert_eq!((done.extended, done.left), (18, 0), "one has its result, one has another date already");
        let again = manager.extend_after_outage(lost("o", "2026-11-25")).await.unwrap().into_inner();
        assert_eq!(again, done);
        let row = world.get(&id(7)).await;
        assert_eq!(row.dossier.unwrap().due_time, Some(grpc::timestamp(at("2026-11-27T17:00:00+07:00"))));
        assert_eq!(row.extension.unwrap().reason, "Mất điện cả ngày");
        let used = manager.extend_after_outage(lost("o2", "2026-11-27")).await.unwrap().into_inner();
        assert_eq!((used.extended, used.left), (0, 18));
        for (day, reason) in [("25/11", "DATE_INVALID")] {
            let refused = manager.extend_after_outage(lost("o3", day)).await.unwrap_err();
            assert_eq!(grpc::reason(&refused).as_deref(), Some(reason));
        }
    }
}

#[tokio::test]
async fn holdings_count_every_open_dossier_once() {
    for world in worlds().await {
        let events: Vec<Event> = (1..=6).map(|n| accepted(n, 1)).collect();
        world.deliver(&events).await;
        let mut desk = world.of(Role::Officer);
        for n in 1..=4 {
            desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
        }
        let sign = request!(1, "s", "", ReceiveHandOverRequest { note: String::new() });
        desk.receive_hand_over(sign).await.unwrap();
        desk.request_supplement(ask_papers(2, "p", "")).await.unwrap();
        desk.complete_dossier(complete(3, "c", "")).await.unwrap();
        world.clock.set(at("2026-11-26T08:00:00+07:00"));
        let asked = pb::ListHoldingsRequest { centre_id: CENTRE.into(), department: String::new() };
        let held = world.of(Role::Manager).list_holdings(asked).await.unwrap().into_inner().holdings;
        let held: Vec<_> =
            held.iter().map(|h| (h.holder.as_str(), h.person.as_str(), h.open, h.overdue, h.paused)).collect();
        assert_eq!(
            held,
            [("Bộ phận Một cửa", "", 2, 2, 0), ("Sở Tư pháp", "", 2, 1, 1), ("Sở Tư pháp", "lan", 1, 1, 0)]
        );
    }
}

#[tokio::test]
async fn a_published_calendar_is_counted_by() {
    for world in worlds().await {
        world.deliver(&[accepted(1, 1)]).await;
        let mut desk = world.of(Role::Officer);
        desk.forward_dossier(forward(1, "f", "")).await.unwrap();
        world.clock.set(at("2026-11-25T07:00:00+07:00"));
        desk.request_supplement(ask_papers(1, "s", "")).await.unwrap();
        let mut data = motcua_kernel::calendar::Calendar::vietnam().unwrap().to_data();
        data.version = 9;
        let off = |date: &str| motcua_kernel::calendar::DayData { date: date.into(), ..Default::default() };
        data.days_off.extend([off("2026-12-01"), off("2026-12-02")]);
        let publish = |version, data: String| Event {
            id: format!("calendar-{version}"),
            source: "intake".into(),
            r#type: "calendar.published".into(),
            centre_id: CENTRE.into(),
            aggregate_version: version,
            data: CalendarPublished { version, data }.encode_to_vec().into(),
            ..Default::default()
        };
        let older = motcua_kernel::calendar::Calendar::vietnam().unwrap().to_data();
        let json = |data| serde_json::to_string(data).unwrap();
        world.deliver(&[publish(9, json(&data)), publish(8, json(&older)), publish(10, "{".into())]).await;
        world.clock.set(at("2026-11-30T17:00:00+07:00"));
        let row = desk.receive_supplement(papers_came(1, "r")).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!(row.due_time, Some(grpc::timestamp(at("2026-12-03T17:00:00+07:00"))));
    }
}
