//! `faults`: which requests fail on purpose, and how. What an entry matches is looked up once the API is known.

use std::fmt::{self, Display};
use std::sync::Arc;
use std::time::Duration;

use crate::api::{Endpoint, HttpCall, HttpMethod, HttpRoute, Integration, IntegrationType};
use crate::config::document::{Severity, Spot};
use crate::metrics::FaultCause;

/// The header by which a request asks for a fault, unless the entry names another.
pub(crate) const FAULT_HEADER: &str = "X-Stagegate-Fault";

/// An entry of `faults`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaultRule {
    /// Which routes.
    pub(crate) matches: RouteMatch,
    /// What goes wrong; `None`: what the header says.
    pub(crate) cause: Option<FaultCause>,
    /// The share of requests that fail unasked, from 0 to 100.
    pub(crate) percent: f64,
    /// The header by which a request asks for it; `None`: it cannot.
    pub(crate) header: Option<String>,
    /// How long it takes until a call fails.
    pub(crate) after: Duration,
    /// The `errorMessage` of a function that fails.
    pub(crate) message: Option<Arc<str>>,
}

/// A method and a path of the API; what is absent stands for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteMatch {
    pub method: Option<HttpMethod>,
    /// As the definition has it: `/orders/{id}`, `$default`.
    pub path: Option<String>,
}

/// Which requests of a route an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Requests {
    All,
    /// Those of that method: the route takes any.
    Only(HttpMethod),
}

/// Reads the section; a wrong entry is reported, and none.
pub(super) fn read(spot: &Spot<'_>) -> Vec<FaultRule> {
    spot.items().iter().filter_map(rule).collect()
}

fn rule(spot: &Spot<'_>) -> Option<FaultRule> {
    let mut fields = spot.fields();
    let matches = fields.need("match").map(|s| (s.text(), s));
    let causes = FaultCause::ALL.map(|cause| (cause.as_str(), cause));
    let cause = fields.get("cause").map(|s| s.choice(&causes));
    let percent = fields.get("percent").map(|s| (s.number(0.0, 100.0), s));
    let header = fields.get("header");
    let after = fields.get("after").map(|s| (s.duration(), s));
    let message = fields.get("message").map(|s| (s.text(), s));
    fields.done(Severity::Error);
    let (text, place) = matches?;
    let matches = RouteMatch::parse(&text?);
    if matches.is_none() {
        place.error("fault", "expected a method and a path of the API, such as `POST /orders`, or `* *`".to_owned());
    }
    if let (None, Some((_, spot))) = (&cause, &percent) {
        spot.error("fault", "`percent` needs a `cause`".to_owned());
    }
    let cause = match cause {
        Some(cause) => Some(cause?),
        None => None,
    };
    if let (Some((_, spot)), Some(FaultCause::Throttled)) = (&after, cause) {
        spot.error("fault", "`after` is for calls: a request over its rate is refused at once".to_owned());
    }
    if let (Some((_, spot)), Some(cause)) = (&message, cause)
        && cause != FaultCause::FunctionError
    {
        spot.error("fault", "`message` is for the cause `function_error`: its `errorMessage`".to_owned());
    }
    let is_default = header.is_none();
    let header = match header {
        Some(spot) => header_name(&spot)?,
        None => Some(FAULT_HEADER.to_owned()),
    };
    // Who only says what goes wrong means every request; who names a header means those that ask.
    let unasked = if cause.is_some() && (is_default || header.is_none()) { 100.0 } else { 0.0 };
    let rule = FaultRule {
        matches: matches?,
        cause,
        percent: percent.map_or(Some(unasked), |(percent, _)| percent)?,
        header,
        after: after.map_or(Some(Duration::ZERO), |(after, _)| after)?,
        message: message.and_then(|(text, _)| text).map(Arc::from),
    };
    if rule.percent == 0.0 && rule.header.is_none() {
        spot.error("fault", "with `percent: 0` and `header: false` nothing ever fails".to_owned());
    }
    Some(rule)
}

/// The header's name; `true` is the one that is known, `false` none.
fn header_name(spot: &Spot<'_>) -> Option<Option<String>> {
    let text = spot.text()?;
    let is_name = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match text.as_str() {
        "false" => Some(None),
        "true" => Some(Some(FAULT_HEADER.to_owned())),
        name if is_name && !name.is_empty() => Some(Some(name.to_owned())),
        _ => {
            spot.error("fault", format!("`{text}` is no header's name"));
            None
        }
    }
}

impl RouteMatch {
    /// `POST /orders`, `ANY /{proxy+}`, `* /orders`, `* *`, `$default`.
    fn parse(text: &str) -> Option<RouteMatch> {
        let path_of = |path: &str| match path {
            "*" => Some(None),
            path => path.starts_with(['/', '$']).then(|| Some(path.to_owned())),
        };
        let Some((method, path)) = text.trim().split_once(' ') else {
            return Some(RouteMatch { method: None, path: path_of(text.trim())? });
        };
        let method = match method {
            "*" => None,
            method => Some(HttpMethod::parse(&method.to_ascii_uppercase())?),
        };
        Some(RouteMatch { method, path: path_of(path.trim())? })
    }

    /// Which requests of a route it is about: `method` and `path` as the route is defined, `has` for what else its path has.
    pub(crate) fn requests(
        &self,
        method: Option<HttpMethod>,
        path: &str,
        has: impl Fn(HttpMethod) -> bool,
    ) -> Option<Requests> {
        if self.path.as_deref().is_some_and(|own| own != path) {
            return None;
        }
        match (self.method, method) {
            (None, _) => Some(Requests::All),
            (Some(own), Some(method)) if own == method => Some(Requests::All),
            // Where no method takes any, any of them is meant.
            (Some(HttpMethod::Any), _) => (!has(HttpMethod::Any)).then_some(Requests::All),
            (Some(own), Some(HttpMethod::Any)) => (!has(own)).then_some(Requests::Only(own)),
            (Some(_), _) => None,
        }
    }
}

impl FaultRule {
    /// What can go wrong by it, of what a route can have.
    pub(crate) fn of(&self, possible: &[FaultCause]) -> Vec<FaultCause> {
        possible.iter().copied().filter(|cause| self.cause.is_none_or(|own| own == *cause)).collect()
    }
}

/// What can go wrong with a method of a REST API.
pub(crate) fn possible(integration: &Integration) -> &'static [FaultCause] {
    use FaultCause::{FunctionError, InvocationRejected, NetworkError, Throttled, Timeout};
    match (integration.kind, &integration.endpoint) {
        (IntegrationType::Mock, _) => &[Throttled],
        (IntegrationType::AwsProxy, _) => &FaultCause::ALL,
        // Whatever the function of a custom integration returns is well formed.
        (IntegrationType::Aws, Endpoint::Lambda(_)) => {
            &[Timeout, InvocationRejected, FunctionError, NetworkError, Throttled]
        }
        (IntegrationType::Aws | IntegrationType::Http | IntegrationType::HttpProxy, _) => {
            const { &[Timeout, NetworkError, Throttled] }
        }
    }
}

/// What can go wrong with a route of an HTTP API.
pub(crate) fn possible_of_route(route: &HttpRoute) -> &'static [FaultCause] {
    match &route.integration.call {
        HttpCall::Function { .. } => &FaultCause::ALL,
        HttpCall::Http { .. } | HttpCall::Service { .. } => {
            &[FaultCause::Timeout, FaultCause::NetworkError, FaultCause::Throttled]
        }
        HttpCall::Nothing => &[FaultCause::Throttled],
    }
}

impl Display for RouteMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.map_or("*", HttpMethod::as_str);
        match self.path.as_deref() {
            Some(path) if path.starts_with('$') => f.write_str(path),
            path => write!(f, "{method} {}", path.unwrap_or("*")),
        }
    }
}

impl Display for FaultRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = (self.percent > 0.0).then(|| format!("{} % of all", self.percent));
        let asked = self.header.as_ref().filter(|_| self.percent < 100.0);
        let asked = asked.map(|name| format!("those with `{name}`"));
        let who = [share, asked].into_iter().flatten().collect::<Vec<_>>().join(", and ");
        let how = self.cause.map_or_else(|| "as they ask".to_owned(), |cause| format!("with `{}`", cause.as_str()));
        write!(f, "requests to `{}` fail on purpose {how}: {who}", self.matches)
    }
}
