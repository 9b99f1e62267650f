//! A JWT authorizer of an HTTP API: where its token stands, what a good one says of the caller, and what a client with a bad
//! one is told.

use std::borrow::Cow;

use super::access::note;
use super::integration_request::source;
use super::values::Values;
use crate::api::{HttpApi, HttpRoute, JwtAuthorizer};
use crate::authorization::identity_source::{IdentitySource, Unidentified};
use crate::authorization::jwt::{Admitted, ClaimFault, JwtFault, Token, bearer};
use crate::exchange::call::{IntegrationCall, KeyRequest};
use crate::exchange::decisions::AuthorizerCheck;
use crate::exchange::exchange::Exchange;
use crate::exchange::http_caller::HttpCaller;
use crate::failure::Failure;
use crate::gateway::key_store::KeyStore;
use crate::gateway::token_check::{self, Checked, Refused};
use crate::metrics::AuthorizerResult;

/// Lets a caller by whose token is good; or says what is to be fetched to know.
pub(crate) fn check(
    api: &HttpApi,
    route: &HttpRoute,
    authorizer: &JwtAuthorizer,
    scopes: &[String],
    exchange: &mut Exchange,
    store: &KeyStore,
) -> Result<Option<(KeyRequest, IntegrationCall)>, Failure> {
    // After a fetch it is the same check again.
    if exchange.decisions.authorizer.is_none() {
        note(exchange, || format!("Authorizer: {}", authorizer.name));
    }
    let value = token(&authorizer.source, &Values::new(source(api, route, exchange))).map(Cow::into_owned);
    let told =
        |result, error, challenge| AuthorizerCheck { result: Some(result), error, challenge, ..Default::default() };
    let (told, failure) = match value {
        Err(why) => {
            note(exchange, || format!("Unauthorized: {why}"));
            (told(AuthorizerResult::Unauthorized, None, Some(WITHOUT_TOKEN.to_owned())), Failure::Unauthorized)
        }
        Ok(value) => {
            let parsed = Token::parse(&value).map_err(JwtFault::from);
            match token_check::admit(authorizer, parsed, scopes, exchange, store) {
                Ok(Checked::Fetch(request, call)) => {
                    exchange.decisions.authorizer = Some(AuthorizerCheck::default());
                    return Ok(Some((request, call)));
                }
                Ok(Checked::Admitted(admitted)) => {
                    exchange.decisions.authorizer = Some(told(AuthorizerResult::Allow, None, None));
                    note(exchange, || format!("Token: good, with the scopes [{}]", admitted.scopes.join(", ")));
                    exchange.caller.http = Some(caller(admitted, scopes).into());
                    return Ok(None);
                }
                Err(Refused::NoKeys(why)) => (told(AuthorizerResult::Error, None, None), Failure::Authorizer(why)),
                Err(Refused::Token(fault)) => {
                    note(exchange, || format!("Unauthorized: {fault}"));
                    let (failure, challenge) = refused(&fault, scopes);
                    let is_denied = matches!(failure, Failure::AccessDenied(_));
                    let result = if is_denied { AuthorizerResult::Deny } else { AuthorizerResult::Unauthorized };
                    (told(result, Some(fault.error_description()), challenge), failure)
                }
            }
        }
    };
    exchange.decisions.authorizer = Some(told);
    Err(failure)
}

/// The token, with or without `Bearer` before it.
fn token<'v>(source: &IdentitySource, values: &'v Values) -> Result<Cow<'v, str>, Unidentified> {
    let value = source.read(values).map(|value| match value {
        Cow::Borrowed(text) => Cow::Borrowed(bearer(text)),
        Cow::Owned(text) => Cow::Owned(bearer(&text).to_owned()),
    });
    value.filter(|token| !token.is_empty()).ok_or_else(|| Unidentified::Missing(source.clone()))
}

/// The caller of a route with those scopes: one that asks for none is told of none (fact `jwt-scopes`).
fn caller(admitted: Admitted, route_scopes: &[String]) -> HttpCaller {
    let scopes = (!route_scopes.is_empty()).then_some(admitted.scopes);
    HttpCaller::Jwt { claims: admitted.claims, scopes }
}

/// What the client is told: a token without the route's scopes is a 403 (fact `jwt-scope-403`), any other that is not good a 401
/// with its reason.
fn refused(fault: &JwtFault, route_scopes: &[String]) -> (Failure, Option<String>) {
    match fault {
        JwtFault::Claim(ClaimFault::Scope { .. }) => (Failure::AccessDenied("Forbidden".to_owned()), None),
        _ => {
            let (scopes, code, why) = (route_scopes.join(" "), fault.error_code(), fault.error_description());
            let header = format!("Bearer scope=\"{scopes}\" error=\"{code}\" error_description=\"{why}\"");
            (Failure::Unauthorized, Some(header))
        }
    }
}

/// `www-authenticate` of the 401 for a request without a token.
const WITHOUT_TOKEN: &str = "Bearer";

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;
    use crate::authorization::jwt::{KeyFault, TokenFault};

    #[test]
    fn tokens() {
        let request = "GET /x?token=q.r.s&empty= HTTP/1.1\nHost: h\nAuthorization: bearer a.b.c\nX-Raw: d.e.f";
        let sample = Sample::new("$default", "GET /x", request);
        let values = Values::new(sample.source(None));
        let rows = [
            ("$request.header.Authorization", Ok("a.b.c")),
            ("$request.header.x-raw", Ok("d.e.f")),
            ("$request.querystring.token", Ok("q.r.s")),
            (
                "$request.querystring.empty",
                Err("the identity source query string parameter `empty` is missing or empty"),
            ),
            ("$request.header.none", Err("the identity source header `none` is missing or empty")),
        ];
        for (source, expected) in rows {
            let Ok(source) = IdentitySource::parse_http(source) else { unreachable!("`{source}` is a source") };
            let found = token(&source, &values).map_err(|why| why.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected);
        }
    }

    #[test]
    fn refusals() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let audience = ClaimFault::Audience { claim: "aud", found: texts(&["x"]), expected: texts(&["y"]) };
        let scope = ClaimFault::Scope { found: Vec::new(), expected: texts(&["read"]) };
        let rows = [
            // Documented.
            (
                audience.into(),
                &[][..],
                "401 Bearer scope=\"\" error=\"invalid_token\" error_description=\"the token does not have a valid audience\"",
            ),
            (scope.into(), &["read"], "403 -"),
            // Inferred.
            (
                ClaimFault::Expired { expires: 1, now: 2 }.into(),
                &["a", "b"],
                "401 Bearer scope=\"a b\" error=\"invalid_token\" error_description=\"the token has expired\"",
            ),
            (
                TokenFault::Segments(2).into(),
                &[],
                "401 Bearer scope=\"\" error=\"invalid_token\" error_description=\"token contains an invalid number of segments\"",
            ),
            (
                KeyFault::UnknownKeyId("k".to_owned()).into(),
                &[],
                "401 Bearer scope=\"\" error=\"invalid_token\" error_description=\"the token has an unknown kid\"",
            ),
        ];
        for (fault, scopes, expected) in rows {
            let (failure, header) = refused(&fault, &texts(scopes));
            assert_eq!(format!("{} {}", failure.row().status, header.as_deref().unwrap_or("-")), expected);
        }
    }

    #[test]
    fn callers() {
        let admitted = || Admitted { claims: vec![("sub".to_owned(), "1".to_owned())], scopes: vec!["a".to_owned()] };
        for (scopes, expected) in [(vec![], None), (vec!["a".to_owned()], Some(vec!["a".to_owned()]))] {
            let HttpCaller::Jwt { claims, scopes } = caller(admitted(), &scopes) else { continue };
            assert_eq!((claims.len(), scopes), (1, expected));
        }
    }
}
