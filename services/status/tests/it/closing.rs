//! A past period is judged by what was known at its end, and a closed one never changes.

use motcua_kernel::identity::Role;
use motcua_proto::status::v1::{self as pb, ReportClosed};
use motcua_runtime::grpc::{self, Code};
use prost::Message as _;

use crate::report::{balanced, report};
use crate::world::*;

fn close(request_id: &str, first: &str, last: &str) -> pb::CloseReportRequest {
    pb::CloseReportRequest {
        request_id: request_id.into(),
        centre_id: CENTRE.into(),
        first_day: first.into(),
        last_day: last.into(),
        month: String::new(),
    }
}

/// The dossiers behind a figure, two a page.
pub async fn behind(
    world: &World,
    first: &str,
    last: &str,
    column: i32,
    field: Option<&str>,
) -> Vec<pb::ReportDossier> {
    let (mut all, mut page_token) = (vec![], String::new());
    loop {
        let asked = pb::ListReportDossiersRequest {
            centre_id: CENTRE.into(),
            first_day: first.into(),
            last_day: last.into(),
            column,
            field_code: field.map(|_| "G15-TP07".into()),
            field: field.map(str::to_owned),
            page_size: 2,
            page_token,
            ..Default::default()
        };
        let page = world.of(Role::Manager).list_report_dossiers(asked).await.unwrap().into_inner();
        assert_eq!((page.first_day.as_str(), page.last_day.as_str()), (first, last));
        all.extend(page.dossiers);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            assert_eq!(usize::try_from(page.total).unwrap(), all.len());
            return all;
        }
    }
}

async fn ids(world: &World, first: &str, last: &str, column: i32) -> Vec<String> {
    behind(world, first, last, column, None).await.into_iter().map(|dossier| dossier.id).collect()
}

/// Four dossiers due on Wednesday the 25th at 18:00: one apologised for on Friday, one whose papers are asked for on Wednesday
/// and come on Friday, one whose result comes on Friday, and one that nobody touches.
async fn a_week(world: &World) {
    world.deliver(&(1..=4).map(|n| accepted(n, 1)).collect::<Vec<_>>()).await;
    let mut desk = world.of(Role::Officer);
    for n in 1..=4 {
        desk.forward_dossier(forward(n, &format!("f{n}"), "")).await.unwrap();
    }
    world.clock.set(at("2026-11-25T10:00:00+07:00"));
    desk.request_supplement(ask_papers(2, "s", "")).await.unwrap();
}

async fn friday(world: &World) {
    let mut desk = world.of(Role::Officer);
    world.clock.set(at("2026-11-27T09:00:00+07:00"));
    desk.extend_dossier(extend(1, "e", "2026-12-01T10:00:00Z")).await.unwrap();
    desk.receive_supplement(papers_came(2, "r")).await.unwrap();
    desk.complete_dossier(complete(3, "c", "")).await.unwrap();
}

#[tokio::test]
async fn a_past_period_is_judged_by_what_was_known_at_its_end() {
    for world in worlds().await {
        a_week(&world).await;
        world.clock.set(at("2026-11-26T08:00:00+07:00"));
        let thursday = report(&world, "2026-11-23", "2026-11-25").await;
        let total = thursday.total.clone().unwrap();
        assert_eq!((total.open_in_time, total.open_overdue), (1, 3));
        let behind_then: Vec<_> =
            [ids(&world, "2026-11-23", "2026-11-25", 12).await, ids(&world, "2026-11-23", "2026-11-25", 13).await]
                .concat();
        assert_eq!(behind_then, [id(2), id(1), id(3), id(4)]);
        friday(&world).await;
        let later = report(&world, "2026-11-23", "2026-11-25").await;
        assert_eq!(later.rows, thursday.rows, "an apology, papers and a result of Friday change nothing of Wednesday");
        assert_eq!(
            [ids(&world, "2026-11-23", "2026-11-25", 12).await, ids(&world, "2026-11-23", "2026-11-25", 13).await]
                .concat(),
            behind_then
        );
        let overdue = behind(&world, "2026-11-23", "2026-11-25", 13, Some("Hộ tịch")).await;
        let due = Some(grpc::timestamp(at("2026-11-25T11:00:00Z")));
        assert!(overdue.iter().all(|dossier| dossier.due_time == due), "as it was promised then: {overdue:?}");
        let week = report(&world, "2026-11-23", "2026-11-29").await.total.unwrap();
        assert_eq!((week.resolved_late, week.open_in_time, week.open_overdue), (1, 2, 1));
        // Day by day: what one leaves open the next one takes over.
        let mut open = 0;
        for day in 23..=30 {
            let day = format!("2026-11-{day}");
            let one = report(&world, &day, &day).await.total.unwrap();
            assert_eq!(one.carried_over, open, "{day}");
            open = one.open_total;
        }
    }
}

#[tokio::test]
async fn a_closed_period_never_changes_and_says_who_closed_it() {
    for world in worlds().await {
        a_week(&world).await;
        let mut manager = world.of(Role::Manager);
        let (first, last) = ("2026-11-23", "2026-11-25");
        let early = manager.close_report(close("early", first, last)).await.unwrap_err();
        assert_eq!(
            (early.code(), grpc::reason(&early).as_deref()),
            (Code::FailedPrecondition, Some("PERIOD_NOT_OVER"))
        );
        assert!(!report(&world, first, last).await.over);
        world.clock.set(at("2026-11-26T08:00:00+07:00"));
        let before = report(&world, first, last).await;
        assert!(before.over && before.closed.is_none());
        let closed = manager.close_report(close("k", first, last)).await.unwrap().into_inner();
        let kept = closed.closed.clone().unwrap();
        assert_eq!((kept.first_day.as_str(), kept.last_day.as_str(), kept.dossiers), (first, last, 4));
        assert_eq!(
            (kept.closed_by.as_str(), kept.close_time),
            ("lan", Some(grpc::timestamp(at("2026-11-26T01:00:00Z"))))
        );
        assert_eq!(manager.close_report(close("k", first, last)).await.unwrap().into_inner(), closed, "asked again");
        let reused = manager.close_report(close("k", first, "2026-11-24")).await.unwrap_err();
        assert_eq!(grpc::reason(&reused), Some("REQUEST_ID_REUSED".into()));
        let again = manager.close_report(close("k2", first, last)).await.unwrap_err();
        assert_eq!((again.code(), grpc::reason(&again).as_deref()), (Code::FailedPrecondition, Some("PERIOD_CLOSED")));
        assert!(again.message().contains("08:00 ngày 26/11/2026"), "{}", again.message());

        let file = async |format: pb::ReportFormat| {
            let asked = pb::ExportReportRequest {
                centre_id: CENTRE.into(),
                first_day: first.into(),
                last_day: last.into(),
                format: format.into(),
                ..Default::default()
            };
            world.of(Role::Manager).export_report(asked).await.unwrap().into_inner()
        };
        let files = (file(pb::ReportFormat::Csv).await, file(pb::ReportFormat::Xlsx).await);
        let lists = async || {
            let mut all = vec![];
            for column in 3..=13 {
                all.push(behind(&world, first, last, column, None).await);
            }
            all
        };
        let listed = lists().await;
        friday(&world).await;
        // What comes to be known late, or is corrected, is another period's business.
        world.deliver(&[accepted(5, 1), accepted(4, 30)]).await;
        let shown = report(&world, first, last).await;
        assert_eq!((&shown.rows, &shown.total, &shown.closed), (&before.rows, &before.total, &closed.closed));
        let total = shown.total.unwrap();
        assert_eq!((total.received_total, total.open_in_time, total.open_overdue), (4, 1, 3));
        assert_eq!((file(pb::ReportFormat::Csv).await, file(pb::ReportFormat::Xlsx).await), files, "the same bytes");
        let sizes: Vec<_> = listed.iter().map(Vec::len).collect();
        assert_eq!(sizes, [4, 0, 4, 0, 0, 0, 0, 0, 4, 1, 3]);
        for (then, now) in listed.iter().zip(lists().await) {
            let same = |all: &[pb::ReportDossier]| {
                let places = all.iter().map(|d| (d.id.clone(), d.due_time, d.received_column, d.outcome_column));
                places.collect::<Vec<_>>()
            };
            assert_eq!(same(then), same(&now));
        }
        let asked = pb::ListClosedReportsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let all = manager.list_closed_reports(asked).await.unwrap().into_inner();
        assert_eq!(all.reports, [kept]);
        assert_eq!(world.value("select count(*) as n from audit where action = 'report.close'").await, 1);
        let events = world.heard(1, |kind| kind == "report.closed").await;
        assert_eq!(events.len(), 1);
        let told = ReportClosed::decode(events[0].data.as_ref()).unwrap();
        assert_eq!((told.first_day.as_str(), told.last_day.as_str(), told.dossiers), (first, last, 4));
    }
}

#[tokio::test]
async fn two_managers_close_a_period_once_and_closed_ones_are_paged() {
    for world in worlds().await {
        a_week(&world).await;
        world.clock.set(at("2026-12-01T08:00:00+07:00"));
        let (mut one, mut two) = (world.of(Role::Manager), world.of(Role::Manager));
        let (a, b) = tokio::join!(
            one.close_report(close("a", "2026-11-23", "2026-11-29")),
            two.close_report(close("b", "2026-11-23", "2026-11-29")),
        );
        let refused: Vec<_> = [a, b].into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(grpc::reason(&refused[0]), Some("PERIOD_CLOSED".into()));
        for day in 24..=28 {
            let day = format!("2026-11-{day}");
            one.close_report(close(&day, &day, &day)).await.unwrap();
        }
        let (mut days, mut page_token) = (vec![], String::new());
        loop {
            let asked = pb::ListClosedReportsRequest { centre_id: CENTRE.into(), page_size: 4, page_token };
            let page = one.list_closed_reports(asked).await.unwrap().into_inner();
            days.extend(page.reports.into_iter().map(|report| report.first_day));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let expected = ["28", "27", "26", "25", "24", "23"].map(|day| format!("2026-11-{day}"));
        assert_eq!(days, expected, "the last one closed first");
        let total = report(&world, "2026-11-23", "2026-11-29").await.total.unwrap();
        balanced(&total);
        assert_eq!(
            world.value("select count(*) as n from report_dossier where report_id = 1").await,
            total.received_total
        );
    }
}

#[tokio::test]
async fn a_cell_that_is_none_is_named() {
    for world in worlds().await {
        let asked = pb::ListReportDossiersRequest {
            centre_id: CENTRE.into(),
            month: "2026-11".into(),
            column: 3,
            ..Default::default()
        };
        for (asked, reason) in [
            (pb::ListReportDossiersRequest { column: 2, ..asked.clone() }, "COLUMN_UNKNOWN"),
            (pb::ListReportDossiersRequest { column: 14, ..asked.clone() }, "COLUMN_UNKNOWN"),
            (pb::ListReportDossiersRequest { month: "2026".into(), ..asked.clone() }, "PERIOD_INVALID"),
            (pb::ListReportDossiersRequest { page_token: "zz".into(), ..asked.clone() }, "PAGE_TOKEN_INVALID"),
            (pb::ListReportDossiersRequest { page_size: -1, ..asked.clone() }, "PAGE_SIZE_INVALID"),
        ] {
            let refused = world.of(Role::Manager).list_report_dossiers(asked).await.unwrap_err();
            assert_eq!((refused.code(), grpc::reason(&refused).as_deref()), (Code::InvalidArgument, Some(reason)));
        }
        let empty = world.of(Role::Manager).list_report_dossiers(asked.clone()).await.unwrap().into_inner();
        assert_eq!((empty.total, empty.dossiers.len()), (0, 0));
        let denied = world.of(Role::Officer).list_report_dossiers(asked).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
        let many = vec![String::new(); 1_001];
        let asked = pb::ListCourseDatesRequest { centre_id: CENTRE.into(), dossier_ids: many };
        let refused = world.of(Role::Officer).list_course_dates(asked).await.unwrap_err();
        assert_eq!(grpc::reason(&refused).as_deref(), Some("DOSSIERS_TOO_MANY"));
    }
}

#[tokio::test]
async fn the_dates_of_a_course_are_told_for_the_book() {
    for world in worlds().await {
        a_week(&world).await;
        friday(&world).await;
        let mut desk = world.of(Role::Officer);
        desk.return_result(give_back(3, "g", "")).await.unwrap();
        world.deliver(&[accepted(9, 1)]).await;
        let asked = pb::ListCourseDatesRequest {
            centre_id: CENTRE.into(),
            dossier_ids: vec![id(3), id(9), id(2), "nobody".into()],
        };
        let mut dates = desk.list_course_dates(asked).await.unwrap().into_inner().dates;
        dates.sort_by(|a, b| a.dossier_id.cmp(&b.dossier_id));
        assert_eq!(dates.len(), 3);
        let monday = Some(grpc::timestamp(at("2026-11-23T02:00:00Z")));
        let friday = Some(grpc::timestamp(at("2026-11-27T02:00:00Z")));
        let told: Vec<_> =
            dates.iter().map(|d| (d.dossier_id.clone(), d.forward_time, d.complete_time, d.return_time)).collect();
        assert_eq!(told, [(id(2), monday, None, None), (id(3), monday, friday, friday), (id(9), None, None, None)]);
        assert_eq!(dates[1].state_label, "Đã trả kết quả");
    }
}
