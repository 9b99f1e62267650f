//! Whether a body fits its model, in bounded time and memory, whatever the body and whatever the model.

mod json;
mod message;
mod told;
mod walk;

use std::sync::Arc;

use bytes::Bytes;

use crate::api::JsonSchema;
use crate::config::settings::Limits;
use crate::failure::Failure;
use json::Json;
use told::Told;
use walk::{TooMuch, Walk};

/// What is checked at once: some tenths of a millisecond.
const QUICK_STEPS: usize = 10_000;
const QUICK_BYTES: usize = 128 * 1024;

/// A check of a body that may take long. It stands for itself, so that it can be done beside all else.
pub struct BodyCheck {
    schema: Arc<JsonSchema>,
    body: Bytes,
    limits: Limits,
}

impl BodyCheck {
    /// Checks a body if that is quickly done; if not, gives the check that is to be done.
    pub(crate) fn start(schema: &Arc<JsonSchema>, body: &Bytes, limits: &Limits) -> Result<Option<BodyCheck>, Failure> {
        if body.len() <= QUICK_BYTES && limits.validation_steps > QUICK_STEPS {
            let quick = Limits { validation_steps: QUICK_STEPS, ..limits.clone() };
            let found = check(schema, body, &quick);
            if found != Err(Failure::ValidationLimit) {
                return found.map(|()| None);
            }
        }
        Ok(Some(BodyCheck { schema: schema.clone(), body: body.clone(), limits: limits.clone() }))
    }

    /// Does it.
    pub(crate) fn run(self) -> Result<(), Failure> {
        check(&self.schema, &self.body, &self.limits)
    }
}

/// Whether the body fits; if not, why. An empty body is `{}`, as everywhere.
pub fn check(schema: &JsonSchema, body: &[u8], limits: &Limits) -> Result<(), Failure> {
    let body = if body.is_empty() { b"{}" } else { body };
    if u32::try_from(body.len()).is_err() {
        return Err(Failure::ValidationLimit);
    }
    let Some(json) = Json::check(body) else {
        return Err(Failure::InvalidBody("[request body is not valid JSON]".to_owned()));
    };
    match verdict(schema, json, limits) {
        Ok(None) => Ok(()),
        Ok(Some(messages)) => Err(Failure::InvalidBody(messages)),
        Err(TooMuch) => Err(Failure::ValidationLimit),
    }
}

/// What is wrong with a body: first whether anything is, as most bodies fit and saying why costs more.
fn verdict(schema: &JsonSchema, json: Json, limits: &Limits) -> Result<Option<String>, TooMuch> {
    let mut walk = Walk::new(schema, json, limits);
    if walk.fits()? {
        return Ok(None);
    }
    let mut told = Told::new(limits.validation_errors);
    walk.tell(&mut told)?;
    Ok(Some(told.into_text()))
}
