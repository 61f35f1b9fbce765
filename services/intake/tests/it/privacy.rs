//! An applicant's particulars: sealed at rest, absent from events, read only by notification.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::*;
use tonic::Code;

use crate::dossiers::{accept, agent, request};
use crate::harness::{CENTRE, Intake, URL, on_every_store, reason, until};

const SECRETS: [&str; 12] = [
    "0987654321",
    "+84987654321",
    "086099000002",
    "Nộp Thay",
    "công chứng Mẫu",
    "0912 345 678",
    "0912345678",
    "+84912345678",
    "912345678",
    "086199000001",
    "thu.nghiem@example.vn",
    "Thử Nghiệm",
];

fn contact(dossier_id: &str) -> GetContactRequest {
    GetContactRequest { centre_id: CENTRE.into(), dossier_id: dossier_id.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_notification_reads_a_contact_and_each_reading_is_written_down() {
    on_every_store(async |intake: Intake| {
        let answer = accept(&intake, request()).await.unwrap();
        let dossier = answer.dossier.unwrap();
        for who in [
            Identity::of(Role::Officer, "lan", CENTRE),
            Identity::of(Role::Admin, "hoa", CENTRE),
            Identity::service("web"),
            Identity::service("status"),
        ] {
            let refused = intake.acting(&who).get_contact(contact(&dossier.id)).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused)), (Code::PermissionDenied, "ROLE_DENIED".into()));
        }
        let mut notification = intake.acting(&Identity::service("notification"));
        let read = notification.get_contact(contact(&dossier.id)).await.unwrap().into_inner();
        assert_eq!((read.full_name.as_str(), read.phone.as_str()), ("Nguyễn Thị Thử Nghiệm", "+84912345678"));
        assert_eq!((read.email.as_str(), read.tracking_url), ("thu.nghiem@example.vn", answer.tracking_url));
        assert_eq!((read.dossier_code, read.locale.as_str()), (dossier.code, "vi"));
        assert_eq!(intake.value("select count(*) as n from audit where action = 'contact.read'").await, 1);
        let unknown = notification.get_contact(contact("nobody")).await.unwrap_err();
        assert_eq!((unknown.code(), reason(&unknown)), (Code::NotFound, "DOSSIER_UNKNOWN".into()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_acts_for_the_owner_is_told_and_what_they_agreed_to_goes_along() {
    on_every_store(async |intake: Intake| {
        let consent = Consent { sms: false, zalo: true, email: false };
        let asked = AcceptDossierRequest { submitter: Some(agent()), consent: Some(consent), ..request() };
        let dossier = accept(&intake, asked).await.unwrap().dossier.unwrap();
        let mut notification = intake.acting(&Identity::service("notification"));
        let read = notification.get_contact(contact(&dossier.id)).await.unwrap().into_inner();
        assert_eq!((read.phone.as_str(), read.full_name.as_str()), ("+84987654321", "Nguyễn Thị Thử Nghiệm"));
        assert_eq!(read.consent, Some(consent));

        // Without a telephone of theirs the owner's stands; not asked is not refused.
        let silent = Submitter { phone: String::new(), ..agent() };
        let asked = AcceptDossierRequest { submitter: Some(silent), ..request() };
        let dossier = accept(&intake, asked).await.unwrap().dossier.unwrap();
        let read = notification.get_contact(contact(&dossier.id)).await.unwrap().into_inner();
        assert_eq!((read.phone.as_str(), read.consent), ("+84912345678", None));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_the_database_file_nor_the_events_hold_particulars_or_the_secret() {
    on_every_store(async |intake: Intake| {
        let answer = accept(&intake, AcceptDossierRequest { submitter: Some(agent()), ..request() }).await.unwrap();
        let token = answer.tracking_url.strip_prefix(&format!("{URL}/d/")).unwrap().to_owned();
        let event = until("the event", async || intake.events_of("dossier.accepted").pop()).await;
        let mut held = vec![format!("{event:?}").into_bytes()];
        if let Some(file) = intake.db().url.strip_prefix("sqlite://") {
            let folder = std::path::Path::new(file.split('?').next().unwrap()).parent().unwrap();
            held.extend(std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()));
            // The search itself works: what may be read is found.
            let code = answer.dossier.as_ref().unwrap().code.clone();
            assert!(held[1..].iter().any(|bytes| contains(bytes, &code)));
        }
        for secret in SECRETS.into_iter().chain([token.as_str()]) {
            let found = held.iter().any(|bytes| contains(bytes, secret));
            assert!(!found, "{secret} is readable");
        }
    })
    .await;
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_is_a_pdf_with_the_same_address_each_time() {
    on_every_store(async |intake: Intake| {
        let answer = accept(&intake, request()).await.unwrap();
        let dossier = answer.dossier.unwrap();
        let asked = GetReceiptPdfRequest { centre_id: CENTRE.into(), dossier_id: dossier.id, ..Default::default() };
        let printed = intake.officer().get_receipt_pdf(asked.clone()).await.unwrap().into_inner();
        assert!(printed.pdf.starts_with(b"%PDF") && printed.pdf.len() > 5_000);
        assert_eq!(printed.tracking_url, answer.tracking_url);
        assert_eq!(printed.file_name, format!("giay-hen-{}.pdf", dossier.code));
        let refused = intake.acting(&Identity::of(Role::Kiosk, "k", CENTRE)).get_receipt_pdf(asked).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
    })
    .await;
}
