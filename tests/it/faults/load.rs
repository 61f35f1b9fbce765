//! A hall at work whose every answer is written down, so that after a crash each request can be asked again.
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use motcua_proto::{
    intake::v1::{AcceptDossierRequest, Applicant, ReturnChannel},
    routing::v1::{CallNextRequest, IssueTicketRequest, issue_ticket_request::Target},
    status::v1::{CompleteDossierRequest, ForwardDossierRequest},
};
use motcua_tests::{
    centre::{CENTRE_ID, Centre, Clients},
    wait,
};
use tokio::task::JoinSet;
use tonic::{Code, Status};

use super::hall::Hall;

const KIOSKS: usize = 5;
const DESKS: usize = 3;

/// One request with its id.
#[derive(Clone, Debug)]
pub enum Act {
    Issue(IssueTicketRequest),
    Call(CallNextRequest),
    Accept(Box<AcceptDossierRequest>),
    Forward(ForwardDossierRequest),
    Complete(CompleteDossierRequest),
}

/// What an answer says, and the whole of it: a repetition must give the same to the last field.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Ticket or dossier.
    pub id: String,
    /// Number or code.
    pub mark: String,
    whole: String,
}

fn answer(id: &str, mark: &str, whole: &impl std::fmt::Debug) -> Option<Answer> {
    Some(Answer { id: id.to_owned(), mark: mark.to_owned(), whole: format!("{whole:?}") })
}

impl Act {
    /// `None`: done, and nothing came of it (nobody waited).
    pub async fn send(&self, as_kiosk: &Clients, as_staff: &Clients) -> Result<Option<Answer>, Status> {
        let (mut kiosk, mut staff) = (as_kiosk.clone(), as_staff.clone());
        Ok(match self.clone() {
            Self::Issue(request) => {
                let whole = kiosk.routing.issue_ticket(request).await?.into_inner();
                let ticket = whole.ticket.as_ref().unwrap();
                answer(&ticket.id, &ticket.number, &whole)
            }
            Self::Call(request) => {
                let whole = staff.routing.call_next(request).await?.into_inner();
                whole.ticket.as_ref().and_then(|ticket| answer(&ticket.id, &ticket.number, &whole))
            }
            Self::Accept(request) => {
                let whole = staff.intake.accept_dossier(*request).await?.into_inner();
                let dossier = whole.dossier.as_ref().unwrap();
                answer(&dossier.id, &dossier.code, &whole)
            }
            Self::Forward(request) => {
                let whole = staff.status.forward_dossier(request).await?.into_inner();
                let dossier = whole.dossier.as_ref().unwrap();
                answer(&dossier.id, &dossier.code, &whole)
            }
            Self::Complete(request) => {
                let whole = staff.status.complete_dossier(request).await?.into_inner();
                let dossier = whole.dossier.as_ref().unwrap();
                answer(&dossier.id, &dossier.code, &whole)
            }
        })
    }
}

/// What became of a request, as its sender knows.
#[derive(Clone, Debug)]
pub enum Fate {
    Acked(Option<Answer>),
    Unknown,
}

/// A request and its fate.
#[derive(Clone, Debug)]
pub struct Entry {
    pub act: Act,
    pub fate: Fate,
}

/// Every request of a test, in the order in which they ended.
#[derive(Clone, Default)]
pub struct Ledger {
    entries: Arc<Mutex<Vec<Entry>>>,
    acked: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    serial: Arc<AtomicUsize>,
}

impl Ledger {
    /// Requests answered so far.
    pub fn acked(&self) -> usize {
        self.acked.load(Ordering::SeqCst)
    }

    /// A copy.
    pub fn entries(&self) -> Vec<Entry> {
        self.entries.lock().unwrap().clone()
    }

    /// A request id that no other act of the test has.
    pub fn request_id(&self, kind: &str) -> String {
        format!("{kind}-{}", self.serial.fetch_add(1, Ordering::SeqCst))
    }

    fn note(&self, act: Act, fate: Fate) {
        if matches!(fate, Fate::Acked(_)) {
            self.acked.fetch_add(1, Ordering::SeqCst);
        }
        self.entries.lock().unwrap().push(Entry { act, fate });
    }

    /// Sends and writes down; an error that leaves the fate open is written down as such.
    pub async fn act(&self, act: Act, kiosk: &Clients, staff: &Clients) -> Result<Option<Answer>, Status> {
        let sent = act.send(kiosk, staff).await;
        match &sent {
            Ok(answer) => self.note(act, Fate::Acked(answer.clone())),
            Err(status) if open(status) => self.note(act, Fate::Unknown),
            Err(_) => {}
        }
        sent
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// A centre that is killed may say these; anything else is an answer.
pub fn open(status: &Status) -> bool {
    let broken = status.code() == Code::Internal && format!("{status:?}").contains("h2");
    broken || matches!(status.code(), Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded)
}

/// Kiosks, counters and desks at work until [`Work::end`].
pub struct Work {
    ledger: Ledger,
    tasks: JoinSet<()>,
}

type Loop = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Work {
    /// Everybody begins. With `patient` they go on after an error instead of leaving.
    pub fn begin(centre: &Centre, hall: &Hall, ledger: &Ledger, patient: bool) -> Self {
        ledger.stop.store(false, Ordering::SeqCst);
        let (kiosk, staff) = (centre.clients("kiosk"), centre.clients("operator"));
        let person = Person { ledger: ledger.clone(), hall: hall.clone(), kiosk, staff, patient };
        let mut tasks = JoinSet::new();
        let mut spawn = |task: Loop| drop(tasks.spawn(task));
        for at in 0..KIOSKS {
            spawn(Box::pin(person.clone().tap(at)));
        }
        for counter in &hall.counters {
            spawn(Box::pin(person.clone().call(counter.clone())));
        }
        for _ in 0..DESKS {
            spawn(Box::pin(person.clone().receive()));
        }
        Self { ledger: ledger.clone(), tasks }
    }

    /// Until so many more requests were answered.
    pub async fn until_acked(&self, more: usize) {
        let goal = self.ledger.acked() + more;
        let enough = || async { (self.ledger.acked() >= goal).then_some(()) };
        wait::until_within(&format!("{more} more answers"), wait::DEADLINE * 3, enough).await;
    }

    /// Everybody ends what they are at. A refusal that no crash explains fails the test.
    pub async fn end(mut self) {
        self.ledger.stop.store(true, Ordering::SeqCst);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

#[derive(Clone)]
struct Person {
    ledger: Ledger,
    hall: Hall,
    kiosk: Clients,
    staff: Clients,
    patient: bool,
}

impl Person {
    /// False: leave.
    async fn act(&self, act: Act) -> Option<Option<Answer>> {
        match self.ledger.act(act.clone(), &self.kiosk, &self.staff).await {
            Ok(answer) => Some(answer),
            Err(status) if open(&status) => None,
            Err(status) => panic!("{act:?}: {status:?}"),
        }
    }

    async fn tap(self, at: usize) {
        let queues = self.hall.queues.len();
        for turn in at.. {
            let queue = self.hall.queues[turn % queues].clone();
            let act = issue(&self.ledger, queue);
            if (self.act(act).await.is_none() && !self.patient) || self.ledger.stopped() {
                return;
            }
        }
    }

    async fn call(self, counter_id: String) {
        loop {
            let request_id = self.ledger.request_id("call");
            let (centre_id, counter_id) = (CENTRE_ID.to_owned(), counter_id.clone());
            let act = Act::Call(CallNextRequest {
                request_id,
                centre_id,
                counter_id,
                finish_current: true,
                ..Default::default()
            });
            let left = match self.act(act).await {
                None => !self.patient,
                Some(Some(_)) => false,
                Some(None) => {
                    // Nobody waits: the kiosks get the processor.
                    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                    false
                }
            };
            if left || self.ledger.stopped() {
                return;
            }
        }
    }

    /// Each dossier all the way to its result.
    async fn receive(self) {
        while !self.ledger.stopped() {
            let accept = accept(&self.ledger, &self.hall);
            let Some(Some(dossier)) = self.act(accept).await else {
                if self.patient {
                    continue;
                }
                return;
            };
            let (forward, complete) = onward(&dossier.id);
            let moved = self.forward(forward).await && self.act(complete).await.is_some();
            if !moved && !self.patient {
                return;
            }
        }
    }

    /// Status learns of a dossier by its event: until then it knows none.
    async fn forward(&self, act: Act) -> bool {
        while !self.ledger.stopped() {
            match self.ledger.act(act.clone(), &self.kiosk, &self.staff).await {
                Ok(_) => return true,
                Err(status) if status.code() == Code::NotFound => {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                }
                Err(status) if open(&status) => return false,
                Err(status) => panic!("{act:?}: {status:?}"),
            }
        }
        false
    }
}

/// A tap with a token of its own.
pub fn issue(ledger: &Ledger, queue_id: String) -> Act {
    let request_id = ledger.request_id("tap");
    let ticket_token = format!("{request_id:x>24}");
    Act::Issue(IssueTicketRequest {
        request_id,
        centre_id: CENTRE_ID.into(),
        ticket_token,
        target: Some(Target::QueueId(queue_id)),
        ..Default::default()
    })
}

/// A dossier of a citizen with a telephone of their own: what one person is told of several dossiers is another question.
pub fn accept(ledger: &Ledger, hall: &Hall) -> Act {
    let request_id = ledger.request_id("accept");
    let phone = format!("0912{:0>6}", request_id.trim_start_matches("accept-"));
    Act::Accept(Box::new(AcceptDossierRequest {
        request_id,
        centre_id: CENTRE_ID.into(),
        counter_id: hall.counters[0].clone(),
        procedure_code: hall.procedure.clone(),
        applicant: Some(Applicant { full_name: "Nguyễn Thị Mẫu".into(), phone, ..Default::default() }),
        return_channel: ReturnChannel::Counter.into(),
        ..Default::default()
    }))
}

/// The two moves that end in a message, their ids made from the dossier's, so that anybody may repeat them.
pub fn onward(dossier_id: &str) -> (Act, Act) {
    let (centre_id, dossier_id) = (CENTRE_ID.to_owned(), dossier_id.to_owned());
    let forward = Act::Forward(ForwardDossierRequest {
        request_id: format!("f-{dossier_id}"),
        centre_id: centre_id.clone(),
        dossier_id: dossier_id.clone(),
        ..Default::default()
    });
    let request_id = format!("c-{dossier_id}");
    (forward, Act::Complete(CompleteDossierRequest { request_id, centre_id, dossier_id, etag: String::new() }))
}
