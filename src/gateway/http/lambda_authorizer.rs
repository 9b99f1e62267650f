//! A Lambda authorizer of an HTTP API: what identifies a caller, what the function is asked, and what its answer means.

use bytes::Bytes;
use serde_json::Value;

use super::event::EventSource;
use super::values::Values;
use super::{event_v1, event_v2};
use crate::api::http::{HttpLambdaAuthorizer, PayloadFormat};
use crate::authorization::identity_source::{CacheKey, Unidentified, identify};
use crate::authorization::lambda_answer::{AnswerFault, PolicyAnswer, SimpleAnswer, read_http, read_simple};
use crate::authorization::policy::{Outcome, RequestFacts};
use crate::exchange::http_caller::HttpCaller;
use crate::failure::Failure;

/// An answer, as it is kept: a policy is evaluated afresh for each route.
#[derive(Debug, Clone)]
pub(crate) enum HttpAnswer {
    /// One word for every route.
    Simple(SimpleAnswer),
    /// A policy.
    Policy(PolicyAnswer<Value>),
}

/// The values that identify the caller; a request without one of them is a 401, and nobody is asked (documented).
pub(crate) fn identity(authorizer: &HttpLambdaAuthorizer, values: &Values) -> Result<Vec<String>, Unidentified> {
    identify(&authorizer.sources, values)
}

/// Under what the answer is kept: the caller's values and nothing else, so that it counts for every route.
pub(crate) fn cache_key(authorizer: &HttpLambdaAuthorizer, stage: &str, identity: &[String]) -> Option<CacheKey> {
    authorizer.keeps_answers().then(|| CacheKey::new(&authorizer.name, stage, identity))
}

/// What the function is asked.
pub(crate) fn question(
    authorizer: &HttpLambdaAuthorizer,
    source: &EventSource,
    route_arn: &str,
    identity: &[String],
    limit: usize,
) -> Result<Bytes, Failure> {
    match authorizer.format {
        PayloadFormat::V1 => event_v1::render_for_authorizer(source, route_arn, identity, limit),
        PayloadFormat::V2 => event_v2::render_for_authorizer(source, route_arn, identity, limit),
    }
}

/// The function's answer, or why that is none: the client's 500.
pub(crate) fn read(authorizer: &HttpLambdaAuthorizer, payload: &[u8]) -> Result<HttpAnswer, AnswerFault> {
    match authorizer.answers_simply() {
        true => read_simple(payload).map(HttpAnswer::Simple),
        false => read_http(payload).map(HttpAnswer::Policy),
    }
}

impl HttpAnswer {
    /// What it says of a call: anything but `Allow` is the client's 403.
    pub(crate) fn decide(&self, route_arn: &str, facts: &RequestFacts) -> Outcome {
        match self {
            HttpAnswer::Simple(answer) if answer.is_authorized => Outcome::Allow,
            HttpAnswer::Simple(_) => Outcome::Deny,
            HttpAnswer::Policy(answer) => answer.policy.decide(route_arn, facts).outcome,
        }
    }

    /// Why its policy says so, statement by statement; a simple answer has none.
    pub(crate) fn explain(&self, route_arn: &str, facts: &RequestFacts) -> Option<String> {
        match self {
            HttpAnswer::Simple(_) => None,
            HttpAnswer::Policy(answer) => Some(answer.policy.explain(route_arn, facts).to_string()),
        }
    }

    /// What it says of the caller.
    pub(crate) fn caller(&self) -> HttpCaller {
        let (principal_id, context) = match self {
            HttpAnswer::Simple(answer) => (None, &answer.context),
            HttpAnswer::Policy(answer) => (answer.principal_id.clone(), &answer.context),
        };
        HttpCaller::Lambda { principal_id, context: context.clone() }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::super::sample::Sample;
    use super::*;
    use crate::authorization::identity_source::IdentitySource;
    use PayloadFormat::{V1, V2};

    fn authorizer(format: PayloadFormat, simple: bool, sources: &[&str], ttl: u64) -> HttpLambdaAuthorizer {
        HttpLambdaAuthorizer {
            name: "auth".to_owned(),
            sources: sources.iter().filter_map(|source| IdentitySource::parse_http(source).ok()).collect(),
            function: Err("not called here".to_owned()),
            format,
            simple,
            ttl: Duration::from_secs(ttl),
            timeout: Duration::from_secs(10),
        }
    }

    #[test]
    fn identities() {
        let request = "GET /dev/pets/7?Token=t%201&Token=t2&token=no HTTP/1.1\nHost: h\nAuthorization: me\nX-Empty: ";
        let sample = Sample::new("dev", "GET /pets/{id}", request).with_variables(&[("v", "1")]);
        let values = Values::new(sample.source(None));
        let rows = [
            (&[][..], Ok("")),
            (&["$request.header.authorization", "$request.querystring.Token"], Ok("me|t 1,t2")),
            (&["$context.stage", "$stageVariables.v"], Ok("dev|1")),
            (
                &["$request.querystring.TOKEN"],
                Err("the identity source query string parameter `TOKEN` is missing or empty"),
            ),
            (
                &["$request.header.authorization", "$request.header.x-empty"],
                Err("the identity source header `x-empty` is missing or empty"),
            ),
            (&["$context.none"], Err("the identity source `$context.none` is missing or empty")),
        ];
        for (sources, expected) in rows {
            let found = identity(&authorizer(V2, true, sources, 0), &values);
            let found = found.map(|values| values.join("|")).map_err(|why| why.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        }
    }

    #[test]
    fn answers_that_are_kept() {
        let rows = [
            (&["$request.header.a"][..], 300, true, true),
            (&["$request.header.a", "$context.routeKey"], 300, true, false),
            (&["$request.header.a"], 0, false, false),
            (&[], 300, false, false),
        ];
        for (sources, ttl, is_kept, is_shared) in rows {
            let authorizer = authorizer(V2, true, sources, ttl);
            let key = cache_key(&authorizer, "dev", &["1".to_owned()]);
            assert_eq!(
                (key.is_some(), authorizer.shares_answers_between_routes()),
                (is_kept, is_shared),
                "{sources:?}"
            );
        }
    }

    const ALLOW: &str = r#"{"principalId":"me","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:eu-west-1:1:a/$default/GET/*"}]},"context":{"n":1,"list":["a"],"map":{"b":null}}}"#;

    #[test]
    fn answers() {
        let arn = "arn:aws:execute-api:eu-west-1:1:a/$default/GET/pets";
        let simple = "`isAuthorized`: expected `true` or `false`";
        let rows = [
            (
                V2,
                true,
                r#"{"isAuthorized":true,"context":{"k":"v","n":1.5,"b":true,"l":[1]}}"#,
                "Allow - k=\"v\" n=1.5 b=true l=[1]",
            ),
            (V2, true, r#"{"isAuthorized":false}"#, "Deny - "),
            (V2, true, r#"{"isAuthorized":"true"}"#, simple),
            (V2, true, r#"{"isAuthorized":1}"#, simple),
            (V2, true, ALLOW, simple),
            (V2, true, r#"{"isAuthorized":true,"context":"x"}"#, "`context`: expected an object"),
            (V2, true, "null", "the answer is no JSON object"),
            (V2, false, ALLOW, r#"Allow me n=1 list=["a"] map={"b":null}"#),
            (V1, false, ALLOW, r#"Allow me n=1 list=["a"] map={"b":null}"#),
            (V1, true, ALLOW, r#"Allow me n=1 list=["a"] map={"b":null}"#),
            (V1, true, r#"{"isAuthorized":true}"#, "the answer has no `policyDocument`"),
            (V2, false, r#"{"policyDocument":{"Version":"2012-10-17","Statement":[]}}"#, "Neither - "),
        ];
        for (format, is_simple, payload, expected) in rows {
            let said = match read(&authorizer(format, is_simple, &[], 0), payload.as_bytes()) {
                Err(fault) => fault.to_string(),
                Ok(answer) => {
                    let decided = answer.decide(arn, &RequestFacts::at(SystemTime::UNIX_EPOCH));
                    let HttpCaller::Lambda { principal_id, context } = answer.caller() else { continue };
                    let context: Vec<String> = context.iter().map(|(name, value)| format!("{name}={value}")).collect();
                    format!("{decided:?} {} {}", principal_id.as_deref().unwrap_or("-"), context.join(" "))
                }
            };
            assert_eq!(said, expected, "{payload}");
        }
    }

    #[test]
    fn questions() {
        let request = "GET /dev/pets/7?q=1 HTTP/1.1\nHost: h\nCookie: c=1";
        let sample = Sample::new("dev", "GET /pets/{id}", request).with_path(&[("id", "7")]);
        let source = sample.source(None);
        let identity = ["user1".to_owned(), "123".to_owned()];
        let rows = [
            (V2, &identity[..], V2_EVENT),
            (V1, &identity[..], V1_EVENT),
            (V2, &[], "\"routeArn\":\"arn:x\",\"identitySource\":null,"),
            (V1, &[], "\"methodArn\":\"arn:x\",\"identitySource\":\"\",\"authorizationToken\":\"\","),
        ];
        for (format, identity, expected) in rows {
            let event = question(&authorizer(format, true, &[], 0), &source, "arn:x", identity, 10_000);
            let event = String::from_utf8_lossy(&event.unwrap_or_default()).into_owned();
            assert!(event == expected || (identity.is_empty() && event.contains(expected)), "{event}");
        }
    }

    const V2_EVENT: &str = r#"{"version":"2.0","type":"REQUEST","routeArn":"arn:x","identitySource":["user1","123"],"routeKey":"GET /pets/{id}","rawPath":"/dev/pets/7","rawQueryString":"q=1","cookies":["c=1"],"headers":{"host":"h","x-amzn-trace-id":"Root=1-67fd8937-6cd643e155b4258a556982c5","x-forwarded-for":"192.0.2.7","x-forwarded-port":"443","x-forwarded-proto":"https"},"queryStringParameters":{"q":"1"},"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","domainName":"h","domainPrefix":"h","http":{"method":"GET","path":"/dev/pets/7","protocol":"HTTP/1.1","sourceIp":"192.0.2.7","userAgent":""},"requestId":"JCJgriq-vHcEPMg=","routeKey":"GET /pets/{id}","stage":"dev","time":"14/Apr/2025:22:16:23 +0000","timeEpoch":1744668983126},"pathParameters":{"id":"7"}}"#;
    const V1_EVENT: &str = r#"{"version":"1.0","type":"REQUEST","methodArn":"arn:x","identitySource":"user1,123","authorizationToken":"user1,123","resource":"/pets/{id}","path":"/dev/pets/7","httpMethod":"GET","headers":{"Cookie":"c=1","Host":"h","X-Amzn-Trace-Id":"Root=1-67fd8937-6cd643e155b4258a556982c5","X-Forwarded-For":"192.0.2.7","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Cookie":["c=1"],"Host":["h"],"X-Amzn-Trace-Id":["Root=1-67fd8937-6cd643e155b4258a556982c5"],"X-Forwarded-For":["192.0.2.7"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"queryStringParameters":{"q":"1"},"multiValueQueryStringParameters":{"q":["1"]},"pathParameters":{"id":"7"},"stageVariables":null,"requestContext":{"accountId":"123456789012","apiId":"a1b2c3","domainName":"h","domainPrefix":"h","extendedRequestId":"JCJgriq-vHcEPMg=","httpMethod":"GET","identity":{"accessKey":null,"accountId":null,"caller":null,"cognitoAmr":null,"cognitoAuthenticationProvider":null,"cognitoAuthenticationType":null,"cognitoIdentityId":null,"cognitoIdentityPoolId":null,"principalOrgId":null,"sourceIp":"192.0.2.7","user":null,"userAgent":"","userArn":null},"path":"/dev/pets/7","protocol":"HTTP/1.1","requestId":"JCJgriq-vHcEPMg=","requestTime":"14/Apr/2025:22:16:23 +0000","requestTimeEpoch":1744668983126,"resourceId":"GET /pets/{id}","resourcePath":"/pets/{id}","stage":"dev"}}"#;
}
