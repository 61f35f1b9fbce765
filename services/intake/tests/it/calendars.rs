//! Yearly notices: imported, checked, told of, and counted by from then on.

use motcua_proto::intake::v1::*;
use tonic::{Code, Status};

use crate::dossiers::{accept, request};
use crate::harness::{CENTRE, Intake, on_every_store, reason, until};

const NOTICE: &str = "date,weekday,name,kind,status\n\
    2026-11-24,T3,Ngày Văn hóa Việt Nam,off,official\n\
    2026-11-25,T4,Nghỉ theo thông báo,off,official\n\
    2026-11-28,T7,Làm bù ngày 25/11,makeup_workday,official\n";

fn notice(content: &str, check: bool) -> ImportCalendarRequest {
    ImportCalendarRequest {
        request_id: motcua_kernel::id::new_id(),
        centre_id: CENTRE.into(),
        file_name: "lich-2026.csv".into(),
        content: content.as_bytes().to_vec().into(),
        check,
    }
}

async fn import(intake: &Intake, request: ImportCalendarRequest) -> Result<ImportCalendarResponse, Status> {
    Ok(intake.operator().import_calendar(request).await?.into_inner())
}

async fn in_force(intake: &Intake) -> i64 {
    let asked = GetCalendarRequest { centre_id: CENTRE.into() };
    intake.officer().get_calendar(asked).await.unwrap().into_inner().version
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_moves_new_dates_and_no_old_one() {
    on_every_store(async |intake: Intake| {
        let before = accept(&intake, request()).await.unwrap().dossier.unwrap();
        let shipped = in_force(&intake).await;
        let checked = import(&intake, notice(NOTICE, true)).await.unwrap();
        assert_eq!((checked.version, checked.changed, in_force(&intake).await), (shipped + 1, true, shipped));
        let asked = notice(NOTICE, false);
        let imported = import(&intake, asked.clone()).await.unwrap();
        assert_eq!((imported.version, imported.changed), (shipped + 1, true));
        assert_eq!((imported.years.clone(), imported.complete_years.clone()), (vec![2026], vec![2026]));
        assert_eq!(import(&intake, asked).await.unwrap(), imported, "the same request");
        assert!(!import(&intake, notice(NOTICE, false)).await.unwrap().changed, "the same content");
        assert_eq!(in_force(&intake).await, shipped + 1);

        let after = accept(&intake, request()).await.unwrap().dossier.unwrap();
        assert_eq!((before.calendar_version, after.calendar_version), (shipped, shipped + 1));
        assert!(after.due_explanation.iter().any(|line| line.contains("25/11 (Nghỉ theo thông báo)")));
        assert!(imported.warnings[0].contains("các ngày đã có của năm được giữ"), "{:?}", imported.warnings);
        let key = Some(get_dossier_request::Key::Id(before.id.clone()));
        let asked = GetDossierRequest { centre_id: CENTRE.into(), key };
        let old = intake.officer().get_dossier(asked).await.unwrap().into_inner().dossier.unwrap();
        assert_eq!((old.due_time, old.due_explanation), (before.due_time, before.due_explanation));
        let event = until("the event", async || intake.events_of("calendar.published").pop()).await;
        assert_eq!((event.aggregate_version, event.centre_id.as_str()), (shipped + 1, CENTRE));
        assert_eq!(intake.value("select count(*) as n from audit where action = 'calendar.import'").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_notice_changes_nothing_and_says_why() {
    on_every_store(async |intake: Intake| {
        let shipped = in_force(&intake).await;
        for (content, expected, says) in [
            ("", "CALENDAR_FILE_INVALID", "tiêu đề"),
            ("date,kind,status\n1/1/2027,off,official\n", "CALENDAR_FILE_INVALID", "Dòng 2"),
            (
                "date,kind,status\n2027-01-01,off,official\n2027-01-01,off,official\n",
                "CALENDAR_FILE_INVALID",
                "hai lần",
            ),
            ("date,kind,status\n2027-01-04,makeup_workday,official\n", "CALENDAR_INVALID", "vốn là ngày làm việc"),
        ] {
            let refused = import(&intake, notice(content, false)).await.unwrap_err();
            assert_eq!(reason(&refused), expected);
            assert!(refused.message().contains(says), "{}", refused.message());
        }
        let large = import(&intake, notice(&"x".repeat(300_000), false)).await.unwrap_err();
        assert_eq!((large.code(), reason(&large)), (Code::InvalidArgument, "CALENDAR_FILE_INVALID".into()));
        assert_eq!(in_force(&intake).await, shipped);
        let denied = intake.officer().import_calendar(notice(NOTICE, false)).await.unwrap_err();
        assert_eq!(denied.code(), Code::PermissionDenied);
    })
    .await;
}

/// Nobody may promise a date in a year whose days off nobody knows: the officer is told what to do, and then can.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_year_in_the_calendar_no_date_is_promised_until_it_is_imported() {
    on_every_store(async |intake: Intake| {
        intake.clock.set("2035-12-28T09:00:00+07:00".parse().unwrap());
        let refused = accept(&intake, request()).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused)), (Code::FailedPrecondition, "CALENDAR_YEAR_MISSING".into()));
        assert!(refused.message().contains("mời quản trị nhập lịch năm 2036"), "{}", refused.message());
        assert_eq!(intake.value("select count(*) as n from dossier").await, 0);
        let tet =
            "date;name;kind;status\n2036-01-01;Tết Dương lịch;off;official\n2036-01-28;Tết Bính Thìn;off;official\n";
        let imported = import(&intake, notice(tet, false)).await.unwrap();
        assert_eq!((imported.years, imported.complete_years), (vec![2036], vec![]));
        let promised = accept(&intake, request()).await.unwrap().dossier.unwrap();
        let last = promised.due_explanation.last().unwrap();
        assert_eq!(last, "Lịch nghỉ năm 2036 chưa đủ nên ngày hẹn có thể được tính lại.");
    })
    .await;
}
