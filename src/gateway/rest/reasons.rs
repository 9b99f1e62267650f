//! Why an exchange went as it did, for who looks: what API Gateway decides and never says, one sentence each.

use std::borrow::Cow;

use super::answer_reasons::of_answer;
use super::rendering;
use crate::api::{
    Integration, IntegrationResponse, IntegrationType, ParameterMapping, ParameterSource, PassthroughBehavior, RestApi,
    Templates,
};
use crate::config::hint;
use crate::exchange::call::{InvocationType, Target};
use crate::exchange::decisions::RequestBody;
use crate::exchange::exchange::Exchange;
use crate::exchange::masking::Masking;
use crate::exchange::query;
use crate::exchange::sample::{Mapping, Sample};
use crate::failure::Failure;
use crate::gateway::reasons::Reasons;
use crate::mapping::client::ClientParameters;
use crate::mapping::shown_name;

/// All of an exchange so far.
pub(crate) fn reasons(api: &RestApi, exchange: &Exchange, masking: &Masking<'_>) -> Reasons {
    let Some(sample) = &exchange.sample else { return Reasons::default() };
    let matched = exchange.matched.as_ref();
    let method = matched.and_then(|matched| api.resources.get(matched.resource)?.methods.get(matched.method));
    let integration = method.map(|method| &method.integration);
    let response = integration.zip(exchange.decisions.integration_response);
    let response = response.and_then(|(integration, chosen)| integration.responses.get(chosen));
    let of_proxy = integration.is_some_and(|integration| integration.kind == IntegrationType::AwsProxy);
    let told = |mapped: &Mapping| told(mapped, "Request", of_proxy, exchange, masking);
    let answered = |mapped: &Mapping| self::told(mapped, "Response", false, exchange, masking);
    let template = integration.and_then(|integration| of_request_template(integration, exchange));
    let response_template = response.and_then(|response| of_response_template(response, exchange));
    Reasons {
        request: template.into_iter().chain(sample.request_parameters.iter().map(told)).collect(),
        call: of_call(sample).map(str::to_owned).into_iter().collect(),
        response: response_template.into_iter().chain(sample.response_parameters.iter().map(answered)).collect(),
        answer: of_answer(api, method, exchange, sample),
    }
}

/// How the function was called, when that is no call that waits.
fn of_call(sample: &Sample) -> Option<&'static str> {
    match &sample.call.as_ref()?.target {
        Target::Function { invocation: InvocationType::Event, .. } => Some(
            "Called with X-Amz-Invocation-Type: Event: Lambda takes the event, answers 202 at once and does not wait for \
             the function, so there is no answer of the function's own",
        ),
        Target::Function { invocation: InvocationType::DryRun, .. } => Some(
            "Called with X-Amz-Invocation-Type: DryRun: Lambda only says whether it would be called, so there is no \
             answer of the function's own",
        ),
        _ => None,
    }
}

/// Which request template was chosen, and why the others were not.
fn of_request_template(integration: &Integration, exchange: &Exchange) -> Option<String> {
    let templates = &integration.request_templates;
    let sent = exchange.request.headers.last("content-type");
    let content_type = rendering::content_type(exchange);
    let of = match sent {
        Some(_) => format!("the Content-Type `{content_type}`"),
        None => format!("`{content_type}`, which counts without a Content-Type"),
    };
    let behavior = passthrough(integration.passthrough_behavior);
    match (exchange.decisions.request_body, &exchange.failure) {
        (Some(RequestBody::Template(chosen)), _) => {
            let why = match templates.get(chosen)?.0.as_str() {
                "$default" => format!("no other is for {of}"),
                _ => format!("it is for {of}"),
            };
            Some(format!("Request template {} is chosen: {why}{}", templates[chosen].0, others(templates, chosen)))
        }
        (Some(RequestBody::PassedThrough), _) if templates.is_empty() => None,
        (Some(RequestBody::PassedThrough), _) => Some(format!(
            "No request template is for {of}: there {}; {behavior} passes the body through",
            listed(templates)
        )),
        (None, Some(Failure::UnsupportedMediaType)) => Some(format!(
            "No request template is for {of}: there {}; {behavior} passes nothing through",
            listed(templates)
        )),
        (None, _) => None,
    }
}

/// Which response template was chosen, and why the others were not.
fn of_response_template(response: &IntegrationResponse, exchange: &Exchange) -> Option<String> {
    let templates = &response.response_templates;
    let chosen = exchange.decisions.response_template?;
    let name = &templates.get(chosen)?.0;
    let accept = rendering::accept(exchange);
    let of = match exchange.request.headers.first("accept") {
        Some(_) => format!("`{accept}`, the first media type that the client accepts"),
        None => format!("`{accept}`, which counts without an Accept"),
    };
    let why = if name.eq_ignore_ascii_case(accept) {
        format!("it is for {of}")
    } else if name.eq_ignore_ascii_case(rendering::DEFAULT_TYPE) {
        format!("none is for {of}, so JSON's counts")
    } else {
        format!("none is for JSON, nor for {of}; so the first counts")
    };
    Some(format!("Response template {name} is chosen: {why}{}", others(templates, chosen)))
}

pub(super) fn passthrough(behavior: PassthroughBehavior) -> &'static str {
    match behavior {
        PassthroughBehavior::WhenNoMatch => "WHEN_NO_MATCH",
        PassthroughBehavior::WhenNoTemplates => "WHEN_NO_TEMPLATES",
        PassthroughBehavior::Never => "NEVER",
    }
}

fn others(templates: &Templates, chosen: usize) -> String {
    let others: Vec<&str> =
        templates.iter().enumerate().filter(|(n, _)| *n != chosen).map(|(_, (name, _))| name.as_str()).collect();
    if others.is_empty() { String::new() } else { format!("; not chosen: {}", others.join(", ")) }
}

fn listed(templates: &Templates) -> String {
    let names: Vec<&str> = templates.iter().map(|(name, _)| name.as_str()).collect();
    match names.as_slice() {
        [] => "is none".to_owned(),
        [one] => format!("is only {one}"),
        names => format!("are {}", names.join(", ")),
    }
}

/// From where a mapped value came, or why it is absent. Mapped headers of a proxy integration go to the Invoke API, not into the event, which surprises.
fn told(mapped: &Mapping, of: &str, to_lambda: bool, exchange: &Exchange, masking: &Masking<'_>) -> String {
    let Mapping { mapping, values } = mapped;
    let target = mapping.target_name();
    let source = mapping.written.trim();
    let source = if source.starts_with('\'') { "a text of the definition" } else { source };
    match values {
        Some(values) if values.is_empty() => {
            format!("{of} parameter {target} is absent: {source}: {}", absent(mapping, exchange))
        }
        Some(values) => {
            let values = masking.value(&mapping.name, &values.join(","));
            let note = if to_lambda { " (for the Invoke API, not in the event)" } else { "" };
            format!("{of} parameter {target} is {values:?}, from {source}{note}")
        }
        None => format!("{of} parameter {target} fails: {source}: the body is no JSON"),
    }
}

fn absent(mapping: &ParameterMapping, exchange: &Exchange) -> String {
    use ParameterSource as S;
    let client = ClientParameters::new(exchange);
    let missing = |what: &str, name: &str, known: Vec<Cow<'_, str>>| {
        let same = known.iter().find(|own| own.eq_ignore_ascii_case(name));
        let known: Vec<&str> = known.iter().map(AsRef::as_ref).collect();
        match same {
            Some(own) => format!("there is `{own}`, and letter case counts"),
            None => format!("the {what} `{name}`{}", hint(name, &known)),
        }
    };
    match &mapping.source {
        S::Path(name) => missing("path has no parameter", name, names(client.path_pairs())),
        S::QueryString(name) | S::MultiValueQueryString(name) => {
            let sent = query::parse(exchange.request.query.as_deref().unwrap_or_default());
            missing("request has no query parameter", name, sent.into_iter().map(|p| p.name).collect())
        }
        S::Header(name) | S::MultiValueHeader(name) => {
            missing("request has no header", name, client.header_lines().map(|line| shown_name(line).into()).collect())
        }
        S::ResponseHeader(name) | S::MultiValueResponseHeader(name) => {
            let reply = exchange.sample.as_ref().and_then(|sample| sample.reply.as_ref());
            let lines = reply.into_iter().flat_map(|reply| &reply.headers.0);
            missing("backend's answer has no header", name, lines.map(|line| line.name().into()).collect())
        }
        S::Context(_) => "it has no value in this request".to_owned(),
        S::Body | S::BodyPath(_) => "the request's body has nothing there".to_owned(),
        S::ResponseBody | S::ResponseBodyPath(_) => "the backend's answer has nothing there".to_owned(),
        S::Literal(_) => "it is empty".to_owned(),
    }
}

fn names(pairs: &[(String, String)]) -> Vec<Cow<'_, str>> {
    pairs.iter().map(|(name, _)| name.as_str().into()).collect()
}
