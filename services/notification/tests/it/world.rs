//! A running notification service on a database of its own, with a stand-in intake and an embedded bus.

use std::sync::Arc;

use motcua_bus::{Bus as _, Event, embedded::EmbeddedBus};
use motcua_kernel::identity::{Identity, Role};
use motcua_notification::{Deps, ProviderSettings, Service, Settings, SmsSettings, WebhookSettings, ZaloSettings};
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
use motcua_tests::doubles::{
    sms::SmsDouble,
    zalo::{self, Template, ZaloDouble},
};
use prost::Message as _;
use tonic::service::{Routes, interceptor::InterceptedService};

use crate::intake::{Book, Intake};

pub const CENTRE: &str = "vinhlong";
pub const PHONE: &str = "+84912345678";
pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// 09:00 on a Monday in Vĩnh Long.
pub const NINE: &str = "2026-11-23T02:00:00Z";
pub const SMS_TOKEN: &str = "sms-path-token-0123456789";

pub struct World {
    pub bus: Arc<EmbeddedBus>,
    pub clock: Clock,
    pub book: Arc<Book>,
    channel: Channel,
    signer: Signer,
    pub stop: Shutdown,
    service: Service,
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
    // Many dossiers have one number here; who tests a person's day sets it.
    Settings { provider, pace: 100, lease_ms: 3_000, person_daily_max: 0, ..Settings::default() }
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
        callback_url: None,
        codes: [].into(),
    }
}

pub fn sms(double: &SmsDouble) -> Settings {
    settings(ProviderSettings::Sms(gateway(double)))
}

/// A move of a dossier, as status tells it.
pub fn moved(n: u32, kind: &str, version: i64) -> Event {
    let due_time = Some(prost_types::Timestamp { seconds: ms("2026-11-30T09:00:00Z") / 1_000, nanos: 0 });
    let moved = DossierMoved { dossier_id: format!("dossier-{n}"), version, due_time, ..Default::default() };
    let data = moved.encode_to_vec().into();
    Event { id: format!("{kind}-{n}"), r#type: kind.into(), aggregate_version: version, data, ..ready(n) }
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

pub async fn zalo_double() -> ZaloDouble {
    let double = ZaloDouble::start(ms(NINE)).await;
    let params = vec![("ma", 30, true), ("trang_thai", 30, true)];
    double.register(TEMPLATE, Template { status: "ENABLE", params, by_uid: true, at_night: true });
    double
}

pub const TEMPLATE: &str = "7895417";

pub fn ms(time: &str) -> i64 {
    time.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// Zalo first, then the short message; both doubles, webhooks on a free port.
pub fn with_zalo(double: &ZaloDouble, base: Settings) -> Settings {
    let [oauth_url, phone_url, uid_url, reply_url, status_url] = double.urls();
    let account = ZaloSettings {
        app_id: zalo::APP_ID.into(),
        secret_key: zalo::APP_SECRET.into(),
        oa_id: zalo::OA_ID.into(),
        access_token: Some(zalo::FIRST.0.into()),
        refresh_token: Some(zalo::FIRST.1.into()),
        phone_url,
        uid_url,
        oauth_url,
        reply_url,
        status_url,
        appsecret_proof: false,
        connect_timeout_ms: 300,
        total_timeout_ms: 500,
    };
    let hooks = WebhookSettings {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls_in_front: false,
        zalo_secret: Some(zalo::OA_SECRET.into()),
        zalo_secret_next: None,
        zalo_oa_first: false,
        sms_path_token: Some(SMS_TOKEN.into()),
    };
    Settings { zalo: Some(account), webhooks: Some(hooks), ..base }
}

impl World {
    /// With the template of every kind that a test tells.
    pub async fn zalo(db: &TestDb, double: &ZaloDouble, base: Settings) -> Self {
        let world = Self::on(db, with_zalo(double, base)).await;
        world.registers().await;
        world
    }

    pub async fn registers(&self) {
        for kind in
            ["result_ready", "dossier_accepted", "needs_supplement", "late_apology", "payment_due", "ticket_called"]
        {
            let param = |name: &str, from: &str| pb::TemplateParam {
                name: name.into(),
                from: from.into(),
                kind: 6,
                optional: false,
            };
            let template = pb::Template {
                kind: kind.into(),
                channel: "zalo".into(),
                locale: "vi".into(),
                provider_template_id: TEMPLATE.into(),
                params: vec![param("ma", "code"), param("trang_thai", "status")],
                status: "ACTIVE".into(),
                ..Default::default()
            };
            let asked = pb::PutTemplateRequest {
                request_id: format!("template-{kind}"),
                centre_id: CENTRE.into(),
                template: Some(template),
            };
            self.of(Role::Admin).put_template(asked).await.unwrap();
        }
    }

    /// Moves the centre's clock.
    pub fn set(&self, time: &str) {
        self.clock.set(time.parse().unwrap());
    }

    pub fn hook(&self, path: &str) -> String {
        format!("http://{}{path}", self.service.webhooks().unwrap())
    }

    /// The delivery of a dossier on a channel, once it is in a state.
    pub async fn until_on(&self, n: u32, channel: &str, state: pb::DeliveryState) -> pb::Delivery {
        self.until_on_with(n, &format!("{channel} {state:?}"), |d| d.channel == channel && d.state() == state).await
    }

    /// The delivery of a dossier that is as wanted, once it is.
    pub async fn until_on_with(&self, n: u32, what: &str, wanted: impl Fn(&pb::Delivery) -> bool) -> pb::Delivery {
        let (dossier, wanted) = (format!("dossier-{n}"), &wanted);
        motcua_tests::wait::until(&format!("{dossier} {what}"), || async {
            let all = self.list().await.deliveries;
            all.into_iter().find(|d| d.dossier_id == dossier && wanted(d))
        })
        .await
    }

    pub async fn submit(&self, event_id: &str, kind: &str, n: u32, params: &[(&str, &str)]) -> String {
        let asked = pb::SubmitRequest {
            centre_id: CENTRE.into(),
            event_id: event_id.into(),
            kind: kind.into(),
            dossier_id: format!("dossier-{n}"),
            params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Default::default()
        };
        self.of(Role::Operator).submit(asked).await.unwrap().into_inner().notification_id
    }

    pub async fn on(db: &TestDb, settings: Settings) -> Self {
        Self::with(db.db.clone(), settings, Arc::default()).await
    }

    pub async fn with(db: Db, settings: Settings, book: Arc<Book>) -> Self {
        Self::at(db, settings, book, Clock::manual(NINE.parse().unwrap())).await
    }

    pub async fn at(db: Db, settings: Settings, book: Arc<Book>, clock: Clock) -> Self {
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
        Self { bus, clock, book, channel, signer, stop, service }
    }

    pub fn knows(&self, n: u32, phone: &str) {
        self.book.phones.lock().unwrap().insert(format!("dossier-{n}"), phone.into());
    }

    pub fn knows_email(&self, n: u32, email: &str) {
        self.book.emails.lock().unwrap().insert(format!("dossier-{n}"), email.into());
    }

    pub async fn tell(&self, n: u32) {
        self.bus.publish(&[ready(n)]).await.remove(0).unwrap();
    }

    pub fn of(&self, role: Role) -> NotificationServiceClient<Channel> {
        self.of_centre(role, CENTRE)
    }

    pub fn of_centre(&self, role: Role, centre: &str) -> NotificationServiceClient<Channel> {
        let who = Bearer::signed(self.signer.clone(), Identity::of(role, "lan", centre));
        NotificationServiceClient::new(self.channel.acting_as(who))
    }

    pub async fn list(&self) -> pb::ListDeliveriesResponse {
        let asked = pb::ListDeliveriesRequest { centre_id: CENTRE.into(), page_size: 200, ..Default::default() };
        self.of(Role::Manager).list_deliveries(asked).await.unwrap().into_inner()
    }

    /// Waits for the night's messages.
    pub async fn all_held(&self, count: u32) {
        motcua_tests::wait::until("all held", || async {
            let asked = pb::ListDeliveriesRequest {
                centre_id: CENTRE.into(),
                state: pb::DeliveryState::Held.into(),
                ..Default::default()
            };
            let held = self.of(Role::Manager).list_deliveries(asked).await.unwrap().into_inner().total;
            (held == count as i32).then_some(())
        })
        .await;
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
