//! Security requirements: API keys, IAM, authorizers.

use super::pointer;
use crate::api::Authorization;
use crate::config::definition::written::intrinsic;
use crate::config::document::{Spot, hint};

/// What a method's requirements ask for.
#[derive(Debug, Default)]
pub(crate) struct Security {
    /// Whether an API key is needed.
    pub api_key: bool,
    /// What guards the method.
    pub authorization: Authorization,
    /// The headers and query parameters in which its authorizers find their tokens.
    pub identity_sources: Vec<String>,
}

/// Reads the requirements of an operation; one without any of its own has the root's (recorded on AWS, whatever its
/// documentation says).
pub(crate) fn read(operation: &Spot<'_>, root: &Spot<'_>) -> Security {
    let mut security = Security::default();
    let requirements = operation.get("security").or_else(|| root.get("security"));
    for (name, spot) in requirements.map(|s| schemes(&s)).unwrap_or_default() {
        add(&mut security, name, &spot, root);
    }
    extensions(&mut security, operation);
    security
}

fn schemes<'a>(requirements: &Spot<'a>) -> Vec<(&'a str, Spot<'a>)> {
    requirements.items().iter().flat_map(|requirement| requirement.entries()).collect()
}

fn add(security: &mut Security, name: &str, spot: &Spot<'_>, root: &Spot<'_>) {
    let sections = [root.get("securityDefinitions"), root.get("components").and_then(|c| c.get("securitySchemes"))];
    let Some(scheme) = sections.iter().flatten().find_map(|section| section.get(name)) else {
        let known: Vec<&str> =
            sections.iter().flatten().flat_map(|s| s.node.entries()).map(|(name, _)| name.as_str()).collect();
        let hint = hint(name, &known);
        spot.warning("unknown-security-scheme", format!("security scheme `{name}` is not defined{hint}"));
        return;
    };
    let scheme = pointer::follow(&scheme, root);
    let text =
        |key: &str| scheme.node.get_any_case(key).and_then(|(key, node)| intrinsic::text(&scheme.inside(key, node)));
    let authtype = text("x-amazon-apigateway-authtype").unwrap_or_default();
    let header = text("name").filter(|_| text("in").is_none_or(|place| place == "header"));
    let authorizer = scheme.node.get_any_case("x-amazon-apigateway-authorizer");
    if let Some((key, node)) = authorizer {
        security.identity_sources.extend(identity_sources(&scheme.inside(key, node)));
        security.identity_sources.extend(header.clone());
    }
    let found = if authtype.eq_ignore_ascii_case("awsSigv4") || authtype.eq_ignore_ascii_case("AWS_IAM") {
        Authorization::AwsIam
    } else if let Some((key, node)) = authorizer {
        self::authorizer(name, &scheme.inside(key, node), header)
    } else if authtype.eq_ignore_ascii_case("cognito_user_pools") {
        Authorization::CognitoUserPools(name.to_owned())
    } else if authtype.eq_ignore_ascii_case("custom") {
        Authorization::Custom { name: name.to_owned(), token_header: header }
    } else if header.is_some_and(|h| h.eq_ignore_ascii_case("x-api-key")) {
        security.api_key = true;
        return;
    } else {
        let message = format!("`{name}` has no `x-amazon-apigateway-authorizer`: API Gateway does not evaluate it");
        scheme.note("plain-security-scheme", message);
        return;
    };
    if security.authorization == Authorization::None {
        security.authorization = found;
    }
}

/// The names in `method.request.header.Auth, method.request.querystring.token`.
fn identity_sources(authorizer: &Spot<'_>) -> Vec<String> {
    let source = authorizer.node.get_any_case("identitySource");
    let source = source.and_then(|(key, node)| intrinsic::text(&authorizer.inside(key, node))).unwrap_or_default();
    let name = |source: &str| {
        let rest = source.trim().strip_prefix("method.request.")?;
        let named = rest.strip_prefix("header.").or_else(|| rest.strip_prefix("querystring."))?;
        Some(named.to_owned())
    };
    source.split(',').filter_map(name).collect()
}

fn authorizer(name: &str, spot: &Spot<'_>, header: Option<String>) -> Authorization {
    let text = |key: &str| spot.node.get_any_case(key).and_then(|(key, node)| intrinsic::text(&spot.inside(key, node)));
    let kind = text("type").unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "cognito_user_pools" => Authorization::CognitoUserPools(name.to_owned()),
        "request" => Authorization::Custom { name: name.to_owned(), token_header: None },
        "jwt" => {
            spot.warning("http-api-only", "JWT authorizers are for HTTP APIs".to_owned());
            Authorization::Custom { name: name.to_owned(), token_header: None }
        }
        _ => {
            let source = text("identitySource");
            let named = source.as_deref().and_then(|s| s.strip_prefix("method.request.header.")).map(str::to_owned);
            Authorization::Custom { name: name.to_owned(), token_header: named.or(header) }
        }
    }
}

/// `x-amazon-apigateway-auth` and `-authtype` of the operation itself.
fn extensions(security: &mut Security, operation: &Spot<'_>) {
    let auth = operation.get("x-amazon-apigateway-auth");
    let kind = auth.and_then(|s| s.node.get_any_case("type").and_then(|(key, node)| s.inside(key, node).text()));
    let authtype = operation.get("x-amazon-apigateway-authtype").and_then(|s| s.text());
    for kind in [kind, authtype].into_iter().flatten() {
        if kind.eq_ignore_ascii_case("AWS_IAM") || kind.eq_ignore_ascii_case("awsSigv4") {
            security.authorization = Authorization::AwsIam;
        } else if kind.eq_ignore_ascii_case("NONE") {
            security.authorization = Authorization::None;
        }
    }
}
