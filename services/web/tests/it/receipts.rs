//! The phone page of a dossier: its languages, and what its holder may do there with plain forms.

use axum::http::{StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::intake::v1::open_receipt_response::Outcome;
use motcua_proto::intake::v1::receipt_service_server::ReceiptService;
use motcua_proto::intake::v1::{self as intake, ReturnChannel};
use motcua_runtime::grpc::{self, timestamp};
use tonic::{Code, Request, Response};

use crate::doubles::{Answer, Doubles};
use crate::hall::RECEIPT_TOKEN;
use crate::site::Site;

#[tonic::async_trait]
impl ReceiptService for Doubles {
    async fn open_receipt(&self, request: Request<intake::OpenReceiptRequest>) -> Answer<intake::OpenReceiptResponse> {
        self.0.enter("OpenReceipt", &request)?;
        let asked = request.into_inner();
        if asked.token != RECEIPT_TOKEN {
            return Err(grpc::status(Code::NotFound, "DOSSIER_UNKNOWN", "Không có hồ sơ này.", &[]));
        }
        let outcome = match asked.phone_digits.as_str() {
            "5678" => Outcome::Opened(intake::OpenedReceipt {
                code: "000.00.12.H61-261123-0001".into(),
                owner_masked: "Nguyễn T. T. N.".into(),
                accept_time: Some(timestamp(self.0.now)),
                limit_text: "10 ngày làm việc".into(),
                return_channel: ReturnChannel::Post.into(),
                papers: vec![intake::PaperHanded { name: "Tờ khai <01>".into(), originals: 1, ..Default::default() }],
                pdf: if asked.with_pdf { b"%PDF-1.7".to_vec().into() } else { Default::default() },
                file_name: "giay-hen.pdf".into(),
                ..Default::default()
            }),
            "0000" => Outcome::Closed(intake::ClosedReceipt {
                tries_left: 0,
                rest_until: Some(timestamp("2026-11-23T01:57:00Z".parse().unwrap())),
            }),
            other if other.len() == 4 => Outcome::Closed(intake::ClosedReceipt { tries_left: 3, rest_until: None }),
            _ => return Err(grpc::bad_request("DIGITS_INVALID", "phone_digits", "Mời nhập đúng 4 chữ số.")),
        };
        Ok(Response::new(intake::OpenReceiptResponse { outcome: Some(outcome) }))
    }
}

fn address(act: &str) -> String {
    format!("/d/{RECEIPT_TOKEN}{act}")
}

#[tokio::test]
async fn the_page_speaks_three_languages_and_vietnamese_unless_asked() {
    let site = Site::new().await;
    for (query, lang, words) in [
        ("", "vi", "Đơn vị đang giữ: Sở Tài nguyên và Môi trường"),
        ("?lang=xx", "vi", "Hẹn trả kết quả: <b>17:00 Thứ Hai, 07/12/2026</b>"),
        ("?lang=en", "en", "Result promised: <b>17:00, 07/12/2026</b>"),
        ("?lang=en", "en", "In progress"),
        ("?lang=en", "en", "Sent to the office in charge"),
        ("?lang=en", "en", "<span lang=\"vi\">Đang thẩm định</span>"),
        ("?lang=km", "km", "កំពុងដោះស្រាយ"),
    ] {
        let page = site.get(&address(query), "").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(&format!("<html lang=\"{lang}\">")), "{query}");
        assert!(page.body.contains(words), "{words}: {}", page.body);
        assert!(page.body.contains(&format!("href=\"{}\"", address("?lang=km"))));
        assert!(!page.body.contains("id=\"rate\""), "nothing to rate yet");
    }
    *site.hall.fresh.lock().unwrap() = true;
    let fresh = site.get(&address("?lang=en"), "").await;
    assert!(fresh.body.contains("Your dossier was received"), "{}", fresh.body);
    assert_eq!(fresh.headers.get("refresh").and_then(|after| after.to_str().ok()), Some("3"), "also without a script");
}

#[tokio::test]
async fn a_returned_result_is_rated_by_a_plain_form_and_thought_over() {
    let site = Site::new().await;
    *site.hall.returned.lock().unwrap() = true;
    let page = site.get(&address("?lang=en"), "").await;
    assert!(page.body.contains("Were you satisfied?") && page.body.contains("Very satisfied"), "{}", page.body);
    assert!(page.body.contains(&format!("action=\"{}\"", address("/rate?lang=en#rate"))), "{}", page.body);

    let nothing = site.form(&address("/rate?lang=en"), "request_id=r1&comment=%22Too+slow%22").await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nothing.body.contains("Please choose from 1 to 5."), "{}", nothing.body);
    assert!(nothing.body.contains(">&quot;Too slow&quot;</textarea>"), "what was typed stays: {}", nothing.body);

    let taken = site.form(&address("/rate?lang=en"), "request_id=r2&score=4&comment=").await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    assert_eq!(taken.headers[header::LOCATION].to_str().unwrap(), address("?lang=en#rate"));
    let page = site.get(&address("?lang=en"), "").await;
    assert!(page.body.contains("Thank you for your rating: 4/5, satisfied."), "{}", page.body);
    assert!(page.body.contains("You can change it until 08:42, 24/11/2026"), "{}", page.body);
    assert!(page.body.contains("value=\"4\" checked"), "{}", page.body);

    site.form(&address("/rate"), "request_id=r3&score=2&comment=last").await;
    let page = site.get(&address(""), "").await;
    assert!(page.body.contains("Cảm ơn ông/bà đã đánh giá: 2/5, không hài lòng."), "{}", page.body);
    assert!(!page.body.contains("<textarea"), "the day is over: {}", page.body);
    let late = site.form(&address("/rate"), "request_id=r4&score=5&comment=").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("không sửa được nữa"), "{}", late.body);
    let asked = site.hall.asked.lock().unwrap();
    assert!(asked.iter().filter(|a| a.0 == "RateDossier").all(|a| a.1 == Role::Citizen));
}

#[tokio::test]
async fn a_form_that_is_none_and_a_receipt_that_is_none_are_told() {
    let site = Site::new().await;
    let unknown = site.form(&format!("/d/{}/rate", "Z".repeat(22)), "request_id=r1&score=5").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.body.contains("RECEIPT_UNKNOWN"), "{}", unknown.body);
    let json = site.post(&address("/rate"), "", serde_json::json!({"score": 5})).await;
    assert_eq!(json.status, StatusCode::BAD_REQUEST);
    assert!(json.body.contains("BODY_INVALID"), "{}", json.body);
    *site.hall.away.lock().unwrap() = Some(tonic::Code::Unavailable);
    let away = site.form(&address("/rate"), "request_id=r1&score=5").await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn four_digits_show_more_and_wrong_ones_say_what_is_left() {
    let site = Site::new().await;
    let page = site.get(&address(""), "").await;
    assert!(page.body.contains("4 số cuối") && !page.body.contains("Nguyễn T."), "{}", page.body);
    for (digits, status, words) in [
        ("12", StatusCode::UNPROCESSABLE_ENTITY, "Mời nhập đúng 4 chữ số."),
        ("1234", StatusCode::UNPROCESSABLE_ENTITY, "Còn 3 lần thử."),
        ("0000", StatusCode::TOO_MANY_REQUESTS, "Mời thử lại sau 08:57, 23/11/2026"),
    ] {
        let page = site.form(&address(""), &format!("digits={digits}")).await;
        assert_eq!(page.status, status, "{digits}");
        assert!(page.body.contains(words) && page.body.contains("aria-invalid"), "{words}: {}", page.body);
        assert!(!page.body.contains("Nguyễn T."));
    }
    let open = site.form(&address("?lang=en"), "digits=5678").await;
    assert_eq!(open.status, StatusCode::OK);
    for words in [
        "000.00.12.H61-261123-0001",
        "Nguyễn T. T. N.",
        "By post",
        "Tờ khai &lt;01&gt;</span>: 1 original",
        "10 working days",
    ] {
        assert!(open.body.contains(words), "{words}: {}", open.body);
    }
    assert!(open.body.contains("Close this page if the phone is not yours."), "{}", open.body);
    assert_eq!(open.headers[header::CACHE_CONTROL], "no-store");
    let pdf = site.form(&address("/receipt.pdf"), "digits=5678").await;
    assert_eq!((pdf.status, pdf.body.as_str()), (StatusCode::OK, "%PDF-1.7"));
    let none = site.form(&address("/receipt.pdf"), "digits=1234").await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.body.contains("Còn 3 lần thử."), "{}", none.body);
    let unknown = site.form(&format!("/d/{}", "Z".repeat(22)), "digits=5678").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(&address("/receipt.pdf"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    *site.hall.away.lock().unwrap() = Some(Code::Unavailable);
    assert_eq!(site.form(&address(""), "digits=5678").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let asked = site.hall.asked.lock().unwrap();
    assert!(asked.iter().filter(|a| a.0 == "OpenReceipt").all(|a| a.1 == Role::Citizen));
}
