//! Limits belong to what was received: cases have their own, and a new version moves nothing that is on its way.

use motcua_proto::intake::v1::get_dossier_request::Key;
use motcua_proto::intake::v1::*;
use motcua_runtime::grpc::from_timestamp;
use prost::Message as _;
use tonic::Code;

use crate::dossiers::{accept, request};
use crate::harness::{CENTRE, Intake, on_every_store, reason, until};

const CODE: &str = "1.004194";

fn file(limit: &str, cases: &str) -> String {
    format!(
        "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,fee_mode,\
         full_online,components,cases,fees\n\
         {CODE},Cấp giấy phép mẫu,Sở Thử,,X01,Thử,Cấp tỉnh,received,{limit},WORKING_DAY,0,zero,False,Đơn [2 chính],{cases},\
         Lệ phí | 50000 | return\n"
    )
}

fn handed_in(case_code: &str) -> AcceptDossierRequest {
    AcceptDossierRequest {
        procedure_code: CODE.into(),
        case_code: case_code.into(),
        components: vec![ComponentReceived { ordinal: 1, originals: 2, ..Default::default() }],
        ..request()
    }
}

async fn received(intake: &Intake, case_code: &str) -> Dossier {
    accept(intake, handed_in(case_code)).await.unwrap().dossier.unwrap()
}

async fn read(intake: &Intake, id: &str) -> Dossier {
    let asked = GetDossierRequest { centre_id: CENTRE.into(), key: Some(Key::Id(id.into())) };
    intake.officer().get_dossier(asked).await.unwrap().into_inner().dossier.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_received_under_version_3_keeps_its_limits_after_version_4() {
    on_every_store(async |intake: Intake| {
        intake.import(file("5", "")).await.unwrap();
        let third = intake.import(file("5", "01 | Cấp mới | 3 | WORKING_DAY; 02 | Cấp lại")).await.unwrap();
        assert_eq!(third.version, 3);
        let (new, again) = (received(&intake, "1.004194.01").await, received(&intake, "02").await);
        assert_eq!((new.limit_text.as_str(), new.case_name.as_str()), ("03 ngày làm việc", "Cấp mới"));
        assert_eq!((again.limit_text.as_str(), again.case_code.as_str()), ("05 ngày làm việc", "1.004194.02"));
        assert!(from_timestamp(new.due_time.as_ref()) < from_timestamp(again.due_time.as_ref()));

        let fourth = intake.import(file("20", "01 | Cấp mới | 15 | WORKING_DAY; 02 | Cấp lại")).await.unwrap();
        assert_eq!((fourth.version, fourth.updated), (4, 1));
        for before in [&new, &again] {
            let after = read(&intake, &before.id).await;
            assert_eq!(&after, before);
            assert_eq!(after.catalogue_version, 3);
        }
        // What status counts by is what was promised, too.
        let events = until("two events", async || {
            let all = intake.events_of("dossier.accepted");
            (all.len() == 2).then_some(all)
        })
        .await;
        let told: Vec<DossierAccepted> =
            events.iter().map(|event| DossierAccepted::decode(event.data.as_ref()).unwrap()).collect();
        assert_eq!(
            told.iter().map(|t| (t.limit_quantity, t.limit_unit.as_str())).collect::<Vec<_>>(),
            [(3, "WORKING_DAY"), (5, "WORKING_DAY")]
        );
        assert_eq!(told[0].case_code, "1.004194.01");
        // The next one is received under what is in force now.
        let next = received(&intake, "01").await;
        assert_eq!((next.limit_text.as_str(), next.catalogue_version), ("15 ngày làm việc", 4));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_must_be_chosen_and_its_date_is_shown_before() {
    on_every_store(async |intake: Intake| {
        intake.import(file("5", "01 | Cấp mới | 3 | WORKING_DAY; 02 | Cấp lại")).await.unwrap();
        for (case_code, expected) in [("", "CASE_REQUIRED"), ("03", "CASE_UNKNOWN"), ("1.004195.01", "CASE_UNKNOWN")] {
            let refused = accept(&intake, handed_in(case_code)).await.unwrap_err();
            assert_eq!((refused.code(), reason(&refused).as_str()), (Code::InvalidArgument, expected));
        }
        let asked = GetProcedureRequest { centre_id: CENTRE.into(), code: CODE.into() };
        let procedure = intake.officer().get_procedure(asked).await.unwrap().into_inner().procedure.unwrap();
        let limits: Vec<(&str, i32)> =
            procedure.cases.iter().map(|c| (c.code.as_str(), c.limit.unwrap().quantity)).collect();
        assert_eq!(limits, [("1.004194.01", 3), ("1.004194.02", 5)]);
        assert_eq!((procedure.components[0].originals, procedure.components[0].name.as_str()), (2, "Đơn"));
        assert_eq!((procedure.fees[0].amount_vnd, procedure.fees[0].moment()), (50_000, FeeMoment::Return));
        for (case_code, quantity) in [("1.004194.01", "03"), ("1.004194.02", "05"), ("", "05")] {
            let preview = PreviewDueRequest {
                centre_id: CENTRE.into(),
                procedure_code: CODE.into(),
                case_code: case_code.into(),
            };
            let preview = intake.officer().preview_due(preview).await.unwrap().into_inner();
            assert!(preview.due_explanation.join(" ").contains(quantity), "{preview:?}");
            if !case_code.is_empty() {
                assert_eq!(received(&intake, case_code).await.due_time, preview.due_time);
            }
        }
    })
    .await;
}
