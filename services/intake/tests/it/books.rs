//! The book, and report II.06a on paper.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::timestamp;
use tonic::Code;

use crate::dossiers::{accept, agent, request};
use crate::harness::{CENTRE, Intake, on_every_store, reason};

fn book(first: &str, last: &str) -> ListRegisterRequest {
    ListRegisterRequest {
        centre_id: CENTRE.into(),
        first_day: first.into(),
        last_day: last.into(),
        ..Default::default()
    }
}

fn file(first: &str, last: &str, format: RegisterFormat) -> ExportRegisterRequest {
    ExportRegisterRequest {
        centre_id: CENTRE.into(),
        first_day: first.into(),
        last_day: last.into(),
        format: format.into(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_lists_what_was_received_in_order_page_by_page() {
    on_every_store(async |intake: Intake| {
        let mut codes = vec![];
        for n in 0..5 {
            let owner = Applicant { full_name: format!("Chủ hồ sơ {n}"), ..request().applicant.unwrap() };
            let handed = AcceptDossierRequest { applicant: Some(owner), ..request() };
            codes.push(accept(&intake, handed).await.unwrap().dossier.unwrap().code);
        }
        let owner = Applicant { phone: String::new(), ..request().applicant.unwrap() };
        let handed = AcceptDossierRequest {
            applicant: Some(owner),
            submitter: Some(agent()),
            return_channel: ReturnChannel::Post as i32,
            ..request()
        };
        codes.push(accept(&intake, handed).await.unwrap().dossier.unwrap().code);
        let (mut all, mut page_token) = (vec![], String::new());
        loop {
            let asked = ListRegisterRequest { page_size: 4, page_token, ..book("2026-11-23", "2026-11-23") };
            let page = intake.officer().list_register(asked).await.unwrap().into_inner();
            assert_eq!(page.total, 6);
            all.extend(page.entries);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(all.iter().map(|entry| entry.code.clone()).collect::<Vec<_>>(), codes);
        assert_eq!(all.iter().map(|entry| entry.number).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
        assert_eq!((all[2].applicant.as_str(), all[2].phone.as_str()), ("Chủ hồ sơ 2", "0912 345 678"));
        assert_eq!((all[2].address.as_str(), all[2].sets), ("Ấp Mẫu, xã Thử", 1));
        assert_eq!(all[5].phone, "0987 654 321", "who acts for the owner is called in the owner's place");
        assert!(all[0].due_time.is_some() && all[0].accept_time.is_some() && !all[0].department.is_empty());
        let other = ListRegisterRequest { department: "Sở Không Có".into(), ..book("2026-11-23", "2026-11-23") };
        let other = intake.officer().list_register(other).await.unwrap().into_inner();
        assert_eq!((other.total, other.entries.len()), (0, 0));
        let own = ListRegisterRequest { department: all[0].department.clone(), ..book("2026-11-23", "2026-11-23") };
        assert_eq!(intake.officer().list_register(own).await.unwrap().into_inner().total, 6);
        let before = intake.officer().list_register(book("2026-11-01", "2026-11-22")).await.unwrap().into_inner();
        assert_eq!(before.total, 0);
        assert_eq!(intake.value("select count(*) as n from audit where action = 'register.read'").await, 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_is_a_file_with_the_dates_that_the_caller_brings() {
    on_every_store(async |intake: Intake| {
        let dossier = accept(&intake, request()).await.unwrap().dossier.unwrap();
        let day = |text: &str| Some(timestamp(text.parse().unwrap()));
        let dates = RegisterDates {
            dossier_id: dossier.id.clone(),
            forward_time: day("2026-11-23T09:00:00Z"),
            complete_time: day("2026-11-30T18:30:00Z"),
            return_time: day("2026-12-02T02:00:00Z"),
            note: "Công dân rút hồ sơ".into(),
        };
        let asked = |format| ExportRegisterRequest {
            dates: vec![dates.clone()],
            ..file("2026-11-23", "2026-11-30", format)
        };
        let csv = intake.officer().export_register(asked(RegisterFormat::Csv)).await.unwrap().into_inner();
        assert_eq!(csv.file_name, "so-theo-doi-23-11-2026_30-11-2026.csv");
        let text = String::from_utf8(csv.content.to_vec()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("\"Ngày, tháng, năm: Chuyển hồ sơ đến cơ quan giải quyết\""), "{}", lines[0]);
        assert!(lines[1].starts_with(&format!("1,\"{}\",", dossier.code)), "{}", lines[1]);
        // The 30th at 18:30 UTC is the first of December in Vĩnh Long.
        let dates = "\"23/11/2026\",\"01/12/2026\",\"23/11/2026\",\"01/12/2026\",\"02/12/2026\",\"Tại Trung tâm\",,\"Công dân rút hồ sơ\"";
        assert!(lines[1].ends_with(dates), "{}", lines[1]);
        assert!(lines[1].contains("\"Ấp Mẫu, xã Thử, 0912 345 678\""));

        let xlsx = intake.officer().export_register(asked(RegisterFormat::Xlsx)).await.unwrap().into_inner();
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(xlsx.content.to_vec())).unwrap();
        let sheet = workbook.worksheet_range("Sổ theo dõi hồ sơ").unwrap();
        assert_eq!(sheet.get_value((4, 1)).unwrap().to_string(), dossier.code);
        assert_eq!(sheet.get_value((1, 0)).unwrap().to_string(), "Từ ngày 23/11/2026 đến ngày 30/11/2026");

        let pdf = intake.officer().export_register(asked(RegisterFormat::Pdf)).await.unwrap().into_inner();
        assert!(pdf.content.starts_with(b"%PDF") && pdf.file_name.ends_with(".pdf"));
        assert_eq!(intake.value("select count(*) as n from audit where action = 'register.export'").await, 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_files_that_cannot_be_are_named_and_the_book_is_not_everybodys() {
    on_every_store(async |intake: Intake| {
        for (first, last) in
            [("", ""), ("23/11/2026", "2026-11-23"), ("2026-11-24", "2026-11-23"), ("2026-01-01", "2026-04-03")]
        {
            let refused = intake.officer().list_register(book(first, last)).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::InvalidArgument, "PERIOD_INVALID"),
                "{first} {last}"
            );
            let refused = intake.officer().export_register(file(first, last, RegisterFormat::Csv)).await.unwrap_err();
            assert_eq!(reason(&refused), "PERIOD_INVALID");
        }
        let longest = intake.officer().list_register(book("2026-01-01", "2026-04-02")).await.unwrap().into_inner();
        assert_eq!(longest.total, 0);
        let nonsense = ListRegisterRequest { page_token: "zz".into(), ..book("2026-11-23", "2026-11-23") };
        assert_eq!(reason(&intake.officer().list_register(nonsense).await.unwrap_err()), "PAGE_TOKEN_INVALID");
        let empty = file("2026-11-23", "2026-11-23", RegisterFormat::Pdf);
        assert_eq!(reason(&intake.officer().export_register(empty).await.unwrap_err()), "REGISTER_EMPTY");
        let neither = file("2026-11-23", "2026-11-23", RegisterFormat::Unspecified);
        assert_eq!(reason(&intake.officer().export_register(neither).await.unwrap_err()), "FORMAT_UNKNOWN");
        // More lines than paper carries: copies of one dossier, as no test would receive them one by one.
        accept(&intake, request()).await.unwrap();
        intake.copies(2_000).await;
        let long = file("2026-11-23", "2026-11-23", RegisterFormat::Pdf);
        let refused = intake.officer().export_register(long).await.unwrap_err();
        assert_eq!(reason(&refused), "REGISTER_TOO_LONG");
        assert!(refused.message().contains("hơn 2000 hồ sơ"), "{}", refused.message());
        let table = file("2026-11-23", "2026-11-23", RegisterFormat::Csv);
        let table = intake.officer().export_register(table).await.unwrap().into_inner();
        assert_eq!(String::from_utf8_lossy(&table.content).lines().count(), 2_002);

        for role in [Role::Guide, Role::Department, Role::Kiosk, Role::Citizen, Role::Service] {
            let mut client = intake.acting(&Identity::of(role, "x", CENTRE));
            let refused = client.list_register(book("2026-11-23", "2026-11-23")).await.unwrap_err();
            assert_eq!(
                (refused.code(), reason(&refused).as_str()),
                (Code::PermissionDenied, "ROLE_DENIED"),
                "{role:?}"
            );
        }
        let elsewhere = ListRegisterRequest { centre_id: "other".into(), ..book("2026-11-23", "2026-11-23") };
        assert_eq!(reason(&intake.officer().list_register(elsewhere).await.unwrap_err()), "CENTRE_DENIED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_is_paper_with_the_figures_that_it_is_given() {
    on_every_store(async |intake: Intake| {
        let line = |field: &str| ReportLine { field: field.into(), figures: vec![18, 3, 10, 5, 13, 8, 2, 3, 5, 4, 1] };
        let asked = GetReportPdfRequest {
            centre_id: CENTRE.into(),
            first_day: "2026-11-01".into(),
            last_day: "2026-11-30".into(),
            lines: vec![line("Hộ tịch")],
            total: Some(line("Tổng cộng")),
            close_time: Some(timestamp("2026-12-01T10:05:00Z".parse().unwrap())),
            closed_by: "lan".into(),
        };
        let mut manager = intake.acting(&Identity::of(Role::Manager, "lan", CENTRE));
        let one = manager.get_report_pdf(asked.clone()).await.unwrap().into_inner();
        assert!(one.pdf.starts_with(b"%PDF"));
        assert_eq!(one.file_name, "bao-cao-II.06a-01-11-2026_30-11-2026.pdf");
        intake.clock.set("2026-12-24T08:00:00+07:00".parse().unwrap());
        let again = manager.get_report_pdf(asked.clone()).await.unwrap().into_inner();
        assert_eq!(one.pdf, again.pdf, "a closed report is the same paper on any day");
        let short = ReportLine { figures: vec![1, 2], ..line("Đất đai") };
        for (asked, expected) in [
            (GetReportPdfRequest { lines: vec![short], ..asked.clone() }, "FIGURES_INVALID"),
            (GetReportPdfRequest { total: None, ..asked.clone() }, "FIGURES_INVALID"),
            (GetReportPdfRequest { lines: vec![line("x"); 1_001], ..asked.clone() }, "FORM_TOO_LONG"),
            (GetReportPdfRequest { first_day: "x".into(), ..asked.clone() }, "PERIOD_INVALID"),
        ] {
            let refused = manager.get_report_pdf(asked).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, expected));
        }
        assert_eq!(intake.officer().get_report_pdf(asked).await.unwrap_err().code(), Code::PermissionDenied);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_a_department_reads_its_lines_and_the_audit_says_whose() {
    on_every_store(async |intake: Intake| {
        let department = accept(&intake, request()).await.unwrap().dossier.unwrap().department;
        let of = |role, department: &str| Identity::of(role, "lan", CENTRE).in_department(department);
        let day = || book("2026-11-23", "2026-11-23");
        let total = async |who: &Identity, department: &str| {
            let asked = ListRegisterRequest { department: department.into(), ..day() };
            Ok(intake.acting(who).list_register(asked).await.map_err(|e| reason(&e))?.into_inner().total)
        };
        let (own, other) = (of(Role::Officer, &department), of(Role::Officer, "Sở Khác"));
        assert_eq!(total(&own, "").await, Ok(1));
        assert_eq!(total(&own, &department).await, Ok(1));
        assert_eq!(total(&other, "").await, Ok(0));
        assert_eq!(total(&other, &department).await, Err("DEPARTMENT_DENIED".to_owned()));
        assert_eq!(total(&of(Role::Manager, "Sở Khác"), "").await, Ok(1), "who leads the centre sees all");
        let file = ExportRegisterRequest {
            centre_id: CENTRE.into(),
            first_day: "2026-11-23".into(),
            last_day: "2026-11-23".into(),
            format: RegisterFormat::Csv as i32,
            ..Default::default()
        };
        let refused = intake.acting(&other).export_register(file.clone()).await.unwrap_err();
        assert_eq!(reason(&refused), "REGISTER_EMPTY");
        let elsewhere = ExportRegisterRequest { department: department.clone(), ..file.clone() };
        let refused = intake.acting(&other).export_register(elsewhere).await.unwrap_err();
        assert_eq!(reason(&refused), "DEPARTMENT_DENIED");
        intake.acting(&own).export_register(file).await.unwrap();
        for (action, whose, times) in [
            ("register.read", department.as_str(), 2),
            ("register.read", "Sở Khác", 1),
            ("register.read", "mọi cơ quan", 1),
            ("register.export", department.as_str(), 1),
        ] {
            let sql =
                format!("select count(*) as n from audit where action = '{action}' and target = '23/11/2026 đến 23/11/2026, {whose}'");
            assert_eq!(intake.value(&sql).await, times, "{action} {whose}");
        }
    })
    .await;
}
