//! The client at the entrance and in the hall: touch page, paper, and the halls' boards. It holds no queue of its own: it
//! asks routing for numbers and follows its calls. Without routing it gives numbers that were lent to it beforehand, from a
//! store of its own, and tells them afterwards.
//!
//! `motcua up` runs [`serve`] as a task over in-process channels; `motcua-kiosk run` is the same on a machine of its own.

mod app;
pub mod board;
mod cable;
pub mod catalogue;
mod device;
mod devices;
pub mod doctor;
pub mod grpc;
mod http;
pub mod identity;
mod issue;
pub mod lang;
pub mod model;
mod notes;
mod offline;
pub mod paper;
pub mod referral;
mod scan;
pub mod settings;
mod speaker;
mod store;
mod time;
pub mod voice;
pub mod watchdog;
mod worker;

use motcua_runtime::{Channel, Clock, Shutdown};
use tokio::net::TcpListener;

pub use device::DeviceLink;
pub use settings::{ConfigError, KioskConfig, PrinterConfig, ScannerConfig, Settings, device_secret};
pub use voice::{VoiceConfig, VoiceSettings};

/// What [`serve`] is given.
pub struct Deps {
    /// To routing, with a kiosk's identity.
    pub routing: Channel,
    /// To intake, with the same.
    pub intake: Channel,
    /// To status, with the same.
    pub status: Channel,
    /// To web, which watches over the machines of the centre; none leaves this one to itself.
    pub device: Option<DeviceLink>,
    /// Business time.
    pub clock: Clock,
    /// Ends the kiosk.
    pub shutdown: Shutdown,
    /// Where the pages are served.
    pub listener: TcpListener,
}

/// Why a kiosk ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its listener failed.
    #[error("kiosk pages: {0}")]
    Serve(#[from] std::io::Error),
}

/// A kiosk whose workers run; its pages are served by [`Kiosk::serve`].
#[must_use = "the pages are not served yet"]
pub struct Kiosk {
    app: app::App,
    listener: TcpListener,
    shutdown: Shutdown,
}

/// Opens the store and starts the workers. Services may start later or go away meanwhile: the pages say so and catch up.
pub async fn start(settings: Settings, deps: Deps) -> Kiosk {
    let backend = grpc::Backend::new(&settings.centre_id, deps.routing, deps.intake, deps.status);
    let store = store::Store::open(settings.store.clone(), deps.clock.clone()).await;
    let device_id = offline::device(&store).await;
    let time = time::Timekeeper::new(deps.clock.clone(), &time::Boot::look(&deps.clock), store.contact().await);
    let device = device::Device::new(deps.device, &settings.store);
    let app = app::App::new(settings, deps.clock, backend, deps.shutdown.clone(), store, device_id, time, device);
    offline::recall(&app).await;
    device::start(&app).await;
    worker::spawn(&app);
    Kiosk { app, listener: deps.listener, shutdown: deps.shutdown }
}

impl Kiosk {
    /// Ends once centre and catalogue are known: from then on a tap gets a number.
    pub fn ready(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut centre, mut catalogue) = (self.app.centre.subscribe(), self.app.catalogue.subscribe());
        async move {
            // An error means that the kiosk is gone; then nobody waits for it either.
            let fresh = |known: &Option<std::sync::Arc<app::Known>>| known.as_ref().is_some_and(|known| known.fresh);
            let _ = centre.wait_for(fresh).await.map(drop);
            let _ = catalogue.wait_for(Option::is_some).await.map(drop);
        }
    }

    /// Serves the pages until the shutdown.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(self) -> Result<(), Error> {
        // A call is one small packet: it must not wait for the acknowledgement of the beat before it.
        let listener = axum::serve::ListenerExt::tap_io(self.listener, |stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "nodelay");
            }
        });
        let served =
            axum::serve(listener, http::router(self.app)).with_graceful_shutdown(self.shutdown.cancelled_owned());
        Ok(served.await?)
    }
}

/// [`start`] and [`Kiosk::serve`] in one.
///
/// # Errors
/// The listener fails.
pub async fn serve(settings: Settings, deps: Deps) -> Result<(), Error> {
    start(settings, deps).await.serve().await
}
