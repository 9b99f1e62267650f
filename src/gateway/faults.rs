//! `Faults`: which requests fail on purpose, looked up once for each method or route. Where nothing shall fail there is none.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::api::{HttpApi, HttpMethod, HttpRoute, Method, Resource, RestApi};
use crate::config::settings::{FAULT_HEADER as HEADER, FaultRule, Requests, possible, possible_of_route};
use crate::exchange::call::{IntegrationCall, InvocationType, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::fault::Fault;
use crate::exchange::ids;
use crate::failure::Failure;
use crate::metrics::{FaultCause, Metrics};

/// Characters of what a client asked for that are told.
const LONGEST_SHOWN: usize = 64;

/// What is armed, for each method of each resource, or for each route.
pub(crate) struct Faults {
    armed: Vec<Vec<Vec<Armed>>>,
    /// Whether requests fail unasked, too.
    draws: bool,
}

/// An entry where it counts.
struct Armed {
    rule: Arc<FaultRule>,
    requests: Requests,
    /// What can go wrong by it there.
    causes: Vec<FaultCause>,
}

impl Faults {
    /// What these entries mean to a REST API; `None` when there are none.
    pub(crate) fn of_methods(
        rules: &[FaultRule],
        draws: bool,
        api: &RestApi,
        metrics: &Metrics,
    ) -> Option<Box<Faults>> {
        let rules = shared(rules)?;
        let of_resource = |resource: &Resource| {
            let has = |method: HttpMethod| resource.methods.iter().any(|m| m.http_method == method);
            let of_method = |method: &Method| {
                let possible = possible(&method.integration);
                let armed = armed(&rules, Some(method.http_method), &resource.path, has, possible);
                show(&armed, metrics, &resource.path, method.http_method.as_str());
                armed
            };
            resource.methods.iter().map(of_method).collect()
        };
        Some(Box::new(Faults { armed: api.resources.iter().map(of_resource).collect(), draws }))
    }

    /// The same to an HTTP API.
    pub(crate) fn of_routes(rules: &[FaultRule], draws: bool, api: &HttpApi, metrics: &Metrics) -> Option<Box<Faults>> {
        let rules = shared(rules)?;
        let of_route = |route: &HttpRoute| {
            let has = |method| api.routes.iter().any(|r| r.path == route.path && r.method == Some(method));
            let armed = armed(&rules, route.method, &route.path, has, possible_of_route(route));
            show(&armed, metrics, &route.path, route.method_name());
            vec![armed]
        };
        Some(Box::new(Faults { armed: api.routes.iter().map(of_route).collect(), draws }))
    }

    /// Refuses a request that shall be over its rate.
    pub(crate) fn throttle(&self, exchange: &mut Exchange) -> Result<(), Failure> {
        match self.pick(exchange, |cause| cause == FaultCause::Throttled) {
            Some(fault) => {
                exchange.fault = Some(fault);
                Err(Failure::Throttled)
            }
            None => Ok(()),
        }
    }

    /// Decides whether a call shall fail, and how. Who calls asynchronously is answered before the function runs.
    pub(crate) fn intercept(&self, exchange: &mut Exchange, call: &IntegrationCall) {
        let waits =
            !matches!(call.target, Target::Function { invocation: InvocationType::Event | InvocationType::DryRun, .. });
        let can_be = |cause| match cause {
            FaultCause::Throttled => false,
            FaultCause::FunctionError | FaultCause::MalformedResponse => waits,
            FaultCause::Timeout | FaultCause::InvocationRejected | FaultCause::NetworkError => true,
        };
        exchange.fault = self.pick(exchange, can_be);
    }

    /// The first fault that the request asks for, else the first that it draws.
    fn pick(&self, exchange: &Exchange, can_be: impl Fn(FaultCause) -> bool) -> Option<Box<Fault>> {
        let matched = exchange.matched.as_ref()?;
        let armed = self.armed.get(matched.resource)?.get(matched.method)?;
        let is_about = |armed: &&Armed| armed.is_about(exchange);
        let fault = |(armed, cause): (&Armed, FaultCause)| {
            let FaultRule { after, message, .. } = &*armed.rule;
            Box::new(Fault { cause, after: *after, message: message.clone() })
        };
        let can = |armed: &Armed, cause: &FaultCause| armed.causes.contains(cause) && can_be(*cause);
        let mut asked = armed.iter().filter(is_about).filter_map(|a| Some((a, asked(&a.rule, exchange)?)));
        if let Some(found) = asked.find(|(armed, cause)| can(armed, cause)) {
            return Some(fault(found));
        }
        let mut drawn = armed.iter().filter(|_| self.draws).filter(is_about).filter_map(|a| Some((a, a.rule.cause?)));
        drawn.find(|(armed, cause)| can(armed, cause) && ids::fraction() * 100.0 < armed.rule.percent).map(fault)
    }
}

impl Armed {
    fn is_about(&self, exchange: &Exchange) -> bool {
        match self.requests {
            Requests::All => true,
            Requests::Only(method) => exchange.request.method == method.as_str(),
        }
    }

    /// The header that it listens to, if the request has it.
    fn sent<'e>(&self, exchange: &'e Exchange) -> Option<(&str, &'e str)> {
        let name = self.rule.header.as_deref()?;
        Some((name, exchange.request.headers.last(name)?.trim()))
    }
}

/// Why a request that asks for a fault has none: nothing listens to it there, or not to what it says.
pub(crate) fn asked_in_vain(faults: Option<&Faults>, exchange: &Exchange) -> Option<String> {
    let matched = exchange.matched.as_ref().filter(|_| exchange.fault.is_none())?;
    let armed = faults.and_then(|faults| faults.armed.get(matched.resource)?.get(matched.method));
    let of_request = || armed.into_iter().flatten().filter(|armed| armed.is_about(exchange));
    if of_request().any(|armed| asked(&armed.rule, exchange).is_some_and(|cause| armed.causes.contains(&cause))) {
        return None;
    }
    let Some((name, value)) = of_request().find_map(|armed| armed.sent(exchange)) else {
        exchange.request.headers.last(HEADER)?;
        return Some(format!(
            "The header `{HEADER}` asks for nothing: no entry of `faults` listens to it on this route"
        ));
    };
    let listening =
        of_request().filter(|armed| armed.sent(exchange).is_some_and(|(other, _)| other.eq_ignore_ascii_case(name)));
    let known: BTreeSet<&str> = listening.flat_map(|armed| &armed.causes).map(|cause| cause.as_str()).collect();
    let known: Vec<String> = known.into_iter().map(|cause| format!("`{cause}`")).collect();
    let value: String = value.chars().take(LONGEST_SHOWN).collect();
    Some(format!("`{name}: {value}` asks for no fault of this route: expected {}", known.join(", ")))
}

fn shared(rules: &[FaultRule]) -> Option<Vec<Arc<FaultRule>>> {
    (!rules.is_empty()).then(|| rules.iter().cloned().map(Arc::new).collect())
}

fn armed(
    rules: &[Arc<FaultRule>],
    method: Option<HttpMethod>,
    path: &str,
    has: impl Fn(HttpMethod) -> bool,
    possible: &[FaultCause],
) -> Vec<Armed> {
    let arm = |rule: &Arc<FaultRule>| {
        let requests = rule.matches.requests(method, path, &has)?;
        let causes = rule.of(possible);
        (!causes.is_empty()).then(|| Armed { rule: rule.clone(), requests, causes })
    };
    rules.iter().filter_map(arm).collect()
}

/// Shows what is armed as 0 from the start.
fn show(armed: &[Armed], metrics: &Metrics, path: &str, method: &str) {
    for cause in armed.iter().filter_map(|armed| armed.rule.cause) {
        metrics.method(path, method).fault(cause);
    }
}

/// What a request asks for: a cause, or whatever the entry has.
fn asked(rule: &FaultRule, exchange: &Exchange) -> Option<FaultCause> {
    let value = exchange.request.headers.last(rule.header.as_deref()?)?.trim();
    let is_yes = ["1", "true", "yes", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
    FaultCause::named(value).or(rule.cause.filter(|_| is_yes))
}
