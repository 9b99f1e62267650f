//! What is sent for a custom integration, HTTP_PROXY or MOCK: mapping template, parameters, content handling, overrides.

use bytes::Bytes;

use super::{content_handling, http_request, mock, rendering, service_request};
use crate::api::{Endpoint, FunctionRef, HttpUri, Integration, IntegrationType, Method, PassthroughBehavior, RestApi};
use crate::exchange::call::{IntegrationCall, InvocationType, Target};
use crate::exchange::exchange::Exchange;
use crate::exchange::trace::Line;
use crate::failure::Failure;
use crate::http1::head::is_token;
use crate::http1::message::Headers;
use crate::mapping::client::ClientParameters;
use crate::mapping::document::Document;
use crate::mapping::header;
use crate::mapping::overrides;
use crate::mapping::parameter::{self, Mapped, Sources, header_value};
use crate::vtl::Template;

/// The call that a request becomes. Not for AWS_PROXY, which has its event.
pub fn build(api: &RestApi, method: &Method, exchange: &mut Exchange) -> Result<IntegrationCall, Failure> {
    let integration = &method.integration;
    refuse(integration)?;
    let template = choose(integration, exchange)?;
    let mut mapped = map(api, integration, exchange)?;
    let body = match template {
        None if integration.kind == IntegrationType::HttpProxy => exchange.request.body.clone(),
        None => converted(api, integration, exchange)?.into_bytes(),
        Some(template) => {
            let text = converted(api, integration, exchange)?.text("Unable to transform request")?;
            let text = String::from_utf8_lossy(&text);
            let rendered = rendering::render(template, &text, api, exchange).map_err(Failure::RequestTemplate)?;
            apply_overrides(&mut mapped, exchange, integration.kind)?;
            rendered.into()
        }
    };
    let (target, body) = target(api, method, exchange, mapped, body, template.is_some())?;
    Ok(IntegrationCall { target, body, timeout: integration.timeout, trace_id: exchange.ids.trace_id.clone() })
}

/// What the definition makes a 500 of every call.
pub fn refuse(integration: &Integration) -> Result<(), Failure> {
    if let Some(name) = &integration.illegal_header {
        return Err(Failure::IllegalHeader(name.clone()));
    }
    match &integration.broken {
        Some(reason) => Err(Failure::Configuration(reason.clone())),
        None => Ok(()),
    }
}

/// The request template for the request's content type; `None`: the body is passed through.
fn choose<'a>(integration: &'a Integration, exchange: &mut Exchange) -> Result<Option<&'a Template>, Failure> {
    if integration.kind == IntegrationType::HttpProxy {
        return Ok(None);
    }
    let templates = &integration.request_templates;
    let media_type = rendering::content_type(exchange);
    let found = rendering::find(templates, media_type).or_else(|| rendering::find(templates, "$default"));
    if let Some((media_type, template)) = found {
        exchange.trace.record(|| Line::RequestTemplate { media_type: media_type.clone() });
        // An empty template passes the body through.
        return Ok(template.template.as_deref());
    }
    let behavior = match integration.passthrough_behavior {
        PassthroughBehavior::WhenNoMatch => "WHEN_NO_MATCH",
        PassthroughBehavior::WhenNoTemplates if templates.is_empty() => "WHEN_NO_TEMPLATES",
        PassthroughBehavior::WhenNoTemplates | PassthroughBehavior::Never => return Err(Failure::UnsupportedMediaType),
    };
    exchange.trace.record(|| Line::Passthrough { behavior });
    Ok(None)
}

fn map(api: &RestApi, integration: &Integration, exchange: &Exchange) -> Result<Mapped, Failure> {
    if integration.request_parameters.is_empty() {
        return Ok(Mapped::default());
    }
    let client = ClientParameters::new(exchange);
    let body = Document::new(&exchange.request.body);
    let sources = Sources { api, exchange, client: &client, body: &body, reply: None };
    parameter::map_request(&integration.request_parameters, &sources)
}

fn converted(api: &RestApi, integration: &Integration, exchange: &Exchange) -> Result<content_handling::Body, Failure> {
    content_handling::convert_request(
        &api.binary_media_types,
        rendering::content_type(exchange),
        integration.content_handling,
        &exchange.request.body,
    )
}

/// `$context.requestOverride` wins over the mappings, once the whole template is rendered.
fn apply_overrides(mapped: &mut Mapped, exchange: &Exchange, kind: IntegrationType) -> Result<(), Failure> {
    let Some(context) = &exchange.context else { return Ok(()) };
    let overrides = overrides(context).request;
    for (name, values) in overrides.header {
        if header::is_illegal(kind, &name) {
            return Err(Failure::IllegalHeader(name));
        }
        if is_token(name.as_bytes()) {
            mapped.headers.set(name, header_value(&values.join(",")));
        }
    }
    for (name, values) in overrides.querystring {
        mapped.query.retain(|(n, _)| *n != name);
        mapped.query.extend(values.into_iter().map(|value| (name.clone(), value)));
    }
    for (name, values) in overrides.path {
        mapped.path.push((name, values.join(",")));
    }
    Ok(())
}

fn target(
    api: &RestApi,
    method: &Method,
    exchange: &Exchange,
    mapped: Mapped,
    body: Bytes,
    rendered: bool,
) -> Result<(Target, Bytes), Failure> {
    match &method.integration.endpoint {
        Endpoint::Lambda(function) => Ok((function_target(function, mapped.headers), or_empty_object(body))),
        Endpoint::Service(service) => {
            let body = if is_post(method, exchange) { or_empty_object(body) } else { body };
            let mapped = service_request::with_action(service, mapped);
            Ok((http_request::target(api, method, exchange, &service.uri, mapped, !body.is_empty())?, body))
        }
        Endpoint::Http(uri) => Ok((http_target(api, method, exchange, uri, mapped, !body.is_empty())?, body)),
        Endpoint::None => {
            let status = mock_status(method, &body, rendered)?;
            Ok((Target::Mock, mock::body(status)))
        }
    }
}

/// A function and a service get `{}` for an empty body (recorded on AWS).
fn or_empty_object(body: Bytes) -> Bytes {
    if body.is_empty() { Bytes::from_static(b"{}") } else { body }
}

fn is_post(method: &Method, exchange: &Exchange) -> bool {
    use crate::api::HttpMethod;
    match method.integration.http_method {
        HttpMethod::Any => exchange.request.method == "POST",
        method => method == HttpMethod::Post,
    }
}

fn http_target(
    api: &RestApi,
    method: &Method,
    exchange: &Exchange,
    uri: &HttpUri,
    mapped: Mapped,
    has_body: bool,
) -> Result<Target, Failure> {
    match method.integration.kind {
        IntegrationType::HttpProxy => http_request::proxy_target(api, method, exchange, uri, mapped),
        _ => http_request::target(api, method, exchange, uri, mapped, has_body),
    }
}

/// Mapped headers go to the Invoke API; one of them says how the function is called.
fn function_target(function: &FunctionRef, mut headers: Headers) -> Target {
    let invocation = match headers.last("x-amz-invocation-type") {
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        _ => InvocationType::RequestResponse,
    };
    headers.remove("x-amz-invocation-type");
    Target::Function {
        backend: function.backend,
        name: function.name.clone(),
        qualifier: function.qualifier.clone(),
        arn: function.arn.clone(),
        invocation,
        headers,
    }
}

/// Without any request template the default response answers.
fn mock_status(method: &Method, body: &[u8], rendered: bool) -> Result<Option<u16>, Failure> {
    if !rendered && method.integration.request_templates.is_empty() {
        return Ok(None);
    }
    mock::status(&String::from_utf8_lossy(body)).map(Some)
}
