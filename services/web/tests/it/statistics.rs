//! Figures over days as the manager sees them.

use axum::http::{StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::status::v1::{self as status, statistics_service_server::StatisticsService};
use motcua_runtime::grpc;
use tonic::{Code, Request, Response};

use crate::doubles::{Answer, Doubles};
use crate::site::Site;

#[tonic::async_trait]
impl StatisticsService for Doubles {
    async fn get_statistics(
        &self,
        request: Request<status::GetStatisticsRequest>,
    ) -> Answer<status::GetStatisticsResponse> {
        self.0.enter("GetStatistics", &request)?;
        if request.get_ref().first_day.starts_with("2020") {
            return Err(grpc::bad_request("PERIOD_INVALID", "first_day", "Kỳ báo cáo dài nhất 400 ngày."));
        }
        if *self.0.quiet.lock().unwrap() {
            return Ok(Response::new(status::GetStatisticsResponse::default()));
        }
        let endings = |early, on_time, late| Some(status::Endings { early, on_time, late });
        Ok(Response::new(status::GetStatisticsResponse {
            hours: vec![
                status::HourFigures { hour: 8, accepted: 1240 },
                status::HourFigures { hour: 10, accepted: 310 },
            ],
            days: vec![status::DateFigures { day: "2026-11-20".into(), accepted: 1550, finished: 12 }],
            departments: vec![
                status::DepartmentFigures { department: "Sở Xây dựng".into(), endings: endings(1, 2, 1) },
                status::DepartmentFigures { department: "=Sở <Y tế>".into(), endings: endings(8, 0, 0) },
            ],
            procedures: vec![status::ProcedureFigures {
                procedure_code: "1.009994".into(),
                procedure_name: "Cấp giấy phép xây dựng".into(),
                endings: endings(1, 2, 1),
                supplements: 3,
                supplemented: 2,
            }],
            overdue: vec![status::OverdueHolding {
                holder: "Sở Xây dựng".into(),
                person: "lan".into(),
                overdue: 4,
                oldest_due_time: None,
            }],
            ratings: vec![status::DepartmentRatings {
                department: "Sở Xây dựng".into(),
                by_score: vec![1, 0, 0, 1, 2],
            }],
            comments: vec![status::RatingComment {
                dossier_id: "d4".into(),
                code: "000.00.12.H61-261123-0004".into(),
                department: "Sở Xây dựng".into(),
                score: 1,
                comment: "Chờ <lâu> quá".into(),
                time: None,
            }],
        }))
    }
}

#[tokio::test]
async fn every_figure_is_drawn_told_and_followed() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Manager, "/manager/statistics").await;
    let page = site.get("/manager/statistics?range=week", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    let span = "happening=finished&amp;first=2026-11-23&amp;last=2026-11-23";
    for words in [
        "Sở Xây dựng: trước hạn 1, đúng hạn 2, quá hạn 1",
        &format!("/dossiers?department=S%E1%BB%9F%20X%C3%A2y%20d%E1%BB%B1ng&amp;{span}&amp;ended=late"),
        "75 %",
        "=Sở &lt;Y tế&gt;",
        "1.240",
        "&amp;hour=8",
        "9 giờ: 0",
        "procedure=1.009994&amp;happening=supplement",
        "Sở Xây dựng: mức 1 1, mức 2 0, mức 3 0, mức 4 1, mức 5 2",
        "3,7/5",
        "happening=rated&amp;first=2026-11-23&amp;last=2026-11-23&amp;score=1",
        "<q>Chờ &lt;lâu&gt; quá</q>",
        "overdue=true&amp;holder=S%E1%BB%9F%20X%C3%A2y%20d%E1%BB%B1ng&amp;person=lan",
        "/manager/statistics/dung-han-theo-don-vi.csv?range=week",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains(" style=") && !page.body.contains("<script>"));
}

#[tokio::test]
async fn nothing_counted_nobody_there_and_days_that_are_none_are_said() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Manager, "/manager/statistics").await;
    for query in ["?range=custom&first=2026-11-30&last=2026-11-01", "?first=mai", "?first=2020-01-01&last=2026-01-01"] {
        let page = site.get(&format!("/manager/statistics{query}"), &cookie).await;
        assert_eq!(page.status, StatusCode::OK, "{query}");
        assert!(page.body.contains("class=\"refused\"") && !page.body.contains("class=\"panels\""), "{}", page.body);
    }
    *site.hall.quiet.lock().unwrap() = true;
    let page = site.get("/manager/statistics?range=nie", &cookie).await;
    for words in [
        "chưa có hồ sơ nào giải quyết xong",
        "Hiện không có hồ sơ nào quá hạn",
        "không có yêu cầu bổ sung nào",
        "chưa có đánh giá nào",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("<svg class=\"bars\""));
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    let page = site.get("/manager/statistics", &cookie).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Chưa lấy được số liệu") && page.body.contains("Thử lại"), "{}", page.body);
}

#[tokio::test]
async fn files_open_in_office_programs_and_run_nothing() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Manager, "/manager/statistics").await;
    let file = site.get("/manager/statistics/dung-han-theo-don-vi.csv?range=today", &cookie).await;
    assert_eq!(
        (file.status, file.headers[header::CONTENT_TYPE].to_str().unwrap()),
        (StatusCode::OK, "text/csv; charset=utf-8")
    );
    let name = file.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert!(name.ends_with("dung-han-theo-don-vi-2026-11-23_2026-11-23.csv"), "{name}");
    assert!(file.body.starts_with("\u{feff}\"Đơn vị\",\"Trước hạn\""), "{}", file.body);
    assert!(file.body.contains("\"'=Sở <Y tế>\",8,0,0,\"100 %\"\r\n"), "{}", file.body);
    let unknown = site.get("/manager/statistics/x.csv", &cookie).await;
    assert_eq!((unknown.status, unknown.json()["reason"].as_str().unwrap()), (StatusCode::NOT_FOUND, "FILE_UNKNOWN"));
    let wrong = site.get("/manager/statistics/tiep-nhan-theo-gio.csv?first=mai", &cookie).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    assert_eq!(site.get("/manager/statistics", &officer).await.status, StatusCode::FORBIDDEN);
    let refused = site.get("/manager/statistics/tiep-nhan-theo-gio.csv", &officer).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
