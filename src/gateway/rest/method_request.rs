//! What is checked before anything is called: required parameters, then the body against its model.

use super::rendering;
use super::validation::BodyCheck;
use crate::api::{Method, MethodRequest, Model, ParameterLocation};
use crate::config::settings::Limits;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::mapping::client::ClientParameters;

/// Checks a request as far as the method's validator asks for it; what may take long is given back to be done.
pub(crate) fn check(method: &Method, exchange: &mut Exchange, limits: &Limits) -> Result<Option<BodyCheck>, Failure> {
    let request = &method.request;
    if request.validate_parameters {
        let missing = missing(request, exchange);
        if !missing.is_empty() {
            return Err(Failure::MissingParameters(missing));
        }
    }
    match model(request, exchange) {
        Some(model) if request.validate_body => BodyCheck::start(&model.schema, &exchange.request.body, limits),
        _ => Ok(None),
    }
}

/// Required parameters that are absent or blank: headers, then path, then query string (recorded on AWS), each in the
/// order of the definition.
fn missing(request: &MethodRequest, exchange: &Exchange) -> Vec<String> {
    let client = ClientParameters::new(exchange);
    let is_there = |location, name: &str| match location {
        ParameterLocation::Header => client.header(name).is_some_and(|value| !value.trim().is_empty()),
        ParameterLocation::Path => client.path(name).is_some_and(|value| !value.trim().is_empty()),
        ParameterLocation::QueryString => client.query(name).is_some_and(|value| !value.trim().is_empty()),
    };
    let required = |location| request.parameters.iter().filter(move |p| p.required && p.location == location);
    [ParameterLocation::Header, ParameterLocation::Path, ParameterLocation::QueryString]
        .into_iter()
        .flat_map(required)
        .filter(|parameter| !is_there(parameter.location, &parameter.name))
        .map(|parameter| parameter.name.clone())
        .collect()
}

/// The model for the content type, else the one for `$default`.
fn model<'a>(request: &'a MethodRequest, exchange: &Exchange) -> Option<&'a Model> {
    let of = |media_type: &str| request.models.iter().find(|(name, _)| name.eq_ignore_ascii_case(media_type));
    of(rendering::content_type(exchange)).or_else(|| of("$default")).map(|(_, model)| model)
}
