//! The desk's other outcomes: a slip that asks for papers, a refusal, guidance; and what a whole dossier carries.

use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::end_reception_request::Outcome;
use motcua_proto::intake::v1::*;
use prost::Message as _;
use tonic::Code;

use crate::dossiers::{LICENCE, accept, agent, fee, request};
use crate::harness::{CENTRE, Intake, on_every_store, reason, until};

fn ending(outcome: Outcome) -> EndReceptionRequest {
    EndReceptionRequest {
        request_id: motcua_kernel::id::new_id(),
        centre_id: CENTRE.into(),
        counter_id: "quay-05".into(),
        ticket_id: "t1".into(),
        procedure_code: LICENCE.into(),
        case_code: String::new(),
        applicant: request().applicant,
        outcome: Some(outcome),
    }
}

fn supplement(papers: usize) -> Outcome {
    let paper = PaperAsked { name: "Giấy khám sức khỏe".into(), originals: 1, ..Default::default() };
    Outcome::Supplement(SupplementAsked {
        papers: vec![paper; papers],
        reason: "Thiếu giấy khám sức khỏe".into(),
        legal_basis: String::new(),
    })
}

fn refusal(reason: &str) -> Outcome {
    Outcome::Refusal(Refused { reason: reason.into() })
}

fn guided(note: &str) -> Outcome {
    Outcome::Guided(Guided { note: note.into() })
}

async fn end(intake: &Intake, request: EndReceptionRequest) -> Result<EndReceptionResponse, tonic::Status> {
    Ok(intake.officer().end_reception(request).await?.into_inner())
}

async fn print(intake: &Intake, reception_id: &str) -> Result<GetReceptionFormPdfResponse, tonic::Status> {
    let asked = GetReceptionFormPdfRequest { centre_id: CENTRE.into(), reception_id: reception_id.into() };
    Ok(intake.officer().get_reception_form_pdf(asked).await?.into_inner())
}

async fn figures(intake: &Intake, counter_id: &str, day: &str) -> GetReceptionFiguresResponse {
    let asked = GetReceptionFiguresRequest { centre_id: CENTRE.into(), counter_id: counter_id.into(), day: day.into() };
    intake.officer().get_reception_figures(asked).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_has_its_number_form_event_and_audit_and_no_dossier() {
    on_every_store(async |intake: Intake| {
        let asked = end(&intake, ending(supplement(2))).await.unwrap();
        let second = end(&intake, ending(supplement(1))).await.unwrap();
        let refused = end(&intake, ending(refusal("Không thuộc thẩm quyền"))).await.unwrap();
        let explained = end(&intake, ending(guided(""))).await.unwrap();
        assert_eq!((asked.number.as_str(), second.number.as_str()), ("0001", "0002"));
        assert_eq!((refused.number.as_str(), explained.number.as_str()), ("0001", ""));

        let form = print(&intake, &asked.reception_id).await.unwrap();
        assert!(form.pdf.starts_with(b"%PDF"));
        assert_eq!(form.file_name, "yeu-cau-bo-sung-2026-0001.pdf");
        assert_eq!(print(&intake, &refused.reception_id).await.unwrap().file_name, "tu-choi-2026-0001.pdf");
        assert_eq!(reason(&print(&intake, &explained.reception_id).await.unwrap_err()), "FORM_MISSING");
        assert_eq!(reason(&print(&intake, "nobody").await.unwrap_err()), "RECEPTION_UNKNOWN");

        let events = until("four events", async || {
            let all = intake.events_of("reception.ended");
            (all.len() == 4).then_some(all)
        })
        .await;
        let told: Vec<ReceptionEnded> =
            events.iter().map(|event| ReceptionEnded::decode(event.data.as_ref()).unwrap()).collect();
        assert_eq!(
            told.iter().map(|t| t.outcome.as_str()).collect::<Vec<_>>(),
            ["supplement", "supplement", "refusal", "guided"]
        );
        assert!(told.iter().all(|t| t.ticket_id == "t1" && t.procedure_code == LICENCE));
        for (action, count) in
            [("reception.supplement", 2), ("reception.refuse", 1), ("reception.guide", 1), ("reception.print", 2)]
        {
            let sql = format!("select count(*) as n from audit where action = '{action}'");
            assert_eq!(intake.value(&sql).await, count, "{action}");
        }
        assert_eq!(intake.value("select count(*) as n from dossier").await, 0);
        assert!(intake.events_of("dossier.accepted").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_counted_by_counter_and_the_same_request_once() {
    on_every_store(async |intake: Intake| {
        let twice = ending(guided("hỏi giờ làm việc"));
        let first = end(&intake, twice.clone()).await.unwrap();
        assert_eq!(end(&intake, twice.clone()).await.unwrap(), first);
        let reused = EndReceptionRequest { counter_id: "quay-06".into(), ..twice };
        assert_eq!(reason(&end(&intake, reused).await.unwrap_err()), "REQUEST_ID_REUSED");
        let elsewhere = EndReceptionRequest { counter_id: "quay-06".into(), ..ending(refusal("sai nơi nộp")) };
        end(&intake, elsewhere).await.unwrap();
        end(&intake, ending(supplement(1))).await.unwrap();
        accept(&intake, request()).await.unwrap();

        let count = |f: GetReceptionFiguresResponse| [f.accepted, f.supplements, f.refusals, f.guided];
        assert_eq!(count(figures(&intake, "", "").await), [1, 1, 1, 1]);
        assert_eq!(count(figures(&intake, "quay-05", "2026-11-23").await), [1, 1, 0, 1]);
        assert_eq!(count(figures(&intake, "quay-06", "").await), [0, 0, 1, 0]);
        assert_eq!(count(figures(&intake, "", "2026-11-22").await), [0, 0, 0, 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_says_too_little_is_refused_whole() {
    on_every_store(async |intake: Intake| {
        let with = |outcome, change: fn(&mut EndReceptionRequest)| {
            let mut request = ending(outcome);
            change(&mut request);
            request
        };
        let same: fn(&mut EndReceptionRequest) = |_| {};
        let cases: [(EndReceptionRequest, Code, &str); 12] = [
            (with(guided(""), |r| r.outcome = None), Code::InvalidArgument, "OUTCOME_MISSING"),
            (with(supplement(0), same), Code::InvalidArgument, "PAPERS_MISSING"),
            (with(supplement(101), same), Code::InvalidArgument, "PAPERS_TOO_MANY"),
            (with(refusal("  "), same), Code::InvalidArgument, "REASON_MISSING"),
            (with(guided(""), |r| r.procedure_code.clear()), Code::InvalidArgument, "REASON_MISSING"),
            (with(refusal("x"), |r| r.applicant = None), Code::InvalidArgument, "APPLICANT_INVALID"),
            (with(refusal("x"), |r| r.procedure_code = "1.999999".into()), Code::NotFound, "PROCEDURE_UNKNOWN"),
            (with(refusal("x"), |r| r.case_code = "01".into()), Code::InvalidArgument, "CASE_UNKNOWN"),
            (
                with(supplement(1), |r| r.procedure_code = "6.900023".into()),
                Code::FailedPrecondition,
                "PROCEDURE_AT_AGENCY",
            ),
            (with(refusal("x"), |r| r.counter_id.clear()), Code::InvalidArgument, "COUNTER_INVALID"),
            (with(refusal("x"), |r| r.request_id.clear()), Code::InvalidArgument, "REQUEST_ID_INVALID"),
            (with(refusal("x"), |r| r.centre_id = "other".into()), Code::PermissionDenied, "CENTRE_DENIED"),
        ];
        for (request, code, expected) in cases {
            let refused = end(&intake, request).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (code, expected));
        }
        assert_eq!(intake.value("select count(*) as n from reception").await, 0);
        // What is handed in elsewhere may be refused here; who only asks need not say who they are.
        end(&intake, with(refusal("Nộp tại cơ quan"), |r| r.procedure_code = "6.900023".into())).await.unwrap();
        end(
            &intake,
            with(guided("hỏi đường"), |r| {
                r.procedure_code.clear();
                r.applicant = None;
            }),
        )
        .await
        .unwrap();
        let guide = intake.acting(&Identity::of(Role::Guide, "x", CENTRE)).end_reception(ending(guided("x"))).await;
        assert_eq!(reason(&guide.unwrap_err()), "ROLE_DENIED");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_rows_nor_events_hold_whom_a_slip_was_made_out_to() {
    on_every_store(async |intake: Intake| {
        end(&intake, ending(refusal("Bà Nguyễn Thị Thử Nghiệm nộp sai nơi"))).await.unwrap();
        let event = until("the event", async || intake.events_of("reception.ended").pop()).await;
        assert!(!format!("{event:?}").contains("Nguyễn"));
        if let Some(file) = intake.db().url.strip_prefix("sqlite://") {
            let folder = std::path::Path::new(file.split('?').next().unwrap()).parent().unwrap();
            for entry in std::fs::read_dir(folder).unwrap() {
                let bytes = std::fs::read(entry.unwrap().path()).unwrap();
                for secret in ["Thử Nghiệm", "912345678", "086199000001"] {
                    assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
                }
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_dossier_keeps_who_acts_for_whom_what_was_paid_and_where_it_goes() {
    on_every_store(async |intake: Intake| {
        let mut whole = AcceptDossierRequest {
            submitter: Some(agent()),
            return_channel: ReturnChannel::Post as i32,
            return_address: "12 Phố Mẫu, phường Thử".into(),
            fees: vec![
                fee("Lệ phí", 135_000, "AB/24-0012"),
                FeeLine { moment: FeeMoment::Return as i32, ..fee("Phí thẩm định", 500_000, "") },
            ],
            consent: Some(Consent { sms: true, zalo: false, email: true }),
            require_complete: true,
            not_applicable: vec![2],
            ..request()
        };
        whole.components[0].certified_copies = 2;
        let owner = whole.applicant.as_mut().unwrap();
        owner.kind = ApplicantKind::Organisation as i32;
        owner.full_name = "Công ty TNHH Mẫu".into();
        owner.tax_code = "0123456789-001".into();
        let dossier = accept(&intake, whole).await.unwrap().dossier.unwrap();
        for (sql, expected) in [
            ("select sum(amount_vnd) as n from dossier_fee", 635_000),
            ("select count(*) as n from dossier_fee where receipt_number = 'AB/24-0012' and moment = 'reception'", 1),
            ("select count(*) as n from dossier where owner_kind = 2 and consent = 5 and not_applicable = '[2]'", 1),
            ("select count(*) as n from dossier where submitter is not null and return_address is not null", 1),
            ("select count(*) as n from dossier_component where certified_copies = 2", 1),
        ] {
            // A sum is a decimal on one store, a number on the other.
            let sql = sql.replace("sum(amount_vnd)", "cast(sum(amount_vnd) as bigint)");
            assert_eq!(intake.value(&sql).await, expected, "{sql}");
        }
        let asked = GetReceiptPdfRequest { centre_id: CENTRE.into(), dossier_id: dossier.id, ..Default::default() };
        assert!(intake.officer().get_receipt_pdf(asked).await.unwrap().into_inner().pdf.starts_with(b"%PDF"));
    })
    .await;
}
