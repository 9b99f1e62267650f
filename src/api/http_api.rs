//! `HttpApi`: routes and what they call.

use std::ops::Deref;
use std::time::Duration;

use indexmap::IndexMap;

use super::http::{Cors, HttpLambdaAuthorizer, Mapping, PayloadFormat, ServiceIntegration};
use super::http_method::HttpMethod;
use super::integration::{FunctionRef, HttpUri};
use super::stage::ApiStage;
use super::usage_plan::Throttle;

/// A deployed HTTP API: one stage of it, with the stage's variables already put in wherever the definition names them.
#[derive(Debug, Clone, Default)]
pub struct HttpApi {
    /// What every kind of API has.
    pub common: ApiStage,
    /// Its routes, at most one for each key.
    pub routes: Vec<HttpRoute>,
    /// Lambda authorizers by the name that routes ask for.
    pub(crate) authorizers: IndexMap<String, HttpLambdaAuthorizer>,
    /// What pages of other origins may do; `None`: the backends' own headers pass.
    pub(crate) cors: Option<Cors>,
}

impl Deref for HttpApi {
    type Target = ApiStage;

    fn deref(&self) -> &ApiStage {
        &self.common
    }
}

impl HttpApi {
    /// Whether a route's protection is not asked.
    pub(crate) fn skips(&self, authorization: &HttpAuthorization) -> bool {
        match authorization {
            HttpAuthorization::None => false,
            HttpAuthorization::AwsIam => self.skipped.iam,
            HttpAuthorization::Authorizer { name, .. } if self.jwt_authorizers.contains_key(name) => self.skipped.jwt,
            HttpAuthorization::Authorizer { .. } => self.skipped.lambda,
        }
    }
}

/// The key of the route that takes what no other takes, and its path and method in metrics.
pub(crate) const DEFAULT_ROUTE: &str = "$default";

/// One route.
#[derive(Debug, Clone)]
pub struct HttpRoute {
    /// `routeKey`: `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub key: String,
    /// The template in the key: `/orders/{id}`, or `$default`.
    pub path: String,
    /// The method in the key; `None`: `$default`.
    pub method: Option<HttpMethod>,
    /// `operationName` (OpenAPI `operationId`).
    pub operation_name: Option<String>,
    /// What guards the route.
    pub authorization: HttpAuthorization,
    /// Throttle of this route in the stage's settings.
    pub throttle: Option<Throttle>,
    /// What is called.
    pub integration: HttpIntegration,
}

impl HttpRoute {
    /// Its method as metrics and traces name it.
    pub(crate) fn method_name(&self) -> &'static str {
        self.method.map_or(DEFAULT_ROUTE, HttpMethod::as_str)
    }
}

/// What guards a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum HttpAuthorization {
    /// Open to all.
    #[default]
    None,
    /// `AWS_IAM`: requests must be signed.
    AwsIam,
    /// An authorizer.
    Authorizer {
        /// Its name in the definition.
        name: String,
        /// `authorizationScopes`: one of them is needed.
        scopes: Vec<String>,
    },
}

/// What a route calls.
#[derive(Debug, Clone)]
pub struct HttpIntegration {
    /// What kind of call it is.
    pub(crate) call: HttpCall,
    /// Longest time for the call.
    pub(crate) timeout: Duration,
    /// `requestParameters`, of an HTTP backend.
    pub(crate) request_parameters: Vec<Mapping>,
    /// `responseParameters` by the status that the backend answers.
    pub(crate) response_parameters: Vec<(u16, Vec<Mapping>)>,
    /// Why every call to it is a 500.
    pub(crate) broken: Option<String>,
}

/// What kind of call an integration makes.
#[derive(Debug, Clone)]
pub(crate) enum HttpCall {
    /// A function is told of the request (`AWS_PROXY`).
    Function {
        /// Which.
        function: FunctionRef,
        /// In which format.
        format: PayloadFormat,
    },
    /// The request goes on to an HTTP backend (`HTTP_PROXY`).
    Http {
        /// Its uri.
        uri: HttpUri,
        /// The method that it is called with; `Any`: the client's.
        method: HttpMethod,
        /// What of the request's path goes behind the uri.
        appended: AppendedPath,
    },
    /// An action of an AWS service (`AWS_PROXY` with a subtype).
    Service {
        /// Which, with its parameters.
        action: ServiceIntegration,
        /// The configured address of the service.
        base: String,
    },
    /// None: the integration is wrong, or there is none.
    Nothing,
}

/// What of the request's path goes behind the uri of an HTTP backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendedPath {
    /// Nothing: the uri has the route's variables.
    Nothing,
    /// The path below the stage: `$default` (documented).
    BelowStage,
    /// All of it, its stage too: a private integration (documented).
    Whole,
}
