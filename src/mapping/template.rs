//! One run of a mapping template: `$input`, `$util`, `$context` and `$stageVariables`.

use std::sync::Arc;

use super::input::{Input, Parameters};
use super::util::Util;
use crate::value::{Map, Value};
use crate::vtl::{Error, Limits, Scope, Template};

/// What one run of a template sees.
pub struct Variables<'a> {
    /// The payload: of the client for a request template, of the backend for a response template.
    pub body: Arc<str>,
    /// The client's parameters, for both kinds of template.
    pub parameters: &'a Parameters,
    /// `$context`: the same map for the request template and the response template, so that overrides survive.
    pub context: Value,
    /// `$stageVariables`
    pub stage_variables: &'a Map,
}

/// Renders a template.
pub fn render(template: &Template, variables: &Variables<'_>, limits: &Limits) -> Result<String, Error> {
    let mut scope = Scope::new();
    fill(
        &mut scope,
        variables.body.clone(),
        variables.parameters.to_map(),
        variables.context.clone(),
        variables.stage_variables.clone(),
    );
    template.render(&mut scope, limits)
}

/// Sets the references that every mapping template has.
pub fn fill(scope: &mut Scope, body: Arc<str>, parameters: Map, context: Value, stage_variables: Map) {
    scope.set("input", Input::new(body, parameters).into_value());
    scope.set("util", Util.into_value());
    scope.set("context", context);
    scope.set("stageVariables", Value::Map(stage_variables));
}
