use std::{
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderValue, header::AUTHORIZATION};
use hyper_util::rt::TokioIo;
use tonic::{
    body::Body,
    client::GrpcService,
    transport::{self, Endpoint, Uri},
};

use crate::{auth, telemetry};
use motcua_kernel::identity::Identity;

const CALL_WAIT_MAX: Duration = Duration::from_secs(15);

/// Where a client's bearer token comes from.
#[derive(Clone)]
pub enum Bearer {
    /// Always this one.
    Fixed(HeaderValue),
    /// Signed by this process and renewed as it ages.
    Signed(Arc<SelfSigned>),
    /// Given by somebody else and renewed by whoever holds the other end; none at first.
    Lent(Lent),
}

/// A bearer that is put in from outside; cheap to clone, all clones are one.
#[derive(Clone, Default)]
pub struct Lent(Arc<std::sync::RwLock<Option<HeaderValue>>>);

impl Lent {
    /// Every channel with it speaks with this token from now on.
    pub fn set(&self, token: &str) -> Result<(), auth::AuthError> {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(sensitive(token)?);
        Ok(())
    }

    /// Nobody speaks with it any more.
    pub fn clear(&self) {
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
    }
}

fn sensitive(token: &str) -> Result<HeaderValue, auth::AuthError> {
    let value = HeaderValue::from_str(&format!("Bearer {}", token.trim()));
    let mut value = value.map_err(|_| auth::AuthError::Key("the token holds characters that no header takes"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// A process that holds the signing key speaks for itself with short identities.
pub struct SelfSigned {
    signer: auth::Signer,
    identity: Identity,
    current: std::sync::Mutex<Option<(tokio::time::Instant, HeaderValue)>>,
}

impl Bearer {
    /// A token as it stands.
    pub fn fixed(token: &str) -> Result<Self, auth::AuthError> {
        Ok(Self::Fixed(sensitive(token)?))
    }

    /// Short identities signed here, renewed as they age.
    pub fn signed(signer: auth::Signer, identity: Identity) -> Self {
        Self::Signed(Arc::new(SelfSigned { signer, identity, current: std::sync::Mutex::new(None) }))
    }

    fn header(&self) -> Option<HeaderValue> {
        match self {
            Self::Fixed(value) => Some(value.clone()),
            Self::Lent(lent) => lent.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
            Self::Signed(own) => {
                let mut current = own.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if let Some((made, value)) = current.as_ref()
                    && made.elapsed() < auth::STAFF_TTL / 2
                {
                    return Some(value.clone());
                }
                let token = own.signer.token(&own.identity, auth::STAFF_TTL).ok()?;
                let mut value = HeaderValue::from_str(&format!("Bearer {token}")).ok()?;
                value.set_sensitive(true);
                *current = Some((tokio::time::Instant::now(), value.clone()));
                Some(value)
            }
        }
    }
}

/// A connection to a service that says who calls and carries the trace. Use it as the `T` of a generated client:
/// `RoutingServiceClient::new(channel.clone())`.
#[derive(Clone)]
pub struct Channel {
    inner: transport::Channel,
    bearer: Bearer,
}

impl Channel {
    /// Over the network, connected when first used. Keepalive is on: without it a client never leaves a connection
    /// that the network has silently cut.
    pub fn tcp(url: &str, bearer: Bearer) -> Result<Self, transport::Error> {
        let endpoint = Endpoint::from_shared(url.to_owned())?
            .connect_timeout(Duration::from_secs(2))
            .timeout(CALL_WAIT_MAX)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_timeout(Duration::from_secs(5))
            .keep_alive_while_idle(true);
        Ok(Self { inner: endpoint.connect_lazy(), bearer })
    }

    /// To a server in the same process, without a socket; `accept` takes the server's ends of the pipes.
    pub fn in_process(
        accept: tokio::sync::mpsc::Sender<std::io::Result<tokio::io::DuplexStream>>,
        bearer: Bearer,
    ) -> Self {
        let endpoint = Endpoint::from_static("http://in-process").timeout(CALL_WAIT_MAX);
        let inner = endpoint.connect_with_connector_lazy(tower::service_fn(move |_: Uri| {
            let accept = accept.clone();
            async move {
                let (client, server) = tokio::io::duplex(256 * 1024);
                accept.send(Ok(server)).await.map_err(std::io::Error::other)?;
                Ok::<_, std::io::Error>(TokioIo::new(client))
            }
        }));
        Self { inner, bearer }
    }

    /// The same connection, speaking for somebody else.
    pub fn acting_as(&self, bearer: Bearer) -> Self {
        Self { inner: self.inner.clone(), bearer }
    }
}

impl tower::Service<http::Request<Body>> for Channel {
    type Response = http::Response<Body>;
    type Error = transport::Error;
    type Future = transport::channel::ResponseFuture;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        GrpcService::<Body>::poll_ready(&mut self.inner, cx)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        if let Some(value) = self.bearer.header() {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        telemetry::inject(request.headers_mut());
        GrpcService::call(&mut self.inner, request)
    }
}
