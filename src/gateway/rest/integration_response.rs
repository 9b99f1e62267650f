//! What becomes of the backend's reply: a proxy's passes, else the integration response that wins makes the answer.

use std::borrow::Cow;

use super::content_handling::{self, Converted};
use super::{http_reply, proxy_reply, rendering, streamed_reply};
use crate::api::{
    Endpoint, Integration, IntegrationResponse, IntegrationType, MappingTemplate, Method, RestApi, media_type,
};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::failure::Failure;
use crate::http1::head::is_token;
use crate::http1::message::{Headers, Response};
use crate::integration::{Payload, has_prelude};
use crate::json_text;
use crate::mapping::client::ClientParameters;
use crate::mapping::document::{self, BodyDocument};
use crate::mapping::header;
use crate::mapping::overrides;
use crate::mapping::parameter::{self, Reply, Sources, header_value};
use crate::metrics::MaskedKind;
use crate::pattern::Outcome;
use crate::value::Value;

/// Makes the method's response of a reply.
pub(crate) fn render(
    api: &RestApi,
    method: &Method,
    exchange: &mut Exchange,
    reply: IntegrationReply,
) -> Result<Response, Failure> {
    let integration = &method.integration;
    let mut response = match integration.kind {
        IntegrationType::AwsProxy => proxy(api, integration, exchange, reply)?,
        IntegrationType::HttpProxy => http_reply::pass_on(reply),
        IntegrationType::Aws | IntegrationType::Http | IntegrationType::Mock => {
            custom(api, integration, exchange, &reply)?
        }
    };
    // Which answers have the trace id was recorded on AWS.
    let has_trace_id = !matches!(integration.kind, IntegrationType::HttpProxy | IntegrationType::Mock);
    ids::stamp(&mut response, &exchange.ids, has_trace_id);
    Ok(response)
}

fn proxy(
    api: &RestApi,
    integration: &Integration,
    exchange: &mut Exchange,
    reply: IntegrationReply,
) -> Result<Response, Failure> {
    if reply.function_error {
        let message = Payload::read(reply.body.whole()).selection_text().into_owned();
        return Err(Failure::FunctionError { message });
    }
    let response = match (reply.metadata, reply.body) {
        (Some(metadata), body) => streamed_reply::render(&metadata, body)?,
        (None, _) if integration.streamed => return Err(streamed_reply::missing()),
        (None, body) => {
            let rendered = proxy_reply::render(api, &exchange.request, body.whole(), &reply.ahead);
            // What a function streams is never a whole answer, too.
            let streams = rendered.is_err() && has_prelude(body.whole(), &reply.ahead);
            if streams { Err(streamed_reply::unexpected()) } else { rendered }?
        }
    };
    exchange.function_status = Some(response.status);
    Ok(response)
}

fn custom(
    api: &RestApi,
    integration: &Integration,
    exchange: &mut Exchange,
    reply: &IntegrationReply,
) -> Result<Response, Failure> {
    let payload = match integration.endpoint {
        Endpoint::Lambda(_) => Some(Payload::read(reply.body.whole())),
        Endpoint::Service(_) | Endpoint::Http(_) | Endpoint::None => None,
    };
    let chosen = select(integration, exchange, reply.status, payload.as_ref())?;
    if !chosen.declared {
        return Err(Failure::UndeclaredStatus(chosen.status));
    }
    let response = answer(api, integration, chosen, exchange, reply)?;
    exchange.decisions.masked = masked(integration, payload, reply.status).filter(|_| response.status < 400);
    Ok(response)
}

/// The integration response whose pattern matches first, else the default.
fn select<'a>(
    integration: &'a Integration,
    exchange: &mut Exchange,
    status: u16,
    payload: Option<&Payload>,
) -> Result<&'a IntegrationResponse, Failure> {
    let text = match payload {
        Some(payload) => Some(payload.selection_text()),
        // A MOCK without a request template has no status: its default response answers.
        None => (status != 0).then(|| Cow::Owned(status.to_string())),
    };
    let matched = text.as_deref().and_then(|text| {
        integration.patterns.outcomes(text).enumerate().find_map(|(n, outcome)| {
            if outcome == Outcome::StepLimit {
                exchange.decisions.step_limited.push(n);
            }
            (outcome == Outcome::Match).then_some(n)
        })
    });
    if let (Some(sample), Some(text)) = (&mut exchange.sample, text) {
        sample.tried = tried(integration, &text);
        sample.selection_text = Some(text.into_owned());
    }
    let default = || integration.responses.iter().position(|response| response.selection_pattern.is_none());
    let found = matched.or_else(default);
    let (chosen, response) = found
        .and_then(|chosen| Some((chosen, integration.responses.get(chosen)?)))
        .ok_or(Failure::NoMatchingResponse { status })?;
    exchange.decisions.integration_response = Some(chosen);
    Ok(response)
}

/// Each pattern up to the one that matches, as if they were tried one by one.
fn tried(integration: &Integration, text: &str) -> Vec<(usize, Outcome)> {
    let mut tried = Vec::new();
    for (n, response) in integration.responses.iter().enumerate() {
        let Some(pattern) = &response.selection_pattern else { continue };
        let outcome = pattern.matches(text);
        tried.push((n, outcome));
        if outcome == Outcome::Match {
            break;
        }
    }
    tried
}

fn answer(
    api: &RestApi,
    integration: &Integration,
    chosen: &IntegrationResponse,
    exchange: &mut Exchange,
    reply: &IntegrationReply,
) -> Result<Response, Failure> {
    let mut headers = map(api, chosen, exchange, reply)?;
    let template = choose(chosen, exchange);
    let body = convert(api, integration, chosen, exchange, reply)?;
    let body = match template {
        None => body.into_bytes(),
        Some(template) => {
            let text = body.text("Unable to transform response")?;
            let text = json_text::lossy(&text);
            rendering::render(template, &text, api, exchange).map_err(Failure::ResponseTemplate)?.into()
        }
    };
    let status = apply_overrides(&mut headers, exchange).unwrap_or(chosen.status);
    Ok(Response { status, headers: finish(headers), body: body.into() })
}

/// `responseParameters`
fn map(
    api: &RestApi,
    chosen: &IntegrationResponse,
    exchange: &mut Exchange,
    reply: &IntegrationReply,
) -> Result<Headers, Failure> {
    if chosen.response_parameters.is_empty() {
        return Ok(Headers::default());
    }
    let client = ClientParameters::new(exchange);
    let (sent, answered) = (BodyDocument::new(&exchange.request.body), BodyDocument::new(reply.body.whole()));
    let reply = Some(Reply { headers: &reply.headers, body: &answered });
    let mappings = &chosen.response_parameters;
    let sources = Sources { api, exchange, client: &client, body: &sent, reply };
    let mapped = parameter::map_response(mappings, &sources);
    let seen = exchange.sample.is_some().then(|| parameter::seen(mappings, &sources));
    if let (Some(sample), Some(seen)) = (&mut exchange.sample, seen) {
        sample.response_parameters = seen;
    }
    mapped
}

/// The response template for what the client accepts, else the one for JSON, else the first; an empty one passes the
/// payload through.
fn choose<'a>(chosen: &'a IntegrationResponse, exchange: &mut Exchange) -> Option<&'a MappingTemplate> {
    let templates = &chosen.response_templates;
    let chosen = rendering::find(templates, rendering::accept(exchange))
        .or_else(|| rendering::find(templates, rendering::DEFAULT_TYPE))
        .or_else(|| (!templates.is_empty()).then_some(0))?;
    exchange.decisions.response_template = Some(chosen);
    Some(&templates[chosen].1).filter(|template| template.template.is_some())
}

fn convert(
    api: &RestApi,
    integration: &Integration,
    chosen: &IntegrationResponse,
    exchange: &Exchange,
    reply: &IntegrationReply,
) -> Result<Converted, Failure> {
    let answered = reply.headers.last("content-type").map(media_type).unwrap_or_default();
    let content_type = match integration.endpoint {
        // A payload counts as JSON, whatever an emulator says that it is.
        Endpoint::Lambda(_) => rendering::DEFAULT_TYPE,
        _ => answered,
    };
    // What has no body has nothing to convert.
    if integration.kind == IntegrationType::Mock {
        return Ok(Converted::Text(reply.body.whole().clone()));
    }
    content_handling::convert_response(
        &api.binary_media_types,
        content_type,
        rendering::accept(exchange),
        chosen.content_handling,
        reply.body.whole(),
    )
}

/// `$context.responseOverride` wins over the mappings; a MOCK's request template may have set it already (recorded on AWS).
fn apply_overrides(headers: &mut Headers, exchange: &Exchange) -> Option<u16> {
    let context = exchange.context.as_ref()?;
    let overrides = overrides(context).response;
    for (name, values) in overrides.header {
        if is_token(name.as_bytes()) {
            headers.remove(&name);
            values.iter().for_each(|value| headers.push(name.clone(), header_value(value)));
        }
    }
    status(&overrides.status?)
}

/// An integer from 100 to 599; anything else is ignored, as API Gateway does.
fn status(value: &Value) -> Option<u16> {
    let text = document::text(value)?;
    text.parse().ok().filter(|status| (100..=599).contains(status))
}

/// Renames and drops what API Gateway keeps for itself. The content type is JSON unless the definition maps another,
/// whatever template was used (recorded on AWS).
fn finish(mapped: Headers) -> Headers {
    let sent = mapped.0.into_iter().filter_map(|line| header::fate_when_mapped(&line.name).apply(line));
    let mut headers = Headers(sent.collect());
    if !headers.contains("content-type") {
        headers.push("Content-Type", rendering::DEFAULT_TYPE);
    }
    headers
}

/// What went wrong behind an answer that looks well.
fn masked(integration: &Integration, payload: Option<Payload>, status: u16) -> Option<MaskedKind> {
    match payload {
        _ if integration.kind == IntegrationType::Mock => None,
        Some(payload) if payload.is_error() => Some(MaskedKind::FunctionError),
        Some(payload) if payload.is_error_status() => Some(MaskedKind::StatusCode),
        None if status >= 400 => Some(MaskedKind::HttpStatus),
        _ => None,
    }
}
