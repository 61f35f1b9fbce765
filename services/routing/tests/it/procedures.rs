//! The projection of the catalogue: where a procedure leads, and which are not received here.
use motcua_proto::intake::v1 as intake;
use motcua_runtime::grpc;
use prost::Message as _;

use crate::support::{CENTRE, Hall, at, demo_halls, for_procedure, reason, until};

fn procedure(code: &str, department: &str, reception: intake::Reception) -> intake::Procedure {
    intake::Procedure {
        code: code.into(),
        name: format!("Thủ tục {code}"),
        department: department.into(),
        field_code: format!("F-{code}"),
        reception: reception.into(),
        ..Default::default()
    }
}

fn catalogue() -> Vec<intake::Procedure> {
    vec![
        procedure("1.001", "Sở Tư pháp", intake::Reception::Received),
        procedure("1.002", "Sở Xa lạ", intake::Reception::Received),
        intake::Procedure {
            start_date: "2026-11-25".into(),
            ..procedure("1.003", "Sở Y tế", intake::Reception::Planned)
        },
        procedure("1.004", "Sở Y tế", intake::Reception::Planned),
        intake::Procedure {
            agency_office: "Bộ Chỉ huy Quân sự tỉnh, số 1 đường Mẫu".into(),
            agency_hours: "07:30-11:00 thứ Hai đến thứ Sáu".into(),
            ..procedure("1.005", "Bộ Chỉ huy Quân sự tỉnh", intake::Reception::AtAgency)
        },
    ]
}

async fn known(hall: &Hall, code: &str) {
    until("the procedure is known", || async {
        !matches!(hall.client().issue_ticket(for_procedure(code)).await, Err(error)
            if grpc::reason(&error).as_deref() == Some("PROCEDURE_UNKNOWN"))
    })
    .await;
}

/// What intake does when it publishes: through this process's bus.
pub async fn publish(hall: &Hall, version: i64) {
    let data = intake::CataloguePublished { version, procedures: 5 }.encode_to_vec();
    let event = motcua_bus::Event {
        id: crate::support::id(),
        source: "intake".into(),
        r#type: "catalogue.published".into(),
        centre_id: CENTRE.into(),
        sequence: version,
        data: data.into(),
        ..Default::default()
    };
    let answers = hall.processes[0].bus.publish(&[event]).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[tokio::test]
async fn procedures_lead_to_their_queue_or_to_guidance() {
    for hall in demo_halls().await {
        hall.catalogue.replace(1, catalogue());
        publish(&hall, 1).await;
        known(&hall, "1.001").await;
        let mut client = hall.client();
        let ticket = client.issue_ticket(for_procedure("1.001")).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!((ticket.queue_id.as_str(), ticket.procedure_name.as_str()), ("tu-phap", "Thủ tục 1.001"));
        let ticket = client.issue_ticket(for_procedure("1.002")).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.queue_id, "huong-dan");
        assert_eq!(reason(client.issue_ticket(for_procedure("9.999")).await), "PROCEDURE_UNKNOWN");
        assert!(*hall.process().service.ready().borrow());

        // A rule for the procedure beats its field's, which beats the department's.
        let toml = motcua_routing::DEMO_CENTRE_TOML
            .replace("departments = [\"Sở Xây dựng\"]", "departments = [\"Sở Xây dựng\"]\nfields = [\"F-1.001\"]");
        hall.apply(&toml).await;
        let ticket = client.issue_ticket(for_procedure("1.001")).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.queue_id, "xay-dung");
        hall.apply(&toml.replace("fields = [\"F-1.001\"]", "fields = [\"F-1.001\"]\nprocedures = [\"1.002\"]")).await;
        let ticket = client.issue_ticket(for_procedure("1.002")).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.queue_id, "xay-dung");
    }
}

#[tokio::test]
async fn what_is_not_received_here_is_answered_with_where_and_when() {
    for hall in demo_halls().await {
        hall.catalogue.replace(1, catalogue());
        publish(&hall, 1).await;
        known(&hall, "1.005").await;
        let mut client = hall.client();
        let error = client.issue_ticket(for_procedure("1.005")).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "PROCEDURE_AT_AGENCY");
        let facts = grpc::metadata(&error);
        assert_eq!(facts["agency_office"], "Bộ Chỉ huy Quân sự tỉnh, số 1 đường Mẫu");
        assert_eq!(facts["agency_hours"], "07:30-11:00 thứ Hai đến thứ Sáu");
        assert!(error.message().contains("nộp tại Bộ Chỉ huy Quân sự tỉnh, số 1 đường Mẫu"), "{}", error.message());

        let error = client.issue_ticket(for_procedure("1.003")).await.unwrap_err();
        assert_eq!(grpc::reason(&error).unwrap(), "PROCEDURE_NOT_STARTED");
        assert_eq!(grpc::metadata(&error)["start_date"], "2026-11-25");
        assert!(error.message().contains("từ ngày 25/11/2026"), "{}", error.message());
        assert_eq!(reason(client.issue_ticket(for_procedure("1.004")).await), "PROCEDURE_NOT_STARTED");

        hall.clock.set(at("2026-11-25T08:00:00+07:00"));
        let ticket = client.issue_ticket(for_procedure("1.003")).await.unwrap().into_inner().ticket.unwrap();
        assert_eq!(ticket.queue_id, "y-te-giao-duc");
        assert_eq!(reason(client.issue_ticket(for_procedure("1.004")).await), "PROCEDURE_NOT_STARTED");
    }
}

#[tokio::test]
async fn a_new_catalogue_replaces_the_old_one() {
    for hall in demo_halls().await {
        hall.catalogue.replace(1, catalogue());
        publish(&hall, 1).await;
        known(&hall, "1.001").await;
        hall.catalogue.replace(2, vec![procedure("2.001", "Sở Tư pháp", intake::Reception::Received)]);
        publish(&hall, 2).await;
        known(&hall, "2.001").await;
        assert_eq!(reason(hall.client().issue_ticket(for_procedure("1.001")).await), "PROCEDURE_UNKNOWN");
    }
}
