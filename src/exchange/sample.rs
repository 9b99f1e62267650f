//! `Sample`: what went by in an exchange that somebody looks at: the log, the inspector, a case, `explain`.

use super::call::{IntegrationCall, IntegrationReply};
use crate::api::ParameterMapping;
use crate::http1::message::Response;
use crate::pattern::Outcome;
use crate::vtl::Empty;

/// What is kept only when somebody looks, because keeping it costs.
#[derive(Debug, Default)]
pub struct Sample {
    /// What the authorizer was sent; `None` when it was not called.
    pub authorizer_call: Option<IntegrationCall>,
    /// Why the caller may, or may not, line by line.
    pub authorization: Vec<String>,
    /// How an answer was read, line by line, where that may surprise.
    pub notes: Vec<String>,
    /// What the backend was sent; `None` when it was not called.
    pub call: Option<IntegrationCall>,
    /// What Lambda would have refused, and so was not sent.
    pub unsent: Option<IntegrationCall>,
    /// What it answered.
    pub reply: Option<IntegrationReply>,
    /// What the request's parameter mappings yielded.
    pub(crate) request_parameters: Vec<Mapping>,
    /// What the answer's yielded.
    pub(crate) response_parameters: Vec<Mapping>,
    /// The text that the selection patterns saw.
    pub selection_text: Option<String>,
    /// The integration responses whose patterns were tried, up to the one that matches.
    pub tried: Vec<(usize, Outcome)>,
    /// The references of the request template that came out empty.
    pub(crate) request_empties: Vec<Empty>,
    /// Those of the response template.
    pub(crate) response_empties: Vec<Empty>,
    /// What the client gets, before it is compressed.
    pub response: Option<Response>,
}

/// A parameter mapping, and what it yielded: no value where its source is not there, nothing where it cannot be read.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub mapping: ParameterMapping,
    pub values: Option<Vec<String>>,
}

impl Sample {
    /// A sample of an exchange that begins.
    pub fn take() -> Box<Sample> {
        Box::default()
    }
}
