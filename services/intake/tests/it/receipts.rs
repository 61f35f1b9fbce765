//! A receipt opened by its holder: four digits of the phone number given at reception, and few tries.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::open_receipt_response::Outcome;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::timestamp;
use tonic::{Code, Status};

use crate::dossiers::{accept, agent, request};
use crate::harness::{CENTRE, Intake, MONDAY, URL, on_every_store, reason};

fn citizen() -> Identity {
    Identity::of(Role::Citizen, "citizen", CENTRE)
}

/// A dossier's secret.
async fn received(intake: &Intake, asked: AcceptDossierRequest) -> String {
    let url = accept(intake, asked).await.unwrap().tracking_url;
    url.strip_prefix(&format!("{URL}/d/")).unwrap().to_owned()
}

async fn open(intake: &Intake, who: &Identity, token: &str, digits: &str) -> Result<Outcome, Status> {
    let asked = OpenReceiptRequest { token: token.into(), phone_digits: digits.into(), with_pdf: false };
    Ok(intake.receipts(who).open_receipt(asked).await?.into_inner().outcome.unwrap())
}

fn left(outcome: &Outcome) -> i32 {
    match outcome {
        Outcome::Closed(closed) => closed.tries_left,
        Outcome::Opened(opened) => panic!("opened: {opened:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_digits_show_what_was_handed_in_and_a_masked_owner() {
    on_every_store(async |intake: Intake| {
        let token = received(&intake, request()).await;
        let Outcome::Opened(opened) = open(&intake, &citizen(), &token, " 56 78").await.unwrap() else {
            panic!("the owner's number ends so");
        };
        assert_eq!(opened.owner_masked, "Nguyễn T. T. N.");
        assert!(opened.code.starts_with("000.") && !opened.procedure_name.is_empty());
        assert_eq!(opened.accept_time, Some(timestamp(MONDAY.parse().unwrap())));
        assert_eq!(opened.papers.len(), request().components.len());
        assert!(opened.pdf.is_empty(), "nobody asked for it");
        let seen = format!("{opened:?}");
        for secret in ["Thử", "Nghiệm", "0912", "84912", "086199", "example.vn"] {
            assert!(!seen.contains(secret), "{secret} in {seen}");
        }
        let asked = OpenReceiptRequest { token: token.clone(), phone_digits: "5678".into(), with_pdf: true };
        let answer = intake.receipts(&citizen()).open_receipt(asked).await.unwrap().into_inner();
        let Some(Outcome::Opened(opened)) = answer.outcome else { panic!("opened before") };
        assert!(opened.pdf.starts_with(b"%PDF") && opened.file_name.ends_with(".pdf"));
        assert_eq!(intake.value("select count(*) as n from audit where action = 'receipt.open'").await, 2);
        assert_eq!(intake.value("select count(*) as n from receipt_try").await, 0, "nothing is kept of what was right");

        // Who acts for the owner gave a number as well; both open it.
        let token = received(&intake, AcceptDossierRequest { submitter: Some(agent()), ..request() }).await;
        for digits in ["5678", "4321"] {
            assert!(matches!(open(&intake, &citizen(), &token, digits).await.unwrap(), Outcome::Opened(_)), "{digits}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_tries_rest_and_a_dossier_without_a_number_answers_alike() {
    on_every_store(async |intake: Intake| {
        let with = received(&intake, request()).await;
        let mut applicant = request().applicant.unwrap();
        applicant.phone = String::new();
        let without = received(&intake, AcceptDossierRequest { applicant: Some(applicant), ..request() }).await;
        for token in [&with, &without] {
            for expected in [4, 3, 2, 1] {
                assert_eq!(left(&open(&intake, &citizen(), token, "0000").await.unwrap()), expected);
            }
        }
        for token in [&with, &without] {
            let until: jiff::Timestamp = "2026-11-23T08:45:00+07:00".parse().unwrap();
            let rests = Outcome::Closed(ClosedReceipt { tries_left: 0, rest_until: Some(timestamp(until)) });
            assert_eq!(open(&intake, &citizen(), token, "0000").await.unwrap(), rests);
            assert_eq!(open(&intake, &citizen(), token, "5678").await.unwrap(), rests, "not even looked at");
        }
        let audits = "select count(*) as n from audit where action in ('receipt.wrong', 'receipt.rest')";
        assert_eq!(intake.value(audits).await, 10, "each try, but none of those while it rests");
        intake.clock.set("2026-11-23T08:45:00+07:00".parse().unwrap());
        assert!(matches!(open(&intake, &citizen(), &with, "5678").await.unwrap(), Outcome::Opened(_)));
        assert_eq!(left(&open(&intake, &citizen(), &without, "5678").await.unwrap()), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tries_at_once_are_two() {
    on_every_store(async |intake: Intake| {
        let token = received(&intake, request()).await;
        let who = citizen();
        let tries = (0..5).map(|_| open(&intake, &who, &token, "0000"));
        let mut seen: Vec<_> =
            futures::future::join_all(tries).await.iter().map(|a| left(a.as_ref().unwrap())).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3, 4]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_is_not_counted_and_a_stranger_learns_nothing() {
    on_every_store(async |intake: Intake| {
        let token = received(&intake, request()).await;
        for wrong in ["", "567", "56789", "56a8", "５６７８"] {
            let refused = open(&intake, &citizen(), &token, wrong).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused)), (Code::InvalidArgument, "DIGITS_INVALID".into()));
        }
        assert_eq!(intake.value("select count(*) as n from receipt_try").await, 0);
        let elsewhere = Identity::of(Role::Citizen, "citizen", "elsewhere");
        for (who, token) in [(&citizen(), "AAAAAAAAAAAAAAAAAAAAAA"), (&citizen(), "x"), (&elsewhere, token.as_str())] {
            let refused = open(&intake, who, token, "5678").await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused)), (Code::NotFound, "DOSSIER_UNKNOWN".into()));
        }
        for role in [Role::Officer, Role::Manager, Role::Kiosk, Role::Operator] {
            let refused = open(&intake, &Identity::of(role, "lan", CENTRE), &token, "5678").await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{role:?} does it for nobody");
        }
    })
    .await;
}
