//! The phone page of a dossier: its languages, and what its holder may do there with plain forms.

use axum::http::{StatusCode, header};
use motcua_kernel::identity::Role;

use crate::hall::RECEIPT_TOKEN;
use crate::site::Site;

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
