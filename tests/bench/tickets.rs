//! The queue's two hot calls over gRPC, each client on a connection of its own.
use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use motcua_proto::routing::v1::{
    CallNextRequest, IssueTicketRequest, Ticket, issue_ticket_request::Target,
    routing_service_client::RoutingServiceClient,
};
use motcua_tests::centre::{CENTRE_ID, Caller, Centre};

use crate::{
    hall::{COUNTERS, counter, queue},
    measure::{Client, Plan, Sample, while_true},
};

const FILLERS: usize = 32;

/// Distinct over the whole run of this program, as a request id must be.
fn fresh(prefix: &str) -> String {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    format!("{prefix}-{:016}", LAST.fetch_add(1, Ordering::Relaxed))
}

/// Takes numbers.
pub struct Issuer {
    routing: RoutingServiceClient<Caller>,
    turn: usize,
}

impl Issuer {
    pub fn many(centre: &Centre, count: usize) -> Vec<Self> {
        (0..count).map(|turn| Self { routing: centre.clients("kiosk").routing, turn }).collect()
    }

    pub async fn issue(&mut self) -> Ticket {
        self.turn += 1;
        let request = IssueTicketRequest {
            request_id: fresh("bench-issue"),
            centre_id: CENTRE_ID.into(),
            locale: "vi".into(),
            ticket_token: fresh("token"),
            target: Some(Target::QueueId(queue(self.turn))),
            ..Default::default()
        };
        self.routing.issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
    }
}

impl Client for Issuer {
    async fn act(&mut self) -> bool {
        self.issue().await;
        true
    }
}

/// Calls at counters of its own, finishing the ticket before in the same act.
pub struct Officer {
    routing: RoutingServiceClient<Caller>,
    counters: Vec<String>,
    turn: usize,
}

impl Officer {
    pub fn many(centre: &Centre, count: usize) -> Vec<Self> {
        let counters = |of: usize| (of..COUNTERS).step_by(count).map(counter).collect();
        (0..count)
            .map(|of| Self { routing: centre.clients("operator").routing, counters: counters(of), turn: 0 })
            .collect()
    }

    pub async fn call(&mut self) -> Option<Ticket> {
        self.turn += 1;
        let request = CallNextRequest {
            request_id: fresh("bench-call"),
            centre_id: CENTRE_ID.into(),
            counter_id: self.counters[self.turn % self.counters.len()].clone(),
            finish_current: true,
            ..Default::default()
        };
        self.routing.call_next(request).await.unwrap().into_inner().ticket
    }
}

impl Client for Officer {
    async fn act(&mut self) -> bool {
        assert!(self.call().await.is_some(), "nobody waits: an empty answer is no measurement");
        true
    }
}

/// Rates of IssueTicket.
pub async fn issue(centre: &Centre, clients: usize, plan: &Plan) -> Vec<Sample> {
    plan.measure(Issuer::many(centre, clients)).await.1
}

/// Rates of CallNext in a hall where nobody waits yet: before each window the queues are filled, and the window takes two
/// thirds of what waits.
pub async fn call(centre: &Centre, clients: usize, plan: &Plan) -> Vec<Sample> {
    let taken = plan.waiting * 2 / 3;
    let mut officers = Officer::many(centre, clients);
    let mut issuers = Issuer::many(centre, FILLERS);
    let mut samples = Vec::new();
    // The windows are short, so there are more of them; the first one warms up.
    for run in 0..=plan.runs * 3 {
        let waiting = if run == 0 { 0 } else { plan.waiting - taken };
        issuers = count(issuers, plan.waiting - waiting).await.0;
        let (same, sample) = count(officers, taken).await;
        officers = same;
        if run > 0 {
            samples.push(sample);
        }
    }
    samples
}

async fn count<C: Client>(clients: Vec<C>, operations: usize) -> (Vec<C>, Sample) {
    let left = Arc::new(AtomicI64::new(i64::try_from(operations).unwrap()));
    while_true(clients, move || left.fetch_sub(1, Ordering::Relaxed) > 0).await
}
