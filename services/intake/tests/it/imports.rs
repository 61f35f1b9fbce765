//! The catalogue: imported whole, replaced whole, found again.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::*;
use tonic::Code;

use crate::files::{self, csv, header as columns, row, rows, xlsx};
use crate::harness::{CENTRE, Intake, header, on_every_store, reason, until, violations};

fn search(query: &str) -> SearchProceduresRequest {
    SearchProceduresRequest { centre_id: CENTRE.into(), query: query.into(), page_size: 5 }
}

/// The file named by MOTCUA_CATALOGUE_CSV, or as many made rows as a province has.
fn a_whole_catalogue() -> Vec<u8> {
    match std::env::var("MOTCUA_CATALOGUE_CSV") {
        Ok(path) => std::fs::read(path).unwrap(),
        Err(_) => csv(&rows(1_510)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_starter_catalogue_is_there_marked_as_samples_and_found_without_marks() {
    on_every_store(async |intake: Intake| {
        let all = intake.list(0, 10).await;
        assert!(all.len() >= 40 && all.iter().all(|p| p.sample && p.catalogue_version == 1));
        let found = intake.officer().search_procedures(search("dang ky bien dong")).await.unwrap().into_inner();
        assert!(found.procedures[0].name.starts_with("Đăng ký biến động"));
        let published = until("the event", async || intake.events_of("catalogue.published").pop()).await;
        assert_eq!((published.sequence, published.aggregate_version), (1, 1));
        let departments = ListDepartmentsRequest { centre_id: CENTRE.into() };
        let departments = intake.officer().list_departments(departments).await.unwrap().into_inner().departments;
        assert_eq!(departments.len(), 19);
        assert_eq!(departments.iter().map(|d| d.procedures).sum::<i32>(), all.len() as i32);
        assert_eq!(departments[0].code, "01");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provinces_catalogue_replaces_the_starter_and_is_searched_at_once() {
    on_every_store(async |intake: Intake| {
        let begun = tokio::time::Instant::now();
        let imported = intake.import(a_whole_catalogue()).await.unwrap();
        println!("imported in {:?}, {} warnings: {:#?}", begun.elapsed(), imported.warning_count, imported.warnings);
        assert_eq!((imported.version, imported.changed, imported.added), (2, true, 1_510));
        assert_eq!(imported.received + imported.planned + imported.at_agency, 1_510);
        assert!(imported.retired >= 40);
        assert_eq!(intake.list(0, 500).await.len(), 1_510);
        intake.officer().search_procedures(search("thu tuc")).await.unwrap();
        let asked = tokio::time::Instant::now();
        intake.officer().search_procedures(search("dang ky bien dong")).await.unwrap();
        println!("searched in {:?}", asked.elapsed());
        assert!(asked.elapsed().as_millis() < 1_000, "{:?}", asked.elapsed());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_file_adds_updates_and_retires_and_earlier_versions_stay_readable() {
    on_every_store(async |intake: Intake| {
        let first = intake.import(csv(&rows(30))).await.unwrap();
        assert_eq!((first.version, first.added, first.updated), (2, 30, 0));
        let mut lines = rows(30);
        lines.remove(30);
        lines[1][1] = "Thủ tục đổi tên".into();
        lines.push(row(77));
        let second = intake.import(csv(&lines)).await.unwrap();
        assert_eq!((second.version, second.added, second.updated, second.retired), (3, 1, 1, 1));
        let names =
            async |version| -> Vec<String> { intake.list(version, 7).await.into_iter().map(|p| p.name).collect() };
        assert_eq!(names(2).await.len(), 30);
        assert!(names(2).await.contains(&"Thủ tục thử nghiệm số 0".into()));
        assert!(
            names(0).await.contains(&"Thủ tục đổi tên".into())
                && !names(0).await.contains(&"Thủ tục thử nghiệm số 29".into())
        );
        assert!(names(1).await.len() >= 40);
        for version in [-1, 4] {
            let asked = ListProceduresRequest { centre_id: CENTRE.into(), version, ..Default::default() };
            let unknown = intake.officer().list_procedures(asked).await.unwrap_err();
            assert_eq!((unknown.code(), reason(&unknown)), (Code::NotFound, "CATALOGUE_VERSION_UNKNOWN".into()));
        }
        // Only what changed was written.
        assert_eq!(intake.value("select count(*) as n from procedure where valid_from = 3").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_changes_nothing_whatever_its_order_or_format() {
    on_every_store(async |intake: Intake| {
        let request = header();
        let first = intake.import_as(request.clone(), csv(&rows(40))).await.unwrap();
        assert_eq!(first, intake.import_as(request.clone(), csv(&rows(40))).await.unwrap());
        let other = intake.import_as(request, csv(&rows(41))).await.unwrap_err();
        assert_eq!(reason(&other), "REQUEST_ID_REUSED");
        let mut turned = rows(40);
        turned[1..].reverse();
        let sheet = intake.import(xlsx(&rows(40))).await.unwrap();
        let turned = intake.import(csv(&turned)).await.unwrap();
        for again in [&sheet, &turned] {
            assert_eq!((again.version, again.changed, again.added), (2, false, 0), "{again:?}");
        }
        until("two events", async || (intake.events_of("catalogue.published").len() == 2).then_some(())).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_file_names_each_cell_and_nothing_is_imported() {
    on_every_store(async |intake: Intake| {
        let mut lines = rows(6);
        lines[1][0] = "2.00272".into();
        lines[2][7] = "khắp nơi".into();
        lines[3][8] = "năm".into();
        lines[4][10] = "-5".into();
        lines[6][0] = lines[5][0].clone();
        let refused = intake.import(csv(&lines)).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "CATALOGUE_INVALID".into()));
        let found = violations(&refused);
        let cells: Vec<&str> = found.iter().map(|(cell, _)| cell.as_str()).collect();
        assert_eq!(cells, ["2:code", "3:reception", "4:time_qty", "5:fee_vnd", "7:code"]);
        for (said, expected) in found.iter().map(|(_, said)| said).zip([
            "dòng 2, cột code, giá trị “2.00272”: Excel đã đổi mã thành số",
            "dòng 3, cột reception, giá trị “khắp nơi”: Điền received, planned hoặc at_agency",
            "dòng 4, cột time_qty, giá trị “năm”: Điền số nguyên dương",
            "dòng 5, cột fee_vnd, giá trị “-5”: Điền số đồng nguyên, không âm",
            "dòng 7, cột code, giá trị “1.000004”: Mã này đã có ở dòng 6",
        ]) {
            assert!(said.starts_with(expected), "{said}");
        }
        assert!(intake.list(0, 100).await.iter().all(|p| p.sample));
        // The same from a sheet, where the code is a number cell.
        let mut lines = rows(2);
        lines[2][0] = "0".into();
        let sheet = "<row r=\"3\"><c r=\"A3\"><v>2.00272</v></c>";
        let text = String::from_utf8_lossy(&xlsx(&lines)).into_owned();
        let data = text.split_once("<sheetData>").unwrap().1.split_once("</sheetData>").unwrap().0.to_owned();
        let data = data.replace("<row r=\"3\"><c r=\"A3\" t=\"inlineStr\"><is><t>0</t></is></c>", sheet);
        let refused = intake.import(files::book(&data)).await.unwrap_err();
        let found = violations(&refused);
        assert_eq!((found.len(), found[0].0.as_str()), (1, "3:code"));
        assert!(found[0].1.contains("có thể là 2.002720"), "{}", found[0].1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_bad_cells_fit_into_one_answer() {
    on_every_store(async |intake: Intake| {
        let mut lines = rows(2_000);
        lines.iter_mut().skip(1).for_each(|line| line[7] = "không rõ".into());
        let refused = intake.import(csv(&lines)).await.unwrap_err();
        assert_eq!(reason(&refused), "CATALOGUE_INVALID");
        assert_eq!(motcua_runtime::grpc::metadata(&refused)["total"], "2000");
        assert!(violations(&refused).len() >= 20);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_only_reports() {
    on_every_store(async |intake: Intake| {
        let mut lines = rows(10);
        (lines[1][8], lines[1][9]) = (String::new(), String::new());
        let check = ImportHeader { check: true, planned_from: "2027-01-04".into(), ..header() };
        let report = intake.import_as(check, csv(&lines)).await.unwrap();
        assert_eq!((report.version, report.changed, report.added), (2, true, 10));
        assert!(report.warnings.iter().any(|w| w.starts_with("dòng 2, cột time_qty")), "{:?}", report.warnings);
        assert!(intake.list(0, 100).await.iter().all(|p| p.sample));
        let dated = ImportHeader { planned_from: "2027-01-04".into(), ..header() };
        intake.import_as(dated, csv(&lines)).await.unwrap();
        let planned: Vec<Procedure> =
            intake.list(0, 100).await.into_iter().filter(|p| p.reception() == Reception::Planned).collect();
        assert!(!planned.is_empty() && planned.iter().all(|p| p.start_date == "2027-01-04"));
        let undated = ImportHeader { planned_from: "mai".into(), ..header() };
        assert_eq!(reason(&intake.import_as(undated, csv(&lines)).await.unwrap_err()), "DATE_INVALID");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_catalogue_are_refused_with_a_reason() {
    on_every_store(async |intake: Intake| {
        let far = "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>code</t></is></c></row>\
                   <row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>";
        let mut cut = xlsx(&rows(50));
        cut.truncate(cut.len() / 2);
        let cases: [(&str, Vec<u8>); 6] = [
            ("CATALOGUE_EMPTY", vec![]),
            ("CATALOGUE_EMPTY", csv(&[columns()])),
            ("CATALOGUE_NOT_UTF8", b"code,name\n1,\xff\n".to_vec()),
            ("CATALOGUE_BAD_XLSX", cut),
            ("CATALOGUE_TOO_LARGE", vec![b'a'; (32 << 20) + 1]),
            ("CATALOGUE_INVALID", files::book(far)),
        ];
        for (expected, bytes) in cases {
            assert_eq!(reason(&intake.import(bytes).await.unwrap_err()), expected);
        }
    })
    .await;
}

/// A cover sheet, a title over merged cells, blank rows, and a date that the sheet shows as a number.
#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_as_offices_keep_it_is_read_where_its_heading_is() {
    on_every_store(async |intake: Intake| {
        let cell = |name: &str, text: &str| format!("<c r=\"{name}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
        let cover = format!("<row r=\"1\">{}</row>", cell("A1", "Kèm theo Quyết định"));
        let mut lines = vec![vec!["DANH MỤC THỦ TỤC".to_owned()], vec![]];
        lines.extend(rows(3));
        lines[2].push("start_date".into());
        lines[5].push("2027-01-04".into());
        let good = files::sheet(&lines);
        let imported = intake.import(files::books(&[&cover, &good])).await.unwrap();
        assert_eq!(imported.added, 3);
        assert!(imported.warnings.iter().any(|told| told.contains("dòng tiêu đề là dòng 3")), "{imported:?}");
        assert!(imported.warnings.iter().any(|told| told.contains("trang tính “Danh mục 2”")), "{imported:?}");
        // 4 January 2027 as a number: the cell's format is lost.
        let date = "<c r=\"O6\" t=\"inlineStr\"><is><t>2027-01-04</t></is></c>";
        assert!(good.contains(date));
        let wrong = good.replace(date, "<c r=\"O6\"><v>46391</v></c>");
        let refused = violations(&intake.import(files::books(&[&cover, &wrong])).await.unwrap_err());
        assert_eq!(refused[0].0, "6:start_date");
        assert!(refused[0].1.contains("Định dạng cột là Ngày (Date), hoặc ghi 2027-01-04"), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_operators_and_admins_import_and_only_for_their_centre() {
    on_every_store(async |intake: Intake| {
        let parts = |centre_id: &str| {
            let header = ImportHeader { centre_id: centre_id.into(), ..header() };
            futures::stream::iter([ImportCatalogueRequest {
                part: Some(import_catalogue_request::Part::Header(header)),
            }])
        };
        let officer = intake.officer().import_catalogue(parts(CENTRE)).await.unwrap_err();
        assert_eq!((officer.code(), reason(&officer)), (Code::PermissionDenied, "ROLE_DENIED".into()));
        let admin = intake
            .acting(&Identity::of(Role::Admin, "hoa", "other"))
            .import_catalogue(parts(CENTRE))
            .await
            .unwrap_err();
        assert_eq!((admin.code(), reason(&admin)), (Code::PermissionDenied, "CENTRE_DENIED".into()));
        let chunk = ImportCatalogueRequest { part: Some(import_catalogue_request::Part::Chunk(vec![1].into())) };
        let headless = intake.operator().import_catalogue(futures::stream::iter([chunk])).await.unwrap_err();
        assert_eq!(reason(&headless), "IMPORT_HEADER_MISSING");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_lay_out_the_steps_of_its_procedures() {
    on_every_store(async |intake: Intake| {
        let lines = |steps: &str| {
            let mut lines = rows(2);
            lines[0].push("steps".into());
            lines[1].push(steps.into());
            lines[2].push(String::new());
            lines[1][8] = "5".into();
            lines[1][9] = "WORKING_DAY".into();
            lines
        };
        let good = "Sở Thử 0 | 2 | WORKING_DAY; Công an tỉnh | 16 | HOUR; Sở Thử 0";
        intake.import(csv(&lines(good))).await.unwrap();
        let all = intake.list(0, 10).await;
        let units: Vec<&str> = all[0].steps.iter().map(|step| step.unit.as_str()).collect();
        assert_eq!((units, all[1].steps.len()), (vec!["Sở Thử 0", "Công an tỉnh", "Sở Thử 0"], 0));
        assert_eq!(all[0].steps[1].limit, Some(Limit { quantity: 16, unit: TimeUnit::Hour.into() }));
        for (steps, told) in [
            ("Sở Thử 0 | 6 | WORKING_DAY", "dài hơn thời hạn giải quyết (05 ngày làm việc)"),
            ("Sở Thử 0; Sở Thử 0", "Gộp thành một bước"),
            ("Sở Thử 0 | hai | DAY", "số nguyên dương"),
        ] {
            let wrong = violations(&intake.import(csv(&lines(steps))).await.unwrap_err());
            assert_eq!(wrong[0].0, "2:steps", "{steps}");
            assert!(wrong[0].1.contains(told), "{wrong:?}");
        }
    })
    .await;
}
