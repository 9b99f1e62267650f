//! `Auth`: the API's authorizers as security schemes, the default on every method that has none of its own, and API keys.

use std::sync::Arc;

use super::super::template::Template;
use super::super::value::{self, entries_mut, is_given, put};
use super::document::{ApiDocument, add_scheme, requirement, security, set_security};
use super::event::{Event, made};
use super::policy;
use crate::config::document::{Data, Node, Origin, Place};

/// What the API's `Auth` says.
pub(crate) struct ApiAuth<'a> {
    /// The section.
    pub node: &'a Node,
    /// Its path.
    pub path: String,
    /// Where findings go, and what values are known.
    pub template: &'a Template<'a>,
}

const KNOWN: &[&str] = &[
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "AddDefaultAuthorizerToCorsPreflight",
    "AddApiKeyRequiredToCorsPreflight",
    "ApiKeyRequired",
    "ResourcePolicy",
    "UsagePlan",
];

impl ApiAuth<'_> {
    fn authorizers(&self) -> Option<&Node> {
        self.node.get("Authorizers").filter(|node| is_given(Some(node)))
    }

    fn default_authorizer(&self) -> Option<String> {
        self.node.get("DefaultAuthorizer").and_then(Node::scalar).filter(|name| !name.is_empty())
    }

    fn flag(&self, key: &str) -> bool {
        !matches!(self.node.get(key).map(|node| &node.data), Some(Data::Bool(false)))
    }

    fn requires_key(&self) -> bool {
        is_given(self.node.get("ApiKeyRequired"))
    }

    fn warning(&self, rule: &'static str, message: String) {
        self.template.report.warning(&Place::of(self.node, &self.path), rule, message);
    }

    /// Adds all of it to the finished paths.
    pub(crate) fn add(&self, document: &mut ApiDocument, stage: &str) {
        for (key, _) in self.node.entries().filter(|(key, _)| !KNOWN.contains(&key.as_str())) {
            self.warning("unknown-key", format!("unknown key `{key}` has no effect"));
        }
        let names = self.add_schemes(document);
        if let Some(default) = self.default_authorizer() {
            if names.is_empty() {
                let message = format!("`DefaultAuthorizer` `{default}` has no effect without `Authorizers`");
                self.warning("unknown-authorizer", message);
            } else if !names.contains(&default) {
                let message = format!("`DefaultAuthorizer` `{default}` is not in `Authorizers`: SAM refuses it");
                self.template.report.error(&Place::of(self.node, &self.path), "unknown-authorizer", message);
                add_scheme(&mut document.root, &default, unknown_scheme(self.node), false);
            }
            if !names.is_empty() {
                self.add_default(document, &default, &names);
            }
        }
        if self.requires_key() {
            add_scheme(&mut document.root, "api_key", key_scheme(self.node), false);
            self.add_default_key(document);
        }
        if let Some(policy) = self.node.get("ResourcePolicy").filter(|node| is_given(Some(node))) {
            for path in document.paths() {
                policy::add(document, policy, &path, stage);
            }
            policy::add_custom(document, policy);
        }
    }

    fn add_schemes(&self, document: &mut ApiDocument) -> Vec<String> {
        let mut names = Vec::new();
        if self.default_authorizer().as_deref() == Some("AWS_IAM") {
            add_scheme(&mut document.root, "AWS_IAM", iam_scheme(self.node), true);
            names.push("AWS_IAM".to_owned());
        }
        for (name, node) in self.authorizers().into_iter().flat_map(Node::entries) {
            let path = format!("{}.Authorizers.{name}", self.path);
            let origin = Arc::new(Origin::Made { file: node.origin.name(), path });
            add_scheme(&mut document.root, name, scheme(&made(node, &origin), self.template), true);
            names.push(name.to_string());
        }
        names
    }

    /// A method keeps an authorizer of its own; `NONE` keeps the default away.
    fn add_default(&self, document: &mut ApiDocument, default: &str, names: &[String]) {
        let scopes = self.authorizers().and_then(|all| all.get(default)).and_then(|one| one.get("AuthorizationScopes"));
        let to_preflight = self.flag("AddDefaultAuthorizerToCorsPreflight");
        let is_authorizer = |scheme: &str| scheme == "AWS_IAM" || names.iter().any(|name| name == scheme);
        let mut is_signed = false;
        for path in document.paths() {
            for method in document.integrated_methods(&path) {
                if method == "options" && !to_preflight {
                    continue;
                }
                let Some(operation) = document.integrated(&path, &method) else { continue };
                let (own, mut others): (Vec<Node>, Vec<Node>) =
                    security(operation).into_iter().partition(|one| one.entries().any(|(key, _)| is_authorizer(key)));
                match others.iter().position(|one| one.has("NONE")) {
                    Some(none) => drop(others.remove(none)),
                    None if own.is_empty() => others.push(requirement(self.node, default, scopes)),
                    None => others.extend(own),
                }
                if !others.is_empty() {
                    is_signed |= others[0].has("AWS_IAM");
                    set_security(operation, self.node, others);
                }
            }
        }
        if is_signed {
            add_scheme(&mut document.root, "AWS_IAM", iam_scheme(self.node), false);
        }
    }

    fn add_default_key(&self, document: &mut ApiDocument) {
        let to_preflight = self.flag("AddApiKeyRequiredToCorsPreflight");
        for path in document.paths() {
            for method in document.integrated_methods(&path) {
                let Some(operation) = document.integrated(&path, &method) else { continue };
                let is_key = |one: &Node| one.has("api_key") || one.has("api_key_false");
                let (keys, mut others): (Vec<Node>, Vec<Node>) = security(operation).into_iter().partition(is_key);
                let refused = keys.iter().any(|one| one.has("api_key_false"));
                if !refused && (method != "options" || to_preflight) {
                    others.push(requirement(self.node, "api_key", None));
                }
                set_security(operation, self.node, others);
            }
        }
    }
}

/// Adds what an event's own `Auth` says to its method.
pub(crate) fn add_event(
    event: &Event<'_>,
    api: Option<&ApiAuth<'_>>,
    path: &str,
    method: &str,
    document: &mut ApiDocument,
    template: &Template<'_>,
) {
    let Some(auth) = event.get("Auth").filter(|auth| is_given(Some(auth))) else { return };
    let authorizer = auth.get("Authorizer").and_then(Node::scalar).filter(|name| !name.is_empty());
    if let Some(name) = &authorizer {
        if !check_authorizer(event, name, api, template) {
            add_scheme(&mut document.root, name, unknown_scheme(&auth), false);
        }
        let scopes = auth.get("AuthorizationScopes");
        let of_api = api.and_then(|api| api.authorizers()).and_then(|all| all.get(name));
        let scopes = of_api.and_then(|one| scopes.or(one.get("AuthorizationScopes")));
        if let Some(operation) = document.integrated(path, method) {
            let mut requirements = security(operation);
            requirements.push(requirement(&auth, name, scopes));
            let is_signed = requirements[0].has("AWS_IAM");
            set_security(operation, &auth, requirements);
            if is_signed {
                add_scheme(&mut document.root, "AWS_IAM", iam_scheme(&auth), false);
            }
        }
    }
    if let Some(required) = auth.get("ApiKeyRequired") {
        let scheme = if is_given(Some(required)) { "api_key" } else { "api_key_false" };
        if let Some(operation) = document.integrated(path, method) {
            let mut requirements = security(operation);
            requirements.push(requirement(&auth, scheme, None));
            set_security(operation, &auth, requirements);
        }
        if scheme == "api_key" {
            add_scheme(&mut document.root, "api_key", key_scheme(&auth), false);
        }
    }
}

/// Whether the API has the authorizer.
fn check_authorizer(event: &Event<'_>, name: &str, api: Option<&ApiAuth<'_>>, template: &Template<'_>) -> bool {
    let report = template.report;
    match name {
        "AWS_IAM" => true,
        "NONE" => {
            if api.is_none_or(|api| api.default_authorizer().is_none()) {
                let message = "`NONE` needs a `DefaultAuthorizer` of the API: SAM refuses it".to_owned();
                report.warning(&event.place(), "unknown-authorizer", message);
            }
            true
        }
        _ if api.and_then(|api| api.authorizers()).is_some_and(|all| all.has(name)) => true,
        _ => {
            let message = format!("authorizer `{name}` is not in the API's `Authorizers`: SAM refuses it");
            report.error(&event.place(), "unknown-authorizer", message);
            false
        }
    }
}

/// Markers that only say "not the default" are gone once the defaults are in.
pub(crate) fn drop_markers(document: &mut ApiDocument) {
    for path in document.paths() {
        for method in document.integrated_methods(&path) {
            let Some(operation) = document.integrated(&path, &method) else { continue };
            let before = security(operation);
            let is_marker = |one: &Node| one.has("NONE") || one.has("api_key_false");
            if before.iter().any(is_marker) {
                let kept = before.into_iter().filter(|one| !is_marker(one)).collect();
                let at = operation.clone();
                set_security(operation, &at, kept);
            }
        }
    }
}

fn key_scheme(at: &Node) -> Node {
    let text = |text: &str| value::text(at, text);
    value::map(at, [("type", text("apiKey")), ("name", text("x-api-key")), ("in", text("header"))])
}

pub(super) fn iam_scheme(at: &Node) -> Node {
    let text = |text: &str| value::text(at, text);
    let mut scheme =
        value::map(at, [("type", text("apiKey")), ("name", text("Authorization")), ("in", text("header"))]);
    put(&mut scheme, "x-amazon-apigateway-authtype", text("awsSigv4"));
    scheme
}

/// An authorizer that is not there: nobody passes it.
fn unknown_scheme(at: &Node) -> Node {
    let text = |text: &str| value::text(at, text);
    value::map(at, [("type", text("apiKey")), ("x-amazon-apigateway-authtype", text("custom"))])
}

/// A Cognito or Lambda authorizer as a security scheme.
fn scheme(authorizer: &Node, template: &Template<'_>) -> Node {
    let text = |text: &str| value::text(authorizer, text);
    let identity = authorizer.get("Identity");
    let of_identity = |key: &str| identity.and_then(|identity| identity.get(key)).cloned();
    let is_pool = is_given(authorizer.get("UserPoolArn"));
    let is_request = authorizer.text("FunctionPayloadType") == Some("REQUEST");
    let header = of_identity("Header").and_then(|node| node.scalar()).filter(|name| !name.is_empty());
    let header = match is_request && !is_pool {
        true => "Unused".to_owned(),
        false => header.unwrap_or_else(|| "Authorization".to_owned()),
    };
    let (authtype, kind) = match (is_pool, is_request) {
        (true, _) => ("cognito_user_pools", "cognito_user_pools"),
        (false, true) => ("custom", "request"),
        (false, false) => ("custom", "token"),
    };
    let mut body = value::map(authorizer, [("type", text(kind))]);
    if is_pool {
        let arn = authorizer.get("UserPoolArn").cloned().unwrap_or_else(|| text(""));
        let arns = if arn.items().is_empty() { value::list(authorizer, vec![arn]) } else { arn };
        put(&mut body, "providerARNs", arns);
    } else {
        let function = authorizer.get("FunctionArn").and_then(Node::scalar).unwrap_or_default();
        let (partition, region) = (template.partition(), &template.stage.region);
        let uri =
            format!("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations");
        put(&mut body, "authorizerUri", text(&uri));
        if let Some(ttl) = of_identity("ReauthorizeEvery") {
            put(&mut body, "authorizerResultTtlInSeconds", ttl);
        }
        if let Some(role) = authorizer
            .get("FunctionInvokeRole")
            .filter(|role| is_given(Some(role)) && role.scalar().as_deref() != Some("NONE"))
        {
            put(&mut body, "authorizerCredentials", role.clone());
        }
        let sources = identity.filter(|_| is_request).map(identity_source).filter(|sources| !sources.is_empty());
        if let Some(sources) = sources {
            put(&mut body, "identitySource", text(&sources));
        }
    }
    if let Some(expression) = of_identity("ValidationExpression").filter(|_| is_pool || !is_request) {
        put(&mut body, "identityValidationExpression", expression);
    }
    let mut scheme =
        value::map(authorizer, [("type", text("apiKey")), ("name", text(&header)), ("in", text("header"))]);
    put(&mut scheme, "x-amazon-apigateway-authtype", text(authtype));
    put(&mut scheme, "x-amazon-apigateway-authorizer", body);
    scheme
}

fn identity_source(identity: &Node) -> String {
    let prefixes = [
        ("Headers", "method.request.header."),
        ("QueryStrings", "method.request.querystring."),
        ("StageVariables", "stageVariables."),
        ("Context", "context."),
    ];
    let named = prefixes.iter().flat_map(|(key, prefix)| {
        let items = identity.get(key).map(Node::items).unwrap_or_default();
        items.iter().filter_map(Node::scalar).map(move |name| format!("{prefix}{name}"))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// Security schemes of a document of OpenAPI 3 stand in its components: SAM puts its own in their place there.
pub(crate) fn move_schemes(document: &mut ApiDocument) {
    let is_three = document.root.get("openapi").is_some();
    for (from, to) in [("securityDefinitions", "securitySchemes"), ("definitions", "schemas")] {
        if !is_three || !is_given(document.root.get(from)) {
            continue;
        }
        let Some(moved) = document.root.take(from) else { continue };
        let at = moved.clone();
        if let Some(components) = value::entry(&mut document.root, "components", || value::map(&at, []))
            && let Some(entries) = entries_mut(components)
        {
            entries.insert(to.into(), moved);
        }
    }
}
