//! A running status service on a fresh database, an embedded bus, and people who call it over in-process gRPC.

use std::sync::{Arc, Mutex};

use motcua_bus::{Bus as _, Deliver, Delivered, Event, Subscription, embedded::EmbeddedBus};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::{
    intake::v1::{DossierAccepted, PlannedStep},
    status::v1::{
        self as pb, statistics_service_client::StatisticsServiceClient, status_service_client::StatusServiceClient,
    },
};
use motcua_runtime::{
    Bearer, Channel, Clock, Shutdown,
    auth::{Guard, Signer},
    grpc, server,
};
use motcua_status::model::Planned;
use motcua_status::{Deps, Service, Settings};
use motcua_store::{idempotency, sealed::Sealer, testing::TestDb};
use prost::Message as _;
use tonic::service::Routes;

pub const CENTRE: &str = "vinhlong";
pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
pub const EVENTS: [&str; 21] = [
    "dossier.forwarded",
    "dossier.handed_over",
    "dossier.signed_for",
    "dossier.supplement_asked",
    "dossier.supplement_received",
    "dossier.fee_asked",
    "dossier.fee_paid",
    "dossier.withdrawn",
    "dossier.stopped",
    "dossier.resumed",
    "dossier.extended",
    "dossier.due_soon",
    "dossier.overdue",
    "dossier.escalated",
    "dossier.leg_due_soon",
    "dossier.leg_late",
    "dossier.rated",
    "result.ready",
    "result.returned",
    "result.unclaimed",
    "report.closed",
];
const NOTICED: [&str; 6] = [
    "dossier.due_soon",
    "dossier.overdue",
    "dossier.escalated",
    "dossier.leg_due_soon",
    "dossier.leg_late",
    "result.unclaimed",
];
pub type Client = StatusServiceClient<Channel>;

pub struct World {
    pub bus: Arc<EmbeddedBus>,
    pub clock: Clock,
    pub told: Arc<Told>,
    channel: Channel,
    signer: Signer,
    stop: Shutdown,
    _service: Service,
    pub db: TestDb,
}

/// Every event that status published.
#[derive(Default)]
pub struct Told(pub Mutex<Vec<Event>>);

#[async_trait::async_trait]
impl Deliver for Told {
    async fn deliver(&self, event: &Event) -> Delivered {
        self.0.lock().unwrap().push(event.clone());
        Delivered::Done
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// Runs a test on every store of this machine.
pub async fn worlds() -> Vec<World> {
    let mut all = vec![];
    for db in motcua_store::testing::databases().await.unwrap() {
        all.push(World::new(db).await);
    }
    all
}

impl World {
    async fn new(db: TestDb) -> Self {
        Self::with(db, Settings::default()).await
    }

    /// With settings of its own.
    pub async fn with(db: TestDb, settings: Settings) -> Self {
        let clock = Clock::manual(at("2026-11-23T02:00:00Z"));
        let (bus, told, stop) = (Arc::new(EmbeddedBus::default()), Arc::<Told>::default(), Shutdown::new());
        let types = EVENTS.map(str::to_owned).to_vec();
        let wanted = Subscription { durable: "test".into(), source: "status".into(), types };
        bus.subscribe(wanted, told.clone()).await.unwrap();
        let deps = Deps {
            db: db.db.clone(),
            bus: bus.clone(),
            clock: clock.clone(),
            sealer: Sealer::new(&[7; 32]),
            shutdown: stop.clone(),
        };
        let service = motcua_status::start(settings, deps).await.unwrap();
        bus.open();
        let signer = Signer::generate().unwrap();
        let mut routes = Routes::builder();
        service.add_to(&mut routes, Guard::new(signer.verifier()));
        let (accept, incoming) = tokio::sync::mpsc::channel(8);
        tokio::spawn(server::serve_in_process(incoming, routes.routes(), stop.clone()));
        let channel = Channel::in_process(accept, Bearer::fixed("nobody").unwrap());
        Self { bus, clock, told, channel, signer, stop, _service: service, db }
    }

    pub fn stranger(&self) -> Client {
        StatusServiceClient::new(self.channel.clone())
    }

    pub fn acting(&self, who: Identity) -> Client {
        StatusServiceClient::new(self.channel.acting_as(Bearer::signed(self.signer.clone(), who)))
    }

    pub fn statistics(&self, role: Role) -> StatisticsServiceClient<Channel> {
        let who = Bearer::signed(self.signer.clone(), Identity::of(role, "lan", CENTRE));
        StatisticsServiceClient::new(self.channel.acting_as(who))
    }

    pub fn of(&self, role: Role) -> Client {
        self.acting(Identity::of(role, "lan", CENTRE))
    }

    /// Delivers events as the bus would.
    pub async fn deliver(&self, events: &[Event]) {
        for answer in self.bus.publish(events).await {
            answer.unwrap();
        }
    }

    /// The events of moves, in order.
    pub async fn published(&self, count: usize) -> Vec<Event> {
        self.heard(count, |kind| !NOTICED.contains(&kind)).await
    }

    /// The events of the sweep, in order.
    pub async fn noticed(&self, count: usize) -> Vec<Event> {
        self.heard(count, |kind| NOTICED.contains(&kind)).await
    }

    /// Those of the kinds that are wanted, in order.
    pub async fn heard(&self, count: usize, wanted: impl Fn(&str) -> bool) -> Vec<Event> {
        motcua_tests::wait::until("events of status", || async {
            let told = self.told.0.lock().unwrap().clone();
            let told: Vec<_> = told.into_iter().filter(|event| wanted(&event.r#type)).collect();
            (told.len() >= count).then_some(told)
        })
        .await
    }

    /// One number from the database.
    pub async fn value(&self, sql: &str) -> i64 {
        use sea_orm::ConnectionTrait as _;
        let db = self.db.db.read();
        let statement = motcua_store::sql::statement(db.get_database_backend(), sql, vec![]);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// The counts that are kept by hour and day are those of the dossiers.
    pub async fn counts_are_whole(&self) {
        let hours = "select centre_id, (accept_time + 25200000000) / 3600000000 as hour, count(*) as n from dossier group by 1, 2";
        let days = "select centre_id, (finish_time + 25200000000) / 86400000000 as day, department, procedure_code, \
                    coalesce(finish_punctuality, 2) as punctuality, count(*) as n from dossier \
                    where finish_time is not null group by 1, 2, 3, 4, 5";
        for (kept, counted) in [
            ("select centre_id, hour, n from accepted_hour where n <> 0", hours),
            ("select centre_id, day, department, procedure_code, punctuality, n from ended_day where n <> 0", days),
        ] {
            for (one, other) in [(kept, counted), (counted, kept)] {
                let sql =
                    format!("select count(*) as n from (select * from ({one}) a except select * from ({other}) b) c");
                assert_eq!(self.value(&sql).await, 0, "{one} beside {other}");
            }
        }
    }

    pub async fn get(&self, id: &str) -> pb::GetDossierResponse {
        let asked = pb::GetDossierRequest { centre_id: CENTRE.into(), dossier_id: id.into() };
        self.of(Role::Officer).get_dossier(asked).await.unwrap().into_inner()
    }
}

pub fn token(n: u32) -> String {
    format!("token-{n:016}")
}

pub fn id(n: u32) -> String {
    format!("dossier-{n:04}")
}

/// `dossier.accepted` of dossier `n`, at `version` of intake's row.
pub fn accepted(n: u32, version: i64) -> Event {
    let told = DossierAccepted {
        dossier_id: id(n),
        code: format!("000.00.16.H61-261123-{n:04}"),
        token_hash: idempotency::hash(token(n).as_bytes()),
        procedure_code: "1.004194".into(),
        procedure_name: "Đăng ký khai sinh".into(),
        department: "Sở Tư pháp".into(),
        accept_time: Some(grpc::timestamp(at("2026-11-23T01:30:00Z") + jiff::SignedDuration::from_secs(n.into()))),
        due_time: Some(grpc::timestamp(at("2026-11-25T10:00:00Z") + jiff::SignedDuration::from_hours(version))),
        catalogue_version: 1,
        calendar_version: 1,
        rule_set: "ND118-2025".into(),
        ticket_id: "t1".into(),
        counter_id: "q05".into(),
        return_channel: 1,
        field_code: "G15-TP07".into(),
        field: "Hộ tịch".into(),
        limit_quantity: 2,
        limit_unit: "WORKING_DAY".into(),
        hour_mode: false,
        reception_channel: 1,
        case_code: String::new(),
        supplements_max: None,
        steps: vec![],
    };
    Event {
        id: format!("accepted-{n}-{version}"),
        source: "intake".into(),
        r#type: "dossier.accepted".into(),
        centre_id: CENTRE.into(),
        aggregate_id: told.dossier_id.clone(),
        aggregate_version: version,
        traceparent: TRACE.into(),
        data: told.encode_to_vec().into(),
        ..Default::default()
    }
}

/// The same of a procedure whose catalogue lays out the way.
pub fn accepted_along(n: u32, plan: &[Planned]) -> Event {
    let event = accepted(n, 1);
    let mut told = DossierAccepted::decode(event.data.as_ref()).unwrap();
    let step = |step: &Planned| PlannedStep {
        unit: step.unit.clone(),
        limit_quantity: step.limit.map_or(0, |limit| limit.quantity.try_into().unwrap()),
        limit_unit: step.limit.map_or("", |limit| limit.unit.as_str()).into(),
    };
    told.steps = plan.iter().map(step).collect();
    Event { data: told.encode_to_vec().into(), ..event }
}

pub fn forward(n: u32, request_id: &str, etag: &str) -> pb::ForwardDossierRequest {
    pb::ForwardDossierRequest {
        request_id: request_id.into(),
        centre_id: CENTRE.into(),
        dossier_id: id(n),
        etag: etag.into(),
        to_department: String::new(),
    }
}

pub fn complete(n: u32, request_id: &str, etag: &str) -> pb::CompleteDossierRequest {
    pb::CompleteDossierRequest {
        request_id: request_id.into(),
        centre_id: CENTRE.into(),
        dossier_id: id(n),
        etag: etag.into(),
    }
}

macro_rules! request {
    ($n:expr, $id:expr, $etag:expr, $kind:ident { $($field:ident: $value:expr),* $(,)? }) => {
        pb::$kind {
            request_id: $id.into(),
            centre_id: CENTRE.into(),
            dossier_id: id($n),
            etag: $etag.into(),
            $($field: $value,)*
        }
    };
}
pub(crate) use request;

pub fn ask_papers(n: u32, request_id: &str, approver: &str) -> pb::RequestSupplementRequest {
    let papers = vec![pb::PaperAsked { name: "Bản vẽ mặt bằng".into(), originals: 1, ..Default::default() }];
    request!(
        n,
        request_id,
        "",
        RequestSupplementRequest {
            papers: papers,
            reason: "Thiếu bản vẽ".into(),
            legal_basis: "Điều 19".into(),
            approver: approver.into(),
        }
    )
}

pub fn papers_came(n: u32, request_id: &str) -> pb::ReceiveSupplementRequest {
    request!(n, request_id, "", ReceiveSupplementRequest { note: String::new() })
}

pub fn extend(n: u32, request_id: &str, new_due: &str) -> pb::ExtendDossierRequest {
    request!(
        n,
        request_id,
        "",
        ExtendDossierRequest {
            new_due_time: Some(grpc::timestamp(at(new_due))),
            reason: "Hệ thống của Bộ tạm dừng".into(),
            signer: "Giám đốc Trung tâm".into(),
        }
    )
}

pub fn give_back(n: u32, request_id: &str, etag: &str) -> pb::ReturnResultRequest {
    pb::ReturnResultRequest {
        request_id: request_id.into(),
        centre_id: CENTRE.into(),
        dossier_id: id(n),
        etag: etag.into(),
        collector: None,
    }
}
