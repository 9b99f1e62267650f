//! `Exchange`: one request in flight: the request, what it matched, `$context`, overrides, the trace of decisions.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::ids::Ids;
use super::trace::Trace;
use crate::failure::Failure;
use crate::http1::message::Request;
use crate::value::Value;

/// One request in flight.
pub struct Exchange {
    /// The client's request.
    pub request: Request,
    /// Ids that the gateway gives it.
    pub ids: Ids,
    /// What the router found.
    pub matched: Option<Matched>,
    /// Whether the canary's copy of the API answers.
    pub canary: bool,
    /// The API key that the client showed, where the method needs one.
    pub api_key: Option<ShownKey>,
    /// `$context` as a template sees it: built when the first template or mapping needs it, kept from the request template to
    /// the response template (overrides survive).
    pub context: Option<Value>,
    /// How long the backend took, once it was called.
    pub integration_latency: Option<Duration>,
    /// The integration's status, once it answered.
    pub integration_status: Option<u16>,
    /// The `statusCode` of a proxy function's own answer.
    pub function_status: Option<u16>,
    /// The selection patterns that took too many steps and so did not match, by their place.
    pub step_limited: Vec<usize>,
    /// Why the gateway itself answers, once that is known.
    pub failure: Option<Failure>,
    /// What the client is told of it: `$context.error.message`; none is null.
    pub error_message: Option<Cow<'static, str>>,
    /// Decisions, when somebody listens.
    pub trace: Trace,
}

impl Exchange {
    /// A request that was just received.
    pub fn new(request: Request, ids: Ids, trace: Trace) -> Exchange {
        Exchange {
            request,
            ids,
            matched: None,
            canary: false,
            api_key: None,
            context: None,
            integration_latency: None,
            integration_status: None,
            function_status: None,
            step_limited: Vec::new(),
            failure: None,
            error_message: None,
            trace,
        }
    }
}

/// What the router found.
#[derive(Debug, Clone)]
pub struct Matched {
    /// Index into the API's resources.
    pub resource: usize,
    /// Index into the resource's methods.
    pub method: usize,
    /// Path parameters in template order, not decoded.
    pub path_parameters: Vec<(String, String)>,
    /// The path below the stage, leading doubled slashes collapsed: the event's `path`.
    pub path: String,
}

/// An API key that was accepted.
#[derive(Debug, Clone)]
pub struct ShownKey {
    /// `$context.identity.apiKeyId`: its name in the configuration.
    pub id: Arc<str>,
    /// `$context.identity.apiKey`: what the client sent.
    pub value: Arc<str>,
}
