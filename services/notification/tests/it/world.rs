//! A running notification service on a database of its own, with a stand-in intake and an embedded bus.

use std::sync::Arc;

use motcua_bus::{Bus as _, Event, embedded::EmbeddedBus};
use motcua_kernel::identity::{Identity, Role};
use motcua_notification::{Deps, ProviderSettings, Service, Settings, SmsSettings};
use motcua_proto::{
    intake::v1::intake_service_server::IntakeServiceServer,
    notification::v1::{self as pb, notification_service_client::NotificationServiceClient},
    status::v1::DossierMoved,
};
use motcua_runtime::{
    Bearer, Channel, Clock, Shutdown,
    auth::{Guard, Signer},
    server,
};
use motcua_store::{Db, sealed::Sealer, testing::TestDb};
use motcua_tests::doubles::sms::SmsDouble;
use prost::Message as _;
use tonic::service::{Routes, interceptor::InterceptedService};

use crate::intake::{Book, Intake};

pub const CENTRE: &str = "vinhlong";
pub const PHONE: &str = "+84912345678";
pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

pub struct World {
    pub bus: Arc<EmbeddedBus>,
    pub clock: Clock,
    pub book: Arc<Book>,
    channel: Channel,
    signer: Signer,
    pub stop: Shutdown,
    _service: Service,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub async fn databases() -> Vec<TestDb> {
    motcua_store::testing::databases().await.unwrap()
}

/// The ladder of waits ten thousand times as fast.
pub fn settings(provider: ProviderSettings) -> Settings {
    Settings { provider, pace: 100, lease_ms: 3_000, ..Settings::default() }
}

pub fn gateway(double: &SmsDouble) -> SmsSettings {
    let (api_key, secret_key, brandname) = double.credentials();
    SmsSettings {
        url: double.url(),
        api_key: api_key.into(),
        secret_key: secret_key.into(),
        brandname: brandname.into(),
        sandbox: false,
        connect_timeout_ms: 300,
        total_timeout_ms: 600,
        dedup_window_s: 86_400,
    }
}

pub fn sms(double: &SmsDouble) -> Settings {
    settings(ProviderSettings::Sms(gateway(double)))
}

pub fn ready(n: u32) -> Event {
    let moved = DossierMoved {
        dossier_id: format!("dossier-{n}"),
        code: format!("000.00.16.H61-261123-{n:04}"),
        state: 9,
        return_channel: 1,
        version: 3,
        ..Default::default()
    };
    Event {
        id: format!("ready-{n}"),
        source: "status".into(),
        r#type: "result.ready".into(),
        centre_id: CENTRE.into(),
        aggregate_id: moved.dossier_id.clone(),
        aggregate_version: 3,
        traceparent: TRACE.into(),
        data: moved.encode_to_vec().into(),
        ..Default::default()
    }
}

impl World {
    pub async fn on(db: &TestDb, settings: Settings) -> Self {
        Self::with(db.db.clone(), settings, Arc::default()).await
    }

    pub async fn with(db: Db, settings: Settings, book: Arc<Book>) -> Self {
        let clock = Clock::manual("2026-11-23T02:00:00Z".parse().unwrap());
        let (bus, stop, signer) = (Arc::new(EmbeddedBus::default()), Shutdown::new(), Signer::generate().unwrap());
        let guard = Guard::new(signer.verifier());
        let (accept, incoming) = tokio::sync::mpsc::channel(8);
        let own = Bearer::signed(signer.clone(), Identity::service("notification"));
        let channel = Channel::in_process(accept, own);
        let deps = Deps {
            db,
            bus: bus.clone(),
            clock: clock.clone(),
            intake: channel.clone(),
            sealer: Sealer::new(&[7; 32]),
            shutdown: stop.clone(),
        };
        let service = motcua_notification::start(settings, deps).await.unwrap();
        let mut routes = Routes::builder();
        service.add_to(&mut routes, guard.clone());
        routes.add_service(InterceptedService::new(IntakeServiceServer::new(Intake(book.clone())), guard));
        tokio::spawn(server::serve_in_process(incoming, routes.routes(), stop.clone()));
        bus.open();
        Self { bus, clock, book, channel, signer, stop, _service: service }
    }

    pub fn knows(&self, n: u32, phone: &str) {
        self.book.phones.lock().unwrap().insert(format!("dossier-{n}"), phone.into());
    }

    pub async fn tell(&self, n: u32) {
        self.bus.publish(&[ready(n)]).await.remove(0).unwrap();
    }

    pub fn of(&self, role: Role) -> NotificationServiceClient<Channel> {
        let who = Bearer::signed(self.signer.clone(), Identity::of(role, "lan", CENTRE));
        NotificationServiceClient::new(self.channel.acting_as(who))
    }

    pub async fn list(&self) -> pb::ListDeliveriesResponse {
        let asked = pb::ListDeliveriesRequest { centre_id: CENTRE.into(), page_size: 200, ..Default::default() };
        self.of(Role::Manager).list_deliveries(asked).await.unwrap().into_inner()
    }

    /// The only delivery, once it is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&pb::Delivery) -> bool) -> pb::Delivery {
        let wanted = &wanted;
        motcua_tests::wait::until(what, || async move {
            let all = self.list().await.deliveries;
            assert!(all.len() <= 1, "{all:#?}");
            all.into_iter().find(wanted)
        })
        .await
    }

    pub async fn until_state(&self, state: pb::DeliveryState) -> pb::Delivery {
        self.until(&format!("{state:?}"), |d| d.state() == state).await
    }
}
