//! Who may call: Lambda authorizers and the resource policy, ready to be asked. What cannot be read refuses.

use std::time::Duration;

use indexmap::IndexMap;

use super::endpoint::authorizer_function;
use super::surroundings::Surroundings;
use crate::api::{Authorization, Authorizer, FunctionRef, IdentityOf, ResourcePolicy};
use crate::authorization::ApiArn;
use crate::authorization::identity_source::IdentitySource;
use crate::authorization::policy::{Policy, PolicyKind};
use crate::config::definition::written::{self, AuthorizerKind, WrittenApi};
use crate::pattern::Pattern;

/// The Lambda authorizers of the definition. The function of one that no method asks for need not be anywhere.
pub(crate) fn authorizers(written: &WrittenApi, s: &Surroundings<'_>) -> IndexMap<String, Authorizer> {
    let mut compiled = IndexMap::new();
    for (name, authorizer) in &written.authorizers {
        match &authorizer.kind {
            AuthorizerKind::Token | AuthorizerKind::Request => {
                let is_needed = !s.stage.skipped.lambda && is_asked(name, written);
                compiled.insert(name.clone(), lambda(name, authorizer, is_needed, s));
            }
            AuthorizerKind::Unknown(kind) => {
                let known = "`token`, `request`, `cognito_user_pools`, `jwt`";
                let message = format!("authorizer `{name}` has the type `{kind}`; API Gateway has {known}");
                s.report.warning(&authorizer.place, "authorizer-type", message);
            }
            AuthorizerKind::CognitoUserPools | AuthorizerKind::Jwt => {}
        }
    }
    compiled
}

fn is_asked(name: &str, written: &WrittenApi) -> bool {
    written.routes.iter().any(
        |route| matches!(&route.authorization, Authorization::Custom { name: authorizer, .. } if authorizer == name),
    )
}

fn lambda(name: &str, written: &written::authorizer::Authorizer, is_needed: bool, s: &Surroundings<'_>) -> Authorizer {
    let (identity, bad_identity) = s.report.part(|| identity(name, written, s));
    let function = match is_needed {
        true => s.report.part(|| function(name, written, s)).0,
        false => Err("no method asks for it".to_owned()),
    };
    let ttl = written.ttl.map_or(Authorizer::DEFAULT_TTL, Duration::from_secs);
    if ttl > Authorizer::LONGEST_TTL {
        let message = format!("authorizer `{name}`: API Gateway takes at most 3600 for `authorizerResultTtlInSeconds`");
        s.report.warning(&written.place, "authorizer-ttl", message);
    }
    Authorizer {
        name: name.to_owned(),
        identity,
        function: bad_identity.map_or(function, Err),
        ttl: ttl.min(Authorizer::LONGEST_TTL),
        timeout: s.timeout.min(Authorizer::LONGEST_TIMEOUT),
    }
}

fn function(
    name: &str,
    written: &written::authorizer::Authorizer,
    s: &Surroundings<'_>,
) -> Result<FunctionRef, String> {
    match &written.uri {
        Some(uri) => authorizer_function(uri, s),
        None => {
            let message = format!("authorizer `{name}` has no `authorizerUri`: whoever needs it is answered 500");
            s.report.error(&written.place, "authorizer-uri", message.clone());
            Err(message)
        }
    }
}

fn identity(name: &str, written: &written::authorizer::Authorizer, s: &Surroundings<'_>) -> IdentityOf {
    let mut sources = Vec::new();
    for text in &written.identity_sources {
        match IdentitySource::parse_rest(text) {
            Ok(source) => sources.push(source),
            Err(e) => s.report.error(&written.place, "identity-source", format!("authorizer `{name}`: {e}")),
        }
    }
    if written.kind == AuthorizerKind::Request {
        return IdentityOf::Request(sources);
    }
    let source = match sources.pop() {
        None => IdentitySource::Header("Authorization".to_owned()),
        Some(source @ IdentitySource::Header(_)) if sources.is_empty() => source,
        Some(source) => {
            let message = format!("authorizer `{name}`: a token stands in one header: `method.request.header.NAME`");
            s.report.error(&written.place, "identity-source", message);
            source
        }
    };
    let expression = written.validation_expression.as_ref().filter(|text| !text.value.is_empty());
    let expression = expression.and_then(|text| match Pattern::compile(&text.value) {
        Ok(pattern) => Some(pattern),
        Err(e) => {
            let message = format!("authorizer `{name}`: `identityValidationExpression` does not parse: {e}");
            s.report.error(&text.place, "validation-expression", message);
            None
        }
    });
    IdentityOf::Token { source, expression }
}

/// The resource policy. One that cannot be read refuses everybody.
pub(crate) fn resource_policy(written: &WrittenApi, s: &Surroundings<'_>) -> Option<ResourcePolicy> {
    let policy = written.policy.as_ref()?;
    let stage = s.stage;
    if stage.skipped.resource_policy {
        let message = "the resource policy is not evaluated: everybody is served, as `api.skip_authorization` says";
        s.report.warning(&policy.place, "resource-policy", message.to_owned());
    }
    let arn = ApiArn::new(&stage.region, &stage.account_id, &stage.id);
    Some(match Policy::read(&policy.json, PolicyKind::Resource(&arn)) {
        Ok(policy) => ResourcePolicy::Policy(policy),
        Err(e) => {
            let message = format!("the resource policy cannot be evaluated: {e}; every request is refused");
            s.report.warning(&policy.place, "resource-policy", message);
            ResourcePolicy::Unreadable
        }
    })
}
