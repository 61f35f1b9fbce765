//! The queue's two hot calls over gRPC, each client on a connection of its own.
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use motcua_proto::routing::v1::{
    CallNextRequest, IssueTicketRequest, Ticket, issue_ticket_request::Target,
    routing_service_client::RoutingServiceClient,
};
use motcua_tests::centre::{Caller, Centre};
use tokio::time::Instant;

use crate::{
    hall::Hall,
    measure::{Client, Plan, Sample, quantiles, while_true, window},
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
    hall: Hall,
    turn: usize,
}

impl Issuer {
    pub fn many(centre: &Centre, hall: &Hall, count: usize) -> Vec<Self> {
        (0..count).map(|turn| Self::new(centre.clients("operator").routing, hall, turn)).collect()
    }

    pub fn new(routing: RoutingServiceClient<Caller>, hall: &Hall, turn: usize) -> Self {
        Self { routing, hall: hall.clone(), turn }
    }

    pub async fn issue(&mut self) -> Ticket {
        self.turn += 1;
        self.issue_in(self.turn).await
    }

    async fn issue_in(&mut self, queue: usize) -> Ticket {
        let request = IssueTicketRequest {
            request_id: fresh("bench-issue"),
            centre_id: self.hall.centre_id.clone(),
            locale: "vi".into(),
            ticket_token: fresh("token"),
            target: Some(Target::QueueId(self.hall.queue(queue))),
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
    hall: Hall,
    counters: Vec<usize>,
    turn: usize,
}

impl Officer {
    pub fn many(centre: &Centre, hall: &Hall, count: usize) -> Vec<Self> {
        (0..count).map(|of| Self::new(centre.clients("operator").routing, hall, of, count)).collect()
    }

    /// The officer `of` so many who share the counters.
    pub fn new(routing: RoutingServiceClient<Caller>, hall: &Hall, of: usize, count: usize) -> Self {
        Self { routing, hall: hall.clone(), counters: (of..hall.counters).step_by(count).collect(), turn: 0 }
    }

    /// The counter whose turn it is.
    fn counter(&mut self) -> usize {
        self.turn += 1;
        self.counters[self.turn % self.counters.len()]
    }

    pub async fn call(&mut self) -> Option<Ticket> {
        let counter = self.counter();
        self.call_at(counter).await
    }

    async fn call_at(&mut self, counter: usize) -> Option<Ticket> {
        let request = CallNextRequest {
            request_id: fresh("bench-call"),
            centre_id: self.hall.centre_id.clone(),
            counter_id: self.hall.counter(counter),
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

/// For every number taken one is called from the same line, so that as many wait as before.
pub struct Turnstile {
    issuer: Issuer,
    officer: Officer,
    calls: Vec<Duration>,
}

impl Turnstile {
    pub fn many(centre: &Centre, hall: &Hall, count: usize) -> Vec<Self> {
        let officers = Officer::many(centre, hall, count).into_iter();
        Issuer::many(centre, hall, count)
            .into_iter()
            .zip(officers)
            .map(|(issuer, officer)| Self::new(issuer, officer))
            .collect()
    }

    pub const fn new(issuer: Issuer, officer: Officer) -> Self {
        Self { issuer, officer, calls: Vec::new() }
    }
}

impl Client for Turnstile {
    async fn act(&mut self) -> bool {
        let counter = self.officer.counter();
        // A counter prefers the queue of its own number.
        self.issuer.issue_in(counter).await;
        let from = Instant::now();
        assert!(self.officer.call_at(counter).await.is_some(), "nobody waits: an empty answer is no measurement");
        self.calls.push(from.elapsed());
        true
    }
}

/// A window of turnstiles: pairs a second, and the times of their calls alone.
pub async fn turned(clients: Vec<Turnstile>, length: Duration) -> (Vec<Turnstile>, Sample) {
    let (mut clients, sample) = window(clients, length).await;
    let mut calls: Vec<Duration> = clients.iter_mut().flat_map(|client| std::mem::take(&mut client.calls)).collect();
    let (p50, p99) = quantiles(&mut calls);
    (clients, Sample { p50, p99, ..sample })
}

/// Rates of IssueTicket.
pub async fn issue(centre: &Centre, hall: &Hall, clients: usize, plan: &Plan) -> Vec<Sample> {
    plan.measure(Issuer::many(centre, hall, clients)).await.1
}

/// Lets so many more wait.
pub async fn fill(centre: &Centre, hall: &Hall, people: usize) {
    count(Issuer::many(centre, hall, FILLERS), people).await;
}

/// Rates of CallNext in a hall where `from` wait before each window and `to` after it; nobody waits before the first one.
pub async fn call(
    centre: &Centre,
    hall: &Hall,
    clients: usize,
    plan: &Plan,
    (from, to): (usize, usize),
) -> Vec<Sample> {
    let mut officers = Officer::many(centre, hall, clients);
    let mut issuers = Issuer::many(centre, hall, FILLERS);
    let mut samples = Vec::new();
    // The windows are short, so there are more of them; the first one warms up.
    for run in 0..=plan.runs * 3 {
        issuers = count(issuers, if run == 0 { from } else { from - to }).await.0;
        let (same, sample) = count(officers, from - to).await;
        officers = same;
        if run > 0 {
            samples.push(sample);
        }
    }
    samples
}

/// So many operations, by whoever is free.
pub async fn count<C: Client>(clients: Vec<C>, operations: usize) -> (Vec<C>, Sample) {
    let left = Arc::new(AtomicI64::new(i64::try_from(operations).unwrap()));
    while_true(clients, move || left.fetch_sub(1, Ordering::Relaxed) > 0).await
}
