//! Which integration response wins, and what it makes of the backend's reply.

use std::borrow::Cow;

use super::content_handling::{self, Body};
use super::{http_reply, rendering};
use crate::api::{Endpoint, Integration, IntegrationResponse, IntegrationType, Method, RestApi, media_type};
use crate::exchange::call::IntegrationReply;
use crate::exchange::exchange::Exchange;
use crate::exchange::trace::Line;
use crate::failure::Failure;
use crate::http1::head::is_token;
use crate::http1::message::{Headers, Response};
use crate::integration::Payload;
use crate::mapping::client::ClientParameters;
use crate::mapping::document::{self, Document};
use crate::mapping::header::{self, Fate};
use crate::mapping::overrides;
use crate::mapping::parameter::{self, Reply, Sources, header_value};
use crate::metrics::MaskedKind;
use crate::pattern::Outcome;
use crate::value::Value;
use crate::vtl::Template;

/// The method's answer.
#[derive(Debug)]
pub struct Rendered {
    /// What the client gets, but for what the gateway adds to every answer.
    pub response: Response,
    /// Which integration response made it; `None` for HTTP_PROXY.
    pub rule: Option<usize>,
    /// The backend's failure that the client does not see.
    pub masked: Option<MaskedKind>,
}

/// Makes the method's answer of a reply. Not for AWS_PROXY, which has its own format.
pub fn render(
    api: &RestApi,
    method: &Method,
    exchange: &mut Exchange,
    reply: IntegrationReply,
) -> Result<Rendered, Failure> {
    let integration = &method.integration;
    if integration.kind == IntegrationType::HttpProxy {
        return Ok(Rendered { response: http_reply::pass_on(reply), rule: None, masked: None });
    }
    let payload = match integration.endpoint {
        Endpoint::Lambda(_) => Some(Payload::read(&reply.body)),
        _ => None,
    };
    let rule = select(integration, exchange, reply.status, payload.as_ref())?;
    let chosen = integration.responses.get(rule).ok_or(Failure::NoMatchingResponse { status: reply.status })?;
    if !chosen.declared {
        return Err(Failure::UndeclaredStatus(chosen.status));
    }
    let response = answer(api, integration, chosen, exchange, &reply)?;
    let masked = masked(integration, payload, reply.status).filter(|_| response.status < 400);
    if let Some(kind) = masked {
        exchange.trace.record(|| Line::Masked { kind: kind.as_str() });
    }
    Ok(Rendered { response, rule: Some(rule), masked })
}

/// The integration response whose pattern matches first, else the default.
fn select(
    integration: &Integration,
    exchange: &mut Exchange,
    status: u16,
    payload: Option<&Payload>,
) -> Result<usize, Failure> {
    let text = match payload {
        Some(payload) => Some(payload.selection_text()),
        // A MOCK without a request template has no status: its default response answers.
        None => (status != 0).then(|| Cow::Owned(status.to_string())),
    };
    let matched = text.as_deref().and_then(|text| {
        integration.patterns.outcomes(text).enumerate().find_map(|(n, outcome)| {
            if outcome == Outcome::StepLimit {
                exchange.step_limited.push(n);
            }
            (outcome == Outcome::Match).then_some(n)
        })
    });
    if exchange.trace.is_on() {
        record_attempts(integration, exchange, text.as_deref());
    }
    let default = || integration.responses.iter().position(|response| response.selection_pattern.is_none());
    let rule = matched.or_else(default).ok_or(Failure::NoMatchingResponse { status })?;
    exchange.trace.record(|| {
        let pattern = integration.responses[rule].selection_pattern.as_ref();
        let pattern = pattern.map_or_else(|| "default".to_owned(), |pattern| format!("{:?}", pattern.source()));
        Line::ResponseChosen { pattern, status: integration.responses[rule].status }
    });
    Ok(rule)
}

/// Each pattern up to the one that matches, as if they were tried one by one.
fn record_attempts(integration: &Integration, exchange: &mut Exchange, text: Option<&str>) {
    let Some(text) = text else { return };
    exchange.trace.record(|| Line::SelectionText(text.to_owned()));
    for response in &integration.responses {
        let Some(pattern) = &response.selection_pattern else { continue };
        let outcome = pattern.matches(text);
        let line = Line::PatternTried { pattern: pattern.source().to_owned(), status: response.status, outcome };
        exchange.trace.record(|| line);
        if outcome == Outcome::Match {
            return;
        }
    }
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
            let text = String::from_utf8_lossy(&text);
            rendering::render(template, &text, api, exchange).map_err(Failure::ResponseTemplate)?.into()
        }
    };
    let status = apply_overrides(&mut headers, exchange).unwrap_or(chosen.status);
    Ok(Response { status, headers: finish(headers), body })
}

/// `responseParameters`
fn map(
    api: &RestApi,
    chosen: &IntegrationResponse,
    exchange: &Exchange,
    reply: &IntegrationReply,
) -> Result<Headers, Failure> {
    if chosen.response_parameters.is_empty() {
        return Ok(Headers::default());
    }
    let client = ClientParameters::new(exchange);
    let (sent, answered) = (Document::new(&exchange.request.body), Document::new(&reply.body));
    let reply = Some(Reply { headers: &reply.headers, body: &answered });
    parameter::map_response(
        &chosen.response_parameters,
        &Sources { api, exchange, client: &client, body: &sent, reply },
    )
}

/// The response template for what the client accepts, else the one for JSON, else the first; an empty one passes the
/// payload through.
fn choose<'a>(chosen: &'a IntegrationResponse, exchange: &mut Exchange) -> Option<&'a Template> {
    let templates = &chosen.response_templates;
    let (media_type, template) = rendering::find(templates, rendering::accept(exchange))
        .or_else(|| rendering::find(templates, rendering::DEFAULT_TYPE))
        .or_else(|| templates.first())?;
    exchange.trace.record(|| Line::ResponseTemplate { media_type: media_type.clone() });
    template.template.as_deref()
}

fn convert(
    api: &RestApi,
    integration: &Integration,
    chosen: &IntegrationResponse,
    exchange: &Exchange,
    reply: &IntegrationReply,
) -> Result<Body, Failure> {
    let answered = reply.headers.last("content-type").map(media_type).unwrap_or_default();
    let content_type = match integration.endpoint {
        // A payload counts as JSON, whatever an emulator says that it is.
        Endpoint::Lambda(_) => rendering::DEFAULT_TYPE,
        _ => answered,
    };
    // What has no body has nothing to convert.
    if integration.kind == IntegrationType::Mock {
        return Ok(Body::Text(reply.body.clone()));
    }
    content_handling::convert_response(
        &api.binary_media_types,
        content_type,
        rendering::accept(exchange),
        chosen.content_handling,
        &reply.body,
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
    let mut headers = Headers::default();
    for line in mapped.0 {
        match header::fate_when_mapped(&line.name) {
            Fate::Sent => headers.0.push(line),
            Fate::Renamed => headers.push(header::renamed(&line.name), line.value),
            Fate::Dropped => {}
        }
    }
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
