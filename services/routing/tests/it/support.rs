//! A running routing service in this process, with a fake intake beside it.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use motcua_bus::Bus;
use motcua_bus::embedded::EmbeddedBus;
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1 as intake;
use motcua_proto::intake::v1::intake_service_server::{IntakeService, IntakeServiceServer};
use motcua_proto::routing::v1 as pb;
use motcua_proto::routing::v1::routing_service_client::RoutingServiceClient;
use motcua_routing::{DEMO_CENTRE_TOML, Deps, Service, Settings, start};
use motcua_runtime::auth::{Guard, STAFF_TTL, Signer};
use motcua_runtime::{Bearer, Channel, Clock, Shutdown, grpc, server};
use motcua_store::testing::{TestDb, databases};
use motcua_store::{Db, outbox};
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status};

pub type Client = RoutingServiceClient<Channel>;

/// Monday 23/11/2026, 08:00 in Vĩnh Long: open.
pub const OPEN: &str = "2026-11-23T08:00:00+07:00";
pub const CENTRE: &str = "vinhlong";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn id() -> String {
    motcua_kernel::id::new_id()
}

/// One routing process: its own connection, writer and server.
pub struct Process {
    pub service: Arc<Service>,
    pub db: Db,
    pub bus: Arc<dyn Bus>,
    channel: Channel,
    signer: Signer,
}

impl Process {
    pub fn client(&self) -> Client {
        self.client_of(Role::Operator)
    }

    pub fn client_of(&self, role: Role) -> Client {
        self.client_as(&Identity::of(role, &format!("{role:?}"), CENTRE))
    }

    pub fn client_as(&self, identity: &Identity) -> Client {
        let token = self.signer.token(identity, STAFF_TTL).unwrap();
        self.client_with(&token)
    }

    pub fn client_with(&self, token: &str) -> Client {
        RoutingServiceClient::new(self.channel.acting_as(Bearer::fixed(token).unwrap()))
    }
}

/// A centre under test: one or two routing processes on one database.
pub struct Hall {
    pub clock: Clock,
    pub catalogue: Arc<Catalogue>,
    pub processes: Vec<Process>,
    stop: Shutdown,
    _db: TestDb,
}

impl Drop for Hall {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Hall {
    pub async fn open(db: TestDb, processes: usize) -> Self {
        // Shown with a failing test only.
        let _ = tracing_subscriber::fmt()
            .with_test_writer()
            .with_max_level(tracing_subscriber::filter::LevelFilter::WARN)
            .try_init();
        let clock = Clock::manual(at(OPEN));
        let stop = Shutdown::new();
        let catalogue = Arc::new(Catalogue::default());
        let signer = Signer::generate().unwrap();
        let mut intake_routes = RoutesBuilder::default();
        intake_routes.add_service(IntakeServiceServer::from_arc(catalogue.clone()));
        let as_routing = Bearer::signed(signer.clone(), Identity::service("routing"));
        let to_intake = pipe(intake_routes, as_routing.clone(), &stop);
        let mut hall = Self { clock, catalogue, processes: Vec::new(), stop, _db: db };
        for number in 0..processes {
            let db = if number == 0 { hall._db.db.clone() } else { Db::open(&hall._db.url).await.unwrap() };
            let bus = Arc::new(EmbeddedBus::default());
            bus.open();
            let bus: Arc<dyn Bus> = bus;
            let deps = Deps {
                db: db.clone(),
                bus: bus.clone(),
                clock: hall.clock.clone(),
                intake: to_intake.clone(),
                shutdown: hall.stop.clone(),
            };
            let service = Arc::new(start(Settings::default(), deps).await.unwrap());
            let mut routes = RoutesBuilder::default();
            service.add_to(&mut routes, Guard::new(signer.verifier()));
            let channel = pipe(routes, as_routing.clone(), &hall.stop);
            hall.processes.push(Process { service, db, bus, channel, signer: signer.clone() });
        }
        hall
    }

    pub fn process(&self) -> &Process {
        &self.processes[0]
    }

    pub fn client(&self) -> Client {
        self.process().client()
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.set(self.clock.now() + jiff::SignedDuration::from_mins(minutes));
    }

    pub async fn apply(&self, toml: &str) -> pb::ApplyCentreResponse {
        try_apply(&self.client(), toml).await.unwrap()
    }
}

fn pipe(routes: RoutesBuilder, bearer: Bearer, stop: &Shutdown) -> Channel {
    let (accept, accepted) = tokio::sync::mpsc::channel(8);
    tokio::spawn(server::serve_in_process(accepted, routes.routes(), stop.clone()));
    Channel::in_process(accept, bearer)
}

/// A hall with the demo centre on every store of this machine.
pub async fn demo_halls() -> Vec<Hall> {
    let mut halls = Vec::new();
    for db in databases().await.unwrap() {
        let hall = Hall::open(db, 1).await;
        hall.apply(DEMO_CENTRE_TOML).await;
        halls.push(hall);
    }
    halls
}

pub async fn try_apply(client: &Client, toml: &str) -> Result<pb::ApplyCentreResponse, Status> {
    let request = pb::ApplyCentreRequest {
        request_id: id(),
        toml: toml.to_owned(),
        file_name: "centre.toml".into(),
        check: false,
    };
    client.clone().apply_centre(request).await.map(Response::into_inner)
}

pub fn to_queue(queue: &str) -> pb::IssueTicketRequest {
    pb::IssueTicketRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        target: Some(pb::issue_ticket_request::Target::QueueId(queue.into())),
        ..Default::default()
    }
}

pub fn for_procedure(code: &str) -> pb::IssueTicketRequest {
    pb::IssueTicketRequest {
        target: Some(pb::issue_ticket_request::Target::ProcedureCode(code.into())),
        ..to_queue("")
    }
}

pub fn next(counter: &str, finish_current: bool) -> pb::CallNextRequest {
    pb::CallNextRequest {
        request_id: id(),
        centre_id: CENTRE.into(),
        counter_id: counter.into(),
        finish_current,
        session: String::new(),
    }
}

/// Builds a request about a counter's ticket: `moving!(FinishRequest, "quay-1", ticket_id)`.
macro_rules! moving {
    ($request:ident, $counter:expr, $ticket:expr) => {
        motcua_proto::routing::v1::$request {
            request_id: crate::support::id(),
            centre_id: crate::support::CENTRE.into(),
            counter_id: $counter.into(),
            ticket_id: $ticket.into(),
            ..Default::default()
        }
    };
}
pub(crate) use moving;

pub async fn issue(client: &Client, queue: &str) -> pb::Ticket {
    client.clone().issue_ticket(to_queue(queue)).await.unwrap().into_inner().ticket.unwrap()
}

pub async fn issue_class(client: &Client, queue: &str, class: &str) -> pb::Ticket {
    let request = pb::IssueTicketRequest { priority_class: class.into(), ..to_queue(queue) };
    client.clone().issue_ticket(request).await.unwrap().into_inner().ticket.unwrap()
}

pub async fn call(client: &Client, counter: &str) -> Option<pb::Ticket> {
    client.clone().call_next(next(counter, true)).await.unwrap().into_inner().ticket
}

pub async fn last_seq(hall: &Hall) -> i64 {
    outbox::last_seq(hall.process().db.read(), CENTRE).await.unwrap()
}

/// The reason of an error of ours.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> String {
    grpc::reason(&answer.unwrap_err()).unwrap_or_else(|| "none".into())
}

/// Waits until something holds, for ten seconds at most.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A catalogue that can be replaced; the fake intake of these tests.
#[derive(Default)]
pub struct Catalogue(Mutex<(i64, Vec<intake::Procedure>)>);

impl Catalogue {
    pub fn replace(&self, version: i64, procedures: Vec<intake::Procedure>) {
        *self.0.lock().unwrap() = (version, procedures);
    }
}

type Answer<T> = Result<Response<T>, Status>;

fn not_here<T>() -> Answer<T> {
    Err(Status::unimplemented("fake"))
}

#[tonic::async_trait]
impl IntakeService for Catalogue {
    async fn list_procedures(
        &self,
        request: Request<intake::ListProceduresRequest>,
    ) -> Answer<intake::ListProceduresResponse> {
        let request = request.into_inner();
        let (version, procedures) = self.0.lock().unwrap().clone();
        let from: usize = request.page_token.parse().unwrap_or(0);
        // Pages of two, so that paging is always met.
        let to = (from + 2).min(procedures.len());
        Ok(Response::new(intake::ListProceduresResponse {
            procedures: procedures[from..to].to_vec(),
            next_page_token: if to < procedures.len() { to.to_string() } else { String::new() },
            version,
        }))
    }

    async fn import_catalogue(
        &self,
        _: Request<tonic::Streaming<intake::ImportCatalogueRequest>>,
    ) -> Answer<intake::ImportCatalogueResponse> {
        not_here()
    }

    async fn get_procedure(&self, _: Request<intake::GetProcedureRequest>) -> Answer<intake::GetProcedureResponse> {
        not_here()
    }

    async fn search_procedures(
        &self,
        _: Request<intake::SearchProceduresRequest>,
    ) -> Answer<intake::SearchProceduresResponse> {
        not_here()
    }

    async fn list_departments(
        &self,
        _: Request<intake::ListDepartmentsRequest>,
    ) -> Answer<intake::ListDepartmentsResponse> {
        not_here()
    }

    async fn preview_due(&self, _: Request<intake::PreviewDueRequest>) -> Answer<intake::PreviewDueResponse> {
        not_here()
    }

    async fn accept_dossier(&self, _: Request<intake::AcceptDossierRequest>) -> Answer<intake::AcceptDossierResponse> {
        not_here()
    }

    async fn get_dossier(&self, _: Request<intake::GetDossierRequest>) -> Answer<intake::GetDossierResponse> {
        not_here()
    }

    async fn get_receipt_pdf(&self, _: Request<intake::GetReceiptPdfRequest>) -> Answer<intake::GetReceiptPdfResponse> {
        not_here()
    }

    async fn get_contact(&self, _: Request<intake::GetContactRequest>) -> Answer<intake::GetContactResponse> {
        not_here()
    }
}

/// The demo centre with so many counters: its own again and again, each with a number of its own.
pub fn wide_demo(counters: usize) -> String {
    let mut toml = DEMO_CENTRE_TOML.to_owned();
    let own: Vec<&str> = DEMO_CENTRE_TOML.split("[[counters]]").skip(1).collect();
    for number in own.len() + 1..=counters {
        let of = (number - 1) % own.len();
        let table = own[of].split("\n[[").next().unwrap().split("\n# ").next().unwrap();
        let table = table.replace(&format!("\"quay-{}\"", of + 1), &format!("\"quay-{number}\""));
        let table = table.replace(&format!("number = {}\n", of + 1), &format!("number = {number}\n"));
        toml += &format!("\n[[counters]]{table}");
    }
    toml
}
