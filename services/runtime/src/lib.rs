//! A service's life: settings, telemetry, identity, listeners, health, shutdown, and the clock of business time.

pub mod auth;
mod channel;
pub mod clock;
pub mod grpc;
pub mod health;
pub mod listen;
mod log;
pub mod metrics;
pub mod ops;
pub mod server;
pub mod settings;
pub mod telemetry;

pub use channel::{Bearer, Channel, Lent};
pub use clock::Clock;
/// Cancelled when the process should end.
pub use tokio_util::sync::CancellationToken as Shutdown;

/// A token cancelled by SIGTERM or Ctrl-C.
pub fn shutdown_on_signal() -> std::io::Result<Shutdown> {
    use tokio::signal::unix::{SignalKind, signal};
    let stop = Shutdown::new();
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let token = stop.clone();
    tokio::spawn(async move {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        tracing::info!("stopping");
        token.cancel();
    });
    Ok(stop)
}
