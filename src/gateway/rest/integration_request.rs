//! What a request becomes for the method's integration: an event, or what mapping template, parameters, content handling and
//! overrides make of it. MOCK has its reply here: nobody is called.

use bytes::Bytes;

use super::proxy_event::EventTemplate;
use super::validation::BodyCheck;
use super::{content_handling, event_syntax, http_request, mock, rendering, service_request};
use crate::api::{
    Endpoint, FunctionRef, HttpUri, Integration, IntegrationType, MappingTemplate, Method, PassthroughBehavior, RestApi,
};
use crate::exchange::call::{IntegrationCall, IntegrationReply, InvocationType, Purpose, Target};
use crate::exchange::decisions::RequestBody;
use crate::exchange::exchange::Exchange;
use crate::failure::Failure;
use crate::http1::head::is_token;
use crate::http1::message::Headers;
use crate::json_text;
use crate::json_text::Ahead;
use crate::mapping::client::ClientParameters;
use crate::mapping::document::BodyDocument;
use crate::mapping::header;
use crate::mapping::overrides;
use crate::mapping::parameter::{self, Mapped, Sources, header_value};
use crate::metrics::Outcome;

/// What the integration of a method needs.
pub(crate) enum Next {
    /// A check of the request's body, before anything of it is built.
    Check(BodyCheck),
    /// A call of its backend.
    Call(IntegrationCall),
    /// Nothing: this is its reply (MOCK).
    Reply(IntegrationReply),
}

/// What a request becomes for the method's integration; an event over `longest` bytes is refused.
pub(crate) fn build(
    api: &RestApi,
    method: &Method,
    event: &EventTemplate,
    exchange: &mut Exchange,
    longest: usize,
) -> Result<Next, Failure> {
    let integration = &method.integration;
    refuse(integration)?;
    let (target, body) = match &integration.endpoint {
        Endpoint::Lambda(function) if integration.kind == IntegrationType::AwsProxy => {
            let event = event.render(api, exchange, longest)?;
            (function_target(function, map(api, integration, exchange)?.headers), event)
        }
        Endpoint::Lambda(function) => {
            let Transformed { mapped, body, .. } = transform(api, integration, exchange)?;
            let body = or_empty_object(body);
            if body.len() > longest {
                return Err(Failure::EventTooLarge);
            }
            (function_target(function, mapped.headers), body)
        }
        Endpoint::Service(service) => {
            let Transformed { mapped, body, .. } = transform(api, integration, exchange)?;
            let body = if is_post(method, exchange) { or_empty_object(body) } else { body };
            let mapped = service_request::with_action(service, mapped);
            (http_request::target(api, method, exchange, &service.uri, mapped, !body.is_empty())?, body)
        }
        Endpoint::Http(uri) => {
            let Transformed { mapped, body, .. } = transform(api, integration, exchange)?;
            (http_target(api, method, exchange, uri, mapped, !body.is_empty())?, body)
        }
        Endpoint::None => {
            let transformed = transform(api, integration, exchange)?;
            return Ok(Next::Reply(mock::reply(mock_status(integration, &transformed)?)));
        }
    };
    let (timeout, trace_id) = (integration.timeout, exchange.ids.trace_id.clone());
    let call = IntegrationCall {
        target,
        body,
        timeout,
        streamed: integration.streamed,
        // Who looks wants to see the payload as it came.
        read_ahead: match integration.kind {
            IntegrationType::AwsProxy if exchange.sample.is_none() => Ahead::Strings,
            _ => Ahead::No,
        },
        trace_id,
        purpose: Purpose::Integration,
    };
    let is_mapped_event =
        matches!(integration.endpoint, Endpoint::Lambda(_)) && integration.kind == IntegrationType::Aws;
    Ok(Next::Call(if is_mapped_event { checked(call, exchange)? } else { call }))
}

/// Lambda refuses an event that is not JSON, before its function runs (fact `invalid-event-400`). That is an invocation, too.
fn checked(call: IntegrationCall, exchange: &mut Exchange) -> Result<IntegrationCall, Failure> {
    let Err(sentence) = event_syntax::check(&call.body) else { return Ok(call) };
    exchange.outcome = Some(Outcome::Rejected);
    if let Some(sample) = &mut exchange.sample {
        sample.unsent = Some(call);
    }
    Err(Failure::InvalidEvent(format!("Could not parse request body into json: {sentence}")))
}

/// What mappings and the request template made of a request.
struct Transformed {
    mapped: Mapped,
    body: Bytes,
    /// Whether a template made the body.
    rendered: bool,
}

fn transform(api: &RestApi, integration: &Integration, exchange: &mut Exchange) -> Result<Transformed, Failure> {
    let template = choose(integration, exchange)?;
    let mut mapped = map(api, integration, exchange)?;
    let body = match template {
        None if integration.kind == IntegrationType::HttpProxy => exchange.request.body.clone(),
        None => converted(api, integration, exchange)?.into_bytes(),
        Some(template) => {
            let text = converted(api, integration, exchange)?.text("Unable to transform request")?;
            let text = json_text::lossy(&text);
            let rendered = rendering::render(template, &text, api, exchange).map_err(Failure::RequestTemplate)?;
            apply_overrides(&mut mapped, exchange, integration.kind)?;
            rendered.into()
        }
    };
    Ok(Transformed { mapped, body, rendered: template.is_some() })
}

/// What the definition makes a 500 of every call.
fn refuse(integration: &Integration) -> Result<(), Failure> {
    if let Some(name) = &integration.illegal_header {
        return Err(Failure::IllegalHeader(name.clone()));
    }
    match &integration.broken {
        Some(reason) => Err(Failure::Configuration(reason.clone())),
        None => Ok(()),
    }
}

/// The request template for the request's content type; `None`: the body is passed through.
fn choose<'a>(integration: &'a Integration, exchange: &mut Exchange) -> Result<Option<&'a MappingTemplate>, Failure> {
    if integration.kind == IntegrationType::HttpProxy {
        return Ok(None);
    }
    let templates = &integration.request_templates;
    let media_type = rendering::content_type(exchange);
    let found = rendering::find(templates, media_type).or_else(|| rendering::find(templates, "$default"));
    if let Some(found) = found {
        exchange.decisions.request_body = Some(RequestBody::Template(found));
        // An empty template passes the body through.
        return Ok(Some(&templates[found].1).filter(|template| template.template.is_some()));
    }
    match integration.passthrough_behavior {
        PassthroughBehavior::WhenNoTemplates if !templates.is_empty() => return Err(Failure::UnsupportedMediaType),
        PassthroughBehavior::Never => return Err(Failure::UnsupportedMediaType),
        PassthroughBehavior::WhenNoMatch | PassthroughBehavior::WhenNoTemplates => {}
    }
    exchange.decisions.request_body = Some(RequestBody::PassedThrough);
    Ok(None)
}

fn map(api: &RestApi, integration: &Integration, exchange: &mut Exchange) -> Result<Mapped, Failure> {
    if integration.request_parameters.is_empty() {
        return Ok(Mapped::default());
    }
    let client = ClientParameters::new(exchange);
    let body = BodyDocument::new(&exchange.request.body);
    let sources = Sources { api, exchange, client: &client, body: &body, reply: None };
    let mappings = &integration.request_parameters;
    let mapped = parameter::map_request(mappings, &sources);
    let seen = exchange.sample.is_some().then(|| parameter::seen(mappings, &sources));
    if let (Some(sample), Some(seen)) = (&mut exchange.sample, seen) {
        sample.request_parameters = seen;
    }
    mapped
}

fn converted(
    api: &RestApi,
    integration: &Integration,
    exchange: &Exchange,
) -> Result<content_handling::Converted, Failure> {
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
fn mock_status(integration: &Integration, transformed: &Transformed) -> Result<Option<u16>, Failure> {
    if !transformed.rendered && integration.request_templates.is_empty() {
        return Ok(None);
    }
    mock::status(&String::from_utf8_lossy(&transformed.body)).map(Some)
}
