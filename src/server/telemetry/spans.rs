//! The spans of an exchange, in OpenTelemetry's words: the gateway's own, and one for each call that it made.
//!
//! What is an error is so as in AWS's trace maps: the gateway has failed at 5xx, whoever is to blame; a function has failed when it
//! did, which a formatted error of its own is not.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use opentelemetry_proto::tonic::trace::v1::{Span, Status};

use super::attributes::Attributes;
use super::trace_context::TraceContext;
use crate::api::FunctionRef;
use crate::config::settings::{Backend, Settings};
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::exchange::masking::Masking;
use crate::gateway::Gateway;
use crate::http1::message::Response;
use crate::metrics::Outcome;
use crate::server::record;

/// W3C's flag, and OpenTelemetry's two: it is known whether the parent is elsewhere, and it is.
const SAMPLED: u32 = 0x01;
const KNOWN: u32 = 0x100;
const REMOTE: u32 = 0x200;
/// Any method that is not a well-known one.
const OTHER: &str = "_OTHER";

/// What is known of an exchange that was answered.
pub(crate) struct Answered<'a> {
    pub gateway: &'a Gateway,
    pub settings: &'a Settings,
    pub exchange: &'a Exchange,
    pub response: &'a Response,
    pub latency: Duration,
    /// Bytes of the answer's body.
    pub sent: u64,
}

/// Every span of an exchange, the gateway's own first.
pub(super) fn spans(answered: &Answered<'_>, context: &TraceContext) -> Vec<Span> {
    let masking = Masking::new(answered.gateway.api(answered.exchange), answered.exchange);
    let story = Story { answered, context, masking };
    let calls = [story.authorizer(), story.integration()];
    std::iter::once(story.server()).chain(calls.into_iter().flatten()).collect()
}

/// How many those are.
pub(super) fn count(exchange: &Exchange) -> u64 {
    1 + u64::from(exchange.authorizer_called.is_some()) + u64::from(exchange.integration_called.is_some())
}

struct Story<'a> {
    answered: &'a Answered<'a>,
    context: &'a TraceContext,
    masking: Masking<'a>,
}

impl Story<'_> {
    fn server(&self) -> Span {
        let Answered { gateway, exchange, response, latency, .. } = self.answered;
        let (received, status) = (exchange.request.received, response.status);
        let route = gateway.matched(exchange).map(|(path, _)| path);
        let method = known_method(&exchange.request.method);
        let named = if method == OTHER { "HTTP" } else { method };
        let mut attributes = self.request(method, route);
        attributes.int("http.response.status_code", status);
        attributes.int("http.response.body.size", i64::try_from(self.answered.sent).unwrap_or(i64::MAX));
        self.tell_outcome(&mut attributes);
        Span {
            name: route.map_or_else(|| named.to_owned(), |route| format!("{named} {route}")),
            kind: SpanKind::Server.into(),
            span_id: self.context.span.to_vec(),
            parent_span_id: self.context.parent.map(Vec::from).unwrap_or_default(),
            flags: SAMPLED | KNOWN | if self.context.parent.is_some() { REMOTE } else { 0 },
            status: (status >= 500).then(failed),
            attributes: attributes.list(),
            ..self.span(received, *latency)
        }
    }

    /// What the client asked for.
    fn request(&self, method: &str, route: Option<&str>) -> Attributes {
        let request = &self.answered.exchange.request;
        let mut attributes = Attributes::default();
        attributes.text("http.request.method", method);
        attributes
            .some("http.request.method_original", (method != request.method).then(|| self.shown(&request.method)));
        attributes.some("http.route", route);
        attributes.text("url.scheme", "http");
        attributes.text("url.path", self.shown(&request.path));
        attributes.some("url.query", request.query.as_deref().map(|query| self.masking.query(query)));
        if let Some(host) = request.headers.last("host") {
            let (name, port) =
                host.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).unwrap_or((host, ""));
            attributes.text("server.address", self.shown(name));
            port.parse::<u16>().into_iter().for_each(|port| attributes.int("server.port", port));
        }
        attributes.text("client.address", self.answered.exchange.source_ip.to_string());
        attributes.some("user_agent.original", request.headers.last("user-agent").map(|agent| self.shown(agent)));
        attributes.text("network.protocol.name", "http");
        attributes.text("network.protocol.version", if request.http2 { "2" } else { "1.1" });
        attributes.int("http.request.body.size", i64::try_from(request.body.len()).unwrap_or(i64::MAX));
        attributes
    }

    /// What the gateway made of it.
    fn tell_outcome(&self, attributes: &mut Attributes) {
        let Answered { gateway, exchange, response, .. } = self.answered;
        let api = gateway.api(exchange);
        let cause = exchange.failure.as_ref().map(|failure| failure.cause().as_str());
        if response.status >= 500 {
            attributes.text("error.type", cause.map_or_else(|| response.status.to_string(), str::to_owned));
        }
        attributes.text("aws.request_id", &*exchange.ids.request_id);
        attributes.text("aws.xray.trace_id", ids::root(&exchange.ids.trace_id).trim_start_matches("Root="));
        attributes.text("stagegate.api_id", api.id.as_str());
        attributes.text("stagegate.stage", api.stage.as_str());
        attributes.some("stagegate.cause", cause);
        attributes.some("stagegate.masked", exchange.decisions.masked.map(|kind| kind.as_str()));
        attributes.some("stagegate.rule", record::rule(gateway, exchange).map(record::pattern_of));
        attributes.some("stagegate.fault", exchange.fault.as_ref().map(|fault| fault.cause.as_str()));
        attributes.some("stagegate.cut", exchange.cut.as_ref().map(|cut| self.shown(&cut.to_string())));
    }

    /// The call to the authorizer's function, if it was asked.
    fn authorizer(&self) -> Option<Span> {
        let Answered { gateway, exchange, .. } = self.answered;
        let (called, took) = exchange.authorizer_called.zip(exchange.authorizer_latency)?;
        let (name, function) = gateway.authorizer(exchange)?;
        let check = exchange.decisions.authorizer.as_ref()?;
        let mut attributes = Attributes::default();
        attributes.text("stagegate.authorizer", name);
        attributes.some("stagegate.authorizer.result", check.result.map(|result| result.as_str()));
        // Another request asked at the same time, and this one waited for its answer.
        attributes.bool("stagegate.authorizer.shared", check.cached);
        let status = check.outcome.and_then(|outcome| tell_call(&mut attributes, outcome));
        function.into_iter().for_each(|function| self.tell_function(&mut attributes, function));
        Some(self.client(name, called, took, status, attributes))
    }

    /// The call to the backend.
    fn integration(&self) -> Option<Span> {
        let Answered { gateway, exchange, .. } = self.answered;
        let (called, took) = exchange.integration_called.zip(exchange.integration_latency)?;
        let mut attributes = Attributes::default();
        let mut status = exchange.outcome.and_then(|outcome| tell_call(&mut attributes, outcome));
        attributes.some("aws.request_id", exchange.backend_request_id().map(|id| self.shown(id)));
        if let Some(function) = gateway.function(exchange) {
            self.tell_function(&mut attributes, function);
            let own = exchange.function_status;
            own.into_iter().for_each(|own| attributes.int("stagegate.function_status", own));
            return Some(self.client(&function.name, called, took, status, attributes));
        }
        let uri = self.masking.uri(gateway.uri(exchange)?);
        if let Some(code) = exchange.integration_status {
            attributes.int("http.response.status_code", code);
            if code >= 400 && status.is_none() {
                attributes.text("error.type", code.to_string());
                status = Some(failed());
            }
        }
        attributes.text("url.template", uri.as_str());
        let name = uri.split_once('?').map_or(&*uri, |(name, _)| name);
        Some(self.client(name, called, took, status, attributes))
    }

    fn tell_function(&self, attributes: &mut Attributes, function: &FunctionRef) {
        let api = self.answered.gateway.api(self.answered.exchange);
        attributes.text("faas.invoked_name", &*function.name);
        attributes.text("faas.invoked_provider", "aws");
        attributes.text("faas.invoked_region", api.region.as_str());
        attributes.text("aws.lambda.invoked_arn", &*function.arn);
        let Some(backend) = self.answered.settings.functions.get(function.backend) else { return };
        let (address, port) = match &backend.backend {
            Backend::InvokeApi(url) | Backend::Emulator(url) | Backend::Http(url) => {
                (url.origin.host.to_string(), url.origin.port)
            }
            Backend::RuntimeApi(address) => (address.ip().to_string(), address.port()),
        };
        attributes.text("server.address", address);
        attributes.int("server.port", port);
    }

    fn client(&self, name: &str, called: Instant, took: Duration, status: Option<Status>, told: Attributes) -> Span {
        Span {
            name: name.to_owned(),
            kind: SpanKind::Client.into(),
            span_id: ids::span_id().to_vec(),
            parent_span_id: self.context.span.to_vec(),
            flags: SAMPLED | KNOWN,
            status,
            attributes: told.list(),
            ..self.span(called, took)
        }
    }

    /// What all have: their trace and their times.
    fn span(&self, begun: Instant, took: Duration) -> Span {
        let request = &self.answered.exchange.request;
        let start = nanoseconds(request.time) + nanos(begun.saturating_duration_since(request.received));
        Span {
            trace_id: self.context.trace.to_vec(),
            trace_state: self.context.state.clone(),
            start_time_unix_nano: start,
            end_time_unix_nano: start + nanos(took),
            ..Span::default()
        }
    }

    fn shown(&self, text: &str) -> String {
        self.masking.text(text).into_owned()
    }
}

/// How a call ended; its status if it failed. A function whose answer is malformed has answered: that is the gateway's failure.
fn tell_call(attributes: &mut Attributes, outcome: Outcome) -> Option<Status> {
    attributes.text("stagegate.outcome", outcome.as_str());
    match outcome {
        Outcome::Success | Outcome::Malformed => None,
        Outcome::FunctionError | Outcome::Rejected | Outcome::Timeout | Outcome::NetworkError => {
            attributes.text("error.type", outcome.as_str());
            Some(failed())
        }
    }
}

fn failed() -> Status {
    Status { code: StatusCode::Error.into(), message: String::new() }
}

/// A method that anybody may invent must not become a name of spans.
fn known_method(method: &str) -> &str {
    const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE"];
    if KNOWN.contains(&method) { method } else { OTHER }
}

fn nanoseconds(time: SystemTime) -> u64 {
    nanos(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
