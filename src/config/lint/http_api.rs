//! An HTTP API as a whole: functions that nobody calls.

use crate::api::{HttpApi, HttpCall};
use crate::config::document::Spot;
use crate::config::outline::Outline;

/// The API as a whole; the outline knows what its authorizers call, too.
pub(crate) fn http_api(api: &HttpApi, outline: &Outline, functions: Option<Spot<'_>>) {
    let used: Vec<usize> = api
        .routes
        .iter()
        .filter_map(|route| match &route.integration.call {
            HttpCall::Function { function, .. } => Some(function.backend),
            HttpCall::Http { .. } | HttpCall::Service { .. } | HttpCall::Nothing => None,
        })
        .collect();
    for (n, (name, spot)) in functions.map(|s| s.entries()).unwrap_or_default().into_iter().enumerate() {
        let is_called = outline.functions.contains_key(name.split(':').next().unwrap_or(name));
        if !used.contains(&n) && !is_called && name != "*" {
            spot.note("unused-function", format!("no route calls function `{name}`"));
        }
    }
}
