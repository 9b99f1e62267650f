//! `$context`: one variable as text, and the whole as the map that templates see.

use std::borrow::Cow;
use std::sync::Arc;

use super::document;
use super::time;
use super::util;
use crate::api::{ApiStage, GatewayResponseType, Method, Resource, RestApi};
use crate::exchange::caller::{AuthorizerContext, LambdaContext};
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::failure::Failure;
use crate::value::{Map, MapKind, Value};

/// The keys of `$context.identity`; all but two are null without an authorizer.
const IDENTITY: &[&str] = &[
    "cognitoIdentityPoolId",
    "accountId",
    "cognitoIdentityId",
    "caller",
    "sourceIp",
    "principalOrgId",
    "accessKey",
    "cognitoAuthenticationType",
    "cognitoAuthenticationProvider",
    "userArn",
    "userAgent",
    "user",
];

/// One `$context` variable as text, by what stands behind `$context.`; `None` when it is unset or unknown.
pub(crate) fn lookup<'a>(api: &'a RestApi, exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let text: &str = match name {
        "accountId" => &api.account_id,
        "apiId" => &api.id,
        "deploymentId" => &api.deployment_id,
        "domainName" => domain_name(api, exchange)?,
        "domainPrefix" => domain_prefix(api, exchange)?,
        "error.message" => exchange.error_message.as_ref()?,
        // What AWS prints for an authorizer that cannot be asked (fact `authorizer-configuration`).
        "error.responseType" => match exchange.failure.as_ref()?.row().gateway_response {
            GatewayResponseType::AuthorizerConfigurationError => GatewayResponseType::ApiConfigurationError.as_str(),
            kind => kind.as_str(),
        },
        "error.validationErrorString" => match exchange.failure.as_ref()? {
            Failure::InvalidBody(messages) => messages,
            _ => return None,
        },
        "extendedRequestId" => &exchange.ids.extended_request_id,
        "httpMethod" => &exchange.request.method,
        "identity.userAgent" => user_agent(exchange)?,
        "identity.accessKey" | "identity.accountId" | "identity.user" | "identity.caller" | "identity.userArn" => {
            exchange.caller.signer.as_ref()?.get(name.trim_start_matches("identity."))?
        }
        "identity.apiKey" => &exchange.api_key.as_ref()?.value,
        "identity.apiKeyId" => &exchange.api_key.as_ref()?.id,
        "identity.vpcId" => api.source_vpc.as_deref()?,
        "identity.vpceId" => api.source_vpce.as_deref()?,
        "integration.requestId" | "awsEndpointRequestId" => exchange.backend_request_id()?,
        "awsEndpointRequestId2" => exchange.backend_second_id()?,
        "integration.responseTransferMode" => match method(api, exchange)?.integration.streamed {
            true => "STREAMED",
            false => "BUFFERED",
        },
        "isCanaryRequest" => truth(api.canary?),
        "operationName" => method(api, exchange)?.operation_name.as_deref()?,
        "protocol" => "HTTP/1.1",
        "requestId" => &exchange.ids.request_id,
        "resourceId" => &resource(api, exchange)?.id,
        "resourcePath" => &resource(api, exchange)?.path,
        "stage" => &api.stage,
        "xrayTraceId" => ids::root(&exchange.ids.trace_id).trim_start_matches("Root="),
        "customDomain.basePathMatched" => api.base_path.strip_prefix('/').filter(|path| !path.is_empty())?,
        _ => return computed(api, exchange, name).map(Cow::Owned),
    };
    Some(Cow::Borrowed(text))
}

/// The gateway's own message in quotes, or `null`. Lambda's sentence about an event is escaped for JavaScript, which is no
/// JSON when it has an apostrophe (fact `invalid-event-400`).
pub(crate) fn quoted_error_message(exchange: &Exchange) -> String {
    match (&exchange.failure, &exchange.error_message) {
        (Some(Failure::InvalidEvent(sentence)), _) => format!("\"{}\"", util::escape_java_script(sentence)),
        (_, message) => serde_json::json!(message).to_string(),
    }
}

/// Whether `$context.error.messageString` begins with the blank that stands in the built-in answer (fact `message-string-blank`).
fn has_blank(failure: &Failure) -> bool {
    use GatewayResponseType as T;
    matches!(
        failure.row().gateway_response,
        T::ApiConfigurationError
            | T::AuthorizerConfigurationError
            | T::BadRequestBody
            | T::BadRequestParameters
            | T::Default5xx
    )
}

fn computed(api: &RestApi, exchange: &Exchange, name: &str) -> Option<String> {
    Some(match name {
        "error.messageString" => {
            let message = quoted_error_message(exchange);
            if has_blank(exchange.failure.as_ref()?) { format!(" {message}") } else { message }
        }
        "identity.sourceIp" => exchange.source_ip.to_string(),
        "path" => path(api, exchange),
        "requestTime" => time::request_time(exchange.request.time),
        "requestTimeEpoch" => time::epoch_millis(exchange.request.time).to_string(),
        "integrationLatency" | "integration.latency" => exchange.integration_latency?.as_millis().to_string(),
        "integration.timeToAllHeaders" => exchange.stream_times.as_ref()?.headers.as_millis().to_string(),
        "integration.timeToFirstContent" => exchange.stream_times.as_ref()?.content?.as_millis().to_string(),
        "integration.status" => exchange.function_status.or(exchange.integration_status)?.to_string(),
        "integrationStatus" | "integration.integrationStatus" => exchange.integration_status?.to_string(),
        "integrationErrorMessage" | "integration.error" => integration_error(exchange.failure.as_ref()?)?,
        _ => match (name.strip_prefix("authorizer."), &exchange.caller.authorizer) {
            (Some(name), Some(authorizer)) => return authorizer.get(name),
            _ => return overridden(exchange, name),
        },
    })
}

/// `$context.requestOverride.header.X` and its like: what a template has set so far.
fn overridden(exchange: &Exchange, name: &str) -> Option<String> {
    let mut value = exchange.context.clone()?;
    for key in name.split('.') {
        let Value::Map(map) = value else { return None };
        value = map.get(key)?;
    }
    match value {
        Value::Map(_) | Value::List(_) | Value::Object(_) => None,
        value => document::text(&value),
    }
}

/// The `$context` map. It is made once for an exchange, so that what a request template sets reaches the response
/// template (recorded on AWS). A template that looks at these members only sees no others.
pub(crate) fn context(api: &RestApi, exchange: &mut Exchange, members: Option<&[Arc<str>]>) -> Value {
    let before = match exchange.context.take() {
        Some(Value::Map(before)) => before,
        _ => context_map(std::iter::empty()),
    };
    let context = match members {
        _ if exchange.context_is_whole => before,
        Some(members) => {
            for name in members.iter().filter(|name| before.get(name).is_none()) {
                if let Some(value) = member(api, exchange, name) {
                    before.insert(Value::from(name.clone()), value);
                }
            }
            before
        }
        None => {
            exchange.context_is_whole = true;
            whole(api, exchange, &before)
        }
    };
    exchange.context = Some(Value::Map(context.clone()));
    Value::Map(context)
}

/// The members in their order: it shows, in a map of Java's, where two of them share a bucket.
const MEMBERS: &[&str] = &[
    "resourceId",
    "resourcePath",
    "httpMethod",
    "extendedRequestId",
    "requestTime",
    "path",
    "accountId",
    "protocol",
    "stage",
    "domainPrefix",
    "requestId",
    "domainName",
    "deploymentId",
    "apiId",
    "requestTimeEpoch",
    "identity",
    "requestOverride",
    "responseOverride",
    "authorizer",
    "isCanaryRequest",
    "operationName",
];

/// All members; those that a template has had before are what it has made of them.
fn whole(api: &RestApi, exchange: &Exchange, before: &Map) -> Map {
    let member = |name: &&'static str| Some((*name, before.get(name).or_else(|| member(api, exchange, name))?));
    let context = context_map(MEMBERS.iter().filter_map(member));
    context.insert_all(before);
    context
}

fn member(api: &RestApi, exchange: &Exchange, name: &str) -> Option<Value> {
    let empty = || map(Vec::new());
    Some(match name {
        "requestTimeEpoch" => Value::Long(i64::try_from(time::epoch_millis(exchange.request.time)).unwrap_or(i64::MAX)),
        "identity" => identity(exchange),
        "requestOverride" => map(vec![("path", empty()), ("header", empty()), ("querystring", empty())]),
        "responseOverride" => map(vec![("header", empty())]),
        "authorizer" => authorizer(exchange.caller.authorizer.as_ref()?),
        "isCanaryRequest" => Value::Bool(api.canary?),
        "operationName" => Value::from(method(api, exchange)?.operation_name.as_deref()?),
        name if MEMBERS.contains(&name) => {
            lookup(api, exchange, name).map_or(Value::Null, |text| Value::from(text.as_ref()))
        }
        _ => return None,
    })
}

fn identity(exchange: &Exchange) -> Value {
    let value = |name: &str| match name {
        "sourceIp" => Value::from(exchange.source_ip.to_string()),
        "userAgent" => user_agent(exchange).map_or(Value::Null, Value::from),
        name => exchange.caller.signer.as_ref().and_then(|signer| signer.get(name)).map_or(Value::Null, Value::from),
    };
    let mut entries: Vec<(&str, Value)> = IDENTITY.iter().map(|name| (*name, value(name))).collect();
    if let Some(key) = &exchange.api_key {
        entries.extend([("apiKey", Value::from(key.value.clone())), ("apiKeyId", Value::from(key.id.clone()))]);
    }
    map(entries)
}

fn authorizer(authorizer: &AuthorizerContext) -> Value {
    match authorizer {
        AuthorizerContext::Lambda(context) => lambda_context(context),
        AuthorizerContext::Claims(claims) => {
            let claims = claims.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
            map(vec![("claims", map(claims))])
        }
    }
}

fn lambda_context(authorizer: &LambdaContext) -> Value {
    let mut entries: Vec<(&str, Value)> = authorizer.shown().map(|(name, value)| (name, Value::from(value))).collect();
    if let Some(principal) = authorizer.principal_id() {
        entries.push(("principalId", Value::from(principal)));
    }
    let latency = i64::try_from(authorizer.latency.as_millis()).unwrap_or(i64::MAX);
    entries.push(("integrationLatency", Value::Long(latency)));
    map(entries)
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(context_map(entries.into_iter()))
}

fn context_map<'a>(entries: impl Iterator<Item = (&'a str, Value)>) -> Map {
    Map::new(MapKind::Context, entries.map(|(name, value)| (Value::from(name), value)).collect())
}

fn resource<'a>(api: &'a RestApi, exchange: &Exchange) -> Option<&'a Resource> {
    api.resources.get(exchange.matched.as_ref()?.resource)
}

pub(super) fn method<'a>(api: &'a RestApi, exchange: &Exchange) -> Option<&'a Method> {
    resource(api, exchange)?.methods.get(exchange.matched.as_ref()?.method)
}

/// `$context.integrationErrorMessage`: the sentences that AWS documents where it does, else what is known.
pub(crate) fn integration_error(failure: &Failure) -> Option<String> {
    Some(match failure {
        Failure::InvocationRejected { status: 403, .. } => {
            "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.".to_owned()
        }
        Failure::InvocationRejected { status, .. } => format!("Lambda refused the invocation with status {status}"),
        Failure::FunctionError { message } => format!(
            "The Lambda function returned the following error: {message}. Check your Lambda function code and try again."
        ),
        Failure::MalformedResponse(why) => {
            format!("The response from the Lambda function doesn't match the format that API Gateway expects. {why}")
        }
        Failure::Timeout => "Endpoint request timed out".to_owned(),
        Failure::NetworkError(detail) => format!("Network error communicating with endpoint: {detail}"),
        Failure::Configuration(why) => why.clone(),
        _ => return None,
    })
}

fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// `$context.identity.userAgent`: null when the client sends none (recorded on AWS).
pub(crate) fn user_agent(exchange: &Exchange) -> Option<&str> {
    exchange.request.headers.last("user-agent")
}

/// `$context.domainName`: the configured one, else the `Host` header without its port.
pub(crate) fn domain_name<'a>(api: &'a ApiStage, exchange: &'a Exchange) -> Option<&'a str> {
    let host = || exchange.request.headers.first("host");
    let name = api.domain_name.as_deref().or_else(host)?;
    Some(match memchr::memrchr(b':', name.as_bytes()) {
        Some(colon) if name[colon + 1..].bytes().all(|b| b.is_ascii_digit()) => &name[..colon],
        _ => name,
    })
}

/// `$context.domainPrefix`: the first label.
pub(crate) fn domain_prefix<'a>(api: &'a ApiStage, exchange: &'a Exchange) -> Option<&'a str> {
    domain_name(api, exchange).map(first_label)
}

/// What stands before the first dot of a domain's name.
pub(crate) fn first_label(name: &str) -> &str {
    memchr::memchr(b'.', name.as_bytes()).map_or(name, |dot| &name[..dot])
}

/// `$context.path`: with the stage's prefix, not decoded. Slashes that are doubled before the stage are gone, those behind
/// it stay (recorded on AWS).
pub(crate) fn path(api: &ApiStage, exchange: &Exchange) -> String {
    let path = &exchange.request.path;
    if api.base_path.is_empty() {
        return path.clone();
    }
    ["/", path.trim_start_matches('/')].concat()
}
