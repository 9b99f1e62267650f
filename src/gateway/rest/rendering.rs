//! A mapping template, rendered for an exchange.

use crate::api::{MappingTemplate, RestApi, Templates, media_type};
use crate::exchange::exchange::Exchange;
use crate::mapping::client::ClientParameters;
use crate::mapping::input::Parameters;
use crate::mapping::{self, Variables, variables};
use crate::value::{Map, Value};
use crate::vtl::Limits;

/// The media type of the `Content-Type` header: `application/json` without one.
pub(crate) fn content_type(exchange: &Exchange) -> &str {
    exchange.request.headers.last("content-type").map(media_type).filter(|t| !t.is_empty()).unwrap_or(DEFAULT_TYPE)
}

/// The first media type that the client accepts: `application/json` when it does not say.
pub(crate) fn accept(exchange: &Exchange) -> &str {
    exchange.request.headers.first("accept").map(media_type).filter(|t| !t.is_empty()).unwrap_or(DEFAULT_TYPE)
}

/// What a body is when nobody says.
pub(crate) const DEFAULT_TYPE: &str = "application/json";

/// Which template is the media type's.
pub(crate) fn find(templates: &Templates, media_type: &str) -> Option<usize> {
    templates.iter().position(|(name, _)| name.eq_ignore_ascii_case(media_type))
}

/// Renders a template over a body: the client's, or the backend's. `$input.params` shows the client's request either way.
pub(crate) fn render(
    mapping: &MappingTemplate,
    body: &str,
    api: &RestApi,
    exchange: &mut Exchange,
) -> Result<String, String> {
    let Some(template) = &mapping.template else { return Ok(body.to_owned()) };
    let uses = |name| template.mentions(name);
    // Who looks for what came out empty is told of all that there is.
    let whole = exchange.sample.is_some();
    let context = mapping.looks_at.context.as_deref().filter(|_| !whole);
    let parameters = mapping.looks_at.parameters.as_deref().filter(|_| !whole);
    let variables = Variables {
        context: if uses("context") { variables::context(api, exchange, context) } else { Value::Null },
        body: body.into(),
        parameters: if uses("params") {
            ClientParameters::new(exchange).shown(parameters)
        } else {
            Parameters::Named(Vec::new())
        },
        stage_variables: if uses("stageVariables") { stage_variables(api) } else { Map::default() },
    };
    let is_response = exchange.decisions.integration_response.is_some();
    let Some(sample) = &mut exchange.sample else {
        return mapping::render(template, variables, &Limits::default()).map_err(|error| error.to_string());
    };
    let (rendered, empties) = mapping::render_noted(template, variables, &Limits::default());
    if is_response {
        sample.response_empties = empties;
    } else {
        sample.request_empties = empties;
    }
    rendered.map_err(|error| error.to_string())
}

fn stage_variables(api: &RestApi) -> Map {
    Map::linked(api.stage_variables.iter().map(|(name, value)| (name, value.as_str())))
}
