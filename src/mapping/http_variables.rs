//! `$context` of an HTTP API: one variable as text, for access logs and parameter mappings.

use std::borrow::Cow;

use super::phases::authorizer_error;
use super::time;
use super::variables::{domain_name, domain_prefix, integration_error};
use crate::api::{GatewayResponseType, HttpApi, HttpRoute};
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
        // An HTTP API has no gateway responses, but the page of its variables names their types (fact `http-response-type`).
        "error.responseType" => match exchange.failure.as_ref()? {
            Failure::NoRoute { .. } | Failure::UnknownStage => GatewayResponseType::ResourceNotFound.as_str(),
            failure => failure.row().gateway_response.as_str(),
        },
        // Recorded on AWS: an HTTP API has one id.
        "requestId" | "extendedRequestId" => &exchange.ids.extended_request_id,
        "httpMethod" => &exchange.request.method,
        "identity.userAgent" => exchange.request.headers.last("user-agent")?,
        "identity.accessKey" | "identity.accountId" | "identity.user" | "identity.caller" | "identity.userArn" => {
            exchange.caller.signer.as_ref()?.get(name.trim_start_matches("identity."))?
        }
        "integration.requestId" | "awsEndpointRequestId" => exchange.backend_request_id()?,
        "awsEndpointRequestId2" => exchange.backend_second_id()?,
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
        "authorizer.error" => authorizer_error(exchange)?.into_owned(),
        _ => return exchange.caller.http.as_ref()?.get(name.strip_prefix("authorizer.")?),
    })
}

fn route<'a>(api: &'a HttpApi, exchange: &Exchange) -> Option<&'a HttpRoute> {
    api.routes.get(exchange.matched.as_ref()?.resource)
}
