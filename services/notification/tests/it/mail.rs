//! E-mail, with the mail server's ledger as judge.
use std::io::Write as _;

use motcua_kernel::identity::Role;
use motcua_notification::{Deps, MailSettings, MailTls, Settings};
use motcua_proto::notification::v1::{self as pb, DeliveryState};
use motcua_tests::doubles::{
    sms::SmsDouble,
    smtp::{self, Fault, Offers, SmtpDouble},
};

use crate::world::*;

pub const EMAIL: &str = "thu.nghiem@example.vn";
const TWO_HOURS_LATER: &str = "2026-11-23T04:00:01Z";

pub struct Post {
    pub server: SmtpDouble,
    pub gateway: SmsDouble,
    ca: tempfile::NamedTempFile,
}

impl Post {
    pub async fn start(offers: Offers) -> Self {
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(smtp::CA.as_bytes()).unwrap();
        Self { server: SmtpDouble::start(offers).await, gateway: SmsDouble::start().await, ca }
    }

    pub fn mail(&self) -> MailSettings {
        MailSettings {
            host: "localhost".into(),
            port: self.server.address().port(),
            tls: MailTls::StartTls,
            ca_file: Some(self.ca.path().into()),
            user: smtp::ACCOUNT.0.into(),
            password: Some(smtp::ACCOUNT.1.into()),
            from: "TTHCC Vĩnh Long <motcua@vinhlong.example>".into(),
            hello: String::new(),
            bounces: "bounce@vinhlong.example".into(),
            connect_timeout_ms: 1_000,
            total_timeout_ms: 1_000,
        }
    }

    /// Short messages first, then e-mail.
    pub fn settings(&self) -> Settings {
        Settings { mail: Some(self.mail()), ..sms(&self.gateway) }
    }
}

/// Without a number, with an address: only the letter is left.
pub fn writes_only(world: &World, n: u32) {
    world.knows(n, "");
    world.knows_email(n, EMAIL);
}

#[tokio::test]
async fn who_gave_only_an_address_gets_one_letter_and_who_has_a_number_none() {
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, post.settings()).await;
        writes_only(&world, 1);
        world.tell(1).await;
        let sent = world.until_on(1, "email", DeliveryState::Accepted).await;
        let letter = post.server.ledger().remove(0);
        let bounces = format!("bounce+{}@vinhlong.example", sent.id.replace('-', ""));
        assert_eq!((letter.from.as_str(), letter.to.as_str()), (bounces.as_str(), EMAIL));
        assert_eq!(letter.header("message-id"), format!("<{}@vinhlong.example>", sent.id.replace('-', "")));
        assert_eq!(letter.header("auto-submitted"), "auto-generated");
        assert!(letter.header("content-type").starts_with("multipart/alternative"), "{letter:?}");
        assert!(letter.header("date").starts_with("Mon, 23 Nov 2026 02:00:00"), "{}", letter.header("date"));
        assert!(letter.encrypted && !letter.raw.contains("THỬ NGHIỆM"));
        assert_eq!(sent.address_masked, "t•••@•••");
        // The number is there: the short message tells it, and no letter repeats it.
        world.knows(2, PHONE);
        world.knows_email(2, EMAIL);
        world.tell(2).await;
        world.until_on(2, "sms", DeliveryState::Accepted).await;
        assert_eq!((post.server.ledger().len(), post.server.talks(), post.server.refused()), (1, 1, vec![]));
        assert_eq!(world.list().await.total, 3);
    }
}

#[tokio::test]
async fn a_talk_that_breaks_before_the_letter_is_begun_again() {
    let faults = [
        Fault::DropAt("EHLO"),
        Fault::DropAt("STARTTLS"),
        Fault::BadTls,
        Fault::DropAt("AUTH"),
        Fault::DropAt("RCPT"),
        Fault::DropAt("DATA"),
        Fault::Say("EHLO", "421 4.3.2 shutting down"),
        Fault::Say("RCPT", "451 4.7.1 greylisted, come again"),
        Fault::Say(".", "452 4.3.1 no room"),
    ];
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, post.settings()).await;
        for (n, fault) in (1..).zip(faults) {
            post.server.script([fault]);
            writes_only(&world, n);
            world.tell(n).await;
            let sent = world.until_on(n, "email", DeliveryState::Accepted).await;
            assert_eq!((sent.attempts, post.server.ledger().len()), (2, n as usize), "{fault:?}");
        }
        assert_eq!(post.server.refused(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_line_that_breaks_under_the_letter_is_a_doubt_and_a_person_calls() {
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, post.settings()).await;
        let faults = [Fault::TakeThenDrop, Fault::TakeThenHang, Fault::DropAt("."), Fault::Say(".", "Welcome")];
        for (n, fault) in (1..).zip(faults) {
            let taken = post.server.ledger().len();
            post.server.script([fault]);
            writes_only(&world, n);
            world.tell(n).await;
            let doubt = world.until_on(n, "email", DeliveryState::Unknown).await;
            let more = usize::from(matches!(fault, Fault::TakeThenDrop | Fault::TakeThenHang));
            assert_eq!((doubt.attempts, doubt.class.as_str()), (1, "AMBIGUOUS"), "{fault:?}");
            assert_eq!(post.server.ledger().len(), taken + more, "{fault:?}");
        }
        world.set(TWO_HOURS_LATER);
        for n in 1..=4 {
            world.until_on(n, "email", DeliveryState::Unresolved).await;
        }
        assert_eq!(post.server.talks(), 4, "no letter is ever sent again by itself");
        let asked = pb::ListCallsRequest { centre_id: CENTRE.into(), ..Default::default() };
        let calls = world.of(Role::Manager).list_calls(asked).await.unwrap().into_inner().calls;
        assert_eq!(calls.len(), 4);
    }
}

#[tokio::test]
async fn a_mailbox_that_is_unknown_is_not_asked_for_again_and_a_full_one_is() {
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        let world = World::on(&db, post.settings()).await;
        post.server
            .script([Fault::Say("RCPT", "552 5.2.2 mailbox full"), Fault::Say("RCPT", "550 5.1.1 no such user")]);
        for (n, detail) in [(1, "SMTP 552 5.2.2 at RCPT"), (2, "SMTP 550 5.1.1 at RCPT")] {
            writes_only(&world, n);
            world.tell(n).await;
            let failed = world.until_on(n, "email", DeliveryState::Failed).await;
            assert_eq!((failed.last_error.as_str(), failed.class.as_str(), failed.attempts), (detail, "RECIPIENT", 1));
        }
        writes_only(&world, 3);
        world.tell(3).await;
        let kept = world.until_on(3, "email", DeliveryState::Suppressed).await;
        assert_eq!((kept.last_error.as_str(), post.server.talks()), ("NO_ACCOUNT", 2));
    }
}

#[tokio::test]
async fn nothing_goes_in_clear_and_a_wrong_password_waits_for_a_person() {
    for db in databases().await {
        // A server that takes the encryption away gets neither password nor letter.
        let bare = Post::start(Offers { starttls: false, ..Offers::default() }).await;
        let world = World::on(&db, bare.settings()).await;
        writes_only(&world, 1);
        world.tell(1).await;
        let waits =
            world.until_on_with(1, "email", |d| d.class == "CONFIG" && d.state() == DeliveryState::Pending).await;
        assert!(waits.last_error.contains("STARTTLS"), "{waits:?}");
        assert_eq!((bare.server.ledger().len(), bare.server.refused()), (0, vec![]));
        world.stop.cancel();
    }
    for db in databases().await {
        let post = Post::start(Offers::default()).await;
        // A certificate that nobody vouches for.
        let unknown = MailSettings { ca_file: None, ..post.mail() };
        let world = World::on(&db, Settings { mail: Some(unknown), ..post.settings() }).await;
        writes_only(&world, 1);
        world.tell(1).await;
        world.until_on_with(1, "email", |d| d.class == "CONNECT" && d.attempts > 1).await;
        assert_eq!((post.server.ledger().len(), post.server.refused()), (0, vec![]));
        world.stop.cancel();
        let wrong = MailSettings { password: Some("wrong".into()), ..post.mail() };
        let world =
            World::with(db.db.clone(), Settings { mail: Some(wrong), ..post.settings() }, world.book.clone()).await;
        writes_only(&world, 2);
        world.tell(2).await;
        let refused = world.until_on_with(2, "email", |d| d.class == "AUTH_HUMAN").await;
        assert_eq!((refused.last_error.as_str(), post.server.ledger().len()), ("SMTP 535 5.7.8 at AUTH", 0));
    }
}

#[tokio::test]
async fn wrong_settings_are_refused_at_the_start_with_the_remedy() {
    let post = Post::start(Offers::default()).await;
    let db = motcua_store::testing::sqlite().await.unwrap();
    for (mail, named) in [
        (MailSettings { host: String::new(), ..post.mail() }, "mail.host"),
        (MailSettings { from: "motcua".into(), ..post.mail() }, "mail.from"),
        (MailSettings { password: None, ..post.mail() }, "mail.password"),
        (MailSettings { host: "mail.example".into(), tls: MailTls::None, ..post.mail() }, "mail.tls"),
        (MailSettings { ca_file: Some("nowhere.pem".into()), ..post.mail() }, "mail.ca_file"),
        (MailSettings { total_timeout_ms: 60_000, ..post.mail() }, "lease_ms"),
    ] {
        let settings = Settings { mail: Some(mail), ..post.settings() };
        let error = motcua_notification::start(settings, deps(&db)).await.err().unwrap().to_string();
        assert!(error.contains(named), "{named}: {error}");
    }
}

pub fn deps(db: &motcua_store::testing::TestDb) -> Deps {
    let (accept, _) = tokio::sync::mpsc::channel(1);
    let signer = motcua_runtime::auth::Signer::generate().unwrap();
    let who = motcua_kernel::identity::Identity::service("notification");
    Deps {
        db: db.db.clone(),
        bus: std::sync::Arc::new(motcua_bus::embedded::EmbeddedBus::default()),
        clock: motcua_runtime::Clock::manual(NINE.parse().unwrap()),
        intake: motcua_runtime::Channel::in_process(accept, motcua_runtime::Bearer::signed(signer, who)),
        sealer: motcua_store::sealed::Sealer::new(&[7; 32]),
        shutdown: motcua_runtime::Shutdown::new(),
    }
}
