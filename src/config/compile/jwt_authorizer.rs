//! User pools and JWT authorizers, and where their keys are. What cannot be read, or has no keys, refuses.

use std::cell::RefCell;

use indexmap::IndexMap;

use super::jwt_configuration;
use super::surroundings::Surroundings;
use crate::api::{Authorization, JwtAuthorizer, KeySource};
use crate::authorization::identity_source::IdentitySource;
use crate::authorization::jwt::{RestIssuer, RestJwt, TokenAuthorizer, UserPool, UserPools};
use crate::config::definition::written::authorizer::Authorizer;
use crate::config::definition::written::intrinsic::substitute;
use crate::config::definition::written::{AuthorizerKind, WrittenApi, WrittenJwks, WrittenKeys};
use crate::config::document::{Place, hint};
use crate::pattern::Pattern;

/// The user pools and JWT authorizers of the definition, and where their keys are.
pub(crate) fn jwt_authorizers(
    written: &WrittenApi,
    s: &Surroundings<'_>,
) -> (IndexMap<String, JwtAuthorizer>, Vec<KeySource>) {
    let (mut compiled, mut sources) = (IndexMap::new(), Vec::new());
    for (name, authorizer) in &written.authorizers {
        if !matches!(authorizer.kind, AuthorizerKind::CognitoUserPools | AuthorizerKind::Jwt) {
            continue;
        }
        let (keys, is_asked) = (s.stage.keys.get(name), is_asked(name, written, s));
        let one = One { name, written: authorizer, keys, s, is_asked, wrong: RefCell::default() };
        compiled.insert(name.clone(), one.compile(&mut sources));
    }
    let known: Vec<&str> = compiled.keys().map(String::as_str).collect();
    for (name, keys) in &s.stage.keys {
        if !compiled.contains_key(name) && written.http.is_none() {
            let hint = hint(name, &known);
            let message = format!("the API has no user pool or JWT authorizer `{name}`{hint}");
            s.report.error(&keys.place, "unknown-authorizer", message);
        }
    }
    (compiled, sources)
}

fn is_asked(name: &str, written: &WrittenApi, s: &Surroundings<'_>) -> bool {
    written.routes.iter().map(|route| &route.authorization).any(|authorization| match authorization {
        Authorization::CognitoUserPools(own) | Authorization::Jwt(own) => {
            own == name && !s.stage.skipped.skips(authorization)
        }
        _ => false,
    })
}

/// An authorizer that is being compiled.
struct One<'a> {
    name: &'a str,
    written: &'a Authorizer,
    keys: Option<&'a WrittenKeys>,
    s: &'a Surroundings<'a>,
    /// Whether a method asks for it; else what is wrong with it concerns nobody.
    is_asked: bool,
    wrong: RefCell<Option<String>>,
}

/// An issuer by every name that tokens may give it: the definition's, and the configuration's own.
struct Issuer<'a> {
    names: Vec<String>,
    keys: Option<&'a WrittenKeys>,
}

impl<'a> One<'a> {
    fn compile(&self, sources: &mut Vec<KeySource>) -> JwtAuthorizer {
        let (source, tokens) = (self.source(), self.tokens());
        let mut keys = Vec::new();
        let tokens = match (self.wrong.take(), tokens) {
            (None, Some((tokens, issuers))) => {
                for issuer in issuers {
                    let Some(source) = self.key_source(&issuer, sources) else { continue };
                    keys.extend(issuer.names.into_iter().map(|name| (name, source)));
                }
                Ok(tokens)
            }
            (wrong, _) => Err(wrong.unwrap_or_else(|| format!("authorizer `{}` takes no token", self.name))),
        };
        JwtAuthorizer { name: self.name.to_owned(), source, tokens, keys }
    }

    fn error(&self, place: &Place, rule: &'static str, message: String) {
        let message = format!("authorizer `{}`: {message}", self.name);
        if self.is_asked {
            self.s.report.error(place, rule, message.clone());
        }
        self.wrong.borrow_mut().get_or_insert(message);
    }

    /// One header: a user pool's is `Authorization` unless it says another, a JWT authorizer's must be said (documented).
    fn source(&self) -> IdentitySource {
        let wrong = |message: String| self.error(&self.written.place, "identity-source", message);
        let form = "a token stands in one header: `method.request.header.NAME`";
        match &self.written.identity_sources[..] {
            [] if self.written.kind == AuthorizerKind::CognitoUserPools => {}
            [one] => match IdentitySource::parse_rest(one) {
                Ok(source @ IdentitySource::Header(_)) => return source,
                Ok(_) => wrong(form.to_owned()),
                Err(e) => wrong(e.to_string()),
            },
            [] => wrong("`identitySource` is missing: expected `method.request.header.NAME`".to_owned()),
            _ => wrong(form.to_owned()),
        }
        IdentitySource::Header("Authorization".to_owned())
    }

    fn tokens(&self) -> Option<(TokenAuthorizer, Vec<Issuer<'a>>)> {
        match self.written.kind {
            AuthorizerKind::CognitoUserPools => self.user_pools(),
            _ => self.rest_jwt(),
        }
    }

    fn user_pools(&self) -> Option<(TokenAuthorizer, Vec<Issuer<'a>>)> {
        let (mut pools, mut issuers) = (Vec::new(), Vec::new());
        for text in &self.written.provider_arns {
            let arn = substitute(&text.value, |name| self.s.stage.parameter(name));
            let issuer = match UserPool::from_arn(&arn) {
                Ok(pool) => self.issuer(Some(pool.issuer)),
                // A pool of the template itself has no ARN before it is deployed.
                Err(_) if self.keys.is_some_and(|keys| keys.issuer.is_some()) => self.issuer(None),
                Err(_) if self.s.offline && arn.contains("${") => continue,
                Err(e) => {
                    self.error(&text.place, "provider-arn", format!("{e}; or set `authorizers.{}.issuer`", self.name));
                    continue;
                }
            };
            pools.extend(issuer.names.iter().map(|name| UserPool { arn: arn.clone(), issuer: name.clone() }));
            issuers.push(issuer);
        }
        if self.written.provider_arns.is_empty() {
            self.error(&self.written.place, "provider-arn", "`providerARNs` names no user pool".to_owned());
        }
        let expression = self.written.validation_expression.as_ref().filter(|text| !text.value.is_empty());
        let expression = expression.and_then(|text| match Pattern::compile(&text.value) {
            Ok(pattern) => Some(pattern),
            Err(e) => {
                let message = format!("`identityValidationExpression` does not parse: {e}");
                self.error(&text.place, "validation-expression", message);
                None
            }
        });
        (!pools.is_empty()).then(|| (TokenAuthorizer::Cognito(UserPools { pools, expression }), issuers))
    }

    fn rest_jwt(&self) -> Option<(TokenAuthorizer, Vec<Issuer<'a>>)> {
        let wrong = |message: String| self.error(&self.written.place, "jwt-configuration", message);
        let read = match &self.written.jwt {
            Some(configuration) => jwt_configuration::read(configuration),
            None => Err(vec!["`jwtConfiguration` is missing".to_owned()]),
        };
        let (configuration, warnings) = read.map_err(|messages| messages.into_iter().for_each(wrong)).ok()?;
        for warning in warnings {
            let message = format!("authorizer `{}`: {warning}", self.name);
            self.s.report.warning(&self.written.place, "jwt-configuration", message);
        }
        let (mut entries, mut issuers) = (Vec::new(), Vec::new());
        for own in configuration.issuers {
            let text = substitute(&own.issuer, |name| self.s.stage.parameter(name));
            let is_known = !text.contains("${");
            let issuer = self.issuer(is_known.then(|| text.clone()));
            if issuer.names.is_empty() {
                wrong(format!("`{text}` has no value here: set `authorizers.{}.issuer`", self.name));
            }
            entries.extend(issuer.names.iter().map(|name| RestIssuer { issuer: name.clone(), ..own.clone() }));
            issuers.push(issuer);
        }
        let tokens = RestJwt { issuers: entries, algorithms: configuration.algorithms };
        Some((TokenAuthorizer::Rest(tokens), issuers))
    }

    fn issuer(&self, issuer: Option<String>) -> Issuer<'a> {
        let keys = self.keys.map(|keys| issuer.as_deref().map_or(keys, |issuer| keys.of(issuer)));
        let also = keys.and_then(|keys| keys.issuer.clone()).filter(|also| issuer.as_ref() != Some(also));
        Issuer { names: issuer.into_iter().chain(also).collect(), keys }
    }

    /// Where the issuer's keys are: an index into the sources.
    fn key_source(&self, issuer: &Issuer<'_>, sources: &mut Vec<KeySource>) -> Option<usize> {
        let source = match issuer.keys.map(|keys| (&keys.jwks, &keys.issuer)) {
            Some((Some(WrittenJwks::Url(url)), _)) => KeySource::Url(url.clone()),
            Some((Some(WrittenJwks::File(name, keys)), _)) => {
                KeySource::File { name: name.clone(), keys: keys.clone()? }
            }
            Some((None, Some(address))) => {
                KeySource::Discovery { address: address.clone(), issuers: issuer.names.clone() }
            }
            Some((None, None)) | None => {
                if self.is_asked && !self.s.offline {
                    self.report_no_keys(issuer);
                }
                return None;
            }
        };
        let known = sources.iter().position(|own| own.is_same_place(&source));
        Some(known.unwrap_or_else(|| {
            sources.push(source);
            sources.len() - 1
        }))
    }

    fn report_no_keys(&self, issuer: &Issuer<'_>) {
        let (name, issuer) = (self.name, issuer.names.join("` or `"));
        let message = format!(
            "authorizer `{name}` has no keys of `{issuer}`: whoever shows one of its tokens is answered 500; set \
             `authorizers.{name}.jwks` to a file or a url, or `authorizers.{name}.issuer` to where it is reached"
        );
        self.s.report.error(&self.written.place, "authorizer-keys", message);
    }
}
