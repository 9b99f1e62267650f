//! Parameter mappings: what each source of a mapping yields, and where it goes.

use super::client::ClientParameters;
use super::document::{self, BodyDocument};
use super::variables;
use crate::api::{ParameterMapping, ParameterSource, ParameterTarget, RestApi};
use crate::exchange::exchange::Exchange;
use crate::exchange::sample::Mapping;
use crate::failure::Failure;
use crate::http1::message::Headers;
use crate::jsonpath::Path;
use crate::value::Value;

/// What mappings read.
pub(crate) struct Sources<'a> {
    /// The API: `$context` and the stage.
    pub api: &'a RestApi,
    /// The request in flight.
    pub exchange: &'a Exchange,
    /// The client's parameters.
    pub client: &'a ClientParameters<'a>,
    /// The client's body; `{}` when it is empty.
    pub body: &'a BodyDocument<'a>,
    /// The backend's answer, once there is one.
    pub reply: Option<Reply<'a>>,
}

/// The backend's answer, as mappings read it.
pub(crate) struct Reply<'a> {
    /// Its header lines.
    pub headers: &'a Headers,
    /// Its body.
    pub body: &'a BodyDocument<'a>,
}

/// What a request's mappings yield.
#[derive(Debug, Default)]
pub(crate) struct Mapped {
    /// Header lines.
    pub headers: Headers,
    /// Query string parameters; several of one name for several values.
    pub query: Vec<(String, String)>,
    /// Values for placeholders of the uri.
    pub path: Vec<(String, String)>,
}

/// Evaluates `requestParameters`. A source without a value sets nothing (recorded on AWS).
pub(crate) fn map_request(mappings: &[ParameterMapping], sources: &Sources) -> Result<Mapped, Failure> {
    let mut mapped = Mapped::default();
    for mapping in mappings {
        let values = values(&mapping.source, sources)?;
        match mapping.target {
            _ if values.is_empty() => {}
            ParameterTarget::RequestQueryString => {
                mapped.query.extend(values.into_iter().map(|value| (mapping.name.clone(), value)));
            }
            ParameterTarget::RequestPath => mapped.path.push((mapping.name.clone(), values.join(","))),
            ParameterTarget::RequestHeader | ParameterTarget::ResponseHeader => {
                mapped.headers.push(mapping.name.clone(), header_value(&values.join(",")));
            }
        }
    }
    Ok(mapped)
}

/// Evaluates `responseParameters`.
pub(crate) fn map_response(mappings: &[ParameterMapping], sources: &Sources) -> Result<Headers, Failure> {
    let mut headers = Headers::default();
    for mapping in mappings {
        let values = values(&mapping.source, sources)?;
        if !values.is_empty() {
            headers.push(mapping.name.clone(), header_value(&values.join(",")));
        }
    }
    Ok(headers)
}

/// What each mapping yields, for who looks.
pub(crate) fn seen(mappings: &[ParameterMapping], sources: &Sources) -> Vec<Mapping> {
    let seen = |mapping: &ParameterMapping| Mapping {
        mapping: mapping.clone(),
        values: values(&mapping.source, sources).ok(),
    };
    mappings.iter().map(seen).collect()
}

/// Text as a header's value: a line break or another control character would end the header, so it becomes a space.
pub(crate) fn header_value(text: &str) -> Vec<u8> {
    text.trim().bytes().map(|b| if (b < 0x20 && b != b'\t') || b == 0x7f { b' ' } else { b }).collect()
}

/// The values of a source; none when it is not there.
fn values(source: &ParameterSource, from: &Sources) -> Result<Vec<String>, Failure> {
    use ParameterSource as S;
    let client = from.client;
    let headers = from.reply.as_ref().map(|reply| reply.headers);
    let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
    Ok(match source {
        S::Path(name) => one(client.path(name)),
        S::QueryString(name) => one(client.query(name)),
        S::MultiValueQueryString(name) => client.query_all(name).map(str::to_owned).collect(),
        S::Header(name) => client.header(name).map(Into::into).into_iter().collect(),
        S::MultiValueHeader(name) => client.header_all(name).map(Into::into).collect(),
        S::Body => vec![from.body.text().to_owned()],
        S::BodyPath(path) => found(from.body, path, || Failure::InvalidJsonInRequestBody)?,
        S::ResponseHeader(name) => {
            let line = headers.and_then(|headers| headers.all(name).next_back());
            line.map(|line| String::from_utf8_lossy(&line.value).into_owned()).into_iter().collect()
        }
        S::MultiValueResponseHeader(name) => {
            let lines = headers.into_iter().flat_map(|headers| headers.all(name));
            lines.map(|line| String::from_utf8_lossy(&line.value).into_owned()).collect()
        }
        S::ResponseBody => from.reply.iter().map(|reply| reply.body.text().to_owned()).collect(),
        S::ResponseBodyPath(path) => match &from.reply {
            Some(reply) => found_in_reply(reply.body, path)?,
            None => Vec::new(),
        },
        S::Context(name) => variables::lookup(from.api, from.exchange, name).map(Into::into).into_iter().collect(),
        S::Literal(text) => vec![text.clone()],
    })
}

/// What a path finds in a body: text without quotes, anything else as JSON; nothing for null.
fn found(body: &BodyDocument, path: &Path, not_json: impl Fn() -> Failure) -> Result<Vec<String>, Failure> {
    let document = body.value().ok_or_else(not_json)?;
    Ok(read(document, path).into_iter().collect())
}

/// As [`found`]; where an `errorMessage` is JSON in a string, a path leads into it too.
fn found_in_reply(body: &BodyDocument, path: &Path) -> Result<Vec<String>, Failure> {
    let not_json = || Failure::ResponseTemplate("a response parameter looks into a body that is not JSON".into());
    let found = found(body, path, not_json)?;
    if !found.is_empty() {
        return Ok(found);
    }
    Ok(body.with_error_opened().and_then(|opened| read(&opened, path)).into_iter().collect())
}

fn read(document: &Value, path: &Path) -> Option<String> {
    path.read(document).ok().and_then(|value| document::text(&value))
}
