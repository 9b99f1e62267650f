//! Who may call, as written: authorizers with all that their definitions say, and the resource policy.

use indexmap::IndexMap;
use serde_json::Value;

use super::intrinsic;
use super::text::Text;
use crate::api::Authorization;
use crate::config::document::{Data, Fields, Place, Spot};

/// An authorizer under the name that methods ask for.
#[derive(Debug, Clone)]
pub(crate) struct Authorizer {
    /// Where it stands.
    pub place: Place,
    /// `type`
    pub kind: AuthorizerKind,
    /// `authorizerUri`
    pub uri: Option<Text>,
    /// `authorizerCredentials`
    pub credentials: Option<Text>,
    /// `identitySource`, one expression each, such as `method.request.header.Authorization`; for a TOKEN authorizer and a user
    /// pool the header of the security scheme when it has none of its own.
    pub identity_sources: Vec<String>,
    /// `identityValidationExpression`
    pub validation_expression: Option<Text>,
    /// `authorizerResultTtlInSeconds`
    pub ttl: Option<u64>,
    /// `providerARNs`
    pub provider_arns: Vec<Text>,
    /// `jwtConfiguration`, as it stands.
    pub jwt: Option<Value>,
    /// `authorizerPayloadFormatVersion`, of HTTP APIs.
    pub payload_format: Option<String>,
    /// `enableSimpleResponses`, of HTTP APIs.
    pub simple_responses: bool,
}

/// What an authorizer asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AuthorizerKind {
    /// A function, with one token.
    Token,
    /// A function, with the whole request.
    Request,
    /// Cognito user pools.
    CognitoUserPools,
    /// JSON web tokens.
    Jwt,
    /// A type that API Gateway does not have, or none at all.
    Unknown(String),
}

impl AuthorizerKind {
    /// The kind of that name, in any letter case.
    pub(crate) fn parse(name: &str) -> AuthorizerKind {
        match name.to_ascii_lowercase().as_str() {
            "token" => AuthorizerKind::Token,
            "request" => AuthorizerKind::Request,
            "cognito_user_pools" => AuthorizerKind::CognitoUserPools,
            "jwt" => AuthorizerKind::Jwt,
            _ => AuthorizerKind::Unknown(name.to_owned()),
        }
    }

    /// The name in a definition.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            AuthorizerKind::Token => "token",
            AuthorizerKind::Request => "request",
            AuthorizerKind::CognitoUserPools => "cognito_user_pools",
            AuthorizerKind::Jwt => "jwt",
            AuthorizerKind::Unknown(name) => name,
        }
    }
}

/// The resource policy, as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The document.
    pub json: Value,
    /// Where it stands.
    pub place: Place,
}

/// What guards a method of that type.
pub(crate) fn authorization(kind: &str, name: &str, authorizers: &IndexMap<String, Authorizer>) -> Authorization {
    match kind {
        "AWS_IAM" => Authorization::AwsIam,
        "COGNITO_USER_POOLS" => Authorization::CognitoUserPools(name.to_owned()),
        "JWT" => Authorization::Jwt(name.to_owned()),
        "NONE" | "" => Authorization::None,
        _ => {
            let token = authorizers.get(name).filter(|found| found.kind == AuthorizerKind::Token);
            let source = token.and_then(|found| found.identity_sources.first());
            let token_header =
                source.and_then(|source| source.strip_prefix("method.request.header.")).map(str::to_owned);
            Authorization::Custom { name: name.to_owned(), token_header }
        }
    }
}

/// Reads an authorizer object in any letter case, as definitions, templates and exports spell it; `header` is the security
/// scheme's own.
pub(crate) fn authorizer(spot: &Spot<'_>, header: Option<&str>) -> Authorizer {
    let mut f = spot.fields_any_case();
    let kind = AuthorizerKind::parse(&f.get("type").and_then(|s| intrinsic::text(&s)).unwrap_or_default());
    let mut identity_sources = f.get("identitySource").map(|s| sources(&s)).unwrap_or_default();
    let jwt = f.get("jwtConfiguration").map(|s| s.node.to_json());
    // The one of a REST API: an HTTP API's authorizer has an identity source of its own.
    let is_rest_jwt = kind == AuthorizerKind::Jwt
        && jwt.as_ref().and_then(Value::as_object).is_some_and(|o| o.keys().any(|k| k.eq_ignore_ascii_case("issuers")));
    let by_header = matches!(kind, AuthorizerKind::Token | AuthorizerKind::CognitoUserPools) || is_rest_jwt;
    if let Some(header) = header.filter(|_| by_header && identity_sources.is_empty()) {
        identity_sources.push(format!("method.request.header.{header}"));
    }
    Authorizer {
        place: spot.place(),
        kind,
        uri: text(&mut f, "authorizerUri"),
        credentials: text(&mut f, "authorizerCredentials"),
        identity_sources,
        validation_expression: text(&mut f, "identityValidationExpression"),
        ttl: f.get("authorizerResultTtlInSeconds").and_then(|s| s.node.scalar()?.trim().parse().ok()),
        provider_arns: f.get("providerARNs").map(|s| arns(&s)).unwrap_or_default(),
        jwt,
        payload_format: f.get("authorizerPayloadFormatVersion").and_then(|s| s.node.scalar()),
        simple_responses: f.get("enableSimpleResponses").is_some_and(|s| s.node.scalar().as_deref() == Some("true")),
    }
}

fn text(f: &mut Fields<'_>, key: &'static str) -> Option<Text> {
    f.get(key).and_then(|s| intrinsic::placed(&s))
}

/// A REST API has one text with commas, an HTTP API a list.
fn sources(spot: &Spot<'_>) -> Vec<String> {
    let texts = match &spot.node.data {
        Data::List(_) => spot.texts(),
        _ => intrinsic::text(spot).into_iter().collect(),
    };
    let pieces = texts.iter().flat_map(|text| text.split(','));
    pieces.map(str::trim).filter(|piece| !piece.is_empty()).map(str::to_owned).collect()
}

fn arns(spot: &Spot<'_>) -> Vec<Text> {
    match &spot.node.data {
        Data::List(_) => spot.items().iter().filter_map(intrinsic::placed).collect(),
        _ => intrinsic::placed(spot).into_iter().collect(),
    }
}
