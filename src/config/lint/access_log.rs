//! The access log's format: variables that nobody fills, lines that belong to no request.

use crate::config::document::{Spot, hint};
use crate::config::settings::AccessFormat;

/// The variables of access logs (documented), and whether REST APIs and HTTP APIs have them. One that ends in a dot stands for all
/// below.
const VARIABLES: &[(&str, [char; 2])] = &[
    ("accountId", ['r', 'h']),
    ("apiId", ['r', 'h']),
    ("authenticate.", ['r', '-']),
    ("authorize.", ['r', '-']),
    ("authorizer.", ['r', 'h']),
    ("awsEndpointRequestId", ['r', 'h']),
    ("awsEndpointRequestId2", ['r', 'h']),
    ("cipherSuite", ['r', '-']),
    ("customDomain.basePathMatched", ['r', 'h']),
    ("customDomain.routingRuleIdMatched", ['r', '-']),
    ("dataProcessed", ['-', 'h']),
    ("deploymentId", ['r', '-']),
    ("domainName", ['r', 'h']),
    ("domainPrefix", ['r', 'h']),
    ("endpointType", ['r', '-']),
    ("error.message", ['r', 'h']),
    ("error.messageString", ['r', 'h']),
    ("error.responseType", ['r', 'h']),
    ("error.validationErrorString", ['r', '-']),
    ("extendedRequestId", ['r', 'h']),
    ("httpMethod", ['r', 'h']),
    ("identity.accessKey", ['r', 'h']),
    ("identity.accountId", ['r', 'h']),
    ("identity.apiKey", ['r', '-']),
    ("identity.apiKeyId", ['r', '-']),
    ("identity.caller", ['r', 'h']),
    ("identity.clientCert.", ['r', 'h']),
    ("identity.cognitoAuthenticationProvider", ['r', 'h']),
    ("identity.cognitoAuthenticationType", ['r', 'h']),
    ("identity.cognitoIdentityId", ['r', 'h']),
    ("identity.cognitoIdentityPoolId", ['r', 'h']),
    ("identity.principalOrgId", ['r', 'h']),
    ("identity.sourceIp", ['r', 'h']),
    ("identity.user", ['r', 'h']),
    ("identity.userAgent", ['r', 'h']),
    ("identity.userArn", ['r', 'h']),
    ("identity.vpcId", ['r', '-']),
    ("identity.vpceId", ['r', '-']),
    ("integration.error", ['r', 'h']),
    ("integration.integrationStatus", ['r', 'h']),
    ("integration.latency", ['r', 'h']),
    ("integration.requestId", ['r', 'h']),
    ("integration.responseTransferMode", ['r', '-']),
    ("integration.status", ['r', 'h']),
    ("integration.timeToAllHeaders", ['r', '-']),
    ("integration.timeToFirstContent", ['r', '-']),
    ("integrationErrorMessage", ['r', 'h']),
    ("integrationLatency", ['r', 'h']),
    ("integrationStatus", ['r', 'h']),
    ("isCanaryRequest", ['r', '-']),
    ("operationName", ['r', '-']),
    ("path", ['r', 'h']),
    ("protocol", ['r', 'h']),
    ("requestId", ['r', 'h']),
    ("requestOverride.", ['r', '-']),
    ("requestTime", ['r', 'h']),
    ("requestTimeEpoch", ['r', 'h']),
    ("resourceId", ['r', '-']),
    ("resourcePath", ['r', '-']),
    ("responseLatency", ['r', 'h']),
    ("responseLength", ['r', 'h']),
    ("responseOverride.", ['r', '-']),
    ("routeKey", ['-', 'h']),
    ("stage", ['r', 'h']),
    ("stagegate.cause", ['r', 'h']),
    ("stagegate.why", ['r', 'h']),
    ("status", ['r', 'h']),
    ("tlsVersion", ['r', '-']),
    ("waf.", ['r', '-']),
    ("wafResponseCode", ['r', '-']),
    ("webaclArn", ['r', '-']),
    ("xrayTraceId", ['r', 'h']),
];

/// Whether HTTP APIs have such a variable: `identity.sourceIp`.
pub(super) fn is_http_variable(name: &str) -> bool {
    let is_it = |known: &str| known == name || known.ends_with('.') && name.starts_with(known);
    VARIABLES.iter().any(|(known, kinds)| kinds[1] == 'h' && is_it(known))
}

/// The format of an API of that kind.
pub(crate) fn access_log(spot: &Spot<'_>, text: &str, is_http_api: bool) {
    let format = AccessFormat::read(text, is_http_api);
    let known: Vec<&str> =
        VARIABLES.iter().filter(|(_, kinds)| kinds[usize::from(is_http_api)] != '-').map(|(name, _)| *name).collect();
    let is_known =
        |name: &str| known.iter().any(|known| *known == name || (known.ends_with('.') && name.starts_with(known)));
    for name in format.variables().filter(|name| !is_known(name)) {
        let kind = if is_http_api { "an HTTP API" } else { "a REST API" };
        let message =
            format!("`$context.{name}` is no access log variable of {kind}: it prints `-`{}", hint(name, &known));
        spot.warning("access-log-variable", message);
    }
    if !format.variables().any(|name| matches!(name, "requestId" | "extendedRequestId")) {
        let message =
            "the format has neither `$context.requestId` nor `$context.extendedRequestId`: its lines belong to no \
                       request, and API Gateway refuses it"
                .to_owned();
        spot.warning("access-log-id", message);
    }
}
