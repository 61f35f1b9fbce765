//! A citizen's day over the public contracts, on both shapes of a centre: a number, a call, a dossier, a message.
use std::time::Duration;

use motcua_proto::{
    intake::v1::{
        AcceptDossierRequest, AcceptDossierResponse, Applicant, ListProceduresRequest, Procedure, Reception,
        ReturnChannel,
    },
    notification::v1::{DeliveryState, ListDeliveriesRequest},
    routing::v1::{
        CallNextRequest, Counter, FinishRequest, GetCentreRequest, IssueTicketRequest, MarkArrivedRequest, Ticket,
        TicketState, WatchCallsRequest, issue_ticket_request::Target, watch_calls_response::Event,
    },
    status::v1::{CompleteDossierRequest, DossierState, ForwardDossierRequest, ReturnResultRequest, TrackRequest},
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Clients},
    wait,
};
use tonic::{Code, Streaming};

#[tokio::test]
async fn a_citizens_day_on_one_machine() {
    let centre = Centre::embedded().await;
    day(&centre).await;
    let left = centre.stop().await;
    assert!(left.values().all(|status| status.success()), "{left:?}");
}

#[tokio::test]
async fn a_citizens_day_on_separate_services() {
    let centre = Centre::cluster().await;
    day(&centre).await;
    let left = centre.stop().await;
    assert!(left.values().all(|status| status.success()), "{left:?}");
}

async fn day(centre: &Centre) {
    let (mut kiosk, mut staff) = (centre.clients("kiosk"), centre.clients("operator"));
    let procedure = received_procedure(&mut staff).await;

    let ticket = issue(&mut kiosk, "tap-1", &procedure.code).await.unwrap();
    assert_eq!(issue(&mut kiosk, "tap-1", &procedure.code).await.unwrap().id, ticket.id, "a repeated tap");
    let reused = issue(&mut kiosk, "tap-1", "no-such-procedure").await.unwrap_err();
    assert_eq!(reused.code(), Code::InvalidArgument, "another wish under the same request id");

    let counter = counter_of(&mut staff, &ticket).await;
    let mut board = watch(&mut kiosk).await;
    let call = CallNextRequest {
        request_id: "call-1".into(),
        centre_id: CENTRE_ID.into(),
        counter_id: counter.id.clone(),
        finish_current: false,
        ..Default::default()
    };
    let called = staff.routing.call_next(call.clone()).await.unwrap().into_inner();
    assert_eq!(called.ticket.unwrap().id, ticket.id);
    assert!(!called.call.unwrap().reason.is_empty(), "why this ticket");
    let again = staff.routing.call_next(call).await.unwrap().into_inner();
    assert_eq!(again.ticket.unwrap().id, ticket.id, "a repeated press");
    assert_eq!(on_board(&mut board, &ticket).await, counter.number);

    let (centre_id, counter_id, ticket_id) = (CENTRE_ID.to_owned(), counter.id.clone(), ticket.id.clone());
    let request_id = "here-1".into();
    let arrived = MarkArrivedRequest { request_id, centre_id, counter_id, ticket_id, ..Default::default() };
    let serving = staff.routing.mark_arrived(arrived).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(serving.state(), TicketState::Serving);

    let accepted = accept(&mut staff, &ticket, &counter, &procedure).await;
    let (centre_id, counter_id, ticket_id) = (CENTRE_ID.to_owned(), counter.id, ticket.id);
    let request_id = "done-1".into();
    let finish = FinishRequest { request_id, centre_id, counter_id, ticket_id, ..Default::default() };
    let finished = staff.routing.finish(finish).await.unwrap().into_inner().ticket.unwrap();
    assert_eq!(finished.state(), TicketState::Finished);

    follow(&mut staff, &accepted).await;
}

async fn received_procedure(staff: &mut Clients) -> Procedure {
    wait::until("the starter catalogue", || {
        let mut intake = staff.intake.clone();
        async move {
            let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 100, ..Default::default() };
            let listed = intake.list_procedures(request).await.ok()?.into_inner().procedures;
            listed.into_iter().find(|p| p.reception() == Reception::Received && p.limit.is_some_and(|l| l.quantity > 0))
        }
    })
    .await
}

/// Routing learns the catalogue by an event: until then it knows no procedure.
async fn issue(kiosk: &mut Clients, request_id: &str, procedure: &str) -> Result<Ticket, tonic::Status> {
    let request = IssueTicketRequest {
        request_id: request_id.into(),
        centre_id: CENTRE_ID.into(),
        locale: "vi".into(),
        ticket_token: "day-token-0123456789-a".into(),
        target: Some(Target::ProcedureCode(procedure.to_owned())),
        ..Default::default()
    };
    wait::until("routing knows the catalogue", || {
        let (mut routing, request) = (kiosk.routing.clone(), request.clone());
        async move {
            match routing.issue_ticket(request).await {
                Err(status) if status.code() == Code::NotFound || status.code() == Code::Unavailable => None,
                Err(status) => Some(Err(status)),
                Ok(issued) => Some(Ok(issued.into_inner().ticket.unwrap())),
            }
        }
    })
    .await
}

async fn counter_of(staff: &mut Clients, ticket: &Ticket) -> Counter {
    let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
    let centre = staff.routing.get_centre(request).await.unwrap().into_inner().centre.unwrap();
    let serves = |counter: &Counter| counter.skills.iter().any(|skill| skill.queue_id == ticket.queue_id);
    centre.counters.into_iter().find(|counter| counter.open && serves(counter)).expect("an open counter for the queue")
}

type Board = Streaming<motcua_proto::routing::v1::WatchCallsResponse>;

async fn watch(kiosk: &mut Clients) -> Board {
    let request = WatchCallsRequest { centre_id: CENTRE_ID.into(), hall_id: String::new(), after_seq: 0 };
    kiosk.routing.watch_calls(request).await.unwrap().into_inner()
}

/// The counter number that the board shows for the ticket.
async fn on_board(board: &mut Board, ticket: &Ticket) -> i32 {
    let seen = async {
        loop {
            let moved = board.message().await.unwrap().expect("the feed ended");
            if let Some(Event::Called(call)) = moved.event
                && call.ticket_id == ticket.id
            {
                assert_eq!(call.ticket_number, ticket.number);
                return call.counter_number;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), seen).await.expect("the call on the board")
}

async fn accept(
    staff: &mut Clients,
    ticket: &Ticket,
    counter: &Counter,
    procedure: &Procedure,
) -> AcceptDossierResponse {
    let request = AcceptDossierRequest {
        request_id: "accept-1".into(),
        centre_id: CENTRE_ID.into(),
        counter_id: counter.id.clone(),
        ticket_id: ticket.id.clone(),
        procedure_code: procedure.code.clone(),
        applicant: Some(Applicant {
            full_name: "Nguyễn Thị Mẫu".into(),
            phone: "0912345678".into(),
            ..Default::default()
        }),
        return_channel: ReturnChannel::Counter.into(),
        ..Default::default()
    };
    let accepted = staff.intake.accept_dossier(request.clone()).await.unwrap().into_inner();
    let again = staff.intake.accept_dossier(request).await.unwrap().into_inner();
    assert_eq!(accepted, again, "a repeated acceptance");
    let dossier = accepted.dossier.as_ref().unwrap();
    assert!(!dossier.code.is_empty() && !dossier.due_explanation.is_empty());
    assert!(dossier.due_time.unwrap().seconds > dossier.accept_time.unwrap().seconds);
    accepted
}

/// The dossier's way to the citizen's hands, as the page behind the receipt's code tells it.
async fn follow(staff: &mut Clients, accepted: &AcceptDossierResponse) {
    let dossier_id = accepted.dossier.as_ref().unwrap().id.clone();
    let (_, token) = accepted.tracking_url.rsplit_once("/d/").unwrap();
    tracked(staff, token, DossierState::Accepted).await;

    let centre_id = CENTRE_ID.to_owned();
    let forward = ForwardDossierRequest {
        request_id: "forward-1".into(),
        centre_id: centre_id.clone(),
        dossier_id: dossier_id.clone(),
        ..Default::default()
    };
    staff.status.forward_dossier(forward).await.unwrap();
    tracked(staff, token, DossierState::Processing).await;
    let (request_id, etag) = ("complete-1".into(), String::new());
    let complete =
        CompleteDossierRequest { request_id, centre_id: centre_id.clone(), dossier_id: dossier_id.clone(), etag };
    staff.status.complete_dossier(complete).await.unwrap();
    tracked(staff, token, DossierState::Completed).await;

    let told = wait::until("the message that the result is ready", || {
        let mut notification = staff.notification.clone();
        let request =
            ListDeliveriesRequest { centre_id: CENTRE_ID.into(), dossier_id: dossier_id.clone(), ..Default::default() };
        async move {
            let sent = notification.list_deliveries(request).await.ok()?.into_inner().deliveries;
            let ready = sent.into_iter().filter(|d| d.kind == "result_ready").collect::<Vec<_>>();
            ready.iter().any(|d| d.state() == DeliveryState::Accepted).then_some(ready)
        }
    })
    .await;
    assert_eq!(told.len(), 1, "told once: {told:?}");
    assert!(told[0].address_masked.ends_with("678") && !told[0].address_masked.contains("912345"));

    let (request_id, etag) = ("return-1".into(), String::new());
    staff
        .status
        .return_result(ReturnResultRequest { request_id, centre_id, dossier_id, etag, collector: None })
        .await
        .unwrap();
    tracked(staff, token, DossierState::Returned).await;
}

async fn tracked(staff: &mut Clients, token: &str, state: DossierState) {
    wait::until(&format!("the receipt's page says {state:?}"), || {
        let (mut status, token) = (staff.status.clone(), token.to_owned());
        async move {
            let track = status.track(TrackRequest { token }).await.ok()?.into_inner();
            (track.state() == state).then_some(())
        }
    })
    .await;
}
