//! Whether a token is good for an authorizer, as far as the keys of its issuer are known.

use crate::api::JwtAuthorizer;
use crate::authorization::jwt::{Admitted, JwtFault, Token};
use crate::exchange::call::{IntegrationCall, KeyRequest};
use crate::exchange::exchange::Exchange;
use crate::gateway::key_store::{Fetched, KeyStore, Known};
use crate::mapping::time;

/// What is known of a token.
pub(crate) enum Checked {
    /// It is good.
    Admitted(Admitted),
    /// Nothing before this is fetched.
    Fetch(KeyRequest, IntegrationCall),
}

/// Why a token lets nobody by.
pub(crate) enum Refused {
    /// It is not good.
    Token(JwtFault),
    /// Nobody knows: why.
    NoKeys(String),
}

/// Checks the token for what asks for one of these scopes.
pub(crate) fn admit(
    authorizer: &JwtAuthorizer,
    token: Result<Token, JwtFault>,
    scopes: &[String],
    exchange: &mut Exchange,
    store: &KeyStore,
) -> Result<Checked, Refused> {
    let tokens = authorizer.tokens.as_ref().map_err(|why| Refused::NoKeys(why.clone()))?;
    if authorizer.keys.is_empty() {
        return Err(Refused::NoKeys(format!("authorizer `{}` has no keys", authorizer.name)));
    }
    let token = token.map_err(Refused::Token)?;
    let issuer = tokens.issuer(&token).map_err(|fault| Refused::Token(fault.into()))?;
    let source = authorizer.keys.iter().find(|(own, _)| own == issuer);
    let (_, source) = source.ok_or_else(|| Refused::NoKeys(format!("there are no keys of `{issuer}`")))?;
    let now = exchange.request.time;
    let fetched = match store.keys(*source, token.key_id(), now) {
        Known::Keys(fetched) => fetched,
        Known::Fetch(request, call) => return Ok(Checked::Fetch(request, call)),
        Known::Nothing(why) => return Err(Refused::NoKeys(format!("the keys of `{issuer}` are not known: {why}"))),
    };
    if let Some(sample) = &mut exchange.sample {
        sample.authorization.push(told(issuer, store.place(*source), &fetched));
    }
    tokens.admit(&token, &fetched.keys, scopes, now).map(Checked::Admitted).map_err(Refused::Token)
}

fn told(issuer: &str, place: &str, fetched: &Fetched) -> String {
    let known = match fetched.at {
        Some(at) => format!("Keys of `{issuer}`: fetched at {} from `{place}`", time::request_time(at)),
        None => format!("Keys of `{issuer}`: those of `{place}`"),
    };
    match &fetched.fault {
        Some(fault) => format!("{known}; they could not be fetched again: {fault}"),
        None => known,
    }
}
