//! Traces, metrics and logs: one start, one end, W3C context in and out.

use http::HeaderMap;
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource, metrics::SdkMeterProvider, propagation::TraceContextPropagator, trace::SdkTracerProvider,
};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// What goes where.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// OTLP/gRPC collector, "http://host:4317"; none keeps traces in the log only.
    pub otlp: Option<String>,
    /// "json" or "text"; unset is text on a terminal and json elsewhere.
    pub log_format: Option<String>,
    /// As in `RUST_LOG`, which wins over it.
    pub log_filter: Option<String>,
}

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
#[error("telemetry: {0}")]
pub struct TelemetryError(String);

/// Lives as long as the process; [`Telemetry::shutdown`] flushes what is pending.
pub struct Telemetry {
    traces: SdkTracerProvider,
    meters: SdkMeterProvider,
    registry: prometheus::Registry,
}

/// Starts telemetry for the process, once.
pub fn init(service: &str, settings: &Settings) -> Result<Telemetry, TelemetryError> {
    let err = |e: &dyn std::fmt::Display| TelemetryError(e.to_string());
    global::set_text_map_propagator(TraceContextPropagator::new());
    let resource = Resource::builder().with_service_name(service.to_owned()).build();
    let mut traces = SdkTracerProvider::builder().with_resource(resource.clone());
    if let Some(url) = &settings.otlp {
        use opentelemetry_otlp::WithExportConfig as _;
        let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(url).build();
        traces = traces.with_batch_exporter(exporter.map_err(|e| err(&e))?);
    }
    let traces = traces.build();
    let registry = prometheus::Registry::new();
    let reader = opentelemetry_prometheus::exporter().with_registry(registry.clone()).build().map_err(|e| err(&e))?;
    let meters = SdkMeterProvider::builder().with_resource(resource).with_reader(reader).build();
    global::set_meter_provider(meters.clone());

    let default = settings
        .log_filter
        .as_deref()
        .unwrap_or("info,sqlx=warn,h2=warn,sea_orm=warn,sea_orm_migration=warn,opentelemetry=warn,async_nats=warn");
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default.into());
    let json = match settings.log_format.as_deref() {
        Some("json") => true,
        Some("text") => false,
        Some(other) => return Err(TelemetryError(format!("log_format = \"{other}\": choose json or text"))),
        None => !std::io::IsTerminal::is_terminal(&std::io::stderr()),
    };
    let logs = if json {
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).event_format(crate::log::Json).boxed()
    } else {
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).boxed()
    };
    tracing_subscriber::registry()
        .with(filter)
        .with(tracing_opentelemetry::layer().with_tracer(traces.tracer("motcua")))
        .with(logs)
        .try_init()
        .map_err(|e| err(&e))?;
    Ok(Telemetry { traces, meters, registry })
}

impl Telemetry {
    /// What `/metrics` shows.
    pub fn registry(&self) -> prometheus::Registry {
        self.registry.clone()
    }

    /// Flushes and ends.
    pub fn shutdown(self) {
        let _ = self.traces.shutdown();
        let _ = self.meters.shutdown();
    }
}

struct Headers<'a>(&'a HeaderMap);
impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|v| v.to_str().ok())
    }
    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}

struct HeadersMut<'a>(&'a mut HeaderMap);
impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (http::HeaderName::from_bytes(key.as_bytes()), value.parse()) {
            self.0.insert(name, value);
        }
    }
}

/// Writes the current span's context into the headers of a request that goes out.
pub fn inject(headers: &mut HeaderMap) {
    let context = tracing::Span::current().context();
    if context.span().span_context().is_valid() {
        global::get_text_map_propagator(|p| p.inject_context(&context, &mut HeadersMut(headers)));
    }
}

/// Makes `span` a child of the caller named by the headers. Before the span is entered.
pub fn adopt(span: &tracing::Span, headers: &HeaderMap) {
    let context = global::get_text_map_propagator(|p| p.extract(&Headers(headers)));
    if context.span().span_context().is_valid() {
        let _ = span.set_parent(context);
    }
}

/// Makes `span` a child of a stored act. Before the span is entered.
pub fn adopt_traceparent(span: &tracing::Span, traceparent: &str) {
    let mut headers = HeaderMap::new();
    if let Ok(value) = traceparent.parse() {
        headers.insert("traceparent", value);
        adopt(span, &headers);
    }
}

/// The current span's W3C trace context, to be stored with an act.
pub fn current_traceparent() -> Option<String> {
    let mut headers = HeaderMap::new();
    inject(&mut headers);
    headers.get("traceparent").and_then(|v| v.to_str().ok()).map(str::to_owned)
}

/// One span a request of an HTTP edge, named by its route and never by its path, which may hold a secret.
pub async fn http_span(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    use tracing::Instrument as _;
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("unmatched", |p| p.as_str()).to_owned();
    let span = tracing::info_span!("http", otel.name = %format!("{} {route}", request.method()), otel.kind = "server", status = tracing::field::Empty);
    adopt(&span, request.headers());
    let started = tokio::time::Instant::now();
    let method = request.method().to_string();
    let response = next.run(request).instrument(span.clone()).await;
    span.record("status", response.status().as_u16());
    crate::metrics::http(&method, &route, response.status().as_u16(), started.elapsed());
    response
}
