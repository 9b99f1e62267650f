//! `AWS::ApiGateway::Resource` and `AWS::ApiGateway::Method`: paths out of parents, methods as routes.

use std::collections::HashMap;

use super::template::Template;
use super::value::{flag, logical_id};
use crate::api::{HttpMethod, ParameterLocation, RequestParameter};
use crate::config::definition::written::authorizer::authorization;
use crate::config::definition::written::dialect::Dialect;
use crate::config::definition::written::{Body, MethodResponse, Route, Validator, WrittenApi, integration};
use crate::config::document::{Node, Severity, Spot};

/// Longest chain of parents.
const PARENTS: usize = 64;

/// The names that methods refer to by logical id.
pub(crate) struct Names {
    /// Authorizers.
    pub authorizers: HashMap<String, String>,
    /// Models.
    pub models: HashMap<String, String>,
    /// Request validators.
    pub validators: HashMap<String, Validator>,
}

/// Adds the methods of the API.
pub(crate) fn read(template: &Template<'_>, api: &str, names: &Names, written: &mut WrittenApi) {
    let resources = Resources::new(template);
    for (id, resource) in template.of_kind("AWS::ApiGateway::Method") {
        let of = template.property_text(id, resource, "RestApiId").unwrap_or_default();
        if logical_id(&of).unwrap_or(&of) != api {
            continue;
        }
        let properties = template.properties(id, resource);
        let spot = Spot::new(&properties, template.properties_path(id), template.report);
        let (route, broken) = template.report.part(|| route(&spot, &resources, names, written));
        written.routes.extend(route.map(|route| Route { broken, ..route }));
    }
}

/// The resources of all APIs: parent and part of the path.
struct Resources(HashMap<String, (String, String)>);

impl Resources {
    fn new(template: &Template<'_>) -> Resources {
        let part = |(id, resource): (&str, _)| {
            let parent = template.property_text(id, resource, "ParentId").unwrap_or_default();
            Some((id.to_owned(), (parent, template.property_text(id, resource, "PathPart")?)))
        };
        Resources(template.of_kind("AWS::ApiGateway::Resource").filter_map(part).collect())
    }

    /// The path of what a `ResourceId` leads to; the root is every id that is no resource of the template.
    fn path(&self, reference: &str) -> String {
        let mut parts: Vec<&str> = Vec::new();
        let mut reference = reference;
        while let Some((parent, part)) = self.0.get(logical_id(reference).unwrap_or(reference)) {
            if parts.len() >= PARENTS {
                break;
            }
            parts.push(part);
            reference = parent;
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }

    /// Whether the path begins at an id that another stack owns.
    fn root<'a>(&'a self, reference: &'a str) -> &'a str {
        let mut reference = reference;
        for _ in 0..PARENTS {
            match self.0.get(logical_id(reference).unwrap_or(reference)) {
                Some((parent, _)) => reference = parent,
                None => break,
            }
        }
        reference
    }
}

fn route(spot: &Spot<'_>, resources: &Resources, names: &Names, written: &WrittenApi) -> Option<Route> {
    let mut f = spot.fields_any_case();
    let method = f.need("httpMethod").and_then(|s| method(&s))?;
    let resource = f.need("resourceId").and_then(|s| s.text())?;
    let root = resources.root(&resource);
    if !root.ends_with(".RootResourceId}") {
        let message = format!("the path begins at `{root}`, which is not in the template: it is taken as `/`");
        spot.note("unknown-parent", message);
    }
    let kind = f.get("authorizationType").and_then(|s| s.text()).unwrap_or_default().to_ascii_uppercase();
    let authorizer = f.get("authorizerId").and_then(|s| s.text()).unwrap_or_default();
    let authorizer = named(&authorizer, &names.authorizers);
    let scopes = f.get("authorizationScopes").map(|s| s.texts()).unwrap_or_default();
    let models = f.get("requestModels").map(|s| models(&s, names)).unwrap_or_default();
    let validator = f.get("requestValidatorId").and_then(|s| validator(&s, names)).unwrap_or_default();
    let responses = f.get("methodResponses").map(|s| s.items()).unwrap_or_default();
    let integration = f.get("integration").map(|s| integration::read(&s, Dialect::CloudFormation));
    let route = Route {
        place: spot.place(),
        imported: true,
        path: resources.path(&resource),
        method,
        operation_name: f.get("operationName").and_then(|s| s.text()),
        authorization: authorization(&kind, &authorizer, &written.authorizers),
        scopes,
        api_key_required: f.get("apiKeyRequired").and_then(|s| flag(&s)).unwrap_or(false),
        validator,
        parameters: f.get("requestParameters").map(|s| parameters(&s)).unwrap_or_default(),
        models,
        responses: responses.iter().filter_map(response).collect(),
        integration,
        broken: None,
    };
    f.allow(&["restApiId"]);
    f.done(Severity::Warning);
    Some(route)
}

fn method(spot: &Spot<'_>) -> Option<HttpMethod> {
    let text = spot.text()?;
    let found = HttpMethod::parse(&text.to_ascii_uppercase());
    if found.is_none() {
        spot.error("wrong-type", format!("`{text}` is not an HTTP method that API Gateway knows"));
    }
    found
}

/// The name behind a `Ref`, or the text itself.
fn named(text: &str, names: &HashMap<String, String>) -> String {
    let id = logical_id(text).unwrap_or(text);
    names.get(id).cloned().unwrap_or_else(|| id.to_owned())
}

fn models(spot: &Spot<'_>, names: &Names) -> Vec<(String, Body)> {
    let body = |(media_type, spot): (&str, Spot<'_>)| {
        Some((media_type.to_owned(), Body::Named(named(&spot.text()?, &names.models), spot.place())))
    };
    spot.entries().into_iter().filter_map(body).collect()
}

fn validator(spot: &Spot<'_>, names: &Names) -> Option<Validator> {
    let text = spot.text()?;
    let found = logical_id(&text).and_then(|id| names.validators.get(id)).copied();
    if found.is_none() {
        spot.warning(
            "unknown-validator",
            format!("request validator `{text}` is not in the template: nothing is checked"),
        );
    }
    found
}

/// `method.request.header.X-Trace: true`
fn parameters(spot: &Spot<'_>) -> Vec<RequestParameter> {
    let mut parameters = Vec::new();
    for (key, spot) in spot.entries() {
        let named = key.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'));
        let (location, name) = match named {
            Some(("header" | "multivalueheader", name)) => (ParameterLocation::Header, name),
            Some(("path", name)) => (ParameterLocation::Path, name),
            Some(("querystring" | "multivaluequerystring", name)) => (ParameterLocation::QueryString, name),
            _ => {
                let message = format!("`{key}` is not `method.request.{{header|path|querystring}}.NAME`");
                spot.warning("parameter", message);
                continue;
            }
        };
        let required = flag(&spot).unwrap_or(false);
        parameters.push(RequestParameter { location, name: name.to_owned(), required });
    }
    parameters
}

fn response(spot: &Spot<'_>) -> Option<MethodResponse> {
    let (key, node) = spot.node.get_any_case("statusCode")?;
    let status = integration::status(&spot.inside(key, node))?;
    let declared = spot.node.get_any_case("responseParameters").map(|(_, node)| node);
    let names = declared.into_iter().flat_map(Node::entries).map(|(key, _)| key);
    let headers = names.filter_map(|key| key.strip_prefix("method.response.header.")).map(str::to_owned).collect();
    Some(MethodResponse { status, headers })
}
