//! What policies are asked about a call of a route, and what is told of the decision.

use crate::api::HttpApi;
use crate::authorization::ApiArn;
use crate::authorization::policy::RequestFacts;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;

/// The ARN of the route as it is called.
pub(super) fn route_arn(api: &HttpApi, exchange: &Exchange) -> Result<String, Failure> {
    let path = exchange.matched.as_ref().map_or("", |matched| &matched.path);
    let arn = ApiArn::new(&api.region, &api.account_id, &api.id);
    arn.method(&api.stage, &exchange.request.method, path).map_err(|_| Failure::UriTooLong)
}

/// What a policy may ask about a request.
pub(super) fn facts(exchange: &Exchange) -> RequestFacts<'_> {
    let request = &exchange.request;
    RequestFacts {
        source_ip: Some(exchange.source_ip),
        user_agent: request.headers.last("user-agent"),
        referer: request.headers.last("referer"),
        ..RequestFacts::at(request.time)
    }
}

/// A line of the trace about who may call, when somebody looks.
pub(super) fn note(exchange: &mut Exchange, line: impl FnOnce() -> String) {
    if let Some(sample) = &mut exchange.sample {
        sample.authorization.extend(line().lines().map(str::to_owned));
    }
}
