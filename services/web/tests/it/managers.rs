use axum::http::StatusCode;
use motcua_kernel::identity::Role;
use tonic::Code;

use crate::site::Site;

#[tokio::test]
async fn the_manager_sees_the_hall_and_the_promises() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Manager, "/manager").await;
    let page = site.get("/manager", &cookie).await;
    for words in ["Chờ lâu nhất", "22 phút", "7/8", "Sở Xây dựng", "•••678", "Chưa nối nhà cung cấp tin nhắn"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    let figures = site.get("/manager/figures", &cookie).await;
    assert_eq!(figures.status, StatusCode::OK);
    assert!(figures.body.contains("Chưa lấy được số liệu hồ sơ"), "{}", figures.body);
}

#[tokio::test]
async fn the_manager_sees_how_often_the_time_told_held() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Manager, "/manager").await;
    let page = site.get("/manager", &cookie).await;
    for words in ["Ước lượng chờ", "Đúng trong khoảng đã báo: 88 %", "mốc sớm: 48 %", "14 phút", "31 phút"]
    {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    *site.hall.quiet.lock().unwrap() = true;
    let figures = site.get("/manager/figures", &cookie).await;
    assert!(figures.body.contains("Hôm nay chưa gọi số nào có báo thời gian chờ."), "{}", figures.body);
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    let figures = site.get("/manager/figures", &cookie).await;
    assert!(figures.body.contains("Chưa lấy được số liệu ước lượng chờ"), "{}", figures.body);
}

#[tokio::test]
async fn the_administrator_sees_what_is_applied() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Admin, "/admin").await;
    let page = site.get("/admin", &cookie).await;
    for words in ["phiên bản 3", "Đăng ký doanh nghiệp", "Sở Tư pháp", "motcua centre apply"] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    let colours = site.get("/assets/web/centre.css", "").await;
    assert!(colours.body.contains("[data-area=\"a\"] { --area: #8F1D1D; }"), "{}", colours.body);
}
