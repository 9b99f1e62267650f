//! An HTTP API as written: routes, integrations, authorizers, CORS.

use indexmap::IndexMap;

use smol_str::SmolStr;

use super::authorizer::Authorizer;
use super::intrinsic;
use super::text::Text;
use crate::config::document::{Data, Fields, Node, Place, Severity, Spot};

/// The whole API.
#[derive(Debug, Default)]
pub(crate) struct HttpApi {
    /// Its name.
    pub name: Option<String>,
    /// Its routes.
    pub routes: Vec<HttpRoute>,
    /// Authorizers by name.
    pub authorizers: IndexMap<String, Authorizer>,
    /// What pages of other origins may do.
    pub cors: Option<HttpCors>,
}

/// A route.
#[derive(Debug)]
pub(crate) struct HttpRoute {
    /// Where it stands.
    pub place: Place,
    /// Whether it was imported: what is unusual there is no error.
    pub imported: bool,
    /// `GET /orders/{id}`, `ANY /{proxy+}` or `$default`.
    pub key: String,
    /// `operationName`
    pub operation_name: Option<String>,
    /// What guards it.
    pub authorization: HttpAuthorization,
    /// `authorizationScopes`
    pub scopes: Vec<String>,
    /// What is called.
    pub integration: Option<HttpIntegration>,
}

/// What guards a route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum HttpAuthorization {
    /// Open to all.
    #[default]
    None,
    /// Requests must be signed.
    AwsIam,
    /// An authorizer, by name.
    Authorizer(String),
}

/// What a route calls.
#[derive(Debug)]
pub(crate) struct HttpIntegration {
    /// Where it stands.
    pub place: Place,
    /// `type`: `AWS_PROXY` or `HTTP_PROXY`
    pub kind: Option<Text>,
    /// `integrationSubtype`
    pub subtype: Option<Text>,
    /// `uri`
    pub uri: Option<Text>,
    /// A function's name or ARN, in native routes.
    pub function: Option<Text>,
    /// `httpMethod`
    pub http_method: Option<Text>,
    /// `payloadFormatVersion`
    pub payload_format: Option<Text>,
    /// `timeoutInMillis`
    pub timeout: Option<(u64, Place)>,
    /// `connectionType` and `connectionId`
    pub connection: Option<(String, Option<String>)>,
    /// `credentials`
    pub credentials: Option<Text>,
    /// `requestParameters`
    pub request_parameters: Vec<(SmolStr, Text)>,
    /// `responseParameters` by status.
    pub response_parameters: Vec<(String, Vec<(SmolStr, Text)>)>,
    /// `tlsConfig.serverNameToVerify`
    pub server_name: Option<String>,
}

/// What pages of other origins may do.
#[derive(Debug, Clone)]
pub(crate) struct HttpCors {
    /// Where it stands.
    pub place: Place,
    /// `allowOrigins`
    pub allow_origins: Vec<String>,
    /// `allowMethods`
    pub allow_methods: Vec<String>,
    /// `allowHeaders`
    pub allow_headers: Vec<String>,
    /// `exposeHeaders`
    pub expose_headers: Vec<String>,
    /// `maxAge` in seconds
    pub max_age: Option<i64>,
    /// `allowCredentials`
    pub allow_credentials: bool,
}

/// Reads an integration, as OpenAPI or as CloudFormation spells it.
pub(crate) fn integration(spot: &Spot<'_>) -> HttpIntegration {
    read(&mut spot.fields_any_case())
}

/// Reads a native route's integration, which has no key but those that mean something.
pub(crate) fn native_integration(spot: &Spot<'_>) -> HttpIntegration {
    let mut f = spot.fields();
    let function = f.get("function").and_then(|s| intrinsic::placed(&s));
    let integration = HttpIntegration { function, ..read(&mut f) };
    f.allow(&["description"]);
    f.done(Severity::Error);
    integration
}

fn read(f: &mut Fields<'_>) -> HttpIntegration {
    let spot = f.spot.clone();
    let mut kind = either(f, "type", "integrationType").and_then(|s| intrinsic::placed(&s));
    kind.iter_mut().for_each(|kind| kind.value = kind.value.to_ascii_uppercase().into());
    let subtype = f.get("integrationSubtype").and_then(|s| intrinsic::placed(&s));
    let uri = either(f, "uri", "integrationUri").and_then(|s| intrinsic::placed(&s));
    let http_method = either(f, "httpMethod", "integrationMethod").and_then(|s| intrinsic::placed(&s));
    let connection = f.get("connectionType").and_then(|s| s.text());
    let connection_id = f.get("connectionId").and_then(|s| s.text());
    HttpIntegration {
        place: spot.place(),
        kind,
        subtype,
        uri,
        function: None,
        http_method,
        payload_format: f.get("payloadFormatVersion").and_then(|s| intrinsic::placed(&s)),
        timeout: f.get("timeoutInMillis").and_then(|s| Some((s.node.scalar()?.trim().parse().ok()?, s.place()))),
        connection: connection.map(|kind| (kind, connection_id)),
        credentials: either(f, "credentials", "credentialsArn").and_then(|s| intrinsic::placed(&s)),
        request_parameters: f.get("requestParameters").map(|s| texts(&s)).unwrap_or_default(),
        response_parameters: f.get("responseParameters").map(|s| response_parameters(&s)).unwrap_or_default(),
        server_name: f
            .get("tlsConfig")
            .and_then(|s| s.node.get_any_case("serverNameToVerify").and_then(|(_, node)| node.scalar())),
    }
}

fn either<'a>(f: &mut Fields<'a>, one: &'static str, other: &'static str) -> Option<Spot<'a>> {
    let found = f.get(one);
    found.or_else(|| f.get(other))
}

fn texts(spot: &Spot<'_>) -> Vec<(SmolStr, Text)> {
    let entries = spot.entries().into_iter();
    entries.filter_map(|(key, spot)| Some((key.into(), intrinsic::placed(&spot)?))).collect()
}

/// By status: a map in OpenAPI, a list of destinations and sources in CloudFormation.
fn response_parameters(spot: &Spot<'_>) -> Vec<(String, Vec<(SmolStr, Text)>)> {
    let mut all = Vec::new();
    for (status, spot) in spot.entries() {
        let Some(list) = spot.get("ResponseParameters") else {
            all.push((status.to_owned(), texts(&spot)));
            continue;
        };
        let mapping = |spot: &Spot<'_>| {
            let destination = spot.get("Destination")?.word()?;
            Some((destination, intrinsic::placed(&spot.get("Source")?)?))
        };
        all.push((status.to_owned(), list.items().iter().filter_map(mapping).collect()));
    }
    all
}

/// Reads what pages of other origins may do.
pub(crate) fn cors(spot: &Spot<'_>) -> HttpCors {
    read_cors(&mut spot.fields_any_case())
}

/// The same in the configuration, which has no key but those that mean something.
pub(crate) fn native_cors(spot: &Spot<'_>) -> HttpCors {
    let mut f = spot.fields();
    let cors = read_cors(&mut f);
    f.done(Severity::Error);
    cors
}

fn read_cors(f: &mut Fields<'_>) -> HttpCors {
    let place = f.spot.place();
    let mut list = |key: &'static str| f.get(key).map(|s| list(&s)).unwrap_or_default();
    HttpCors {
        place,
        allow_origins: list("allowOrigins"),
        allow_methods: list("allowMethods"),
        allow_headers: list("allowHeaders"),
        expose_headers: list("exposeHeaders"),
        max_age: f.get("maxAge").and_then(|s| s.node.scalar()?.trim().parse().ok()),
        allow_credentials: f.get("allowCredentials").and_then(|s| s.node.scalar()).as_deref() == Some("true"),
    }
}

fn list(spot: &Spot<'_>) -> Vec<String> {
    match &spot.node.data {
        Data::List(items) => items.iter().filter_map(Node::scalar).collect(),
        _ => spot.node.scalar().into_iter().collect(),
    }
}
