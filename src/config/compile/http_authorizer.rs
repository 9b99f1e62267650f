//! The Lambda authorizers of an HTTP API, ready to be asked.

use std::time::Duration;

use indexmap::IndexMap;

use super::endpoint::authorizer_function;
use super::surroundings::Surroundings;
use crate::api::http::{HttpLambdaAuthorizer, PayloadFormat};
use crate::api::{Authorizer, FunctionRef};
use crate::authorization::identity_source::IdentitySource;
use crate::config::definition::written::{AuthorizerKind, authorizer, http_api as written};

/// The Lambda authorizers of the definition. The function of one that no route asks for need not be anywhere.
pub(crate) fn authorizers(written: &written::HttpApi, s: &Surroundings<'_>) -> IndexMap<String, HttpLambdaAuthorizer> {
    let lambda = written.authorizers.iter().filter(|(_, one)| one.kind == AuthorizerKind::Request);
    lambda.map(|(name, one)| (name.clone(), authorizer(name, one, is_asked(name, written), s))).collect()
}

fn is_asked(name: &str, written: &written::HttpApi) -> bool {
    let asks = |route: &written::HttpRoute| matches!(&route.authorization, written::HttpAuthorization::Authorizer(own) if own == name);
    written.routes.iter().any(asks)
}

fn authorizer(
    name: &str,
    written: &authorizer::Authorizer,
    is_asked: bool,
    s: &Surroundings<'_>,
) -> HttpLambdaAuthorizer {
    let (sources, bad_source) = s.report.part(|| sources(name, written, s));
    let function = match is_asked && !s.stage.skipped.lambda {
        true => s.report.part(|| function(name, written, s)).0,
        false => Err("no route asks for it".to_owned()),
    };
    let format = format(name, written, s);
    if written.simple_responses && format == PayloadFormat::V1 {
        let message = format!("authorizer `{name}`: format 1.0 has no simple responses: its answers must be policies");
        s.report.warning(&written.place, "simple-responses", message);
    }
    // Without a word of it nothing is kept, as CloudFormation has it.
    let ttl = Duration::from_secs(written.ttl.unwrap_or_default());
    if ttl > Authorizer::LONGEST_TTL {
        let message = format!("authorizer `{name}`: API Gateway takes at most 3600 for `authorizerResultTtlInSeconds`");
        s.report.warning(&written.place, "authorizer-ttl", message);
    }
    HttpLambdaAuthorizer {
        name: name.to_owned(),
        sources,
        function: bad_source.map_or(function, Err),
        format,
        simple: written.simple_responses,
        ttl: ttl.min(Authorizer::LONGEST_TTL),
        timeout: s.timeout.min(Authorizer::LONGEST_TIMEOUT),
    }
}

fn sources(name: &str, written: &authorizer::Authorizer, s: &Surroundings<'_>) -> Vec<IdentitySource> {
    let mut sources = Vec::new();
    for text in &written.identity_sources {
        match IdentitySource::parse_http(text) {
            Ok(source) => sources.push(source),
            Err(e) => s.report.error(&written.place, "identity-source", format!("authorizer `{name}`: {e}")),
        }
    }
    sources
}

fn format(name: &str, written: &authorizer::Authorizer, s: &Surroundings<'_>) -> PayloadFormat {
    let Some(text) = &written.payload_format else { return PayloadFormat::default() };
    PayloadFormat::parse(text).unwrap_or_else(|| {
        let message =
            format!("authorizer `{name}`: `authorizerPayloadFormatVersion` is `{text}`, expected `1.0` or `2.0`");
        s.report.error(&written.place, "payload-format", message);
        PayloadFormat::default()
    })
}

fn function(name: &str, written: &authorizer::Authorizer, s: &Surroundings<'_>) -> Result<FunctionRef, String> {
    match &written.uri {
        Some(uri) => authorizer_function(uri, s),
        None => {
            let message = format!("authorizer `{name}` has no `authorizerUri`: whoever needs it is answered 500");
            s.report.error(&written.place, "authorizer-uri", message.clone());
            Err(message)
        }
    }
}
