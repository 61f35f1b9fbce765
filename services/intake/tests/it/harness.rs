//! An intake in this process, reached over pipes as any client reaches it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use motcua_bus::embedded::EmbeddedBus;
use motcua_bus::{Bus, Deliver, Delivered, Event, Subscription};
use motcua_intake::{Deps, Service, Settings, start};
use motcua_kernel::identity::{Identity, Role};
use motcua_proto::intake::v1::catalogue_service_client::CatalogueServiceClient;
use motcua_proto::intake::v1::import_catalogue_request::Part;
use motcua_proto::intake::v1::intake_service_client::IntakeServiceClient;
use motcua_proto::intake::v1::receipt_service_client::ReceiptServiceClient;
use motcua_proto::intake::v1::*;
use motcua_proto::routing::v1::routing_service_server::RoutingServiceServer;
use motcua_proto::routing::v1::{Centre, CentreApplied};
use motcua_runtime::auth::{Guard, STAFF_TTL, Signer};
use motcua_runtime::{Bearer, Channel, Clock, Shutdown, server};
use motcua_store::Db;
use motcua_store::testing::{TestDb, databases};
use prost::Message as _;
use tonic::Status;
use tonic::service::Routes;
use tonic_types::StatusExt as _;

use crate::routing::FakeRouting;

pub const CENTRE: &str = "vinhlong";
/// A Monday; the 24th is a day off.
pub const MONDAY: &str = "2026-11-23T08:30:00+07:00";
pub const URL: &str = "https://mc.example";

pub type Client = IntakeServiceClient<Channel>;

pub struct Intake {
    pub service: Service,
    db: Option<TestDb>,
    pub clock: Clock,
    pub bus: Arc<EmbeddedBus>,
    pub routing: FakeRouting,
    pub events: Arc<Mutex<Vec<Event>>>,
    signer: Signer,
    channel: Channel,
    shutdown: Shutdown,
    /// Where its scans are; gone with it.
    pub folder: std::path::PathBuf,
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.shutdown.cancel();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

struct Recorder(Arc<Mutex<Vec<Event>>>);

#[async_trait::async_trait]
impl Deliver for Recorder {
    async fn deliver(&self, event: &Event) -> Delivered {
        self.0.lock().unwrap().push(event.clone());
        Delivered::Done
    }
}

pub fn centre(version: i64) -> Centre {
    Centre {
        id: CENTRE.into(),
        name: "Trung tâm Phục vụ hành chính công tỉnh Vĩnh Long".into(),
        agency_code: "000.00.00.H61".into(),
        province: "Vĩnh Long".into(),
        hotline: "0270 1022".into(),
        version,
        ..Default::default()
    }
}

/// Runs a test once on each store.
pub async fn on_every_store(test: impl AsyncFn(Intake)) {
    for db in databases().await.unwrap() {
        test(Intake::ready(db).await).await;
    }
}

/// Waits for a condition, at most ten seconds.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "never came: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn in_process(routes: Routes, shutdown: Shutdown, bearer: Bearer) -> Channel {
    let (accept, accepted) = tokio::sync::mpsc::channel(16);
    tokio::spawn(server::serve_in_process(accepted, routes, shutdown));
    Channel::in_process(accept, bearer)
}

pub fn settings() -> Settings {
    let files_dir = std::env::temp_dir().join(format!("motcua-files-{}", motcua_kernel::id::new_id()));
    Settings {
        seed_starter: Some(CENTRE.into()),
        files_dir: Some(files_dir),
        ..Settings::new(format!("{URL}/"), [7; 32], [8; 32])
    }
}

impl Intake {
    /// With a centre that routing has told of, and the starter catalogue.
    pub async fn ready(db: TestDb) -> Self {
        let intake = Self::start(db, settings()).await;
        intake.apply(1).await;
        intake.centre_is_known().await;
        intake
    }

    pub async fn start(db: TestDb, settings: Settings) -> Self {
        let shutdown = Shutdown::new();
        let signer = Signer::generate().unwrap();
        let routing = FakeRouting::default();
        let bus = Arc::new(EmbeddedBus::default());
        let clock = Clock::manual(MONDAY.parse().unwrap());
        let events = Arc::new(Mutex::new(Vec::new()));
        let subscription = Subscription {
            durable: "test".into(),
            source: "intake".into(),
            types: [
                "calendar.published",
                "catalogue.published",
                "dossier.accepted",
                "reception.ended",
                "file.stored",
                "file.discarded",
            ]
            .map(String::from)
            .into(),
        };
        bus.subscribe(subscription, Arc::new(Recorder(events.clone()))).await.unwrap();
        let nobody = Bearer::signed(signer.clone(), Identity::service("intake"));
        let mut routes = Routes::builder();
        routes.add_service(RoutingServiceServer::new(routing.clone()));
        let deps = Deps {
            db: Db::open(&db.url).await.unwrap(),
            bus: bus.clone(),
            clock: clock.clone(),
            routing: in_process(routes.routes(), shutdown.clone(), nobody.clone()),
            shutdown: shutdown.clone(),
        };
        let folder = settings.files_dir.clone().unwrap_or_default();
        let service = start(settings, deps).await.unwrap();
        bus.open();
        let mut routes = Routes::builder();
        service.add_to(&mut routes, Guard::new(signer.verifier()));
        let channel = in_process(routes.routes(), shutdown.clone(), nobody);
        Self { service, db: Some(db), clock, bus, routing, events, signer, channel, shutdown, folder }
    }

    /// Routing applies the centre and tells of it.
    pub async fn apply(&self, version: i64) {
        {
            let mut centres = self.routing.0.lock().unwrap();
            centres.retain(|c| c.id != CENTRE);
            centres.push(centre(version));
        }
        let event = Event {
            id: motcua_kernel::id::new_id(),
            source: "routing".into(),
            r#type: "centre.applied".into(),
            centre_id: CENTRE.into(),
            data: CentreApplied { version }.encode_to_vec().into(),
            ..Default::default()
        };
        for published in self.bus.publish(&[event]).await {
            published.unwrap();
        }
    }

    async fn centre_is_known(&self) {
        until("the centre", async || {
            let known = self.value("select count(*) as n from centre where synced_version >= 1").await;
            (known == 1).then_some(())
        })
        .await;
    }

    pub fn db(&self) -> &TestDb {
        self.db.as_ref().unwrap()
    }

    /// One number from the database.
    pub async fn value(&self, sql: &str) -> i64 {
        use sea_orm::ConnectionTrait as _;
        let db = self.db().db.read();
        let statement = motcua_store::sql::statement(db.get_database_backend(), sql, vec![]);
        db.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// Writes the only dossier so many times more, each under a code of its own.
    pub async fn copies(&self, count: usize) {
        use sea_orm::ConnectionTrait as _;
        let tx = self.db().db.begin().await.unwrap();
        let row = tx.query_one_raw(sea_orm::Statement::from_string(
            tx.get_database_backend(),
            match tx.get_database_backend() {
                sea_orm::DbBackend::Postgres => {
                    "select string_agg(column_name, ',') as n from information_schema.columns \
                     where table_name = 'dossier' and table_schema = current_schema() \
                     and column_name not in ('id', 'code', 'token_hash')"
                }
                _ => {
                    "select group_concat(name, ',') as n from pragma_table_info('dossier') \
                     where name not in ('id', 'code', 'token_hash')"
                }
            },
        ));
        let columns: String = row.await.unwrap().unwrap().try_get("", "n").unwrap();
        let text = format!(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < {count}) \
             insert into dossier(id, code, token_hash, {columns}) \
             select id || '-' || i, code || i, token_hash || i, {columns} from dossier, n"
        );
        tx.execute_unprepared(&text).await.unwrap();
        motcua_store::commit(tx).await.unwrap();
    }

    pub fn acting(&self, identity: &Identity) -> Client {
        let token = self.signer.token(identity, STAFF_TTL).unwrap();
        IntakeServiceClient::new(self.channel.acting_as(Bearer::fixed(&token).unwrap()))
    }

    pub fn receipts(&self, identity: &Identity) -> ReceiptServiceClient<Channel> {
        let token = self.signer.token(identity, STAFF_TTL).unwrap();
        ReceiptServiceClient::new(self.channel.acting_as(Bearer::fixed(&token).unwrap()))
    }

    pub fn catalogue(&self, identity: &Identity) -> CatalogueServiceClient<Channel> {
        let token = self.signer.token(identity, STAFF_TTL).unwrap();
        CatalogueServiceClient::new(self.channel.acting_as(Bearer::fixed(&token).unwrap()))
    }

    pub fn officer(&self) -> Client {
        self.acting(&Identity::of(Role::Officer, "lan", CENTRE))
    }

    pub fn operator(&self) -> Client {
        self.acting(&Identity { centre_id: None, ..Identity::of(Role::Operator, "root", CENTRE) })
    }

    /// A client that presents something that is no token.
    pub fn without_bearer(&self) -> Client {
        IntakeServiceClient::new(self.channel.acting_as(Bearer::fixed("nothing").unwrap()))
    }

    /// Ends this intake and hands its database on.
    pub fn stop(mut self) -> TestDb {
        self.shutdown.cancel();
        self.db.take().unwrap()
    }

    pub async fn import(&self, bytes: impl Into<Vec<u8>>) -> Result<ImportCatalogueResponse, Status> {
        self.import_as(header(), bytes).await
    }

    pub async fn import_as(
        &self,
        header: ImportHeader,
        bytes: impl Into<Vec<u8>>,
    ) -> Result<ImportCatalogueResponse, Status> {
        let mut parts = vec![ImportCatalogueRequest { part: Some(Part::Header(header)) }];
        for chunk in bytes.into().chunks(256 << 10) {
            parts.push(ImportCatalogueRequest { part: Some(Part::Chunk(chunk.to_vec().into())) });
        }
        let mut client = self.operator();
        Ok(client.import_catalogue(futures::stream::iter(parts)).await?.into_inner())
    }

    /// The whole catalogue by pages.
    pub async fn list(&self, version: i64, page_size: i32) -> Vec<Procedure> {
        let mut all = Vec::new();
        let mut page_token = String::new();
        loop {
            let asked = ListProceduresRequest { centre_id: CENTRE.into(), version, page_size, page_token };
            let page = self.officer().list_procedures(asked).await.unwrap().into_inner();
            all.extend(page.procedures);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    pub fn events_of(&self, kind: &str) -> Vec<Event> {
        self.events.lock().unwrap().iter().filter(|event| event.r#type == kind).cloned().collect()
    }
}

pub fn header() -> ImportHeader {
    ImportHeader {
        request_id: motcua_kernel::id::new_id(),
        centre_id: CENTRE.into(),
        file_name: "danh-muc.csv".into(),
        ..Default::default()
    }
}

/// The stable reason of an error.
pub fn reason(status: &Status) -> String {
    motcua_runtime::grpc::reason(status).unwrap_or_else(|| format!("no reason: {status:?}"))
}

/// "line:column" with the sentence, for each bad cell.
pub fn violations(status: &Status) -> Vec<(String, String)> {
    let details = status.get_details_bad_request().expect("violations");
    details.field_violations.into_iter().map(|v| (v.field, v.description)).collect()
}
