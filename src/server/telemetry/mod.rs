//! Spans of what was answered, for an OpenTelemetry collector.
//!
//! Why no SDK: what it adds (a context that follows the thread, processors, samplers as objects) is for programs that make spans
//! while they work. Here a span is written once, from the facts of an exchange that is answered, and only its messages are needed.

mod attributes;
mod exporter;
mod spans;
mod trace_context;
mod tracer;

pub(crate) use spans::Answered;
pub use trace_context::TraceContext;
pub(crate) use trace_context::TraceId;
pub(crate) use tracer::Tracer;
