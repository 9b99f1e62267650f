//! `Gateway`: a deployed API of either kind, ready to answer; nobody beyond knows which it is.

use std::borrow::Cow;

use super::faults::asked_in_vain;
use super::http::gateway::HttpGateway;
use super::http::{self, trace};
use super::reasons::Reasons;
use super::rest::gateway::RestGateway;
use super::rest::gateway_response::customized_type;
use super::rest::{self, execution_log};
use super::step::{Answer, Step};
use crate::api::{
    Api, ApiStage, Authorization, Endpoint, FunctionRef, GatewayResponseType, HttpApi, HttpAuthorization, HttpCall,
    Method, RestApi, ServiceRef,
};
use crate::config::settings::{FaultRule, Limits};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::exchange::sample::Sample;
use crate::failure::Failure;
use crate::http1::message::{Request, Response};
use crate::mapping::{http_variables, phases, variables};
use crate::metrics::Metrics;

/// A deployed API. It holds no connection and, but for throttles, quotas and authorizers' answers, no state.
pub struct Gateway(Kind);

enum Kind {
    Rest(Box<RestGateway>),
    Http(Box<HttpGateway>),
}

impl Gateway {
    /// Makes everything ready that no request changes: routes, parts of events, metric handles. The canary of a REST API comes
    /// with its share in percent.
    pub fn new(api: Api, canary: Option<(f64, RestApi)>, limits: Limits, metrics: &Metrics) -> Gateway {
        Gateway(match api {
            Api::Rest(api) => Kind::Rest(Box::new(RestGateway::new(api, canary, limits, metrics))),
            Api::Http(api) => Kind::Http(Box::new(HttpGateway::new(api, limits, metrics))),
        })
    }

    /// The same, where some requests fail on purpose. Without `draws` only those do that ask for it: what is played offline
    /// is to be the same each time.
    pub(crate) fn failing(self, rules: &[FaultRule], draws: bool, metrics: &Metrics) -> Gateway {
        Gateway(match self.0 {
            Kind::Rest(gateway) => Kind::Rest(Box::new(gateway.failing(rules, draws, metrics))),
            Kind::Http(gateway) => Kind::Http(Box::new(gateway.failing(rules, draws, metrics))),
        })
    }

    /// From the request to the first call, or to the answer. With a `sample` somebody sees what goes by.
    pub fn start(&self, request: Request, sample: Option<Box<Sample>>) -> (Box<Exchange>, Step) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.start(request, sample),
            Kind::Http(gateway) => gateway.start(request, sample),
        }
    }

    /// From the reply that the exchange waits for, or the failure to get one, to the next step.
    pub fn resume(&self, exchange: &mut Exchange, reply: Result<IntegrationReply, Failure>) -> Step {
        match &self.0 {
            Kind::Rest(gateway) => gateway.resume(exchange, reply),
            Kind::Http(gateway) => gateway.resume(exchange, reply),
        }
    }

    /// The next step of an exchange that was told to ask who the caller is, if others have asked it since; `None`: nobody has.
    pub fn recall(&self, exchange: &mut Exchange) -> Option<Step> {
        match &self.0 {
            Kind::Rest(gateway) => gateway.recall(exchange),
            Kind::Http(gateway) => gateway.recall(exchange),
        }
    }

    /// From the verdict on the request's body to the next step.
    pub fn checked(&self, exchange: &mut Exchange, verdict: Result<(), Failure>) -> Step {
        match &self.0 {
            Kind::Rest(gateway) => gateway.checked(exchange, verdict),
            // Nothing of an HTTP API is validated.
            Kind::Http(gateway) => gateway.resume(
                exchange,
                Err(verdict.err().unwrap_or(Failure::Internal("a check that nobody asked for".to_owned()))),
            ),
        }
    }

    /// The answer to a request that failed before it could start: its body is too large to read, say.
    pub fn refuse(&self, request: Request, sample: Option<Box<Sample>>, failure: Failure) -> (Box<Exchange>, Answer) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.refuse(request, sample, failure),
            Kind::Http(gateway) => gateway.refuse(request, sample, failure),
        }
    }

    /// What every kind of API has, of the one that answers an exchange.
    pub fn api(&self, exchange: &Exchange) -> &ApiStage {
        match &self.0 {
            Kind::Rest(gateway) => gateway.api(exchange),
            Kind::Http(gateway) => gateway.api(),
        }
    }

    /// The REST API of the stage, without the canary's changes.
    pub fn rest(&self) -> Option<&RestApi> {
        match &self.0 {
            Kind::Rest(gateway) => Some(gateway.stage()),
            Kind::Http(_) => None,
        }
    }

    /// The HTTP API.
    pub fn http(&self) -> Option<&HttpApi> {
        match &self.0 {
            Kind::Rest(_) => None,
            Kind::Http(gateway) => Some(gateway.api()),
        }
    }

    /// The path and the method of what an exchange matched, as metrics name them: `/orders/{id}` and `GET`.
    pub fn matched(&self, exchange: &Exchange) -> Option<(&str, &'static str)> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(gateway) => {
                let resource = gateway.api(exchange).resources.get(matched.resource)?;
                Some((&resource.path, resource.methods.get(matched.method)?.http_method.as_str()))
            }
            Kind::Http(gateway) => {
                let route = gateway.api().routes.get(matched.resource)?;
                Some((&route.path, route.method_name()))
            }
        }
    }

    /// The method of a REST API that an exchange matched.
    pub(crate) fn method(&self, exchange: &Exchange) -> Option<&Method> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(gateway) => gateway.api(exchange).resources.get(matched.resource)?.methods.get(matched.method),
            Kind::Http(_) => None,
        }
    }

    /// The function that an exchange calls.
    pub(crate) fn function(&self, exchange: &Exchange) -> Option<&FunctionRef> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(_) => match &self.method(exchange)?.integration.endpoint {
                Endpoint::Lambda(function) => Some(function),
                _ => None,
            },
            Kind::Http(gateway) => match &gateway.api().routes.get(matched.resource)?.integration.call {
                HttpCall::Function { function, .. } => Some(function),
                _ => None,
            },
        }
    }

    /// The Lambda authorizer that guards what an exchange matched: its name, and its function.
    pub(crate) fn authorizer(&self, exchange: &Exchange) -> Option<(&str, Option<&FunctionRef>)> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(gateway) => {
                let Authorization::Custom { name, .. } = &self.method(exchange)?.authorization else { return None };
                let authorizer = gateway.api(exchange).authorizers.get(name)?;
                Some((&authorizer.name, authorizer.function.as_ref().ok()))
            }
            Kind::Http(gateway) => {
                let route = gateway.api().routes.get(matched.resource)?;
                let HttpAuthorization::Authorizer { name, .. } = &route.authorization else { return None };
                let authorizer = gateway.api().authorizers.get(name)?;
                Some((&authorizer.name, authorizer.function.as_ref().ok()))
            }
        }
    }

    /// The uri that an exchange calls, as the definition has it.
    pub(crate) fn uri(&self, exchange: &Exchange) -> Option<&str> {
        let matched = exchange.matched.as_ref()?;
        match &self.0 {
            Kind::Rest(_) => match &self.method(exchange)?.integration.endpoint {
                Endpoint::Service(ServiceRef { uri, .. }) | Endpoint::Http(uri) => Some(&uri.text),
                _ => None,
            },
            Kind::Http(gateway) => match &gateway.api().routes.get(matched.resource)?.integration.call {
                HttpCall::Http { uri, .. } => Some(&uri.text),
                HttpCall::Service { base, .. } => Some(base),
                _ => None,
            },
        }
    }

    /// A `$context` variable as text, as access logs have it; `None` when it is unset or unknown.
    pub fn variable<'a>(&'a self, exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
        match &self.0 {
            Kind::Rest(gateway) => {
                let api = gateway.api(exchange);
                phases::lookup(api, exchange, name).unwrap_or_else(|| variables::lookup(api, exchange, name))
            }
            Kind::Http(gateway) => http_variables::lookup(gateway.api(), exchange, name),
        }
    }

    /// The customised gateway response that an exchange was answered with.
    pub(crate) fn gateway_response(&self, exchange: &Exchange) -> Option<GatewayResponseType> {
        match &self.0 {
            Kind::Rest(gateway) => customized_type(gateway.api(exchange), exchange.failure.as_ref()?),
            Kind::Http(_) => None,
        }
    }

    /// An exchange, line by line; for a REST API in the words of API Gateway's execution log. One that was not sampled has its
    /// `answer` from who sends it.
    pub fn execution_log(&self, exchange: &Exchange, answer: Option<&Response>) -> Vec<String> {
        match &self.0 {
            Kind::Rest(gateway) => execution_log::lines(gateway.api(exchange), exchange, answer),
            Kind::Http(gateway) => trace::lines(gateway.api(), exchange, answer),
        }
    }

    /// One sentence about an answer: why the gateway itself gave it, what it hides, or whose it is.
    pub fn why(&self, exchange: &Exchange) -> Option<String> {
        let why = match &self.0 {
            Kind::Rest(gateway) => execution_log::why(gateway.api(exchange), exchange),
            Kind::Http(_) => trace::why(exchange),
        };
        match &exchange.fault {
            Some(_) => Some(format!("Fault on purpose: {}", why.unwrap_or_default())),
            None => why,
        }
    }

    /// Why an exchange went as it did, of one that was sampled.
    pub(crate) fn reasons(&self, exchange: &Exchange, masking: &Masking<'_>) -> Reasons {
        let (mut reasons, faults) = match &self.0 {
            Kind::Rest(gateway) => (rest::reasons::reasons(gateway.api(exchange), exchange, masking), gateway.faults()),
            Kind::Http(gateway) => (http::reasons::reasons(gateway.api(), exchange, masking), gateway.faults()),
        };
        reasons.request.extend(asked_in_vain(faults, exchange));
        reasons
    }

    /// Lets go of the metrics of what this gateway does not have. `functions` are those that are configured.
    pub fn keep_metrics<'a>(&'a self, metrics: &Metrics, functions: impl Iterator<Item = &'a str>) {
        match &self.0 {
            Kind::Rest(gateway) => gateway.keep_metrics(metrics, functions),
            Kind::Http(gateway) => gateway.keep_metrics(metrics, functions),
        }
    }

    /// Goes on counting quotas where the gateway that this one replaces stopped, and with the keys that it fetched.
    pub fn carry_over(&self, previous: &Gateway) {
        match (&self.0, &previous.0) {
            (Kind::Rest(gateway), Kind::Rest(previous)) => gateway.carry_over(previous),
            (Kind::Http(gateway), Kind::Http(previous)) => gateway.carry_over(previous),
            (Kind::Rest(_), Kind::Http(_)) | (Kind::Http(_), Kind::Rest(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::{Instant, SystemTime};

    use super::*;
    use crate::config::{Sources, load, parse};
    use crate::exchange::call::Target;
    use crate::http1::message::Headers;

    const GUARD: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/guard/invocations";
    /// Of `https://a.example`; nobody signed it.
    const TOKEN: &str = "Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6ImsifQ.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSJ9.c2ln";
    const ALLOW: &str =
        r#"{"policyDocument":{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}"#;
    const DISCOVERY: &str = r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#;

    fn rest() -> Gateway {
        gateway(&format!(
            "api:\n  authorizers:\n    guard: {{ type: REQUEST, authorizerUri: '{GUARD}', identitySource: method.request.header.Authorization }}\n    \
             pool: {{ type: JWT, identitySource: method.request.header.Authorization, jwtConfiguration: {{ issuers: [{{ issuer: 'https://a.example', audiences: [shop] }}], defaultAlgorithms: [RS256] }} }}\n  \
             routes:\n    - {{ path: /guarded, method: GET, authorizationType: CUSTOM, authorizerId: guard, integration: &f {{ type: AWS_PROXY, function: f }} }}\n    \
             - {{ path: /token, method: GET, authorizationType: JWT, authorizerId: pool, integration: *f }}\n"
        ))
    }

    fn http() -> Gateway {
        gateway(&format!(
            "api:\n  type: http\n  authorizers:\n    guard: {{ type: request, authorizerUri: '{GUARD}', identitySource: $request.header.Authorization, authorizerPayloadFormatVersion: '2.0', authorizerResultTtlInSeconds: 60 }}\n    \
             pool: {{ type: jwt, identitySource: $request.header.Authorization, jwtConfiguration: {{ issuer: 'https://a.example', audience: [shop] }} }}\n  \
             routes:\n    - {{ route: GET /guarded, authorizationType: CUSTOM, authorizerId: guard, integration: &f {{ type: AWS_PROXY, function: f }} }}\n    \
             - {{ route: GET /token, authorizationType: JWT, authorizerId: pool, integration: *f }}\n"
        ))
    }

    fn gateway(api: &str) -> Gateway {
        let text = format!(
            "functions: {{ '*': {{ invoke_api: 'http://127.0.0.1:1' }} }}\nauthorizers: {{ pool: {{ issuer: 'https://a.example' }} }}\n{api}"
        );
        let tree = parse("stagegate.yaml".as_ref(), &text).expect("YAML");
        let loaded = load(&Sources { embedded: Some(tree), ..Sources::default() }).expect("a configuration that loads");
        let metrics = Metrics::new("test", "").expect("fresh metrics");
        Gateway::new(loaded.api, loaded.canary, loaded.settings.limits, &metrics)
    }

    fn get(path: &str) -> Request {
        let mut headers = Headers::default();
        headers.push("Authorization", TOKEN);
        Request {
            method: "GET".to_owned(),
            path: path.to_owned(),
            query: None,
            headers,
            body: bytes::Bytes::new(),
            source_ip: IpAddr::from([127, 0, 0, 1]),
            http2: false,
            time: SystemTime::now(),
            received: Instant::now(),
        }
    }

    fn reply(status: u16, body: &'static str) -> Result<IntegrationReply, Failure> {
        Ok(IntegrationReply { status, body: bytes::Bytes::from(body).into(), ..IntegrationReply::default() })
    }

    /// Whom a step calls, or the status of its answer.
    fn told(step: Option<Step>) -> String {
        match step {
            None => "nothing".to_owned(),
            Some(Step::Call(call)) => match call.target {
                Target::Function { name, .. } => name.to_string(),
                Target::Http { uri, .. } => uri,
            },
            Some(Step::Answer(answer)) => answer.response.status.to_string(),
            Some(Step::Check(_)) => "a check".to_owned(),
        }
    }

    #[test]
    fn an_answer_that_came_meanwhile_is_not_asked_for_again() {
        for gateway in [rest(), http()] {
            let (mut first, step) = gateway.start(get("/guarded"), None);
            assert_eq!(told(Some(step)), "guard");
            let (mut second, step) = gateway.start(get("/guarded"), None);
            assert_eq!(
                (told(Some(step)), told(gateway.recall(&mut second))),
                ("guard".to_owned(), "nothing".to_owned())
            );
            assert_eq!(told(Some(gateway.resume(&mut first, reply(200, ALLOW)))), "f");
            assert_eq!(told(gateway.recall(&mut second)), "f");
            assert!(second.decisions.authorizer.as_ref().is_some_and(|check| check.cached));
            // Now it waits for the integration, whose replies nobody keeps.
            assert_eq!(told(gateway.recall(&mut second)), "nothing");
        }
    }

    #[test]
    fn a_failure_is_asked_about_again() {
        for gateway in [rest(), http()] {
            let (mut first, _) = gateway.start(get("/guarded"), None);
            let (mut second, _) = gateway.start(get("/guarded"), None);
            assert_eq!(told(Some(gateway.resume(&mut first, reply(200, "no JSON")))), "500");
            assert_eq!(told(gateway.recall(&mut second)), "nothing");
        }
    }

    #[test]
    fn keys_that_came_meanwhile_are_not_fetched_again() {
        for gateway in [rest(), http()] {
            let (mut first, step) = gateway.start(get("/token"), None);
            assert_eq!(told(Some(step)), "https://a.example/.well-known/openid-configuration");
            let (mut second, _) = gateway.start(get("/token"), None);
            let (mut third, _) = gateway.start(get("/token"), None);
            assert_eq!(told(gateway.recall(&mut second)), "nothing");
            assert_eq!(told(Some(gateway.resume(&mut first, reply(200, DISCOVERY)))), "https://a.example/keys");
            assert_eq!(told(gateway.recall(&mut second)), "https://a.example/keys");
            assert_eq!(told(Some(gateway.resume(&mut first, reply(503, "")))), "500");
            // It failed, and is not tried again at once.
            assert_eq!(
                (told(gateway.recall(&mut second)), told(gateway.recall(&mut third))),
                ("500".to_owned(), "500".to_owned())
            );
        }
    }
}
