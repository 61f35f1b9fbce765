//! A gRPC server as every process of ours runs it: one span and one measurement a call, deadlines capped, health,
//! reflection on loopback only, graceful end.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::net::TcpListener;
use tokio_stream::{Stream, wrappers::TcpListenerStream};
use tonic::{
    body::Body,
    service::Routes,
    transport::{Server, server::Connected},
};
use tracing::Instrument as _;

use crate::{Shutdown, metrics, telemetry};

/// Longest time a unary call may take, whatever deadline the caller asks for.
const CALL_WAIT_MAX: Duration = Duration::from_secs(15);
/// Longest time calls under way get after the signal to stop.
const DRAIN_MAX: Duration = Duration::from_secs(8);

/// Serves on a socket until `stop`, then drains.
pub async fn serve_tcp(listener: TcpListener, routes: Routes, stop: Shutdown) -> Result<(), tonic::transport::Error> {
    let incoming = TcpListenerStream::new(listener);
    let incoming = tokio_stream::StreamExt::map(incoming, |socket| {
        socket.inspect(|s| {
            let _ = s.set_nodelay(true);
        })
    });
    serve(incoming, routes, stop).await
}

/// Serves the pipes of this process.
pub async fn serve_in_process(
    accept: tokio::sync::mpsc::Receiver<std::io::Result<tokio::io::DuplexStream>>,
    routes: Routes,
    stop: Shutdown,
) -> Result<(), tonic::transport::Error> {
    serve(tokio_stream::wrappers::ReceiverStream::new(accept), routes, stop).await
}

async fn serve<I, IO>(incoming: I, routes: Routes, stop: Shutdown) -> Result<(), tonic::transport::Error>
where
    I: Stream<Item = std::io::Result<IO>>,
    IO: tokio::io::AsyncRead + tokio::io::AsyncWrite + Connected + Unpin + Send + 'static,
{
    let server = Server::builder()
        .timeout(CALL_WAIT_MAX)
        .http2_keepalive_interval(Some(Duration::from_secs(20)))
        .http2_keepalive_timeout(Some(Duration::from_secs(10)))
        .max_concurrent_streams(1024)
        .http2_max_pending_accept_reset_streams(Some(64))
        .layer(tower::layer::layer_fn(Calls))
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
    // Watch streams do not end by themselves: after the grace they are cut, and their clients resume elsewhere.
    let cut = async {
        stop.cancelled().await;
        tokio::time::sleep(DRAIN_MAX).await;
    };
    tokio::select! {
        done = server => done,
        () = cut => Ok(()),
    }
}

#[derive(Clone)]
struct Calls<S>(S);

impl<S> tower::Service<http::Request<Body>> for Calls<S>
where
    S: tower::Service<http::Request<Body>, Response = http::Response<Body>> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let span = tracing::info_span!("rpc", otel.name = %path, otel.kind = "server");
        telemetry::adopt(&span, request.headers());
        let answer = self.0.call(request);
        let started = tokio::time::Instant::now();
        Box::pin(
            async move {
                let answer = answer.await;
                if let Ok(response) = &answer {
                    // Errors travel in the headers; a success has its status in the trailers.
                    let code = response
                        .headers()
                        .get("grpc-status")
                        .and_then(|v| v.to_str().ok())
                        .and_then(|v| v.parse().ok());
                    metrics::rpc(&path, code.unwrap_or(0), started.elapsed());
                }
                answer
            }
            .instrument(span),
        )
    }
}
