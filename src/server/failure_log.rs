//! One line of the operation log for each exchange that failed, seen by the client or not, by itself or on purpose.

use std::time::Duration;

use super::process::Generation;
use super::record;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::http1::message::Response;
use crate::log::{self, Field, Level, Limited};

/// Lines a second, of each sort.
const PER_SECOND: usize = 20;

/// Who asks for what is not there must not crowd out the failures of backends.
static REFUSALS: Limited = Limited::new(PER_SECOND);
static FAILURES: Limited = Limited::new(PER_SECOND);
/// Nor must what fails on purpose.
static FAULTS: Limited = Limited::new(PER_SECOND);

/// Tells of an exchange that failed.
pub(crate) fn tell(generation: &Generation, exchange: &Exchange, response: &Response, latency: Duration) {
    let is_refusal = exchange.failure.as_ref().is_some_and(|failure| failure.row().status < 500);
    let limited = match exchange.fault {
        Some(_) => &FAULTS,
        None if is_refusal => &REFUSALS,
        None => &FAILURES,
    };
    if !log::enabled(Level::Warn) {
        return;
    }
    let Some(left_out) = limited.admit() else { return };
    let line = Line { generation, exchange, status: response.status, latency, left_out };
    line.warn(match (&exchange.fault, &exchange.failure) {
        (Some(_), _) => "a request failed on purpose",
        (None, Some(_)) => "a request failed",
        (None, None) => "a failure was hidden from the client",
    });
}

struct Line<'a> {
    generation: &'a Generation,
    exchange: &'a Exchange,
    status: u16,
    latency: Duration,
    left_out: usize,
}

impl Line<'_> {
    fn warn(&self, message: &str) {
        let Line { exchange, status, left_out, .. } = self;
        let gateway = &self.generation.gateway;
        let masking = Masking::new(gateway.api(exchange), exchange);
        let hidden = |text: &str| masking.text(text).into_owned();
        let cause = exchange.failure.as_ref().map(|failure| failure.cause().as_str());
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let route = gateway.matched(exchange).map(|(path, method)| format!("{method} {path}"));
        // Who was refused before never came to the function.
        let function = gateway.function(exchange).filter(|_| exchange.decisions.executed);
        let function = function.map(|function| &*function.name);
        let texts = [
            ("request_id", Some(exchange.ids.request_id.to_string())),
            ("function_request_id", exchange.backend_request_id().map(hidden)),
            ("method", Some(hidden(&exchange.request.method))),
            ("path", Some(hidden(&exchange.request.path))),
            ("route", route),
            ("fault", exchange.fault.as_ref().map(|fault| fault.cause.as_str().to_owned())),
            ("cause", cause.map(str::to_owned)),
            ("masked", exchange.decisions.masked.map(|kind| kind.as_str().to_owned())),
            ("rule", record::rule(gateway, exchange).map(|rule| record::pattern_of(rule).to_owned())),
            ("function", function.map(str::to_owned)),
            ("address", self.address(&masking)),
            ("why", gateway.why(exchange).as_deref().map(hidden)),
        ];
        let mut fields: Vec<(&str, &dyn Field)> = Vec::with_capacity(texts.len() + 4);
        fields.extend(texts.iter().filter_map(|(name, text)| Some((*name, text.as_ref()? as &dyn Field))));
        let latency = millis(self.latency);
        let integration_latency = exchange.integration_latency.map(millis);
        fields.extend([("status", status as &dyn Field), ("latency_ms", &latency)]);
        if let Some(latency) = &integration_latency {
            fields.push(("integration_latency_ms", latency));
        }
        if *left_out > 0 {
            fields.push(("left_out_before", left_out));
        }
        log::warn(message, &fields);
    }

    /// Where the call went; none if there was none.
    fn address(&self, masking: &Masking<'_>) -> Option<String> {
        let (gateway, exchange) = (&self.generation.gateway, self.exchange);
        exchange.outcome.filter(|_| exchange.fault.is_none())?;
        match gateway.function(exchange) {
            Some(function) => {
                self.generation.settings.functions.get(function.backend).map(|f| record::address(&f.backend))
            }
            None => gateway.uri(exchange).map(|uri| masking.uri(uri)),
        }
    }
}
