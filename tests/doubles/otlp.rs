//! An OTLP collector that remembers span names by trace, and every byte that it was sent.
use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    net::Ipv4Addr,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use prost::{
    Message as _,
    bytes::{Buf as _, BufMut as _},
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{
    Request, Response, Status,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    codegen::{Service, http},
    server::{Grpc, NamedService, UnaryService},
    transport::server::{Server, TcpIncoming},
};

/// Enough of OTLP to read whose span is whose.
#[derive(Clone, PartialEq, prost::Message)]
struct Export {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<OfResource>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OfResource {
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<OfScope>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct OfScope {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
}

#[derive(Default)]
struct Book {
    spans: BTreeMap<String, BTreeSet<String>>,
    raw: Vec<u8>,
}

type Spans = Arc<Mutex<Book>>;

/// The running collector; dropping it stops it.
pub struct Collector {
    url: String,
    spans: Spans,
    task: JoinHandle<()>,
}

impl Collector {
    /// Listens on a free loopback port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let spans = Spans::default();
        let server = Server::builder().add_service(Traces(Arc::clone(&spans)));
        let task = tokio::spawn(async move { server.serve_with_incoming(TcpIncoming::from(listener)).await.unwrap() });
        Self { url, spans, task }
    }

    /// Where to export to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Names of the spans of a trace.
    pub fn names(&self, trace_id: &str) -> BTreeSet<String> {
        self.spans.lock().unwrap().spans.get(trace_id).cloned().unwrap_or_default()
    }

    /// Every byte that was exported: names, attributes, events.
    pub fn raw(&self) -> Vec<u8> {
        self.spans.lock().unwrap().raw.clone()
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Clone)]
struct Traces(Spans);

impl NamedService for Traces {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

impl Service<http::Request<tonic::body::Body>> for Traces {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Answer<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move { Ok(Grpc::new(Raw).unary(this, request).await) })
    }
}

impl UnaryService<Vec<u8>> for Traces {
    type Response = Vec<u8>;
    type Future = Answer<Response<Vec<u8>>, Status>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        let spans = Arc::clone(&self.0);
        Box::pin(async move {
            let export = Export::decode(request.get_ref().as_slice()).map_err(|e| Status::unknown(e.to_string()))?;
            let mut book = spans.lock().unwrap();
            book.raw.extend_from_slice(request.get_ref());
            let sent = export.resources.into_iter().flat_map(|r| r.scopes).flat_map(|s| s.spans);
            for Span { trace_id, name } in sent {
                book.spans.entry(hex::encode(trace_id)).or_default().insert(name);
            }
            Ok(Response::new(vec![]))
        })
    }
}

/// Bytes as they are.
#[derive(Clone, Copy, Default)]
pub struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining()).to_vec()))
    }
}
