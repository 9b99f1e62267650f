//! Security requirements: API keys, IAM, authorizers.

use super::pointer;
use crate::api::Authorization;
use crate::config::definition::written::{WrittenApi, authorizer, intrinsic};
use crate::config::document::{Spot, hint};

/// What a method's requirements ask for.
#[derive(Debug, Default)]
pub(crate) struct Security {
    /// Whether an API key is needed.
    pub api_key: bool,
    /// What guards the method.
    pub authorization: Authorization,
    /// The scopes that its token must have one of.
    pub scopes: Vec<String>,
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

/// The authorizers of the security schemes, also those that no method asks for.
pub(crate) fn read_authorizers(root: &Spot<'_>, api: &mut WrittenApi) {
    for (name, scheme) in sections(root).iter().flat_map(|section| section.entries()) {
        let scheme = pointer::follow(&scheme, root);
        let Some((key, node)) = scheme.node.get_any_case("x-amazon-apigateway-authorizer") else { continue };
        let found = authorizer::authorizer(&scheme.inside(key, node), header(&scheme).as_deref());
        api.authorizers.insert(name.to_owned(), found);
    }
}

pub(super) fn sections<'a>(root: &Spot<'a>) -> Vec<Spot<'a>> {
    let sections = [root.get("securityDefinitions"), root.get("components").and_then(|c| c.get("securitySchemes"))];
    sections.into_iter().flatten().collect()
}

/// The header that an API key scheme names.
fn header(scheme: &Spot<'_>) -> Option<String> {
    let text = |key: &str| scheme.get(key).and_then(|s| intrinsic::text(&s));
    text("name").filter(|_| text("in").is_none_or(|place| place == "header"))
}

fn schemes<'a>(requirements: &Spot<'a>) -> Vec<(&'a str, Spot<'a>)> {
    requirements.items().iter().flat_map(|requirement| requirement.entries()).collect()
}

fn add(security: &mut Security, name: &str, spot: &Spot<'_>, root: &Spot<'_>) {
    let sections = sections(root);
    let Some(scheme) = sections.iter().find_map(|section| section.get(name)) else {
        // SAM's markers of methods for which a default does not count.
        if matches!(name, "NONE" | "api_key_false") {
            return;
        }
        let known: Vec<&str> = sections.iter().flat_map(|s| s.node.entries()).map(|(name, _)| name.as_str()).collect();
        let hint = hint(name, &known);
        spot.warning("unknown-security-scheme", format!("security scheme `{name}` is not defined{hint}"));
        // A misspelt name may not open a method.
        if security.authorization == Authorization::None {
            security.authorization = Authorization::Custom { name: name.to_owned(), token_header: None };
        }
        return;
    };
    let scheme = pointer::follow(&scheme, root);
    let text =
        |key: &str| scheme.node.get_any_case(key).and_then(|(key, node)| intrinsic::text(&scheme.inside(key, node)));
    let authtype = text("x-amazon-apigateway-authtype").unwrap_or_default();
    let header = header(&scheme);
    let authorizer = scheme.node.get_any_case("x-amazon-apigateway-authorizer");
    let found = if authtype.eq_ignore_ascii_case("awsSigv4") || authtype.eq_ignore_ascii_case("AWS_IAM") {
        Authorization::AwsIam
    } else if let Some((key, node)) = authorizer {
        by_authorizer(name, &scheme.inside(key, node), header)
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
        security.scopes = spot.node.items().iter().filter_map(|scope| scope.scalar()).collect();
    }
}

fn by_authorizer(name: &str, spot: &Spot<'_>, header: Option<String>) -> Authorization {
    let text = |key: &str| spot.node.get_any_case(key).and_then(|(key, node)| intrinsic::text(&spot.inside(key, node)));
    let kind = text("type").unwrap_or_default().to_ascii_lowercase();
    match kind.as_str() {
        "cognito_user_pools" => Authorization::CognitoUserPools(name.to_owned()),
        "request" => Authorization::Custom { name: name.to_owned(), token_header: None },
        "jwt" => Authorization::Jwt(name.to_owned()),
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
