//! What a definition calls: the functions and services that a configuration has to place.

use indexmap::IndexMap;

use super::definition::written::WrittenApi;
use crate::api::{Api, Authorization, Endpoint, HttpApi, HttpCall, RestApi};

/// What has to be placed.
#[derive(Debug, Default)]
pub(crate) struct Outline {
    /// The functions by name.
    pub functions: IndexMap<String, Callee>,
    /// The AWS services that are called directly, with the methods that call them.
    pub services: IndexMap<String, Vec<String>>,
    /// The user pools and JWT authorizers whose keys are needed.
    pub authorizers: IndexMap<String, TokenCheck>,
    /// Parameters of a template without a value.
    pub parameters: Vec<String>,
}

/// A function.
#[derive(Debug, Default)]
pub(crate) struct Callee {
    /// Its other names in the template.
    pub others: Vec<String>,
    /// The methods that call it, such as `GET /orders`, and authorizers that are it.
    pub callers: Vec<String>,
}

/// A user pool or JWT authorizer.
#[derive(Debug, Default)]
pub(crate) struct TokenCheck {
    /// Whose tokens it takes, as far as that is known.
    pub issuers: Vec<String>,
    /// The methods that ask for it.
    pub callers: Vec<String>,
}

/// Finds them.
pub(crate) fn outline(written: &WrittenApi, api: &Api) -> Outline {
    let mut outline = Outline { parameters: written.parameters.clone(), ..Outline::default() };
    match api {
        Api::Rest(api) => outline.methods(api, written),
        Api::Http(api) => outline.routes(api, written),
    }
    let of_http = written.http.iter().flat_map(|http| &http.authorizers);
    for (name, authorizer) in written.authorizers.iter().chain(of_http) {
        let function = authorizer.uri.as_ref().and_then(|uri| function_name(&uri.value));
        if let Some(function) = function {
            outline.call(function, format!("authorizer {name}"), written);
        }
    }
    outline
}

impl Outline {
    fn methods(&mut self, api: &RestApi, written: &WrittenApi) {
        for resource in &api.resources {
            for method in &resource.methods {
                let caller = format!("{} {}", method.http_method.as_str(), resource.path);
                if let Authorization::CognitoUserPools(name) | Authorization::Jwt(name) = &method.authorization
                    && let Some(authorizer) = api.jwt_authorizers.get(name)
                {
                    let check = self.authorizers.entry(name.clone()).or_default();
                    let tokens = authorizer.tokens.as_ref();
                    check.issuers =
                        tokens.map(|t| t.issuers().into_iter().map(str::to_owned).collect()).unwrap_or_default();
                    check.callers.push(caller.clone());
                }
                match &method.integration.endpoint {
                    Endpoint::Lambda(function) => self.call(&function.name, caller, written),
                    Endpoint::Service(service) => {
                        self.services.entry(service.service.to_string()).or_default().push(caller);
                    }
                    Endpoint::Http(_) | Endpoint::None => {}
                }
            }
        }
    }

    fn routes(&mut self, api: &HttpApi, written: &WrittenApi) {
        for route in &api.routes {
            match &route.integration.call {
                HttpCall::Function { function, .. } => self.call(&function.name, route.key.clone(), written),
                HttpCall::Service { action, .. } => {
                    let service = action.subtype.service().to_owned();
                    self.services.entry(service).or_default().push(route.key.clone());
                }
                HttpCall::Http { .. } | HttpCall::Nothing => {}
            }
        }
    }

    fn call(&mut self, function: &str, caller: String, written: &WrittenApi) {
        let callee = self.functions.entry(function.to_owned()).or_default();
        callee.others = written.functions.get(function).cloned().unwrap_or_default();
        callee.callers.push(caller);
    }
}

/// The name in `…:function:NAME:alias/invocations`, or in `…/functions/NAME/invocations`.
fn function_name(uri: &str) -> Option<&str> {
    let rest = uri.rsplit_once(":function:").or_else(|| uri.rsplit_once("/functions/")).map(|(_, rest)| rest)?;
    let name = rest.split([':', '/']).next()?;
    Some(name.trim_start_matches("${").split(['.', '}']).next().unwrap_or(name)).filter(|name| !name.is_empty())
}
