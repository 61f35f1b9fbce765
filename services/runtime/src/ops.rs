//! The operators' listener: `/healthz` (the process lives), `/readyz` (it can do its work), `/metrics`.

use std::sync::Arc;

use axum::{Router, http::StatusCode, response::IntoResponse, routing::get};
use prometheus::Encoder as _;

/// A boxed future that may cross threads.
pub type BoxFuture<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;

/// Answers whether the process can do its work now: "" or what is missing.
pub type Ready = Arc<dyn Fn() -> BoxFuture<String> + Send + Sync>;

/// The routes.
pub fn router(registry: prometheus::Registry, ready: Ready) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route(
            "/readyz",
            get(move || {
                let ready = ready.clone();
                async move {
                    let missing = ready().await;
                    if missing.is_empty() {
                        (StatusCode::OK, "ready\n".to_owned()).into_response()
                    } else {
                        (StatusCode::SERVICE_UNAVAILABLE, format!("{missing}\n")).into_response()
                    }
                }
            }),
        )
        .route(
            "/metrics",
            get(move || {
                let registry = registry.clone();
                async move {
                    let mut text = vec![];
                    match prometheus::TextEncoder::new().encode(&registry.gather(), &mut text) {
                        Ok(()) => ([("content-type", "text/plain; version=0.0.4")], text).into_response(),
                        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
                    }
                }
            }),
        )
}
