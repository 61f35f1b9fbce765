//! W3C trace context between a span and an event's envelope, so that one trace runs from the tap to the message.

use std::collections::HashMap;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const KEY: &str = "traceparent";

/// The current span's context; empty when nothing is recorded.
pub fn current() -> String {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&tracing::Span::current().context(), &mut carrier);
    carrier.remove(KEY).unwrap_or_default()
}

/// Makes `span` a child of the act that caused an event. Must be called before the span is entered.
pub fn adopt(span: &tracing::Span, traceparent: &str) {
    if traceparent.is_empty() {
        return;
    }
    let carrier = HashMap::from([(KEY.to_owned(), traceparent.to_owned())]);
    // Refused only where no trace layer is installed (a unit test): nothing is lost then.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&carrier));
}
