//! Forms 02 to 06 over the wire; what stands on the pages is tested where they are laid out.

use motcua_proto::intake::v1::get_form_pdf_request::Form;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::timestamp;
use tonic::Code;

use crate::dossiers::{accept, request};
use crate::harness::{CENTRE, Intake, on_every_store, reason};

fn at(text: &str) -> Option<prost_types::Timestamp> {
    Some(timestamp(text.parse().unwrap()))
}

fn supplement(papers: usize) -> Form {
    let paper = PaperAsked { name: "Bản vẽ".into(), originals: 1, ..Default::default() };
    Form::Supplement(SupplementForm { papers: vec![paper; papers], reason: "Thiếu".into(), ..Default::default() })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_a_dossier_can_be_printed_and_printing_is_written_down() {
    on_every_store(async |intake: Intake| {
        let dossier = accept(&intake, request()).await.unwrap().dossier.unwrap();
        let apology = ApologyForm {
            promised_time: at("2026-12-01T10:00:00Z"),
            new_due_time: at("2026-12-04T10:00:00Z"),
            reason: "Hệ thống lỗi".into(),
            signer: "Giám đốc".into(),
            time: at("2026-12-02T02:00:00Z"),
        };
        let line = HandOverLine { to_unit: "Sở Xây dựng".into(), punctuality: 3, ..Default::default() };
        let forms = [
            (supplement(20), "yeu-cau-bo-sung"),
            (Form::Refusal(RefusalForm { reason: "Không thuộc thẩm quyền".into(), time: None }), "tu-choi"),
            (Form::Apology(apology), "xin-loi"),
            (Form::Stop(StopForm { reason: "Theo đề nghị".into(), ..Default::default() }), "dung-giai-quyet"),
            (Form::Control(ControlForm { lines: vec![line], coordinating: vec![] }), "kiem-soat"),
        ];
        let printed = i64::try_from(forms.len()).unwrap();
        for (form, name) in forms {
            let asked = GetFormPdfRequest {
                centre_id: CENTRE.into(),
                dossier_id: dossier.id.clone(),
                form: Some(form),
                reprint: false,
            };
            let answer = intake.officer().get_form_pdf(asked).await.unwrap().into_inner();
            assert!(answer.pdf.starts_with(b"%PDF"), "{name}");
            assert_eq!(answer.file_name, format!("{name}-{}.pdf", dossier.code));
        }
        assert_eq!(intake.value("select count(*) as n from audit where action = 'form.print'").await, printed);
    })
    .await;
}

/// The words of a PDF, read by a program that none of ours has written.
fn words(pdf: &[u8]) -> String {
    let path = std::env::temp_dir().join(format!("motcua-{}.pdf", motcua_kernel::id::new_id()));
    std::fs::write(&path, pdf).unwrap();
    let out = std::process::Command::new("pdftotext").args(["-layout", path.to_str().unwrap(), "-"]).output();
    std::fs::remove_file(&path).unwrap();
    String::from_utf8(out.expect("pdftotext, of poppler-utils").stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_print_of_a_paper_says_so_and_another_paper_does_not() {
    on_every_store(async |intake: Intake| {
        let dossier = accept(&intake, request()).await.unwrap().dossier.unwrap();
        let asked = |time: &str| {
            let Form::Supplement(form) = supplement(1) else { unreachable!() };
            Form::Supplement(SupplementForm { time: at(time), ..form })
        };
        let line = HandOverLine { to_unit: "Sở Xây dựng".into(), ..Default::default() };
        let apology = ApologyForm {
            promised_time: at("2026-12-01T10:00:00Z"),
            new_due_time: at("2026-12-04T10:00:00Z"),
            ..Default::default()
        };
        let print = async |form: Form| {
            let asked = GetFormPdfRequest {
                centre_id: CENTRE.into(),
                dossier_id: dossier.id.clone(),
                form: Some(form),
                reprint: false,
            };
            words(&intake.officer().get_form_pdf(asked).await.unwrap().into_inner().pdf)
        };
        for form in [
            asked("2026-11-24T02:00:00Z"),
            asked("2026-11-27T02:00:00Z"),
            Form::Refusal(RefusalForm {
                reason: "Không đủ điều kiện".into(), time: at("2026-11-25T02:00:00Z")
            }),
            Form::Apology(apology),
            Form::Stop(StopForm { reason: "Theo đề nghị".into(), ..Default::default() }),
            Form::Control(ControlForm { lines: vec![line], coordinating: vec![] }),
        ] {
            assert!(!print(form.clone()).await.contains("Bản in lại"), "the first time: {form:?}");
            assert!(print(form.clone()).await.contains("Bản in lại"), "the second time: {form:?}");
        }
        for (paper_size, copy) in [(PaperSize::A4, false), (PaperSize::A5, true)] {
            let asked = GetReceiptPdfRequest {
                centre_id: CENTRE.into(),
                dossier_id: dossier.id.clone(),
                paper_size: paper_size.into(),
            };
            let receipt = words(&intake.officer().get_receipt_pdf(asked).await.unwrap().into_inner().pdf);
            assert!(receipt.contains("Nguyễn Thị Thử Nghiệm") && receipt.contains(&dossier.code), "{receipt}");
            assert_eq!(receipt.contains("Bản in lại"), copy, "{paper_size:?}");
        }
        let unknown = GetReceiptPdfRequest { centre_id: CENTRE.into(), dossier_id: dossier.id.clone(), paper_size: 9 };
        assert_eq!(reason(&intake.officer().get_receipt_pdf(unknown).await.unwrap_err()), "PAPER_UNKNOWN");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_cannot_be_filled_says_what_is_missing() {
    on_every_store(async |intake: Intake| {
        let dossier = accept(&intake, request()).await.unwrap().dossier.unwrap();
        for (form, expected) in [
            (None, "FORM_MISSING"),
            (Some(supplement(101)), "FORM_TOO_LONG"),
            (Some(Form::Apology(ApologyForm::default())), "FORM_INCOMPLETE"),
        ] {
            let asked =
                GetFormPdfRequest { centre_id: CENTRE.into(), dossier_id: dossier.id.clone(), form, reprint: false };
            let refused = intake.officer().get_form_pdf(asked).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, expected));
        }
        let asked = GetFormPdfRequest {
            centre_id: CENTRE.into(),
            dossier_id: "x".into(),
            form: Some(supplement(1)),
            reprint: true,
        };
        let unknown = intake.officer().get_form_pdf(asked).await.unwrap_err();
        assert_eq!(reason(&unknown), "DOSSIER_UNKNOWN");
    })
    .await;
}
