//! `faults` against the API: an entry must be about something that is there, and that can happen there.

use crate::api::{Api, DEFAULT_ROUTE, HttpMethod, HttpRoute, Method, Resource};
use crate::config::document::{Spot, hint};
use crate::config::settings::{FaultRule, possible, possible_of_route};
use crate::metrics::FaultCause;

/// A route, and what can go wrong with it.
struct Target {
    method: Option<HttpMethod>,
    path: String,
    possible: &'static [FaultCause],
}

impl Target {
    fn name(&self) -> String {
        match self.method {
            Some(method) => format!("{} {}", method.as_str(), self.path),
            None => DEFAULT_ROUTE.to_owned(),
        }
    }
}

/// Reports what no request can meet. The entries are those of the section, in its order.
pub(crate) fn faults(rules: &[FaultRule], section: &Spot<'_>, api: &Api) {
    let targets = targets(api);
    for (rule, spot) in rules.iter().zip(section.items()) {
        let has = |path: &str, method| targets.iter().any(|t| t.path == path && t.method == Some(method));
        let is_meant = |t: &&Target| rule.matches.requests(t.method, &t.path, |m| has(&t.path, m)).is_some();
        let meant: Vec<&Target> = targets.iter().filter(is_meant).collect();
        let place = spot.get("match").unwrap_or_else(|| spot.clone());
        if meant.is_empty() {
            let wanted = rule.matches.to_string();
            let known: Vec<String> = targets.iter().map(Target::name).collect();
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            place.error("unknown-method", format!("the API has no method `{wanted}`{}", hint(&wanted, &known)));
        } else if let Some(cause) = rule.cause
            && meant.iter().all(|target| rule.of(target.possible).is_empty())
        {
            let place = spot.get("cause").unwrap_or(place);
            place.error("fault", cannot(cause, &rule.matches.to_string(), meant[0].possible));
        } else {
            spot.note("faults-armed", rule.to_string());
        }
    }
}

fn targets(api: &Api) -> Vec<Target> {
    match api {
        Api::Rest(api) => {
            let methods = api.resources.iter().flat_map(|r| r.methods.iter().map(move |m| (r, m)));
            let target = |(resource, method): (&Resource, &Method)| Target {
                method: Some(method.http_method),
                path: resource.path.clone(),
                possible: possible(&method.integration),
            };
            methods.map(target).collect()
        }
        Api::Http(api) => {
            let target = |route: &HttpRoute| Target {
                method: route.method,
                path: route.path.clone(),
                possible: possible_of_route(route),
            };
            api.routes.iter().map(target).collect()
        }
    }
}

/// Why a cause cannot be.
fn cannot(cause: FaultCause, wanted: &str, possible: &[FaultCause]) -> String {
    let words: Vec<String> = possible.iter().map(|cause| format!("`{}`", cause.as_str())).collect();
    format!("`{}` cannot happen to `{wanted}`: what can is {}", cause.as_str(), words.join(", "))
}
