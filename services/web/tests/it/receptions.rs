//! The dossier desk's edges: what a reception carries to intake, its other outcomes, cards and scans.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::intake::v1::end_reception_request::Outcome;
use serde_json::json;

use crate::site::{Answer, Site};

const CARD: &str =
    "086199000001|331000001|NGUYỄN THỊ THỬ NGHIỆM|15081999|Nữ|Ấp Mẫu, Xã Thử, Long Hồ, Vĩnh Long|10052021";

async fn upload(site: &Site, cookie: &str, name: &str, content: Vec<u8>) -> Answer {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/desk/1/files")
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/pdf")
        .header(header::CONTENT_LENGTH, content.len())
        .header("x-motcua", "1")
        .header("x-file-name", name)
        .header("x-request-id", "u1");
    site.ask(request.body(Body::from(content)).unwrap()).await
}

#[tokio::test]
async fn all_that_the_desk_was_told_reaches_intake() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let body = json!({
        "request_id": "r1", "procedure_code": "1.004227", "case_code": "1.004227.02", "return_channel": 2,
        "return_address": "12 Phố Mẫu",
        "applicant": {"full_name": "Công ty Mẫu", "kind": 2, "tax_code": "0123456789"},
        "submitter": {"full_name": "Trần Văn Nộp", "id_number": "086099000002", "authorisation": 2,
                      "authorisation_paper": "GGT-07"},
        "components": [{"ordinal": 1, "certified_copies": 2}], "not_applicable": [2, 3], "require_complete": true,
        "fees": [{"name": "Phí", "amount": 50000, "moment": 1, "receipt_number": "BL-1"}],
        "consent": {"sms": false, "zalo": true, "email": false},
        "files": [{"id": "f1", "ordinal": 1}, {"id": "f2", "ordinal": 0, "reused": true}],
    });
    assert_eq!(site.post("/desk/1/dossiers", &cookie, body).await.status, StatusCode::OK);
    let received = site.hall.received.lock().unwrap().pop().unwrap();
    assert_eq!((received.case_code.as_str(), received.return_address.as_str()), ("1.004227.02", "12 Phố Mẫu"));
    let submitter = received.submitter.unwrap();
    assert_eq!((submitter.full_name.as_str(), submitter.authorisation), ("Trần Văn Nộp", 2));
    assert_eq!(received.applicant.unwrap().tax_code, "0123456789");
    assert_eq!((received.components[0].certified_copies, received.not_applicable), (2, vec![2, 3]));
    assert_eq!((received.fees[0].amount_vnd, received.fees[0].receipt_number.as_str()), (50_000, "BL-1"));
    assert!(received.require_complete && received.consent.unwrap().zalo);
    let flags: Vec<(bool, bool)> = received.files.iter().map(|f| (f.digitised, f.reused)).collect();
    assert_eq!(flags, [(true, false), (false, true)]);
}

#[tokio::test]
async fn each_outcome_answers_with_its_number_and_form() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let end = |outcome: serde_json::Value| {
        json!({"request_id": "r1", "ticket_id": "t1", "procedure_code": "1.004227",
               "applicant": {"full_name": "Nguyễn Thị Lan"}, "outcome": outcome})
    };
    let asked = json!({"kind": "supplement", "reason": "Thiếu", "papers": [{"name": "Đơn", "originals": 1}]});
    let slip = site.post("/desk/1/receptions", &cookie, end(asked)).await.json();
    assert_eq!((slip["number"].as_str(), slip["title"].as_str().unwrap().contains("bổ sung")), (Some("0001"), true));
    let pdf = site.get(slip["form"].as_str().unwrap(), &cookie).await;
    assert_eq!((pdf.status, pdf.headers[header::CONTENT_TYPE].to_str().unwrap()), (StatusCode::OK, "application/pdf"));
    site.post("/desk/1/receptions", &cookie, end(json!({"kind": "refusal", "reason": "Sai nơi"}))).await;
    let guided = site.post("/desk/1/receptions", &cookie, end(json!({"kind": "guided", "reason": "Hỏi"}))).await.json();
    assert!(guided["form"].is_null());
    let ended = std::mem::take(&mut *site.hall.ended.lock().unwrap());
    assert!(
        matches!(&ended[0].outcome, Some(Outcome::Supplement(s)) if s.papers[0].originals == 1 && s.reason == "Thiếu")
    );
    assert!(matches!(&ended[1].outcome, Some(Outcome::Refusal(r)) if r.reason == "Sai nơi"));
    assert!(matches!(&ended[2].outcome, Some(Outcome::Guided(g)) if g.note == "Hỏi"));
    assert!(ended.iter().all(|e| e.ticket_id == "t1" && !e.counter_id.is_empty()));
    let other = site.post("/desk/1/receptions", &cookie, end(json!({"kind": "lost"}))).await;
    assert_eq!((other.status, other.json()["reason"].as_str().unwrap()), (StatusCode::BAD_REQUEST, "BODY_INVALID"));
    let figures = site.get("/desk/1/figures", &cookie).await.json();
    assert_eq!(figures["text"], "Hôm nay: 3 tiếp nhận · 2 bổ sung · 1 từ chối · 4 hướng dẫn");
}

#[tokio::test]
async fn a_card_fills_the_form_and_garbage_is_told() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let garbled: String = CARD.bytes().map(char::from).collect();
    for line in [CARD.to_owned(), garbled] {
        let read = site.post("/desk/1/card", &cookie, json!({"request_id": "c", "text": line})).await.json();
        assert_eq!(
            (read["full_name"].as_str(), read["id_number"].as_str()),
            (Some("NGUYỄN THỊ THỬ NGHIỆM"), Some("086199000001"))
        );
    }
    let bad = site.post("/desk/1/card", &cookie, json!({"request_id": "c", "text": "https://example.vn"})).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (bad.json()["reason"].as_str(), bad.json()["fields"][0]["field"].as_str()),
        (Some("ID_CARD_UNREADABLE"), Some("card"))
    );
}

#[tokio::test]
async fn a_scan_is_carried_whole_and_read_back_by_staff_only() {
    let site = Site::new().await;
    let cookie = site.sign_in(Role::Officer, "/desk/1").await;
    let content = [b"%PDF-1.7".as_slice(), &vec![b'x'; 300_000]].concat();
    let kept = upload(&site, &cookie, "T%E1%BB%9D%20khai.pdf", content.clone()).await;
    assert_eq!((kept.status, kept.json()["name"].as_str().unwrap().to_owned()), (StatusCode::OK, "Tờ khai.pdf".into()));
    {
        let scans = site.hall.scans.lock().unwrap();
        let (header, carried) = &scans[0];
        assert_eq!((header.size_bytes, header.request_id.as_str()), (content.len() as i64, "u1"));
        assert_eq!((header.media_type.as_str(), carried == &content), ("application/pdf", true));
    }
    let other = upload(&site, &cookie, "a.pdf", b"MZ".to_vec()).await;
    assert_eq!(
        (other.status, other.json()["reason"].as_str().unwrap().to_owned()),
        (StatusCode::UNPROCESSABLE_ENTITY, "FILE_TYPE_MISMATCH".into())
    );
    let huge = upload(&site, &cookie, "a.pdf", vec![b'x'; (16 << 20) + 1]).await;
    assert_eq!(
        (huge.status, huge.json()["reason"].as_str().unwrap().to_owned()),
        (StatusCode::PAYLOAD_TOO_LARGE, "FILE_TOO_LARGE".into())
    );
    let blind = Request::builder()
        .method(Method::POST)
        .uri("/desk/1/files")
        .header(header::COOKIE, &cookie)
        .header("x-motcua", "1");
    let blind = site.ask(blind.body(Body::from("x")).unwrap()).await;
    assert_eq!(blind.status, StatusCode::LENGTH_REQUIRED);

    let read = site.get("/desk/1/files/f1", &cookie).await;
    assert_eq!((read.status, read.body.as_str()), (StatusCode::OK, "%PDF-1.7"));
    assert_eq!(read.headers[header::CONTENT_DISPOSITION], "inline; filename*=UTF-8''T%E1%BB%9D%20khai.pdf");
    assert!(read.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
    assert_eq!(read.headers[header::CACHE_CONTROL], "no-store");
    for (path, role) in [("/console/1", Role::Guide), ("/manager", Role::Manager)] {
        let guest = site.sign_in(role, path).await;
        assert_eq!(upload(&site, &guest, "a.pdf", b"%PDF-1".to_vec()).await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(site.get("/desk/1/files/f1", "").await.status, StatusCode::UNAUTHORIZED);
}
