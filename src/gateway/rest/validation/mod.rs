//! Whether a body fits its model, in bounded time and memory, whatever the body and whatever the model.

mod json;
mod message;
mod told;
mod walk;

use crate::api::JsonSchema;
use crate::config::settings::Limits;
use crate::failure::Failure;
use json::Json;
use told::Told;
use walk::{TooMuch, Walk};

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
