//! The book: intake's lines and status' dates on one page and in one file.

use std::time::Duration;

use axum::http::{StatusCode, header};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1 as intake;
use motcua_proto::status::v1 as status;
use motcua_runtime::grpc::timestamp;

use tonic::{Response, Status};

use crate::doubles::Answer;
use crate::hall::CENTRE;
use crate::site::Site;

const LINES: usize = 1_500;

/// A book of 1,500 lines; what is asked of "nothing" has none, and status is silent about those of "silent".
pub fn lines(asked: &intake::ListRegisterRequest) -> intake::ListRegisterResponse {
    let total = if asked.department == "nothing" { 0 } else { LINES };
    let from: usize = asked.page_token.parse().unwrap_or(0);
    let to = total.min(from + usize::try_from(asked.page_size).unwrap());
    let entry = |n: usize| intake::RegisterEntry {
        number: i32::try_from(n + 1).unwrap(),
        dossier_id: format!("{}{n}", if asked.department == "silent" { "silent" } else { "d" }),
        code: format!("000.00.16.H61-261123-{n:04}"),
        applicant: "Nguyễn Thị <b>Thử</b>".into(),
        accept_time: Some(timestamp("2026-11-23T01:30:00Z".parse().unwrap())),
        sets: 1,
        ..Default::default()
    };
    intake::ListRegisterResponse {
        entries: (from..to).map(entry).collect(),
        next_page_token: if to < total { to.to_string() } else { String::new() },
        total: i32::try_from(total).unwrap(),
    }
}

pub fn dates(asked: &status::ListCourseDatesRequest) -> Answer<status::ListCourseDatesResponse> {
    if asked.dossier_ids.iter().any(|id| id.starts_with("silent")) {
        return Err(Status::unavailable("away"));
    }
    let dates = |id: &String| status::CourseDates {
        dossier_id: id.clone(),
        state: 7,
        state_label: "Công dân yêu cầu rút hồ sơ".into(),
        forward_time: Some(timestamp("2026-11-24T01:30:00Z".parse().unwrap())),
        ..Default::default()
    };
    let dates = asked.dossier_ids.iter().map(dates).collect();
    Ok(Response::new(status::ListCourseDatesResponse { dates }))
}

/// Says how many dates it was brought.
pub fn file(asked: &intake::ExportRegisterRequest) -> intake::ExportRegisterResponse {
    assert!(asked.dates.iter().all(|dates| dates.note == "Công dân yêu cầu rút hồ sơ"));
    let content = format!("{} {} {}", asked.first_day, asked.last_day, asked.dates.len());
    intake::ExportRegisterResponse { content: content.into_bytes().into(), file_name: "sổ.csv".into() }
}

#[tokio::test]
async fn the_book_is_composed_of_lines_and_dates_page_by_page() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/register").await;
    let page = site.get("/register?first=2026-11-01&last=2026-11-23", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    for words in ["1.500", "23/11/2026", "24/11/2026", "Công dân yêu cầu rút hồ sơ", "Tải PDF", "page=50"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(page.body.contains("Nguyễn Thị &lt;b&gt;Thử&lt;/b&gt;"));
    let file = site.get("/register/so-theo-doi.csv?first=2026-11-01&last=2026-11-23", &cookie).await;
    assert_eq!((file.status, file.body.as_str()), (StatusCode::OK, "2026-11-01 2026-11-23 1500"));
    assert_eq!(file.headers[header::CONTENT_DISPOSITION], "attachment; filename*=UTF-8''s%E1%BB%95.csv");
    let empty = site.get("/register?department=nothing", &cookie).await;
    assert!(empty.body.contains("Không có hồ sơ nào được tiếp nhận") && !empty.body.contains("Tải PDF"));
    assert!(empty.body.contains("value=\"2026-11-23\""), "today, when nothing is said");
    // Without status the lines are there and say what is missing; a file without its dates is not made.
    let half = site.get("/register?department=silent", &cookie).await;
    assert!(half.body.contains("Chưa đọc được ngày chuyển") && half.body.contains("261123-0000"), "{}", half.body);
    let file = site.get("/register/so-theo-doi.csv?department=silent", &cookie).await;
    assert!(file.status == StatusCode::SERVICE_UNAVAILABLE && file.body.contains("Tạm mất kết nối"), "{}", file.body);
    let unknown = site.get("/register/so-theo-doi.doc", &cookie).await;
    assert!(unknown.status == StatusCode::NOT_FOUND && unknown.body.contains("Không có tệp này"));
}

#[tokio::test]
async fn the_book_is_open_to_who_may_read_it() {
    let site = Site::new().await;
    for (role, status) in [
        (Role::Manager, StatusCode::OK),
        (Role::Guide, StatusCode::FORBIDDEN),
        (Role::Department, StatusCode::FORBIDDEN),
    ] {
        let cookie = site.sign_in(role, if role == Role::Manager { "/manager" } else { "/dossiers" }).await;
        for path in ["/register", "/register/so-theo-doi.csv"] {
            assert_eq!(site.get(path, &cookie).await.status, status, "{role:?} {path}");
        }
    }
    assert_eq!(site.get("/register", "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_of_a_department_asks_in_its_name_and_says_so() {
    for site in Site::everywhere().await {
        let who = Identity::of(Role::Officer, "lan.nguyen", CENTRE).in_department("Sở Y tế");
        let link = motcua_web::new_link(&site.database.db, "", &who, "/register", Duration::from_secs(60)).await;
        let opened = site.get(&link.unwrap(), "").await;
        assert_eq!(opened.status, StatusCode::OK, "{}", opened.body);
        assert!(opened.body.contains("<b>Sở Y tế</b>") && !opened.body.contains("Mọi cơ quan"), "{}", opened.body);
        let who = site.hall.acted.lock().unwrap().get("ListRegister").cloned().unwrap();
        assert_eq!(who.department.as_deref(), Some("Sở Y tế"), "in the token");
        let list = site.get("/dossiers", &opened.cookie()).await;
        assert!(list.body.contains("Hồ sơ do <b>Sở Y tế</b> giải quyết hoặc đang giữ"), "{}", list.body);
    }
}
