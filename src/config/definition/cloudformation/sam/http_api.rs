//! `AWS::Serverless::HttpApi` with the events that belong to it, as an OpenAPI document of an HTTP API.

use super::super::template::Template;
use super::super::value::{self, entry, is_given, put};
use super::api::SamApi;
use super::document::{ANY, ApiDocument, INTEGRATION, add_scheme, method_key, requirement, security, set_security};
use super::event::{Event, IMPLICIT_HTTP, events};
use crate::config::document::{Data, Node};

/// Expands the API of that logical id.
pub(crate) fn expand_http(template: &Template<'_>, id: &str) -> SamApi {
    let events: Vec<Event<'_>> = events(template, "HttpApi").into_iter().filter(|event| event.api == id).collect();
    let properties = super::api::properties(template, id, "AWS::Serverless::HttpApi", IMPLICIT_HTTP, &events);
    let path = template.properties_path(id);
    let stage = properties.get("StageName").and_then(Node::scalar).unwrap_or_else(|| "$default".to_owned());
    let mut api = SamApi { document: None, path: template.resource_path(id), stage, properties };
    if api.is_elsewhere(template, &path) {
        return api;
    }
    api.document = Some(build(template, &api.properties, &events));
    api
}

fn build(template: &Template<'_>, api: &Node, events: &[Event<'_>]) -> Node {
    let mut document = match api.get("DefinitionBody").filter(|body| is_given(Some(body))) {
        Some(body) => ApiDocument { root: body.clone(), managed: false },
        None => ApiDocument::skeleton(api),
    };
    if document.managed {
        put(&mut document.root, "openapi", value::text(api, "3.0.1"));
        document.root.take("swagger");
    }
    for event in events.iter().filter(|event| event.present) {
        add(template, event, api, &mut document);
    }
    if let Some(auth) = api.get("Auth").filter(|auth| is_given(Some(auth))) {
        add_auth(template, auth, &mut document);
    }
    if let Some(cors) = api.get("CorsConfiguration").filter(|cors| is_given(Some(cors))) {
        add_cors(cors, &mut document);
    }
    document.root
}

/// The path and the method of an event: without both, the default route.
fn route(event: &Event<'_>, template: &Template<'_>) -> Option<(String, String)> {
    let text = |key: &str| event.properties.get(key).and_then(Node::scalar).filter(|text| !text.is_empty());
    if text("Path").is_none() && text("Method").is_none() {
        return Some(("$default".to_owned(), ANY.to_owned()));
    }
    let (path, method) = (event.need(template, "Path")?, event.need(template, "Method")?);
    Some((path, method_key(&method)))
}

fn add(template: &Template<'_>, event: &Event<'_>, api: &Node, document: &mut ApiDocument) {
    let Some((path, method)) = route(event, template) else { return };
    let at = event.made(&event.properties);
    let text = |text: &str| value::text(&at, text);
    let there = document.integrated(&path, &method).is_some();
    if there && document.managed {
        event.error(template, "duplicate-route", format!("`{path}` has the method already: the first counts"));
        return;
    }
    if !there && let Some(operation) = document.add_method(&path, &method, &at) {
        if !operation.is_map() {
            *operation = value::map(&at, []);
        }
        let integration = value::map(
            &at,
            [
                ("type", text("aws_proxy")),
                ("httpMethod", text("POST")),
                ("payloadFormatVersion", text("2.0")),
                ("uri", text(&template.invocation(event))),
            ],
        );
        put(operation, INTEGRATION, integration);
    }
    for (from, to) in [("TimeoutInMillis", "timeoutInMillis"), ("PayloadFormatVersion", "payloadFormatVersion")] {
        let given = event.get(from).filter(|node| is_given(Some(node)));
        let operation = document.integrated(&path, &method).and_then(value::entries_mut);
        if let (Some(node), Some(integration)) = (given, operation.and_then(|entries| entries.get_mut(INTEGRATION))) {
            put(integration, to, node);
        }
    }
    let Some(auth) = event.get("Auth").filter(|auth| is_given(Some(auth))) else { return };
    let of_api = api.get("Auth");
    let named = auth.get("Authorizer").or_else(|| of_api?.get("DefaultAuthorizer"));
    let Some(name) = named.and_then(Node::scalar) else { return };
    let authorizers = of_api.and_then(|auth| auth.get("Authorizers"));
    let own = auth.get("AuthorizationScopes").filter(|scopes| is_given(Some(scopes)));
    let scopes = own.or_else(|| authorizers?.get(&name)?.get("AuthorizationScopes"));
    let scopes = scopes.filter(|_| name != "AWS_IAM" && name != "NONE");
    if let Some(operation) = document.integrated(&path, &method) {
        let mut requirements = security(operation);
        requirements.push(requirement(&auth, &name, scopes));
        set_security(operation, &auth, requirements);
    }
}

fn add_auth(template: &Template<'_>, auth: &Node, document: &mut ApiDocument) {
    let is_signed = auth.get("EnableIamAuthorizer").is_some_and(|node| node.data == Data::Bool(true));
    if is_signed {
        add_scheme(&mut document.root, "AWS_IAM", super::auth::iam_scheme(auth), true);
    }
    let authorizers = auth.get("Authorizers");
    for (name, node) in authorizers.into_iter().flat_map(Node::entries) {
        add_scheme(&mut document.root, name, scheme(node, template), true);
    }
    let Some(default) = auth.get("DefaultAuthorizer").and_then(Node::scalar).filter(|name| !name.is_empty()) else {
        return;
    };
    let scopes = authorizers.and_then(|all| all.get(&default)?.get("AuthorizationScopes"));
    for path in document.paths() {
        for method in document.integrated_methods(&path).into_iter().filter(|method| method != "options") {
            if let Some(operation) = document.integrated(&path, &method).filter(|one| security(one).is_empty()) {
                set_security(operation, auth, vec![requirement(auth, &default, scopes)]);
            }
        }
    }
}

/// A JWT or a Lambda authorizer as a security scheme.
fn scheme(authorizer: &Node, template: &Template<'_>) -> Node {
    let text = |text: &str| value::text(authorizer, text);
    if let Some(jwt) = authorizer.get("JwtConfiguration").filter(|jwt| is_given(Some(jwt))) {
        let mut lower = value::map(jwt, []);
        for (key, node) in jwt.entries() {
            put(&mut lower, &key.to_lowercase(), node.clone());
        }
        let mut body = value::map(authorizer, [("type", text("jwt")), ("jwtConfiguration", lower)]);
        if let Some(source) = authorizer.get("IdentitySource") {
            put(&mut body, "identitySource", source.clone());
        }
        return value::map(authorizer, [("type", text("oauth2")), ("x-amazon-apigateway-authorizer", body)]);
    }
    let function = authorizer.get("FunctionArn").and_then(Node::scalar).unwrap_or_default();
    let (partition, region) = (template.partition(), &template.stage.region);
    let uri = format!("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations");
    let mut body = value::map(authorizer, [("type", text("request")), ("authorizerUri", text(&uri))]);
    let role = authorizer.get("FunctionInvokeRole").filter(|role| role.scalar().as_deref() != Some("NONE"));
    let copied = [
        ("authorizerCredentials", role),
        ("authorizerPayloadFormatVersion", authorizer.get("AuthorizerPayloadFormatVersion")),
        ("enableSimpleResponses", authorizer.get("EnableSimpleResponses")),
        ("authorizerResultTtlInSeconds", authorizer.get("Identity").and_then(|one| one.get("ReauthorizeEvery"))),
    ];
    for (key, node) in copied {
        if let Some(node) = node {
            put(&mut body, key, node.clone());
        }
    }
    if let Some(identity) = authorizer.get("Identity") {
        put(&mut body, "identitySource", value::list(authorizer, identity_sources(identity)));
    }
    let mut scheme =
        value::map(authorizer, [("type", text("apiKey")), ("name", text("Unused")), ("in", text("header"))]);
    put(&mut scheme, "x-amazon-apigateway-authorizer", body);
    scheme
}

fn identity_sources(identity: &Node) -> Vec<Node> {
    let prefixes = [
        ("Headers", "$request.header."),
        ("QueryStrings", "$request.querystring."),
        ("StageVariables", "$stageVariables."),
        ("Context", "$context."),
    ];
    let named = prefixes.iter().flat_map(|(key, prefix)| {
        let items = identity.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(move |item| Some(value::text(item, format!("{prefix}{}", item.scalar()?))))
    });
    named.collect()
}

fn add_cors(cors: &Node, document: &mut ApiDocument) {
    const KEY: &str = "x-amazon-apigateway-cors";
    let Some(section) = entry(&mut document.root, KEY, || value::map(cors, [])) else { return };
    if cors.scalar().as_deref() == Some("true") {
        put(section, "allowOrigins", value::list(cors, vec![value::text(cors, "*")]));
    }
    let keys = ["AllowOrigins", "AllowHeaders", "AllowMethods", "ExposeHeaders", "MaxAge", "AllowCredentials"];
    for key in keys {
        if let Some(node) = cors.get(key) {
            let name = format!("{}{}", key[..1].to_lowercase(), &key[1..]);
            put(section, &name, node.clone());
        }
    }
}
