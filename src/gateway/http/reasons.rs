//! Why an exchange of an HTTP API went as it did, for who looks: what API Gateway decides and never says.

use super::integration_request::source;
use super::values::Values;
use crate::api::http::{Action, Mapping, Target};
use crate::api::{HttpApi, HttpRoute};
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::failure::Failure;
use crate::gateway::nearest_route::nearest_route;
use crate::gateway::reasons::Reasons;

/// All of an exchange so far.
pub(crate) fn reasons(api: &HttpApi, exchange: &Exchange, masking: &Masking<'_>) -> Reasons {
    let Some(sample) = &exchange.sample else { return Reasons::default() };
    let route = exchange.matched.as_ref().and_then(|matched| api.routes.get(matched.resource));
    let called = route.filter(|_| sample.call.is_some());
    let answer = match &exchange.failure {
        Some(Failure::NoRoute { .. }) => Some(nearest(api, exchange)),
        Some(Failure::UnknownStage) => Some(format!("The path does not begin with the base path `{}`", api.base_path)),
        _ => None,
    };
    Reasons {
        request: called.map(|route| mapped(api, route, exchange, masking)).unwrap_or_default(),
        answer: answer.into_iter().collect(),
        ..Reasons::default()
    }
}

fn nearest(api: &HttpApi, exchange: &Exchange) -> String {
    let routes = api.routes.iter().map(|route| (route.method_name(), route.path.as_str()));
    let path = exchange.request.path.as_str();
    nearest_route(routes, &exchange.request.method, path.strip_prefix(api.base_path.as_str()).unwrap_or(path))
}

/// From where each mapped value of the request came, or that there is none.
fn mapped(api: &HttpApi, route: &HttpRoute, exchange: &Exchange, masking: &Masking<'_>) -> Vec<String> {
    let values = Values::new(source(api, route, exchange));
    let told = |mapping: &Mapping| {
        let (place, name) = match &mapping.target {
            Target::Header(name) => (format!("header.{name}"), name.as_str()),
            Target::QueryString(name) => (format!("querystring.{name}"), name.as_str()),
            Target::Path => ("path".to_owned(), ""),
            Target::StatusCode => ("statuscode".to_owned(), ""),
        };
        let Some(value) = mapping.value.as_ref().filter(|_| mapping.action != Action::Remove) else {
            return format!("Request parameter {place} is removed");
        };
        let origin = if value.literal().is_some() { "a text of the definition" } else { &*value.written };
        match values.text(value) {
            Some(text) => format!("Request parameter {place} is {:?}, from {origin}", masking.value(name, &text)),
            None => format!("Request parameter {place} is left as it was: {origin} has no value in this request"),
        }
    };
    route.integration.request_parameters.iter().map(told).collect()
}
