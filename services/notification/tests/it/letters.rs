//! What comes back on letters: one click that ends them, and the mail server's reports.
use motcua_kernel::identity::Role;
use motcua_notification::{Settings, WebhookSettings};
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_tests::doubles::smtp::Offers;

use crate::{
    mail::{EMAIL, Post, writes_only},
    world::*,
};

const PUBLIC: &str = "https://hooks.example.gov.vn";
const MAIL_TOKEN: &str = "mail-path-token-0123456789";

fn listening(post: &Post) -> Settings {
    let webhooks = WebhookSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls_in_front: false,
        zalo_secret: None,
        zalo_secret_next: None,
        zalo_oa_first: false,
        sms_path_token: None,
        mail_path_token: Some(MAIL_TOKEN.into()),
        public_url: Some(PUBLIC.into()),
    };
    Settings { webhooks: Some(webhooks), ..post.settings() }
}

async fn letter_to(world: &World, n: u32) -> pb::Delivery {
    writes_only(world, n);
    world.tell(n).await;
    world.until_on(n, "email", DeliveryState::Accepted).await
}

async fn calls(world: &World) -> Vec<String> {
    let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
    let calls = world.of(Role::Guide).list_calls(asked).await.unwrap().into_inner().calls;
    calls.into_iter().map(|call| call.dossier_id).collect()
}

#[tokio::test]
async fn one_click_ends_letters_and_what_must_be_told_is_a_persons_to_tell() {
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, listening(&post)).await;
        letter_to(&world, 1).await;
        let letter = post.server.ledger().remove(0);
        assert_eq!(letter.header("list-unsubscribe-post"), "List-Unsubscribe=One-Click");
        let url = letter.header("list-unsubscribe").trim_matches(['<', '>']).to_owned();
        assert!(!url.contains("thu.nghiem") && !url.contains("dossier"), "{url}");
        let here = world.hook(url.strip_prefix(PUBLIC).unwrap());
        let web = reqwest::Client::new();
        // What looks at links by itself ends nothing.
        let asked = web.get(&here).send().await.unwrap();
        assert_eq!(asked.status(), 200);
        assert!(asked.text().await.unwrap().contains("<form method=\"post\">"));
        letter_to(&world, 2).await;
        assert_eq!(web.post(format!("{here}0")).send().await.unwrap().status(), 404);
        assert_eq!(web.get(format!("{here}0")).send().await.unwrap().status(), 404);
        for _ in 0..3 {
            let click = web.post(&here).body("List-Unsubscribe=One-Click").send().await.unwrap();
            assert_eq!(click.status(), 200);
            assert!(click.text().await.unwrap().contains("Đã dừng"));
        }
        writes_only(&world, 3);
        world.tell(3).await;
        let kept = world.until_on(3, "email", DeliveryState::Suppressed).await;
        assert_eq!((kept.last_error.as_str(), post.server.ledger().len()), ("CONSENT_WITHDRAWN", 2));
        assert_eq!(calls(&world).await, ["dossier-3"]);
        // At the desk they take it up again.
        let again = pb::SetConsentRequest {
            request_id: "again".into(),
            centre_id: CENTRE.into(),
            contact: Some(pb::set_consent_request::Contact::Email(EMAIL.into())),
            channel: "email".into(),
            state: pb::ConsentState::Given.into(),
            reason: "Tại quầy".into(),
            text_version: String::new(),
        };
        world.of(Role::Officer).set_consent(again).await.unwrap();
        letter_to(&world, 4).await;
    }
}

fn bounced(to: &str, action: &str, status: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\n\
         Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; {EMAIL}\r\nAction: {action}\r\n\
         Status: {status}\r\n--b--\r\n"
    )
}

#[tokio::test]
async fn a_letter_that_comes_back_is_a_persons_to_tell_and_its_mailbox_is_not_asked_again() {
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, listening(&post)).await;
        let report = |path: &str, body: String| {
            let call = reqwest::Client::new().post(world.hook(path)).body(body);
            async move { call.send().await.unwrap().status().as_u16() }
        };
        let own = format!("/hooks/mail/report/{MAIL_TOKEN}");
        for n in 1..=3 {
            letter_to(&world, n).await;
        }
        let from: Vec<String> = post.server.ledger().into_iter().map(|letter| letter.from).collect();
        // Nobody else's word counts, a person's answer is no report, and a late letter is not lost.
        assert_eq!(report("/hooks/mail/report/guessed-0123456789", bounced(&from[0], "failed", "5.1.1")).await, 404);
        assert_eq!(report(&own, format!("From: {EMAIL}\r\nTo: {}\r\n\r\nCảm ơn!", from[0])).await, 200);
        assert_eq!(report(&own, bounced(&from[0], "delayed", "4.4.1")).await, 200);
        assert_eq!(report(&own, bounced("bounce+0193@vinhlong.example", "failed", "5.1.1")).await, 200);
        assert!(calls(&world).await.is_empty());
        world.until_on(1, "email", DeliveryState::Accepted).await;
        // Full today: that letter is lost, the mailbox is not.
        assert_eq!(report(&own, bounced(&from[0], "failed", "5.2.2")).await, 200);
        let lost = world.until_on(1, "email", DeliveryState::Failed).await;
        assert_eq!((lost.last_error.as_str(), lost.class.as_str()), ("BOUNCED 5.2.2", "RECIPIENT"));
        letter_to(&world, 4).await;
        for _ in 0..3 {
            assert_eq!(report(&own, bounced(&from[1], "failed", "5.1.1")).await, 200);
        }
        world.until_on(2, "email", DeliveryState::Failed).await;
        assert_eq!(report(&own, bounced(&from[2], "delivered", "2.1.5")).await, 200);
        world.until_on(3, "email", DeliveryState::Delivered).await;
        writes_only(&world, 5);
        world.tell(5).await;
        let kept = world.until_on(5, "email", DeliveryState::Suppressed).await;
        assert_eq!((kept.last_error.as_str(), post.server.ledger().len()), ("NO_ACCOUNT", 4));
        assert_eq!(calls(&world).await, ["dossier-1", "dossier-2", "dossier-5"]);
    }
}

#[tokio::test]
async fn a_listener_without_its_proofs_does_not_start() {
    let post = Post::start(Offers::default()).await;
    for (change, named) in [
        ((Some("short"), PUBLIC), "mail_path_token"),
        ((Some(MAIL_TOKEN), "http://hooks.example.gov.vn"), "public_url"),
    ] {
        let db = motcua_store::testing::sqlite().await.unwrap();
        let mut settings = listening(&post);
        let hooks = settings.webhooks.as_mut().unwrap();
        hooks.mail_path_token = change.0.map(Into::into);
        hooks.public_url = Some(change.1.into());
        let error = motcua_notification::start(settings, crate::mail::deps(&db)).await.err().unwrap().to_string();
        assert!(error.contains(named), "{error}");
    }
}
