//! Native routes of an HTTP API, and what stands beside them: API Gateway's own property names, exactly spelt.

use super::written::authorizer;
use super::written::http_api::{HttpApi, HttpAuthorization, HttpRoute, native_cors, native_integration};
use crate::config::document::{Fields, Severity, Spot};

/// Whether a native route is one of an HTTP API: it has a `route`, where one of a REST API has path and method.
pub(crate) fn is_meant(f: &mut Fields<'_>) -> bool {
    f.get("routes").is_some_and(|routes| routes.node.items().iter().any(|route| route.get("route").is_some()))
}

/// Reads what stands in the `api` section itself; it adds to the definition's and wins over it.
pub(crate) fn read(f: &mut Fields<'_>, api: &mut HttpApi) {
    if let Some(spot) = f.get("name") {
        api.name = spot.text();
    }
    if let Some(spot) = f.get("cors") {
        api.cors = Some(native_cors(&spot));
    }
    for (name, spot) in f.get("authorizers").map(|s| s.entries()).unwrap_or_default() {
        api.authorizers.insert(name.to_owned(), authorizer::authorizer(&spot, None));
    }
    let routes = f.get("routes").map(|s| s.items()).unwrap_or_default();
    api.routes.extend(routes.iter().filter_map(route));
}

fn route(spot: &Spot<'_>) -> Option<HttpRoute> {
    let mut f = spot.fields();
    let key = f.need("route").and_then(|s| s.text());
    let (authorization, scopes) = authorization(&mut f);
    let route = HttpRoute {
        place: spot.place(),
        imported: false,
        key: key.unwrap_or_default(),
        operation_name: f.get("operationName").and_then(|s| s.text()),
        authorization,
        scopes,
        integration: f.need("integration").map(|s| native_integration(&s)),
    };
    f.done(Severity::Error);
    (!route.key.is_empty()).then_some(route)
}

fn authorization(f: &mut Fields<'_>) -> (HttpAuthorization, Vec<String>) {
    let name = f.get("authorizerId").and_then(|s| s.text());
    let scopes = f.get("authorizationScopes").map(|s| s.texts()).unwrap_or_default();
    let Some(spot) = f.get("authorizationType") else { return (HttpAuthorization::None, scopes) };
    let kinds = ["NONE", "AWS_IAM", "JWT", "CUSTOM"].map(|kind| (kind, kind));
    let found = match spot.choice(&kinds).unwrap_or("NONE") {
        "NONE" => HttpAuthorization::None,
        "AWS_IAM" => HttpAuthorization::AwsIam,
        _ => match name {
            Some(name) => HttpAuthorization::Authorizer(name),
            None => {
                spot.error("missing-key", "`authorizerId` is missing beside it".to_owned());
                HttpAuthorization::Authorizer(String::new())
            }
        },
    };
    (found, scopes)
}
