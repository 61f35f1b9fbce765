use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use motcua_kernel::identity::Role;
use sea_orm::ConnectionTrait as _;

use crate::site::Site;

#[tokio::test]
async fn a_link_opens_its_own_page_and_later_only_for_ten_minutes() {
    for site in Site::everywhere().await {
        let link = site.link(Role::Officer, "/console/1").await;
        let other = link.replace("/console/1", "/console/2");
        assert_eq!(site.get(&other, "").await.status, StatusCode::UNAUTHORIZED);

        let first = site.get(&link, "").await;
        assert_eq!(first.status, StatusCode::OK);
        let cookie = first.headers[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly; SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
        assert_eq!(site.get(&link, "").await.status, StatusCode::OK, "a reload within ten minutes");
        assert_eq!(site.get("/console/1", &first.cookie()).await.status, StatusCode::OK);

        let sql = "update link set first_used = first_used - 601000000";
        let tx = site.database.db.begin().await.unwrap();
        tx.execute_unprepared(sql).await.unwrap();
        motcua_store::commit(tx).await.unwrap();
        let late = site.get(&link, "").await;
        assert_eq!(late.status, StatusCode::UNAUTHORIZED);
        assert!(late.body.contains("LINK_USED") && late.body.contains("motcua link console/1"), "{}", late.body);
        assert_eq!(site.get(&link, &first.cookie()).await.status, StatusCode::OK, "the session goes on");
    }
}

#[tokio::test]
async fn nobody_comes_in_without_a_link_or_with_anothers_cookie() {
    let site = Site::new().await;
    for path in ["/console/1", "/desk/1", "/manager", "/admin"] {
        for cookie in ["", "motcua_officer=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            let answer = site.get(path, cookie).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert!(answer.body.contains("Chưa đăng nhập") && answer.body.contains("motcua link"), "{}", answer.body);
        }
    }
    let answer = site.get("/console/1/state", "").await;
    assert_eq!((answer.status, answer.json()["reason"].as_str().unwrap()), (StatusCode::UNAUTHORIZED, "SIGNED_OUT"));
}

#[tokio::test]
async fn a_role_opens_its_pages_and_two_roles_live_in_one_browser() {
    let site = Site::new().await;
    let officer = site.sign_in(Role::Officer, "/console/1").await;
    assert_eq!(site.get("/manager", &officer).await.status, StatusCode::FORBIDDEN);
    let manager = site.sign_in(Role::Manager, "/manager").await;
    assert_eq!(site.get("/console/1", &manager).await.status, StatusCode::FORBIDDEN);
    let both = format!("{officer}; {manager}");
    assert_eq!(site.get("/manager", &both).await.status, StatusCode::OK);
    assert_eq!(site.get("/console/1", &both).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_request_that_our_page_did_not_make_is_refused() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/console/1").await;
    let forged = |extra: &[(&str, &str)]| {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri("/console/1/call")
            .header(header::COOKIE, &cookie)
            .header(header::HOST, "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        request.body(Body::from(r#"{"request_id":"r1"}"#)).unwrap()
    };
    for extra in [
        &[][..],
        &[("x-motcua", "1"), ("origin", "https://evil.example")],
        &[("x-motcua", "1"), ("sec-fetch-site", "cross-site")],
    ] {
        let answer = site.ask(forged(extra)).await;
        assert_eq!((answer.status, answer.json()["reason"].as_str().unwrap()), (StatusCode::FORBIDDEN, "CROSS_SITE"));
    }
    assert!(site.hall.live("c1").is_none());
    let own = [("x-motcua", "1"), ("origin", "http://127.0.0.1:8080"), ("sec-fetch-site", "same-origin")];
    assert_eq!(site.ask(forged(&own)).await.status, StatusCode::OK);
}
