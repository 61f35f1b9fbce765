//! Bad input and bad circumstances, against the real program: what it says, how it ends, and that nothing was changed.
mod disk;
mod start;

use motcua_proto::{
    intake::v1::ListProceduresRequest,
    routing::v1::{GetCentreRequest, IssueTicketRequest, issue_ticket_request::Target},
};
use motcua_tests::centre::{CENTRE_ID, Centre};
use tonic::Code;
use tonic_types::StatusExt as _;

pub use self::start::run;
use crate::access::{call, connect, said};

#[tokio::test]
async fn a_message_too_large_is_refused_and_the_next_is_served() {
    let centre = Centre::embedded().await;
    let (channel, token) = (connect(&centre), centre.token("operator"));
    // One field of five million bytes.
    let mut body = vec![0x0a, 0xc0, 0x96, 0xb1, 0x02];
    body.resize(body.len() + 5_000_000, b'x');
    for rpc in [
        "motcua.routing.v1.RoutingService/IssueTicket",
        "motcua.routing.v1.RoutingService/ApplyCentre",
        "motcua.intake.v1.IntakeService/AcceptDossier",
        "motcua.intake.v1.IntakeService/ImportCatalogue",
        "motcua.status.v1.StatusService/CompleteDossier",
        "motcua.notification.v1.NotificationService/ListDeliveries",
    ] {
        let answer = call(&channel, rpc, Some(&token), &body).await;
        assert!(matches!(said(&answer).0, Code::OutOfRange | Code::ResourceExhausted), "{rpc}: {answer:?}");
    }
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    centre.clients("operator").routing.get_centre(request).await.unwrap();
}

#[tokio::test]
async fn a_closed_hall_gives_no_number_and_says_when_it_will() {
    // A Sunday.
    let centre = Centre::embedded_with(&["--clock", "2026-11-22T09:00:00+07:00"]).await;
    let mut kiosk = centre.clients("kiosk");
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    let queue = kiosk.routing.get_centre(request).await.unwrap().into_inner().centre.unwrap().queues.remove(0);
    let request = IssueTicketRequest {
        request_id: "sunday".into(),
        centre_id: CENTRE_ID.into(),
        ticket_token: "sunday-token-012345678".into(),
        target: Some(Target::QueueId(queue.id)),
        ..Default::default()
    };
    let refused = kiosk.routing.issue_ticket(request).await.unwrap_err();
    let info = refused.get_details_error_info().unwrap();
    assert_eq!((refused.code(), info.reason.as_str()), (Code::FailedPrecondition, "HALL_CLOSED"));
    // Numbers are given half an hour before the doors open at seven.
    assert!(
        ["2026-11-22T23:30:00Z", "2026-11-23T00:00:00Z"].contains(&info.metadata["open_time"].as_str()),
        "{info:?}"
    );
    assert!(refused.message().contains("23/11"), "{}", refused.message());
}

const HEAD: &str = "code,name,department,department_2025,field_code,field,level,reception,time_qty,time_unit,fee_vnd,fee_mode,\
                    full_online,components,start_date,agency_office,agency_hours";

fn row(code: &str, quantity: &str) -> String {
    format!(
        "{code},Thủ tục mẫu,Sở Tư pháp,Sở Tư pháp,TP-LL,Lý lịch tư pháp,Cấp tỉnh,received,{quantity},DAY,0,zero,True,Tờ khai,,,"
    )
}

#[tokio::test]
async fn a_bad_catalogue_changes_nothing_and_a_good_one_changes_once() {
    let centre = Centre::embedded().await;
    let data = centre.data().display().to_string();
    let before = catalogue(&centre).await;
    let file = centre.folder().join("catalogue.csv");
    let import = ["catalogue", "import", "catalogue.csv", "--data", &data];

    std::fs::write(&file, format!("{HEAD}\n{}\n{}\n", row("5.000001", "10"), row("5.000002", "mười"))).unwrap();
    let refused = run(centre.folder(), &import).await;
    assert_eq!(refused.code, 2, "{refused:?}");
    for word in ["dòng 3", "cột time_qty", "mười", "số nguyên dương"] {
        assert!(refused.stderr.contains(word), "{word} in {}", refused.stderr);
    }
    std::fs::write(&file, "code,name\n5.000001,Thủ tục mẫu\n").unwrap();
    let refused = run(centre.folder(), &import).await;
    assert!(refused.code == 2 && refused.stderr.contains("Thiếu cột"), "{refused:?}");
    std::fs::write(&file, [0xff, 0xfe, 0x00, 0x80]).unwrap();
    assert_eq!(run(centre.folder(), &import).await.code, 2);
    assert_eq!(catalogue(&centre).await, before, "nothing was changed");

    std::fs::write(&file, format!("{HEAD}\n{}\n", row("5.000001", "10"))).unwrap();
    let first = run(centre.folder(), &import).await;
    assert!(first.code == 0 && first.stdout.contains("changed\ttrue"), "{first:?}");
    let after = catalogue(&centre).await;
    assert_eq!(after.1, ["5.000001"]);
    let again = run(centre.folder(), &import).await;
    assert!(again.code == 0 && again.stdout.contains("changed\tfalse"), "{again:?}");
    assert_eq!(catalogue(&centre).await, after, "the same file makes no version");
}

/// Version and codes in force.
async fn catalogue(centre: &Centre) -> (i64, Vec<String>) {
    let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 1000, ..Default::default() };
    let listed = centre.clients("operator").intake.list_procedures(request).await.unwrap().into_inner();
    (listed.version, listed.procedures.into_iter().map(|p| p.code).collect())
}
