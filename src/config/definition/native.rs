//! Native routes, and the parts of an API that stand beside them: API Gateway's own property names, exactly spelt.

use super::written::dialect::Dialect;
use super::written::gateway_response::gateway_responses;
use super::written::validator::{find_validator, validator};
use super::written::{Body, MethodResponse, Policy, Route, Schema, Validator, WrittenApi, authorizer, integration};
use crate::api::{ApiKeySource, Authorization, HttpMethod, ParameterLocation, RequestParameter};
use crate::config::document::{Asked, Data, Fields, Severity, Spot};

/// Reads what stands in the `api` section itself; it adds to the definition's and wins over it.
pub(crate) fn read(f: &mut Fields<'_>, api: &mut WrittenApi) {
    if let Some(spot) = f.get("name") {
        api.title = spot.text();
    }
    if let Some(spot) = f.get("binary_media_types") {
        api.binary_media_types = Some(spot.texts());
    }
    if let Some(spot) = f.get("minimum_compression_size") {
        api.minimum_compression_size = spot.bytes(0);
    }
    let sources = [("HEADER", ApiKeySource::Header), ("AUTHORIZER", ApiKeySource::Authorizer)];
    if let Some(source) = f.get("api_key_source").and_then(|s| s.choice(&sources)) {
        api.api_key_source = Some(source);
    }
    for (name, spot) in f.get("models").map(|s| s.entries()).unwrap_or_default() {
        api.models.insert(name.to_owned(), schema(&spot));
    }
    for (name, spot) in f.get("request_validators").map(|s| s.entries()).unwrap_or_default() {
        let validator = validator(&spot, Dialect::Native);
        api.validators.insert(name.to_owned(), validator);
    }
    for (name, spot) in f.get("authorizers").map(|s| s.entries()).unwrap_or_default() {
        let authorizer = authorizer::authorizer(&spot, None);
        api.authorizers.insert(name.to_owned(), authorizer);
    }
    api.unknown.extend(f.get("unresolved").map(|s| s.texts()).unwrap_or_default());
    if let Some(spot) = f.get("policy") {
        api.policy = Some(Policy { json: spot.node.to_json(), place: spot.place() });
    }
    if let Some(spot) = f.get("gateway_responses") {
        gateway_responses(&spot, Dialect::Native, api);
    }
    if let Some(routes) = f.get("routes") {
        api.routes.reserve(routes.node.items().len());
        for spot in routes.each_item() {
            api.routes.extend(route(&spot, api));
        }
    }
}

/// A schema, references as they are.
pub(crate) fn schema(spot: &Spot<'_>) -> Schema {
    if !spot.node.is_map() {
        spot.fields();
    }
    Schema { json: spot.node.to_json(), place: spot.place() }
}

fn route(spot: &Spot<'_>, api: &WrittenApi) -> Option<Route> {
    let mut f = spot.fields();
    let path = f.need("path").and_then(|s| s.text());
    let method = f.need("method").and_then(|s| method(&s));
    let parameters = f.get("requestParameters").map(|s| parameters(&s)).unwrap_or_default();
    let models = f.get("requestModels").map(|s| models(&s)).unwrap_or_default();
    let validator = f.get("requestValidator").map(|s| named_validator(&s, api)).unwrap_or_default();
    let responses = f.get("methodResponses").map(|s| responses(&s)).unwrap_or_default();
    let integration = f.need("integration").map(|s| integration::read(&s, Dialect::Native));
    let route = Route {
        place: spot.place(),
        imported: false,
        path: path.unwrap_or_default(),
        method: method.unwrap_or(HttpMethod::Any),
        operation_name: f.get("operationName").and_then(|s| s.text()),
        authorization: authorization(&mut f, api),
        scopes: f.get("authorizationScopes").map(|s| s.texts()).unwrap_or_default(),
        api_key_required: f.get("apiKeyRequired").and_then(|s| s.bool()).unwrap_or(false),
        validator,
        parameters,
        models,
        responses,
        integration,
        broken: None,
    };
    f.done(Severity::Error);
    (method.is_some() && !route.path.is_empty()).then_some(route)
}

fn method(spot: &Spot<'_>) -> Option<HttpMethod> {
    spot.choice(&[
        ("GET", HttpMethod::Get),
        ("POST", HttpMethod::Post),
        ("PUT", HttpMethod::Put),
        ("PATCH", HttpMethod::Patch),
        ("DELETE", HttpMethod::Delete),
        ("HEAD", HttpMethod::Head),
        ("OPTIONS", HttpMethod::Options),
        ("ANY", HttpMethod::Any),
    ])
}

fn authorization(f: &mut Fields<'_>, api: &WrittenApi) -> Authorization {
    let name = f.get("authorizerId").and_then(|s| s.text()).unwrap_or_default();
    let Some(spot) = f.get("authorizationType") else { return Authorization::None };
    let kinds = ["NONE", "AWS_IAM", "COGNITO_USER_POOLS", "JWT", "CUSTOM"].map(|kind| (kind, kind));
    let kind = spot.choice(&kinds).unwrap_or("NONE");
    authorizer::authorization(kind, &name, &api.authorizers)
}

/// `method.request.header.X-Trace: true`
fn parameters(spot: &Spot<'_>) -> Vec<RequestParameter> {
    let mut parameters = Vec::new();
    for (key, spot) in spot.entries() {
        let rest = key.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'));
        let location = match rest {
            Some(("header", _)) => ParameterLocation::Header,
            Some(("path", _)) => ParameterLocation::Path,
            Some(("querystring", _)) => ParameterLocation::QueryString,
            _ => {
                let message = format!("`{key}` is not `method.request.{{header|path|querystring}}.NAME`");
                spot.error("parameter", message);
                continue;
            }
        };
        let (Some((_, name)), Some(required)) = (rest, spot.bool()) else { continue };
        parameters.push(RequestParameter { location, name: name.to_owned(), required });
    }
    parameters
}

fn models(spot: &Spot<'_>) -> Vec<(String, Body)> {
    let read = |(media_type, spot): (&str, Spot<'_>)| {
        spot.records(|| Asked::Map);
        let body = match &spot.node.data {
            Data::Map(_) => Body::Inline(schema(&spot)),
            _ => Body::Named(spot.text()?, spot.place()),
        };
        Some((media_type.to_owned(), body))
    };
    spot.entries().into_iter().filter_map(read).collect()
}

fn named_validator(spot: &Spot<'_>, api: &WrittenApi) -> Validator {
    spot.records(|| Asked::Map);
    if spot.node.is_map() {
        return validator(spot, Dialect::Native);
    }
    let name = spot.text().unwrap_or_default();
    find_validator(&name, spot, api, Severity::Error)
}

/// `[200, {statusCode: 400, responseParameters: {method.response.header.X: true}}]`
fn responses(spot: &Spot<'_>) -> Vec<MethodResponse> {
    let read = |spot: Spot<'_>| {
        if !spot.node.is_map() {
            return Some(MethodResponse { status: integration::status(&spot)?, headers: Vec::new() });
        }
        let mut f = spot.fields();
        let status = f.need("statusCode").and_then(|s| integration::status(&s));
        let headers = f.get("responseParameters").map(|s| response_headers(&s)).unwrap_or_default();
        f.allow(&["responseModels"]);
        f.done(Severity::Error);
        Some(MethodResponse { status: status?, headers })
    };
    spot.collect(spot.each_item().filter_map(read))
}

fn response_headers(spot: &Spot<'_>) -> Vec<String> {
    let mut headers = Vec::new();
    for (key, spot) in spot.entries() {
        match key.strip_prefix("method.response.header.") {
            Some(name) => headers.push(name.to_owned()),
            None => spot.error("parameter", format!("`{key}` is not `method.response.header.NAME`")),
        }
    }
    headers
}
