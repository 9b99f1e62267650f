//! `$context` of an HTTP API: one variable as text, for access logs and parameter mappings.

use std::borrow::Cow;

use super::time;
use super::variables::{domain_name, domain_prefix};
use crate::api::{HttpApi, HttpRoute};
use crate::exchange::exchange::Exchange;
use crate::exchange::ids;
use crate::failure::Failure;

/// One variable, by what stands behind `$context.`; `None` when it is unset or unknown.
pub(crate) fn lookup<'a>(api: &'a HttpApi, exchange: &'a Exchange, name: &str) -> Option<Cow<'a, str>> {
    let text: &str = match name {
        "accountId" => &api.account_id,
        "apiId" => &api.id,
        "domainName" => domain_name(api, exchange)?,
        "domainPrefix" => domain_prefix(api, exchange)?,
        "error.message" => exchange.error_message.as_ref()?,
        // Recorded on AWS: an HTTP API has one id.
        "requestId" | "extendedRequestId" => &exchange.ids.extended_request_id,
        "httpMethod" => &exchange.request.method,
        "identity.userAgent" => exchange.request.headers.last("user-agent")?,
        "identity.accessKey" | "identity.accountId" | "identity.user" | "identity.caller" | "identity.userArn" => {
            exchange.caller.signer.as_ref()?.get(name.trim_start_matches("identity."))?
        }
        "path" => &exchange.request.path,
        "protocol" => "HTTP/1.1",
        "routeKey" => &route(api, exchange)?.key,
        "stage" => &api.stage,
        "xrayTraceId" => ids::root(&exchange.ids.trace_id).trim_start_matches("Root="),
        "customDomain.basePathMatched" => api.base_path.strip_prefix('/').filter(|path| !path.is_empty())?,
        _ => return computed(exchange, name).map(Cow::Owned),
    };
    Some(Cow::Borrowed(text))
}

fn computed(exchange: &Exchange, name: &str) -> Option<String> {
    Some(match name {
        "error.messageString" => serde_json::json!(exchange.error_message.as_ref()?).to_string(),
        "identity.sourceIp" => exchange.source_ip.to_string(),
        "requestTime" => time::request_time(exchange.request.time),
        "requestTimeEpoch" => time::epoch_millis(exchange.request.time).to_string(),
        "integrationLatency" | "integration.latency" => exchange.integration_latency?.as_millis().to_string(),
        // The function's own, then that of the service that calls it (documented).
        "integration.status" => exchange.function_status.or(exchange.integration_status)?.to_string(),
        "integrationStatus" | "integration.integrationStatus" => exchange.integration_status?.to_string(),
        "integrationErrorMessage" | "integration.error" => integration_error(exchange.failure.as_ref()?)?,
        "authorizer.error" => match exchange.failure.as_ref()? {
            Failure::Authorizer(why) | Failure::AuthorizerFunction(why) => why.clone(),
            _ => return None,
        },
        _ => return exchange.caller.http.as_ref()?.get(name.strip_prefix("authorizer.")?),
    })
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

fn route<'a>(api: &'a HttpApi, exchange: &Exchange) -> Option<&'a HttpRoute> {
    api.routes.get(exchange.matched.as_ref()?.resource)
}
