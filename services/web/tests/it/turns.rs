//! Being told of one's turn by a message: plain forms on the ticket's page, and a number that stays nowhere.

use axum::http::{StatusCode, header};
use motcua_kernel::identity::Role;
use motcua_proto::routing::v1::TicketState;

use crate::hall::TICKET_TOKEN;
use crate::site::Site;

fn third(act: &str) -> String {
    format!("/t/{}{act}", TICKET_TOKEN.replace("01", "03"))
}

fn kept(site: &Site) -> Vec<String> {
    site.hall.told.tickets.lock().unwrap().1.values().cloned().collect()
}

#[tokio::test]
async fn a_number_is_left_by_a_plain_form_and_forgotten_by_another() {
    let site = Site::new().await;
    let page = site.get(&third(""), "").await;
    assert!(page.body.contains("Nhắn tin cho tôi khi gần đến lượt"), "{}", page.body);
    assert!(page.body.contains("xóa khi xong lượt hoặc hết ngày"), "what is kept, and until when");
    assert!(page.body.contains(&format!("action=\"{}\"", third("/notice?lang=vi#notice"))), "{}", page.body);

    let taken = site.form(&third("/notice?lang=km"), "request_id=r1&phone=0912+345+678").await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    assert_eq!(taken.headers[header::LOCATION].to_str().unwrap(), third("?lang=km#notice"));
    assert_eq!(kept(&site), ["+84912345678 km ticket-1"]);

    for lang in ["vi", "km", "en"] {
        let page = site.get(&third(&format!("?lang={lang}")), "").await;
        assert!(page.body.contains("•••678") && page.body.contains("name=\"stop\""), "{lang}: {}", page.body);
        for form in ["0912345678", "912345678", "0912 345 678"] {
            assert!(!page.body.contains(form), "{lang}: {form}");
        }
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
    }
    let stopped = site.form(&third("/notice?lang=vi"), "request_id=r2&stop=1").await;
    assert_eq!((stopped.status, kept(&site).len()), (StatusCode::SEE_OTHER, 0));
    assert!(site.get(&third(""), "").await.body.contains("Đồng ý, nhắn cho tôi"));
    let asked = site.hall.asked.lock().unwrap();
    let own = asked.iter().filter(|a| a.0.contains("TicketContact") || a.0.ends_with("TicketNotice"));
    assert!(own.clone().count() >= 4 && own.clone().all(|a| a.1 == Role::Citizen));
}

#[tokio::test]
async fn a_wrong_number_is_refused_in_a_sentence_and_stays_in_its_field() {
    let site = Site::new().await;
    for (typed, said, sentence) in [
        ("0912", "0912", "Số này không đúng. Mời nhập số di động Việt Nam"),
        ("", "", "Số này không đúng."),
        ("%2B1+202+555+0100", "+1 202 555 0100", "Số này không đúng."),
        ("0270+3822+123", "0270 3822 123", "Số cố định không nhận được tin nhắn."),
        ("%22%3E%3Cscript%3E", "&quot;&gt;&lt;script&gt;", "Số này không đúng."),
    ] {
        let refused = site.form(&third("/notice?lang=vi"), &format!("request_id=r1&phone={typed}")).await;
        assert!(refused.status.is_client_error(), "{typed}: {}", refused.status);
        assert!(refused.body.contains(sentence), "{typed}: {}", refused.body);
        assert!(refused.body.contains(&format!("value=\"{said}\"")), "{typed}: {}", refused.body);
        assert!(refused.body.contains("aria-invalid=\"true\""));
    }
    assert_eq!(kept(&site), Vec::<String>::new());
    let english = site.form(&third("/notice?lang=en"), "request_id=r1&phone=12").await;
    assert!(english.body.contains("This number is not right."), "{}", english.body);
    // The language switch and a reload of the answer lead to the page itself.
    let back = site.get(&third("/notice?lang=km"), "").await;
    assert_eq!(back.headers[header::LOCATION].to_str().unwrap(), third("?lang=km"));
}

#[tokio::test]
async fn nothing_is_kept_for_a_ticket_that_cannot_be_told_and_nothing_offered_that_nobody_sends() {
    let site = Site::new().await;
    site.hall.change("t3", "missed", |t| t.set_state(TicketState::Missed));
    let refused = site.form(&third("/notice?lang=vi"), "request_id=r1&phone=0912345678").await;
    assert!(refused.body.contains("vừa được gọi hoặc đã thay đổi"), "{}", refused.body);
    assert_eq!(kept(&site), Vec::<String>::new(), "forgotten again");
    let unknown = site.form("/t/ZZZZZZZZZZZZZZZZZZZZZZ/notice", "request_id=r1&phone=0912345678").await;
    assert_eq!((unknown.status, kept(&site).len()), (StatusCode::NOT_FOUND, 0));

    site.hall.change("t3", "reentered", |t| t.set_state(TicketState::Waiting));
    site.hall.told.tickets.lock().unwrap().0 = "outgoing".into();
    assert!(site.get(&third(""), "").await.body.contains("Trung tâm chưa nối tổng đài"));
    site.form(&third("/notice?lang=vi"), "request_id=r9&phone=0912345678").await;
    let on = site.get(&third(""), "").await.body;
    assert!(on.contains("•••678") && on.contains("Trung tâm chưa nối tổng đài"), "{on}");
    site.form(&third("/notice?lang=vi"), "request_id=r10&stop=1").await;
    site.hall.told.tickets.lock().unwrap().0 = String::new();
    assert!(!site.get(&third(""), "").await.body.contains("id=\"notice\""));
    site.hall.told.tickets.lock().unwrap().0 = "sms".into();
    site.hall.change("t3", "finished", |t| t.set_state(TicketState::Finished));
    assert!(!site.get(&third(""), "").await.body.contains("id=\"notice\""));
}

#[tokio::test]
async fn the_page_of_a_ticket_is_light_also_with_the_form() {
    let site = Site::new().await;
    let page = site.get(&third(""), "").await;
    assert!(page.body.contains("id=\"notice\"") && page.body.len() < 20_000, "{} bytes", page.body.len());
}
