//! The client at the entrance and in the hall: touch page, paper, and the halls' boards. It holds no queue of its own: it
//! asks routing for numbers and follows its calls.
//!
//! `motcua up` runs [`serve`] as a task over in-process channels; `motcua-kiosk run` is the same on a machine of its own.

mod app;
pub mod board;
pub mod catalogue;
pub mod grpc;
mod http;
mod issue;
pub mod lang;
pub mod model;
pub mod paper;
pub mod settings;
mod worker;

use motcua_runtime::{Channel, Clock, Shutdown};
use tokio::net::TcpListener;

pub use settings::{ConfigError, KioskConfig, PrinterConfig, Settings, device_secret};

/// What [`serve`] is given.
pub struct Deps {
    /// To routing, with a kiosk's identity.
    pub routing: Channel,
    /// To intake, with the same.
    pub intake: Channel,
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

/// Serves the pages until `shutdown`. Services may start later or go away meanwhile: the pages say so and catch up.
///
/// # Errors
/// The listener fails.
pub async fn serve(settings: Settings, deps: Deps) -> Result<(), Error> {
    let backend = grpc::Backend::new(&settings.centre_id, deps.routing, deps.intake);
    let app = app::App::new(settings, deps.clock, backend, deps.shutdown.clone());
    worker::spawn(&app);
    // A call is one small packet: it must not wait for the acknowledgement of the beat before it.
    let listener = axum::serve::ListenerExt::tap_io(deps.listener, |stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "nodelay");
        }
    });
    let served = axum::serve(listener, http::router(app)).with_graceful_shutdown(deps.shutdown.cancelled_owned());
    Ok(served.await?)
}
