//! `rate` and `burst`, of the stage, of a method, of a usage plan.

use crate::api::Throttle;
use crate::config::document::{Fields, Spot};

/// `rate` and `burst`; a rate alone gives a burst of one second's requests, but no more than the 5,000 that API Gateway
/// documents as an account's burst.
pub(crate) fn throttle(fields: &mut Fields<'_>, spot: &Spot<'_>) -> Option<Throttle> {
    let rate = fields.get("rate");
    let burst = fields.get("burst");
    if rate.is_none() && burst.is_none() {
        return None;
    }
    let given = rate.is_some();
    let rate = rate.and_then(|s| s.number(0.0, f64::MAX));
    let burst = burst.and_then(|s| s.integer(0, u64::from(u32::MAX))).and_then(|b| u32::try_from(b).ok());
    match (rate, burst) {
        (Some(rate), Some(burst)) => Some(Throttle { rate, burst }),
        (Some(rate), None) => Some(Throttle { rate, burst: rate.ceil().clamp(1.0, 5_000.0) as u32 }),
        (None, Some(_)) if !given => {
            spot.error("missing-key", "`rate` is missing beside `burst`".to_owned());
            None
        }
        _ => None,
    }
}
