//! Report II.06a: whatever happened, nothing is lost between two periods.

use motcua_kernel::identity::Role;
use motcua_proto::status::v1::{self as pb, ReportRow};
use motcua_runtime::grpc;

use crate::world::*;

pub fn balanced(row: &ReportRow) {
    assert_eq!(row.received_total, row.received_online + row.received_direct + row.carried_over, "3 = 4 + 5 + 6");
    assert_eq!(row.resolved_total, row.resolved_early + row.resolved_on_time + row.resolved_late, "7 = 8 + 9 + 10");
    assert_eq!(row.open_total, row.open_in_time + row.open_overdue, "11 = 12 + 13");
    assert_eq!(row.received_total, row.resolved_total + row.open_total, "3 = 7 + 11");
}

pub async fn report(world: &World, first: &str, last: &str) -> pb::ReportPeriodResponse {
    let asked = pb::ReportPeriodRequest {
        centre_id: CENTRE.into(),
        first_day: first.into(),
        last_day: last.into(),
        ..Default::default()
    };
    let report = world.of(Role::Manager).report_period(asked).await.unwrap().into_inner();
    report.rows.iter().chain(&report.total).for_each(balanced);
    assert_eq!((report.first_day.as_str(), report.last_day.as_str()), (first, last));
    report
}

#[tokio::test]
async fn the_columns_are_those_of_the_form_and_periods_join() {
    for world in worlds().await {
        let events: Vec<_> = (1..=8).map(|n| accepted(n, 1)).collect();
        world.deliver(&events).await;
        let mut desk = world.of(Role::Officer);
        for n in 1..=6 {
            desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
        }
        // Early on Monday, on the day on Wednesday, late on Thursday; all were due on Wednesday at 18:00.
        for (n, time) in [(1, "2026-11-23T10:00"), (2, "2026-11-25T17:00"), (3, "2026-11-26T09:00")] {
            world.clock.set(at(&format!("{time}:00+07:00")));
            if n == 2 {
                desk.request_supplement(ask_papers(4, "s", "")).await.unwrap();
                let leave = request!(5, "w", "", WithdrawDossierRequest { reason: "Nộp nhầm".into() });
                desk.withdraw_dossier(leave).await.unwrap();
            }
            desk.complete_dossier(complete(n, &format!("c{n}"), "")).await.unwrap();
        }
        let monday = report(&world, "2026-11-23", "2026-11-23").await.total.unwrap();
        assert_eq!(
            (monday.received_direct, monday.carried_over, monday.resolved_early, monday.open_total),
            (8, 0, 1, 7)
        );
        let rest = report(&world, "2026-11-24", "2026-11-30").await;
        let row = &rest.rows[0];
        assert_eq!((row.field_code.as_str(), row.field.as_str()), ("G15-TP07", "Hộ tịch"));
        assert_eq!((row.received_direct, row.carried_over), (0, monday.open_total));
        assert_eq!((row.resolved_early, row.resolved_on_time, row.resolved_late), (0, 2, 1));
        assert_eq!((row.open_in_time, row.open_overdue), (1, 3), "papers are waited for; two at the desk, one away");
        let file = async |format: pb::ReportFormat| {
            let asked = pb::ExportReportRequest {
                centre_id: CENTRE.into(),
                first_day: "2026-11-24".into(),
                last_day: "2026-11-30".into(),
                format: format.into(),
                ..Default::default()
            };
            world.of(Role::Manager).export_report(asked).await.map(tonic::Response::into_inner)
        };
        let sheet = file(pb::ReportFormat::Xlsx).await.unwrap();
        assert!(sheet.content.starts_with(b"PK") && sheet.file_name == "bao-cao-II.06a-24-11-2026_30-11-2026.xlsx");
        let text = String::from_utf8(file(pb::ReportFormat::Csv).await.unwrap().content.to_vec()).unwrap();
        assert!(text.contains("1,\"Hộ tịch\",7,0,0,7,3,0,2,1,4,1,3"), "{text}");
        let neither = file(pb::ReportFormat::Unspecified).await.unwrap_err();
        assert_eq!(grpc::reason(&neither), Some("FORMAT_UNKNOWN".into()));
        let empty = report(&world, "2026-12-01", "2026-12-31").await.total.unwrap();
        assert_eq!((empty.carried_over, empty.resolved_total), (4, 0));
        let month = pb::ReportPeriodRequest { centre_id: CENTRE.into(), month: "2026-11".into(), ..Default::default() };
        let month = world.of(Role::Manager).report_period(month).await.unwrap().into_inner();
        assert_eq!((month.first_day.as_str(), month.last_day.as_str()), ("2026-11-01", "2026-11-30"));
        let month = month.total.unwrap();
        balanced(&month);
        assert_eq!((month.received_direct, month.carried_over, month.resolved_total), (8, 0, 4));
        let before = report(&world, "2026-10-01", "2026-10-31").await;
        assert!(before.rows.is_empty());
        assert_eq!(before.total.unwrap().received_total, 0);
    }
}

#[tokio::test]
async fn a_month_that_begins_on_the_15th_says_which_days_it_covers() {
    for db in motcua_store::testing::databases().await.unwrap() {
        let settings = motcua_status::Settings { report_first_day: 15, ..Default::default() };
        let world = World::with(db, settings).await;
        let asked = pb::ReportPeriodRequest { centre_id: CENTRE.into(), month: "2026-11".into(), ..Default::default() };
        let report = world.of(Role::Manager).report_period(asked).await.unwrap().into_inner();
        assert_eq!((report.first_day.as_str(), report.last_day.as_str()), ("2026-10-15", "2026-11-14"));
        assert!(report.over, "the 23rd is behind it");
        let asked = pb::CloseReportRequest {
            request_id: "k".into(),
            centre_id: CENTRE.into(),
            month: "2026-11".into(),
            ..Default::default()
        };
        let closed = world.of(Role::Manager).close_report(asked).await.unwrap().into_inner().closed.unwrap();
        assert_eq!((closed.first_day.as_str(), closed.last_day.as_str()), ("2026-10-15", "2026-11-14"));
        // The same days by another name are the same period.
        assert!(self::report(&world, "2026-10-15", "2026-11-14").await.closed.is_some());
    }
}

#[tokio::test]
async fn a_period_that_is_none_is_named() {
    for world in worlds().await {
        for (first, last) in [("2026-13-01", "2026-12-31"), ("2026-12-31", "2026-12-01"), ("2024-01-01", "2026-12-31")]
        {
            let asked = pb::ReportPeriodRequest {
                centre_id: CENTRE.into(),
                first_day: first.into(),
                last_day: last.into(),
                ..Default::default()
            };
            let refused = world.of(Role::Manager).report_period(asked).await.unwrap_err();
            assert_eq!(grpc::reason(&refused), Some("PERIOD_INVALID".into()));
        }
    }
}
