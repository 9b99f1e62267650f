//! `verify`: is a request's signature good, and whose is it.

use std::time::SystemTime;

use ring::hmac;
use sha2::{Digest, Sha256};

use super::canonical::{QueryForm, canonical_request, hex, unhex};
use super::fault::SignatureFault;
use super::key::{AccessKey, AccessKeys};
use super::presented::{ALGORITHM, Form, Presented};
use super::request::{SKEW, Scope, SentRequest};
use crate::authorization::calendar;

const TERMINATOR: &str = "aws4_request";

/// Whose signature the request bears. The checks stand in the order of AWS's services.
pub fn verify<'k>(
    request: &SentRequest,
    keys: &'k AccessKeys,
    scope: Scope,
    now: SystemTime,
) -> Result<&'k AccessKey, SignatureFault> {
    let presented = Presented::read(request)?;
    if !presented.signed_headers.iter().any(|name| name == "host" || name == ":authority") {
        let why = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
        return Err(SignatureFault::Misdirected(why.to_owned()));
    }
    check_date(&presented, calendar::epoch(now))?;
    let key_id = check_scope(&presented, scope)?;
    let key = keys.get(key_id).ok_or(SignatureFault::UnknownKey)?;
    check_session(key, presented.session_token.as_deref(), now)?;
    check_signature(request, &presented, key)?;
    Ok(key)
}

fn check_date(presented: &Presented, now: i64) -> Result<(), SignatureFault> {
    let skew = SKEW.as_secs() as i64;
    let lasts = match presented.form {
        Form::Header => skew,
        Form::Query { expires } => expires,
    };
    let at = |epoch| calendar::basic(epoch);
    if presented.date < now - lasts {
        return Err(SignatureFault::Misdirected(format!(
            "Signature expired: {} is now earlier than {} ({} - {}.)",
            at(presented.date),
            at(now - lasts),
            at(now),
            span(lasts)
        )));
    }
    if presented.date > now + skew {
        return Err(SignatureFault::Misdirected(format!(
            "Signature not yet current: {} is still later than {} ({} + {}.)",
            at(presented.date),
            at(now + skew),
            at(now),
            span(skew)
        )));
    }
    Ok(())
}

fn span(seconds: i64) -> String {
    if seconds % 60 == 0 { format!("{} min", seconds / 60) } else { format!("{seconds} sec") }
}

/// The id of the key, when the credential is for this day, region and service.
fn check_scope<'p>(presented: &'p Presented, scope: Scope) -> Result<&'p str, SignatureFault> {
    let parts: Vec<&str> = presented.credential.split('/').collect();
    let &[key_id, date, region, service, terminator] = &parts[..] else {
        return Err(SignatureFault::Incomplete(format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            presented.credential
        )));
    };
    let mut wrong = Vec::new();
    if region != scope.region {
        wrong.push(format!("Credential should be scoped to a valid region, not '{region}'."));
    }
    if service != scope.service {
        wrong.push(format!("Credential should be scoped to correct service: '{}'.", scope.service));
    }
    if terminator != TERMINATOR {
        wrong.push(format!("Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."));
    }
    let made = calendar::basic(presented.date);
    let day = made.get(..8).unwrap_or_default();
    if date != day {
        wrong.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' != '{day}', \
             from '{made}'."
        ));
    }
    if wrong.is_empty() { Ok(key_id) } else { Err(SignatureFault::Misdirected(wrong.join(" "))) }
}

/// A temporary key comes with its token, a lasting one with none.
fn check_session(key: &AccessKey, sent: Option<&str>, now: SystemTime) -> Result<(), SignatureFault> {
    let right = match (&key.session_token, sent) {
        (None, None) => true,
        (Some(own), Some(sent)) => own.is(sent),
        _ => false,
    };
    if !right {
        return Err(SignatureFault::UnknownKey);
    }
    if key.expires.is_some_and(|expires| expires <= now) { Err(SignatureFault::ExpiredSession) } else { Ok(()) }
}

fn check_signature(request: &SentRequest, presented: &Presented, key: &AccessKey) -> Result<(), SignatureFault> {
    let scope = presented.credential.split_once('/').map_or("", |(_, scope)| scope);
    let made = calendar::basic(presented.date);
    let to_sign = |form| {
        let in_query = presented.form != Form::Header;
        let canonical = canonical_request(request, &presented.signed_headers, in_query, form);
        let text = format!("{ALGORITHM}\n{made}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
        (canonical, text)
    };
    let signing_key = signing_key(key.secret.expose(), scope);
    let signature = unhex(&presented.signature).unwrap_or_default();
    let is_good = |text: &str| hmac::verify(&signing_key, text.as_bytes(), &signature).is_ok();
    let (canonical, string_to_sign) = to_sign(QueryForm::AsSent);
    if is_good(&string_to_sign) || is_good(&to_sign(QueryForm::Encoded).1) {
        return Ok(());
    }
    Err(SignatureFault::Mismatch {
        canonical_request: String::from_utf8_lossy(&canonical).into_owned(),
        string_to_sign,
    })
}

/// The secret, folded with day, region, service and terminator.
fn signing_key(secret: &str, scope: &str) -> hmac::Key {
    let first = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{secret}").as_bytes());
    scope
        .split('/')
        .fold(first, |key, part| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
}
