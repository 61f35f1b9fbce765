//! One trace from the tap at the kiosk to the citizen's message, and a centre that leaves cleanly.
use std::collections::BTreeMap;

use motcua_proto::{
    intake::v1::{ListProceduresRequest, Reception},
    notification::v1::{DeliveryState, ListDeliveriesRequest},
    routing::v1::{GetCentreRequest, GetTicketRequest},
    status::v1::{CompleteDossierRequest, ForwardDossierRequest},
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, MORNING},
    doubles::otlp::Collector,
    wait,
};
use serde_json::{Value, json};
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};

use crate::access::connect;

const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TAP: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn one_trace_from_the_tap_to_the_message() {
    let collector = Collector::start().await;
    let centre = Centre::embedded_with(&["--clock", MORNING, "--otlp", collector.url()]).await;
    let mut staff = centre.clients("operator");
    let procedure = received_procedure(&centre).await;

    let ticket_id = tap(&centre, &procedure).await;
    let asked = GetTicketRequest { centre_id: CENTRE_ID.into(), ticket_id: ticket_id.clone() };
    let ticket = staff.routing.get_ticket(asked).await.unwrap().into_inner().ticket.unwrap();
    assert!(ticket.traceparent.contains(TRACE_ID), "the ticket keeps it: {}", ticket.traceparent);

    let counter = {
        let request = GetCentreRequest { centre_id: CENTRE_ID.into() };
        let counters = staff.routing.get_centre(request).await.unwrap().into_inner().centre.unwrap().counters;
        let serves = |c: &motcua_proto::routing::v1::Counter| c.skills.iter().any(|s| s.queue_id == ticket.queue_id);
        counters.into_iter().find(|c| c.open && serves(c)).unwrap().number
    };
    let officer = Officer::at(&centre, counter).await;
    officer.post(&format!("/console/{counter}/call"), json!({ "request_id": "call-1" })).await;
    let papers = json!({
        "request_id": "accept-1", "ticket_id": ticket_id, "procedure_code": procedure, "return_channel": 1,
        "applicant": { "full_name": "Nguyễn Thị Mẫu", "phone": "0912345678" },
    });
    let accepted = officer.post(&format!("/desk/{counter}/dossiers"), papers).await;
    let dossier_id = accepted["id"].as_str().unwrap().to_owned();

    wait::until("status knows the dossier", || {
        let (mut status, dossier_id) = (staff.status.clone(), dossier_id.clone());
        let (request_id, centre_id) = ("forward-1".to_owned(), CENTRE_ID.to_owned());
        let request = ForwardDossierRequest { request_id, centre_id, dossier_id, ..Default::default() };
        async move { status.forward_dossier(request).await.ok() }
    })
    .await;
    let (request_id, centre_id) = ("complete-1".to_owned(), CENTRE_ID.to_owned());
    let complete =
        CompleteDossierRequest { request_id, centre_id, dossier_id: dossier_id.clone(), etag: String::new() };
    staff.status.complete_dossier(complete).await.unwrap();
    let delivery = wait::until("the message", || {
        let mut notification = staff.notification.clone();
        let request =
            ListDeliveriesRequest { centre_id: CENTRE_ID.into(), dossier_id: dossier_id.clone(), ..Default::default() };
        async move {
            let sent = notification.list_deliveries(request).await.ok()?.into_inner().deliveries;
            sent.into_iter().find(|d| d.state() == DeliveryState::Accepted)
        }
    })
    .await;
    assert!(delivery.traceparent.contains(TRACE_ID), "the delivery has the tap's trace: {}", delivery.traceparent);

    let left = centre.stop().await;
    assert!(left.values().all(|status| status.success()), "{left:?}");
    // Kiosk, routing, intake, status, notification.
    for name in [
        "POST /api/tickets",
        "/motcua.routing.v1.RoutingService/IssueTicket",
        "/motcua.intake.v1.IntakeService/AcceptDossier",
        "consume dossier.accepted",
        "consume result.ready",
        "deliver result_ready",
        "/motcua.intake.v1.IntakeService/GetContact",
    ] {
        wait::until(&format!("a span \"{name}\" in the tap's trace"), || async {
            collector.names(TRACE_ID).contains(name).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_signal_turns_health_and_ends_with_zero() {
    let mut centre = Centre::embedded().await;
    let mut streams = BTreeMap::new();
    for service in ["", "motcua.routing.v1.RoutingService", "motcua.status.v1.StatusService"] {
        let mut health = HealthClient::new(connect(&centre));
        let request = HealthCheckRequest { service: service.to_owned() };
        let mut stream = health.watch(request).await.unwrap().into_inner();
        while stream.message().await.unwrap().unwrap().status() != ServingStatus::Serving {}
        streams.insert(service, stream);
    }
    centre.process("motcua").signal("TERM").await;
    for (service, mut stream) in streams {
        let last = stream.message().await.unwrap().unwrap_or_else(|| panic!("\"{service}\" ended without a word"));
        assert_eq!(last.status(), ServingStatus::NotServing, "\"{service}\"");
    }
    assert!(centre.process("motcua").stop().await.success());
}

async fn received_procedure(centre: &Centre) -> String {
    wait::until("a received procedure that the kiosk knows", || async {
        let mut intake = centre.clients("kiosk").intake;
        let request = ListProceduresRequest { centre_id: CENTRE_ID.into(), page_size: 100, ..Default::default() };
        let listed = intake.list_procedures(request).await.ok()?.into_inner().procedures;
        let code = listed.into_iter().find(|p| p.reception() == Reception::Received)?.code;
        let page = format!("{}/api/procedures/{code}", centre.url("kiosk"));
        client().get(page).send().await.ok()?.status().is_success().then_some(code)
    })
    .await
}

fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The finger on the kiosk's page; gives the ticket's id.
async fn tap(centre: &Centre, procedure: &str) -> String {
    let given = wait::until("routing knows the catalogue", || async {
        let answer = client()
            .post(format!("{}/api/tickets", centre.url("kiosk")))
            .header("idempotency-key", "tap-1")
            .header("traceparent", TAP)
            .json(&json!({ "procedure_code": procedure }))
            .send()
            .await
            .ok()?;
        answer.status().is_success().then_some(answer)?.json::<Value>().await.ok()
    })
    .await;
    let id = given["id"].as_str().or(given["ticket"]["id"].as_str());
    id.unwrap_or_else(|| panic!("no id in {given}")).to_owned()
}

/// A session at a counter, opened by the one-time link that the centre printed.
struct Officer {
    base: String,
    cookie: String,
}

impl Officer {
    async fn at(centre: &Centre, counter: i32) -> Self {
        let data = centre.data().display().to_string();
        let page = format!("console/{counter}");
        let ran = crate::limits::run(centre.folder(), &["link", &page, "--data", &data]).await;
        let link = ran.stdout.trim().strip_prefix("link\t").unwrap_or_else(|| panic!("{ran:?}")).to_owned();
        let opened = client().get(&link).send().await.unwrap();
        let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
        Self { base: centre.url("citizen").to_owned(), cookie }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = client()
            .post(format!("{}{path}", self.base))
            .header("cookie", &self.cookie)
            .header("x-motcua", "1")
            .json(&body)
            .send()
            .await
            .unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }
}
