//! Dossiers: received once, numbered without gaps, found again.

use std::collections::BTreeSet;

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::get_dossier_request::Key;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::from_timestamp;
use prost::Message as _;
use tonic::Code;

use crate::harness::{CENTRE, Intake, URL, on_every_store, reason, until};

/// A sample: 5 working days, three papers.
pub const LICENCE: &str = "6.900004";

pub fn request() -> AcceptDossierRequest {
    AcceptDossierRequest {
        request_id: motcua_kernel::id::new_id(),
        centre_id: CENTRE.into(),
        counter_id: "quay-05".into(),
        ticket_id: "01939c1e-ticket".into(),
        procedure_code: LICENCE.into(),
        case_code: String::new(),
        applicant: Some(Applicant {
            full_name: "Nguyễn Thị Thử Nghiệm".into(),
            id_number: "086199000001".into(),
            phone: "0912 345 678".into(),
            email: "thu.nghiem@example.vn".into(),
            address: "Ấp Mẫu, xã Thử".into(),
            ..Default::default()
        }),
        components: vec![
            ComponentReceived { ordinal: 1, originals: 1, ..Default::default() },
            ComponentReceived { ordinal: 3, copies: 2, ..Default::default() },
        ],
        return_channel: ReturnChannel::Counter as i32,
        ..Default::default()
    }
}

pub fn fee(name: &str, amount_vnd: i64, receipt: &str) -> FeeLine {
    FeeLine { name: name.into(), amount_vnd, moment: FeeMoment::Reception as i32, receipt_number: receipt.into() }
}

/// Who hands it in for the owner.
pub fn agent() -> Submitter {
    Submitter {
        full_name: "Trần Văn Nộp Thay".into(),
        id_number: "086099000002".into(),
        phone: "0987 654 321".into(),
        authorisation: AuthorisationKind::PowerOfAttorney as i32,
        authorisation_paper: "số 12/2026, Văn phòng công chứng Mẫu".into(),
        authorisation_date: "2026-11-20".into(),
        ..Default::default()
    }
}

pub async fn accept(intake: &Intake, request: AcceptDossierRequest) -> Result<AcceptDossierResponse, tonic::Status> {
    Ok(intake.officer().accept_dossier(request).await?.into_inner())
}

async fn get(client: &mut crate::harness::Client, key: Key) -> Result<Dossier, tonic::Status> {
    let asked = GetDossierRequest { centre_id: CENTRE.into(), key: Some(key) };
    Ok(client.get_dossier(asked).await?.into_inner().dossier.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_gets_a_code_a_date_with_reasons_and_a_secret() {
    on_every_store(async |intake: Intake| {
        let preview =
            PreviewDueRequest { centre_id: CENTRE.into(), procedure_code: LICENCE.into(), case_code: String::new() };
        let preview = intake.officer().preview_due(preview).await.unwrap().into_inner();
        let answer = accept(&intake, request()).await.unwrap();
        let dossier = answer.dossier.unwrap();
        // Giao thông vận tải came second in the starter; Tuesday the 24th is a day off.
        assert_eq!(dossier.code, "000.00.02.H61-261123-0001");
        let due = from_timestamp(dossier.due_time.as_ref()).unwrap();
        assert_eq!(due, "2026-12-01T17:00:00+07:00".parse().unwrap());
        assert_eq!((preview.due_time, &preview.due_explanation), (dossier.due_time, &dossier.due_explanation));
        assert!(!dossier.due_explanation.is_empty());
        assert_eq!((dossier.rule_set.as_str(), dossier.catalogue_version), ("ND118-2025+309-2026", 1));
        let token = answer.tracking_url.strip_prefix(&format!("{URL}/d/")).unwrap().to_owned();
        assert_eq!(token.len(), 22);

        let event = until("the event", async || intake.events_of("dossier.accepted").pop()).await;
        let told = DossierAccepted::decode(event.data.as_ref()).unwrap();
        assert_eq!(
            (told.code, told.due_time, told.counter_id.as_str()),
            (dossier.code.clone(), dossier.due_time, "quay-05")
        );
        assert_eq!((told.token_hash.len(), event.aggregate_version), (64, 1));
        assert!(!told.token_hash.contains(&token));

        let mut officer = intake.officer();
        assert_eq!(get(&mut officer, Key::Id(dossier.id.clone())).await.unwrap(), dossier);
        assert_eq!(get(&mut officer, Key::Code(dossier.code.to_lowercase())).await.unwrap(), dossier);
        let mut citizen = intake.acting(&Identity { centre_id: None, ..Identity::of(Role::Citizen, "web", CENTRE) });
        let public = get(&mut citizen, Key::Token(token)).await.unwrap();
        assert_eq!((public.accept_time, public.code.as_str()), (dossier.accept_time, "000.00.02.H61-••••••-0001"));
        assert!(public.procedure_name.is_empty() && public.counter_id.is_empty());
        for (key, code) in [
            (Key::Token("x".repeat(22)), Code::NotFound),
            (Key::Token(String::new()), Code::NotFound),
            (Key::Id(dossier.id.clone()), Code::PermissionDenied),
        ] {
            assert_eq!(get(&mut citizen, key).await.unwrap_err().code(), code);
        }
        let other = get(&mut intake.acting(&Identity::of(Role::Officer, "x", "other")), Key::Id(dossier.id)).await;
        assert_eq!(reason(&other.unwrap_err()), "CENTRE_DENIED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_first_answer_even_when_the_catalogue_has_changed() {
    on_every_store(async |intake: Intake| {
        let request = request();
        let first = accept(&intake, request.clone()).await.unwrap();
        intake.import(crate::files::csv(&crate::files::rows(3))).await.unwrap();
        assert_eq!(accept(&intake, request.clone()).await.unwrap(), first);
        let mut changed = request;
        changed.counter_id = "quay-06".into();
        let reused = accept(&intake, changed).await.unwrap_err();
        assert_eq!((reused.code(), reason(&reused)), (Code::InvalidArgument, "REQUEST_ID_REUSED".into()));
        assert_eq!(intake.value("select count(*) as n from dossier").await, 1);
        // The old dossier keeps its catalogue, and its receipt still prints.
        let id = first.dossier.unwrap().id;
        let printed = GetReceiptPdfRequest { centre_id: CENTRE.into(), dossier_id: id, ..Default::default() };
        assert!(intake.officer().get_receipt_pdf(printed).await.unwrap().into_inner().pdf.starts_with(b"%PDF"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_at_once_get_fifty_codes_without_a_gap() {
    on_every_store(async |intake: Intake| {
        let tasks: Vec<_> = (0..50)
            .map(|n| {
                let mut client = intake.officer();
                let mut request = request();
                // Every request is sent twice at once; every fifth is refused.
                if n % 5 == 4 {
                    request.components[0].ordinal = 99;
                }
                tokio::spawn(async move {
                    let mut twin = client.clone();
                    let (a, b) = tokio::join!(client.accept_dossier(request.clone()), twin.accept_dossier(request));
                    match (a, b) {
                        (Ok(a), Ok(b)) => {
                            let (a, b) = (a.into_inner(), b.into_inner());
                            assert_eq!(a, b);
                            Some(a.dossier.unwrap().code)
                        }
                        (Err(a), Err(b)) => {
                            assert_eq!(
                                (reason(&a), reason(&b)),
                                ("COMPONENT_UNKNOWN".into(), "COMPONENT_UNKNOWN".into())
                            );
                            None
                        }
                        (a, b) => panic!("twins differ: {a:?} {b:?}"),
                    }
                })
            })
            .collect();
        let mut codes = BTreeSet::new();
        for task in tasks {
            codes.extend(task.await.unwrap());
        }
        let expected: BTreeSet<String> = (1..=40).map(|n| format!("000.00.02.H61-261123-{n:04}")).collect();
        assert_eq!(codes, expected);
        until("forty events", async || (intake.events_of("dossier.accepted").len() == 40).then_some(())).await;
        // A new day begins at one.
        intake.clock.set("2026-11-25T07:00:00+07:00".parse().unwrap());
        assert_eq!(accept(&intake, request()).await.unwrap().dossier.unwrap().code, "000.00.02.H61-261125-0001");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_received_is_said_with_where_and_when() {
    on_every_store(async |intake: Intake| {
        let with = |change: fn(&mut AcceptDossierRequest)| {
            let mut request = request();
            change(&mut request);
            request
        };
        let cases: [(AcceptDossierRequest, Code, &str); 25] = [
            (with(|r| r.procedure_code = "1.999999".into()), Code::NotFound, "PROCEDURE_UNKNOWN"),
            (with(|r| r.procedure_code = "6.900023".into()), Code::FailedPrecondition, "PROCEDURE_AT_AGENCY"),
            (with(|r| r.procedure_code = "6.900020".into()), Code::FailedPrecondition, "PROCEDURE_NOT_STARTED"),
            (with(|r| r.case_code = "01".into()), Code::InvalidArgument, "CASE_UNKNOWN"),
            (with(|r| r.applicant = None), Code::InvalidArgument, "APPLICANT_INVALID"),
            (with(|r| r.applicant.as_mut().unwrap().phone = "123".into()), Code::InvalidArgument, "APPLICANT_INVALID"),
            (
                with(|r| r.applicant.as_mut().unwrap().id_number = "999".into()),
                Code::InvalidArgument,
                "APPLICANT_INVALID",
            ),
            (with(|r| r.components[0].ordinal = 0), Code::InvalidArgument, "COMPONENT_UNKNOWN"),
            (with(|r| r.components[1].ordinal = 1), Code::InvalidArgument, "COMPONENT_UNKNOWN"),
            (with(|r| r.components[0].copies = -1), Code::InvalidArgument, "COMPONENT_COUNT_INVALID"),
            (with(|r| r.counter_id = String::new()), Code::InvalidArgument, "COUNTER_INVALID"),
            (with(|r| r.return_channel = 9), Code::InvalidArgument, "RETURN_CHANNEL_INVALID"),
            (
                with(|r| {
                    r.return_channel = ReturnChannel::Post as i32;
                    r.applicant.as_mut().unwrap().address.clear();
                }),
                Code::InvalidArgument,
                "RETURN_ADDRESS_MISSING",
            ),
            (with(|r| r.require_complete = true), Code::InvalidArgument, "COMPONENT_MISSING"),
            (with(|r| r.not_applicable = vec![1]), Code::InvalidArgument, "COMPONENT_UNKNOWN"),
            (with(|r| r.not_applicable = vec![9]), Code::InvalidArgument, "COMPONENT_UNKNOWN"),
            (with(|r| r.fees = vec![fee("Lệ phí", -1, "")]), Code::InvalidArgument, "FEE_INVALID"),
            (with(|r| r.fees = vec![fee("", 1, "")]), Code::InvalidArgument, "FEE_INVALID"),
            (with(|r| r.fees = vec![FeeLine { moment: 3, ..fee("Phí", 1, "") }]), Code::InvalidArgument, "FEE_INVALID"),
            (with(|r| r.submitter = Some(Submitter::default())), Code::InvalidArgument, "APPLICANT_INVALID"),
            (
                with(|r| r.submitter = Some(Submitter { authorisation: 0, ..agent() })),
                Code::InvalidArgument,
                "APPLICANT_INVALID",
            ),
            (with(|r| r.applicant.as_mut().unwrap().kind = 7), Code::InvalidArgument, "APPLICANT_INVALID"),
            (
                with(|r| r.files = vec![FileUse { file_id: "gone".into(), ..Default::default() }]),
                Code::InvalidArgument,
                "FILE_UNKNOWN",
            ),
            (with(|r| r.request_id = String::new()), Code::InvalidArgument, "REQUEST_ID_INVALID"),
            (with(|r| r.centre_id = "other".into()), Code::PermissionDenied, "CENTRE_DENIED"),
        ];
        for (request, code, expected) in cases {
            let refused = accept(&intake, request).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (code, expected));
        }
        let facts = motcua_runtime::grpc::metadata(
            &accept(&intake, with(|r| r.procedure_code = "6.900023".into())).await.unwrap_err(),
        );
        assert!(facts["office"].contains("Người có công") && facts["hours"].contains("07:00"));
        assert_eq!(intake.value("select count(*) as n from dossier").await, 0);
        // The planned one is received from its day on.
        intake.clock.set("2027-01-04T08:00:00+07:00".parse().unwrap());
        let mut later = with(|r| r.procedure_code = "6.900020".into());
        later.components.truncate(1);
        accept(&intake, later).await.unwrap();
        // One without a limit has no due date, and says so.
        let mut endless = with(|r| r.procedure_code = "6.900026".into());
        endless.components.truncate(1);
        let dossier = accept(&intake, endless).await.unwrap().dossier.unwrap();
        assert!(dossier.due_time.is_none() && dossier.due_explanation[0].contains("không quy định thời hạn"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_counters_receive_and_a_bearer_is_always_asked_for() {
    on_every_store(async |intake: Intake| {
        for role in [Role::Kiosk, Role::Board, Role::Citizen, Role::Guide, Role::Department, Role::Service] {
            let refused = intake.acting(&Identity::of(role, "x", CENTRE)).accept_dossier(request()).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused)), (Code::PermissionDenied, "ROLE_DENIED".into()), "{role:?}");
        }
        let mut bare = intake.without_bearer();
        let refused = bare.accept_dossier(request()).await.unwrap_err();
        assert_eq!((refused.code(), reason(&refused)), (Code::Unauthenticated, "BEARER_INVALID".into()));
    })
    .await;
}
