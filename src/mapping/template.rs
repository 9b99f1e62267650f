//! One run of a mapping template: `$input`, `$util`, `$context` and `$stageVariables`.

use std::sync::Arc;

use super::input::{Input, Parameters};
use super::util::Util;
use crate::value::{Map, Text, Value};
use crate::vtl::{Empty, Error, Limits, Scope, Template};

/// What one run of a template sees. What a template does not [mention](Template::mentions) may be empty.
pub struct Variables {
    /// The payload: of the client for a request template, of the backend for a response template.
    pub body: Arc<str>,
    /// The client's parameters, for both kinds of template: what `$input.params()` shows.
    pub parameters: Parameters,
    /// `$context`: the same map for the request template and the response template, so that overrides survive.
    pub context: Value,
    /// `$stageVariables`
    pub stage_variables: Map,
}

/// Renders a template.
pub fn render(template: &Template, variables: Variables, limits: &Limits) -> Result<String, Error> {
    let mut scope = Scope::new();
    fill_with(&mut scope, variables, |name| template.mentions(name));
    template.render(&mut scope, limits)
}

/// The same, and which references came out empty.
pub(crate) fn render_noted(
    template: &Template,
    variables: Variables,
    limits: &Limits,
) -> (Result<String, Error>, Vec<Empty>) {
    let mut scope = Scope::new();
    fill(&mut scope, variables);
    template.render_noted(&mut scope, limits)
}

/// Sets the references that every mapping template has.
pub fn fill(scope: &mut Scope, variables: Variables) {
    fill_with(scope, variables, |_| true);
}

fn fill_with(scope: &mut Scope, variables: Variables, uses: impl Fn(&str) -> bool) {
    if uses("input") {
        scope.set_named(Text::fixed("input"), Input::new(variables.body, variables.parameters).into_value());
    }
    if uses("util") {
        scope.set_named(Text::fixed("util"), Util.into_value());
    }
    if uses("context") {
        scope.set_named(Text::fixed("context"), variables.context);
    }
    if uses("stageVariables") {
        scope.set_named(Text::fixed("stageVariables"), Value::Map(variables.stage_variables));
    }
}
