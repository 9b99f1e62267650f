//! A mapping template, rendered for an exchange.

use crate::api::{MappingTemplate, RestApi, Templates, media_type};
use crate::mapping::client::ClientParameters;
use crate::mapping::exchange::Exchange;
use crate::mapping::{self, Variables, variables};
use crate::value::{Map, MapKind, Value};
use crate::vtl::{Limits, Template};

/// The media type of the `Content-Type` header: `application/json` without one.
pub fn content_type(exchange: &Exchange) -> &str {
    exchange.request.headers.last("content-type").map(media_type).filter(|t| !t.is_empty()).unwrap_or(DEFAULT_TYPE)
}

/// The first media type that the client accepts: `application/json` when it does not say.
pub fn accept(exchange: &Exchange) -> &str {
    exchange.request.headers.first("accept").map(media_type).filter(|t| !t.is_empty()).unwrap_or(DEFAULT_TYPE)
}

/// What a body is when nobody says.
pub const DEFAULT_TYPE: &str = "application/json";

/// The template of a media type.
pub fn find<'a>(templates: &'a Templates, media_type: &str) -> Option<&'a (String, MappingTemplate)> {
    templates.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type))
}

/// Renders a template over a body: the client's, or the backend's. `$input.params` shows the client's request either way.
pub fn render(template: &Template, body: &str, api: &RestApi, exchange: &mut Exchange) -> Result<String, String> {
    let variables = Variables {
        context: variables::context(api, exchange),
        body: body.into(),
        parameters: &ClientParameters::new(exchange).shown(),
        stage_variables: &stage_variables(api),
    };
    mapping::render(template, &variables, &Limits::default()).map_err(|error| error.to_string())
}

fn stage_variables(api: &RestApi) -> Map {
    let entry = |(name, value): (&String, &String)| (Value::from(name.as_str()), Value::from(value.as_str()));
    Map::new(MapKind::Linked, api.stage_variables.iter().map(entry).collect())
}
