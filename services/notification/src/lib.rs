//! Deliveries: who is told what, by which provider, once.
//!
//! One notification an event; an attempt is written down before anything is sent; what nobody can know stays UNKNOWN
//! and is repeated only where the provider drops repetitions. No address is kept in clear: intake is asked each time.

mod calls;
mod claims;
mod compose;
mod digest;
mod endings;
pub mod entity;
mod events;
mod facts;
mod figures;
mod follow;
mod grpc;
mod hooks_mail;
mod instruments;
mod listing;
mod migration;
pub mod model;
mod next;
mod ops;
mod people;
mod poll;
pub mod provider;
mod queries;
mod receipts;
mod replies;
mod round;
mod sender;
mod settings;
mod settle;
mod switches;
mod templates;
mod tend;
mod tickets;
mod turns;
mod webhooks;
mod whom;
mod worker;
mod writer;

use std::sync::Arc;

use motcua_bus::{Bus, BusError};
use motcua_proto::notification::v1::notification_service_server::NotificationServiceServer;
use motcua_runtime::{Channel, Clock, Shutdown, auth::Guard};
use motcua_store::{Db, Relay, StoreError, inbox, sealed::Sealer};
use tokio::sync::{Notify, watch};
use tonic::service::{RoutesBuilder, interceptor::InterceptedService};

pub use settings::{MailSettings, MailTls, ProviderSettings, Settings, SmsSettings, WebhookSettings, ZaloSettings};

/// Name of this service: its events' source, its schema, its key in `serve`.
pub const SERVICE: &str = "notification";
const MESSAGE_BYTES_MAX: usize = 64 * 1024;
/// A lease outlasts the provider's longest call by this.
const LEASE_MARGIN_MS: u64 = 2_000;

/// What this service stands on.
pub struct Deps {
    /// Its own database.
    pub db: Db,
    /// Where events come from.
    pub bus: Arc<dyn Bus>,
    /// Business time.
    pub clock: Clock,
    /// Intake, speaking as the service "notification": nobody else may read contacts.
    pub intake: Channel,
    /// For the blind index of addresses.
    pub sealer: Sealer,
    /// Ends the consumer and the worker.
    pub shutdown: Shutdown,
}

/// Why this service did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The provider cannot be set up.
    #[error(transparent)]
    Provider(#[from] provider::ProviderError),
    /// A worker would lose its lease during a call.
    #[error(
        "lease_ms = {lease_ms}: must exceed provider.total_timeout_ms by {LEASE_MARGIN_MS}; set at least {least_ms}"
    )]
    Lease {
        /// As set.
        lease_ms: u64,
        /// The least that works.
        least_ms: u64,
    },
    /// A setting of time is none.
    #[error("{key}: {source}; write a time as \"21:00\" and a zone as \"Asia/Ho_Chi_Minh\"")]
    Time {
        /// Which.
        key: &'static str,
        /// What is wrong.
        source: jiff::Error,
    },
    /// The webhooks' listener.
    #[error(transparent)]
    Listen(#[from] motcua_runtime::listen::ListenError),
    /// A webhook without a secret would believe anybody.
    #[error("webhooks.{0}")]
    Webhook(&'static str),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
}

/// The running service.
pub struct Service {
    api: Arc<grpc::Api>,
    ready: watch::Receiver<bool>,
    webhooks: Option<std::net::SocketAddr>,
}

/// Migrates, subscribes and starts the worker. Intake may start later: deliveries wait for it.
///
/// # Errors
/// [`Error`]: a wrong setting, or the database or the bus does not answer.
pub async fn start(settings: Settings, deps: Deps) -> Result<Service, Error> {
    check_lease(&settings)?;
    check_webhooks(&settings)?;
    let mut own = provider::open(&settings.provider)?;
    let quiet = settings.quiet().map_err(|source| Error::Time { key: "quiet_from, quiet_to", source })?;
    let zone = settings.time_zone().map_err(|source| Error::Time { key: "zone", source })?;
    let Deps { db, bus, clock, intake, sealer, shutdown } = deps;
    motcua_store::migrate(&db, SERVICE, migration::all()).await?;
    let lease_us = i64::try_from(settings.lease_ms).unwrap_or(i64::MAX / 2_000) * 1_000;
    // A SQLite file has one process; on PostgreSQL another replica may be at work, and leases end by themselves.
    if db.is_sqlite() {
        queries::free_leases(&db, lease_us).await?;
    }
    let account = match &settings.zalo {
        Some(account) => Some(open_zalo(account, &db, &clock, &sealer).await?),
        None => None,
    };
    let mut others = account.iter().flat_map(|(zalo, _)| provider::open_zalo(zalo.clone())).collect::<Vec<_>>();
    if let Some(mail) = &settings.mail {
        others.push(Arc::new(provider::Mail::open(mail)?));
    }
    if settings.test_mode {
        tracing::warn!("test mode: nothing is sent");
        own = Arc::new(provider::Magic(own));
        others =
            others.into_iter().map(|other| Arc::new(provider::Magic(other)) as Arc<dyn provider::Provider>).collect();
    }
    let offered: Vec<model::Channel> = others.iter().chain([&own]).map(|p| p.channel()).collect();
    switches::ensure(&db, &offered).await?;
    let due = Arc::new(Notify::new());
    let desk = Arc::new(receipts::Desk { db: db.clone(), sealer: sealer.clone(), offered: offered.clone() });
    if let Some((zalo, _)) = account.as_ref().filter(|_| !settings.test_mode) {
        let (db, clock, desk, zalo) = (db.clone(), clock.clone(), desk.clone(), zalo.clone());
        tokio::spawn(poll::Poller { db, clock, desk, zalo }.run(shutdown.clone()));
    }
    let mut webhooks = None;
    if let Some(hooks) = &settings.webhooks {
        let listener = motcua_runtime::listen::bind("webhooks.listen", hooks.listen, hooks.tls_in_front).await?;
        webhooks = listener.local_addr().ok();
        let stands = (db.clone(), clock.clone(), sealer.clone());
        let mut hooks = crate::webhooks::Hooks::new(hooks, settings.zalo.as_ref(), stands, desk.clone(), due.clone());
        hooks.mail_domain = settings.mail.as_ref().and_then(MailSettings::domain);
        tokio::spawn(hooks.serve(listener, shutdown.clone()));
    }
    for source in [events::Source::Status, events::Source::Intake] {
        let facts = events::Facts {
            source,
            clock: clock.clone(),
            zone: zone.clone(),
            sealer: sealer.clone(),
            offered: offered.clone(),
            keep_trying_hours: settings.keep_trying_hours,
            due: due.clone(),
        };
        // Nobody waits for a service that would not act on what it hears.
        if source == events::Source::Status || facts.tells(model::Kind::DossierAccepted) {
            inbox::consume(db.clone(), &bus, Arc::new(facts), shutdown.clone()).await?;
        }
    }
    if model::ticket_channel(&offered).is_some() {
        let (clock, sealer, offered, due) = (clock.clone(), sealer.clone(), offered.clone(), due.clone());
        let turns = turns::Turns { clock, sealer, offered, due };
        inbox::consume(db.clone(), &bus, Arc::new(turns), shutdown.clone()).await?;
    }
    Relay::new(db.clone(), bus, SERVICE).spawn(shutdown.clone());
    let per_second = i64::from(settings.per_second);
    let sender = Arc::new(sender::Sender {
        db: db.clone(),
        writer: writer::Writer::new(db.clone()),
        clock: clock.clone(),
        intake,
        sealer: sealer.clone(),
        own: own.clone(),
        others,
        offered,
        desk: settings.desk,
        centre_name: settings.centre_name,
        language: if settings.accents { model::Language::Accented } else { model::Language::Folded },
        quiet,
        zone,
        receipts: webhooks.is_some(),
        unsubscribe: settings.webhooks.as_ref().and_then(WebhookSettings::mail_url),
        sms_parts_monthly: i64::from(settings.sms_parts_monthly),
        person_daily_max: i64::from(settings.person_daily_max),
        gap_us: if per_second == 0 { 0 } else { 1_000_000 / per_second },
        burst: per_second.max(1),
        lease_us,
        pace: settings.pace,
    });
    let tender = tend::Tender::new(db.clone(), clock.clone(), desk);
    tokio::spawn(worker::run(sender.clone(), tender, due.clone(), settings.parallel, shutdown));
    let (_, ready) = watch::channel(true);
    let tokens = account.map(|(_, tokens)| tokens);
    let (keep_trying_hours, oa_id) = (settings.keep_trying_hours, settings.zalo.map(|account| account.oa_id));
    let api = grpc::Api { db, clock, sealer, sender, tokens, due, keep_trying_hours, oa_id };
    Ok(Service { api: Arc::new(api), ready, webhooks })
}

type Account = (Arc<provider::Zalo>, Arc<provider::tokens::Tokens>);

async fn open_zalo(account: &ZaloSettings, db: &Db, clock: &Clock, sealer: &Sealer) -> Result<Account, Error> {
    let tokens = provider::tokens::Tokens::open(account, db.clone(), clock.clone(), sealer.clone())?;
    if let (Some(access), Some(refresh)) = (&account.access_token, &account.refresh_token) {
        let pair = provider::tokens::Pair::fresh(access.clone(), refresh.clone());
        tokens.put_first(&pair).await?;
    }
    Ok((Arc::new(provider::Zalo::open(account, tokens.clone())?), tokens))
}

fn check_lease(settings: &Settings) -> Result<(), Error> {
    let sms = match &settings.provider {
        ProviderSettings::Sms(sms) => sms.total_timeout_ms,
        ProviderSettings::Outgoing { .. } => 0,
    };
    // A stale token is renewed and the call made again, within one lease.
    let zalo = settings.zalo.as_ref().map_or(0, |z| z.total_timeout_ms.saturating_mul(2));
    let mail = settings.mail.as_ref().map_or(0, |m| m.total_timeout_ms);
    let longest = sms.max(zalo).max(mail);
    let least_ms = longest.saturating_add(LEASE_MARGIN_MS);
    if longest > 0 && settings.lease_ms < least_ms {
        return Err(Error::Lease { lease_ms: settings.lease_ms, least_ms });
    }
    Ok(())
}

fn check_webhooks(settings: &Settings) -> Result<(), Error> {
    use secrecy::ExposeSecret as _;
    let Some(hooks) = &settings.webhooks else { return Ok(()) };
    let secrets = hooks.zalo_secrets();
    if secrets.iter().any(|secret| secret.expose_secret().is_empty()) {
        return Err(Error::Webhook("zalo_secret or zalo_secret_next is empty; remove it or fill it in"));
    }
    if settings.zalo.is_some() && secrets.is_empty() {
        return Err(Error::Webhook("zalo_secret is missing; copy the account's secret from Zalo's webhook page"));
    }
    if hooks.sms_path_token.as_ref().is_some_and(|token| token.expose_secret().len() < 16) {
        return Err(Error::Webhook("sms_path_token is shorter than 16 characters; it is the only proof of a report"));
    }
    if hooks.mail_path_token.as_ref().is_some_and(|token| token.expose_secret().len() < 16) {
        return Err(Error::Webhook("mail_path_token is shorter than 16 characters; it is the only proof of a report"));
    }
    if hooks.public_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
        return Err(Error::Webhook("public_url does not begin with https://; one click in a letter needs HTTPS"));
    }
    Ok(())
}

impl Service {
    /// Adds the gRPC service, guarded.
    pub fn add_to(&self, routes: &mut RoutesBuilder, guard: Guard) {
        let server = NotificationServiceServer::from_arc(self.api.clone()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        routes.add_service(InterceptedService::new(server, guard));
    }

    /// Where providers' news come in: `/hooks/zalo` and `/hooks/sms/{token}`.
    #[must_use]
    pub fn webhooks(&self) -> Option<std::net::SocketAddr> {
        self.webhooks
    }

    /// True once every RPC can be answered.
    #[must_use]
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.ready.clone()
    }
}
